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

/// Breaks off each write that follows from a fact, one table after another: what came before it must be gone as well, and
/// the same message, sent again, must be news with all that follows.
#[tokio::test]
async fn a_fact_and_what_follows_from_it_are_one_commit() {
    for (broken, write) in [
        ("trail", "INSERT ON trail"),
        ("the status", "UPDATE ON orders"),
        ("the payment", "INSERT ON payments"),
        ("the outbox", "INSERT ON outbox"),
        ("the question", "UPDATE ON attempts"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        let store: contract::Store = Arc::new(SqliteLedger::open(&path).unwrap());
        let placed = contract::placed(&store).await;
        let no = placed.book.order().no.clone();
        let record = || {
            let bound = contract::told_paid(&placed.book);
            store.record(bound, ledger::Origin::default(), contract::at(9))
        };
        let raw = rusqlite::Connection::open(&path).unwrap();
        raw.execute_batch(&format!(
            "CREATE TRIGGER broken BEFORE {write} BEGIN SELECT RAISE(ABORT, 'broken'); END"
        ))
        .unwrap();
        assert!(record().await.is_err(), "{broken}");
        assert_eq!(
            store.book(&no).await.unwrap().unwrap(),
            placed.book,
            "{broken}"
        );
        raw.execute_batch("DROP TRIGGER broken").unwrap();
        assert!(record().await.unwrap().news, "{broken}");
        let count = |sql: &str| -> i64 { raw.query_row(sql, [], |row| row.get(0)).unwrap() };
        assert_eq!(count("SELECT COUNT(*) FROM facts"), 1, "{broken}");
        assert_eq!(count("SELECT COUNT(*) FROM payments"), 1, "{broken}");
        assert_eq!(
            count("SELECT COUNT(*) FROM outbox WHERE topic = 'sheet.event'"),
            1,
            "{broken}"
        );
    }
}

/// What was seen once is known for ever, through every sweep: a message has no age at which it counts anew.
#[tokio::test]
async fn a_replay_is_no_news_however_late() {
    let (store, _folder) = fresh();
    let placed = contract::placed(&store).await;
    let no = placed.book.order().no.clone();
    let record = |second: i64| {
        let bound = contract::told_paid(&placed.book);
        store.record(bound, ledger::Origin::default(), contract::at(second))
    };
    assert!(record(9).await.unwrap().news);
    let waiting = store.backlog(ledger::Topic::SheetEvent).await.unwrap();
    for days in [1, 31, 3653] {
        let later = 10 + days * 86_400;
        store.sweep(contract::at(later)).await.unwrap();
        assert!(!record(later).await.unwrap().news, "after {days} days");
    }
    assert_eq!(store.facts(&no).await.unwrap().len(), 1);
    assert_eq!(
        store.backlog(ledger::Topic::SheetEvent).await.unwrap(),
        waiting
    );
}

/// Another program, such as `jinliu reconcile`, writes for a while: this one waits for it, whatever it had read before.
#[tokio::test(flavor = "multi_thread")]
async fn a_write_waits_for_another_program() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let store: contract::Store = Arc::new(SqliteLedger::open(&path).unwrap());
    let placed = contract::placed(&store).await;
    let rival = rusqlite::Connection::open(&path).unwrap();
    rival.execute_batch("BEGIN IMMEDIATE").unwrap();
    let bound = contract::told_paid(&placed.book);
    let mut written = store.record(bound, ledger::Origin::default(), contract::at(9));
    let too_early = std::time::Duration::from_millis(300);
    let early = tokio::time::timeout(too_early, &mut written).await;
    assert!(early.is_err(), "it did not wait: {early:?}");
    rival
        .execute_batch("INSERT INTO notes VALUES ('rival', 'x', 0); COMMIT")
        .unwrap();
    assert!(written.await.unwrap().news);
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
