//! The attack laboratory in a browser: every case from its page, the exercises, the doctor, without script and by keyboard.

use anyhow::{Context, Result, ensure};
use attacks::Case;
use thirtyfour::Key;

use crate::{axe, shopper::Town, visit::Visit};

/// A visit to a laboratory that can start the program itself.
async fn visit() -> Result<Visit> {
    let program = env!("CARGO_BIN_EXE_jinliu").into();
    Visit::of(Town::planned(|plan| plan.program = Some(program)).await).await
}

/// Plays every `of`-th applicable case from `part` on, each by the button on its page.
async fn plays(part: usize, of: usize) -> Result<()> {
    let visit = visit().await?;
    let cases = attacks::corpus()?.into_iter().filter(Case::applies);
    let mut played = 0;
    for (_, case) in cases.enumerate().filter(|(n, _)| n % of == part) {
        let id = &case.id;
        visit.shop(&format!("/lab/{id}")).await?;
        visit.browser.click("button[value=play]").await?;
        let outcome = visit.browser.see("#outcome").await?;
        // What `proof` says of every case that applies: it is refused. What caught it stands beside it.
        let verdict = outcome.attr("data-verdict").await?;
        let caught = outcome.attr("data-caught").await?.unwrap_or_default();
        let said = visit.browser.text().await?;
        ensure!(
            verdict.as_deref() == Some("refused"),
            "{id}: {verdict:?}\n{said}"
        );
        ensure!(said.contains("擋下來了"), "{id} does not say so");
        let money = lab_row(id);
        ensure!(
            money.is_none() || !caught.is_empty(),
            "{id}: nothing is said to have caught it"
        );
        played += 1;
    }
    ensure!(played > 20, "only {played} cases were played");
    visit.end().await
}

fn lab_row(id: &str) -> Option<&'static lab::Row> {
    lab::record().row(id)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_runs_from_its_page_first_part() -> Result<()> {
    plays(0, 4).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_runs_from_its_page_second_part() -> Result<()> {
    plays(1, 4).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_runs_from_its_page_third_part() -> Result<()> {
    plays(2, 4).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_case_runs_from_its_page_fourth_part() -> Result<()> {
    plays(3, 4).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_exercise_tells_the_right_repair_from_the_wrong_ones() -> Result<()> {
    let visit = visit().await?;
    let browser = &visit.browser;
    browser.click(".sandbox a[href='/lab']").await?;
    visit.look("lab-index").await?;
    browser.click(".doors a[href='/lab/fix']").await?;
    for exercise in exercises::all() {
        for repair in &exercise.repairs {
            visit.shop(&format!("/lab/fix/{}", exercise.id)).await?;
            ensure!(
                !visit.shows("#outcome").await?,
                "the answer is there already"
            );
            browser
                .click(&format!("button[name=choose][value={}]", repair.key))
                .await?;
            let outcome = browser.see("#outcome").await?;
            let right = outcome.attr("data-right").await?;
            ensure!(
                right == Some(repair.right.to_string()),
                "{} {}: {right:?}",
                exercise.id,
                repair.key
            );
            let said = browser.text().await?;
            ensure!(said.contains(if repair.right { "對了" } else { "還不行" }));
            ensure!(said.contains(if repair.right {
                exercise.lesson
            } else {
                "剛才真的跑了一次"
            }));
        }
    }
    visit.look("lab-fix").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_laboratory_works_without_script_and_by_keyboard() -> Result<()> {
    let visit = visit().await?;
    let browser = &visit.browser;
    browser.scripts(false).await?;
    visit.shop("/lab").await?;
    browser.click("a[href='/lab?class=m#cases']").await?;
    browser.click("a[href='/lab/A01']").await?;
    browser.click(".hints li:nth-child(1) summary").await?;
    browser.click("button[value=play]").await?;
    browser.see("#outcome[data-verdict=refused]").await?;
    browser.read("L3.direction").await?;
    visit.look("lab-case").await?;
    visit.shop("/lab/matrix").await?;
    visit.look("lab-matrix").await?;
    visit.shop("/lab/nonce").await?;
    browser
        .fill("#own", "我的訂單備註，只有我自己知道寫了什麼")
        .await?;
    browser.click("form[action='/lab/nonce'] .button").await?;
    // The stranger's message begins with what every notice begins with.
    let read = browser.see("#verdict .recovered").await?.text().await?;
    ensure!(read.starts_with("Status=SUCCESS&MerID="), "{read}");
    visit.look("lab-nonce").await?;
    visit.shop("/lab/doctor").await?;
    browser.click("button[value=lower]").await?;
    browser.see("[data-finding=hash_lowercase]").await?;
    visit.look("lab-doctor").await?;
    browser.scripts(true).await?;

    // Nothing but Tab and Enter, from the top of the page to the verdict.
    visit.shop("/lab/A03").await?;
    let focused = "const e = document.activeElement; return e?.value === 'play'";
    let mut tabs = 0;
    while visit.ask(focused).await?.as_bool() != Some(true) {
        tabs += 1;
        ensure!(tabs < 40, "the button is not to be reached by keyboard");
        visit.press(Key::Tab).await?;
    }
    visit.press(Key::Enter).await?;
    browser.see("#outcome[data-verdict=refused]").await?;
    let wide = "return document.documentElement.scrollWidth - window.innerWidth";
    for page in [
        "",
        "/A01",
        "/matrix",
        "/doctor",
        "/nonce",
        "/fix",
        "/fix/reflection",
    ] {
        visit.shop(&format!("/lab{page}")).await?;
        browser.look_at(crate::browser::Screen::Phone).await?;
        let over = visit.ask(wide).await?.as_i64().context("no answer")?;
        ensure!(over <= 0, "/lab{page} is {over} px too wide on a phone");
    }
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_in_the_laboratory() -> Result<()> {
    let visit = visit().await?;
    let browser = &visit.browser;
    let pages = [
        "/lab",
        "/lab?class=m",
        "/lab/A24",
        "/lab/A47",
        "/lab/A82",
        "/lab/matrix",
        "/lab/doctor",
        "/lab/nonce",
        "/lab/fix",
        "/lab/fix/wrong-amount",
        "/learn/films",
    ];
    axe::finds_nothing_on(&visit, &pages).await?;
    // And on what comes out there.
    for (page, button, outcome) in [
        ("/lab/A24", "button[value=play]", "#outcome"),
        ("/lab/doctor", "button[value=lower]", "[data-finding]"),
        ("/lab/fix/wrong-amount", "button[value=a]", "#outcome"),
    ] {
        visit.shop(page).await?;
        browser.click(button).await?;
        browser.see(outcome).await?;
        axe::finds_nothing_here(&visit, &format!("{page} with its answer")).await?;
    }
    visit.end().await
}
