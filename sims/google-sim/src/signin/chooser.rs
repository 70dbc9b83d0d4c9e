//! The account chooser: a page with one button per account, and Google's error page.

use std::sync::Arc;

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use super::authorize::{AuthRequest, Rejected, decide};
use crate::respond::{self, Params};
use crate::settings::Account;
use crate::world::World;

#[derive(Template)]
#[template(path = "chooser.html")]
struct ChooserPage<'a> {
    accounts: Vec<(&'a Account, bool)>,
    /// The request as it came, to be checked again when an account is chosen.
    request: &'a str,
    client: &'a str,
    host: String,
}

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage<'a> {
    status: u16,
    error: &'a str,
    detail: &'a str,
}

/// `GET /o/oauth2/v2/auth`.
pub(crate) async fn show(State(world): State<Arc<World>>, uri: Uri) -> Response {
    let raw = uri.query().unwrap_or_default();
    let request = match AuthRequest::parse(&world, &Params::parse(raw.as_bytes())) {
        Ok(request) => request,
        Err(rejected) => return refuse(rejected),
    };
    let mut accounts: Vec<_> = world
        .settings
        .accounts
        .iter()
        .filter(|a| request.offers(a))
        .map(|a| (a, request.hints_at(a)))
        .collect();
    accounts.sort_by_key(|(_, hinted)| !hinted);
    let host = url::Url::parse(&request.redirect_uri)
        .ok()
        .and_then(|u| u.host_str().map(str::to_owned))
        .unwrap_or_default();
    render(
        StatusCode::OK,
        &ChooserPage {
            accounts,
            request: raw,
            client: &request.client_id,
            host,
        },
    )
}

/// `POST /o/oauth2/v2/auth/choose`: `account` is an account's key, or `cancel`.
pub(crate) async fn choose(
    State(world): State<Arc<World>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let form = Params::body(&headers, &body);
    let query = Params::parse(form.get("request").unwrap_or_default().as_bytes());
    let account = match form.get("account") {
        Some("cancel") => None,
        Some(name) if world.settings.account(name).is_some() => world.settings.account(name),
        _ => {
            return render(
                StatusCode::BAD_REQUEST,
                &RefusedPage {
                    status: 400,
                    error: "account_not_found",
                    detail: "這個沙盒裡沒有這個帳戶。",
                },
            );
        }
    };
    match decide(&world, &query, account) {
        Ok(to) => respond::redirect(StatusCode::SEE_OTHER, &to),
        Err(rejected) => refuse(rejected),
    }
}

fn refuse(rejected: Rejected) -> Response {
    match rejected {
        Rejected::Redirect(to) => respond::redirect(StatusCode::FOUND, &to),
        Rejected::Page {
            status,
            error,
            detail,
        } => {
            let code = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
            render(
                code,
                &RefusedPage {
                    status,
                    error,
                    detail: &detail,
                },
            )
        }
    }
}

fn render(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => respond::page(status, html),
        Err(why) => {
            tracing::error!(%why, "a page of the Google sandbox could not be rendered");
            respond::page(
                StatusCode::INTERNAL_SERVER_ERROR,
                "<p>這個頁面無法顯示。</p>".to_owned(),
            )
        }
    }
}
