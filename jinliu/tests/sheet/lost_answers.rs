//! Google writes and its answer is lost, or it does not write at all: either way each thing ends up there once.

use crate::desk::{EVENTS, MEMBERS, ORDERS, PRODUCTS, fast_town, fast_town_with, member};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_google_does_to_a_write_each_order_has_one_row() {
    let town = fast_town(60).await;
    let who = member(town.ledger(), "100000000000000000001", "林小華").await;
    let mut placed = town.orders(&who, 2).await;
    town.written().await;
    let written = "values.batchUpdate";
    let faults = [
        json!({"kind": "applied_503", "method": written}),
        json!({"kind": "applied_reset", "method": written, "times": 2}),
        json!({"kind": "applied_timeout", "method": written, "delay_ms": 300}),
        json!({"kind": "quota_429", "method": written, "times": 2}),
        json!({"kind": "quota_429", "method": "values.batchGet", "times": 2}),
        json!({"kind": "html_502", "method": written, "times": 2}),
        json!({"kind": "html_502", "times": 2}),
        json!({"kind": "token_revoked"}),
        json!({"kind": "token_revoked", "method": written}),
        json!({"kind": "token_revoked", "method": written, "times": 2}),
        json!({"kind": "reset", "method": written, "times": 2}),
        json!({"kind": "unavailable_503", "times": 3}),
        json!({"kind": "unavailable_503", "method": "service_account.token"}),
        json!({"kind": "slow", "method": written, "delay_ms": 200}),
    ];
    for fault in faults {
        if fault["method"] == "service_account.token" {
            // So that a new token is asked for.
            town.google_fault(json!({"kind": "token_revoked"})).await;
        }
        town.google_fault(fault.clone()).await;
        placed.extend(town.orders(&who, 3).await);
        town.faults_struck().await;
        town.written().await;
        assert_eq!(town.keys(ORDERS).await, placed, "{fault}");
    }
    town.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn tabs_whose_making_was_not_answered_are_made_once_and_filled() {
    // The key comes later, so that the orders are there before the first word with Google.
    let town = fast_town_with(60, |plan| {
        let key = plan.dir.join("key-to-come.json");
        let none = json!({"type": "service_account", "client_email": "none@example.com", "private_key": "to come"});
        std::fs::write(&key, none.to_string()).unwrap();
        plan.env.insert(
            "GOOGLE_APPLICATION_CREDENTIALS".to_owned(),
            key.to_str().unwrap().to_owned(),
        );
    })
    .await;
    let who = member(town.ledger(), "100000000000000000002", "張大同").await;
    let placed = town.orders(&who, 5).await;
    for fault in [
        json!({"kind": "applied_503", "method": "sheets.spreadsheets.batchUpdate"}),
        json!({"kind": "applied_reset", "method": "sheets.spreadsheets.batchUpdate"}),
        json!({"kind": "applied_reset", "method": "values.batchUpdate"}),
        json!({"kind": "applied_timeout", "method": "values.batchUpdate", "delay_ms": 200}),
        json!({"kind": "applied_503", "method": "values.batchUpdate", "times": 2}),
    ] {
        town.google_fault(fault).await;
    }
    assert!(
        town.tab(ORDERS).await.is_empty(),
        "nothing is there without a key"
    );
    std::fs::copy(
        town.folder.path().join("data/sandbox/service-account.json"),
        town.folder.path().join("key-to-come.json"),
    )
    .unwrap();
    town.faults_struck().await;
    town.written().await;
    assert_eq!(town.keys(ORDERS).await, placed);
    assert_eq!(town.keys(MEMBERS).await, ["100000000000000000002"]);
    assert_eq!(town.keys(PRODUCTS).await.len(), 6);
    let dump = town
        .look(town.google(&format!("/_sandbox/sheets/{}", jinliu::sandbox::SHEET_ID)))
        .await;
    for title in [ORDERS, MEMBERS, PRODUCTS, EVENTS] {
        let tabs = dump["tabs"].as_array().unwrap();
        let of_title: Vec<_> = tabs.iter().filter(|tab| tab["title"] == title).collect();
        assert_eq!(of_title.len(), 1, "{title}");
        assert_eq!(of_title[0]["frozen_rows"], 1, "{title}");
    }
    town.world.stop().await.unwrap();
}
