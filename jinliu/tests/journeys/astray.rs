//! Authentic messages about money that does not fit: written down, acknowledged, and left to a person. Never lost.

use crate::{
    evidence::{genuine, paid_card},
    shopper::{Page, Town, form_to, until},
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn another_amount_than_the_orders_is_reviewed() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    for amount in [1, 679, 681, 100_000] {
        let sealed = buyer.checks_out().await;
        let no = &sealed.order_no;
        town.fault(json!({"kind": "wrong_amount_notice", "amount": amount, "mer_trade_no": no}))
            .await;
        buyer.pays(&sealed, "card").await;
        town.becomes(no, "review").await;
        assert_eq!(town.answered(no).await, (200, "OK".to_owned()));
        assert_eq!(town.cases(no).await, ["L3.amount"]);
        let row = town
            .world
            .shop
            .app
            .ledger
            .exceptions(1)
            .await
            .unwrap()
            .remove(0);
        assert_eq!(
            (row.amount, row.order.map(|order| order.to_string())),
            (Some(amount), Some(no.clone()))
        );
        // PAYUNi, asked, names the right amount. That makes the contradiction no smaller: a person decides.
        town.asks().await;
        assert_eq!(town.status(no).await, "review");
        assert_eq!(town.deliveries.of(no), 0);
    }
    town.every_case_is_counted().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_merchants_number_goes_to_the_list_and_leaves_the_order_alone() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    town.fault(json!({"kind": "wrong_merchant_notice", "mer_trade_no": no}))
        .await;
    buyer.pays(&sealed, "card").await;
    let (status, answer) = town.answered(no).await;
    assert_eq!(
        (status, answer.as_str()),
        (200, "OK"),
        "acknowledged, since it is written down"
    );
    assert_eq!(town.cases(no).await, ["L3.merchant"]);
    town.is_unpaid(no, "pending").await;
    assert!(town.facts(no).await.is_empty());
    // The buyer's money is not lost for it.
    town.asks().await;
    town.is_settled_once(no).await;
    town.every_case_is_counted().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unknown_orders_are_kept_once_each() {
    let town = Town::new().await;
    let owner = town.shopper("owner").await;
    for subject in [
        "261123ZZZZZZZZZZZZZZZZ",
        "APP2-77",
        "x'/**/OR/**/1=1--",
        "<script>alert(1)</script>",
    ] {
        for _ in 0..3 {
            let answer = town.tells(&genuine(&paid_card(subject, "T9", "680"))).await;
            assert_eq!(
                (answer.status, answer.body.as_str()),
                (200, "OK"),
                "{subject}"
            );
        }
        assert_eq!(town.cases(subject).await, ["L3.unknown_order"], "{subject}");
    }
    let page = owner.opens("/admin").await.body;
    assert!(
        page.contains("APP2-77") && !page.contains("<script>alert"),
        "shown, and as text"
    );
    assert!(
        town.world
            .shop
            .app
            .ledger
            .list(ledger::ListOrders::default())
            .await
            .unwrap()
            .is_empty()
    );
    town.every_case_is_counted().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_payments_of_one_order_are_one_delivery_and_a_case() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    // Two pages of PAYUNi's are open for one order; the buyer pays in both.
    let first = buyer.checks_out().await;
    let no = &first.order_no;
    let second = buyer.tries_again(no).await;
    buyer.pays(&second, "card").await;
    town.is_settled_once(no).await;
    buyer.pays(&first, "linepay").await;
    until("the second payment is known", async || {
        town.book(no).await.payments().len() == 2
    })
    .await;
    assert_eq!(town.answered(no).await, (200, "OK".to_owned()));
    assert_eq!(town.status(no).await, "fulfilled");
    assert_eq!(town.book(no).await.surplus(), 680);
    assert_eq!(town.cases(no).await, ["L4.surplus"]);
    assert_eq!((town.charged(no).await, town.deliveries.of(no)), (1360, 1));
    town.every_case_is_counted().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_trade_pays_one_order() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let (cheap, other) = (buyer.checks_out().await, buyer.checks_out().await);
    let trade = buyer.pays(&cheap, "card").await.trade_no;
    town.is_settled_once(&cheap.order_no).await;
    let told = town
        .tells(&genuine(&paid_card(&other.order_no, &trade, "680")))
        .await;
    assert_eq!((told.status, told.body.as_str()), (200, "OK"));
    town.is_unpaid(&other.order_no, "review").await;
    assert_eq!(town.cases(&other.order_no).await, ["L4.trade_of_another"]);
    town.is_settled_once(&cheap.order_no).await;
    town.every_case_is_counted().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_stays_paid() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    let trade = buyer.pays(&sealed, "card").await.trade_no;
    town.is_settled_once(no).await;
    for (status, trade_status) in [
        ("UNAPPROVED", "2"),
        ("UNAPPROVED", "3"),
        ("SUCCESS", "0"),
        ("SUCCESS", "10"),
    ] {
        for number in ["T0", trade.as_str()] {
            let mut fields = paid_card(no, number, "680");
            fields[0].1 = status;
            fields
                .iter_mut()
                .filter(|(name, _)| *name == "TradeStatus")
                .for_each(|field| field.1 = trade_status);
            let told = town.tells(&genuine(&fields)).await;
            assert_eq!(
                told.status, 200,
                "TradeStatus={trade_status}: {}",
                told.body
            );
        }
    }
    town.asks().await;
    town.is_settled_once(no).await;
}

async fn cancels(buyer: &crate::shopper::Shopper, no: &str) -> Page {
    let page = buyer.opens(&format!("/orders/{no}")).await;
    let to = format!("/orders/{no}/cancel");
    let form = form_to(&page.body, &to).expect("a button to cancel");
    buyer.posts(&to, &[("csrf", &form["csrf"])]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn paid_after_it_was_cancelled_waits_for_a_person() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    assert_eq!(cancels(&buyer, no).await.status, 303);
    town.is_unpaid(no, "cancelled").await;
    // PAYUNi's page was still open in another tab.
    buyer.pays(&sealed, "card").await;
    town.becomes(no, "review").await;
    assert_eq!(town.answered(no).await, (200, "OK".to_owned()));
    assert_eq!(town.cases(no).await, ["L4.late"]);
    town.asks().await;
    assert_eq!(
        (town.book(no).await.payments().len(), town.deliveries.of(no)),
        (1, 0)
    );
    assert_eq!(town.status(no).await, "review");
    // An order that is paid cannot be cancelled, by no button and by no form.
    let paid = buyer.checks_out().await;
    let csrf = buyer.finds_form().await["csrf"].clone();
    buyer.pays(&paid, "card").await;
    town.is_settled_once(&paid.order_no).await;
    let late = buyer
        .posts(
            &format!("/orders/{}/cancel", paid.order_no),
            &[("csrf", &csrf)],
        )
        .await;
    assert_eq!(late.status, 409);
    town.is_settled_once(&paid.order_no).await;
    town.every_case_is_counted().await;
}
