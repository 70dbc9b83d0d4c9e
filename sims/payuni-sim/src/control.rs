//! `/_sandbox/…`: the sandbox driven by programs. JSON in and out; described by `openapi.json`.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::books::{Books, Stage};
use crate::buy;
use crate::clock::{stamp, wall};
use crate::counter::{self, Denied};
use crate::faults::{Fault, NewFault};
use crate::log::Entry;
use crate::switches::Switches;
use crate::world::World;

type Shared = State<Arc<World>>;

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/openapi.json", get(openapi))
        .route("/state", get(state))
        .route("/messages", get(messages))
        .route("/reset", post(reset))
        .route("/seed", post(seed))
        .route("/clock", get(clock).post(set_clock))
        .route("/switches", get(switches).put(set_switches))
        .route("/faults", get(faults).post(add_fault).delete(clear_faults))
        .route("/faults/{id}", delete(remove_fault))
        .route("/log", get(log))
        .route("/trades/{no}/pay", post(pay))
        .route("/trades/{no}/expire", post(expire))
        .route("/trades/{no}/resend", post(resend))
        .route("/trades/{no}/refund", post(refund))
        .route("/trades/{no}/void", post(void))
        .route("/buy", post(buy_now))
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        answer(
            self.status,
            &json!({"error": {"code": self.code, "message": self.message}}),
        )
    }
}

fn answer(status: StatusCode, value: &Value) -> Response {
    (
        status,
        [
            (header::CONTENT_TYPE, "application/json"),
            (header::CACHE_CONTROL, "no-store"),
        ],
        value.to_string(),
    )
        .into_response()
}

fn ok(value: &Value) -> Response {
    answer(StatusCode::OK, value)
}

/// Reads a JSON body; an empty one counts as `{}`.
fn body<T: DeserializeOwned>(bytes: &Bytes) -> Result<T, Denied> {
    let text: &[u8] = if bytes.is_empty() { b"{}" } else { bytes };
    serde_json::from_slice(text)
        .map_err(|e| Denied::new(StatusCode::UNPROCESSABLE_ENTITY, "body", e.to_string()))
}

async fn openapi() -> Response {
    let mut document: Value =
        serde_json::from_str(include_str!("../assets/openapi.json")).unwrap_or_default();
    if let (Some(schema), Ok(Value::Object(defaults))) = (
        document.pointer_mut("/components/schemas/Switches/properties"),
        serde_json::to_value(Switches::default()),
    ) {
        let notes = crate::switches::TABLE
            .iter()
            .map(|row| (row.name, row.note));
        let notes: Map<String, Value> = notes
            .map(|(name, note)| {
                (
                    name.to_owned(),
                    json!({"default": defaults.get(name), "description": note}),
                )
            })
            .collect();
        *schema = notes.into();
    }
    ok(&document)
}

async fn state(State(world): Shared) -> Response {
    ok(&world.look(|desk, now| {
        let books = &desk.books;
        let trades: Vec<Value> = books.trades.values().map(|t| counter::trade_json(t, now)).collect();
        let pages: Vec<Value> = books
            .pages
            .iter()
            .map(|(token, page)| {
                let stage = match &page.stage {
                    Stage::Done { .. } => "done",
                    _ if now >= page.order.page_ends => "expired",
                    Stage::Choosing => "choosing",
                    Stage::ThreeD { .. } => "3d",
                    Stage::Wallet(_) => "wallet",
                };
                json!({"token": token, "mer_trade_no": page.order.mer_trade_no, "amount": page.order.amount, "stage": stage})
            })
            .collect();
        json!({
            "now": stamp(now),
            "charged": books.trades.values().map(crate::trade::Trade::charged).sum::<u64>(),
            "refunded": books.trades.values().map(crate::trade::Trade::refunded).sum::<u64>(),
            "trades": trades,
            "pages": pages,
        })
    }))
}

#[derive(Deserialize)]
struct Which {
    mer_trade_no: Option<String>,
    limit: Option<usize>,
}

async fn messages(State(world): Shared, Query(which): Query<Which>) -> Response {
    ok(&world.look(|desk, _| {
        let wanted = desk.books.messages.iter().filter(|m| {
            which
                .mer_trade_no
                .as_ref()
                .is_none_or(|no| *no == m.mer_trade_no)
        });
        let all: Vec<Value> = wanted.map(counter::message_json).collect();
        json!({"messages": last(all, which.limit)})
    }))
}

fn last(mut all: Vec<Value>, limit: Option<usize>) -> Vec<Value> {
    all.split_off(all.len().saturating_sub(limit.unwrap_or(usize::MAX)))
}

async fn log(State(world): Shared, Query(which): Query<Which>) -> Response {
    ok(&world.look(|desk, _| {
        let wanted = |e: &&Entry| {
            which
                .mer_trade_no
                .as_ref()
                .is_none_or(|no| *no == e.mer_trade_no)
        };
        let all: Vec<Value> = desk
            .log
            .entries()
            .filter(wanted)
            .map(|e| serde_json::to_value(e).unwrap_or_default())
            .collect();
        json!({"log": last(all, which.limit)})
    }))
}

/// Forgets everything; switches go back to those of the start, the clock to the wall's.
pub(crate) fn forget(world: &World) {
    world.work(|desk, _| {
        // A notice still under way must not meet another message with its number.
        let last_id = desk.books.last_id;
        desk.books = Books {
            last_id,
            ..Books::new(world.initial.clone())
        };
        desk.log = crate::log::Log::default();
    });
}

async fn reset(State(world): Shared) -> Response {
    forget(&world);
    ok(&json!({"ok": true}))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    #[serde(default = "six")]
    count: u32,
}

fn six() -> u32 {
    6
}

async fn seed(State(world): Shared, bytes: Bytes) -> Result<Response, Denied> {
    let wanted: Seed = body(&bytes)?;
    let made = counter::seed(&world, wanted.count.min(1000));
    Ok(ok(&json!({"ok": true, "trades": made})))
}

fn clock_json(world: &World) -> Value {
    world.look(|desk, now| json!({"now": stamp(now), "now_ms": now, "wall_ms": wall(), "rate": desk.books.clock.rate()}))
}

async fn clock(State(world): Shared) -> Response {
    ok(&clock_json(&world))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SetClock {
    advance_s: Option<u32>,
    rate: Option<u32>,
}

/// Moves the clock, and tells whoever waits for a time.
pub(crate) fn move_clock(world: &World, advance_s: Option<u32>, rate: Option<u32>) {
    world.work(|desk, _| {
        if let Some(seconds) = advance_s {
            desk.books.clock.advance(wall(), seconds);
        }
        if let Some(rate) = rate {
            desk.books.clock.set_rate(wall(), rate.min(1_000_000));
        }
    });
}

async fn set_clock(State(world): Shared, bytes: Bytes) -> Result<Response, Denied> {
    let set: SetClock = body(&bytes)?;
    move_clock(&world, set.advance_s, set.rate);
    Ok(ok(&clock_json(&world)))
}

async fn switches(State(world): Shared) -> Response {
    ok(&world.look(|desk, _| serde_json::to_value(&desk.books.switches).unwrap_or_default()))
}

/// Lays the given switches over those that are set.
pub(crate) fn patch_switches(world: &World, patch: Map<String, Value>) -> Result<Value, Denied> {
    world.work(|desk, _| {
        let wrong = |e: serde_json::Error| {
            Denied::new(StatusCode::UNPROCESSABLE_ENTITY, "switches", e.to_string())
        };
        let mut all = serde_json::to_value(&desk.books.switches).map_err(wrong)?;
        if let Some(object) = all.as_object_mut() {
            object.extend(patch);
        }
        let fresh: Switches = serde_json::from_value(all.clone()).map_err(wrong)?;
        if !(100..=599).contains(&fresh.reply_http_status) {
            return Err(Denied::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "switches",
                "reply_http_status 須介於 100 至 599",
            ));
        }
        if header::HeaderValue::from_str(&fresh.reply_content_type).is_err() {
            return Err(Denied::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "switches",
                "reply_content_type 不是合法的標頭值",
            ));
        }
        desk.books.switches = fresh;
        Ok(all)
    })
}

async fn set_switches(State(world): Shared, bytes: Bytes) -> Result<Response, Denied> {
    Ok(ok(&patch_switches(&world, body(&bytes)?)?))
}

fn fault_json(fault: &Fault) -> Value {
    let mut value = serde_json::to_value(&fault.what).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("id".to_owned(), fault.id.into());
        object.insert("hits".to_owned(), fault.hits.into());
    }
    value
}

async fn faults(State(world): Shared) -> Response {
    ok(&world.look(
        |desk, _| json!({"faults": desk.books.faults.0.iter().map(fault_json).collect::<Vec<_>>()}),
    ))
}

/// Lays a fault in wait.
pub(crate) fn lay(world: &World, what: NewFault) -> Result<Value, Denied> {
    if what.times == Some(0) {
        return Err(Denied::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "times",
            "次數須大於 0；不填表示一直發生",
        ));
    }
    Ok(world.work(|desk, _| {
        let fault = Fault {
            id: desk.books.next_id(),
            what,
            hits: 0,
        };
        let value = fault_json(&fault);
        desk.books.faults.0.push(fault);
        value
    }))
}

async fn add_fault(State(world): Shared, bytes: Bytes) -> Result<Response, Denied> {
    Ok(answer(StatusCode::CREATED, &lay(&world, body(&bytes)?)?))
}

async fn clear_faults(State(world): Shared) -> Response {
    world.work(|desk, _| desk.books.faults.0.clear());
    ok(&json!({"ok": true}))
}

async fn remove_fault(State(world): Shared, Path(id): Path<u64>) -> Response {
    world.work(|desk, _| desk.books.faults.0.retain(|f| f.id != id));
    ok(&json!({"ok": true}))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Amount {
    amount: Option<u64>,
}

async fn pay(
    State(world): Shared,
    Path(no): Path<String>,
    bytes: Bytes,
) -> Result<Response, Denied> {
    let wanted: Amount = body(&bytes)?;
    counter::pay(&world, &no, wanted.amount).map(|v| ok(&v))
}

async fn refund(
    State(world): Shared,
    Path(no): Path<String>,
    bytes: Bytes,
) -> Result<Response, Denied> {
    let wanted: Amount = body(&bytes)?;
    counter::refund(&world, &no, wanted.amount).map(|v| ok(&v))
}

async fn expire(State(world): Shared, Path(no): Path<String>) -> Result<Response, Denied> {
    counter::expire(&world, &no).map(|v| ok(&v))
}

async fn resend(State(world): Shared, Path(no): Path<String>) -> Result<Response, Denied> {
    counter::resend(&world, &no).map(|v| ok(&v))
}

async fn void(State(world): Shared, Path(no): Path<String>) -> Result<Response, Denied> {
    counter::void(&world, &no).map(|v| ok(&v))
}

async fn buy_now(
    State(world): Shared,
    headers: HeaderMap,
    bytes: Bytes,
) -> Result<Response, Denied> {
    let wanted: buy::Buy = body(&bytes)?;
    buy::buy(&world, &headers, &wanted).map(|v| ok(&v))
}
