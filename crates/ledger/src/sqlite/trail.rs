//! The trail: who did what and what was refused, each row chained to the one before, so that an edit shows.

use super::{books::time, open::store_error};
use crate::{LedgerError, TrailRow};
use jiff::Timestamp;
use orders::OrderNo;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

type Result<T> = std::result::Result<T, LedgerError>;

/// The chain's anchor: what the first row is chained to.
const ANCHOR: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// What a row says, before it has its place.
pub(super) struct Entry<'a> {
    pub(super) order: Option<&'a str>,
    pub(super) actor: &'a str,
    pub(super) action: &'static str,
    pub(super) code: &'a str,
    pub(super) detail: &'a str,
    /// What makes it the same row when it comes again.
    pub(super) meaning: &'a str,
}

/// Adds a row, once for its meaning. Returns whether it was news.
pub(super) fn append(connection: &Connection, entry: &Entry<'_>, now: Timestamp) -> Result<bool> {
    let write = || store_error("write the trail");
    let known: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM trail WHERE meaning = ?1)")
        .and_then(|mut statement| statement.query_row([entry.meaning], |row| row.get(0)))
        .map_err(write())?;
    if known {
        return Ok(false);
    }
    let last: Option<(i64, String)> = connection
        .prepare_cached("SELECT n, hash FROM trail ORDER BY n DESC LIMIT 1")
        .and_then(|mut statement| {
            statement
                .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()
        })
        .map_err(write())?;
    let (n, before) = last.map_or((1, ANCHOR.to_owned()), |(n, hash)| (n + 1, hash));
    let at = now.as_millisecond();
    let hash = link(&before, n, at, entry);
    connection
        .prepare_cached(
            "INSERT INTO trail (n, at_ms, order_no, actor, action, code, detail, meaning, prev_hash, hash)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                n,
                at,
                entry.order,
                entry.actor,
                entry.action,
                entry.code,
                entry.detail,
                entry.meaning,
                before,
                hash
            ])
        })
        .map_err(write())?;
    Ok(true)
}

/// SHA-256 over the hash before and the row as a JSON array, in hexadecimal.
fn link(before: &str, n: i64, at: i64, entry: &Entry<'_>) -> String {
    let row = serde_json::json!([
        n,
        at,
        entry.order,
        entry.actor,
        entry.action,
        entry.code,
        entry.detail,
        entry.meaning
    ]);
    let mut hash = Sha256::new();
    hash.update(before.as_bytes());
    hash.update(row.to_string().as_bytes());
    hex::encode(hash.finalize())
}

/// Gives every fact and every case that is older than the trail its row.
pub(super) fn begin(connection: &Connection) -> rusqlite::Result<()> {
    type Old = (String, String, String, String, String, String, i64);
    let mut statement = connection.prepare(
        "SELECT order_no, meaning, source, kind, before, after, received_at_ms FROM facts ORDER BY n",
    )?;
    let facts: Vec<Old> = statement
        .query_map([], |row| {
            Ok((
                row.get(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
                row.get(4)?,
                row.get(5)?,
                row.get(6)?,
            ))
        })?
        .collect::<rusqlite::Result<_>>()?;
    let broken =
        |error: LedgerError| rusqlite::Error::ToSqlConversionFailure(error.to_string().into());
    for (order, meaning, source, kind, before, after, at) in facts {
        let entry = FactEntry {
            order: &order,
            meaning: &meaning,
            source: &source,
            kind: &kind,
            edge: (&before, &after),
            by: None,
        };
        append_fact(connection, &entry, time(at).map_err(broken)?).map_err(broken)?;
    }
    let mut statement = connection.prepare(
        "SELECT meaning, code, detail, received_at_ms FROM exceptions WHERE order_no IS NULL ORDER BY n",
    )?;
    let cases: Vec<(String, String, String, i64)> = statement
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    for (meaning, code, detail, at) in cases {
        append_case(
            connection,
            &meaning,
            &code,
            &detail,
            time(at).map_err(broken)?,
        )
        .map_err(broken)?;
    }
    Ok(())
}

/// A fact, as the trail tells it.
pub(super) struct FactEntry<'a> {
    pub(super) order: &'a str,
    pub(super) meaning: &'a str,
    pub(super) source: &'a str,
    pub(super) kind: &'a str,
    pub(super) edge: (&'a str, &'a str),
    /// The person who made it and why, where one did.
    pub(super) by: Option<(&'a str, &'a str)>,
}

pub(super) fn append_fact(
    connection: &Connection,
    fact: &FactEntry<'_>,
    now: Timestamp,
) -> Result<bool> {
    let why = fact
        .by
        .map_or_else(String::new, |(_, why)| format!(" · {why}"));
    let detail = format!("{} → {}{why}", fact.edge.0, fact.edge.1);
    let meaning = format!("fact/{}/{}", fact.order, fact.meaning);
    let gateway = matches!(fact.source, "notice" | "query");
    let entry = Entry {
        order: Some(fact.order),
        actor: fact
            .by
            .map_or(if gateway { "payuni" } else { "shop" }, |(by, _)| by),
        action: "fact",
        code: fact.kind,
        detail: &detail,
        meaning: &meaning,
    };
    append(connection, &entry, now)
}

/// Something authentic that belongs to no order of ours.
pub(super) fn append_case(
    connection: &Connection,
    meaning: &str,
    code: &str,
    detail: &str,
    now: Timestamp,
) -> Result<bool> {
    let entry = Entry {
        order: None,
        actor: "payuni",
        action: "parked",
        code,
        detail,
        meaning,
    };
    append(connection, &entry, now)
}

pub(super) fn of_order(connection: &Connection, no: &OrderNo) -> Result<Vec<TrailRow>> {
    let read = || store_error("read the trail");
    let mut statement = connection
        .prepare_cached(
            "SELECT n, at_ms, actor, action, code, detail, meaning, hash FROM trail WHERE order_no = ?1 ORDER BY n",
        )
        .map_err(read())?;
    let rows = statement
        .query_map([no.as_str()], |row| {
            Ok((
                row.get::<_, i64>(1)?,
                TrailRow {
                    n: row.get(0)?,
                    at: Timestamp::UNIX_EPOCH,
                    actor: row.get(2)?,
                    action: row.get(3)?,
                    code: row.get(4)?,
                    detail: row.get(5)?,
                    meaning: row.get(6)?,
                    hash: row.get(7)?,
                },
            ))
        })
        .map_err(read())?;
    rows.map(|row| {
        let (at, row) = row.map_err(read())?;
        Ok(TrailRow {
            at: time(at)?,
            ..row
        })
    })
    .collect()
}
