//! What must be true after an attack.

use serde::Deserialize;
use std::collections::BTreeMap;

/// What an answer must look like. What is not named is not looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Answer {
    /// One of these statuses; 0 is a connection closed without an answer.
    pub status: Vec<u16>,
    /// The body has each of these.
    pub has: Vec<String>,
    /// Neither body nor `Location` has any of these.
    pub lacks: Vec<String>,
    /// These headers are absent.
    pub no_header: Vec<String>,
    /// These headers have this within.
    pub header: BTreeMap<String, String>,
    /// All answers of the step have the same status and body.
    pub alike: bool,
    /// `Location` begins so.
    pub location: Option<String>,
}

/// What must be true at the end. Orders have the names that the steps gave them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Expect {
    /// Δ0: the ordered dump of the money tables is the same as at the mark.
    pub unchanged: bool,
    /// So many cases more in the review list since the mark, by code, and no others.
    pub parked: BTreeMap<String, u64>,
    /// Where orders stand in the ledger.
    pub status: BTreeMap<String, String>,
    /// How many payments the ledger holds of an order.
    pub payments: BTreeMap<String, u64>,
    /// How often an order was handed over.
    pub delivered: BTreeMap<String, u64>,
    /// How many orders were placed since the mark.
    pub new_orders: Option<u64>,
    /// An order's amount in the ledger, in dollars.
    pub amount: BTreeMap<String, u64>,
    /// What the gateway's own books say was charged for an order, in dollars.
    pub charged: BTreeMap<String, u64>,
    /// What the gateway's own books say went back, for an order, in dollars.
    pub refunded: BTreeMap<String, u64>,
    /// Refunds in the ledger since the mark, by state.
    pub refunds: BTreeMap<String, u64>,
    /// How many sessions the ledger has more than at the mark.
    pub new_sessions: Option<u64>,
    /// A fact of the order has this in its meaning.
    pub fact: BTreeMap<String, String>,
    /// None of the canary secrets is in a log, in the ledger or in the sheet; nor any of these texts.
    pub canaries_absent: bool,
    /// Texts that may be in no log.
    pub log_lacks: Vec<String>,
    /// Texts that are in the sheet, as they are.
    pub sheet_has: Vec<String>,
    /// Texts that are not in the sheet.
    pub sheet_lacks: Vec<String>,
}

impl Expect {
    /// Returns whether ledger or gateway's books are looked at.
    pub(crate) fn looks_at_books(&self) -> bool {
        self.unchanged
            || self.new_orders.is_some()
            || self.new_sessions.is_some()
            || self.canaries_absent
            || !self.log_lacks.is_empty()
            || !self.sheet_has.is_empty()
            || ![&self.status, &self.fact].iter().all(|map| map.is_empty())
            || ![
                &self.parked,
                &self.payments,
                &self.delivered,
                &self.amount,
                &self.charged,
                &self.refunded,
                &self.refunds,
            ]
            .iter()
            .all(|map| map.is_empty())
    }
}
