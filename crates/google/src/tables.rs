//! A table kept in a tab of a spreadsheet that people also use.
//!
//! Rows are found by the key column and columns by their header, read anew before every write: people sort, insert and move. A write
//! sets cells at known places and never appends blindly, so that writing again after a lost answer changes nothing. Nothing is
//! ever deleted, and no tab or column that is not ours is touched.

mod ensure;
mod layout;
#[cfg(test)]
mod memory;
mod spec;
mod survey;
#[cfg(test)]
mod tests;
mod upsert;

pub use ensure::{Ensured, TabFault};
pub use spec::{Body, ColumnSpec, TabSpec, Writer};
pub use upsert::{Duplicate, Report, Row};

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Mutex;

use crate::sheets::{A1, Cell, RangeWrite, Request, SheetsError, Spreadsheet, ValueRange};
use layout::Layout;

/// A spreadsheet, as tables need it. [`crate::sheets::Sheets`] is one.
#[async_trait]
pub trait Grid: Send + Sync {
    /// Its tabs.
    async fn spreadsheet(&self) -> Result<Spreadsheet, SheetsError>;
    /// Values of ranges, in the order asked for, all as of one moment.
    async fn batch_get(&self, ranges: &[A1]) -> Result<Vec<ValueRange>, SheetsError>;
    /// Sets values, as they are (RAW).
    async fn values_batch_update(&self, writes: &[RangeWrite]) -> Result<(), SheetsError>;
    /// Changes the spreadsheet itself, all or nothing.
    async fn batch_update(&self, requests: &[Request]) -> Result<(), SheetsError>;
    /// Whose hands write: the service account's address.
    fn editor(&self) -> &str;
}

#[async_trait]
impl<G: Grid + ?Sized> Grid for Arc<G> {
    async fn spreadsheet(&self) -> Result<Spreadsheet, SheetsError> {
        (**self).spreadsheet().await
    }

    async fn batch_get(&self, ranges: &[A1]) -> Result<Vec<ValueRange>, SheetsError> {
        (**self).batch_get(ranges).await
    }

    async fn values_batch_update(&self, writes: &[RangeWrite]) -> Result<(), SheetsError> {
        (**self).values_batch_update(writes).await
    }

    async fn batch_update(&self, requests: &[Request]) -> Result<(), SheetsError> {
        (**self).batch_update(requests).await
    }

    fn editor(&self) -> &str {
        (**self).editor()
    }
}

/// The tables of one spreadsheet. There must be one writer only: it takes one session at a time.
pub struct Tables<G> {
    grid: G,
    /// Keys that this process has written, by tab: to notice rows that people removed or overwrote.
    written: Mutex<HashMap<&'static str, HashSet<String>>>,
}

impl<G> fmt::Debug for Tables<G> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tables(..)")
    }
}

/// A table as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// All header titles, people's own columns too.
    pub header: Vec<String>,
    /// All rows that are not blank, from top to bottom.
    pub rows: Vec<ReadRow>,
}

/// A row as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRow {
    /// As people see it at the left; the header is row 1.
    pub row_number: u32,
    cells: BTreeMap<&'static str, Cell>,
}

impl ReadRow {
    /// The cell of a column, by the column's key; [`Cell::Empty`] where there is nothing.
    #[must_use]
    pub fn cell(&self, key: &str) -> &Cell {
        self.cells.get(key).unwrap_or(&Cell::Empty)
    }

    /// The text of a column without white space around it, whatever type a person's typing gave it.
    #[must_use]
    pub fn text(&self, key: &str) -> String {
        self.cell(key).to_text().trim().to_owned()
    }
}

impl<G: Grid> Tables<G> {
    /// Nothing is read or written yet.
    pub fn new(grid: G) -> Self {
        Self {
            grid,
            written: Mutex::new(HashMap::new()),
        }
    }

    /// The spreadsheet below.
    pub fn grid(&self) -> &G {
        &self.grid
    }

    /// Reads a whole table, for its rows' sake.
    ///
    /// # Errors
    /// [`SheetsError`]; a refusal where a header of `spec` is missing or there twice.
    pub async fn read_table(&self, spec: &TabSpec) -> Result<Table, SheetsError> {
        let range = self.get_one(A1::tab(spec.title)).await?;
        let mut rows = range.rows.into_iter();
        let header = rows.next().unwrap_or_default();
        let layout = Layout::find(spec, &header)?;
        let rows = (2..)
            .zip(rows)
            .filter(|(_, cells)| !cells.iter().all(Cell::is_blank))
            .map(|(row_number, cells)| ReadRow {
                row_number,
                cells: layout.pick(&cells),
            })
            .collect();
        Ok(Table {
            header: header.iter().map(Cell::to_text).collect(),
            rows,
        })
    }

    /// The keys that are in the tab, from top to bottom, with their row numbers: to compare with the ledger's.
    ///
    /// # Errors
    /// As [`Tables::read_table`].
    pub async fn keys(&self, spec: &TabSpec) -> Result<Vec<(u32, String)>, SheetsError> {
        let survey = self.survey(spec).await?;
        Ok(survey
            .keyed_rows()
            .map(|(row, key)| (row, key.to_owned()))
            .collect())
    }

    async fn get_one(&self, range: A1) -> Result<ValueRange, SheetsError> {
        let mut ranges = self.grid.batch_get(&[range]).await?;
        ranges
            .pop()
            .ok_or_else(|| SheetsError::BadAnswer("no range in the answer".to_owned()))
    }
}
