//! Money that goes back: through PAYUNi, by hand, in PAYUNi's own console, and where answers are lost. Judged by both books.

use crate::{
    back_office::loses_track,
    shopper::{Shopper, Town, until},
};
use jiff::Timestamp;
use ledger::{Actor, DeskError, NewRefund};
use orders::{CannotRefund, How, Refund, RefundNo, RefundState, Twd};
use serde_json::{Value, json};
use shop::{
    flow::step_7_reconcile::sweep,
    gateway::{Given, Way},
    refunds::{NotBegun, Wish, begin},
};

/// A town whose shop lives ten minutes in a second, so that nobody waits for what takes minutes.
async fn quick_town() -> Town {
    Town::planned(|plan| plan.rate = 600).await
}

/// The shop's owner, signed in, as somebody who may move money.
pub(crate) async fn owner(town: &Town) -> Actor {
    let shopper = town.shopper("owner").await;
    let cookies = shopper.cookies();
    let session = cookies
        .split("; ")
        .find_map(|cookie| cookie.strip_prefix("session="))
        .unwrap();
    let app = &town.world.shop.app;
    let id_hash = app.cookies.keyed("session", session);
    let (row, _) = app.ledger.session(&id_hash).await.unwrap().unwrap();
    Actor {
        member: row.member,
        session: id_hash,
        signed_in_since: Timestamp::UNIX_EPOCH,
        admins: app.settings.admin_emails.clone(),
    }
}

/// An order that was paid so, and delivered.
async fn delivered(town: &Town, buyer: &Shopper, method: &str) -> (String, String) {
    let sealed = buyer.checks_out().await;
    let paid = buyer.pays(&sealed, method).await;
    if matches!(method, "atm" | "cvs") {
        let pay = format!("/_sandbox/trades/{}/pay", paid.trade_no);
        town.control(town.payuni(&pay), json!({})).await;
    }
    town.becomes(&sealed.order_no, "fulfilled").await;
    (sealed.order_no, paid.trade_no)
}

fn wish(order: &str, trade: &str, amount: u32, seed: u8) -> Wish {
    Wish {
        no: RefundNo::mint([seed; 10]),
        order: order.parse().unwrap(),
        trade_no: trade.parse().unwrap(),
        amount: Twd::new(amount).unwrap(),
        reason: "買家要求".into(),
    }
}

async fn asks_for(
    town: &Town,
    order: &str,
    trade: &str,
    amount: u32,
    seed: u8,
) -> Result<Refund, NotBegun> {
    let actor = owner(town).await;
    let app = &town.world.shop.app;
    begin(app, wish(order, trade, amount, seed), actor).await
}

async fn reaches(town: &Town, refund: &Refund, state: RefundState) {
    let ledger = &town.world.shop.app.ledger;
    let what = format!("refund {} is {}", refund.no, state.as_str());
    until(&what, async || {
        let now = ledger.refund(&refund.no).await.unwrap().unwrap();
        now.state == state
    })
    .await;
}

/// The refunds that PAYUNi's own books hold of a trade.
async fn refunds_there(town: &Town, order: &str, trade: &str) -> Vec<Value> {
    let trades = town.trades(order).await;
    let trade = trades.iter().find(|known| known["trade_no"] == trade);
    trade.unwrap()["refunds"].as_array().cloned().unwrap()
}

async fn price(town: &Town, order: &str) -> u32 {
    town.book(order).await.order().amount.dollars()
}

async fn captured(town: &Town) {
    town.payuni_passes(10).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_goes_back_in_parts_and_never_more_than_it_brought() {
    let town = quick_town().await;
    let buyer = town.shopper("buyer1").await;
    let (no, trade) = delivered(&town, &buyer, "card").await;
    let whole = price(&town, &no).await;
    captured(&town).await;
    let first = asks_for(&town, &no, &trade, 100, 1).await.unwrap();
    reaches(&town, &first, RefundState::Done).await;
    assert_eq!(town.status(&no).await, "partially_refunded");
    // The same form again is the same refund.
    let same = asks_for(&town, &no, &trade, 100, 1).await.unwrap();
    assert_eq!((same.no, same.state), (first.no, RefundState::Done));
    captured(&town).await;
    let too_much = asks_for(&town, &no, &trade, whole - 99, 2).await;
    assert!(
        matches!(
            too_much,
            Err(NotBegun::Desk(DeskError::Cannot(CannotRefund::TooMuch { left }))) if left == whole - 100
        ),
        "{too_much:?}"
    );
    let rest = asks_for(&town, &no, &trade, whole - 100, 3).await.unwrap();
    reaches(&town, &rest, RefundState::Done).await;
    assert_eq!(town.status(&no).await, "refunded");
    let there = refunds_there(&town, &no, &trade).await;
    let sums: Vec<u64> = there
        .iter()
        .map(|r| r["amount"].as_u64().unwrap())
        .collect();
    assert_eq!(sums, [100, u64::from(whole) - 100]);
    assert_eq!(town.book(&no).await.refunded(), u64::from(whole));
    assert_eq!(town.deliveries.of(&no), 1);
    town.books_agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_asked_about_and_never_sent_again() {
    let town = quick_town().await;
    let buyer = town.shopper("buyer1").await;
    let (no, trade) = delivered(&town, &buyer, "card").await;
    captured(&town).await;
    town.fault(json!({"kind": "refund_lost", "mer_trade_no": no, "times": 1}))
        .await;
    let refund = asks_for(&town, &no, &trade, 200, 1).await.unwrap();
    let ledger = &town.world.shop.app.ledger;
    until("it is in doubt", async || {
        let trail = ledger.trail(&no.parse().unwrap()).await.unwrap();
        trail.iter().any(|row| row.code == "in_doubt")
    })
    .await;
    captured(&town).await;
    reaches(&town, &refund, RefundState::Done).await;
    assert_eq!(refunds_there(&town, &no, &trade).await.len(), 1);
    assert_eq!(town.book(&no).await.refunded(), 200);
    town.books_agree().await;
}

/// PAYUNi may show a refund late, and a person may err: what left once is looked for before it leaves again.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_taken_for_nothing_is_not_sent_again() {
    let town = Town::planned(|plan| plan.rate = 60).await;
    let buyer = town.shopper("buyer1").await;
    let (no, trade) = delivered(&town, &buyer, "card").await;
    captured(&town).await;
    let actor = owner(&town).await;
    let app = &town.world.shop.app;
    town.fault(json!({"kind": "query_error", "times": null}))
        .await;
    let wish = NewRefund {
        no: RefundNo::mint([1; 10]),
        order: no.parse().unwrap(),
        trade_no: trade.parse().unwrap(),
        amount: Twd::new(200).unwrap(),
        how: How::Gateway,
        reason: "買家要求".to_owned(),
        alone_up_to: u32::MAX,
        form_key: "1".to_owned(),
    };
    let (order, trade_no, amount) = (wish.order.clone(), wish.trade_no.clone(), wish.amount);
    let now = app.clock.now();
    let made = app.ledger.request_refund(wish, actor.clone(), now).await;
    let refund = loses_track(&town, &no, 31).await;
    assert_eq!(made.unwrap().no, refund.no);
    // It did arrive, whatever the person then reads in the console.
    let given = app
        .gateway
        .give_back(&order, &trade_no, Way::Close, amount)
        .await;
    assert_eq!(given, Given::Done);
    let now = app.clock.now();
    let wrong = app
        .ledger
        .resolve_refund(&refund.no, false, "後台沒看到".into(), actor, now)
        .await;
    assert_eq!(wrong.unwrap().state, RefundState::Reserved);
    town.no_more_faults().await;
    reaches(&town, &refund, RefundState::Done).await;
    assert_eq!(refunds_there(&town, &no, &trade).await.len(), 1);
    assert_eq!(town.book(&no).await.refunded(), 200);
    town.books_agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clicks_at_once_are_one_refund() {
    let town = quick_town().await;
    let buyer = town.shopper("buyer1").await;
    let (no, trade) = delivered(&town, &buyer, "card").await;
    captured(&town).await;
    let whole = price(&town, &no).await;
    let actor = owner(&town).await;
    let app = &town.world.shop.app;
    let clicks = (0..16).map(|_| begin(app, wish(&no, &trade, whole, 1), actor.clone()));
    for click in futures_util::future::join_all(clicks).await {
        assert_eq!(click.unwrap().amount.dollars(), whole);
    }
    town.becomes(&no, "refunded").await;
    assert_eq!(refunds_there(&town, &no, &trade).await.len(), 1);
    town.books_agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_capture_it_is_a_void() {
    let town = quick_town().await;
    let switches = town.outside.put(town.payuni("/_sandbox/switches"));
    let set = switches.json(&json!({"auto_capture": false})).send().await;
    assert!(set.unwrap().status().is_success());
    let buyer = town.shopper("buyer1").await;
    let (no, trade) = delivered(&town, &buyer, "card").await;
    let whole = price(&town, &no).await;
    let part = asks_for(&town, &no, &trade, 1, 1).await;
    assert!(
        matches!(
            part,
            Err(NotBegun::Desk(DeskError::Cannot(CannotRefund::WholeOnly)))
        ),
        "{part:?}"
    );
    let refund = asks_for(&town, &no, &trade, whole, 2).await.unwrap();
    reaches(&town, &refund, RefundState::Done).await;
    assert_eq!(town.status(&no).await, "refunded");
    assert_eq!(town.charged(&no).await, 0);
    assert!(refunds_there(&town, &no, &trade).await.is_empty());
    town.books_agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wallet_goes_back_by_its_own_way_and_a_store_by_hand() {
    let town = quick_town().await;
    let buyer = town.shopper("buyer1").await;
    let (no, trade) = delivered(&town, &buyer, "linepay").await;
    let refund = asks_for(&town, &no, &trade, 50, 1).await.unwrap();
    reaches(&town, &refund, RefundState::Done).await;
    assert_eq!(refunds_there(&town, &no, &trade).await.len(), 1);
    let (no, trade) = delivered(&town, &buyer, "cvs").await;
    let whole = price(&town, &no).await;
    let refund = asks_for(&town, &no, &trade, whole, 2).await.unwrap();
    assert_eq!(refund.how, How::ByHand);
    let ledger = &town.world.shop.app.ledger;
    let now = town.world.shop.app.clock.now();
    assert!(ledger.due_refunds(now, 10).await.unwrap().is_empty());
    let actor = owner(&town).await;
    ledger.finish_by_hand(&refund.no, actor, now).await.unwrap();
    assert_eq!(town.status(&no).await, "refunded");
    assert!(refunds_there(&town, &no, &trade).await.is_empty());
    town.books_agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_in_payunis_console_is_found() {
    let town = quick_town().await;
    let buyer = town.shopper("buyer1").await;
    for finite in ["query", "json"] {
        let switches = town.outside.put(town.payuni("/_sandbox/switches"));
        let set = switches.json(&json!({"finite_inner": finite})).send().await;
        assert!(set.unwrap().status().is_success());
        let (back, back_trade) = delivered(&town, &buyer, "card").await;
        captured(&town).await;
        let path = format!("/_sandbox/trades/{back_trade}/refund");
        town.control(town.payuni(&path), json!({"amount": 30}))
            .await;
        captured(&town).await;
        // A payment whose notice and whose first answers were lost, found long after the offer had ended.
        let app = &town.world.shop.app;
        assert_eq!(town.book(&back).await.refunded(), 0);
        let swept = sweep(app).await.unwrap();
        assert_eq!(swept.due(), 1, "{finite}");
        town.becomes(&back, "partially_refunded").await;
        assert_eq!(town.book(&back).await.refunded(), 30);
        assert_eq!(sweep(app).await.unwrap().due(), 0, "{finite}");
    }
    town.books_agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_that_payuni_takes_back_waits_for_a_person() {
    let town = quick_town().await;
    let switches = town.outside.put(town.payuni("/_sandbox/switches"));
    let set = switches.json(&json!({"refund_delay_s": 600})).send().await;
    assert!(set.unwrap().status().is_success());
    let buyer = town.shopper("buyer1").await;
    let (no, trade) = delivered(&town, &buyer, "card").await;
    captured(&town).await;
    let refund = asks_for(&town, &no, &trade, 100, 1).await.unwrap();
    reaches(&town, &refund, RefundState::Done).await;
    let undo = payuni::close::CloseRequest {
        trade_no: payuni::TradeNo::parse(&trade).unwrap(),
        kind: payuni::close::CloseType::UndoRefund,
        timestamp: Timestamp::now(),
    };
    let sealed = payuni::Ask::seal(&undo, &crate::evidence::merchant()).unwrap();
    let undone = town
        .outside
        .post(town.payuni("/api/trade/close"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(sealed.form_body())
        .send()
        .await
        .unwrap();
    assert!(undone.status().is_success());
    assert_eq!(sweep(&town.world.shop.app).await.unwrap().due(), 1);
    reaches(&town, &refund, RefundState::Reversed).await;
    assert_eq!(town.cases(refund.no.as_str()).await, ["L5.refund_reversed"]);
    town.every_case_is_counted().await;
    // Its amount may go back again.
    let again = asks_for(&town, &no, &trade, 100, 2).await.unwrap();
    reaches(&town, &again, RefundState::Done).await;
    town.payuni_passes(700).await;
    town.books_agree().await;
}
