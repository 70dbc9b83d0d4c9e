//! Changes to the spreadsheet itself, applied together or not at all.

use serde_json::{Value, json};

/// A change to the spreadsheet itself (`spreadsheets.batchUpdate`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// A new tab. Its id is ours to choose, so that a second try after a lost answer is refused and not doubled.
    AddTab {
        /// Not in use yet.
        sheet_id: i64,
        /// Not in use yet.
        title: String,
        /// Size of the grid.
        rows: u32,
        /// Size of the grid.
        columns: u32,
        /// How many rows stay in view.
        frozen_rows: u32,
    },
    /// More rows at the end of the grid.
    AppendRows {
        /// Which tab.
        sheet_id: i64,
        /// How many.
        count: u32,
    },
    /// More columns at the end of the grid.
    AppendColumns {
        /// Which tab.
        sheet_id: i64,
        /// How many.
        count: u32,
    },
    /// How many rows stay in view.
    FreezeRows {
        /// Which tab.
        sheet_id: i64,
        /// How many.
        rows: u32,
    },
    /// Keeps people's hands off a range, or warns them.
    Protect {
        /// Which tab.
        sheet_id: i64,
        /// First row and the one after the last, from 0; `None` is the end of the grid.
        rows: (u32, Option<u32>),
        /// First column and the one after the last, from 0; `None` is the end of the grid.
        columns: (u32, Option<u32>),
        /// What people see in the list of protected ranges; we know our own by it.
        description: String,
        /// Who may still edit. `None` warns and lets everybody.
        editor: Option<String>,
    },
}

impl Request {
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::AddTab {
                sheet_id,
                title,
                rows,
                columns,
                frozen_rows,
            } => json!({"addSheet": {"properties": {
                "sheetId": sheet_id,
                "title": title,
                "gridProperties": {"rowCount": rows, "columnCount": columns, "frozenRowCount": frozen_rows},
            }}}),
            Self::AppendRows { sheet_id, count } => append("ROWS", *sheet_id, *count),
            Self::AppendColumns { sheet_id, count } => append("COLUMNS", *sheet_id, *count),
            Self::FreezeRows { sheet_id, rows } => json!({"updateSheetProperties": {
                "properties": {"sheetId": sheet_id, "gridProperties": {"frozenRowCount": rows}},
                "fields": "gridProperties.frozenRowCount",
            }}),
            Self::Protect {
                sheet_id,
                rows,
                columns,
                description,
                editor,
            } => {
                let mut range = json!({"sheetId": sheet_id, "startRowIndex": rows.0, "startColumnIndex": columns.0});
                if let Some(end) = rows.1 {
                    range["endRowIndex"] = end.into();
                }
                if let Some(end) = columns.1 {
                    range["endColumnIndex"] = end.into();
                }
                let mut protected = json!({
                    "range": range,
                    "description": description,
                    "warningOnly": editor.is_none(),
                });
                if let Some(editor) = editor {
                    protected["editors"] = json!({"users": [editor]});
                }
                json!({"addProtectedRange": {"protectedRange": protected}})
            }
        }
    }
}

fn append(dimension: &str, sheet_id: i64, count: u32) -> Value {
    json!({"appendDimension": {"sheetId": sheet_id, "dimension": dimension, "length": count}})
}
