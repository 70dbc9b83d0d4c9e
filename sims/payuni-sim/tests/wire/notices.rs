use serde_json::json;

use super::shop::{Shop, get, names};

#[tokio::test]
async fn a_card_s_notice_is_a_form_post_with_the_result() {
    let shop = Shop::open().await;
    let bought = shop.buy(&shop.order("A-1", "300", &[]), "card").await;
    let heard = shop.hear().await;
    assert_eq!(heard.content_type, "application/x-www-form-urlencoded");
    assert!(heard.agent.starts_with("payuni-sandbox/"));
    assert_eq!(heard.outer["MerID"], payuni_sim::DEMO_MER_ID);
    let inner = heard.inner();
    assert_eq!(get(&inner, "TradeNo"), bought["TradeNo"]);
    assert_eq!(
        bought["return"]["fields"]["EncryptInfo"],
        heard.outer["EncryptInfo"]
    );
    assert_eq!(bought["TradeNo"].as_str().unwrap().len(), 19);
}

#[tokio::test]
async fn a_declined_card_is_told_too() {
    let shop = Shop::open().await;
    shop.buy(&shop.order("A-1", "300", &[]), "card_decline")
        .await;
    let heard = shop.hear().await;
    assert_eq!(heard.outer["Status"], "Unapproved");
    assert_eq!(
        (
            get(&heard.inner(), "Status"),
            get(&heard.inner(), "TradeStatus")
        ),
        ("UNAPPROVED", "2")
    );
    shop.buy(&shop.order("A-2", "300", &[]), "card_eci").await;
    assert_eq!(get(&shop.hear().await.inner(), "TradeStatus"), "3");
    shop.buy(&shop.order("A-3", "300", &[]), "card_3d_fail")
        .await;
    assert_eq!(get(&shop.hear().await.inner(), "TradeStatus"), "2");
    assert_eq!(shop.control_get("state").await["charged"], 0);
}

#[tokio::test]
async fn an_atm_number_is_issued_then_paid() {
    let shop = Shop::open().await;
    let bought = shop.buy(&shop.order("A-1", "300", &[]), "atm").await;
    let issued = shop.hear().await.inner();
    assert_eq!(
        (get(&issued, "TradeStatus"), get(&issued, "PaymentType")),
        ("0", "2")
    );
    let no = bought["TradeNo"].as_str().unwrap();
    assert_eq!(
        shop.control(&format!("trades/{no}/pay"), &json!({}))
            .await
            .0,
        200
    );
    let heard = shop.hear().await;
    assert_eq!(heard.outer["Version"], "1.0");
    let paid = heard.inner();
    assert_eq!(
        names(&paid),
        [
            "Status",
            "Message",
            "MerID",
            "TradeNo",
            "MerTradeNo",
            "NewMerTradeNo",
            "TradeAmt",
            "PayNo",
            "PayBank",
            "PaySet",
            "Gateway",
            "PaymentType",
            "Account5No",
            "TradeStatus",
            "PayTime"
        ]
    );
    assert_eq!(
        (get(&paid, "TradeStatus"), get(&paid, "PayNo")),
        ("1", get(&issued, "PayNo"))
    );
    assert_eq!(get(&shop.query("A-1").await, "Result[0][TradeStatus]"), "1");
    // A paid number is not paid again.
    assert_eq!(
        shop.control(&format!("trades/{no}/pay"), &json!({}))
            .await
            .0,
        409
    );
    assert_eq!(
        shop.control(&format!("trades/{no}/resend"), &json!({}))
            .await
            .0,
        200
    );
    assert_eq!(shop.hear().await.inner(), paid);
    assert_eq!(shop.control("trades/123/pay", &json!({})).await.0, 404);
}

#[tokio::test]
async fn a_wrong_sum_makes_an_order_of_its_own() {
    let shop = Shop::open().await;
    let bought = shop.buy(&shop.order("A-1", "300", &[]), "cvs").await;
    shop.hear().await;
    let no = bought["TradeNo"].as_str().unwrap();
    let (_, holder) = shop
        .control(&format!("trades/{no}/pay"), &json!({"amount": 250}))
        .await;
    let told = shop.hear().await.inner();
    assert_eq!(
        (
            get(&told, "MerTradeNo"),
            get(&told, "NewMerTradeNo"),
            get(&told, "TradeAmt")
        ),
        ("A-1", "A-1_N1", "250")
    );
    assert_eq!(names(&told)[8], "PayStore");
    assert_eq!(
        (holder["mer_trade_no"].as_str(), holder["charged"].as_u64()),
        (Some("A-1_N1"), Some(250))
    );
    assert_eq!(get(&shop.query("A-1").await, "Result[0][TradeStatus]"), "0");
    assert_eq!(
        get(&shop.query("A-1_N1").await, "Result[0][TradeAmt]"),
        "250"
    );
}

#[tokio::test]
async fn a_number_runs_out_at_its_time() {
    let shop = Shop::open().await;
    shop.buy(&shop.order("A-1", "300", &[]), "cvs").await;
    shop.hear().await;
    shop.control("clock", &json!({"advance_s": 8 * 86_400}))
        .await;
    let heard = shop.hear().await;
    let inner = heard.inner();
    assert_eq!(heard.outer["Version"], "1.0");
    assert_eq!(
        names(&inner),
        [
            "Status",
            "Message",
            "MerID",
            "TradeNo",
            "MerTradeNo",
            "PaymentType",
            "TradeAmt",
            "TradeStatus",
            "PayNo",
            "CreateTime"
        ]
    );
    assert_eq!(get(&inner, "TradeStatus"), "4");
    assert_eq!(get(&shop.query("A-1").await, "Result[0][TradeStatus]"), "4");
}

#[tokio::test]
async fn a_refused_notice_is_sent_again_and_then_given_up() {
    let shop = Shop::open().await;
    shop.switch(&json!({"notify_retries": 2, "notify_interval_s": 600}))
        .await;
    *shop.answer.lock().unwrap() = (500, "no".to_owned());
    shop.buy(&shop.order("A-1", "300", &[]), "card").await;
    for tries in 1..=3 {
        shop.hear().await;
        let seen = shop
            .until("A-1", |m| m[0]["tries"].as_array().unwrap().len() == tries)
            .await;
        assert_eq!(seen[0]["tries"][tries - 1]["http"], 500);
        assert_eq!(seen[0]["post"] == "failed", tries == 3);
        shop.control("clock", &json!({"advance_s": 601})).await;
    }
    assert!(shop.silent().await);
}

#[tokio::test]
async fn a_demanded_body_must_be_answered_and_redirects_are_not_followed() {
    let shop = Shop::open().await;
    shop.switch(&json!({"notify_retries": 0, "notify_body": "1|OK"}))
        .await;
    shop.buy(&shop.order("A-1", "300", &[]), "card").await;
    shop.until("A-1", |m| m[0]["post"] == "failed").await;
    *shop.answer.lock().unwrap() = (200, "1|OK\n".to_owned());
    shop.buy(&shop.order("A-2", "300", &[]), "card").await;
    shop.until("A-2", |m| m[0]["post"] == "delivered").await;
    *shop.answer.lock().unwrap() = (302, "1|OK".to_owned());
    shop.buy(&shop.order("A-3", "300", &[]), "card").await;
    shop.until("A-3", |m| m[0]["post"] == "failed").await;
}

#[tokio::test]
async fn strict_ports_refuse_what_the_real_gateway_refuses() {
    let shop = Shop::open().await;
    shop.switch(&json!({"notify_ports": "strict"})).await;
    let order = shop.order("A-1", "300", &[]);
    let (status, answer) = shop
        .control("buy", &json!({"form": order, "method": "card"}))
        .await;
    assert_eq!(
        (status, answer["error"]["code"].as_str()),
        (422, Some("UPP02012"))
    );
    let order = shop.order(
        "A-1",
        "300",
        &[("NotifyURL", "https://shop.example/notify")],
    );
    assert!(shop.page(&order).await.0.starts_with("/upp/"));
}

#[tokio::test]
async fn notices_of_one_trade_wait_for_each_other() {
    let shop = Shop::open().await;
    shop.gate.forget_permits(1000);
    let bought = shop.buy(&shop.order("A-1", "300", &[]), "atm").await;
    assert_eq!(get(&shop.hear().await.inner(), "TradeStatus"), "0");
    // The shop has not answered yet when the number is paid; another order overtakes.
    let no = bought["TradeNo"].as_str().unwrap();
    shop.control(&format!("trades/{no}/pay"), &json!({})).await;
    shop.buy(&shop.order("B-1", "300", &[]), "card").await;
    assert_eq!(get(&shop.hear().await.inner(), "MerTradeNo"), "B-1");
    shop.gate.add_permits(1000);
    let paid = shop.hear().await.inner();
    assert_eq!(
        (get(&paid, "MerTradeNo"), get(&paid, "TradeStatus")),
        ("A-1", "1")
    );
}
