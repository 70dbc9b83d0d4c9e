//! What a spreadsheet is made of.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::a1::{Area, Block};
use super::error::ApiError;
use crate::clock::Millis;

/// Cells in one spreadsheet, empty ones included.
const MAX_CELLS: u64 = 10_000_000;

/// What somebody may do with a spreadsheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Role {
    Reader,
    Writer,
    Owner,
}

/// What a person or program put into a cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum CellValue {
    #[serde(rename = "n")]
    Number(f64),
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "b")]
    Bool(bool),
    #[serde(rename = "f")]
    Formula(String),
}

/// A cell: value, format, note, validation. The last three as Google's JSON.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cell {
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "v")]
    pub(crate) value: Option<CellValue>,
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "fmt")]
    pub(crate) format: Option<Box<Value>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", rename = "rule")]
    pub(crate) validation: Option<Box<Value>>,
}

/// A tab. `cells` is ragged: a row or cell that is not there is empty.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Tab {
    pub(crate) id: i32,
    pub(crate) title: String,
    pub(crate) rows: u32,
    pub(crate) columns: u32,
    pub(crate) frozen_rows: u32,
    pub(crate) frozen_columns: u32,
    /// `hidden`, `tabColor`, `rightToLeft` and the like: kept and shown, without an effect here.
    pub(crate) extra: Map<String, Value>,
    pub(crate) cells: Vec<Vec<Cell>>,
}

/// A range that is kept with an id: protected, or named.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Kept<T> {
    pub(crate) id: T,
    pub(crate) tab: i32,
    pub(crate) area: Area,
    /// The object as it was given, without id and range.
    pub(crate) body: Map<String, Value>,
}

/// Developer metadata and where it sticks.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Metadata {
    pub(crate) id: i32,
    pub(crate) key: String,
    pub(crate) value: Option<String>,
    pub(crate) visibility: String,
    pub(crate) place: Place,
}

/// The location of developer metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Place {
    Spreadsheet,
    Tab(i32),
    Row(i32, u32),
    Column(i32, u32),
}

/// A spreadsheet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Book {
    pub(crate) id: String,
    pub(crate) title: String,
    pub(crate) locale: String,
    pub(crate) time_zone: String,
    pub(crate) acl: BTreeMap<String, Role>,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) protected: Vec<Kept<i32>>,
    pub(crate) named: Vec<Kept<String>>,
    pub(crate) metadata: Vec<Metadata>,
    pub(crate) created: Millis,
    pub(crate) modified: Millis,
    pub(crate) version: u64,
}

impl Book {
    /// As a new spreadsheet looks in Taiwan: one tab of 1000 rows and 26 columns.
    pub(crate) fn new(id: &str, title: &str, owner: &str, now: Millis) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            locale: "zh_TW".to_owned(),
            time_zone: "Asia/Taipei".to_owned(),
            acl: BTreeMap::from([(owner.to_owned(), Role::Owner)]),
            tabs: vec![Tab::new(0, "工作表1")],
            protected: Vec::new(),
            named: Vec::new(),
            metadata: Vec::new(),
            created: now,
            modified: now,
            version: 1,
        }
    }

    pub(crate) fn share(&mut self, email: &str, role: Role) {
        self.acl.insert(email.to_owned(), role);
    }

    pub(crate) fn role(&self, email: &str) -> Option<Role> {
        self.acl.get(email).copied()
    }

    pub(crate) fn owner(&self) -> &str {
        self.acl
            .iter()
            .find(|(_, role)| **role == Role::Owner)
            .map_or("", |(email, _)| email)
    }

    pub(crate) fn tab_by_title(&self, title: &str) -> Option<usize> {
        self.tabs.iter().position(|t| t.title == title).or_else(|| {
            self.tabs
                .iter()
                .position(|t| t.title.to_lowercase() == title.to_lowercase())
        })
    }

    pub(crate) fn tab_by_id(&self, id: i32) -> Option<usize> {
        self.tabs.iter().position(|t| t.id == id)
    }

    /// The tab at this position. Positions come from the two lookups above.
    pub(crate) fn tab(&self, index: usize) -> Result<&Tab, ApiError> {
        self.tabs
            .get(index)
            .ok_or_else(|| ApiError::invalid(format!("No sheet at index {index}")))
    }

    pub(crate) fn tab_mut(&mut self, index: usize) -> Result<&mut Tab, ApiError> {
        self.tabs
            .get_mut(index)
            .ok_or_else(|| ApiError::invalid(format!("No sheet at index {index}")))
    }

    pub(crate) fn named_range(&self, name: &str) -> Option<(usize, Area)> {
        let found = self
            .named
            .iter()
            .find(|n| n.body.get("name").and_then(Value::as_str) == Some(name))?;
        Some((self.tab_by_id(found.tab)?, found.area))
    }

    /// Whether `who` may edit a protected range. The owner always may.
    pub(crate) fn may_edit(&self, who: &str, protected: &Kept<i32>) -> bool {
        if who == self.owner() || protected.body.get("warningOnly") == Some(&Value::Bool(true)) {
            return true;
        }
        protected
            .body
            .get("editors")
            .and_then(|e| e.get("users"))
            .and_then(Value::as_array)
            .is_some_and(|users| users.iter().any(|u| u.as_str() == Some(who)))
    }

    /// Refuses an edit that touches a protected range of somebody else.
    pub(crate) fn check_edit(&self, who: &str, tab: usize, block: Block) -> Result<(), ApiError> {
        let id = self.tab(tab)?.id;
        let closed = self
            .protected
            .iter()
            .filter(|p| p.tab == id && p.area.overlaps(block))
            .filter(|p| !unprotected(p).iter().any(|open| covers(*open, block)))
            .any(|p| !self.may_edit(who, p));
        if closed {
            Err(ApiError::protected())
        } else {
            Ok(())
        }
    }

    /// Refuses a grid that would be larger than Google allows.
    pub(crate) fn check_size(&self) -> Result<(), ApiError> {
        let cells: u64 = self
            .tabs
            .iter()
            .map(|t| u64::from(t.rows) * u64::from(t.columns))
            .sum();
        if cells > MAX_CELLS {
            return Err(ApiError::invalid(format!(
                "This action would increase the number of cells in the workbook above the limit of {MAX_CELLS} cells."
            )));
        }
        Ok(())
    }
}

/// The holes in a protected tab.
fn unprotected(protected: &Kept<i32>) -> Vec<Area> {
    let ranges = protected
        .body
        .get("unprotectedRanges")
        .and_then(Value::as_array);
    ranges
        .map(|list| list.iter().filter_map(super::input::plain_area).collect())
        .unwrap_or_default()
}

fn covers(area: Area, block: Block) -> bool {
    area.r0 <= block.r0
        && area.c0 <= block.c0
        && area.r1.is_none_or(|end| end >= block.r1)
        && area.c1.is_none_or(|end| end >= block.c1)
}

impl Tab {
    pub(crate) fn new(id: i32, title: &str) -> Self {
        Self {
            id,
            title: title.to_owned(),
            rows: 1000,
            columns: 26,
            frozen_rows: 0,
            frozen_columns: 0,
            extra: Map::new(),
            cells: Vec::new(),
        }
    }

    pub(crate) fn cell(&self, row: u32, column: u32) -> Option<&Cell> {
        self.cells.get(at(row))?.get(at(column))
    }

    pub(crate) fn value(&self, row: u32, column: u32) -> Option<&CellValue> {
        self.cell(row, column)?.value.as_ref()
    }

    /// The cell to write to; rows and cells up to it come to be.
    pub(crate) fn cell_mut(&mut self, row: u32, column: u32) -> &mut Cell {
        let (row, column) = (at(row), at(column));
        if self.cells.len() <= row {
            self.cells.resize_with(row + 1, Vec::new);
        }
        let line = &mut self.cells[row];
        if line.len() <= column {
            line.resize_with(column + 1, Cell::default);
        }
        &mut line[column]
    }

    /// Rows up to the last one with a value.
    pub(crate) fn used_rows(&self) -> u32 {
        let used = self
            .cells
            .iter()
            .rposition(|row| row.iter().any(|c| c.value.is_some()));
        used.map_or(0, |n| count(n + 1))
    }

    /// Columns up to the last one with a value.
    pub(crate) fn used_columns(&self) -> u32 {
        let widths = self
            .cells
            .iter()
            .filter_map(|row| row.iter().rposition(|c| c.value.is_some()));
        widths.max().map_or(0, |n| count(n + 1))
    }
}

/// A grid index as an index into memory.
pub(crate) fn at(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// A length in memory as a grid length.
pub(crate) fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
