//! The control API under `/_sandbox/`, for tests and for programs. JSON in, JSON out.

/// Unwraps a value or answers the error.
macro_rules! or_answer {
    ($result:expr) => {
        match $result {
            Ok(value) => value,
            Err(answer) => return *answer,
        }
    };
}

mod content;

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::{Map, Value, json};

use crate::clock::rfc3339;
use crate::faults::{FaultKind, Outage, OutageScope};
use crate::keys::{Keyring, SigningKey};
use crate::respond::{self, Params};
use crate::signin;
use crate::world::World;

type Shared = State<Arc<World>>;

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/_sandbox/state", get(state))
        .route("/_sandbox/reset", post(reset))
        .route("/_sandbox/seed", post(content::seed))
        .route("/_sandbox/clock", get(clock).post(set_clock))
        .route(
            "/_sandbox/faults",
            get(faults).post(add_fault).delete(remove_faults),
        )
        .route("/_sandbox/faults/{id}", axum::routing::delete(remove_fault))
        .route("/_sandbox/outage", post(outage).delete(end_outage))
        .route("/_sandbox/quotas", post(quotas))
        .route("/_sandbox/log", get(log).delete(clear_log))
        .route("/_sandbox/keys/rotate", post(rotate))
        .route("/_sandbox/sheets/{id}", get(content::dump))
        .route("/_sandbox/authorize", post(authorize))
        .route("/_sandbox/openapi.json", get(openapi))
}

fn ok(value: &Value) -> Response {
    respond::json(StatusCode::OK, value)
}

fn bad(message: &str) -> Response {
    respond::json(StatusCode::BAD_REQUEST, &json!({"error": message}))
}

/// A JSON object, or an empty body.
fn body(bytes: &Bytes) -> Result<Map<String, Value>, Box<Response>> {
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Ok(Map::new());
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Box::new(bad("the body must be a JSON object"))),
        Err(why) => Err(Box::new(bad(&format!("the body is not JSON: {why}")))),
    }
}

async fn state(State(world): Shared) -> Response {
    let state = world.lock();
    let accounts: Vec<Value> = world
        .settings
        .accounts
        .iter()
        .map(|a| json!({"key": a.key, "sub": a.sub, "email": a.email, "email_verified": a.email_verified, "name": a.name()}))
        .collect();
    let sheets: Vec<Value> = state
        .books
        .values()
        .map(|b| json!({"id": b.id, "title": b.title, "version": b.version, "tabs": b.tabs.iter().map(|t| json!({"title": t.title, "rows": t.used_rows()})).collect::<Vec<_>>()}))
        .collect();
    ok(&json!({
        "public_url": world.settings.base(),
        "clock": clock_value(&state.clock),
        "accounts": accounts,
        "clients": world.settings.clients.iter().map(|c| &c.id).collect::<Vec<_>>(),
        "service_accounts": state.service_accounts.keys().collect::<Vec<_>>(),
        "sheets": sheets,
        "keys": world.keys.current().iter().map(|k| &k.public.kid).collect::<Vec<_>>(),
        "faults": state.faults.list,
        "outage_until": state.faults.outage.map(|o| rfc3339(o.until)),
        "quotas": {"per_user": state.quotas.per_user, "per_project": state.quotas.per_project},
        "requests": state.logged,
    }))
}

async fn reset(State(world): Shared, bytes: Bytes) -> Response {
    let map = or_answer!(body(&bytes));
    world.reset(map.get("seed").and_then(Value::as_u64));
    world.saver.settled().await;
    ok(&json!({"reset": true}))
}

fn clock_value(clock: &crate::clock::Clock) -> Value {
    let now = clock.now();
    json!({"now": rfc3339(now), "now_ms": now, "rate": clock.rate, "ahead_s": clock.ahead_s()})
}

async fn clock(State(world): Shared) -> Response {
    let state = world.lock();
    ok(&clock_value(&state.clock))
}

async fn set_clock(State(world): Shared, bytes: Bytes) -> Response {
    let map = or_answer!(body(&bytes));
    let mut state = world.lock();
    match map.get("advance_s").map(Value::as_u64) {
        None => {}
        Some(Some(seconds)) if seconds <= 3_200_000_000 => {
            state
                .clock
                .advance(i64::try_from(seconds).unwrap_or(0).saturating_mul(1000));
        }
        Some(_) => return bad("advance_s must be a whole number of seconds, at least 0"),
    }
    match map.get("rate").map(|r| {
        r.as_u64()
            .and_then(|r| u32::try_from(r).ok())
            .filter(|r| *r <= 86_400)
    }) {
        None => {}
        Some(Some(rate)) => state.clock.set_rate(rate),
        Some(None) => return bad("rate must be a whole number from 0 (stands still) to 86400"),
    }
    let answer = clock_value(&state.clock);
    drop(state);
    world.saver.touch();
    ok(&answer)
}

async fn faults(State(world): Shared) -> Response {
    let state = world.lock();
    let kinds: Vec<String> = FaultKind::ALL.iter().map(|(k, _)| k.name()).collect();
    ok(&json!({"faults": state.faults.list, "kinds": kinds}))
}

/// `{"kind", "times": 1 | n | "always", "method", "delay_ms"}`.
async fn add_fault(State(world): Shared, bytes: Bytes) -> Response {
    let map = or_answer!(body(&bytes));
    let Some(kind) = map
        .get("kind")
        .cloned()
        .and_then(|k| serde_json::from_value::<FaultKind>(k).ok())
    else {
        return bad("kind must be one of those that GET /_sandbox/faults lists");
    };
    let times = match map.get("times") {
        None | Some(Value::Null) => Some(1),
        Some(Value::String(word)) if word == "always" => None,
        Some(Value::String(word)) if word == "once" => Some(1),
        Some(n) => match n
            .as_u64()
            .and_then(|n| u32::try_from(n).ok())
            .filter(|n| *n > 0)
        {
            Some(n) => Some(n),
            None => return bad("times must be a number from 1, \"once\" or \"always\""),
        },
    };
    let method = map.get("method").and_then(Value::as_str).map(str::to_owned);
    let delay_ms = map
        .get("delay_ms")
        .and_then(Value::as_u64)
        .unwrap_or_else(|| default_delay(kind));
    let fault = world.lock().faults.add(kind, method, times, delay_ms);
    ok(&json!({"fault": fault}))
}

/// How long a fault takes where nothing is said: a hang outlasts any client.
pub(crate) fn default_delay(kind: FaultKind) -> u64 {
    if kind == FaultKind::AppliedTimeout {
        60_000
    } else if kind == FaultKind::AppendRace {
        200
    } else {
        3000
    }
}

async fn remove_faults(State(world): Shared) -> Response {
    let mut state = world.lock();
    let removed = state.faults.remove(None);
    state.faults.outage = None;
    ok(&json!({"removed": removed}))
}

async fn remove_fault(State(world): Shared, Path(id): Path<u64>) -> Response {
    let removed = world.lock().faults.remove(Some(id));
    ok(&json!({"removed": removed}))
}

/// `{"seconds": 600, "scope": "sheets" | "all"}` on the sandbox's clock.
async fn outage(State(world): Shared, bytes: Bytes) -> Response {
    let map = or_answer!(body(&bytes));
    let seconds = match map.get("seconds") {
        None => 600,
        Some(n) => match n
            .as_u64()
            .and_then(|n| i64::try_from(n).ok())
            .filter(|n| *n <= 3_200_000_000)
        {
            Some(n) => n,
            None => return bad("seconds must be a whole number"),
        },
    };
    let scope = match map
        .get("scope")
        .map(|s| serde_json::from_value::<OutageScope>(s.clone()))
    {
        None => OutageScope::Sheets,
        Some(Ok(scope)) => scope,
        Some(Err(_)) => return bad("scope must be \"sheets\" or \"all\""),
    };
    let mut state = world.lock();
    let until = state.now().saturating_add(seconds.saturating_mul(1000));
    state.faults.outage = Some(Outage { until, scope });
    ok(&json!({"until": rfc3339(until), "scope": scope}))
}

async fn end_outage(State(world): Shared) -> Response {
    world.lock().faults.outage = None;
    ok(&json!({"ended": true}))
}

/// `{"per_user": 60, "per_project": 300}`, with full buckets.
async fn quotas(State(world): Shared, bytes: Bytes) -> Response {
    let map = or_answer!(body(&bytes));
    let number = |name: &str, usual: u32| {
        map.get(name)
            .and_then(Value::as_u64)
            .and_then(|n| u32::try_from(n).ok())
            .unwrap_or(usual)
    };
    let (per_user, per_project) = (number("per_user", 60), number("per_project", 300));
    world.lock().quotas.set(per_user, per_project);
    ok(&json!({"per_user": per_user, "per_project": per_project}))
}

/// `?since=n&limit=n`: oldest first.
async fn log(State(world): Shared, uri: Uri) -> Response {
    let query = Params::query(&uri);
    let number = |name: &str| query.get(name).and_then(|v| v.parse::<u64>().ok());
    let since = number("since").unwrap_or(0);
    let limit = number("limit")
        .and_then(|n| usize::try_from(n).ok())
        .unwrap_or(1000);
    let state = world.lock();
    let entries: Vec<_> = state
        .log
        .iter()
        .filter(|e| e.n > since)
        .take(limit)
        .cloned()
        .collect();
    ok(&json!({"requests": entries, "last": state.logged}))
}

async fn clear_log(State(world): Shared) -> Response {
    world.lock().log.clear();
    ok(&json!({"cleared": true}))
}

/// `{"forget_all": false}`: a new key signs; the one before stays published unless told otherwise.
async fn rotate(State(world): Shared, bytes: Bytes) -> Response {
    let map = or_answer!(body(&bytes));
    let forget_all = map.get("forget_all") == Some(&Value::Bool(true));
    if rotate_keys(&world, forget_all).await {
        ok(&json!({"kids": world.keys.current().iter().map(|k| &k.public.kid).collect::<Vec<_>>()}))
    } else {
        respond::json(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({"error": "no RSA key could be made"}),
        )
    }
}

/// Makes the new key or keys off the async threads.
pub(crate) async fn rotate_keys(world: &World, forget_all: bool) -> bool {
    if world.keys.published().await.is_none() {
        return false;
    }
    let n = if forget_all { Keyring::SIZE } else { 1 };
    let made = tokio::task::spawn_blocking(move || {
        (0..n)
            .filter_map(|_| SigningKey::generate())
            .collect::<Vec<_>>()
    })
    .await;
    let Some(fresh) = made.ok().filter(|keys| keys.len() == n) else {
        return false;
    };
    world.keys.rotate(fresh, forget_all);
    world.saver.touch();
    true
}

/// `{"url": authorization URL, "account": key | sub | e-mail | "cancel"}` gives `{"redirect": …}`.
async fn authorize(State(world): Shared, bytes: Bytes) -> Response {
    let map = or_answer!(body(&bytes));
    let word = |name: &str| map.get(name).and_then(Value::as_str).unwrap_or_default();
    let Some((_, query)) = word("url").split_once('?') else {
        return bad("url must be an authorization URL with its query");
    };
    let query = query.split('#').next().unwrap_or_default();
    let account = match word("account") {
        "cancel" => None,
        name => match world.settings.account(name) {
            Some(account) => Some(account),
            None => {
                return bad(
                    "account must be one of the accounts of GET /_sandbox/state, or \"cancel\"",
                );
            }
        },
    };
    match signin::decide(&world, &Params::parse(query.as_bytes()), account) {
        Ok(to) | Err(signin::Rejected::Redirect(to)) => ok(&json!({"redirect": to})),
        Err(signin::Rejected::Page {
            status,
            error,
            detail,
        }) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            respond::json(status, &json!({"error": error, "message": detail}))
        }
    }
}

async fn openapi() -> Response {
    respond::file(
        "application/json; charset=utf-8",
        include_str!("../assets/openapi.json"),
    )
}
