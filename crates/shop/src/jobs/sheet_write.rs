//! From the outbox into a tab: claimed, written by key, settled.

use super::{
    sheet::RoundError,
    sheet_rows::{event, member, order},
};
use crate::{app::App, seen::Seen};
use google::{
    sheets::Cell,
    tables::{Grid, Row, TabSpec, Tables},
};
use jiff::{SignedDuration, Timestamp};
use ledger::{
    Lease, LedgerError, ListOrders, Outcome, Topic,
    traffic::{Kind, Subject},
};
use orders::{MemberId, OrderNo};
use std::collections::BTreeSet;

/// A shop that was killed while it wrote goes on after this. Writing may take longer: the rows are then written twice,
/// to the same places.
const LEASE: SignedDuration = SignedDuration::from_mins(3);
/// How many rows go into one write at most; the table cuts it further by size.
const BATCH: u32 = 500;

/// Writes what waits of one topic: what the ledger says now, not what it said when the row was made.
pub(super) async fn write<G: Grid>(
    app: &App,
    tables: &Tables<G>,
    topic: Topic,
    spec: &TabSpec,
) -> Result<(), RoundError> {
    let now = app.clock.now();
    let lease = Lease {
        token: app.entropy.name(),
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
    #[cfg(feature = "crash-points")]
    crash_points::at("K11");
    match tables.upsert(spec, &rows).await {
        Ok(report) => {
            #[cfg(feature = "crash-points")]
            crash_points::at("K12");
            for duplicate in &report.duplicates {
                tracing::warn!(tab = spec.title, key = %duplicate.key, rows = ?duplicate.rows, "the same key stands in several rows; the first one is kept up to date");
            }
            app.ledger.settle(&ids, &lease, &Outcome::Done).await?;
            keep(app, spec, &rows, now);
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

/// Keeps the orders' rows as they were written, for those who look.
fn keep(app: &App, spec: &TabSpec, rows: &[Row], at: Timestamp) {
    for row in rows {
        let Ok(no) = row.key.parse::<OrderNo>() else {
            return;
        };
        let cells: Vec<(&str, String)> = row
            .cells
            .iter()
            .map(|(column, cell)| (*column, text_of(cell)))
            .collect();
        app.keep(Seen {
            subject: Subject::Order(no, None),
            kind: Kind::Sheet,
            at,
            path: spec.title,
            sent: &serde_json::to_vec(&cells).unwrap_or_default(),
            answer: b"",
            verdict: "believed",
            outcome: "",
        });
    }
}

fn text_of(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Integer(number) => number.to_string(),
        Cell::Bool(yes) => yes.to_string(),
        Cell::Empty => String::new(),
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
