//! `/token`: a code, a refresh token or a service account's assertion becomes an access token.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::authorize::Challenge;
use super::id_token;
use crate::keys::{SigningKey, b64};
use crate::respond::{self, Params};
use crate::service_account;
use crate::settings::OAuthClient;
use crate::tokens;
use crate::world::World;

type Refusal = (StatusCode, &'static str, &'static str);

/// `POST /token`.
pub(crate) async fn token(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Params::body(&headers, &body);
    let answer = match form.get("grant_type") {
        Some("urn:ietf:params:oauth:grant-type:jwt-bearer") => {
            return service_account::token(&world, &form);
        }
        Some("authorization_code") => match world.keys.published().await {
            Some(keys) => match keys.first() {
                Some(key) => code(&world, &headers, &form, key),
                None => Err(NO_KEYS),
            },
            None => Err(NO_KEYS),
        },
        Some("refresh_token") => refresh(&world, &headers, &form),
        Some(_) | None => Err((
            StatusCode::BAD_REQUEST,
            "unsupported_grant_type",
            "Invalid grant_type",
        )),
    };
    match answer {
        Ok(value) => {
            world.saver.touch();
            respond::json(StatusCode::OK, &value)
        }
        Err((status, error, description)) => respond::json(
            status,
            &json!({"error": error, "error_description": description}),
        ),
    }
}

const NO_KEYS: Refusal = (
    StatusCode::SERVICE_UNAVAILABLE,
    "temporarily_unavailable",
    "The sandbox has no RSA keys",
);
const BAD_CODE: Refusal = (StatusCode::BAD_REQUEST, "invalid_grant", "Bad Request");

fn code(
    world: &World,
    headers: &HeaderMap,
    form: &Params,
    key: &SigningKey,
) -> Result<Value, Refusal> {
    let client = client(world, headers, form)?;
    let given = form.get("code").ok_or((
        StatusCode::BAD_REQUEST,
        "invalid_request",
        "Missing required parameter: code",
    ))?;
    let mut state = world.lock();
    let now = state.now();
    // Taken out whatever follows: a code is good for one try.
    let code = state
        .codes
        .remove(given)
        .filter(|c| c.expires > now && c.client_id == client.id)
        .ok_or(BAD_CODE)?;
    if form.get("redirect_uri") != Some(code.redirect_uri.as_str()) {
        return Err((
            StatusCode::BAD_REQUEST,
            "redirect_uri_mismatch",
            "Bad Request",
        ));
    }
    check_verifier(code.challenge.as_ref(), form.get("code_verifier"))?;
    let account = world.settings.account(&code.sub).ok_or(BAD_CODE)?;
    let access = tokens::issue(&mut state, &account.email, &code.scopes);
    let mut answer = json!({"access_token": access, "expires_in": 3599, "scope": code.scopes.join(" "), "token_type": "Bearer"});
    if code.offline {
        answer["refresh_token"] = json!(tokens::issue_refresh(
            &mut state,
            &account.email,
            &client.id,
            &code.scopes
        ));
    }
    if code.scopes.iter().any(|s| s == "openid")
        && let Some(token) = id_token::make(world, &mut state, key, account, &code, &access)
    {
        answer["id_token"] = json!(token);
    }
    Ok(answer)
}

fn refresh(world: &World, headers: &HeaderMap, form: &Params) -> Result<Value, Refusal> {
    let client = client(world, headers, form)?;
    let given = form.get("refresh_token").ok_or((
        StatusCode::BAD_REQUEST,
        "invalid_request",
        "Missing required parameter: refresh_token",
    ))?;
    let mut state = world.lock();
    let known = state
        .refresh
        .get(given)
        .filter(|r| r.client_id == client.id)
        .cloned()
        .ok_or((
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            "Token has been expired or revoked.",
        ))?;
    let access = tokens::issue(&mut state, &known.email, &known.scopes);
    Ok(
        json!({"access_token": access, "expires_in": 3599, "scope": known.scopes.join(" "), "token_type": "Bearer"}),
    )
}

/// The client, by `client_secret_basic` or `client_secret_post`.
fn client<'a>(
    world: &'a World,
    headers: &HeaderMap,
    form: &Params,
) -> Result<&'a OAuthClient, Refusal> {
    let (id, secret) = match basic(headers) {
        Some(pair) => pair,
        None => {
            let id = form.get("client_id").ok_or((
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Could not determine client ID from request.",
            ))?;
            let secret = form.get("client_secret").ok_or((
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "client_secret is missing.",
            ))?;
            (id.to_owned(), secret.to_owned())
        }
    };
    let client = world.settings.client(&id).ok_or((
        StatusCode::UNAUTHORIZED,
        "invalid_client",
        "The OAuth client was not found.",
    ))?;
    if client.secret == secret {
        Ok(client)
    } else {
        Err((
            StatusCode::UNAUTHORIZED,
            "invalid_client",
            "The provided client secret is invalid.",
        ))
    }
}

/// RFC 6749 2.3.1: both parts are form-encoded before they are joined.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, coded) = value.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let plain = |part: &str| {
        percent_encoding::percent_decode_str(&part.replace('+', " "))
            .decode_utf8_lossy()
            .into_owned()
    };
    Some((plain(id), plain(secret)))
}

fn check_verifier(challenge: Option<&Challenge>, verifier: Option<&str>) -> Result<(), Refusal> {
    let Some(challenge) = challenge else {
        return Ok(());
    };
    let verifier = verifier.ok_or((
        StatusCode::BAD_REQUEST,
        "invalid_grant",
        "Missing code verifier.",
    ))?;
    let fits = match challenge {
        Challenge::S256(hash) => *hash == b64(&Sha256::digest(verifier.as_bytes())),
        Challenge::Plain(plain) => plain == verifier,
    };
    if fits {
        Ok(())
    } else {
        Err((
            StatusCode::BAD_REQUEST,
            "invalid_grant",
            "Invalid code verifier.",
        ))
    }
}
