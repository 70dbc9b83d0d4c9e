//! Sorting rows.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::nothing;
use crate::sheets::a1::Area;
use crate::sheets::book::{Book, Cell, CellValue, at, count};
use crate::sheets::error::ApiError;
use crate::sheets::input::{Actor, grid_range, index, list, object, only};

pub(super) fn sort(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["range", "sortSpecs"], "sort_range")?;
    let (position, area) = grid_range(book, body.get("range"))?;
    let mut keys = Vec::new();
    for spec in list(body, "sortSpecs")? {
        let spec = object(Some(spec), "sortSpecs")?;
        let column = index(spec, "dimensionIndex")?.unwrap_or(0);
        keys.push((
            column,
            spec.get("sortOrder").and_then(Value::as_str) == Some("DESCENDING"),
        ));
    }
    sort_rows(book, actor, position, area, &keys)?;
    Ok(nothing())
}

/// Sorts the rows of a range by columns (counted from the tab's first), empty cells last.
pub(crate) fn sort_rows(
    book: &mut Book,
    actor: &Actor,
    position: usize,
    area: Area,
    keys: &[(u32, bool)],
) -> Result<(), ApiError> {
    let block = area.within(book.tab(position)?)?;
    book.check_edit(&actor.email, position, block)?;
    let sheet = book.tab_mut(position)?;
    let last = block.r1.min(count(sheet.cells.len()));
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for r in block.r0..last {
        rows.push(
            (block.c0..block.c1)
                .map(|c| sheet.cell(r, c).cloned().unwrap_or_default())
                .collect(),
        );
    }
    rows.sort_by(|a, b| {
        keys.iter()
            .fold(Ordering::Equal, |so_far, (column, descending)| {
                so_far.then_with(|| {
                    let pick = |row: &[Cell]| {
                        row.get(at(column.saturating_sub(block.c0)))
                            .and_then(|c| c.value.clone())
                    };
                    compare(pick(a).as_ref(), pick(b).as_ref(), *descending)
                })
            })
    });
    for (r, row) in (block.r0..).zip(rows) {
        for (c, cell) in (block.c0..).zip(row) {
            if cell != Cell::default() || sheet.cell(r, c).is_some() {
                *sheet.cell_mut(r, c) = cell;
            }
        }
    }
    Ok(())
}

/// Numbers before text before booleans; empty last in either direction.
fn compare(a: Option<&CellValue>, b: Option<&CellValue>, descending: bool) -> Ordering {
    let (Some(a), Some(b)) = (a, b) else {
        return a.is_none().cmp(&b.is_none());
    };
    let rank = |v: &CellValue| match v {
        CellValue::Number(_) => 0,
        CellValue::Text(_) | CellValue::Formula(_) => 1,
        CellValue::Bool(_) => 2,
    };
    let order = match (a, b) {
        (CellValue::Number(x), CellValue::Number(y)) => x.total_cmp(y),
        (
            CellValue::Text(x) | CellValue::Formula(x),
            CellValue::Text(y) | CellValue::Formula(y),
        ) => x.to_lowercase().cmp(&y.to_lowercase()),
        (CellValue::Bool(x), CellValue::Bool(y)) => x.cmp(y),
        (
            CellValue::Number(_) | CellValue::Text(_) | CellValue::Formula(_) | CellValue::Bool(_),
            _,
        ) => rank(a).cmp(&rank(b)),
    };
    if descending { order.reverse() } else { order }
}
