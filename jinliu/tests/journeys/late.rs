//! Money that comes after an order has expired: a person decides, or the shop's rule where its owner has set one.

use crate::back_office::trail;
use crate::cases::case_of;
use crate::evidence::{genuine, paid_card};
use crate::shopper::{Sealed, Shopper, Town, form_to};
use serde_json::json;

const SHORT: (&str, &str) = ("order_minutes = 30", "order_minutes = 5");
const ACCEPT: (&str, &str) = ("payments = \"review\"", "payments = \"accept\"");

/// A shop whose orders expire within a second, with these changes.
async fn town(edits: &[(&str, &str)]) -> Town {
    Town::tuned(&[&[SHORT], edits].concat(), 600).await
}

async fn expired(town: &Town, buyer: &Shopper) -> Sealed {
    let sealed = buyer.checks_out().await;
    town.becomes(&sealed.order_no, "expired").await;
    sealed
}

#[tokio::test(flavor = "multi_thread")]
async fn late_money_waits_for_a_person_unless_the_owner_says_otherwise() {
    let town = town(&[]).await;
    let buyer = town.shopper("buyer1").await;
    let sealed = expired(&town, &buyer).await;
    buyer.pays(&sealed, "card").await;
    let no = &sealed.order_no;
    town.becomes(no, "review").await;
    town.asks().await;
    assert_eq!(town.status(no).await, "review");
    assert_eq!(town.cases(no).await, ["L4.late"]);
    assert_eq!(town.deliveries.of(no), 0);
    assert!(trail(&town, no, "decided").await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn by_the_rule_it_is_delivered_once_payuni_has_confirmed_it() {
    let town = town(&[ACCEPT]).await;
    let (buyer, owner) = (town.shopper("buyer1").await, town.shopper("owner").await);
    let sealed = expired(&town, &buyer).await;
    let no = &sealed.order_no;
    town.fault(json!({"kind": "query_error", "mer_trade_no": no}))
        .await;
    buyer.pays(&sealed, "card").await;
    town.becomes(no, "review").await;
    town.asks().await;
    assert_eq!(
        town.status(no).await,
        "review",
        "told, and nobody confirmed"
    );
    assert_eq!(town.deliveries.of(no), 0);
    town.no_more_faults().await;
    town.becomes(no, "fulfilled").await;
    town.is_settled_once(no).await;
    town.every_case_is_counted().await;
    let said = trail(&town, no, "decided").await;
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].1.ends_with("jinliu.toml [late] payments = accept"),
        "{said:?}"
    );
    let case = case_of(&town, no).await;
    let page = owner.opens(&format!("/admin/cases/{case}")).await.body;
    assert!(page.contains("系統") && page.contains("[late]"), "{page}");
    let again = owner.opens(&format!("/admin/orders/{no}")).await.body;
    assert!(again.contains("結案") && again.contains("系統"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rule_lets_nothing_else_pass() {
    let town = town(&[ACCEPT, ("stock = 40", "stock = 2")]).await;
    let buyer = town.shopper("buyer1").await;
    // Cancelled, not expired.
    let cancelled = buyer.checks_out().await;
    let path = format!("/orders/{}", cancelled.order_no);
    let cancel = format!("{path}/cancel");
    let button = form_to(&buyer.opens(&path).await.body, &cancel).expect("a button");
    let gave_up = buyer.posts(&cancel, &[("csrf", &button["csrf"])]).await;
    assert_eq!(gave_up.status, 303);
    buyer.pays(&cancelled, "card").await;
    town.becomes(&cancelled.order_no, "review").await;
    // Expired, and the last piece was sold to somebody else since: the cancelled one's money holds the other.
    let late = expired(&town, &buyer).await;
    let other = buyer.checks_out().await;
    buyer.pays(&other, "card").await;
    town.becomes(&other.order_no, "fulfilled").await;
    buyer.pays(&late, "card").await;
    town.becomes(&late.order_no, "review").await;
    for _ in 0..3 {
        town.asks().await;
    }
    for Sealed { order_no: no, .. } in [&cancelled, &late] {
        assert_eq!(town.status(no).await, "review");
        assert_eq!(town.cases(no).await, ["L4.late"]);
        assert_eq!(town.deliveries.of(no), 0);
    }
    assert!(town.book(&late.order_no).await.payments()[0].confirmed);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forger_with_the_keys_gains_nothing_by_the_rule() {
    let town = town(&[ACCEPT]).await;
    let buyer = town.shopper("buyer1").await;
    let sealed = expired(&town, &buyer).await;
    let no = &sealed.order_no;
    let told = town.tells(&genuine(&paid_card(no, "T9", "680"))).await;
    assert_eq!((told.status, told.body.as_str()), (200, "OK"));
    for _ in 0..3 {
        town.asks().await;
    }
    assert_eq!(town.status(no).await, "review");
    assert_eq!((town.charged(no).await, town.deliveries.of(no)), (0, 0));
}

/// PAYUNi may show an opened page as a row that is unpaid and has no number yet: that is no payment, and the order ends.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_was_opened_and_left_ends_like_one_that_never_was() {
    let town = town(&[]).await;
    let switches = town.outside.put(town.payuni("/_sandbox/switches"));
    let set = switches
        .json(&json!({"open_page_in_query": true}))
        .send()
        .await;
    assert!(set.unwrap().status().is_success());
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let page = town.outside.post(town.payuni("/api/upp"));
    let page = page.form(&sealed.fields).send().await.unwrap();
    assert!(page.status().is_success() || page.status().is_redirection());
    town.becomes(&sealed.order_no, "expired").await;
}
