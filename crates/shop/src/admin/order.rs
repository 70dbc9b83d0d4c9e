//! `GET /admin/orders/{order_no}`: one order with its refunds, its facts and its trail.

use super::{
    enter::{enter, sign_in_again},
    names,
};
use crate::{
    app::App,
    asked::Asked,
    entropy,
    error::Failure,
    form::Form,
    jobs::refund::DOUBT_MAX,
    refunds::{Refundable, of_book},
    session::Signed,
    view::{self, when},
};
use axum::{
    extract::Path,
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use jiff::Timestamp;
use orders::{Book, How, MemberId, Method, OrderNo, Refund, RefundNo, Status};
use pages::{
    AdminOrderView, FactRow, PaymentRefund, Problem, RefundActions, RefundForm, RefundReason,
    RefundRow, RefundState, RefundWay, TrailRow, Trouble,
};

/// What somebody typed into a refund form that was not carried out: it is shown again.
pub(super) struct Typed {
    trade_no: String,
    amount: String,
    reason: RefundReason,
    note: String,
}

impl Typed {
    /// Keeps what the form carried.
    pub(super) fn from_form(form: &Form) -> Option<Self> {
        Some(Self {
            trade_no: form.get("trade_no").to_owned(),
            amount: form.get("amount").chars().take(9).collect(),
            reason: RefundReason::from_key(form.get("reason"))?,
            note: form.get("note").to_owned(),
        })
    }
}

/// `GET /admin/orders/{order_no}`.
pub(crate) async fn order(asked: Asked, Path(no): Path<String>) -> Response {
    let result = async {
        let signed = enter(&asked).await?;
        let no: OrderNo = no.parse().map_err(|_| Problem::NotFound)?;
        page(&asked, signed, &no, None, None).await
    }
    .await;
    asked.answer(result)
}

/// The order's page: as it is, or with why the last act was not carried out.
pub(super) async fn page(
    asked: &Asked,
    signed: &Signed,
    no: &OrderNo,
    trouble: Option<Trouble>,
    typed: Option<Typed>,
) -> Result<Response, Failure> {
    let app = &asked.app;
    let book = app.ledger.book(no).await?.ok_or(Problem::NotFound)?;
    let refunds = app.ledger.refunds(no).await?;
    let stale = sign_in_again(app, signed);
    let status = trouble.as_ref().map_or(200, Trouble::status);
    let mut payments = payments(&book, &refunds, typed.as_ref());
    if stale.is_some() {
        for payment in &mut payments {
            payment.form = None;
        }
    }
    let facts = app.ledger.facts(no).await?;
    let limit = u64::from(app.settings.shop.refunds.two_persons_above);
    let view = AdminOrderView {
        order_no: no.to_string(),
        status: view::status(&book),
        member: names::member(app, &book.order().member).await?,
        created: when(book.order().placed_at),
        items: view::items(&book.order().lines),
        total_text: book.order().amount.for_people(),
        refunded_text: Some(book.refunded())
            .filter(|dollars| *dollars > 0)
            .map(view::dollars),
        attempts: view::attempts(&book, true),
        refunds: refund_rows(app, &signed.member.id, refunds).await?,
        payments,
        two_persons_text: view::dollars(limit),
        may_cancel: matches!(book.status(), Status::Pending | Status::AwaitingTransfer),
        sign_in_again: stale,
        trouble,
        facts: facts.into_iter().map(fact).collect(),
        trail: trail(app, no).await?,
    };
    let mut shell = asked.shell();
    shell.path = format!("/admin/orders/{no}");
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    Ok((status, Html(pages::admin_order(&shell, &view)?)).into_response())
}

fn fact(fact: ledger::FactRow) -> FactRow {
    let kind = fact.meaning.split('/').next().unwrap_or_default();
    FactRow {
        seq: fact.n,
        recorded: when(fact.received_at),
        kind: kind.to_owned(),
        source: fact.source,
        summary: format!("{} · {} → {}", fact.meaning, fact.edge.0, fact.edge.1),
    }
}

/// What persons and the shop did. The facts have a table of their own.
async fn trail(app: &App, no: &OrderNo) -> Result<Vec<TrailRow>, Failure> {
    let mut rows = Vec::new();
    for row in app.ledger.trail(no).await? {
        // A decision about an order is a fact of it; every other fact stands in the facts' own table.
        let action = match row.code.as_str() {
            "decided" => row.code.clone(),
            // By a person of the shop's; what a buyer cancels is a fact and no more.
            "ended cancelled" if row.actor != "shop" => "cancelled".to_owned(),
            _ => row.action,
        };
        if matches!(
            action.as_str(),
            "refused" | "refund" | "decided" | "cancelled"
        ) {
            rows.push(TrailRow {
                at: when(row.at),
                actor: names::actor(app, row.actor).await?,
                action,
                code: row.code,
                detail: row.detail,
            });
        }
    }
    Ok(rows)
}

fn payments(book: &Book, refunds: &[Refund], typed: Option<&Typed>) -> Vec<PaymentRefund> {
    let paid = book.payments();
    let one = |left: Refundable| {
        let payment = paid.iter().find(|paid| paid.trade_no == left.trade_no);
        PaymentRefund {
            trade_no: left.trade_no.to_string(),
            method: view::method(left.method),
            paid_text: payment.map_or_else(String::new, |paid| paid.amount.for_people()),
            left_text: view::dollars(u64::from(left.left)),
            way: way(&left),
            form: (left.left > 0).then(|| form(&left, typed)),
        }
    };
    of_book(book, refunds).into_iter().map(one).collect()
}

fn way(left: &Refundable) -> RefundWay {
    if left.how == How::ByHand {
        RefundWay::ByHand
    } else if left.method == Some(Method::Card) {
        RefundWay::Card
    } else if left.method == Some(Method::LinePay) {
        RefundWay::LinePay
    } else {
        RefundWay::Gateway
    }
}

/// One form makes one refund, however often it is sent: its number is made here.
fn form(left: &Refundable, typed: Option<&Typed>) -> RefundForm {
    let typed = typed.filter(|typed| typed.trade_no == left.trade_no.as_str());
    RefundForm {
        refund_no: RefundNo::mint(entropy::bytes::<10>()).to_string(),
        amount: typed.map_or_else(|| left.left.to_string(), |typed| typed.amount.clone()),
        reason: typed.map_or_else(RefundReason::default, |typed| typed.reason),
        note: typed.map_or_else(String::new, |typed| typed.note.clone()),
    }
}

async fn refund_rows(
    app: &App,
    reader: &MemberId,
    refunds: Vec<Refund>,
) -> Result<Vec<RefundRow>, Failure> {
    let now = app.clock.now();
    let mut rows = Vec::new();
    for refund in refunds.into_iter().rev() {
        let approved_by = match &refund.approver {
            Some(approver) => Some(names::member(app, approver).await?),
            None => None,
        };
        rows.push(RefundRow {
            actions: actions(&refund, reader, now),
            no: refund.no.to_string(),
            amount_text: refund.amount.for_people(),
            state: view::refund_state(&refund),
            trade_no: refund.trade_no.to_string(),
            requested_by: names::member(app, &refund.requester).await?,
            requested: when(refund.requested_at),
            approved_by,
            changed: when(refund.changed_at),
            reason: refund.reason,
            word: Some(refund.word).filter(|word| !word.is_empty()),
        });
    }
    Ok(rows)
}

fn actions(refund: &Refund, reader: &MemberId, now: Timestamp) -> RefundActions {
    let state = view::refund_state(refund);
    let (waits, own) = (state == RefundState::Requested, refund.requester == *reader);
    RefundActions {
        approve: waits && !own,
        reject: waits || matches!(state, RefundState::Reserved | RefundState::ToTransfer),
        transferred: state == RefundState::ToTransfer,
        resolve: may_resolve(refund, now),
        own: waits && own,
    }
}

/// A person's word about a refund in doubt counts once asking the gateway has had its time: a wrong word may pay twice.
pub(super) fn may_resolve(refund: &Refund, now: Timestamp) -> bool {
    refund.state == orders::RefundState::InDoubt
        && refund.sent_at.is_some_and(|sent| now >= sent + DOUBT_MAX)
}
