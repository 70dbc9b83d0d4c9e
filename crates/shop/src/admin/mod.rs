//! The back office: what stands where, what waits for a person, and what persons do. For `ADMIN_EMAILS` only.

mod enter;
mod hindered;
mod names;

mod cancel;
mod cases;
mod order;
mod overview;
mod refunds;

pub(crate) use enter::enter;
pub use enter::{bind_address, may_enter};

pub(crate) use cancel::cancel;
pub(crate) use cases::{case, decide};
pub(crate) use order::order;
pub(crate) use overview::overview;
pub(crate) use refunds::{approve, ask, reject, resolve, transferred};
