//! Requests about rows and columns.

use serde_json::{Map, Value};

use super::nothing;
use crate::sheets::book::{Book, Cell, at, count};
use crate::sheets::error::ApiError;
use crate::sheets::input::{Actor, grid_range, index, object, only, tab, text};
use crate::sheets::shape::{self, Dimension};

/// A `DimensionRange`: tab, rows or columns, and a span; a missing end is the grid's.
fn dimension_range(
    book: &Book,
    value: Option<&Value>,
) -> Result<(usize, Dimension, u32, u32), ApiError> {
    let map = object(value, "range")?;
    only(
        map,
        &["sheetId", "dimension", "startIndex", "endIndex"],
        "range",
    )?;
    let position = tab(book, map)?;
    let dimension = dimension(map)?;
    let sheet = book.tab(position)?;
    let length = if dimension == Dimension::Rows {
        sheet.rows
    } else {
        sheet.columns
    };
    Ok((
        position,
        dimension,
        index(map, "startIndex")?.unwrap_or(0),
        index(map, "endIndex")?.unwrap_or(length),
    ))
}

fn dimension(map: &Map<String, Value>) -> Result<Dimension, ApiError> {
    match text(map, "dimension") {
        Some("ROWS") => Ok(Dimension::Rows),
        Some("COLUMNS") => Ok(Dimension::Columns),
        Some(_) | None => Err(ApiError::invalid("dimension must be ROWS or COLUMNS")),
    }
}

pub(super) fn insert(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["range", "inheritFromBefore"], "insert_dimension")?;
    let (position, dimension, start, end) = dimension_range(book, body.get("range"))?;
    shape::insert(
        book,
        actor,
        position,
        dimension,
        start,
        end.saturating_sub(start),
    )?;
    Ok(nothing())
}

pub(super) fn delete(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["range"], "delete_dimension")?;
    let (position, dimension, start, end) = dimension_range(book, body.get("range"))?;
    shape::delete(book, actor, position, dimension, start, end)?;
    Ok(nothing())
}

pub(super) fn append(
    book: &mut Book,
    _: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(
        body,
        &["sheetId", "dimension", "length", "tableId"],
        "append_dimension",
    )?;
    let n = index(body, "length")?
        .filter(|n| *n > 0)
        .ok_or_else(|| ApiError::invalid("length must be at least 1"))?;
    let dimension = dimension(body)?;
    let position = tab(book, body)?;
    let sheet = book.tab_mut(position)?;
    match dimension {
        Dimension::Rows => sheet.rows = sheet.rows.saturating_add(n),
        Dimension::Columns => sheet.columns = sheet.columns.saturating_add(n),
    }
    Ok(nothing())
}

/// Deletes a range and closes the gap from below or from the right.
pub(super) fn delete_range(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["range", "shiftDimension"], "delete_range")?;
    let (position, area) = grid_range(book, body.get("range"))?;
    let sheet = book.tab(position)?;
    let block = area.within(sheet)?;
    let full = (sheet.rows, sheet.columns);
    let up = match text(body, "shiftDimension") {
        Some("ROWS") => true,
        Some("COLUMNS") => false,
        Some(_) | None => return Err(ApiError::invalid("shiftDimension must be ROWS or COLUMNS")),
    };
    // Everything that moves is edited.
    let moved = if up {
        crate::sheets::a1::Block {
            r1: full.0,
            ..block
        }
    } else {
        crate::sheets::a1::Block {
            c1: full.1,
            ..block
        }
    };
    book.check_edit(&actor.email, position, moved)?;
    let sheet = book.tab_mut(position)?;
    let last = count(sheet.cells.len());
    let take = |sheet: &crate::sheets::book::Tab, r: u32, c: u32| -> Cell {
        sheet.cell(r, c).cloned().unwrap_or_default()
    };
    if up {
        let height = block.r1 - block.r0;
        for r in block.r0..last {
            for c in block.c0..block.c1 {
                let cell = take(sheet, r.saturating_add(height), c);
                if cell != Cell::default() || sheet.cell(r, c).is_some() {
                    *sheet.cell_mut(r, c) = cell;
                }
            }
        }
    } else {
        for r in block.r0..block.r1.min(last) {
            if let Some(row) = sheet.cells.get_mut(at(r)) {
                let end = at(block.c1).min(row.len());
                if at(block.c0) < end {
                    row.drain(at(block.c0)..end);
                }
            }
        }
    }
    Ok(nothing())
}

/// Sizes are checked and then forgotten: this sandbox draws no widths.
pub(super) fn resize(
    book: &mut Book,
    _: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(
        body,
        &["range", "properties", "fields", "dataSourceSheetRange"],
        "update_dimension_properties",
    )?;
    super::tabs::fields(body)?;
    dimension_range(book, body.get("range"))?;
    Ok(nothing())
}

pub(super) fn auto_resize(
    book: &mut Book,
    _: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(
        body,
        &["dimensions", "dataSourceSheetDimensions"],
        "auto_resize_dimensions",
    )?;
    dimension_range(book, body.get("dimensions"))?;
    Ok(nothing())
}
