//! What is true: money, orders, attempts, the facts learned about them, and what follows from those facts.
//!
//! Pure: no I/O, no clock, no randomness, no async. Time and entropy are arguments.
//!
//! An order never *has* a state that somebody sets. It has a set of [`fact::Fact`]s, each unique by its
//! meaning, and [`book::Book::status`] is a function of that set. So the same facts give the same state
//! in whatever order and however often they arrive, and there is no update to lose.
//!
//! Read in this order: the words ([`money`], [`ids`]), what was agreed ([`order`]), what a gateway may
//! tell us ([`report`]), line 3 ([`mod@bind`]), what is known ([`fact`], [`book`]), what follows
//! ([`mod@decide`]), and the way back ([`refund`]).

#[cfg(feature = "ablation")]
pub mod ablation;
pub mod bind;
pub mod book;
pub mod decide;
pub mod fact;
pub mod ids;
pub mod money;
pub mod order;
pub mod refund;
pub mod report;
pub mod schedule;
pub mod status;
pub mod step;

pub use bind::{Binding, Bound, bind, contradict};
pub use book::Book;
pub use decide::{Decision, Effect, decide};
pub use fact::{Fact, FactKey, Parked};
pub use ids::{AttemptNo, IdError, MemberId, OrderNo, ProductId, TradeNo};
pub use money::Twd;
pub use order::{Attempt, Line, Order, Product};
pub use refund::{CannotRefund, How, Move, Refund, RefundNo, RefundState, refundable};
pub use report::{Instructions, Method, Outcome, Report, Source};
pub use status::{AttemptState, Status};
