//! What runs beside the requests: asking PAYUNi, delivering, writing the sheet, reading the catalogue, sweeping up.
//!
//! Each is a loop that looks for due work in the ledger. Killed at any point, it finds the same work again.

pub mod deliver;
pub mod refund;
pub mod sheet;
mod sheet_products;
mod sheet_rows;
pub mod sheet_trouble;
mod sheet_write;

use crate::{app::App, error::chain, flow::step_7_reconcile};
use google::{
    pace::Paced,
    service_account::ServiceAccount,
    sheets::{Sheets, SpreadsheetId},
    tables::Tables,
};
use std::{sync::Arc, time::Duration};
use tokio::task::JoinSet;

/// How often a loop looks without being woken.
const TICK: Duration = Duration::from_secs(1);
const SWEEP_EVERY: Duration = Duration::from_secs(600);

/// Brings back what must be there before the first request: the prices that were last read from the sheet.
///
/// # Errors
/// The ledger's.
pub async fn prepare(app: &App) -> Result<(), ledger::LedgerError> {
    if app.settings.sheet.is_some() {
        app.catalogue.recall(app.ledger.as_ref()).await?;
    }
    Ok(())
}

/// Starts all jobs. They stop when the set is dropped.
#[must_use]
pub fn start(app: &Arc<App>) -> JoinSet<()> {
    let mut jobs = JoinSet::new();
    jobs.spawn(reconcile(Arc::clone(app)));
    jobs.spawn(deliver_all(Arc::clone(app)));
    jobs.spawn(refund_all(Arc::clone(app)));
    jobs.spawn(sweep_daily(Arc::clone(app)));
    jobs.spawn(sweep(Arc::clone(app)));
    if app.settings.sheet.is_some() {
        jobs.spawn(sheet::run(Arc::clone(app)));
    }
    jobs
}

/// Waits for news or the next tick.
async fn rest(app: &App) {
    tokio::select! {
        () = app.wake.notified() => {}
        () = app.clock.sleep(TICK) => {}
    }
}

async fn reconcile(app: Arc<App>) {
    // Whatever was sent while this shop was closed is lost: every open order is asked about at once.
    if let Err(error) = app.ledger.ask_all(app.clock.now()).await {
        tracing::error!(
            step = "reconcile",
            error = chain(&error),
            "the ledger failed at the start"
        );
    }
    loop {
        if let Err(error) = step_7_reconcile::ask_due(&app, 100).await {
            tracing::error!(
                step = "reconcile",
                error = chain(&error),
                "the ledger failed"
            );
        }
        rest(&app).await;
    }
}

async fn deliver_all(app: Arc<App>) {
    loop {
        if let Err(error) = deliver::deliver_due(&app).await {
            tracing::error!(error = chain(&error), "the ledger failed while delivering");
        }
        rest(&app).await;
    }
}

async fn refund_all(app: Arc<App>) {
    loop {
        if let Err(error) = refund::refund_due(&app).await {
            tracing::error!(
                error = chain(&error),
                "the ledger failed while giving money back"
            );
        }
        rest(&app).await;
    }
}

/// The look over the last three months, once a day. A shop that was just opened looks after its first minutes.
async fn sweep_daily(app: Arc<App>) {
    loop {
        app.clock.sleep(SWEEP_EVERY).await;
        match step_7_reconcile::sweep_if_due(&app).await {
            Ok(Some(due)) if due > 0 => {
                tracing::warn!(
                    step = "reconcile",
                    due,
                    "the daily sweep found what this shop did not know"
                );
                app.wake.notify_waiters();
            }
            Ok(_) => {}
            Err(error) => {
                tracing::error!(
                    step = "reconcile",
                    error = chain(&error),
                    "the ledger failed while sweeping the last three months"
                );
            }
        }
    }
}

async fn sweep(app: Arc<App>) {
    loop {
        if let Err(error) = app.ledger.sweep(app.clock.now()).await {
            tracing::error!(error = chain(&error), "the ledger failed while sweeping");
        }
        app.clock.sleep(SWEEP_EVERY).await;
    }
}

/// The sheet's tables, written no faster than Google allows.
pub(crate) type SheetTables = Tables<Paced<Sheets>>;

/// Opens the sheet. The key is read now, not at the start, so that a shop runs before its sandbox has written it.
pub(crate) fn open_sheet(app: &App) -> Result<SheetTables, String> {
    let settings = app.settings.sheet.as_ref().ok_or("no sheet is set")?;
    let id = SpreadsheetId::parse(&settings.id).ok_or("GOOGLE_SHEET_ID is not a spreadsheet id")?;
    let clock = app.clock.clone();
    let now: google::service_account::Clock = Arc::new(move || clock.now());
    let account = ServiceAccount::from_file(&settings.credentials, app.http.clone())
        .map_err(|error| chain(&error))?
        .with_clock(Arc::clone(&now));
    let sheets = Sheets::new(
        settings.api_url.clone(),
        id,
        Arc::new(account),
        app.http.clone(),
    );
    let sleeper = app.clock.clone();
    let sleep: google::pace::Sleep = Arc::new(move |wait| {
        let clock = sleeper.clone();
        Box::pin(async move { clock.sleep(wait).await })
    });
    Ok(Tables::new(Paced::new(sheets, now).with_sleep(sleep)))
}
