//! The ledger in plain words.

use crate::{
    ExceptionRow, FactRow, Lease, ListOrders, Member, NewOrder, Origin, Outcome, PlaceError,
    Placed, Recorded, Row, SessionRow, SignInRow, Summary, Topic,
};
use async_trait::async_trait;
use jiff::Timestamp;
use orders::{AttemptNo, Book, Bound, MemberId, OrderNo, Parked, Status, TradeNo, fact::Ending};

/// The ledger failed. Nothing of the write that this answers was recorded.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The store could not write or read: disk full, locked for too long, damaged.
    #[error("the ledger could not {what}")]
    Store {
        /// What was tried.
        what: &'static str,
        /// The store's own error.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row holds what no version of this program writes.
    #[error("the ledger holds an unreadable {0}")]
    Unreadable(&'static str),
    /// A fact of our own making that is not lawful now.
    #[error(transparent)]
    Unlawful(#[from] orders::decide::Unlawful),
    /// There is no such order.
    #[error("there is no order {0}")]
    NoOrder(String),
    /// The ledger's writer has stopped.
    #[error("the ledger is closed")]
    Closed,
}

/// An attempt that the gateway is to be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// Which attempt.
    pub attempt: AttemptNo,
    /// How often it was asked about in vain.
    pub asks: u32,
    /// How often the gateway denied a payment of it that we were told of.
    pub denials: u32,
    /// When the question was due.
    pub due: Timestamp,
}

/// Keeps orders, facts, members, sessions and effects.
///
/// Every write is answered only when it is durable. Writes may be committed together, but each succeeds or fails
/// alone. No method may be called while a transaction of another is open, and none calls out.
#[async_trait]
pub trait Ledger: crate::Desk {
    /// Places an order with its first attempt, or returns the one that this key made before.
    async fn place(&self, new: NewOrder, now: Timestamp) -> Result<Placed, PlaceError>;
    /// Adds an attempt to a pending order; one form's key makes one attempt. `None` where it may not be paid again.
    async fn attempt_again(
        &self,
        order: &OrderNo,
        key: &str,
        first_ask_ms: i64,
        now: Timestamp,
    ) -> Result<Option<(Book, AttemptNo)>, LedgerError>;
    /// Records a fact that line 3 has bound to an order. A repeat changes nothing.
    async fn record(
        &self,
        bound: Bound,
        origin: Origin,
        now: Timestamp,
    ) -> Result<Recorded, LedgerError>;
    /// Records that the buyer's browser came back.
    async fn record_return(
        &self,
        attempt: &AttemptNo,
        now: Timestamp,
    ) -> Result<Recorded, LedgerError>;
    /// Records what the gateway, asked, says was given back of a trade.
    async fn record_refund(
        &self,
        attempt: &AttemptNo,
        trade: &TradeNo,
        total: orders::Twd,
        now: Timestamp,
    ) -> Result<Recorded, LedgerError>;
    /// Ends an order's offer.
    async fn end(
        &self,
        order: &OrderNo,
        ending: Ending,
        now: Timestamp,
    ) -> Result<Recorded, LedgerError>;
    /// Records that an order was delivered, and that its outbox row is done, in one commit.
    async fn deliver(
        &self,
        order: &OrderNo,
        trade: &TradeNo,
        lease: &Lease,
        now: Timestamp,
    ) -> Result<Recorded, LedgerError>;
    /// Keeps something authentic that belongs to no order of ours. Returns whether it was news.
    async fn park(&self, parked: Parked, now: Timestamp) -> Result<bool, LedgerError>;

    /// Returns an order's book.
    async fn book(&self, order: &OrderNo) -> Result<Option<Book>, LedgerError>;
    /// Lists orders, newest first.
    async fn list(&self, which: ListOrders) -> Result<Vec<Summary>, LedgerError>;
    /// Returns the facts about an order, oldest first.
    async fn facts(&self, order: &OrderNo) -> Result<Vec<FactRow>, LedgerError>;
    /// Returns one fact by its place, with its order.
    async fn fact(&self, n: i64) -> Result<Option<(OrderNo, FactRow)>, LedgerError>;
    /// Returns the review list: what waits for a person before what was decided, each newest first.
    async fn exceptions(&self, limit: u32) -> Result<Vec<ExceptionRow>, LedgerError>;
    /// Counts the orders in each status that occurs.
    async fn count_by_status(&self) -> Result<Vec<(Status, u64)>, LedgerError>;
    /// Returns how many of each product orders hold.
    async fn held_stock(&self) -> Result<Vec<(String, u64)>, LedgerError>;

    /// Returns attempts that are due to be asked about.
    async fn due_asks(&self, now: Timestamp, limit: u32) -> Result<Vec<Ask>, LedgerError>;
    /// Counts a question that was put, and sets when to ask next; `None` for never. `denied`: the answer denied a payment we
    /// were told of. Where a reason to ask came up meanwhile, its time stands.
    async fn schedule_ask(
        &self,
        ask: &Ask,
        next: Option<Timestamp>,
        denied: bool,
    ) -> Result<(), LedgerError>;
    /// Makes an attempt due at a time, or earlier where it is due earlier.
    async fn ask_at(&self, attempt: &AttemptNo, at: Timestamp) -> Result<(), LedgerError>;
    /// Makes every attempt of every order that is not final due now. Returns how many.
    async fn ask_all(&self, now: Timestamp) -> Result<u32, LedgerError>;

    /// Claims up to `limit` due rows of a topic, in the order of their commits.
    async fn lease(
        &self,
        topic: Topic,
        limit: u32,
        lease: &Lease,
        now: Timestamp,
    ) -> Result<Vec<Row>, LedgerError>;
    /// Says what became of claimed rows. Rows whose claim was lost are left alone; returns how many were not.
    async fn settle(
        &self,
        rows: &[i64],
        lease: &Lease,
        outcome: &Outcome,
    ) -> Result<u32, LedgerError>;
    /// Counts the rows of a topic that wait, and the dead ones.
    async fn backlog(&self, topic: Topic) -> Result<(u64, u64), LedgerError>;
    /// Puts one aggregate into the outbox again, whose row the destination has lost.
    async fn write_again(
        &self,
        topic: Topic,
        aggregate: &str,
        now: Timestamp,
    ) -> Result<(), LedgerError>;
    /// Puts everything that a tab of the sheet shows into the outbox again, oldest first: for a tab that was lost. Does
    /// nothing where all of it waits already, so that it may be called again. Returns how many rows were put there.
    async fn refill(&self, topic: Topic, now: Timestamp) -> Result<u64, LedgerError>;

    /// Writes a member down as the provider describes it now.
    async fn save_member(&self, member: Member, now: Timestamp) -> Result<(), LedgerError>;
    /// Returns a member.
    async fn member(&self, id: &MemberId) -> Result<Option<Member>, LedgerError>;
    /// Starts a session and ends the one it replaces.
    async fn start_session(
        &self,
        session: SessionRow,
        replaces: Option<String>,
    ) -> Result<(), LedgerError>;
    /// Returns a session and its member.
    async fn session(&self, id_hash: &str) -> Result<Option<(SessionRow, Member)>, LedgerError>;
    /// Notes that a session was used.
    async fn touch_session(&self, id_hash: &str, now: Timestamp) -> Result<(), LedgerError>;
    /// Ends a session.
    async fn end_session(&self, id_hash: &str) -> Result<(), LedgerError>;
    /// Notes a sign-in under way.
    async fn begin_sign_in(&self, row: SignInRow) -> Result<(), LedgerError>;
    /// Takes a sign-in under way; it can be taken once.
    async fn take_sign_in(&self, id_hash: &str) -> Result<Option<SignInRow>, LedgerError>;
    /// Forgets sessions and sign-ins that have ended, and, after a month, effects that were carried out.
    async fn sweep(&self, now: Timestamp) -> Result<(), LedgerError>;

    /// Keeps a single value under a name.
    async fn note(&self, name: &str, body: String, now: Timestamp) -> Result<(), LedgerError>;
    /// Returns the value under a name, and when it was written.
    async fn noted(&self, name: &str) -> Result<Option<(String, Timestamp)>, LedgerError>;

    /// Hears of every order that something was recorded about, after the commit.
    fn changes(&self) -> tokio::sync::broadcast::Receiver<OrderNo>;
}
