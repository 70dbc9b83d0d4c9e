//! What is in a tab now: read before every write.

use std::time::Duration;

use super::layout::Layout;
use super::spec::TabSpec;
use super::{Grid, Report, Tables};
use crate::sheets::{A1, Cell, SheetsError, echoed_end};

/// What is in the tab now.
pub(super) struct Survey {
    pub(super) layout: Layout,
    /// The key column; the first is row 1, the header.
    pub(super) keys: Vec<String>,
    /// Rows of the grid, where Google's echo tells.
    pub(super) grid_rows: Option<u32>,
}

impl Survey {
    /// Row numbers and keys, without the header and rows without a key.
    pub(super) fn keyed_rows(&self) -> impl Iterator<Item = (u32, &str)> {
        (1..)
            .zip(&self.keys)
            .skip(1)
            .filter(|(_, key)| !key.is_empty())
            .map(|(row, key)| (row, key.as_str()))
    }

    /// The row under the last key.
    pub(super) fn next_row(&self) -> u32 {
        self.keyed_rows().last().map_or(2, |(row, _)| row + 1)
    }
}

impl<G: Grid> Tables<G> {
    /// Header and key column, as of one moment.
    pub(super) async fn survey(&self, spec: &TabSpec) -> Result<Survey, SheetsError> {
        let place = spec
            .columns
            .iter()
            .position(|column| column.key == spec.key)
            .unwrap_or(0);
        let mut guess = u32::try_from(place).unwrap_or(0);
        for _ in 0..3 {
            let ranges = self
                .grid
                .batch_get(&[A1::row(spec.title, 1), A1::column(spec.title, guess)])
                .await;
            let mut ranges = match ranges {
                Ok(ranges) => ranges.into_iter(),
                // The guess may lie outside a grid that people made narrower: look at the first column instead, once.
                Err(SheetsError::Refused { status: 400, .. }) if guess != 0 => {
                    guess = 0;
                    continue;
                }
                Err(error) => return Err(error),
            };
            let (Some(header), Some(keys)) = (ranges.next(), ranges.next()) else {
                return Err(SheetsError::BadAnswer(
                    "fewer ranges than asked for".to_owned(),
                ));
            };
            let layout = Layout::find(spec, header.rows.first().map_or(&[], Vec::as_slice))?;
            if layout.key_column() == guess {
                let grid_rows = echoed_end(&keys.range).map(|(_, row)| row);
                let text = |row: &Vec<Cell>| {
                    row.first()
                        .map(|c| c.to_text().trim().to_owned())
                        .unwrap_or_default()
                };
                return Ok(Survey {
                    layout,
                    keys: keys.rows.iter().map(text).collect(),
                    grid_rows,
                });
            }
            guess = layout.key_column();
        }
        Err(SheetsError::Retry {
            after: Duration::from_secs(5),
            reason: "columns are being moved".to_owned(),
        })
    }

    /// People may have written below our last key: the first row under everything.
    pub(super) async fn skip_used(
        &self,
        spec: &TabSpec,
        survey: &Survey,
        free: u32,
        report: &mut Report,
    ) -> Result<u32, SheetsError> {
        let rows = match survey.grid_rows {
            Some(rows) => rows,
            None => self.tab(spec).await?.1,
        };
        if free > rows {
            return Ok(free);
        }
        let columns = (0, survey.layout.width.saturating_sub(1));
        let below = self
            .get_one(A1::from_row(spec.title, columns, free))
            .await?;
        // A column of unticked boxes is not content.
        let in_use = |row: &Vec<Cell>| {
            row.iter()
                .any(|cell| !cell.is_blank() && *cell != Cell::Bool(false))
        };
        let used: Vec<u32> = (free..)
            .zip(&below.rows)
            .filter(|(_, row)| in_use(row))
            .map(|(number, _)| number)
            .collect();
        let next = used.last().map_or(free, |last| last + 1);
        report.foreign_rows.extend(used);
        Ok(next)
    }

    /// A tab's id and rows.
    pub(super) async fn tab(&self, spec: &TabSpec) -> Result<(i64, u32), SheetsError> {
        let spreadsheet = self.grid.spreadsheet().await?;
        let tab = spreadsheet.tabs.iter().find(|tab| tab.title == spec.title);
        tab.map(|tab| (tab.sheet_id, tab.rows)).ok_or_else(|| {
            SheetsError::refuse(
                "tab_missing",
                format!(
                    "tab {} is gone: name it so again, or have it made anew",
                    spec.title
                ),
            )
        })
    }
}
