//! The index: what is here, the clock, the outage, the faults.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use super::render;
use crate::clock::rfc3339;
use crate::control::{default_delay, rotate_keys};
use crate::faults::{Fault, FaultKind, Outage, OutageScope};
use crate::gate::LogEntry;
use crate::respond::{self, Params};
use crate::settings::{Account, SHEET_ID};
use crate::world::World;

#[derive(Template)]
#[template(path = "index.html")]
struct IndexPage<'a> {
    sheet: &'a str,
    shop: Option<&'a str>,
    accounts: &'a [Account],
    now: String,
    ahead_s: i64,
    rate: u32,
    outage_until: Option<String>,
    faults: Vec<(Fault, &'static str)>,
    kinds: Vec<(String, &'static str)>,
    recent: Vec<LogEntry>,
}

/// `GET /`.
pub(crate) async fn index(State(world): State<Arc<World>>) -> Response {
    let state = world.lock();
    let now = state.now();
    let label = |kind: FaultKind| {
        FaultKind::ALL
            .iter()
            .find(|(k, _)| *k == kind)
            .map_or("", |(_, text)| *text)
    };
    let page = IndexPage {
        sheet: SHEET_ID,
        shop: world.settings.shop_url.as_deref(),
        accounts: &world.settings.accounts,
        now: rfc3339(now),
        ahead_s: state.clock.ahead_s(),
        rate: state.clock.rate,
        outage_until: state
            .faults
            .outage
            .filter(|o| o.until > now)
            .map(|o| rfc3339(o.until)),
        faults: state
            .faults
            .list
            .iter()
            .map(|f| (f.clone(), label(f.kind)))
            .collect(),
        kinds: FaultKind::ALL
            .iter()
            .map(|(k, text)| (k.name(), *text))
            .collect(),
        recent: state
            .log
            .iter()
            .rev()
            .filter(|e| e.op.is_some())
            .take(15)
            .cloned()
            .collect(),
    };
    drop(state);
    render(StatusCode::OK, &page)
}

/// `POST /panel/{action}`: the buttons of the index.
pub(crate) async fn panel(
    State(world): State<Arc<World>>,
    Path(action): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Params::body(&headers, &body);
    match action.as_str() {
        "fault" => {
            if let Some((kind, _)) = FaultKind::ALL
                .iter()
                .find(|(k, _)| Some(k.name().as_str()) == form.get("kind"))
            {
                let times = match form.get("times") {
                    Some("always") => None,
                    other => Some(other.and_then(|n| n.parse().ok()).unwrap_or(1)),
                };
                let method = form
                    .get("method")
                    .map(|m| m.trim().to_owned())
                    .filter(|m| !m.is_empty());
                world
                    .lock()
                    .faults
                    .add(*kind, method, times, default_delay(*kind));
            }
        }
        "unfault" => {
            let id = form.get("id").and_then(|id| id.parse().ok());
            world.lock().faults.remove(id);
        }
        "outage" => {
            let seconds: i64 = form
                .get("seconds")
                .and_then(|s| s.parse().ok())
                .unwrap_or(600);
            let scope = if form.get("scope") == Some("all") {
                OutageScope::All
            } else {
                OutageScope::Sheets
            };
            let mut state = world.lock();
            let until = state.now().saturating_add(seconds.saturating_mul(1000));
            state.faults.outage = (seconds > 0).then_some(Outage { until, scope });
        }
        "advance" => {
            let seconds: u32 = form
                .get("seconds")
                .and_then(|s| s.parse().ok())
                .unwrap_or(0);
            world
                .lock()
                .clock
                .advance(i64::from(seconds).saturating_mul(1000));
            world.saver.touch();
        }
        "rotate" => {
            rotate_keys(&world, form.get("forget_all") == Some("true")).await;
        }
        "reset" => world.reset(None),
        _ => return respond::redirect(StatusCode::SEE_OTHER, "/"),
    }
    respond::redirect(StatusCode::SEE_OTHER, "/")
}
