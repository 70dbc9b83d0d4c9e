//! For those who run the shop: is it alive, is it ready, what has it counted?

use crate::app::App;
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use edge::Caller;
use ledger::Topic;
use std::{net::IpAddr, sync::Arc};

/// `GET /healthz`: the process answers.
pub(crate) async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the ledger can be written.
pub(crate) async fn ready(State(app): State<Arc<App>>) -> Response {
    match app
        .ledger
        .note("ready", String::new(), app.clock.now())
        .await
    {
        Ok(()) => "ready\n".into_response(),
        Err(error) => {
            tracing::error!(error = crate::error::chain(&error), "not ready");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "the ledger cannot be written\n",
            )
                .into_response()
        }
    }
}

/// `GET /metrics`: Prometheus text.
///
/// For machines of the own network only: what a shop sells is not for strangers to count. Behind a reverse proxy this
/// needs `TRUSTED_PROXIES`, or every caller looks like the proxy.
pub(crate) async fn metrics(State(app): State<Arc<App>>, caller: Caller) -> Response {
    if !is_near(caller.ip) {
        return StatusCode::NOT_FOUND.into_response();
    }
    for topic in Topic::ALL {
        if let Ok((waiting, dead)) = app.ledger.backlog(topic).await {
            for (state, count) in [("pending", waiting), ("dead", dead)] {
                let gauge = app
                    .metrics
                    .outbox
                    .with_label_values(&[topic.as_str(), state]);
                gauge.set(i64::try_from(count).unwrap_or(i64::MAX));
            }
        }
    }
    for (code, count) in app.refusals.counts() {
        let counter = app.metrics.refused.with_label_values(&[code.as_str()]);
        counter.inc_by(count.saturating_sub(counter.get()));
    }
    let kind = [(
        header::CONTENT_TYPE,
        "text/plain; version=0.0.4; charset=utf-8",
    )];
    (kind, app.metrics.text()).into_response()
}

fn is_near(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}
