//! Amounts, payments and deliveries: what was agreed, what was paid, and what left the house for it.

use super::{Found, sentences};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// The largest amount that the ledger carries, in dollars.
const MOST: i64 = 999_999_999;

/// An order's amount is lawful and the sum of its lines.
pub(super) fn order_amount(connection: &Connection) -> Found {
    let mut sums = BTreeMap::<String, i128>::new();
    let mut statement =
        connection.prepare("SELECT order_no, unit_price, quantity FROM order_lines")?;
    let lines = statement.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, i64>(2)?,
        ))
    })?;
    let mut found = Vec::new();
    for line in lines {
        let (no, price, quantity) = line?;
        if !(1..=MOST).contains(&price) || quantity < 1 {
            found.push(format!(
                "訂單 {no}：明細的單價 {price}、數量 {quantity} 不合理"
            ));
        }
        *sums.entry(no).or_default() += i128::from(price) * i128::from(quantity);
    }
    let mut statement = connection.prepare("SELECT order_no, amount, currency FROM orders")?;
    let orders = statement.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, i64>(1)?,
            row.get::<_, String>(2)?,
        ))
    })?;
    for order in orders {
        let (no, amount, currency) = order?;
        let sum = sums.get(&no).copied().unwrap_or_default();
        if !(1..=MOST).contains(&amount) || currency != "TWD" {
            found.push(format!("訂單 {no}：金額 {amount} {currency} 不在允許範圍"));
        }
        if sum != i128::from(amount) {
            found.push(format!("訂單 {no}：金額 {amount}，明細合計卻是 {sum}"));
        }
    }
    Ok(found)
}

/// What was paid, and what a gateway reported of an order, is the order's amount in the order's currency.
pub(super) fn payment_amount(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('款項 %s：金額 %d %s，訂單 %s 是 %d %s', p.trade_no, p.amount, p.currency, o.order_no, o.amount, o.currency)
             FROM payments p JOIN orders o ON o.order_no = p.order_no WHERE p.amount <> o.amount OR p.currency <> o.currency",
            "SELECT format('款項 %s：訂單 %s 不存在', trade_no, order_no) FROM payments p
             WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.order_no = p.order_no)",
            "SELECT format('事實 %d：金額 %d 不在允許範圍', n, amount) FROM facts WHERE amount NOT BETWEEN 1 AND 999999999",
            "SELECT format('事實 %d：金額 %d，訂單 %s 是 %d', f.n, f.amount, o.order_no, o.amount)
             FROM facts f JOIN orders o ON o.order_no = f.order_no
             WHERE f.kind IN ('paid', 'issued', 'failed', 'voided', 'lapsed', 'unsettled', 'unknown') AND f.amount IS NOT o.amount",
        ],
    )
}

/// A gateway's trade pays one order.
pub(super) fn payment_trade(connection: &Connection) -> Found {
    sentences(
        connection,
        &["SELECT format('交易 %s：付給了 %d 筆訂單（%s）', trade_no, COUNT(DISTINCT order_no), group_concat(DISTINCT order_no)) FROM
             (SELECT trade_no, order_no FROM facts WHERE kind = 'paid'
              UNION ALL SELECT trade_no, order_no FROM payments)
           GROUP BY trade_no HAVING COUNT(DISTINCT order_no) > 1"],
    )
}

/// Whoever counts as paid was said to be paid, by the gateway, in full.
pub(super) fn paid_proof(connection: &Connection) -> Found {
    sentences(
        connection,
        &["SELECT format('訂單 %s：狀態是 %s，卻沒有金額 %d 的付款事實', o.order_no, o.status, o.amount) FROM orders o
           WHERE o.status IN ('paid', 'fulfilled', 'partially_refunded') AND NOT EXISTS (
             SELECT 1 FROM facts f WHERE f.order_no = o.order_no AND f.kind = 'paid'
             AND f.source IN ('notice', 'query') AND f.trade_no IS NOT NULL AND f.amount = o.amount)"],
    )
}

/// Nothing leaves on a notice alone: the gateway, asked, said the same of the same trade.
pub(super) fn fulfil_proof(connection: &Connection) -> Found {
    sentences(
        connection,
        &["SELECT format('訂單 %s：已為交易 %s 交付，卻沒有查詢確認過這筆付款', d.order_no, d.trade_no) FROM deliveries d
           WHERE NOT EXISTS (
             SELECT 1 FROM facts f JOIN orders o ON o.order_no = f.order_no
             WHERE f.order_no = d.order_no AND f.trade_no = d.trade_no
             AND f.kind = 'paid' AND f.source = 'query' AND f.amount = o.amount)"],
    )
}

/// An order is delivered once, a trade delivers once, and the outbox knows one delivery for it.
pub(super) fn fulfil_once(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('訂單 %s：交付了 %d 次', order_no, COUNT(*)) FROM deliveries GROUP BY order_no HAVING COUNT(*) > 1",
            "SELECT format('交易 %s：交付了 %d 次', trade_no, COUNT(*)) FROM deliveries GROUP BY trade_no HAVING COUNT(*) > 1",
            "SELECT format('訂單 %s：有 %d 筆交付的事實', order_no, COUNT(*)) FROM facts WHERE kind = 'delivered'
             GROUP BY order_no HAVING COUNT(*) > 1",
            "SELECT format('訂單 %s：待辦裡有 %d 次交付', aggregate, COUNT(*)) FROM outbox WHERE topic = 'deliver'
             GROUP BY aggregate HAVING COUNT(*) > 1",
        ],
    )
}

/// What was delivered was delivered for a payment of that order.
pub(super) fn fulfil_trade(connection: &Connection) -> Found {
    sentences(
        connection,
        &["SELECT format('訂單 %s：為交易 %s 交付，但那不是這筆訂單的款項', d.order_no, d.trade_no) FROM deliveries d
           WHERE NOT EXISTS (SELECT 1 FROM payments p WHERE p.trade_no = d.trade_no AND p.order_no = d.order_no)"],
    )
}
