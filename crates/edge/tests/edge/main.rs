//! The edge from outside: real sockets, slow and hostile clients, short limits.

#![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod answers;
mod full;
mod house;
mod slow;
