//! Messages as if from PAYUNi.

use crate::{
    play::Play,
    seal::{self, Fields},
    steps::{Base, Door, Message},
    web::Request,
};
use anyhow::Context;

impl Play<'_> {
    pub(crate) async fn message(&mut self, step: &Message) -> anyhow::Result<()> {
        let mut forms = Vec::new();
        for (name, good) in self.made(step).await? {
            let good = seal::changed(good, &self.filled(&step.outer)?);
            if step.tamper.is_empty() {
                forms.push((name, good));
                continue;
            }
            for how in &step.tamper {
                for form in seal::tampered(&good, *how)? {
                    forms.push((format!("{how:?}"), form));
                }
            }
        }
        let path = match step.to {
            Door::Notify => "/payuni/notify",
            Door::Return => "/payuni/return",
        };
        let url = format!("{}{path}", self.stage.addresses().shop);
        let mut requests = Vec::new();
        for (name, form) in &forms {
            for _ in 0..step.times {
                let mut builder = self
                    .outside
                    .post(&url)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(seal::encode(form));
                if step.to == Door::Return {
                    // The buyer's browser brings it, from PAYUNi's page.
                    builder = builder
                        .header("origin", &self.stage.addresses().payuni)
                        .header("sec-fetch-site", "cross-site");
                }
                requests.push(Request {
                    name: name.clone(),
                    builder,
                });
            }
        }
        let counted = match &step.counts {
            Some(code) => self.count_of(code).await?,
            None => 0,
        };
        let answers = self.send_all(requests, step.at_once).await?;
        self.hold_all(&answers, &step.answer, step.counts.as_deref(), counted)
            .await
    }

    fn filled(&self, change: &crate::steps::Change) -> anyhow::Result<crate::steps::Change> {
        let mut change = change.clone();
        for value in change.set.values_mut() {
            *value = self.fill(value)?;
        }
        for (_, value) in &mut change.add {
            *value = self.fill(value)?;
        }
        Ok(change)
    }

    /// The messages before anything is done to them outside, each with what is special about it.
    async fn made(&self, step: &Message) -> anyhow::Result<Vec<(String, Fields)>> {
        if let Some(text) = &step.plaintext {
            let text = self.fill(text)?;
            return Ok(vec![(
                text.clone(),
                seal::sealed(&text, "SUCCESS", step.keys)?,
            )]);
        }
        let order = match &step.order {
            Some(name) => Some(self.order(name)?),
            None => None,
        };
        let good = match step.base {
            Base::Empty => return Ok(vec![(String::new(), Fields::new())]),
            Base::OwnForm => {
                let form = &order.context("whose form?")?.sealed;
                let form = form.iter().map(|(n, v)| (n.clone(), v.clone())).collect();
                return Ok(vec![("our own form".to_owned(), form)]);
            }
            Base::Sent => {
                let no = &order.context("about which order?")?.no;
                return Ok(vec![("as it was sent".to_owned(), self.sent(no).await?)]);
            }
            Base::Paid => {
                let trade = match &step.trade {
                    Some(trade) => self.fill(trade)?,
                    None => seal::NO_TRADE.to_owned(),
                };
                match order {
                    Some(order) => seal::paid_card(&order.no, &trade, &order.amount.to_string()),
                    None => seal::paid_card("NOPE", &trade, "1000"),
                }
            }
        };
        let good = seal::changed(good, &self.filled(&step.inner)?);
        let mut inner = Vec::new();
        if let Some(vary) = &step.vary {
            for value in &vary.values {
                let mut fields = good.clone();
                let value = self.fill(value)?;
                let name = format!("{}={value:?}", vary.name);
                fields.retain(|(known, _)| *known != vary.name);
                fields.push((vary.name.clone(), value));
                inner.push((name, fields));
            }
        } else if step.remove_each.is_empty() {
            inner.push(("the message".to_owned(), good));
        } else {
            for name in &step.remove_each {
                let fields = good.iter().filter(|(known, _)| known != name);
                inner.push((format!("without {name}"), fields.cloned().collect()));
            }
        }
        inner
            .into_iter()
            .map(|(name, fields)| {
                let status = fields.iter().find(|(name, _)| name == "Status");
                let status = status.map_or("SUCCESS", |(_, value)| value.as_str());
                let sealed = seal::sealed(&seal::encode(&fields), status, step.keys)?;
                Ok((name, sealed))
            })
            .collect()
    }

    /// The outer fields of the last notice about an order, by PAYUNi's own books.
    async fn sent(&self, no: &str) -> anyhow::Result<Fields> {
        let url = format!(
            "{}/_sandbox/messages?mer_trade_no={no}",
            self.stage.addresses().payuni
        );
        let all: serde_json::Value = self.outside.get(url).send().await?.json().await?;
        let last = all["messages"].as_array().into_iter().flatten().next_back();
        let outer = last
            .and_then(|message| message["outer"].as_object())
            .context("PAYUNi sent nothing about this order")?;
        Ok(outer
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect())
    }
}
