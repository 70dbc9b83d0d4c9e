//! An order that was paid more than once.

use super::Book;
use crate::{Parked, Twd, fact::ParkedKind};

impl Book {
    /// One case for each payment beyond the first, so that what a person decided of one says nothing of the next. From the
    /// second on a case carries what was paid too much by then.
    pub(super) fn surplus_cases(&self) -> Vec<Parked> {
        let beyond = u32::try_from(self.payments().len().saturating_sub(1)).unwrap_or(u32::MAX);
        let price = self.order().amount.dollars();
        (1..=beyond)
            .map(|n| Parked {
                amount: (n > 1)
                    .then(|| Twd::new(price.saturating_mul(n)).ok())
                    .flatten(),
                ..self.as_a_whole(ParkedKind::Surplus)
            })
            .collect()
    }
}
