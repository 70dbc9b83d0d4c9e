//! What a world's sandbox is told and asked: faults, switches, clocks, and what PAYUNi sent.

use crate::town::Town;
use anyhow::{Result, ensure};
use serde_json::{Value, json};

impl Town {
    /// An address of PAYUNi's sandbox.
    pub(crate) fn payuni(&self, path: &str) -> String {
        format!("{}{path}", self.places.payuni)
    }

    /// An address of Google's sandbox.
    pub(crate) fn google(&self, path: &str) -> String {
        format!("{}{path}", self.places.google)
    }

    /// Reads JSON from the sandbox.
    pub(crate) async fn look(&self, url: &str) -> Result<Value> {
        Ok(self.outside.get(url).send().await?.json().await?)
    }

    /// Tells the sandbox something; what it answered.
    pub(crate) async fn control(&self, url: &str, body: &Value) -> Result<Value> {
        let answer = self.outside.post(url).json(body).send().await?;
        let status = answer.status();
        let text = answer.text().await?;
        ensure!(status.is_success(), "{url} answered {status}: {text}");
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }

    /// Sets switches of PAYUNi's sandbox.
    pub(crate) async fn switches(&self, set: &Value) -> Result<()> {
        let url = self.payuni("/_sandbox/switches");
        let answer = self.outside.put(url).json(set).send().await?;
        answer.error_for_status()?;
        Ok(())
    }

    /// Makes PAYUNi's sandbox fail: `drop_notice`, `duplicate_notice`, `wrong_amount_notice` …
    pub(crate) async fn fault(&self, kind: &str, times: u32) -> Result<()> {
        let url = self.payuni("/_sandbox/faults");
        self.control(&url, &json!({"kind": kind, "times": times}))
            .await?;
        Ok(())
    }

    /// Ends all faults of PAYUNi's sandbox.
    pub(crate) async fn no_more_faults(&self) -> Result<()> {
        let url = self.payuni("/_sandbox/faults");
        self.outside.delete(url).send().await?.error_for_status()?;
        Ok(())
    }

    /// PAYUNi sends its notice of a trade once more (補觸發).
    pub(crate) async fn sends_again(&self, trade_no: &str) -> Result<()> {
        let url = self.payuni(&format!("/_sandbox/trades/{trade_no}/resend"));
        self.control(&url, &json!({})).await?;
        Ok(())
    }

    /// The notices that PAYUNi sent about an order, with how each try was answered.
    pub(crate) async fn notices(&self, order_no: &str) -> Result<Vec<Value>> {
        let url = self.payuni(&format!("/_sandbox/messages?mer_trade_no={order_no}"));
        let all = self.look(&url).await?;
        let all = all["messages"].as_array().cloned().unwrap_or_default();
        Ok(all
            .into_iter()
            .filter(|message| message["kind"] == "notice")
            .collect())
    }
}
