//! Names in braces and what they stand for.

use crate::{ledger_file, play::Play};
use anyhow::Context;

impl Play<'_> {
    /// Puts in what the names in braces stand for. Braces around anything else (JSON) stay.
    pub(crate) fn fill(&self, text: &str) -> anyhow::Result<String> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            out.push_str(before);
            let name = after.split('}').next().unwrap_or_default();
            let plain = !name.is_empty()
                && name.len() < after.len()
                && name
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '_'));
            if plain {
                out.push_str(&self.named(name)?);
                rest = &after[name.len() + 1..];
            } else {
                out.push('{');
                rest = after;
            }
        }
        out.push_str(rest);
        Ok(out)
    }

    fn named(&self, name: &str) -> anyhow::Result<String> {
        let addresses = self.stage.addresses();
        if let Some(count) = name.strip_prefix("pad:") {
            return Ok("x".repeat(count.parse()?));
        }
        if let Some(count) = name.strip_prefix("params:") {
            let fields: Vec<String> = (0..count.parse::<u32>()?)
                .map(|n| format!("a{n}=1"))
                .collect();
            return Ok(fields.join("&"));
        }
        if let Some(count) = name.strip_prefix("headers:") {
            return Ok((0..count.parse::<u32>()?)
                .map(|n| format!("x-{n}: 1\r\n"))
                .collect());
        }
        Ok(match name {
            "shop" => addresses.shop.clone(),
            "shop.port" => addresses
                .shop
                .rsplit(':')
                .next()
                .unwrap_or_default()
                .to_owned(),
            "payuni" => addresses.payuni.clone(),
            "google" => addresses.google.clone(),
            _ => {
                let (order, part) = name.split_once('.').unwrap_or((name, "no"));
                let order = self.order(order)?;
                match part {
                    "no" => order.no.clone(),
                    "amount" => order.amount.to_string(),
                    "trade" => order
                        .trade
                        .clone()
                        .ok_or_else(|| anyhow::anyhow!("{name}: it was not paid"))?,
                    "refund" => {
                        let sql = "SELECT refund_no FROM refunds WHERE order_no = ?1 ORDER BY requested_at_ms DESC";
                        let found = ledger_file::texts(self.stage.ledger(), sql, &order.no)?;
                        found
                            .into_iter()
                            .next()
                            .context("no refund was asked for")?
                    }
                    "key" => order.form.get("checkout_key").cloned().unwrap_or_default(),
                    _ => anyhow::bail!("nothing is called {{{name}}}"),
                }
            }
        })
    }
}
