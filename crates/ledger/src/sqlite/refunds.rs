//! Refunds and their moves, on an open connection.

use super::{
    actors,
    books::{load, time},
    facts,
    open::store_error,
    trail,
};
use crate::{Actor, DeskError, LedgerError, NewRefund, Origin, RefundMove};
use jiff::Timestamp;
use orders::{
    Book, Fact, How, Move, OrderNo, Parked, Refund, RefundNo, RefundState, Source, Twd,
    fact::ParkedKind, refund::check,
};
use rusqlite::{Connection, Row, ToSql, params};

type Result<T, E = DeskError> = std::result::Result<T, E>;

const COLUMNS: &str = "refund_no, order_no, attempt_no, trade_no, amount, how, reason, two_persons, requester, approver, \
     state, version, baseline, asks, word, requested_at_ms, sent_at_ms, changed_at_ms";

pub(super) fn select(
    connection: &Connection,
    which: &str,
    values: &[&dyn ToSql],
) -> Result<Vec<Refund>, LedgerError> {
    let sql = format!("SELECT {COLUMNS} FROM refunds {which}");
    let read = || store_error("read refunds");
    let mut statement = connection.prepare_cached(&sql).map_err(read())?;
    let rows = statement
        .query_map(values, |row| Ok(raw(row)))
        .map_err(read())?;
    rows.map(|row| {
        row.map_err(read())?
            .map_err(read())?
            .ok_or(LedgerError::Unreadable("refund"))
    })
    .collect()
}

/// `None` where a column holds what no version of this program writes.
fn raw(row: &Row<'_>) -> rusqlite::Result<Option<Refund>> {
    let text = |column: &str| row.get::<_, String>(column);
    let (no, order, attempt) = (text("refund_no")?, text("order_no")?, text("attempt_no")?);
    let (trade, how, state) = (text("trade_no")?, text("how")?, text("state")?);
    let (requester, approver) = (
        text("requester")?,
        row.get::<_, Option<String>>("approver")?,
    );
    let at = |ms: i64| time(ms).ok();
    let sent: Option<i64> = row.get("sent_at_ms")?;
    let (amount, requested) = (row.get("amount")?, row.get("requested_at_ms")?);
    let changed = row.get("changed_at_ms")?;
    let read = || {
        Some(Refund {
            no: no.parse().ok()?,
            order: order.parse().ok()?,
            attempt: attempt.parse().ok()?,
            trade_no: trade.parse().ok()?,
            amount: Twd::new(amount).ok()?,
            how: how_of(&how)?,
            reason: String::new(),
            two_persons: false,
            requester: requester.parse().ok()?,
            approver: approver.as_deref().map(str::parse).transpose().ok()?,
            state: state.parse().ok()?,
            version: 0,
            baseline: 0,
            asks: 0,
            word: String::new(),
            requested_at: at(requested)?,
            sent_at: sent.and_then(at),
            changed_at: at(changed)?,
        })
    };
    let Some(refund) = read() else {
        return Ok(None);
    };
    Ok(Some(Refund {
        reason: text("reason")?,
        two_persons: row.get("two_persons")?,
        version: row.get("version")?,
        baseline: row.get("baseline")?,
        asks: row.get("asks")?,
        word: text("word")?,
        ..refund
    }))
}

fn how_of(name: &str) -> Option<How> {
    match name {
        "gateway" => Some(How::Gateway),
        "by_hand" => Some(How::ByHand),
        _ => None,
    }
}

fn how_name(how: How) -> &'static str {
    match how {
        How::Gateway => "gateway",
        How::ByHand => "by_hand",
    }
}

pub(super) fn one(connection: &Connection, no: &RefundNo) -> Result<Option<Refund>, LedgerError> {
    Ok(select(connection, "WHERE refund_no = ?1", &[&no.as_str()])?
        .into_iter()
        .next())
}

pub(super) fn of_order(connection: &Connection, no: &OrderNo) -> Result<Vec<Refund>, LedgerError> {
    select(
        connection,
        "WHERE order_no = ?1 ORDER BY requested_at_ms, refund_no",
        &[&no.as_str()],
    )
}

fn book_of(connection: &Connection, no: &OrderNo) -> Result<Book> {
    load(connection, no.as_str())?.ok_or(DeskError::NotFound)
}

/// The order's payment can still carry this refund, beside all others.
fn check_room(
    connection: &Connection,
    order: &OrderNo,
    trade: &orders::TradeNo,
    amount: Twd,
) -> Result<orders::AttemptNo> {
    let (book, others) = (book_of(connection, order)?, of_order(connection, order)?);
    Ok(check(&book, trade, amount, &others)?)
}

/// Whether a second person must agree: what went back, or may, on one person's word alone, with this refund.
fn needs_another(others: &[Refund], new: &NewRefund) -> bool {
    let alone = others
        .iter()
        .filter(|refund| !refund.two_persons && refund.state.holds_money())
        .map(|refund| u64::from(refund.amount.dollars()));
    alone.sum::<u64>() + u64::from(new.amount.dollars()) > u64::from(new.alone_up_to)
}

pub(super) fn request(
    connection: &Connection,
    new: &NewRefund,
    actor: &Actor,
    now: Timestamp,
) -> Result<Refund> {
    actors::check(connection, actor, now)?;
    let made = select(
        connection,
        "WHERE order_no = ?1 AND form_key = ?2",
        &[&new.order.as_str(), &new.form_key],
    )?;
    if let Some(made) = made.into_iter().next() {
        let same = made.amount == new.amount && made.trade_no == new.trade_no;
        return if same {
            Ok(made)
        } else {
            Err(DeskError::Moved)
        };
    }
    let attempt = check_room(connection, &new.order, &new.trade_no, new.amount)?;
    let two_persons = needs_another(&of_order(connection, &new.order)?, new);
    let state = if two_persons {
        RefundState::Requested
    } else {
        RefundState::Reserved
    };
    let due =
        (state == RefundState::Reserved && new.how == How::Gateway).then_some(now.as_millisecond());
    connection
        .prepare_cached(
            "INSERT INTO refunds (refund_no, order_no, attempt_no, trade_no, amount, how, reason, form_key, two_persons,
             requester, state, requested_at_ms, changed_at_ms, due_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?12, ?13)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                new.no.as_str(),
                new.order.as_str(),
                attempt.as_str(),
                new.trade_no.as_str(),
                new.amount.dollars(),
                how_name(new.how),
                new.reason,
                new.form_key,
                two_persons,
                actor.member.to_string(),
                state.as_str(),
                now.as_millisecond(),
                due,
            ])
        })
        .map_err(store_error("write a refund"))?;
    let refund = one(connection, &new.no)?.ok_or(LedgerError::Unreadable("refund"))?;
    note(
        connection,
        &refund,
        &actor.member.to_string(),
        &new.reason,
        now,
    )?;
    Ok(refund)
}

/// One row of the trail for each version of a refund.
fn note(
    connection: &Connection,
    refund: &Refund,
    actor: &str,
    why: &str,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let detail = format!("{} {} · {why}", refund.amount, refund.trade_no);
    let meaning = format!("refund/{}/{}", refund.no, refund.version);
    let entry = trail::Entry {
        order: Some(refund.order.as_str()),
        actor,
        action: "refund",
        code: refund.state.as_str(),
        detail: &detail,
        meaning: &meaning,
    };
    trail::append(connection, &entry, now)?;
    Ok(())
}

/// Who makes a move: a person who was checked, or the shop by itself.
pub(super) enum By<'a> {
    Person(&'a Actor),
    Shop,
}

pub(super) fn step(
    connection: &Connection,
    seen: &Refund,
    to: &RefundMove,
    by: &By<'_>,
    now: Timestamp,
) -> Result<Refund> {
    let refund = one(connection, &seen.no)?.ok_or(DeskError::NotFound)?;
    if refund.version != seen.version {
        return Err(DeskError::Moved);
    }
    let state = refund.state.after(to.step).ok_or(DeskError::Moved)?;
    if to.step == Move::Approve {
        check_room(connection, &refund.order, &refund.trade_no, refund.amount)?;
    }
    if to.step == Move::Send && another_is_out(connection, &refund)? {
        return Err(DeskError::Moved);
    }
    let actor = match by {
        By::Person(actor) => actor.member.to_string(),
        By::Shop => "shop".to_owned(),
    };
    let (at, sends) = (now.as_millisecond(), to.step == Move::Send);
    connection
        .prepare_cached(
            "UPDATE refunds SET state = ?2, version = version + 1, word = ?3, baseline = COALESCE(?4, baseline), asks = 0,
             approver = COALESCE(?5, approver), sent_at_ms = COALESCE(?6, sent_at_ms), changed_at_ms = ?7, due_at_ms = ?8
             WHERE refund_no = ?1",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                refund.no.as_str(),
                state.as_str(),
                to.word,
                to.baseline,
                (to.step == Move::Approve).then_some(actor.as_str()),
                sends.then_some(at),
                at,
                to.due.map(Timestamp::as_millisecond),
            ])
        })
        .map_err(store_error("move a refund"))?;
    let moved = one(connection, &refund.no)?.ok_or(LedgerError::Unreadable("refund"))?;
    note(connection, &moved, &actor, &to.word, now)?;
    tell_the_book(connection, &moved, to, now)?;
    Ok(moved)
}

/// Of one trade only one refund is out at a time, so that what asking shows can be told apart.
fn another_is_out(connection: &Connection, refund: &Refund) -> Result<bool, LedgerError> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM refunds WHERE trade_no = ?1 AND refund_no <> ?2 AND state IN ('sent', 'in_doubt'))",
        )
        .and_then(|mut statement| {
            statement.query_row([refund.trade_no.as_str(), refund.no.as_str()], |row| {
                row.get(0)
            })
        })
        .map_err(store_error("look for another refund"))
}

/// What went back, and what was taken back again, becomes a fact of the order in the same commit.
fn tell_the_book(
    connection: &Connection,
    refund: &Refund,
    to: &RefundMove,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let fact = match to.step {
        Move::Succeed => {
            let known = book_of(connection, &refund.order)
                .map_err(|_| LedgerError::Unreadable("order"))?
                .refunded_of(&refund.trade_no);
            let before = match refund.how {
                How::Gateway => refund.baseline,
                How::ByHand => u32::try_from(known).unwrap_or(u32::MAX),
            };
            let sum = Twd::new(before.saturating_add(refund.amount.dollars()))
                .map_err(|_| LedgerError::Unreadable("amount"))?;
            Fact::Refunded {
                attempt: refund.attempt.clone(),
                trade_no: refund.trade_no.clone(),
                total: to.total.map_or(sum, |total| total.max(sum)),
                how: refund.how,
            }
        }
        Move::Reverse => Fact::Parked {
            attempt: refund.attempt.clone(),
            parked: Parked {
                kind: ParkedKind::RefundReversed,
                source: Source::Query,
                subject: refund.no.to_string(),
                trade_no: Some(refund.trade_no.clone()),
                amount: Some(refund.amount),
                detail: refund.attempt.to_string(),
            },
        },
        Move::Approve
        | Move::Reject
        | Move::Send
        | Move::Refuse
        | Move::LoseTrack
        | Move::FindNothing => return Ok(()),
    };
    facts::record(connection, &refund.order, fact, &Origin::default(), now)?;
    Ok(())
}

/// A move that a person makes.
pub(super) fn by_person(
    connection: &Connection,
    no: &RefundNo,
    move_: Move,
    word: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<Refund> {
    actors::check(connection, actor, now)?;
    let refund = one(connection, no)?.ok_or(DeskError::NotFound)?;
    if move_ == Move::Approve && refund.requester == actor.member {
        return Err(DeskError::SamePerson);
    }
    // Only what a person moves by hand succeeds by a person's word before it was ever sent.
    if move_ == Move::Succeed && refund.state == RefundState::Reserved && refund.how != How::ByHand
    {
        return Err(DeskError::Moved);
    }
    let goes_on = matches!(move_, Move::Approve | Move::FindNothing) && refund.how == How::Gateway;
    let to = RefundMove {
        step: move_,
        word: word.to_owned(),
        baseline: None,
        total: None,
        due: goes_on.then_some(now),
    };
    step(connection, &refund, &to, &By::Person(actor), now)
}

/// A refund in doubt may only be resolved; that it was refused is nothing that a person can see.
pub(super) fn resolve(
    connection: &Connection,
    no: &RefundNo,
    happened: bool,
    reason: &str,
    actor: &Actor,
    now: Timestamp,
) -> Result<Refund> {
    let refund = one(connection, no)?.ok_or(DeskError::NotFound)?;
    if refund.state != RefundState::InDoubt {
        actors::check(connection, actor, now)?;
        return Err(DeskError::Moved);
    }
    let move_ = if happened {
        Move::Succeed
    } else {
        Move::FindNothing
    };
    by_person(connection, no, move_, reason, actor, now)
}

pub(super) fn put_off(
    connection: &Connection,
    seen: &Refund,
    word: &str,
    due: Timestamp,
    counts: bool,
) -> Result<(), LedgerError> {
    connection
        .prepare_cached(
            "UPDATE refunds SET due_at_ms = ?3, asks = asks + ?5, word = ?4 WHERE refund_no = ?1 AND version = ?2",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                seen.no.as_str(),
                seen.version,
                due.as_millisecond(),
                word,
                counts
            ])
        })
        .map_err(store_error("put a refund off"))?;
    Ok(())
}

pub(super) fn due(
    connection: &Connection,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Refund>, LedgerError> {
    select(
        connection,
        // Nothing is put off for longer than half an hour: what is due later than that was written before the clock was set back.
        "WHERE (due_at_ms <= ?1 OR due_at_ms > ?1 + 3600000) AND state IN ('reserved', 'sent', 'in_doubt') AND NOT (state = 'reserved' AND EXISTS (
             SELECT 1 FROM refunds AS other WHERE other.trade_no = refunds.trade_no AND other.refund_no <> refunds.refund_no
             AND (other.state IN ('sent', 'in_doubt') OR (other.state = 'reserved' AND other.how = 'gateway'
                  AND (other.requested_at_ms, other.refund_no) < (refunds.requested_at_ms, refunds.refund_no)))))
         ORDER BY due_at_ms, refund_no LIMIT ?2",
        &[&now.as_millisecond(), &limit],
    )
}

pub(super) fn open(connection: &Connection, limit: u32) -> Result<Vec<Refund>, LedgerError> {
    select(
        connection,
        "WHERE state IN ('requested', 'reserved', 'sent', 'in_doubt', 'refused', 'reversed')
         ORDER BY requested_at_ms DESC, refund_no LIMIT ?1",
        &[&limit],
    )
}
