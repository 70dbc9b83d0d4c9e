//! The wire: who calls, may they, which method, and its answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value, json};

use super::a1::{Area, resolve};
use super::append;
use super::book::{Book, Role};
use super::call::Call;
use super::describe::{self, Wanted};
use super::error::ApiError;
use super::input::{Actor, Entry, list, object, only, text, value_rows};
use super::mask::Mask;
use super::values::{self, Render};
use super::{filter, requests};
use crate::faults::FaultKind;
use crate::quota::Kind;
use crate::respond::{self, Params};
use crate::tokens::{self, SCOPE};
use crate::world::{State, World};

/// Everything under `/v4/`.
pub(crate) async fn handle(
    Shared(world): Shared<Arc<World>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (method, query, body) = overridden(method, &uri, &headers, body);
    let Some((id, call)) = Call::parse(&method, uri.path()) else {
        let text = "<!DOCTYPE html><html lang=en><title>Error 404 (Not Found)!!1</title><p><b>404.</b> That’s an error.";
        return (StatusCode::NOT_FOUND, axum::response::Html(text)).into_response();
    };
    let request = Request {
        world: &world,
        id,
        call,
        query,
        headers: &headers,
        body,
    };
    let answer = match request.run().await {
        Ok(answer) => respond::json(StatusCode::OK, &answer),
        Err(error) => error.answer(),
    };
    if request.call.kind() == Kind::Write && answer.status().is_success() {
        world.saver.settled().await;
    }
    answer
}

/// Python's client sends a long GET as a POST whose body is the query.
fn overridden(
    method: Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: Bytes,
) -> (Method, Params, Bytes) {
    let wanted = headers
        .get("x-http-method-override")
        .and_then(|v| v.to_str().ok());
    if method == Method::POST && wanted == Some("GET") {
        return (Method::GET, Params::parse(&body), Bytes::new());
    }
    (method, Params::query(uri), body)
}

/// Tries `edit` on a copy, which becomes the spreadsheet only if all went well.
pub(crate) fn commit<T>(
    state: &mut State,
    id: &str,
    edit: impl FnOnce(&mut Book) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let now = state.now();
    let book = state.books.get_mut(id).ok_or_else(ApiError::not_found)?;
    let mut draft = book.clone();
    let out = edit(&mut draft)?;
    draft.check_size()?;
    draft.modified = now;
    draft.version += 1;
    *book = draft;
    Ok(out)
}

struct Request<'a> {
    world: &'a World,
    id: String,
    call: Call,
    query: Params,
    headers: &'a HeaderMap,
    body: Bytes,
}

impl Request<'_> {
    async fn run(&self) -> Result<Value, ApiError> {
        let actor = self.admit()?;
        let mask = self
            .query
            .get("fields")
            .or_else(|| self.query.get("$fields"))
            .map(Mask::parse)
            .transpose()?;
        let body = self.json()?;
        let answer = match &self.call {
            Call::ValuesAppend(range) => self.append(&actor, range, &body).await?,
            call if call.kind() == Kind::Read => {
                let state = self.world.lock();
                let book = state.books.get(&self.id).ok_or_else(ApiError::not_found)?;
                self.read(book, &actor, &body, mask.as_ref())?
            }
            Call::Create => self.create(&actor, &body)?,
            _ => {
                let mut state = self.world.lock();
                let answer = commit(&mut state, &self.id, |draft| {
                    self.write(draft, &actor, &body)
                })?;
                drop(state);
                self.world.saver.touch();
                answer
            }
        };
        Ok(mask.map_or(answer.clone(), |m| m.apply(&answer)))
    }

    /// Token, scope, access, quota: in that order.
    fn admit(&self) -> Result<Actor, ApiError> {
        let token = respond::bearer(self.headers)
            .or_else(|| self.query.get("access_token"))
            .or_else(|| self.query.get("oauth_token"));
        let token = token.ok_or_else(|| ApiError::unauthenticated(true))?;
        let mut state = self.world.lock();
        let grant = tokens::authenticate(self.world, &state, token)
            .map_err(|_| ApiError::unauthenticated(false))?;
        let write = ["spreadsheets", "drive", "drive.file"].map(|s| format!("{SCOPE}{s}"));
        let read = ["spreadsheets.readonly", "drive.readonly"].map(|s| format!("{SCOPE}{s}"));
        let by_get = matches!(
            self.call,
            Call::Get | Call::ValuesGet(_) | Call::ValuesBatchGet
        );
        let mut accepted: Vec<&str> = write.iter().map(String::as_str).collect();
        if by_get {
            accepted.extend(read.iter().map(String::as_str));
        }
        if !grant.has_any(&accepted) {
            return Err(ApiError::scope_insufficient(self.call.rpc()));
        }
        let now = state.now();
        state
            .quotas
            .take(&grant.email, self.call.kind(), now)
            .map_err(ApiError::quota)?;
        if self.call != Call::Create {
            let book = state.books.get(&self.id).ok_or_else(ApiError::not_found)?;
            let needed = if self.call.kind() == Kind::Read {
                Role::Reader
            } else {
                Role::Writer
            };
            if book.role(&grant.email).is_none_or(|role| role < needed) {
                return Err(ApiError::forbidden());
            }
        }
        Ok(Actor {
            email: grant.email,
            now,
        })
    }

    fn json(&self) -> Result<Map<String, Value>, ApiError> {
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Map::new());
        }
        let value: Value = serde_json::from_slice(&self.body)
            .map_err(|why| ApiError::invalid(format!("Invalid JSON payload received. {why}")))?;
        object(Some(&value), "").cloned()
    }

    fn render(&self) -> Result<Render, ApiError> {
        let q = |name| self.query.get(name);
        Render::parse(
            q("valueRenderOption"),
            q("dateTimeRenderOption"),
            q("majorDimension"),
        )
    }

    /// How a write is to echo its values, if at all.
    fn echo(&self) -> Result<Option<Render>, ApiError> {
        let q = |name| self.query.get(name);
        let render = Render::parse(
            q("responseValueRenderOption"),
            q("responseDateTimeRenderOption"),
            None,
        )?;
        Ok(self.query.flag("includeValuesInResponse").then_some(render))
    }

    fn read(
        &self,
        book: &Book,
        actor: &Actor,
        body: &Map<String, Value>,
        mask: Option<&Mask>,
    ) -> Result<Value, ApiError> {
        let base = self.world.settings.base();
        match &self.call {
            Call::Get => {
                let ranges: Result<_, _> =
                    self.query.all("ranges").map(|r| resolve(book, r)).collect();
                let grid_data = match mask {
                    Some(mask) => {
                        mask.touches(&["sheets", "data"])
                            && mask
                                .names()
                                .all(|n| n != "*" || self.query.flag("includeGridData"))
                    }
                    None => self.query.flag("includeGridData"),
                };
                describe::spreadsheet(
                    book,
                    base,
                    &actor.email,
                    &Wanted {
                        ranges: ranges?,
                        grid_data,
                    },
                )
            }
            Call::GetByDataFilter => {
                only(
                    body,
                    &[
                        "dataFilters",
                        "includeGridData",
                        "excludeTablesInBandedRanges",
                        "commentsViewMode",
                    ],
                    "",
                )?;
                let ranges = filter::areas(book, list(body, "dataFilters")?)?;
                let grid_data = body.get("includeGridData") == Some(&Value::Bool(true));
                describe::spreadsheet(book, base, &actor.email, &Wanted { ranges, grid_data })
            }
            Call::ValuesGet(range) => {
                let (tab, area) = resolve(book, range)?;
                values::read(book.tab(tab)?, area, self.render()?)
            }
            Call::ValuesBatchGet => {
                let render = self.render()?;
                let found: Result<Vec<Value>, ApiError> = self
                    .query
                    .all("ranges")
                    .map(|range| {
                        let (tab, area) = resolve(book, range)?;
                        values::read(book.tab(tab)?, area, render)
                    })
                    .collect();
                let found = found?;
                Ok(if found.is_empty() {
                    json!({"spreadsheetId": book.id})
                } else {
                    json!({"spreadsheetId": book.id, "valueRanges": found})
                })
            }
            Call::ValuesBatchGetByFilter => {
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
                let render = Render::parse(
                    text(body, "valueRenderOption"),
                    text(body, "dateTimeRenderOption"),
                    text(body, "majorDimension"),
                )?;
                let mut out = Vec::new();
                for one in list(body, "dataFilters")? {
                    for (tab, area) in filter::areas(book, std::slice::from_ref(one))? {
                        out.push(json!({"valueRange": values::read(book.tab(tab)?, area, render)?, "dataFilters": [one]}));
                    }
                }
                Ok(json!({"spreadsheetId": book.id, "valueRanges": out}))
            }
            Call::MetadataGet(id) => {
                let found = book.metadata.iter().find(|m| m.id.to_string() == *id);
                found
                    .map(describe::metadata)
                    .ok_or_else(ApiError::not_found)
            }
            Call::MetadataSearch => {
                only(body, &["dataFilters"], "")?;
                let mut out = Vec::new();
                for one in list(body, "dataFilters")? {
                    let lookup = object(
                        one.get("developerMetadataLookup"),
                        "developer_metadata_lookup",
                    )?;
                    out.extend(filter::matching(book, lookup)?.into_iter().map(|m| json!({"developerMetadata": describe::metadata(m), "dataFilters": [one]})));
                }
                Ok(if out.is_empty() {
                    json!({})
                } else {
                    json!({"matchedDeveloperMetadata": out})
                })
            }
            _ => Err(ApiError::invalid("not a read")),
        }
    }

    fn write(
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
            _ => Err(ApiError::invalid("not a write")),
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

    async fn append(
        &self,
        actor: &Actor,
        range: &str,
        body: &Map<String, Value>,
    ) -> Result<Value, ApiError> {
        let entry = Entry::parse(self.query.get("valueInputOption"))?;
        let insert = match self.query.get("insertDataOption") {
            None | Some("OVERWRITE") => false,
            Some("INSERT_ROWS") => true,
            Some(other) => {
                return Err(ApiError::invalid(format!(
                    "Invalid value at 'insert_data_option': \"{other}\""
                )));
            }
        };
        let rows = value_rows(body)?;
        let echo = self.echo()?;
        let raced = if insert {
            None
        } else {
            self.race(range, body)?
        };
        if let Some((_, delay_ms)) = raced {
            self.world.pause(delay_ms).await;
        }
        let mut state = self.world.lock();
        let answer = commit(&mut state, &self.id, |draft| {
            let (tab, area) = check_body_range(draft, range, body)?;
            let target = match raced {
                Some((target, _)) => target,
                None => append::target(draft, tab, area)?,
            };
            let written = append::append(draft, actor, target, &rows, entry, insert)?;
            append::response(draft, target, written, echo)
        })?;
        drop(state);
        self.world.saver.touch();
        Ok(answer)
    }

    /// In race mode the last row is looked up now and written later, as if by two servers at once.
    fn race(
        &self,
        range: &str,
        body: &Map<String, Value>,
    ) -> Result<Option<(append::Target, u64)>, ApiError> {
        let mut state = self.world.lock();
        let Some(fault) = state
            .faults
            .lie("sheets.spreadsheets.values.append", FaultKind::AppendRace)
        else {
            return Ok(None);
        };
        let book = state.books.get(&self.id).ok_or_else(ApiError::not_found)?;
        let (tab, area) = check_body_range(book, range, body)?;
        Ok(Some((append::target(book, tab, area)?, fault.delay_ms)))
    }

    /// People may make spreadsheets; a service account has no storage of its own.
    fn create(&self, actor: &Actor, body: &Map<String, Value>) -> Result<Value, ApiError> {
        only(
            body,
            &["properties", "sheets", "namedRanges", "spreadsheetId"],
            "",
        )?;
        if actor.email.ends_with(".gserviceaccount.com") {
            return Err(ApiError::forbidden());
        }
        let title = body
            .get("properties")
            .and_then(|p| p.get("title"))
            .and_then(Value::as_str)
            .unwrap_or("未命名的試算表");
        let mut state = self.world.lock();
        let id = state.random(33);
        let book = Book::new(&id, title, &actor.email, actor.now);
        let answer = describe::spreadsheet(
            &book,
            self.world.settings.base(),
            &actor.email,
            &Wanted::default(),
        );
        state.books.insert(id, book);
        drop(state);
        self.world.saver.touch();
        answer
    }
}

/// The range of the path; the body may repeat it, not contradict it.
fn check_body_range(
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
