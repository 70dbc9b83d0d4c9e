//! What is left, judged: the gateway's books and what was acknowledged, against the ledger, by SQL of our own.

use crate::{report::Proof, shopper::Crowd, street::Street};
use anyhow::{Context, Result};
use rusqlite::{Connection, OpenFlags, params};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::Mutex,
    time::{Duration, Instant},
};

/// A notice whose sender was told `OK`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Acked {
    pub(crate) attempt: String,
    pub(crate) trade: String,
    pub(crate) amount: u64,
    /// Whether it said that money came in.
    pub(crate) paid: bool,
}

impl Acked {
    /// Reads a message as the gateway's books hold it.
    pub(crate) fn of(message: &Value) -> Option<Self> {
        let inner = &message["inner"];
        let text = |name: &str| inner[name].as_str();
        Some(Self {
            attempt: text("MerTradeNo")?.to_owned(),
            trade: text("TradeNo")?.to_owned(),
            amount: text("TradeAmt")?.parse().ok()?,
            // The notice of a paid number carries no status of the trade (PAYUNi docs page 80).
            paid: text("TradeStatus").is_none_or(|status| status == "1")
                && text("Status") == Some("SUCCESS"),
        })
    }
}

/// What senders of our own were told.
pub(crate) type Heard = Mutex<Vec<Acked>>;

pub(crate) fn read_only(ledger: &Path) -> Result<Connection> {
    let connection = Connection::open_with_flags(ledger, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    Ok(connection)
}

/// The notices that the ledger does not hold although their sender was told so.
pub(crate) fn lost(ledger: &Connection, acked: &[Acked]) -> Result<Vec<Acked>> {
    let mut lost = Vec::new();
    let mut told = ledger.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM facts WHERE meaning = ?1)
         OR EXISTS (SELECT 1 FROM exceptions WHERE source = 'notice' AND trade_no = ?2)",
    )?;
    let mut any = ledger.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM facts WHERE source = 'notice' AND attempt_no = ?1 AND trade_no = ?2 AND kind <> 'paid')
         OR EXISTS (SELECT 1 FROM exceptions WHERE source = 'notice' AND (trade_no = ?2 OR subject = ?1))",
    )?;
    for notice in acked {
        let held: bool = if notice.paid {
            let Acked {
                attempt,
                trade,
                amount,
                ..
            } = notice;
            let meaning = format!("told/{attempt}/{trade}/paid/{amount}");
            told.query_row(params![meaning, trade], |row| row.get(0))?
        } else {
            any.query_row(params![notice.attempt, notice.trade], |row| row.get(0))?
        };
        if !held {
            lost.push(notice.clone());
        }
    }
    Ok(lost)
}

/// Whether the shop has come to rest: nothing waits, all money is confirmed and delivered, no refund is under way.
fn rests(ledger: &Connection, trades: &[Value]) -> Result<bool> {
    let waiting: u64 = ledger.query_row(
        "SELECT (SELECT count(*) FROM outbox WHERE state = 'pending')
              + (SELECT count(*) FROM refunds WHERE state IN ('reserved', 'sent', 'in_doubt'))
              + (SELECT count(*) FROM orders WHERE status = 'paid')",
        [],
        |row| row.get(0),
    )?;
    let known: u64 = ledger.query_row("SELECT count(*) FROM payments", [], |row| row.get(0))?;
    let charged = trades.iter().filter(|trade| trade["charged"] != 0).count();
    Ok(waiting == 0 && known >= u64::try_from(charged)?)
}

pub(crate) async fn trades(street: &Street) -> Result<Vec<Value>> {
    let state = street.look(street.payuni("/_sandbox/state")).await?;
    state["trades"]
        .as_array()
        .cloned()
        .context("PAYUNi's books have changed their shape")
}

/// Waits until the shop has come to rest; says what still moves where it does not.
pub(crate) async fn settles(street: &Street, patience: Duration) -> Result<Result<(), String>> {
    let started = Instant::now();
    let trades = trades(street).await?;
    let ledger = read_only(&street.ledger())?;
    while !rests(&ledger, &trades)? {
        if started.elapsed() > patience {
            let what: String = ledger.query_row(
                "SELECT coalesce((SELECT group_concat(DISTINCT topic || ' ' || coalesce(last_error, '')) FROM outbox WHERE state = 'pending'), '')
                     || ' / ' || coalesce((SELECT group_concat(state || ' ' || word) FROM refunds WHERE state IN ('reserved', 'sent', 'in_doubt')), '')
                     || ' / ' || coalesce((SELECT group_concat(order_no) FROM orders WHERE status = 'paid'), '')",
                [],
                |row| row.get::<_, Option<String>>(0),
            )?.unwrap_or_default();
            return Ok(Err(format!("the shop does not come to rest: {what}")));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(Ok(()))
}

/// Judges an epoch. `after`: the points at which it died, for the message.
pub(crate) async fn judge(
    street: &Street,
    crowd: &Crowd,
    heard: &Heard,
    after: &str,
    proof: &mut Proof,
) -> Result<()> {
    let ledger = read_only(&street.ledger())?;
    let acked = acknowledged(street, heard).await?;
    proof.count("acknowledged", u64::try_from(acked.len())?);
    for notice in lost(&ledger, &acked)? {
        proof.count("lost", 1);
        proof.fail(format!("acknowledged and lost after {after}: {notice:?}"));
    }
    books_agree(street, &ledger, after, proof).await?;
    for (key, no) in crowd.orders() {
        let of_key: Option<String> = ledger.query_row(
            "SELECT group_concat(order_no) FROM orders WHERE checkout_key = ?1",
            [&key],
            |row| row.get(0),
        )?;
        proof.count("orders", 1);
        proof.demand(of_key.as_deref() == Some(no.as_str()), || {
            format!(
                "one form, one order, after {after}: the buyer saw {no}, the ledger has {of_key:?}"
            )
        });
    }
    let mut rows = street.rows_of_orders().await?;
    rows.sort();
    let in_sheet = rows.len();
    rows.dedup();
    let in_ledger: usize = ledger.query_row("SELECT count(*) FROM orders", [], |row| row.get(0))?;
    proof.demand(in_sheet == rows.len() && rows.len() == in_ledger, || {
        format!(
            "after {after}: {in_ledger} orders, {in_sheet} rows in the sheet, {} different ones",
            rows.len()
        )
    });
    let audit = auditor::audit(&street.ledger())?;
    for check in audit.checks.iter().filter(|check| !check.holds) {
        proof.fail(format!(
            "the audit after {after}: {}: {}",
            check.name,
            check.violations.join("; ")
        ));
    }
    proof.count("audits", 1);
    Ok(())
}

async fn acknowledged(street: &Street, heard: &Heard) -> Result<Vec<Acked>> {
    let all = street.look(street.payuni("/_sandbox/messages")).await?;
    let messages = all["messages"].as_array().cloned().unwrap_or_default();
    let was_told_ok = |message: &&Value| {
        let tries = message["tries"].as_array().cloned().unwrap_or_default();
        message["kind"] == "notice"
            && tries
                .iter()
                .any(|one| one["http"] == 200 && one["answer"] == "OK")
    };
    let mut acked: Vec<Acked> = messages
        .iter()
        .filter(was_told_ok)
        .filter_map(Acked::of)
        .collect();
    acked.extend(
        heard
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .iter()
            .cloned(),
    );
    Ok(acked)
}

/// What was charged is a payment or a case for a person, to the dollar, and the other way round; and each order was
/// delivered once; and what the gateway gave back is what the refunds say.
async fn books_agree(
    street: &Street,
    ledger: &Connection,
    after: &str,
    proof: &mut Proof,
) -> Result<()> {
    let held = |sql: &str| -> Result<BTreeMap<String, u64>> {
        let mut statement = ledger.prepare(sql)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    };
    let payments = held("SELECT trade_no, amount FROM payments")?;
    let cases = held(
        "SELECT trade_no, amount FROM exceptions WHERE trade_no IS NOT NULL AND amount IS NOT NULL",
    )?;
    let given_back =
        held("SELECT trade_no, sum(amount) FROM refunds WHERE state = 'done' GROUP BY trade_no")?;
    let asked_back = held("SELECT trade_no, count(*) FROM refunds GROUP BY trade_no")?;
    let mut charged = BTreeMap::new();
    for trade in trades(street).await? {
        let no = trade["trade_no"].as_str().unwrap_or_default().to_owned();
        let refunds = trade["refunds"].as_array().map_or(0, Vec::len);
        let amount = trade["amount"].as_u64().unwrap_or_default();
        let was_charged = trade["paid_at"].is_string() && trade["trade_status"] != "2";
        proof.demand(
            trade["refunded"].as_u64() == Some(given_back.get(&no).copied().unwrap_or_default()),
            || {
                format!(
                    "after {after}: PAYUNi gave back {} of {no}, the ledger says {:?}",
                    trade["refunded"],
                    given_back.get(&no)
                )
            },
        );
        proof.demand(
            u64::try_from(refunds).ok() == Some(asked_back.get(&no).copied().unwrap_or_default()),
            || {
                format!(
                    "after {after}: {refunds} refunds of {no} at PAYUNi, {:?} in the ledger",
                    asked_back.get(&no)
                )
            },
        );
        proof.count("refunds", u64::try_from(refunds)?);
        if was_charged && trade["charged"] != 0 {
            charged.insert(no, amount);
        }
    }
    for (no, amount) in &charged {
        let known = payments.get(no).or_else(|| cases.get(no));
        proof.demand(known == Some(amount), || {
            format!("after {after}: {no} was charged {amount}, the ledger has {known:?}")
        });
    }
    for no in payments.keys() {
        proof.demand(charged.contains_key(no), || {
            format!("after {after}: a payment {no} that PAYUNi does not know")
        });
    }
    proof.count("payments", u64::try_from(payments.len())?);
    let undelivered: u64 = ledger.query_row(
        "SELECT count(*) FROM payments WHERE (SELECT count(*) FROM deliveries d WHERE d.order_no = payments.order_no) <> 1
         OR (SELECT count(*) FROM facts f WHERE f.order_no = payments.order_no AND f.kind = 'delivered') <> 1",
        [],
        |row| row.get(0),
    )?;
    proof.demand(undelivered == 0, || {
        format!("after {after}: {undelivered} paid orders were not delivered exactly once")
    });
    Ok(())
}
