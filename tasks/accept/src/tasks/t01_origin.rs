//! Task 1: a product's origin, from the sheet to the page, the order and the order's row.

use crate::{
    Stage,
    judge::{Judge, Seen},
    old_ledger::{OLD_ORDER, with_an_old_ledger},
    setup::{SHOP_FILE, Setup},
    town::Town,
    wait::until,
};
use anyhow::Result;
use serde_json::{Value, json};

const ORIGIN: &str = "南投縣鹿谷鄉";
const MOVED: &str = "嘉義縣阿里山鄉";
/// What a careless owner might paste: a formula and markup at once.
const NASTY: &str = "=1+1<i>";

/// The hints of the task's page.
const SETTINGS: u8 = 1;
const SHEET: u8 = 2;
const LEDGER: u8 = 3;
const PAGES: u8 = 4;

pub(super) async fn run(stage: &Stage, judge: &mut Judge) -> Result<()> {
    from_the_sheet(stage, judge).await?;
    from_the_file(stage, judge).await?;
    an_old_ledger(stage, judge).await
}

/// The owner types the origin into the sheet; it is shown, frozen at checkout, and written into the order's row.
async fn from_the_sheet(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let mut town = Town::open(stage, Setup::apart()).await?;
    let buyer = town.person("buyer1").await?;
    let before = town.sells(&buyer, "tea").await?;
    judge.kept(
        "沒有產地的商品照樣賣，只交付一次",
        LEDGER,
        &Seen::equal(&town.deliveries(&before)?, &1),
    );
    town.has_its_sheet().await?;
    for tab in ["商品", "訂單"] {
        let header = town.tab(tab).await?.header.join("、");
        judge.goal(
            &format!("試算表「{tab}」分頁有「產地」這一欄"),
            SHEET,
            &Seen::contains(&header, "產地"),
        );
    }
    edits(&town, "tea", ORIGIN, 701).await?;
    edits(&town, "cup", NASTY, 1280).await?;
    town.starts_again().await?;
    shows_price(&town, judge, "NT$ 701").await?;

    let page = buyer.opens("/").await?;
    let shown = judge.goal(
        "商品卡片寫出產地",
        PAGES,
        &Seen::contains(&page.words(), &format!("產地：{ORIGIN}")),
    );
    judge.kept(
        "產地裡的 HTML 不會變成標籤",
        PAGES,
        &Seen::lacks(&page.body, "<i>"),
    );
    let english = buyer.opens("/?lang=en").await?.words();
    judge.goal(
        "英文頁面寫 Origin",
        PAGES,
        &Seen::contains(&english, &format!("Origin: {ORIGIN}")),
    );
    buyer.opens("/?lang=zh-TW").await?;

    let (sold, nasty) = (
        town.sells(&buyer, "tea").await?,
        town.sells(&buyer, "cup").await?,
    );
    rows(&town, judge, &sold, &nasty).await?;
    // What was agreed at checkout stays, whatever the owner types later.
    edits(&town, "tea", MOVED, 702).await?;
    town.starts_again().await?;
    shows_price(&town, judge, "NT$ 702").await?;
    let page = buyer.opens(&format!("/orders/{sold}")).await?.words();
    judge.goal(
        "訂單頁寫出下單時的產地",
        LEDGER,
        &Seen::contains(&page, &format!("產地：{ORIGIN}")),
    );
    judge.kept(
        "商家後來改了產地，舊訂單不跟著變",
        LEDGER,
        &Seen::lacks(&page, MOVED),
    );
    if shown {
        let page = buyer.opens(&format!("/orders/{before}")).await?.words();
        judge.kept(
            "下單時沒有產地的訂單，頁面上也沒有",
            LEDGER,
            &Seen::lacks(&page, "產地"),
        );
    }
    town.audited(judge).await?;
    Ok(())
}

/// The orders' rows of the sheet.
async fn rows(town: &Town, judge: &mut Judge, sold: &str, nasty: &str) -> Result<()> {
    for no in [sold, nasty] {
        let done = |status: &str| status == "已完成";
        town.cell_holds("訂單", no, "狀態", done).await?;
    }
    let tab = town.tab("訂單").await?;
    let cell = |no: &str, title: &str| tab.cell(no, title).unwrap_or_default();
    judge.kept(
        "試算表的訂單列金額不變",
        SHEET,
        &Seen::equal(&cell(sold, "金額"), &"701"),
    );
    judge.goal(
        "試算表的訂單列寫出產地",
        SHEET,
        &Seen::equal(&cell(sold, "產地"), &ORIGIN),
    );
    judge.goal(
        "產地以 = 開頭時，訂單列裡前面加了 '，匯出後也不會變成公式",
        SHEET,
        &Seen::equal(&cell(nasty, "產地"), &format!("'{NASTY}")),
    );
    Ok(())
}

/// A shop without a sheet's own products takes the origin from `jinliu.toml`, and a new sheet is filled with it.
async fn from_the_file(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let file = SHOP_FILE.replace(
        "name = \"高山烏龍茶\"",
        &format!("name = \"高山烏龍茶\"\norigin = \"{ORIGIN}\""),
    );
    let what = "jinliu.toml 的 [[product]] 可以寫 origin";
    let town = match Town::tries(stage, Setup::demo().shop_file(&file)).await? {
        Ok(town) => town,
        Err(refused) => {
            let seen = Seen::that(false, "商店照常開張", &refused.words);
            judge.goal(what, SETTINGS, &seen);
            return Ok(());
        }
    };
    let page = town.stranger()?.opens("/").await?.words();
    let seen = Seen::contains(&page, &format!("產地：{ORIGIN}"));
    judge.goal(what, SETTINGS, &seen);
    let cell = town
        .cell_holds("商品", "tea", "產地", |origin| !origin.is_empty())
        .await?;
    judge.goal(
        "新的試算表裡，商品帶著 jinliu.toml 的產地",
        SHEET,
        &Seen::equal(&cell.unwrap_or_default(), &ORIGIN),
    );
    Ok(())
}

/// A ledger from before the change.
async fn an_old_ledger(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let what = "升級前的帳本打得開，舊訂單還在";
    let mut town = Town::prepare(stage, Setup::demo()).await?;
    with_an_old_ledger(&town)?;
    if let Err(refused) = town.starts().await? {
        judge.kept(
            what,
            LEDGER,
            &Seen::that(false, "商店照常開張", &refused.words),
        );
        return Ok(());
    }
    let buyer = town.person("buyer1").await?;
    let page = buyer.opens(&format!("/orders/{OLD_ORDER}")).await?.words();
    judge.kept(what, LEDGER, &Seen::contains(&page, "NT$ 680"));
    town.audited_alone(judge).await?;
    Ok(())
}

/// The owner types an origin and a price. Where the tab has no such column yet, they add it.
async fn edits(town: &Town, product: &str, origin: &str, price: u32) -> Result<()> {
    town.types("商品", |rows| {
        let column = |rows: &[Vec<Value>], title: &str| {
            let header = rows.first()?;
            header.iter().position(|known| known == title)
        };
        let place = column(rows, "產地").unwrap_or_else(|| {
            for row in rows.iter_mut() {
                row.push(Value::Null);
            }
            let last = rows.first().map_or(0, |header| header.len() - 1);
            if let Some(cell) = rows.first_mut().and_then(|header| header.last_mut()) {
                *cell = json!("產地");
            }
            last
        });
        let price_at = column(rows, "售價");
        let row = rows
            .iter_mut()
            .find(|row| row.first().is_some_and(|cell| cell == product));
        if let Some(row) = row {
            for (place, value) in [(Some(place), json!(origin)), (price_at, json!(price))] {
                if let Some(cell) = place.and_then(|place| row.get_mut(place)) {
                    *cell = value;
                }
            }
        }
    })
    .await
}

/// Waits until the storefront has a price of the sheet's, and with it all that was typed at once.
async fn shows_price(town: &Town, judge: &mut Judge, price: &str) -> Result<()> {
    let visitor = town.stranger()?;
    let mut words = String::new();
    until(async || {
        words = visitor.opens("/").await?.words();
        Ok(words.contains(price))
    })
    .await?;
    let what = format!("商家在試算表改的價錢（{price}）上了架");
    judge.kept(&what, SHEET, &Seen::contains(&words, price));
    Ok(())
}
