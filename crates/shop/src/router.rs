//! Every route on one screen, grouped by who may come in and what must be proved.

use crate::{
    admin,
    app::App,
    asked::{Asked, SecureCookies, remember_language},
    explorer,
    flow::{
        step_1_sign_in as sign_in, step_2_choose as choose, step_3_place_order as place,
        step_5_notified as notified, step_6_return as returned,
    },
    form::FORM_BYTES_MAX,
    health, orders_pages as orders,
    room::{Room, take, visit},
};
use axum::{
    Extension, Router,
    body::Bytes,
    http::{HeaderMap, Uri},
    middleware::from_fn,
    routing::{get, post},
};
use edge::{csrf, headers::Policy, host::Hosts, limits};
use std::sync::Arc;

/// Why the routes cannot be put together: an address in the settings that cannot stand in a policy.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RouterError(String);

/// Puts all routes together.
///
/// # Errors
/// [`RouterError`].
pub fn router(app: &Arc<App>) -> Result<Router, RouterError> {
    let broken = |error: &dyn std::fmt::Display| RouterError(error.to_string());
    let (public_url, refusals) = (&app.settings.public_url, &app.refusals);

    // Anyone and shoppers. A form must come from our own page; the handlers ask for its token and for the session.
    let sign_ins = Router::new().route("/auth/google", get(sign_in::begin));
    // Each begun sign-in is a row in the ledger, and anybody may begin one.
    let sign_ins = limits::RateLimit::new(240, 120, 50_000).guard(sign_ins, refusals.clone());
    let people = Router::new()
        .route("/", get(choose::storefront))
        .route("/about/{topic}", get(choose::about))
        .merge(sign_ins)
        .route("/auth/google/callback", get(sign_in::callback))
        .route("/auth/logout", post(sign_in::sign_out))
        .route("/checkout", post(place::checkout))
        .route("/orders", get(orders::list))
        .route("/orders/{order_no}", get(orders::page))
        .route("/orders/{order_no}/pay", post(place::pay_again))
        .route("/orders/{order_no}/cancel", post(orders::cancel))
        .route("/orders/{order_no}/receipt", get(orders::receipt))
        .route("/orders/{order_no}/events", get(orders::events))
        .route("/flow/{order_no}", get(explorer::page))
        .route("/flow/{order_no}/events", get(explorer::events))
        .route("/admin", get(admin::overview))
        .route("/admin/orders/{order_no}", get(admin::order))
        .route("/admin/orders/{order_no}/cancel", post(admin::cancel))
        .route("/admin/orders/{order_no}/refunds", post(admin::ask))
        .route("/admin/refunds/{refund_no}/approve", post(admin::approve))
        .route("/admin/refunds/{refund_no}/reject", post(admin::reject))
        .route(
            "/admin/refunds/{refund_no}/transferred",
            post(admin::transferred),
        )
        .route("/admin/refunds/{refund_no}/resolve", post(admin::resolve))
        .route("/admin/cases/{n}", get(admin::case))
        .route("/admin/cases/{n}/decide", post(admin::decide));
    let people = people
        .method_not_allowed_fallback(choose::wrong_method)
        .fallback(choose::nowhere);
    let people = limits::body(people, FORM_BYTES_MAX, refusals.clone());
    // A room may take larger forms than the shop does.
    let rooms = app.rooms.iter().map(|room| {
        let most = room.form_bytes_max().unwrap_or(FORM_BYTES_MAX);
        limits::body(routes_of(room), most, refusals.clone())
    });
    let people = rooms
        .fold(people, Router::merge)
        .layer(from_fn(remember_language));
    let people = if public_url.is_https() {
        people.layer(Extension(SecureCookies))
    } else {
        people
    };
    let people = if edge_is_off(app) {
        people
    } else {
        let people = csrf::guard(people, &public_url.origin(), refusals.clone())
            .map_err(|error| broken(&error))?;
        limits::RateLimit::new(1200, 600, 50_000).guard(people, refusals.clone())
    };

    // PAYUNi, and the buyer's browser coming from it: no session, no form token, no rate limit before the signature.
    let gateway = Router::new()
        .route("/payuni/notify", post(notified::notified))
        .route("/payuni/return", post(returned::returned));

    // Those who run the shop, and their load balancers, which know it by its address and not by its name.
    let operations = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(health::metrics));
    let operations = limits::RateLimit::new(600, 120, 1_000).guard(operations, refusals.clone());

    let assets =
        edge::headers::compress_static(Router::new().route("/assets/{*path}", get(choose::asset)));

    let named = people.merge(gateway).merge(assets);
    let hosts = Hosts::only(&public_url.authority());
    let hosts = if public_url.is_loopback() {
        hosts.and_loopback()
    } else {
        hosts
    };
    let named = if edge_is_off(app) {
        named
    } else {
        hosts.guard(named, refusals.clone())
    };
    let all = named.merge(operations).with_state(Arc::clone(app));
    Ok(policy(app).map_err(|error| broken(&error))?.secure(all))
}

/// The routes of a room that the shop was given.
fn routes_of(room: &Arc<dyn Room>) -> Router<Arc<App>> {
    let mount = room.mount();
    let looking = Arc::clone(room);
    let mut methods = get(move |asked: Asked, uri: Uri, headers: HeaderMap| {
        visit(asked, Arc::clone(&looking), uri, headers)
    });
    if room.form_bytes_max().is_some() {
        let taking = Arc::clone(room);
        methods = methods.post(
            move |asked: Asked, uri: Uri, headers: HeaderMap, body: Bytes| {
                take(asked, Arc::clone(&taking), uri, headers, body)
            },
        );
    }
    Router::new()
        .route(mount, methods.clone())
        .route(&format!("{mount}/"), methods.clone())
        .route(&format!("{mount}/{{*path}}"), methods)
        .method_not_allowed_fallback(choose::wrong_method)
}

/// Whether line 1 was switched off on purpose, which only a throw-away shop of the laboratory is.
#[cfg(feature = "ablation")]
fn edge_is_off(app: &App) -> bool {
    app.ablated.edge
}

/// Line 1 always stands.
#[cfg(not(feature = "ablation"))]
fn edge_is_off(_: &App) -> bool {
    false
}

/// What pages may load, and where their forms may go.
fn policy(app: &App) -> Result<Policy, edge::headers::NotAnOrigin> {
    let settings = &app.settings;
    let mut policy = Policy::new(settings.public_url.is_https()).img_over_tls();
    if !app.rooms.is_empty() {
        policy = policy.own_media();
    }
    policy = policy.form_action(&settings.payuni.api_url.origin().ascii_serialization())?;
    if settings
        .payuni
        .api_url
        .host_str()
        .is_some_and(|host| host.ends_with(".payuni.com.tw"))
    {
        // Browsers hold a form's redirects to the policy too, and PAYUNi's page may live on another of its hosts.
        policy = policy.form_action("https://*.payuni.com.tw")?;
    }
    if let Some(turnstile) = &settings.turnstile {
        let origin = turnstile.script_url.origin().ascii_serialization();
        policy = policy.script(&origin)?.connect(&origin)?.frame(&origin)?;
    }
    Ok(policy)
}
