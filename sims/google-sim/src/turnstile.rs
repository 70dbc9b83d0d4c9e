//! A stand-in for Cloudflare Turnstile: the script, the tokens, and `siteverify`.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::clock::{Millis, rfc3339};
use crate::faults::FaultKind;
use crate::respond::{self, Params};
use crate::settings::{TURNSTILE_SECRET, TURNSTILE_SITE_KEY};
use crate::world::World;

/// A token is good for 300 seconds, and once.
const LIFETIME_MS: Millis = 300_000;
/// Cloudflare's tokens are at most this long.
const MAX_TOKEN: usize = 2048;

/// The answer that Cloudflare documents for its test keys: always good, for pages without script.
const DUMMY_TOKEN: &str = "XXXX.DUMMY.TOKEN.XXXX";

/// A token that a widget got.
#[derive(Debug, Clone)]
pub(crate) struct Challenge {
    issued: Millis,
    hostname: String,
    action: String,
    /// Once redeemed: the idempotency key it was redeemed with, if any.
    redeemed: Option<Option<String>>,
}

/// `POST /turnstile/v0/siteverify`, form or JSON.
pub(crate) async fn siteverify(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Params::body(&headers, &body);
    let refuse = |codes: &[&str]| {
        respond::json(
            StatusCode::OK,
            &json!({"success": false, "error-codes": codes, "messages": []}),
        )
    };
    let (secret, token) = match (form.get("secret"), form.get("response")) {
        (None, None) => return refuse(&["missing-input-secret", "missing-input-response"]),
        (None, Some(_)) => return refuse(&["missing-input-secret"]),
        (Some(secret), _) if secret != TURNSTILE_SECRET => {
            return refuse(&["invalid-input-secret"]);
        }
        (Some(_), None) => return refuse(&["missing-input-response"]),
        (Some(secret), Some(token)) => (secret, token),
    };
    debug_assert_eq!(secret, TURNSTILE_SECRET, "checked above");
    let idempotency = form.get("idempotency_key").map(str::to_owned);
    let mut state = world.lock();
    let now = state.now();
    if state
        .faults
        .lie("turnstile.siteverify", FaultKind::TurnstileFail)
        .is_some()
        || token.len() > MAX_TOKEN
    {
        return refuse(&["invalid-input-response"]);
    }
    if token == DUMMY_TOKEN {
        let issued = rfc3339(now);
        let verdict = json!({"success": true, "challenge_ts": issued, "hostname": "localhost", "error-codes": [], "action": "", "cdata": ""});
        return respond::json(StatusCode::OK, &verdict);
    }
    let Some(challenge) = state.challenges.get_mut(token) else {
        return refuse(&["invalid-input-response"]);
    };
    let again = challenge
        .redeemed
        .as_ref()
        .is_some_and(|key| key.is_none() || *key != idempotency);
    if again || now.saturating_sub(challenge.issued) > LIFETIME_MS {
        return refuse(&["timeout-or-duplicate"]);
    }
    challenge.redeemed = Some(idempotency);
    respond::json(
        StatusCode::OK,
        &json!({
            "success": true,
            "challenge_ts": rfc3339(challenge.issued),
            "hostname": challenge.hostname,
            "error-codes": [],
            "action": challenge.action,
            "cdata": "",
            "metadata": {"interactive": false},
        }),
    )
}

/// `POST /turnstile/v0/token` with `sitekey` and `action`: what the widget's inside asks for.
pub(crate) async fn token(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Params::body(&headers, &body);
    if form.get("sitekey") != Some(TURNSTILE_SITE_KEY) {
        return open(respond::json(
            StatusCode::BAD_REQUEST,
            &json!({"error": "110100", "message": "unknown site key"}),
        ));
    }
    let origin = form
        .get("origin")
        .or_else(|| headers.get(header::ORIGIN).and_then(|v| v.to_str().ok()));
    let hostname = origin
        .and_then(|o| url::Url::parse(o).ok())
        .and_then(|u| u.host_str().map(str::to_owned))
        .unwrap_or_default();
    let action = form.get("action").unwrap_or_default().to_owned();
    let mut state = world.lock();
    let now = state.now();
    // Spent and stale ones are remembered a while, so that they are told from unknown ones.
    state
        .challenges
        .retain(|_, c| now.saturating_sub(c.issued) < LIFETIME_MS.saturating_mul(12));
    let token = format!("1.sandbox-{}", state.random(96));
    state.challenges.insert(
        token.clone(),
        Challenge {
            issued: now,
            hostname,
            action,
            redeemed: None,
        },
    );
    open(respond::json(StatusCode::OK, &json!({"token": token})))
}

/// The answer to a browser's CORS question.
pub(crate) async fn preflight() -> Response {
    open(StatusCode::NO_CONTENT.into_response())
}

fn open(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_ORIGIN,
        HeaderValue::from_static("*"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("content-type"),
    );
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("POST"),
    );
    answer
}

/// `GET /turnstile/v0/api.js`.
pub(crate) async fn script() -> Response {
    respond::file(
        "text/javascript; charset=utf-8",
        include_str!("../assets/turnstile.js"),
    )
}

/// The page inside the widget's frame, for shops whose policy allows frames but no fetches here.
pub(crate) async fn widget() -> Response {
    let html = "<!DOCTYPE html><html lang=\"zh-Hant-TW\"><meta charset=\"utf-8\"><title>沙盒機器人檢查</title>\
                <script src=\"/turnstile/v0/widget.js\" defer></script>";
    let policy = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors *";
    (
        [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, policy),
        ],
        html,
    )
        .into_response()
}

/// The script of that page.
pub(crate) async fn widget_script() -> Response {
    respond::file(
        "text/javascript; charset=utf-8",
        include_str!("../assets/widget.js"),
    )
}
