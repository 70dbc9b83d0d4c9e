//! The discovery document and the published keys.

use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use crate::respond;
use crate::world::World;

/// `/.well-known/openid-configuration`, field for field as Google's.
pub(crate) async fn configuration(State(world): State<Arc<World>>) -> Response {
    let base = world.settings.base();
    let at = |path: &str| format!("{base}{path}");
    let mut answer = respond::json(
        StatusCode::OK,
        &json!({
            "issuer": base,
            "authorization_endpoint": at("/o/oauth2/v2/auth"),
            "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/v1/userinfo"),
            "revocation_endpoint": at("/revoke"),
            "jwks_uri": at("/oauth2/v3/certs"),
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "scopes_supported": ["openid", "email", "profile"],
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
            "claims_supported": ["aud", "email", "email_verified", "exp", "family_name", "given_name", "iat", "iss", "name", "picture", "sub"],
            "code_challenge_methods_supported": ["plain", "S256"],
            "grant_types_supported": ["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:jwt-bearer"],
        }),
    );
    answer.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=3600"),
    );
    answer
}

/// `/oauth2/v3/certs`: two keys, with the age that tells when to come back.
pub(crate) async fn certs(State(world): State<Arc<World>>) -> Response {
    let Some(keys) = world.keys.published().await else {
        return respond::json(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({"error": "the sandbox could not make its RSA keys"}),
        );
    };
    let list: Vec<Value> = keys.iter().map(|k| k.public.jwk()).collect();
    let mut answer = respond::json(StatusCode::OK, &json!({"keys": list}));
    answer.headers_mut().insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=19800, must-revalidate, no-transform"),
    );
    answer
}
