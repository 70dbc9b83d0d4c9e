//! Buyers who do not give up: whatever they were doing when the shop died, they do again until it is done.

use crate::street::Street;
use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU16, Ordering},
    },
    time::Duration,
};

/// How long a step may take before it is tried again.
const PATIENCE: Duration = Duration::from_secs(5);
/// What they pay with, in turn.
const METHODS: [&str; 5] = ["card", "linepay", "card", "atm", "card_decline"];

/// What all buyers and senders of an epoch share.
#[derive(Default)]
pub(crate) struct Crowd {
    stop: AtomicBool,
    /// Each form's key with the order that it made.
    orders: Mutex<Vec<(String, String)>>,
}

impl Crowd {
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::Relaxed);
    }

    pub(crate) fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    /// Each form's key with the order that it made, as the buyer saw it.
    pub(crate) fn orders(&self) -> Vec<(String, String)> {
        self.orders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Somebody with a browser that runs no script.
pub(crate) struct Shopper {
    client: reqwest::Client,
    shop: String,
    payuni: String,
    google: String,
    account: &'static str,
}

type Fields = BTreeMap<String, String>;

impl Shopper {
    pub(crate) fn new(street: &Street, account: &'static str) -> Result<Self> {
        static NEXT: AtomicU16 = AtomicU16::new(1);
        let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let from = [(
            "x-forwarded-for".parse()?,
            format!("198.18.{high}.{low}").parse()?,
        )];
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .default_headers(from.into_iter().collect())
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        Ok(Self {
            client,
            shop: street.shop.clone(),
            payuni: street.payuni(""),
            google: street.google_url().to_owned(),
            account,
        })
    }

    async fn opens(&self, path: &str) -> Result<(u16, Option<String>, String)> {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.shop)
        };
        let answer = self
            .client
            .get(url)
            .header("accept", "text/html")
            .send()
            .await?;
        let to = answer
            .headers()
            .get("location")
            .and_then(|to| to.to_str().ok());
        let (status, to) = (answer.status().as_u16(), to.map(str::to_owned));
        Ok((status, to, answer.text().await?))
    }

    pub(crate) async fn signs_in(&self) -> Result<()> {
        let (_, to, _) = self.opens("/auth/google").await?;
        let chosen = self
            .client
            .post(format!("{}/_sandbox/authorize", self.google))
            .json(&json!({"url": to.context("no way to Google")?, "account": self.account}))
            .send()
            .await?;
        let chosen: Value = chosen.json().await?;
        let back = chosen["redirect"]
            .as_str()
            .context("Google sends nobody back")?;
        let (status, _, _) = self.opens(back).await?;
        ensure!(status == 303, "the sign-in was answered {status}");
        Ok(())
    }

    /// Until it is done, or the crowd goes home.
    pub(crate) async fn signs_in_at_last(&self, crowd: &Crowd) {
        while crowd.goes_on() && self.signs_in().await.is_err() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn finds_form(&self) -> Result<Fields> {
        let (_, _, page) = self.opens("/").await?;
        let form = page
            .split("<form class=\"buy\"")
            .nth(1)
            .context("no form to buy with")?;
        Ok(hidden(form.split("</form>").next().unwrap_or_default()))
    }

    /// Sends a form; the order's number and the sealed form that the browser would post to PAYUNi. `None` where the form
    /// is past paying.
    async fn checks_out(&self, form: &Fields) -> Result<Option<(String, Fields)>> {
        let answer = self
            .client
            .post(format!("{}/checkout", self.shop))
            .header("origin", &self.shop)
            .header("accept", "text/html")
            .form(form)
            .send()
            .await?;
        let status = answer.status().as_u16();
        let page = answer.text().await?;
        match status {
            200 => {}
            303 => return Ok(None),
            _ => bail!("the checkout was answered {status}"),
        }
        let sealed = page.rsplit("<form").next().unwrap_or_default();
        let no = page
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
            .find(|word| word.len() == 22 && word.parse::<orders::OrderNo>().is_ok())
            .context("no order number")?;
        let fields = hidden(sealed.split("</form>").next().unwrap_or_default());
        Ok(Some((no.to_owned(), fields)))
    }

    /// Pays at PAYUNi, who is always there. Returns the trade and the way back.
    async fn pays(&self, sealed: &Fields, method: &str) -> Result<Value> {
        let asked = json!({"form": sealed, "method": method});
        let answer = self
            .client
            .post(format!("{}/_sandbox/buy", self.payuni))
            .json(&asked);
        Ok(answer.send().await?.json().await?)
    }

    /// The cross-site post that brings the browser back; once, as browsers do.
    async fn comes_back(&self, paid: &Value) -> Result<()> {
        let url = paid["return"]["url"].as_str().context("no way back")?;
        let fields: Fields = serde_json::from_value(paid["return"]["fields"].clone())?;
        let back = self.client.post(url).header("origin", &self.payuni);
        back.header("sec-fetch-site", "cross-site")
            .form(&fields)
            .send()
            .await?;
        Ok(())
    }

    async fn buys_once(&self, crowd: &Crowd, method: &str) -> Result<()> {
        let form = self.finds_form().await?;
        let key = form
            .get("checkout_key")
            .cloned()
            .context("a form without a key")?;
        // The very same form again and again: it must make one order, however often the shop dies over it.
        let (no, sealed) = loop {
            match self.checks_out(&form).await {
                Ok(Some(placed)) => break placed,
                Ok(None) => return Ok(()),
                Err(_) if crowd.goes_on() => tokio::time::sleep(Duration::from_millis(5)).await,
                Err(error) => return Err(error),
            }
        };
        crowd
            .orders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push((key, no));
        let paid = self.pays(&sealed, method).await?;
        if method == "atm" {
            let trade = paid["TradeNo"].as_str().context("no trade")?;
            let url = format!("{}/_sandbox/trades/{trade}/pay", self.payuni);
            self.client.post(url).json(&json!({})).send().await?;
        }
        self.comes_back(&paid).await
    }

    /// Buys until the crowd goes home.
    pub(crate) async fn buys(self, crowd: Arc<Crowd>) {
        for round in 0_usize.. {
            if !crowd.goes_on() {
                return;
            }
            if round % 3 == 0 {
                self.signs_in_at_last(&crowd).await;
            }
            let method = METHODS[round % METHODS.len()];
            if self.buys_once(&crowd, method).await.is_err() {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

/// The hidden fields of a form.
fn hidden(form: &str) -> Fields {
    let attribute = |input: &str, name: &str| {
        let value = input.split(&format!("{name}=\"")).nth(1)?;
        let value = value.split('"').next()?;
        Some(
            value
                .replace("&amp;", "&")
                .replace("&#39;", "'")
                .replace("&quot;", "\""),
        )
    };
    let inputs = form
        .split("<input")
        .skip(1)
        .map(|input| input.split('>').next().unwrap_or_default());
    inputs
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
        .collect()
}
