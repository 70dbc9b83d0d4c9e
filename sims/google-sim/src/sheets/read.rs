//! The methods that read.

use serde_json::{Map, Value, json};

use super::a1::resolve;
use super::book::Book;
use super::call::Call;
use super::describe::{self, Wanted};
use super::error::ApiError;
use super::filter;
use super::http::Request;
use super::input::{Actor, list, object, only, text};
use super::mask::Mask;
use super::values::{self, Render};

impl Request<'_> {
    pub(super) fn read(
        &self,
        book: &Book,
        actor: &Actor,
        body: &Map<String, Value>,
        mask: Option<&Mask>,
    ) -> Result<Value, ApiError> {
        match &self.call {
            Call::Get => self.get(book, actor, mask),
            Call::GetByDataFilter => self.get_by_filter(book, actor, body),
            Call::ValuesGet(range) => {
                let (tab, area) = resolve(book, range)?;
                values::read(book.tab(tab)?, area, self.render()?)
            }
            Call::ValuesBatchGet => self.batch_get(book),
            Call::ValuesBatchGetByFilter => batch_get_by_filter(book, body),
            Call::MetadataGet(id) => {
                let found = book.metadata.iter().find(|m| m.id.to_string() == *id);
                found
                    .map(describe::metadata)
                    .ok_or_else(ApiError::not_found)
            }
            Call::MetadataSearch => search(book, body),
            Call::Create
            | Call::BatchUpdate
            | Call::ValuesUpdate(_)
            | Call::ValuesAppend(_)
            | Call::ValuesClear(_)
            | Call::ValuesBatchUpdate
            | Call::ValuesBatchClear
            | Call::ValuesBatchUpdateByFilter
            | Call::ValuesBatchClearByFilter => Err(ApiError::invalid("not a method that reads")),
        }
    }

    fn render(&self) -> Result<Render, ApiError> {
        let q = |name| self.query.get(name);
        Render::parse(
            q("valueRenderOption"),
            q("dateTimeRenderOption"),
            q("majorDimension"),
        )
    }

    fn get(&self, book: &Book, actor: &Actor, mask: Option<&Mask>) -> Result<Value, ApiError> {
        let ranges: Result<_, _> = self.query.all("ranges").map(|r| resolve(book, r)).collect();
        // With a mask, the mask alone decides whether cells are told.
        let asked = self.query.flag("includeGridData");
        let grid_data = match mask {
            Some(mask) if mask.names().any(|n| n == "*") => asked,
            Some(mask) => mask.touches(&["sheets", "data"]),
            None => asked,
        };
        let wanted = Wanted {
            ranges: ranges?,
            grid_data,
        };
        describe::spreadsheet(book, self.world.settings.base(), &actor.email, &wanted)
    }

    fn get_by_filter(
        &self,
        book: &Book,
        actor: &Actor,
        body: &Map<String, Value>,
    ) -> Result<Value, ApiError> {
        let names = [
            "dataFilters",
            "includeGridData",
            "excludeTablesInBandedRanges",
            "commentsViewMode",
        ];
        only(body, &names, "")?;
        let ranges = filter::areas(book, list(body, "dataFilters")?)?;
        let grid_data = body.get("includeGridData") == Some(&Value::Bool(true));
        let wanted = Wanted { ranges, grid_data };
        describe::spreadsheet(book, self.world.settings.base(), &actor.email, &wanted)
    }

    fn batch_get(&self, book: &Book) -> Result<Value, ApiError> {
        let render = self.render()?;
        let mut found = Vec::new();
        for range in self.query.all("ranges") {
            let (tab, area) = resolve(book, range)?;
            found.push(values::read(book.tab(tab)?, area, render)?);
        }
        let mut out = json!({"spreadsheetId": book.id});
        if !found.is_empty() {
            out["valueRanges"] = Value::Array(found);
        }
        Ok(out)
    }
}

fn batch_get_by_filter(book: &Book, body: &Map<String, Value>) -> Result<Value, ApiError> {
    only(
        body,
        &[
            "dataFilters",
            "majorDimension",
            "valueRenderOption",
            "dateTimeRenderOption",
        ],
        "",
    )?;
    let word = |name| text(body, name);
    let render = Render::parse(
        word("valueRenderOption"),
        word("dateTimeRenderOption"),
        word("majorDimension"),
    )?;
    let mut out = Vec::new();
    for one in list(body, "dataFilters")? {
        for (tab, area) in filter::areas(book, std::slice::from_ref(one))? {
            let range = values::read(book.tab(tab)?, area, render)?;
            out.push(json!({"valueRange": range, "dataFilters": [one]}));
        }
    }
    Ok(json!({"spreadsheetId": book.id, "valueRanges": out}))
}

fn search(book: &Book, body: &Map<String, Value>) -> Result<Value, ApiError> {
    only(body, &["dataFilters"], "")?;
    let mut out = Vec::new();
    for one in list(body, "dataFilters")? {
        let lookup = object(
            one.get("developerMetadataLookup"),
            "developer_metadata_lookup",
        )?;
        for found in filter::matching(book, lookup)? {
            out.push(json!({"developerMetadata": describe::metadata(found), "dataFilters": [one]}));
        }
    }
    Ok(if out.is_empty() {
        json!({})
    } else {
        json!({"matchedDeveloperMetadata": out})
    })
}
