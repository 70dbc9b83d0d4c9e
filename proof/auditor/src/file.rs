//! The file itself: whole, of a known schema, and with the triggers that keep it from forgetting.

use super::{Found, sentences};
use rusqlite::Connection;

/// What a ledger has at least.
pub(super) const TABLES: [&str; 13] = [
    "members",
    "orders",
    "order_lines",
    "attempts",
    "facts",
    "payments",
    "deliveries",
    "exceptions",
    "outbox",
    "sessions",
    "refunds",
    "decisions",
    "trail",
];

/// The schema that the checks were written for.
const SCHEMA: i64 = 2;

/// "jnlu", the mark of our files.
const APPLICATION_ID: i64 = 0x6a6e_6c75;

/// The triggers that make the ledger append-only, and whose they are.
const GUARDS: [(&str, &str); 19] = [
    ("orders_keep_what_was_agreed", "orders"),
    ("orders_are_not_deleted", "orders"),
    ("order_lines_do_not_change", "order_lines"),
    ("order_lines_are_not_deleted", "order_lines"),
    ("attempts_keep_their_number", "attempts"),
    ("attempts_are_not_deleted", "attempts"),
    ("facts_do_not_change", "facts"),
    ("facts_are_not_deleted", "facts"),
    ("exceptions_are_not_deleted", "exceptions"),
    ("outbox_keeps_what_was_not_delivered", "outbox"),
    ("refunds_keep_what_was_asked", "refunds"),
    ("refunds_are_not_deleted", "refunds"),
    ("refunds_move_along_the_table", "refunds"),
    ("refunds_never_exceed_the_payment", "refunds"),
    ("refunds_never_exceed_the_payment_from_the_start", "refunds"),
    ("decisions_do_not_change", "decisions"),
    ("decisions_are_not_deleted", "decisions"),
    ("trail_does_not_change", "trail"),
    ("trail_is_not_deleted", "trail"),
];

pub(super) fn has_table(connection: &Connection, name: &str) -> rusqlite::Result<bool> {
    connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1)",
        [name],
        |row| row.get(0),
    )
}

/// SQLite finds no damage in pages and indexes. Of a file opened to read only it leaves `CHECK` out (seen with SQLite
/// 3.54), so the other checks say again what money depends on.
pub(super) fn integrity(connection: &Connection) -> Found {
    let found = sentences(connection, &["PRAGMA integrity_check"])?;
    Ok(found.into_iter().filter(|line| line != "ok").collect())
}

/// Nothing points to a row that is not there.
pub(super) fn references(connection: &Connection) -> Found {
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let rows = statement.query_map([], |row| {
        let (table, row_id, parent): (String, Option<i64>, String) =
            (row.get(0)?, row.get(1)?, row.get(2)?);
        let row_id = row_id.map_or_else(String::new, |id| format!(" 第 {id} 列"));
        Ok(format!("{table}{row_id}：指向的 {parent} 不存在"))
    })?;
    rows.collect()
}

/// The file is ours and of the schema that these checks know.
pub(super) fn schema(connection: &Connection) -> Found {
    let value = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let mut found = Vec::new();
    let version = value("user_version")?;
    if version != SCHEMA {
        found.push(format!(
            "結構版本是 {version}，這個稽核只認得 {SCHEMA}：請用相同版本的程式"
        ));
    }
    if value("application_id")? != APPLICATION_ID {
        found.push("檔案沒有金流帳本的標記（application_id）".to_owned());
    }
    Ok(found)
}

/// The triggers that refuse to change or delete are all there, on their tables, and refuse.
pub(super) fn guards(connection: &Connection) -> Found {
    let mut found = Vec::new();
    for (name, table) in GUARDS {
        let there: bool = connection.query_row(
            "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'trigger' AND name = ?1 AND tbl_name = ?2
             AND sql LIKE '%RAISE(ABORT%')",
            [name, table],
            |row| row.get(0),
        )?;
        if !there {
            found.push(format!("{table}：少了保護它的觸發器 {name}"));
        }
    }
    Ok(found)
}

/// What is worth knowing: a copy made by a backup is a whole ledger, but not in the mode that a running shop uses.
pub(super) fn notes(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
    Ok(if mode == "wal" {
        Vec::new()
    } else {
        vec![format!(
            "日誌模式是 {mode}，不是 wal：備份出來的檔案會這樣，營業中的帳本不該如此"
        )]
    })
}
