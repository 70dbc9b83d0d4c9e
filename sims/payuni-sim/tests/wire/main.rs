//! The sandbox over HTTP, as a shop and a buyer meet it. The shop's side seals with the `aes-gcm` crate, so
//! that the sandbox's own cipher is judged by another.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod calls;
mod control;
mod faults;
mod hosted_page;
mod notices;
mod portal;
mod refunds;
mod shop;
