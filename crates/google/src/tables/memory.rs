//! A strict spreadsheet in memory: refuses what Google refuses, clips what Google clips, and loses answers on demand.

use std::collections::VecDeque;
use std::sync::Mutex;

use async_trait::async_trait;

use super::Grid;
use crate::sheets::{
    A1, Cell, Protected, RangeWrite, Request, SheetsError, Spreadsheet, Tab, ValueRange,
};

/// What happens to the next call that changes something.
#[derive(Debug)]
pub(super) enum Fault {
    /// Not applied.
    Before(SheetsError),
    /// Applied, but the answer is lost.
    After,
    /// None this time.
    Pass,
}

#[derive(Default)]
pub(super) struct Memory {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    tabs: Vec<Sheet>,
    write_faults: VecDeque<Fault>,
    read_fault: Option<SheetsError>,
    writes: usize,
}

#[derive(Clone)]
struct Sheet {
    tab: Tab,
    cells: Vec<Vec<Cell>>,
}

fn size(n: u32) -> usize {
    usize::try_from(n).unwrap()
}

impl Memory {
    pub(super) fn add_tab(&self, title: &str, rows: u32, columns: u32) {
        let mut state = self.state.lock().unwrap();
        let tab = Tab {
            sheet_id: i64::try_from(state.tabs.len()).unwrap(),
            title: title.to_owned(),
            rows,
            columns,
            frozen_rows: 0,
            protected: Vec::new(),
        };
        state.tabs.push(Sheet {
            tab,
            cells: vec![vec![Cell::Empty; size(columns)]; size(rows)],
        });
    }

    /// As a person with a mouse does it.
    pub(super) fn edit(&self, title: &str, change: impl FnOnce(&mut Vec<Vec<Cell>>)) {
        let mut state = self.state.lock().unwrap();
        let sheet = state
            .tabs
            .iter_mut()
            .find(|s| s.tab.title == title)
            .unwrap();
        change(&mut sheet.cells);
        sheet.tab.rows = u32::try_from(sheet.cells.len()).unwrap();
        sheet.tab.columns = u32::try_from(sheet.cells[0].len()).unwrap();
    }

    /// What a person sees: text, without blank rows at the end and blank cells at the end of a row.
    pub(super) fn seen(&self, title: &str) -> Vec<Vec<String>> {
        let state = self.state.lock().unwrap();
        let sheet = state.tabs.iter().find(|s| s.tab.title == title).unwrap();
        trimmed(&sheet.cells)
            .iter()
            .map(|row| row.iter().map(Cell::to_text).collect())
            .collect()
    }

    pub(super) fn fail_write(&self, fault: Fault) {
        self.state.lock().unwrap().write_faults.push_back(fault);
    }

    pub(super) fn fail_read(&self, error: SheetsError) {
        self.state.lock().unwrap().read_fault = Some(error);
    }

    pub(super) fn writes(&self) -> usize {
        self.state.lock().unwrap().writes
    }

    pub(super) fn tabs(&self) -> Vec<Tab> {
        self.state
            .lock()
            .unwrap()
            .tabs
            .iter()
            .map(|s| s.tab.clone())
            .collect()
    }

    fn change(
        &self,
        apply: impl FnOnce(&mut Vec<Sheet>) -> Result<(), SheetsError>,
    ) -> Result<(), SheetsError> {
        let mut state = self.state.lock().unwrap();
        state.writes += 1;
        let fault = state.write_faults.pop_front();
        if let Some(Fault::Before(error)) = fault {
            return Err(error);
        }
        let mut tabs = state.tabs.clone();
        apply(&mut tabs)?;
        state.tabs = tabs;
        match fault {
            Some(Fault::After) => Err(SheetsError::Ambiguous("timed out".to_owned())),
            Some(Fault::Pass | Fault::Before(_)) | None => Ok(()),
        }
    }

    fn read<T>(
        &self,
        look: impl FnOnce(&[Sheet]) -> Result<T, SheetsError>,
    ) -> Result<T, SheetsError> {
        let mut state = self.state.lock().unwrap();
        match state.read_fault.take() {
            Some(error) => Err(error),
            None => look(&state.tabs),
        }
    }
}

fn bad(what: &str) -> SheetsError {
    SheetsError::Refused {
        status: 400,
        reason: "INVALID_ARGUMENT".to_owned(),
        cure: String::new(),
        detail: what.to_owned(),
    }
}

fn find<'s>(tabs: &'s mut [Sheet], range: &A1) -> Result<&'s mut Sheet, SheetsError> {
    tabs.iter_mut()
        .find(|s| s.tab.title == range.title())
        .ok_or_else(|| bad("Unable to parse range"))
}

fn trimmed(rows: &[Vec<Cell>]) -> Vec<Vec<Cell>> {
    let end = |row: &Vec<Cell>| {
        row.iter()
            .rposition(|c| *c != Cell::Empty)
            .map_or(0, |at| at + 1)
    };
    let mut rows: Vec<Vec<Cell>> = rows.iter().map(|row| row[..end(row)].to_vec()).collect();
    while rows.last().is_some_and(Vec::is_empty) {
        rows.pop();
    }
    rows
}

fn get(tabs: &[Sheet], range: &A1) -> Result<ValueRange, SheetsError> {
    let mut tabs = tabs.to_vec();
    let sheet = find(&mut tabs, range)?;
    let (first_column, last_column) = range.columns().unwrap_or((0, sheet.tab.columns - 1));
    let (first_row, last_row) = range.rows().unwrap_or((1, None));
    let last_row = last_row.unwrap_or(sheet.tab.rows).min(sheet.tab.rows);
    let last_column = last_column.min(sheet.tab.columns - 1);
    if first_row > sheet.tab.rows || first_column >= sheet.tab.columns {
        return Err(bad("exceeds grid limits"));
    }
    let rows: Vec<Vec<Cell>> = sheet.cells[size(first_row) - 1..size(last_row)]
        .iter()
        .map(|row| row[size(first_column)..=size(last_column)].to_vec())
        .collect();
    let echo = A1::block(
        range.title(),
        (first_column, last_column),
        (first_row, last_row),
    )
    .to_string();
    Ok(ValueRange {
        range: echo,
        rows: trimmed(&rows),
    })
}

fn apply(tabs: &mut Vec<Sheet>, request: &Request) -> Result<(), SheetsError> {
    let at = |tabs: &[Sheet], id: i64| {
        tabs.iter()
            .position(|s| s.tab.sheet_id == id)
            .ok_or_else(|| bad("No grid with id"))
    };
    match request {
        Request::AddTab {
            sheet_id,
            title,
            rows,
            columns,
            frozen_rows,
        } => {
            if tabs
                .iter()
                .any(|s| s.tab.title == *title || s.tab.sheet_id == *sheet_id)
            {
                return Err(bad("already exists"));
            }
            let tab = Tab {
                sheet_id: *sheet_id,
                title: title.clone(),
                rows: *rows,
                columns: *columns,
                frozen_rows: *frozen_rows,
                protected: Vec::new(),
            };
            tabs.push(Sheet {
                tab,
                cells: vec![vec![Cell::Empty; size(*columns)]; size(*rows)],
            });
        }
        Request::AppendRows { sheet_id, count } => {
            let at = at(tabs, *sheet_id)?;
            let sheet = &mut tabs[at];
            sheet.tab.rows += count;
            sheet.cells.resize(
                size(sheet.tab.rows),
                vec![Cell::Empty; size(sheet.tab.columns)],
            );
        }
        Request::AppendColumns { sheet_id, count } => {
            let at = at(tabs, *sheet_id)?;
            let sheet = &mut tabs[at];
            sheet.tab.columns += count;
            for row in &mut sheet.cells {
                row.resize(size(sheet.tab.columns), Cell::Empty);
            }
        }
        Request::FreezeRows { sheet_id, rows } => {
            let at = at(tabs, *sheet_id)?;
            tabs[at].tab.frozen_rows = *rows;
        }
        Request::Protect {
            sheet_id,
            description,
            editor,
            ..
        } => {
            let at = at(tabs, *sheet_id)?;
            let protected = Protected {
                description: description.clone(),
                warning_only: editor.is_none(),
            };
            tabs[at].tab.protected.push(protected);
        }
    }
    Ok(())
}

fn put(tabs: &mut [Sheet], write: &RangeWrite) -> Result<(), SheetsError> {
    let sheet = find(tabs, &write.range)?;
    let (Some(columns), Some((first_row, Some(last_row)))) =
        (write.range.columns(), write.range.rows())
    else {
        return Err(bad("an open range"));
    };
    if last_row > sheet.tab.rows || columns.1 >= sheet.tab.columns {
        return Err(bad("exceeds grid limits"));
    }
    if write.rows.len() > size(last_row - first_row + 1) {
        return Err(bad("tried writing to row"));
    }
    for (row, cells) in (size(first_row) - 1..).zip(&write.rows) {
        if cells.len() > size(columns.1 - columns.0 + 1) {
            return Err(bad("tried writing to column"));
        }
        for (column, cell) in (size(columns.0)..).zip(cells) {
            if let Some(cell) = cell {
                sheet.cells[row][column] = cell.clone();
            }
        }
    }
    Ok(())
}

#[async_trait]
impl Grid for Memory {
    async fn spreadsheet(&self) -> Result<Spreadsheet, SheetsError> {
        self.read(|tabs| {
            Ok(Spreadsheet {
                title: "店".to_owned(),
                locale: "zh_TW".to_owned(),
                time_zone: "Asia/Taipei".to_owned(),
                tabs: tabs.iter().map(|s| s.tab.clone()).collect(),
            })
        })
    }

    async fn batch_get(&self, ranges: &[A1]) -> Result<Vec<ValueRange>, SheetsError> {
        self.read(|tabs| ranges.iter().map(|range| get(tabs, range)).collect())
    }

    async fn values_batch_update(&self, writes: &[RangeWrite]) -> Result<(), SheetsError> {
        self.change(|tabs| writes.iter().try_for_each(|write| put(tabs, write)))
    }

    async fn batch_update(&self, requests: &[Request]) -> Result<(), SheetsError> {
        self.change(|tabs| requests.iter().try_for_each(|request| apply(tabs, request)))
    }

    fn editor(&self) -> &'static str {
        "sa@p.iam.gserviceaccount.com"
    }
}
