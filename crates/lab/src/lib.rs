//! The attack laboratory's pages. Pure: cases, records and forms in, HTML out; who plays a case is somebody else's
//! business. The demo mounts it at [`MOUNT`]; a production build does not contain it.
//!
//! What stands on the pages comes from where it is true: the cases from the corpus that `jinliu lab run` plays, the matrix
//! from the file that `jinliu lab ablate` wrote, the exercises from code that is compiled and attacked by its own tests,
//! the diagnosis from the doctor that `jinliu payuni explain` asks.

mod assets;
mod content;
mod words;

mod record;
mod steps;

mod case_page;
mod doctor_page;
mod fixes;
mod index;
mod matrix;
mod nonce;
mod page;

pub use assets::css;
pub use case_page::{Bench, Shown, case};
pub use content::{Written, ids, written};
pub use doctor_page::{EXAMPLES, MESSAGE_MAX, doctor};
pub use fixes::{fix, fixes};
pub use index::index;
pub use matrix::matrix;
pub use nonce::nonce;
pub use page::busy;
pub use record::{Cell, Held, Off, Record, Row, record};

/// The address below which the laboratory is.
pub const MOUNT: &str = "/lab";
