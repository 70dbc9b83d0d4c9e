//! Where in a spreadsheet: A1 notation, written by us and read from Google's echo.

use std::fmt;

/// A range of one tab. Columns count from 0, rows from 1; an end may be open.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct A1 {
    tab: String,
    columns: Option<(u32, u32)>,
    rows: Option<(u32, Option<u32>)>,
}

impl A1 {
    /// All of a tab.
    #[must_use]
    pub fn tab(tab: &str) -> Self {
        Self {
            tab: tab.to_owned(),
            columns: None,
            rows: None,
        }
    }

    /// One whole row: `'T'!1:1`.
    #[must_use]
    pub fn row(tab: &str, row: u32) -> Self {
        Self {
            rows: Some((row, Some(row))),
            ..Self::tab(tab)
        }
    }

    /// One whole column: `'T'!A:A`.
    #[must_use]
    pub fn column(tab: &str, column: u32) -> Self {
        Self {
            columns: Some((column, column)),
            ..Self::tab(tab)
        }
    }

    /// A block, ends included: `'T'!A2:C5`.
    #[must_use]
    pub fn block(tab: &str, columns: (u32, u32), rows: (u32, u32)) -> Self {
        Self {
            tab: tab.to_owned(),
            columns: Some(columns),
            rows: Some((rows.0, Some(rows.1))),
        }
    }

    /// From a row down to the end of the grid: `'T'!A5:Z`.
    #[must_use]
    pub fn from_row(tab: &str, columns: (u32, u32), row: u32) -> Self {
        Self {
            tab: tab.to_owned(),
            columns: Some(columns),
            rows: Some((row, None)),
        }
    }

    /// The tab's title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.tab
    }

    /// First and last column, from 0; `None` for all.
    #[must_use]
    pub fn columns(&self) -> Option<(u32, u32)> {
        self.columns
    }

    /// First and last row, from 1; `None` for all, or for no end.
    #[must_use]
    pub fn rows(&self) -> Option<(u32, Option<u32>)> {
        self.rows
    }
}

impl fmt::Display for A1 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.tab.replace('\'', "''"))?;
        match (self.columns, self.rows) {
            (None, None) => Ok(()),
            (None, Some((from, to))) => write!(f, "!{from}:{}", to.unwrap_or(from)),
            (Some((from, to)), None) => write!(f, "!{}:{}", letters(from), letters(to)),
            (Some((first, last)), Some((from, to))) => {
                write!(f, "!{}{from}:{}", letters(first), letters(last))?;
                to.map_or(Ok(()), |to| write!(f, "{to}"))
            }
        }
    }
}

/// A, B, … Z, AA, …
pub(crate) fn letters(column: u32) -> String {
    let mut text = Vec::new();
    let mut rest = column.saturating_add(1);
    while rest > 0 {
        rest -= 1;
        text.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    text.iter().rev().collect()
}

/// The last column (from 0) and row (from 1) of a range that Google echoed, which it clips to the grid: `'T'!A1:Z1000` ends at
/// (25, 1000). `None` where the echo has no such end.
pub(crate) fn echoed_end(range: &str) -> Option<(u32, u32)> {
    let cells = range.rsplit_once('!').map_or(range, |(_, cells)| cells);
    let end = cells.rsplit_once(':').map_or(cells, |(_, end)| end);
    let digits = end.find(|c: char| c.is_ascii_digit())?;
    let (column, row) = end.split_at(digits);
    if column.is_empty() {
        return None;
    }
    let mut number = 0_u32;
    for c in column.bytes() {
        let digit = c
            .to_ascii_uppercase()
            .checked_sub(b'A')
            .filter(|d| *d < 26)?;
        number = number.checked_mul(26)?.checked_add(u32::from(digit) + 1)?;
    }
    Some((number - 1, row.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notation() {
        assert_eq!(A1::tab("訂單").to_string(), "'訂單'");
        assert_eq!(A1::row("It's", 1).to_string(), "'It''s'!1:1");
        assert_eq!(A1::column("T", 27).to_string(), "'T'!AB:AB");
        assert_eq!(A1::block("T", (0, 2), (2, 5)).to_string(), "'T'!A2:C5");
        assert_eq!(A1::from_row("T", (0, 25), 5).to_string(), "'T'!A5:Z");
    }

    #[test]
    fn letters_and_back() {
        for (column, text) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (51, "AZ"),
            (52, "BA"),
            (701, "ZZ"),
            (702, "AAA"),
            (18277, "ZZZ"),
        ] {
            assert_eq!(letters(column), text);
            assert_eq!(echoed_end(&format!("T!A1:{text}7")), Some((column, 7)));
        }
    }

    #[test]
    fn echoes() {
        assert_eq!(echoed_end("Orders!A1:A1000"), Some((0, 1000)));
        assert_eq!(echoed_end("'a!b:c'!A1:C3"), Some((2, 3)));
        assert_eq!(echoed_end("Orders!B7"), Some((1, 7)));
        for none in [
            "Orders!A:A",
            "Orders!1:1",
            "",
            "Orders",
            "T!A1:ZZZZZZZZZ1",
            "T!A1:9",
            "T!:A",
        ] {
            assert_eq!(echoed_end(none), None, "{none}");
        }
    }
}
