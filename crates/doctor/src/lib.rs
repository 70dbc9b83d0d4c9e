//! The signature doctor: what somebody sent to PAYUNi or got from it, and the merchant's keys, go in; which step went wrong,
//! and how to mend it, comes out. Pure: no file, no network, no clock of its own.
//!
//! The product reads messages with `payuni`, which has one answer for all that is not exactly right. Here the wrong ways are
//! tried one by one: other ciphers, other nonces, other orders of the hash. None of these trials is ever used to believe a
//! message, and neither keys nor people's data come out.

/// Ciphers as they are tried.
mod aes_trials;
/// The seal, tried in every way.
mod cipher;
/// `EncryptInfo`, taken apart in every way.
mod encoding;
/// The examination itself.
mod examination;
/// What can be wrong, by stable names.
mod finding;
/// Forms, read leniently.
mod form;
/// `HashInfo`, tried in every way.
mod hash;
/// The sealed fields.
mod inner;
/// The keys: how they were given, and how they may have been spoilt.
mod keys;
/// Multipart bodies.
mod multipart;
/// The report, for a terminal and for a page.
mod report;
/// Time, version and address of a request.
mod request;
/// What was handed in.
mod shape;
/// The way of a message, step by step.
mod steps;
/// The texts, in two languages.
mod text;

pub use examination::{Examination, Input, MAX_BYTES, Verdict, Whose, examine};
pub use finding::{Certainty, Fact, Finding, Id, Term};
pub use inner::Kind;
pub use keys::Keys;
pub use report::{Diagnosis, Explained, ShownStep};
pub use request::WINDOW_S;
pub use shape::Shape;
pub use steps::{Field, State, Step, StepId};
pub use text::{Lang, Text};
