//! `spreadsheets.batchUpdate`: every request is tried on a copy, and the copy counts only if all
//! of them were good.

mod cells;
mod dimensions;
mod order;
mod ranges;
mod tabs;

pub(crate) use order::sort_rows;

use serde_json::{Map, Value, json};

use super::book::Book;
use super::error::ApiError;
use super::input::{Actor, object};

type Handler = fn(&mut Book, &Actor, &Map<String, Value>) -> Result<Value, ApiError>;

/// Each request by name.
const KINDS: [(&str, Handler); 28] = [
    ("updateSpreadsheetProperties", tabs::update_spreadsheet),
    ("addSheet", tabs::add),
    ("deleteSheet", tabs::delete),
    ("updateSheetProperties", tabs::update),
    ("duplicateSheet", tabs::duplicate),
    ("updateCells", cells::update),
    ("appendCells", cells::append),
    ("repeatCell", cells::repeat),
    ("sortRange", order::sort),
    ("setDataValidation", cells::validation),
    ("findReplace", cells::find_replace),
    ("insertDimension", dimensions::insert),
    ("deleteDimension", dimensions::delete),
    ("appendDimension", dimensions::append),
    ("deleteRange", dimensions::delete_range),
    ("updateDimensionProperties", dimensions::resize),
    ("autoResizeDimensions", dimensions::auto_resize),
    ("addProtectedRange", ranges::add_protected),
    ("updateProtectedRange", ranges::update_protected),
    ("deleteProtectedRange", ranges::delete_protected),
    ("addNamedRange", ranges::add_named),
    ("deleteNamedRange", ranges::delete_named),
    ("createDeveloperMetadata", ranges::create_metadata),
    ("deleteDeveloperMetadata", ranges::delete_metadata),
    ("setBasicFilter", tabs::only_looks),
    ("clearBasicFilter", tabs::only_looks),
    ("addBanding", tabs::only_looks),
    ("updateBorders", tabs::only_looks),
];

/// Applies all requests to the copy; one reply for each.
pub(crate) fn apply(
    draft: &mut Book,
    actor: &Actor,
    requests: &[Value],
) -> Result<Vec<Value>, ApiError> {
    if requests.is_empty() {
        return Err(ApiError::invalid("Must specify at least one request."));
    }
    let mut replies = Vec::new();
    for (index, request) in requests.iter().enumerate() {
        let map = object(Some(request), &format!("requests[{index}]"))?;
        let set: Vec<_> = map.iter().filter(|(_, v)| !v.is_null()).collect();
        let [(name, body)] = set.as_slice() else {
            return Err(ApiError::invalid(format!(
                "Invalid requests[{index}]: No request set."
            )));
        };
        let Some((_, handler)) = KINDS.iter().find(|(kind, _)| kind == name) else {
            return Err(ApiError::unknown_field(name, &format!("requests[{index}]")));
        };
        let place = format!("requests[{index}].{name}");
        let reply = object(Some(*body), &place)
            .and_then(|body| handler(draft, actor, body))
            .map_err(|e| e.within(&place))?;
        replies.push(reply);
    }
    draft.check_size()?;
    Ok(replies)
}

/// The reply of requests that have none.
fn nothing() -> Value {
    json!({})
}
