//! What a cell holds: text and whole numbers, so that what goes in comes out.

use serde_json::{Number, Value};

/// Beyond this a number in a sheet, which is a double, loses digits.
const SAFE_INTEGER: i64 = (1 << 53) - 1;
/// Google allows 50 000 characters; counted here in UTF-16 units, the stricter way.
const MAX_TEXT: usize = 49_000;

/// What a cell holds. No fractions: money is whole dollars, times and ids are text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Text, literally. For text that a customer typed see [`Cell::customer_text`].
    Text(String),
    /// A whole number. Written as text where a double would lose digits.
    Integer(i64),
    /// Yes or no.
    Bool(bool),
    /// Nothing. Writing it clears the cell.
    Empty,
}

impl Cell {
    /// Text that a customer had a hand in, made harmless wherever the owner takes it.
    ///
    /// RAW keeps Google from reading it as a formula. But owners export to CSV, and the spreadsheet program that opens the file
    /// reads anew: so text whose first character (white space aside) is one of `= + - @`, their full-width forms, or that begins
    /// with a tab, a carriage return or a NUL, gets a `'` in front. The quote is stored and seen.
    #[must_use]
    pub fn customer_text(text: &str) -> Self {
        let first = text.chars().next();
        let risky = matches!(first, Some('\t' | '\r' | '\0'))
            || matches!(
                text.trim_start_matches(|c: char| c.is_whitespace()
                    || c == '\u{feff}'
                    || c == '\u{200b}')
                    .chars()
                    .next(),
                Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠')
            );
        Self::Text(if risky {
            format!("'{text}")
        } else {
            text.to_owned()
        })
    }

    /// The text in it, also where a person's typing turned text into a number: "007" that became 7 is "7".
    #[must_use]
    pub fn to_text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Integer(number) => number.to_string(),
            Self::Bool(true) => "TRUE".to_owned(),
            Self::Bool(false) => "FALSE".to_owned(),
            Self::Empty => String::new(),
        }
    }

    /// Whether a person sees nothing in it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            Self::Integer(_) | Self::Bool(_) => false,
        }
    }

    /// Cuts text that is too long for a cell; tells whether it did.
    pub(crate) fn cut(&mut self) -> bool {
        let Self::Text(text) = self else { return false };
        let mut units = 0;
        let too_long = text.char_indices().find(|(_, c)| {
            units += c.len_utf16();
            units > MAX_TEXT
        });
        let Some((at, _)) = too_long else {
            return false;
        };
        text.truncate(at);
        text.push('…');
        true
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.clone()),
            Self::Integer(number) if (-SAFE_INTEGER..=SAFE_INTEGER).contains(number) => {
                Value::from(*number)
            }
            Self::Integer(number) => Value::String(number.to_string()),
            Self::Bool(yes) => Value::Bool(*yes),
            Self::Empty => Value::String(String::new()),
        }
    }

    pub(crate) fn from_json(value: &Value) -> Self {
        match value {
            Value::String(text) if text.is_empty() => Self::Empty,
            Value::String(text) => Self::Text(text.clone()),
            Value::Bool(yes) => Self::Bool(*yes),
            Value::Number(number) => from_number(number),
            Value::Null => Self::Empty,
            Value::Array(_) | Value::Object(_) => Self::Text(value.to_string()),
        }
    }

    pub(crate) fn weight(&self) -> usize {
        match self {
            Self::Text(text) => text.len() + 8,
            Self::Integer(_) => 20,
            Self::Bool(_) | Self::Empty => 6,
        }
    }
}

/// Whole numbers as such, whatever their notation; the rest as the text of the number.
fn from_number(number: &Number) -> Cell {
    let text = number.to_string();
    let whole = text.strip_suffix(".0").unwrap_or(&text);
    match whole.parse() {
        Ok(0) => Cell::Integer(0),
        Ok(integer) if (-SAFE_INTEGER..=SAFE_INTEGER).contains(&integer) => Cell::Integer(integer),
        _ => Cell::Text(text),
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<bool> for Cell {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive_or_become_text() {
        assert_eq!(
            Cell::Integer(9_007_199_254_740_991).to_json(),
            serde_json::json!(9_007_199_254_740_991_i64)
        );
        assert_eq!(
            Cell::Integer(9_007_199_254_740_992).to_json(),
            serde_json::json!("9007199254740992")
        );
        for (json, cell) in [
            ("120", Cell::Integer(120)),
            ("120.0", Cell::Integer(120)),
            ("-0.0", Cell::Integer(0)),
            ("1.5", Cell::from("1.5")),
            ("110169484474386276334", Cell::from("110169484474386276334")),
            ("\"007\"", Cell::from("007")),
            ("\"\"", Cell::Empty),
            ("null", Cell::Empty),
            ("true", Cell::Bool(true)),
        ] {
            let read = Cell::from_json(&serde_json::from_str(json).unwrap());
            // A double of that size has lost its last digits already: it must not pass for an integer.
            if json.len() > 20 {
                assert!(matches!(read, Cell::Text(_)), "{json} {read:?}");
            } else {
                assert_eq!(read, cell, "{json}");
            }
        }
    }

    #[test]
    fn formulas_are_made_text() {
        for text in [
            "=1+1",
            "+886",
            "-1",
            "@x",
            "\tx",
            "\r=1",
            "\0",
            "＝1",
            "＋1",
            "－1",
            "＠a",
            "  =1",
            "\u{feff}=1",
        ] {
            assert_eq!(
                Cell::customer_text(text),
                Cell::Text(format!("'{text}")),
                "{text:?}"
            );
        }
        for text in ["", "王小明", "a=b", "0912-345-678", "'=1"] {
            assert_eq!(Cell::customer_text(text), Cell::from(text));
        }
    }

    #[test]
    fn long_text_is_cut() {
        let mut cell = Cell::from("字".repeat(60_000));
        assert!(cell.cut());
        assert_eq!(cell.to_text().chars().count(), MAX_TEXT + 1);
        assert!(!Cell::from("短").cut());
    }
}
