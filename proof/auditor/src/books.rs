//! The ledger against the other side's books: to the dollar what the gateway charged and gave back, and row by row what
//! the sheet shows. It holds once everything under way has come to rest.

use super::{Check, Found, held};
use rusqlite::Connection;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// A trade as the gateway's own books have it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Trade {
    /// The gateway's number.
    pub trade_no: String,
    /// Our number of the attempt, as it was sent.
    pub mer_trade_no: String,
    /// Dollars.
    pub amount: i64,
    /// When it was paid; `None` for never.
    pub paid_at: Option<String>,
    /// Dollars given back.
    pub refunded: i64,
    /// Whether the authorisation was cancelled.
    pub voided: bool,
}

/// The gateway's books, as the sandbox's `/_sandbox/state` tells them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct GatewayBooks {
    /// Every trade.
    pub trades: Vec<Trade>,
}

/// The tab of orders, row by row as text, the header first.
pub type SheetRows = Vec<Vec<String>>;

/// What stands in the sheet for each status.
const LABELS: &[(&str, &str)] = &[
    ("pending", "待付款"),
    ("awaiting_transfer", "待繳費"),
    ("paid", "已付款"),
    ("fulfilled", "已完成"),
    ("review", "人工確認中"),
    ("partially_refunded", "部分退款"),
    ("refunded", "已退款"),
    ("expired", "已逾期"),
    ("cancelled", "已取消"),
];

/// Holds a ledger to the gateway's books.
pub(super) fn checks(connection: &Connection, gateway: &GatewayBooks) -> Vec<Check> {
    vec![
        held("books.captured", captured(connection, gateway)),
        held("books.invented", invented(connection, gateway)),
        held("books.refunded", refunded(connection, gateway)),
        held("books.sum", sum(connection, gateway)),
    ]
}

/// Holds the sheet to the ledger.
pub(super) fn sheet(connection: &Connection, rows: &SheetRows) -> Check {
    held("books.sheet", sheet_rows(connection, rows))
}

type Payments = BTreeMap<String, (String, i64)>;

fn payments(connection: &Connection) -> rusqlite::Result<Payments> {
    let mut statement = connection.prepare("SELECT trade_no, order_no, amount FROM payments")?;
    statement
        .query_map([], |row| {
            Ok((row.get(0)?, (row.get(1)?, row.get::<_, i64>(2)?)))
        })?
        .collect()
}

/// Trades that wait for a person, or waited.
fn excepted(connection: &Connection) -> rusqlite::Result<BTreeSet<String>> {
    connection
        .prepare("SELECT trade_no FROM exceptions WHERE trade_no IS NOT NULL")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// Whatever the gateway ever charged is a payment of the same amount here, or waits for a person.
fn captured(connection: &Connection, gateway: &GatewayBooks) -> Found {
    let (known, waiting) = (payments(connection)?, excepted(connection)?);
    let lost = |trade: &&Trade| {
        let is_paid = trade.paid_at.is_some();
        let same = known
            .get(&trade.trade_no)
            .is_some_and(|(_, amount)| *amount == trade.amount);
        is_paid && !same && !waiting.contains(&trade.trade_no)
    };
    let trades = gateway.trades.iter().filter(lost);
    Ok(trades
        .map(|trade| {
            format!(
                "交易 {}（{}）：金流商收了 {}，帳本沒有",
                trade.trade_no, trade.mer_trade_no, trade.amount
            )
        })
        .collect())
}

/// Whatever counts as paid here was charged there.
fn invented(connection: &Connection, gateway: &GatewayBooks) -> Found {
    let charged: BTreeMap<&str, i64> = gateway
        .trades
        .iter()
        .filter(|trade| trade.paid_at.is_some())
        .map(|trade| (trade.trade_no.as_str(), trade.amount))
        .collect();
    let known = payments(connection)?;
    let invented = known
        .iter()
        .filter(|(trade, (_, amount))| charged.get(trade.as_str()) != Some(amount));
    Ok(invented
        .map(|(trade, (order, amount))| {
            format!("款項 {trade}：訂單 {order} 記了 {amount}，金流商沒有收這筆")
        })
        .collect())
}

/// What went back of each payment is the same in both books; what a person moved by hand is only in ours.
fn refunded(connection: &Connection, gateway: &GatewayBooks) -> Found {
    let mut found = Vec::new();
    let mut statement = connection.prepare(
        "SELECT COALESCE((SELECT MAX(amount) FROM facts WHERE kind = 'refunded' AND trade_no = ?1), 0),
         COALESCE((SELECT SUM(amount) FROM refunds WHERE trade_no = ?1 AND how = 'by_hand' AND state = 'done'), 0),
         COALESCE((SELECT SUM(amount) FROM refunds WHERE trade_no = ?1 AND state = 'reversed'), 0),
         COALESCE((SELECT SUM(amount) FROM refunds WHERE trade_no = ?1 AND how = 'gateway' AND state = 'done'), 0)",
    )?;
    let known = payments(connection)?;
    for trade in &gateway.trades {
        if !known.contains_key(&trade.trade_no) {
            continue;
        }
        let there = if trade.voided {
            trade.amount
        } else {
            trade.refunded
        };
        let (fact, by_hand, reversed, ours): (i64, i64, i64, i64) = statement
            .query_row([&trade.trade_no], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
            })?;
        // A refund that was taken back and given again leaves the largest total where it was.
        let here = fact.saturating_sub(by_hand);
        let agree = here == there || here.saturating_sub(reversed) == there;
        if !agree || ours > there {
            found.push(format!(
                "交易 {}：金流商退了 {there}，帳本記的是 {here}（其中本店退 {ours}，被撤回 {reversed}）",
                trade.trade_no
            ));
        }
    }
    Ok(found)
}

/// To the dollar: what the gateway charged is what orders were paid, what was paid beyond them, and what waits.
fn sum(connection: &Connection, gateway: &GatewayBooks) -> Found {
    let known = payments(connection)?;
    let there: i64 = gateway
        .trades
        .iter()
        .filter(|trade| trade.paid_at.is_some())
        .map(|trade| trade.amount)
        .sum();
    let paid: i64 = known.values().map(|(_, amount)| amount).sum();
    let waiting = excepted(connection)?;
    let waits: i64 = gateway
        .trades
        .iter()
        .filter(|trade| trade.paid_at.is_some())
        .filter(|trade| !known.contains_key(&trade.trade_no) && waiting.contains(&trade.trade_no))
        .map(|trade| trade.amount)
        .sum();
    Ok(if there == paid + waits {
        Vec::new()
    } else {
        vec![format!(
            "金流商總共收了 {there}，帳本是 {paid}，待處理的是 {waits}，差 {}",
            there - paid - waits
        )]
    })
}

/// Each order has one row, and the row says what the ledger says.
fn sheet_rows(connection: &Connection, rows: &SheetRows) -> Found {
    let Some((header, body)) = rows.split_first() else {
        return Ok(vec!["試算表的訂單頁是空的".to_owned()]);
    };
    let place = |title: &str| header.iter().position(|cell| cell == title);
    let (Some(no), Some(status), Some(amount)) = (place("訂單編號"), place("狀態"), place("金額"))
    else {
        return Ok(vec!["試算表的訂單頁少了標題".to_owned()]);
    };
    let mut found = Vec::new();
    let mut statement = connection.prepare("SELECT order_no, status, amount FROM orders")?;
    let orders = statement.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, String>(1)?,
            row.get::<_, i64>(2)?,
        ))
    })?;
    for order in orders {
        let (order, stands, dollars) = order?;
        let label = LABELS
            .iter()
            .find(|(key, _)| *key == stands)
            .map_or("", |(_, label)| label);
        let cell = |row: &'_ Vec<String>, at: usize| row.get(at).cloned().unwrap_or_default();
        let of_order: Vec<&Vec<String>> =
            body.iter().filter(|row| cell(row, no) == order).collect();
        let right = of_order.len() == 1
            && of_order
                .iter()
                .all(|row| cell(row, status) == label && cell(row, amount) == dollars.to_string());
        if !right {
            found.push(format!(
                "訂單 {order}：帳本是 {label} {dollars}，試算表有 {} 列：{of_order:?}",
                of_order.len()
            ));
        }
    }
    Ok(found)
}
