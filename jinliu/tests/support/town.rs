//! A world to test in: the shop, both counterparties, and what a test may ask of them.

use super::{Shopper, until};
use async_trait::async_trait;
use jinliu::world::{Plan, World};
use orders::{Order, book::Confirmed};
use serde_json::Value;
use shop::fulfilment::{Fulfilment, FulfilmentError};
use std::{
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

/// The demo's own shop file, for a town to change.
const DEMO_SHOP: &str = include_str!("../../../crates/shop/src/settings/demo.toml");

/// Writes a `jinliu.toml`: the demo's, with parts of it replaced, and with room for a test's many checkouts.
pub(crate) fn write_shop_file(dir: &Path, edits: &[(&str, &str)]) {
    let mut text = DEMO_SHOP.to_owned();
    for (part, instead) in edits {
        assert!(text.contains(part), "no such part: {part}");
        text = text.replace(part, instead);
    }
    let lines = text
        .lines()
        .map(|line| match line.split_once("checkout_per_minute = ") {
            Some(("", given)) if !given.starts_with("2 ") => "checkout_per_minute = 600",
            _ => line,
        });
    std::fs::write(
        dir.join("jinliu.toml"),
        lines.collect::<Vec<_>>().join("\n"),
    )
    .unwrap();
}

/// Keeps what was handed over, by the key that the shop gives with it.
#[derive(Default)]
pub(crate) struct Deliveries(Mutex<Vec<String>>);

#[async_trait]
impl Fulfilment for Deliveries {
    async fn deliver(&self, key: &str, _: &Order, _: &Confirmed) -> Result<(), FulfilmentError> {
        self.0.lock().unwrap().push(key.to_owned());
        Ok(())
    }
}

impl Deliveries {
    /// How often an order was handed over.
    pub(crate) fn of(&self, no: &str) -> usize {
        let key = format!("fulfil:{no}");
        self.0
            .lock()
            .unwrap()
            .iter()
            .filter(|known| **known == key)
            .count()
    }
}

/// A world's folder, gone with the test. Before it goes its ledger is audited, so that every journey ends with every
/// invariant held, whatever else it was about.
pub(crate) struct Folder {
    dir: tempfile::TempDir,
    /// Set by a test that damages its ledger on purpose.
    pub(crate) damaged: AtomicBool,
}

impl Folder {
    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }
}

impl From<tempfile::TempDir> for Folder {
    fn from(dir: tempfile::TempDir) -> Self {
        Self {
            dir,
            damaged: AtomicBool::new(false),
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let ledger = self.path().join("data/jinliu.db");
        let skip = std::thread::panicking() || self.damaged.load(Ordering::Relaxed);
        if !skip && ledger.exists() {
            let report = auditor::audit(&ledger).unwrap();
            let broken = serde_json::to_string_pretty(&report).unwrap();
            assert!(
                report.ok,
                "the journey left a ledger that breaks its rules: {broken}"
            );
        }
    }
}

/// A world in a folder of its own.
pub(crate) struct Town {
    pub(crate) world: World,
    pub(crate) deliveries: Arc<Deliveries>,
    pub(crate) folder: Folder,
    pub(crate) outside: reqwest::Client,
}

impl Town {
    /// A world as the demo makes it.
    pub(crate) async fn new() -> Self {
        Self::planned(|_| {}).await
    }

    /// A world whose `jinliu.toml` differs from the demo's, with a shop's clock that runs `rate` times as fast as life.
    pub(crate) async fn tuned(edits: &[(&str, &str)], rate: u32) -> Self {
        Self::planned(|plan| {
            write_shop_file(&plan.dir, edits);
            plan.rate = rate;
        })
        .await
    }

    /// A world with something changed in its plan. The checkout limit is out of the way unless the change writes a
    /// `jinliu.toml` of its own, and each shopper comes from an address of its own, as through a proxy.
    pub(crate) async fn planned(change: impl FnOnce(&mut Plan)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let deliveries = Arc::new(Deliveries::default());
        let mut plan = Plan::in_folder(folder.path());
        write_shop_file(&plan.dir, &[]);
        plan.env
            .insert("TRUSTED_PROXIES".to_owned(), "127.0.0.1".to_owned());
        plan.fulfilment = Some(Arc::clone(&deliveries) as Arc<dyn Fulfilment>);
        change(&mut plan);
        let world = World::start(plan).await.unwrap();
        Self {
            world,
            deliveries,
            folder: folder.into(),
            outside: reqwest::Client::new(),
        }
    }

    pub(crate) fn payuni(&self, path: &str) -> String {
        format!("{}{path}", self.world.sandbox.payuni_url)
    }

    pub(crate) fn google(&self, path: &str) -> String {
        format!("{}{path}", self.world.sandbox.google_url)
    }

    pub(crate) fn shop(&self, path: &str) -> String {
        format!("{}{path}", self.world.shop_url)
    }

    /// Posts JSON to a control of the sandbox and returns its answer.
    pub(crate) async fn control(&self, url: String, body: Value) -> Value {
        let response = self.outside.post(&url).json(&body).send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{url}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub(crate) async fn look(&self, url: String) -> Value {
        self.outside
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// Switches a fault of the PAYUNi sandbox on.
    pub(crate) async fn fault(&self, fault: Value) {
        self.control(self.payuni("/_sandbox/faults"), fault).await;
    }

    /// Returns an order's status by the fold over the ledger.
    pub(crate) async fn status(&self, no: &str) -> String {
        let book = self
            .world
            .shop
            .app
            .ledger
            .book(&no.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        book.status().to_string()
    }

    /// Waits until an order has this status.
    pub(crate) async fn becomes(&self, no: &str, status: &str) {
        until(&format!("order {no} is {status}"), async || {
            self.status(no).await == status
        })
        .await;
    }

    /// Returns a tab of the sheet as rows of text, header first.
    pub(crate) async fn tab(&self, title: &str) -> Vec<Vec<String>> {
        let dump = self
            .look(self.google(&format!("/_sandbox/sheets/{}", jinliu::sandbox::SHEET_ID)))
            .await;
        let text = |cell: &Value| {
            cell.as_str().map_or_else(
                || {
                    if cell.is_null() {
                        String::new()
                    } else {
                        cell.to_string()
                    }
                },
                str::to_owned,
            )
        };
        let tabs = dump["tabs"].as_array().cloned().unwrap_or_default();
        let tab = tabs
            .iter()
            .find(|tab| tab["title"] == title)
            .cloned()
            .unwrap_or_default();
        let rows = tab["rows"].as_array().cloned().unwrap_or_default();
        rows.iter()
            .map(|row| {
                row.as_array()
                    .cloned()
                    .unwrap_or_default()
                    .iter()
                    .map(text)
                    .collect()
            })
            .collect()
    }

    /// A shopper who is not signed in.
    pub(crate) fn stranger(&self) -> Shopper {
        let sandbox = &self.world.sandbox;
        Shopper::at(
            &self.world.shop_url,
            &sandbox.payuni_url,
            &sandbox.google_url,
        )
    }

    /// A shopper signed in with one of the sandbox's accounts: `owner`, `buyer1`, `buyer2`, `unverified`.
    pub(crate) async fn shopper(&self, account: &str) -> Shopper {
        let shopper = self.stranger();
        shopper.signs_in(account).await;
        shopper
    }
}
