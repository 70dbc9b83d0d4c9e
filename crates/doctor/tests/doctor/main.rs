//! Wrong messages, each made by hand with other libraries than the doctor's, and right ones about which it must be silent.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod ciphers;
mod encodings;
mod hashes;
mod key_faults;
mod maker;
mod requests;
mod right;
mod secrecy;
mod vectors;
