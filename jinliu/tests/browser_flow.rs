//! The whole flow in a real browser: what a buyer, an owner and somebody without script see and do. Each test has a
//! world and a window of its own, and leaves pictures of what it saw in `target/test-output`.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/browser.rs"]
#[expect(dead_code, reason = "each test file uses the part it needs")]
mod browser;
#[path = "support/shopper.rs"]
#[expect(dead_code, reason = "each test file uses the part it needs")]
mod shopper;

#[path = "browser/visit.rs"]
mod visit;

#[path = "browser/back_office.rs"]
mod back_office;
#[path = "browser/laboratory.rs"]
mod laboratory;
#[path = "browser/learn.rs"]
mod learn_room;
#[path = "browser/methods.rs"]
mod methods;
#[path = "browser/newcomer.rs"]
mod newcomer;
#[path = "browser/plain.rs"]
mod plain;
