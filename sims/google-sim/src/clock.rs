//! The sandbox's clock: real time, moved and stretched on demand. Token expiry and quotas follow it.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Milliseconds since 1970 on the sandbox's clock.
pub(crate) type Millis = i64;

/// Sandbox time as a line through (`real_base`, `sandbox_base`) with slope `rate`.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Clock {
    real_base: Millis,
    sandbox_base: Millis,
    /// Sandbox seconds per real second; 0 stands still.
    pub(crate) rate: u32,
}

impl Clock {
    /// Real time.
    pub(crate) fn real() -> Self {
        let now = real_now();
        Self {
            real_base: now,
            sandbox_base: now,
            rate: 1,
        }
    }

    /// Now, on this clock.
    pub(crate) fn now(&self) -> Millis {
        let elapsed = real_now().saturating_sub(self.real_base);
        self.sandbox_base
            .saturating_add(elapsed.saturating_mul(i64::from(self.rate)))
    }

    /// Moves forward by `ms` at once.
    pub(crate) fn advance(&mut self, ms: Millis) {
        *self = Self {
            real_base: real_now(),
            sandbox_base: self.now().saturating_add(ms),
            rate: self.rate,
        };
    }

    /// From now on `rate` sandbox seconds pass in each real one.
    pub(crate) fn set_rate(&mut self, rate: u32) {
        *self = Self {
            real_base: real_now(),
            sandbox_base: self.now(),
            rate,
        };
    }

    /// How far ahead of real time, in seconds.
    pub(crate) fn ahead_s(&self) -> i64 {
        self.now().saturating_sub(real_now()) / 1000
    }
}

fn real_now() -> Millis {
    Timestamp::now().as_millisecond()
}

/// RFC 3339 with milliseconds, in UTC.
pub(crate) fn rfc3339(ms: Millis) -> String {
    Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |t| format!("{t:.3}"))
}
