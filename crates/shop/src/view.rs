//! From what is known to what is shown.

use crate::{app::App, session::Signed};
use axum::http::HeaderMap;
use axum_extra::extract::cookie::CookieJar;
use jiff::{Timestamp, tz::TimeZone};
use ledger::FactRow;
use orders::{AttemptState, Book, Line, Status, Twd};
use pages::{
    AttemptOutcome, AttemptView, Lang, LineItem, MemberBadge, Method, OrderStatus, OrderTimes,
    PaymentNumber, PaymentPlace, Shell, When,
};
use std::sync::Arc;

/// Taipei has kept one offset since 1979.
fn taipei() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(8))
}

/// Returns a moment as the shop's readers read it.
pub(crate) fn when(at: Timestamp) -> When {
    let local = at.to_zoned(taipei());
    When {
        text: local.strftime("%Y/%m/%d %H:%M").to_string(),
        iso: local.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
    }
}

/// Returns today's date in Taipei.
pub(crate) fn taipei_date(at: Timestamp) -> jiff::civil::Date {
    at.to_zoned(taipei()).date()
}

/// Returns the language that a query names.
pub(crate) fn lang_in_query(query: &str) -> Option<Lang> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name == "lang")
        .and_then(|(_, tag)| Lang::from_tag(&tag))
}

/// Returns the language that the browser kept; Traditional Chinese otherwise.
pub(crate) fn lang_of(headers: &HeaderMap) -> Lang {
    CookieJar::from_headers(headers)
        .get("lang")
        .and_then(|cookie| Lang::from_tag(cookie.value()))
        .unwrap_or(Lang::ZhTw)
}

/// Returns what all pages share.
pub(crate) fn shell(app: &App, headers: &HeaderMap, path: &str, signed: Option<&Signed>) -> Shell {
    let asked = path
        .split_once('?')
        .and_then(|(_, query)| lang_in_query(query));
    Shell {
        lang: asked.unwrap_or_else(|| lang_of(headers)),
        shop: Arc::clone(&app.look),
        assets: Arc::clone(&app.urls),
        member: signed.map(|signed| MemberBadge {
            name: display_name(signed),
            picture: signed.member.picture.clone(),
            is_admin: crate::admin::may_enter(app, &signed.member),
        }),
        csrf: signed.map_or_else(String::new, |signed| signed.csrf.clone()),
        path: path.to_owned(),
        sandbox: app.sandbox.clone(),
        notice: None,
    }
}

fn display_name(signed: &Signed) -> String {
    let member = &signed.member;
    member
        .name
        .clone()
        .or_else(|| member.email.clone())
        .unwrap_or_else(|| "Google".to_owned())
}

/// Returns where an order stands, in the pages' words.
pub(crate) fn status(book: &Book) -> OrderStatus {
    match book.status() {
        Status::Pending => {
            let last = book
                .attempts()
                .last()
                .map(|attempt| book.attempt_state(&attempt.no));
            if last == Some(AttemptState::Confirming) {
                OrderStatus::Confirming
            } else {
                OrderStatus::Pending
            }
        }
        Status::AwaitingTransfer => OrderStatus::AwaitingTransfer,
        Status::Paid => OrderStatus::Paid,
        Status::Fulfilled => OrderStatus::Fulfilled,
        Status::Review => OrderStatus::Review,
        Status::PartiallyRefunded => OrderStatus::PartiallyRefunded,
        Status::Refunded => OrderStatus::Refunded,
        Status::Expired => OrderStatus::Expired,
        Status::Cancelled => OrderStatus::Cancelled,
    }
}

/// Returns how something is paid, in the pages' words.
pub(crate) fn method(method: Option<orders::Method>) -> Method {
    match method {
        Some(orders::Method::Card) => Method::Card,
        Some(orders::Method::Atm) => Method::Atm,
        Some(orders::Method::Cvs) => Method::Cvs,
        Some(orders::Method::LinePay) => Method::LinePay,
        Some(orders::Method::Other) => Method::Other("PAYUNi".to_owned()),
        None => Method::Unknown,
    }
}

/// Returns an order's lines.
pub(crate) fn items(lines: &[Line]) -> Vec<LineItem> {
    let line = |line: &Line| LineItem {
        name: line.name.clone(),
        quantity: line.quantity,
        unit_text: line.unit_price.for_people(),
        subtotal_text: line.amount().map_or_else(String::new, Twd::for_people),
    };
    lines.iter().map(line).collect()
}

/// Returns an order's attempts, the newest first. `trades` shows the gateway's numbers too.
pub(crate) fn attempts(book: &Book, trades: bool) -> Vec<AttemptView> {
    let payments = book.payments();
    let attempt = |attempt: &orders::Attempt| {
        let payment = payments
            .iter()
            .find(|payment| payment.attempt == attempt.no);
        let instructions = book.instructions(&attempt.no);
        let outcome = match book.attempt_state(&attempt.no) {
            AttemptState::HandedOver | AttemptState::Confirming => AttemptOutcome::Started,
            AttemptState::Issued => AttemptOutcome::NumberIssued,
            AttemptState::Captured => AttemptOutcome::Succeeded,
            AttemptState::Failed => AttemptOutcome::Failed(why_failed(book, &attempt.no)),
            AttemptState::Voided => AttemptOutcome::Voided,
            AttemptState::Lapsed => AttemptOutcome::Expired,
        };
        let reported = book.reports(&attempt.no).find_map(|(method, _)| method);
        AttemptView {
            number: u32::from(attempt.no.ordinal()),
            attempt_no: attempt.no.to_string(),
            method: method(
                payment
                    .and_then(|payment| payment.method)
                    .or(instructions.and_then(|(how, _)| how))
                    .or(reported),
            ),
            card_last4: payment.and_then(card_digits),
            outcome,
            at: when(attempt.made_at),
            trade_no: payment
                .filter(|_| trades)
                .map(|payment| payment.trade_no.to_string()),
        }
    };
    book.attempts().iter().rev().map(attempt).collect()
}

/// Returns the last four digits of the card that paid. A transfer's digits are those of the buyer's bank account.
pub(crate) fn card_digits(payment: &orders::book::Payment) -> Option<String> {
    let card = payment.method == Some(orders::Method::Card) && !payment.last_four.is_empty();
    card.then(|| payment.last_four.clone())
}

/// Returns why an attempt failed. PAYUNi's answers to questions do not say; its notices do.
fn why_failed(book: &Book, attempt: &orders::AttemptNo) -> Option<String> {
    book.reports(attempt).find_map(|(_, outcome)| {
        let orders::Outcome::Failed { code, message } = outcome else {
            return None;
        };
        reason(code, message)
    })
}

/// Returns why a payment failed: our explanation where we have one, the gateway's words otherwise.
fn reason(code: &str, words: &str) -> Option<String> {
    payuni::code::explain(code)
        .map(|known| known.zh_tw.to_owned())
        .or_else(|| (!words.is_empty()).then(|| words.to_owned()))
}

/// Returns the payment number that waits to be paid.
pub(crate) fn payment_number(book: &Book) -> Option<PaymentNumber> {
    if book.status() != Status::AwaitingTransfer {
        return None;
    }
    let issued = book
        .attempts()
        .iter()
        .rev()
        .find(|attempt| book.attempt_state(&attempt.no) == AttemptState::Issued)?;
    let (how, instructions) = book.instructions(&issued.no)?;
    let place = if how == Some(orders::Method::Cvs) {
        PaymentPlace::Cvs {
            store: store_name(&instructions.at),
        }
    } else {
        PaymentPlace::Atm {
            bank_code: instructions.at.clone(),
            bank_name: bank_name(&instructions.at),
        }
    };
    Some(PaymentNumber {
        place,
        number: instructions.pay_no.clone(),
        amount_text: book.order().amount.for_people(),
        deadline: when(instructions.deadline.unwrap_or_else(|| book.open_until())),
    })
}

fn store_name(store: &str) -> Option<String> {
    match store {
        "SEVEN" | "7-ELEVEN" => Some("7-ELEVEN".to_owned()),
        "" => None,
        other => Some(other.to_owned()),
    }
}

/// The banks that PAYUNi issues virtual accounts of.
fn bank_name(code: &str) -> Option<String> {
    let name = match code {
        "004" => "臺灣銀行",
        "013" => "國泰世華銀行",
        "822" => "中國信託銀行",
        _ => return None,
    };
    Some(name.to_owned())
}

/// Returns when what became known.
pub(crate) fn times(book: &Book, facts: &[FactRow]) -> OrderTimes {
    let first = |test: &dyn Fn(&FactRow) -> bool| {
        facts
            .iter()
            .find(|fact| test(fact))
            .map(|fact| when(fact.received_at))
    };
    let says = |prefix: &'static str, what: &'static str| {
        move |fact: &FactRow| fact.meaning.starts_with(prefix) && fact.meaning.contains(what)
    };
    OrderTimes {
        placed: Some(when(book.order().placed_at)),
        number_issued: first(&|fact| fact.meaning.contains("/issued/")),
        paid: first(&|fact| fact.meaning.contains("/paid/")),
        confirmed: first(&says("asked/", "/paid/")),
        fulfilled: first(&says("delivered", "")),
        refunded: facts
            .iter()
            .rev()
            .find(|fact| fact.meaning.starts_with("refunded/"))
            .map(|fact| when(fact.received_at)),
        closed: first(&|fact| {
            let ends = [Status::Expired, Status::Cancelled, Status::Review];
            ends.contains(&fact.edge.1) && fact.edge.0 != fact.edge.1
        }),
    }
}

/// Returns an amount of dollars that may be more than one order's.
pub(crate) fn dollars(dollars: u64) -> String {
    pages::money::twd(dollars)
}

/// Returns where a refund stands, in the pages' words.
pub(crate) fn refund_state(refund: &orders::Refund) -> pages::RefundState {
    use orders::{How, RefundState as State};
    use pages::RefundState as Shown;
    match (refund.state, refund.how) {
        (State::Requested, _) => Shown::Requested,
        (State::Rejected, _) => Shown::Rejected,
        (State::Reserved, How::Gateway) => Shown::Reserved,
        (State::Reserved, How::ByHand) => Shown::ToTransfer,
        (State::Sent, _) => Shown::Sent,
        (State::InDoubt, _) => Shown::InDoubt,
        (State::Done, How::Gateway) => Shown::Done,
        (State::Done, How::ByHand) => Shown::Transferred,
        (State::Refused, _) => Shown::Refused,
        (State::Reversed, _) => Shown::Reversed,
    }
}
