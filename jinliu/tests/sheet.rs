//! The sheet as the database that people see: nothing lost, nothing twice, nothing of theirs touched, within Google's quota.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/shopper.rs"]
#[expect(dead_code, reason = "each test file uses the part it needs")]
mod shopper;

#[path = "sheet/desk.rs"]
mod desk;
#[path = "sheet/lost_answers.rs"]
mod lost_answers;
#[path = "sheet/outage.rs"]
mod outage;
#[path = "sheet/people.rs"]
mod people;
#[path = "sheet/products.rs"]
mod products;
#[path = "sheet/rebuilt.rs"]
mod rebuilt;
