//! Step 6. The buyer's browser comes back from PAYUNi. It shows, and settles nothing.

use crate::{
    app::App,
    asked::see,
    flow::step_5_notified::{accepts, note_refusal},
    gateway::Told,
    seen::Seen,
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use edge::receive;
use ledger::traffic::{Kind, Subject};
use orders::AttemptNo;
use std::sync::Arc;

/// `POST /payuni/return`: 303 to the order's page. The post comes from another site, so it carries no session and must
/// not start one; the page it leads to shows the order to its owner only.
pub async fn returned(State(app): State<Arc<App>>, request: Request) -> Response {
    let received = match receive(request, &accepts(&app), app.clock.now()).await {
        Ok(received) => received,
        Err(refusal) => {
            app.refusals.count(refusal.code);
            return refusal.into_response();
        }
    };
    let mut verdict = "believed";
    let attempt = match app.gateway.read(received.body()) {
        Ok(Told::Payment { report, .. }) => report.attempt_no.parse::<AttemptNo>().ok(),
        Ok(Told::Other { .. }) => None,
        Err(not_read) => {
            let code = not_read.refusal.code();
            app.metrics.refused.with_label_values(&[code]).inc();
            if let Some(kept_back) = app.quiet.line(*received.received_at()) {
                tracing::info!(request = %received.request_id(), step = "return", code, kept_back, "return not believed");
            }
            note_refusal(&app, &not_read, "return", *received.received_at()).await;
            verdict = code;
            not_read.attempt
        }
    };
    if let Some(attempt) = &attempt {
        let (order, leads_to) = (attempt.order(), format!("/orders/{}", attempt.order()));
        app.keep(Seen {
            subject: Subject::Order(order.clone(), Some(attempt.clone())),
            kind: Kind::Return,
            at: *received.received_at(),
            path: "/payuni/return",
            sent: received.body(),
            answer: leads_to.as_bytes(),
            verdict,
            outcome: "",
        });
    }
    let Some(attempt) = attempt.filter(|_| verdict == "believed") else {
        return see("/orders");
    };
    // That somebody came back is a reason to ask PAYUNi now, and no more.
    match app
        .ledger
        .record_return(&attempt, *received.received_at())
        .await
    {
        // The same return again wakes nobody.
        Ok(recorded) if !recorded.news => {}
        Ok(_) => app.wake.notify_waiters(),
        Err(error) => {
            tracing::warn!(request = %received.request_id(), step = "return", error = crate::error::chain(&error), "return not noted");
        }
    }
    see(&format!("/orders/{}", attempt.order()))
}
