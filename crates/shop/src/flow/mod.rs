//! A payment, step by step. The files are the steps, in order.
//!
//! ```text
//!  buyer            shop                     PAYUNi            ledger
//!    │ 1 sign in     │                         │                  │
//!    │ 2 choose      │                         │                  │
//!    │──checkout────▶│ 3 place order ──────────────────────────▶ │ order + attempt, one commit
//!    │◀─sealed form──│ 4 hand over             │                  │
//!    │──posts the form────────────────────────▶│                  │
//!    │               │◀──notice── 5 notified ──│                  │
//!    │               │────────────────────────────────fact──────▶│ then "OK"
//!    │◀──────────────── back ──────────────────│                  │
//!    │──6 return────▶│ shows the order's page; settles nothing    │
//!    │               │──7 reconcile: asks ────▶│                  │
//!    │               │◀─────────────answer─────│                  │
//!    │               │────────────────────────────────fact──────▶│ confirmed, delivered
//! ```

pub(crate) mod step_1_sign_in;
pub(crate) mod step_2_choose;
pub(crate) mod step_3_place_order;
pub(crate) mod step_4_hand_over;
pub mod step_5_notified;
pub mod step_6_return;
pub mod step_7_reconcile;
