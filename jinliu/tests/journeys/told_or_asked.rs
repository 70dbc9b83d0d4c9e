//! The notice before the return, after it, without it, and not at all: one end.

use crate::shopper::Town;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn the_notice_comes_first_then_the_buyer() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    let paid = buyer.pays(&sealed, "card").await;
    assert_eq!(town.answered(no).await, (200, "OK".to_owned()));
    town.is_settled_once(no).await;
    let before = town.book(no).await.payments();
    let back = buyer.comes_back(&paid).await;
    assert_eq!(
        (back.status, back.location),
        (303, Some(format!("/orders/{no}")))
    );
    assert!(
        !back.headers.contains_key("set-cookie"),
        "the way back starts no session"
    );
    town.is_settled_once(no).await;
    assert_eq!(town.book(no).await.payments(), before);
    let page = buyer.opens(&format!("/orders/{no}")).await;
    assert!(page.body.contains("已完成") && page.body.contains(&format!("/orders/{no}/receipt")));
    let receipt = buyer.opens(&format!("/orders/{no}/receipt")).await;
    assert_eq!(receipt.status, 200);
    assert!(receipt.body.contains(&paid.trade_no) && receipt.body.contains("0001"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_buyer_comes_first_and_settles_nothing_then_the_notice() {
    let town = Town::tuned(
        &[(
            "waits_seconds = [20, 60, 180, 600, 1800, 3600]",
            "waits_seconds = [1]",
        )],
        1,
    )
    .await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    town.fault(json!({"kind": "delay_notice", "delay_s": 500, "mer_trade_no": no}))
        .await;
    town.fault(json!({"kind": "query_data_source_b", "mer_trade_no": no}))
        .await;
    let paid = buyer.pays(&sealed, "card").await;
    let back = buyer.comes_back(&paid).await;
    assert_eq!(back.status, 303);
    assert!(town.facts(no).await.contains(&format!("returned/{no}")));
    // The signed return says paid, and yet it is the buyer who brought it.
    town.is_unpaid(no, "pending").await;
    let page = buyer.opens(&format!("/orders/{no}")).await;
    assert!(page.body.contains("確認"), "the page says what is awaited");
    assert!(
        !page.body.contains(&format!("action=\"/orders/{no}/pay\"")),
        "no second payment while the first may be one"
    );
    town.payuni_passes(501).await;
    town.becomes(no, "paid").await;
    assert_eq!(
        town.deliveries.of(no),
        0,
        "not delivered before PAYUNi, asked, agrees"
    );
    town.no_more_faults().await;
    town.is_settled_once(no).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_return_and_without_the_notice() {
    // A minute of the shop's passes in a second; PAYUNi's clock goes along.
    let town = Town::tuned(&[], 60).await;
    town.control(town.payuni("/_sandbox/clock"), json!({"rate": 60}))
        .await;
    let buyer = town.shopper("buyer1").await;

    let told = buyer.checks_out().await;
    buyer.pays(&told, "card").await;
    town.is_settled_once(&told.order_no).await;
    assert!(
        !town
            .facts(&told.order_no)
            .await
            .iter()
            .any(|fact| fact.starts_with("returned/"))
    );

    let returned = buyer.checks_out().await;
    let silent = buyer.checks_out().await;
    for sealed in [&returned, &silent] {
        town.fault(json!({"kind": "drop_notice", "mer_trade_no": sealed.order_no}))
            .await;
    }
    let paid = buyer.pays(&returned, "card").await;
    buyer.pays(&silent, "linepay").await;
    buyer.comes_back(&paid).await;
    for sealed in [&returned, &silent] {
        let no = &sealed.order_no;
        town.is_settled_once(no).await;
        let facts = town.facts(no).await;
        assert!(
            facts.iter().any(|fact| fact.starts_with("asked/")),
            "{facts:?}"
        );
        assert!(
            !facts.iter().any(|fact| fact.starts_with("told/")),
            "{facts:?}"
        );
        let notices = town.messages(no, "notice").await;
        assert!(
            notices.iter().all(|notice| notice["post"] == "dropped"),
            "{notices:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_that_nobody_pays_ends_and_gives_its_stock_back() {
    let town = Town::tuned(&[("order_minutes = 30", "order_minutes = 5")], 600).await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    assert_eq!(
        town.world.shop.app.ledger.held_stock().await.unwrap()[0].1,
        1
    );
    town.becomes(no, "expired").await;
    assert!(
        town.world
            .shop
            .app
            .ledger
            .held_stock()
            .await
            .unwrap()
            .iter()
            .all(|(_, held)| *held == 0)
    );
    town.is_unpaid(no, "expired").await;
}
