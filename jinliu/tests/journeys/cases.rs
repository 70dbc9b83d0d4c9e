//! Cases of the review list, closed by a person: the order goes on with what else is known, and the trail says why.

use crate::back_office::{
    Fields, asks_at, delivered, reaches, refund_form, sends, to_the_refunds, trail, went_back_to,
    with,
};
use crate::evidence::{genuine, paid_card};
use crate::shopper::{Page, Shopper, Town, form_to, until};
use crate::unreliable::OFTEN;
use orders::RefundState;
use serde_json::json;

/// The number of the one case about a subject.
pub(crate) async fn case_of(town: &Town, subject: &str) -> i64 {
    let rows = town.world.shop.app.ledger.exceptions(100).await.unwrap();
    let mut rows = rows.into_iter().filter(|row| row.subject == subject);
    let case = rows.next().expect("a case").n;
    assert!(rows.next().is_none(), "one case of {subject}");
    case
}

async fn decides(admin: &Shopper, n: i64, reason: &str) -> Page {
    let page = admin.opens(&format!("/admin/cases/{n}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let to = format!("/admin/cases/{n}/decide");
    let form = form_to(&page.body, &to).expect("a form to close it with");
    sends(admin, &to, &with(&form, "reason", reason)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_amount_is_set_aside_and_the_order_goes_on_with_what_was_asked() {
    let town = Town::new().await;
    let (buyer, owner) = (town.shopper("buyer1").await, town.shopper("owner").await);
    town.fault(json!({"kind": "wrong_amount_notice", "times": 1}))
        .await;
    let sealed = buyer.checks_out().await;
    buyer.pays(&sealed, "card").await;
    let no = &sealed.order_no;
    town.becomes(no, "review").await;
    town.asks().await;
    assert_eq!(town.status(no).await, "review");
    let case = case_of(&town, no).await;
    let list = owner.opens("/admin").await.body;
    assert!(list.contains(&format!("href=\"/admin/cases/{case}\"")));
    for reason in ["", " \n ", "字".repeat(301).as_str()] {
        assert_eq!(decides(&owner, case, reason).await.status, 422, "{reason}");
    }
    assert_eq!(town.status(no).await, "review");
    let why = "後台查過，實收 680";
    let page = decides(&owner, case, why).await;
    went_back_to(&page, &format!("/admin/cases/{case}"));
    town.is_settled_once(no).await;
    assert_eq!(
        trail(&town, no, "decided").await.len(),
        1,
        "one decision in the trail"
    );
    assert!(trail(&town, no, "decided").await[0].1.contains(why));
    let page = owner.opens(&format!("/admin/cases/{case}")).await.body;
    let to = format!("/admin/cases/{case}/decide");
    assert!(form_to(&page, &to).is_none(), "read-only from now on");
    assert!(page.contains(why) && page.contains("owner@jinliu.example"));
    let order = owner.opens(&format!("/admin/orders/{no}")).await.body;
    let trail_shown = order.split("id=\"trail\"").nth(1).unwrap();
    assert!(trail_shown.contains(why) && trail_shown.contains("結案"));
    let list = owner.opens("/admin").await.body;
    let folded = list.split("<details").nth(1).expect("what was decided");
    assert!(folded.contains(why) && folded.contains(&format!("/admin/cases/{case}")));
    // Somebody else had the form open all the while.
    let csrf = form_to(&page, "/auth/logout").unwrap()["csrf"].clone();
    let late = with(&with(&Fields::new(), "csrf", &csrf), "reason", "我也看過");
    let late = sends(&owner, &to, &late).await;
    assert_eq!(late.status, 409);
    assert!(late.body.contains("剛才已經有人處理"));
    assert_eq!(trail(&town, no, "decided").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn money_after_the_end_is_delivered_for_or_given_back_as_a_person_says() {
    let town = Town::new().await;
    let (buyer, owner) = (town.shopper("buyer1").await, town.shopper("owner").await);
    let mut late = Vec::new();
    for _ in 0..2 {
        let sealed = buyer.checks_out().await;
        let path = format!("/orders/{}", sealed.order_no);
        let page = buyer.opens(&path).await.body;
        let cancel = format!("{path}/cancel");
        let button = form_to(&page, &cancel).expect("a button to cancel with");
        went_back_to(&sends(&buyer, &cancel, &button).await, &path);
        buyer.pays(&sealed, "card").await;
        town.becomes(&sealed.order_no, "review").await;
        assert_eq!(town.cases(&sealed.order_no).await, ["L4.late"]);
        late.push(sealed.order_no);
    }
    town.payuni_passes(10).await;
    town.asks().await;
    let case = case_of(&town, &late[0]).await;
    let page = owner.opens(&format!("/admin/cases/{case}")).await.body;
    assert!(page.contains("改為退款"), "{page}");
    let page = decides(&owner, case, "買家還要，照常出貨").await;
    went_back_to(&page, &format!("/admin/cases/{case}"));
    town.is_settled_once(&late[0]).await;
    let form = refund_form(&owner, &late[1]).await;
    to_the_refunds(&sends(&owner, &asks_at(&late[1]), &form).await, &late[1]);
    reaches(&town, &late[1], RefundState::Done).await;
    assert_eq!(town.status(&late[1]).await, "refunded");
    let case = case_of(&town, &late[1]).await;
    assert_eq!(decides(&owner, case, "已退款").await.status, 303);
    assert_eq!(town.status(&late[1]).await, "refunded");
    assert_eq!(town.deliveries.of(&late[1]), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_of_no_order_is_closed_and_moves_nothing() {
    let town = Town::new().await;
    let no = delivered(&town, "card").await;
    let owner = town.shopper("owner").await;
    town.tells(&genuine(&paid_card("APP2-77", "T9", "680")))
        .await;
    let case = case_of(&town, "APP2-77").await;
    let facts = town.facts(&no).await;
    let page = owner.opens(&format!("/admin/cases/{case}")).await.body;
    assert!(page.contains("APP2-77 不是本店的"), "{page}");
    assert_eq!(decides(&owner, case, "另一個網站的").await.status, 303);
    let page = owner.opens(&format!("/admin/cases/{case}")).await.body;
    assert!(page.contains("已結案") && page.contains("另一個網站的"));
    assert_eq!(town.facts(&no).await, facts);
    // The same message again is no new case.
    town.tells(&genuine(&paid_card("APP2-77", "T9", "680")))
        .await;
    assert_eq!(case_of(&town, "APP2-77").await, case);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_payments_one_goes_back_and_the_goods_stay_paid() {
    let town = Town::new().await;
    let (buyer, owner) = (town.shopper("buyer1").await, town.shopper("owner").await);
    let first = buyer.checks_out().await;
    let no = &first.order_no;
    let second = buyer.tries_again(no).await;
    buyer.pays(&second, "card").await;
    town.is_settled_once(no).await;
    let surplus = buyer.pays(&first, "linepay").await.trade_no;
    until("the second payment is a case", async || {
        town.cases(no).await == ["L4.surplus"]
    })
    .await;
    let page = owner.opens(&format!("/admin/orders/{no}")).await.body;
    let to = format!("action=\"{}\"", asks_at(no));
    assert_eq!(page.matches(&to).count(), 2, "a form for each payment");
    let form = with(&refund_form(&owner, no).await, "trade_no", &surplus);
    let form = with(&form, "reason", "paid_twice");
    to_the_refunds(&sends(&owner, &asks_at(no), &form).await, no);
    reaches(&town, no, RefundState::Done).await;
    assert_eq!(town.status(no).await, "fulfilled");
    assert_eq!(trail(&town, no, "done").await.len(), 1);
    let case = case_of(&town, no).await;
    assert_eq!(decides(&owner, case, "多收的已退").await.status, 303);
    assert_eq!(town.status(no).await, "fulfilled");
    assert_eq!(town.deliveries.of(no), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_a_contradiction_delivers_nothing_before_payuni_agrees() {
    let edits = [OFTEN, ("sign_in_minutes = 5 ", "sign_in_minutes = 60 ")];
    let town = Town::tuned(&edits, 120).await;
    let (buyer, owner) = (town.shopper("buyer1").await, town.shopper("owner").await);
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    town.fault(json!({"kind": "query_unpaid", "mer_trade_no": no}))
        .await;
    buyer.pays(&sealed, "card").await;
    town.becomes(no, "review").await;
    let case = case_of(&town, no).await;
    let why = "後台查過，確實有收款";
    assert_eq!(decides(&owner, case, why).await.status, 303);
    town.becomes(no, "paid").await;
    town.asks().await;
    assert_eq!(town.status(no).await, "paid");
    assert_eq!(town.deliveries.of(no), 0, "PAYUNi still denies it");
    town.no_more_faults().await;
    town.asks().await;
    town.is_settled_once(no).await;
    assert!(trail(&town, no, "decided").await[0].1.contains(why));
    town.every_case_is_counted().await;
}
