//! The judgement: ledger, goods and the gateway's own books, whatever the answers were.

use crate::{ledger_file, play::Play, record::OrderBooks, verdict::Matter};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

/// Questions about one order.
const STATUS: &str = "SELECT status FROM orders WHERE order_no = ?1";
const AMOUNT: &str = "SELECT amount FROM orders WHERE order_no = ?1";
const PAYMENTS: &str = "SELECT COUNT(*) FROM payments WHERE order_no = ?1";
const DELIVERED: &str = "SELECT COUNT(*) FROM deliveries WHERE order_no = ?1";
const FACTS: &str = "SELECT meaning FROM facts WHERE order_no = ?1 ORDER BY n";
const OUTBOX: &str = "SELECT topic || ' ' || state FROM outbox WHERE aggregate = ?1 ORDER BY id";

/// What the gateway's books hold of an order, in dollars.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    charged: u64,
    /// A trade of exactly the order's amount was charged.
    exact: bool,
    refunded: u64,
}

/// Waits until what is under way has settled, and judges.
pub(crate) async fn judge(play: &mut Play<'_>) -> anyhow::Result<(Vec<String>, String, Matter)> {
    if play.case.world.empty {
        let caught_by = "exit".to_owned();
        return Ok((
            std::mem::take(&mut play.wrong),
            caught_by,
            Matter::default(),
        ));
    }
    let unchanged_at = ledger_file::snapshot(play.stage.ledger())?;
    // Money and goods are judged even where the shop cannot ask any more, or the case lacks an order to look for.
    if let Err(error) = settle(play).await {
        play.wrong.push(format!("it does not settle: {error:#}"));
    }
    if let Err(error) = expectations(play, &unchanged_at).await {
        play.wrong.push(format!("{error:#}"));
    }
    let matter = matter(play).await?;
    if matter.wrongful_deliveries > 0 {
        play.wrong.push(format!(
            "{} orders were handed over that were not paid, or more than once",
            matter.wrongful_deliveries
        ));
    }
    if matter.wrongful_refunds > 0 {
        play.wrong.push(format!(
            "{} dollars went back wrongly",
            matter.wrongful_refunds
        ));
    }
    for broken in play.stage.audit().await? {
        play.wrong.push(format!("the audit: {broken}"));
    }
    let caught_by = caught_by(play, &matter).await?;
    Ok((std::mem::take(&mut play.wrong), caught_by, matter))
}

/// Lets the shop ask, deliver and give back whatever it now believes it should.
async fn settle(play: &mut Play<'_>) -> anyhow::Result<()> {
    let path = play.stage.ledger();
    let deadline = Instant::now() + play.stage.patience();
    for _ in 0..2 {
        let asked = play.stage.ask().await;
        loop {
            let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis();
            let now = i64::try_from(now)?;
            if !ledger_file::delivery_is_due(path, now)? && !ledger_file::refund_is_due(path, now)?
            {
                break;
            }
            if Instant::now() > deadline {
                let late = "a delivery or refund is due and nobody does it";
                play.wrong.push(late.to_owned());
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        // Only now: what is due is delivered whether or not the shop could ask.
        asked?;
    }
    Ok(())
}

async fn expectations(play: &mut Play<'_>, at: &ledger_file::Snapshot) -> anyhow::Result<()> {
    let (path, wanted) = (play.stage.ledger(), play.case.expect.clone());
    let (mark, mut wrong) = (play.mark.clone(), Vec::new());
    if wanted.unchanged && at.digest != mark.digest {
        let differ = at.tables.iter();
        let differ = differ.filter(|(table, digest)| mark.tables.get(*table) != Some(*digest));
        let tables: Vec<&str> = differ.map(|(table, _)| *table).collect();
        wrong.push(format!("the ledger changed: {}", tables.join(", ")));
    }
    let after = ledger_file::snapshot(path)?;
    let more = grown(&mark.parked, &after.parked);
    if more != wanted.parked {
        wrong.push(format!(
            "the review list grew by {more:?}, not by {:?}",
            wanted.parked
        ));
    }
    if !wanted.refunds.is_empty() {
        let more = grown(&mark.refunds, &after.refunds);
        if more != wanted.refunds {
            wrong.push(format!("refunds: {more:?}, not {:?}", wanted.refunds));
        }
    }
    if let Some(new) = wanted.new_orders
        && after.orders - mark.orders != new
    {
        wrong.push(format!(
            "{} orders more, not {new}",
            after.orders - mark.orders
        ));
    }
    if let Some(new) = wanted.new_sessions
        && after.sessions.saturating_sub(mark.sessions) != new
    {
        wrong.push(format!(
            "{} sessions at the mark, {} now",
            mark.sessions, after.sessions
        ));
    }
    wrong.extend(of_orders(play).await?);
    wrong.extend(texts(play).await?);
    play.wrong.extend(wrong);
    Ok(())
}

/// What must be so of single orders: in the ledger, in the warehouse, in the gateway's books.
async fn of_orders(play: &Play<'_>) -> anyhow::Result<Vec<String>> {
    let (path, wanted, mut wrong) = (play.stage.ledger(), &play.case.expect, Vec::new());
    for (name, status) in &wanted.status {
        let found = ledger_file::texts(path, STATUS, &play.order(name)?.no)?;
        if found != [status.as_str()] {
            wrong.push(format!("{name} is {found:?}, not {status}"));
        }
    }
    for (name, part) in &wanted.fact {
        let found = ledger_file::texts(path, FACTS, &play.order(name)?.no)?;
        if !found.iter().any(|meaning| meaning.contains(part.as_str())) {
            wrong.push(format!("{name} has no fact {part:?}: {found:?}"));
        }
    }
    for (counts, sql, what) in [
        (&wanted.payments, PAYMENTS, "payments"),
        (&wanted.delivered, DELIVERED, "deliveries"),
        (&wanted.amount, AMOUNT, "dollars"),
    ] {
        for (name, count) in counts {
            let found = ledger_file::number(path, sql, &play.order(name)?.no)?;
            if found != *count {
                wrong.push(format!("{name}: {found} {what}, not {count}"));
            }
        }
    }
    for (name, count) in &wanted.delivered {
        let handed = play.stage.handed_over(&play.order(name)?.no);
        if handed.is_some_and(|handed| handed != *count) {
            wrong.push(format!(
                "{name} was handed over {handed:?} times, not {count}"
            ));
        }
    }
    let held = held(play).await?;
    for (name, dollars) in &wanted.charged {
        let found = held
            .get(&play.order(name)?.no)
            .map_or(0, |held| held.charged);
        if found != *dollars {
            wrong.push(format!("PAYUNi charged {found} for {name}, not {dollars}"));
        }
    }
    for (name, dollars) in &wanted.refunded {
        let found = held
            .get(&play.order(name)?.no)
            .map_or(0, |held| held.refunded);
        if found != *dollars {
            wrong.push(format!("PAYUNi gave back {found} of {name}, not {dollars}"));
        }
    }
    Ok(wrong)
}

/// What is in logs and in the sheet, and should or should not be.
async fn texts(play: &Play<'_>) -> anyhow::Result<Vec<String>> {
    let (wanted, mut wrong) = (&play.case.expect, Vec::new());
    let mut log = Vec::new();
    for file in play.stage.logs() {
        log.extend(std::fs::read(file)?);
    }
    let log = String::from_utf8_lossy(&log);
    if (wanted.canaries_absent || !wanted.log_lacks.is_empty()) && log.is_empty() {
        wrong.push("there is no log to look into".to_owned());
    }
    let sheet = play.sheet().await?.concat().join("\n");
    if wanted.canaries_absent {
        let database = std::fs::read(play.stage.ledger())?;
        let database = String::from_utf8_lossy(&database);
        for secret in play.stage.secrets() {
            for (spelling, text) in spellings(&secret) {
                for (place, whole) in [("log", &*log), ("sheet", &sheet), ("ledger", &*database)] {
                    if whole.contains(&text) {
                        wrong.push(format!("a secret is in the {place} ({spelling})"));
                    }
                }
            }
        }
    }
    for text in &wanted.log_lacks {
        if log.contains(&play.fill(text)?) {
            wrong.push(format!("the log has {text:?}"));
        }
    }
    for text in &wanted.sheet_has {
        if !sheet.contains(&play.fill(text)?) {
            wrong.push(format!("the sheet has no {text:?}"));
        }
    }
    for text in &wanted.sheet_lacks {
        if sheet.contains(&play.fill(text)?) {
            wrong.push(format!("the sheet has {text:?}"));
        }
    }
    Ok(wrong)
}

/// A secret as it could be written by something that encodes it first.
fn spellings(secret: &str) -> [(&'static str, String); 3] {
    use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
    [
        ("plain", secret.to_owned()),
        ("hex", hex::encode(secret)),
        ("base64", STANDARD_NO_PAD.encode(secret)),
    ]
}

fn grown(before: &BTreeMap<String, u64>, after: &BTreeMap<String, u64>) -> BTreeMap<String, u64> {
    let more = after.iter().map(|(code, count)| {
        let known = before.get(code).copied().unwrap_or(0);
        (code.clone(), count.saturating_sub(known))
    });
    more.filter(|(_, count)| *count > 0).collect()
}

/// What the gateway's own books hold, by order.
async fn held(play: &Play<'_>) -> anyhow::Result<BTreeMap<String, Held>> {
    let mut held: BTreeMap<String, Held> = BTreeMap::new();
    let trades = play.trades().await?;
    for (no, amount) in ledger_file::orders(play.stage.ledger())? {
        let of = trades.iter().filter(|trade| {
            let attempt = trade["mer_trade_no"].as_str().unwrap_or_default();
            // Further attempts of an order have its number at the front.
            attempt.starts_with(no.as_str())
        });
        let entry = held.entry(no.clone()).or_default();
        for trade in of {
            let charged = trade["charged"].as_u64().unwrap_or(0);
            entry.charged += charged;
            entry.refunded += trade["refunded"].as_u64().unwrap_or(0);
            let ever = trade["paid_at"].is_string() && trade["amount"].as_u64() == Some(amount);
            entry.exact |= ever;
        }
    }
    Ok(held)
}

async fn matter(play: &Play<'_>) -> anyhow::Result<Matter> {
    let path = play.stage.ledger();
    let held = held(play).await?;
    let mut matter = Matter {
        whole: play.whole,
        ..Matter::default()
    };
    for (no, _) in ledger_file::orders(path)? {
        let recorded = ledger_file::number(path, DELIVERED, &no)?;
        let delivered = play
            .stage
            .handed_over(&no)
            .unwrap_or(recorded)
            .max(recorded);
        let paid = held.get(&no).is_some_and(|held| held.exact);
        if delivered > 1 || (delivered == 1 && !paid) {
            matter.wrongful_deliveries += 1;
        }
    }
    let allowed: u64 = play.case.expect.refunded.values().sum();
    let refunded: u64 = held.values().map(|held| held.refunded).sum();
    matter.wrongful_refunds = refunded.saturating_sub(allowed);
    let now = play.refusals().await?;
    let parked = ledger_file::snapshot(path)?.parked;
    let mut codes: BTreeSet<String> = grown(&play.counted_at_mark, &now).into_keys().collect();
    codes.extend(grown(&play.mark.parked, &parked).into_keys());
    matter.codes = codes.into_iter().collect();
    Ok(matter)
}

/// What is on the books about every order that the case speaks of.
pub(crate) async fn books(play: &Play<'_>) -> anyhow::Result<Vec<OrderBooks>> {
    let path = play.stage.ledger();
    let held = held(play).await?;
    let orders = play.orders.iter().map(|(name, order)| {
        let no = &order.no;
        let gateway = held.get(no).copied().unwrap_or_default();
        Ok(OrderBooks {
            name: name.clone(),
            status: ledger_file::texts(path, STATUS, no)?.concat(),
            facts: ledger_file::texts(path, FACTS, no)?,
            payments: ledger_file::number(path, PAYMENTS, no)?,
            deliveries: ledger_file::number(path, DELIVERED, no)?,
            outbox: ledger_file::texts(path, OUTBOX, no)?,
            charged: gateway.charged,
            refunded: gateway.refunded,
        })
    });
    orders.collect()
}

/// The refusal that caught it: a code that was counted, or else what stood in the way without one.
async fn caught_by(play: &Play<'_>, matter: &Matter) -> anyhow::Result<String> {
    if !matter.codes.is_empty() {
        return Ok(matter.codes.join(" "));
    }
    let path = play.stage.ledger();
    for order in play.orders.values() {
        let paid = ledger_file::number(path, PAYMENTS, &order.no)?;
        let delivered = ledger_file::number(path, DELIVERED, &order.no)?;
        if paid > 0 && delivered == 0 {
            return Ok("L5.unconfirmed".to_owned());
        }
    }
    // The ledger's own rules refuse by an error, and the sender is asked to come again.
    if play.statuses.iter().any(|status| *status >= 500) {
        return Ok("L4.constraint".to_owned());
    }
    let refusal = play.statuses.iter().find(|status| **status >= 400);
    let line = play.case.line.as_str();
    Ok(refusal.map_or_else(|| line.to_owned(), |status| format!("HTTP {status}")))
}
