//! Which method a path means. Clients differ in how they write paths: `/id/`, `/id/:batchUpdate`,
//! raw or encoded quotes and colons.

use axum::http::Method;
use percent_encoding::percent_decode_str;

use crate::quota::Kind;

/// A call of the API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Call {
    Create,
    Get,
    BatchUpdate,
    GetByDataFilter,
    ValuesGet(String),
    ValuesUpdate(String),
    ValuesAppend(String),
    ValuesClear(String),
    ValuesBatchGet,
    ValuesBatchUpdate,
    ValuesBatchClear,
    ValuesBatchGetByFilter,
    ValuesBatchUpdateByFilter,
    ValuesBatchClearByFilter,
    MetadataGet(String),
    MetadataSearch,
}

impl Call {
    /// Google's name of the method, without the API's name in front.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Create => "spreadsheets.create",
            Self::Get => "spreadsheets.get",
            Self::BatchUpdate => "spreadsheets.batchUpdate",
            Self::GetByDataFilter => "spreadsheets.getByDataFilter",
            Self::ValuesGet(_) => "spreadsheets.values.get",
            Self::ValuesUpdate(_) => "spreadsheets.values.update",
            Self::ValuesAppend(_) => "spreadsheets.values.append",
            Self::ValuesClear(_) => "spreadsheets.values.clear",
            Self::ValuesBatchGet => "spreadsheets.values.batchGet",
            Self::ValuesBatchUpdate => "spreadsheets.values.batchUpdate",
            Self::ValuesBatchClear => "spreadsheets.values.batchClear",
            Self::ValuesBatchGetByFilter => "spreadsheets.values.batchGetByDataFilter",
            Self::ValuesBatchUpdateByFilter => "spreadsheets.values.batchUpdateByDataFilter",
            Self::ValuesBatchClearByFilter => "spreadsheets.values.batchClearByDataFilter",
            Self::MetadataGet(_) => "spreadsheets.developerMetadata.get",
            Self::MetadataSearch => "spreadsheets.developerMetadata.search",
        }
    }

    /// The name in Google's own service definition, as it appears in scope errors.
    pub(crate) fn rpc(&self) -> &'static str {
        match self {
            Self::Create => "CreateSpreadsheet",
            Self::Get => "GetSpreadsheet",
            Self::BatchUpdate => "BatchUpdateSpreadsheet",
            Self::GetByDataFilter => "GetSpreadsheetByDataFilter",
            Self::ValuesGet(_) => "GetValues",
            Self::ValuesUpdate(_) => "UpdateValues",
            Self::ValuesAppend(_) => "AppendValues",
            Self::ValuesClear(_) => "ClearValues",
            Self::ValuesBatchGet => "BatchGetValues",
            Self::ValuesBatchUpdate => "BatchUpdateValues",
            Self::ValuesBatchClear => "BatchClearValues",
            Self::ValuesBatchGetByFilter => "BatchGetValuesByDataFilter",
            Self::ValuesBatchUpdateByFilter => "BatchUpdateValuesByDataFilter",
            Self::ValuesBatchClearByFilter => "BatchClearValuesByDataFilter",
            Self::MetadataGet(_) => "GetDeveloperMetadata",
            Self::MetadataSearch => "SearchDeveloperMetadata",
        }
    }

    /// Which quota it draws on.
    pub(crate) fn kind(&self) -> Kind {
        match self {
            Self::Get
            | Self::GetByDataFilter
            | Self::ValuesGet(_)
            | Self::ValuesBatchGet
            | Self::ValuesBatchGetByFilter
            | Self::MetadataGet(_)
            | Self::MetadataSearch => Kind::Read,
            Self::Create
            | Self::BatchUpdate
            | Self::ValuesUpdate(_)
            | Self::ValuesAppend(_)
            | Self::ValuesClear(_)
            | Self::ValuesBatchUpdate
            | Self::ValuesBatchClear
            | Self::ValuesBatchUpdateByFilter
            | Self::ValuesBatchClearByFilter => Kind::Write,
        }
    }

    /// Spreadsheet id (empty for `create`) and method of a raw path; `None` where there is none.
    pub(crate) fn parse(method: &Method, path: &str) -> Option<(String, Self)> {
        let rest = path.strip_prefix("/v4/spreadsheets")?;
        let rest = rest.strip_prefix('/').unwrap_or(rest);
        if rest.is_empty() {
            return (method == Method::POST).then(|| (String::new(), Self::Create));
        }
        let (head, tail) = rest
            .split_once('/')
            .map_or((rest, ""), |(head, tail)| (head, tail));
        let head = decode(head)?;
        let tail = decode(tail)?;
        let (id, tail) = match head.split_once(':') {
            Some((id, verb)) if tail.is_empty() => (id.to_owned(), format!(":{verb}")),
            Some(_) => return None,
            None => (head, tail),
        };
        Some((id, Self::of(method, &tail)?))
    }

    fn of(method: &Method, tail: &str) -> Option<Self> {
        let (get, post, put) = (
            method == Method::GET,
            method == Method::POST,
            method == Method::PUT,
        );
        let fixed = match tail {
            "" if get => Some(Self::Get),
            ":batchUpdate" if post => Some(Self::BatchUpdate),
            ":getByDataFilter" if post => Some(Self::GetByDataFilter),
            "values:batchGet" if get => Some(Self::ValuesBatchGet),
            "values:batchUpdate" if post => Some(Self::ValuesBatchUpdate),
            "values:batchClear" if post => Some(Self::ValuesBatchClear),
            "values:batchGetByDataFilter" if post => Some(Self::ValuesBatchGetByFilter),
            "values:batchUpdateByDataFilter" if post => Some(Self::ValuesBatchUpdateByFilter),
            "values:batchClearByDataFilter" if post => Some(Self::ValuesBatchClearByFilter),
            "developerMetadata:search" if post => Some(Self::MetadataSearch),
            _ => None,
        };
        if fixed.is_some() {
            return fixed;
        }
        if let Some(id) = tail.strip_prefix("developerMetadata/") {
            return get.then(|| Self::MetadataGet(id.to_owned()));
        }
        let range = tail.strip_prefix("values/")?;
        if post {
            return match range.rsplit_once(':')? {
                (range, "append") => Some(Self::ValuesAppend(range.to_owned())),
                (range, "clear") => Some(Self::ValuesClear(range.to_owned())),
                _ => None,
            };
        }
        if get {
            return Some(Self::ValuesGet(range.to_owned()));
        }
        put.then(|| Self::ValuesUpdate(range.to_owned()))
    }
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(std::borrow::Cow::into_owned)
}

/// The operation's name for faults and the log.
pub(crate) fn operation(method: &Method, path: &str) -> Option<String> {
    Call::parse(method, path).map(|(_, call)| format!("sheets.{}", call.name()))
}
