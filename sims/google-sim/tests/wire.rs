//! The sandbox over HTTP, as a shop meets it.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, what cannot be had is the failure"
)]

#[path = "wire/batches.rs"]
mod batches;
#[path = "wire/control.rs"]
mod control;
#[path = "wire/faults.rs"]
mod faults;
#[path = "wire/pages.rs"]
mod pages;
#[path = "wire/sandbox.rs"]
mod sandbox;
#[path = "wire/service_account.rs"]
mod service_account;
#[path = "wire/sheets.rs"]
mod sheets;
#[path = "wire/sign_in.rs"]
mod sign_in;
#[path = "wire/turnstile.rs"]
mod turnstile;
