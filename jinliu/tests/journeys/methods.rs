//! Each way to pay that the shop offers, and each documented end of it.

use crate::shopper::{Town, until};
use orders::AttemptState;
use serde_json::{Value, json};

/// Where an attempt stands by the ledger's fold.
async fn state_of(town: &Town, no: &str, ordinal: u8) -> AttemptState {
    let book = town.book(no).await;
    let attempt = orders::AttemptNo::of(&book.order().no, ordinal).unwrap();
    book.attempt_state(&attempt)
}

#[tokio::test(flavor = "multi_thread")]
async fn cards_end_as_documented() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    for way in ["card", "card_3d"] {
        let sealed = buyer.checks_out().await;
        buyer.pays(&sealed, way).await;
        town.is_settled_once(&sealed.order_no).await;
    }
    for (way, ends, code) in [
        ("card_decline", AttemptState::Failed, "2"),
        ("card_3d_fail", AttemptState::Failed, "2"),
        // The authorisation that 3-D Secure does not back is cancelled by itself.
        ("card_eci", AttemptState::Voided, "3"),
    ] {
        let sealed = buyer.checks_out().await;
        let no = &sealed.order_no;
        let paid = buyer.pays(&sealed, way).await;
        until(&format!("{way} is known"), async || {
            state_of(&town, no, 1).await == ends
        })
        .await;
        assert_eq!(town.answered(no).await, (200, "OK".to_owned()), "{way}");
        buyer.comes_back(&paid).await;
        town.is_unpaid(no, "pending").await;
        let trades = town.trades(no).await;
        assert_eq!(
            trades[0]["trade_status"].to_string().trim_matches('"'),
            code,
            "{trades:?}"
        );
        assert_eq!(town.charged(no).await, 0);
        // The order is still there to be paid: with a new number, since PAYUNi has used up the first.
        let again = buyer.tries_again(no).await;
        let book = town.book(no).await;
        assert_eq!(book.attempts().len(), 2);
        assert_eq!(book.attempts()[1].no.as_str(), format!("{no}-2"));
        assert_ne!(again.fields["EncryptInfo"], sealed.fields["EncryptInfo"]);
        buyer.pays(&again, "card").await;
        town.is_settled_once(no).await;
        assert_eq!(
            state_of(&town, no, 1).await,
            ends,
            "the first attempt stays what it was"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_other_brand_through_the_page_itself() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let opened = buyer
        .client
        .post(town.payuni("/api/upp"))
        .form(&sealed.fields)
        .send()
        .await
        .unwrap();
    let page = opened.headers()["location"].to_str().unwrap().to_owned();
    let page = if page.starts_with("http") {
        page
    } else {
        town.payuni(&page)
    };
    let shown = buyer.opens(&page).await;
    assert_eq!(shown.status, 200);
    assert!(
        !shown.body.contains("銀聯"),
        "only what the shop switched on is offered"
    );
    let card = [("quick", "jcb")];
    let paid = buyer
        .client
        .post(format!("{page}/pay"))
        .form(&card)
        .send()
        .await
        .unwrap();
    assert!(
        paid.status().is_success() || paid.status().is_redirection(),
        "{}",
        paid.status()
    );
    town.is_settled_once(&sealed.order_no).await;
    let trades = town.trades(&sealed.order_no).await;
    assert_eq!(trades[0]["card"]["six"], "356051");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_shop_does_not_offer_cannot_be_used() {
    let town = Town::tuned(&[("line_pay = true", "line_pay = false")], 1).await;
    let buyer = town.shopper("buyer1").await;
    for way in ["inst", "unionpay", "linepay", "icash", "aftee", "jkopay"] {
        let sealed = buyer.checks_out().await;
        let no = &sealed.order_no;
        let asked = json!({"form": sealed.fields, "method": way});
        let refused = town
            .outside
            .post(town.payuni("/_sandbox/buy"))
            .json(&asked)
            .send()
            .await
            .unwrap();
        let refused: Value = refused.json().await.unwrap();
        assert_eq!(refused["error"]["code"], "input", "{way}: {refused}");
        assert!(town.trades(no).await.is_empty());
        town.is_unpaid(no, "pending").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn line_pay_ends_paid_or_cancelled() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer2").await;
    let sealed = buyer.checks_out().await;
    buyer.pays(&sealed, "linepay").await;
    town.is_settled_once(&sealed.order_no).await;
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    buyer.pays(&sealed, "linepay_cancel").await;
    until("the cancelled wallet is known", async || {
        state_of(&town, no, 1).await == AttemptState::Failed
    })
    .await;
    town.is_unpaid(no, "pending").await;
    let again = buyer.tries_again(no).await;
    buyer.pays(&again, "linepay").await;
    town.is_settled_once(no).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_issued_shown_and_paid_later() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    for way in ["atm", "cvs"] {
        let sealed = buyer.checks_out().await;
        let no = &sealed.order_no;
        let paid = buyer.pays(&sealed, way).await;
        town.becomes(no, "awaiting_transfer").await;
        town.is_unpaid(no, "awaiting_transfer").await;
        let trade = town.trades(no).await.remove(0);
        let number = trade["pay_no"].as_str().unwrap().to_owned();
        let book = town.book(no).await;
        let (_, instructions) = book.instructions(&book.attempts()[0].no).unwrap();
        assert_eq!(instructions.pay_no, number);
        assert!(instructions.deadline.is_some());
        // The number is its buyer's alone.
        let page = buyer.opens(&format!("/orders/{no}")).await;
        let digits = |text: &str| {
            text.chars()
                .filter(char::is_ascii_alphanumeric)
                .collect::<String>()
        };
        assert!(
            digits(&page.body).contains(&number),
            "{way}: the page shows the number"
        );
        // Issued is not paid, however often it is said: the buyer's own return, posted to the notice's address.
        let (_, fields) = paid.back.clone().unwrap();
        let told = town.tells(&fields).await;
        assert_eq!((told.status, told.body.as_str()), (200, "OK"));
        town.is_unpaid(no, "awaiting_transfer").await;
        town.control(
            town.payuni(&format!("/_sandbox/trades/{}/pay", paid.trade_no)),
            json!({}),
        )
        .await;
        town.is_settled_once(no).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_runs_out_ends_its_order() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let mut numbers = Vec::new();
    for way in ["atm", "cvs", "atm"] {
        let sealed = buyer.checks_out().await;
        buyer.pays(&sealed, way).await;
        town.becomes(&sealed.order_no, "awaiting_transfer").await;
        numbers.push(sealed.order_no);
    }
    // Of the last one nobody will tell us.
    town.fault(json!({"kind": "drop_notice", "mer_trade_no": numbers[2]}))
        .await;
    town.payuni_passes(4 * 86_400).await;
    town.becomes(&numbers[0], "expired").await;
    town.becomes(&numbers[1], "expired").await;
    until("PAYUNi's books say that it ran out", async || {
        town.trades(&numbers[2]).await[0]["trade_status"]
            .to_string()
            .contains("10")
            || town
                .messages(&numbers[2], "notice")
                .await
                .iter()
                .any(|notice| notice["post"] == "dropped")
    })
    .await;
    town.is_unpaid(&numbers[2], "awaiting_transfer").await;
    let asked = town.asks().await;
    assert!(
        asked.contains(&(numbers[2].clone(), "lapsed".to_owned())),
        "{asked:?}"
    );
    for no in &numbers {
        town.is_unpaid(no, "expired").await;
        assert_eq!(town.charged(no).await, 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_sum_at_the_counter_waits_for_a_person() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    let paid = buyer.pays(&sealed, "atm").await;
    town.becomes(no, "awaiting_transfer").await;
    let pay = town.payuni(&format!("/_sandbox/trades/{}/pay", paid.trade_no));
    let holder: Value = town.control(pay, json!({"amount": 600})).await;
    assert_ne!(
        holder["mer_trade_no"],
        no.as_str(),
        "PAYUNi opens another order for it"
    );
    town.becomes(no, "review").await;
    assert_eq!(town.answered(no).await, (200, "OK".to_owned()));
    assert_eq!(town.cases(no).await, ["L3.mis_posted"]);
    town.asks().await;
    town.is_unpaid(no, "review").await;
    let row = town
        .world
        .shop
        .app
        .ledger
        .exceptions(1)
        .await
        .unwrap()
        .remove(0);
    assert_eq!(row.amount, Some(600), "the money is written down");
}
