//! Step 4. The sealed form that takes the buyer's browser to PAYUNi.

use crate::{asked::Asked, error::Failure, seen::Seen};
use axum::response::{Html, IntoResponse, Response};
use ledger::traffic::{Kind, Subject};
use orders::{AttemptNo, Book};
use pages::{HandoverView, Lang};

/// Renders the page whose one form posts to PAYUNi, by script or by its button.
pub(crate) fn hand_over(
    asked: &Asked,
    book: &Book,
    attempt: &AttemptNo,
) -> Result<Response, Failure> {
    let shell = asked.shell();
    let member = &asked.member()?.member;
    let mail = member.email.as_deref().filter(|_| member.email_verified);
    let sealed = asked
        .app
        .gateway
        .hand_over(book, attempt, mail, shell.lang == Lang::En)
        .map_err(|error| Failure::Broken {
            what: "the form for PAYUNi",
            causes: crate::error::chain(&error),
        })?;
    asked.app.keep(Seen {
        subject: Subject::Order(book.order().no.clone(), Some(attempt.clone())),
        kind: Kind::HandOver,
        at: asked.app.clock.now(),
        path: &asked.app.gateway.page_url(),
        sent: sealed.form_body().as_bytes(),
        answer: b"",
        verdict: "believed",
        outcome: "",
    });
    let fields = sealed.form_fields();
    let view = HandoverView {
        order_no: book.order().no.to_string(),
        amount_text: book.order().amount.for_people(),
        gateway_url: asked.app.gateway.page_url(),
        fields: fields
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
    };
    tracing::info!(request = %asked.request_id, step = "hand_over", attempt = %attempt, "handed over to PAYUNi");
    Ok(Html(pages::handover(&shell, &view)?).into_response())
}
