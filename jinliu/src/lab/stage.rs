//! A world in this process.

use super::{Addresses, Lab, Plan, Stage, Warehouse, World, WorldPlan, write_shop_file};
use anyhow::Context;
use async_trait::async_trait;
use shop::flow::step_7_reconcile::{ask_due, sweep};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, PoisonError},
};

/// How many attempts are asked about at once.
const MANY: u32 = 1000;

/// A world in this process, gone when it is closed.
pub struct Hall {
    world: World,
    addresses: Addresses,
    warehouse: Arc<Warehouse>,
    ledger: PathBuf,
    folder: tempfile::TempDir,
    program: PathBuf,
    #[cfg(feature = "ablation")]
    patience: std::time::Duration,
}

impl Hall {
    /// Starts a world in a temporary folder.
    ///
    /// # Errors
    /// A port or a file.
    pub async fn open(lab: &Lab, wanted: &WorldPlan) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        write_shop_file(folder.path(), wanted)?;
        let warehouse = Arc::new(Warehouse::default());
        let mut plan = Plan::in_folder(folder.path());
        if !wanted.no_proxy {
            // Each visitor comes from an address of its own, as through a proxy.
            plan.env
                .insert("TRUSTED_PROXIES".to_owned(), "127.0.0.1".to_owned());
        }
        plan.env.extend(wanted.env.clone());
        plan.rate = wanted.rate.max(1);
        plan.fulfilment = Some(Arc::clone(&warehouse) as Arc<_>);
        #[cfg(feature = "ablation")]
        lab.off.apply(&mut plan)?;
        let world = World::start(plan).await?;
        let addresses = Addresses {
            shop: world.shop_url.clone(),
            payuni: world.sandbox.payuni_url.clone(),
            google: world.sandbox.google_url.clone(),
        };
        Ok(Self {
            world,
            addresses,
            warehouse,
            ledger: folder.path().join("data/jinliu.db"),
            folder,
            program: lab.program.clone(),
            #[cfg(feature = "ablation")]
            patience: lab.off.patience(),
        })
    }

    /// Stops the world.
    ///
    /// # Errors
    /// The server loop's.
    pub async fn close(self) -> anyhow::Result<()> {
        self.world.stop().await
    }
}

#[async_trait]
impl Stage for Hall {
    fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    fn ledger(&self) -> &Path {
        &self.ledger
    }

    fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn program(&self) -> &Path {
        &self.program
    }

    fn logs(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }

    #[cfg(feature = "ablation")]
    fn patience(&self) -> std::time::Duration {
        self.patience
    }

    async fn ask(&self) -> anyhow::Result<()> {
        let app = &self.world.shop.app;
        // What PAYUNi's console did behind the shop's back is found by the daily look at everything.
        sweep(app).await?;
        app.ledger.ask_all(app.clock.now()).await?;
        ask_due(app, MANY).await?;
        Ok(())
    }

    fn handed_over(&self, order_no: &str) -> Option<u64> {
        let handed = self.warehouse.0.lock();
        let handed = handed.unwrap_or_else(PoisonError::into_inner);
        Some(handed.get(order_no).copied().unwrap_or(0))
    }

    async fn audit(&self) -> anyhow::Result<Vec<String>> {
        audit(&self.ledger).await
    }
}

/// What the auditor finds broken in a ledger.
pub(super) async fn audit(ledger: &Path) -> anyhow::Result<Vec<String>> {
    let path = ledger.to_owned();
    let report = tokio::task::spawn_blocking(move || auditor::audit(&path)).await??;
    let broken = report.checks.iter().filter(|check| !check.holds);
    let say = broken.map(|check| {
        let first = check.violations.first().map_or("", String::as_str);
        format!("{} ({first})", check.name)
    });
    Ok(say.collect())
}

/// No world at all, for cases that do not apply.
pub(super) struct Nowhere;

#[async_trait]
impl Stage for Nowhere {
    fn addresses(&self) -> &Addresses {
        static NONE: Addresses = Addresses {
            shop: String::new(),
            payuni: String::new(),
            google: String::new(),
        };
        &NONE
    }

    fn ledger(&self) -> &Path {
        Path::new("")
    }

    fn folder(&self) -> &Path {
        Path::new("")
    }

    fn program(&self) -> &Path {
        Path::new("")
    }

    fn logs(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    fn secrets(&self) -> Vec<String> {
        Vec::new()
    }

    async fn ask(&self) -> anyhow::Result<()> {
        Err(anyhow::Error::msg("there is no world"))
    }

    fn handed_over(&self, _: &str) -> Option<u64> {
        None
    }

    async fn audit(&self) -> anyhow::Result<Vec<String>> {
        None.context("there is no world")
    }
}
