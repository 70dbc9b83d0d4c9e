//! `USER_ENTERED`: text parsed as if a person had typed it.

use jiff::civil::{Date, Time};
use serde_json::{Value, json};

use super::book::CellValue;
use super::number;

/// A typed text as a value, with the number format that typing it gives the cell.
/// `None` for nothing typed.
pub(crate) fn user_entered(text: &str, this_year: i16) -> (Option<CellValue>, Option<Value>) {
    if text.is_empty() {
        return (None, None);
    }
    if let Some(literal) = text.strip_prefix('\'') {
        return (Some(CellValue::Text(literal.to_owned())), None);
    }
    if text.len() > 1 && text.starts_with('=') {
        return (Some(CellValue::Formula(text.to_owned())), None);
    }
    let trimmed = text.trim();
    match trimmed.to_ascii_uppercase().as_str() {
        "TRUE" => return (Some(CellValue::Bool(true)), None),
        "FALSE" => return (Some(CellValue::Bool(false)), None),
        _ => {}
    }
    let parsed = plain(trimmed)
        .or_else(|| percentage(trimmed))
        .or_else(|| currency(trimmed))
        .or_else(|| moment(trimmed, this_year));
    match parsed {
        Some((n, format)) => (Some(CellValue::Number(n)), format),
        None => (Some(CellValue::Text(text.to_owned())), None),
    }
}

type Parsed = Option<(f64, Option<Value>)>;

fn format(kind: &str, pattern: &str) -> Option<Value> {
    Some(json!({"type": kind, "pattern": pattern}))
}

/// Digits with an optional sign, decimals and groups of three; no exponent.
fn decimal(text: &str) -> Option<(f64, bool)> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let grouped = whole.contains(',');
    if grouped {
        let mut groups = whole.split(',');
        let first = groups.next()?;
        let fits = (1..=3).contains(&first.len())
            && digits(first)
            && groups.all(|g| g.len() == 3 && digits(g));
        if !fits {
            return None;
        }
    } else if !digits(whole) {
        return None;
    }
    if !digits(fraction) || (whole.is_empty() && fraction.is_empty()) {
        return None;
    }
    text.replace(',', "").parse().ok().map(|n| (n, grouped))
}

fn plain(text: &str) -> Parsed {
    if let Some((n, grouped)) = decimal(text) {
        let pattern = if text.contains('.') {
            "#,##0.00"
        } else {
            "#,##0"
        };
        return Some((
            n,
            if grouped {
                format("NUMBER", pattern)
            } else {
                None
            },
        ));
    }
    let (mantissa, exponent) = text.split_once(['e', 'E'])?;
    let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
    if digits.is_empty() || digits.len() > 3 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    decimal(mantissa)?;
    let n: f64 = text.replace(',', "").parse().ok()?;
    n.is_finite().then(|| (n, format("SCIENTIFIC", "0.00E+00")))
}

fn percentage(text: &str) -> Parsed {
    let (n, _) = decimal(text.strip_suffix('%')?.trim_end())?;
    let pattern = if text.contains('.') { "0.00%" } else { "0%" };
    Some((number::percent(n), format("PERCENT", pattern)))
}

fn currency(text: &str) -> Parsed {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |r| ("-", r));
    let (symbol, amount) = ["NT$", "$"]
        .iter()
        .find_map(|s| rest.strip_prefix(s).map(|amount| (*s, amount)))?;
    let (n, _) = decimal(&format!("{sign}{}", amount.trim_start()))?;
    let decimals = if amount.contains('.') { ".00" } else { "" };
    let literal = if symbol == "$" {
        "$".to_owned()
    } else {
        format!("\"{symbol}\"")
    };
    Some((n, format("CURRENCY", &format!("{literal}#,##0{decimals}"))))
}

fn moment(text: &str, this_year: i16) -> Parsed {
    if let Some((time, seconds)) = clock(text) {
        return Some((
            number::from_time(time),
            format("TIME", if seconds { "h:mm:ss" } else { "h:mm" }),
        ));
    }
    let (day, rest) = match text.split_once([' ', 'T']) {
        Some((day, rest)) => (day, Some(rest)),
        None => (text, None),
    };
    let (date, pattern) = calendar(day, this_year)?;
    let Some(rest) = rest else {
        return Some((number::from_date(date), format("DATE", pattern)));
    };
    let (time, _) = clock(rest)?;
    let pattern = format!("{pattern} h:mm:ss");
    Some((
        number::from_date_time(date.to_datetime(time)),
        format("DATE_TIME", &pattern),
    ))
}

/// `13:11` or `13:11:57`.
fn clock(text: &str) -> Option<(Time, bool)> {
    let parts: Vec<&str> = text.split(':').collect();
    let number = |s: &str| {
        if (1..=2).contains(&s.len()) {
            s.parse::<i8>().ok()
        } else {
            None
        }
    };
    match parts.as_slice() {
        [h, m] => Some((Time::new(number(h)?, number(m)?, 0, 0).ok()?, false)),
        [h, m, s] => Some((Time::new(number(h)?, number(m)?, number(s)?, 0).ok()?, true)),
        _ => None,
    }
}

/// `2026-02-03`, `2026/2/3`, and in this year `2/3`.
fn calendar(text: &str, this_year: i16) -> Option<(Date, &'static str)> {
    let separator = if text.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = text.split(separator).collect();
    let all_digits = parts
        .iter()
        .all(|p| !p.is_empty() && p.len() <= 4 && p.bytes().all(|b| b.is_ascii_digit()));
    if !all_digits {
        return None;
    }
    match parts.as_slice() {
        [y, m, d] if y.len() == 4 => {
            let pattern = if separator == '-' {
                "yyyy-mm-dd"
            } else {
                "yyyy/m/d"
            };
            Some((
                Date::new(y.parse().ok()?, m.parse().ok()?, d.parse().ok()?).ok()?,
                pattern,
            ))
        }
        [m, d] if m.len() <= 2 && d.len() <= 2 => {
            let pattern = if separator == '-' { "m-d" } else { "m/d" };
            Some((
                Date::new(this_year, m.parse().ok()?, d.parse().ok()?).ok()?,
                pattern,
            ))
        }
        _ => None,
    }
}
