//! Rows and columns come and go; protected ranges, names and metadata move along.

use super::a1::{Area, Block};
use super::book::{Book, Cell, Place, at};
use super::error::ApiError;
use super::input::Actor;

/// Rows or columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dimension {
    Rows,
    Columns,
}

/// Inserts empty rows before `index`.
pub(crate) fn insert_rows(
    book: &mut Book,
    actor: &Actor,
    tab: usize,
    index: u32,
    n: u32,
) -> Result<(), ApiError> {
    insert(book, actor, tab, Dimension::Rows, index, n)
}

/// Deletes rows.
pub(crate) fn delete_rows(
    book: &mut Book,
    actor: &Actor,
    tab: usize,
    start: u32,
    end: u32,
) -> Result<(), ApiError> {
    delete(book, actor, tab, Dimension::Rows, start, end)
}

/// Inserts empty rows or columns before `index`.
pub(crate) fn insert(
    book: &mut Book,
    actor: &Actor,
    tab: usize,
    dimension: Dimension,
    index: u32,
    n: u32,
) -> Result<(), ApiError> {
    let sheet = book.tab(tab)?;
    let (length, name) = match dimension {
        Dimension::Rows => (sheet.rows, "rows"),
        Dimension::Columns => (sheet.columns, "columns"),
    };
    if index > length || n == 0 {
        return Err(ApiError::invalid(format!(
            "range.startIndex[{index}] is after the last of the {length} {name}, or nothing to insert"
        )));
    }
    let id = sheet.id;
    // Between two cells of a protected range, only its editors may insert.
    if index > 0 && index < length {
        let (before, after) = (
            strip(book, tab, dimension, index - 1, index)?,
            strip(book, tab, dimension, index, index + 1)?,
        );
        let inside = book.protected.iter().any(|p| {
            let bounded = p.area.r1.is_some() || dimension == Dimension::Columns;
            let narrow = p.area.c1.is_some() || dimension == Dimension::Rows;
            p.tab == id
                && bounded
                && narrow
                && p.area.overlaps(before)
                && p.area.overlaps(after)
                && !book.may_edit(&actor.email, p)
        });
        if inside {
            return Err(ApiError::protected());
        }
    }
    let sheet = book.tab_mut(tab)?;
    match dimension {
        Dimension::Rows => {
            sheet.rows = sheet.rows.saturating_add(n);
            if at(index) < sheet.cells.len() {
                let gap = std::iter::repeat_with(Vec::new).take(at(n));
                sheet.cells.splice(at(index)..at(index), gap);
            }
        }
        Dimension::Columns => {
            sheet.columns = sheet.columns.saturating_add(n);
            for row in sheet.cells.iter_mut().filter(|row| at(index) < row.len()) {
                let gap = std::iter::repeat_with(Cell::default).take(at(n));
                row.splice(at(index)..at(index), gap);
            }
        }
    }
    book.check_size()?;
    relocate(
        book,
        id,
        dimension,
        |p, _| Some(if p >= index { p + n } else { p }),
        |e| if e > index { e + n } else { e },
    );
    Ok(())
}

/// Deletes rows or columns `start..end`.
pub(crate) fn delete(
    book: &mut Book,
    actor: &Actor,
    tab: usize,
    dimension: Dimension,
    start: u32,
    end: u32,
) -> Result<(), ApiError> {
    let sheet = book.tab(tab)?;
    let (length, name) = match dimension {
        Dimension::Rows => (sheet.rows, "rows"),
        Dimension::Columns => (sheet.columns, "columns"),
    };
    if start >= end || end > length {
        return Err(ApiError::invalid(format!(
            "Cannot delete {name} {start} to {end}: the sheet has {length} {name}"
        )));
    }
    if end - start == length {
        return Err(ApiError::invalid(format!(
            "You can't delete all the {name} on the sheet."
        )));
    }
    let frozen = if dimension == Dimension::Rows {
        sheet.frozen_rows
    } else {
        sheet.frozen_columns
    };
    if start <= frozen && frozen > 0 && end == length {
        return Err(ApiError::invalid(format!(
            "Sorry, it is not possible to delete all non-frozen {name}."
        )));
    }
    let id = sheet.id;
    let gone = strip(book, tab, dimension, start, end)?;
    book.check_edit(&actor.email, tab, gone)?;
    let sheet = book.tab_mut(tab)?;
    let n = end - start;
    match dimension {
        Dimension::Rows => {
            sheet.rows -= n;
            let last = at(end).min(sheet.cells.len());
            if at(start) < last {
                sheet.cells.drain(at(start)..last);
            }
            sheet.frozen_rows = moved(sheet.frozen_rows, start, end);
        }
        Dimension::Columns => {
            sheet.columns -= n;
            for row in &mut sheet.cells {
                let last = at(end).min(row.len());
                if at(start) < last {
                    row.drain(at(start)..last);
                }
            }
            sheet.frozen_columns = moved(sheet.frozen_columns, start, end);
        }
    }
    let keep = |p: u32, single: bool| {
        if single && p >= start && p < end {
            None
        } else {
            Some(moved(p, start, end))
        }
    };
    relocate(book, id, dimension, keep, |e| moved(e, start, end));
    Ok(())
}

/// Where a boundary ends up when `start..end` goes.
fn moved(position: u32, start: u32, end: u32) -> u32 {
    if position <= start {
        position
    } else if position >= end {
        position - (end - start)
    } else {
        start
    }
}

/// All cells of some rows or columns.
fn strip(
    book: &Book,
    tab: usize,
    dimension: Dimension,
    start: u32,
    end: u32,
) -> Result<Block, ApiError> {
    let sheet = book.tab(tab)?;
    Ok(match dimension {
        Dimension::Rows => Block {
            r0: start,
            r1: end,
            c0: 0,
            c1: sheet.columns,
        },
        Dimension::Columns => Block {
            r0: 0,
            r1: sheet.rows,
            c0: start,
            c1: end,
        },
    })
}

/// Moves what is kept with a place. `first` maps a start (or, with `true`, a single line: `None`
/// if it went), `last` an end.
fn relocate(
    book: &mut Book,
    tab: i32,
    dimension: Dimension,
    first: impl Fn(u32, bool) -> Option<u32>,
    last: impl Fn(u32) -> u32,
) {
    let shift = |area: Area| -> Option<Area> {
        let mut out = area;
        let (start, end) = match dimension {
            Dimension::Rows => (&mut out.r0, &mut out.r1),
            Dimension::Columns => (&mut out.c0, &mut out.c1),
        };
        let unbounded = *start == 0 && end.is_none();
        if !unbounded {
            *start = first(*start, false)?;
            *end = end.map(&last);
        }
        if end.is_some_and(|e| e <= *start) {
            None
        } else {
            Some(out)
        }
    };
    book.protected
        .retain_mut(|p| p.tab != tab || shift(p.area).map(|a| p.area = a).is_some());
    book.named
        .retain_mut(|n| n.tab != tab || shift(n.area).map(|a| n.area = a).is_some());
    book.metadata.retain_mut(|m| {
        let line = match (&mut m.place, dimension) {
            (Place::Row(t, row), Dimension::Rows) if *t == tab => row,
            (Place::Column(t, column), Dimension::Columns) if *t == tab => column,
            (Place::Spreadsheet | Place::Tab(_) | Place::Row(..) | Place::Column(..), _) => {
                return true;
            }
        };
        first(*line, true).map(|to| *line = to).is_some()
    });
}
