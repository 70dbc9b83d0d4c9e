//! A newcomer's whole way: from the storefront to a fulfilled order and its row in the sheet.

use anyhow::{Result, ensure};
use serde_json::json;
use thirtyfour::Key;

use crate::visit::{GOOD_CARD, Visit};

#[tokio::test(flavor = "multi_thread")]
async fn a_newcomer_buys_with_a_card_typed_on_the_keyboard_alone() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    browser.read("登入後購買").await?;
    visit.look("storefront-signed-out").await?;

    browser.click(".product .about > .button").await?;
    browser.see("#chooser").await?;
    visit.look("google-chooser").await?;
    visit.choose("buyer1").await?;
    browser.see("header .member").await?;
    visit.shop("/orders").await?;
    visit.look("orders-empty").await?;
    visit.shop("/").await?;
    visit.checked("tea").await?;
    visit.look("storefront-signed-in").await?;

    // The notice is held back, and PAYUNi answers no question, so that the page is open before the news comes.
    let town = &visit.town;
    town.fault(json!({"kind": "drop_notice", "times": 1})).await;
    town.fault(json!({"kind": "query_error", "times": null}))
        .await;
    let no = visit.goes_to_pay("tea").await?;
    browser.read("NT$ 680").await?;
    browser.read("阿里山高山烏龍茶").await?;
    visit.look("payuni-upp").await?;
    visit.tab_to("credit-number").await?;
    visit.press(GOOD_CARD).await?;
    for text in ["12/30", "123"] {
        visit.press(Key::Tab).await?;
        visit.press(text).await?;
    }
    visit.press(Key::Enter).await?;

    visit.at_order(&no).await?;
    visit.order_is("付款確認中").await?;
    visit.look("order-confirming").await?;
    visit.rely_on_events().await?;
    visit.without_faults().await?;
    visit.at_the_counter(&no, "resend").await?;
    visit.order_is("已完成").await?;
    visit.was_not_reloaded().await?;
    visit.look("order-fulfilled").await?;
    ensure!(browser.page().title().await?.starts_with("已完成"));

    browser.click(".status .button").await?;
    browser.arrive("/receipt").await?;
    browser.read("本收據為交易明細").await?;
    browser.read(&no).await?;
    browser.read("0001").await?;
    visit.look("receipt").await?;

    browser.click(".sandbox a[href*='/sheets/']").await?;
    browser
        .until("the sheet's page has the order's row", async || {
            browser.page().refresh().await?;
            let text = browser.text().await?;
            Ok(text.contains(&no) && text.contains("已完成"))
        })
        .await?;
    visit.look("sheet").await?;
    visit.shop("/orders").await?;
    browser.read(&no).await?;
    visit.end().await
}
