//! What a gateway may tell us about an attempt, in our words. The adapter translates; nothing here is believed yet.

use crate::{TradeNo, Twd};
use jiff::Timestamp;

/// How a report reached us. A told report was signed and sent to us; an asked one is the answer to our own question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// The gateway's notice, server to server.
    Notice,
    /// The gateway's answer to our query.
    Query,
}

/// How the buyer pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Method {
    /// A credit card, in whatever wallet.
    Card,
    /// A transfer to a virtual account.
    Atm,
    /// Cash at a convenience store.
    Cvs,
    /// LINE Pay.
    LinePay,
    /// Any other that the gateway offers.
    Other,
}

/// What the buyer must do to pay by transfer or at a store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instructions {
    /// The number to pay to.
    pub pay_no: String,
    /// The bank's three digits or the store chain, as the gateway names it.
    pub at: String,
    /// Until when.
    pub deadline: Option<Timestamp>,
}

/// What is said to have become of an attempt.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// A payment number was issued. Nothing was paid.
    Issued(Instructions),
    /// The money was paid.
    Paid {
        /// When, if it was said.
        at: Option<Timestamp>,
        /// The last four digits of a card, or of the account that paid; empty where unknown.
        last_four: String,
    },
    /// The attempt failed; the order may be tried again.
    Failed {
        /// The gateway's code.
        code: String,
        /// The gateway's words. Untrusted text.
        message: String,
    },
    /// The authorisation was cancelled.
    Voided,
    /// The payment number's deadline passed.
    Lapsed,
    /// The gateway does not know yet.
    Unsettled,
    /// A value that we do not know. Never taken for any other.
    Unknown(String),
}

impl Outcome {
    /// Returns the outcome's short stable name.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Issued(_) => "issued",
            Self::Paid { .. } => "paid",
            Self::Failed { .. } => "failed",
            Self::Voided => "voided",
            Self::Lapsed => "lapsed",
            Self::Unsettled => "unsettled",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// One authentic message about one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How it came.
    pub source: Source,
    /// The merchant it is about, as the signed fields say.
    pub merchant: String,
    /// The attempt it is about, as the signed fields say; unparsed, since it may be no number of ours.
    pub attempt_no: String,
    /// The number of another trade that the gateway opened for a mis-posted transfer, where it says so.
    pub moved_to: Option<String>,
    /// The gateway's number.
    pub trade_no: TradeNo,
    /// The amount it is about.
    pub amount: Twd,
    /// The currency, where it is named; the gateway's only one otherwise.
    pub currency: Option<String>,
    /// How it was paid or is to be paid, where that is said.
    pub method: Option<Method>,
    /// What became of it.
    pub outcome: Outcome,
}
