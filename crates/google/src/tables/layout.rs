//! Where the columns are today.

use std::collections::BTreeMap;

use super::spec::{ColumnSpec, TabSpec, Writer};
use crate::sheets::{Cell, SheetsError};

/// Columns of a spec with their places, from left to right.
#[derive(Debug)]
pub(super) struct Layout {
    columns: Vec<(u32, ColumnSpec)>,
    key_column: u32,
    /// How many columns the header takes.
    pub(super) width: u32,
}

impl Layout {
    /// Finds every column by its title. Columns that we do not know are people's and tolerated; a title that is missing, or there
    /// twice, is a refusal: nothing is ever written to a guess.
    pub(super) fn find(spec: &TabSpec, header: &[Cell]) -> Result<Self, SheetsError> {
        let refuse = |reason: &str, titles: Vec<&str>, what: &str| {
            let titles = titles.join("、");
            SheetsError::refuse_naming(
                reason,
                format!("in tab {} the header row {what}: {titles}", spec.title),
                titles,
            )
        };
        let titles: Vec<String> = header
            .iter()
            .map(|cell| cell.to_text().trim().to_owned())
            .collect();
        let mut columns = Vec::new();
        let (mut missing, mut twice) = (Vec::new(), Vec::new());
        for column in spec.columns {
            let mut places = (0..)
                .zip(&titles)
                .filter(|(_, title)| *title == column.title)
                .map(|(place, _)| place);
            match (places.next(), places.next()) {
                (Some(place), None) => columns.push((place, *column)),
                (None, _) => missing.push(column.title),
                (Some(_), Some(_)) => twice.push(column.title),
            }
        }
        if !missing.is_empty() {
            return Err(refuse(
                "header_missing",
                missing,
                "must get back these titles",
            ));
        }
        if !twice.is_empty() {
            return Err(refuse(
                "header_twice",
                twice,
                "must have these titles only once",
            ));
        }
        let key_column = columns
            .iter()
            .find(|(_, column)| column.key == spec.key)
            .map(|(place, _)| *place)
            .ok_or_else(|| {
                refuse(
                    "key_column",
                    vec![spec.key],
                    "has no column with the table's key",
                )
            })?;
        columns.sort_by_key(|(place, _)| *place);
        let width = u32::try_from(titles.len()).unwrap_or(u32::MAX);
        Ok(Self {
            columns,
            key_column,
            width,
        })
    }

    pub(super) fn key_column(&self) -> u32 {
        self.key_column
    }

    /// Runs of neighbouring columns: ours only, or all of the spec's.
    pub(super) fn runs(&self, include_people: bool) -> Vec<Vec<(u32, &'static str)>> {
        let mut runs: Vec<Vec<(u32, &'static str)>> = Vec::new();
        for (place, column) in &self.columns {
            if column.writer == Writer::People && !include_people {
                continue;
            }
            match runs.last_mut() {
                Some(run) if run.last().is_some_and(|(last, _)| last + 1 == *place) => {
                    run.push((*place, column.key));
                }
                _ => runs.push(vec![(*place, column.key)]),
            }
        }
        runs
    }

    /// The cells of a row by column key, blank ones left out.
    pub(super) fn pick(&self, cells: &[Cell]) -> BTreeMap<&'static str, Cell> {
        let cell = |place: u32| cells.get(usize::try_from(place).ok()?);
        self.columns
            .iter()
            .filter_map(|(place, column)| {
                Some((column.key, cell(*place).filter(|c| !c.is_blank())?.clone()))
            })
            .collect()
    }
}
