//! A gateway that fails, lies or is late, and a ledger that cannot be written: nothing is lost, nothing is delivered early.

use crate::{
    evidence::{genuine, outer, paid_card},
    shopper::{Sealed, Shopper, Town, until},
};
use async_trait::async_trait;
use orders::{Order, book::Confirmed};
use serde_json::json;
use shop::fulfilment::{Fulfilment, FulfilmentError};
use std::sync::{Arc, Mutex};

pub(crate) const OFTEN: (&str, &str) = (
    "waits_seconds = [20, 60, 180, 600, 1800, 3600]",
    "waits_seconds = [1]",
);

#[tokio::test(flavor = "multi_thread")]
async fn money_is_recorded_while_the_query_fails_and_delivered_once_it_works() {
    let town = Town::tuned(&[OFTEN], 1).await;
    let buyer = town.shopper("buyer1").await;
    let mut numbers = Vec::new();
    for fault in [
        "query_unpaid",
        "query_data_source_b",
        "query_error",
        "query_timeout",
    ] {
        let sealed = buyer.checks_out().await;
        let no = sealed.order_no.clone();
        town.fault(json!({"kind": fault, "mer_trade_no": no, "delay_s": 0}))
            .await;
        buyer.pays(&sealed, "card").await;
        assert_eq!(town.answered(&no).await, (200, "OK".to_owned()), "{fault}");
        town.becomes(&no, "paid").await;
        numbers.push(no);
    }
    // Each was asked about, in vain, at least twice.
    until("every fault has struck twice", async || {
        let faults = town.look(town.payuni("/_sandbox/faults")).await;
        faults["faults"]
            .as_array()
            .unwrap()
            .iter()
            .all(|fault| fault["hits"].as_u64() >= Some(2))
    })
    .await;
    for no in &numbers {
        assert_eq!(town.status(no).await, "paid");
        assert_eq!(town.deliveries.of(no), 0);
    }
    town.no_more_faults().await;
    for no in &numbers {
        town.is_settled_once(no).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_the_gateway_keeps_denying_goes_to_a_person() {
    let town = Town::tuned(&[OFTEN], 120).await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let no = sealed.order_no.clone();
    town.fault(json!({"kind": "query_unpaid", "mer_trade_no": no}))
        .await;
    buyer.pays(&sealed, "card").await;
    town.becomes(&no, "review").await;
    assert_eq!(town.deliveries.of(&no), 0);
    let waiting = town.world.shop.app.ledger.exceptions(10).await.unwrap();
    let codes: Vec<&str> = waiting.iter().map(|row| row.code.as_str()).collect();
    assert_eq!(codes, ["L5.contradiction"]);
    // The gateway comes to agree with itself: that is known too, and still nothing happens by itself.
    town.no_more_faults().await;
    town.world
        .shop
        .app
        .ledger
        .ask_all(town.world.shop.app.clock.now())
        .await
        .unwrap();
    until("the answer is a fact", async || {
        let facts = town.world.shop.app.ledger.facts(&no.parse().unwrap()).await;
        facts
            .unwrap()
            .iter()
            .any(|fact| fact.meaning.starts_with("asked/") && fact.meaning.contains("/paid/"))
    })
    .await;
    assert_eq!(town.status(&no).await, "review");
    assert_eq!(town.deliveries.of(&no), 0);
}

/// Hands over only at the third time of asking, as a parcel service does that is down for a while.
#[derive(Default)]
struct DownTwice(Mutex<Vec<String>>);

#[async_trait]
impl Fulfilment for DownTwice {
    async fn deliver(&self, key: &str, _: &Order, _: &Confirmed) -> Result<(), FulfilmentError> {
        let mut asked = self.0.lock().unwrap();
        asked.push(key.to_owned());
        match asked.len() {
            ..3 => Err(FulfilmentError("down".to_owned())),
            _ => Ok(()),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_fails_is_made_later() {
    let service = Arc::new(DownTwice::default());
    let town = Town::planned(|plan| {
        plan.fulfilment = Some(Arc::clone(&service) as Arc<dyn Fulfilment>);
        plan.rate = 60;
    })
    .await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    buyer.pays(&sealed, "card").await;
    town.becomes(no, "fulfilled").await;
    let asked = service.0.lock().unwrap().clone();
    assert_eq!(asked, vec![format!("fulfil:{no}"); 3], "one key for all");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_out_after_charging_is_not_a_failure() {
    let town = Town::tuned(&[OFTEN], 1).await;
    let buyer = town.shopper("buyer1").await;
    let told = buyer.checks_out().await;
    let untold = buyer.checks_out().await;
    for sealed in [&told, &untold] {
        town.fault(json!({"kind": "timeout_after_charge", "mer_trade_no": sealed.order_no}))
            .await;
    }
    town.fault(json!({"kind": "drop_notice", "mer_trade_no": untold.order_no}))
        .await;
    for sealed in [&told, &untold] {
        let paid = buyer.pays(sealed, "card").await;
        assert!(
            paid.back.is_none(),
            "the buyer saw an error and was not sent back"
        );
        town.is_settled_once(&sealed.order_no).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn notices_that_were_reordered_doubled_corrupted_or_sent_again_after_days() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let pay = |trade: &str| town.payuni(&format!("/_sandbox/trades/{trade}/pay"));

    // "Issued" overtaken by "paid".
    let reordered = buyer.checks_out().await;
    let no = &reordered.order_no;
    town.fault(json!({"kind": "reorder_notices", "mer_trade_no": no, "times": 1}))
        .await;
    let paid = buyer.pays(&reordered, "atm").await;
    town.control(pay(&paid.trade_no), json!({})).await;
    until("both were delivered", async || {
        let notices = town.messages(no, "notice").await;
        notices.len() == 2 && notices.iter().all(|notice| notice["post"] == "delivered")
    })
    .await;
    town.is_settled_once(no).await;

    let doubled = buyer.checks_out().await;
    town.fault(json!({"kind": "duplicate_notice", "mer_trade_no": doubled.order_no}))
        .await;
    let trade = buyer.pays(&doubled, "card").await.trade_no;
    town.is_settled_once(&doubled.order_no).await;

    // A corrupted notice is refused; PAYUNi's own books still have the money, and asking finds it.
    let corrupt = buyer.checks_out().await;
    town.fault(json!({"kind": "corrupt_notice", "mer_trade_no": corrupt.order_no}))
        .await;
    buyer.pays(&corrupt, "card").await;
    assert_eq!(town.answered(&corrupt.order_no).await.0, 401);
    town.is_unpaid(&corrupt.order_no, "pending").await;
    town.asks().await;
    town.is_settled_once(&corrupt.order_no).await;

    let before = town.money().await;
    for days in [1, 31, 365] {
        town.payuni_passes(days * 86_400).await;
        town.control(
            town.payuni(&format!("/_sandbox/trades/{trade}/resend")),
            json!({}),
        )
        .await;
        assert_eq!(
            town.answered(&doubled.order_no).await,
            (200, "OK".to_owned())
        );
    }
    town.is_settled_once(&doubled.order_no).await;
    assert_eq!(town.money().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_equal_notices_at_once_are_one_payment() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    town.fault(json!({"kind": "drop_notice", "mer_trade_no": no}))
        .await;
    buyer.pays(&sealed, "card").await;
    let notice = outer(&town.messages(no, "notice").await[0]);
    // More than any limit of the pages, from one address: a genuine notice is never turned away.
    let answers: Vec<_> = (0..200)
        .map(|_| {
            let request = town.outside.post(town.shop("/payuni/notify")).form(&notice);
            tokio::spawn(async move { Shopper::read(request.send().await.unwrap()).await })
        })
        .collect();
    for answer in answers {
        let answer = answer.await.unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "OK"));
    }
    town.is_settled_once(no).await;
    let told = town
        .facts(no)
        .await
        .iter()
        .filter(|fact| fact.starts_with("told/"))
        .count();
    assert_eq!(told, 1);
}

/// Opens the ledger's file beside the shop, as a stuck backup would.
fn rival(town: &Town) -> rusqlite::Connection {
    rusqlite::Connection::open(town.folder.path().join("data/jinliu.db")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_is_not_acknowledged() {
    let town = Town::new().await;
    let buyer = town.shopper("buyer1").await;
    let sealed: Sealed = buyer.checks_out().await;
    let no = &sealed.order_no;
    let amount = town.book(no).await.order().amount.dollars().to_string();
    town.fault(json!({"kind": "drop_notice", "mer_trade_no": no}))
        .await;
    let trade = buyer.pays(&sealed, "card").await.trade_no;
    let notice = genuine(&paid_card(no, &trade, &amount));
    let rival = rival(&town);
    rival.execute_batch("BEGIN IMMEDIATE").unwrap();
    let (told, ready) = tokio::join!(town.tells(&notice), town.stranger_opens("/readyz"));
    assert_eq!(told.status, 503, "{}", told.body);
    assert_ne!(told.body, "OK");
    assert_eq!(ready.status, 503);
    assert_eq!(
        buyer.opens(&format!("/orders/{no}")).await.status,
        200,
        "readers go on"
    );
    rival.execute_batch("ROLLBACK").unwrap();
    assert!(
        !town
            .facts(no)
            .await
            .iter()
            .any(|fact| fact.starts_with("told/")),
        "what was refused left nothing"
    );
    assert_eq!(town.tells(&notice).await.body, "OK");
    town.is_settled_once(no).await;
    until("it is ready again", async || {
        town.stranger_opens("/readyz").await.status == 200
    })
    .await;
}

impl Town {
    async fn stranger_opens(&self, path: &str) -> crate::shopper::Page {
        self.stranger().opens(path).await
    }
}
