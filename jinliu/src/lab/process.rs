//! The program as a process of its own, with its whole sandbox, everything it says kept.

use super::{Addresses, Lab, Stage, WorldPlan, stage::audit, write_shop_file};
use anyhow::Context;
use async_trait::async_trait;
use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::process::{Child, Command};

/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// Secrets that were given to the shop by this stage, and no other shop has.
const SESSION_SECRET: &str = "c4a7a5e1f0b94d2c8e6f3a1b7d9c5e0f2a4b6c8d0e1f3a5b7c9d1e3f5a7b9c0d";

/// A demo in a process, gone when it is dropped.
pub(super) struct Street {
    addresses: Addresses,
    ledger: PathBuf,
    folder: tempfile::TempDir,
    program: PathBuf,
    /// Killed when it is dropped.
    _child: Option<Child>,
}

impl Street {
    /// Starts the program, or nothing where a case starts it itself.
    pub(super) async fn open(lab: &Lab, wanted: &WorldPlan) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let ledger = folder.path().join("data/jinliu.db");
        let mut street = Self {
            addresses: Addresses {
                shop: String::new(),
                payuni: String::new(),
                google: String::new(),
            },
            ledger,
            program: lab.program.clone(),
            folder,
            _child: None,
        };
        if wanted.empty {
            return Ok(street);
        }
        write_shop_file(street.folder.path(), wanted)?;
        let path = |name: &str| street.folder.path().join(name);
        let mut child = Command::new(&lab.program)
            .args(["demo", "--port", "0", "--payuni-port", "0"])
            .args(["--google-port", "0"])
            .current_dir(street.folder.path())
            .env_clear()
            .env("RUST_LOG", "debug")
            .env("SESSION_SECRET", SESSION_SECRET)
            .env("TRUSTED_PROXIES", "127.0.0.1")
            .envs(&wanted.env)
            .stdin(Stdio::null())
            .stdout(File::create(path("stdout.log"))?)
            .stderr(File::create(path("stderr.log"))?)
            .kill_on_drop(true)
            .spawn()
            .context("the program cannot be started")?;
        street.addresses = addresses(&mut child, &path("stdout.log")).await?;
        street._child = Some(child);
        Ok(street)
    }
}

/// The first three addresses that the demo prints: the shop's, PAYUNi's and Google's.
async fn addresses(child: &mut Child, output: &Path) -> anyhow::Result<Addresses> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let text = std::fs::read_to_string(output)?;
        let urls = text.split("http://localhost:").skip(1);
        let ports = urls.filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
        let found: Vec<String> = ports
            .map(|port| format!("http://localhost:{port}"))
            .collect();
        if let [shop, payuni, google, ..] = found.as_slice() {
            return Ok(Addresses {
                shop: shop.clone(),
                payuni: payuni.clone(),
                google: google.clone(),
            });
        }
        if let Some(status) = child.try_wait()? {
            let errors = output.with_file_name("stderr.log");
            let errors = std::fs::read_to_string(errors)?;
            anyhow::bail!("the program ended ({status}): {errors}");
        }
        anyhow::ensure!(Instant::now() < deadline, "the program said no addresses");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[async_trait]
impl Stage for Street {
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
        let path = |name: &str| self.folder.path().join(name);
        vec![path("stdout.log"), path("stderr.log")]
    }

    fn secrets(&self) -> Vec<String> {
        [
            SESSION_SECRET,
            payuni_sim::DEMO_HASH_KEY,
            payuni_sim::DEMO_HASH_IV,
            google_sim::CLIENT_SECRET,
            google_sim::TURNSTILE_SECRET,
        ]
        .map(str::to_owned)
        .to_vec()
    }

    async fn ask(&self) -> anyhow::Result<()> {
        let done = Command::new(&self.program)
            .arg("reconcile")
            .current_dir(self.folder.path())
            .env_clear()
            .env("SESSION_SECRET", SESSION_SECRET)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await?;
        let said = String::from_utf8_lossy(&done.stderr);
        anyhow::ensure!(done.status.success(), "jinliu reconcile: {said}");
        Ok(())
    }

    fn handed_over(&self, _: &str) -> Option<u64> {
        None
    }

    async fn audit(&self) -> anyhow::Result<Vec<String>> {
        audit(&self.ledger).await
    }
}
