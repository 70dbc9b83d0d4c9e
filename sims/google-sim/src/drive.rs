//! The little of Drive v3 that spreadsheet clients use: find a file by name, look at one.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;
use serde_json::{Value, json};

use crate::clock::rfc3339;
use crate::respond::{self, Params};
use crate::sheets::Book;
use crate::tokens::{self, Grant, SCOPE};
use crate::world::World;

const SPREADSHEET: &str = "application/vnd.google-apps.spreadsheet";

/// `GET /drive/v3/files?q=…`.
pub(crate) async fn list(
    State(world): State<Arc<World>>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let grant = match admit(&world, &headers) {
        Ok(grant) => grant,
        Err(refused) => return *refused,
    };
    let query = Params::query(&uri);
    let wanted = match query.get("q").map(parse_query) {
        None => Vec::new(),
        Some(Some(wanted)) => wanted,
        Some(None) => return error(StatusCode::BAD_REQUEST, "invalid", "Invalid Value"),
    };
    let state = world.lock();
    let files: Vec<Value> = state
        .books
        .values()
        .filter(|b| b.role(&grant.email).is_some())
        .filter(|b| {
            wanted.iter().all(|(field, value)| match field.as_str() {
                "name" => b.title == *value,
                "mimeType" => value == SPREADSHEET,
                _ => value == "false",
            })
        })
        .map(file)
        .collect();
    respond::json(
        StatusCode::OK,
        &json!({"kind": "drive#fileList", "incompleteSearch": false, "files": files}),
    )
}

/// `GET /drive/v3/files/{id}`.
pub(crate) async fn get(
    State(world): State<Arc<World>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let grant = match admit(&world, &headers) {
        Ok(grant) => grant,
        Err(refused) => return *refused,
    };
    let state = world.lock();
    match state
        .books
        .get(&id)
        .filter(|b| b.role(&grant.email).is_some())
    {
        Some(book) => respond::json(StatusCode::OK, &file(book)),
        None => error(
            StatusCode::NOT_FOUND,
            "notFound",
            &format!("File not found: {id}."),
        ),
    }
}

fn file(book: &Book) -> Value {
    json!({
        "kind": "drive#file",
        "id": book.id,
        "name": book.title,
        "mimeType": SPREADSHEET,
        "createdTime": rfc3339(book.created),
        "modifiedTime": rfc3339(book.modified),
        "version": book.version.to_string(),
        "trashed": false,
    })
}

fn admit(world: &World, headers: &HeaderMap) -> Result<Grant, Box<Response>> {
    let state = world.lock();
    let grant =
        respond::bearer(headers).and_then(|token| tokens::authenticate(world, &state, token).ok());
    let grant = grant.ok_or_else(|| {
        Box::new(error(
            StatusCode::UNAUTHORIZED,
            "authError",
            "Invalid Credentials",
        ))
    })?;
    let scopes = [
        "drive",
        "drive.readonly",
        "drive.file",
        "drive.metadata.readonly",
    ]
    .map(|s| format!("{SCOPE}{s}"));
    if grant.has_any(&scopes.each_ref().map(String::as_str)) {
        Ok(grant)
    } else {
        Err(Box::new(error(
            StatusCode::FORBIDDEN,
            "insufficientPermissions",
            "Request had insufficient authentication scopes.",
        )))
    }
}

fn error(code: StatusCode, reason: &str, message: &str) -> Response {
    let errors = json!([{"message": message, "domain": "global", "reason": reason}]);
    respond::json(
        code,
        &json!({"error": {"code": code.as_u16(), "message": message, "errors": errors}}),
    )
}

/// `field = "value"` joined by `and`; quotes single or double.
fn parse_query(text: &str) -> Option<Vec<(String, String)>> {
    let mut out = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let (field, tail) = rest.split_once('=')?;
        let tail = tail.trim_start();
        let quote = tail.chars().next()?;
        let (value, after) = if quote == '\'' || quote == '"' {
            let inner = tail.get(1..)?;
            let end = inner
                .char_indices()
                .scan(false, |escaped, (i, c)| {
                    let ends = c == quote && !*escaped;
                    *escaped = c == '\\' && !*escaped;
                    Some((i, ends))
                })
                .find_map(|(i, ends)| ends.then_some(i))?;
            (
                inner.get(..end)?.replace("\\'", "'").replace("\\\\", "\\"),
                inner.get(end + 1..)?,
            )
        } else {
            tail.split_once(' ')
                .map_or((tail.to_owned(), ""), |(v, after)| (v.to_owned(), after))
        };
        out.push((field.trim().to_owned(), value));
        rest = after.trim_start();
        rest = rest.strip_prefix("and ").unwrap_or(rest).trim_start();
    }
    Some(out)
}
