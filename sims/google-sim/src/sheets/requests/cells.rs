//! Requests that change cells.

use serde_json::{Map, Value, json};

use super::nothing;
use super::tabs::fields;
use crate::sheets::a1::{Area, Block};
use crate::sheets::book::{Book, Cell, CellValue, count};
use crate::sheets::error::ApiError;
use crate::sheets::input::{Actor, check_length, grid_range, index, list, object, only, tab};
use crate::sheets::mask::Mask;
use crate::sheets::number::shown;

const CELL: [&str; 10] = [
    "userEnteredValue",
    "effectiveValue",
    "formattedValue",
    "userEnteredFormat",
    "effectiveFormat",
    "hyperlink",
    "note",
    "textFormatRuns",
    "dataValidation",
    "chipRuns",
];

/// Sets in `cell` what the mask names, from a `CellData`.
fn set(cell: &mut Cell, data: &Map<String, Value>, mask: &Mask) -> Result<(), ApiError> {
    only(data, &CELL, "cell")?;
    if mask.touches(&["userEnteredValue"]) {
        cell.value = extended(object(data.get("userEnteredValue"), "userEnteredValue")?)?;
    }
    if mask.touches(&["userEnteredFormat"]) {
        let new = data.get("userEnteredFormat").filter(|v| !v.is_null());
        cell.format = match (new, cell.format.take()) {
            // A mask below the format changes only the named parts.
            (Some(new), Some(mut old)) if !mask.touches(&["userEnteredFormat", "\u{0}"]) => {
                if let (Some(old), Some(new)) = (old.as_object_mut(), new.as_object()) {
                    for (name, value) in new
                        .iter()
                        .filter(|(name, _)| mask.touches(&["userEnteredFormat", name]))
                    {
                        old.insert(name.clone(), value.clone());
                    }
                }
                Some(old)
            }
            (Some(new), _) => Some(Box::new(new.clone())),
            (None, _) => None,
        };
    }
    if mask.touches(&["note"]) {
        cell.note = data.get("note").and_then(Value::as_str).map(str::to_owned);
    }
    if mask.touches(&["dataValidation"]) {
        cell.validation = data
            .get("dataValidation")
            .filter(|v| !v.is_null())
            .cloned()
            .map(Box::new);
    }
    Ok(())
}

/// `ExtendedValue`: typed, taken literally.
fn extended(map: &Map<String, Value>) -> Result<Option<CellValue>, ApiError> {
    only(
        map,
        &[
            "numberValue",
            "stringValue",
            "boolValue",
            "formulaValue",
            "errorValue",
        ],
        "userEnteredValue",
    )?;
    let mut given = map.iter().filter(|(_, v)| !v.is_null());
    let Some((name, value)) = given.next() else {
        return Ok(None);
    };
    if given.next().is_some() {
        return Err(ApiError::invalid(
            "Only one of the values of userEnteredValue can be set",
        ));
    }
    let bad = || ApiError::invalid(format!("Invalid value at 'userEnteredValue.{name}'"));
    Ok(match name.as_str() {
        "numberValue" => Some(CellValue::Number(value.as_f64().ok_or_else(bad)?)),
        "boolValue" => Some(CellValue::Bool(value.as_bool().ok_or_else(bad)?)),
        "formulaValue" => {
            let text = value
                .as_str()
                .filter(|t| t.starts_with('='))
                .ok_or_else(bad)?;
            check_length(text)?;
            Some(CellValue::Formula(text.to_owned()))
        }
        "stringValue" => {
            let text = value.as_str().ok_or_else(bad)?;
            check_length(text)?;
            if text.is_empty() {
                None
            } else {
                Some(CellValue::Text(text.to_owned()))
            }
        }
        _ => return Err(ApiError::invalid("errorValue cannot be written")),
    })
}

/// Writes `RowData` from a cell on.
fn write_rows(
    book: &mut Book,
    actor: &Actor,
    position: usize,
    from: (u32, u32),
    rows: &[Value],
    mask: &Mask,
) -> Result<(), ApiError> {
    let mut lines = Vec::new();
    for row in rows {
        let map = object(Some(row), "rows")?;
        only(map, &["values"], "rows")?;
        lines.push(list(map, "values")?);
    }
    let height = count(lines.len());
    let width = count(lines.iter().map(|l| l.len()).max().unwrap_or(0));
    if height == 0 || width == 0 {
        return Ok(());
    }
    let block = Block {
        r0: from.0,
        r1: from.0 + height,
        c0: from.1,
        c1: from.1 + width,
    };
    let sheet = book.tab(position)?;
    if block.r1 > sheet.rows || block.c1 > sheet.columns {
        return Err(ApiError::invalid(format!(
            "Attempting to write column: {}, row: {} beyond the grid of {} rows and {} columns",
            block.c1, block.r1, sheet.rows, sheet.columns
        )));
    }
    book.check_edit(&actor.email, position, block)?;
    let sheet = book.tab_mut(position)?;
    for (r, line) in (from.0..).zip(lines) {
        for (c, cell) in (from.1..).zip(line) {
            set(sheet.cell_mut(r, c), object(Some(cell), "values")?, mask)?;
        }
    }
    Ok(())
}

pub(super) fn update(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["rows", "fields", "start", "range"], "update_cells")?;
    let mask = fields(body)?;
    let rows = list(body, "rows")?;
    if let Some(start) = body.get("start").filter(|v| !v.is_null()) {
        let start = object(Some(start), "start")?;
        only(start, &["sheetId", "rowIndex", "columnIndex"], "start")?;
        let position = tab(book, start)?;
        let from = (
            index(start, "rowIndex")?.unwrap_or(0),
            index(start, "columnIndex")?.unwrap_or(0),
        );
        write_rows(book, actor, position, from, rows, &mask)?;
        return Ok(nothing());
    }
    let (position, area) = grid_range(book, body.get("range"))?;
    let block = area.within(book.tab(position)?)?;
    if rows.iter().any(|r| {
        r.get("values")
            .and_then(Value::as_array)
            .is_some_and(|v| count(v.len()) > block.c1 - block.c0)
    }) || count(rows.len()) > block.r1 - block.r0
    {
        return Err(ApiError::invalid("The rows are larger than the range"));
    }
    // Cells of the range that have no data are cleared.
    book.check_edit(&actor.email, position, block)?;
    fill(book, position, block, &Map::new(), &mask)?;
    write_rows(book, actor, position, (block.r0, block.c0), rows, &mask)?;
    Ok(nothing())
}

fn fill(
    book: &mut Book,
    position: usize,
    block: Block,
    data: &Map<String, Value>,
    mask: &Mask,
) -> Result<(), ApiError> {
    let sheet = book.tab_mut(position)?;
    let last = if data.is_empty() {
        block.r1.min(count(sheet.cells.len()))
    } else {
        block.r1
    };
    for r in block.r0..last {
        for c in block.c0..block.c1 {
            if data.is_empty() && sheet.cell(r, c).is_none() {
                continue;
            }
            set(sheet.cell_mut(r, c), data, mask)?;
        }
    }
    Ok(())
}

/// After the last row of the tab that has data, from column A on.
pub(super) fn append(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(
        body,
        &["sheetId", "rows", "fields", "tableId"],
        "append_cells",
    )?;
    let mask = fields(body)?;
    let position = tab(book, body)?;
    let rows = list(body, "rows")?;
    let width = rows
        .iter()
        .filter_map(|r| r.get("values").and_then(Value::as_array).map(Vec::len))
        .max()
        .unwrap_or(0);
    let sheet = book.tab_mut(position)?;
    let from = sheet.used_rows();
    sheet.rows = sheet.rows.max(from + count(rows.len()));
    sheet.columns = sheet.columns.max(count(width));
    write_rows(book, actor, position, (from, 0), rows, &mask)?;
    Ok(nothing())
}

pub(super) fn repeat(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["range", "cell", "fields"], "repeat_cell")?;
    let mask = fields(body)?;
    let (position, area) = grid_range(book, body.get("range"))?;
    let block = area.within(book.tab(position)?)?;
    book.check_edit(&actor.email, position, block)?;
    fill(
        book,
        position,
        block,
        object(body.get("cell"), "cell")?,
        &mask,
    )?;
    Ok(nothing())
}

pub(super) fn validation(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(
        body,
        &["range", "rule", "filteredRowsIncluded"],
        "set_data_validation",
    )?;
    let (position, area) = grid_range(book, body.get("range"))?;
    let block = area.within(book.tab(position)?)?;
    book.check_edit(&actor.email, position, block)?;
    let rule = body.get("rule").filter(|v| !v.is_null());
    if let Some(rule) = rule {
        let rule = object(Some(rule), "rule")?;
        only(
            rule,
            &["condition", "inputMessage", "strict", "showCustomUi"],
            "rule",
        )?;
        let condition = object(rule.get("condition"), "condition")?;
        only(condition, &["type", "values"], "condition")?;
        if condition.get("type").and_then(Value::as_str).is_none() {
            return Err(ApiError::invalid(
                "A data validation rule needs a condition type",
            ));
        }
    }
    let mut data = Map::new();
    if let Some(rule) = rule {
        data.insert("dataValidation".to_owned(), rule.clone());
    }
    fill(
        book,
        position,
        block,
        &data,
        &Mask::parse("dataValidation")?,
    )?;
    Ok(nothing())
}

pub(super) fn find_replace(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    let names = [
        "find",
        "replacement",
        "matchCase",
        "matchEntireCell",
        "searchByRegex",
        "includeFormulas",
        "range",
        "sheetId",
        "allSheets",
    ];
    only(body, &names, "find_replace")?;
    let flag = |name: &str| body.get(name).and_then(Value::as_bool).unwrap_or(false);
    if flag("searchByRegex") || !flag("matchEntireCell") || !flag("matchCase") {
        return Err(ApiError::invalid(
            "This sandbox replaces whole cells only: matchEntireCell and matchCase must be true",
        ));
    }
    let word = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let (position, area) = match body.get("range").filter(|v| !v.is_null()) {
        Some(range) => grid_range(book, Some(range))?,
        None => (tab(book, body)?, Area::ALL),
    };
    let block = area.within(book.tab(position)?)?;
    let (find, replacement) = (word("find"), word("replacement"));
    let mut changed = 0;
    for r in block.r0..block.r1.min(count(book.tab(position)?.cells.len())) {
        for c in block.c0..block.c1 {
            let hit = book
                .tab(position)?
                .cell(r, c)
                .is_some_and(|cell| cell.value.is_some() && shown(cell) == find);
            if hit {
                book.check_edit(
                    &actor.email,
                    position,
                    Block {
                        r0: r,
                        r1: r + 1,
                        c0: c,
                        c1: c + 1,
                    },
                )?;
                book.tab_mut(position)?.cell_mut(r, c).value =
                    Some(CellValue::Text(replacement.to_owned()));
                changed += 1;
            }
        }
    }
    Ok(json!({"findReplace": {"valuesChanged": changed, "occurrencesChanged": changed}}))
}
