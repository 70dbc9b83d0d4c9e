//! The time, as it is handed to everything below. Tests and the sandbox run it faster than life.

use jiff::{SignedDuration, Timestamp};
use std::{sync::Arc, time::Duration, time::Instant};

/// Tells the time and waits by it.
#[derive(Clone, Debug)]
pub struct Clock {
    start: Arc<(Instant, Timestamp)>,
    rate: u32,
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
        }
    }

    /// Returns the time. At rate 1 it is the system's.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        if self.rate == 1 {
            return Timestamp::now();
        }
        let passed = self.start.0.elapsed().saturating_mul(self.rate);
        self.start.1 + SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX)
    }

    /// Waits so long by this clock.
    pub async fn sleep(&self, wait: Duration) {
        tokio::time::sleep(wait / self.rate).await;
    }
}
