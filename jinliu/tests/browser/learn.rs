//! The book in a browser: questions that answer, a score, progress that is kept here, and reading without script.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use crate::visit::Visit;

/// The small book of the reader's own tests.
fn small_book() -> Result<learn::Files> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/learn/tests/fixtures");
    let mut book = Vec::new();
    let mut folders = vec![fixtures.join("book")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&fixtures)?.to_string_lossy().into_owned();
            book.push((name, fs::read_to_string(&path)?));
        }
    }
    Ok(learn::Files::new(book, []))
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_answer_and_what_was_answered_is_kept_here() -> Result<()> {
    let visit = Visit::with_book(small_book()?).await?;
    let browser = &visit.browser;
    browser.click(".sandbox a[href='/learn']").await?;
    browser.read("已回答 0／6 題").await?;
    visit.look("learn-contents").await?;
    browser.click("a[href='/learn/1-why/01-hearsay']").await?;
    browser.read("讀完您能：").await?;
    browser.click("#q1 input[value=A]").await?;
    browser.see("#q1.wrong").await?;
    browser.read("不是這個。").await?;
    browser.click("#q1 input[value=B]").await?;
    browser.see("#q1.right").await?;
    browser.read("簽章說的是「誰寫的」與「沒有改過」").await?;
    visit.look("learn-section").await?;

    // With the keyboard: the arrow keys choose.
    visit
        .ask("document.querySelector('#q2 input').focus()")
        .await?;
    visit.press(thirtyfour::Key::Up).await?;
    browser.see("#q2.right").await?;

    visit.shop("/learn/1-why/01-hearsay").await?;
    browser.see("#q1.right").await?;
    visit.shop("/learn").await?;
    browser.read("已回答 2／6 題").await?;
    browser.click("[data-forget]").await?;
    browser.read("已回答 0／6 題").await?;

    visit.shop("/learn/exam").await?;
    for n in 1..=20 {
        let right = visit
            .ask(&format!(
                "return document.querySelector('#q{n}').dataset.right"
            ))
            .await?;
        let right = right.as_str().context("no answer")?;
        let letter = if n == 20 {
            "ABC".replace(right, "")
        } else {
            right.to_owned()
        };
        let letter = letter.get(..1).context("no letter")?;
        browser
            .click(&format!("#q{n} input[value={letter}]"))
            .await?;
    }
    ensure!(
        !visit.shows("fieldset.right").await?,
        "the exam tells before it is handed in"
    );
    browser.click("[data-submit]").await?;
    browser.read("20 題答對 19 題").await?;
    browser.see("#q20.wrong").await?;
    visit.look("learn-exam").await?;
    browser.click("[data-again]").await?;
    ensure!(!visit.shows("fieldset.right").await?);

    browser.fill(".find input", "金鑰外洩").await?;
    browser.click(".find button").await?;
    browser.read("找到 1 段").await?;
    visit.look("learn-search").await?;
    browser.click(".found a").await?;
    browser.arrive("/learn/1-why/02-ask-again#").await?;
    visit.end().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_book_is_read_without_script_and_on_a_phone() -> Result<()> {
    let visit = Visit::with_book(small_book()?).await?;
    let browser = &visit.browser;
    browser.scripts(false).await?;
    visit.shop("/learn/1-why/01-hearsay").await?;
    ensure!(!visit.shows(".copy").await?);
    browser.click("#q1 summary").await?;
    browser.read("簽章說的是「誰寫的」與「沒有改過」").await?;
    browser.click(".toc summary").await?;
    browser.click(".toc a[href='/learn/glossary']").await?;
    browser.read("新台幣金額（amount, TWD）").await?;
    browser.scripts(true).await?;
    for page in [
        "",
        "/1-why/01-hearsay",
        "/exam",
        "/glossary",
        "/search?q=對帳",
    ] {
        visit.shop(&format!("/learn{page}")).await?;
        browser.look_at(crate::browser::Screen::Phone).await?;
        let wide = visit
            .ask("return document.documentElement.scrollWidth > innerWidth")
            .await?;
        ensure!(wide == json!(false), "/learn{page} is wider than a phone");
    }
    visit.end().await
}
