//! The spreadsheet as its owner sees it, and the owner's hand in it.

use crate::{town::Town, wait::until};
use anyhow::{Context, Result};
use serde_json::{Value, json};

/// The demo's spreadsheet.
const SHEET_ID: &str = "jinliu-sandbox-sheet";

/// A tab: its header and the rows under it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tab {
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<Value>>,
}

impl Tab {
    /// The place of a column, by its title.
    pub(crate) fn column(&self, title: &str) -> Option<usize> {
        self.header.iter().position(|known| known == title)
    }

    /// What stands in a row, found by what its first column holds, under a title. `None` where there is no such row or column.
    pub(crate) fn cell(&self, key: &str, title: &str) -> Option<String> {
        let column = self.column(title)?;
        let row = self
            .rows
            .iter()
            .find(|row| row.first().is_some_and(|cell| cell == key))?;
        Some(row.get(column).map_or_else(String::new, text))
    }
}

/// A cell as text; a formula as `{"formula": …}`, which no text of a customer's may ever become.
fn text(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => cell.to_string(),
    }
}

impl Town {
    /// The titles of the spreadsheet's tabs.
    pub(crate) async fn tabs(&self) -> Result<Vec<String>> {
        let tabs = self.dump().await?;
        Ok(tabs.iter().map(|tab| text(&tab["title"])).collect())
    }

    async fn dump(&self) -> Result<Vec<Value>> {
        let url = self.google(&format!("/_sandbox/sheets/{SHEET_ID}"));
        let dump = self.look(&url).await?;
        let tabs = dump["tabs"].as_array().cloned();
        tabs.context("Google's sandbox shows no spreadsheet")
    }

    /// A tab as it stands; empty where there is none.
    pub(crate) async fn tab(&self, title: &str) -> Result<Tab> {
        let tabs = self.dump().await?;
        let tab = tabs.into_iter().find(|tab| tab["title"] == title);
        let rows = tab.map_or(Value::Null, |tab| tab["rows"].clone());
        let rows = rows.as_array().cloned().unwrap_or_default();
        let cells = |row: Value| row.as_array().cloned().unwrap_or_default();
        let mut rows = rows.into_iter().map(cells);
        let header = rows.next().unwrap_or_default();
        Ok(Tab {
            header: header.iter().map(text).collect(),
            rows: rows.collect(),
        })
    }

    /// Waits until a tab's row, by the key in its first column, has something under a title. What the cell holds then.
    pub(crate) async fn cell_holds(
        &self,
        tab: &str,
        key: &str,
        title: &str,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Option<String>> {
        let mut seen = None;
        until(async || {
            seen = self.tab(tab).await?.cell(key, title);
            Ok(seen.as_deref().is_some_and(&wanted))
        })
        .await?;
        Ok(seen)
    }

    /// The owner types into a tab: all its rows, header first, are put down anew after the change.
    pub(crate) async fn types(
        &self,
        tab: &str,
        change: impl FnOnce(&mut Vec<Vec<Value>>),
    ) -> Result<()> {
        let Tab { header, rows } = self.tab(tab).await?;
        let header: Vec<Value> = header.into_iter().map(Value::String).collect();
        let mut rows: Vec<Vec<Value>> = std::iter::once(header).chain(rows).collect();
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        for row in &mut rows {
            row.resize(width, Value::Null);
        }
        change(&mut rows);
        let sheet = json!({"sheet": {"tabs": [{"title": tab, "rows": rows}]}});
        self.control(&self.google("/_sandbox/seed"), &sheet).await?;
        Ok(())
    }
}
