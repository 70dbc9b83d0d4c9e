//! What keeps people from using a page, as axe finds it: in both languages, in light and in dark.
//!
//! Another room's pages are added with one line: `axe::finds_nothing_on(&visit, &["/lab", "/lab/A01"]).await?`.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::{browser::Colours, visit::Visit};

/// Runs all of axe's rules, or the one that colours change, and gives what is serious or critical.
const LOOK: &str = "
    const [rules, done] = arguments;
    const how = rules ? {runOnly: {type: 'rule', values: rules}} : {};
    axe.run(document, {...how, resultTypes: ['violations']}).then(
      (found) => done(found.violations.filter((one) => ['serious', 'critical'].includes(one.impact)).map((one) => ({
        rule: one.id, help: one.help,
        at: one.nodes.slice(0, 4).map((node) => node.target.join(' ') + ': ' + (node.failureSummary ?? '').slice(0, 300)),
      }))),
      (error) => done([{rule: String(error)}]));";

/// axe itself, from the pinned packages of the tests.
fn axe() -> Result<String> {
    let modules = std::env::var_os("JINLIU_NODE_MODULES").context(
        "JINLIU_NODE_MODULES names no folder: run `cargo xtask test`, which installs axe-core",
    )?;
    let file = std::path::Path::new(&modules).join("axe-core/axe.min.js");
    std::fs::read_to_string(&file).with_context(|| format!("{}", file.display()))
}

/// Opens each of the shop's pages in both languages, in light and in dark, and lets axe look at it.
///
/// # Errors
/// Names every serious or critical fault, with the page and the places on it.
pub(crate) async fn finds_nothing_on(visit: &Visit, pages: &[&str]) -> Result<()> {
    let axe = axe()?;
    let mut faults = Vec::new();
    for page in pages {
        for lang in ["en", "zh-TW"] {
            let mark = if page.contains('?') { '&' } else { '?' };
            visit.shop(&format!("{page}{mark}lang={lang}")).await?;
            // An answer that is no page of ours, or none at all, would have no fault.
            visit.browser.see("main h1").await?;
            let shown = visit.ask("return document.documentElement.lang").await?;
            ensure!(shown == json!(lang), "{page} is in {shown}");
            faults.extend(faults_here(visit, &axe, &format!("{page} {lang}")).await?);
        }
    }
    visit.browser.prefer(Colours::Light).await?;
    ensure!(faults.is_empty(), "axe found: {faults:#?}");
    Ok(())
}

/// The same of the page that is open, as it is.
pub(crate) async fn finds_nothing_here(visit: &Visit, what: &str) -> Result<()> {
    let faults = faults_here(visit, &axe()?, what).await?;
    visit.browser.prefer(Colours::Light).await?;
    ensure!(faults.is_empty(), "axe found: {faults:#?}");
    Ok(())
}

async fn faults_here(visit: &Visit, axe: &str, what: &str) -> Result<Vec<String>> {
    let page = visit.browser.page();
    page.execute(axe, Vec::new()).await?;
    let mut faults = Vec::new();
    for (colours, rules) in [
        (Colours::Light, Value::Null),
        (Colours::Dark, json!(["color-contrast"])),
    ] {
        visit.browser.prefer(colours).await?;
        let found = page.execute_async(LOOK, vec![rules]).await?;
        let found = found
            .json()
            .as_array()
            .cloned()
            .context("axe said nothing")?;
        faults.extend(
            found
                .iter()
                .map(|one| format!("{what} {colours:?}: {one:#}")),
        );
    }
    Ok(faults)
}

/// axe is there and finds what is wrong: a test that finds nothing on any page would prove nothing.
#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_a_button_without_a_name_and_grey_on_grey() -> Result<()> {
    let visit = Visit::new().await?;
    let spoil = "const button = document.createElement('button');
        document.querySelector('main').append(button);
        const words = document.createElement('p');
        words.textContent = 'hardly to be read';
        words.style.cssText = 'color:#999;background:#aaa';
        document.querySelector('main').append(words)";
    visit.ask(spoil).await?;
    let refusal = finds_nothing_here(&visit, "spoilt")
        .await
        .unwrap_err()
        .to_string();
    ensure!(refusal.contains("button-name"), "{refusal}");
    ensure!(refusal.contains("color-contrast"), "{refusal}");
    ensure!(refusal.contains("spoilt Dark"), "{refusal}");
    visit.browser.complaints().await?;
    visit.end().await
}
