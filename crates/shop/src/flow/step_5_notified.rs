//! Step 5. PAYUNi reports a payment, server to server. Line by line it becomes a fact, and only then is answered.

use crate::{
    app::App,
    error::chain,
    gateway::{NotRead, Told},
    late,
    seen::Seen,
};
use axum::{
    extract::{Request, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use edge::{Accepts, Received, receive};
use jiff::Timestamp;
use ledger::{
    LedgerError, Origin, Refused,
    traffic::{Kind, Subject},
};
use orders::{AttemptNo, Binding, Parked, Report, Source, Status, bind, fact::ParkedKind};
use payuni::Refusal;
use std::sync::Arc;

/// `POST /payuni/notify`. 200 `OK` once what it says is durable, also when it was known before; 4xx for what is
/// refused; 5xx where it could not be stored, so that the sender or the reconciler comes back.
pub async fn notified(State(app): State<Arc<App>>, request: Request) -> Response {
    let received = match receive(request, &accepts(&app), app.clock.now()).await {
        Ok(received) => received,
        Err(refusal) => {
            app.refusals.count(refusal.code);
            return refusal.into_response();
        }
    };
    match believe(&app, &received).await {
        Ok((attempt, after)) => {
            #[cfg(feature = "crash-points")]
            crash_points::at("K08");
            if let Some(attempt) = attempt {
                seen(&app, &received, attempt, ("believed", after));
            }
            "OK".into_response()
        }
        Err(NotBelieved::Refused(not_read)) => {
            note_refusal(&app, &not_read, "notice", *received.received_at()).await;
            if let Some(attempt) = not_read.attempt.clone() {
                seen(&app, &received, attempt, (not_read.refusal.code(), ""));
            }
            refuse(&app, &received, &not_read.refusal)
        }
        Err(NotBelieved::Ledger(error)) => {
            tracing::error!(request = %received.request_id(), step = "notified", error = chain(&error), "notice not stored");
            (
                StatusCode::SERVICE_UNAVAILABLE,
                "not stored; send it again\n",
            )
                .into_response()
        }
    }
}

/// What the gateway's routes take.
#[cfg(not(feature = "ablation"))]
pub(crate) fn accepts(_: &App) -> Accepts {
    Accepts::FORM
}

/// What the gateway's routes take, where line 1 may be off.
#[cfg(feature = "ablation")]
pub(crate) fn accepts(app: &App) -> Accepts {
    app.ablated.accepts()
}

enum NotBelieved {
    Refused(NotRead),
    Ledger(LedgerError),
}

impl From<NotRead> for NotBelieved {
    fn from(not_read: NotRead) -> Self {
        Self::Refused(not_read)
    }
}

impl From<LedgerError> for NotBelieved {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(error)
    }
}

/// Keeps a notice that was authentic and names an attempt, for those who look. Forgeries name nobody and are only counted.
fn seen(
    app: &App,
    received: &Received<Timestamp>,
    attempt: AttemptNo,
    (verdict, after): (&str, &str),
) {
    let answer: &[u8] = if verdict == "believed" { b"OK" } else { b"" };
    app.keep(Seen {
        subject: Subject::Order(attempt.order().clone(), Some(attempt)),
        kind: Kind::Notice,
        at: *received.received_at(),
        path: "/payuni/notify",
        sent: received.body(),
        answer,
        verdict,
        outcome: after,
    });
}

/// Returns the attempt that it is about, where it is one of ours, and where its order stands now.
async fn believe(
    app: &App,
    received: &Received<Timestamp>,
) -> Result<(Option<AttemptNo>, &'static str), NotBelieved> {
    let (now, id) = (*received.received_at(), received.request_id());
    let known = match app.gateway.read(received.body())? {
        Told::Payment {
            report,
            digest,
            key_id,
        } => {
            let origin = Origin {
                digest: Some(digest),
                key_id: Some(key_id.to_owned()),
            };
            #[cfg(feature = "crash-points")]
            crash_points::at("K04");
            let after = learn(app, &report, origin, now).await?;
            tracing::info!(request = %id, step = "notified", attempt = %report.attempt_no, says = report.outcome.name(), after, "notice recorded");
            app.metrics.notices.with_label_values(&[after]).inc();
            (report.attempt_no.parse().ok(), after)
        }
        Told::Other { what, subject } => {
            let parked = Parked {
                kind: ParkedKind::OtherNotice,
                source: Source::Notice,
                subject,
                trade_no: None,
                amount: None,
                detail: what,
            };
            let code = parked.kind.code();
            if app.ledger.park(parked, now).await? {
                app.metrics.parks(&[code]);
            }
            tracing::info!(request = %id, step = "notified", "a notice about something else than a payment was kept");
            app.metrics.notices.with_label_values(&["other"]).inc();
            (None, "other")
        }
    };
    app.wake.notify_waiters();
    Ok(known)
}

/// Lines 3 and 4, for what we were told and for what we asked: binds a report to its order and records it.
/// Returns where the order stands, or `parked`.
pub(crate) async fn learn(
    app: &App,
    report: &Report,
    origin: Origin,
    now: Timestamp,
) -> Result<&'static str, LedgerError> {
    let book = match report.attempt_no.parse::<AttemptNo>() {
        Ok(attempt) => app.ledger.book(attempt.order()).await?,
        Err(_) => None,
    };
    let park = |code: &'static str| {
        app.metrics.parks(&[code]);
        tracing::warn!(code, attempt = %clip(&report.attempt_no), "an authentic message waits for a person");
    };
    match bind(report, app.gateway.merchant_id(), book.as_ref()) {
        // What fits its order may wait for a person all the same: it comes late, twice, or is another order's.
        Binding::Bound(bound) | Binding::Review(bound) => {
            let recorded = app.ledger.record(bound, origin, now).await?;
            recorded.parked.iter().copied().for_each(park);
            if recorded.after == Status::Review
                && let Ok(attempt) = report.attempt_no.parse()
            {
                late::consider(app, &attempt, report.source, now).await?;
            }
            Ok(recorded.after.as_str())
        }
        Binding::Unmatched(mut parked) => {
            parked.subject = clip(&parked.subject);
            let code = parked.kind.code();
            // The same again is the same case.
            if app.ledger.park(parked, now).await? {
                park(code);
            }
            Ok("parked")
        }
    }
}

/// Writes a refusal into the trail of the order that it concerns. Only what was authentic names an order, so a flood of
/// forgeries writes nothing.
pub(crate) async fn note_refusal(
    app: &App,
    not_read: &NotRead,
    door: &'static str,
    now: Timestamp,
) {
    let Some(attempt) = &not_read.attempt else {
        return;
    };
    let refused = Refused {
        order: attempt.order().clone(),
        code: not_read.refusal.code(),
        digest: not_read.digest.clone(),
        door,
    };
    if let Err(error) = app.ledger.note_refusal(refused, now).await {
        tracing::error!(
            step = door,
            error = chain(&error),
            "a refusal was not written down"
        );
    }
}

/// What a stranger may have written is cut and stripped before it is kept or logged.
fn clip(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(64).collect()
}

/// A stranger learns nothing from which proof failed: all of them look alike.
fn refuse(app: &App, received: &Received<Timestamp>, refusal: &Refusal) -> Response {
    app.metrics
        .refused
        .with_label_values(&[refusal.code()])
        .inc();
    if let Some(kept_back) = app.quiet.line(*received.received_at()) {
        tracing::info!(request = %received.request_id(), step = "notified", code = refusal.code(), kept_back, "notice refused");
    }
    if refusal.is_cryptographic() {
        return (StatusCode::UNAUTHORIZED, "not authentic\n").into_response();
    }
    if matches!(refusal, Refusal::Malformed(_)) {
        return (StatusCode::BAD_REQUEST, "not a PAYUNi message\n").into_response();
    }
    (
        StatusCode::UNPROCESSABLE_ENTITY,
        "not a result that can be used\n",
    )
        .into_response()
}
