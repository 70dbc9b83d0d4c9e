//! What the shop really writes passes the audit, and what was damaged does not: by the library and by the command.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/shopper.rs"]
#[expect(dead_code, reason = "each test file uses the part it needs")]
mod shopper;

use serde_json::{Value, json};
use shopper::{Shopper, Town, form_to, until};
use std::{path::Path, process::Command};

/// Runs `jinliu audit` in a folder; returns the exit code, what it printed and what it complained of.
fn audit(dir: &Path, args: &[&str], env: &[(&str, &str)]) -> (i32, String, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_jinliu"))
        .arg("audit")
        .args(args)
        .current_dir(dir)
        .env_clear()
        .envs(env.iter().copied())
        .output()
        .unwrap();
    (
        done.status.code().unwrap_or(-1),
        String::from_utf8(done.stdout).unwrap(),
        String::from_utf8(done.stderr).unwrap(),
    )
}

/// Paid on both of two open pages; and paid on a page that was open when the order was cancelled.
async fn money_goes_astray(town: &Town, buyer: &Shopper) {
    let first = buyer.checks_out().await;
    let second = buyer.tries_again(&first.order_no).await;
    buyer.pays(&second, "card").await;
    town.becomes(&first.order_no, "fulfilled").await;
    buyer.pays(&first, "linepay").await;
    let late = buyer.checks_out().await;
    let page = buyer.opens(&format!("/orders/{}", late.order_no)).await;
    let to = format!("/orders/{}/cancel", late.order_no);
    let form = form_to(&page.body, &to).unwrap();
    buyer.posts(&to, &[("csrf", &form["csrf"])]).await;
    town.becomes(&late.order_no, "cancelled").await;
    buyer.pays(&late, "card").await;
    town.becomes(&late.order_no, "review").await;
    until("both wait for a person", async || {
        let rows = town.world.shop.app.ledger.exceptions(100).await.unwrap();
        let has = |code| rows.iter().any(|row| row.code == code);
        has("L4.surplus") && has("L4.late")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_shop_writes_passes_and_damage_does_not() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let card = buyer.checks_out().await;
    let paid = buyer.pays(&card, "card").await;
    buyer.comes_back(&paid).await;
    let atm = buyer.checks_out().await;
    buyer.pays(&atm, "atm").await;
    let failed = buyer.checks_out().await;
    buyer.pays(&failed, "card_decline").await;
    let wrong = buyer.checks_out().await;
    town.fault(json!({"kind": "wrong_amount_notice", "amount": 1, "mer_trade_no": wrong.order_no}))
        .await;
    buyer.pays(&wrong, "card").await;
    town.becomes(&card.order_no, "fulfilled").await;
    town.becomes(&atm.order_no, "awaiting_transfer").await;
    town.becomes(&wrong.order_no, "review").await;
    let ledger = town.world.shop.app.ledger.clone();
    let no: orders::OrderNo = failed.order_no.parse().unwrap();
    until("the failure is known", async || {
        let rows = ledger.facts(&no).await.unwrap();
        !rows.is_empty()
    })
    .await;

    money_goes_astray(&town, &buyer).await;
    let path = town.folder.path().join("data/jinliu.db");
    // While the shop runs, and by the command.
    let report = auditor::audit(&path).unwrap();
    assert_eq!(report.broken(), Vec::<&str>::new(), "{report:#?}");
    assert!(report.notes.is_empty(), "{:?}", report.notes);
    let (code, output, errors) = audit(town.folder.path(), &["--json"], &[]);
    assert_eq!(code, 0, "{output} {errors}");
    let printed: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(printed["ok"], true);
    let checks = printed["checks"].as_array().unwrap();
    assert_eq!(checks.len(), report.checks.len());
    for check in checks {
        assert_eq!(
            (&check["holds"], &check["violations"]),
            (&json!(true), &json!([])),
            "{check}"
        );
    }

    // And against PAYUNi's own books and the sheet, once all has come to rest.
    until("all books agree", async || {
        audit(town.folder.path(), &["--sandbox"], &[]).0 == 0
    })
    .await;

    town.folder
        .damaged
        .store(true, std::sync::atomic::Ordering::Relaxed);
    town.world.stop().await.unwrap();
    rusqlite::Connection::open(&path)
        .unwrap()
        .execute(
            "UPDATE orders SET status = 'paid' WHERE order_no = ?1",
            [&atm.order_no],
        )
        .unwrap();
    let (code, output, errors) = audit(town.folder.path(), &["--json"], &[]);
    assert_eq!(code, 1, "{output}");
    assert!(errors.contains("paid.proof"), "{errors}");
    let printed: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(printed["ok"], false);
    let (code, output, _) = audit(town.folder.path(), &[], &[]);
    assert_eq!(code, 1);
    let row = output.lines().find(|line| line.starts_with("    "));
    assert!(row.unwrap().contains(&atm.order_no), "{output}");
}

#[test]
fn without_a_ledger_there_is_nothing_to_audit() {
    let folder = tempfile::tempdir().unwrap();
    let (code, output, errors) = audit(folder.path(), &[], &[]);
    assert_eq!((code, errors.as_str()), (0, ""), "{output}");
    assert!(output.contains("沒有帳本可以稽核"), "{output}");
    let (code, output, _) = audit(folder.path(), &["--json"], &[]);
    assert_eq!(code, 0);
    let printed: Value = serde_json::from_str(&output).unwrap();
    assert_eq!(
        (&printed["ok"], &printed["checks"]),
        (&json!(true), &json!([]))
    );
    assert!(
        !folder.path().join("data").exists(),
        "looking makes nothing"
    );
}

#[test]
fn a_configuration_that_cannot_work_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let env = [("DATABASE_URL", "postgres://localhost/jinliu")];
    let (code, _, errors) = audit(folder.path(), &[], &env);
    assert_eq!(code, 2, "{errors}");
}
