//! Orders and facts, as they go into the ledger and come out of it.

use jiff::Timestamp;
use orders::{AttemptNo, Book, MemberId, Order, OrderNo, Status, TradeNo};

/// An order to be placed, with its first attempt.
#[derive(Clone, Debug)]
pub struct NewOrder {
    /// The order.
    pub order: Order,
    /// The page's key: one key makes one order of one member, however often it is sent.
    pub checkout_key: String,
    /// How many of each line's product may be sold in all; `None` where there is no limit. In the lines' order.
    pub stock: Vec<Option<u32>>,
    /// A repeat younger than this gets the same attempt (a double click); an older one a new attempt.
    pub same_attempt_ms: i64,
    /// When to ask the gateway first about an attempt, in milliseconds after it was made.
    pub first_ask_ms: i64,
}

/// What became of a checkout.
#[derive(Clone, Debug)]
pub struct Placed {
    /// The order's book.
    pub book: Book,
    /// The attempt to hand over; `None` where the order is past paying.
    pub attempt: Option<AttemptNo>,
    /// Whether the order was made by this very request.
    pub news: bool,
}

/// Why an order was not placed.
#[derive(Debug, thiserror::Error)]
pub enum PlaceError {
    /// The same key came with another order.
    #[error("this checkout key was used for another order")]
    KeyReused,
    /// Too few are left.
    #[error("only {left} of this product are left")]
    SoldOut {
        /// How many can still be bought.
        left: u32,
    },
    /// The ledger failed; nothing was recorded.
    #[error(transparent)]
    Ledger(#[from] crate::LedgerError),
}

/// Where a fact came from, for the trail.
#[derive(Clone, Debug, Default)]
pub struct Origin {
    /// SHA-256 of the sealed message, as hex; `None` for our own facts.
    pub digest: Option<String>,
    /// Which of the merchant's keys it was sealed with.
    pub key_id: Option<String>,
}

/// Line 4: a fact that is durable. Only a ledger makes it, after the commit.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// Whether it was news. A repeat changes nothing.
    pub news: bool,
    /// Where the order stood.
    pub before: Status,
    /// Where it stands.
    pub after: Status,
    /// The codes of what waits for a person from now on.
    pub parked: Vec<&'static str>,
}

/// Which orders to list.
#[derive(Clone, Debug, Default)]
pub struct ListOrders {
    /// Only this member's.
    pub member: Option<MemberId>,
    /// Only this one.
    pub order: Option<OrderNo>,
    /// Only in this status.
    pub status: Option<Status>,
    /// At most so many, newest first; 0 for all.
    pub limit: u32,
}

/// An order in a list.
#[derive(Clone, Debug)]
pub struct Summary {
    /// Its book.
    pub book: Book,
    /// Where it stands, by the fold.
    pub status: Status,
    /// When the first authentic word of its payment reached us.
    pub paid_at: Option<Timestamp>,
}

/// A fact as the trail shows it.
#[derive(Clone, Debug)]
pub struct FactRow {
    /// Its place in the ledger.
    pub n: i64,
    /// Its meaning.
    pub meaning: String,
    /// `notice`, `query` or `shop`.
    pub source: String,
    /// The gateway's number.
    pub trade_no: Option<TradeNo>,
    /// SHA-256 of the message that it came in, as hex, where it came in one.
    pub digest: Option<String>,
    /// Where the order stood before and after.
    pub edge: (Status, Status),
    /// When it was received.
    pub received_at: Timestamp,
}

/// What a person decided about a case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseDecision {
    /// Who.
    pub by: MemberId,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
}

/// Something that waits, or waited, for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExceptionRow {
    /// Its place in the list.
    pub n: i64,
    /// Its meaning, so that a repeat is not a second case.
    pub meaning: String,
    /// The stable code by line and cause.
    pub code: String,
    /// What it names itself to be about.
    pub subject: String,
    /// The order it is about, where it is one of ours.
    pub order: Option<OrderNo>,
    /// The gateway's number.
    pub trade_no: Option<String>,
    /// The amount, in dollars.
    pub amount: Option<u32>,
    /// What a person needs to know.
    pub detail: String,
    /// When it was received.
    pub received_at: Timestamp,
    /// What was decided about it; `None` while it waits.
    pub decision: Option<CaseDecision>,
}
