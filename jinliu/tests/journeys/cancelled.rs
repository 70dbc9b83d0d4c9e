//! An order that nobody paid, cancelled in the back office; and the money that comes all the same.

use crate::back_office::{Fields, sends, trail, went_back_to, with};
use crate::cases::case_of;
use crate::shopper::{Page, Sealed, Shopper, Town, form_to};
use serde_json::json;

fn at(no: &str) -> String {
    format!("/admin/orders/{no}/cancel")
}

/// The form on the order's page, where there is one.
async fn form(admin: &Shopper, no: &str) -> Option<Fields> {
    let page = admin.opens(&format!("/admin/orders/{no}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    form_to(&page.body, &at(no))
}

async fn cancels(admin: &Shopper, no: &str, reason: &str) -> Page {
    let form = form(admin, no).await.expect("a form to cancel with");
    sends(admin, &at(no), &with(&form, "reason", reason)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_cancels_what_nobody_paid_and_says_why() {
    let town = Town::new().await;
    let (buyer, owner) = (town.shopper("buyer1").await, town.shopper("owner").await);
    let pending = buyer.checks_out().await;
    let number = buyer.checks_out().await;
    buyer.pays(&number, "atm").await;
    town.becomes(&number.order_no, "awaiting_transfer").await;
    for Sealed { order_no: no, .. } in [&pending, &number] {
        let before = town.status(no).await;
        for reason in ["", " \n ", "字".repeat(301).as_str()] {
            assert_eq!(cancels(&owner, no, reason).await.status, 422);
        }
        assert_eq!(town.status(no).await, before, "nothing without a reason");
        let page = cancels(&owner, no, "買家來電取消").await;
        went_back_to(&page, &format!("/admin/orders/{no}"));
        town.is_unpaid(no, "cancelled").await;
        let said = trail(&town, no, "ended cancelled").await;
        let detail = format!("{before} → cancelled · 買家來電取消");
        assert_eq!(said, [("ended cancelled".to_owned(), detail)]);
        // Said on the page with the name of who did it, and offered no second time.
        let page = owner.opens(&format!("/admin/orders/{no}")).await.body;
        assert!(page.contains("買家來電取消") && page.contains("owner@jinliu.example"));
        assert_eq!(form_to(&page, &at(no)), None);
        let page = buyer.opens(&format!("/orders/{no}")).await.body;
        assert!(page.contains("已取消"), "the buyer sees it");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn money_that_comes_after_that_waits_for_a_person() {
    let town = Town::new().await;
    let (buyer, owner) = (town.shopper("buyer1").await, town.shopper("owner").await);
    let sealed = buyer.checks_out().await;
    let paid = buyer.pays(&sealed, "atm").await;
    let no = &sealed.order_no;
    town.becomes(no, "awaiting_transfer").await;
    assert_eq!(cancels(&owner, no, "缺貨").await.status, 303);
    let pay = format!("/_sandbox/trades/{}/pay", paid.trade_no);
    town.control(town.payuni(&pay), json!({})).await;
    town.becomes(no, "review").await;
    town.asks().await;
    assert_eq!(town.status(no).await, "review");
    assert_eq!(town.cases(no).await, ["L4.late"]);
    assert_eq!(town.deliveries.of(no), 0);
    town.every_case_is_counted().await;
    assert!(case_of(&town, no).await > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_and_whoever_is_no_administrator_cancels_nothing() {
    let town = Town::new().await;
    let (buyer, owner) = (town.shopper("buyer1").await, town.shopper("owner").await);
    let open = buyer.checks_out().await;
    let sealed = buyer.checks_out().await;
    // The page was opened before the money came.
    let stale = form(&owner, &sealed.order_no).await.expect("a form");
    buyer.pays(&sealed, "card").await;
    town.is_settled_once(&sealed.order_no).await;
    assert_eq!(form(&owner, &sealed.order_no).await, None);
    let late = with(&stale, "reason", "買家來電取消");
    let refused = sends(&owner, &at(&sealed.order_no), &late).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    town.is_settled_once(&sealed.order_no).await;

    let door = at(&open.order_no);
    let csrf = form_to(&buyer.opens("/").await.body, "/auth/logout").unwrap();
    let own = with(&csrf, "reason", "x");
    assert_eq!(sends(&buyer, &door, &own).await.status, 404);
    assert_eq!(sends(&town.stranger(), &door, &late).await.status, 401);
    let foreign = with(&own, "csrf", "AAAAAAAA");
    assert_eq!(sends(&owner, &door, &foreign).await.status, 403);
    let more = with(&late, "state", "cancelled");
    assert_eq!(sends(&owner, &door, &more).await.status, 422);
    let nowhere = at("261123ZZZZZZZZZZZZZZZZ");
    assert_eq!(sends(&owner, &nowhere, &late).await.status, 404);
    town.is_unpaid(&open.order_no, "pending").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_sign_in_is_renewed_before_an_order_is_cancelled() {
    let town = Town::tuned(&[], 600).await;
    let (buyer, owner) = (town.shopper("buyer1").await, town.shopper("owner").await);
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    let form = form(&owner, no).await.expect("a form");
    // Ten minutes pass in a second; five are allowed.
    crate::shopper::until("the sign-in is old", async || {
        let page = owner.opens(&format!("/admin/orders/{no}")).await.body;
        form_to(&page, &at(no)).is_none() && page.contains("id=\"fresh\"")
    })
    .await;
    let refused = sends(&owner, &at(no), &with(&form, "reason", "缺貨")).await;
    assert_eq!(refused.status, 403, "{}", refused.body);
    assert!(trail(&town, no, "ended cancelled").await.is_empty());
}
