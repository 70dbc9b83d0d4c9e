//! The time, as it is handed to everything below. Tests and the sandbox run it faster than life, a simulation by hand.

use jiff::{SignedDuration, Timestamp};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

/// Tells the time and waits by it.
#[derive(Clone, Debug)]
pub struct Clock {
    start: Arc<(Instant, Timestamp)>,
    rate: u32,
    hand: Option<Hand>,
}

/// Sets a clock that does not run by itself.
#[derive(Clone, Debug)]
pub struct Hand(Arc<AtomicI64>);

impl Hand {
    /// Sets the time, in whole milliseconds. It may go back, as a system's clock may.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_millisecond(), Ordering::SeqCst);
    }

    fn now(&self) -> Timestamp {
        let ms = self.0.load(Ordering::SeqCst);
        Timestamp::from_millisecond(ms).unwrap_or(Timestamp::MAX)
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::with_rate(1)
    }
}

impl Clock {
    /// A clock that starts now and runs `rate` times as fast as life; at least once.
    #[must_use]
    pub fn with_rate(rate: u32) -> Self {
        Self {
            start: Arc::new((Instant::now(), Timestamp::now())),
            rate: rate.max(1),
            hand: None,
        }
    }

    /// A clock that stands still but for its hand. Whoever waits by it waits for ever.
    #[must_use]
    pub fn by_hand(now: Timestamp) -> (Self, Hand) {
        let hand = Hand(Arc::new(AtomicI64::new(now.as_millisecond())));
        let clock = Self {
            hand: Some(hand.clone()),
            ..Self::with_rate(1)
        };
        (clock, hand)
    }

    /// Returns the time. At rate 1 it is the system's.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        if let Some(hand) = &self.hand {
            return hand.now();
        }
        if self.rate == 1 {
            return Timestamp::now();
        }
        let passed = self.start.0.elapsed().saturating_mul(self.rate);
        self.start.1 + SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX)
    }

    /// Waits so long by this clock.
    pub async fn sleep(&self, wait: Duration) {
        if self.hand.is_some() {
            return std::future::pending().await;
        }
        tokio::time::sleep(wait / self.rate).await;
    }
}
