//! The back office: what stands where, and what waits for a person. For `ADMIN_EMAILS` only.

use crate::{
    app::App,
    asked::Asked,
    error::Failure,
    view::{self, when},
};
use axum::{
    extract::{Path, RawQuery},
    response::{Html, Response},
};
use ledger::{LedgerError, ListOrders, Member};
use orders::{AttemptNo, OrderNo, Status};
use pages::{
    AdminFilter, AdminOrderView, AdminOrdersView, AdminRow, FactRow, OrderStatus, Problem,
    ReviewRow,
};

const LIST_MAX: u32 = 200;

/// Returns whether a member may enter: the address is on the list and the provider vouches for it.
#[must_use]
pub fn may_enter(app: &App, member: &Member) -> bool {
    let listed = |email: &String| app.settings.admin_emails.iter().any(|known| known == email);
    member.email_verified && member.email.as_ref().is_some_and(listed)
}

fn note_name(email: &str) -> String {
    format!("{}{email}", ledger::desk::ADMIN_NOTE)
}

/// Binds a back-office address to the account that first signed in with it: addresses change hands, accounts do not.
///
/// # Errors
/// The ledger's.
pub async fn bind_address(app: &App, member: &Member) -> Result<(), LedgerError> {
    let Some(email) = member.email.as_ref().filter(|_| may_enter(app, member)) else {
        return Ok(());
    };
    if app.ledger.noted(&note_name(email)).await?.is_none() {
        let account = member.id.to_string();
        app.ledger
            .note(&note_name(email), account, app.clock.now())
            .await?;
    }
    Ok(())
}

async fn enter(asked: &Asked) -> Result<(), Failure> {
    let member = &asked.member()?.member;
    let Some(email) = member
        .email
        .as_ref()
        .filter(|_| may_enter(&asked.app, member))
    else {
        return Err(Problem::NotFound.into());
    };
    let bound = asked.app.ledger.noted(&note_name(email)).await?;
    let account = member.id.to_string();
    if bound.is_some_and(|(bound, _)| bound == account) {
        Ok(())
    } else {
        Err(Problem::NotFound.into())
    }
}

/// `GET /admin`: orders and the review list.
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
        let order = search
            .trim()
            .parse::<AttemptNo>()
            .ok()
            .map(|attempt| attempt.order().clone());
        let nothing = !search.trim().is_empty() && order.is_none();
        let status = selected.and_then(|status| status.key().parse::<Status>().ok());
        let listed = asked
            .app
            .ledger
            .list(ListOrders {
                order,
                status,
                limit: LIST_MAX,
                member: None,
            })
            .await?;
        let mut rows = Vec::new();
        for summary in listed.iter().filter(|_| !nothing) {
            rows.push(row(&asked, summary).await?);
        }
        let view = AdminOrdersView {
            reviews: reviews(&asked).await?,
            rows,
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

async fn member_name(asked: &Asked, id: &orders::MemberId) -> Result<String, Failure> {
    let member = asked.app.ledger.member(id).await?;
    Ok(member
        .and_then(|member| member.email.or(member.name))
        .unwrap_or_else(|| id.sub.clone()))
}

async fn row(asked: &Asked, summary: &ledger::Summary) -> Result<AdminRow, Failure> {
    let order = summary.book.order();
    Ok(AdminRow {
        order_no: order.no.to_string(),
        status: view::status(&summary.book),
        total_text: order.amount.for_people(),
        member: member_name(asked, &order.member).await?,
        method: view::method(summary.book.method()),
        created: when(order.placed_at),
        paid: summary.paid_at.map(when),
    })
}

async fn reviews(asked: &Asked) -> Result<Vec<ReviewRow>, Failure> {
    let sheet = asked
        .app
        .sheet_trouble
        .list()
        .into_iter()
        .map(|trouble| ReviewRow {
            kind: "sheet".to_owned(),
            reason: trouble.what,
            order_no: None,
            received: when(trouble.since),
        });
    let mut rows: Vec<ReviewRow> = sheet.collect();
    let skipped = asked.app.catalogue.shelf();
    rows.extend(skipped.faults.iter().map(|fault| ReviewRow {
        kind: "products".to_owned(),
        reason: format!("商品第 {} 列沒有上架：{}", fault.row, fault.what),
        order_no: None,
        received: when(asked.app.clock.now()),
    }));
    let waiting = asked.app.ledger.exceptions(LIST_MAX).await?;
    rows.extend(waiting.into_iter().map(|row| {
        let amount = row.amount.map(|dollars| view::dollars(u64::from(dollars)));
        let subject = row.order.is_none().then_some(row.subject);
        let known = [Some(row.detail), amount, subject, row.trade_no];
        let known: Vec<String> = known
            .into_iter()
            .flatten()
            .filter(|text| !text.is_empty())
            .collect();
        ReviewRow {
            kind: row.code,
            reason: known.join(" · "),
            order_no: row.order.as_ref().map(OrderNo::to_string),
            received: when(row.received_at),
        }
    }));
    Ok(rows)
}

async fn filters(asked: &Asked) -> Result<Vec<AdminFilter>, Failure> {
    let counts = asked.app.ledger.count_by_status().await?;
    let filter = |(status, count): (Status, u64)| {
        OrderStatus::from_key(status.as_str()).map(|status| AdminFilter { status, count })
    };
    Ok(counts.into_iter().filter_map(filter).collect())
}

/// `GET /admin/orders/{order_no}`: one order with its trail.
pub(crate) async fn order(asked: Asked, Path(no): Path<String>) -> Response {
    let result = async {
        enter(&asked).await?;
        let no: OrderNo = no.parse().map_err(|_| Problem::NotFound)?;
        let book = asked.app.ledger.book(&no).await?.ok_or(Problem::NotFound)?;
        let facts = asked.app.ledger.facts(&no).await?;
        let fact = |fact: ledger::FactRow| FactRow {
            seq: fact.n,
            recorded: when(fact.received_at),
            kind: fact
                .meaning
                .split('/')
                .next()
                .unwrap_or_default()
                .to_owned(),
            source: fact.source,
            summary: format!("{} · {} → {}", fact.meaning, fact.edge.0, fact.edge.1),
        };
        let view = AdminOrderView {
            order_no: no.to_string(),
            status: view::status(&book),
            member: member_name(&asked, &book.order().member).await?,
            created: when(book.order().placed_at),
            items: view::items(&book.order().lines),
            total_text: book.order().amount.for_people(),
            refunded_text: Some(book.refunded())
                .filter(|dollars| *dollars > 0)
                .map(view::dollars),
            attempts: view::attempts(&book, true),
            facts: facts.into_iter().map(fact).collect(),
        };
        Ok::<_, Failure>(Html(pages::admin_order(&asked.shell(), &view)?))
    }
    .await;
    asked.answer(result)
}
