//! Where it is kept. Line 4: what is [`Recorded`] is durable.
//!
//! [`Ledger`] is the port in plain words; [`sqlite`] is the store that ships. Any other must pass the same
//! contract suite (`tests/contract`). Facts are only ever added, effects are written in the same commit as their
//! cause, and a write is answered only when it is on disk.

pub mod book;
pub mod desk;
pub mod outbox;
pub mod people;
pub mod port;
pub mod sqlite;
pub mod traffic;

pub use book::{
    CaseDecision, ExceptionRow, FactRow, ListOrders, NewOrder, Origin, PlaceError, Placed,
    Recorded, Summary,
};
pub use desk::{Actor, Desk, DeskError, NewRefund, RefundMove, Refused, TrailRow};
pub use outbox::{Lease, Outcome, Row, Topic};
pub use people::{Member, SessionRow, SignInRow};
pub use port::{Ask, Ledger, LedgerError};
pub use sqlite::SqliteLedger;
pub use traffic::Traffic;
