//! What persons decide about cases and orders, on an open connection.

use super::{actors, books, facts, lists, open::store_error, trail};
use crate::{
    Actor, DeskError, ExceptionRow, LedgerError, Origin, Recorded, Refused, desk::LATE_RULE,
};
use jiff::Timestamp;
use orders::{Fact, MemberId, OrderNo, book::Late, decide::Unlawful, fact::Ending};
use rusqlite::{Connection, OptionalExtension, params};

/// What the shop's rule gives as its reason.
const LATE_REASON: &str = "jinliu.toml [late] payments = accept";

/// Sets a case aside, once.
pub(super) fn decide(
    connection: &Connection,
    n: i64,
    reason: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<ExceptionRow, DeskError> {
    actors::check(connection, actor, now)?;
    let case = lists::case(connection, n)?.ok_or(DeskError::NotFound)?;
    if case.decision.is_some() {
        return Err(DeskError::Moved);
    }
    let by = actor.member.to_string();
    write_decision(connection, n, &by, reason, now)?;
    if let Some(order) = &case.order {
        let fact = Fact::Decided {
            case: case.meaning.clone(),
            by: actor.member.clone(),
            reason: reason.to_owned(),
        };
        let recorded = facts::record(connection, order, fact, &Origin::default(), now);
        // The facts no longer say what this case says: there is nothing left to decide.
        if let Err(LedgerError::Unlawful(Unlawful::Decides)) = recorded {
            return Err(DeskError::Moved);
        }
        recorded?;
    } else {
        let meaning = format!("decided/{}", case.meaning);
        let entry = trail::Entry {
            order: None,
            actor: &by,
            action: "decided",
            code: &case.code,
            detail: reason,
            meaning: &meaning,
        };
        trail::append(connection, &entry, now)?;
    }
    lists::case(connection, n)?.ok_or(DeskError::NotFound)
}

fn write_decision(
    connection: &Connection,
    n: i64,
    by: &str,
    reason: &str,
    now: Timestamp,
) -> Result<(), LedgerError> {
    connection
        .prepare_cached(
            "INSERT INTO decisions (exception_n, decided_by, reason, decided_at_ms) VALUES (?1, ?2, ?3, ?4)",
        )
        .and_then(|mut statement| {
            statement.execute(params![n, by, reason, now.as_millisecond()])
        })
        .map_err(store_error("write a decision"))?;
    Ok(())
}

/// Sets late money aside by the shop's rule. Everything that it depends on is read in this transaction.
pub(super) fn accept_late(
    connection: &Connection,
    order: &OrderNo,
    stock: &[Option<u32>],
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let book = books::load(connection, order.as_str())?
        .ok_or_else(|| LedgerError::NoOrder(order.to_string()))?;
    let Some(Late::Confirmed(case)) = book.late() else {
        return Ok(false);
    };
    let lines = &book.order().lines;
    if lines.len() != stock.len() {
        return Ok(false);
    }
    for (line, stock) in lines.iter().zip(stock) {
        let Some(stock) = stock else { continue };
        // An order that waits for a person holds what it is about: this one is counted already.
        if books::held(connection, line.product.as_str())? > i64::from(*stock) {
            return Ok(false);
        }
    }
    let n: Option<i64> = connection
        .prepare_cached("SELECT n FROM exceptions WHERE meaning = ?1 AND order_no = ?2")
        .and_then(|mut statement| {
            statement
                .query_row([case.key().as_str(), order.as_str()], |row| row.get(0))
                .optional()
        })
        .map_err(store_error("look for a case"))?;
    let Some(n) = n else { return Ok(false) };
    let (issuer, sub) = LATE_RULE;
    let by = MemberId {
        issuer: issuer.to_owned(),
        sub: sub.to_owned(),
    };
    write_decision(connection, n, &by.to_string(), LATE_REASON, now)?;
    let fact = Fact::Decided {
        case: case.key(),
        by,
        reason: LATE_REASON.to_owned(),
    };
    facts::record(connection, order, fact, &Origin::default(), now)?;
    Ok(true)
}

/// Ends the offer of an order that nobody paid.
pub(super) fn cancel(
    connection: &Connection,
    order: &OrderNo,
    reason: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<Recorded, DeskError> {
    actors::check(connection, actor, now)?;
    let by = actor.member.to_string();
    let fact = Fact::Ended(Ending::Cancelled);
    let person = Some((by.as_str(), reason));
    match facts::record_by(connection, order, fact, &Origin::default(), person, now) {
        Ok(recorded) if recorded.news => Ok(recorded),
        Ok(_) | Err(LedgerError::Unlawful(Unlawful::Ends(_))) => Err(DeskError::Moved),
        Err(LedgerError::NoOrder(_)) => Err(DeskError::NotFound),
        Err(error) => Err(error.into()),
    }
}

/// Writes a refusal into its order's trail, once for each message.
pub(super) fn note_refusal(
    connection: &Connection,
    refused: &Refused,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let ours: bool = connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM orders WHERE order_no = ?1)")
        .and_then(|mut statement| statement.query_row([refused.order.as_str()], |row| row.get(0)))
        .map_err(store_error("look an order up"))?;
    if !ours {
        return Ok(false);
    }
    let meaning = format!("refused/{}/{}", refused.code, refused.digest);
    let entry = trail::Entry {
        order: Some(refused.order.as_str()),
        actor: "payuni",
        action: "refused",
        code: refused.code,
        detail: refused.door,
        meaning: &meaning,
    };
    trail::append(connection, &entry, now)
}
