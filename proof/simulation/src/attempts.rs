//! Where attempts stand: looked at whenever something new is known about their order, by the shop's own fold.

use crate::{edges::take, office::at_once, world::World};
use ledger::Ledger;
use orders::{AttemptState, OrderNo, Status};

fn state_name(state: AttemptState) -> &'static str {
    match state {
        AttemptState::HandedOver => "handed_over",
        AttemptState::Confirming => "confirming",
        AttemptState::Issued => "issued",
        AttemptState::Captured => "captured",
        AttemptState::Failed => "failed",
        AttemptState::Voided => "voided",
        AttemptState::Lapsed => "lapsed",
    }
}

impl World<'_> {
    /// Looks at the attempts of orders that something new is known about.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn attempts_moved(&mut self) -> anyhow::Result<()> {
        if self.watch.touched.is_empty() {
            return Ok(());
        }
        let Some(ledger) = self.office.ledger.behind() else {
            return Ok(());
        };
        for no in std::mem::take(&mut self.watch.touched) {
            let Ok(no) = no.parse::<OrderNo>() else {
                continue;
            };
            let Some(book) = at_once(ledger.book(&no))?? else {
                continue;
            };
            for attempt in book.attempts() {
                let now = book.attempt_state(&attempt.no);
                let before = self
                    .attempts
                    .insert(attempt.no.clone(), now)
                    .unwrap_or(AttemptState::HandedOver);
                let (from, to) = (state_name(before), state_name(now));
                if !take(&mut self.watch.edges, "attempt", from, to) {
                    let what = format!("{}: {from} > {to}", attempt.no);
                    self.office.shared.town().accuse("I04", what);
                }
            }
            let stands = self.watch.status.get(no.as_str()).map(String::as_str);
            if stands.is_some_and(|stands| stands != book.status().as_str()) {
                let what = format!(
                    "{no} folds to {}, its facts end at {stands:?}",
                    book.status()
                );
                self.office.shared.town().accuse("I11", what);
            }
            let surplus = book.surplus() > 0;
            let listed = book
                .parked()
                .iter()
                .any(|parked| parked.kind == orders::fact::ParkedKind::Surplus);
            if surplus != listed || (surplus && book.status() == Status::Pending) {
                let what = format!("{no}: a surplus of {} is not listed", book.surplus());
                self.office.shared.town().accuse("I10", what);
            }
        }
        Ok(())
    }
}
