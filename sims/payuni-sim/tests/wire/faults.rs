use serde_json::json;

use super::shop::{Shop, get, open};

#[tokio::test]
async fn notices_are_dropped_doubled_delayed_and_overtaken() {
    let shop = Shop::open().await;
    shop.fault("drop_notice").await;
    shop.buy(&shop.order("DROP", "30", &[]), "card").await;
    shop.until("DROP", |m| m[0]["post"] == "dropped").await;

    shop.fault("duplicate_notice").await;
    shop.buy(&shop.order("TWICE", "30", &[]), "card").await;
    assert_eq!(shop.hear().await.outer, shop.hear().await.outer);

    let (_, laid) = shop
        .control(
            "faults",
            &json!({"kind": "delay_notice", "times": 1, "delay_s": 300}),
        )
        .await;
    assert_eq!(
        (laid["hits"].as_u64(), laid["delay_s"].as_u64()),
        (Some(0), Some(300))
    );
    shop.buy(&shop.order("LATE", "30", &[]), "card").await;
    shop.buy(&shop.order("NEXT", "30", &[]), "card").await;
    assert_eq!(get(&shop.hear().await.inner(), "MerTradeNo"), "NEXT");
    shop.control("clock", &json!({"advance_s": 301})).await;
    assert_eq!(get(&shop.hear().await.inner(), "MerTradeNo"), "LATE");

    shop.control(
        "faults",
        &json!({"kind": "reorder_notices", "times": 1, "mer_trade_no": "ATM"}),
    )
    .await;
    let bought = shop.buy(&shop.order("ATM", "30", &[]), "atm").await;
    shop.control(
        &format!("trades/{}/pay", bought["TradeNo"].as_str().unwrap()),
        &json!({}),
    )
    .await;
    assert_eq!(get(&shop.hear().await.inner(), "TradeStatus"), "1");
    assert_eq!(get(&shop.hear().await.inner(), "TradeStatus"), "0");
    assert!(
        shop.control_get("faults").await["faults"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn notices_lie() {
    let shop = Shop::open().await;
    shop.fault("corrupt_notice").await;
    shop.buy(&shop.order("A-1", "30", &[]), "card").await;
    assert_eq!(open(&shop.hear().await.outer), None);

    shop.control(
        "faults",
        &json!({"kind": "wrong_amount_notice", "times": 1, "amount": 1}),
    )
    .await;
    let bought = shop.buy(&shop.order("A-2", "30", &[]), "card").await;
    assert_eq!(get(&shop.hear().await.inner(), "TradeAmt"), "1");
    // The return and the query tell the truth.
    let fields = serde_json::from_value(bought["return"]["fields"].clone()).unwrap();
    assert_eq!(get(&open(&fields).unwrap(), "TradeAmt"), "30");
    assert_eq!(get(&shop.query("A-2").await, "Result[0][TradeAmt]"), "30");

    shop.fault("wrong_merchant_notice").await;
    shop.buy(&shop.order("A-3", "30", &[]), "card").await;
    let heard = shop.hear().await;
    assert_eq!(
        (heard.outer["MerID"].as_str(), get(&heard.inner(), "MerID")),
        ("OTHERSHOP", "OTHERSHOP")
    );
}

#[tokio::test]
async fn the_buyer_is_charged_and_never_comes_back() {
    let shop = Shop::open().await;
    shop.fault("timeout_after_charge").await;
    let (page, _) = shop.page(&shop.order("A-1", "30", &[])).await;
    let (status, html) = shop.press(&format!("{page}/pay"), &[("quick", "ok")]).await;
    assert_eq!(status, 504);
    assert!(!html.contains("return-form"));
    assert_eq!(get(&shop.query("A-1").await, "Result[0][TradeStatus]"), "1");
    shop.hear().await;
    shop.fault("drop_return").await;
    let bought = shop.buy(&shop.order("A-2", "30", &[]), "card").await;
    assert_eq!(bought["return"], json!(null));
    shop.hear().await;
}

#[tokio::test]
async fn queries_fail_and_lie() {
    let shop = Shop::open().await;
    shop.buy(&shop.order("A-1", "30", &[]), "card").await;
    shop.fault("query_data_source_b").await;
    let reply = shop.query("A-1").await;
    assert_eq!(
        (
            get(&reply, "Result[0][DataSource]"),
            get(&reply, "Result[0][TradeFee]")
        ),
        ("B", "0")
    );
    shop.fault("query_unpaid").await;
    assert_eq!(get(&shop.query("A-1").await, "Result[0][TradeStatus]"), "9");
    let ask = shop.outer(
        "2.0",
        &[
            ("MerID", payuni_sim::DEMO_MER_ID),
            ("Timestamp", "1"),
            ("MerTradeNo", "A-1"),
        ],
    );
    shop.fault("query_error").await;
    let reply = shop
        .http
        .post(format!("{}/api/trade/query", shop.base))
        .form(&ask)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 500);
    shop.control(
        "faults",
        &json!({"kind": "query_timeout", "times": 1, "delay_s": 1}),
    )
    .await;
    let reply = shop
        .http
        .post(format!("{}/api/trade/query", shop.base))
        .form(&ask)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.status(), 504);
    assert_eq!(get(&shop.query("A-1").await, "Result[0][TradeStatus]"), "1");
}

#[tokio::test]
async fn a_refund_is_done_though_its_answer_is_lost() {
    let shop = Shop::open().await;
    let bought = shop.buy(&shop.order("A-1", "30", &[]), "card").await;
    shop.fault("refund_lost").await;
    let no = bought["TradeNo"].as_str().unwrap();
    let inner = [
        ("MerID", payuni_sim::DEMO_MER_ID),
        ("Timestamp", "1"),
        ("TradeNo", no),
        ("CloseType", "2"),
        ("TradeAmt", "30"),
    ];
    let ask = shop.outer("1.0", &inner);
    let reply = shop
        .http
        .post(format!("{}/api/trade/close", shop.base))
        .form(&ask)
        .send()
        .await;
    let lost = match reply {
        Err(_) => true,
        Ok(reply) => reply.bytes().await.is_err(),
    };
    assert!(lost);
    assert_eq!(shop.control_get("state").await["refunded"], 30);
}
