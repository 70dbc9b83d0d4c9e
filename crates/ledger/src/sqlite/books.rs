//! Reading and writing orders, attempts and facts, on an open connection.

use super::{
    open::store_error,
    rows::{FactColumns, read_fact},
};
use crate::{LedgerError, NewOrder, PlaceError, Placed, Topic};
use jiff::Timestamp;
use orders::{Attempt, AttemptNo, AttemptState, Book, Fact, Line, MemberId, Order, Status, Twd};
use rusqlite::{Connection, OptionalExtension, params};

type Result<T, E = LedgerError> = std::result::Result<T, E>;

pub(super) fn time(ms: i64) -> Result<Timestamp> {
    Timestamp::from_millisecond(ms).map_err(|_| LedgerError::Unreadable("time"))
}

pub(super) fn load(connection: &Connection, no: &str) -> Result<Option<Book>> {
    let read = store_error("read an order");
    let row = connection
        .prepare_cached("SELECT issuer, sub, amount, placed_at_ms, expires_at_ms FROM orders WHERE order_no = ?1")
        .and_then(|mut statement| {
            statement
                .query_row([no], |row| {
                    Ok((MemberId { issuer: row.get(0)?, sub: row.get(1)? }, row.get::<_, u32>(2)?, row.get(3)?, row.get(4)?))
                })
                .optional()
        })
        .map_err(read)?;
    let Some((member, amount, placed_at, expires_at)) = row else {
        return Ok(None);
    };
    let order = Order {
        no: no
            .parse()
            .map_err(|_| LedgerError::Unreadable("order number"))?,
        member,
        lines: lines(connection, no)?,
        amount: Twd::new(amount).map_err(|_| LedgerError::Unreadable("amount"))?,
        placed_at: time(placed_at)?,
        expires_at: time(expires_at)?,
    };
    let mut book = Book::new(order, attempts(connection, no)?);
    #[cfg(feature = "ablation")]
    super::ablation::ablate(connection, &mut book)?;
    for fact in facts(connection, no)? {
        book.learn(fact);
    }
    Ok(Some(book))
}

fn lines(connection: &Connection, no: &str) -> Result<Vec<Line>> {
    let mut statement = connection
        .prepare_cached("SELECT product_id, name, unit_price, quantity FROM order_lines WHERE order_no = ?1 ORDER BY line")
        .map_err(store_error("read an order's lines"))?;
    let rows = statement
        .query_map([no], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, u32>(2)?,
                row.get::<_, u32>(3)?,
            ))
        })
        .map_err(store_error("read an order's lines"))?;
    rows.map(|row| {
        let (product, name, price, quantity) = row.map_err(store_error("read an order's lines"))?;
        let product = product
            .parse()
            .map_err(|_| LedgerError::Unreadable("product id"))?;
        let unit_price = Twd::new(price).map_err(|_| LedgerError::Unreadable("price"))?;
        Ok(Line {
            product,
            name,
            unit_price,
            quantity,
        })
    })
    .collect()
}

fn attempts(connection: &Connection, no: &str) -> Result<Vec<Attempt>> {
    let mut statement = connection
        .prepare_cached(
            "SELECT attempt_no, made_at_ms FROM attempts WHERE order_no = ?1 ORDER BY ordinal",
        )
        .map_err(store_error("read attempts"))?;
    let rows = statement
        .query_map([no], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
        .map_err(store_error("read attempts"))?;
    rows.map(|row| {
        let (no, made_at) = row.map_err(store_error("read attempts"))?;
        Ok(Attempt {
            no: no
                .parse()
                .map_err(|_| LedgerError::Unreadable("attempt number"))?,
            made_at: time(made_at)?,
        })
    })
    .collect()
}

fn facts(connection: &Connection, no: &str) -> Result<Vec<Fact>> {
    let mut statement = connection
        .prepare_cached("SELECT kind, source, attempt_no, trade_no, amount, body FROM facts WHERE order_no = ?1 ORDER BY n")
        .map_err(store_error("read facts"))?;
    let rows = statement
        .query_map([no], |row| {
            let source = if row.get::<_, String>(1)? == "query" {
                "query"
            } else {
                "notice"
            };
            Ok(FactColumns {
                kind: row.get(0)?,
                source,
                attempt_no: row.get(2)?,
                trade_no: row.get(3)?,
                amount: row.get(4)?,
                body: row.get(5)?,
            })
        })
        .map_err(store_error("read facts"))?;
    rows.map(|row| read_fact(&row.map_err(store_error("read facts"))?))
        .collect()
}

pub(super) fn place(
    connection: &Connection,
    new: &NewOrder,
    now: Timestamp,
) -> Result<Placed, PlaceError> {
    let order = &new.order;
    let existing: Option<String> = connection
        .prepare_cached(
            "SELECT order_no FROM orders WHERE issuer = ?1 AND sub = ?2 AND checkout_key = ?3",
        )
        .and_then(|mut statement| {
            statement
                .query_row(
                    params![order.member.issuer, order.member.sub, new.checkout_key],
                    |row| row.get(0),
                )
                .optional()
        })
        .map_err(store_error("look for a repeated checkout"))?;
    if let Some(no) = existing {
        return repeat(connection, new, &no, now);
    }
    for (line, stock) in order.lines.iter().zip(&new.stock) {
        let Some(stock) = stock else { continue };
        let left = i64::from(*stock) - held(connection, line.product.as_str())?;
        if i64::from(line.quantity) > left {
            return Err(PlaceError::SoldOut {
                left: u32::try_from(left.max(0)).unwrap_or(0),
            });
        }
    }
    insert_order(connection, new)?;
    let attempt = AttemptNo::of(&order.no, 1).ok_or(LedgerError::Unreadable("attempt number"))?;
    insert_attempt(
        connection,
        &attempt,
        &new.checkout_key,
        new.first_ask_ms,
        now,
    )?;
    enqueue(connection, Topic::SheetOrder, order.no.as_str(), now)?;
    let book = load(connection, order.no.as_str())?.ok_or(LedgerError::Unreadable("order"))?;
    Ok(Placed {
        book,
        attempt: Some(attempt),
        news: true,
    })
}

fn repeat(
    connection: &Connection,
    new: &NewOrder,
    no: &str,
    now: Timestamp,
) -> Result<Placed, PlaceError> {
    let book = load(connection, no)?.ok_or(LedgerError::Unreadable("order"))?;
    let same = |one: &[Line], other: &[Line]| {
        one.len() == other.len()
            && one
                .iter()
                .zip(other)
                .all(|(a, b)| a.product == b.product && a.quantity == b.quantity)
    };
    if !same(&book.order().lines, &new.order.lines) {
        return Err(PlaceError::KeyReused);
    }
    let last = book.attempts().last().cloned();
    let fresh = last
        .filter(|last| now.as_millisecond() - last.made_at.as_millisecond() <= new.same_attempt_ms);
    let unheard = |last: &Attempt| {
        book.status() == Status::Pending && book.attempt_state(&last.no) == AttemptState::HandedOver
    };
    if let Some(last) = fresh.filter(unheard) {
        return Ok(Placed {
            attempt: Some(last.no),
            book,
            news: false,
        });
    }
    // A page kept open is not a second click: its order gets another attempt.
    let key = format!("{}/{}", new.checkout_key, book.attempts().len());
    let again = attempt_again(connection, book.clone(), &key, new.first_ask_ms, now)?;
    Ok(match again {
        Some((book, attempt)) => Placed {
            book,
            attempt: Some(attempt),
            news: false,
        },
        None => Placed {
            book,
            attempt: None,
            news: false,
        },
    })
}

fn insert_order(connection: &Connection, new: &NewOrder) -> Result<()> {
    let order = &new.order;
    let write = |error| store_error("write an order")(error);
    connection
        .prepare_cached(
            "INSERT INTO orders (order_no, issuer, sub, amount, currency, placed_at_ms, expires_at_ms, checkout_key, status)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'pending')",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                order.no.as_str(),
                order.member.issuer,
                order.member.sub,
                order.amount.dollars(),
                Twd::CURRENCY,
                order.placed_at.as_millisecond(),
                order.expires_at.as_millisecond(),
                new.checkout_key,
            ])
        })
        .map_err(write)?;
    for (index, line) in order.lines.iter().enumerate() {
        connection
            .prepare_cached(
                "INSERT INTO order_lines (order_no, line, product_id, name, unit_price, quantity) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )
            .and_then(|mut statement| {
                statement.execute(params![
                    order.no.as_str(),
                    index + 1,
                    line.product.as_str(),
                    line.name,
                    line.unit_price.dollars(),
                    line.quantity
                ])
            })
            .map_err(write)?;
    }
    Ok(())
}

fn insert_attempt(
    connection: &Connection,
    attempt: &AttemptNo,
    key: &str,
    first_ask_ms: i64,
    now: Timestamp,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO attempts (attempt_no, order_no, ordinal, made_at_ms, pay_key, next_ask_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )
        .and_then(|mut statement| {
            statement.execute(params![
                attempt.as_str(),
                attempt.order().as_str(),
                attempt.ordinal(),
                now.as_millisecond(),
                key,
                now.as_millisecond().saturating_add(first_ask_ms),
            ])
        })
        .map_err(store_error("write an attempt"))?;
    Ok(())
}

/// Adds an attempt, or returns the one that this key made, as long as nothing was heard of it.
pub(super) fn attempt_again(
    connection: &Connection,
    book: Book,
    key: &str,
    first_ask_ms: i64,
    now: Timestamp,
) -> Result<Option<(Book, AttemptNo)>> {
    let no = book.order().no.to_string();
    let made: Option<String> = connection
        .prepare_cached("SELECT attempt_no FROM attempts WHERE order_no = ?1 AND pay_key = ?2")
        .and_then(|mut statement| {
            statement
                .query_row([no.as_str(), key], |row| row.get(0))
                .optional()
        })
        .map_err(store_error("look for a repeated attempt"))?;
    if let Some(made) = made {
        let made: AttemptNo = made
            .parse()
            .map_err(|_| LedgerError::Unreadable("attempt number"))?;
        // Once the gateway has said something about it, its number is used up.
        let open = book.status() == Status::Pending
            && book.attempt_state(&made) == AttemptState::HandedOver;
        return Ok(open.then_some((book, made)));
    }
    let Some(attempt) = book.next_attempt().filter(|_| book.may_pay_again(now)) else {
        return Ok(None);
    };
    insert_attempt(connection, &attempt, key, first_ask_ms, now)?;
    let book = load(connection, &no)?.ok_or(LedgerError::Unreadable("order"))?;
    Ok(Some((book, attempt)))
}

pub(super) fn held(connection: &Connection, product: &str) -> Result<i64> {
    connection
        .prepare_cached(
            "SELECT COALESCE(SUM(l.quantity), 0) FROM order_lines l JOIN orders o USING (order_no)
             WHERE l.product_id = ?1 AND o.status NOT IN ('expired', 'cancelled', 'refunded')",
        )
        .and_then(|mut statement| statement.query_row([product], |row| row.get(0)))
        .map_err(store_error("count what is held"))
}

/// Puts an aggregate into the outbox, unless it waits there unclaimed: whoever carries it out reads how it stands then.
/// So an outbox that nobody empties holds each aggregate once.
pub(super) fn enqueue(
    connection: &Connection,
    topic: Topic,
    aggregate: &str,
    now: Timestamp,
) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO outbox (topic, aggregate, seq, state, due_at_ms, made_at_ms)
             SELECT ?1, ?2, COALESCE(MAX(seq), 0) + 1, 'pending', ?3, ?3 FROM outbox WHERE topic = ?1 AND aggregate = ?2
             HAVING COUNT(*) FILTER (WHERE state = 'pending' AND lease IS NULL) = 0",
        )
        .and_then(|mut statement| statement.execute(params![topic.as_str(), aggregate, now.as_millisecond()]))
        .map_err(store_error("write an effect"))?;
    Ok(())
}
