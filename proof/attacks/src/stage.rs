//! What the runner is given: a world that somebody else started.

use async_trait::async_trait;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

/// Where everybody is, without trailing slashes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The shop.
    pub shop: String,
    /// The sandbox's PAYUNi.
    pub payuni: String,
    /// The sandbox's Google.
    pub google: String,
}

/// A throw-away world: a shop with both counterparties.
#[async_trait]
pub trait Stage: Send + Sync {
    /// Where everybody is.
    fn addresses(&self) -> &Addresses;
    /// The ledger's file. It is only read, except by a step that edits it to see the schema refuse.
    fn ledger(&self) -> &Path;
    /// The world's folder.
    fn folder(&self) -> &Path;
    /// The program, for cases that start it.
    fn program(&self) -> &Path;
    /// Files that the shop writes what it says into.
    fn logs(&self) -> Vec<PathBuf>;
    /// Texts that must be in no log.
    fn secrets(&self) -> Vec<String>;
    /// Lets the shop ask PAYUNi about everything that is open, now.
    ///
    /// # Errors
    /// The shop's.
    async fn ask(&self) -> anyhow::Result<()>;
    /// How often the warehouse was handed an order, by its own record; `None` where there is no such record.
    fn handed_over(&self, order_no: &str) -> Option<u64>;
    /// How long something may take before it counts as not happening.
    fn patience(&self) -> Duration {
        Duration::from_secs(30)
    }
    /// What an auditor of the ledger finds broken.
    ///
    /// # Errors
    /// The file cannot be read.
    async fn audit(&self) -> anyhow::Result<Vec<String>>;
}
