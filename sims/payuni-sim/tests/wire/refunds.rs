use serde_json::json;

use super::shop::{Pairs, Shop, get};

async fn close(shop: &Shop, no: &str, kind: &str, amount: &str) -> Pairs {
    shop.call(
        "trade/close",
        "1.0",
        &[("TradeNo", no), ("CloseType", kind), ("TradeAmt", amount)],
    )
    .await
}

async fn bought(shop: &Shop, order: &str, method: &str) -> String {
    let answer = shop.buy(&shop.order(order, "300", &[]), method).await;
    answer["TradeNo"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_captured_card_is_refunded_in_parts_and_no_further() {
    let shop = Shop::open().await;
    let no = bought(&shop, "A-1", "card").await;
    // The capture is under way, so the refund waits for it.
    let reply = close(&shop, &no, "2", "100").await;
    assert_eq!(
        (
            get(&reply, "Message"),
            get(&reply, "CloseType"),
            get(&reply, "TradeNo")
        ),
        ("處理成功", "2", no.as_str())
    );
    assert_eq!(get(&shop.query("A-1").await, "Result[0][RefundType]"), "3");
    shop.control("clock", &json!({"advance_s": 10})).await;
    let row = shop.query("A-1").await;
    assert_eq!(
        (
            get(&row, "Result[0][RefundType]"),
            get(&row, "Result[0][RefundStatus]"),
            get(&row, "Result[0][RemainAmt]")
        ),
        ("2", "2", "200")
    );
    let over = close(&shop, &no, "2", "201").await;
    assert_eq!(get(&over, "Status"), "CLOSE03001");
    assert_eq!(
        get(&over, "Message"),
        "處理失敗，退款失敗，退款金額($201)，請款金額($300)，目前已退款($100)"
    );
    assert_eq!(
        get(&close(&shop, &no, "2", "").await, "Status"),
        "CLOSE02010"
    );
    assert_eq!(
        get(&close(&shop, &no, "2", "200").await, "Status"),
        "SUCCESS"
    );
    assert_eq!(get(&close(&shop, &no, "-2", "").await, "Status"), "SUCCESS");
    shop.control("clock", &json!({"advance_s": 10})).await;
    assert_eq!(
        get(&close(&shop, &no, "2", "200").await, "Status"),
        "SUCCESS"
    );
    let state = shop.control_get("state").await;
    assert_eq!(
        (state["charged"].as_u64(), state["refunded"].as_u64()),
        (Some(300), Some(300))
    );
    shop.control("clock", &json!({"advance_s": 10})).await;
    assert_eq!(
        get(&close(&shop, &no, "-2", "").await, "Status"),
        "CLOSE03001"
    );
}

#[tokio::test]
async fn instalments_are_refunded_in_full_only() {
    let shop = Shop::open().await;
    let no = bought(&shop, "A-1", "inst").await;
    assert_eq!(
        get(&close(&shop, &no, "2", "100").await, "Status"),
        "CLOSE03001"
    );
    assert_eq!(
        get(&close(&shop, &no, "2", "300").await, "Status"),
        "SUCCESS"
    );
}

#[tokio::test]
async fn a_void_is_taken_until_the_capture_is_done() {
    let shop = Shop::open().await;
    let early = bought(&shop, "A-1", "card").await;
    let reply = shop
        .call("trade/cancel", "1.0", &[("TradeNo", &early)])
        .await;
    assert_eq!(get(&reply, "Message"), "取消授權成功");
    assert_eq!(get(&shop.query("A-1").await, "Result[0][TradeStatus]"), "3");
    let again = shop
        .call("trade/cancel", "1.0", &[("TradeNo", &early)])
        .await;
    assert_eq!(
        (get(&again, "Status"), get(&again, "Message")),
        ("CANCEL03001", "取消授權失敗，訂單不為付款成功")
    );
    let late = bought(&shop, "A-2", "card").await;
    shop.control("clock", &json!({"advance_s": 10})).await;
    let reply = shop
        .call("trade/cancel", "1.0", &[("TradeNo", &late)])
        .await;
    assert!(get(&reply, "Message").starts_with("取消授權失敗，已存在請款成功紀錄 (20"));
    assert_eq!(shop.control_get("state").await["charged"], 300);
}

#[tokio::test]
async fn a_capture_by_hand_can_be_undone() {
    let shop = Shop::open().await;
    shop.switch(&json!({"auto_capture": false})).await;
    let no = bought(&shop, "A-1", "card").await;
    assert_eq!(get(&shop.query("A-1").await, "Result[0][CloseStatus]"), "9");
    assert_eq!(
        get(&close(&shop, &no, "2", "300").await, "Status"),
        "CLOSE03001"
    );
    assert_eq!(
        get(&close(&shop, &no, "1", "301").await, "Status"),
        "CLOSE03001"
    );
    assert_eq!(
        get(&close(&shop, &no, "1", "300").await, "Status"),
        "SUCCESS"
    );
    assert_eq!(get(&close(&shop, &no, "-1", "").await, "Status"), "SUCCESS");
    assert_eq!(get(&shop.query("A-1").await, "Result[0][CloseStatus]"), "3");
}

#[tokio::test]
async fn wallets_are_refunded_each_by_its_own_path() {
    let shop = Shop::open().await;
    for (order, method) in [("A-1", "linepay"), ("A-2", "aftee"), ("A-3", "jkopay")] {
        let no = bought(&shop, order, method).await;
        let path = format!("trade/common/refund/{method}");
        let reply = shop
            .call(&path, "1.0", &[("TradeNo", &no), ("TradeAmt", "100")])
            .await;
        assert_eq!(
            (get(&reply, "Status"), get(&reply, "Message")),
            ("SUCCESS", "訂單退款成功"),
            "{method}"
        );
        assert!(!get(&reply, "RefundNo").is_empty() && !get(&reply, "RefundDT").is_empty());
        let over = shop
            .call(&path, "1.0", &[("TradeNo", &no), ("TradeAmt", "201")])
            .await;
        assert_eq!(get(&over, "Status"), "REFUND04005");
    }
    let no = bought(&shop, "A-4", "icash").await;
    let part = shop
        .call(
            "trade/common/refund/icash",
            "1.0",
            &[("TradeNo", &no), ("TradeAmt", "100")],
        )
        .await;
    assert_eq!(get(&part, "Status"), "REFUND04005");
    let other = shop
        .call(
            "trade/common/refund/linepay",
            "1.0",
            &[("TradeNo", &no), ("TradeAmt", "300")],
        )
        .await;
    assert_eq!(get(&other, "Status"), "REFUND03001");
    assert_eq!(shop.control_get("state").await["refunded"], 300);
}

#[tokio::test]
async fn a_store_code_is_cancelled_and_then_not_payable() {
    let shop = Shop::open().await;
    let answer = shop.buy(&shop.order("A-1", "300", &[]), "cvs").await;
    let code = answer["pay_no"].as_str().unwrap();
    let reply = shop
        .call("cancel_cvs", "1.0", &[("PayNo", &code[..8])])
        .await;
    assert_eq!(
        super::shop::names(&reply),
        [
            "Status",
            "Message",
            "MerID",
            "TradeAmt",
            "PayNo",
            "VerifyCode",
            "PaymentType"
        ]
    );
    assert_eq!(
        (
            get(&reply, "Message"),
            get(&reply, "PayNo"),
            get(&reply, "VerifyCode")
        ),
        ("取消超商代碼成功", &code[..8], &code[8..])
    );
    assert_eq!(
        get(
            &shop.call("cancel_cvs", "1.0", &[("PayNo", code)]).await,
            "Status"
        ),
        "CVS02021"
    );
    assert_eq!(
        get(
            &shop
                .call("cancel_cvs", "1.0", &[("PayNo", "T1234567")])
                .await,
            "Status"
        ),
        "CVS02020"
    );
    assert_eq!(
        get(
            &shop.call("cancel_cvs", "1.0", &[("PayNo", "1")]).await,
            "Status"
        ),
        "CVS02019"
    );
    let no = answer["TradeNo"].as_str().unwrap();
    assert_eq!(
        shop.control(&format!("trades/{no}/pay"), &json!({}))
            .await
            .0,
        409
    );
}
