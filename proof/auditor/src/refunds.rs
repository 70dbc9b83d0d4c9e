//! Money that goes back: no more than came in, by lawful moves, by two persons where two are needed.

use super::{Found, sentences};
use rusqlite::Connection;
use std::collections::BTreeMap;

/// Every lawful move of a refund.
const MOVES: &[(&str, &[&str])] = &[
    ("requested", &["reserved", "rejected"]),
    ("reserved", &["rejected", "sent", "refused", "done"]),
    ("sent", &["done", "refused", "in_doubt"]),
    ("in_doubt", &["done", "reserved"]),
    ("done", &["reversed"]),
];

/// Of each payment no more is set aside, under way or back than it brought.
pub(super) fn sum(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('交易 %s：退款合計 %d，款項只有 %d', r.trade_no, SUM(r.amount), COALESCE(MAX(p.amount), 0))
             FROM refunds r LEFT JOIN payments p ON p.trade_no = r.trade_no
             WHERE r.state IN ('reserved', 'sent', 'in_doubt', 'done')
             GROUP BY r.trade_no HAVING SUM(r.amount) > COALESCE(MAX(p.amount), 0)",
            "SELECT format('退款 %s：金額 %d 不在允許範圍', refund_no, amount) FROM refunds WHERE amount NOT BETWEEN 1 AND 999999999",
            "SELECT format('退款 %s：交易 %s 不是訂單 %s 的款項', r.refund_no, r.trade_no, r.order_no) FROM refunds r
             WHERE NOT EXISTS (SELECT 1 FROM payments p WHERE p.trade_no = r.trade_no AND p.order_no = r.order_no
               AND p.attempt_no = r.attempt_no)",
        ],
    )
}

/// Where a second person is needed there is one, and it is another one.
pub(super) fn persons(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('退款 %s：核准的人就是申請的人（%s）', refund_no, requester) FROM refunds WHERE approver = requester",
            "SELECT format('退款 %s：需要第二個人核准，狀態卻已是 %s', refund_no, state) FROM refunds
             WHERE two_persons <> 0 AND approver IS NULL AND state NOT IN ('requested', 'rejected')",
            "SELECT format('退款 %s：申請人 %s 不是會員', refund_no, requester) FROM refunds
             WHERE requester NOT IN (SELECT issuer || ' ' || sub FROM members)",
        ],
    )
}

/// Each refund came to its state along the table, and each of its moves is in the trail.
pub(super) fn moves(connection: &Connection) -> Found {
    let mut trails = BTreeMap::<String, Vec<(i64, String)>>::new();
    let mut statement =
        connection.prepare("SELECT meaning, code FROM trail WHERE action = 'refund' ORDER BY n")?;
    let rows = statement.query_map([], |row| {
        Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?))
    })?;
    let mut found = Vec::new();
    for row in rows {
        let (meaning, state) = row?;
        let parts: Vec<&str> = meaning.split('/').collect();
        match (parts.as_slice(), parts.last().and_then(|v| v.parse().ok())) {
            (["refund", no, _], Some(version)) => trails
                .entry((*no).to_owned())
                .or_default()
                .push((version, state)),
            _ => found.push(format!("稽核軌跡：看不懂退款的紀錄「{meaning}」")),
        }
    }
    let mut statement =
        connection.prepare("SELECT refund_no, state, version, two_persons FROM refunds")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (no, state): (String, String) = (row.get(0)?, row.get(1)?);
        let (version, two): (i64, bool) = (row.get(2)?, row.get(3)?);
        let trail = trails.remove(&no).unwrap_or_default();
        let first = if two { "requested" } else { "reserved" };
        found.extend(faults(&no, &state, version, first, &trail));
    }
    found.extend(
        trails
            .into_keys()
            .map(|no| format!("稽核軌跡：退款 {no} 不存在")),
    );
    Ok(found)
}

fn faults(
    no: &str,
    state: &str,
    version: i64,
    first: &str,
    trail: &[(i64, String)],
) -> Vec<String> {
    let mut found = Vec::new();
    let versions: Vec<i64> = trail.iter().map(|(version, _)| *version).collect();
    if versions != (0..=version).collect::<Vec<_>>() {
        found.push(format!(
            "退款 {no}：走到第 {version} 步，軌跡記的是 {versions:?}"
        ));
    }
    let states: Vec<&str> = trail.iter().map(|(_, state)| state.as_str()).collect();
    if states.first() != Some(&first) {
        found.push(format!("退款 {no}：應該從 {first} 開始，軌跡是 {states:?}"));
    }
    if states.last() != Some(&state) {
        found.push(format!("退款 {no}：狀態是 {state}，軌跡是 {states:?}"));
    }
    for step in states.windows(2) {
        if let [from, to] = step {
            let lawful = MOVES
                .iter()
                .any(|(known, next)| known == from && next.contains(to));
            if !lawful {
                found.push(format!("退款 {no}：從 {from} 變成 {to}，不是合法的變化"));
            }
        }
    }
    found
}

/// What is done is known to the order: its facts say that at least so much went back of the trade.
pub(super) fn known(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('退款 %s：已退 %d，訂單 %s 的事實卻沒有', r.refund_no, r.amount, r.order_no) FROM refunds r
             WHERE r.state = 'done' AND NOT EXISTS (SELECT 1 FROM facts f WHERE f.order_no = r.order_no
               AND f.kind = 'refunded' AND f.trade_no = r.trade_no AND f.amount >= r.amount)",
            "SELECT format('事實 %d：訂單 %s 人工退了 %d，卻沒有人工退款', f.n, f.order_no, f.amount) FROM facts f
             WHERE f.kind = 'refunded' AND f.source = 'shop' AND NOT EXISTS (SELECT 1 FROM refunds r
               WHERE r.order_no = f.order_no AND r.trade_no = f.trade_no AND r.how = 'by_hand' AND r.state IN ('done', 'reversed'))",
        ],
    )
}
