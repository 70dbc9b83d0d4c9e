//! The attack corpus as data, and the runner that plays it against a shop.
//!
//! Every case is one file in `cases/`: who attacks from where, the very steps with their bytes, and what must be true
//! afterwards. The runner talks to the shop's real listener and to the sandbox's control API, and reads the ledger's file
//! with SQL of its own. It depends on no crate that it judges: its forgeries are sealed by the sandbox's cipher, so that an
//! error in ours cannot cancel out. A status of HTTP is looked at, and never enough: money, goods, the gateway's books and
//! the counters decide.
//!
//! Starting a world is somebody else's business: see [`Stage`].

mod case;
mod corpus;
mod expect;
mod fill;
mod judge;
mod ledger_file;
mod messages;
mod people;
mod play;
mod program;
mod record;
mod seal;
mod sign_in;
mod slow;
mod stage;
mod steps;
mod tamper;
mod verdict;
mod web;

pub use case::{Case, Class, Line, Position, Title, WorldPlan};
pub use corpus::{IDS, corpus, find, source};
pub use expect::{Answer, Expect};
pub use play::run;
pub use record::{OrderBooks, Sent};
pub use seal::inner_fields;
pub use stage::{Addresses, Stage};
pub use steps::{
    Await, Base, Change, Door, Http, Keys, Message, Pace, Pay, Place, Program, Raw, Sandbox,
    SignIn, Slow, Sql, Step, Trick, Vary, Which,
};
pub use tamper::Tamper;
pub use verdict::{Matter, Outcome, Verdict};
