//! The SQLite store against the contract, and what it alone promises: how the file is kept.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod contract;

use ledger::{Ledger, SqliteLedger};
use std::sync::Arc;

fn fresh() -> (contract::Store, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (
        Arc::new(SqliteLedger::open(&folder.path().join("ledger.db")).unwrap()),
        folder,
    )
}

ledger_contract!(fresh());

#[tokio::test]
async fn what_was_written_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    SqliteLedger::open(&path)
        .unwrap()
        .note("catalogue", "[]".into(), contract::at(5))
        .await
        .unwrap();
    let again = SqliteLedger::open(&path).unwrap();
    assert_eq!(
        again.noted("catalogue").await.unwrap(),
        Some(("[]".to_owned(), contract::at(5)))
    );
}

#[test]
fn the_file_itself_refuses_to_forget() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    drop(SqliteLedger::open(&path).unwrap());
    let raw = rusqlite::Connection::open(&path).unwrap();
    let mode: String = raw
        .pragma_query_value(None, "journal_mode", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, "wal");
    raw.execute_batch(
        "INSERT INTO members VALUES ('i', 's', NULL, 0, NULL, NULL, 0, 0);
         INSERT INTO orders VALUES ('O1', 'i', 's', 100, 'TWD', 0, 0, 'k', 'pending', 0);
         INSERT INTO attempts VALUES ('O1', 'O1', 1, 0, 'k', NULL, 0, 0);
         INSERT INTO facts VALUES (1, 'O1', 'm', 'paid', 'notice', 'O1', 'G1', 100, '{}', NULL, NULL, 'pending', 'paid', 0);
         INSERT INTO outbox VALUES (1, 'sheet.order', 'O1', 1, 'pending', 0, 0, NULL, NULL, NULL, 0);",
    )
    .unwrap();
    for forbidden in [
        "UPDATE orders SET amount = 1",
        "DELETE FROM orders",
        "UPDATE facts SET kind = 'failed'",
        "DELETE FROM facts",
        "UPDATE attempts SET attempt_no = 'O2'",
        "DELETE FROM outbox",
        "INSERT INTO payments VALUES ('G9', 'O1', 'O1', 99, 'TWD', 0)",
        "INSERT INTO facts VALUES (2, 'O1', 'm', 'paid', 'notice', 'O1', 'G1', 100, '{}', NULL, NULL, 'pending', 'paid', 0)",
        "UPDATE orders SET currency = 'JPY'",
    ] {
        assert!(raw.execute(forbidden, []).is_err(), "{forbidden}");
    }
}

#[test]
fn a_file_of_a_newer_program_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    drop(SqliteLedger::open(&path).unwrap());
    rusqlite::Connection::open(&path)
        .unwrap()
        .pragma_update(None, "user_version", 99)
        .unwrap();
    let Err(refused) = SqliteLedger::open(&path) else {
        panic!("opened a newer schema")
    };
    assert!(
        std::error::Error::source(&refused)
            .unwrap()
            .to_string()
            .contains("newer")
    );
}

#[tokio::test]
async fn what_was_carried_out_is_forgotten_after_a_month_but_never_a_delivery() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = SqliteLedger::open(&path).unwrap();
    let raw = rusqlite::Connection::open(&path).unwrap();
    for (id, topic, state) in [
        (1, "sheet.order", "done"),
        (2, "sheet.order", "pending"),
        (3, "sheet.order", "dead"),
        (4, "deliver", "done"),
    ] {
        raw.execute(
            "INSERT INTO outbox (id, topic, aggregate, seq, state, due_at_ms, made_at_ms) VALUES (?1, ?2, ?1, 1, ?3, 0, ?4)",
            rusqlite::params![id, topic, state, contract::at(0).as_millisecond()],
        )
        .unwrap();
    }
    let left = || -> Vec<i64> {
        let mut rows = raw.prepare("SELECT id FROM outbox ORDER BY id").unwrap();
        let rows = rows.query_map([], |row| row.get(0)).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    ledger.sweep(contract::at(29 * 86_400)).await.unwrap();
    assert_eq!(left(), [1, 2, 3, 4]);
    ledger.sweep(contract::at(31 * 86_400)).await.unwrap();
    assert_eq!(left(), [2, 3, 4]);
}
