//! What a spreadsheet consists of, and values on their way in and out.

use serde_json::{Value, json};

use super::{A1, Cell};

/// Which spreadsheet: the part of its address between `/d/` and `/edit`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpreadsheetId(String);

impl SpreadsheetId {
    /// Takes the id, or the whole address from the browser. `None` where neither is recognised.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let id = match text.split_once("/spreadsheets/d/") {
            Some((_, rest)) => rest.split(['/', '?', '#']).next().unwrap_or_default(),
            None => text,
        };
        let fits = (1..=128).contains(&id.len())
            && id
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        fits.then(|| Self(id.to_owned()))
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a spreadsheet consists of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spreadsheet {
    /// Its title.
    pub title: String,
    /// The locale and time zone that people see it in.
    pub locale: String,
    /// IANA name.
    pub time_zone: String,
    /// Its tabs, from left to right; charts and other sheets without a grid are left out.
    pub tabs: Vec<Tab>,
}

/// A tab.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tab {
    /// Stays when the tab is renamed.
    pub sheet_id: i64,
    /// What people see.
    pub title: String,
    /// Rows in the grid, empty ones too.
    pub rows: u32,
    /// Columns in the grid.
    pub columns: u32,
    /// Rows that do not scroll away.
    pub frozen_rows: u32,
    /// What is protected in it.
    pub protected: Vec<Protected>,
}

/// A protected range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protected {
    /// As we or a person described it.
    pub description: String,
    /// Whether it only warns.
    pub warning_only: bool,
}

/// Values of a range, as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ValueRange {
    /// The range as Google echoes it: clipped to the grid.
    pub range: String,
    /// Rows, without empty ones at the end; each without empty cells at its end.
    pub rows: Vec<Vec<Cell>>,
}

/// Values for a range. `None` leaves a cell as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeWrite {
    /// Where.
    pub range: A1,
    /// What, row by row.
    pub rows: Vec<Vec<Option<Cell>>>,
}

impl RangeWrite {
    pub(super) fn to_json(&self) -> Value {
        let row = |row: &Vec<Option<Cell>>| -> Value {
            row.iter()
                .map(|cell| cell.as_ref().map_or(Value::Null, Cell::to_json))
                .collect()
        };
        json!({
            "range": self.range.to_string(),
            "majorDimension": "ROWS",
            "values": self.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }

    /// About how many bytes it takes on the wire.
    #[must_use]
    pub fn weight(&self) -> usize {
        let cells = |row: &Vec<Option<Cell>>| {
            row.iter()
                .map(|c| c.as_ref().map_or(5, Cell::weight))
                .sum::<usize>()
        };
        self.rows.iter().map(cells).sum::<usize>() + 80
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_or_an_address() {
        for text in [
            "abc-_1",
            " abc-_1\n",
            "https://docs.google.com/spreadsheets/d/abc-_1/edit?gid=0#gid=0",
        ] {
            assert_eq!(
                SpreadsheetId::parse(text).unwrap().as_str(),
                "abc-_1",
                "{text}"
            );
        }
        for text in [
            "",
            "a/b",
            "../x",
            "a b",
            "https://docs.google.com/spreadsheets/d//edit",
            "名",
        ] {
            assert_eq!(SpreadsheetId::parse(text), None, "{text}");
        }
    }
}
