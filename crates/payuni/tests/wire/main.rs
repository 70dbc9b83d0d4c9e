//! The wire as a stranger, a forger and PAYUNi itself would use it.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod checkout;
mod common;
mod envelope;
mod forgery;
mod notices;
mod properties;
mod requests;
mod vectors;
