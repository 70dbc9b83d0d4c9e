//! Recording a fact with all that follows from it, on an open connection: line 4.

use super::{
    books::{enqueue, load},
    open::store_error,
    rows::{source_name, write_fact},
    trail,
};
use crate::{LedgerError, Origin, Recorded, Topic};
use jiff::Timestamp;
use orders::{Decision, Effect, Fact, OrderNo, Outcome, Parked, Twd, decide, fact::ParkedKind};
use rusqlite::{Connection, OptionalExtension, params};

type Result<T> = std::result::Result<T, LedgerError>;

/// Decides what follows from a fact and writes the fact and all that follows.
pub(super) fn record(
    connection: &Connection,
    no: &OrderNo,
    fact: Fact,
    origin: &Origin,
    now: Timestamp,
) -> Result<Recorded> {
    record_by(connection, no, fact, origin, None, now)
}

/// The same, where a person makes the fact: the trail says who, and why.
pub(super) fn record_by(
    connection: &Connection,
    no: &OrderNo,
    fact: Fact,
    origin: &Origin,
    person: Option<(&str, &str)>,
    now: Timestamp,
) -> Result<Recorded> {
    let mut book =
        load(connection, no.as_str())?.ok_or_else(|| LedgerError::NoOrder(no.to_string()))?;
    let fact = of_this_order(connection, no, fact)?;
    let decision = decide(&mut book, fact.clone())?;
    if decision.news {
        write_news(connection, no, &fact, origin, &decision, person, now)?;
    }
    Ok(Recorded {
        news: decision.news,
        before: decision.before,
        after: decision.after,
        parked: decision
            .parked
            .iter()
            .map(|parked| parked.kind.code())
            .collect(),
    })
}

/// A trade pays one order. Where another has it already, this is a case for a person.
fn of_this_order(connection: &Connection, no: &OrderNo, fact: Fact) -> Result<Fact> {
    let Fact::Reported {
        attempt,
        source,
        trade_no,
        amount,
        outcome: Outcome::Paid { .. },
        ..
    } = &fact
    else {
        return Ok(fact);
    };
    #[cfg(feature = "ablation")]
    if super::ablation::is_off(connection, super::ablation::Guard::TradeOfAnother)? {
        return Ok(fact);
    }
    let owner: Option<String> = connection
        .prepare_cached("SELECT order_no FROM payments WHERE trade_no = ?1")
        .and_then(|mut statement| {
            statement
                .query_row([trade_no.as_str()], |row| row.get(0))
                .optional()
        })
        .map_err(store_error("look a trade up"))?;
    match owner {
        Some(owner) if owner != no.as_str() => Ok(Fact::Parked {
            attempt: attempt.clone(),
            parked: Parked {
                kind: ParkedKind::TradeOfAnother,
                source: *source,
                subject: attempt.to_string(),
                trade_no: Some(trade_no.clone()),
                amount: Some(*amount),
                detail: owner,
            },
        }),
        _ => Ok(fact),
    }
}

fn write_news(
    connection: &Connection,
    no: &OrderNo,
    fact: &Fact,
    origin: &Origin,
    decision: &Decision,
    person: Option<(&str, &str)>,
    now: Timestamp,
) -> Result<()> {
    let columns = write_fact(fact);
    let write = |error| store_error("write a fact")(error);
    connection
        .prepare_cached(
            "INSERT INTO facts (order_no, meaning, kind, source, attempt_no, trade_no, amount, body, digest, key_id, before, after, received_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                no.as_str(),
                fact.key().as_str(),
                columns.kind,
                columns.source,
                columns.attempt_no,
                columns.trade_no,
                columns.amount,
                columns.body,
                origin.digest,
                origin.key_id,
                decision.before.as_str(),
                decision.after.as_str(),
                now.as_millisecond(),
            ])
        })
        .map_err(write)?;
    let place = connection.last_insert_rowid();
    #[cfg(feature = "crash-points")]
    crash_points::at("K05");
    let by = if let Fact::Decided { by, reason, .. } = fact {
        Some((by.to_string(), reason.as_str()))
    } else {
        None
    };
    let meaning = fact.key();
    let entry = trail::FactEntry {
        order: no.as_str(),
        meaning: meaning.as_str(),
        source: columns.source,
        kind: &columns.kind,
        edge: (decision.before.as_str(), decision.after.as_str()),
        by: by
            .as_ref()
            .map(|(by, reason)| (by.as_str(), *reason))
            .or(person),
    };
    trail::append_fact(connection, &entry, now)?;
    connection
        .prepare_cached("UPDATE orders SET status = ?2, version = version + 1 WHERE order_no = ?1")
        .and_then(|mut statement| statement.execute(params![no.as_str(), decision.after.as_str()]))
        .map_err(write)?;
    write_money(connection, no, fact, now)?;
    for parked in &decision.parked {
        insert_exception(connection, parked, Some(no), now)?;
    }
    for effect in &decision.effects {
        match effect {
            Effect::Sheet => {
                enqueue(connection, Topic::SheetOrder, no.as_str(), now)?;
                enqueue(connection, Topic::SheetEvent, &place.to_string(), now)?;
            }
            Effect::Deliver => enqueue_once(connection, no, now)?,
            Effect::Ask => ask_now(connection, no, fact, now)?,
        }
    }
    Ok(())
}

fn write_money(connection: &Connection, no: &OrderNo, fact: &Fact, now: Timestamp) -> Result<()> {
    match fact {
        Fact::Reported { attempt, trade_no, amount, outcome: Outcome::Paid { .. }, .. } => connection
            .prepare_cached(
                "INSERT INTO payments (trade_no, order_no, attempt_no, amount, currency, paid_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (trade_no) DO NOTHING",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    trade_no.as_str(),
                    no.as_str(),
                    attempt.as_str(),
                    amount.dollars(),
                    Twd::CURRENCY,
                    now.as_millisecond()
                ])
            })
            .map_err(store_error("write a payment"))?,
        Fact::Delivered { trade_no } => connection
            .prepare_cached("INSERT INTO deliveries (order_no, trade_no, delivered_at_ms) VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute(params![no.as_str(), trade_no.as_str(), now.as_millisecond()]))
            .map_err(store_error("write a delivery"))?,
        Fact::Reported { .. }
        | Fact::Returned { .. }
        | Fact::Refunded { .. }
        | Fact::Parked { .. }
        | Fact::Decided { .. }
        | Fact::Ended(_) => 0,
    };
    Ok(())
}

/// Delivery has one row for an order, for ever; what makes the order deliverable again makes the row due.
fn enqueue_once(connection: &Connection, no: &OrderNo, now: Timestamp) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO outbox (topic, aggregate, seq, state, due_at_ms, made_at_ms) VALUES (?1, ?2, 1, 'pending', ?3, ?3)
             ON CONFLICT (topic, aggregate, seq) DO UPDATE SET due_at_ms = MIN(due_at_ms, excluded.due_at_ms) WHERE state = 'pending'",
        )
        .and_then(|mut statement| statement.execute(params![Topic::Deliver.as_str(), no.as_str(), now.as_millisecond()]))
        .map_err(store_error("write an effect"))?;
    Ok(())
}

fn ask_now(connection: &Connection, no: &OrderNo, fact: &Fact, now: Timestamp) -> Result<()> {
    // A decision is about the order as a whole.
    let (which, name) = match fact.attempt() {
        Some(attempt) => ("attempt_no = ?1", attempt.as_str()),
        None => ("order_no = ?1", no.as_str()),
    };
    connection
        .prepare_cached(&format!(
            "UPDATE attempts SET next_ask_ms = ?2, asks = 0, denials = 0 WHERE {which}"
        ))
        .and_then(|mut statement| statement.execute(params![name, now.as_millisecond()]))
        .map_err(store_error("schedule a question"))?;
    Ok(())
}

/// Keeps something authentic that belongs to no order of ours.
pub(super) fn park(connection: &Connection, parked: &Parked, now: Timestamp) -> Result<bool> {
    let news = insert_exception(connection, parked, None, now)?;
    if news {
        trail::append_case(
            connection,
            &parked.key(),
            parked.kind.code(),
            &parked.detail,
            now,
        )?;
    }
    Ok(news)
}

fn insert_exception(
    connection: &Connection,
    parked: &Parked,
    no: Option<&OrderNo>,
    now: Timestamp,
) -> Result<bool> {
    let source = source_name(parked.source);
    connection
        .prepare_cached(
            "INSERT INTO exceptions (meaning, code, source, subject, order_no, trade_no, amount, detail, received_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (meaning) DO NOTHING",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                parked.key(),
                parked.kind.code(),
                source,
                parked.subject,
                no.map(OrderNo::as_str),
                parked.trade_no.as_ref().map(orders::TradeNo::as_str),
                parked.amount.map(Twd::dollars),
                parked.detail,
                now.as_millisecond(),
            ])
        })
        .map(|inserted| inserted > 0)
        .map_err(store_error("write to the review list"))
}
