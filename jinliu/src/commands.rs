//! The commands, one file each.

#[cfg(feature = "sandbox")]
pub mod demo;
pub mod orders;
pub mod reconcile;
#[cfg(feature = "sandbox")]
pub mod sandbox;
pub mod serve;

use shop::settings::{Mode, Settings};
use std::path::Path;

/// Exit code for a configuration that cannot work.
pub const MISCONFIGURED: u8 = 2;

/// Returns the process's environment as the settings read it.
pub fn environment() -> impl Fn(&str) -> Option<String> {
    |name: &str| std::env::var(name).ok()
}

/// The settings of whichever shop lives in this folder: the real one where PAYUNi's keys are set, the demo otherwise.
///
/// # Errors
/// What is wrong with the configuration.
pub fn settings_here(dir: &Path) -> Result<Settings, shop::settings::Faults> {
    match Settings::from_env(Mode::Serve, &environment(), dir) {
        Err(faults) if faults.names("PAYUNI_MERCHANT_ID") => {
            Settings::from_env(Mode::Demo, &environment(), dir)
        }
        settings => settings,
    }
}

/// Resolves when the process is asked to stop.
pub async fn asked_to_stop() {
    #[cfg(unix)]
    {
        let Ok(mut terminate) =
            tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())
        else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = terminate.recv() => {}
        }
    }
    #[cfg(not(unix))]
    {
        drop(tokio::signal::ctrl_c().await);
    }
}
