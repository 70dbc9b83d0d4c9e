//! A ledger as the first version of the program left it: one order of `buyer1`, paid, confirmed and delivered.

use crate::town::Town;
use anyhow::Result;
use rusqlite::Connection;

/// The schema that the first version made.
const SCHEMA: &str = include_str!("../../../crates/ledger/migrations/0001_first.sql");
/// What stood in it; `{issuer}` is Google's sandbox, which is elsewhere each time.
const ROWS: &str = include_str!("../old_ledger.sql");

/// The order in it: one tea for NT$ 680.
pub(crate) const OLD_ORDER: &str = "2611230123456789ABCDEF";

/// Puts the old ledger into a world whose shop was not started yet.
pub(crate) fn with_an_old_ledger(town: &Town) -> Result<()> {
    let ledger = Connection::open(town.dir().join("data/jinliu.db"))?;
    ledger.pragma_update(None, "journal_mode", "WAL")?;
    ledger.execute_batch(SCHEMA)?;
    ledger.execute_batch(&ROWS.replace("{issuer}", &town.places.google))?;
    ledger.pragma_update(None, "user_version", 1)?;
    Ok(())
}
