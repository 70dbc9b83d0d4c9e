//! Reading Google's request JSON: null is absent, numbers may come as text, unknown names are refused.

use serde_json::{Map, Value};

use super::a1::Area;
use super::book::{Book, CellValue};
use super::error::ApiError;
use super::typed::user_entered;
use crate::clock::Millis;

/// Characters in one cell.
const MAX_CHARS: usize = 50_000;

/// Who edits, and when.
#[derive(Debug, Clone)]
pub(crate) struct Actor {
    pub(crate) email: String,
    pub(crate) now: Millis,
}

impl Actor {
    /// The year that a date without one is in.
    pub(crate) fn this_year(&self) -> i16 {
        jiff::Timestamp::from_millisecond(self.now)
            .map_or(1970, |t| t.to_zoned(jiff::tz::TimeZone::UTC).year())
    }
}

/// A JSON object. `null` and nothing are an empty one.
pub(crate) fn object<'a>(
    value: Option<&'a Value>,
    at: &str,
) -> Result<&'a Map<String, Value>, ApiError> {
    static EMPTY: std::sync::LazyLock<Map<String, Value>> = std::sync::LazyLock::new(Map::new);
    match value {
        None | Some(Value::Null) => Ok(&EMPTY),
        Some(Value::Object(map)) => Ok(map),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => Err(
            ApiError::invalid(format!("Invalid value at '{at}': expected an object")),
        ),
    }
}

/// Refuses names that the API does not have.
pub(crate) fn only(map: &Map<String, Value>, names: &[&str], at: &str) -> Result<(), ApiError> {
    match map.keys().find(|k| !names.contains(&k.as_str())) {
        Some(name) => Err(ApiError::unknown_field(name, at)),
        None => Ok(()),
    }
}

pub(crate) fn text<'a>(map: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    map.get(name)?.as_str()
}

pub(crate) fn list<'a>(map: &'a Map<String, Value>, name: &str) -> Result<&'a [Value], ApiError> {
    match map.get(name) {
        None | Some(Value::Null) => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_)) => Err(
            ApiError::invalid(format!("Invalid value at '{name}': expected a list")),
        ),
    }
}

/// A whole number, as a number or as text.
pub(crate) fn integer(map: &Map<String, Value>, name: &str) -> Result<Option<i64>, ApiError> {
    let bad = || ApiError::invalid(format!("Invalid value at '{name}' (TYPE_INT32)"));
    match map.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(n)) => n.as_i64().map(Some).ok_or_else(bad),
        Some(Value::String(s)) => s.parse().map(Some).map_err(|_| bad()),
        Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => Err(bad()),
    }
}

/// A grid index or length.
pub(crate) fn index(map: &Map<String, Value>, name: &str) -> Result<Option<u32>, ApiError> {
    match integer(map, name)? {
        None => Ok(None),
        Some(n) => u32::try_from(n).map(Some).map_err(|_| {
            ApiError::invalid(format!(
                "{name} must be greater than or equal to 0, but was {n}"
            ))
        }),
    }
}

/// An id: 31 bits.
pub(crate) fn id(map: &Map<String, Value>, name: &str) -> Result<Option<i32>, ApiError> {
    match integer(map, name)? {
        None => Ok(None),
        Some(n) => i32::try_from(n)
            .ok()
            .filter(|n| *n >= 0)
            .map(Some)
            .ok_or_else(|| {
                ApiError::invalid(format!(
                    "{name} must be a non-negative 32-bit number, but was {n}"
                ))
            }),
    }
}

/// The tab that `sheetId` names; 0 where it is left out.
pub(crate) fn tab(book: &Book, map: &Map<String, Value>) -> Result<usize, ApiError> {
    let id = id(map, "sheetId")?.unwrap_or(0);
    book.tab_by_id(id)
        .ok_or_else(|| ApiError::invalid(format!("No grid with id: {id}")))
}

/// A `GridRange`.
pub(crate) fn grid_range(book: &Book, value: Option<&Value>) -> Result<(usize, Area), ApiError> {
    let map = object(value, "range")?;
    only(
        map,
        &[
            "sheetId",
            "startRowIndex",
            "endRowIndex",
            "startColumnIndex",
            "endColumnIndex",
        ],
        "range",
    )?;
    let area = Area {
        r0: index(map, "startRowIndex")?.unwrap_or(0),
        r1: index(map, "endRowIndex")?,
        c0: index(map, "startColumnIndex")?.unwrap_or(0),
        c1: index(map, "endColumnIndex")?,
    };
    if area.r1.is_some_and(|end| end <= area.r0) || area.c1.is_some_and(|end| end <= area.c0) {
        return Err(ApiError::invalid(
            "The range must not be empty: end index must be greater than start index",
        ));
    }
    Ok((tab(book, map)?, area))
}

/// A `GridRange` that was checked when it was stored.
pub(crate) fn plain_area(value: &Value) -> Option<Area> {
    let map = value.as_object()?;
    Some(Area {
        r0: index(map, "startRowIndex").ok()?.unwrap_or(0),
        r1: index(map, "endRowIndex").ok()?,
        c0: index(map, "startColumnIndex").ok()?.unwrap_or(0),
        c1: index(map, "endColumnIndex").ok()?,
    })
}

/// How values in a request are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry {
    Raw,
    UserEntered,
}

impl Entry {
    pub(crate) fn parse(option: Option<&str>) -> Result<Self, ApiError> {
        match option {
            Some("RAW") => Ok(Self::Raw),
            Some("USER_ENTERED") => Ok(Self::UserEntered),
            None | Some("INPUT_VALUE_OPTION_UNSPECIFIED" | "") => Err(ApiError::invalid(
                "'valueInputOption' is required but not specified",
            )),
            Some(other) => Err(ApiError::invalid(format!(
                "Invalid value at 'value_input_option': \"{other}\""
            ))),
        }
    }
}

/// What one JSON value does to a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Entered {
    /// `null`: the cell stays as it is.
    Skip,
    /// A value (or none, for an empty text), and the format that typing it brings.
    Set(Option<CellValue>, Option<Value>),
}

/// Reads one value of a request. `place` names it in errors.
pub(crate) fn entered(
    value: &Value,
    entry: Entry,
    year: i16,
    place: &str,
) -> Result<Entered, ApiError> {
    Ok(match value {
        Value::Null => Entered::Skip,
        Value::Bool(b) => Entered::Set(Some(CellValue::Bool(*b)), None),
        Value::Number(n) => Entered::Set(n.as_f64().map(CellValue::Number), None),
        Value::String(text) => {
            check_length(text)?;
            match entry {
                Entry::Raw if text.is_empty() => Entered::Set(None, None),
                Entry::Raw => Entered::Set(Some(CellValue::Text(text.clone())), None),
                Entry::UserEntered => {
                    let (value, format) = user_entered(text, year);
                    Entered::Set(value, format)
                }
            }
        }
        Value::Array(_) => return Err(ApiError::invalid(format!("Invalid {place}: list_value"))),
        Value::Object(_) => {
            return Err(ApiError::invalid(format!("Invalid {place}: struct_value")));
        }
    })
}

pub(crate) fn check_length(text: &str) -> Result<(), ApiError> {
    if text.chars().count() > MAX_CHARS {
        return Err(ApiError::invalid(format!(
            "Your input contains more than the maximum of {MAX_CHARS} characters in a single cell."
        )));
    }
    Ok(())
}

/// Row by row, also where the request came column by column.
pub(crate) fn value_rows(map: &Map<String, Value>) -> Result<Vec<Vec<Value>>, ApiError> {
    let mut lines = Vec::new();
    for (i, line) in list(map, "values")?.iter().enumerate() {
        match line {
            Value::Array(items) => lines.push(items.clone()),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => {
                return Err(ApiError::invalid(format!(
                    "Invalid value at 'data.values[{i}]' (type.googleapis.com/google.protobuf.ListValue)"
                )));
            }
        }
    }
    match text(map, "majorDimension") {
        None | Some("ROWS" | "DIMENSION_UNSPECIFIED") => Ok(lines),
        Some("COLUMNS") => {
            let height = lines.iter().map(Vec::len).max().unwrap_or(0);
            let cell =
                |column: &Vec<Value>, row: usize| column.get(row).cloned().unwrap_or(Value::Null);
            Ok((0..height)
                .map(|row| lines.iter().map(|column| cell(column, row)).collect())
                .collect())
        }
        Some(other) => Err(ApiError::invalid(format!(
            "Invalid value at 'major_dimension': \"{other}\""
        ))),
    }
}
