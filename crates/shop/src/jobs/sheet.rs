//! Writing the sheet and reading the catalogue: one writer for the whole spreadsheet, in batches, by key.
//!
//! The sheet is a projection of the ledger. Nothing that stands in it is ever an input to money; products are read
//! from it, and what they cost is fixed at checkout. When Google is down, rows wait in the outbox.

use super::{
    SheetTables, open_sheet,
    sheet_rows::{EVENTS, MEMBERS, ORDERS, PRODUCTS, TABS, event, member, order},
};
use crate::{
    app::App,
    catalogue::{RawProduct, RowFault, file_products, read_row},
    entropy,
    error::chain,
};
use google::{
    pace::backoff,
    sheets::{Cell, SheetsError},
    tables::{Row, TabSpec},
};
use jiff::{SignedDuration, Timestamp};
use ledger::{Lease, LedgerError, ListOrders, Outcome, Topic};
use orders::MemberId;
use std::{collections::BTreeSet, sync::Arc, time::Duration};

const LEASE: SignedDuration = SignedDuration::from_mins(10);
/// How many rows go into one write at most; the table cuts it further by size.
const BATCH: u32 = 500;
const READ_CATALOGUE_EVERY: SignedDuration = SignedDuration::from_secs(15);

/// Why a round did not end.
#[derive(Debug, thiserror::Error)]
enum RoundError {
    #[error("the ledger failed")]
    Ledger(#[from] LedgerError),
    #[error("the sheet failed")]
    Sheet(#[from] SheetsError),
    #[error("the sheet cannot be opened: {0}")]
    Open(String),
}

/// What the job remembers between rounds.
#[derive(Default)]
struct Desk {
    tables: Option<SheetTables>,
    tabs_made: bool,
    catalogue_due: Option<Timestamp>,
    failures: u32,
}

/// Runs for ever: writes what waits, reads the catalogue, and backs off while Google is not well.
pub async fn run(app: Arc<App>) {
    let mut desk = Desk::default();
    if let Err(error) = app.catalogue.recall(app.ledger.as_ref()).await {
        tracing::error!(
            error = chain(&error),
            "the last good catalogue cannot be read"
        );
    }
    loop {
        match round(&app, &mut desk).await {
            Ok(()) => {
                if desk.failures > 0 {
                    tracing::info!("the sheet works again");
                }
                desk.failures = 0;
                app.clock.sleep(Duration::from_secs(1)).await;
            }
            Err(error) => {
                app.catalogue.is_stale(app.clock.now());
                // The tabs are looked at again: somebody may have renamed one.
                desk.tabs_made = false;
                let wait = wait_after(&error, desk.failures);
                desk.failures = desk.failures.saturating_add(1);
                tracing::warn!(
                    error = chain(&error),
                    wait_s = wait.as_secs(),
                    "the sheet waits; orders and payments go on"
                );
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
        RoundError::Ledger(_) | RoundError::Sheet(_) | RoundError::Open(_) => regular,
    }
}

async fn round(app: &App, desk: &mut Desk) -> Result<(), RoundError> {
    if desk.tables.is_none() {
        desk.tables = Some(open_sheet(app).map_err(RoundError::Open)?);
    }
    let Some(tables) = &desk.tables else {
        return Ok(());
    };
    if !desk.tabs_made {
        let ensured = tables.ensure_tabs(&TABS).await?;
        if let Some(fault) = ensured.faults.into_iter().next() {
            return Err(fault.error.into());
        }
        tables
            .fill_if_empty(&PRODUCTS, &first_products(app))
            .await?;
        desk.tabs_made = true;
    }
    if desk.catalogue_due.is_none_or(|due| app.clock.now() >= due) {
        read_catalogue(app, tables).await?;
        desk.catalogue_due = Some(app.clock.now() + READ_CATALOGUE_EVERY);
    }
    for (topic, spec) in [
        (Topic::SheetMember, &MEMBERS),
        (Topic::SheetOrder, &ORDERS),
        (Topic::SheetEvent, &EVENTS),
    ] {
        write(app, tables, topic, spec).await?;
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

/// The products of `jinliu.toml`, for a sheet that has none yet.
fn first_products(app: &App) -> Vec<Row> {
    file_products(&app.settings)
        .into_iter()
        .map(|product| Row {
            key: product.id.to_string(),
            cells: vec![
                ("name", Cell::Text(product.name)),
                ("description", Cell::Text(product.description)),
                ("price", Cell::Integer(i64::from(product.price.dollars()))),
                ("image", Cell::Text(product.image)),
                (
                    "stock",
                    product.stock.map_or(Cell::Text(String::new()), |stock| {
                        Cell::Integer(i64::from(stock))
                    }),
                ),
                (
                    "active",
                    Cell::Text(if product.active { "是" } else { "否" }.to_owned()),
                ),
            ],
        })
        .collect()
}

async fn read_catalogue(app: &App, tables: &SheetTables) -> Result<(), RoundError> {
    let table = tables.read_table(&PRODUCTS).await?;
    let (mut products, mut faults) = (Vec::<orders::Product>::new(), Vec::new());
    for row in &table.rows {
        let raw = RawProduct {
            id: row.text("id"),
            name: row.text("name"),
            description: row.text("description"),
            price: row.text("price"),
            image: row.text("image"),
            stock: row.text("stock"),
            active: row.text("active"),
        };
        let empty = [&raw.id, &raw.name, &raw.price]
            .iter()
            .all(|cell| cell.trim().is_empty());
        if empty {
            continue;
        }
        let read = read_row(&raw).and_then(|product| {
            let twice = products.iter().any(|known| known.id == product.id);
            if twice {
                Err("這個商品編號前面已經用過了".to_owned())
            } else {
                Ok(product)
            }
        });
        match read {
            Ok(product) => products.push(product),
            Err(what) => faults.push(RowFault {
                row: row.row_number,
                what,
            }),
        }
    }
    let changed = app.catalogue.shelf().faults != faults;
    if changed {
        for fault in &faults {
            tracing::warn!(
                row = fault.row,
                what = fault.what,
                "a product's row was skipped"
            );
        }
    }
    app.catalogue
        .fill(products, faults, app.ledger.as_ref(), app.clock.now())
        .await?;
    Ok(())
}
