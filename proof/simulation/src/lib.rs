//! How we know: the seeded simulator. One number decides who buys, what breaks and when; the shop's own functions answer.
//!
//! The shop here is the real one: its handlers of notice and return, its reconciler, its jobs for deliveries, refunds and
//! the sheet, over the real SQLite ledger. Simulated are only what it is handed: the clock, the dice, the wire to the
//! gateway, the spreadsheet, and a gate in front of the ledger. The gateway keeps books of its own, and these are the truth.
//!
//! Layout: [`run`] is one seed; [`world`] has its tasks and [`time`] its clock and jobs; [`buy`], [`post`] and [`people`] are who acts; [`watch`]
//! looks after every step; [`end`] demands progress once faults have stopped. [`nth`] fails each call in turn instead of
//! throwing dice. [`faults`] and [`edges`] say what is
//! expressed, what is not, and why.

pub mod attempts;
pub mod bank;
pub mod buy;
pub mod edges;
pub mod end;
pub mod faults;
pub mod grid;
pub mod nth;
pub mod office;
pub mod people;
pub mod post;
pub mod profile;
pub mod report;
pub mod rng;
pub mod run;
pub mod seal;
pub mod shared;
pub mod store;
pub mod teller;
pub mod time;
pub mod watch;
pub mod wire;
pub mod world;
