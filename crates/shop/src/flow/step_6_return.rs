//! Step 6. The buyer's browser comes back from PAYUNi. It shows, and settles nothing.

use crate::{app::App, asked::see, gateway::Told};
use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use edge::{Accepts, receive};
use orders::AttemptNo;
use std::sync::Arc;

/// `POST /payuni/return`: 303 to the order's page. The post comes from another site, so it carries no session and must
/// not start one; the page it leads to shows the order to its owner only.
pub(crate) async fn returned(State(app): State<Arc<App>>, request: Request) -> Response {
    let received = match receive(request, &Accepts::FORM, app.clock.now()).await {
        Ok(received) => received,
        Err(refusal) => {
            app.refusals.count(refusal.code);
            return refusal.into_response();
        }
    };
    let attempt = match app.gateway.read(received.body()) {
        Ok(Told::Payment { report, .. }) => report.attempt_no.parse::<AttemptNo>().ok(),
        Ok(Told::Other { .. }) => None,
        Err(refusal) => {
            app.metrics
                .refused
                .with_label_values(&[refusal.code()])
                .inc();
            tracing::info!(request = %received.request_id(), step = "return", code = refusal.code(), "return not believed");
            None
        }
    };
    let Some(attempt) = attempt else {
        return see("/orders");
    };
    // That somebody came back is a reason to ask PAYUNi now, and no more.
    match app
        .ledger
        .record_return(&attempt, *received.received_at())
        .await
    {
        Ok(_) => app.wake.notify_waiters(),
        Err(error) => {
            tracing::warn!(request = %received.request_id(), step = "return", error = crate::error::chain(&error), "return not noted");
        }
    }
    see(&format!("/orders/{}", attempt.order()))
}
