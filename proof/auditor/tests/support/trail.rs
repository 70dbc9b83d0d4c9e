//! A chain over the fixture, written apart from the store's and from the auditor's.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

pub(super) fn append(
    connection: &Connection,
    order: Option<&str>,
    actor: &str,
    action: &str,
    code: &str,
    detail: &str,
    meaning: &str,
) {
    let last: Option<(i64, String)> = connection
        .query_row(
            "SELECT n, hash FROM trail ORDER BY n DESC LIMIT 1",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()
        .unwrap();
    let (n, before) = last.map_or((1, "0".repeat(64)), |(n, hash)| (n + 1, hash));
    let row = serde_json::json!([n, 1, order, actor, action, code, detail, meaning]).to_string();
    let mut hash = Sha256::new();
    hash.update(&before);
    hash.update(&row);
    let hash: String = hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    connection
        .execute(
            "INSERT INTO trail VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            params![n, order, actor, action, code, detail, meaning, before, hash],
        )
        .unwrap();
}

/// Gives every fact, every case of no order, and every decision about one its row.
pub(super) fn lay(connection: &Connection) {
    let rows = |sql: &str| -> Vec<[Option<String>; 4]> {
        let mut statement = connection.prepare(sql).unwrap();
        let rows = statement.query_map([], |row| {
            Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?])
        });
        rows.unwrap().map(Result::unwrap).collect()
    };
    for [order, code, detail, meaning] in rows(
        "SELECT order_no, kind, before || ' → ' || after || iif(kind IN ('decided', 'ended cancelled'), ' · 查過了', ''),
         'fact/' || order_no || '/' || meaning FROM facts ORDER BY n",
    ) {
        let (code, detail, meaning) = (code.unwrap(), detail.unwrap(), meaning.unwrap());
        append(
            connection,
            order.as_deref(),
            if code == "ended cancelled" {
                "https://issuer.example buyer"
            } else {
                "payuni"
            },
            "fact",
            &code,
            &detail,
            &meaning,
        );
    }
    for [_, code, detail, meaning] in
        rows("SELECT NULL, code, detail, meaning FROM exceptions WHERE order_no IS NULL")
    {
        let (code, detail, meaning) = (code.unwrap(), detail.unwrap(), meaning.unwrap());
        append(
            connection, None, "payuni", "parked", &code, &detail, &meaning,
        );
    }
    for [by, code, reason, meaning] in rows(
        "SELECT d.decided_by, e.code, d.reason, 'decided/' || e.meaning FROM decisions d
         JOIN exceptions e ON e.n = d.exception_n WHERE e.order_no IS NULL",
    ) {
        let (by, code) = (by.unwrap(), code.unwrap());
        append(
            connection,
            None,
            &by,
            "decided",
            &code,
            &reason.unwrap(),
            &meaning.unwrap(),
        );
    }
}
