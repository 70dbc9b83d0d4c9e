//! K20: the program dies while it makes or changes the ledger's schema, and the next start finishes it.

use crate::{judge::read_only, program::Built, report::Proof, street::Street};
use anyhow::Result;
use rusqlite::Connection;
use std::time::Duration;

/// The schema that the first version made.
const FIRST: &str = include_str!("../../../crates/ledger/migrations/0001_first.sql");
/// Somebody and an order, as the first version would hold them.
const OLD_ROWS: &str = "
    INSERT INTO members VALUES ('https://issuer', '1', 'a@example.test', 1, 'A', NULL, 1, 1);
    INSERT INTO orders (order_no, issuer, sub, amount, currency, placed_at_ms, expires_at_ms, checkout_key, status)
        VALUES ('2611250123456789ABCDEF', 'https://issuer', '1', 680, 'TWD', 1, 2, 'key', 'pending');
    INSERT INTO order_lines VALUES ('2611250123456789ABCDEF', 1, 'tea', 'tea', 680, 1);
    INSERT INTO attempts (attempt_no, order_no, ordinal, made_at_ms, pay_key)
        VALUES ('2611250123456789ABCDEF-01', '2611250123456789ABCDEF', 1, 1, 'key');
";

/// Kills at each place of the migration, of a new ledger and of an old one in turn.
pub(crate) async fn run(built: &Built, times: u64, proof: &mut Proof) -> Result<()> {
    let street = Street::open().await?;
    for round in 0..times {
        let old = round % 2 == 1;
        let path = street.ledger();
        std::fs::remove_dir_all(street.dir().join("data"))?;
        std::fs::create_dir_all(street.dir().join("data"))?;
        if old {
            let ledger = Connection::open(&path)?;
            ledger.pragma_update(None, "journal_mode", "WAL")?;
            ledger.execute_batch(FIRST)?;
            ledger.execute_batch(OLD_ROWS)?;
            ledger.pragma_update(None, "user_version", 1)?;
        }
        // Before the first, and after each: an old ledger has one fewer to go through.
        let places = if old { 2 } else { 3 };
        let at = format!("K20:{}", 1 + (round / 2) % places);
        let mut program = street.start(&built.jinliu, &[(crash_points::STOP_AT, at)])?;
        let reached = program.mark(Duration::from_secs(20)).await;
        program.lives()?;
        program.kill()?;
        proof.count("cycles", 1);
        proof.count(
            if reached.is_some() {
                "K20"
            } else {
                "not_reached"
            },
            1,
        );
        let mut program = street.start(&built.jinliu, &[])?;
        street.listens(&mut program).await?;
        let ready = street.look_at(&format!("{}/readyz", street.shop)).await?;
        program.kill()?;
        proof.demand(ready, || "K20: the next start is not ready".to_owned());
        let ledger = read_only(&path)?;
        let version: u64 = ledger.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let orders: u64 = ledger.query_row("SELECT count(*) FROM orders", [], |row| row.get(0))?;
        proof.demand(version == 2 && orders == u64::from(old), || {
            format!("K20: schema {version}, {orders} orders, old {old}")
        });
        let audit = auditor::audit(&path)?;
        proof.demand(audit.ok, || {
            format!("K20: the audit finds {:?}", audit.broken())
        });
    }
    street.close().await;
    Ok(())
}
