//! The ledger's file, read with SQL of our own and nothing of the shop's.

use rusqlite::{Connection, OpenFlags, types::ValueRef};
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, path::Path, time::Duration};

const OUTBOX: &str = "topic, aggregate, seq";

/// The money tables and their columns, without what moves by itself: leases, next questions, tries.
const MONEY: [(&str, &str); 10] = [
    (
        "orders",
        "order_no, issuer, sub, amount, currency, placed_at_ms, expires_at_ms, checkout_key, status, version",
    ),
    (
        "order_lines",
        "order_no, line, product_id, name, unit_price, quantity",
    ),
    ("attempts", "attempt_no, order_no, ordinal, pay_key"),
    (
        "facts",
        "n, order_no, meaning, kind, source, attempt_no, trade_no, amount, body, before, after",
    ),
    (
        "payments",
        "trade_no, order_no, attempt_no, amount, currency",
    ),
    ("deliveries", "order_no, trade_no"),
    (
        "refunds",
        "refund_no, order_no, trade_no, amount, state, requester, approver",
    ),
    (
        "exceptions",
        "n, meaning, code, subject, order_no, trade_no, amount",
    ),
    ("decisions", "exception_n, decided_by, reason"),
    ("outbox", OUTBOX),
];

/// A snapshot of what the ledger holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// SHA-256 of the ordered dump of all money tables.
    pub(crate) digest: String,
    /// The same for each table, so that a difference can be named.
    pub(crate) tables: BTreeMap<&'static str, String>,
    /// Cases by code.
    pub(crate) parked: BTreeMap<String, u64>,
    /// Refunds by state.
    pub(crate) refunds: BTreeMap<String, u64>,
    /// How many orders.
    pub(crate) orders: u64,
    /// How many sessions.
    pub(crate) sessions: u64,
}

/// Opens the file to read.
pub(crate) fn open(path: &Path) -> anyhow::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

fn dump(connection: &Connection, table: &str, columns: &str) -> anyhow::Result<String> {
    // A sign-in has its row of the sheet written too: that is about no money.
    let which = if table == "outbox" {
        "WHERE topic <> 'sheet.member'"
    } else {
        ""
    };
    let sql = format!("SELECT {columns} FROM {table} {which} ORDER BY {columns}");
    let mut statement = connection.prepare(&sql)?;
    let width = statement.column_count();
    let mut rows = statement.query([])?;
    let mut hash = Sha256::new();
    while let Some(row) = rows.next()? {
        for column in 0..width {
            match row.get_ref(column)? {
                ValueRef::Null => hash.update(b"n;"),
                ValueRef::Integer(n) => hash.update(format!("i{n};")),
                ValueRef::Text(text) | ValueRef::Blob(text) => {
                    hash.update(format!("t{};", text.len()));
                    hash.update(text);
                }
                ValueRef::Real(_) => anyhow::bail!("{table} holds a float"),
            }
        }
    }
    Ok(hex::encode(hash.finalize()))
}

fn counts(connection: &Connection, sql: &str) -> anyhow::Result<BTreeMap<String, u64>> {
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Reads everything that a mark remembers, in one transaction.
pub(crate) fn snapshot(path: &Path) -> anyhow::Result<Snapshot> {
    let mut connection = open(path)?;
    let reading = connection.transaction()?;
    let mut snapshot = Snapshot {
        parked: counts(
            &reading,
            "SELECT code, COUNT(*) FROM exceptions GROUP BY code",
        )?,
        refunds: counts(
            &reading,
            "SELECT state, COUNT(*) FROM refunds GROUP BY state",
        )?,
        orders: reading.query_row("SELECT COUNT(*) FROM orders", [], |row| row.get(0))?,
        sessions: reading.query_row("SELECT COUNT(*) FROM sessions", [], |row| row.get(0))?,
        ..Snapshot::default()
    };
    let mut whole = Sha256::new();
    for (table, columns) in MONEY {
        let digest = dump(&reading, table, columns)?;
        whole.update(&digest);
        snapshot.tables.insert(table, digest);
    }
    snapshot.digest = hex::encode(whole.finalize());
    Ok(snapshot)
}

/// One number about an order, or 0.
pub(crate) fn number(path: &Path, sql: &str, order_no: &str) -> anyhow::Result<u64> {
    let found: Option<u64> = open(path)?.query_row(sql, [order_no], |row| row.get(0))?;
    Ok(found.unwrap_or(0))
}

/// Texts about an order.
pub(crate) fn texts(path: &Path, sql: &str, order_no: &str) -> anyhow::Result<Vec<String>> {
    let connection = open(path)?;
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([order_no], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Every order with its amount.
pub(crate) fn orders(path: &Path) -> anyhow::Result<Vec<(String, u64)>> {
    Ok(counts(
        &open(path)?,
        "SELECT order_no, amount FROM orders ORDER BY order_no",
    )?
    .into_iter()
    .collect())
}

/// Whether a delivery is due now.
pub(crate) fn delivery_is_due(path: &Path, now_ms: i64) -> anyhow::Result<bool> {
    let due: u64 = open(path)?.query_row(
        "SELECT COUNT(*) FROM outbox WHERE topic = 'deliver' AND state = 'pending' AND due_at_ms <= ?1",
        [now_ms],
        |row| row.get(0),
    )?;
    Ok(due > 0)
}

/// Whether a refund is on its way that the shop goes on with by itself.
pub(crate) fn refund_is_due(path: &Path, now_ms: i64) -> anyhow::Result<bool> {
    let due: u64 = open(path)?.query_row(
        "SELECT COUNT(*) FROM refunds WHERE due_at_ms <= ?1",
        [now_ms],
        |row| row.get(0),
    )?;
    Ok(due > 0)
}

/// Runs a statement that edits the file; returns whether the schema refused it.
pub(crate) fn refuses(path: &Path, statement: &str) -> anyhow::Result<bool> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "foreign_keys", true)?;
    match connection.execute_batch(statement) {
        Ok(()) => Ok(false),
        Err(rusqlite::Error::SqliteFailure(error, _))
            if error.code == rusqlite::ErrorCode::ConstraintViolation =>
        {
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}
