//! The client over HTTP, against servers that misbehave on demand.

#![expect(clippy::unwrap_used, reason = "a test helper may end the test")]

mod account;
mod flow;
mod id_tokens;
mod keys;
mod outages;
mod provider;
mod sheets;
mod sign_in;
mod spreadsheet;
