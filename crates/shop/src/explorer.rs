//! `GET /flow/{order_no}`: the way of one order, hop by hop. In the demo everybody may look, for both ends are simulated; in
//! life only the back office.

mod layers;

use crate::{
    admin,
    app::App,
    asked::Asked,
    error::Failure,
    view::{self, when},
};
use axum::{
    extract::{Path, RawQuery},
    response::{Html, Response},
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ledger::{
    FactRow,
    traffic::{Exchange, Kept, Kind, Subject},
};
use orders::{Book, OrderNo};
use pages::{Committed, Expected, FlowView, HopKind, HopView, Problem, Verdict};
use sha2::{Digest, Sha256};

/// What an order has when all goes well, in the order of the steps.
const GOOD_WAY: [Kind; 8] = [
    Kind::SignIn,
    Kind::Placed,
    Kind::HandOver,
    Kind::Notice,
    Kind::Return,
    Kind::Query,
    Kind::Delivery,
    Kind::Sheet,
];

/// How long after its answer the fact of a question is looked for.
const LEARNT_WITHIN: SignedDuration = SignedDuration::from_secs(5);

/// `GET /flow/{order_no}?view=engineer`.
pub(crate) async fn page(
    asked: Asked,
    Path(no): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let result = async {
        let in_the_demo = asked.app.sandbox.is_some();
        if !in_the_demo {
            admin::enter(&asked).await?;
        }
        let no: OrderNo = no.parse().map_err(|_| Problem::NotFound)?;
        let book = asked.app.ledger.book(&no).await?.ok_or(Problem::NotFound)?;
        let engineer = form_urlencoded::parse(query.as_deref().unwrap_or_default().as_bytes())
            .any(|(name, value)| name == "view" && value == "engineer");
        let mut view = flow_view(&asked.app, &book, engineer).await?;
        let folder = if in_the_demo {
            "/orders"
        } else {
            "/admin/orders"
        };
        view.back = format!("{folder}/{no}");
        Ok::<_, Failure>(Html(pages::flow(&asked.shell(), &view)?))
    }
    .await;
    asked.answer(result)
}

async fn flow_view(app: &App, book: &Book, engineer: bool) -> Result<FlowView, Failure> {
    let order = book.order();
    let mut kept = app.traffic.of_order(&order.no).await;
    let signed_in = app
        .traffic
        .sign_in_before(&order.member, order.placed_at)
        .await;
    kept.splice(0..0, signed_in);
    let facts = app.ledger.facts(&order.no).await?;
    let seen = |kind| {
        let of_kind = kept.iter().filter(|kept| kept.exchange.kind == kind);
        of_kind.count()
    };
    let expected = GOOD_WAY
        .into_iter()
        .map(|kind| Expected {
            kind: hop_kind(kind),
            seen: seen(kind),
        })
        .collect();
    Ok(FlowView {
        order_no: order.no.to_string(),
        status: view::status(book),
        engineer,
        kept: app.traffic.is_on(),
        hops: kept.iter().map(|kept| hop(app, kept, &facts)).collect(),
        expected,
        back: String::new(),
    })
}

fn hop_kind(kind: Kind) -> HopKind {
    match kind {
        Kind::SignIn => HopKind::SignIn,
        Kind::Placed => HopKind::Placed,
        Kind::HandOver => HopKind::HandOver,
        Kind::Notice => HopKind::Notice,
        Kind::Return => HopKind::Return,
        Kind::Query => HopKind::Query,
        Kind::Refund => HopKind::Refund,
        Kind::Delivery => HopKind::Delivery,
        Kind::Sheet => HopKind::Sheet,
    }
}

fn hop(app: &App, kept: &Kept, facts: &[FactRow]) -> HopView {
    let exchange = &kept.exchange;
    let (layers, says) = layers::of(app.gateway.merchant(), exchange);
    let took = exchange.answered_at.duration_since(exchange.at);
    HopView {
        n: kept.n,
        kind: hop_kind(exchange.kind),
        at: when(exchange.at),
        clock: clock(exchange.at),
        took_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
        says,
        verdict: verdict(exchange),
        committed: fact_of(exchange, facts).map(committed),
        path: exchange.path.clone(),
        layers,
        curl: curl(app, exchange),
    }
}

fn verdict(exchange: &Exchange) -> Verdict {
    match exchange.verdict.as_str() {
        "believed" if matches!(exchange.outcome.as_str(), "review" | "parked") => Verdict::Parked,
        "believed" => Verdict::Believed,
        // A refusal's code begins with its line.
        code if code.starts_with('L') && code.contains('.') => Verdict::Refused(code.to_owned()),
        code => Verdict::NoAnswer(code.to_owned()),
    }
}

/// The fact that a message made: a notice's by its digest, the others' by their kind and the time between message and answer.
fn fact_of<'a>(exchange: &Exchange, facts: &'a [FactRow]) -> Option<&'a FactRow> {
    let meant = |prefix: &'static str| {
        facts.iter().find(move |fact| {
            fact.meaning.starts_with(prefix)
                && fact.received_at >= exchange.at
                && fact.received_at <= exchange.answered_at
        })
    };
    match exchange.kind {
        Kind::Notice => {
            let digest = hex::encode(Sha256::digest(&exchange.sent));
            facts
                .iter()
                .find(|fact| fact.digest.as_deref() == Some(digest.as_str()))
        }
        Kind::Return => meant("returned/"),
        Kind::Query if exchange.verdict == "believed" => {
            let Subject::Order(_, Some(attempt)) = &exchange.subject else {
                return None;
            };
            let prefix = format!("asked/{attempt}/");
            // It becomes a fact right after it came.
            facts.iter().find(|fact| {
                fact.meaning.starts_with(&prefix)
                    && fact.received_at >= exchange.answered_at
                    && fact.received_at <= exchange.answered_at + LEARNT_WITHIN
            })
        }
        Kind::Delivery => meant("delivered/"),
        Kind::SignIn | Kind::Placed | Kind::HandOver | Kind::Query | Kind::Refund | Kind::Sheet => {
            None
        }
    }
}

fn committed(fact: &FactRow) -> Committed {
    Committed {
        n: fact.n,
        meaning: fact.meaning.clone(),
        edge: (fact.edge.0.to_string(), fact.edge.1.to_string()),
        at: when(fact.received_at),
    }
}

fn clock(at: Timestamp) -> String {
    let zone = TimeZone::fixed(jiff::tz::offset(8));
    at.to_zoned(zone).strftime("%H:%M:%S%.3f").to_string()
}

/// How to send the same again: a form of the gateway's, to where it went. What carries a person's session is not repeated.
fn curl(app: &App, exchange: &Exchange) -> Option<String> {
    let url = match exchange.kind {
        Kind::Notice | Kind::Return => app.settings.public_url.at(&exchange.path),
        Kind::HandOver | Kind::Query => exchange.path.clone(),
        Kind::SignIn | Kind::Placed | Kind::Refund | Kind::Delivery | Kind::Sheet => return None,
    };
    // A form on the wire has no character that a shell reads between single quotes; whatever has is not shown as a command.
    let body = str::from_utf8(&exchange.sent).ok()?;
    (!body.contains('\'') && !url.contains('\'')).then(|| format!("curl -i '{url}' -d '{body}'"))
}
