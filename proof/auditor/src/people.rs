//! People: orders and sessions are somebody's.

use super::{Found, sentences};
use rusqlite::Connection;

/// Every order and every session names a member that there is.
pub(super) fn members(connection: &Connection) -> Found {
    // A session's row is named by its time: what identifies it is nobody's to print.
    sentences(
        connection,
        &[
            "SELECT format('訂單 %s：會員 %s 不存在', o.order_no, o.sub) FROM orders o
             WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.issuer = o.issuer AND m.sub = o.sub)",
            "SELECT format('登入（時間 %d）：會員 %s 不存在', s.signed_in_ms, s.sub) FROM sessions s
             WHERE NOT EXISTS (SELECT 1 FROM members m WHERE m.issuer = s.issuer AND m.sub = s.sub)",
        ],
    )
}
