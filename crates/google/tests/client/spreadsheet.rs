//! A token endpoint and a spreadsheet with one tab `T`, with faults on demand. Knows the few ranges that our client sends.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

pub(crate) struct Google {
    pub(crate) tokens_given: usize,
    pub(crate) token_answer: Option<(u16, Value)>,
    pub(crate) assertion: String,
    pub(crate) accepted_token: Option<String>,
    pub(crate) faults: VecDeque<Fault>,
    pub(crate) cells: BTreeMap<(u32, u32), Value>,
    pub(crate) requests: Vec<(String, Value)>,
}

pub(crate) enum Fault {
    /// None this time.
    Pass,
    /// Instead of doing anything.
    Answer(u16, Value),
    /// Done, then this status.
    DoneBut(u16),
    /// Done, then an answer that is no JSON.
    DoneButGarbled,
    /// An answer with a `Retry-After`.
    RetryAfter(u32),
}

pub(crate) type Shared = Arc<Mutex<Google>>;

pub(crate) async fn start() -> (String, Shared) {
    let state: Shared = Arc::new(Mutex::new(Google {
        tokens_given: 0,
        token_answer: None,
        assertion: String::new(),
        accepted_token: None,
        faults: VecDeque::new(),
        cells: BTreeMap::new(),
        requests: Vec::new(),
    }));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let routes = Router::new()
        .route("/token", post(token))
        .fallback(sheets)
        .with_state(state.clone());
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (address, state)
}

async fn token(State(state): State<Shared>, Form(form): Form<HashMap<String, String>>) -> Response {
    let mut google = state.lock().unwrap();
    assert_eq!(
        form["grant_type"],
        "urn:ietf:params:oauth:grant-type:jwt-bearer"
    );
    google.assertion = form["assertion"].clone();
    if let Some((status, body)) = &google.token_answer {
        return (StatusCode::from_u16(*status).unwrap(), Json(body.clone())).into_response();
    }
    google.tokens_given += 1;
    let token = format!("ya29.{}", google.tokens_given);
    google.accepted_token = Some(token.clone());
    Json(json!({"access_token": token, "expires_in": 3599, "token_type": "Bearer"})).into_response()
}

async fn sheets(
    State(state): State<Shared>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut google = state.lock().unwrap();
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    google
        .requests
        .push((format!("{method} {uri}"), body.clone()));
    let bearer = headers
        .get("authorization")
        .and_then(|v| v.to_str().ok())
        .unwrap_or_default();
    if google
        .accepted_token
        .as_ref()
        .is_none_or(|token| bearer != format!("Bearer {token}"))
    {
        let error = json!({"error": {"code": 401, "status": "UNAUTHENTICATED"}});
        return (StatusCode::UNAUTHORIZED, Json(error)).into_response();
    }
    let fault = google.faults.pop_front();
    match &fault {
        Some(Fault::Answer(status, body)) => {
            return (StatusCode::from_u16(*status).unwrap(), Json(body.clone())).into_response();
        }
        Some(Fault::RetryAfter(seconds)) => {
            return (
                StatusCode::TOO_MANY_REQUESTS,
                [("retry-after", seconds.to_string())],
            )
                .into_response();
        }
        Some(Fault::Pass | Fault::DoneBut(_) | Fault::DoneButGarbled) | None => {}
    }
    let answer = google.answer(&method, &uri, &body);
    match fault {
        Some(Fault::DoneBut(status)) => StatusCode::from_u16(status).unwrap().into_response(),
        Some(Fault::DoneButGarbled) => "<html>".into_response(),
        _ => answer.map_or(StatusCode::BAD_REQUEST.into_response(), |json| {
            Json(json).into_response()
        }),
    }
}

impl Google {
    fn answer(&mut self, method: &Method, uri: &Uri, body: &Value) -> Option<Value> {
        match (method.as_str(), uri.path()) {
            ("GET", "/v4/spreadsheets/SID/values:batchGet") => {
                let query = url::form_urlencoded::parse(uri.query()?.as_bytes());
                let ranges = query.filter(|(name, _)| name == "ranges");
                let ranges: Option<Vec<Value>> =
                    ranges.map(|(_, range)| self.get(&range)).collect();
                Some(json!({"spreadsheetId": "SID", "valueRanges": ranges?}))
            }
            ("POST", "/v4/spreadsheets/SID/values:batchUpdate") => {
                assert_eq!(body["valueInputOption"], "RAW");
                for write in body["data"].as_array()? {
                    let (first, _) = corners(write["range"].as_str()?)?;
                    for (row, cells) in (first.0..).zip(write["values"].as_array()?) {
                        for (column, cell) in (first.1..).zip(cells.as_array()?) {
                            if !cell.is_null() {
                                self.cells.insert((row, column), cell.clone());
                            }
                        }
                    }
                }
                Some(json!({"spreadsheetId": "SID"}))
            }
            ("GET", "/v4/spreadsheets/SID") => Some(json!({
                "properties": {"title": "店", "locale": "zh_TW", "timeZone": "Asia/Taipei"},
                "sheets": [
                    {
                        "properties": {"sheetId": 5, "title": "T", "index": 0, "sheetType": "GRID",
                            "gridProperties": {"rowCount": 100, "columnCount": 26, "frozenRowCount": 1}},
                        "protectedRanges": [{"protectedRangeId": 1, "description": "d", "range": {"sheetId": 5}}],
                    },
                    {"properties": {"sheetId": 6, "title": "圖表", "sheetType": "OBJECT"}},
                ],
            })),
            ("POST", "/v4/spreadsheets/SID:batchUpdate") => {
                Some(json!({"spreadsheetId": "SID", "replies": [{}]}))
            }
            _ => None,
        }
    }

    fn get(&self, range: &str) -> Option<Value> {
        let (first, last) = corners(range)?;
        let mut rows = Vec::new();
        for row in first.0..=last.0 {
            let cells: Vec<&Value> = (first.1..=last.1)
                .map(|column| self.cells.get(&(row, column)).unwrap_or(&Value::Null))
                .collect();
            let end = cells
                .iter()
                .rposition(|c| !c.is_null())
                .map_or(0, |at| at + 1);
            rows.push(json!(
                cells[..end]
                    .iter()
                    .map(|c| if c.is_null() { json!("") } else { (*c).clone() })
                    .collect::<Vec<_>>()
            ));
        }
        while rows
            .last()
            .is_some_and(|row| row.as_array().is_some_and(Vec::is_empty))
        {
            rows.pop();
        }
        let letter = |column: u32| char::from_u32(u32::from('A') + column - 1);
        let echo = format!(
            "T!{}{}:{}{}",
            letter(first.1)?,
            first.0,
            letter(last.1)?,
            last.0
        );
        let mut answer = json!({"range": echo, "majorDimension": "ROWS"});
        if !rows.is_empty() {
            answer["values"] = json!(rows);
        }
        Some(answer)
    }
}

/// First and last (row, column), from 1, in a grid of 100 rows and 26 columns.
fn corners(range: &str) -> Option<((u32, u32), (u32, u32))> {
    let Some((tab, cells)) = range.split_once('!') else {
        return Some(((1, 1), (100, 26)));
    };
    assert_eq!(tab, "'T'");
    let (first, last) = cells.split_once(':')?;
    let corner = |text: &str, (open_row, open_column): (u32, u32)| {
        let column = text
            .chars()
            .next()
            .filter(char::is_ascii_uppercase)
            .map(|c| u32::from(c) - u32::from('A') + 1);
        let row = text
            .trim_start_matches(|c: char| c.is_ascii_uppercase())
            .parse()
            .ok();
        (row.unwrap_or(open_row), column.unwrap_or(open_column))
    };
    Some((corner(first, (1, 1)), corner(last, (100, 26))))
}
