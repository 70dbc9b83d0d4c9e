//! The service account: its key file, and tokens for it (RFC 7523, `jwt-bearer`).

use std::io;
use std::path::Path;
use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::keys::{self, Keyring, SigningKey};
use crate::respond::{self, Params};
use crate::settings::SERVICE_ACCOUNT_EMAIL;
use crate::store;
use crate::tokens::{self, Jwt, SKEW_S};
use crate::world::World;

const PROJECT: &str = "jinliu-sandbox";

/// Registers the account's key: the one in the key file, or a new one that is written there.
/// A file that is not a key of this sandbox is never overwritten.
pub(crate) fn register(world: &World) -> io::Result<()> {
    let Some(path) = world.settings.service_account_file.clone() else {
        return Ok(());
    };
    let key = match read(&path)? {
        Some(key) => Some(Arc::new(key)),
        None => keys::made(world.settings.keys, Keyring::SIZE),
    };
    let key = key.ok_or_else(|| io::Error::other("no RSA key could be made"))?;
    let text = key_file(world, &key)
        .ok_or_else(|| io::Error::other("the RSA key cannot be written as PEM"))?;
    if std::fs::read_to_string(&path).ok().as_deref() != Some(text.as_str()) {
        store::replace(&path, text.as_bytes())?;
    }
    world
        .lock()
        .service_accounts
        .insert(SERVICE_ACCOUNT_EMAIL.to_owned(), vec![key.public.clone()]);
    Ok(())
}

fn read(path: &Path) -> io::Result<Option<SigningKey>> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let Ok(json) = serde_json::from_str::<Value>(&text) else {
        let aside = store::set_aside(path)?;
        tracing::warn!(kept_as = %aside.display(), "the service-account key file cannot be read: set aside, a new one is written");
        return Ok(None);
    };
    if json.get("client_email").and_then(Value::as_str) != Some(SERVICE_ACCOUNT_EMAIL) {
        return Err(io::Error::other(format!(
            "{} holds a key that is not the sandbox's; it is left alone. Name another file for the sandbox",
            path.display()
        )));
    }
    Ok(json
        .get("private_key")
        .and_then(Value::as_str)
        .and_then(SigningKey::from_pem))
}

/// A key file as Google's console hands out.
fn key_file(world: &World, key: &SigningKey) -> Option<String> {
    let base = world.settings.base();
    let email = SERVICE_ACCOUNT_EMAIL.replace('@', "%40");
    let file = json!({
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": key.public.kid,
        "private_key": key.pem()?,
        "client_email": SERVICE_ACCOUNT_EMAIL,
        "client_id": "107000000000000000999",
        "auth_uri": format!("{base}/o/oauth2/v2/auth"),
        "token_uri": format!("{base}/token"),
        "auth_provider_x509_cert_url": format!("{base}/oauth2/v1/certs"),
        "client_x509_cert_url": format!("{base}/robot/v1/metadata/x509/{email}"),
        "universe_domain": "googleapis.com",
    });
    Some(format!("{file:#}\n"))
}

/// `grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer`.
pub(crate) fn token(world: &World, form: &Params) -> Response {
    match exchange(world, form) {
        Ok(answer) => {
            world.saver.touch();
            respond::json(StatusCode::OK, &answer)
        }
        Err((status, error, description)) => respond::json(
            status,
            &json!({"error": error, "error_description": description}),
        ),
    }
}

type Refusal = (StatusCode, &'static str, String);

fn exchange(world: &World, form: &Params) -> Result<Value, Refusal> {
    let grant = |text: &str| (StatusCode::BAD_REQUEST, "invalid_grant", text.to_owned());
    let assertion = form.get("assertion").ok_or_else(|| {
        (
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "Missing required parameter: assertion".to_owned(),
        )
    })?;
    let jwt = Jwt::parse(assertion)
        .ok_or_else(|| grant("Invalid JWT: Failed to parse the assertion."))?;
    let email = jwt
        .text("iss")
        .ok_or_else(|| grant("Invalid JWT: iss field missing."))?;
    let mut state = world.lock();
    if !state.service_accounts.contains_key(email) {
        return Err(grant("Invalid grant: account not found"));
    }
    if !jwt.signed_by_account(&state, email) {
        return Err(grant("Invalid JWT Signature."));
    }
    let audience = jwt.text("aud").unwrap_or_default();
    let own = format!("{}/token", world.settings.base());
    let known = [
        own.as_str(),
        "https://oauth2.googleapis.com/token",
        "https://www.googleapis.com/oauth2/v4/token",
    ];
    if !known.contains(&audience) {
        return Err(grant("Invalid JWT: Failed audience check."));
    }
    let now = state.now() / 1000;
    let timely = match (jwt.seconds("iat"), jwt.seconds("exp")) {
        (Some(iat), Some(exp)) => {
            exp.saturating_sub(iat) <= 3600
                && exp > iat
                && exp.saturating_add(SKEW_S) > now
                && iat <= now.saturating_add(SKEW_S)
        }
        _ => false,
    };
    if !timely {
        return Err(grant(
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. \
             Check your iat and exp values in the JWT claim.",
        ));
    }
    if jwt.text("sub").is_some_and(|sub| sub != email) {
        return Err((
            StatusCode::UNAUTHORIZED,
            "unauthorized_client",
            "Client is unauthorized to retrieve access tokens using this method, or client not authorized \
             for any of the scopes requested."
                .to_owned(),
        ));
    }
    let scopes: Vec<String> = jwt
        .text("scope")
        .unwrap_or_default()
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    if scopes.is_empty() || scopes.iter().any(|s| !s.starts_with("https://")) {
        return Err((
            StatusCode::BAD_REQUEST,
            "invalid_scope",
            "Invalid OAuth scope or ID token audience provided.".to_owned(),
        ));
    }
    let access = tokens::issue(&mut state, email, &scopes);
    Ok(json!({"access_token": access, "expires_in": 3599, "token_type": "Bearer"}))
}
