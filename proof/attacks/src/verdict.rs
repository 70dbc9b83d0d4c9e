//! What came of a case.

use crate::record::{OrderBooks, Sent};
use serde::{Deserialize, Serialize};

/// In one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Everything was as the case says it must be.
    Refused,
    /// Something was not.
    Believed,
    /// It cannot happen to this product.
    NotApplicable,
}

/// What an attack did to money and goods, whatever the shop answered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matter {
    /// Orders handed over without a payment of their amount in the gateway's books, or more than once.
    pub wrongful_deliveries: u64,
    /// Dollars that the gateway gave back beyond what the case allows.
    pub wrongful_refunds: u64,
    /// Whether every step was carried out: with a line off, an attack may get stuck half-way.
    pub whole: bool,
    /// Refusals and cases that were counted since the mark, by code.
    pub codes: Vec<String>,
}

impl Matter {
    /// Returns whether neither goods nor money left wrongly.
    #[must_use]
    pub fn harmless(&self) -> bool {
        self.wrongful_deliveries == 0 && self.wrongful_refunds == 0
    }
}

/// What came of a case.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Verdict {
    /// The case.
    pub id: String,
    /// In one word.
    pub verdict: Outcome,
    /// The refusal that caught it.
    pub caught_by: String,
    /// What was not as it must be; or why the case does not apply.
    pub detail: String,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// What it did to money and goods; `None` where nobody could judge that.
    pub matter: Option<Matter>,
    /// What the books hold of each order at the end.
    pub books: Vec<OrderBooks>,
    /// The first requests since the mark, with their answers.
    pub sent: Vec<Sent>,
    /// How many there were.
    pub requests: u64,
}
