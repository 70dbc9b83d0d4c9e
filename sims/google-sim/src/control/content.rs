//! Filling a spreadsheet and reading it out, past the API and its quotas.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::{Shared, bad, body, ok};
use crate::respond;
use crate::settings::SHEET_ID;
use crate::sheets::{Actor, ApiError, Book, CellValue, Entry, Tab, commit, json_number, put};
use crate::world::World;

/// `{"seed": 7}` restarts the random numbers; `{"sheet": {"title", "tabs": [{"title", "rows"}]}}`
/// fills the spreadsheet as its owner, as typed values.
pub(super) async fn seed(State(world): Shared, bytes: Bytes) -> Response {
    let map = or_answer!(body(&bytes));
    if let Err(why) = sow(&world, &map) {
        return bad(&why.message);
    }
    world.saver.touch();
    world.saver.settled().await;
    ok(&json!({"seeded": true}))
}

fn sow(world: &World, map: &Map<String, Value>) -> Result<(), ApiError> {
    let mut state = world.lock();
    if let Some(seed) = map.get("seed").and_then(Value::as_u64) {
        state.rng = rand::SeedableRng::seed_from_u64(seed);
    }
    if let Some(sheet) = map.get("sheet") {
        let actor = Actor {
            email: world.settings.owner_email().to_owned(),
            now: state.now(),
        };
        commit(&mut state, SHEET_ID, |draft| fill(draft, &actor, sheet))?;
    }
    Ok(())
}

fn fill(draft: &mut Book, actor: &Actor, sheet: &Value) -> Result<(), ApiError> {
    if let Some(title) = sheet.get("title").and_then(Value::as_str) {
        title.clone_into(&mut draft.title);
    }
    for tab in sheet
        .get("tabs")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
    {
        let title = tab
            .get("title")
            .and_then(Value::as_str)
            .ok_or_else(|| ApiError::invalid("a tab needs a title"))?;
        let rows: Vec<Vec<Value>> = tab
            .get("rows")
            .and_then(Value::as_array)
            .map(|rows| {
                rows.iter()
                    .map(|r| r.as_array().cloned().unwrap_or_default())
                    .collect()
            })
            .unwrap_or_default();
        let position = match draft.tab_by_title(title) {
            Some(position) => position,
            None => {
                let id = draft
                    .tabs
                    .iter()
                    .map(|t| t.id)
                    .max()
                    .unwrap_or(0)
                    .saturating_add(1);
                draft.tabs.push(Tab::new(id, title));
                draft.tabs.len() - 1
            }
        };
        let height = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let width = u32::try_from(rows.iter().map(Vec::len).max().unwrap_or(0)).unwrap_or(u32::MAX);
        let sheet = draft.tab_mut(position)?;
        sheet.cells.clear();
        sheet.rows = sheet.rows.max(height);
        sheet.columns = sheet.columns.max(width);
        put(draft, actor, position, (0, 0), &rows, Entry::Raw)?;
    }
    Ok(())
}

/// The spreadsheet with typed values: numbers as numbers, formulas as `{"formula": …}`.
pub(super) async fn dump(State(world): Shared, Path(id): Path<String>) -> Response {
    let state = world.lock();
    let Some(book) = state.books.get(&id) else {
        return respond::json(
            StatusCode::NOT_FOUND,
            &json!({"error": "no such spreadsheet"}),
        );
    };
    let value = |v: Option<&CellValue>| match v {
        None => Value::Null,
        Some(CellValue::Number(n)) => json_number(*n),
        Some(CellValue::Text(text)) => json!(text),
        Some(CellValue::Bool(b)) => json!(b),
        Some(CellValue::Formula(text)) => json!({"formula": text}),
    };
    let tabs: Vec<Value> = book
        .tabs
        .iter()
        .map(|tab| {
            let rows: Vec<Vec<Value>> = (0..tab.used_rows())
                .map(|r| {
                    let mut row: Vec<Value> = (0..tab.used_columns()).map(|c| value(tab.value(r, c))).collect();
                    while row.last().is_some_and(Value::is_null) {
                        row.pop();
                    }
                    row
                })
                .collect();
            json!({"id": tab.id, "title": tab.title, "row_count": tab.rows, "column_count": tab.columns,
                   "frozen_rows": tab.frozen_rows, "rows": rows})
        })
        .collect();
    ok(&json!({"id": book.id, "title": book.title, "version": book.version, "tabs": tabs}))
}
