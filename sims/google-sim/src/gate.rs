//! What every request passes: outage, faults, and the log.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Response};
use serde::Serialize;
use serde_json::json;

use crate::clock::rfc3339;
use crate::faults::{Fault, FaultKind};
use crate::quota::{Exceeded, Kind};
use crate::respond;
use crate::serve::Connection;
use crate::sheets::{self, ApiError};
use crate::world::World;

/// Largest request body.
pub(crate) const MAX_BODY: usize = 10 * 1024 * 1024;

/// One line of the log. No header, body or secret is in it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LogEntry {
    pub(crate) n: u64,
    pub(crate) at: String,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Google's name of the operation, where it has one.
    pub(crate) op: Option<String>,
    /// 0 where the connection was cut instead of an answer.
    pub(crate) status: u16,
    pub(crate) fault: Option<String>,
}

/// The middleware.
pub(crate) async fn gate(
    State(world): State<Arc<World>>,
    ConnectInfo(connection): ConnectInfo<Connection>,
    request: Request,
    next: Next,
) -> Response {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    if from_elsewhere(&request) {
        return (
            StatusCode::FORBIDDEN,
            "this form was sent from another site\n",
        )
            .into_response();
    }
    let (request, grant) = match grant_type(request).await {
        Ok(parts) => parts,
        Err(answer) => return *answer,
    };
    let op = operation(&method, &uri, grant.as_deref());
    let name = op.clone().unwrap_or_default();
    let (dark, fault) = {
        let mut state = world.lock();
        let now = state.now();
        let dark = op.is_some() && state.faults.dark(&name, now);
        let fault = if op.is_some() && !dark {
            state.faults.strike(&name)
        } else {
            None
        };
        (dark, fault)
    };
    let token = respond::bearer(request.headers()).map(str::to_owned);
    let answer = match &fault {
        _ if dark => Some(ApiError::unavailable().answer()),
        Some(fault) => act(&world, fault, &name, token.as_deref(), request, next).await,
        None => Some(next.run(request).await),
    };
    let label = if dark {
        Some("outage".to_owned())
    } else {
        fault.map(|f| f.kind.name())
    };
    record(
        &world,
        &method,
        &uri,
        op,
        answer.as_ref().map_or(0, |a| a.status().as_u16()),
        label,
    );
    answer.unwrap_or_else(|| {
        connection.cut();
        StatusCode::SERVICE_UNAVAILABLE.into_response()
    })
}

/// Acts a fault out. `None`: cut the connection.
async fn act(
    world: &World,
    fault: &Fault,
    op: &str,
    token: Option<&str>,
    request: Request,
    next: Next,
) -> Option<Response> {
    match fault.kind {
        FaultKind::Quota429 => {
            let write = [
                "update",
                "append",
                "clear",
                "batchUpdate",
                "batchClear",
                "create",
            ];
            let is_write = op
                .rsplit('.')
                .next()
                .is_some_and(|last| write.iter().any(|w| last.starts_with(w)));
            let kind = if is_write { Kind::Write } else { Kind::Read };
            Some(
                ApiError::quota(Exceeded {
                    kind,
                    per_user: true,
                    limit: 60,
                })
                .answer(),
            )
        }
        FaultKind::Unavailable503 => Some(ApiError::unavailable().answer()),
        FaultKind::Html502 => {
            let page = "<!DOCTYPE html><html lang=en><title>Error 502 (Server Error)!!1</title><p><b>502.</b> That’s an error.<p>The server encountered a temporary error and could not complete your request.";
            Some((StatusCode::BAD_GATEWAY, Html(page)).into_response())
        }
        FaultKind::Reset => None,
        FaultKind::Slow => {
            world.pause(fault.delay_ms).await;
            Some(next.run(request).await)
        }
        FaultKind::Applied503 => {
            drop(next.run(request).await);
            Some(ApiError::unavailable().answer())
        }
        FaultKind::AppliedTimeout => {
            drop(next.run(request).await);
            world.pause(fault.delay_ms).await;
            None
        }
        FaultKind::AppliedReset => {
            drop(next.run(request).await);
            None
        }
        FaultKind::TokenRevoked => {
            if let Some(token) = token {
                world.lock().access.remove(token);
            }
            Some(ApiError::unauthenticated(false).answer())
        }
        FaultKind::AppendRace
        | FaultKind::WrongNonce
        | FaultKind::MissingNonce
        | FaultKind::WrongAud
        | FaultKind::WrongAzp
        | FaultKind::WrongIss
        | FaultKind::BareIss
        | FaultKind::Expired
        | FaultKind::IssuedInFuture
        | FaultKind::AlgNone
        | FaultKind::AlgHs256
        | FaultKind::BadSignature
        | FaultKind::UnknownKid
        | FaultKind::WrongAtHash
        | FaultKind::MissingSub
        | FaultKind::MissingEmail
        | FaultKind::EmailUnverified
        | FaultKind::MissingIdToken
        | FaultKind::WrongState
        | FaultKind::TurnstileFail => Some(next.run(request).await),
    }
}

/// The operation that a request is, by the names that faults use.
fn operation(method: &Method, uri: &Uri, grant: Option<&str>) -> Option<String> {
    let name = match uri.path() {
        "/.well-known/openid-configuration" => "oauth2.discovery",
        "/o/oauth2/v2/auth" | "/o/oauth2/v2/auth/choose" => "oauth2.authorize",
        "/oauth2/v3/certs" => "oauth2.certs",
        "/v1/userinfo" => "oauth2.userinfo",
        "/revoke" => "oauth2.revoke",
        "/token" if grant == Some("urn:ietf:params:oauth:grant-type:jwt-bearer") => {
            "service_account.token"
        }
        "/token" => "oauth2.token",
        "/drive/v3/files" => "drive.files.list",
        "/turnstile/v0/siteverify" => "turnstile.siteverify",
        "/turnstile/v0/api.js" => "turnstile.api",
        "/turnstile/v0/token" => "turnstile.token",
        path if path.starts_with("/drive/v3/files/") => "drive.files.get",
        path => return sheets::operation(method, path),
    };
    Some(name.to_owned())
}

/// The grant type of a request to `/token`: it says whether a person or a program signs in.
async fn grant_type(request: Request) -> Result<(Request, Option<String>), Box<Response>> {
    if request.uri().path() != "/token" {
        return Ok((request, None));
    }
    let (parts, body) = request.into_parts();
    let bytes = axum::body::to_bytes(body, MAX_BODY)
        .await
        .map_err(|_| Box::new(StatusCode::PAYLOAD_TOO_LARGE.into_response()))?;
    let form = respond::Params::body(&parts.headers, &bytes);
    let grant = form.get("grant_type").map(str::to_owned);
    Ok((Request::from_parts(parts, Body::from(bytes)), grant))
}

/// Pages and control take posts from their own pages and from programs, not from other sites.
fn from_elsewhere(request: &Request) -> bool {
    let path = request.uri().path();
    let guarded = ["/sheets/", "/_sandbox/", "/panel/"]
        .iter()
        .any(|p| path.starts_with(p));
    let site = request
        .headers()
        .get("sec-fetch-site")
        .and_then(|v| v.to_str().ok());
    guarded && request.method() != Method::GET && site == Some("cross-site")
}

fn record(
    world: &World,
    method: &Method,
    uri: &Uri,
    op: Option<String>,
    status: u16,
    fault: Option<String>,
) {
    if uri.path() == "/_sandbox/log" {
        return;
    }
    let mut path = uri.path().to_owned();
    if op
        .as_deref()
        .is_some_and(|op| op.starts_with("sheets") || op.starts_with("drive"))
    {
        let kept: Vec<&str> = uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|pair| {
                !pair.is_empty()
                    && !["access_token=", "oauth_token=", "key="]
                        .iter()
                        .any(|s| pair.starts_with(s))
            })
            .collect();
        if !kept.is_empty() {
            path = format!("{path}?{}", kept.join("&"));
        }
    }
    let mut state = world.lock();
    let at = rfc3339(state.now());
    state.record(LogEntry {
        n: 0,
        at,
        method: method.to_string(),
        path,
        op,
        status,
        fault,
    });
}

/// What is not there.
pub(crate) async fn nowhere(uri: Uri) -> Response {
    let body = json!({"error": "not_found", "message": format!("the Google sandbox has nothing at {}", uri.path())});
    let mut answer = respond::json(StatusCode::NOT_FOUND, &body);
    answer.headers_mut().remove(header::CACHE_CONTROL);
    answer
}
