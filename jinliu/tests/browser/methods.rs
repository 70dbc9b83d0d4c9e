//! Every other way to pay, and what an order's page makes of it.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::visit::{GOOD_CARD, MISMATCHED_CARD, Visit};

#[tokio::test(flavor = "multi_thread")]
async fn an_atm_number_is_shown_and_the_open_page_follows_its_payment() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    visit.sign_in("buyer1").await?;
    let no = visit.goes_to_pay("cup").await?;
    browser.click("#method-atm summary").await?;
    visit.look("payuni-upp-atm").await?;
    browser.click("#submit-atm").await?;

    visit.at_order(&no).await?;
    visit.order_is("待繳費").await?;
    let digits = visit
        .ask("return document.querySelector('[data-copy]').dataset.copy")
        .await?;
    let digits = digits.as_str().unwrap_or_default().to_owned();
    ensure!(
        digits.len() == 16 && digits.starts_with('9'),
        "an account of 16 digits, not {digits}"
    );
    browser.see(".deadline").await?;
    visit.look("order-awaiting-transfer").await?;

    // The portal opens in a tab of its own; the order's page stays open behind it.
    let order_tab = browser.page().window().await?;
    visit.rely_on_events().await?;
    let portal_tab = browser.page().new_tab().await?;
    browser.page().switch_to_window(portal_tab).await?;
    browser.go(&visit.town.payuni("/")).await?;
    visit.look("payuni-portal").await?;
    browser.click("#trades a").await?;
    browser.read(&digits).await?;
    visit.look("payuni-portal-trade").await?;
    browser.click("#do-pay").await?;
    browser.see("#said").await?;
    visit.no_complaints().await?;

    browser.page().switch_to_window(order_tab).await?;
    visit.order_is("已完成").await?;
    visit.was_not_reloaded().await?;
    ensure!(!visit.shows(".deadline").await?, "a deadline after payment");
    visit.look("order-fulfilled-atm").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_card_is_followed_by_a_good_one() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    visit.sign_in("buyer1").await?;
    let no = visit.goes_to_pay("bag").await?;
    visit.pays_by_card(GOOD_CARD, "000").await?;
    visit.at_order(&no).await?;
    browser.read("上一次付款沒有成功").await?;
    visit.order_is("待付款").await?;
    visit.look("order-failed").await?;

    browser.click("form[action$='/pay'] button").await?;
    let again = visit.at_payuni().await?;
    ensure!(again != no, "a second attempt has a number of its own");
    visit.pays_by_card(MISMATCHED_CARD, "123").await?;
    browser.see("#upp[data-stage='3d']").await?;
    visit.look("payuni-3d").await?;
    browser.click("#otp-ok").await?;
    visit.at_order(&no).await?;
    browser.read("上一次付款沒有成功").await?;

    let url = visit.town.payuni("/_sandbox/switches");
    let forced = json!({"force_3d": true});
    visit.town.outside.put(url).json(&forced).send().await?;
    browser.click("form[action$='/pay'] button").await?;
    visit.at_payuni().await?;
    visit.pays_by_card(GOOD_CARD, "123").await?;
    browser.see("#upp[data-stage='3d']").await?;
    browser.click("#otp-ok").await?;
    visit.at_order(&no).await?;
    visit.order_is("已完成").await?;
    browser.read("第 3 次").await?;
    ensure!(!visit.shows("form[action$='/pay']").await?, "pays twice");
    visit.look("order-third-time").await?;
    visit.shop("/orders").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_code_and_line_pay() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    visit.sign_in("buyer2").await?;
    let cvs = visit.goes_to_pay("coffee").await?;
    visit.pays_by("cvs").await?;
    visit.at_order(&cvs).await?;
    visit.order_is("待繳費").await?;
    browser.read("7-ELEVEN").await?;
    browser.see(".deadline").await?;
    visit.look("order-awaiting-cvs").await?;

    let line = visit.goes_to_pay("socks").await?;
    visit.pays_by("linepay").await?;
    browser.see("#upp[data-stage=wallet]").await?;
    visit.look("payuni-wallet").await?;
    browser.click("#wallet-ok").await?;
    visit.at_order(&line).await?;
    visit.order_is("已完成").await?;
    browser.read("LINE Pay").await?;

    // The code lapses at PAYUNi; the open page says so.
    visit.shop(&format!("/orders/{cvs}")).await?;
    visit.order_is("待繳費").await?;
    visit.rely_on_events().await?;
    visit.at_the_counter(&cvs, "expire").await?;
    visit.order_is("已逾期").await?;
    visit.was_not_reloaded().await?;
    visit.look("order-expired").await?;

    let given_up = visit.goes_to_pay("notebook").await?;
    browser.click("#back").await?;
    visit.at_order(&given_up).await?;
    visit.order_is("待付款").await?;
    browser.click("form[action$='/pay'] button").await?;
    ensure!(visit.at_payuni().await? != given_up, "a number used twice");
    browser.click("#back").await?;
    visit.at_order(&given_up).await?;
    visit.look("order-pending").await?;
    browser.click("form[action$='/cancel'] button").await?;
    visit.order_is("已取消").await?;
    visit.look("order-cancelled").await?;
    visit.shop("/orders").await?;
    browser.read(&line).await?;
    visit.look("orders").await?;
    visit.end().await
}
