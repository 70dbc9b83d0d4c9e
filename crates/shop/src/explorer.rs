//! `GET /flow/{order_no}`: the way of one order, hop by hop. In the demo everybody may look, for both ends are simulated; in
//! life only the back office.

mod layers;

use crate::{
    admin,
    app::App,
    asked::Asked,
    error::Failure,
    orders_pages::changes,
    view::{self, when},
};
use axum::{
    extract::{Path, RawQuery},
    response::{
        Html, Response,
        sse::{KeepAlive, Sse},
    },
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use ledger::{
    FactRow,
    traffic::{Exchange, Kept, Kind, Subject},
};
use orders::{Book, OrderNo};
use pages::{Committed, FlowRooms, FlowView, HopKind, HopView, Layer, Problem, Verdict};
use payuni::{Envelope, Outer, mask};
use std::sync::Arc;

/// So long after something travelled, more may come though the order is over: the sheet, for one.
const SETTLES: SignedDuration = SignedDuration::from_secs(20);

/// So many hops are opened down to the bytes, all of them: a page of hundreds would be megabytes.
const OPENED_ALL: usize = 40;
/// Of a longer order, those around the one that is looked at.
const OPENED_AROUND: usize = 8;

/// `GET /flow/{order_no}?view=engineer&hop=3`.
pub(crate) async fn page(
    asked: Asked,
    Path(no): Path<String>,
    RawQuery(query): RawQuery,
) -> Response {
    let result = async {
        let book = enter(&asked, &no).await?;
        let query = query.unwrap_or_default();
        let wanted = |name: &str| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        let engineer = wanted("view").as_deref() == Some("engineer");
        let at = wanted("hop").and_then(|n| n.parse().ok());
        let mut view = view_of(&asked.app, &book, engineer, at).await?;
        let folder = if asked.app.sandbox.is_some() {
            "/orders"
        } else {
            "/admin/orders"
        };
        view.back = format!("{folder}/{}", book.order().no);
        Ok::<_, Failure>(Html(pages::flow(&asked.shell(), &view)?))
    }
    .await;
    asked.answer(result)
}

/// `GET /flow/{order_no}/events`: says when to look again.
pub(crate) async fn events(asked: Asked, Path(no): Path<String>) -> Response {
    let result = async {
        let book = enter(&asked, &no).await?;
        let changes = changes(Arc::clone(&asked.app), book.order().no.clone());
        Ok(Sse::new(changes).keep_alive(KeepAlive::default()))
    }
    .await;
    asked.answer(result)
}

/// What the explorer shows an engineer of an order, for a program that looks. `None` where there is no such order.
pub async fn seen(app: &App, no: &OrderNo) -> Option<FlowView> {
    let book = app.ledger.book(no).await.ok()??;
    view_of(app, &book, true, None).await.ok()
}

/// In the demo everybody may look at every order, in life only the back office.
async fn enter(asked: &Asked, no: &str) -> Result<Book, Failure> {
    if asked.app.sandbox.is_none() {
        admin::enter(asked).await?;
    }
    let no: OrderNo = no.parse().map_err(|_| Problem::NotFound)?;
    let book = asked.app.ledger.book(&no).await?;
    Ok(book.ok_or(Problem::NotFound)?)
}

/// What travelled about an order, as its page shows it; of `at`, a hop's place in the file, the surroundings are opened.
///
/// # Errors
/// The ledger's.
async fn view_of(
    app: &App,
    book: &Book,
    engineer: bool,
    at: Option<i64>,
) -> Result<FlowView, Failure> {
    let order = book.order();
    let mut kept = app.traffic.of_order(&order.no).await;
    let signed_in = app
        .traffic
        .sign_in_before(&order.member, order.placed_at)
        .await;
    kept.splice(0..0, signed_in);
    let facts = app.ledger.facts(&order.no).await?;
    let place = at.and_then(|at| kept.iter().position(|kept| kept.n == at));
    let around = place.unwrap_or(OPENED_AROUND);
    let few = kept.len() <= OPENED_ALL;
    let opened = |n: usize| !engineer || few || n.abs_diff(around) <= OPENED_AROUND;
    let last = kept.last().map(|kept| kept.exchange.answered_at);
    let hops = kept
        .iter()
        .enumerate()
        .map(|(n, one)| hop(app, one, (&kept, &facts), (engineer, opened(n))));
    let has = |mount| app.rooms.iter().any(|room| room.mount() == mount);
    Ok(FlowView {
        order_no: order.no.to_string(),
        status: view::status(book),
        engineer,
        kept: app.traffic.is_on(),
        hops: hops.collect(),
        current: place.and(at),
        settling: last.is_some_and(|last| app.clock.now() < last + SETTLES),
        rooms: FlowRooms {
            learn: has("/learn"),
            lab: has("/lab"),
        },
        back: String::new(),
    })
}

fn hop_kind(kind: Kind) -> HopKind {
    match kind {
        Kind::SignIn => HopKind::SignIn,
        Kind::Token => HopKind::Token,
        Kind::Placed => HopKind::Placed,
        Kind::HandOver => HopKind::HandOver,
        Kind::Notice => HopKind::Notice,
        Kind::Return => HopKind::Return,
        Kind::Query => HopKind::Query,
        Kind::Wish => HopKind::Wish,
        Kind::Refund => HopKind::Refund,
        Kind::Delivery => HopKind::Delivery,
        Kind::Sheet => HopKind::Sheet,
    }
}

fn hop(
    app: &App,
    kept: &Kept,
    known: (&[Kept], &[FactRow]),
    (bytes, opened): (bool, bool),
) -> HopView {
    let exchange = &kept.exchange;
    let (layers, says) = layers::of(app.gateway.merchant(), exchange);
    let opened_or = |layers: Vec<Layer>| if bytes && opened { layers } else { Vec::new() };
    let took = exchange.answered_at.duration_since(exchange.at);
    HopView {
        n: kept.n,
        kind: hop_kind(exchange.kind),
        at: when(exchange.at),
        clock: clock(exchange.at),
        took_ms: i64::try_from(took.as_millis()).unwrap_or(i64::MAX),
        says,
        verdict: verdict(exchange),
        committed: fact_of(exchange, known).map(committed),
        path: exchange.path.clone(),
        layers: opened_or(layers),
        opened,
        curl: (bytes && opened).then(|| curl(app, exchange)).flatten(),
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
fn fact_of<'a>(
    exchange: &Exchange,
    (kept, facts): (&[Kept], &'a [FactRow]),
) -> Option<&'a FactRow> {
    let meant = |prefix: &'static str| {
        facts.iter().find(move |fact| {
            fact.meaning.starts_with(prefix)
                && fact.received_at >= exchange.at
                && fact.received_at <= exchange.answered_at
        })
    };
    match exchange.kind {
        Kind::Notice => {
            let digest = Envelope::from_form(&exchange.sent).ok()?.digest();
            facts
                .iter()
                .find(|fact| fact.digest.as_deref() == Some(digest.as_str()))
        }
        Kind::Return => meant("returned/"),
        Kind::Query | Kind::Refund => learnt_from(exchange, (kept, facts)),
        Kind::Delivery => meant("delivered/"),
        Kind::SignIn | Kind::Token | Kind::Placed | Kind::HandOver | Kind::Wish | Kind::Sheet => {
            None
        }
    }
}

/// The fact that came of an answer: the first one after it, unless another answer that could have made it came in between.
fn learnt_from<'a>(
    exchange: &Exchange,
    (kept, facts): (&[Kept], &'a [FactRow]),
) -> Option<&'a FactRow> {
    let prefix = makes(exchange)?;
    let since = exchange.answered_at;
    let fact = facts
        .iter()
        .find(|fact| fact.meaning.starts_with(&prefix) && fact.received_at >= since)?;
    let others = kept.iter().map(|kept| &kept.exchange);
    let mut nearer = others.filter(|other| {
        other.answered_at > since
            && other.answered_at <= fact.received_at
            && makes(other).as_ref() == Some(&prefix)
    });
    nearer.next().is_none().then_some(fact)
}

/// How the fact begins that an answer of the gateway may make. A question about a trade, before money goes back, may find
/// what went back elsewhere.
fn makes(exchange: &Exchange) -> Option<String> {
    if exchange.verdict != "believed" {
        return None;
    }
    match (exchange.kind, &exchange.subject) {
        (Kind::Query, Subject::Order(_, Some(attempt))) => Some(format!("asked/{attempt}/")),
        (Kind::Query | Kind::Refund, _) => Some("refunded/".to_owned()),
        _ => None,
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
        Kind::SignIn
        | Kind::Token
        | Kind::Placed
        | Kind::Wish
        | Kind::Refund
        | Kind::Delivery
        | Kind::Sheet => return None,
    };
    // A form on the wire has no character that a shell reads between single quotes; whatever has is not shown as a command.
    let body = str::from_utf8(&exchange.sent).ok()?;
    let shown = mask::body(
        &exchange.sent,
        Outer::Form,
        &mask::secrets(app.gateway.merchant()),
    );
    (shown == body && !body.contains('\'') && !url.contains('\''))
        .then(|| format!("curl -i '{url}' -d '{body}'"))
}
