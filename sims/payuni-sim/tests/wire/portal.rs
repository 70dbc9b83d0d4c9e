use super::shop::{Shop, get};

#[tokio::test]
async fn the_portal_pays_refunds_and_shows_the_messages() {
    let shop = Shop::open().await;
    let bought = shop.buy(&shop.order("A-1", "300", &[]), "atm").await;
    shop.hear().await;
    let no = bought["TradeNo"].as_str().unwrap();
    let shop = &shop;
    let text = |path: String| async move {
        shop.http
            .get(format!("{}{path}", shop.base))
            .send()
            .await
            .unwrap()
            .text()
            .await
            .unwrap()
    };
    let list = text("/".to_owned()).await;
    assert!(list.contains(no) && list.contains("取號成功") && list.contains("ATM 轉帳"));
    let page = text(format!("/trades/{no}")).await;
    for part in [
        "id=\"do-pay\"",
        "id=\"do-expire\"",
        "(ATM)建立成功",
        "EncryptInfo=",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let (status, page) = shop
        .press(&format!("/trades/{no}/pay"), &[("amount", "300")])
        .await;
    assert!(status == 200 && page.contains("已模擬繳費") && !page.contains("id=\"do-pay\""));
    assert_eq!(get(&shop.hear().await.inner(), "TradeStatus"), "1");
    assert_eq!(
        shop.press(&format!("/trades/{no}/expire"), &[]).await.0,
        409
    );
    assert_eq!(shop.press("/trades/none/resend", &[]).await.0, 404);
    let card = shop.buy(&shop.order("A-2", "300", &[]), "card").await;
    let (_, page) = shop
        .press(
            &format!("/trades/{}/refund", card["TradeNo"].as_str().unwrap()),
            &[("amount", "100")],
        )
        .await;
    assert!(page.contains("NT$ 300 / NT$ 100") && page.contains("414763••••0001"));
    assert!(text("/log".to_owned()).await.contains("/api/upp"));
}

#[tokio::test]
async fn faults_and_switches_are_set_by_forms() {
    let shop = Shop::open().await;
    let (status, page) = shop
        .press(
            "/settings/faults",
            &[
                ("kind", "drop_notice"),
                ("times", ""),
                ("mer_trade_no", "A-1"),
            ],
        )
        .await;
    assert!(status == 200 && page.contains("遺失通知") && page.contains("A-1"));
    assert_eq!(
        shop.press("/settings/faults", &[("kind", "nonsense")])
            .await
            .0,
        422
    );
    shop.buy(&shop.order("A-1", "30", &[]), "card").await;
    shop.until("A-1", |m| m[0]["post"] == "dropped").await;
    let (status, page) = shop
        .press(
            "/settings/switches",
            &[
                ("notify_retries", "7"),
                ("force_3d", "true"),
                ("timestamp_window_s", ""),
                ("cvs_store", "7-ELEVEN"),
            ],
        )
        .await;
    assert!(status == 200 && page.contains("已儲存"));
    let all = shop.control_get("switches").await;
    assert_eq!(
        (
            all["notify_retries"].as_u64(),
            all["force_3d"].as_bool(),
            all["timestamp_window_s"].is_null()
        ),
        (Some(7), Some(true), true)
    );
    assert_eq!(
        shop.press("/settings/switches", &[("notify_retries", "many")])
            .await
            .0,
        422
    );
    let (status, _) = shop
        .press("/settings/clock", &[("advance_s", "3600"), ("rate", "1")])
        .await;
    assert_eq!(status, 200);
    let clock = shop.control_get("clock").await;
    assert!(clock["now_ms"].as_i64().unwrap() - clock["wall_ms"].as_i64().unwrap() >= 3_599_000);
}
