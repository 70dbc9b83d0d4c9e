//! The outbox's rows, on an open connection.

use super::{books::enqueue, open::store_error};
use crate::{Lease, LedgerError, Outcome, Row, Topic};
use jiff::Timestamp;
use rusqlite::{Connection, params};

type Result<T> = std::result::Result<T, LedgerError>;

pub(super) fn lease(
    connection: &Connection,
    topic: Topic,
    limit: u32,
    lease: &Lease,
    now: Timestamp,
) -> Result<Vec<Row>> {
    let write = || store_error("claim effects");
    let mut statement = connection
        .prepare_cached(
            "UPDATE outbox SET lease = ?3, leased_until_ms = ?4 WHERE id IN (
                 SELECT id FROM outbox WHERE topic = ?1 AND state = 'pending' AND due_at_ms <= ?5
                 AND (lease IS NULL OR leased_until_ms <= ?5) ORDER BY id LIMIT ?2)
             RETURNING id, aggregate, seq, tries",
        )
        .map_err(write())?;
    let rows = statement
        .query_map(
            params![
                topic.as_str(),
                limit,
                lease.token,
                lease.until.as_millisecond(),
                now.as_millisecond()
            ],
            |row| {
                Ok(Row {
                    id: row.get(0)?,
                    aggregate: row.get(1)?,
                    seq: row.get(2)?,
                    tries: row.get(3)?,
                })
            },
        )
        .map_err(write())?;
    let mut rows = rows
        .collect::<rusqlite::Result<Vec<Row>>>()
        .map_err(write())?;
    rows.sort_by_key(|row| row.id);
    Ok(rows)
}

pub(super) fn settle(
    connection: &Connection,
    ids: &[i64],
    lease: &Lease,
    outcome: &Outcome,
) -> Result<u32> {
    let (state, due, error) = match outcome {
        Outcome::Done => ("done", None, None),
        Outcome::Retry { at, error } => ("pending", Some(at.as_millisecond()), Some(error)),
        Outcome::Dead { error } => ("dead", None, Some(error)),
    };
    let mut settled = 0;
    for id in ids {
        settled += connection
            .prepare_cached(
                "UPDATE outbox SET state = ?3, due_at_ms = COALESCE(?4, due_at_ms), last_error = ?5, tries = tries + 1,
                 lease = NULL, leased_until_ms = NULL WHERE id = ?1 AND lease = ?2 AND state = 'pending'",
            )
            .and_then(|mut statement| statement.execute(params![id, lease.token, state, due, error]))
            .map_err(store_error("settle effects"))?;
    }
    #[cfg(feature = "crash-points")]
    if state == "done" {
        crash_points::at("K13");
    }
    Ok(u32::try_from(settled).unwrap_or(u32::MAX))
}

pub(super) fn delivered(connection: &Connection, order_no: &str, lease: &Lease) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE outbox SET state = 'done', tries = tries + 1, lease = NULL, leased_until_ms = NULL
             WHERE topic = 'deliver' AND aggregate = ?1 AND (lease IS NULL OR lease = ?2) AND state = 'pending'",
        )
        .and_then(|mut statement| statement.execute(params![order_no, lease.token]))
        .map_err(store_error("settle a delivery"))?;
    Ok(())
}

/// Whether somebody works on a row of this topic right now.
pub(super) fn is_leased(
    connection: &Connection,
    topic: Topic,
    aggregate: &str,
    now: Timestamp,
) -> Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM outbox WHERE topic = ?1 AND aggregate = ?2 AND state = 'pending'
             AND lease IS NOT NULL AND leased_until_ms > ?3)",
        )
        .and_then(|mut statement| {
            statement.query_row(
                params![topic.as_str(), aggregate, now.as_millisecond()],
                |row| row.get(0),
            )
        })
        .map_err(store_error("look for a worker"))
}

pub(super) fn backlog(connection: &Connection, topic: Topic) -> Result<(u64, u64)> {
    let count = |state: &str| {
        connection
            .prepare_cached("SELECT COUNT(*) FROM outbox WHERE topic = ?1 AND state = ?2")
            .and_then(|mut statement| {
                statement.query_row(params![topic.as_str(), state], |row| row.get::<_, u64>(0))
            })
            .map_err(store_error("count effects"))
    };
    Ok((count("pending")?, count("dead")?))
}

pub(super) fn write_again(
    connection: &Connection,
    topic: Topic,
    key: &str,
    now: Timestamp,
) -> Result<()> {
    if topic != Topic::SheetMember {
        return enqueue(connection, topic, key, now);
    }
    // A member's row is keyed by `sub` alone; the outbox knows members with their issuer.
    let issuers: Vec<String> = connection
        .prepare_cached("SELECT issuer FROM members WHERE sub = ?1")
        .and_then(|mut statement| statement.query_map([key], |row| row.get(0))?.collect())
        .map_err(store_error("read a member"))?;
    issuers
        .iter()
        .try_for_each(|issuer| enqueue(connection, topic, &format!("{issuer} {key}"), now))
}

pub(super) fn refill(connection: &Connection, topic: Topic, now: Timestamp) -> Result<u64> {
    let aggregates = match topic {
        Topic::SheetMember => {
            "SELECT issuer || ' ' || sub AS aggregate FROM members ORDER BY first_seen_ms, issuer, sub"
        }
        Topic::SheetOrder => {
            "SELECT order_no AS aggregate FROM orders ORDER BY placed_at_ms, order_no"
        }
        Topic::SheetEvent => "SELECT CAST(n AS TEXT) AS aggregate FROM facts ORDER BY n",
        // A delivery is never made twice.
        Topic::Deliver => return Ok(0),
    };
    let failed = || store_error("fill the sheet's outbox");
    let lost = format!(
        "SELECT EXISTS (SELECT 1 FROM ({aggregates}) AS every WHERE NOT EXISTS (SELECT 1 FROM outbox
         WHERE topic = ?1 AND outbox.aggregate = every.aggregate AND state = 'pending'))"
    );
    let lost: bool = connection
        .query_row(&lost, [topic.as_str()], |row| row.get(0))
        .map_err(failed())?;
    if !lost {
        return Ok(0);
    }
    // What waits is put behind the rest, so that the new tab is in order.
    connection
        .execute(
            "UPDATE outbox SET state = 'done' WHERE topic = ?1 AND state = 'pending' AND lease IS NULL",
            [topic.as_str()],
        )
        .map_err(failed())?;
    let names: Vec<String> = connection
        .prepare(aggregates)
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .map_err(failed())?;
    for aggregate in &names {
        enqueue(connection, topic, aggregate, now)?;
    }
    Ok(u64::try_from(names.len()).unwrap_or(u64::MAX))
}
