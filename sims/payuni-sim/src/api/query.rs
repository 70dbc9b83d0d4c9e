//! `trade/query` and `trade/finite_query` (PAYUNi docs pages 164, 172).

use serde_json::{Map, Value};

use super::{Answer, Call, problem};
use crate::books::{Desk, key};
use crate::clock::stamp;
use crate::faults::FaultKind;
use crate::fields::Fields;
use crate::settings::Method;
use crate::switches::FiniteInner;
use crate::trade::{Capture, Payment, Trade, TradeStatus};
use crate::upp::{mer_trade_no, timestamp};

/// A moment that never came.
const NEVER: &str = "0000-00-00 00:00:00";

/// How a row is told, or lied about.
#[derive(Clone, Copy)]
struct View {
    now: i64,
    /// Version 2.0 tells the fee and how complete the data is.
    second: bool,
    incomplete: bool,
    unpaid: bool,
}

/// `trade/query`: one trade, by either number.
pub(crate) fn one(desk: &mut Desk, call: &Call, wall: i64, now: i64) -> Answer {
    let inner = &call.inner;
    let refuse = |code: &str, message: &str| Answer::Fields(problem(call, code, message));
    if let Err(r) = timestamp(
        inner,
        &desk.books,
        "QUERY",
        ["02007", "02008", "02009"],
        wall,
        now,
    ) {
        return refuse(&r.code, &r.message);
    }
    let mer_id = &call.merchant.mer_id;
    let longest = usize::try_from(desk.books.switches.trade_no_max_len).unwrap_or(usize::MAX);
    let trade = match (inner.given("MerTradeNo"), inner.given("TradeNo")) {
        (None, None) => return refuse("QUERY02002", "商店訂單編號與UNi序號，請擇一送入"),
        (Some(no), _) => match mer_trade_no(no) {
            Err(true) => return refuse("QUERY02003", "商店訂單編號，長度超過限制"),
            Err(false) => return refuse("QUERY02004", "商店訂單編號，格式錯誤"),
            Ok(()) => desk.books.by_mer_trade_no(mer_id, no).cloned(),
        },
        (None, Some(no)) if no.len() > longest => {
            return refuse("QUERY02005", "UNi序號，長度超過限制");
        }
        (None, Some(no)) if !no.bytes().all(|b| b.is_ascii_alphanumeric()) => {
            return refuse("QUERY02006", "UNi序號，格式錯誤");
        }
        (None, Some(no)) => desk.books.trade_of(mer_id, no).cloned(),
    };
    let number = trade
        .as_ref()
        .map_or(inner.get("MerTradeNo").unwrap_or_default(), |t| {
            &t.order.mer_trade_no
        })
        .to_owned();
    if let Some(fault) = desk.books.faults.take(FaultKind::QueryTimeout, &number) {
        return Answer::Hang(fault.what.delay_s.unwrap_or(30));
    }
    if desk.books.faults.strikes(FaultKind::QueryError, &number) {
        return Answer::Page(500);
    }
    let second = call.version == "2.0";
    let row = match &trade {
        Some(trade) => row(
            trade,
            lied(
                desk,
                &number,
                View {
                    now,
                    second,
                    incomplete: false,
                    unpaid: false,
                },
            ),
        ),
        None => match unpaid_page(desk, mer_id, &number, second) {
            Some(row) => row,
            None => return refuse("QUERY03001", "查無符合訂單資料"),
        },
    };
    Answer::Fields(found(&[row]))
}

fn lied(desk: &mut Desk, number: &str, view: View) -> View {
    View {
        incomplete: desk
            .books
            .faults
            .strikes(FaultKind::QueryDataSourceB, number),
        unpaid: desk.books.faults.strikes(FaultKind::QueryUnpaid, number),
        ..view
    }
}

fn found(rows: &[Fields]) -> Fields {
    let mut fields = Fields::new()
        .with("Status", "SUCCESS")
        .with("Message", "查詢成功");
    for (i, row) in rows.iter().enumerate() {
        for (name, value) in &row.0 {
            fields = fields.with(format!("Result[{i}][{name}]"), value);
        }
    }
    fields
}

/// `trade/finite_query`: up to 100 trades of the last three months.
pub(crate) fn several(desk: &mut Desk, call: &Call, wall: i64, now: i64) -> Answer {
    let inner = &call.inner;
    let refuse = |code: &str, message: &str| Answer::Fields(problem(call, code, message));
    if let Err(r) = timestamp(
        inner,
        &desk.books,
        "QUERY",
        ["02007", "02008", "02009"],
        wall,
        now,
    ) {
        return refuse(&r.code, &r.message);
    }
    let by_order = match inner.given("QueryType") {
        None => return refuse("QUERY02010", "未有查詢類型"),
        Some("1") => true,
        Some("2") => false,
        Some(_) => return refuse("QUERY02011", "查詢類型，格式錯誤"),
    };
    let Some(list) = inner.given("QueryNo") else {
        return refuse("QUERY02012", "查詢編號，格式錯誤");
    };
    let numbers: Vec<String> = list.split(',').map(|no| no.trim().to_owned()).collect();
    if numbers
        .iter()
        .any(|no| no.is_empty() || mer_trade_no(no).is_err() && by_order)
    {
        return refuse("QUERY02012", "查詢編號，格式錯誤");
    }
    if numbers.len() > 100 {
        return refuse("QUERY02013", "查詢編號，超過 100 筆");
    }
    let mer_id = &call.merchant.mer_id;
    let mut rows = Vec::new();
    for no in &numbers {
        let trade = if by_order {
            desk.books.by_mer_trade_no(mer_id, no)
        } else {
            desk.books.trade_of(mer_id, no)
        };
        let recent = trade.filter(|t| now - t.created < 92 * 86_400_000).cloned();
        if let Some(trade) = recent {
            let view = lied(
                desk,
                &trade.order.mer_trade_no,
                View {
                    now,
                    second: true,
                    incomplete: false,
                    unpaid: false,
                },
            );
            rows.push(row(&trade, view));
        }
    }
    if rows.is_empty() {
        return refuse("QUERY03001", "查無符合訂單資料");
    }
    match desk.books.switches.finite_inner {
        FiniteInner::Query => Answer::Fields(found(&rows)),
        FiniteInner::Json => {
            let rows: Vec<Value> = rows.iter().map(Fields::to_json).collect();
            let mut object = Map::new();
            object.insert("Status".to_owned(), "SUCCESS".into());
            object.insert("Message".to_owned(), "查詢成功".into());
            object.insert("Result".to_owned(), rows.into());
            Answer::Text {
                status: "SUCCESS".to_owned(),
                text: Value::from(object).to_string(),
            }
        }
    }
}

/// An order whose page was opened and not paid: found only where the switch says so, and then not paid (9).
fn unpaid_page(desk: &Desk, mer_id: &str, number: &str, second: bool) -> Option<Fields> {
    if !desk.books.switches.open_page_in_query {
        return None;
    }
    let used = desk.books.numbers.get(&key(mer_id, number))?;
    let page = desk.books.pages.get(used.page.as_ref()?)?;
    let row = Fields::new()
        .with("MerTradeNo", number)
        .with("TradeNo", "")
        .with("TradeAmt", page.order.amount);
    let row = if second { row.with("TradeFee", 0) } else { row };
    let row = row
        .with("TradeStatus", TradeStatus::Unpaid.code())
        .with("PaymentType", "")
        .with("PaymentDay", NEVER)
        .with("CreateDay", stamp(page.opened))
        .with("Gateway", 2);
    Some(if second {
        row.with("DataSource", "A")
    } else {
        row
    })
}

fn row(trade: &Trade, view: View) -> Fields {
    let status = match trade.status {
        TradeStatus::Paid if view.unpaid && trade.payment.number().is_some() => TradeStatus::Issued,
        TradeStatus::Paid if view.unpaid => TradeStatus::Unpaid,
        TradeStatus::Paid
        | TradeStatus::Issued
        | TradeStatus::Failed
        | TradeStatus::Cancelled
        | TradeStatus::Expired
        | TradeStatus::Unpaid => trade.status,
    };
    let paid_day = match (status, trade.paid) {
        (TradeStatus::Unpaid | TradeStatus::Issued | TradeStatus::Expired, _) => NEVER.to_owned(),
        (_, Some(at)) => stamp(at),
        // Also a failed card carries a day here.
        (_, None) => stamp(trade.created),
    };
    let row = Fields::new()
        .with("MerTradeNo", &trade.order.mer_trade_no)
        .with("TradeNo", &trade.trade_no)
        .with("TradeAmt", trade.amount);
    let row = if view.second {
        row.with("TradeFee", fee(trade, status, view.incomplete))
    } else {
        row
    };
    let row = row
        .with("TradeStatus", status.code())
        .with("PaymentType", trade.payment.code())
        .with("PaymentDay", paid_day)
        .with("CreateDay", stamp(trade.created))
        .with("Gateway", 2);
    let row = match (view.second, view.incomplete) {
        (true, true) => row.with("DataSource", "B"),
        (true, false) => row.with("DataSource", "A"),
        (false, _) => row,
    };
    details(row, trade, view.now)
}

/// What only this way of paying has.
fn details(row: Fields, trade: &Trade, now: i64) -> Fields {
    match &trade.payment {
        Payment::Card {
            card,
            capture,
            approved,
        } => {
            let captured = match capture {
                Capture::Applied { amount, .. } => *amount,
                Capture::NotApplied | Capture::Cancelled => 0,
            };
            let row = row
                .with("Card6No", &card.six)
                .with("Card4No", &card.four)
                .with("CardExp", &card.expiry)
                .with("CardInst", card.terms)
                .with("AuthCode", if *approved { "000000" } else { "" })
                .with("AuthType", card.auth.code())
                .with("CardBank", crate::message::BANK.0)
                .with("CloseStatus", trade.close_status(now))
                .with("CloseAmt", captured);
            last_refund(row, trade, now).with("RemainAmt", trade.remaining())
        }
        Payment::Atm {
            bank, pay_no, ends, ..
        } => offline(row, bank, bank, pay_no, *ends),
        Payment::Cvs { pay_no, ends } => offline(row, "SEVEN", "SEVEN", pay_no, *ends),
        Payment::Wallet { method, pay_no } => {
            let name = match method {
                Method::ICash => "ICASH",
                Method::Aftee => "AFTEE",
                Method::JKoPay => "JKoPay",
                Method::Credit
                | Method::CreditInst
                | Method::CreditUnionPay
                | Method::Atm
                | Method::Cvs
                | Method::LinePay => "LINE",
            };
            let row = row
                .with("Channel", name)
                .with("PayChannel", name)
                .with("PayNo", pay_no);
            if *method == Method::JKoPay {
                let last = trade
                    .refunds
                    .last()
                    .map_or(NEVER.to_owned(), |r| stamp(r.at));
                row.with("JKoStrCupAmt", 0)
                    .with("JKoChannel", "account")
                    .with("RemainAmt", trade.remaining())
                    .with("RefundLastDT", last)
            } else {
                row
            }
        }
    }
}

fn offline(row: Fields, channel: &str, pay_channel: &str, pay_no: &str, ends: i64) -> Fields {
    row.with("OffChannel", channel)
        .with("OffPayChannel", pay_channel)
        .with("OffPayNo", pay_no)
        .with("OffExpireTime", stamp(ends))
}

/// Only the last refund is told; nothing before there is one.
fn last_refund(row: Fields, trade: &Trade, now: i64) -> Fields {
    let Some(refund) = trade.refunds.last() else {
        return row;
    };
    let kind = if now < refund.starts { 3 } else { 2 };
    let status = match (refund.cancelled, now >= refund.done) {
        (true, _) => 3,
        (false, true) => 2,
        (false, false) => 1,
    };
    row.with("RefundType", kind)
        .with("RefundStatus", status)
        .with("RefundAmt", refund.amount)
        .with("RefundDay", stamp(refund.at))
}

/// 2.8 %, at least one dollar: PAYUNi's list price; real fees are each merchant's own.
fn fee(trade: &Trade, status: TradeStatus, incomplete: bool) -> String {
    if matches!(
        &trade.payment,
        Payment::Wallet {
            method: Method::ICash,
            ..
        }
    ) {
        return "-".to_owned();
    }
    if status != TradeStatus::Paid || incomplete {
        return "0".to_owned();
    }
    ((trade.amount * 28 + 500) / 1000).max(1).to_string()
}
