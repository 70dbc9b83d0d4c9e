//! Doors for the fuzzer in `proof/fuzz`, behind the feature `fuzzing`: readers that are otherwise reached through HTTP only.

pub use crate::sheets::doors::{batch_get, cell, echoed_end, letters, refusal, spreadsheet};
pub use crate::sign_in::doors::{Claims, claims, keys, token};
