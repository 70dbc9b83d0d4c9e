//! The review list: nothing that waits for a person is missing from it, and nothing stands there without a cause.

use super::{Found, fold::Knowledge, history, sentences};
use rusqlite::Connection;

/// Every parked fact has its row, about the same order, trade and amount.
pub(super) fn parked(connection: &Connection) -> Found {
    sentences(
        connection,
        &["SELECT format('訂單 %s：事實 %d（%s）不在待處理清單裡', f.order_no, f.n, f.kind) FROM facts f
           WHERE f.kind LIKE 'parked %' AND NOT EXISTS (
             SELECT 1 FROM exceptions e WHERE e.meaning = f.meaning AND e.order_no = f.order_no
             AND 'parked ' || e.code = f.kind AND e.trade_no IS f.trade_no AND e.amount IS f.amount)"],
    )
}

/// What only all facts together show: paid twice, or paid after the offer had ended.
pub(super) fn derived(connection: &Connection) -> Found {
    let mut found = Vec::new();
    for order in history::read(connection)? {
        // What once was late stays listed, even after a person had it delivered.
        let ever = |test: fn(&Knowledge, &[String]) -> bool| {
            (1..=order.facts.len()).any(|length| {
                let known = Knowledge::of(order.facts.iter().take(length));
                test(&known, &order.attempts)
            })
        };
        let cases = [
            (
                "L4.surplus",
                "重複付款",
                ever(|known, _| known.is_surplus()),
            ),
            ("L4.late", "逾期後才付款", ever(Knowledge::is_late)),
        ];
        for (code, what, is_so) in cases {
            let listed: bool = connection
                .prepare_cached(
                    "SELECT EXISTS (SELECT 1 FROM exceptions WHERE order_no = ?1 AND code = ?2)",
                )?
                .query_row([order.no.as_str(), code], |row| row.get(0))?;
            if is_so && !listed {
                found.push(format!(
                    "訂單 {}：{what}，卻不在待處理清單裡（{code}）",
                    order.no
                ));
            }
            if listed && !is_so {
                found.push(format!(
                    "訂單 {}：待處理清單說{what}（{code}），事實並非如此",
                    order.no
                ));
            }
        }
    }
    Ok(found)
}

/// Every row about an order was put there by a fact of that order.
pub(super) fn causes(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('待處理 %d（%s）：訂單 %s 沒有造成它的事實', e.n, e.code, e.order_no) FROM exceptions e
             WHERE e.order_no IS NOT NULL AND e.code NOT IN ('L4.surplus', 'L4.late') AND NOT EXISTS (
               SELECT 1 FROM facts f WHERE f.order_no = e.order_no AND f.meaning = e.meaning)",
            "SELECT format('待處理 %d：訂單 %s 不存在', n, order_no) FROM exceptions
             WHERE order_no IS NOT NULL AND order_no NOT IN (SELECT order_no FROM orders)",
            "SELECT format('待處理 %d：不認得代碼 %s', n, code) FROM exceptions WHERE code NOT IN (
               'L3.merchant', 'L3.unknown_order', 'L3.amount', 'L3.currency', 'L3.mis_posted', 'L3.unknown_value',
               'L3.other_notice', 'L4.trade_of_another', 'L4.surplus', 'L4.late', 'L5.contradiction', 'L5.refund_reversed')",
        ],
    )
}
