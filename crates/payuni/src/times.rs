use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{self, Offset};

/// Taipei has kept +08:00 without summer time since 1979.
pub const TAIPEI: Offset = tz::offset(8);

/// Reads `YYYY-MM-DD HH:MM:SS`, Taipei time. Nothing for `0000-00-00 00:00:00`, which PAYUNi sends for "never", and for
/// what is no time at all.
#[must_use]
pub fn parse_time(text: &str) -> Option<Timestamp> {
    shaped(text, "dddd-dd-dd dd:dd:dd")
        .then(|| DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok())
        .flatten()
        .and_then(from_taipei)
}

/// Reads a card's `AuthDay` (`YYYYMMDD`) and `AuthTime` (`HHMMSS`), Taipei time.
#[must_use]
pub fn parse_auth_time(day: &str, time: &str) -> Option<Timestamp> {
    let shaped = shaped(day, "dddddddd") && shaped(time, "dddddd");
    shaped
        .then(|| DateTime::strptime("%Y%m%d%H%M%S", format!("{day}{time}")).ok())
        .flatten()
        .and_then(from_taipei)
}

/// The date in Taipei at this moment.
#[must_use]
pub fn taipei_date(at: Timestamp) -> Date {
    taipei(at).date()
}

/// What the clock on the wall in Taipei shows at this moment.
#[must_use]
pub fn taipei(at: Timestamp) -> DateTime {
    TAIPEI.to_datetime(at)
}

fn from_taipei(civil: DateTime) -> Option<Timestamp> {
    TAIPEI.to_timestamp(civil).ok()
}

fn shaped(text: &str, pattern: &str) -> bool {
    // A leap second would be read as the second before it, so that one moment had two spellings.
    let leaps = text.ends_with("60");
    text.len() == pattern.len()
        && !leaps
        && text.bytes().zip(pattern.bytes()).all(|(b, p)| {
            if p == b'd' {
                b.is_ascii_digit()
            } else {
                b == p
            }
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn taipei_is_eight_hours_ahead() {
        // A TradeNo of PAYUNi's sandbox begins with the seconds of its creation: 1681141130, seen beside this local time.
        let at = parse_time("2023-04-10 23:38:50").unwrap();
        assert_eq!(at.as_second(), 1_681_141_130);
        assert_eq!(parse_auth_time("20230410", "233850"), Some(at));
        assert_eq!(taipei(at).to_string(), "2023-04-10T23:38:50");
    }

    #[test]
    fn what_is_no_time_is_nothing() {
        for text in [
            "0000-00-00 00:00:00",
            "",
            "-",
            "2023-02-30 00:00:00",
            "2023-04-10T23:38:50",
            "2023-04-10 24:00:00",
            "2023-04-10 23:38:60",
            "２０２３-04-10 23:38:50",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
        assert_eq!(parse_auth_time("2023041", "0233850"), None);
        assert_eq!(parse_auth_time("20230410", "233860"), None);
    }
}
