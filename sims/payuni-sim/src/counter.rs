//! What the merchant's people do at the counter: pay a number for a test, end it, refund, void, send again.
//! The portal and the control API both come here.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::api::{close, refund};
use crate::books::{Desk, Page, Stage};
use crate::clock::stamp;
use crate::offline::{self, NoNumber};
use crate::outbox::Message;
use crate::pay;
use crate::settings::Method;
use crate::trade::{Order, Payment, Trade};
use crate::world::World;

/// Why something was not done: for programs by status and code, for people by text.
#[derive(Debug)]
pub(crate) struct Denied {
    pub(crate) status: StatusCode,
    pub(crate) code: String,
    pub(crate) message: String,
}

impl Denied {
    pub(crate) fn new(status: StatusCode, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
        }
    }
}

impl From<NoNumber> for Denied {
    fn from(why: NoNumber) -> Self {
        match why {
            NoNumber::Unknown => Self::new(StatusCode::NOT_FOUND, "unknown_trade", why.text()),
            NoNumber::NotWaiting => Self::new(StatusCode::CONFLICT, "not_waiting", why.text()),
        }
    }
}

fn unknown() -> Denied {
    NoNumber::Unknown.into()
}

fn refused(why: impl Into<String>) -> Denied {
    Denied::new(StatusCode::CONFLICT, "refused", why)
}

fn with<T>(
    world: &World,
    trade_no: &str,
    f: impl FnOnce(&mut Desk, &crate::settings::Merchant, &Trade, i64) -> Result<T, Denied>,
) -> Result<T, Denied> {
    let mer_id = world
        .look(|desk, _| {
            desk.books
                .trades
                .get(trade_no)
                .map(|t| t.order.mer_id.clone())
        })
        .ok_or_else(unknown)?;
    let merchant = world.merchant(&mer_id).ok_or_else(unknown)?;
    world.work(|desk, now| {
        let trade = desk
            .books
            .trades
            .get(trade_no)
            .cloned()
            .ok_or_else(unknown)?;
        f(desk, &merchant, &trade, now)
    })
}

/// Pays an issued number; answers the trade that holds the money.
pub(crate) fn pay(world: &World, trade_no: &str, amount: Option<u64>) -> Result<Value, Denied> {
    if amount == Some(0) {
        return Err(Denied::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "amount",
            "繳費金額須大於 0",
        ));
    }
    with(world, trade_no, |desk, merchant, _, now| {
        let holder = offline::pay(desk, merchant, trade_no, amount, now)?;
        desk.books
            .trades
            .get(&holder)
            .map(|t| trade_json(t, now))
            .ok_or_else(unknown)
    })
}

/// Ends an issued number.
pub(crate) fn expire(world: &World, trade_no: &str) -> Result<Value, Denied> {
    with(world, trade_no, |desk, merchant, _, now| {
        offline::expire(desk, merchant, trade_no, now)?;
        desk.books
            .trades
            .get(trade_no)
            .map(|t| trade_json(t, now))
            .ok_or_else(unknown)
    })
}

/// Sends the notice of the trade as it stands.
pub(crate) fn resend(world: &World, trade_no: &str) -> Result<Value, Denied> {
    with(world, trade_no, |desk, merchant, trade, now| {
        pay::resend(desk, merchant, trade_no, now).ok_or_else(unknown)?;
        Ok(trade_json(trade, now))
    })
}

/// Refunds at the counter: card or wallet.
pub(crate) fn refund(world: &World, trade_no: &str, amount: Option<u64>) -> Result<Value, Denied> {
    with(world, trade_no, |desk, _, trade, now| {
        let amount = amount.unwrap_or_else(|| trade.remaining());
        if amount == 0 {
            return Err(refused("沒有可退款的金額"));
        }
        match &trade.payment {
            Payment::Card { .. } => close::refund(desk, trade, amount, now).map_err(refused)?,
            Payment::Wallet { .. } => {
                drop(refund::give_back(desk, trade, amount, now).map_err(refused)?);
            }
            Payment::Atm { .. } | Payment::Cvs { .. } => {
                return Err(refused("ATM 與超商的退款（銀行轉帳）不在沙盒範圍"));
            }
        }
        desk.books
            .trades
            .get(trade_no)
            .map(|t| trade_json(t, now))
            .ok_or_else(unknown)
    })
}

/// Voids an authorisation at the counter.
pub(crate) fn void(world: &World, trade_no: &str) -> Result<Value, Denied> {
    with(world, trade_no, |desk, _, trade, now| {
        close::void(desk, trade, now).map_err(refused)?;
        desk.books
            .trades
            .get(trade_no)
            .map(|t| trade_json(t, now))
            .ok_or_else(unknown)
    })
}

/// A trade for programs.
pub(crate) fn trade_json(trade: &Trade, now: i64) -> Value {
    let number = trade.payment.number();
    let card = match &trade.payment {
        Payment::Card { card, .. } => {
            json!({"six": card.six, "four": card.four, "terms": card.terms})
        }
        Payment::Atm { .. } | Payment::Cvs { .. } | Payment::Wallet { .. } => Value::Null,
    };
    let refunds: Vec<Value> = trade
        .refunds
        .iter()
        .map(|refund| {
            json!({
                "refund_no": refund.no,
                "amount": refund.amount,
                "at": stamp(refund.at),
                "done": now >= refund.done && !refund.cancelled,
                "cancelled": refund.cancelled,
            })
        })
        .collect();
    json!({
        "trade_no": trade.trade_no,
        "mer_id": trade.order.mer_id,
        "mer_trade_no": trade.order.mer_trade_no,
        "amount": trade.amount,
        "trade_status": trade.status.code(),
        "payment_type": trade.payment.code(),
        "close_status": trade.close_status(now),
        "charged": trade.charged(),
        "refunded": trade.refunded(),
        "refunds": refunds,
        "voided": trade.voided.is_some(),
        "pay_no": number.map(|(no, _)| no),
        "pay_until": number.map(|(_, ends)| stamp(ends)),
        "card": card,
        "created_at": stamp(trade.created),
        "paid_at": trade.paid.map(stamp),
    })
}

/// A message for programs, with its envelope.
pub(crate) fn message_json(message: &Message) -> Value {
    let tries: Vec<Value> = message
        .tries
        .iter()
        .map(|t| json!({"at": stamp(t.at), "http": t.http, "answer": t.answer}))
        .collect();
    json!({
        "id": message.id,
        "kind": if message.notice { "notice" } else { "return" },
        "cause": message.cause,
        "trade_no": message.trade_no,
        "mer_trade_no": message.mer_trade_no,
        "url": message.url,
        "outer": message.outer.to_json(),
        "inner": message.inner.to_json(),
        "made_at": stamp(message.made),
        "post": message.post,
        "tries": tries,
        "fault": message.fault,
    })
}

/// Makes trades to look at, for the first merchant: paid, waiting and declined ones. Sends nothing.
pub(crate) fn seed(world: &World, count: u32) -> usize {
    let Some(merchant) = world.merchants.first().cloned() else {
        return 0;
    };
    let mut made = 0;
    for i in 0..count {
        made += usize::from(world.work(|desk, now| {
            let token = desk.token();
            let order = sample(desk, &merchant.mer_id, i, now);
            desk.books.open_page(token.clone(), order, now);
            let pick = |key: &str| {
                crate::quick::QUICK
                    .iter()
                    .find(|q| q.key == key)
                    .map(crate::quick::Quick::choice)
            };
            let choice = match i % 6 {
                0 => pick("ok"),
                1 | 2 => Some(pay::Choice::Atm {
                    bank: "822".to_owned(),
                }),
                3 => Some(pay::Choice::Cvs),
                4 => pick("decline"),
                _ => Some(pay::Choice::Wallet(Method::LinePay)),
            };
            let Some(choice) = choice else { return false };
            let mut done = pay::choose(desk, &merchant, &token, choice, now).is_ok();
            if matches!(
                desk.books.pages.get(&token).map(|p| &p.stage),
                Some(Stage::Wallet(_))
            ) {
                done = pay::wallet(desk, &merchant, &token, true, now).is_ok();
            }
            let issued = match desk.books.pages.get(&token) {
                Some(Page {
                    stage: Stage::Done { trade_no, .. },
                    ..
                }) if i % 6 == 2 => Some(trade_no.clone()),
                _ => None,
            };
            if let Some(trade_no) = issued {
                done = offline::pay(desk, &merchant, &trade_no, None, now).is_ok();
            }
            done
        }));
    }
    made
}

fn sample(desk: &mut Desk, mer_id: &str, i: u32, now: i64) -> Order {
    Order {
        mer_id: mer_id.to_owned(),
        version: "2.0".to_owned(),
        mer_trade_no: format!("SEED-{}", desk.digits(12)),
        amount: 480 + u64::from(i) * 120,
        desc: "範例商品".to_owned(),
        return_url: None,
        notify_url: None,
        back_url: None,
        mail: None,
        mail_fixed: false,
        buyer_hash: None,
        api_3d: false,
        methods: Method::ALL.to_vec(),
        terms: vec![3, 6, 12],
        banks: vec!["822".to_owned()],
        number_ends: now + 7 * 86_400_000,
        page_ends: now + 600_000,
    }
}
