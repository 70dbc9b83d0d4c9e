//! The commands, one file each.

#[cfg(feature = "ablation")]
pub mod ablate;
pub mod audit;
#[cfg(feature = "sandbox")]
pub mod demo;
#[cfg(feature = "sandbox")]
pub mod lab;
pub mod orders;
pub mod payuni;
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
    let env = environment();
    if Settings::names_real_merchant(&env, dir) {
        return Settings::from_env(Mode::Serve, &env, dir);
    }
    #[cfg(feature = "sandbox")]
    {
        let kept = crate::world::kept_addresses(dir);
        if !kept.is_empty() {
            let look = |name: &str| env(name).or_else(|| kept.get(name).cloned());
            return Settings::from_env(Mode::Demo, &look, dir);
        }
    }
    // Neither a real shop nor a demo that was ever started: say what a real one needs.
    Settings::from_env(Mode::Serve, &env, dir)
}

/// Resolves when the process is asked to stop. From the call on that no longer ends it at once, so call this before
/// anything is served.
pub fn asked_to_stop() -> impl Future<Output = ()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let (interrupt, terminate) = (
            signal(SignalKind::interrupt()),
            signal(SignalKind::terminate()),
        );
        async move {
            let (Ok(mut interrupt), Ok(mut terminate)) = (interrupt, terminate) else {
                return std::future::pending().await;
            };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
    }
    #[cfg(not(unix))]
    async {
        drop(tokio::signal::ctrl_c().await);
    }
}
