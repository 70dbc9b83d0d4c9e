//! The merchant's portal: trades, what may be done with one, faults and switches.

use std::collections::HashMap;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::clock::stamp;
use crate::control;
use crate::counter::{self, Denied};
use crate::faults::{FaultKind, NewFault};
use crate::page;
use crate::portal_view::{LogPage, Settings, TradePage, Trades};
use crate::switches::{Kind, TABLE};
use crate::world::World;

type Shared = State<Arc<World>>;
/// A form of the portal; a name twice keeps the last.
type Typed = Form<HashMap<String, String>>;

pub(crate) fn routes() -> Router<Arc<World>> {
    Router::new()
        .route("/", get(trades))
        .route("/log", get(log))
        .route("/trades/{no}", get(trade))
        .route("/trades/{no}/{act}", post(act))
        .route("/settings", get(settings))
        .route("/settings/switches", post(switches))
        .route("/settings/faults", post(add_fault))
        .route("/settings/faults/{id}/remove", post(remove_fault))
        .route("/settings/clock", post(clock))
        .route("/settings/reset", post(reset))
        .route("/settings/seed", post(seed))
}

/// What was done, told on the next page by a word of the address.
#[derive(Deserialize)]
struct Said {
    said: Option<String>,
}

impl Said {
    fn text(&self) -> Option<&'static str> {
        Some(match self.said.as_deref()? {
            "pay" => "已模擬繳費，通知已排入寄送。",
            "expire" => "已設為逾期，通知已排入寄送。",
            "resend" => "通知已重新排入寄送。",
            "refund" => "已退款。",
            "void" => "已取消授權。",
            "saved" => "已儲存。",
            "reset" => "已全部清除。",
            "seed" => "已建立範例交易。",
            _ => return None,
        })
    }
}

async fn trades(State(world): Shared, Query(said): Query<Said>) -> Response {
    page::html(StatusCode::OK, &Trades::of(&world, said.text()), None)
}

async fn trade(State(world): Shared, Path(no): Path<String>, Query(said): Query<Said>) -> Response {
    show_trade(&world, &no, said.text().map(str::to_owned), StatusCode::OK)
}

fn show_trade(world: &World, no: &str, said: Option<String>, status: StatusCode) -> Response {
    match TradePage::of(world, no, said) {
        Some(view) => page::html(status, &view, None),
        None => page::not_found(),
    }
}

async fn act(
    State(world): Shared,
    Path((no, act)): Path<(String, String)>,
    Form(form): Typed,
) -> Response {
    let amount = match form.get("amount").map(|a| a.trim().parse::<u64>()) {
        None => None,
        Some(Ok(amount)) => Some(amount),
        Some(Err(_)) => {
            return show_trade(
                &world,
                &no,
                Some("金額須為整數。".to_owned()),
                StatusCode::UNPROCESSABLE_ENTITY,
            );
        }
    };
    let done = match act.as_str() {
        "pay" => counter::pay(&world, &no, amount),
        "expire" => counter::expire(&world, &no),
        "resend" => counter::resend(&world, &no),
        "refund" => counter::refund(&world, &no, amount),
        "void" => counter::void(&world, &no),
        _ => return page::not_found(),
    };
    match done {
        Ok(_) => Redirect::to(&format!("/trades/{no}?said={act}")).into_response(),
        Err(denied) => show_trade(&world, &no, Some(denied.message), denied.status),
    }
}

async fn log(State(world): Shared) -> Response {
    page::html(StatusCode::OK, &LogPage::of(&world), None)
}

async fn settings(State(world): Shared, Query(said): Query<Said>) -> Response {
    page::html(
        StatusCode::OK,
        &Settings::of(&world, said.text().map(str::to_owned)),
        None,
    )
}

fn saved(world: &World, done: Result<Value, Denied>) -> Response {
    match done {
        Ok(_) => Redirect::to("/settings?said=saved").into_response(),
        Err(denied) => page::html(
            denied.status,
            &Settings::of(world, Some(denied.message)),
            None,
        ),
    }
}

async fn switches(State(world): Shared, Form(form): Typed) -> Response {
    let mut patch = Map::new();
    for row in TABLE {
        let Some(text) = form.get(row.name).map(|t| t.trim()) else {
            continue;
        };
        let value = match &row.kind {
            Kind::Flag => Value::from(text == "true"),
            Kind::Number { optional: true } | Kind::Text { optional: true } if text.is_empty() => {
                Value::Null
            }
            // What is no number stays text, and the switches refuse it by name.
            Kind::Number { .. } => text
                .parse::<u32>()
                .map_or_else(|_| text.into(), Value::from),
            Kind::Text { .. } | Kind::Choice(_) => text.into(),
        };
        patch.insert(row.name.to_owned(), value);
    }
    let done = control::patch_switches(&world, patch);
    saved(&world, done)
}

async fn add_fault(State(world): Shared, Form(form): Typed) -> Response {
    let given = |name: &str| form.get(name).map(|t| t.trim()).filter(|t| !t.is_empty());
    let wrong = || {
        Err(Denied::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "fault",
            "請選擇故障種類，數字欄位須為整數。",
        ))
    };
    let number = |name: &str| given(name).map(str::parse::<u32>).transpose();
    let done = match (
        given("kind").and_then(FaultKind::parse),
        number("times"),
        number("delay_s"),
        number("amount"),
    ) {
        (Some(kind), Ok(times), Ok(delay_s), Ok(amount)) => {
            let mer_trade_no = given("mer_trade_no").map(str::to_owned);
            control::lay(
                &world,
                NewFault {
                    kind,
                    times,
                    mer_trade_no,
                    delay_s,
                    amount: amount.map(u64::from),
                },
            )
        }
        _ => wrong(),
    };
    saved(&world, done)
}

async fn remove_fault(State(world): Shared, Path(id): Path<u64>) -> Response {
    world.work(|desk, _| desk.books.faults.0.retain(|f| f.id != id));
    saved(&world, Ok(Value::Null))
}

async fn clock(State(world): Shared, Form(form): Typed) -> Response {
    let number = |name: &str| form.get(name).and_then(|t| t.trim().parse::<u32>().ok());
    control::move_clock(&world, number("advance_s"), number("rate"));
    saved(&world, Ok(Value::Null))
}

async fn reset(State(world): Shared) -> Response {
    control::forget(&world);
    Redirect::to("/?said=reset").into_response()
}

async fn seed(State(world): Shared) -> Response {
    counter::seed(&world, 6);
    Redirect::to("/?said=seed").into_response()
}

/// The sandbox's time, for the head of a page.
pub(crate) fn now(world: &World) -> String {
    world.look(|_, now| stamp(now))
}
