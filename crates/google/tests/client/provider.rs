//! An OpenID Provider that answers whatever a test wants, and counts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde_json::{Value, json};

#[derive(Clone)]
pub(crate) struct FakeProvider {
    pub(crate) address: String,
    pub(crate) state: Arc<Mutex<Answers>>,
}

pub(crate) struct Answers {
    pub(crate) discovery: Value,
    pub(crate) keys: Keys,
    pub(crate) token: (u16, Value),
    pub(crate) discovery_calls: usize,
    pub(crate) keys_calls: usize,
    pub(crate) canary_calls: usize,
    pub(crate) form: HashMap<String, String>,
}

#[derive(Clone)]
pub(crate) enum Keys {
    Published(Vec<Value>),
    Down,
    Huge,
    Redirect,
}

impl FakeProvider {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let discovery = json!({
            "issuer": address,
            "authorization_endpoint": format!("{address}/o/oauth2/v2/auth?existing=1"),
            "token_endpoint": format!("{address}/token"),
            "jwks_uri": format!("{address}/oauth2/v3/certs"),
        });
        let answers = Answers {
            discovery,
            keys: Keys::Published(Vec::new()),
            token: (400, json!({"error": "invalid_grant"})),
            discovery_calls: 0,
            keys_calls: 0,
            canary_calls: 0,
            form: HashMap::new(),
        };
        let state = Arc::new(Mutex::new(answers));
        let routes = Router::new()
            .route("/.well-known/openid-configuration", get(discovery_document))
            .route("/oauth2/v3/certs", get(certs))
            .route("/token", post(token))
            .route("/canary", get(canary))
            .with_state(state.clone());
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self { address, state }
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Answers)) {
        change(&mut self.state.lock().unwrap());
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&Answers) -> T) -> T {
        look(&self.state.lock().unwrap())
    }
}

type Shared = State<Arc<Mutex<Answers>>>;

async fn discovery_document(State(state): Shared) -> Response {
    // Long enough that those who ask at the same time do meet.
    tokio::task::yield_now().await;
    let mut answers = state.lock().unwrap();
    answers.discovery_calls += 1;
    if answers.discovery.is_null() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    Json(answers.discovery.clone()).into_response()
}

async fn certs(State(state): Shared) -> Response {
    let mut answers = state.lock().unwrap();
    answers.keys_calls += 1;
    match answers.keys.clone() {
        Keys::Published(keys) => (
            [("cache-control", "public, max-age=3600, must-revalidate")],
            Json(json!({ "keys": keys })),
        )
            .into_response(),
        Keys::Down => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Keys::Huge => Body::from(vec![b' '; 2 << 20]).into_response(),
        Keys::Redirect => (StatusCode::FOUND, [("location", "/canary")]).into_response(),
    }
}

async fn token(State(state): Shared, Form(form): Form<HashMap<String, String>>) -> Response {
    let mut answers = state.lock().unwrap();
    answers.form = form;
    let (status, body) = answers.token.clone();
    (
        StatusCode::from_u16(status).unwrap(),
        HeaderMap::new(),
        Json(body),
    )
        .into_response()
}

async fn canary(State(state): Shared) -> Response {
    state.lock().unwrap().canary_calls += 1;
    StatusCode::OK.into_response()
}
