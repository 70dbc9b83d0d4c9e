//! When to ask the gateway about an attempt. With every notice lost, these questions alone end every order right.

use crate::{AttemptNo, AttemptState, Book, Status};
use jiff::{SignedDuration, Timestamp};

/// How long to wait. The gateway documents no limit on queries, so these are ours and can be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waits {
    /// Before the first, second, … question about an attempt, in seconds. The last one repeats.
    pub between_s: Vec<u32>,
    /// Between questions about an issued payment number, in seconds.
    pub transfer_s: u32,
    /// After the deadline, before an order ends unpaid, in seconds.
    pub grace_s: u32,
}

impl Waits {
    /// Returns the wait after `asks` questions without a final answer, in seconds.
    #[must_use]
    pub fn after(&self, asks: u32) -> u32 {
        let place = usize::try_from(asks).unwrap_or(usize::MAX);
        self.between_s
            .get(place)
            .or(self.between_s.last())
            .copied()
            .unwrap_or(60)
    }
}

/// The longest wait between questions that would confirm a payment we were told of, in seconds.
const CONFIRM_WAIT_MAX_S: u32 = 200;
/// After so many answers that deny a payment we were told of, a person must look.
pub const DENIALS_MAX: u32 = 6;

/// Returns when to ask about an attempt again after `asks` questions without a final answer; `None` where its end is known.
///
/// `jitter` in 0..=255 spreads the questions of many orders by up to a quarter of the wait.
#[must_use]
pub fn next_ask(
    book: &Book,
    attempt: &AttemptNo,
    asks: u32,
    waits: &Waits,
    now: Timestamp,
    jitter: u8,
) -> Option<Timestamp> {
    let backoff = spread(waits.after(asks), jitter);
    let settled = matches!(
        book.status(),
        Status::Expired | Status::Cancelled | Status::Refunded
    );
    match book.attempt_state(attempt) {
        AttemptState::Captured => {
            let open = book
                .payments()
                .iter()
                .any(|payment| payment.attempt == *attempt && !payment.confirmed);
            // A buyer who has paid waits for this answer: never longer than a few minutes.
            let soon = spread(waits.after(asks).min(CONFIRM_WAIT_MAX_S), jitter);
            open.then(|| now + soon)
        }
        AttemptState::Failed | AttemptState::Voided | AttemptState::Lapsed => None,
        AttemptState::Issued if settled => None,
        AttemptState::Issued => {
            let regular = now + spread(waits.transfer_s, jitter);
            let deadline = book
                .instructions(attempt)
                .and_then(|(_, instructions)| instructions.deadline);
            let last = deadline.map(|deadline| deadline + seconds(waits.grace_s));
            // Just after the deadline, if that comes before the regular time; then in the usual rhythm.
            Some(
                last.filter(|last| *last > now)
                    .map_or(regular, |last| regular.min(last)),
            )
        }
        AttemptState::HandedOver | AttemptState::Confirming => {
            let over = settled
                || now > book.order().expires_at + seconds(waits.grace_s) + seconds(waits.grace_s);
            (!over).then(|| now + backoff)
        }
    }
}

/// Returns whether an order that the gateway, asked just now, knows no payment of has waited long enough to end.
#[must_use]
pub fn has_run_out(book: &Book, waits: &Waits, now: Timestamp) -> bool {
    matches!(book.status(), Status::Pending | Status::AwaitingTransfer)
        && now >= book.open_until() + seconds(waits.grace_s)
}

fn seconds(seconds: u32) -> SignedDuration {
    SignedDuration::from_secs(i64::from(seconds))
}

fn spread(wait_s: u32, jitter: u8) -> SignedDuration {
    let extra_ms = i64::from(wait_s) * 250 * i64::from(jitter) / 255;
    seconds(wait_s) + SignedDuration::from_millis(extra_ms)
}

#[cfg(test)]
mod tests;
