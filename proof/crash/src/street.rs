//! Where the program is tried: both counterparties in this process, so that their books outlive it, and a folder for it.

use crate::program::Program;
use anyhow::{Context, Result, ensure};
use jinliu::sandbox::{Doors, Keys, Ports, Sandbox, env_lines};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

/// The address that may enter the back office.
pub(crate) const OWNER: &str = "owner@jinliu.example";
/// The demo's own shop file.
const DEMO_SHOP: &str = include_str!("../../../crates/shop/src/settings/demo.toml");

/// The counterparties and the shop's folder.
pub(crate) struct Street {
    sandbox: Sandbox,
    /// The shop's address, the same after every start.
    pub(crate) shop: String,
    /// Where it listens.
    pub(crate) port: u16,
    /// What the shop is told by its environment.
    pub(crate) env: BTreeMap<String, String>,
    /// For asking the counterparties.
    pub(crate) outside: reqwest::Client,
    folder: tempfile::TempDir,
}

/// A port below those that systems hand out by themselves, so that no other connection takes it between two starts.
fn free_port() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 20_000 + u16::try_from(std::process::id() % 10_000)?;
    (0..2_000)
        .map(|_| first + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .context("no free port")
}

/// The demo's shop file with room for many checkouts and quick questions to PAYUNi.
fn shop_file() -> String {
    let lines = DEMO_SHOP.lines().map(|line| match line.split_once(" = ") {
        Some(("checkout_per_minute", _)) => "checkout_per_minute = 600",
        Some(("stock", _)) => "stock = 1000000",
        Some(("waits_seconds", _)) => "waits_seconds = [1]",
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}

impl Street {
    pub(crate) async fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = free_port()?;
        let shop = format!("http://localhost:{port}");
        let doors = Doors::open(Ports {
            payuni: 0,
            google: 0,
        })
        .await?;
        let home = folder.path().join("sandbox");
        let sandbox = Sandbox::start(doors, Some(&home), &shop, Keys::Own).await?;
        let key = home.join("service-account.json").display().to_string();
        let lines = env_lines(&sandbox.payuni_url, &sandbox.google_url, &key);
        let mut env: BTreeMap<String, String> = lines
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        let secret = format!(
            "{:032x}{:032x}",
            rand::random::<u128>(),
            rand::random::<u128>()
        );
        for (name, value) in [
            ("BIND", format!("127.0.0.1:{port}")),
            ("PUBLIC_URL", shop.clone()),
            ("SESSION_SECRET", secret),
            ("TRUSTED_PROXIES", "127.0.0.1".to_owned()),
            ("ADMIN_EMAILS", OWNER.to_owned()),
        ] {
            env.insert(name.to_owned(), value);
        }
        // Whether somebody is human is not the question here.
        env.retain(|name, _| !name.starts_with("TURNSTILE_"));
        let street = Self {
            sandbox,
            shop,
            port,
            env,
            outside: reqwest::Client::new(),
            folder,
        };
        fs::create_dir_all(street.dir().join("data"))?;
        fs::write(street.dir().join("jinliu.toml"), shop_file())?;
        Ok(street)
    }

    /// The shop's working folder.
    pub(crate) fn dir(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.dir().join("data/jinliu.db")
    }

    pub(crate) fn start(&self, jinliu: &Path, more: &[(&str, String)]) -> Result<Program> {
        Program::start(jinliu, &self.dir(), &self.env, more)
    }

    /// Waits until the program takes connections; what comes from now on waits in its queue.
    pub(crate) async fn listens(&self, program: &mut Program) -> Result<()> {
        let started = Instant::now();
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port))
            .await
            .is_err()
        {
            program.lives()?;
            ensure!(
                started.elapsed() < Duration::from_secs(60),
                "the program does not listen: {}",
                program.last_words()
            );
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }

    pub(crate) fn payuni(&self, path: &str) -> String {
        format!("{}{path}", self.sandbox.payuni_url)
    }

    pub(crate) fn google_url(&self) -> &str {
        &self.sandbox.google_url
    }

    pub(crate) async fn look(&self, url: String) -> Result<Value> {
        Ok(self.outside.get(url).send().await?.json().await?)
    }

    /// Whether an address answers well.
    pub(crate) async fn look_at(&self, url: &str) -> Result<bool> {
        Ok(self.outside.get(url).send().await?.status().is_success())
    }

    pub(crate) async fn control(&self, path: &str, body: &Value) -> Result<()> {
        let asked = self.outside.post(self.payuni(path)).json(body);
        asked.send().await?.error_for_status()?;
        Ok(())
    }

    pub(crate) async fn switches(&self, set: &Value) -> Result<()> {
        let asked = self
            .outside
            .put(self.payuni("/_sandbox/switches"))
            .json(set);
        asked.send().await?.error_for_status()?;
        Ok(())
    }

    /// PAYUNi's clock goes on, so that what was paid is captured.
    pub(crate) async fn payuni_passes(&self, seconds: u32) -> Result<()> {
        self.control("/_sandbox/clock", &json!({"advance_s": seconds}))
            .await
    }

    /// The order numbers in the sheet's first column, as they stand there.
    pub(crate) async fn rows_of_orders(&self) -> Result<Vec<String>> {
        let path = format!("/_sandbox/sheets/{}", jinliu::sandbox::SHEET_ID);
        let dump = self.look(format!("{}{path}", self.google_url())).await?;
        let tabs = dump["tabs"].as_array().cloned().unwrap_or_default();
        let tab = tabs.into_iter().find(|tab| tab["title"] == "訂單");
        let rows = tab.map_or(Value::Null, |tab| tab["rows"].clone());
        let rows = rows.as_array().cloned().unwrap_or_default();
        Ok(rows
            .iter()
            .skip(1)
            .filter_map(|row| row[0].as_str().map(str::to_owned))
            .collect())
    }

    /// The counterparties' clocks run so many times as fast as life, like the shop's: tokens carry times, quotas are by the
    /// minute, and what was paid must be captured.
    pub(crate) async fn clocks_run(&self, rate: u32) -> Result<()> {
        for place in [self.google_url(), &self.payuni("")] {
            let asked = self.outside.post(format!("{place}/_sandbox/clock"));
            let asked = asked.json(&json!({"rate": rate}));
            asked.send().await?.error_for_status()?;
        }
        Ok(())
    }

    /// Leaves the shop's folder where it is, to be looked at; says where.
    pub(crate) fn keep(self) -> PathBuf {
        self.folder.keep()
    }

    pub(crate) async fn close(self) {
        self.sandbox.stop().await;
    }
}
