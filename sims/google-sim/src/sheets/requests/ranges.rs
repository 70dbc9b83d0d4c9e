//! Protected ranges, named ranges, developer metadata: what is kept with an id. An id that is
//! taken is an error, and an error undoes the whole batch.

use serde_json::{Map, Value, json};

use super::nothing;
use super::tabs::{fields, fresh_id};
use crate::sheets::book::{Book, Kept, Metadata, Place};
use crate::sheets::error::ApiError;
use crate::sheets::filter;
use crate::sheets::input::{Actor, grid_range, id, index, list, object, only, tab, text};
use crate::sheets::{a1, describe};

const PROTECTED: [&str; 10] = [
    "protectedRangeId",
    "range",
    "namedRangeId",
    "tableId",
    "description",
    "warningOnly",
    "requestingUserCanEdit",
    "unprotectedRanges",
    "editors",
    "etag",
];

pub(super) fn add_protected(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["protectedRange"], "add_protected_range")?;
    let given = object(body.get("protectedRange"), "protected_range")?;
    only(given, &PROTECTED, "protected_range")?;
    let taken = |id: i32| book.protected.iter().any(|p| p.id == id);
    let new_id = match id(given, "protectedRangeId")? {
        Some(id) if taken(id) => {
            return Err(ApiError::invalid(format!(
                "Protected range with id {id} already exists."
            )));
        }
        Some(id) => id,
        None => fresh_id(book, taken),
    };
    let (position, area) = match text(given, "namedRangeId") {
        Some(named) => {
            let found = book.named.iter().find(|n| n.id == named);
            let found = found
                .ok_or_else(|| ApiError::invalid(format!("No named range with id: {named}")))?;
            (book.tab_by_id(found.tab).unwrap_or(0), found.area)
        }
        None => grid_range(book, given.get("range"))?,
    };
    for open in list(given, "unprotectedRanges")? {
        grid_range(book, Some(open))?;
    }
    let mut kept = Map::new();
    for name in [
        "description",
        "warningOnly",
        "unprotectedRanges",
        "namedRangeId",
    ] {
        if let Some(value) = given.get(name).filter(|v| !v.is_null()) {
            kept.insert(name.to_owned(), value.clone());
        }
    }
    if kept.get("warningOnly") != Some(&json!(true)) {
        kept.insert(
            "editors".to_owned(),
            editors(book, actor, given.get("editors"))?,
        );
    }
    let tab = book.tab(position)?.id;
    book.protected.push(Kept {
        id: new_id,
        tab,
        area,
        body: kept,
    });
    let reply = book
        .protected
        .last()
        .map(|p| describe::protected_range(book, &actor.email, p));
    Ok(json!({"addProtectedRange": {"protectedRange": reply}}))
}

/// The given editors, and always the owner and whoever protects: nobody locks himself out.
fn editors(book: &Book, actor: &Actor, given: Option<&Value>) -> Result<Value, ApiError> {
    let given = object(given, "editors")?;
    only(given, &["users", "groups", "domainUsersCanEdit"], "editors")?;
    let mut users: Vec<String> = list(given, "users")?
        .iter()
        .filter_map(|u| u.as_str().map(str::to_owned))
        .collect();
    if let Some(stranger) = users
        .iter()
        .find(|u| book.role(u).is_none_or(|r| r < crate::sheets::Role::Writer))
    {
        return Err(ApiError::invalid(format!(
            "{stranger} does not have permission to edit this spreadsheet"
        )));
    }
    for always in [book.owner().to_owned(), actor.email.clone()] {
        if !users.contains(&always) {
            users.push(always);
        }
    }
    let mut out = given.clone();
    out.insert("users".to_owned(), json!(users));
    Ok(Value::Object(out))
}

pub(super) fn update_protected(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(
        body,
        &["protectedRange", "fields"],
        "update_protected_range",
    )?;
    let mask = fields(body)?;
    let given = object(body.get("protectedRange"), "protected_range")?;
    only(given, &PROTECTED, "protected_range")?;
    let at = protected_at(book, actor, id(given, "protectedRangeId")?)?;
    let range = if mask.touches(&["range"]) && given.contains_key("range") {
        Some(grid_range(book, given.get("range"))?)
    } else {
        None
    };
    let editors = if mask.touches(&["editors"]) {
        Some(editors(book, actor, given.get("editors"))?)
    } else {
        None
    };
    let tab = range
        .map(|(position, _)| book.tab(position).map(|t| t.id))
        .transpose()?;
    let Some(kept) = book.protected.get_mut(at) else {
        return Ok(nothing());
    };
    if let (Some((_, area)), Some(tab)) = (range, tab) {
        kept.area = area;
        kept.tab = tab;
    }
    if let Some(editors) = editors {
        kept.body.insert("editors".to_owned(), editors);
    }
    for name in ["description", "warningOnly", "unprotectedRanges"] {
        if mask.touches(&[name]) {
            match given.get(name).filter(|v| !v.is_null()) {
                Some(value) => drop(kept.body.insert(name.to_owned(), value.clone())),
                None => drop(kept.body.shift_remove(name)),
            }
        }
    }
    Ok(nothing())
}

pub(super) fn delete_protected(
    book: &mut Book,
    actor: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["protectedRangeId"], "delete_protected_range")?;
    let at = protected_at(book, actor, id(body, "protectedRangeId")?)?;
    book.protected.remove(at);
    Ok(nothing())
}

fn protected_at(book: &Book, actor: &Actor, id: Option<i32>) -> Result<usize, ApiError> {
    let id = id.unwrap_or(0);
    let at = book.protected.iter().position(|p| p.id == id);
    let at = at.ok_or_else(|| ApiError::invalid(format!("No protected range with id: {id}")))?;
    let mine = book
        .protected
        .get(at)
        .is_some_and(|p| book.may_edit(&actor.email, p));
    if mine {
        Ok(at)
    } else {
        Err(ApiError::protected())
    }
}

pub(super) fn add_named(
    book: &mut Book,
    _: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["namedRange"], "add_named_range")?;
    let given = object(body.get("namedRange"), "named_range")?;
    only(given, &["namedRangeId", "name", "range"], "named_range")?;
    let name = text(given, "name").unwrap_or_default();
    let letters = name.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !name.starts_with(|c: char| c.is_ascii_digit());
    if name.is_empty() || !letters || name.chars().count() > 250 || a1::parse_cells(name).is_some()
    {
        return Err(ApiError::invalid(format!(
            "The name \"{name}\" is not a valid range name"
        )));
    }
    if book.named_range(name).is_some() {
        return Err(ApiError::invalid(format!(
            "A named range with the name \"{name}\" already exists."
        )));
    }
    let taken = |id: &str| book.named.iter().any(|n| n.id == id);
    let new_id = match text(given, "namedRangeId").filter(|id| !id.is_empty()) {
        Some(id) if taken(id) => {
            return Err(ApiError::invalid(format!(
                "Named range with id {id} already exists."
            )));
        }
        Some(id) => id.to_owned(),
        None => fresh_id(book, |id| taken(&id.to_string())).to_string(),
    };
    let (position, area) = grid_range(book, given.get("range"))?;
    let tab = book.tab(position)?.id;
    let kept = Map::from_iter([("name".to_owned(), json!(name))]);
    book.named.push(Kept {
        id: new_id,
        tab,
        area,
        body: kept,
    });
    let reply = book.named.last().map(describe::named_range);
    Ok(json!({"addNamedRange": {"namedRange": reply}}))
}

pub(super) fn delete_named(
    book: &mut Book,
    _: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["namedRangeId"], "delete_named_range")?;
    let id = text(body, "namedRangeId").unwrap_or_default();
    let before = book.named.len();
    book.named.retain(|n| n.id != id);
    if book.named.len() == before {
        return Err(ApiError::invalid(format!("No named range with id: {id}")));
    }
    Ok(nothing())
}

pub(super) fn create_metadata(
    book: &mut Book,
    _: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["developerMetadata"], "create_developer_metadata")?;
    let given = object(body.get("developerMetadata"), "developer_metadata")?;
    only(
        given,
        &[
            "metadataId",
            "metadataKey",
            "metadataValue",
            "location",
            "visibility",
        ],
        "developer_metadata",
    )?;
    let taken = |id: i32| book.metadata.iter().any(|m| m.id == id);
    let new_id = match id(given, "metadataId")? {
        Some(id) if taken(id) => {
            return Err(ApiError::invalid(format!(
                "Developer metadata with id {id} already exists."
            )));
        }
        Some(id) => id,
        None => fresh_id(book, taken),
    };
    let key = text(given, "metadataKey").filter(|k| !k.is_empty());
    let key = key.ok_or_else(|| ApiError::invalid("metadataKey must be specified"))?;
    let visibility = text(given, "visibility").filter(|v| ["DOCUMENT", "PROJECT"].contains(v));
    let visibility =
        visibility.ok_or_else(|| ApiError::invalid("visibility must be DOCUMENT or PROJECT"))?;
    let metadata = Metadata {
        id: new_id,
        key: key.to_owned(),
        value: text(given, "metadataValue").map(str::to_owned),
        visibility: visibility.to_owned(),
        place: place(book, object(given.get("location"), "location")?)?,
    };
    let reply = describe::metadata(&metadata);
    book.metadata.push(metadata);
    Ok(json!({"createDeveloperMetadata": {"developerMetadata": reply}}))
}

fn place(book: &Book, location: &Map<String, Value>) -> Result<Place, ApiError> {
    only(
        location,
        &["spreadsheet", "sheetId", "dimensionRange", "locationType"],
        "location",
    )?;
    if location.get("spreadsheet") == Some(&Value::Bool(true)) {
        return Ok(Place::Spreadsheet);
    }
    let Some(range) = location.get("dimensionRange").filter(|v| !v.is_null()) else {
        return if location.contains_key("sheetId") {
            Ok(Place::Tab(book.tab(tab(book, location)?)?.id))
        } else {
            Err(ApiError::invalid("A location must be specified"))
        };
    };
    let range = object(Some(range), "dimension_range")?;
    let sheet = book.tab(tab(book, range)?)?;
    let (start, end) = (
        index(range, "startIndex")?.unwrap_or(0),
        index(range, "endIndex")?,
    );
    if end != Some(start + 1) {
        return Err(ApiError::invalid(
            "Developer metadata can be attached to exactly one row or column",
        ));
    }
    match text(range, "dimension") {
        Some("ROWS") if start < sheet.rows => Ok(Place::Row(sheet.id, start)),
        Some("COLUMNS") if start < sheet.columns => Ok(Place::Column(sheet.id, start)),
        Some(_) | None => Err(ApiError::invalid(
            "The location is outside of the sheet, or its dimension is missing",
        )),
    }
}

pub(super) fn delete_metadata(
    book: &mut Book,
    _: &Actor,
    body: &Map<String, Value>,
) -> Result<Value, ApiError> {
    only(body, &["dataFilter"], "delete_developer_metadata")?;
    let filter = object(body.get("dataFilter"), "data_filter")?;
    let lookup = object(
        filter.get("developerMetadataLookup"),
        "developer_metadata_lookup",
    )?;
    let gone: Vec<i32> = filter::matching(book, lookup)?
        .iter()
        .map(|m| m.id)
        .collect();
    let (out, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut book.metadata)
        .into_iter()
        .partition(|m| gone.contains(&m.id));
    book.metadata = kept;
    let list: Vec<Value> = out.iter().map(describe::metadata).collect();
    Ok(json!({"deleteDeveloperMetadata": {"deletedDeveloperMetadata": list}}))
}
