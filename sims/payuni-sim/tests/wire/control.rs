use std::path::PathBuf;

use payuni_sim::{Settings, Switches};
use serde_json::{Value, json};

use super::shop::{Shop, get};

#[tokio::test]
async fn switches_are_laid_over_and_wrong_ones_change_nothing() {
    let shop = Shop::open().await;
    assert_eq!(shop.switch(&json!({"cvs_store": "7-ELEVEN"})).await, 200);
    assert_eq!(shop.switch(&json!({"cvs_store": "HILIFE"})).await, 422);
    assert_eq!(shop.switch(&json!({"no_such": 1})).await, 422);
    assert_eq!(
        shop.switch(&json!({"reply_content_type": "a\nb"})).await,
        422
    );
    let all = shop.control_get("switches").await;
    assert_eq!(
        (all["cvs_store"].as_str(), all["notify_retries"].as_u64()),
        (Some("7-ELEVEN"), Some(3))
    );
    shop.buy(&shop.order("A-1", "30", &[]), "cvs").await;
    assert_eq!(get(&shop.hear().await.inner(), "Store"), "7-ELEVEN");
}

#[tokio::test]
async fn seed_and_reset() {
    let shop = Shop::open().await;
    assert_eq!(shop.control("seed", &json!({})).await.1["trades"], 6);
    let state = shop.control_get("state").await;
    let count = |code: &str| {
        state["trades"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|t| t["trade_status"] == code)
            .count()
    };
    assert_eq!((count("0"), count("1"), count("2")), (2, 3, 1));
    shop.switch(&json!({"notify_retries": 9})).await;
    shop.control("clock", &json!({"advance_s": 86_400, "rate": 60}))
        .await;
    shop.control("reset", &json!({})).await;
    assert_eq!(shop.control_get("state").await["trades"], json!([]));
    assert_eq!(shop.control_get("switches").await["notify_retries"], 3);
    let clock = shop.control_get("clock").await;
    assert_eq!(clock["rate"], 1);
    let apart = clock["now_ms"].as_i64().unwrap() - clock["wall_ms"].as_i64().unwrap();
    assert!(apart.abs() < 60_000, "{apart}");
}

#[tokio::test]
async fn the_log_holds_what_was_said_and_no_card() {
    let shop = Shop::open().await;
    shop.buy(
        &shop.order("A-1", "30", &[("CardNo", "4147631000000001")]),
        "card",
    )
    .await;
    shop.query("A-1").await;
    shop.until("A-1", |m| m[0]["post"] == "delivered").await;
    let log = shop.control_get("log?mer_trade_no=A-1").await;
    let entries = log["log"].as_array().unwrap();
    let seen: Vec<_> = entries
        .iter()
        .map(|e| {
            (
                e["direction"].as_str().unwrap(),
                e["target"].as_str().unwrap(),
            )
        })
        .collect();
    assert!(seen.contains(&("in", "/api/upp")) && seen.contains(&("in", "/api/trade/query")));
    assert!(
        seen.iter()
            .any(|(way, target)| *way == "out" && *target == shop.notify_url)
    );
    let text = log.to_string();
    assert!(!text.contains("4147631000000001") && !text.contains(payuni_sim::DEMO_HASH_KEY));
    assert_eq!(entries[0]["outer"]["EncryptInfo"], "***");
}

#[tokio::test]
async fn the_description_names_every_path_and_switch() {
    let shop = Shop::open().await;
    let api = shop.control_get("openapi.json").await;
    for path in [
        "state",
        "messages",
        "log",
        "reset",
        "seed",
        "clock",
        "switches",
        "faults",
        "buy",
        "trades/{TradeNo}/pay",
    ] {
        assert!(
            api["paths"][format!("/_sandbox/{path}")].is_object(),
            "{path}"
        );
    }
    let switches = shop.control_get("switches").await;
    let described = &api["components"]["schemas"]["Switches"]["properties"];
    for name in switches.as_object().unwrap().keys() {
        assert!(
            !described[name]["description"].as_str().unwrap().is_empty(),
            "{name}"
        );
    }
}

#[tokio::test]
async fn another_site_cannot_press_the_buttons() {
    let shop = Shop::open().await;
    let press = |path: &str| {
        shop.http
            .post(format!("{}{path}", shop.base))
            .header("sec-fetch-site", "cross-site")
    };
    assert_eq!(press("/_sandbox/reset").send().await.unwrap().status(), 403);
    assert_eq!(press("/settings/reset").send().await.unwrap().status(), 403);
    // Orders do come from other sites.
    let order = shop.order("A-1", "30", &[]);
    assert_eq!(
        press("/api/upp")
            .form(&order)
            .send()
            .await
            .unwrap()
            .status(),
        200
    );
}

fn kept(file: PathBuf) -> Settings {
    Settings {
        state_file: Some(file),
        ..Settings::demo()
    }
}

#[tokio::test]
async fn a_restarted_sandbox_remembers() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("deep/payuni.json");
    let shop = Shop::open_with(kept(file.clone())).await;
    shop.control(
        "faults",
        &json!({"kind": "query_unpaid", "mer_trade_no": "X"}),
    )
    .await;
    let bought = shop.buy(&shop.order("A-1", "30", &[]), "atm").await;
    shop.hear().await;
    shop.close().await;
    let shop = Shop::open_with(kept(file)).await;
    assert_eq!(
        get(&shop.query("A-1").await, "Result[0][TradeNo]"),
        bought["TradeNo"]
    );
    assert_eq!(
        shop.control_get("faults").await["faults"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    let (_, answer) = shop
        .control(
            "buy",
            &json!({"form": shop.order("A-1", "30", &[]), "method": "card"}),
        )
        .await;
    assert_eq!(answer["error"]["code"], "UPP01007");
}

#[tokio::test]
async fn a_broken_state_file_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("payuni.json");
    std::fs::write(&file, "{\"trades\": 7").unwrap();
    let shop = Shop::open_with(kept(file.clone())).await;
    assert_eq!(shop.control_get("state").await["trades"], json!([]));
    assert_eq!(
        std::fs::read_to_string(folder.path().join("payuni.json.broken")).unwrap(),
        "{\"trades\": 7"
    );
    shop.close().await;
    let written: Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    assert!(written["trades"].is_object());
}

#[tokio::test]
async fn faster_clocks_and_settings_of_the_start() {
    let switches = Switches {
        notify_retries: 1,
        notify_interval_s: 3600,
        ..Switches::default()
    };
    let shop = Shop::open_with(Settings {
        switches,
        ..Settings::demo()
    })
    .await;
    *shop.answer.lock().unwrap() = (503, String::new());
    shop.buy(&shop.order("A-1", "30", &[]), "card").await;
    shop.hear().await;
    shop.control("clock", &json!({"rate": 36_000})).await;
    shop.hear().await;
}
