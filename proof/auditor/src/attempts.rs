//! Attempts: whose they are, and how they are numbered.

use super::{Found, sentences};
use rusqlite::Connection;

/// Every attempt, and every attempt that a fact or a payment names, belongs to that order.
pub(super) fn order(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('付款編號 %s：訂單 %s 不存在', attempt_no, order_no) FROM attempts
             WHERE order_no NOT IN (SELECT order_no FROM orders)",
            "SELECT format('事實 %d：訂單 %s，付款編號 %s 卻不是它的', f.n, f.order_no, f.attempt_no) FROM facts f
             WHERE f.attempt_no IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM attempts a WHERE a.attempt_no = f.attempt_no AND a.order_no = f.order_no)",
            "SELECT format('款項 %s：訂單 %s，付款編號 %s 卻不是它的', p.trade_no, p.order_no, p.attempt_no) FROM payments p
             WHERE NOT EXISTS (
               SELECT 1 FROM attempts a WHERE a.attempt_no = p.attempt_no AND a.order_no = p.order_no)",
        ],
    )
}

/// Attempts count from 1 without a gap, and the number says which one it is.
pub(super) fn numbers(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('訂單 %s：一次付款都沒有開過', order_no) FROM orders
             WHERE order_no NOT IN (SELECT order_no FROM attempts)",
            "SELECT format('訂單 %s：有 %d 次付款，序號卻是 %d 到 %d', order_no, COUNT(*), MIN(ordinal), MAX(ordinal)) FROM attempts
             GROUP BY order_no HAVING MIN(ordinal) <> 1 OR MAX(ordinal) <> COUNT(*) OR COUNT(DISTINCT ordinal) <> COUNT(*)",
            "SELECT format('付款編號 %s：訂單 %s 的第 %d 次不該是這個編號', attempt_no, order_no, ordinal) FROM attempts
             WHERE attempt_no <> order_no || CASE WHEN ordinal = 1 THEN '' ELSE '-' || ordinal END",
        ],
    )
}
