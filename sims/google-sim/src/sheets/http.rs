//! The wire: who calls, may they, which method, and its answer.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State as Shared;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::{Map, Value};

use super::append;
use super::book::{Book, Role};
use super::call::Call;
use super::describe::{self, Wanted};
use super::error::ApiError;
use super::input::{Actor, Entry, object, only, value_rows};
use super::mask::Mask;
use super::write::check_body_range;
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

/// One call, with all that came with it.
pub(super) struct Request<'a> {
    pub(super) world: &'a World,
    pub(super) id: String,
    pub(super) call: Call,
    pub(super) query: Params,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: Bytes,
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
            Call::BatchUpdate
            | Call::ValuesUpdate(_)
            | Call::ValuesClear(_)
            | Call::ValuesBatchUpdate
            | Call::ValuesBatchClear
            | Call::ValuesBatchUpdateByFilter
            | Call::ValuesBatchClearByFilter
            | Call::Get
            | Call::GetByDataFilter
            | Call::ValuesGet(_)
            | Call::ValuesBatchGet
            | Call::ValuesBatchGetByFilter
            | Call::MetadataGet(_)
            | Call::MetadataSearch => {
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
