//! The methods that write, append excepted.

use serde_json::{Map, Value, json};

use super::a1::{Area, resolve};
use super::book::Book;
use super::call::Call;
use super::describe::{self, Wanted};
use super::error::ApiError;
use super::http::Request;
use super::input::{Actor, Entry, list, object, only, text, value_rows};
use super::values::{self, Render};
use super::{filter, requests};

impl Request<'_> {
    /// How a write is to echo its values, if at all.
    pub(super) fn echo(&self) -> Result<Option<Render>, ApiError> {
        let q = |name| self.query.get(name);
        let render = Render::parse(
            q("responseValueRenderOption"),
            q("responseDateTimeRenderOption"),
            None,
        )?;
        Ok(self.query.flag("includeValuesInResponse").then_some(render))
    }

    pub(super) fn write(
        &self,
        draft: &mut Book,
        actor: &Actor,
        body: &Map<String, Value>,
    ) -> Result<Value, ApiError> {
        match &self.call {
            Call::ValuesUpdate(range) => {
                let entry = Entry::parse(self.query.get("valueInputOption"))?;
                let (tab, area) = check_body_range(draft, range, body)?;
                let written = values::write(draft, actor, tab, area, &value_rows(body)?, entry)?;
                written.response(draft, self.echo()?)
            }
            Call::ValuesBatchUpdate | Call::ValuesBatchUpdateByFilter => {
                self.batch_values(draft, actor, body)
            }
            Call::ValuesClear(range) => {
                only(body, &[], "")?;
                let (tab, area) = resolve(draft, range)?;
                let cleared = values::clear(draft, actor, tab, area)?;
                Ok(json!({"spreadsheetId": draft.id, "clearedRange": cleared}))
            }
            Call::ValuesBatchClear => {
                only(body, &["ranges"], "")?;
                let mut cleared = Vec::new();
                for range in list(body, "ranges")? {
                    let (tab, area) = resolve(draft, range.as_str().unwrap_or_default())?;
                    cleared.push(values::clear(draft, actor, tab, area)?);
                }
                Ok(json!({"spreadsheetId": draft.id, "clearedRanges": cleared}))
            }
            Call::ValuesBatchClearByFilter => {
                only(body, &["dataFilters"], "")?;
                let mut cleared = Vec::new();
                for (tab, area) in filter::areas(draft, list(body, "dataFilters")?)? {
                    cleared.push(values::clear(draft, actor, tab, area)?);
                }
                Ok(json!({"spreadsheetId": draft.id, "clearedRanges": cleared}))
            }
            Call::BatchUpdate => {
                only(
                    body,
                    &[
                        "requests",
                        "includeSpreadsheetInResponse",
                        "responseRanges",
                        "responseIncludeGridData",
                    ],
                    "",
                )?;
                let replies = requests::apply(draft, actor, list(body, "requests")?)?;
                let mut out = json!({"spreadsheetId": draft.id, "replies": replies});
                if body.get("includeSpreadsheetInResponse") == Some(&Value::Bool(true)) {
                    let ranges: Result<_, _> = list(body, "responseRanges")?
                        .iter()
                        .map(|r| resolve(draft, r.as_str().unwrap_or_default()))
                        .collect();
                    let grid_data = body.get("responseIncludeGridData") == Some(&Value::Bool(true));
                    let wanted = Wanted {
                        ranges: ranges?,
                        grid_data,
                    };
                    out["updatedSpreadsheet"] = describe::spreadsheet(
                        draft,
                        self.world.settings.base(),
                        &actor.email,
                        &wanted,
                    )?;
                }
                Ok(out)
            }
            Call::Create
            | Call::Get
            | Call::GetByDataFilter
            | Call::ValuesGet(_)
            | Call::ValuesAppend(_)
            | Call::ValuesBatchGet
            | Call::ValuesBatchGetByFilter
            | Call::MetadataGet(_)
            | Call::MetadataSearch => Err(ApiError::invalid("not a method that writes here")),
        }
    }

    fn batch_values(
        &self,
        draft: &mut Book,
        actor: &Actor,
        body: &Map<String, Value>,
    ) -> Result<Value, ApiError> {
        let names = [
            "valueInputOption",
            "data",
            "includeValuesInResponse",
            "responseValueRenderOption",
            "responseDateTimeRenderOption",
        ];
        only(body, &names, "")?;
        let entry = Entry::parse(text(body, "valueInputOption"))?;
        let render = Render::parse(
            text(body, "responseValueRenderOption"),
            text(body, "responseDateTimeRenderOption"),
            None,
        )?;
        let echo =
            (body.get("includeValuesInResponse") == Some(&Value::Bool(true))).then_some(render);
        let by_filter = self.call == Call::ValuesBatchUpdateByFilter;
        let (mut responses, mut tabs, mut totals) = (Vec::new(), Vec::new(), [0_u32; 3]);
        for (i, one) in list(body, "data")?.iter().enumerate() {
            let place = format!("data[{i}]");
            let one = object(Some(one), &place)?;
            only(
                one,
                &["range", "dataFilter", "majorDimension", "values"],
                &place,
            )?;
            let targets = if by_filter {
                let filter = one.get("dataFilter").cloned().unwrap_or(Value::Null);
                filter::areas(draft, &[filter])
            } else {
                resolve(draft, text(one, "range").unwrap_or_default()).map(|t| vec![t])
            };
            for (tab, area) in targets.map_err(|e| e.within(&place))? {
                let rows = value_rows(one)?;
                let written = values::write(draft, actor, tab, area, &rows, entry)
                    .map_err(|e| e.within(&place))?;
                if !tabs.contains(&tab) {
                    tabs.push(tab);
                }
                totals = [
                    totals[0] + written.rows,
                    totals[1] + written.columns,
                    totals[2] + written.cells,
                ];
                responses.push(written.response(draft, echo)?);
            }
        }
        Ok(json!({
            "spreadsheetId": draft.id,
            "totalUpdatedRows": totals[0],
            "totalUpdatedColumns": totals[1],
            "totalUpdatedCells": totals[2],
            "totalUpdatedSheets": tabs.len(),
            "responses": responses,
        }))
    }
}

/// The range of the path; the body may repeat it, not contradict it.
pub(super) fn check_body_range(
    book: &Book,
    range: &str,
    body: &Map<String, Value>,
) -> Result<(usize, Area), ApiError> {
    only(body, &["range", "majorDimension", "values"], "")?;
    if let Some(other) =
        text(body, "range").filter(|o| !o.is_empty() && !values::same_range(book, range, o))
    {
        return Err(ApiError::invalid(format!(
            "Requested writing within range [{range}], but the body names range [{other}]"
        )));
    }
    resolve(book, range)
}
