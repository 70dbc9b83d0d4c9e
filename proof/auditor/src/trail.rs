//! The trail: one chain without a gap, with a row for everything that was learned, refused or decided.

use super::{Found, sentences};
use rusqlite::Connection;
use sha2::{Digest, Sha256};

/// Each row carries the hash of the one before it and of itself.
pub(super) fn chain(connection: &Connection) -> Found {
    let mut statement = connection.prepare(
        "SELECT n, at_ms, order_no, actor, action, code, detail, meaning, prev_hash, hash FROM trail ORDER BY n",
    )?;
    let mut rows = statement.query([])?;
    let (mut found, mut before, mut place) = (Vec::new(), "0".repeat(64), 0_i64);
    while let Some(row) = rows.next()? {
        let (n, at): (i64, i64) = (row.get(0)?, row.get(1)?);
        let order: Option<String> = row.get(2)?;
        let text = |column: usize| row.get::<_, String>(column);
        let (kept_before, kept) = (text(8)?, text(9)?);
        place += 1;
        if n != place {
            found.push(format!("稽核軌跡：第 {place} 列不見了，接著的是第 {n} 列"));
            place = n;
        }
        if kept_before != before {
            found.push(format!("稽核軌跡第 {n} 列：沒有接在前一列之後"));
        }
        let row = serde_json::json!([
            n,
            at,
            order,
            text(3)?,
            text(4)?,
            text(5)?,
            text(6)?,
            text(7)?
        ]);
        let hash = hex(&Sha256::digest(format!("{kept_before}{row}")));
        if hash != kept {
            found.push(format!("稽核軌跡第 {n} 列：內容被改過，雜湊對不上"));
        }
        before = kept;
    }
    Ok(found)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Every fact has its row, every row its fact, and both say the same.
pub(super) fn facts(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('事實 %d：訂單 %s，稽核軌跡裡沒有', f.n, f.order_no) FROM facts f WHERE NOT EXISTS (
               SELECT 1 FROM trail t WHERE t.meaning = 'fact/' || f.order_no || '/' || f.meaning AND t.order_no = f.order_no
               AND t.code = f.kind AND t.at_ms = f.received_at_ms
               AND (t.detail = f.before || ' → ' || f.after OR (f.kind IN ('decided', 'ended cancelled') AND t.detail LIKE f.before || ' → ' || f.after || ' · %')))",
            "SELECT format('稽核軌跡第 %d 列：沒有這件事實（%s）', t.n, t.meaning) FROM trail t WHERE t.action = 'fact'
             AND NOT EXISTS (SELECT 1 FROM facts f WHERE t.meaning = 'fact/' || f.order_no || '/' || f.meaning)",
            "SELECT format('稽核軌跡第 %d 列：訂單 %s 由 %s 取消，那不是會員', t.n, t.order_no, t.actor) FROM trail t
             WHERE t.action = 'fact' AND t.code = 'ended cancelled' AND t.actor <> 'shop'
             AND t.actor NOT IN (SELECT issuer || ' ' || sub FROM members)",
            "SELECT format('稽核軌跡第 %d 列：訂單 %s 由 %s 取消，沒有理由', t.n, t.order_no, t.actor) FROM trail t
             WHERE t.action = 'fact' AND t.code = 'ended cancelled' AND t.actor <> 'shop' AND t.detail NOT LIKE '% · _%'",
            "SELECT format('待處理 %d（%s）：稽核軌跡裡沒有', e.n, e.code) FROM exceptions e WHERE e.order_no IS NULL
             AND NOT EXISTS (SELECT 1 FROM trail t WHERE t.meaning = e.meaning AND t.action = 'parked' AND t.code = e.code)",
        ],
    )
}

/// Every decision is about a case, by a member, and in the trail; and where the case is an order's, a fact of it.
pub(super) fn decisions(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('決定：待處理 %d 不存在', exception_n) FROM decisions
             WHERE exception_n NOT IN (SELECT n FROM exceptions)",
            "SELECT format('決定：待處理 %d 由 %s 決定，那不是會員', exception_n, decided_by) FROM decisions
             WHERE decided_by NOT IN (SELECT issuer || ' ' || sub FROM members)",
            "SELECT format('決定：待處理 %d 沒有理由', exception_n) FROM decisions WHERE trim(reason) = ''",
            "SELECT format('決定：待處理 %d 是訂單 %s 的，事實裡卻沒有這個決定', e.n, e.order_no) FROM decisions d
             JOIN exceptions e ON e.n = d.exception_n WHERE e.order_no IS NOT NULL AND NOT EXISTS (
               SELECT 1 FROM facts f WHERE f.order_no = e.order_no AND f.kind = 'decided' AND f.meaning = 'decided/' || e.meaning
               AND json_extract(f.body, '$.detail') = d.decided_by AND json_extract(f.body, '$.message') = d.reason)",
            "SELECT format('決定：待處理 %d 不在稽核軌跡裡', e.n) FROM decisions d
             JOIN exceptions e ON e.n = d.exception_n WHERE e.order_no IS NULL AND NOT EXISTS (
               SELECT 1 FROM trail t WHERE t.meaning = 'decided/' || e.meaning AND t.actor = d.decided_by AND t.detail = d.reason)",
            "SELECT format('事實 %d：訂單 %s 的決定沒有紀錄', f.n, f.order_no) FROM facts f WHERE f.kind = 'decided'
             AND NOT EXISTS (SELECT 1 FROM decisions d JOIN exceptions e ON e.n = d.exception_n
               WHERE e.order_no = f.order_no AND f.meaning = 'decided/' || e.meaning)",
        ],
    )
}
