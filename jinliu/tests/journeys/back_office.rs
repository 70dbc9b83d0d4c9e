//! The back office over HTTP: who may come in, who may act, and what refunds do to orders and money.

use crate::cases::case_of;
use crate::evidence::{genuine, paid_card};
use crate::shopper::{Page, Shopper, Town, form_to, town::write_shop_file, until};
use jiff::SignedDuration;
use ledger::{NewRefund, RefundMove};
use orders::{How, Move, Refund, RefundNo, RefundState, Twd};
use serde_json::json;
use std::collections::BTreeMap;

pub(crate) type Fields = BTreeMap<String, String>;

const SECOND: &str = "zhiming@buyer.example";

/// A town in which the second buyer is an administrator too, and a refund of more than NT$ 100 needs both.
async fn town_of_two() -> Town {
    Town::planned(|plan| {
        let edits = [("two_persons_above = 10000 ", "two_persons_above = 100 ")];
        write_shop_file(&plan.dir, &edits);
        let both = format!("owner@jinliu.example,{SECOND}");
        plan.env.insert("ADMIN_EMAILS".to_owned(), both);
    })
    .await
}

/// An order that was paid so and delivered, and PAYUNi has captured it.
pub(crate) async fn delivered(town: &Town, method: &str) -> String {
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let paid = buyer.pays(&sealed, method).await;
    if matches!(method, "atm" | "cvs") {
        let pay = format!("/_sandbox/trades/{}/pay", paid.trade_no);
        town.control(town.payuni(&pay), json!({})).await;
    }
    town.becomes(&sealed.order_no, "fulfilled").await;
    town.payuni_passes(10).await;
    sealed.order_no
}

async fn refunds(town: &Town, no: &str) -> Vec<Refund> {
    let ledger = &town.world.shop.app.ledger;
    ledger.refunds(&no.parse().unwrap()).await.unwrap()
}

pub(crate) async fn reaches(town: &Town, no: &str, state: RefundState) {
    until(&format!("the refund is {}", state.as_str()), async || {
        let known = refunds(town, no).await;
        known.last().is_some_and(|refund| refund.state == state)
    })
    .await;
}

/// What the trail says that persons and the shop did about an order: code and detail.
pub(crate) async fn trail(town: &Town, no: &str, action: &str) -> Vec<(String, String)> {
    let ledger = &town.world.shop.app.ledger;
    let rows = ledger.trail(&no.parse().unwrap()).await.unwrap();
    rows.into_iter()
        .filter(|row| row.action == action || row.code == action)
        .map(|row| (row.code, row.detail))
        .collect()
}

pub(crate) fn asks_at(no: &str) -> String {
    format!("/admin/orders/{no}/refunds")
}

/// The refund form of an order's page, with a reason chosen.
pub(crate) async fn refund_form(admin: &Shopper, no: &str) -> Fields {
    let page = admin.opens(&format!("/admin/orders/{no}")).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let mut form = form_to(&page.body, &asks_at(no)).expect("a form to refund with");
    form.insert("reason".to_owned(), "buyer".to_owned());
    form
}

pub(crate) fn with(form: &Fields, name: &str, value: &str) -> Fields {
    let mut form = form.clone();
    form.insert(name.to_owned(), value.to_owned());
    form
}

pub(crate) async fn sends(admin: &Shopper, path: &str, form: &Fields) -> Page {
    let pairs: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    admin.posts(path, &pairs).await
}

/// Presses a button of the order's page: the form that posts to this path, with what is typed into it.
async fn presses(admin: &Shopper, no: &str, path: &str, typed: &[(&str, &str)]) -> Page {
    let page = admin.opens(&format!("/admin/orders/{no}")).await;
    let mut form = form_to(&page.body, path).expect("the button");
    for (name, value) in typed {
        form.insert((*name).to_owned(), (*value).to_owned());
    }
    sends(admin, path, &form).await
}

pub(crate) fn went_back_to(page: &Page, path: &str) {
    assert_eq!(page.status, 303, "{}", page.body);
    assert_eq!(page.location.as_deref(), Some(path));
}

pub(crate) fn to_the_refunds(page: &Page, no: &str) {
    went_back_to(page, &format!("/admin/orders/{no}#refunds"));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_administrator_finds_nothing_and_moves_nothing() {
    let town = town_of_two().await;
    let no = delivered(&town, "card").await;
    let owner = town.shopper("owner").await;
    let form = refund_form(&owner, &no).await;
    to_the_refunds(&sends(&owner, &asks_at(&no), &form).await, &no);
    let refund = refunds(&town, &no).await[0].clone();
    town.tells(&genuine(&paid_card("APP2-77", "T9", "680")))
        .await;
    let case = case_of(&town, "APP2-77").await;
    let before = town.money().await;
    let doors = [
        asks_at(&no),
        format!("/admin/refunds/{}/approve", refund.no),
        format!("/admin/refunds/{}/reject", refund.no),
        format!("/admin/refunds/{}/transferred", refund.no),
        format!("/admin/refunds/{}/resolve", refund.no),
        format!("/admin/cases/{case}/decide"),
    ];
    for account in ["buyer1", "unverified"] {
        let shopper = town.shopper(account).await;
        let csrf = form_to(&shopper.opens("/").await.body, "/auth/logout").unwrap();
        let own_token = with(&csrf, "reason", "buyer");
        for door in &doors {
            assert_eq!(
                sends(&shopper, door, &own_token).await.status,
                404,
                "{door}"
            );
            assert_eq!(
                sends(&town.stranger(), door, &form).await.status,
                401,
                "{door}"
            );
        }
        let page = shopper.opens(&format!("/admin/cases/{case}")).await;
        assert_eq!(page.status, 404, "{account}");
    }
    // An administrator's own browser, but a form that is not of this session.
    for door in &doors {
        let foreign = with(&Fields::new(), "csrf", "AAAAAAAA");
        assert_eq!(sends(&owner, door, &foreign).await.status, 403, "{door}");
        let absent = Fields::new();
        assert_eq!(sends(&owner, door, &absent).await.status, 403, "{door}");
        let more = with(&with(&form, "approver", "me"), "state", "done");
        assert_eq!(sends(&owner, door, &more).await.status, 422, "{door}");
    }
    let csrf = form["csrf"].as_str();
    let twice = [("csrf", csrf), ("reason", "a"), ("reason", "b")];
    assert_eq!(owner.posts(&doors[5], &twice).await.status, 400);
    for nowhere in ["/admin/cases/9999", "/admin/cases/x", "/admin/orders/x"] {
        assert_eq!(owner.opens(nowhere).await.status, 404, "{nowhere}");
    }
    assert_eq!(town.money().await, before);
    assert_eq!(refunds(&town, &no).await, [refund]);
}

/// Sets Google's clock by the shop's, which ran ahead.
async fn google_keeps_up(town: &Town) {
    let url = town.google("/_sandbox/clock");
    let theirs = town.look(url.clone()).await["now_ms"].as_i64().unwrap();
    let behind = town.world.shop.app.clock.now().as_millisecond() - theirs;
    town.control(url, json!({"advance_s": behind / 1000, "rate": 600}))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_sign_in_moves_nothing_until_it_is_renewed() {
    // The shop lives ten minutes in a second, so that a sign-in grows old.
    let town = Town::planned(|plan| {
        write_shop_file(
            &plan.dir,
            &[("sign_in_minutes = 5 ", "sign_in_minutes = 60 ")],
        );
        plan.rate = 600;
    })
    .await;
    let no = delivered(&town, "card").await;
    let owner = town.shopper("owner").await;
    let form = refund_form(&owner, &no).await;
    let path = format!("/admin/orders/{no}");
    let mut page = String::new();
    until("the sign-in has grown old", async || {
        page = owner.opens(&path).await.body;
        page.contains("請重新登入以確認是您本人")
    })
    .await;
    assert!(form_to(&page, &asks_at(&no)).is_none());
    let late = sends(&owner, &asks_at(&no), &form).await;
    assert_eq!(late.status, 403);
    assert!(late.body.contains("登入的時間太久了"), "{}", late.body);
    assert!(refunds(&town, &no).await.is_empty());
    assert!(
        town.metrics()
            .await
            .contains("jinliu_refused_total{code=\"L2.stale_sign_in\"} 1")
    );
    // The page's own way to sign in leads back to it, and to a form.
    let way = late.body.split("href=\"/auth/google?next=/admin/").nth(1);
    let way = way.unwrap().split('"').next().unwrap();
    let way = format!("/auth/google?next=/admin/{}", way.replace("&#38;", "&"));
    assert!(way.ends_with("&account=choose"), "{way}");
    google_keeps_up(&town).await;
    let begun = owner.opens(&way).await.location.unwrap();
    let back = owner.opens(&owner.chooses(&begun, "owner").await).await;
    went_back_to(&back, &path);
    let form = refund_form(&owner, &no).await;
    to_the_refunds(&sends(&owner, &asks_at(&no), &form).await, &no);
    reaches(&town, &no, RefundState::Done).await;
    assert_eq!(town.status(&no).await, "refunded");
}

#[tokio::test(flavor = "multi_thread")]
async fn above_the_limit_another_administrator_agrees() {
    let town = town_of_two().await;
    let no = delivered(&town, "card").await;
    let (owner, second) = (town.shopper("owner").await, town.shopper("buyer2").await);
    let form = refund_form(&owner, &no).await;
    to_the_refunds(&sends(&owner, &asks_at(&no), &form).await, &no);
    let refund = refunds(&town, &no).await[0].clone();
    assert_eq!(refund.state, RefundState::Requested);
    let page = second.opens("/admin").await.body;
    assert!(page.contains("待核准 1") && page.contains(&no));
    let approve = format!("/admin/refunds/{}/approve", refund.no);
    // The requester's page has no such button, and the request made without it is refused.
    let page = owner.opens(&format!("/admin/orders/{no}")).await.body;
    assert!(form_to(&page, &approve).is_none() && page.contains("要由另一位管理員核准"));
    let own = with(&Fields::new(), "csrf", &form["csrf"]);
    let refused = sends(&owner, &approve, &own).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body.contains("申請的人不能自己核准"));
    assert_eq!(refunds(&town, &no).await, std::slice::from_ref(&refund));
    let page = second.opens(&format!("/admin/orders/{no}")).await.body;
    let button = form_to(&page, &approve).expect("a button to approve with");
    to_the_refunds(&sends(&second, &approve, &button).await, &no);
    // The second click comes too late.
    assert_eq!(sends(&second, &approve, &button).await.status, 409);
    reaches(&town, &no, RefundState::Done).await;
    assert_eq!(town.status(&no).await, "refunded");
    let done = refunds(&town, &no).await[0].clone();
    assert_ne!(done.approver, Some(done.requester));
    let codes: Vec<String> = trail(&town, &no, "refund")
        .await
        .into_iter()
        .map(|(code, _)| code)
        .collect();
    assert_eq!(codes, ["requested", "reserved", "sent", "done"]);
    let page = owner.opens(&format!("/admin/orders/{no}")).await.body;
    assert!(page.contains(SECOND) && page.contains("已退款"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_is_rejected_with_a_reason_and_its_amount_is_free_again() {
    let town = town_of_two().await;
    let no = delivered(&town, "card").await;
    let (owner, second) = (town.shopper("owner").await, town.shopper("buyer2").await);
    let form = refund_form(&owner, &no).await;
    let other = with(&form, "reason", "other");
    let missing = sends(&owner, &asks_at(&no), &other).await;
    assert_eq!(missing.status, 422);
    assert!(missing.body.contains("請填寫理由"));
    let noted = with(&other, "note", "包裝 <破損>");
    to_the_refunds(&sends(&owner, &asks_at(&no), &noted).await, &no);
    let refund = refunds(&town, &no).await[0].clone();
    assert_eq!(refund.reason, "其他：包裝 <破損>");
    let reject = format!("/admin/refunds/{}/reject", refund.no);
    for (reason, status) in [("  ", 422), ("字".repeat(301).as_str(), 422)] {
        let page = presses(&second, &no, &reject, &[("reason", reason)]).await;
        assert_eq!(page.status, status, "{}", page.body);
    }
    let done = presses(&second, &no, &reject, &[("reason", "買家改變主意")]).await;
    to_the_refunds(&done, &no);
    reaches(&town, &no, RefundState::Rejected).await;
    assert_eq!(town.status(&no).await, "fulfilled");
    let rows = trail(&town, &no, "refund").await;
    assert!(rows[1].1.contains("買家改變主意"), "{rows:?}");
    assert_eq!(refund_form(&owner, &no).await["amount"], form["amount"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_clicks_make_one_refund() {
    let town = Town::new().await;
    let no = delivered(&town, "card").await;
    let owner = town.shopper("owner").await;
    let form = with(&refund_form(&owner, &no).await, "amount", "100");
    let clicks = (0..8).map(|_| {
        let request = owner
            .client
            .post(town.shop(&asks_at(&no)))
            .header("origin", &owner.shop)
            .form(&form);
        tokio::spawn(async move { Shopper::read(request.send().await.unwrap()).await })
    });
    for click in clicks.collect::<Vec<_>>() {
        to_the_refunds(&click.await.unwrap(), &no);
    }
    reaches(&town, &no, RefundState::Done).await;
    assert_eq!(refunds(&town, &no).await.len(), 1);
    assert_eq!(town.book(&no).await.refunded(), 100);
    assert_eq!(town.status(&no).await, "partially_refunded");
    // The same form with another amount is not the same wish.
    let other = sends(&owner, &asks_at(&no), &with(&form, "amount", "200")).await;
    assert_eq!(other.status, 409);
    assert_eq!(refunds(&town, &no).await.len(), 1);
    let buyer = town.shopper("buyer1").await;
    let page = buyer.opens(&format!("/orders/{no}")).await.body;
    assert!(page.contains("部分退款") && page.contains("NT$ 100"));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_amount_but_a_whole_one_within_what_is_left() {
    let town = Town::new().await;
    let no = delivered(&town, "card").await;
    let owner = town.shopper("owner").await;
    let form = refund_form(&owner, &no).await;
    for wrong in [
        "",
        "0",
        "-1",
        "1.5",
        "1,000",
        "1e3",
        "０",
        "abc",
        "9999999999",
    ] {
        let page = sends(&owner, &asks_at(&no), &with(&form, "amount", wrong)).await;
        assert_eq!(page.status, 422, "{wrong}");
        assert!(page.body.contains("金額請填大於 0 的整數"), "{wrong}");
    }
    let more = with(&with(&form, "amount", "681"), "note", "還記得我");
    let page = sends(&owner, &asks_at(&no), &more).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("最多只能再退 NT$ 680"), "{}", page.body);
    let again = form_to(&page.body, &asks_at(&no)).unwrap();
    assert_eq!(again["amount"], "681", "what was typed is not lost");
    assert_eq!(again["note"], "還記得我");
    let strange = with(&form, "trade_no", "1700000000000000099");
    assert_eq!(sends(&owner, &asks_at(&no), &strange).await.status, 422);
    let unnamed = with(&form, "refund_no", "R1");
    assert_eq!(sends(&owner, &asks_at(&no), &unnamed).await.status, 400);
    assert!(refunds(&town, &no).await.is_empty());
    assert_eq!(town.status(&no).await, "fulfilled");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_does_not_answer_is_no_reason_to_begin() {
    let town = Town::new().await;
    let no = delivered(&town, "card").await;
    let owner = town.shopper("owner").await;
    let form = with(&refund_form(&owner, &no).await, "amount", "70");
    town.fault(json!({"kind": "query_error", "times": null}))
        .await;
    let page = sends(&owner, &asks_at(&no), &form).await;
    assert_eq!(page.status, 503);
    assert!(page.body.contains("現在問不到 PAYUNi，錢沒有退"));
    assert!(refunds(&town, &no).await.is_empty());
    town.no_more_faults().await;
    let again = form_to(&page.body, &asks_at(&no)).unwrap();
    assert_eq!(again["amount"], "70");
    let again = with(&again, "reason", "buyer");
    to_the_refunds(&sends(&owner, &asks_at(&no), &again).await, &no);
    reaches(&town, &no, RefundState::Done).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_paid_at_a_store_is_transferred_by_hand_and_recorded_once() {
    let town = Town::new().await;
    let no = delivered(&town, "cvs").await;
    let owner = town.shopper("owner").await;
    let page = owner.opens(&format!("/admin/orders/{no}")).await.body;
    assert!(page.contains("沒有辦法由 PAYUNi 原路退回"));
    let form = refund_form(&owner, &no).await;
    to_the_refunds(&sends(&owner, &asks_at(&no), &form).await, &no);
    assert!(owner.opens("/admin").await.body.contains("等待匯款 1"));
    assert_eq!(town.status(&no).await, "fulfilled");
    let refund = refunds(&town, &no).await[0].clone();
    let transferred = format!("/admin/refunds/{}/transferred", refund.no);
    let page = owner.opens(&format!("/admin/orders/{no}")).await.body;
    let button = form_to(&page, &transferred).expect("a button");
    to_the_refunds(&sends(&owner, &transferred, &button).await, &no);
    assert_eq!(sends(&owner, &transferred, &button).await.status, 409);
    assert_eq!(town.status(&no).await, "refunded");
    assert_eq!(town.charged(&no).await, 680, "PAYUNi moved nothing");
    let approve = format!("/admin/refunds/{}/resolve", refund.no);
    let said = with(&with(&button, "happened", "yes"), "reason", "看過");
    assert_eq!(sends(&owner, &approve, &said).await.status, 409);
}

/// Takes the order's last refund to where its answer was lost, so long ago.
pub(crate) async fn loses_track(town: &Town, no: &str, minutes: i64) -> Refund {
    let app = &town.world.shop.app;
    let seen = refunds(town, no).await.pop().unwrap();
    let sent_at = app.clock.now() - SignedDuration::from_mins(minutes);
    let step = |step, due| RefundMove {
        step,
        word: String::new(),
        baseline: Some(0),
        total: None,
        due: Some(due),
    };
    let later = app.clock.now() + SignedDuration::from_hours(24);
    let send = step(Move::Send, later);
    let sent = app.ledger.move_refund(&seen, send, sent_at).await.unwrap();
    let lose = step(Move::LoseTrack, later);
    app.ledger.move_refund(&sent, lose, sent_at).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn only_after_long_doubt_a_persons_word_about_payunis_console_counts() {
    let town = Town::new().await;
    let no = delivered(&town, "card").await;
    let owner = town.shopper("owner").await;
    let app = &town.world.shop.app;
    let trade = town.book(&no).await.payments()[0].trade_no.clone();
    // Asked for while PAYUNi does not answer: it does not leave by itself.
    town.fault(json!({"kind": "query_error", "times": null}))
        .await;
    for (seed, minutes) in [(1, 29), (2, 31)] {
        let new = NewRefund {
            no: RefundNo::mint([seed; 10]),
            order: no.parse().unwrap(),
            trade_no: trade.clone(),
            amount: Twd::new(100).unwrap(),
            how: How::Gateway,
            reason: "買家要求".to_owned(),
            alone_up_to: u32::MAX,
            form_key: seed.to_string(),
        };
        let actor = crate::refunds::owner(&town).await;
        let now = app.clock.now();
        app.ledger.request_refund(new, actor, now).await.unwrap();
        let refund = loses_track(&town, &no, minutes).await;
        let resolve = format!("/admin/refunds/{}/resolve", refund.no);
        let page = owner.opens(&format!("/admin/orders/{no}")).await.body;
        assert!(page.contains("正在向 PAYUNi 查證，不會重送"));
        let form = form_to(&page, &resolve);
        if minutes < 30 {
            assert!(form.is_none());
            let csrf = &form_to(&page, "/auth/logout").unwrap()["csrf"];
            let early = with(&with(&Fields::new(), "csrf", csrf), "reason", "看過");
            let early = with(&early, "happened", "no");
            assert_eq!(sends(&owner, &resolve, &early).await.status, 409);
            assert_eq!(refunds(&town, &no).await, std::slice::from_ref(&refund));
            let (seen, later) = (refund, app.clock.now());
            let end = RefundMove {
                step: Move::Succeed,
                word: String::new(),
                baseline: None,
                total: None,
                due: None,
            };
            app.ledger.move_refund(&seen, end, later).await.unwrap();
        } else {
            assert!(owner.opens("/admin").await.body.contains("不確定 1"));
            let form = with(&form.expect("a form"), "happened", "yes");
            assert_eq!(sends(&owner, &resolve, &form).await.status, 422);
            let form = with(&form, "reason", "後台顯示已退 100 元");
            to_the_refunds(&sends(&owner, &resolve, &form).await, &no);
            reaches(&town, &no, RefundState::Done).await;
            let rows = trail(&town, &no, "refund").await;
            assert!(rows.last().unwrap().1.contains("後台顯示已退 100 元"));
        }
    }
}
