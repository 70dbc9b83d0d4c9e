//! Without script, without a mouse, in the other language, and with a change of mind.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::visit::{GOOD_CARD, Visit, buy_button};

#[tokio::test(flavor = "multi_thread")]
async fn everything_works_without_script() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    browser.scripts(false).await?;
    visit.shop("/").await?;
    visit.sign_in("buyer1").await?;
    let town = &visit.town;
    town.fault(json!({"kind": "drop_notice", "times": 1})).await;
    town.fault(json!({"kind": "query_error", "times": null}))
        .await;
    browser.click(&buy_button("socks")).await?;
    browser.see("#handover button").await?;
    visit.look("handover").await?;
    browser.click("#handover button").await?;
    let no = visit.at_payuni().await?;
    visit.pays_by_card(GOOD_CARD, "123").await?;
    browser.click("#return-submit").await?;
    visit.at_order(&no).await?;
    visit.order_is("付款確認中").await?;
    ensure!(visit.shows("meta[http-equiv=refresh]").await?);
    visit.without_faults().await?;
    visit.at_the_counter(&no, "resend").await?;
    // The page loads itself anew until there is nothing more to wait for.
    visit.order_is("已完成").await?;
    ensure!(!visit.shows("meta[http-equiv=refresh]").await?);
    browser.click(".status .button").await?;
    browser.read("本收據為交易明細").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_mind_at_google_and_a_change_of_language() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    browser.click("header .button").await?;
    visit.choose("cancel").await?;
    browser.read("您取消了 Google 登入").await?;
    visit.look("sign-in-cancelled").await?;
    browser.click("main .button").await?;
    visit.choose("buyer2").await?;
    browser.see("header .member").await?;

    visit.shop("/").await?;
    browser.click("header a[hreflang=en]").await?;
    browser.read("Sign out").await?;
    ensure!(visit.ask("return document.documentElement.lang").await? == json!("en"));
    visit.look("storefront-en").await?;
    visit.shop("/orders").await?;
    browser.read("My orders").await?;
    let no = visit.goes_to_pay("tea").await?;
    visit.pays_by_card(GOOD_CARD, "123").await?;
    visit.at_order(&no).await?;
    visit.order_is("Completed").await?;
    visit.look("order-fulfilled-en").await?;
    browser.click("header a[hreflang='zh-TW']").await?;
    visit.order_is("已完成").await?;

    browser.click("header .member button").await?;
    browser.see("header a.button[href^='/auth/google']").await?;
    visit.no_complaints().await?;
    visit.shop(&format!("/orders/{no}")).await?;
    ensure!(
        !browser.text().await?.contains(&no),
        "signed out, yet shown"
    );
    visit.browser.complaints().await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_quicker_than_the_bot_check_waits_and_is_not_refused() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    visit.sign_in("buyer1").await?;
    visit.checked("tea").await?;
    visit
        .ask(
            "const field = document.querySelector('form.buy [name=cf-turnstile-response]');
             window.token = field.value; field.value = ''",
        )
        .await?;
    browser.click(&buy_button("tea")).await?;
    browser.see("form.buy button[aria-disabled=true]").await?;
    visit
        .ask("document.querySelector('form.buy [name=cf-turnstile-response]').value = window.token")
        .await?;
    visit.at_payuni().await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_storefront_is_walked_with_the_keyboard() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    visit.sign_in("buyer1").await?;
    visit.checked("tea").await?;
    let mut stops = Vec::new();
    for _ in 0..12 {
        visit.press(thirtyfour::Key::Tab).await?;
        let stop = visit
            .ask(
                "const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
                 return {
                   what: at.className === 'skip' ? 'skip' : at.closest('.sandbox') ? 'sandbox' : at.closest('header') ? 'header'
                     : at.matches('select') ? 'quantity' : at.closest('form.buy') ? 'buy' : at.tagName,
                   outlined: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
                   seen: box.width > 1 && box.height > 1 && box.top >= 0 && box.bottom <= innerHeight + 1,
                 }",
            )
            .await?;
        ensure!(
            stop["outlined"] == json!(true) && stop["seen"] == json!(true),
            "no visible focus: {stop}"
        );
        stops.push(stop["what"].as_str().unwrap_or_default().to_owned());
    }
    stops.dedup();
    let expected = ["skip", "sandbox", "header", "quantity", "buy", "quantity"];
    ensure!(
        stops.iter().map(String::as_str).take(6).eq(expected),
        "the order of the stops: {stops:?}"
    );

    visit.shop("/").await?;
    // The page may not have the keyboard yet when the first key comes: it is pressed until the link has the focus.
    let mut presses = 0;
    while visit.ask("return document.activeElement.className").await? != json!("skip") {
        presses += 1;
        ensure!(presses <= 50, "the first stop is no skip link");
        visit.shop("/").await?;
        visit.press(thirtyfour::Key::Tab).await?;
    }
    visit.press(thirtyfour::Key::Enter).await?;
    browser.arrive("#main").await?;
    visit.press(thirtyfour::Key::Tab).await?;
    let inside = visit
        .ask("return Boolean(document.activeElement.closest('main'))")
        .await?;
    ensure!(inside == json!(true), "the skip link skips nothing");
    visit.end().await
}
