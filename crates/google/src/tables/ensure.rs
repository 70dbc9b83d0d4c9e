//! Making the tabs on first use, and looking after them later.

use sha2::{Digest as _, Sha256};

use super::layout::Layout;
use super::spec::{Body, TabSpec};
use super::{Grid, Tables};
use crate::sheets::{A1, Cell, RangeWrite, Request, SheetsError, Spreadsheet, Tab};

/// We know our protected ranges by how they are described.
const HEADER_MARK: &str = "jinliu:header";
const COLUMNS_MARK: &str = "jinliu:columns";
const NEW_ROWS: u32 = 1000;
/// Columns to the right of ours, for people's own.
const SPARE_COLUMNS: u32 = 4;

/// What was done to have the tabs as they should be.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ensured {
    /// Tabs that were made.
    pub made: Vec<&'static str>,
    /// Tabs that got their header, because they were empty.
    pub headed: Vec<&'static str>,
    /// Tabs that cannot be used as they are, and what to do.
    pub faults: Vec<TabFault>,
}

/// A tab that cannot be used as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TabFault {
    /// Its title.
    pub tab: &'static str,
    /// Always [`SheetsError::Refused`].
    pub error: SheetsError,
}

impl<G: Grid> Tables<G> {
    /// Makes missing tabs, writes headers into empty ones, freezes the first row and protects it and our columns. May be called at
    /// every start, and again after any error. Other tabs, and tabs with a header, are only looked at.
    ///
    /// # Errors
    /// [`SheetsError`] where the spreadsheet as a whole cannot be worked on; what is wrong with one tab is in [`Ensured::faults`].
    pub async fn ensure_tabs(&self, specs: &[TabSpec]) -> Result<Ensured, SheetsError> {
        let mut done = Ensured::default();
        let before = self.grid.spreadsheet().await?;
        let additions = additions(&before, specs);
        let tabs = if additions.is_empty() {
            before.tabs
        } else {
            self.grid.batch_update(&additions).await?;
            done.made = specs
                .iter()
                .map(|s| s.title)
                .filter(|t| !before.tabs.iter().any(|tab| tab.title == *t))
                .collect();
            self.grid.spreadsheet().await?.tabs
        };
        let headers = self.headers(specs, &tabs, &mut done).await?;
        let mut upkeep = Vec::new();
        for (spec, header) in specs.iter().zip(headers) {
            let Some(tab) = tabs.iter().find(|tab| tab.title == spec.title) else {
                continue;
            };
            let Some(header) = header else { continue };
            match Layout::find(spec, &header) {
                Ok(layout) => upkeep.extend(upkeep_of(spec, tab, &layout, self.grid.editor())),
                Err(error) => done.faults.push(TabFault {
                    tab: spec.title,
                    error,
                }),
            }
        }
        if !upkeep.is_empty() {
            self.grid.batch_update(&upkeep).await?;
        }
        Ok(done)
    }

    /// The header of each tab, written first where the tab is empty; `None` where it cannot be.
    async fn headers(
        &self,
        specs: &[TabSpec],
        tabs: &[Tab],
        done: &mut Ensured,
    ) -> Result<Vec<Option<Vec<Cell>>>, SheetsError> {
        let asked: Vec<A1> = specs.iter().map(|spec| A1::row(spec.title, 1)).collect();
        let first_rows = self.grid.batch_get(&asked).await?;
        let mut headers: Vec<Option<Vec<Cell>>> = first_rows
            .into_iter()
            .map(|range| Some(range.rows.into_iter().next().unwrap_or_default()))
            .collect();
        let mut writes = Vec::new();
        let mut growth = Vec::new();
        for (spec, header) in specs.iter().zip(&mut headers) {
            if !header
                .as_ref()
                .is_some_and(|cells| cells.iter().all(Cell::is_blank))
            {
                continue;
            }
            // A blank header over a filled table is somebody's mistake, and not ours to write over.
            let body = self.get_one(A1::tab(spec.title)).await?;
            if body.rows.iter().flatten().any(|cell| !cell.is_blank()) {
                let cure = format!(
                    "in tab {} the header row is blank; undo that, or empty the tab",
                    spec.title
                );
                done.faults.push(TabFault {
                    tab: spec.title,
                    error: SheetsError::refuse("header_blank", cure),
                });
                *header = None;
                continue;
            }
            let width = u32::try_from(spec.columns.len()).unwrap_or(u32::MAX);
            if let Some(tab) = tabs
                .iter()
                .find(|tab| tab.title == spec.title && tab.columns < width)
            {
                growth.push(Request::AppendColumns {
                    sheet_id: tab.sheet_id,
                    count: width - tab.columns,
                });
            }
            let titles: Vec<Cell> = spec
                .columns
                .iter()
                .map(|column| Cell::from(column.title))
                .collect();
            writes.push(RangeWrite {
                range: A1::block(spec.title, (0, width.saturating_sub(1)), (1, 1)),
                rows: vec![titles.iter().cloned().map(Some).collect()],
            });
            done.headed.push(spec.title);
            *header = Some(titles);
        }
        if !growth.is_empty() {
            self.grid.batch_update(&growth).await?;
        }
        if !writes.is_empty() {
            self.grid.values_batch_update(&writes).await?;
        }
        Ok(headers)
    }
}

fn additions(before: &Spreadsheet, specs: &[TabSpec]) -> Vec<Request> {
    let mut taken: Vec<i64> = before.tabs.iter().map(|tab| tab.sheet_id).collect();
    let mut requests = Vec::new();
    for spec in specs
        .iter()
        .filter(|spec| !before.tabs.iter().any(|tab| tab.title == spec.title))
    {
        let mut sheet_id = sheet_id(spec.title);
        while taken.contains(&sheet_id) {
            sheet_id += 1;
        }
        taken.push(sheet_id);
        requests.push(Request::AddTab {
            sheet_id,
            title: spec.title.to_owned(),
            rows: NEW_ROWS,
            columns: u32::try_from(spec.columns.len())
                .unwrap_or(u32::MAX)
                .saturating_add(SPARE_COLUMNS),
            frozen_rows: 1,
        });
    }
    requests
}

/// A tab's id follows from its title, so that the same tab cannot be made twice. Google takes 31 bits.
fn sheet_id(title: &str) -> i64 {
    let digest = Sha256::digest(title.as_bytes());
    i64::from(u32::from_be_bytes([
        digest[0] & 0x3f,
        digest[1],
        digest[2],
        digest[3],
    ])) + 1
}

fn upkeep_of(spec: &TabSpec, tab: &Tab, layout: &Layout, editor: &str) -> Vec<Request> {
    let mut requests = Vec::new();
    let sheet_id = tab.sheet_id;
    if tab.frozen_rows == 0 {
        requests.push(Request::FreezeRows { sheet_id, rows: 1 });
    }
    let has = |mark: &str| {
        tab.protected
            .iter()
            .any(|p| p.description.starts_with(mark))
    };
    if !has(HEADER_MARK) {
        requests.push(Request::Protect {
            sheet_id,
            rows: (0, Some(1)),
            columns: (0, None),
            description: format!("{HEADER_MARK} {}", spec.note).trim_end().to_owned(),
            editor: Some(editor.to_owned()),
        });
    }
    let (editor, all_columns) = match spec.body {
        Body::Protected => (Some(editor.to_owned()), false),
        Body::Warned => (None, true),
        Body::Open => return requests,
    };
    if !has(COLUMNS_MARK) {
        for run in layout.runs(all_columns) {
            let (Some((first, _)), Some((last, _))) = (run.first(), run.last()) else {
                continue;
            };
            requests.push(Request::Protect {
                sheet_id,
                rows: (1, None),
                columns: (*first, Some(last + 1)),
                description: format!("{COLUMNS_MARK} {}", spec.note)
                    .trim_end()
                    .to_owned(),
                editor: editor.clone(),
            });
        }
    }
    requests
}
