//! Reading and writing blocks of values.

use serde_json::{Value, json};

use super::a1::{Area, Block, quoted};
use super::book::{Book, Cell, CellValue, Tab, count};
use super::error::ApiError;
use super::input::{Actor, Entered, Entry, entered};
use super::number::{format_of, json_number, shown};

/// How values are read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Render {
    value: RenderValue,
    dates_as_text: bool,
    columns: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RenderValue {
    Formatted,
    Unformatted,
    Formula,
}

impl Render {
    pub(crate) fn parse(
        value: Option<&str>,
        dates: Option<&str>,
        major: Option<&str>,
    ) -> Result<Self, ApiError> {
        let bad = |name: &str, given: &str| {
            ApiError::invalid(format!("Invalid value at '{name}': \"{given}\""))
        };
        Ok(Self {
            value: match value {
                None | Some("FORMATTED_VALUE") => RenderValue::Formatted,
                Some("UNFORMATTED_VALUE") => RenderValue::Unformatted,
                Some("FORMULA") => RenderValue::Formula,
                Some(other) => return Err(bad("value_render_option", other)),
            },
            dates_as_text: match dates {
                None | Some("SERIAL_NUMBER") => false,
                Some("FORMATTED_STRING") => true,
                Some(other) => return Err(bad("date_time_render_option", other)),
            },
            columns: match major {
                None | Some("ROWS" | "DIMENSION_UNSPECIFIED") => false,
                Some("COLUMNS") => true,
                Some(other) => return Err(bad("major_dimension", other)),
            },
        })
    }

    fn cell(self, cell: &Cell) -> Value {
        let Some(value) = &cell.value else {
            return json!("");
        };
        if self.value == RenderValue::Formatted {
            return json!(shown(cell));
        }
        match value {
            CellValue::Number(_)
                if self.dates_as_text && format_of(cell).0.starts_with(['D', 'T']) =>
            {
                json!(shown(cell))
            }
            CellValue::Number(n) => json_number(*n),
            CellValue::Text(text) | CellValue::Formula(text) => json!(text),
            CellValue::Bool(b) => json!(b),
        }
    }
}

/// A `ValueRange`: the range as it was asked for, and values without empty rows and cells at the end.
pub(crate) fn read(tab: &Tab, area: Area, render: Render) -> Result<Value, ApiError> {
    let block = area.within(tab)?;
    Ok(value_range(tab, block, render))
}

pub(crate) fn value_range(tab: &Tab, block: Block, render: Render) -> Value {
    let empty = Cell::default();
    let at = |r, c| tab.cell(r, c).unwrap_or(&empty);
    let last_row = block.r1.min(count(tab.cells.len()));
    let line = |cells: Vec<&Cell>| -> Vec<Value> {
        let used = cells
            .iter()
            .rposition(|c| c.value.is_some())
            .map_or(0, |n| n + 1);
        cells
            .into_iter()
            .take(used)
            .map(|c| render.cell(c))
            .collect()
    };
    let mut lines: Vec<Vec<Value>> = if render.columns {
        (block.c0..block.c1)
            .map(|c| line((block.r0..last_row).map(|r| at(r, c)).collect()))
            .collect()
    } else {
        (block.r0..last_row)
            .map(|r| line((block.c0..block.c1).map(|c| at(r, c)).collect()))
            .collect()
    };
    while lines.last().is_some_and(Vec::is_empty) {
        lines.pop();
    }
    let major = if render.columns { "COLUMNS" } else { "ROWS" };
    let mut out = json!({"range": block.a1(&tab.title), "majorDimension": major});
    if !lines.is_empty() {
        out["values"] = json!(lines);
    }
    out
}

/// What a write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) tab: usize,
    pub(crate) block: Block,
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    pub(crate) cells: u32,
}

impl Written {
    /// `UpdateValuesResponse`; with the values where they were asked for.
    pub(crate) fn response(self, book: &Book, echo: Option<Render>) -> Result<Value, ApiError> {
        let tab = book.tab(self.tab)?;
        let mut out = json!({"spreadsheetId": book.id, "updatedRange": self.block.a1(&tab.title)});
        if self.cells > 0 {
            out["updatedRows"] = json!(self.rows);
            out["updatedColumns"] = json!(self.columns);
            out["updatedCells"] = json!(self.cells);
        }
        if let Some(render) = echo {
            out["updatedData"] = value_range(tab, self.block, render);
        }
        Ok(out)
    }
}

/// Writes rows from the first cell of `area` on. They must fit into a range that is larger than a
/// cell, and into the grid: only appending makes it grow.
pub(crate) fn write(
    book: &mut Book,
    actor: &Actor,
    tab: usize,
    area: Area,
    rows: &[Vec<Value>],
    entry: Entry,
) -> Result<Written, ApiError> {
    let sheet = book.tab(tab)?;
    let whole = area.within(sheet)?;
    let room = if area.is_cell() {
        Block {
            r1: sheet.rows,
            c1: sheet.columns,
            ..whole
        }
    } else {
        whole
    };
    let height = count(rows.len());
    let width = count(rows.iter().map(Vec::len).max().unwrap_or(0));
    let beyond = |what: String| {
        let named = format!("'{}'!{}", sheet.title.replace('\'', "''"), whole.cells());
        ApiError::invalid(format!(
            "Requested writing within range [{named}], but tried writing to {what}"
        ))
    };
    if height > room.r1 - room.r0 {
        return Err(beyond(format!("row [{}]", room.r0 + height)));
    }
    if width > room.c1 - room.c0 {
        return Err(beyond(format!(
            "column [{}]",
            super::column_name(room.c0 + width - 1)
        )));
    }
    put(book, actor, tab, (room.r0, room.c0), rows, entry)
}

/// Writes rows from this cell on. The grid is large enough by now.
pub(crate) fn put(
    book: &mut Book,
    actor: &Actor,
    tab: usize,
    from: (u32, u32),
    rows: &[Vec<Value>],
    entry: Entry,
) -> Result<Written, ApiError> {
    let (r0, c0) = from;
    let height = count(rows.len());
    let width = count(rows.iter().map(Vec::len).max().unwrap_or(0));
    let block = Block {
        r0,
        r1: r0 + height.max(1),
        c0,
        c1: c0 + width.max(1),
    };
    let year = actor.this_year();
    let (mut cells, mut touched_rows) = (0, 0);
    let mut edits = Vec::new();
    for (i, row) in rows.iter().enumerate() {
        let before = cells;
        for (j, value) in row.iter().enumerate() {
            match entered(value, entry, year, &format!("values[{i}][{j}]"))? {
                Entered::Skip => {}
                Entered::Set(value, format) => {
                    cells += 1;
                    edits.push((r0 + count(i), c0 + count(j), value, format));
                }
            }
        }
        touched_rows += u32::from(cells > before);
    }
    if cells > 0 {
        book.check_edit(&actor.email, tab, block)?;
    }
    let sheet = book.tab_mut(tab)?;
    for (row, column, value, format) in edits {
        let cell = sheet.cell_mut(row, column);
        cell.value = value;
        if let Some(format) = format {
            set_number_format(cell, format);
        }
    }
    Ok(Written {
        tab,
        block,
        rows: touched_rows,
        columns: width,
        cells,
    })
}

/// Typing a date or an amount formats the cell, unless it has a number format already.
pub(crate) fn set_number_format(cell: &mut Cell, format: Value) {
    if format_of(cell).0.is_empty() {
        let whole = cell.format.get_or_insert_with(|| Box::new(json!({})));
        whole["numberFormat"] = format;
    }
}

/// Empties a range; formats stay. Answers the range as it was cut to the grid.
pub(crate) fn clear(
    book: &mut Book,
    actor: &Actor,
    tab: usize,
    area: Area,
) -> Result<String, ApiError> {
    let block = area.within(book.tab(tab)?)?;
    book.check_edit(&actor.email, tab, block)?;
    let sheet = book.tab_mut(tab)?;
    let last = block.r1.min(count(sheet.cells.len()));
    for r in block.r0..last {
        for c in block.c0..block.c1 {
            if sheet.value(r, c).is_some() {
                sheet.cell_mut(r, c).value = None;
            }
        }
    }
    Ok(block.a1(&sheet.title))
}

/// `'My Shop'!A1` and `My Shop!A1` are the same range: how Google echoes it.
pub(crate) fn same_range(book: &Book, a: &str, b: &str) -> bool {
    a == b
        || matches!((super::a1::resolve(book, a), super::a1::resolve(book, b)), (Ok(x), Ok(y)) if x == y)
        || quoted(a) == b
}
