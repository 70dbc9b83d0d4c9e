//! A real browser for the tests: headless Chromium through its own chromedriver, on a free port,
//! with an empty profile, able to reach this machine and nothing else.
//!
//! A test file takes it in with `#[path = "support/browser.rs"] mod browser;` (with
//! `#[expect(dead_code, reason = "…")]` where it uses only a part). Every wait has a deadline and says
//! what it waited for. Dropping a [`Browser`], also by a failing test, ends its processes.

mod chromedriver;
mod screen;

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, ensure};
use chromedriver::Driver;
pub(crate) use screen::{Colours, Screen};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{
    By, ChromeCapabilities, ChromiumLikeCapabilities, DesiredCapabilities, LoggingPrefsLogLevel,
    WebDriver, WebElement,
    common::command::{Command as DriverCommand, ExtensionCommand},
    error::{WebDriverError, WebDriverErrorInner, WebDriverResult},
    prelude::ElementQueryable,
    support::base64_decode,
};

/// How long a page may take to show what a test waits for: generous, since CI machines are shared.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a waiting test looks again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);
/// How long chromedriver and Chromium may take to start.
const START: Duration = Duration::from_secs(60);

/// A browser window of its own: one session, one profile, one chromedriver.
pub(crate) struct Browser {
    // Dropped in this order: the driver is ended before its browser's files go.
    page: WebDriver,
    driver: Driver,
    profile: TempDir,
}

impl Browser {
    /// Opens an empty window at desktop size.
    ///
    /// # Errors
    /// Where Chromium or its driver is missing or does not start: with what to do about it.
    pub(crate) async fn open() -> Result<Self> {
        let chromium = program("JINLIU_CHROMIUM", "/usr/bin/chromium")?;
        let driver = Driver::start(&program("JINLIU_CHROMEDRIVER", "/usr/bin/chromedriver")?)?;
        let profile = tempfile::Builder::new()
            .prefix("jinliu-browser-")
            .tempdir()?;
        let opening = WebDriver::new(driver.url(), capabilities(&chromium, profile.path())?);
        let page = tokio::time::timeout(START, opening)
            .await
            .map_err(|_| anyhow!("Chromium did not open a window within {START:?}"))?
            .context("Chromium did not open a window")?;
        let browser = Self {
            page,
            driver,
            profile,
        };
        browser.look_at(Screen::Desktop).await?;
        Ok(browser)
    }

    /// The session itself, for what this file has no word for.
    pub(crate) const fn page(&self) -> &WebDriver {
        &self.page
    }

    /// The folder of this window's profile, which names its processes.
    pub(crate) fn profile(&self) -> &Path {
        self.profile.path()
    }

    /// Goes to an address, as if typed.
    pub(crate) async fn go(&self, url: &str) -> Result<()> {
        self.page
            .goto(url)
            .await
            .with_context(|| format!("going to {url}"))
    }

    /// The visible element that a CSS selector names, once it is there.
    pub(crate) async fn see(&self, css: &str) -> Result<WebElement> {
        self.on(css, async |element| Ok(element)).await
    }

    /// Does something with the visible element that a CSS selector names, once it is there. A page that changes just
    /// then takes the element away: the one in its place is looked for again.
    async fn on<T>(
        &self,
        css: &str,
        deed: impl AsyncFn(WebElement) -> WebDriverResult<T>,
    ) -> Result<T> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let element = self
                .page
                .query(By::Css(css))
                .and_displayed()
                .wait(PATIENCE, LOOK_AGAIN)
                .first()
                .await;
            let done = match element {
                Ok(element) => deed(element).await,
                Err(cause) => Err(cause),
            };
            match done {
                Ok(done) => return Ok(done),
                Err(cause) if is_stale(&cause) && Instant::now() < deadline => {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                Err(cause) => {
                    let scene = self.scene(&format!("never saw `{css}`")).await;
                    return Err(anyhow!(cause).context(scene));
                }
            }
        }
    }

    /// Waits until the page's visible text contains `words`.
    pub(crate) async fn read(&self, words: &str) -> Result<()> {
        self.until(&format!("the page says {words:?}"), async || {
            Ok(self.text().await?.contains(words))
        })
        .await
    }

    /// The page's visible text now.
    pub(crate) async fn text(&self) -> Result<String> {
        let script = "return document.body ? document.body.innerText : ''";
        Ok(self.page.execute(script, Vec::new()).await?.convert()?)
    }

    /// Clicks what a CSS selector names, once it is there.
    pub(crate) async fn click(&self, css: &str) -> Result<()> {
        self.on(css, async |element| {
            element.scroll_into_view().await?;
            element.click().await
        })
        .await
        .with_context(|| format!("clicking `{css}`"))
    }

    /// Empties a field and types into it.
    pub(crate) async fn fill(&self, css: &str, text: &str) -> Result<()> {
        let field = self.see(css).await?;
        field.clear().await?;
        field
            .send_keys(text)
            .await
            .with_context(|| format!("typing into `{css}`"))
    }

    /// Waits until the address contains `part`; gives the whole address.
    pub(crate) async fn arrive(&self, part: &str) -> Result<String> {
        self.until(&format!("the address contains {part:?}"), async || {
            Ok(self.page.current_url().await?.as_str().contains(part))
        })
        .await?;
        Ok(self.page.current_url().await?.into())
    }

    /// Waits until `holds` is true. A look that fails, since the page is just changing, counts as "not yet".
    ///
    /// # Errors
    /// After the deadline: `what` was waited for, and what the page showed instead.
    pub(crate) async fn until(
        &self,
        what: &str,
        holds: impl AsyncFn() -> Result<bool>,
    ) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let looked = holds().await;
            if matches!(looked, Ok(true)) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                let scene = self
                    .scene(&format!("waited {PATIENCE:?} in vain until {what}"))
                    .await;
                return Err(looked.err().unwrap_or_else(|| anyhow!("it never was so")))
                    .context(scene);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Makes the window a phone's or a desktop's.
    pub(crate) async fn look_at(&self, screen: Screen) -> Result<()> {
        let (width, height) = screen.size();
        let phone = screen == Screen::Phone;
        let density = if phone { 2 } else { 1 };
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": width, "height": height, "deviceScaleFactor": density, "mobile": phone }),
        )
        .await?;
        self.devtools(
            "Emulation.setTouchEmulationEnabled",
            json!({ "enabled": phone }),
        )
        .await?;
        Ok(())
    }

    /// Prefers light or dark from now on.
    pub(crate) async fn prefer(&self, colours: Colours) -> Result<()> {
        let value = match colours {
            Colours::Light => "light",
            Colours::Dark => "dark",
        };
        let features = json!({ "features": [{ "name": "prefers-color-scheme", "value": value }] });
        self.devtools("Emulation.setEmulatedMedia", features)
            .await?;
        Ok(())
    }

    /// Turns the pages' scripts off or on, from the next page on.
    pub(crate) async fn scripts(&self, on: bool) -> Result<()> {
        self.devtools(
            "Emulation.setScriptExecutionDisabled",
            json!({ "value": !on }),
        )
        .await?;
        Ok(())
    }

    /// Saves the whole page, at that screen's width, as `target/test-output/{name}-{screen}.png`; gives the path.
    ///
    /// # Errors
    /// Also where the page is wider than the screen, which on a phone means scrolling sideways.
    pub(crate) async fn screenshot(&self, name: &str, screen: Screen) -> Result<PathBuf> {
        self.look_at(screen).await?;
        let layout = self.devtools("Page.getLayoutMetrics", json!({})).await?;
        let size = &layout["cssContentSize"];
        let (width, height) = screen.size();
        let wide = size["width"].as_f64().context("no page width")?;
        let high = size["height"].as_f64().context("no page height")?;
        ensure!(
            wide <= f64::from(width),
            "{name}: the page is {wide} px wide, wider than a {} of {width} px",
            screen.name()
        );
        let clip = json!({ "x": 0, "y": 0, "width": width, "height": high.max(f64::from(height)), "scale": 1 });
        let shot = self
            .devtools(
                "Page.captureScreenshot",
                json!({ "format": "png", "captureBeyondViewport": true, "clip": clip }),
            )
            .await?;
        let folder = output_folder();
        fs::create_dir_all(&folder)?;
        let path = folder.join(format!("{name}-{}.png", screen.name()));
        let base64 = shot["data"].as_str().context("no picture came back")?;
        fs::write(&path, base64_decode(base64)?)?;
        Ok(path)
    }

    /// What the browser complained about since the last call: script errors, refusals of the content security
    /// policy, files that did not load. A sound page gives an empty list.
    pub(crate) async fn complaints(&self) -> Result<Vec<String>> {
        let log = self.page.browser_log().await?;
        Ok(log
            .into_iter()
            .filter(|entry| entry.level == "SEVERE" || entry.level == "WARNING")
            .map(|entry| entry.message)
            .collect())
    }

    /// Closes the window and waits until it is closed.
    pub(crate) async fn close(self) -> Result<()> {
        self.page.clone().quit().await.context("closing the window")
    }

    /// One command of the browser's own protocol (`DevTools`).
    async fn devtools(&self, command: &str, parameters: Value) -> Result<Value> {
        let devtools = DevTools(json!({ "cmd": command, "params": parameters }));
        let answer = self
            .page
            .cmd(DriverCommand::ExtensionCommand(Box::new(devtools)))
            .await
            .with_context(|| format!("the browser refused {command}"))?;
        Ok(answer.value_json()?)
    }

    /// What a person would see when a test fails: the address and the beginning of the text.
    async fn scene(&self, failed: &str) -> String {
        let url = self.page.current_url().await;
        let url = url.map_or_else(|_| "an unknown address".to_owned(), Into::into);
        let text = self.text().await.unwrap_or_default();
        let text: String = text.chars().take(600).collect();
        format!("{failed}\n  at {url}\n  where the page says:\n{text}\n")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // After `close` there is nothing left to do. A failing test comes here with its window open and its runtime
        // standing still, so the driver is told without it: a driver that is merely killed leaves Chromium running.
        if self.page.clone().leak().is_ok() {
            self.driver
                .end_session(&self.page.session_id().to_string())
                .ok();
        }
    }
}

/// The window's capabilities: quiet, without first-run pages, and with no way out of this machine.
fn capabilities(chromium: &Path, profile: &Path) -> Result<ChromeCapabilities> {
    let mut wanted = DesiredCapabilities::chrome();
    wanted.set_binary(&chromium.to_string_lossy())?;
    wanted.set_browser_log_level(LoggingPrefsLogLevel::All)?;
    for flag in [
        "--headless=new",
        // CI runs as root, where Chromium's own sandbox refuses to start. Only our pages are opened.
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-extensions",
        "--hide-scrollbars",
        // A page that scrolls smoothly is still moving when it is clicked.
        "--force-prefers-reduced-motion",
        "--lang=zh-TW",
        "--accept-lang=zh-TW",
        "--window-size=1280,900",
        // A page that needs anything from outside this machine is to fail its test.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
    ] {
        wanted.add_arg(flag)?;
    }
    wanted.add_arg(&format!("--user-data-dir={}", profile.display()))?;
    Ok(wanted)
}

/// The path that an environment variable names, or else the one where Debian keeps it.
fn program(variable: &str, debian: &str) -> Result<PathBuf> {
    let path = env::var_os(variable).map_or_else(|| PathBuf::from(debian), PathBuf::from);
    ensure!(
        path.is_file(),
        "{} is not there, and the browser tests need it. Run `cargo xtask test`, which installs it or says how, \
         or set {variable}.",
        path.display()
    );
    Ok(path)
}

/// Whether an element is gone since its page changed.
fn is_stale(cause: &WebDriverError) -> bool {
    matches!(
        cause.as_inner(),
        WebDriverErrorInner::StaleElementReference(_)
    )
}

/// Where pictures and other things to look at are left.
pub(crate) fn output_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/test-output")
}

/// A `DevTools` command, through chromedriver's own endpoint for them.
#[derive(Debug)]
struct DevTools(Value);

impl ExtensionCommand for DevTools {
    fn parameters_json(&self) -> Option<Value> {
        Some(self.0.clone())
    }

    fn method(&self) -> reqwest::Method {
        reqwest::Method::POST
    }

    fn endpoint(&self) -> Arc<str> {
        "/goog/cdp/execute".into()
    }
}
