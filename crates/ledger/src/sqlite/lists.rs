//! Reading lists: orders, facts, the review list, what is due.

use super::{
    books::{load, time},
    open::store_error,
};
use crate::{Ask, CaseDecision, ExceptionRow, FactRow, LedgerError, ListOrders, Summary};
use jiff::Timestamp;
use orders::{AttemptNo, OrderNo, Status};
use rusqlite::{Connection, OptionalExtension, Row, params};

type Result<T> = std::result::Result<T, LedgerError>;

pub(super) fn orders(connection: &Connection, which: &ListOrders) -> Result<Vec<Summary>> {
    let read = || store_error("list orders");
    let mut statement = connection
        .prepare_cached(
            "SELECT o.order_no, (SELECT MIN(paid_at_ms) FROM payments p WHERE p.order_no = o.order_no) FROM orders o
             WHERE (?1 IS NULL OR (issuer = ?1 AND sub = ?2)) AND (?3 IS NULL OR order_no = ?3) AND (?4 IS NULL OR status = ?4)
             ORDER BY placed_at_ms DESC, order_no DESC LIMIT ?5",
        )
        .map_err(read())?;
    let limit = if which.limit == 0 {
        -1
    } else {
        i64::from(which.limit)
    };
    let rows = statement
        .query_map(
            params![
                which.member.as_ref().map(|member| &member.issuer),
                which.member.as_ref().map(|member| &member.sub),
                which.order.as_ref().map(OrderNo::as_str),
                which.status.map(Status::as_str),
                limit
            ],
            |row| Ok((row.get::<_, String>(0)?, row.get::<_, Option<i64>>(1)?)),
        )
        .map_err(read())?;
    rows.map(|row| {
        let (no, paid_at) = row.map_err(read())?;
        let book = load(connection, &no)?.ok_or(LedgerError::Unreadable("order"))?;
        Ok(Summary {
            status: book.status(),
            book,
            paid_at: paid_at.map(time).transpose()?,
        })
    })
    .collect()
}

const FACT_COLUMNS: &str = "n, meaning, source, trade_no, before, after, received_at_ms, digest";

type RawFact = (
    i64,
    String,
    String,
    Option<String>,
    String,
    String,
    i64,
    Option<String>,
);

fn raw_fact(row: &Row<'_>) -> rusqlite::Result<RawFact> {
    Ok((
        row.get(0)?,
        row.get(1)?,
        row.get(2)?,
        row.get(3)?,
        row.get(4)?,
        row.get(5)?,
        row.get(6)?,
        row.get(7)?,
    ))
}

fn fact_row(
    (n, meaning, source, trade_no, before, after, received_at, digest): RawFact,
) -> Result<FactRow> {
    let status = |text: &str| {
        text.parse::<Status>()
            .map_err(|_| LedgerError::Unreadable("status"))
    };
    Ok(FactRow {
        n,
        meaning,
        source,
        trade_no: trade_no
            .map(|no| no.parse())
            .transpose()
            .map_err(|_| LedgerError::Unreadable("trade number"))?,
        digest,
        edge: (status(&before)?, status(&after)?),
        received_at: time(received_at)?,
    })
}

pub(super) fn facts(connection: &Connection, no: &OrderNo) -> Result<Vec<FactRow>> {
    let sql = format!("SELECT {FACT_COLUMNS} FROM facts WHERE order_no = ?1 ORDER BY n");
    let mut statement = connection
        .prepare_cached(&sql)
        .map_err(store_error("read facts"))?;
    let rows = statement
        .query_map([no.as_str()], raw_fact)
        .map_err(store_error("read facts"))?;
    rows.map(|row| fact_row(row.map_err(store_error("read facts"))?))
        .collect()
}

pub(super) fn fact(connection: &Connection, n: i64) -> Result<Option<(OrderNo, FactRow)>> {
    let sql = format!("SELECT {FACT_COLUMNS}, order_no FROM facts WHERE n = ?1");
    let found = connection
        .prepare_cached(&sql)
        .and_then(|mut statement| {
            statement
                .query_row([n], |row| Ok((raw_fact(row)?, row.get::<_, String>(8)?)))
                .optional()
        })
        .map_err(store_error("read a fact"))?;
    found
        .map(|(raw, no)| {
            Ok((
                no.parse()
                    .map_err(|_| LedgerError::Unreadable("order number"))?,
                fact_row(raw)?,
            ))
        })
        .transpose()
}

pub(super) fn exceptions(connection: &Connection, limit: u32) -> Result<Vec<ExceptionRow>> {
    select_cases(
        connection,
        "ORDER BY d.exception_n IS NOT NULL, e.n DESC LIMIT ?1",
        i64::from(limit),
    )
}

pub(super) fn case(connection: &Connection, n: i64) -> Result<Option<ExceptionRow>> {
    Ok(select_cases(connection, "WHERE e.n = ?1", n)?
        .into_iter()
        .next())
}

fn select_cases(connection: &Connection, which: &str, value: i64) -> Result<Vec<ExceptionRow>> {
    let read = || store_error("read the review list");
    let sql = format!(
        "SELECT e.n, e.meaning, e.code, e.subject, e.order_no, e.trade_no, e.amount, e.detail, e.received_at_ms,
         d.decided_by, d.reason, d.decided_at_ms
         FROM exceptions e LEFT JOIN decisions d ON d.exception_n = e.n {which}"
    );
    let mut statement = connection.prepare_cached(&sql).map_err(read())?;
    let rows = statement
        .query_map([value], |row| {
            let order: Option<String> = row.get(4)?;
            let decided: Option<(String, String, i64)> = match row.get(9)? {
                Some(by) => Some((by, row.get(10)?, row.get(11)?)),
                None => None,
            };
            let case = ExceptionRow {
                n: row.get(0)?,
                meaning: row.get(1)?,
                code: row.get(2)?,
                subject: row.get(3)?,
                order: order.and_then(|no| no.parse().ok()),
                trade_no: row.get(5)?,
                amount: row.get(6)?,
                detail: row.get(7)?,
                received_at: Timestamp::UNIX_EPOCH,
                decision: None,
            };
            Ok((case, row.get::<_, i64>(8)?, decided))
        })
        .map_err(read())?;
    rows.map(|row| {
        let (case, received, decided) = row.map_err(read())?;
        let decision = decided
            .map(|(by, reason, at)| {
                let by = by.parse().map_err(|_| LedgerError::Unreadable("member"))?;
                Ok::<_, LedgerError>(CaseDecision {
                    by,
                    reason,
                    at: time(at)?,
                })
            })
            .transpose()?;
        Ok(ExceptionRow {
            received_at: time(received)?,
            decision,
            ..case
        })
    })
    .collect()
}

pub(super) fn attempts_since(
    connection: &Connection,
    since: Timestamp,
    after: Option<&AttemptNo>,
    limit: u32,
) -> Result<Vec<AttemptNo>> {
    let read = || store_error("list attempts");
    let mut statement = connection
        .prepare_cached(
            "SELECT attempt_no FROM attempts WHERE made_at_ms >= ?1 AND attempt_no > ?2 ORDER BY attempt_no LIMIT ?3",
        )
        .map_err(read())?;
    let after = after.map_or("", AttemptNo::as_str);
    let rows = statement
        .query_map(params![since.as_millisecond(), after, limit], |row| {
            row.get::<_, String>(0)
        })
        .map_err(read())?;
    rows.map(|row| {
        row.map_err(read())?
            .parse()
            .map_err(|_| LedgerError::Unreadable("attempt number"))
    })
    .collect()
}

pub(super) fn count_by_status(connection: &Connection) -> Result<Vec<(Status, u64)>> {
    let read = || store_error("count orders");
    let mut statement = connection
        .prepare_cached("SELECT status, COUNT(*) FROM orders GROUP BY status ORDER BY status")
        .map_err(read())?;
    let rows = statement
        .query_map([], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, u64>(1)?))
        })
        .map_err(read())?;
    rows.map(|row| {
        let (status, count) = row.map_err(read())?;
        Ok((
            status
                .parse()
                .map_err(|_| LedgerError::Unreadable("status"))?,
            count,
        ))
    })
    .collect()
}

pub(super) fn held_stock(connection: &Connection) -> Result<Vec<(String, u64)>> {
    let read = || store_error("count what is held");
    let mut statement = connection
        .prepare_cached(
            "SELECT l.product_id, SUM(l.quantity) FROM order_lines l JOIN orders o USING (order_no)
             WHERE o.status NOT IN ('expired', 'cancelled', 'refunded') GROUP BY l.product_id",
        )
        .map_err(read())?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get::<_, u64>(1)?)))
        .map_err(read())?;
    rows.map(|row| row.map_err(read())).collect()
}

pub(super) fn due_asks(connection: &Connection, now: Timestamp, limit: u32) -> Result<Vec<Ask>> {
    let read = || store_error("read what is to be asked");
    let mut statement = connection
        .prepare_cached(
            "SELECT attempt_no, asks, denials, next_ask_ms FROM attempts WHERE next_ask_ms IS NOT NULL AND next_ask_ms <= ?1 ORDER BY next_ask_ms LIMIT ?2",
        )
        .map_err(read())?;
    let rows = statement
        .query_map(params![now.as_millisecond(), limit], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get(1)?,
                row.get(2)?,
                row.get(3)?,
            ))
        })
        .map_err(read())?;
    rows.map(|row| {
        let (attempt, asks, denials, due) = row.map_err(read())?;
        Ok(Ask {
            attempt: attempt
                .parse()
                .map_err(|_| LedgerError::Unreadable("attempt number"))?,
            asks,
            denials,
            due: Timestamp::from_millisecond(due).map_err(|_| LedgerError::Unreadable("time"))?,
        })
    })
    .collect()
}

pub(super) fn schedule_ask(
    connection: &Connection,
    ask: &Ask,
    next: Option<Timestamp>,
    denied: bool,
) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE attempts SET next_ask_ms = ?3, asks = asks + 1, denials = denials + ?4
             WHERE attempt_no = ?1 AND next_ask_ms IS ?2",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                ask.attempt.as_str(),
                ask.due.as_millisecond(),
                next.map(Timestamp::as_millisecond),
                denied
            ])
        })
        .map_err(store_error("schedule a question"))?;
    Ok(())
}

pub(super) fn ask_at(connection: &Connection, attempt: &AttemptNo, at: Timestamp) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE attempts SET next_ask_ms = MIN(COALESCE(next_ask_ms, ?2), ?2) WHERE attempt_no = ?1",
        )
        .and_then(|mut statement| statement.execute(params![attempt.as_str(), at.as_millisecond()]))
        .map_err(store_error("schedule a question"))?;
    Ok(())
}
