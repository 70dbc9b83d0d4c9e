//! How fast, and how long to wait.
//!
//! Google allows a service account 60 reads and 60 writes a minute, and advises one request a second per spreadsheet.

use std::collections::VecDeque;
use std::fmt;
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::Mutex;

use crate::service_account::Clock;
use crate::sheets::{A1, RangeWrite, Request, SheetsError, Spreadsheet, ValueRange};
use crate::tables::Grid;

const MINUTE: SignedDuration = SignedDuration::from_secs(60);
const LONGEST: Duration = Duration::from_secs(64);

/// What a request does; Google counts the two apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Call {
    /// Gets.
    Read,
    /// Changes.
    Write,
}

/// Hands out moments for requests: at most one write a second, and at most 50 of either kind in any minute.
#[derive(Debug, Clone, Default)]
pub struct Pace {
    reads: Lane,
    writes: Lane,
    not_before: Option<Timestamp>,
    asked_at: Option<Timestamp>,
}

#[derive(Debug, Clone, Default)]
struct Lane {
    /// Of the last minute, oldest first.
    given: VecDeque<Timestamp>,
}

impl Pace {
    /// Requests of a kind in any minute: ten fewer than Google allows.
    pub const PER_MINUTE: usize = 50;
    /// Between two writes.
    pub const WRITE_GAP: SignedDuration = SignedDuration::from_secs(1);

    /// Nothing given out yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The earliest moment, not before `now`, at which this request may go out. It counts as used.
    pub fn next_slot(&mut self, call: Call, now: Timestamp) -> Timestamp {
        // A clock that was set back must not stop us for as long as it was ahead.
        if self
            .asked_at
            .is_some_and(|then| then.duration_since(now) > MINUTE)
        {
            *self = Self::default();
        }
        self.asked_at = Some(now);
        let (lane, gap) = match call {
            Call::Read => (&mut self.reads, SignedDuration::ZERO),
            Call::Write => (&mut self.writes, Self::WRITE_GAP),
        };
        let earliest = self.not_before.map_or(now, |at| at.max(now));
        lane.give(earliest, gap)
    }

    /// Nothing goes out before this moment: Google asked to wait.
    pub fn hold_until(&mut self, at: Timestamp) {
        self.not_before = Some(self.not_before.map_or(at, |known| known.max(at)));
    }
}

impl Lane {
    fn give(&mut self, earliest: Timestamp, gap: SignedDuration) -> Timestamp {
        let mut slot = earliest;
        if let Some(last) = self.given.back() {
            slot = slot.max(later(*last, gap));
        }
        if let Some(nth) = self.given.len().checked_sub(Pace::PER_MINUTE) {
            slot = slot.max(later(self.given[nth], MINUTE));
        }
        self.given.push_back(slot);
        while self.given.len() > Pace::PER_MINUTE {
            self.given.pop_front();
        }
        slot
    }
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.saturating_add(by).unwrap_or(at)
}

/// How long to wait before try number `failures + 1`: 2ⁿ seconds and up to one more, at most 64 s. `jitter_millis` is random.
#[must_use]
pub fn backoff(failures: u32, jitter_millis: u16) -> Duration {
    let seconds = 2_u64.saturating_pow(failures).min(LONGEST.as_secs());
    let jitter = Duration::from_millis(u64::from(jitter_millis.min(1000)));
    (Duration::from_secs(seconds) + jitter).min(LONGEST)
}

/// How long until Google fills the quota again: the rest of this minute, at least a second.
#[must_use]
pub fn to_next_minute(now: Timestamp) -> Duration {
    let rest = 60 - now.as_second().rem_euclid(60);
    Duration::from_secs(rest.unsigned_abs().max(1))
}

/// A grid whose requests wait for their slot: what a table does in one session may be several requests.
pub struct Paced<G> {
    grid: G,
    clock: Clock,
    sleep: Sleep,
    pace: Mutex<Pace>,
}

/// Waits so long by the same clock that tells the time.
pub type Sleep = Arc<dyn Fn(Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> + Send + Sync>;

impl<G: Grid> Paced<G> {
    /// `clock` tells the time that the pace is kept by; the waiting is real, unless [`Paced::with_sleep`] says otherwise.
    pub fn new(grid: G, clock: Clock) -> Self {
        Self {
            grid,
            clock,
            sleep: Arc::new(|wait| Box::pin(tokio::time::sleep(wait))),
            pace: Mutex::new(Pace::new()),
        }
    }

    /// Waits by another clock than life's, one that runs faster.
    #[must_use]
    pub fn with_sleep(mut self, sleep: Sleep) -> Self {
        self.sleep = sleep;
        self
    }

    async fn wait(&self, call: Call) {
        let now = (self.clock)();
        let slot = self.pace.lock().await.next_slot(call, now);
        if let Ok(wait) = Duration::try_from(slot.duration_since(now)) {
            (self.sleep)(wait).await;
        }
    }

    async fn heed<T>(&self, outcome: Result<T, SheetsError>) -> Result<T, SheetsError> {
        if let Err(SheetsError::Retry { after, .. }) = &outcome
            && let Ok(after) = SignedDuration::try_from(*after)
        {
            self.pace
                .lock()
                .await
                .hold_until(later((self.clock)(), after));
        }
        outcome
    }
}

impl<G> fmt::Debug for Paced<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Paced(..)")
    }
}

#[async_trait]
impl<G: Grid> Grid for Paced<G> {
    async fn spreadsheet(&self) -> Result<Spreadsheet, SheetsError> {
        self.wait(Call::Read).await;
        self.heed(self.grid.spreadsheet().await).await
    }

    async fn batch_get(&self, ranges: &[A1]) -> Result<Vec<ValueRange>, SheetsError> {
        self.wait(Call::Read).await;
        self.heed(self.grid.batch_get(ranges).await).await
    }

    async fn values_batch_update(&self, writes: &[RangeWrite]) -> Result<(), SheetsError> {
        self.wait(Call::Write).await;
        self.heed(self.grid.values_batch_update(writes).await).await
    }

    async fn batch_update(&self, requests: &[Request]) -> Result<(), SheetsError> {
        self.wait(Call::Write).await;
        self.heed(self.grid.batch_update(requests).await).await
    }

    fn editor(&self) -> &str {
        self.grid.editor()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    #[test]
    fn writes_a_second_apart_and_fifty_a_minute() {
        let mut pace = Pace::new();
        let slots: Vec<_> = (0..200)
            .map(|_| pace.next_slot(Call::Write, at(0)))
            .collect();
        assert_eq!(slots[0], at(0));
        assert_eq!(slots[49], at(49));
        assert_eq!(slots[50], at(60));
        for pair in slots.windows(2) {
            assert!(pair[1].duration_since(pair[0]) >= Pace::WRITE_GAP);
        }
        for window in slots.windows(51) {
            assert!(
                window[50].duration_since(window[0]) >= MINUTE,
                "{} {}",
                window[0],
                window[50]
            );
        }
    }

    #[test]
    fn reads_have_their_own_count_and_no_gap() {
        let mut pace = Pace::new();
        for _ in 0..50 {
            assert_eq!(pace.next_slot(Call::Read, at(0)), at(0));
        }
        assert_eq!(pace.next_slot(Call::Read, at(1)), at(60));
        assert_eq!(pace.next_slot(Call::Write, at(1)), at(1));
        assert_eq!(pace.next_slot(Call::Read, at(500)), at(500));
    }

    #[test]
    fn a_hold_is_kept_and_a_clock_set_back_does_not_stop_us() {
        let mut pace = Pace::new();
        pace.hold_until(at(30));
        pace.hold_until(at(10));
        assert_eq!(pace.next_slot(Call::Write, at(0)), at(30));
        assert_eq!(pace.next_slot(Call::Write, at(40)), at(40));
        let mut pace = Pace::new();
        pace.next_slot(Call::Write, at(86_400));
        assert_eq!(pace.next_slot(Call::Write, at(0)), at(0));
    }

    #[test]
    fn backoff_doubles_up_to_a_limit() {
        assert_eq!(backoff(0, 0), Duration::from_secs(1));
        assert_eq!(backoff(3, 250), Duration::from_millis(8250));
        assert_eq!(backoff(6, 1000), LONGEST);
        assert_eq!(backoff(u32::MAX, u16::MAX), LONGEST);
    }

    #[test]
    fn the_rest_of_the_minute() {
        assert_eq!(
            to_next_minute("2026-05-01T00:00:15Z".parse().unwrap()),
            Duration::from_secs(45)
        );
        assert_eq!(
            to_next_minute("2026-05-01T00:00:00Z".parse().unwrap()),
            Duration::from_secs(60)
        );
        assert_eq!(
            to_next_minute("2026-05-01T00:00:59.5Z".parse().unwrap()),
            Duration::from_secs(1)
        );
    }
}
