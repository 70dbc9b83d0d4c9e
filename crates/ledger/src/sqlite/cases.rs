//! What persons decide about cases and orders, on an open connection.

use super::{actors, facts, lists, open::store_error, trail};
use crate::{Actor, DeskError, ExceptionRow, LedgerError, Origin, Recorded, Refused};
use jiff::Timestamp;
use orders::{Fact, OrderNo, decide::Unlawful, fact::Ending};
use rusqlite::{Connection, params};

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
    connection
        .prepare_cached(
            "INSERT INTO decisions (exception_n, decided_by, reason, decided_at_ms) VALUES (?1, ?2, ?3, ?4)",
        )
        .and_then(|mut statement| {
            statement.execute(params![n, by, reason, now.as_millisecond()])
        })
        .map_err(store_error("write a decision"))?;
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
