//! Google's JSON, read leniently: what is missing has Google's default.

use serde::Deserialize;
use serde_json::Value;

use super::Cell;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Spreadsheet {
    properties: SpreadsheetProperties,
    sheets: Vec<Sheet>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct SpreadsheetProperties {
    title: String,
    locale: String,
    time_zone: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Sheet {
    properties: SheetProperties,
    protected_ranges: Vec<ProtectedRange>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct SheetProperties {
    sheet_id: i64,
    title: String,
    grid_properties: Option<GridProperties>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct GridProperties {
    row_count: u32,
    column_count: u32,
    frozen_row_count: u32,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ProtectedRange {
    description: String,
    warning_only: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct BatchGet {
    pub(super) value_ranges: Vec<ValueRange>,
}

#[derive(Deserialize)]
pub(super) struct ValueRange {
    range: String,
    #[serde(default)]
    values: Vec<Vec<Value>>,
}

impl From<Spreadsheet> for super::Spreadsheet {
    fn from(wire: Spreadsheet) -> Self {
        let protected = |p: ProtectedRange| super::Protected {
            description: p.description,
            warning_only: p.warning_only,
        };
        let tab = |sheet: Sheet| {
            let grid = sheet.properties.grid_properties?;
            Some(super::Tab {
                sheet_id: sheet.properties.sheet_id,
                title: sheet.properties.title,
                rows: grid.row_count,
                columns: grid.column_count,
                frozen_rows: grid.frozen_row_count,
                protected: sheet.protected_ranges.into_iter().map(protected).collect(),
            })
        };
        Self {
            title: wire.properties.title,
            locale: wire.properties.locale,
            time_zone: wire.properties.time_zone,
            tabs: wire.sheets.into_iter().filter_map(tab).collect(),
        }
    }
}

impl From<ValueRange> for super::ValueRange {
    fn from(wire: ValueRange) -> Self {
        let row = |row: Vec<Value>| row.iter().map(Cell::from_json).collect();
        Self {
            range: wire.range,
            rows: wire.values.into_iter().map(row).collect(),
        }
    }
}
