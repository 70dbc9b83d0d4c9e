//! Messages as PAYUNi seals them, under whatever keys: with the sandbox's own cipher.

use anyhow::{Context, Result};
use payuni_sim::Keys;

/// A pair of keys, and the merchant they are of.
pub(crate) struct Merchant<'a> {
    pub(crate) id: &'a str,
    pub(crate) key: &'a str,
    pub(crate) iv: &'a str,
}

impl Merchant<'_> {
    /// The body of a notice that a card paid this attempt.
    pub(crate) fn paid_card(&self, attempt: &str, trade_no: &str, amount: u32) -> Result<String> {
        let amount = amount.to_string();
        let fields = [
            ("Status", "SUCCESS"),
            ("Message", "授權成功"),
            ("MerID", self.id),
            ("MerTradeNo", attempt),
            ("Gateway", "2"),
            ("TradeNo", trade_no),
            ("TradeAmt", &amount),
            ("TradeStatus", "1"),
            ("PaymentType", "1"),
            ("Card6No", "414763"),
            ("Card4No", "0001"),
            ("CardInst", "1"),
            ("AuthType", "1"),
        ];
        let keys = Keys::new(self.key, self.iv).context("a key has not its length")?;
        let sealed = keys.seal_text(form(&fields).as_bytes());
        let hash = keys.hash(&sealed);
        Ok(form(&[
            ("Status", "SUCCESS"),
            ("MerID", self.id),
            ("Version", "2.0"),
            ("EncryptInfo", &sealed),
            ("HashInfo", &hash),
        ]))
    }
}

/// A form's body.
fn form(fields: &[(&str, &str)]) -> String {
    let mut body = form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields);
    body.finish()
}
