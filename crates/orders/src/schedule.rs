//! When to ask the gateway about an attempt. With every notice lost, these questions alone end every order right.

use crate::{AttemptNo, AttemptState, Book, Status};
use jiff::{SignedDuration, Timestamp};

/// How long to wait. The gateway documents no limit on queries, so these are ours and can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waits {
    /// From handing over to the first question, in seconds.
    pub first_s: u32,
    /// Between questions about an issued payment number, in seconds.
    pub transfer_s: u32,
    /// After the deadline, before an order ends unpaid, in seconds.
    pub grace_s: u32,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            first_s: 30,
            transfer_s: 2 * 3600,
            grace_s: 600,
        }
    }
}

/// The growth of the waits between questions that got no final answer, as multiples of the first wait.
const GROWTH: [u32; 8] = [1, 1, 2, 4, 6, 8, 10, 20];

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
    let step = GROWTH[usize::try_from(asks)
        .unwrap_or(usize::MAX)
        .min(GROWTH.len() - 1)];
    let backoff = spread(waits.first_s.saturating_mul(step), jitter);
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
            open.then(|| now + backoff)
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
