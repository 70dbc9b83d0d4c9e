//! The tests' own browser, tried on a page of a few lines: it sees, types, clicks, waits, looks at both widths,
//! notices what is wrong with a page, and leaves nothing running.

#[path = "support/browser.rs"]
mod browser;

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use browser::{Browser, Colours, Screen};

const GREETING: &str = r##"<!doctype html><html lang="zh-TW"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>試車</title><link rel="icon" href="data:,">
<style>p { color: rgb(1, 2, 3) } @media (prefers-color-scheme: dark) { p { color: rgb(250, 251, 252) } }</style>
<p>歡迎光臨</p><noscript>沒有腳本</noscript>
<form action="/greeted"><input name="who"><button>打招呼</button></form>
<script>setTimeout(() => document.body.append('稍後才到'), 200)</script>"##;

const FAULTY: &str = r#"<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<meta name="viewport" content="width=device-width"><body style="margin:0"><div style="width:900px">很寬</div>
<script src="https://elsewhere.example/counter.js"></script><script>throw new Error('broken on purpose')</script>"#;

#[tokio::test]
async fn a_visitor_reads_types_clicks_and_arrives() -> Result<()> {
    let site = serve()?;
    let browser = Browser::open().await?;
    browser.go(&format!("{site}/")).await?;
    browser.read("歡迎光臨").await?;
    browser.read("稍後才到").await?;
    let language = browser
        .page()
        .execute("return navigator.language", Vec::new())
        .await?;
    assert_eq!(language.convert::<String>()?, "zh-TW");
    browser.fill("input[name=who]", "Ada").await?;
    browser.click("form button").await?;
    let address = browser.arrive("/greeted").await?;
    assert!(address.ends_with("/greeted?who=Ada"), "{address}");
    browser.read("/greeted?who=Ada").await?;
    assert_eq!(browser.complaints().await?, Vec::<String>::new());
    browser.close().await
}

#[tokio::test]
async fn a_page_is_looked_at_on_a_phone_and_a_desktop_in_light_and_dark() -> Result<()> {
    let site = serve()?;
    let browser = Browser::open().await?;
    browser.go(&site).await?;
    for screen in [Screen::Phone, Screen::Desktop] {
        let picture = browser.screenshot("browser-harness", screen).await?;
        ensure!(picture.starts_with(browser::output_folder()));
        let (width, _) = png_size(&fs::read(&picture)?)?;
        let density = if screen == Screen::Phone { 2 } else { 1 };
        assert_eq!(width, screen.size().0 * density);
        let seen = browser
            .page()
            .execute("return innerWidth", Vec::new())
            .await?;
        assert_eq!(seen.convert::<u32>()?, screen.size().0);
    }
    let paragraph = browser.see("p").await?;
    for (colours, expected) in [
        (Colours::Light, "1, 2, 3"),
        (Colours::Dark, "250, 251, 252"),
    ] {
        browser.prefer(colours).await?;
        let colour = paragraph.css_value("color").await?;
        assert!(colour.contains(expected), "{colours:?} is {colour}");
    }
    browser.close().await
}

#[tokio::test]
async fn a_page_is_seen_as_without_scripts() -> Result<()> {
    let site = serve()?;
    let browser = Browser::open().await?;
    browser.scripts(false).await?;
    browser.go(&site).await?;
    browser.read("沒有腳本").await?;
    browser.scripts(true).await?;
    browser.go(&site).await?;
    browser.read("稍後才到").await?;
    ensure!(!browser.text().await?.contains("沒有腳本"));
    browser.close().await
}

#[tokio::test]
async fn script_errors_outside_addresses_and_wide_pages_are_noticed() -> Result<()> {
    let site = serve()?;
    let browser = Browser::open().await?;
    browser.go(&format!("{site}/faulty")).await?;
    let complaints = browser.complaints().await?.join("\n");
    assert!(complaints.contains("broken on purpose"), "{complaints}");
    assert!(complaints.contains("elsewhere.example"), "{complaints}");
    let refused = browser
        .screenshot("browser-harness-wide", Screen::Phone)
        .await;
    let refusal = refused
        .err()
        .context("a page of 900 px passed on a phone")?;
    assert!(refusal.to_string().contains("900 px wide"), "{refusal}");
    browser.close().await
}

/// A failing test drops its window from within its runtime, mid-way: that must neither hang nor leave Chromium behind.
#[tokio::test]
async fn a_dropped_window_is_closed() -> Result<()> {
    let browser = Browser::open().await?;
    let started = Instant::now();
    let profile = browser.profile().to_owned();
    drop(browser);
    ensure!(
        started.elapsed() < Duration::from_secs(15),
        "closing took {:?}",
        started.elapsed()
    );
    let profile = profile.to_string_lossy().into_owned();
    for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        ensure!(!line.contains(&profile), "still running: {line}");
    }
    Ok(())
}

/// Serves the pages above, each connection for one request, until the test ends; gives the address.
fn serve() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = format!("http://{}", listener.local_addr()?);
    thread::spawn(move || {
        for connection in listener.incoming().flatten() {
            // A thread each: the browser opens connections ahead of time that ask nothing.
            thread::spawn(move || answer(connection).ok());
        }
    });
    Ok(address)
}

fn answer(mut connection: TcpStream) -> Result<()> {
    let mut request = [0; 4096];
    let length = connection.read(&mut request)?;
    let request = String::from_utf8_lossy(&request[..length]).into_owned();
    let path = request.split(' ').nth(1).context("no path")?;
    let page = match path {
        "/" => GREETING.to_owned(),
        "/faulty" => FAULTY.to_owned(),
        _ => format!("<!doctype html><link rel=\"icon\" href=\"data:,\"><p>{path}</p>"),
    };
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close\r\n";
    write!(
        connection,
        "{head}Content-Length: {}\r\n\r\n{page}",
        page.len()
    )?;
    Ok(())
}

/// Width and height as a PNG's header states them.
fn png_size(png: &[u8]) -> Result<(u32, u32)> {
    ensure!(png.starts_with(b"\x89PNG\r\n\x1a\n"), "not a PNG");
    let number = |at: usize| -> Result<u32> {
        let bytes = png.get(at..at + 4).context("a PNG without a header")?;
        Ok(u32::from_be_bytes(bytes.try_into()?))
    };
    Ok((number(16)?, number(20)?))
}
