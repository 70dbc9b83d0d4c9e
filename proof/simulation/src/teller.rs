//! What the simulated gateway says: rows of its answers, its notices, and what it does with a request.

use crate::{
    bank::{Bank, By, Standing, Trade, Way},
    seal::{Fields, MERCHANT, fields, get},
};

/// How an answer is bent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bent {
    /// `DataSource` B: not complete.
    pub incomplete: bool,
    /// Shows what is paid as unpaid.
    pub denies: bool,
    /// Another amount than was charged.
    pub other_amount: bool,
    /// A trade status that nobody documented.
    pub strange: bool,
}

/// A moment as the gateway writes it, Taipei time.
#[must_use]
pub fn stamp(ms: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let taipei = jiff::tz::offset(8).to_datetime(at);
    taipei.strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn code(standing: Standing) -> &'static str {
    match standing {
        Standing::Issued => "0",
        Standing::Paid => "1",
        Standing::Failed => "2",
        Standing::Voided => "3",
        Standing::Expired => "4",
        Standing::ToConfirm => "8",
    }
}

fn kind(way: Way) -> &'static str {
    match way {
        Way::Card => "1",
        Way::Atm => "2",
        Way::Cvs => "3",
        Way::Line => "9",
        Way::Jko => "11",
    }
}

/// The result that notice and return carry.
#[must_use]
pub fn result(trade: &Trade) -> Fields {
    let (status, message) = match trade.standing {
        Standing::Failed => ("CREDIT04001", "授權失敗"),
        Standing::ToConfirm => ("UNKNOWN", "未知"),
        Standing::Issued | Standing::Paid | Standing::Voided | Standing::Expired => {
            ("SUCCESS", "成功")
        }
    };
    let amount = trade.amount.to_string();
    let mut out = fields(&[
        ("Status", status),
        ("Message", message),
        ("MerID", MERCHANT),
        ("MerTradeNo", &trade.attempt),
        ("Gateway", "2"),
        ("TradeNo", &trade.no),
        ("TradeAmt", &amount),
        ("TradeStatus", code(trade.standing)),
        ("PaymentType", kind(trade.way)),
    ]);
    let paid = trade.paid.map(stamp);
    match trade.way {
        Way::Card => out.extend(fields(&[
            ("CardBank", "812"),
            ("Card6No", "400022"),
            ("Card4No", "1111"),
            ("CardInst", "1"),
            ("AuthCode", "000000"),
            ("AuthType", "1"),
        ])),
        Way::Atm if paid.is_none() => out.extend(fields(&[
            ("BankType", "812"),
            ("PayNo", "90000000000001"),
            ("PaySet", "1"),
            ("ExpireDate", &stamp(trade.ends)),
        ])),
        Way::Cvs if paid.is_none() => out.extend(fields(&[
            ("Store", "SEVEN"),
            ("PayNo", "SIM00000000001"),
            ("ExpireDate", &stamp(trade.ends)),
        ])),
        Way::Atm => out.extend(fields(&[
            ("PayNo", "90000000000001"),
            ("PayBank", "004"),
            ("Account5No", "12345"),
        ])),
        Way::Cvs => out.extend(fields(&[
            ("PayNo", "SIM00000000001"),
            ("PayStore", "SEVEN"),
        ])),
        Way::Line | Way::Jko => out.extend(fields(&[("PayNo", "L0001")])),
    }
    if let Some(moved) = &trade.moved {
        out.extend(fields(&[("NewMerTradeNo", moved)]));
    }
    if let Some(paid) = paid {
        out.extend(fields(&[("PayTime", &paid)]));
    }
    out
}

#[expect(clippy::too_many_lines, reason = "the fields of a row, in their order")]
fn row(trade: &Trade, now: i64, bent: Bent) -> Fields {
    let paid = trade.standing == Standing::Paid;
    let number = matches!(trade.way, Way::Atm | Way::Cvs);
    let status = match trade.standing {
        _ if bent.strange => "6",
        Standing::Paid if bent.denies && number => "0",
        Standing::Paid if bent.denies => "9",
        Standing::Paid
        | Standing::Issued
        | Standing::Failed
        | Standing::Voided
        | Standing::Expired
        | Standing::ToConfirm => code(trade.standing),
    };
    let amount = if bent.other_amount {
        trade.amount.saturating_add(1)
    } else {
        trade.amount
    };
    let day = trade
        .paid
        .filter(|_| !bent.denies)
        .map_or_else(|| "0000-00-00 00:00:00".to_owned(), stamp);
    let mut out = fields(&[
        ("MerTradeNo", &trade.attempt),
        ("TradeNo", &trade.no),
        ("TradeAmt", &amount.to_string()),
        ("TradeFee", "0"),
        ("TradeStatus", status),
        ("PaymentType", kind(trade.way)),
        ("PaymentDay", &day),
        ("CreateDay", &stamp(trade.created)),
        ("Gateway", "2"),
        ("DataSource", if bent.incomplete { "B" } else { "A" }),
    ]);
    match trade.way {
        Way::Card => {
            let captured = paid && now >= trade.captured;
            let close = match trade.standing {
                Standing::Paid if captured => "2",
                Standing::Paid => "1",
                Standing::Voided => "3",
                Standing::Issued | Standing::Failed | Standing::Expired | Standing::ToConfirm => {
                    "9"
                }
            };
            out.extend(fields(&[
                ("Card6No", "400022"),
                ("Card4No", "1111"),
                ("CardInst", "1"),
                ("AuthCode", "000000"),
                ("AuthType", "1"),
                ("CloseStatus", close),
                ("CloseAmt", &trade.charged().to_string()),
            ]));
            if let Some(last) = trade.backs.last() {
                let status = match (last.cancelled, now >= last.done) {
                    (true, _) => "3",
                    (false, true) => "2",
                    (false, false) => "1",
                };
                out.extend(fields(&[
                    ("RefundType", "2"),
                    ("RefundStatus", status),
                    ("RefundAmt", &last.amount.to_string()),
                    ("RefundDay", &stamp(last.at)),
                ]));
            }
            out.extend(fields(&[("RemainAmt", &trade.remaining().to_string())]));
        }
        Way::Atm | Way::Cvs => out.extend(fields(&[
            ("OffChannel", "812"),
            ("OffPayChannel", "812"),
            ("OffPayNo", "90000000000001"),
            ("OffExpireTime", &stamp(trade.ends)),
        ])),
        Way::Line => out.extend(fields(&[("Channel", "LINE"), ("PayNo", "L0001")])),
        Way::Jko => out.extend(fields(&[
            ("Channel", "JKoPay"),
            ("PayNo", "L0001"),
            ("RemainAmt", &trade.remaining().to_string()),
        ])),
    }
    out
}

fn problem(code: &str) -> Fields {
    fields(&[("Status", code), ("Message", "處理失敗")])
}

fn found(rows: &[Fields]) -> Fields {
    if rows.is_empty() {
        return problem("QUERY03001");
    }
    let mut out = fields(&[("Status", "SUCCESS"), ("Message", "查詢成功")]);
    for (at, row) in rows.iter().enumerate() {
        for (name, value) in row {
            out.push((format!("Result[{at}][{name}]"), value.clone()));
        }
    }
    out
}

/// Does what a request asks, and says what came of it. `intent` names the shop's refund that is being sent.
pub fn serve(
    bank: &mut Bank,
    path: &str,
    asked: &Fields,
    intent: Option<&str>,
    now: i64,
    bent: Bent,
) -> Fields {
    let by = || By::Shop(intent.unwrap_or("unknown").to_owned());
    let trade_no = get(asked, "TradeNo").unwrap_or_default();
    let done = |outcome: Result<(), &'static str>| match outcome {
        Err(code) => problem(code),
        Ok(()) => {
            let mut out = fields(&[
                ("Status", "SUCCESS"),
                ("Message", "處理成功"),
                ("MerID", MERCHANT),
                ("TradeNo", trade_no),
            ]);
            if let Some(kind) = get(asked, "CloseType") {
                out.extend(fields(&[("CloseType", kind)]));
            }
            if path.contains("refund") {
                out.extend(fields(&[("RefundNo", "1"), ("RefundDT", &stamp(now))]));
            }
            out
        }
    };
    let amount = get(asked, "TradeAmt").and_then(|text| text.parse::<u32>().ok());
    match path {
        "trade/query" => {
            let wanted = get(asked, "MerTradeNo");
            let trades = bank.trades.values().filter(|trade| match wanted {
                Some(no) => trade.attempt == no && trade.moved.is_none(),
                None => trade.no == trade_no,
            });
            let rows: Vec<Fields> = trades.map(|trade| row(trade, now, bent)).collect();
            found(&rows)
        }
        "trade/finite_query" => {
            let list = get(asked, "QueryNo").unwrap_or_default();
            let known = |no: &str| {
                bank.used
                    .get(no)
                    .and_then(|trade| bank.trades.get(trade))
                    .map(|trade| row(trade, now, bent))
            };
            let rows: Vec<Fields> = list.split(',').filter_map(known).collect();
            found(&rows)
        }
        "trade/cancel" => done(bank.void(trade_no, &by(), now)),
        _ => done(bank.give_back(trade_no, amount.unwrap_or(0), by(), now)),
    }
}
