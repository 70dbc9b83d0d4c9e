//! `spreadsheets.get`: the spreadsheet as JSON.

use serde_json::{Map, Value, json};

use super::a1::{Area, Block};
use super::book::{Book, Cell, CellValue, Kept, Metadata, Place, Tab, count};
use super::error::ApiError;
use super::number::{json_number, shown};

/// What to tell.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    /// Only these ranges; all tabs where empty.
    pub(crate) ranges: Vec<(usize, Area)>,
    pub(crate) grid_data: bool,
}

/// A `Spreadsheet`.
pub(crate) fn spreadsheet(
    book: &Book,
    base: &str,
    who: &str,
    wanted: &Wanted,
) -> Result<Value, ApiError> {
    let mut sheets = Vec::new();
    for (index, tab) in book.tabs.iter().enumerate() {
        let areas: Vec<Area> = wanted
            .ranges
            .iter()
            .filter(|(t, _)| *t == index)
            .map(|(_, a)| *a)
            .collect();
        if areas.is_empty() && !wanted.ranges.is_empty() {
            continue;
        }
        let mut sheet = Map::new();
        sheet.insert("properties".to_owned(), properties(tab, index));
        if wanted.grid_data {
            let areas = if areas.is_empty() {
                vec![Area::ALL]
            } else {
                areas
            };
            let data: Result<Vec<Value>, ApiError> = areas
                .iter()
                .map(|a| a.within(tab).map(|b| grid_data(tab, b)))
                .collect();
            sheet.insert("data".to_owned(), Value::Array(data?));
        }
        let protected: Vec<Value> = book
            .protected
            .iter()
            .filter(|p| p.tab == tab.id)
            .map(|p| protected_range(book, who, p))
            .collect();
        if !protected.is_empty() {
            sheet.insert("protectedRanges".to_owned(), Value::Array(protected));
        }
        let notes: Vec<Value> = book
            .metadata
            .iter()
            .filter(|m| m.place == Place::Tab(tab.id))
            .map(metadata)
            .collect();
        if !notes.is_empty() {
            sheet.insert("developerMetadata".to_owned(), Value::Array(notes));
        }
        sheets.push(Value::Object(sheet));
    }
    let mut out = json!({
        "spreadsheetId": book.id,
        "properties": {
            "title": book.title,
            "locale": book.locale,
            "autoRecalc": "ON_CHANGE",
            "timeZone": book.time_zone,
            "defaultFormat": {"horizontalAlignment": "LEFT", "verticalAlignment": "BOTTOM", "wrapStrategy": "OVERFLOW_CELL"},
        },
        "sheets": sheets,
    });
    if !book.named.is_empty() {
        out["namedRanges"] = Value::Array(book.named.iter().map(named_range).collect());
    }
    let notes: Vec<Value> = book
        .metadata
        .iter()
        .filter(|m| m.place == Place::Spreadsheet)
        .map(metadata)
        .collect();
    if !notes.is_empty() {
        out["developerMetadata"] = Value::Array(notes);
    }
    out["spreadsheetUrl"] = json!(format!("{base}/sheets/{}", book.id));
    Ok(out)
}

/// `SheetProperties`.
pub(crate) fn properties(tab: &Tab, index: usize) -> Value {
    let mut grid = json!({"rowCount": tab.rows, "columnCount": tab.columns});
    if tab.frozen_rows > 0 {
        grid["frozenRowCount"] = json!(tab.frozen_rows);
    }
    if tab.frozen_columns > 0 {
        grid["frozenColumnCount"] = json!(tab.frozen_columns);
    }
    let mut out = json!({
        "sheetId": tab.id,
        "title": tab.title,
        "index": index,
        "sheetType": "GRID",
        "gridProperties": grid,
    });
    for (name, value) in &tab.extra {
        out[name.as_str()] = value.clone();
    }
    out
}

/// `GridRange`.
pub(crate) fn grid_range(tab: i32, area: Area) -> Value {
    let mut out = json!({"sheetId": tab});
    let bounded_rows = area.r0 > 0 || area.r1.is_some();
    let bounded_columns = area.c0 > 0 || area.c1.is_some();
    if bounded_rows {
        out["startRowIndex"] = json!(area.r0);
    }
    if let Some(end) = area.r1 {
        out["endRowIndex"] = json!(end);
    }
    if bounded_columns {
        out["startColumnIndex"] = json!(area.c0);
    }
    if let Some(end) = area.c1 {
        out["endColumnIndex"] = json!(end);
    }
    out
}

pub(crate) fn protected_range(book: &Book, who: &str, p: &Kept<i32>) -> Value {
    let mut out = json!({"protectedRangeId": p.id, "range": grid_range(p.tab, p.area)});
    for (name, value) in &p.body {
        out[name.as_str()] = value.clone();
    }
    if book.may_edit(who, p) {
        out["requestingUserCanEdit"] = json!(true);
    } else if let Some(map) = out.as_object_mut() {
        // Only editors learn who the editors are.
        map.shift_remove("editors");
    }
    out
}

pub(crate) fn named_range(n: &Kept<String>) -> Value {
    let mut out = json!({"namedRangeId": n.id, "range": grid_range(n.tab, n.area)});
    for (name, value) in &n.body {
        out[name.as_str()] = value.clone();
    }
    out
}

/// `DeveloperMetadata`.
pub(crate) fn metadata(m: &Metadata) -> Value {
    let line = |tab: i32, dimension: &str, at: u32| json!({"sheetId": tab, "dimension": dimension, "startIndex": at, "endIndex": at + 1});
    let location = match m.place {
        Place::Spreadsheet => json!({"locationType": "SPREADSHEET", "spreadsheet": true}),
        Place::Tab(id) => json!({"locationType": "SHEET", "sheetId": id}),
        Place::Row(id, row) => {
            json!({"locationType": "ROW", "dimensionRange": line(id, "ROWS", row)})
        }
        Place::Column(id, column) => {
            json!({"locationType": "COLUMN", "dimensionRange": line(id, "COLUMNS", column)})
        }
    };
    let mut out = json!({"metadataId": m.id, "metadataKey": m.key, "location": location, "visibility": m.visibility});
    if let Some(value) = &m.value {
        out["metadataValue"] = json!(value);
    }
    out
}

/// `GridData` up to the last used cell of the block.
fn grid_data(tab: &Tab, block: Block) -> Value {
    let mut out = Map::new();
    if block.r0 > 0 {
        out.insert("startRow".to_owned(), json!(block.r0));
    }
    if block.c0 > 0 {
        out.insert("startColumn".to_owned(), json!(block.c0));
    }
    let last = block.r1.min(count(tab.cells.len()));
    let mut rows: Vec<Value> = Vec::new();
    for r in block.r0..last {
        let mut cells: Vec<Value> = (block.c0..block.c1)
            .map_while(|c| within_row(tab, r, c))
            .collect();
        while cells
            .last()
            .and_then(Value::as_object)
            .is_some_and(Map::is_empty)
        {
            cells.pop();
        }
        rows.push(if cells.is_empty() {
            json!({})
        } else {
            json!({"values": cells})
        });
    }
    while rows
        .last()
        .and_then(Value::as_object)
        .is_some_and(Map::is_empty)
    {
        rows.pop();
    }
    if !rows.is_empty() {
        out.insert("rowData".to_owned(), Value::Array(rows));
    }
    let sizes =
        |n: u32, pixels: u32| Value::Array((0..n).map(|_| json!({"pixelSize": pixels})).collect());
    out.insert("rowMetadata".to_owned(), sizes(block.r1 - block.r0, 21));
    out.insert("columnMetadata".to_owned(), sizes(block.c1 - block.c0, 100));
    Value::Object(out)
}

/// A cell, or nothing once the row has ended.
fn within_row(tab: &Tab, row: u32, column: u32) -> Option<Value> {
    let line = tab.cells.get(super::book::at(row))?;
    if super::book::at(column) >= line.len() {
        return None;
    }
    Some(tab.cell(row, column).map_or_else(|| json!({}), cell_data))
}

/// `CellData`.
pub(crate) fn cell_data(cell: &Cell) -> Value {
    let mut out = Map::new();
    if let Some(value) = &cell.value {
        let (name, inner) = match value {
            CellValue::Number(n) => ("numberValue", json_number(*n)),
            CellValue::Text(text) => ("stringValue", json!(text)),
            CellValue::Bool(b) => ("boolValue", json!(b)),
            CellValue::Formula(text) => ("formulaValue", json!(text)),
        };
        // Formulas are not computed here: their own text stands for the result.
        let effective = if name == "formulaValue" {
            "stringValue"
        } else {
            name
        };
        out.insert("userEnteredValue".to_owned(), json!({name: inner}));
        out.insert("effectiveValue".to_owned(), json!({effective: inner}));
        out.insert("formattedValue".to_owned(), json!(shown(cell)));
    }
    if let Some(format) = &cell.format {
        out.insert("userEnteredFormat".to_owned(), (**format).clone());
        out.insert("effectiveFormat".to_owned(), (**format).clone());
    }
    if let Some(note) = &cell.note {
        out.insert("note".to_owned(), json!(note));
    }
    if let Some(rule) = &cell.validation {
        out.insert("dataValidation".to_owned(), (**rule).clone());
    }
    Value::Object(out)
}
