//! The simulated spreadsheet: strict about ranges and titles, forgetful about answers, and people's hands are in it.

use crate::{
    faults::Fault,
    shared::{Shared, Verdict},
};
use async_trait::async_trait;
use google::{
    sheets::{A1, Cell, RangeWrite, Request, SheetsError, Spreadsheet, Tab, ValueRange},
    tables::Grid,
};
use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// One tab with its cells.
#[derive(Clone)]
pub struct Leaf {
    /// What describes it.
    pub tab: Tab,
    /// Its cells, row by row.
    pub cells: Vec<Vec<Cell>>,
}

/// The spreadsheet.
#[derive(Clone)]
pub struct SimulatedSheet {
    shared: Shared,
    leaves: Arc<Mutex<Vec<Leaf>>>,
}

fn size(n: u32) -> usize {
    usize::try_from(n).unwrap_or(usize::MAX)
}

fn bad(what: &str) -> SheetsError {
    SheetsError::Refused {
        status: 400,
        reason: "INVALID_ARGUMENT".to_owned(),
        cure: String::new(),
        detail: what.to_owned(),
    }
}

impl SimulatedSheet {
    /// A spreadsheet without tabs.
    #[must_use]
    pub fn new(shared: Shared) -> Self {
        Self {
            shared,
            leaves: Arc::default(),
        }
    }

    /// The tabs, for people's hands and for whoever looks on.
    pub fn leaves(&self) -> MutexGuard<'_, Vec<Leaf>> {
        self.leaves.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the call goes through, and whether its answer arrives.
    async fn pass(&self, writes: bool) -> Result<bool, SheetsError> {
        let verdict = self.shared.gate(false).await;
        let mut town = self.shared.town();
        town.events += 1;
        let rates = town.rates;
        if town.now < town.sheet_down_until {
            town.fire(Fault::F40SheetDown);
            return Err(SheetsError::Retry {
                after: Duration::from_secs(30),
                reason: "503".to_owned(),
            });
        }
        match verdict {
            Verdict::FailBefore => return Err(SheetsError::Unreachable("simulated".to_owned())),
            Verdict::FailAfter => return Ok(false),
            Verdict::Go | Verdict::DieBefore | Verdict::DieAfter => {}
        }
        if town.rng.chance(rates.sheet) {
            return match town.rng.below(3) {
                0 => {
                    town.fire(Fault::F39SheetQuota);
                    Err(SheetsError::Retry {
                        after: Duration::from_secs(1),
                        reason: "429".to_owned(),
                    })
                }
                1 if writes => {
                    town.fire(Fault::F41SheetAnswerLost);
                    Ok(false)
                }
                _ => {
                    town.fire(Fault::F40SheetDown);
                    Err(SheetsError::Unreachable("503".to_owned()))
                }
            };
        }
        Ok(true)
    }

    async fn change(
        &self,
        apply: impl FnOnce(&mut Vec<Leaf>) -> Result<(), SheetsError>,
    ) -> Result<(), SheetsError> {
        let answered = self.pass(true).await?;
        {
            let mut leaves = self.leaves();
            let mut next = leaves.clone();
            apply(&mut next)?;
            *leaves = next;
        }
        if answered {
            Ok(())
        } else {
            Err(SheetsError::Ambiguous("timed out".to_owned()))
        }
    }
}

fn trimmed(rows: &[Vec<Cell>]) -> Vec<Vec<Cell>> {
    let end = |row: &Vec<Cell>| {
        let last = row.iter().rposition(|cell| *cell != Cell::Empty);
        last.map_or(0, |at| at + 1)
    };
    let mut rows: Vec<Vec<Cell>> = rows.iter().map(|row| row[..end(row)].to_vec()).collect();
    while rows.last().is_some_and(Vec::is_empty) {
        rows.pop();
    }
    rows
}

fn read(leaves: &[Leaf], range: &A1) -> Result<ValueRange, SheetsError> {
    let leaf = leaves
        .iter()
        .find(|leaf| leaf.tab.title == range.title())
        .ok_or_else(|| bad("Unable to parse range"))?;
    let (rows, columns) = (leaf.tab.rows, leaf.tab.columns);
    let (left, right) = range.columns().unwrap_or((0, columns.saturating_sub(1)));
    let (top, bottom) = range.rows().unwrap_or((1, None));
    let bottom = bottom.unwrap_or(rows).min(rows);
    let right = right.min(columns.saturating_sub(1));
    if top > rows || left >= columns {
        return Err(bad("exceeds grid limits"));
    }
    let cells: Vec<Vec<Cell>> = leaf.cells[size(top) - 1..size(bottom)]
        .iter()
        .map(|row| row[size(left)..=size(right)].to_vec())
        .collect();
    Ok(ValueRange {
        range: A1::block(range.title(), (left, right), (top, bottom)).to_string(),
        rows: trimmed(&cells),
    })
}

fn write(leaves: &mut [Leaf], write: &RangeWrite) -> Result<(), SheetsError> {
    let leaf = leaves
        .iter_mut()
        .find(|leaf| leaf.tab.title == write.range.title())
        .ok_or_else(|| bad("Unable to parse range"))?;
    let (Some(columns), Some((top, Some(bottom)))) = (write.range.columns(), write.range.rows())
    else {
        return Err(bad("an open range"));
    };
    if bottom > leaf.tab.rows || columns.1 >= leaf.tab.columns {
        return Err(bad("exceeds grid limits"));
    }
    for (row, cells) in (size(top) - 1..).zip(&write.rows) {
        for (column, cell) in (size(columns.0)..).zip(cells) {
            if let Some(cell) = cell {
                leaf.cells[row][column] = cell.clone();
            }
        }
    }
    Ok(())
}

fn apply(leaves: &mut Vec<Leaf>, request: &Request) -> Result<(), SheetsError> {
    let at = |leaves: &[Leaf], id: i64| {
        leaves
            .iter()
            .position(|leaf| leaf.tab.sheet_id == id)
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
            let taken = |leaf: &Leaf| leaf.tab.title == *title || leaf.tab.sheet_id == *sheet_id;
            if leaves.iter().any(taken) {
                return Err(bad("already exists"));
            }
            // A small grid, so that it must grow.
            let rows = (*rows).min(8);
            leaves.push(Leaf {
                tab: Tab {
                    sheet_id: *sheet_id,
                    title: title.clone(),
                    rows,
                    columns: *columns,
                    frozen_rows: *frozen_rows,
                    protected: Vec::new(),
                },
                cells: vec![vec![Cell::Empty; size(*columns)]; size(rows)],
            });
        }
        Request::AppendRows { sheet_id, count } => {
            let at = at(leaves, *sheet_id)?;
            let leaf = &mut leaves[at];
            leaf.tab.rows += *count;
            let blank = vec![Cell::Empty; size(leaf.tab.columns)];
            leaf.cells.resize(size(leaf.tab.rows), blank);
        }
        Request::AppendColumns { sheet_id, count } => {
            let at = at(leaves, *sheet_id)?;
            let leaf = &mut leaves[at];
            leaf.tab.columns += count;
            for row in &mut leaf.cells {
                row.resize(size(leaf.tab.columns), Cell::Empty);
            }
        }
        Request::FreezeRows { sheet_id, rows } => {
            let at = at(leaves, *sheet_id)?;
            leaves[at].tab.frozen_rows = *rows;
        }
        Request::Protect {
            sheet_id,
            description,
            editor,
            ..
        } => {
            let at = at(leaves, *sheet_id)?;
            leaves[at].tab.protected.push(google::sheets::Protected {
                description: description.clone(),
                warning_only: editor.is_none(),
            });
        }
    }
    Ok(())
}

#[async_trait]
impl Grid for SimulatedSheet {
    async fn spreadsheet(&self) -> Result<Spreadsheet, SheetsError> {
        self.pass(false).await?;
        Ok(Spreadsheet {
            title: "店".to_owned(),
            locale: "zh_TW".to_owned(),
            time_zone: "Asia/Taipei".to_owned(),
            tabs: self.leaves().iter().map(|leaf| leaf.tab.clone()).collect(),
        })
    }

    async fn batch_get(&self, ranges: &[A1]) -> Result<Vec<ValueRange>, SheetsError> {
        self.pass(false).await?;
        let leaves = self.leaves();
        ranges.iter().map(|range| read(&leaves, range)).collect()
    }

    async fn values_batch_update(&self, writes: &[RangeWrite]) -> Result<(), SheetsError> {
        self.change(|leaves| writes.iter().try_for_each(|one| write(leaves, one)))
            .await
    }

    async fn batch_update(&self, requests: &[Request]) -> Result<(), SheetsError> {
        self.change(|leaves| requests.iter().try_for_each(|one| apply(leaves, one)))
            .await
    }

    fn editor(&self) -> &'static str {
        "simulated@project.iam.gserviceaccount.com"
    }
}
