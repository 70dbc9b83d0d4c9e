//! Money that came after an order had expired, and fits it all the same.

use super::Book;
use crate::{
    Parked,
    fact::{Ending, ParkedKind},
};

/// What is known of money that came late.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Late {
    /// The gateway has not been asked yet, or does not agree yet.
    Unconfirmed,
    /// Nothing but the time is against it: the case that a rule may set aside.
    Confirmed(Parked),
}

impl Book {
    /// Returns what a rule may do about late money. `None` where a person must look: somebody cancelled the order, more
    /// than one payment came, some of it went back, or something else waits as well.
    #[must_use]
    pub fn late(&self) -> Option<Late> {
        let case = self.as_a_whole(ParkedKind::Late);
        let open = |parked: &Parked| !self.is_decided(&parked.key());
        let alone = self
            .parked()
            .iter()
            .all(|parked| *parked == case || !open(parked));
        let [payment] = self.payments().try_into().ok()?;
        let fits = self.is_late() && self.ending() == Some(Ending::Expired);
        if !fits || !alone || !open(&case) || self.refunded() > 0 {
            return None;
        }
        Some(if payment.confirmed {
            Late::Confirmed(case)
        } else {
            Late::Unconfirmed
        })
    }
}
