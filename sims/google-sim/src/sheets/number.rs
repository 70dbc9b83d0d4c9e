//! Numbers as a spreadsheet has them: IEEE doubles, serial dates, and how they are shown.
#![expect(
    clippy::float_arithmetic,
    reason = "a cell's number is an IEEE double by Google's definition"
)]

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};
use serde_json::{Value, json};

use super::book::{Cell, CellValue};

/// Doubles are exact for integers up to here.
const EXACT: f64 = 9_007_199_254_740_992.0;
const DAY_S: f64 = 86_400.0;

/// A number as JSON: without a fraction where it has none.
pub(crate) fn json_number(n: f64) -> Value {
    if n.fract() == 0.0 && n.abs() < EXACT {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "checked: a whole number below 2^53"
        )]
        return json!(n as i64);
    }
    json!(n)
}

/// Day 0 of spreadsheets.
fn epoch() -> Date {
    Date::constant(1899, 12, 30)
}

/// A date as a serial number.
pub(crate) fn from_date(date: Date) -> f64 {
    date.since(epoch())
        .map_or(0.0, |span| f64::from(span.get_days()))
}

/// A time of day as a part of a day.
pub(crate) fn from_time(time: Time) -> f64 {
    f64::from(
        i32::from(time.hour()) * 3600 + i32::from(time.minute()) * 60 + i32::from(time.second()),
    ) / DAY_S
}

/// Date and time as a serial number.
pub(crate) fn from_date_time(when: DateTime) -> f64 {
    from_date(when.date()) + from_time(when.time())
}

/// Percent to a fraction.
pub(crate) fn percent(n: f64) -> f64 {
    n / 100.0
}

/// The other way; `None` outside the calendar.
fn to_date_time(serial: f64) -> Option<DateTime> {
    if !serial.is_finite() || serial.abs() > 3_000_000.0 {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "checked: below three million days"
    )]
    let (days, seconds) = (
        serial.floor() as i32,
        ((serial - serial.floor()) * DAY_S).round() as i64,
    );
    let midnight = epoch().checked_add(days.days()).ok()?.at(0, 0, 0, 0);
    midnight.checked_add(seconds.seconds()).ok()
}

/// What a cell shows: its value by its number format.
pub(crate) fn shown(cell: &Cell) -> String {
    match &cell.value {
        None => String::new(),
        Some(CellValue::Text(text) | CellValue::Formula(text)) => text.clone(),
        Some(CellValue::Bool(b)) => if *b { "TRUE" } else { "FALSE" }.to_owned(),
        Some(CellValue::Number(n)) => {
            let (kind, pattern) = format_of(cell);
            show_number(*n, &kind, &pattern)
        }
    }
}

/// The number format's type and pattern; both empty where there is none.
pub(crate) fn format_of(cell: &Cell) -> (String, String) {
    let format = cell.format.as_deref().and_then(|f| f.get("numberFormat"));
    let part = |name| {
        format
            .and_then(|f| f.get(name))
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned()
    };
    (part("type"), part("pattern"))
}

fn show_number(n: f64, kind: &str, pattern: &str) -> String {
    match kind {
        "TEXT" => general(n),
        "DATE" => show_time(
            n,
            if pattern.is_empty() {
                "yyyy/m/d"
            } else {
                pattern
            },
        ),
        "TIME" => show_time(
            n,
            if pattern.is_empty() {
                "h:mm:ss"
            } else {
                pattern
            },
        ),
        "DATE_TIME" => show_time(
            n,
            if pattern.is_empty() {
                "yyyy/m/d h:mm:ss"
            } else {
                pattern
            },
        ),
        "PERCENT" => show_pattern(n, if pattern.is_empty() { "0.00%" } else { pattern }),
        "CURRENCY" => show_pattern(
            n,
            if pattern.is_empty() {
                "$#,##0.00"
            } else {
                pattern
            },
        ),
        "SCIENTIFIC" => scientific(n, 2),
        _ if pattern.is_empty() => general(n),
        _ => show_pattern(n, pattern),
    }
}

/// Google's automatic format: what is needed, up to ten decimals; large ones in powers of ten.
pub(crate) fn general(n: f64) -> String {
    if n != 0.0 && (n.abs() >= 1e15 || n.abs() < 1e-9) {
        return scientific(n, 5);
    }
    let text = format!("{n:.10}");
    let trimmed = text.trim_end_matches('0').trim_end_matches('.');
    if trimmed == "-0" {
        "0".to_owned()
    } else {
        trimmed.to_owned()
    }
}

fn scientific(n: f64, decimals: usize) -> String {
    let text = format!("{n:.decimals$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return text;
    };
    let mantissa = if decimals > 2 && mantissa.contains('.') {
        mantissa.trim_end_matches('0').trim_end_matches('.')
    } else {
        mantissa
    };
    let (sign, digits) = exponent
        .strip_prefix('-')
        .map_or(('+', exponent), |d| ('-', d));
    format!("{mantissa}E{sign}{digits:0>2}")
}

/// Patterns of the kind `NT$#,##0.00` and `0.0%`.
fn show_pattern(n: f64, pattern: &str) -> String {
    let positive = pattern.split(';').next().unwrap_or(pattern);
    let is_digit = |c: char| matches!(c, '#' | '0' | ',' | '.' | '?');
    let (Some(start), Some(end)) = (positive.find(is_digit), positive.rfind(is_digit)) else {
        return general(n);
    };
    let core = positive.get(start..=end).unwrap_or_default();
    let clean = |s: &str| s.replace(['"', '\\', '[', ']'], "");
    let prefix = clean(positive.get(..start).unwrap_or_default());
    let suffix = clean(positive.get(end + 1..).unwrap_or_default());
    let value = if suffix.contains('%') { n * 100.0 } else { n };
    let (whole_pattern, fraction_pattern) = core.split_once('.').unwrap_or((core, ""));
    let most = fraction_pattern
        .chars()
        .filter(|c| matches!(c, '0' | '#'))
        .count();
    let least = fraction_pattern.chars().filter(|c| *c == '0').count();
    let text = format!("{:.most$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((text.as_str(), ""));
    let kept = fraction.trim_end_matches('0').len().max(least);
    let fraction = fraction.get(..kept).unwrap_or_default();
    let width = whole_pattern.chars().filter(|c| *c == '0').count();
    let mut whole = format!("{whole:0>width$}");
    if whole_pattern.contains(',') {
        whole = grouped(&whole);
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{prefix}{whole}{dot}{fraction}{suffix}")
}

fn grouped(digits: &str) -> String {
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// Patterns made of y, m, d, h, s: `yyyy-mm-dd hh:mm:ss`.
fn show_time(n: f64, pattern: &str) -> String {
    let Some(when) = to_date_time(n) else {
        return general(n);
    };
    let mut out = String::new();
    let mut rest = pattern;
    let mut after_hour = false;
    while let Some(c) = rest.chars().next() {
        let run = rest.chars().take_while(|x| *x == c).count();
        let number = match c {
            'y' | 'Y' => Some((i32::from(when.year()), if run > 2 { 4 } else { 2 })),
            'm' | 'M' if after_hour => Some((i32::from(when.minute()), run)),
            'm' | 'M' => Some((i32::from(when.month()), run)),
            'd' | 'D' => Some((i32::from(when.day()), run)),
            'h' | 'H' => Some((i32::from(when.hour()), run)),
            's' | 'S' => Some((i32::from(when.second()), run)),
            _ => None,
        };
        match number {
            Some((value, width)) => {
                let value = if matches!(c, 'y' | 'Y') && width == 2 {
                    value % 100
                } else {
                    value
                };
                out.push_str(&format!("{value:0>width$}"));
                after_hour = matches!(c, 'h' | 'H');
            }
            None => out.extend(rest.chars().take(run).filter(|c| *c != '"')),
        }
        rest = rest.get(c.len_utf8() * run..).unwrap_or_default();
    }
    out
}
