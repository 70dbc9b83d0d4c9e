//! `/v1/userinfo`, `/revoke`, and the pictures of the accounts.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use serde_json::json;

use crate::respond::{self, Params};
use crate::tokens;
use crate::world::World;

/// `GET` and `POST /v1/userinfo`.
pub(crate) async fn userinfo(State(world): State<Arc<World>>, headers: HeaderMap) -> Response {
    let state = world.lock();
    let grant = respond::bearer(&headers)
        .and_then(|token| tokens::authenticate(&world, &state, token).ok());
    drop(state);
    let account = grant
        .as_ref()
        .and_then(|g| world.settings.account(&g.email));
    let (Some(grant), Some(account)) = (grant.as_ref(), account) else {
        let body = json!({"error": "invalid_request", "error_description": "Invalid Credentials"});
        return respond::json(StatusCode::UNAUTHORIZED, &body);
    };
    let mut out = json!({"sub": account.sub});
    if grant.scopes.iter().any(|s| s.ends_with("userinfo.profile")) {
        out["name"] = json!(account.name());
        out["given_name"] = json!(account.given_name);
        out["family_name"] = json!(account.family_name);
        out["picture"] = json!(format!(
            "{}/avatars/{}.svg",
            world.settings.base(),
            account.key
        ));
    }
    if grant.scopes.iter().any(|s| s.ends_with("userinfo.email")) {
        out["email"] = json!(account.email);
        out["email_verified"] = json!(account.email_verified);
    }
    respond::json(StatusCode::OK, &out)
}

/// `POST /revoke`: access or refresh token, in the form or the query.
pub(crate) async fn revoke(
    State(world): State<Arc<World>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let (form, query) = (Params::body(&headers, &body), Params::query(&uri));
    let token = form
        .get("token")
        .or_else(|| query.get("token"))
        .unwrap_or_default();
    let mut state = world.lock();
    let email = state
        .access
        .get(token)
        .map(|g| g.email.clone())
        .or_else(|| state.refresh.get(token).map(|r| r.email.clone()));
    let Some(email) = email else {
        let body =
            json!({"error": "invalid_token", "error_description": "Token expired or revoked"});
        return respond::json(StatusCode::BAD_REQUEST, &body);
    };
    // The grant is revoked, not the one token.
    state.access.retain(|_, g| g.email != email);
    state.refresh.retain(|_, r| r.email != email);
    drop(state);
    world.saver.touch();
    respond::json(StatusCode::OK, &json!({}))
}

/// `/avatars/{key}.svg`: a circle with the family name.
pub(crate) async fn avatar(State(world): State<Arc<World>>, Path(file): Path<String>) -> Response {
    let accounts = &world.settings.accounts;
    let found = file
        .strip_suffix(".svg")
        .and_then(|key| accounts.iter().position(|a| a.key == key));
    let Some((index, account)) = found.and_then(|i| accounts.get(i).map(|a| (i, a))) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let colours = [
        "#b3541e", "#1e6f6b", "#5a4fb3", "#7a6a1f", "#2b6cb0", "#a23e6c",
    ];
    let colour = colours.get(index % colours.len()).unwrap_or(&"#555555");
    let letter = respond::escape(&account.family_name.chars().take(1).collect::<String>());
    respond::file(
        "image/svg+xml",
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 96\" width=\"96\" height=\"96\">\
             <circle cx=\"48\" cy=\"48\" r=\"48\" fill=\"{colour}\"/>\
             <text x=\"48\" y=\"63\" font-family=\"sans-serif\" font-size=\"44\" text-anchor=\"middle\" fill=\"#fff\">{letter}</text></svg>"
        ),
    )
}
