//! What people see: the shop over axum. Line 1 is the crate `edge`; lines 2 and 3 meet in `flow`, line 4 is the ledger,
//! line 5 the reconciler.
//!
//! Open [`flow`] first: its files are the steps of a payment, in order. [`router`] has every route on one screen.

pub mod settings;

#[cfg(feature = "ablation")]
pub mod ablation;
pub mod admin;
pub mod app;
mod asked;
pub mod catalogue;
mod error;
pub mod explorer;
pub mod flow;
mod form;
pub mod fulfilment;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod gateway;
mod health;
pub mod jobs;
mod late;
mod orders_pages;
pub mod quiet;
pub mod refunds;
pub mod room;
pub mod router;
mod seen;
pub mod session;
mod view;

pub mod clock;
pub mod entropy;
pub mod metrics;

pub use app::App;
pub use clock::Clock;
