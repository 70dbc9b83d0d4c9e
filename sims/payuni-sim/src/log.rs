//! All that was sent and received, for people and tests. Holds no key and no card data.

use std::collections::VecDeque;

use serde::Serialize;

use crate::fields::Fields;

/// How many entries are kept.
const KEPT: usize = 2000;

/// One request that came in, or one that went out.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Entry {
    pub(crate) seq: u64,
    /// Sandbox time, Taipei.
    pub(crate) at: String,
    /// `in` or `out`.
    pub(crate) direction: &'static str,
    /// Path of what came in, URL of what went out.
    pub(crate) target: String,
    pub(crate) mer_trade_no: String,
    pub(crate) trade_no: String,
    /// Inner fields of the request that came in, or of the notice.
    pub(crate) request: serde_json::Value,
    /// Outer fields of the same, with their sealed part.
    pub(crate) outer: serde_json::Value,
    /// Inner fields of the reply; for a notice what the merchant answered.
    pub(crate) reply: serde_json::Value,
    pub(crate) status: String,
}

#[derive(Debug, Default)]
pub(crate) struct Log {
    entries: VecDeque<Entry>,
    seq: u64,
}

/// What is written of one exchange.
pub(crate) struct Exchange<'a> {
    pub(crate) direction: &'static str,
    pub(crate) target: &'a str,
    pub(crate) request: &'a Fields,
    pub(crate) outer: &'a Fields,
    pub(crate) reply: serde_json::Value,
    pub(crate) status: String,
}

impl Log {
    pub(crate) fn write(&mut self, at: String, what: Exchange<'_>) {
        self.seq += 1;
        if self.entries.len() >= KEPT {
            self.entries.pop_front();
        }
        let find = |name| what.request.get(name).unwrap_or_default().to_owned();
        let clean = what.request.without_card_data();
        // Sealed card data stays card data: then the envelope is not kept either.
        let mut outer = what.outer.without_card_data();
        if clean != *what.request {
            outer.set("EncryptInfo", "***");
        }
        self.entries.push_back(Entry {
            seq: self.seq,
            at,
            direction: what.direction,
            target: what.target.to_owned(),
            mer_trade_no: find("MerTradeNo"),
            trade_no: find("TradeNo"),
            request: clean.to_json(),
            outer: outer.to_json(),
            reply: what.reply,
            status: what.status,
        });
    }

    pub(crate) fn entries(&self) -> impl DoubleEndedIterator<Item = &Entry> {
        self.entries.iter()
    }
}
