//! `GET /admin`: what waits for a person, and every order.

use super::{enter::enter, names};
use crate::{
    asked::Asked,
    error::Failure,
    view::{self, when},
};
use axum::{
    extract::RawQuery,
    response::{Html, Response},
};
use jiff::SignedDuration;
use ledger::{ExceptionRow, ListOrders};
use orders::{AttemptNo, OrderNo, Refund, Status};
use pages::{
    AdminFilter, AdminOrdersView, AdminRow, OpenRefund, OrderStatus, RefundState, ReviewRow,
};

const LIST_MAX: u32 = 200;
/// A refund that was refused is listed for so long: it needs another try, but nothing says when that was given up.
const REFUSED_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// `GET /admin`.
pub(crate) async fn overview(asked: Asked, RawQuery(query): RawQuery) -> Response {
    let result = async {
        enter(&asked).await?;
        let query = query.unwrap_or_default();
        let wanted = |name: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let selected = wanted("status").and_then(|key| OrderStatus::from_key(&key));
        let search = wanted("q").unwrap_or_default();
        let (reviews, decided) = reviews(&asked).await?;
        let view = AdminOrdersView {
            refunds: open_refunds(&asked).await?,
            reviews,
            decided,
            rows: rows(&asked, selected, search.trim()).await?,
            filters: filters(&asked).await?,
            selected,
            search: search.chars().take(64).collect(),
            newer_url: None,
            older_url: None,
        };
        Ok::<_, Failure>(Html(pages::admin_orders(&asked.shell(), &view)?))
    }
    .await;
    asked.answer(result)
}

async fn rows(
    asked: &Asked,
    selected: Option<OrderStatus>,
    search: &str,
) -> Result<Vec<AdminRow>, Failure> {
    let attempt = search.parse::<AttemptNo>().ok();
    let order = attempt.map(|attempt| attempt.order().clone());
    if !search.is_empty() && order.is_none() {
        return Ok(Vec::new());
    }
    let which = ListOrders {
        order,
        status: selected.and_then(|status| status.key().parse::<Status>().ok()),
        limit: LIST_MAX,
        member: None,
    };
    let mut rows = Vec::new();
    for summary in asked.app.ledger.list(which).await? {
        rows.push(row(asked, &summary).await?);
    }
    Ok(rows)
}

async fn row(asked: &Asked, summary: &ledger::Summary) -> Result<AdminRow, Failure> {
    let order = summary.book.order();
    Ok(AdminRow {
        order_no: order.no.to_string(),
        status: view::status(&summary.book),
        total_text: order.amount.for_people(),
        member: names::member(&asked.app, &order.member).await?,
        method: view::method(summary.book.method()),
        created: when(order.placed_at),
        paid: summary.paid_at.map(when),
    })
}

/// What waits for a person, and what was decided.
async fn reviews(asked: &Asked) -> Result<(Vec<ReviewRow>, Vec<ReviewRow>), Failure> {
    let (mut waiting, mut decided) = (of_the_sheet(asked), Vec::new());
    for case in asked.app.ledger.exceptions(LIST_MAX).await? {
        let row = case_row(asked, case).await?;
        if row.decision.is_some() {
            decided.push(row);
        } else {
            waiting.push(row);
        }
    }
    Ok((waiting, decided))
}

/// What is wrong with the sheet goes away when it is put right there; nobody decides about it here.
fn of_the_sheet(asked: &Asked) -> Vec<ReviewRow> {
    let note = |kind: &str, reason: String, since| ReviewRow {
        case: None,
        kind: kind.to_owned(),
        reason,
        order_no: None,
        received: when(since),
        decision: None,
    };
    let troubles = asked.app.sheet_trouble.list().into_iter();
    let mut rows: Vec<ReviewRow> = troubles
        .map(|trouble| note("sheet", trouble.what, trouble.since))
        .collect();
    let now = asked.app.clock.now();
    rows.extend(asked.app.catalogue.shelf().faults.iter().map(|fault| {
        let what = format!("商品第 {} 列沒有上架：{}", fault.row, fault.what);
        note("products", what, now)
    }));
    rows
}

async fn case_row(asked: &Asked, case: ExceptionRow) -> Result<ReviewRow, Failure> {
    let decision = match &case.decision {
        Some(decision) => Some(names::decision(&asked.app, decision).await?),
        None => None,
    };
    let amount = case.amount.map(|dollars| view::dollars(u64::from(dollars)));
    let subject = case.order.is_none().then_some(case.subject);
    let known = [Some(case.detail), amount, subject, case.trade_no];
    let known: Vec<String> = known
        .into_iter()
        .flatten()
        .filter(|text| !text.is_empty())
        .collect();
    Ok(ReviewRow {
        case: Some(case.n),
        kind: case.code,
        reason: known.join(" · "),
        order_no: case.order.as_ref().map(OrderNo::to_string),
        received: when(case.received_at),
        decision,
    })
}

async fn open_refunds(asked: &Asked) -> Result<Vec<OpenRefund>, Failure> {
    let now = asked.app.clock.now();
    let mut open = Vec::new();
    for refund in asked.app.ledger.open_refunds(LIST_MAX).await? {
        let state = view::refund_state(&refund);
        let needs_somebody = match state {
            RefundState::Requested | RefundState::ToTransfer | RefundState::InDoubt => true,
            RefundState::Refused => now < refund.changed_at + REFUSED_FOR,
            // One that was taken back is a case of the review list.
            RefundState::Reserved
            | RefundState::Sent
            | RefundState::Rejected
            | RefundState::Done
            | RefundState::Transferred
            | RefundState::Reversed => false,
        };
        if needs_somebody {
            open.push(open_refund(asked, refund, state).await?);
        }
    }
    Ok(open)
}

async fn open_refund(
    asked: &Asked,
    refund: Refund,
    state: RefundState,
) -> Result<OpenRefund, Failure> {
    let words = if state == RefundState::Refused && !refund.word.is_empty() {
        refund.word
    } else {
        refund.reason
    };
    Ok(OpenRefund {
        order_no: refund.order.to_string(),
        amount_text: refund.amount.for_people(),
        state,
        words,
        requested_by: names::member(&asked.app, &refund.requester).await?,
        changed: when(refund.changed_at),
    })
}

async fn filters(asked: &Asked) -> Result<Vec<AdminFilter>, Failure> {
    let counts = asked.app.ledger.count_by_status().await?;
    let filter = |(status, count): (Status, u64)| {
        OrderStatus::from_key(status.as_str()).map(|status| AdminFilter { status, count })
    };
    Ok(counts.into_iter().filter_map(filter).collect())
}
