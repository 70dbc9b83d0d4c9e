//! What Google says: sign-in, service-account tokens and Sheets.
//!
//! A client written against `OpenID` Connect Core 1.0, RFC 7636, RFC 7523 and the Sheets API v4. Everything that Google answers is
//! outside input: bounded in size and time, never followed to another host, and made into a type once.
//!
//! In reading order:
//! - [`http`]: the one HTTP client, and answers with a limit
//! - [`sign_in`]: `OpenID` Connect, code flow
//! - [`service_account`]: tokens for a program
//! - [`sheets`]: the six calls of Sheets v4 that a shop needs
//! - [`tables`]: a table kept in a tab, safe to write again
//! - [`pace`]: how fast, and how long to wait

#[cfg(feature = "fuzzing")]
pub mod fuzzing;
pub mod http;
pub mod pace;
pub mod service_account;
pub mod sheets;
pub mod sign_in;
pub mod tables;

pub use http::{http_client, http_client_on_loopback};
