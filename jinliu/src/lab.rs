//! The attack laboratory: a throw-away world for each case of the corpus, in a folder of its own, on any free ports.

#[cfg(feature = "ablation")]
pub mod ablation;
mod process;
mod stage;

use crate::world::{Plan, World};
use anyhow::Context;
use async_trait::async_trait;
use attacks::{Addresses, Case, Stage, Verdict, WorldPlan};
use orders::{Order, book::Confirmed};
use shop::fulfilment::{Fulfilment, FulfilmentError};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

pub use stage::Hall;

/// How the laboratory is fitted out.
#[derive(Clone, Debug)]
pub struct Lab {
    /// The program, for cases that start it.
    pub program: PathBuf,
    /// What is switched off in every world of it.
    #[cfg(feature = "ablation")]
    pub off: ablation::Off,
}

impl Lab {
    /// A laboratory whose shops have all their lines.
    #[must_use]
    pub fn new(program: PathBuf) -> Self {
        Self {
            program,
            #[cfg(feature = "ablation")]
            off: ablation::Off::default(),
        }
    }
}

impl Lab {
    /// Plays a case in a world of its own.
    pub async fn play(&self, case: &Case) -> Verdict {
        let failed = |error: anyhow::Error| Verdict {
            id: case.id.clone(),
            verdict: attacks::Outcome::Believed,
            caught_by: String::new(),
            detail: format!("{error:#}"),
            ms: 0,
            matter: None,
            books: Vec::new(),
            sent: Vec::new(),
            requests: 0,
        };
        if !case.applies() {
            return attacks::run(case, &stage::Nowhere).await;
        }
        if case.world.process || case.world.empty {
            return match process::Street::open(self, &case.world).await {
                Ok(street) => attacks::run(case, &street).await,
                Err(error) => failed(error.context("the program cannot be started")),
            };
        }
        match Hall::open(self, &case.world).await {
            Ok(hall) => {
                let verdict = attacks::run(case, &hall).await;
                match hall.close().await {
                    Ok(()) => verdict,
                    Err(error) => failed(error.context("the world did not end well")),
                }
            }
            Err(error) => failed(error.context("the world did not start")),
        }
    }
}

/// The demo's own shop file with a case's changes, and with room for many checkouts.
fn write_shop_file(folder: &Path, plan: &WorldPlan) -> anyhow::Result<()> {
    let mut text = shop::settings::DEMO_SHOP_FILE.to_owned();
    for (part, instead) in &plan.shop_file {
        anyhow::ensure!(text.contains(part.as_str()), "jinliu.toml has no {part:?}");
        text = text.replace(part.as_str(), instead);
    }
    text = text.replace("checkout_per_minute = 30", "checkout_per_minute = 600");
    std::fs::write(folder.join("jinliu.toml"), text).context("jinliu.toml cannot be written")
}

/// Remembers what was handed over.
#[derive(Default)]
struct Warehouse(Mutex<BTreeMap<String, u64>>);

#[async_trait]
impl Fulfilment for Warehouse {
    async fn deliver(&self, _: &str, order: &Order, _: &Confirmed) -> Result<(), FulfilmentError> {
        let mut handed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *handed.entry(order.no.to_string()).or_default() += 1;
        Ok(())
    }
}
