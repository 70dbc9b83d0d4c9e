//! Writing the sheet and reading the catalogue: one writer for the whole spreadsheet, in batches, by key.
//!
//! The sheet is a projection of the ledger. Nothing that stands in it is ever an input to money; products are read
//! from it, and what they cost is fixed at checkout. When Google is down, rows wait in the outbox.

use super::{
    SheetTables, open_sheet,
    sheet_products::{known_products, read_catalogue},
    sheet_rows::{EVENTS, MEMBERS, ORDERS, PRODUCTS, TABS, event, member, order},
    sheet_trouble,
};
use crate::{app::App, entropy, error::chain};
use google::{
    pace::backoff,
    sheets::SheetsError,
    tables::{Row, TabSpec},
};
use jiff::{SignedDuration, Timestamp};
use ledger::{Lease, LedgerError, ListOrders, Outcome, Topic};
use orders::MemberId;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

const LEASE: SignedDuration = SignedDuration::from_mins(10);
/// How many rows go into one write at most; the table cuts it further by size.
const BATCH: u32 = 500;
const READ_CATALOGUE_EVERY: SignedDuration = SignedDuration::from_secs(15);
/// How soon a tab that a person must put right is looked at again.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// Why a round did not end.
#[derive(Debug, thiserror::Error)]
pub(super) enum RoundError {
    #[error("the ledger failed")]
    Ledger(#[from] LedgerError),
    #[error("the sheet failed")]
    Sheet(#[from] SheetsError),
    #[error("the sheet cannot be opened: {0}")]
    Open(String),
}

/// The tabs that show what the ledger knows, and the topic of each.
const PROJECTED: [(Topic, &TabSpec); 3] = [
    (Topic::SheetMember, &MEMBERS),
    (Topic::SheetOrder, &ORDERS),
    (Topic::SheetEvent, &EVENTS),
];

/// What the job remembers between rounds.
#[derive(Default)]
struct Desk {
    tables: Option<SheetTables>,
    /// When the tabs are looked at again; `None` for now.
    look_at_tabs: Option<Timestamp>,
    /// Tabs that cannot be used until a person has done something about them. The others go on.
    unusable: BTreeMap<&'static str, SheetsError>,
    catalogue_due: Option<Timestamp>,
    failures: u32,
}

impl Desk {
    fn usable(&self, spec: &TabSpec) -> bool {
        !self.unusable.contains_key(spec.title)
    }

    /// Takes a tab out of use where it is this tab that is wrong; anything else ends the round.
    fn sort_out<T>(
        &mut self,
        spec: &TabSpec,
        now: Timestamp,
        outcome: Result<T, RoundError>,
    ) -> Result<Option<T>, RoundError> {
        match outcome {
            Ok(value) => Ok(Some(value)),
            // Refused by our own look at the header, or by Google for what was asked of this tab.
            Err(RoundError::Sheet(
                error @ SheetsError::Refused {
                    status: 0 | 400, ..
                },
            )) => {
                tracing::warn!(
                    tab = spec.title,
                    error = chain(&error),
                    "this tab waits until somebody puts it right; the other tabs, orders and payments go on"
                );
                self.unusable.insert(spec.title, error);
                self.look_at_tabs = Some(now + LOOK_AGAIN);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

/// Runs for ever: writes what waits, reads the catalogue, and backs off while Google is not well.
pub async fn run(app: Arc<App>) {
    let mut desk = Desk::default();
    loop {
        let outcome = round(&app, &mut desk).await;
        let now = app.clock.now();
        let unread = outcome.is_err() || !desk.usable(&PRODUCTS);
        if unread && desk.catalogue_due.is_none_or(|due| now >= due) {
            app.catalogue.is_stale(now);
        }
        match outcome {
            Ok(()) => {
                if desk.failures > 0 {
                    tracing::info!("the sheet works again");
                }
                desk.failures = 0;
                app.sheet_trouble.set(
                    desk.unusable
                        .iter()
                        .map(|(tab, error)| sheet_trouble::of_tab(tab, error)),
                    now,
                );
                app.clock.sleep(Duration::from_secs(1)).await;
            }
            Err(error) => {
                // The tabs are looked at again: an answer may have been lost, or somebody may have renamed one.
                desk.look_at_tabs = None;
                let wait = wait_after(&error, desk.failures);
                desk.failures = desk.failures.saturating_add(1);
                tracing::warn!(
                    error = chain(&error),
                    wait_s = wait.as_secs(),
                    "the sheet waits; orders and payments go on"
                );
                app.sheet_trouble.set([sheet_trouble::of_all(&error)], now);
                app.clock.sleep(wait).await;
            }
        }
    }
}

fn wait_after(error: &RoundError, failures: u32) -> Duration {
    let [high, low] = entropy::bytes::<2>();
    let regular = backoff(failures, u16::from_be_bytes([high, low]) % 1000);
    match error {
        RoundError::Sheet(SheetsError::Retry { after, .. }) => regular.max(*after),
        // Nothing changes until somebody does what the cure says.
        RoundError::Sheet(SheetsError::Refused { .. }) => regular.max(Duration::from_secs(30)),
        _ => regular,
    }
}

async fn round(app: &App, desk: &mut Desk) -> Result<(), RoundError> {
    // Taken out and put back, so that the desk can be written on meanwhile.
    let tables = match desk.tables.take() {
        Some(tables) => tables,
        None => open_sheet(app).map_err(RoundError::Open)?,
    };
    let outcome = work(app, desk, &tables).await;
    desk.tables = Some(tables);
    outcome
}

async fn work(app: &App, desk: &mut Desk, tables: &SheetTables) -> Result<(), RoundError> {
    let now = app.clock.now();
    if desk.look_at_tabs.is_none_or(|at| now >= at) {
        look_at_tabs(app, desk, tables).await?;
    }
    if desk.usable(&PRODUCTS) && desk.catalogue_due.is_none_or(|due| now >= due) {
        let read = read_catalogue(app, tables).await;
        if desk.sort_out(&PRODUCTS, now, read)?.is_some() {
            desk.catalogue_due = Some(app.clock.now() + READ_CATALOGUE_EVERY);
        }
    }
    for (topic, spec) in PROJECTED {
        if desk.usable(spec) {
            let written = write(app, tables, topic, spec).await;
            desk.sort_out(spec, now, written)?;
        }
    }
    Ok(())
}

/// Makes what is missing, and fills a tab that is empty: a new one, or one that somebody deleted.
///
/// Whether to fill is seen from the tab itself and not from having made it: the answer to that may have been lost.
async fn look_at_tabs(app: &App, desk: &mut Desk, tables: &SheetTables) -> Result<(), RoundError> {
    let ensured = tables.ensure_tabs(&TABS).await?;
    let now = app.clock.now();
    desk.unusable.clear();
    desk.look_at_tabs = Some(Timestamp::MAX);
    let spec = |title| TABS.iter().find(|spec| spec.title == title);
    for fault in ensured.faults {
        if let Some(spec) = spec(fault.tab) {
            desk.sort_out(spec, now, Err::<(), _>(fault.error.into()))?;
        }
    }
    if desk.usable(&PRODUCTS) {
        let filled = tables.fill_if_empty(&PRODUCTS, &known_products(app)).await;
        desk.sort_out(&PRODUCTS, now, filled.map_err(Into::into))?;
    }
    for (topic, spec) in PROJECTED {
        if !desk.usable(spec) {
            continue;
        }
        let keys = tables.keys(spec).await.map_err(Into::into);
        if desk
            .sort_out(spec, now, keys)?
            .is_some_and(|keys| keys.is_empty())
        {
            let rows = app.ledger.refill(topic, app.clock.now()).await?;
            if rows > 0 {
                tracing::warn!(
                    tab = spec.title,
                    rows,
                    "this tab is empty; it is written anew from the ledger"
                );
            }
        }
    }
    Ok(())
}

/// Writes what waits of one topic: what the ledger says now, not what it said when the row was made.
async fn write(
    app: &App,
    tables: &SheetTables,
    topic: Topic,
    spec: &TabSpec,
) -> Result<(), RoundError> {
    let now = app.clock.now();
    let lease = Lease {
        token: entropy::name(),
        until: now + LEASE,
    };
    let waiting = app.ledger.lease(topic, BATCH, &lease, now).await?;
    if waiting.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = waiting.iter().map(|row| row.id).collect();
    let mut seen = BTreeSet::new();
    let mut rows = Vec::new();
    for waiting in waiting
        .iter()
        .filter(|row| seen.insert(row.aggregate.clone()))
    {
        rows.extend(row(app, topic, &waiting.aggregate).await?);
    }
    match tables.upsert(spec, &rows).await {
        Ok(report) => {
            for duplicate in &report.duplicates {
                tracing::warn!(tab = spec.title, key = %duplicate.key, rows = ?duplicate.rows, "the same key stands in several rows; the first one is kept up to date");
            }
            app.ledger.settle(&ids, &lease, &Outcome::Done).await?;
            for key in &report.vanished {
                tracing::warn!(
                    tab = spec.title,
                    key,
                    "a row of ours is gone from the sheet; it is written again"
                );
                app.ledger.write_again(topic, key, now).await?;
            }
            tracing::debug!(
                tab = spec.title,
                updated = report.updated,
                inserted = report.inserted,
                "sheet written"
            );
            Ok(())
        }
        Err(error) => {
            // Free for the next round at once; the loop itself backs off.
            app.ledger
                .settle(
                    &ids,
                    &lease,
                    &Outcome::Retry {
                        at: now,
                        error: error.to_string(),
                    },
                )
                .await?;
            Err(error.into())
        }
    }
}

async fn row(app: &App, topic: Topic, aggregate: &str) -> Result<Option<Row>, LedgerError> {
    Ok(match topic {
        Topic::SheetOrder => {
            let Ok(no) = aggregate.parse() else {
                return Ok(None);
            };
            let listed = app
                .ledger
                .list(ListOrders {
                    order: Some(no),
                    ..ListOrders::default()
                })
                .await?;
            match listed.first() {
                Some(summary) => Some(order(
                    summary,
                    app.ledger
                        .member(&summary.book.order().member)
                        .await?
                        .as_ref(),
                )),
                None => None,
            }
        }
        Topic::SheetMember => {
            let Some((issuer, sub)) = aggregate.split_once(' ') else {
                return Ok(None);
            };
            let id = MemberId {
                issuer: issuer.to_owned(),
                sub: sub.to_owned(),
            };
            app.ledger.member(&id).await?.as_ref().map(member)
        }
        Topic::SheetEvent => {
            let Ok(n) = aggregate.parse() else {
                return Ok(None);
            };
            app.ledger
                .fact(n)
                .await?
                .map(|(no, fact)| event(&no, &fact))
        }
        Topic::Deliver => None,
    })
}
