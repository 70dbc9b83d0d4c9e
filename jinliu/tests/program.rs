//! The program itself, as a process: what it says when it cannot start, and what outlives it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/process.rs"]
mod process;
#[path = "support/shopper.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "each test file uses the part it needs"
)]
mod shopper;

use process::{Program, Street, run, run_with};
use serde_json::{Value, json};
use shopper::{Paid, Sealed, Shopper, until};
use std::{fs, net::TcpListener, time::Instant};

#[test]
fn serve_without_configuration_names_all_that_is_missing_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let said = run(folder.path(), &["serve"]);
    assert_eq!(said.code, 2, "{}", said.errors);
    for name in [
        "PUBLIC_URL",
        "SESSION_SECRET",
        "PAYUNI_MERCHANT_ID",
        "PAYUNI_HASH_KEY",
        "PAYUNI_HASH_IV",
        "GOOGLE_CLIENT_ID",
        "GOOGLE_CLIENT_SECRET",
    ] {
        assert!(said.errors.contains(name), "{name}: {}", said.errors);
    }
    assert!(!folder.path().join("data").exists(), "nothing was begun");
}

/// As in `jinliu lab list | head`, with a reader that is gone before the first line.
#[test]
fn who_stops_reading_ends_a_command_quietly() {
    for args in [
        &["lab", "list"][..],
        &["lab", "run", "A23"],
        &["audit"],
        &["orders"],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ended = std::process::Command::new(env!("CARGO_BIN_EXE_jinliu"))
            .args(args)
            .current_dir(folder.path())
            .env_clear()
            .env("SESSION_SECRET", "0123456789abcdef".repeat(4))
            .stdout(writer)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(141), "{args:?}: {said}");
        assert!(said.is_empty(), "{args:?}: {said}");
    }
}

#[test]
fn a_port_in_use_is_named_with_what_to_set() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (option, others) in [
        ("--port", ["--payuni-port", "--google-port"]),
        ("--payuni-port", ["--port", "--google-port"]),
        ("--google-port", ["--port", "--payuni-port"]),
    ] {
        let said = run(
            folder.path(),
            &[option, &port, others[0], "0", others[1], "0"],
        );
        assert_eq!(said.code, 1, "{option}: {}", said.errors);
        assert!(
            said.errors.contains(&format!("127.0.0.1:{port}")),
            "{}",
            said.errors
        );
        assert!(said.errors.contains(option), "what to set: {}", said.errors);
    }
}

#[test]
fn serve_refuses_the_sandbox_on_a_public_address() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run(folder.path(), &["sandbox", "--print-env"]);
    assert_eq!(printed.code, 0, "{}", printed.errors);
    let mut env = process::env_of(&printed.output);
    let key_file = env["GOOGLE_APPLICATION_CREDENTIALS"].clone();
    let key: Value =
        serde_json::from_slice(&fs::read(folder.path().join(&key_file)).unwrap()).unwrap();
    assert_eq!(key["type"], "service_account");
    for name in [
        "PAYUNI_API_URL",
        "PAYUNI_MERCHANT_ID",
        "GOOGLE_ISSUER",
        "GOOGLE_SHEET_ID",
        "TURNSTILE_SITE_KEY",
    ] {
        assert!(env.contains_key(name), "{name}");
    }
    env.insert(
        "PUBLIC_URL".to_owned(),
        "https://shop.example.tw".to_owned(),
    );
    env.insert(
        "SESSION_SECRET".to_owned(),
        "c2b7e09d4f61a853c2b9e07d4f16a835".to_owned(),
    );
    let said = run_with(folder.path(), &["serve"], &env);
    assert_eq!(said.code, 2, "{}", said.errors);
    for name in [
        "PAYUNI_API_URL",
        "PAYUNI_HASH_KEY",
        "PAYUNI_HASH_IV",
        "GOOGLE_ISSUER",
        "GOOGLE_CLIENT_SECRET",
    ] {
        assert!(said.errors.contains(name), "{name}: {}", said.errors);
    }
    for secret in [
        &env["PAYUNI_HASH_KEY"],
        &env["PAYUNI_HASH_IV"],
        &env["GOOGLE_CLIENT_SECRET"],
        &env["SESSION_SECRET"],
    ] {
        assert!(!said.errors.contains(secret.as_str()) && !said.output.contains(secret.as_str()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_opens_at_once_on_ports_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let begun = Instant::now();
    let demo = Program::start(
        folder.path(),
        &["--port", "0", "--payuni-port", "0", "--google-port", "0"],
        &[],
    );
    let [shop, payuni, google] = demo.addresses().await;
    let buyer = Shopper::at(&shop, &payuni, &google);
    let page = buyer.opens("/").await;
    let took = begun.elapsed();
    assert_eq!(page.status, 200);
    println!("first page after {took:?}");
    assert!(took.as_secs() < 10, "{took:?}");
    buyer.signs_in("buyer1").await;
    let sealed = buyer.checks_out().await;
    buyer.pays(&sealed, "card").await;
    until("it is fulfilled", async || {
        buyer
            .opens(&format!("/orders/{}/receipt", sealed.order_no))
            .await
            .status
            == 200
    })
    .await;
    assert_eq!(demo.asked_to_end().await, Some(0));
}

/// Paid while nobody is there to hear of it: one command finds the money, and says where it found none.
async fn reconciles(street: &Street, expected: &[(&Sealed, &str, &str)]) {
    let said = street.run(&["reconcile", "--json"]);
    assert_eq!(said.code, 0, "{}", said.errors);
    let rows: Vec<Value> = serde_json::from_str(&said.output).unwrap();
    for (sealed, answer, status) in expected {
        let row = rows
            .iter()
            .find(|row| row["order_no"] == sealed.order_no.as_str());
        let row = row.expect("the order");
        assert_eq!(
            (&row["answer"], &row["status"]),
            (&json!(answer), &json!(status)),
            "{row}"
        );
        assert_eq!(street.order(&sealed.order_no)["status"], *status);
    }
}

/// The fields that outside programs rely on.
fn lists_fulfilled_orders(street: &Street, count: usize) {
    let listed: Vec<Value> =
        serde_json::from_str(&street.run(&["orders", "--json"]).output).unwrap();
    assert_eq!(listed.len(), count);
    for row in &listed {
        let money = (
            &row["amount"],
            &row["currency"],
            &row["gateway"],
            &row["refunded"],
        );
        assert_eq!(
            money,
            (&json!(680), &json!("TWD"), &json!("payuni"), &json!(0)),
            "{row}"
        );
        assert_eq!(row["member_sub"], "107000000000000000002");
        assert_eq!(row["status"], "fulfilled");
        for text in ["order_no", "gateway_trade_no", "created_at", "paid_at"] {
            assert!(row[text].is_string(), "{text}: {row}");
        }
    }
    assert_eq!(street.run(&["orders", "261123ZZZZZZZZZZZZZZZZ"]).code, 1);
}

/// Everything that must stand in no log and no file: what the shop was given, and what passed through it.
fn secrets_of(street: &Street, buyer: &Shopper, placed: &[&Sealed], paid: &Paid) -> Vec<String> {
    let mut secrets = street.secrets();
    let cookies = buyer.cookies();
    secrets.extend(
        cookies
            .split("; ")
            .filter_map(|cookie| Some(cookie.split_once('=')?.1.to_owned())),
    );
    for sealed in placed {
        secrets.push(sealed.fields["EncryptInfo"][..64].to_owned());
        secrets.push(sealed.fields["HashInfo"].clone());
    }
    let (_, back) = paid.back.clone().unwrap();
    secrets.extend(
        back.into_iter()
            .filter(|(_, value)| value.len() >= 64)
            .map(|(_, value)| value[..64].to_owned()),
    );
    // Test cards, ID tokens, Google's access tokens, keys.
    let marks = [
        "4147631000000001",
        "eyJ",
        "ya29.",
        "Bearer ",
        "BEGIN PRIVATE KEY",
    ];
    secrets.extend(marks.map(str::to_owned));
    secrets
}

/// One life of a shop in its own process: paid orders, a kill, a restart, a stop; and nothing secret in what it wrote.
#[tokio::test(flavor = "multi_thread")]
async fn orders_outlive_the_process_and_secrets_stay_in_it() {
    let street = Street::open().await;
    let shop = street.serve().await;
    let buyer = street.buyer();
    buyer.signs_in("buyer1").await;

    let settled = buyer.checks_out().await;
    let paid = buyer.pays(&settled, "card").await;
    buyer.comes_back(&paid).await;
    street.becomes(&settled.order_no, "fulfilled").await;
    // In life the way of an order is for the back office: to strangers, and to the buyer too, there is no such page.
    for (who, status) in [(&buyer, 404), (&street.buyer(), 401)] {
        for view in ["", "?view=engineer"] {
            let page = who
                .opens(&format!("/flow/{}{view}", settled.order_no))
                .await;
            assert_eq!(page.status, status);
            assert!(!page.body.contains("EncryptInfo") && !page.body.contains("TradeAmt"));
        }
    }

    // Paid and acknowledged, but not confirmed when the process is killed.
    let half_way = buyer.checks_out().await;
    street
        .fault(json!({"kind": "query_error", "mer_trade_no": half_way.order_no}))
        .await;
    buyer.pays(&half_way, "card").await;
    street.becomes(&half_way.order_no, "paid").await;
    let number = buyer.checks_out().await;
    let issued = buyer.pays(&number, "atm").await;
    street.becomes(&number.order_no, "awaiting_transfer").await;
    let abandoned = buyer.checks_out().await;
    shop.killed();
    assert_eq!(street.order(&half_way.order_no)["status"], "paid");

    buyer.pays(&abandoned, "linepay").await;
    street
        .control(
            &format!("/_sandbox/trades/{}/pay", issued.trade_no),
            json!({}),
        )
        .await;
    reconciles(
        &street,
        &[
            (&abandoned, "paid", "fulfilled"),
            (&number, "paid", "fulfilled"),
            (&half_way, "refused", "paid"),
        ],
    )
    .await;

    // Started again, it goes on where it was killed; whoever was signed in still is.
    street.no_more_faults().await;
    let shop = street.serve().await;
    street.becomes(&half_way.order_no, "fulfilled").await;
    let receipt = buyer
        .opens(&format!("/orders/{}/receipt", half_way.order_no))
        .await;
    assert_eq!(receipt.status, 200);
    lists_fulfilled_orders(&street, 4);

    // Asked to stop, it finishes what is under way.
    let (answer, code) = street.stopped_during_a_request(shop).await;
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert_eq!(code, Some(0));

    let placed = [&settled, &half_way, &number, &abandoned];
    let secrets = secrets_of(&street, &buyer, &placed, &paid);
    street.holds_none_of(&secrets, &settled.order_no);
}
