//! A member's orders: the list, one order's page, its live changes, its receipt.

use crate::{
    app::App,
    asked::{Asked, see},
    entropy,
    error::Failure,
    form::Form,
    view::{self, when},
};
use axum::{
    body::Bytes,
    extract::Path,
    response::{
        Html, IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use futures_util::{Stream, StreamExt};
use ledger::ListOrders;
use orders::{AttemptNo, AttemptState, Book, MemberId, OrderNo, Status, fact::Ending};
use pages::{OrderRow, OrderView, OrdersView, PayAction, PayReason, Problem, ReceiptView};
use std::{convert::Infallible, sync::Arc, time::Duration};

const LIST_MAX: u32 = 100;
/// Another process (a command on the same ledger) may change an order too; its page looks as often as this.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// `GET /orders`: the member's own.
pub(crate) async fn list(asked: Asked) -> Response {
    let result = async {
        let signed = asked.member()?;
        let which = ListOrders {
            member: Some(signed.member.id.clone()),
            limit: LIST_MAX,
            ..ListOrders::default()
        };
        let rows = asked.app.ledger.list(which).await?;
        let row = |summary: &ledger::Summary| {
            let order = summary.book.order();
            OrderRow {
                order_no: order.no.to_string(),
                status: view::status(&summary.book),
                summary: order
                    .lines
                    .first()
                    .map_or_else(String::new, |line| line.name.clone()),
                item_count: order.lines.iter().map(|line| line.quantity).sum(),
                total_text: order.amount.for_people(),
                placed: when(order.placed_at),
            }
        };
        let view = OrdersView {
            rows: rows.iter().map(row).collect(),
            newer_url: None,
            older_url: None,
        };
        Ok::<_, Failure>(Html(pages::orders(&asked.shell(), &view)?))
    }
    .await;
    asked.answer(result)
}

/// Finds the member's own order. Another's is as missing as one that never was.
async fn own(app: &App, member: &MemberId, no: &str) -> Result<Book, Failure> {
    let attempt: AttemptNo = no.parse().map_err(|_| Problem::NotFound)?;
    let book = app.ledger.book(attempt.order()).await?;
    Ok(book
        .filter(|book| book.order().member == *member && book.attempt(&attempt).is_some())
        .ok_or(Problem::NotFound)?)
}

/// `GET /orders/{order_no}`: an order's page. An attempt's number leads to its order.
pub(crate) async fn page(asked: Asked, Path(no): Path<String>) -> Response {
    let result = async {
        let signed = asked.member()?;
        let book = own(&asked.app, &signed.member.id, &no).await?;
        if book.order().no.as_str() != no {
            return Ok(see(&format!("/orders/{}", book.order().no)));
        }
        let facts = asked.app.ledger.facts(&book.order().no).await?;
        let view = order_view(&asked, &book, &facts, &signed.csrf);
        Ok::<_, Failure>(Html(pages::order(&asked.shell(), &view)?).into_response())
    }
    .await;
    asked.answer(result)
}

fn order_view(asked: &Asked, book: &Book, facts: &[ledger::FactRow], csrf: &str) -> OrderView {
    let (order, now) = (book.order(), asked.app.clock.now());
    let last = book
        .attempts()
        .last()
        .map(|attempt| book.attempt_state(&attempt.no));
    let reason = match last {
        Some(AttemptState::Failed | AttemptState::Voided) => Some(PayReason::Again),
        // While PAYUNi may still be at it, a second attempt could become a second payment.
        Some(AttemptState::Confirming) => None,
        _ => Some(PayReason::First),
    };
    let pay = reason
        .filter(|_| book.may_pay_again(now))
        .map(|reason| PayAction {
            reason,
            csrf: csrf.to_owned(),
            checkout_key: entropy::name(),
        });
    let open = book.status() == Status::Pending && last != Some(AttemptState::Confirming);
    OrderView {
        order_no: order.no.to_string(),
        status: view::status(book),
        times: view::times(book, facts),
        items: view::items(&order.lines),
        total_text: order.amount.for_people(),
        refunded_text: Some(book.refunded())
            .filter(|dollars| *dollars > 0)
            .map(view::dollars),
        buyer: None,
        attempts: view::attempts(book, false),
        number: view::payment_number(book),
        pay,
        cancel_csrf: open.then(|| csrf.to_owned()),
        has_receipt: book.delivered().is_some(),
        as_of: when(now),
    }
}

/// `POST /orders/{order_no}/cancel`: the buyer gives up an order that was not paid.
pub(crate) async fn cancel(asked: Asked, Path(no): Path<String>, body: Bytes) -> Response {
    let result = async {
        let form = Form::read(&body, &["csrf"])?;
        let signed = asked.member_with(form.get("csrf"))?;
        let book = own(&asked.app, &signed.member.id, &no).await?;
        match asked
            .app
            .ledger
            .end(&book.order().no, Ending::Cancelled, asked.app.clock.now())
            .await
        {
            Ok(_) => {}
            Err(ledger::LedgerError::Unlawful(_)) => return Err(Problem::Conflict.into()),
            Err(error) => return Err(error.into()),
        }
        asked.app.wake.notify_waiters();
        Ok(see(&format!("/orders/{}", book.order().no)))
    }
    .await;
    asked.answer(result)
}

/// `GET /orders/{order_no}/receipt`: opens with the delivery.
pub(crate) async fn receipt(asked: Asked, Path(no): Path<String>) -> Response {
    let result = async {
        let signed = asked.member()?;
        let book = own(&asked.app, &signed.member.id, &no).await?;
        let facts = asked.app.ledger.facts(&book.order().no).await?;
        let payment = book
            .payment()
            .filter(|_| book.delivered().is_some())
            .ok_or(Problem::NotFound)?;
        let order = book.order();
        let paid = payment
            .at
            .map(when)
            .or_else(|| view::times(&book, &facts).paid)
            .unwrap_or_else(|| when(order.placed_at));
        let refunded = book.refunded();
        let remains = u64::from(order.amount.dollars()).saturating_sub(refunded);
        let view = ReceiptView {
            order_no: order.no.to_string(),
            buyer: signed
                .member
                .name
                .clone()
                .or_else(|| signed.member.email.clone()),
            placed: when(order.placed_at),
            paid,
            method: view::method(payment.method),
            card_last4: view::card_digits(&payment),
            trade_no: Some(payment.trade_no.to_string()),
            items: view::items(&order.lines),
            total_text: order.amount.for_people(),
            refunded: (refunded > 0).then(|| (view::dollars(refunded), view::dollars(remains))),
        };
        Ok::<_, Failure>(Html(pages::receipt(&asked.shell(), &view)?))
    }
    .await;
    asked.answer(result)
}

/// `GET /orders/{order_no}/events`: says when to look again (server-sent events). It carries no data of its own.
pub(crate) async fn events(asked: Asked, Path(no): Path<String>) -> Response {
    let result = async {
        let signed = asked.member()?;
        let book = own(&asked.app, &signed.member.id, &no).await?;
        Ok(
            Sse::new(changes(Arc::clone(&asked.app), book.order().no.clone()))
                .keep_alive(KeepAlive::default()),
        )
    }
    .await;
    asked.answer(result)
}

pub(crate) fn changes(app: Arc<App>, no: OrderNo) -> impl Stream<Item = Result<Event, Infallible>> {
    let heard = app.ledger.changes();
    let watch = Watch {
        app,
        no,
        heard,
        shown: None,
    };
    futures_util::stream::unfold(watch, |mut watch| async move {
        let mark = watch.next().await?;
        Some((Ok(Event::default().event("order").data(mark)), watch))
    })
    .boxed()
}

struct Watch {
    app: Arc<App>,
    no: OrderNo,
    heard: tokio::sync::broadcast::Receiver<OrderNo>,
    shown: Option<usize>,
}

impl Watch {
    /// Waits until the order has other facts than those shown; names its status.
    async fn next(&mut self) -> Option<String> {
        loop {
            let book = self.app.ledger.book(&self.no).await.ok()??;
            let facts = book.facts().count() + book.attempts().len();
            if self.shown.replace(facts) != Some(facts) {
                return Some(book.status().to_string());
            }
            // News of this order, or of too many to tell, or the time to look anyway.
            let news =
                async { while matches!(self.heard.recv().await, Ok(no) if no != self.no) {} };
            tokio::select! {
                () = news => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
            }
        }
    }
}
