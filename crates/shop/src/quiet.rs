//! Keeps a flood out of the log: whoever sends forgeries must not be able to fill the disk with lines about them.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, PoisonError};

/// Over so long lines are counted together.
const WINDOW: SignedDuration = SignedDuration::from_secs(10);
/// So many lines are written in a window; all of them are counted in the metrics.
const LINES: u32 = 100;

/// Lets a hundred lines in ten seconds into the log, and knows how many it kept back.
#[derive(Default)]
pub struct Quiet(Mutex<Window>);

#[derive(Default)]
struct Window {
    began: Option<Timestamp>,
    lines: u32,
    kept_back: u64,
}

impl Quiet {
    /// Asks for a line at this time. Returns how many were kept back since the last window ended; `None` where this one
    /// is kept back too.
    pub fn line(&self, now: Timestamp) -> Option<u64> {
        let mut window = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back begins a new window as well.
        let same = window
            .began
            .is_some_and(|began| began <= now && now < began + WINDOW);
        let mut told = 0;
        if !same {
            told = window.kept_back;
            *window = Window {
                began: Some(now),
                ..Window::default()
            };
        }
        if window.lines < LINES {
            window.lines += 1;
            return Some(told);
        }
        window.kept_back += 1;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_a_hundred_lines_and_a_number() {
        let (quiet, start) = (Quiet::default(), Timestamp::UNIX_EPOCH);
        let lines = (0..5_000).filter_map(|_| quiet.line(start)).count();
        assert_eq!(lines, 100);
        assert_eq!(quiet.line(start + SignedDuration::from_secs(9)), None);
        assert_eq!(quiet.line(start + WINDOW), Some(4_901));
        assert_eq!(quiet.line(start + WINDOW), Some(0));
        // The clock was set back.
        assert_eq!(quiet.line(start), Some(0));
    }
}
