//! Places at which a program can be made to die, by name.
//!
//! The program does not die by itself: it says on standard output that it has come to the place, and stands still there,
//! so that whoever watches it ends it with a real `SIGKILL`. No destructor runs, no buffer is flushed, and the other
//! threads are wherever they happen to be. Crates of the product use this behind their feature `crash-points` only;
//! `jinliu/tests/architecture.rs` holds that no other feature brings it.

use std::{
    env,
    io::Write,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    thread,
};

/// Where to stop: `K05:3` is the third time that the place K05 is come to.
pub const STOP_AT: &str = "CRASH_AT";
/// SQL that the writing connection is given after its own settings, to see what other settings would lose.
pub const PRAGMAS: &str = "CRASH_PRAGMAS";
/// How many times as fast as life the shop's clock runs.
pub const RATE: &str = "CRASH_CLOCK_RATE";
/// What the line on standard output begins with; the place's name follows.
pub const MARK: &str = "crash-point ";

struct Stop {
    point: String,
    left: AtomicU32,
}

fn stop() -> Option<&'static Stop> {
    static STOP: OnceLock<Option<Stop>> = OnceLock::new();
    STOP.get_or_init(|| parse(&env::var(STOP_AT).ok()?))
        .as_ref()
}

fn parse(text: &str) -> Option<Stop> {
    let (point, times) = text.split_once(':').unwrap_or((text, "1"));
    let left = AtomicU32::new(times.parse().ok().filter(|times| *times > 0)?);
    Some(Stop {
        point: point.to_owned(),
        left,
    })
}

/// Stops for ever, if this is the place and the time.
pub fn at(point: &str) {
    if comes_to(point) {
        stand(point);
    }
}

/// Counts one coming to the place; whether this is the time to stop. For places that must do something first.
#[must_use]
pub fn comes_to(point: &str) -> bool {
    stop().is_some_and(|stop| stop.point == point && stop.left.fetch_sub(1, Ordering::SeqCst) == 1)
}

/// Says where it is, and stands still.
pub fn stand(point: &str) {
    let mut out = std::io::stdout().lock();
    // Nobody listening is the same as nobody killing: it stands still all the same.
    drop(writeln!(out, "{MARK}{point}").and_then(|()| out.flush()));
    drop(out);
    loop {
        thread::park();
    }
}

/// The SQL of [`PRAGMAS`].
#[must_use]
pub fn pragmas() -> Option<String> {
    env::var(PRAGMAS).ok()
}

/// The rate of [`RATE`].
#[must_use]
pub fn rate() -> Option<u32> {
    env::var(RATE).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_name_and_a_number() {
        let read = |text| parse(text).map(|stop| (stop.point, stop.left.into_inner()));
        assert_eq!(read("K05"), Some(("K05".to_owned(), 1)));
        assert_eq!(read("K05:3"), Some(("K05".to_owned(), 3)));
        assert_eq!(read("K05:0"), None);
        assert_eq!(read("K05:x"), None);
    }

    #[test]
    fn nothing_stops_where_nothing_is_set() {
        assert!(!comes_to("K05"));
        at("K05");
    }
}
