//! The shop owner's pages, pages for what goes wrong, and a shop with little or nothing to sell.

use anyhow::Result;
use serde_json::json;
use thirtyfour::Key;

use crate::browser::Screen;
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

/// Presses Tab until the field of this name, or a button that says this, has the focus.
async fn tabs_to(visit: &Visit, target: &str) -> Result<()> {
    let focus = "const at = document.activeElement; return at?.name || at?.innerText || ''";
    for _ in 0..80 {
        visit.press(Key::Tab).await?;
        if visit.ask(focus).await?.as_str() == Some(target) {
            return Ok(());
        }
    }
    anyhow::bail!("eighty times Tab did not lead to {target}")
}

/// Looks at an order's back-office page again and again until its newest refund says this.
async fn newest_refund_is(visit: &Visit, no: &str, state: &str) -> Result<()> {
    let script = "return document.querySelector('.refunds li .tag')?.innerText ?? ''";
    visit
        .browser
        .until(&format!("the newest refund says {state}"), async || {
            visit.shop(&format!("/admin/orders/{no}")).await?;
            Ok(visit.ask(script).await?.as_str() == Some(state))
        })
        .await
}

/// Nothing on the page is wider than a phone of 360 pixels; tables scroll in frames of their own.
async fn fits_a_phone(visit: &Visit) -> Result<()> {
    visit.browser.look_at(Screen::Phone).await?;
    let script = "return document.documentElement.scrollWidth <= window.innerWidth";
    let fits = visit.ask(script).await?;
    visit.browser.look_at(Screen::Desktop).await?;
    anyhow::ensure!(fits == json!(true), "the page is wider than the phone");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_gives_a_card_back_in_part_and_then_whole_without_a_mouse() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    visit.sign_in("buyer1").await?;
    let no = visit.goes_to_pay("tea").await?;
    visit.pays_by_card(GOOD_CARD, "123").await?;
    visit.at_order(&no).await?;
    visit.order_is("已完成").await?;
    let captured = visit.town.payuni("/_sandbox/clock");
    visit.town.control(captured, json!({"advance_s": 10})).await;
    browser.click("header .member button").await?;
    visit.sign_in("owner").await?;
    let page = format!("/admin/orders/{no}");
    visit.shop(&page).await?;
    fits_a_phone(&visit).await?;
    visit.look("admin-refund-form").await?;
    // A field that Tab leads to is selected whole: typing replaces what the shop prepared.
    tabs_to(&visit, "amount").await?;
    visit.press("9999").await?;
    tabs_to(&visit, "note").await?;
    visit.press("少寄一罐").await?;
    visit.press(Key::Enter).await?;
    browser.read("最多只能再退 NT$ 680").await?;
    visit.complained_only_of(422).await?;
    visit.look("admin-refund-too-much").await?;
    tabs_to(&visit, "amount").await?;
    visit.press("100").await?;
    tabs_to(&visit, "退款").await?;
    visit.press(Key::Enter).await?;
    browser.arrive(&format!("{page}#refunds")).await?;
    newest_refund_is(&visit, &no, "已退款").await?;
    browser.read("買家要求：少寄一罐").await?;
    browser.read("部分退款").await?;
    visit.look("admin-refund-part").await?;
    // What is left stands in the form already.
    let captured = visit.town.payuni("/_sandbox/clock");
    visit.town.control(captured, json!({"advance_s": 10})).await;
    let left = "return document.querySelector('input[name=amount]').value";
    anyhow::ensure!(visit.ask(left).await? == json!("580"));
    tabs_to(&visit, "退款").await?;
    visit.press(Key::Enter).await?;
    browser.arrive(&format!("{page}#refunds")).await?;
    newest_refund_is(&visit, &no, "已退款").await?;
    browser.read("這筆付款沒有可退的金額").await?;
    anyhow::ensure!(visit.town.status(&no).await == "refunded");
    visit.look("admin-refund-whole").await?;
    visit.no_complaints().await?;
    browser.click("header .member button").await?;
    visit.sign_in("buyer1").await?;
    visit.shop(&format!("/orders/{no}")).await?;
    visit.order_is("已退款").await?;
    visit.look("order-refunded").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_closes_a_case_without_a_mouse_and_the_order_goes_on() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    visit.sign_in("buyer1").await?;
    visit
        .town
        .fault(json!({"kind": "wrong_amount_notice", "times": 1}))
        .await;
    let no = visit.goes_to_pay("tea").await?;
    visit.pays_by_card(GOOD_CARD, "123").await?;
    visit.at_order(&no).await?;
    visit.order_is("人工確認中").await?;
    browser.click("header .member button").await?;
    visit.sign_in("owner").await?;
    visit.shop("/admin").await?;
    fits_a_phone(&visit).await?;
    browser.click("a[href^='/admin/cases/']").await?;
    browser.read("金額不同的通知不會被當成付款").await?;
    fits_a_phone(&visit).await?;
    visit.look("admin-case").await?;
    tabs_to(&visit, "reason").await?;
    visit.press("後台查過，實收 680").await?;
    tabs_to(&visit, "結案").await?;
    visit.press(Key::Enter).await?;
    browser.read("owner@jinliu.example").await?;
    browser.read("後台查過，實收 680").await?;
    visit.look("admin-case-closed").await?;
    visit.town.becomes(&no, "fulfilled").await;
    visit.shop("/admin").await?;
    browser.read("沒有需要處理的項目").await?;
    browser.click("details summary").await?;
    browser.read("後台查過，實收 680").await?;
    visit.look("admin-closed").await?;
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
