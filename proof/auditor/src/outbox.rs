//! The outbox: every delivery that is owed stands there, and none stands there that is not.

use super::{Found, sentences};
use rusqlite::Connection;

/// An order that was ever paid and confirmed, with nothing waiting for a person, has its delivery row. It is never
/// deleted, unlike what was written into the sheet.
pub(super) fn deliver(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT DISTINCT format('訂單 %s：付款已確認，待辦裡卻沒有交付', asked.order_no) FROM facts asked
             JOIN facts step ON step.order_no = asked.order_no AND step.n >= asked.n AND step.after = 'paid'
             WHERE asked.kind = 'paid' AND asked.source = 'query' AND NOT EXISTS (
               SELECT 1 FROM outbox WHERE topic = 'deliver' AND aggregate = asked.order_no)",
            "SELECT format('待辦 %d：訂單 %s 的付款沒有查詢確認過，卻排了交付', x.id, x.aggregate) FROM outbox x
             WHERE x.topic = 'deliver' AND NOT EXISTS (
               SELECT 1 FROM facts f WHERE f.order_no = x.aggregate AND f.kind = 'paid' AND f.source = 'query')",
        ],
    )
}

/// What was delivered no longer waits. While a worker holds the row it may: it settles it when it comes back.
pub(super) fn delivered(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('訂單 %s：已交付，待辦裡卻沒有它的交付', d.order_no) FROM deliveries d
             WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE topic = 'deliver' AND aggregate = d.order_no)",
            "SELECT format('待辦 %d：訂單 %s 已交付，卻還是 %s', x.id, x.aggregate, x.state) FROM outbox x
             JOIN deliveries d ON d.order_no = x.aggregate
             WHERE x.topic = 'deliver' AND x.state <> 'done' AND NOT (x.state = 'pending' AND x.lease IS NOT NULL)",
        ],
    )
}

/// No delivery counts as done that was not made.
pub(super) fn done(connection: &Connection) -> Found {
    sentences(
        connection,
        &["SELECT format('待辦 %d：訂單 %s 的交付記為完成，卻沒有交付紀錄', id, aggregate) FROM outbox
           WHERE topic = 'deliver' AND state = 'done' AND aggregate NOT IN (SELECT order_no FROM deliveries)"],
    )
}

/// Topics, states and counters are of the known kinds.
pub(super) fn states(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('待辦 %d：%s 的狀態 %s、序號 %d、次數 %d 不合法', id, topic, state, seq, tries) FROM outbox
           WHERE topic NOT IN ('sheet.order', 'sheet.member', 'sheet.event', 'deliver')
           OR state NOT IN ('pending', 'done', 'dead') OR seq < 1 OR tries < 0",
        ],
    )
}

/// Only what is pending is held, and whoever holds it holds it until a time.
pub(super) fn leases(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('待辦 %d：狀態 %s 卻還被佔用', id, state) FROM outbox
             WHERE state <> 'pending' AND (lease IS NOT NULL OR leased_until_ms IS NOT NULL)",
            "SELECT format('待辦 %d：佔用者與期限只有其一', id) FROM outbox
             WHERE state = 'pending' AND (lease IS NULL) <> (leased_until_ms IS NULL)",
        ],
    )
}

/// Every row is about something that exists.
pub(super) fn subjects(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('待辦 %d：%s 的對象「%s」不存在', id, topic, aggregate) FROM outbox
             WHERE (topic IN ('sheet.order', 'deliver') AND aggregate NOT IN (SELECT order_no FROM orders))
             OR (topic = 'sheet.event' AND aggregate NOT IN (SELECT CAST(n AS TEXT) FROM facts))
             OR (topic = 'sheet.member' AND aggregate NOT IN (SELECT issuer || ' ' || sub FROM members))",
        ],
    )
}
