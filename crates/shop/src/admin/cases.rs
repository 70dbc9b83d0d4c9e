//! One case of the review list, and the decision about it.

use super::{
    enter::{actor, enter, enter_with, sign_in_again},
    hindered::{Hindered, count, freshly, reason_of},
    names,
};
use crate::{
    asked::{Asked, see},
    error::Failure,
    form::Form,
    refunds::of_book,
    session::Signed,
    view::{self, when},
};
use axum::{
    body::Bytes,
    extract::Path,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use pages::{CaseOrder, CaseView, Problem, Trouble};

/// `GET /admin/cases/{n}`: one case.
pub(crate) async fn case(asked: Asked, Path(n): Path<String>) -> Response {
    let result = async {
        let signed = enter(&asked).await?;
        page(&asked, signed, number(&n)?, None, "").await
    }
    .await;
    asked.answer(result)
}

/// `POST /admin/cases/{n}/decide`: sets a case aside, with a reason.
pub(crate) async fn decide(asked: Asked, Path(n): Path<String>, body: Bytes) -> Response {
    let result = async {
        enter(&asked).await?;
        let form = Form::read(&body, &["csrf", "reason"])?;
        let (signed, n) = (enter_with(&asked, &form).await?, number(&n)?);
        match set_aside(&asked, signed, n, &form).await {
            Ok(()) => Ok(see(&format!("/admin/cases/{n}"))),
            Err(Hindered::Trouble(trouble)) => {
                count(&asked.app, &trouble);
                page(&asked, signed, n, Some(trouble), form.get("reason")).await
            }
            Err(Hindered::Failed(failure)) => Err(failure),
        }
    }
    .await;
    asked.answer(result)
}

fn number(text: &str) -> Result<i64, Failure> {
    Ok(text.parse().map_err(|_| Problem::NotFound)?)
}

async fn set_aside(asked: &Asked, signed: &Signed, n: i64, form: &Form) -> Result<(), Hindered> {
    let app = &asked.app;
    freshly(app, signed)?;
    let (reason, now) = (reason_of(form)?, app.clock.now());
    let case = app
        .ledger
        .decide_case(n, reason, actor(app, signed), now)
        .await?;
    tracing::info!(case = case.n, code = case.code, "a case was closed");
    // Whether an order may go on is for the jobs to find out.
    app.wake.notify_waiters();
    Ok(())
}

async fn page(
    asked: &Asked,
    signed: &Signed,
    n: i64,
    trouble: Option<Trouble>,
    reason: &str,
) -> Result<Response, Failure> {
    let app = &asked.app;
    let case = app.ledger.case(n).await?.ok_or(Problem::NotFound)?;
    let order = match &case.order {
        Some(no) => {
            let book = app.ledger.book(no).await?.ok_or(Problem::NotFound)?;
            let refunds = app.ledger.refunds(no).await?;
            Some(CaseOrder {
                no: no.to_string(),
                status: view::status(&book),
                total_text: book.order().amount.for_people(),
                refundable: of_book(&book, &refunds).iter().any(|one| one.left > 0),
            })
        }
        None => None,
    };
    let decision = match &case.decision {
        Some(decision) => Some(names::decision(app, decision).await?),
        None => None,
    };
    let status = trouble.as_ref().map_or(200, Trouble::status);
    let view = CaseView {
        n: case.n,
        code: case.code,
        subject: case.subject,
        trade_no: case.trade_no,
        said_text: case.amount.map(|dollars| view::dollars(u64::from(dollars))),
        detail: case.detail,
        received: when(case.received_at),
        order,
        decision,
        reason: reason.to_owned(),
        sign_in_again: sign_in_again(app, signed),
        trouble,
    };
    let mut shell = asked.shell();
    shell.path = format!("/admin/cases/{n}");
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    Ok((status, Html(pages::admin_case(&shell, &view)?)).into_response())
}
