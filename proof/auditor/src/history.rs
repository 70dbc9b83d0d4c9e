//! Orders with their attempts and facts, read plainly.

use rusqlite::Connection;
use std::collections::BTreeMap;

/// One order as it stands in the file.
#[derive(Debug)]
pub(super) struct History {
    pub(super) no: String,
    pub(super) amount: i64,
    pub(super) status: String,
    pub(super) version: i64,
    /// Numbers, by ordinal.
    pub(super) attempts: Vec<String>,
    /// In the order in which they were recorded.
    pub(super) facts: Vec<Fact>,
}

/// A row of `facts`, unparsed.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    pub(super) n: i64,
    pub(super) meaning: String,
    pub(super) kind: String,
    pub(super) source: String,
    pub(super) attempt: Option<String>,
    pub(super) trade: Option<String>,
    pub(super) amount: Option<i64>,
    pub(super) body: String,
    pub(super) before: String,
    pub(super) after: String,
}

/// Reads every order of the ledger.
pub(super) fn read(connection: &Connection) -> rusqlite::Result<Vec<History>> {
    let mut orders = BTreeMap::new();
    let mut statement =
        connection.prepare("SELECT order_no, amount, status, version FROM orders")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let history = History {
            no: row.get(0)?,
            amount: row.get(1)?,
            status: row.get(2)?,
            version: row.get(3)?,
            attempts: Vec::new(),
            facts: Vec::new(),
        };
        orders.insert(history.no.clone(), history);
    }
    let mut statement =
        connection.prepare("SELECT order_no, attempt_no FROM attempts ORDER BY ordinal")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(history) = orders.get_mut(&row.get::<_, String>(0)?) {
            history.attempts.push(row.get(1)?);
        }
    }
    let mut statement = connection.prepare(
        "SELECT order_no, n, meaning, kind, source, attempt_no, trade_no, amount, body, before, after FROM facts ORDER BY n",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(history) = orders.get_mut(&row.get::<_, String>(0)?) {
            history.facts.push(Fact {
                n: row.get(1)?,
                meaning: row.get(2)?,
                kind: row.get(3)?,
                source: row.get(4)?,
                attempt: row.get(5)?,
                trade: row.get(6)?,
                amount: row.get(7)?,
                body: row.get(8)?,
                before: row.get(9)?,
                after: row.get(10)?,
            });
        }
    }
    Ok(orders.into_values().collect())
}
