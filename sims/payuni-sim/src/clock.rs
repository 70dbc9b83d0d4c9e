//! The sandbox's own time: the wall clock, moved and sped up at will.

use jiff::Timestamp;
use jiff::tz::{self, TimeZone};
use serde::{Deserialize, Serialize};

/// Real time plus what was advanced, at a rate. Times are milliseconds since 1970 (UTC).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Clock {
    base_wall: i64,
    base_sandbox: i64,
    rate: u32,
}

impl Clock {
    /// A clock that shows the wall's time.
    #[must_use]
    pub fn real() -> Self {
        Self {
            base_wall: 0,
            base_sandbox: 0,
            rate: 1,
        }
    }

    /// What the sandbox's clock shows when the wall's shows `wall`.
    #[must_use]
    pub fn at(&self, wall: i64) -> i64 {
        let gone = wall
            .saturating_sub(self.base_wall)
            .saturating_mul(i64::from(self.rate));
        self.base_sandbox.saturating_add(gone)
    }

    /// Moves the sandbox's time forward.
    pub fn advance(&mut self, wall: i64, seconds: u32) {
        self.base_sandbox = self.at(wall).saturating_add(i64::from(seconds) * 1000);
        self.base_wall = wall;
    }

    /// Sandbox seconds to one real second; 0 stands still.
    pub fn set_rate(&mut self, wall: i64, rate: u32) {
        self.base_sandbox = self.at(wall);
        self.base_wall = wall;
        self.rate = rate;
    }

    /// Sandbox seconds to one real second.
    #[must_use]
    pub fn rate(&self) -> u32 {
        self.rate
    }

    /// Real milliseconds until the sandbox's clock shows `sandbox`; `None` while it stands still.
    #[must_use]
    pub fn wait_for(&self, wall: i64, sandbox: i64) -> Option<u64> {
        let missing = sandbox.saturating_sub(self.at(wall)).max(0);
        let rate = i64::from(self.rate);
        if missing == 0 {
            return Some(0);
        }
        (rate > 0).then(|| u64::try_from(missing.saturating_add(rate - 1) / rate).unwrap_or(0))
    }
}

/// The wall's time in milliseconds.
pub(crate) fn wall() -> i64 {
    Timestamp::now().as_millisecond()
}

fn taipei(ms: i64) -> jiff::Zoned {
    Timestamp::from_millisecond(ms)
        .unwrap_or(Timestamp::UNIX_EPOCH)
        .to_zoned(TimeZone::fixed(tz::offset(8)))
}

/// `YYYY-MM-DD HH:MM:SS` in Taipei, as PAYUNi writes times.
pub(crate) fn stamp(ms: i64) -> String {
    taipei(ms).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// `YYYYMMDD` and `HHMMSS` in Taipei (`AuthDay`, `AuthTime`).
pub(crate) fn day_and_time(ms: i64) -> (String, String) {
    let at = taipei(ms);
    (
        at.strftime("%Y%m%d").to_string(),
        at.strftime("%H%M%S").to_string(),
    )
}

/// The date in Taipei.
pub(crate) fn date(ms: i64) -> jiff::civil::Date {
    taipei(ms).date()
}

/// The last second of a day in Taipei, in milliseconds.
pub(crate) fn end_of(day: jiff::civil::Date) -> Option<i64> {
    let end = day
        .at(23, 59, 59, 0)
        .to_zoned(TimeZone::fixed(tz::offset(8)))
        .ok()?;
    Some(end.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advancing_and_rate_keep_time_continuous() {
        let mut clock = Clock::real();
        assert_eq!(clock.at(5_000), 5_000);
        clock.advance(5_000, 60);
        assert_eq!(clock.at(6_000), 66_000);
        clock.set_rate(6_000, 60);
        assert_eq!(clock.at(6_000), 66_000);
        assert_eq!(clock.at(7_000), 126_000);
        assert_eq!(clock.wait_for(7_000, 186_000), Some(1_000));
        clock.set_rate(7_000, 0);
        assert_eq!(
            (clock.at(99_000), clock.wait_for(7_000, 186_000)),
            (126_000, None)
        );
    }

    #[test]
    fn times_are_taipei_s() {
        // The real notice of fixture F1: TradeNo 1681141130… carries AuthDay 20230410, AuthTime 233850.
        assert_eq!(stamp(1_681_141_130_000), "2023-04-10 23:38:50");
        assert_eq!(
            day_and_time(1_681_141_130_000),
            ("20230410".to_owned(), "233850".to_owned())
        );
        assert_eq!(
            stamp(end_of(date(1_681_141_130_000)).unwrap()),
            "2023-04-10 23:59:59"
        );
    }
}
