//! A1 notation: how ranges are written, read and echoed.

use serde::{Deserialize, Serialize};

use super::book::{Book, Tab};
use super::error::ApiError;

/// Google's last column, ZZZ.
const MAX_COLUMNS: u32 = 18_278;

/// A rectangle, half-open and counted from 0; a missing end is unbounded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Area {
    pub(crate) r0: u32,
    pub(crate) r1: Option<u32>,
    pub(crate) c0: u32,
    pub(crate) c1: Option<u32>,
}

/// A rectangle within a grid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) r0: u32,
    pub(crate) r1: u32,
    pub(crate) c0: u32,
    pub(crate) c1: u32,
}

impl Area {
    /// The whole tab.
    pub(crate) const ALL: Self = Self {
        r0: 0,
        r1: None,
        c0: 0,
        c1: None,
    };

    pub(crate) fn is_cell(self) -> bool {
        self.r1 == Some(self.r0 + 1) && self.c1 == Some(self.c0 + 1)
    }

    /// Cut to the grid. A range that starts outside is refused; one that only ends outside is not.
    pub(crate) fn within(self, tab: &Tab) -> Result<Block, ApiError> {
        if self.r0 >= tab.rows || self.c0 >= tab.columns {
            return Err(ApiError::invalid(format!(
                "Range ({}) exceeds grid limits. Max rows: {}, max columns: {}",
                self.named(&tab.title),
                tab.rows,
                tab.columns
            )));
        }
        Ok(Block {
            r0: self.r0,
            r1: self.r1.unwrap_or(tab.rows).min(tab.rows),
            c0: self.c0,
            c1: self.c1.unwrap_or(tab.columns).min(tab.columns),
        })
    }

    pub(crate) fn overlaps(self, other: Block) -> bool {
        self.r0 < other.r1
            && self.c0 < other.c1
            && self.r1.is_none_or(|end| end > other.r0)
            && self.c1.is_none_or(|end| end > other.c0)
    }

    fn named(self, title: &str) -> String {
        let end = match (self.c1, self.r1) {
            (None, None) => String::new(),
            (column, row) => {
                let column = column
                    .map(|c| column_name(c.saturating_sub(1)))
                    .unwrap_or_default();
                let row = row.map(|r| r.to_string()).unwrap_or_default();
                format!(":{column}{row}")
            }
        };
        format!(
            "{}!{}{}{end}",
            quoted(title),
            column_name(self.c0),
            self.r0 + 1
        )
    }
}

impl Block {
    /// `Orders!A1:C3`, or `Orders!A1` for one cell.
    pub(crate) fn a1(self, title: &str) -> String {
        format!("{}!{}", quoted(title), self.cells())
    }

    /// `A1:C3` without the tab.
    pub(crate) fn cells(self) -> String {
        let first = format!("{}{}", column_name(self.c0), self.r0 + 1);
        if self.r1 == self.r0 + 1 && self.c1 == self.c0 + 1 {
            return first;
        }
        format!(
            "{first}:{}{}",
            column_name(self.c1.saturating_sub(1)),
            self.r1
        )
    }
}

/// Column 0 is A, 25 is Z, 26 is AA.
pub(crate) fn column_name(mut column: u32) -> String {
    let mut letters = Vec::new();
    loop {
        letters.push(char::from(b'A' + u8::try_from(column % 26).unwrap_or(0)));
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    letters.iter().rev().collect()
}

/// A title as it is echoed: quoted only where it could be read as something else.
pub(crate) fn quoted(title: &str) -> String {
    let plain = title.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !title.starts_with(|c: char| c.is_ascii_digit())
        && parse_cells(title).is_none();
    if plain && !title.is_empty() {
        title.to_owned()
    } else {
        format!("'{}'", title.replace('\'', "''"))
    }
}

/// Which tab and which cells a range names: a quoted title, a named range, cells of the first
/// tab, a bare title, or a title with cells.
pub(crate) fn resolve(book: &Book, range: &str) -> Result<(usize, Area), ApiError> {
    let fail = || ApiError::unparsable(range);
    let (title, cells) = split(range).ok_or_else(fail)?;
    match (title, cells) {
        (Some(title), None) => Ok((book.tab_by_title(&title).ok_or_else(fail)?, Area::ALL)),
        (Some(title), Some(cells)) => {
            let tab = book.tab_by_title(&title).ok_or_else(fail)?;
            Ok((tab, parse_cells(cells).ok_or_else(fail)?))
        }
        (None, Some(text)) => {
            if let Some(found) = book.named_range(text) {
                return Ok(found);
            }
            if let Some(area) = parse_cells(text) {
                return Ok((0, area));
            }
            Ok((book.tab_by_title(text).ok_or_else(fail)?, Area::ALL))
        }
        (None, None) => Err(fail()),
    }
}

/// Splits a range into a title (where it is certain that there is one) and the rest.
fn split(range: &str) -> Option<(Option<String>, Option<&str>)> {
    if let Some(rest) = range.strip_prefix('\'') {
        let mut title = String::new();
        let mut chars = rest.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c != '\'' {
                title.push(c);
            } else if chars.peek().is_some_and(|(_, next)| *next == '\'') {
                title.push('\'');
                chars.next();
            } else {
                let tail = rest.get(at + 1..)?;
                return match tail.strip_prefix('!') {
                    Some(cells) => Some((Some(title), Some(cells))),
                    None if tail.is_empty() => Some((Some(title), None)),
                    None => None,
                };
            }
        }
        return None;
    }
    Some(match range.rsplit_once('!') {
        Some((title, cells)) => (Some(title.to_owned()), Some(cells)),
        None => (None, Some(range)),
    })
}

/// One end of a range: a column, a row, or both.
#[derive(Clone, Copy)]
struct End {
    column: Option<u32>,
    row: Option<u32>,
}

/// `A1`, `A1:B2`, `A:B`, `2:3`, `A5:B`; dollar signs are ignored.
pub(crate) fn parse_cells(text: &str) -> Option<Area> {
    let (first, second) = match text.split_once(':') {
        Some((a, b)) => (parse_end(a)?, Some(parse_end(b)?)),
        None => (parse_end(text)?, None),
    };
    let Some(second) = second else {
        let (c, r) = (first.column?, first.row?);
        return Some(Area {
            r0: r,
            r1: Some(r + 1),
            c0: c,
            c1: Some(c + 1),
        });
    };
    let (r0, r1) = span(first.row, second.row);
    let (c0, c1) = span(first.column, second.column);
    let crossed = (first.column.is_none() && first.row.is_some() && second.row.is_none())
        || (first.row.is_none() && second.column.is_none());
    if crossed {
        return None;
    }
    Some(Area { r0, r1, c0, c1 })
}

fn span(a: Option<u32>, b: Option<u32>) -> (u32, Option<u32>) {
    match (a, b) {
        (Some(a), Some(b)) => (a.min(b), Some(a.max(b) + 1)),
        (Some(a), None) => (a, None),
        (None, Some(b)) => (0, Some(b + 1)),
        (None, None) => (0, None),
    }
}

fn parse_end(text: &str) -> Option<End> {
    let text = text.strip_prefix('$').unwrap_or(text);
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (column, row) = text.split_at_checked(letters)?;
    let row = row.strip_prefix('$').unwrap_or(row);
    if letters > 3 || (column.is_empty() && row.is_empty()) {
        return None;
    }
    let column = match column {
        "" => None,
        _ => {
            let n = column.bytes().fold(0_u32, |n, b| {
                n * 26 + u32::from(b.to_ascii_uppercase() - b'A') + 1
            });
            Some(n - 1).filter(|c| *c < MAX_COLUMNS)
        }
    };
    let row = match row {
        "" => None,
        _ if row.bytes().all(|b| b.is_ascii_digit()) && row.len() <= 9 => {
            Some(row.parse::<u32>().ok()?.checked_sub(1)?)
        }
        _ => return None,
    };
    if letters > 0 && column.is_none() {
        return None;
    }
    Some(End { column, row })
}
