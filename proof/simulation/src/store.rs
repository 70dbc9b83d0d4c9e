//! The real SQLite ledger behind a gate, where each call may fail before or after its effect, or end the process.

use crate::shared::{Shared, Verdict};
use async_trait::async_trait;
use jiff::Timestamp;
use ledger::{
    Actor, Ask, Desk, DeskError, ExceptionRow, FactRow, Lease, Ledger, LedgerError, ListOrders,
    Member, NewOrder, NewRefund, Origin, Outcome, PlaceError, Placed, Recorded, RefundMove,
    Refused, Row, SessionRow, SignInRow, SqliteLedger, Summary, Topic, TrailRow,
};
use orders::{
    AttemptNo, Book, Bound, MemberId, OrderNo, Parked, Refund, RefundNo, Status, TradeNo, Twd,
    fact::Ending,
};
use std::{
    future::Future,
    path::Path,
    sync::{Mutex, PoisonError},
};
use tokio::sync::broadcast;

/// The ledger as the shop of a simulation has it.
pub struct GatedLedger {
    shared: Shared,
    open: Mutex<Option<SqliteLedger>>,
    changes: broadcast::Sender<OrderNo>,
}

impl GatedLedger {
    /// A ledger that is not open yet.
    #[must_use]
    pub fn new(shared: Shared) -> Self {
        Self {
            shared,
            open: Mutex::new(None),
            changes: broadcast::channel(1).0,
        }
    }

    /// Opens the file.
    ///
    /// # Errors
    /// The store's.
    pub fn open(&self, path: &Path) -> Result<(), LedgerError> {
        let ledger = SqliteLedger::open_here(path)?;
        *self.lock() = Some(ledger);
        Ok(())
    }

    /// Lets go of the file, as a process does that dies.
    pub fn close(&self) {
        *self.lock() = None;
    }

    /// The ledger itself, past the gate: for whoever looks on.
    #[must_use]
    pub fn behind(&self) -> Option<SqliteLedger> {
        self.lock().clone()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<SqliteLedger>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn pass<T, E, F, C>(&self, name: &'static str, call: C) -> Result<T, E>
    where
        E: From<LedgerError>,
        F: Future<Output = Result<T, E>>,
        C: FnOnce(SqliteLedger) -> F,
    {
        let failed = || {
            E::from(LedgerError::Store {
                what: name,
                source: "simulated".into(),
            })
        };
        let verdict = self.shared.gate(true).await;
        if verdict == Verdict::FailBefore {
            return Err(failed());
        }
        let ledger = self.behind().ok_or_else(|| E::from(LedgerError::Closed))?;
        let result = call(ledger).await;
        if matches!(name, "lease" | "settle" | "deliver" | "refill" | "sweep") {
            self.shared.town().outbox_touched = true;
        }
        match verdict {
            Verdict::DieAfter => {
                self.shared.die().await;
                result
            }
            Verdict::FailAfter if result.is_ok() => Err(failed()),
            Verdict::Go | Verdict::FailAfter | Verdict::FailBefore | Verdict::DieBefore => result,
        }
    }
}

/// Every door of a port, each through the gate.
macro_rules! gated {
    ($port:ident { $($name:ident($($arg:ident: $kind:ty),*) -> $ok:ty, $error:ty;)* } $($rest:item)*) => {
        #[async_trait]
        impl $port for GatedLedger {
            $(async fn $name(&self, $($arg: $kind),*) -> Result<$ok, $error> {
                self.pass(stringify!($name), |ledger| async move { ledger.$name($($arg),*).await }).await
            })*
            $($rest)*
        }
    };
}

gated!(Desk {
    request_refund(new: NewRefund, actor: Actor, now: Timestamp) -> Refund, DeskError;
    approve_refund(no: &RefundNo, actor: Actor, now: Timestamp) -> Refund, DeskError;
    reject_refund(no: &RefundNo, reason: String, actor: Actor, now: Timestamp) -> Refund, DeskError;
    finish_by_hand(no: &RefundNo, actor: Actor, now: Timestamp) -> Refund, DeskError;
    resolve_refund(no: &RefundNo, happened: bool, reason: String, actor: Actor, now: Timestamp) -> Refund, DeskError;
    decide_case(n: i64, reason: String, actor: Actor, now: Timestamp) -> ExceptionRow, DeskError;
    accept_late(order: &OrderNo, stock: Vec<Option<u32>>, now: Timestamp) -> bool, LedgerError;
    cancel_order(order: &OrderNo, reason: String, actor: Actor, now: Timestamp) -> Recorded, DeskError;
    move_refund(seen: &Refund, step: RefundMove, now: Timestamp) -> Refund, DeskError;
    put_off_refund(seen: &Refund, word: String, due: Timestamp, counts: bool) -> (), LedgerError;
    is_leaving(order: &OrderNo, now: Timestamp) -> bool, LedgerError;
    due_refunds(now: Timestamp, limit: u32) -> Vec<Refund>, LedgerError;
    refund(no: &RefundNo) -> Option<Refund>, LedgerError;
    refunds(order: &OrderNo) -> Vec<Refund>, LedgerError;
    open_refunds(limit: u32) -> Vec<Refund>, LedgerError;
    case(n: i64) -> Option<ExceptionRow>, LedgerError;
    note_refusal(refused: Refused, now: Timestamp) -> bool, LedgerError;
    trail(order: &OrderNo) -> Vec<TrailRow>, LedgerError;
    attempts_since(since: Timestamp, after: Option<AttemptNo>, limit: u32) -> Vec<AttemptNo>, LedgerError;
});

gated!(Ledger {
    place(new: NewOrder, now: Timestamp) -> Placed, PlaceError;
    attempt_again(order: &OrderNo, key: &str, first_ask_ms: i64, now: Timestamp) -> Option<(Book, AttemptNo)>, LedgerError;
    record(bound: Bound, origin: Origin, now: Timestamp) -> Recorded, LedgerError;
    record_return(attempt: &AttemptNo, now: Timestamp) -> Recorded, LedgerError;
    record_refund(attempt: &AttemptNo, trade: &TradeNo, total: Twd, now: Timestamp) -> Recorded, LedgerError;
    end(order: &OrderNo, ending: Ending, now: Timestamp) -> Recorded, LedgerError;
    deliver(order: &OrderNo, trade: &TradeNo, lease: &Lease, now: Timestamp) -> Recorded, LedgerError;
    park(parked: Parked, now: Timestamp) -> bool, LedgerError;
    book(order: &OrderNo) -> Option<Book>, LedgerError;
    list(which: ListOrders) -> Vec<Summary>, LedgerError;
    facts(order: &OrderNo) -> Vec<FactRow>, LedgerError;
    fact(n: i64) -> Option<(OrderNo, FactRow)>, LedgerError;
    exceptions(limit: u32) -> Vec<ExceptionRow>, LedgerError;
    count_by_status() -> Vec<(Status, u64)>, LedgerError;
    held_stock() -> Vec<(String, u64)>, LedgerError;
    due_asks(now: Timestamp, limit: u32) -> Vec<Ask>, LedgerError;
    schedule_ask(ask: &Ask, next: Option<Timestamp>, denied: bool) -> (), LedgerError;
    ask_at(attempt: &AttemptNo, at: Timestamp) -> (), LedgerError;
    ask_all(now: Timestamp) -> u32, LedgerError;
    lease(topic: Topic, limit: u32, lease: &Lease, now: Timestamp) -> Vec<Row>, LedgerError;
    settle(rows: &[i64], lease: &Lease, outcome: &Outcome) -> u32, LedgerError;
    backlog(topic: Topic) -> (u64, u64), LedgerError;
    write_again(topic: Topic, aggregate: &str, now: Timestamp) -> (), LedgerError;
    refill(topic: Topic, now: Timestamp) -> u64, LedgerError;
    save_member(member: Member, now: Timestamp) -> (), LedgerError;
    member(id: &MemberId) -> Option<Member>, LedgerError;
    start_session(session: SessionRow, replaces: Option<String>) -> (), LedgerError;
    session(id_hash: &str) -> Option<(SessionRow, Member)>, LedgerError;
    touch_session(id_hash: &str, now: Timestamp) -> (), LedgerError;
    end_session(id_hash: &str) -> (), LedgerError;
    begin_sign_in(row: SignInRow) -> (), LedgerError;
    take_sign_in(id_hash: &str) -> Option<SignInRow>, LedgerError;
    sweep(now: Timestamp) -> (), LedgerError;
    note(name: &str, body: String, now: Timestamp) -> (), LedgerError;
    noted(name: &str) -> Option<(String, Timestamp)>, LedgerError;
}
    fn changes(&self) -> broadcast::Receiver<OrderNo> {
        self.changes.subscribe()
    }
);
