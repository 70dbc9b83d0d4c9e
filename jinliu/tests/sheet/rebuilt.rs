//! The sheet is a projection: thrown away, or set up years later, it is written anew from the ledger.

use crate::desk::{EVENTS, MEMBERS, ORDERS, PRODUCTS, fast_town, member, order, patient_shop};
use crate::shopper::Town;
use crate::shopper::until;
use jinliu::{
    running::Shop,
    world::{Plan, World},
};
use ledger::Topic;
use orders::fact::Ending;
use serde_json::json;
use shop::{
    app::Parts,
    settings::{Mode, Settings},
};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread")]
async fn tabs_that_were_deleted_are_written_anew_and_the_others_left_alone() {
    let town = fast_town(60).await;
    let who = member(town.ledger(), "100000000000000000009", "吳小姐").await;
    let mut placed = town.orders(&who, 5).await;
    let clock = town.world.shop.app.clock.clone();
    let first = placed[0].parse().unwrap();
    town.ledger()
        .end(&first, Ending::Cancelled, clock.now())
        .await
        .unwrap();
    town.written().await;
    let events = town.tab(EVENTS).await;
    assert_eq!(events.len(), 2, "one thing happened: {events:?}");
    town.by_hand(MEMBERS, |rows| rows[1][1] = json!("吳小姐（改）"))
        .await;

    town.deletes(&[ORDERS, EVENTS]).await;
    placed.extend(town.orders(&who, 1).await);
    until("all orders are back, oldest first", async || {
        town.keys(ORDERS).await == placed
    })
    .await;
    town.written().await;
    assert_eq!(town.cell(ORDERS, &placed[0], "狀態").await, "已取消");
    assert_eq!(town.tab(EVENTS).await, events);
    assert_eq!(
        town.cell(MEMBERS, &who.sub, "姓名").await,
        "吳小姐（改）",
        "a tab that was not lost is not written anew"
    );
    town.keeps_the_quota().await;
    town.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_spreadsheet_gets_what_an_old_one_had() {
    let town = fast_town(60).await;
    let who = member(town.ledger(), "100000000000000000010", "蔡先生").await;
    let placed = town.orders(&who, 5).await;
    town.written().await;
    town.by_hand(PRODUCTS, |rows| rows[1][3] = json!(703)).await;
    until("the new price is known", async || {
        let tea = town.world.shop.app.catalogue.offered("tea");
        tea.is_some_and(|tea| tea.price.dollars() == 703)
    })
    .await;

    let Town {
        world,
        folder,
        outside,
        ..
    } = town;
    world.stop().await.unwrap();
    std::fs::remove_file(folder.path().join("data/sandbox/google.json")).unwrap();
    patient_shop(folder.path());
    let world = World::start(Plan::in_folder(folder.path())).await.unwrap();
    let town = Town {
        world,
        folder,
        outside,
        deliveries: Arc::default(),
    };
    until("all orders are there", async || {
        town.keys(ORDERS).await == placed
    })
    .await;
    town.written().await;
    assert_eq!(town.keys(MEMBERS).await, [who.sub]);
    assert_eq!(
        town.cell(PRODUCTS, "tea", "售價").await,
        "703",
        "the last good price, not the file's"
    );
    town.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_sheet_each_thing_waits_once_and_is_written_when_one_is_set() {
    let folder = tempfile::tempdir().unwrap();
    patient_shop(folder.path());
    let mut settings = Settings::from_env(Mode::Demo, &|_| None, folder.path()).unwrap();
    settings.sheet = None;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let shop = Shop::start(listener, settings, Parts::default()).unwrap();
    let ledger = Arc::clone(&shop.app.ledger);
    let mut placed = Vec::new();
    for round in 0..10 {
        // Signing in again and again is no news.
        let who = member(&ledger, "100000000000000000011", "鄭小姐").await;
        placed.push(order(&ledger, &who, "茶", jiff::Timestamp::now()).await);
        let no = placed[round / 2].parse().unwrap();
        let now = jiff::Timestamp::now();
        ledger.end(&no, Ending::Cancelled, now).await.unwrap();
        ledger
            .write_again(Topic::SheetOrder, &placed[0], now)
            .await
            .unwrap();
    }
    assert_eq!(ledger.backlog(Topic::SheetOrder).await.unwrap(), (10, 0));
    assert_eq!(ledger.backlog(Topic::SheetMember).await.unwrap(), (1, 0));
    let page = reqwest::get(format!("http://{}/", shop.addr))
        .await
        .unwrap();
    assert_eq!(page.status(), 200);
    shop.stop().await.unwrap();
    drop(ledger);

    let world = World::start(Plan::in_folder(folder.path())).await.unwrap();
    let town = Town {
        world,
        folder: folder.into(),
        outside: reqwest::Client::new(),
        deliveries: Arc::default(),
    };
    until("all orders are there", async || {
        town.keys(ORDERS).await == placed
    })
    .await;
    town.written().await;
    assert_eq!(town.cell(ORDERS, &placed[0], "狀態").await, "已取消");
    assert_eq!(town.cell(ORDERS, &placed[9], "狀態").await, "待付款");
    town.world.stop().await.unwrap();
}
