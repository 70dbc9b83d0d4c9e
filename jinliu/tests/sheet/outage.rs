//! Google is down for ten minutes, and the shop sells on.

use crate::desk::{EVENTS, ORDERS, fast_town, member};
use crate::shopper::until;
use serde_json::json;
use std::{collections::BTreeSet, time::Duration, time::Instant};

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_orders_of_an_outage_appear_once_each_and_in_order() {
    let town = fast_town(60).await;
    until("the tabs are made", async || {
        town.tab(ORDERS).await.len() == 1 && !town.tab(EVENTS).await.is_empty()
    })
    .await;
    let who = member(town.ledger(), "100000000000000000007", "王小明").await;
    town.written().await;
    let ends = town
        .control(town.google("/_sandbox/outage"), json!({"seconds": 600}))
        .await["until"]
        .as_str()
        .unwrap()
        .parse::<jiff::Timestamp>()
        .unwrap();

    let mut placed = town.orders(&who, 100).await;
    let begun = Instant::now();
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    placed.push(sealed.order_no.clone());
    buyer.pays(&sealed, "card").await;
    town.becomes(&sealed.order_no, "fulfilled").await;
    let took = begun.elapsed();
    placed.extend(town.orders(&who, 99).await);
    assert_eq!(placed.len(), 200);
    assert!(
        took < Duration::from_secs(5),
        "from sign-in to delivery: {took:?}"
    );
    assert!(
        town.world.shop.app.clock.now() < ends,
        "all this was during the outage"
    );
    assert_eq!(
        town.tab(ORDERS).await.len(),
        1,
        "nothing reached Google meanwhile"
    );
    assert!(town.waiting().await >= 200);
    let trouble = town.world.shop.app.sheet_trouble.list();
    assert!(trouble[0].what.contains("訂單與付款照常"), "{trouble:?}");

    town.written().await;
    assert!(
        town.world.shop.app.clock.now() >= ends,
        "not before its end"
    );
    assert_eq!(
        town.keys(ORDERS).await,
        placed,
        "once each, in the order of their commits"
    );
    assert_eq!(town.cell(ORDERS, &sealed.order_no, "狀態").await, "已完成");
    for no in placed.iter().filter(|no| **no != sealed.order_no) {
        assert_eq!(town.status(no).await, "pending");
    }
    let events = town.keys(EVENTS).await;
    assert_eq!(events.iter().collect::<BTreeSet<_>>().len(), events.len());
    assert!(events.len() >= 3, "paid, asked, delivered: {events:?}");
    town.keeps_the_quota().await;
    until("the back office is at ease again", async || {
        town.world.shop.app.sheet_trouble.list().is_empty()
    })
    .await;
    town.world.stop().await.unwrap();
}

/// A steady stream of orders, so that the writer always has something to write.
#[tokio::test(flavor = "multi_thread")]
async fn a_busy_shop_stays_within_the_quota() {
    let town = fast_town(30).await;
    let who = member(town.ledger(), "100000000000000000008", "陳美玲").await;
    let start = town.world.shop.app.clock.now();
    let mut placed = Vec::new();
    while town.world.shop.app.clock.now() < start + jiff::SignedDuration::from_secs(150) {
        placed.extend(town.orders(&who, 1).await);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    town.written().await;
    assert_eq!(town.keys(ORDERS).await, placed);
    town.keeps_the_quota().await;
    town.world.stop().await.unwrap();
}
