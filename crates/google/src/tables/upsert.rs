//! Rows by key: what is there is updated, what is missing gets the next free row.

use std::collections::{HashMap, HashSet};

use super::layout::Layout;
use super::spec::{ColumnSpec, TabSpec, Writer};
use super::survey::Survey;
use super::{Grid, Tables};
use crate::sheets::{A1, Cell, RangeWrite, Request, SheetsError};

/// Google recommends at most 2 MB; a request has at most this much and this many ranges.
const MAX_WEIGHT: usize = 1_000_000;
const MAX_RANGES: usize = 500;
/// Rows that a full grid grows by, beyond what is needed now.
const SPARE_ROWS: u32 = 200;

/// A row to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What it is found by: text, not blank.
    pub key: String,
    /// Cells by column key. Columns that are not named keep what they have; the key's own cell need not be named.
    pub cells: Vec<(&'static str, Cell)>,
}

/// What an upsert did and saw.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// Rows that were there.
    pub updated: usize,
    /// Rows that were not.
    pub inserted: usize,
    /// Keys that are in the tab more than once; the first row counts, the others are left alone.
    pub duplicates: Vec<Duplicate>,
    /// Rows among ours that have no key: people's own, left alone.
    pub foreign_rows: Vec<u32>,
    /// Keys whose text was too long for a cell, and was cut.
    pub cut: Vec<String>,
    /// Keys that this process wrote earlier and that are gone: people removed the row, or sorted while it was written. To be given
    /// again.
    pub vanished: Vec<String>,
}

/// A key that is in the tab more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The key.
    pub key: String,
    /// Row numbers; the first is the one that counts.
    pub rows: Vec<u32>,
}

impl<G: Grid> Tables<G> {
    /// Writes rows: our columns of the rows whose key is there, and the missing ones, in the order given, below the last row in use.
    ///
    /// After [`SheetsError::Ambiguous`] (or any temporary error) give the same rows in the same order again: rows that arrived are
    /// found by their key, and the others go to the same places.
    ///
    /// # Errors
    /// [`SheetsError`]; nothing is written unless header and key column were just read.
    pub async fn upsert(&self, spec: &TabSpec, rows: &[Row]) -> Result<Report, SheetsError> {
        self.write(spec, rows, false).await
    }

    /// Fills a table that has no row yet, people's columns too. Does nothing to a table with rows.
    ///
    /// # Errors
    /// As [`Tables::upsert`].
    pub async fn fill_if_empty(&self, spec: &TabSpec, rows: &[Row]) -> Result<Report, SheetsError> {
        self.write(spec, rows, true).await
    }

    async fn write(
        &self,
        spec: &TabSpec,
        rows: &[Row],
        filling: bool,
    ) -> Result<Report, SheetsError> {
        let rows = checked(spec, rows, filling)?;
        // Held to the end: sessions of one spreadsheet never overlap.
        let mut written = self.written.lock().await;
        let survey = self.survey(spec).await?;
        if filling && survey.keyed_rows().next().is_some() {
            return Ok(Report::default());
        }
        let mut report = Report::default();
        let places = places(&survey, &mut report);
        let known = written.entry(spec.title).or_default();
        report.vanished = vanished(known, &places, &rows);

        let mut free = survey.next_row();
        if rows
            .iter()
            .any(|row| !places.contains_key(row.key.as_str()))
        {
            free = self.skip_used(spec, &survey, free, &mut report).await?;
            if filling && free > 2 {
                return Ok(Report::default());
            }
        }
        let mut writes = Vec::new();
        let mut keys = Vec::with_capacity(rows.len());
        for mut row in rows {
            let number = if let Some(number) = places.get(row.key.as_str()) {
                report.updated += 1;
                *number
            } else {
                report.inserted += 1;
                free += 1;
                free - 1
            };
            if row
                .cells
                .iter_mut()
                .fold(false, |cut, (_, cell)| cell.cut() || cut)
            {
                report.cut.push(row.key.clone());
            }
            writes.extend(cells_of(spec, &survey.layout, &row, number, filling));
            keys.push(row.key);
        }
        if report.inserted > 0 {
            self.grow(spec, &survey, free - 1).await?;
        }
        for chunk in chunks(&writes) {
            self.grid.values_batch_update(chunk).await?;
        }
        for key in &report.vanished {
            known.remove(key);
        }
        known.extend(keys);
        Ok(report)
    }

    async fn grow(
        &self,
        spec: &TabSpec,
        survey: &Survey,
        last_row: u32,
    ) -> Result<(), SheetsError> {
        if survey.grid_rows.is_some_and(|rows| last_row <= rows) {
            return Ok(());
        }
        let (sheet_id, rows) = self.tab(spec).await?;
        if last_row <= rows {
            return Ok(());
        }
        let count = last_row - rows + SPARE_ROWS;
        self.grid
            .batch_update(&[Request::AppendRows { sheet_id, count }])
            .await
    }
}

/// One row for each key (a later one replaces what it names), with columns that exist and are ours.
fn checked(spec: &TabSpec, rows: &[Row], filling: bool) -> Result<Vec<Row>, SheetsError> {
    let ours = |c: &ColumnSpec| filling || c.writer == Writer::Us;
    // A row without its key would not be found again, and so be written twice.
    if !spec.columns.iter().any(|c| c.key == spec.key && ours(c)) {
        return Err(SheetsError::refuse(
            "key_column",
            format!("the key column of tab {} is not ours", spec.title),
        ));
    }
    let mut order: Vec<Row> = Vec::with_capacity(rows.len());
    let mut places = HashMap::new();
    for row in rows {
        let key = row.key.trim();
        if key.is_empty() {
            return Err(SheetsError::refuse(
                "key_blank",
                format!("a row for tab {} has no key", spec.title),
            ));
        }
        for (name, _) in &row.cells {
            if !spec.columns.iter().any(|c| c.key == *name && ours(c)) {
                return Err(SheetsError::refuse(
                    "column",
                    format!("tab {} has no column {name} of ours", spec.title),
                ));
            }
        }
        let place = *places.entry(key).or_insert(order.len());
        if place == order.len() {
            order.push(Row {
                key: key.to_owned(),
                cells: Vec::new(),
            });
        }
        let cells = &mut order[place].cells;
        for (name, cell) in &row.cells {
            cells.retain(|(known, _)| known != name);
            cells.push((name, cell.clone()));
        }
    }
    Ok(order)
}

/// The row of each key, the first where there are several.
fn places<'s>(survey: &'s Survey, report: &mut Report) -> HashMap<&'s str, u32> {
    let mut places: HashMap<&str, u32> = HashMap::new();
    let mut duplicates: HashMap<&str, Vec<u32>> = HashMap::new();
    for (row, key) in survey.keyed_rows() {
        let first = *places.entry(key).or_insert(row);
        if first != row {
            duplicates
                .entry(key)
                .or_insert_with(|| vec![first])
                .push(row);
        }
    }
    report.duplicates = duplicates
        .into_iter()
        .map(|(key, rows)| Duplicate {
            key: key.to_owned(),
            rows,
        })
        .collect();
    report.duplicates.sort_by_key(|d| d.rows[0]);
    let next = survey.next_row();
    report.foreign_rows = (2..next)
        .zip(survey.keys.iter().skip(1))
        .filter(|(_, key)| key.is_empty())
        .map(|(row, _)| row)
        .collect();
    places
}

fn vanished(known: &HashSet<String>, places: &HashMap<&str, u32>, rows: &[Row]) -> Vec<String> {
    let now: HashSet<&str> = rows.iter().map(|row| row.key.as_str()).collect();
    let mut gone: Vec<String> = known
        .iter()
        .filter(|key| !places.contains_key(key.as_str()) && !now.contains(key.as_str()))
        .cloned()
        .collect();
    gone.sort();
    gone
}

fn cells_of(
    spec: &TabSpec,
    layout: &Layout,
    row: &Row,
    number: u32,
    filling: bool,
) -> Vec<RangeWrite> {
    let cell = |name: &str| {
        let given = row
            .cells
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, cell)| cell.clone());
        if name == spec.key {
            Some(Cell::Text(row.key.clone()))
        } else {
            given
        }
    };
    let runs = layout.runs(filling).into_iter();
    runs.filter_map(|run| {
        let columns = (run.first()?.0, run.last()?.0);
        let cells: Vec<Option<Cell>> = run.iter().map(|(_, name)| cell(name)).collect();
        let range = A1::block(spec.title, columns, (number, number));
        cells.iter().any(Option::is_some).then(|| RangeWrite {
            range,
            rows: vec![cells],
        })
    })
    .collect()
}

/// Requests of a bearable size.
fn chunks(writes: &[RangeWrite]) -> Vec<&[RangeWrite]> {
    let mut chunks = Vec::new();
    let (mut from, mut weight) = (0, 0);
    for (at, write) in writes.iter().enumerate() {
        if at > from && (weight + write.weight() > MAX_WEIGHT || at - from == MAX_RANGES) {
            chunks.push(&writes[from..at]);
            (from, weight) = (at, 0);
        }
        weight += write.weight();
    }
    if from < writes.len() {
        chunks.push(&writes[from..]);
    }
    chunks
}
