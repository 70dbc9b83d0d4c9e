//! Tabs and the spreadsheet's own properties.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::nothing;
use crate::sheets::book::{Book, Tab, count};
use crate::sheets::describe;
use crate::sheets::error::ApiError;
use crate::sheets::input::{Actor, id, index, object, only, tab, text};
use crate::sheets::mask::Mask;

const PROPERTIES: [&str; 9] = [
    "sheetId",
    "title",
    "index",
    "sheetType",
    "gridProperties",
    "hidden",
    "tabColor",
    "tabColorStyle",
    "rightToLeft",
];
const GRID: [&str; 7] = [
    "rowCount",
    "columnCount",
    "frozenRowCount",
    "frozenColumnCount",
    "hideGridlines",
    "rowGroupControlAfter",
    "columnGroupControlAfter",
];

/// A positive id that nothing in the spreadsheet has.
pub(super) fn fresh_id(book: &Book, taken: impl Fn(i32) -> bool) -> i32 {
    (0_u64..)
        .map(|n| {
            let digest = Sha256::digest(format!(
                "{} {} {} {n}",
                book.id,
                book.version,
                book.tabs.len()
            ));
            let bytes = [digest[0], digest[1], digest[2], digest[3]];
            i32::from_be_bytes(bytes) & i32::MAX
        })
        .find(|id| *id > 0 && !taken(*id))
        .unwrap_or(1)
}

pub(super) fn add(
    book: &mut Book,
    _: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["properties"], "add_sheet")?;
    let given = object(body.get("properties"), "add_sheet.properties")?;
    only(given, &PROPERTIES, "add_sheet.properties")?;
    if text(given, "sheetType").is_some_and(|kind| kind != "GRID") {
        return Err(ApiError::invalid(
            "Only sheets of type GRID are supported by this sandbox",
        ));
    }
    let new_id = match id(given, "sheetId")? {
        Some(id) if book.tab_by_id(id).is_some() => {
            return Err(ApiError::invalid(format!(
                "Sheet with id {id} already exists."
            )));
        }
        Some(id) => id,
        None => fresh_id(book, |id| book.tab_by_id(id).is_some()),
    };
    let title = match text(given, "title") {
        Some(title) => title.to_owned(),
        None => (1_u32..)
            .map(|n| format!("工作表{n}"))
            .find(|t| book.tab_by_title(t).is_none())
            .unwrap_or_default(),
    };
    check_title(book, &title, None)?;
    let mut sheet = Tab::new(new_id, &title);
    set_grid(
        &mut sheet,
        object(given.get("gridProperties"), "grid_properties")?,
        &Mask::default(),
        true,
    )?;
    keep_looks(&mut sheet, given);
    let position = index(given, "index")?.map_or(book.tabs.len(), |i| {
        crate::sheets::book::at(i).min(book.tabs.len())
    });
    book.tabs.insert(position, sheet);
    let tab = book.tab(position)?;
    Ok(json!({"addSheet": {"properties": describe::properties(tab, position)}}))
}

pub(super) fn delete(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["sheetId"], "delete_sheet")?;
    let position = tab(book, body)?;
    let id = book.tab(position)?.id;
    if book.tabs.len() == 1 {
        return Err(ApiError::invalid(
            "You can't remove all the sheets in a document.",
        ));
    }
    if book
        .protected
        .iter()
        .any(|p| p.tab == id && !book.may_edit(&actor.email, p))
    {
        return Err(ApiError::protected());
    }
    book.tabs.remove(position);
    book.protected.retain(|p| p.tab != id);
    book.named.retain(|n| n.tab != id);
    book.metadata.retain(|m| match m.place {
        crate::sheets::book::Place::Spreadsheet => true,
        crate::sheets::book::Place::Tab(t)
        | crate::sheets::book::Place::Row(t, _)
        | crate::sheets::book::Place::Column(t, _) => t != id,
    });
    Ok(nothing())
}

pub(super) fn duplicate(
    book: &mut Book,
    _: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(
        body,
        &[
            "sourceSheetId",
            "insertSheetIndex",
            "newSheetId",
            "newSheetName",
        ],
        "duplicate_sheet",
    )?;
    let source = id(body, "sourceSheetId")?.unwrap_or(0);
    let from = book
        .tab_by_id(source)
        .ok_or_else(|| ApiError::invalid(format!("No grid with id: {source}")))?;
    let mut copy = book.tab(from)?.clone();
    copy.id = match id(body, "newSheetId")? {
        Some(id) if book.tab_by_id(id).is_some() => {
            return Err(ApiError::invalid(format!(
                "Sheet with id {id} already exists."
            )));
        }
        Some(id) => id,
        None => fresh_id(book, |id| book.tab_by_id(id).is_some()),
    };
    copy.title = text(body, "newSheetName")
        .map_or_else(|| format!("「{}」的副本", copy.title), str::to_owned);
    check_title(book, &copy.title, None)?;
    let position = index(body, "insertSheetIndex")?
        .map_or(0, crate::sheets::book::at)
        .min(book.tabs.len());
    book.tabs.insert(position, copy);
    Ok(
        json!({"duplicateSheet": {"properties": describe::properties(book.tab(position)?, position)}}),
    )
}

pub(super) fn update(
    book: &mut Book,
    _: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["properties", "fields"], "update_sheet_properties")?;
    let given = object(body.get("properties"), "properties")?;
    only(given, &PROPERTIES, "update_sheet_properties.properties")?;
    let mask = fields(body)?;
    if let Some(name) = mask.names().find(|n| *n != "*" && !PROPERTIES.contains(n)) {
        return Err(ApiError::invalid(format!("Invalid field: {name}")));
    }
    let position = tab(book, given)?;
    if mask.touches(&["title"])
        && let Some(title) = text(given, "title")
    {
        check_title(book, title, Some(position))?;
        book.tab_mut(position)?.title = title.to_owned();
    }
    let grid = object(given.get("gridProperties"), "grid_properties")?;
    let sheet = book.tab_mut(position)?;
    set_grid(sheet, grid, &mask, false)?;
    for name in ["hidden", "tabColor", "tabColorStyle", "rightToLeft"] {
        if mask.touches(&[name]) {
            match given.get(name).filter(|v| !v.is_null()) {
                Some(value) => drop(sheet.extra.insert(name.to_owned(), value.clone())),
                None => drop(sheet.extra.shift_remove(name)),
            }
        }
    }
    if mask.touches(&["index"])
        && let Some(to) = index(given, "index")?
    {
        let sheet = book.tabs.remove(position);
        let to = crate::sheets::book::at(to).min(book.tabs.len());
        book.tabs.insert(to, sheet);
    }
    Ok(nothing())
}

pub(super) fn update_spreadsheet(
    book: &mut Book,
    _: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(
        body,
        &["properties", "fields"],
        "update_spreadsheet_properties",
    )?;
    let given = object(body.get("properties"), "properties")?;
    let names = [
        "title",
        "locale",
        "autoRecalc",
        "timeZone",
        "defaultFormat",
        "iterativeCalculationSettings",
        "spreadsheetTheme",
    ];
    only(given, &names, "properties")?;
    let mask = fields(body)?;
    let places = [
        ("title", &mut book.title),
        ("locale", &mut book.locale),
        ("timeZone", &mut book.time_zone),
    ];
    for (name, place) in places {
        if mask.touches(&[name])
            && let Some(value) = text(given, name)
        {
            value.clone_into(place);
        }
    }
    Ok(nothing())
}

/// What changes nothing but looks that this sandbox does not draw.
#[expect(clippy::unnecessary_wraps, reason = "has the shape of all requests")]
pub(super) fn only_looks(
    _: &mut Book,
    _: &Actor,
    _: &Map<String, Value>,
) -> Result<Value, ApiError> {
    Ok(nothing())
}

/// The `fields` mask, which updates must carry.
pub(super) fn fields(body: &Map<String, Value>) -> Result<Mask, ApiError> {
    match text(body, "fields") {
        Some(mask) if !mask.is_empty() => Mask::parse(mask),
        Some(_) | None => Err(ApiError::invalid(
            "At least one field must be listed in 'fields'. (use '*' to indicate all fields)",
        )),
    }
}

fn check_title(book: &Book, title: &str, own: Option<usize>) -> Result<(), ApiError> {
    if title.is_empty() || title.chars().count() > 100 {
        return Err(ApiError::invalid(
            "Sheet names must be between 1 and 100 characters",
        ));
    }
    if book.tab_by_title(title).is_some_and(|at| Some(at) != own) {
        return Err(ApiError::invalid(format!(
            "A sheet with the name \"{title}\" already exists. Please enter another name."
        )));
    }
    Ok(())
}

fn set_grid(
    sheet: &mut Tab,
    grid: &Map<String, Value>,
    mask: &Mask,
    all: bool,
) -> Result<(), ApiError> {
    only(grid, &GRID, "grid_properties")?;
    let wanted = |name: &str| all || mask.touches(&["gridProperties", name]);
    if wanted("rowCount")
        && let Some(rows) = index(grid, "rowCount")?
    {
        sheet.rows = at_least_one(rows, "rowCount")?;
        sheet.cells.truncate(crate::sheets::book::at(rows));
    }
    if wanted("columnCount")
        && let Some(columns) = index(grid, "columnCount")?
    {
        sheet.columns = at_least_one(columns, "columnCount")?;
        for row in &mut sheet.cells {
            row.truncate(crate::sheets::book::at(columns));
        }
    }
    if wanted("frozenRowCount") {
        sheet.frozen_rows = index(grid, "frozenRowCount")?.unwrap_or(0);
    }
    if wanted("frozenColumnCount") {
        sheet.frozen_columns = index(grid, "frozenColumnCount")?.unwrap_or(0);
    }
    if sheet.frozen_rows >= sheet.rows || sheet.frozen_columns >= sheet.columns {
        return Err(ApiError::invalid(
            "You can't freeze all visible rows or columns on the sheet.",
        ));
    }
    debug_assert!(
        count(sheet.cells.len()) <= sheet.rows,
        "cells outside the grid"
    );
    Ok(())
}

fn at_least_one(n: u32, name: &str) -> Result<u32, ApiError> {
    if n == 0 {
        Err(ApiError::invalid(format!(
            "gridProperties.{name} must be at least 1"
        )))
    } else {
        Ok(n)
    }
}

fn keep_looks(sheet: &mut Tab, given: &Map<String, Value>) {
    for name in ["hidden", "tabColor", "tabColorStyle", "rightToLeft"] {
        if let Some(value) = given.get(name).filter(|v| !v.is_null()) {
            sheet.extra.insert(name.to_owned(), value.clone());
        }
    }
}
