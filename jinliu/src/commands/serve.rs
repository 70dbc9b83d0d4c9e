//! `jinliu serve`: the shop alone, from configuration. Nothing of the sandbox is opened here.

use crate::{
    commands::{asked_to_stop, environment},
    doors,
    parts::parts,
    running::Shop,
};
use shop::settings::{Faults, Mode, Settings};
use std::path::Path;

/// Reads the configuration; every fault at once.
///
/// # Errors
/// All that is missing, weak or contradictory.
pub fn settings(dir: &Path) -> Result<Settings, Faults> {
    Settings::from_env(Mode::Serve, &environment(), dir)
}

/// Runs until it is asked to stop.
///
/// # Errors
/// The port is taken, the ledger cannot be opened.
pub async fn run(settings: Settings, dir: &Path) -> anyhow::Result<()> {
    let asked = asked_to_stop();
    for note in &settings.notes {
        tracing::warn!("{note}");
    }
    let listener = doors::open(settings.bind, "用 BIND 換一個位址或連接埠").await?;
    let url = settings.public_url.origin();
    let parts = parts(dir)?;
    let shop = Shop::start(listener, settings, parts)?;
    tracing::info!(address = %shop.addr, url, "the shop is open");
    asked.await;
    tracing::info!("closing: requests in flight are finished first");
    shop.stop().await
}
