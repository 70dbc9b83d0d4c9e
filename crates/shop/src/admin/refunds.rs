//! Refunds: asking for one, agreeing to it, saying no, and saying what a person did or saw.

use super::{
    enter::{actor, enter, enter_with},
    hindered::{Hindered, count, freshly, reason, reason_of},
    order::{Typed, page},
};
use crate::{
    asked::{Asked, see},
    error::Failure,
    form::Form,
    refunds::{Wish, begin},
    seen::{Seen, without_secrets},
    session::Signed,
};
use axum::{body::Bytes, extract::Path, response::Response};
use jiff::Timestamp;
use ledger::traffic::{Kind, Subject};
use orders::{OrderNo, RefundNo, Twd};
use pages::{Problem, RefundReason, Trouble};

const ASKED_FOR: [&str; 6] = ["csrf", "refund_no", "trade_no", "amount", "reason", "note"];

/// `POST /admin/orders/{order_no}/refunds`: asks for a refund of one payment.
pub(crate) async fn ask(asked: Asked, Path(no): Path<String>, body: Bytes) -> Response {
    let result = async {
        enter(&asked).await?;
        let form = Form::read(&body, &ASKED_FOR)?;
        let signed = enter_with(&asked, &form).await?;
        let no: OrderNo = no.parse().map_err(|_| Problem::NotFound)?;
        let at = asked.app.clock.now();
        let asked_for = ask_for(&asked, signed, &no, &form).await;
        let path = format!("/admin/orders/{no}/refunds");
        seen(&asked, &no, (&path, at), &body, &asked_for);
        answer(&asked, signed, &no, asked_for, Typed::from_form(&form)).await
    }
    .await;
    asked.answer(result)
}

/// `POST /admin/refunds/{no}/approve`: a second person agrees.
pub(crate) async fn approve(asked: Asked, Path(no): Path<String>, body: Bytes) -> Response {
    act(asked, no, body, &["csrf"], Act::Approve).await
}

/// `POST /admin/refunds/{no}/reject`: a person says no, or takes it back.
pub(crate) async fn reject(asked: Asked, Path(no): Path<String>, body: Bytes) -> Response {
    act(asked, no, body, &["csrf", "reason"], Act::Reject).await
}

/// `POST /admin/refunds/{no}/transferred`: a person has moved the money.
pub(crate) async fn transferred(asked: Asked, Path(no): Path<String>, body: Bytes) -> Response {
    act(asked, no, body, &["csrf"], Act::Transferred).await
}

/// `POST /admin/refunds/{no}/resolve`: a person has looked at the gateway's console.
pub(crate) async fn resolve(asked: Asked, Path(no): Path<String>, body: Bytes) -> Response {
    let fields = ["csrf", "reason", "happened"];
    act(asked, no, body, &fields, Act::Resolve).await
}

/// What a person does with a refund.
#[derive(Clone, Copy)]
enum Act {
    Approve,
    Reject,
    Transferred,
    Resolve,
}

impl Act {
    fn name(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Reject => "reject",
            Self::Transferred => "transferred",
            Self::Resolve => "resolve",
        }
    }
}

/// Keeps what a person wanted for those who look, once it is durable. Reasons are people's own words and are not kept.
fn seen(
    asked: &Asked,
    order: &OrderNo,
    (path, at): (&str, Timestamp),
    body: &Bytes,
    done: &Result<(), Hindered>,
) {
    if done.is_ok() {
        asked.app.keep(Seen {
            subject: Subject::Order(order.clone(), None),
            kind: Kind::Wish,
            at,
            path,
            sent: &without_secrets(body),
            answer: b"",
            verdict: "believed",
            outcome: "",
        });
    }
}

async fn act(asked: Asked, no: String, body: Bytes, fields: &[&str], act: Act) -> Response {
    let result = async {
        enter(&asked).await?;
        let form = Form::read(&body, fields)?;
        let signed = enter_with(&asked, &form).await?;
        let no: RefundNo = no.parse().map_err(|_| Problem::NotFound)?;
        let refund = asked.app.ledger.refund(&no).await?;
        let order = refund.ok_or(Problem::NotFound)?.order;
        let at = asked.app.clock.now();
        let done = carry_out(&asked, signed, &no, act, &form).await;
        let path = format!("/admin/refunds/{no}/{}", act.name());
        seen(&asked, &order, (&path, at), &body, &done);
        answer(&asked, signed, &order, done, None).await
    }
    .await;
    asked.answer(result)
}

/// Back to the order: by a redirect where it was done, with the reason on the page where it was not.
async fn answer(
    asked: &Asked,
    signed: &Signed,
    order: &OrderNo,
    done: Result<(), Hindered>,
    typed: Option<Typed>,
) -> Result<Response, Failure> {
    match done {
        Ok(()) => Ok(see(&format!("/admin/orders/{order}#refunds"))),
        Err(Hindered::Trouble(trouble)) => {
            count(&asked.app, &trouble);
            page(asked, signed, order, Some(trouble), typed).await
        }
        Err(Hindered::Failed(failure)) => Err(failure),
    }
}

async fn ask_for(
    asked: &Asked,
    signed: &Signed,
    order: &OrderNo,
    form: &Form,
) -> Result<(), Hindered> {
    let app = &asked.app;
    if app.ledger.book(order).await?.is_none() {
        return Err(Failure::from(Problem::NotFound).into());
    }
    freshly(app, signed)?;
    let wish = Wish {
        no: unreadable(form.get("refund_no").parse())?,
        order: order.clone(),
        trade_no: form
            .get("trade_no")
            .parse()
            .map_err(|_| Trouble::NoPayment)?,
        amount: amount(form.get("amount"))?,
        reason: why(asked, form)?,
    };
    match begin(app, wish.clone(), actor(app, signed)).await {
        Ok(_) => Ok(()),
        // The same form, sent twice at once: the other one was written while this one was being looked at.
        Err(error) => match app.ledger.refund(&wish.no).await? {
            Some(made)
                if (&made.order, &made.trade_no, made.amount)
                    == (&wish.order, &wish.trade_no, wish.amount) =>
            {
                Ok(())
            }
            _ => Err(error.into()),
        },
    }
}

async fn carry_out(
    asked: &Asked,
    signed: &Signed,
    no: &RefundNo,
    act: Act,
    form: &Form,
) -> Result<(), Hindered> {
    let (app, now) = (&asked.app, asked.app.clock.now());
    freshly(app, signed)?;
    let (ledger, actor) = (&app.ledger, actor(app, signed));
    let moved = match act {
        Act::Approve => ledger.approve_refund(no, actor, now).await?,
        Act::Reject => {
            let reason = reason_of(form)?;
            ledger.reject_refund(no, reason, actor, now).await?
        }
        Act::Transferred => ledger.finish_by_hand(no, actor, now).await?,
        Act::Resolve => {
            let (happened, reason) = (happened(form)?, reason_of(form)?);
            let seen = ledger.refund(no).await?.ok_or(Problem::NotFound);
            let seen = seen.map_err(Failure::from)?;
            if !super::order::may_resolve(&seen, now) {
                return Err(Trouble::Moved.into());
            }
            ledger
                .resolve_refund(no, happened, reason, actor, now)
                .await?
        }
    };
    tracing::info!(refund = %moved.no, order = %moved.order, state = moved.state.as_str(), "a person moved a refund");
    app.metrics.refund(&moved);
    app.wake.notify_waiters();
    Ok(())
}

/// What our own form always sends rightly.
fn unreadable<T, E>(read: Result<T, E>) -> Result<T, Hindered> {
    read.map_err(|_| Failure::from(Problem::BadRequest).into())
}

fn amount(text: &str) -> Result<Twd, Trouble> {
    text.trim().parse().map_err(|_| Trouble::BadAmount)
}

/// The chosen reason and the note beside it, in the requester's language: these are the requester's words.
fn why(asked: &Asked, form: &Form) -> Result<String, Hindered> {
    let chosen = RefundReason::from_key(form.get("reason")).ok_or(Trouble::NoReason)?;
    let (shell, note) = (asked.shell(), form.get("note").trim());
    if note.is_empty() {
        return match chosen {
            RefundReason::Other => Err(Trouble::NoReason.into()),
            RefundReason::Buyer | RefundReason::OutOfStock | RefundReason::PaidTwice => {
                Ok(chosen.label(shell.text()).to_owned())
            }
        };
    }
    let label = chosen.label(shell.text());
    Ok(reason(&format!("{label}：{note}"))?)
}

fn happened(form: &Form) -> Result<bool, Hindered> {
    match form.get("happened") {
        "yes" => Ok(true),
        "no" => Ok(false),
        _ => Err(Failure::from(Problem::BadRequest).into()),
    }
}
