//! What is looked at after every step: whatever is new in the ledger is held against the rules (§5.2, §5.3) and against
//! the gateway's own books. Its own SQL, on its own connection.

use crate::{
    bank::{By, Standing},
    edges::{Counts, take},
    faults::Fault,
    shared::{Shared, Town},
};
use rusqlite::{Connection, Result, params};
use std::collections::BTreeMap;

/// What the watcher has seen so far of one ledger.
#[derive(Default)]
pub struct Watch {
    version: i64,
    fact: i64,
    case: i64,
    trail: i64,
    hash: String,
    /// Where each order stands, by its facts.
    pub status: BTreeMap<String, String>,
    /// What each order costs, as the buyer was told.
    pub amounts: BTreeMap<String, u32>,
    /// Where each refund stands.
    pub refunds: BTreeMap<String, String>,
    outbox: BTreeMap<i64, &'static str>,
    /// When the ledger first knew of each trade's money, in true time.
    pub known: BTreeMap<String, i64>,
    /// When each order was delivered or set before a person.
    pub settled: BTreeMap<String, i64>,
    /// When each refund came into doubt.
    pub doubts: BTreeMap<String, i64>,
    /// Whether a stranger has the keys: then a notice proves nothing.
    pub leaked: bool,
    /// Edges that were taken.
    pub edges: Counts,
    /// Orders that something new is known about, for whoever looks at their attempts.
    pub touched: Vec<String>,
}

struct Fact {
    n: i64,
    order: String,
    kind: String,
    source: String,
    attempt: Option<String>,
    trade: Option<String>,
    amount: Option<u32>,
    before: String,
    after: String,
}

impl Watch {
    /// A watcher of a ledger without orders.
    #[must_use]
    pub fn new(leaked: bool) -> Self {
        Self {
            hash: "0".repeat(64),
            leaked,
            ..Self::default()
        }
    }

    /// Looks at what is new.
    ///
    /// # Errors
    /// The ledger cannot be read.
    pub fn look(&mut self, shared: &Shared) -> anyhow::Result<()> {
        let mut town = shared.town();
        let Some(eye) = town.eye.take() else {
            return Ok(());
        };
        let looked = self.look_if_changed(&eye, &mut town);
        town.eye = Some(eye);
        Ok(looked?)
    }

    fn look_if_changed(&mut self, eye: &Connection, town: &mut Town) -> Result<()> {
        let version: i64 = eye
            .prepare_cached("PRAGMA data_version")?
            .query_row([], |row| row.get(0))?;
        if version == self.version {
            return Ok(());
        }
        self.version = version;
        town.progress += 1;
        // One moment for all that is looked at.
        eye.execute_batch("BEGIN DEFERRED")?;
        let looked = self.look_with(eye, town);
        eye.execute_batch("ROLLBACK")?;
        looked
    }

    fn look_with(&mut self, eye: &Connection, town: &mut Town) -> Result<()> {
        self.facts(eye, town)?;
        self.cases(eye, town)?;
        self.trail(eye, town)?;
        if std::mem::take(&mut town.outbox_touched) {
            self.outbox(eye, town)?;
        }
        Ok(())
    }

    fn facts(&mut self, eye: &Connection, town: &mut Town) -> Result<()> {
        let new: Vec<Fact> = eye
            .prepare_cached(
                "SELECT n, order_no, kind, source, attempt_no, trade_no, amount, before, after FROM facts WHERE n > ?1 ORDER BY n",
            )?
            .query_map([self.fact], |row| {
                Ok(Fact {
                    n: row.get(0)?,
                    order: row.get(1)?,
                    kind: row.get(2)?,
                    source: row.get(3)?,
                    attempt: row.get(4)?,
                    trade: row.get(5)?,
                    amount: row.get(6)?,
                    before: row.get(7)?,
                    after: row.get(8)?,
                })
            })?
            .collect::<Result<_>>()?;
        for fact in new {
            self.fact = fact.n;
            town.note(
                u64::try_from(fact.n).unwrap_or(0) ^ u64::try_from(fact.kind.len()).unwrap_or(0),
            );
            self.edge(&fact, town);
            self.proof(eye, &fact, town)?;
            let told: bool = eye
                .prepare_cached("SELECT EXISTS (SELECT 1 FROM outbox WHERE topic = 'sheet.event' AND aggregate = ?1)
                    AND EXISTS (SELECT 1 FROM outbox WHERE topic = 'sheet.order' AND aggregate = ?2)")?
                .query_row(params![fact.n.to_string(), fact.order], |row| row.get(0))?;
            if !told {
                town.accuse("I30", format!("fact {} has no row in the outbox", fact.n));
            }
            let stored: (String, i64, i64) = eye
                .prepare_cached("SELECT status, version, (SELECT COUNT(*) FROM facts WHERE facts.order_no = orders.order_no)
                    FROM orders WHERE order_no = ?1")?
                .query_row([&fact.order], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            if stored.1 != stored.2 {
                town.accuse(
                    "I04",
                    format!(
                        "{} counts {} facts and has {}",
                        fact.order, stored.1, stored.2
                    ),
                );
            }
            if self.touched.last() != Some(&fact.order) {
                self.touched.push(fact.order.clone());
            }
        }
        Ok(())
    }

    fn edge(&mut self, fact: &Fact, town: &mut Town) {
        let known = self
            .status
            .insert(fact.order.clone(), fact.after.clone())
            .unwrap_or_else(|| "pending".to_owned());
        if known != fact.before {
            let what = format!("{} was {known}, the fact says {}", fact.order, fact.before);
            town.accuse("I04", what);
        }
        if !take(&mut self.edges, "order", &fact.before, &fact.after) {
            let rule = if matches!(fact.before.as_str(), "paid" | "fulfilled") {
                "I09"
            } else {
                "I04"
            };
            let what = format!(
                "{}: {} > {} by {}",
                fact.order, fact.before, fact.after, fact.kind
            );
            town.accuse(rule, what);
        }
        if matches!(fact.after.as_str(), "fulfilled" | "review") {
            self.settled.entry(fact.order.clone()).or_insert(town.now);
        }
    }

    fn proof(&mut self, eye: &Connection, fact: &Fact, town: &mut Town) -> Result<()> {
        let trade = fact.trade.clone().unwrap_or_default();
        let truth = town.bank.trades.get(&trade).cloned();
        if let Some(trade) = &fact.trade {
            self.known_by(&fact.kind, trade, town.now);
        }
        match (fact.kind.as_str(), fact.source.as_str()) {
            ("paid", source) => {
                let costs = self.amounts.get(&fact.order).copied();
                if fact.amount != costs {
                    let what = format!("{} costs {costs:?}, paid {:?}", fact.order, fact.amount);
                    town.accuse("I05", what);
                }
                let charged = truth.as_ref().filter(|trade| {
                    trade.paid.is_some()
                        && Some(trade.amount) == fact.amount
                        && Some(&trade.attempt) == fact.attempt.as_ref()
                });
                if charged.is_none() && (source == "query" || !self.leaked) {
                    let what = format!("{} paid by {trade}, the gateway has {truth:?}", fact.order);
                    town.accuse("I13", what);
                }
            }
            ("delivered", _) => self.delivered(eye, fact, &trade, town)?,
            ("refunded", "query") => {
                let given = truth.map_or(0, |trade| {
                    if trade.standing == Standing::Voided {
                        trade.amount
                    } else {
                        trade.backs.iter().map(|back| back.amount).sum()
                    }
                });
                if fact.amount.unwrap_or(0) > given {
                    let what = format!(
                        "{trade}: {:?} given back, the gateway gave {given}",
                        fact.amount
                    );
                    town.accuse("I13", what);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn known_by(&mut self, kind: &str, trade: &str, now: i64) {
        if kind == "paid" || kind.starts_with("parked") {
            self.known.entry(trade.to_owned()).or_insert(now);
        }
    }

    fn delivered(
        &mut self,
        eye: &Connection,
        fact: &Fact,
        trade: &str,
        town: &mut Town,
    ) -> Result<()> {
        let no = &fact.order;
        // Part of the price may have gone back before the goods left.
        if !matches!(fact.before.as_str(), "paid" | "partially_refunded") {
            town.accuse("I16", format!("{no} was delivered while {}", fact.before));
        }
        let (asked, given_back): (bool, u32) = eye
            .prepare_cached(
                "SELECT EXISTS (SELECT 1 FROM facts WHERE order_no = ?1 AND trade_no = ?2 AND kind = 'paid' AND source = 'query'),
                 COALESCE((SELECT MAX(amount) FROM facts WHERE order_no = ?1 AND trade_no = ?2 AND kind = 'refunded' AND n < ?3), 0)",
            )?
            .query_row(params![no, trade, fact.n], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if !asked {
            town.accuse("I06", format!("{no} was delivered without a confirmation"));
        }
        if Some(given_back) >= self.amounts.get(no).copied() {
            town.accuse("I08", format!("{no} was delivered after a full refund"));
        }
        if !town.handed.contains_key(&format!("fulfil:{no}")) {
            town.accuse("I07", format!("{no} counts as delivered, nothing left"));
        }
        Ok(())
    }

    fn cases(&mut self, eye: &Connection, town: &mut Town) -> Result<()> {
        let new: Vec<(i64, Option<String>)> = eye
            .prepare_cached("SELECT n, trade_no FROM exceptions WHERE n > ?1 ORDER BY n")?
            .query_map([self.case], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<Result<_>>()?;
        for (n, trade) in new {
            self.case = n;
            if let Some(trade) = trade {
                self.known_by("parked", &trade, town.now);
            }
        }
        Ok(())
    }

    fn trail(&mut self, eye: &Connection, town: &mut Town) -> Result<()> {
        let new: Vec<(i64, String, String, String, String, String)> = eye
            .prepare_cached(
                "SELECT n, CASE WHEN actor LIKE '%' || ?2 THEN 'late' ELSE action END, code, meaning, prev_hash, hash
                 FROM trail WHERE n > ?1 ORDER BY n",
            )?
            .query_map(params![self.trail, ledger::desk::LATE_RULE.1], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?))
            })?
            .collect::<Result<_>>()?;
        for (n, action, state, meaning, before, hash) in new {
            if n != self.trail + 1 || (n > 1 && before != self.hash) {
                town.accuse(
                    "I44",
                    format!("row {n} of the trail does not follow row {}", self.trail),
                );
            }
            self.trail = n;
            self.hash = hash;
            let no = meaning.split('/').nth(1).unwrap_or_default();
            if action == "late" {
                town.fire(Fault::LateTaken);
            }
            if action == "refund" {
                self.refund(eye, no, &state, town)?;
            }
        }
        Ok(())
    }

    fn refund(&mut self, eye: &Connection, no: &str, state: &str, town: &mut Town) -> Result<()> {
        let before = self.refunds.insert(no.to_owned(), state.to_owned());
        town.note(u64::try_from(state.len()).unwrap_or(0));
        if let Some(before) = &before {
            if !take(&mut self.edges, "refund", before, state) {
                town.accuse("I22", format!("refund {no}: {before} > {state}"));
            }
        } else if !matches!(state, "requested" | "reserved") {
            town.accuse("I04", format!("refund {no} begins as {state}"));
        }
        match state {
            "in_doubt" => {
                self.doubts.insert(no.to_owned(), town.now);
            }
            "sent" => {}
            _ => {
                self.doubts.remove(no);
            }
        }
        let (held, paid): (u64, u64) = eye
            .prepare_cached(
                "SELECT COALESCE(SUM(r.amount), 0), (SELECT amount FROM payments p WHERE p.trade_no = one.trade_no)
                 FROM refunds one JOIN refunds r USING (trade_no)
                 WHERE one.refund_no = ?1 AND r.state IN ('reserved', 'sent', 'in_doubt', 'done')",
            )?
            .query_row([no], |row| Ok((row.get(0)?, row.get::<_, Option<u64>>(1)?.unwrap_or(u64::MAX))))?;
        if held > paid {
            town.accuse("I20", format!("refund {no}: {held} of {paid} go back"));
        }
        let made = |trade: &crate::bank::Trade| {
            let counts = |back: &&crate::bank::Back| {
                !back.cancelled && matches!(&back.by, By::Shop(of) if of == no)
            };
            trade.backs.iter().filter(counts).count()
        };
        let made: usize = town.bank.trades.values().map(made).sum();
        if made > 1 {
            town.accuse("I21", format!("refund {no} was made {made} times"));
        }
        Ok(())
    }

    fn outbox(&mut self, eye: &Connection, town: &mut Town) -> Result<()> {
        let first = self
            .outbox
            .iter()
            .find(|(_, state)| matches!(**state, "pending" | "leased"))
            .map_or_else(
                || self.outbox.keys().last().map_or(0, |id| id + 1),
                |(id, _)| *id,
            );
        let rows: Vec<(i64, String, bool)> = eye
            .prepare_cached("SELECT id, state, lease IS NOT NULL FROM outbox WHERE id >= ?1")?
            .query_map([first], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<Result<_>>()?;
        for (id, state, leased) in rows {
            let now = match (state.as_str(), leased) {
                ("pending", true) => "leased",
                ("pending", false) => "pending",
                ("done", _) => "done",
                _ => "dead",
            };
            let before = self.outbox.insert(id, now).unwrap_or("pending");
            // A whole life may lie between two looks.
            let between = matches!((before, now), ("pending", "done" | "dead"));
            let from = if between { "leased" } else { before };
            if !take(&mut self.edges, "outbox", from, now) {
                town.accuse("I31", format!("outbox row {id}: {before} > {now}"));
            }
        }
        Ok(())
    }
}
