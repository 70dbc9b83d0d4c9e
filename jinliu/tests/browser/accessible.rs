//! Every kind of page under axe, and the explorer and a quiz by keyboard.

use anyhow::{Context, Result, ensure};
use serde_json::json;
use thirtyfour::Key;

use crate::{axe::finds_nothing_on, visit::Visit};

/// An order of the buyer's in this state.
async fn order(visit: &Visit, method: &str) -> Result<(String, String)> {
    let buyer = visit.town.shopper("buyer1").await;
    let sealed = buyer.checks_out().await;
    let paid = buyer.pays(&sealed, method).await;
    Ok((sealed.order_no, paid.trade_no))
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_what_a_buyer_sees() -> Result<()> {
    let visit = Visit::new().await?;
    let town = &visit.town;
    finds_nothing_on(
        &visit,
        &[
            "/",
            "/orders",
            "/nowhere",
            "/about/terms",
            "/auth/google/callback",
        ],
    )
    .await?;
    visit.browser.complaints().await?;
    visit.shop("/?lang=zh-TW").await?;
    visit.sign_in("buyer1").await?;
    let (done, _) = order(&visit, "card").await?;
    town.becomes(&done, "fulfilled").await;
    let (number, _) = order(&visit, "atm").await?;
    town.becomes(&number, "awaiting_transfer").await;
    let (failed, _) = order(&visit, "card_decline").await?;
    let (lapsed, trade) = order(&visit, "cvs").await?;
    let expire = format!("/_sandbox/trades/{trade}/expire");
    town.control(town.payuni(&expire), json!({})).await;
    town.fault(json!({"kind": "wrong_amount_notice", "times": 1}))
        .await;
    let (review, _) = order(&visit, "card").await?;
    town.becomes(&review, "review").await;
    let pages: Vec<String> = [&done, &number, &failed, &lapsed, &review]
        .map(|no| format!("/orders/{no}"))
        .into_iter()
        .chain([
            "/".to_owned(),
            "/orders".to_owned(),
            format!("/orders/{done}/receipt"),
        ])
        .collect();
    finds_nothing_on(
        &visit,
        &pages.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .await?;
    // The page that hands over leaves by itself where there is script: it is looked at without.
    visit.no_complaints().await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_the_back_office_and_the_explorer() -> Result<()> {
    let visit = Visit::new().await?;
    let town = &visit.town;
    let (done, _) = order(&visit, "card").await?;
    town.becomes(&done, "fulfilled").await;
    town.fault(json!({"kind": "wrong_amount_notice", "times": 1}))
        .await;
    let (review, _) = order(&visit, "card").await?;
    town.becomes(&review, "review").await;
    visit.sign_in("owner").await?;
    visit.shop("/admin").await?;
    let case = visit.browser.see("a[href^='/admin/cases/']").await?;
    let case = case.attr("href").await?.context("no address")?;
    let hop = visit
        .town
        .world
        .shop
        .app
        .traffic
        .of_order(&done.parse()?)
        .await;
    let hop = hop.first().context("nothing travelled")?.n;
    let pages = [
        "/admin".to_owned(),
        format!("/admin/orders/{done}"),
        case,
        format!("/flow/{done}"),
        format!("/flow/{done}?view=engineer&hop={hop}"),
        format!("/flow/{review}?view=engineer"),
    ];
    finds_nothing_on(
        &visit,
        &pages.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .await?;
    // With everything open: bytes and pictures.
    visit.shop(&format!("/flow/{done}?view=engineer")).await?;
    visit
        .ask("document.querySelectorAll('main details').forEach((el) => { el.open = true; })")
        .await?;
    crate::axe::finds_nothing_here(&visit, "the explorer, opened").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_the_book() -> Result<()> {
    let visit = Visit::new().await?;
    let pages = [
        "/learn",
        "/learn/2-flow",
        "/learn/2-flow/01-the-map",
        "/learn/glossary",
        "/learn/exam",
        "/learn/search?q=%E5%B0%8D%E5%B8%B3",
        "/learn/code/crates/payuni/src/envelope.rs?item=Envelope::open",
    ];
    finds_nothing_on(&visit, &pages).await?;
    visit.end().await
}

/// What has the focus: its id, name or words, and whether it can be seen to have it.
const FOCUS: &str = "const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
    const ring = at.matches('li') ? getComputedStyle(at.querySelector('.hop')) : style;
    return {
      is: at.id || at.name || at.innerText || at.tagName,
      outlined: ring.outlineStyle !== 'none' && parseFloat(ring.outlineWidth) >= 2,
      seen: box.width > 1 && box.height > 1 && box.bottom > 0 && box.top < innerHeight,
    }";

/// Presses Tab until this has the focus; every stop on the way can be seen.
async fn tab_on_to(visit: &Visit, wanted: &str) -> Result<()> {
    for _ in 0..200 {
        visit.press(Key::Tab).await?;
        let stop = visit.ask(FOCUS).await?;
        ensure!(
            stop["is"] == json!("BODY")
                || (stop["outlined"] == json!(true) && stop["seen"] == json!(true)),
            "no visible focus: {stop}"
        );
        if stop["is"] == json!(wanted) {
            return Ok(());
        }
    }
    anyhow::bail!("two hundred times Tab did not lead to {wanted}")
}

async fn current(visit: &Visit) -> Result<i64> {
    let script = "const all = [...document.querySelectorAll('.hops > li')];
        return all.findIndex((li) => li.getAttribute('aria-current') === 'step')";
    visit.ask(script).await?.as_i64().context("no place")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_explorer_is_walked_with_the_keyboard() -> Result<()> {
    let visit = Visit::new().await?;
    let browser = &visit.browser;
    let (no, _) = order(&visit, "card").await?;
    visit.town.becomes(&no, "fulfilled").await;
    visit.shop(&format!("/flow/{no}?view=engineer")).await?;
    tab_on_to(&visit, "step-next").await?;
    visit.press(Key::Enter).await?;
    browser
        .until("the first hop is the one looked at", async || {
            Ok(current(&visit).await? == 0)
        })
        .await?;
    let said = visit
        .ask("return document.getElementById('said').textContent")
        .await?;
    ensure!(
        said.as_str()
            .is_some_and(|said| said.starts_with("第 1 步")),
        "{said}"
    );
    visit.press(Key::Right).await?;
    ensure!(current(&visit).await? == 1);
    // A key takes the focus along, and there the letters work.
    let stop = visit.ask(FOCUS).await?;
    ensure!(
        stop["is"].as_str().is_some_and(|id| id.starts_with("hop-")),
        "{stop}"
    );
    for (key, place) in [("j", 2), ("j", 3), ("k", 2)] {
        visit.press(key).await?;
        ensure!(current(&visit).await? == place, "{key}");
    }
    visit.press(Key::Left).await?;
    ensure!(current(&visit).await? == 1);
    let opened = visit
        .ask("return document.querySelector('[aria-current=step] details').open")
        .await?;
    ensure!(opened == json!(true), "its bytes are shut");
    // The address leads back here.
    let address = browser.page().current_url().await?;
    ensure!(
        address.query().is_some_and(|query| query.contains("hop=")),
        "{address}"
    );
    browser.go(address.as_str()).await?;
    ensure!(current(&visit).await? == 1);
    // A page that fetches itself anew keeps the place.
    visit
        .ask("document.dispatchEvent(new Event('renewed'))")
        .await?;
    ensure!(current(&visit).await? == 1);
    browser.read("第 2 步").await?;
    visit.look("explorer-step").await?;
    visit.shop(&format!("/flow/{no}")).await?;
    visit
        .ask("document.getElementById('pictures').open = true")
        .await?;
    visit.look("explorer-owner").await?;
    visit
        .shop(&format!("/flow/{no}?view=engineer&lang=en"))
        .await?;
    visit
        .ask("document.querySelectorAll('main details').forEach((el) => { el.open = true; })")
        .await?;
    visit.look("explorer-engineer-en").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quiz_is_answered_with_the_keyboard() -> Result<()> {
    let visit = Visit::new().await?;
    visit.shop("/learn/2-flow/01-the-map").await?;
    let radio = visit
        .ask("return document.querySelector('#q1 input').name")
        .await?;
    tab_on_to(&visit, radio.as_str().context("no question")?).await?;
    visit.press(" ").await?;
    visit.browser.see("#q1.right, #q1.wrong").await?;
    for _ in 0..3 {
        if visit.shows("#q1.right").await? {
            return visit.end().await;
        }
        visit.press(Key::Down).await?;
    }
    visit.browser.see("#q1.right").await?;
    visit.end().await
}
