//! When to ask the gateway about an attempt. With every notice lost, these questions alone end every order right.

use crate::{AttemptNo, AttemptState, Book, Status, contradict};
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
/// The longest wait between questions about a page that may still be open, or may have been paid unseen, in seconds: with
/// the jitter below a quarter of an hour, also after the gateway was silent for a day.
const UNPAID_WAIT_MAX_S: u32 = 600;
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
    let status = book.status();
    let settled = matches!(
        status,
        Status::Expired | Status::Cancelled | Status::Refunded
    );
    // Of an order that has not ended the last attempt is asked about to the end: its answer ends the order.
    let ends_it = matches!(status, Status::Pending | Status::AwaitingTransfer)
        && book
            .attempts()
            .last()
            .is_some_and(|last| last.no == *attempt);
    match book.attempt_state(attempt) {
        AttemptState::Captured => {
            let mut payments = book.payments();
            payments.retain(|payment| payment.attempt == *attempt);
            let open = payments.iter().any(|payment| !payment.confirmed);
            // A buyer who has paid waits for this answer: never longer than a few minutes. Nobody waits for it once a person
            // was called, or another trade of the attempt is confirmed.
            let disputed = contradict(book, attempt, "")
                .is_some_and(|contradiction| book.knows(&contradiction.fact().key()))
                || payments.iter().any(|payment| payment.confirmed);
            let most = if disputed {
                u32::MAX
            } else {
                CONFIRM_WAIT_MAX_S
            };
            open.then(|| now + spread(waits.after(asks).min(most), jitter))
        }
        // Nothing more comes of it; but somebody must be there when the offer's time is over.
        AttemptState::Failed | AttemptState::Voided | AttemptState::Lapsed => {
            let run_out = book.open_until() + seconds(waits.grace_s);
            ends_it.then(|| run_out.max(no_answer(asks, waits, now, jitter)))
        }
        AttemptState::Issued => {
            let regular = now + spread(waits.transfer_s, jitter);
            let deadline = book
                .instructions(attempt)
                .and_then(|(_, instructions)| instructions.deadline);
            let last = deadline.map(|deadline| deadline + seconds(waits.grace_s));
            // A number can be paid until its deadline, whatever became of the order.
            if settled && last.is_none_or(|last| last <= now) {
                return None;
            }
            // Just after the deadline, if that comes before the regular time; then in the usual rhythm.
            Some(
                last.filter(|last| *last > now)
                    .map_or(regular, |last| regular.min(last)),
            )
        }
        AttemptState::HandedOver | AttemptState::Confirming => {
            // The page may be open still, also where the buyer has cancelled meanwhile or pays in another way.
            let closed =
                now > book.order().expires_at + seconds(waits.grace_s) + seconds(waits.grace_s);
            (ends_it || !closed).then(|| no_answer(asks, waits, now, jitter))
        }
    }
}

/// Returns when to ask again where the gateway has given no answer: silence ends nothing, and a question that is still
/// open does not wait for the next one of the plan, which may be days away.
#[must_use]
pub fn ask_again(
    book: &Book,
    attempt: &AttemptNo,
    asks: u32,
    waits: &Waits,
    now: Timestamp,
    jitter: u8,
) -> Timestamp {
    let soon = no_answer(asks, waits, now, jitter);
    next_ask(book, attempt, asks, waits, now, jitter).map_or(soon, |planned| planned.min(soon))
}

fn no_answer(asks: u32, waits: &Waits, now: Timestamp, jitter: u8) -> Timestamp {
    now + spread(waits.after(asks).min(UNPAID_WAIT_MAX_S), jitter)
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
