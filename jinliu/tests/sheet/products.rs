//! The owner's products are read from the sheet; what an order costs was fixed when it was placed.

use crate::desk::{ORDERS, PRODUCTS, fast_town, patient_shop};
use crate::shopper::{Town, until};
use jiff::SignedDuration;
use jinliu::world::{Plan, World};
use ledger::Topic;
use serde_json::{Value, json};

/// A price as the storefront shows it.
fn price(dollars: u32) -> String {
    orders::Twd::new(dollars).unwrap().for_people()
}

async fn sets(town: &Town, id: &str, column: &str, value: Value) {
    town.by_hand(PRODUCTS, |rows| {
        let place = rows[0].iter().position(|title| title == column).unwrap();
        let row = rows.iter_mut().find(|row| row[0] == id).unwrap();
        row[place] = value;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_edits_prices_stock_and_makes_mistakes() {
    let town = fast_town(10).await;
    let names = ["tea", "cup", "bag", "coffee", "notebook", "socks"];
    until("a new sheet has the file's products", async || {
        town.keys(PRODUCTS).await == names
    })
    .await;
    let buyer = town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    town.written().await;

    let clock = &town.world.shop.app.clock;
    let edited = clock.now();
    sets(&town, "tea", "售價", json!(701)).await;
    until("the storefront has the new price", async || {
        buyer.opens("/").await.body.contains(&price(701))
    })
    .await;
    let took = clock.now().duration_since(edited);
    assert!(took <= SignedDuration::from_secs(30), "{took}");

    // What was agreed stays agreed.
    let no = sealed.order_no.parse().unwrap();
    let book = town.ledger().book(&no).await.unwrap().unwrap();
    assert_eq!(book.order().amount.dollars(), 680);
    town.ledger()
        .write_again(Topic::SheetOrder, no.as_str(), clock.now())
        .await
        .unwrap();
    town.written().await;
    assert_eq!(town.cell(ORDERS, no.as_str(), "金額").await, "680");

    // A row that cannot be read is skipped and named; the others stay.
    sets(&town, "cup", "售價", json!("1,280 元")).await;
    let owner = town.shopper("owner").await;
    until("the back office names the row", async || {
        let page = owner.opens("/admin").await.body;
        page.contains("商品第 3 列") && page.contains("售價")
    })
    .await;
    let page = buyer.opens("/").await.body;
    assert!(!page.contains("鶯歌手作對杯") && page.contains("三峽藍染帆布提袋"));
    sets(&town, "cup", "售價", json!(1280)).await;
    until("it is back", async || {
        buyer.opens("/").await.body.contains("鶯歌手作對杯")
    })
    .await;

    // One is held by the order above: with 可賣數量 1 it is sold out, on the page and at the checkout.
    let form = buyer.finds_form().await;
    sets(&town, "tea", "可賣數量", json!(1)).await;
    until("the shelf knows", async || {
        let tea = town.world.shop.app.catalogue.offered("tea");
        tea.and_then(|tea| tea.stock) == Some(1)
    })
    .await;
    let fields: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    let refused = buyer.posts("/checkout", &fields).await;
    assert_eq!(refused.status, 409, "{}", refused.body);
    assert_eq!(town.keys(ORDERS).await, [no.to_string()]);

    // Taken off the shelf.
    sets(&town, "bag", "上架", json!("否")).await;
    until("it is gone", async || {
        !buyer.opens("/").await.body.contains("三峽藍染帆布提袋")
    })
    .await;
    town.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_last_good_catalogue_outlives_google_and_a_restart() {
    let town = fast_town(60).await;
    until("the products are there", async || {
        town.keys(PRODUCTS).await.len() == 6
    })
    .await;
    sets(&town, "tea", "售價", json!(702)).await;
    let visitor = town.stranger();
    until("the new price is known", async || {
        visitor.opens("/").await.body.contains(&price(702))
    })
    .await;
    town.control(town.google("/_sandbox/outage"), json!({"seconds": 36_000}))
        .await;
    let shelf = || town.world.shop.app.catalogue.shelf();
    until("the shelf knows that it is old", async || {
        shelf().stale_since.is_some()
    })
    .await;
    assert_eq!(shelf().products.len(), 6);
    assert!(visitor.opens("/").await.body.contains(&price(702)));

    let Town { world, folder, .. } = town;
    world.stop().await.unwrap();
    patient_shop(folder.path());
    let mut plan = Plan::in_folder(folder.path());
    // A port where nobody listens.
    plan.env
        .insert("SHEETS_API_URL".to_owned(), "http://localhost:9".to_owned());
    let world = World::start(plan).await.unwrap();
    // The very first page, before any job has run.
    let page = reqwest::get(format!("{}/", world.shop_url)).await.unwrap();
    let page = page.text().await.unwrap();
    assert!(
        page.contains(&price(702)) && !page.contains(&price(680)),
        "{page}"
    );
    world.stop().await.unwrap();
}
