//! A sound ledger passes; each ledger damaged by hand is caught by the check that is meant to catch it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/ledger.rs"]
mod ledger;

#[path = "support/damages.rs"]
mod damages;

use auditor::audit;
use damages::{ATTEMPTS_AND_EXCEPTIONS, FACTS, FILE_AND_PEOPLE, MONEY, OUTBOX, REFUNDS, TRAIL};
use ledger::Ledger;
use rusqlite::Connection;

/// Does to the file what no program of ours can: its triggers are gone meanwhile, and nothing is checked.
fn damage(ledger: &Ledger, sql: &str) {
    let connection = Connection::open(ledger.path()).unwrap();
    connection
        .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
        .unwrap();
    let triggers: Vec<(String, String)> = connection
        .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let on_triggers = sql.contains("DROP TRIGGER");
    for (name, _) in triggers.iter().filter(|_| !on_triggers) {
        connection
            .execute_batch(&format!("DROP TRIGGER {name}"))
            .unwrap();
    }
    let before = connection.total_changes();
    connection.execute_batch(sql).unwrap();
    let is_data = !on_triggers && !sql.starts_with("PRAGMA");
    assert!(
        !is_data || connection.total_changes() > before,
        "nothing was damaged: {sql}"
    );
    for (_, body) in triggers.iter().filter(|_| !on_triggers) {
        connection.execute_batch(body).unwrap();
    }
}

#[test]
fn a_sound_ledger_has_no_violation() {
    let report = audit(Ledger::sound().path()).unwrap();
    for check in &report.checks {
        assert!(check.violations.is_empty(), "{check:?}");
    }
    assert!(report.ok && report.checks.len() >= 25, "{report:?}");
    assert!(report.notes.is_empty(), "{:?}", report.notes);
}

#[test]
fn each_damage_is_caught_by_the_check_that_is_meant_to() {
    let every = [
        FILE_AND_PEOPLE,
        MONEY,
        FACTS,
        ATTEMPTS_AND_EXCEPTIONS,
        OUTBOX,
        REFUNDS,
        TRAIL,
    ]
    .concat();
    let sound = audit(Ledger::sound().path()).unwrap();
    for (name, what, sql) in &every {
        let ledger = Ledger::sound();
        damage(&ledger, sql);
        let report = audit(ledger.path()).unwrap();
        assert!(
            report.broken().contains(name),
            "{what}: not caught by {name}, but by {:?}",
            report.broken()
        );
        let check = report.checks.iter().find(|check| check.name == *name);
        let sentences = &check.unwrap().violations;
        assert!(
            !report.ok && sentences.iter().all(|said| !said.contains("查不下去")),
            "{what}: {sentences:?}"
        );
    }
    // No check is there that was never seen to catch anything.
    for check in &sound.checks {
        assert!(
            every.iter().any(|(name, ..)| *name == check.name),
            "nothing was damaged for {}",
            check.name
        );
    }
}

#[test]
fn a_delivery_that_a_worker_still_holds_is_no_violation() {
    let ledger = Ledger::sound();
    damage(
        &ledger,
        "UPDATE outbox SET state = 'pending', lease = 'x', leased_until_ms = 9 WHERE topic = 'deliver' AND aggregate = 'DONE'",
    );
    assert!(audit(ledger.path()).unwrap().ok);
}

#[test]
fn what_is_no_ledger_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    assert!(audit(&path).is_err(), "there is no such file");
    assert!(!path.exists(), "and looking made none");
    std::fs::write(&path, "這不是資料庫。".repeat(100)).unwrap();
    assert!(audit(&path).is_err());
    std::fs::remove_file(&path).unwrap();
    let other = Connection::open(&path).unwrap();
    other.execute_batch("CREATE TABLE members (x)").unwrap();
    let error = audit(&path).unwrap_err().to_string();
    assert!(error.contains("orders"), "{error}");
}

#[test]
fn auditing_writes_nothing() {
    let ledger = Ledger::sound();
    let before = std::fs::read(ledger.path()).unwrap();
    audit(ledger.path()).unwrap();
    assert_eq!(before, std::fs::read(ledger.path()).unwrap());
}
