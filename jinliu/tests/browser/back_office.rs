//! The shop owner's pages, pages for what goes wrong, and a shop with little or nothing to sell.

use anyhow::Result;
use serde_json::json;

use crate::visit::{GOOD_CARD, Visit};

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_amount_waits_for_the_owner_and_for_nobody_else() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    visit.sign_in("buyer1").await?;
    let good = visit.goes_to_pay("tea").await?;
    visit.pays_by_card(GOOD_CARD, "123").await?;
    visit.at_order(&good).await?;
    visit.order_is("已完成").await?;
    visit
        .town
        .fault(json!({"kind": "wrong_amount_notice", "times": null}))
        .await;
    visit
        .town
        .fault(json!({"kind": "query_error", "times": null}))
        .await;
    let odd = visit.goes_to_pay("cup").await?;
    visit.pays_by_card(GOOD_CARD, "123").await?;
    visit.at_order(&odd).await?;
    visit.town.becomes(&odd, "review").await;
    visit.order_is("人工確認中").await?;
    visit.look("order-review").await?;
    visit.without_faults().await?;
    visit
        .town
        .fault(json!({"kind": "query_error", "times": null}))
        .await;
    let unconfirmed = visit.goes_to_pay("socks").await?;
    visit.pays_by_card(GOOD_CARD, "123").await?;
    visit.at_order(&unconfirmed).await?;
    visit.order_is("已付款").await?;
    visit.look("order-paid").await?;
    visit.no_complaints().await?;

    visit.shop("/admin").await?;
    browser.read("找不到這一頁").await?;
    visit.complained_only_of(404).await?;
    visit.look("error-404").await?;
    browser.click("header .member button").await?;
    visit.sign_in("buyer2").await?;
    for path in [format!("/orders/{odd}"), "/admin".to_owned()] {
        visit.shop(&path).await?;
        browser.read("找不到這一頁").await?;
        visit.complained_only_of(404).await?;
    }

    browser.click("header .member button").await?;
    visit.sign_in("owner").await?;
    browser.click("header a[href='/admin']").await?;
    browser.read("待人工處理").await?;
    browser.read(&odd).await?;
    visit.look("admin").await?;
    browser
        .click(&format!("a[href='/admin/orders/{odd}']"))
        .await?;
    browser.read("事實紀錄").await?;
    visit.look("admin-order").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_and_plain_pages_are_friendly() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    visit.shop("/orders").await?;
    browser.see("main").await?;
    visit.look("sign-in-needed").await?;
    browser.complaints().await?;
    for topic in ["terms", "privacy", "refund", "delivery"] {
        visit.shop(&format!("/about/{topic}")).await?;
        browser.see(".prose h1").await?;
        visit.no_complaints().await?;
    }
    visit.look("about").await?;
    visit.shop("/").await?;
    visit.sign_in("buyer1").await?;
    // A form that was not ours, as far as its token says.
    visit
        .ask("document.querySelector('form.buy [name=csrf]').value = 'stale'")
        .await?;
    visit.checked("tea").await?;
    browser.click("form.buy button").await?;
    browser.read("頁面放太久了").await?;
    visit.complained_only_of(403).await?;
    visit.look("error-403").await?;
    visit.shop("/").await?;
    browser.go(&visit.town.google("/")).await?;
    visit.look("google-home").await?;
    browser.go(&visit.town.payuni("/settings")).await?;
    visit.look("payuni-settings").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shop_with_little_and_one_with_nothing() -> Result<()> {
    let product = |id: &str, name: &str, stock: u32| {
        format!(
            "[[product]]\nid = \"{id}\"\nname = \"{name}\"\nprice = 1280\nstock = {stock}\nactive = true\n"
        )
    };
    let shelf = [
        product("gone", "賣完的杯子", 0),
        product("few", "沒有照片的提袋", 2),
    ]
    .concat();
    let visit = Visit::with_shop_file(&shelf).await?;
    let browser = &visit.browser;
    browser.read("已售完").await?;
    browser.read("僅剩 2 件").await?;
    visit.sign_in("buyer1").await?;
    visit.look("storefront-sold-out").await?;
    visit.end().await?;

    let visit = Visit::with_shop_file("[shop]\nname = \"空空商店\"\n").await?;
    visit.browser.read("目前沒有商品").await?;
    visit.look("storefront-empty").await?;
    visit.end().await
}
