//! Writing the sheet and reading the catalogue: one writer for the whole spreadsheet, in batches, by key.
//!
//! The sheet is a projection of the ledger. Nothing that stands in it is ever an input to money; products are read
//! from it, and what they cost is fixed at checkout. When Google is down, rows wait in the outbox.

use super::{
    SheetTables, open_sheet,
    sheet_products::{known_products, read_catalogue},
    sheet_rows::{EVENTS, MEMBERS, ORDERS, PRODUCTS, TABS},
    sheet_trouble,
    sheet_write::write,
};
use crate::{app::App, entropy, error::chain};
use google::{
    pace::backoff,
    sheets::SheetsError,
    tables::{Grid, TabSpec, Tables},
};
use jiff::{SignedDuration, Timestamp};
use ledger::{LedgerError, Topic};
use std::{collections::BTreeMap, sync::Arc, time::Duration};

const READ_CATALOGUE_EVERY: SignedDuration = SignedDuration::from_secs(15);
/// How soon a tab that a person must put right is looked at again.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(30);

/// Why a round did not end.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// The ledger.
    #[error("the ledger failed")]
    Ledger(#[from] LedgerError),
    /// The spreadsheet.
    #[error("the sheet failed")]
    Sheet(#[from] SheetsError),
    /// Its settings.
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
pub struct Desk {
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
            Err(RoundError::Sheet(error)) if is_of_one_tab(&error) => {
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
                if matches!(error, RoundError::Sheet(SheetsError::Refused { .. })) {
                    // The cure may be another key: it is read anew.
                    desk.tables = None;
                }
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
        RoundError::Sheet(
            SheetsError::Ambiguous(_) | SheetsError::Unreachable(_) | SheetsError::BadAnswer(_),
        )
        | RoundError::Ledger(_)
        | RoundError::Open(_) => regular,
    }
}

/// Whether it is one tab that is wrong: its header by our own look, or what Google says of a range of it. All else that is
/// refused (the key, the token, the sharing, the file) concerns the whole spreadsheet.
fn is_of_one_tab(error: &SheetsError) -> bool {
    match error {
        SheetsError::Refused { status, reason, .. } => match status {
            0 => reason != "key" && reason != "base_url",
            400 => reason == "INVALID_ARGUMENT",
            _ => false,
        },
        SheetsError::Retry { .. }
        | SheetsError::Ambiguous(_)
        | SheetsError::Unreachable(_)
        | SheetsError::BadAnswer(_) => false,
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

/// One round: looks at the tabs where that is due, reads the catalogue, writes what waits.
///
/// # Errors
/// The ledger or the whole spreadsheet. One tab that is wrong is no error: it waits, and the others go on.
pub async fn work<G: Grid>(
    app: &App,
    desk: &mut Desk,
    tables: &Tables<G>,
) -> Result<(), RoundError> {
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
async fn look_at_tabs<G: Grid>(
    app: &App,
    desk: &mut Desk,
    tables: &Tables<G>,
) -> Result<(), RoundError> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status: u16, reason: &str) -> SheetsError {
        SheetsError::Refused {
            status,
            reason: reason.to_owned(),
            cure: String::new(),
            detail: String::new(),
        }
    }

    #[test]
    fn a_bad_tab_is_told_from_a_bad_spreadsheet() {
        for (status, reason) in [
            (0, "header_missing"),
            (0, "header_twice"),
            (0, "tab_missing"),
            (400, "INVALID_ARGUMENT"),
        ] {
            assert!(is_of_one_tab(&refused(status, reason)), "{reason}");
        }
        for (status, reason) in [
            (0, "key"),
            (400, "invalid_grant"),
            (400, "FAILED_PRECONDITION"),
            (401, "UNAUTHENTICATED"),
            (403, "PERMISSION_DENIED"),
            (404, "NOT_FOUND"),
        ] {
            assert!(!is_of_one_tab(&refused(status, reason)), "{reason}");
        }
        assert!(!is_of_one_tab(&SheetsError::Ambiguous("503".to_owned())));
    }

    #[test]
    fn what_a_person_must_cure_is_not_asked_for_every_second() {
        let wait = |error| wait_after(&RoundError::Sheet(error), 0);
        assert!(wait(refused(403, "PERMISSION_DENIED")) >= Duration::from_secs(30));
        let later = SheetsError::Retry {
            after: Duration::from_secs(45),
            reason: String::new(),
        };
        assert_eq!(wait(later), Duration::from_secs(45));
        assert!(wait(SheetsError::Ambiguous(String::new())) <= Duration::from_secs(2));
    }
}
