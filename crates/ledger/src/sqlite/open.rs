//! Opening the file: durable settings and the schema's migrations.

use crate::LedgerError;
use rusqlite::{Connection, OpenFlags, TransactionBehavior};
use std::{path::Path, time::Duration};

/// Each migration once, in order; the file's `user_version` says which were done.
const MIGRATIONS: [&str; 2] = [
    include_str!("../../migrations/0001_first.sql"),
    include_str!("../../migrations/0002_refunds.sql"),
];
/// The migration that makes the trail; what is older gets its rows then.
const TRAIL_BEGINS: usize = 1;

/// Marks the file as ours ("jnlu").
const APPLICATION_ID: i32 = 0x6a6e_6c75;

pub(super) fn store_error(what: &'static str) -> impl FnOnce(rusqlite::Error) -> LedgerError {
    move |source| LedgerError::Store {
        what,
        source: Box::new(source),
    }
}

/// Opens the file to write, makes it where it is missing, and brings its schema up to date.
pub(super) fn writer(path: &Path) -> Result<Connection, LedgerError> {
    let open = || -> rusqlite::Result<Connection> {
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        // An answer goes out only after the commit, and a commit is only worth it once it is on disk.
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "foreign_keys", true)?;
        connection.set_prepared_statement_cache_capacity(64);
        #[cfg(feature = "crash-points")]
        {
            if let Some(sql) = crash_points::pragmas() {
                connection.execute_batch(&sql)?;
            }
            // The log of a program that died has just been read back.
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            crash_points::at("K22");
        }
        migrate(&mut connection)?;
        Ok(connection)
    };
    open().map_err(store_error("be opened"))
}

/// Opens the file to read. Readers never wait for the writer.
pub(super) fn reader(path: &Path) -> Result<Connection, LedgerError> {
    let open = || -> rusqlite::Result<Connection> {
        let connection = Connection::open_with_flags(
            path,
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        connection.busy_timeout(Duration::from_secs(5))?;
        connection.set_prepared_statement_cache_capacity(32);
        Ok(connection)
    };
    open().map_err(store_error("be opened to read"))
}

/// Makes the file with a schema in which some guards are missing.
#[cfg(feature = "ablation")]
pub(super) fn writer_without(
    path: &Path,
    off: &[super::ablation::Guard],
) -> Result<Connection, LedgerError> {
    let make = || -> rusqlite::Result<Connection> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        for (index, migration) in MIGRATIONS.iter().enumerate() {
            connection.execute_batch(&super::ablation::edited(migration, off))?;
            connection.pragma_update(None, "user_version", index + 1)?;
        }
        Ok(connection)
    };
    make().map_err(store_error("be made"))
}

fn migrate(connection: &mut Connection) -> rusqlite::Result<()> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let done: usize = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if done > MIGRATIONS.len() {
        let newer = format!(
            "its schema ({done}) is newer than this program ({})",
            MIGRATIONS.len()
        );
        return Err(rusqlite::Error::ToSqlConversionFailure(newer.into()));
    }
    #[cfg(feature = "crash-points")]
    crash_points::at("K20");
    for (index, migration) in MIGRATIONS.iter().enumerate().skip(done) {
        transaction.execute_batch(migration)?;
        if index == TRAIL_BEGINS {
            super::trail::begin(&transaction)?;
        }
        transaction.pragma_update(None, "user_version", index + 1)?;
        #[cfg(feature = "crash-points")]
        crash_points::at("K20");
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_waits_for_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let writer = writer(&folder.path().join("ledger.db")).unwrap();
        // The setting belongs to the connection: nobody can see it in the file.
        let synchronous: i64 = writer
            .pragma_query_value(None, "synchronous", |row| row.get(0))
            .unwrap();
        assert_eq!(
            synchronous, 2,
            "FULL: the log is synced before a commit returns"
        );
        let foreign_keys: bool = writer
            .pragma_query_value(None, "foreign_keys", |row| row.get(0))
            .unwrap();
        assert!(foreign_keys);
    }
}
