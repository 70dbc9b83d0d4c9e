//! The state file: JSON, replaced by an atomic rename, written shortly after a change.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::keys::SigningKey;
use crate::sheets::Book;
use crate::tokens::{Grant, Refresh};

/// What outlives a restart.
#[derive(Serialize, Deserialize)]
pub(crate) struct Kept {
    pub(crate) generation: u64,
    pub(crate) clock: Clock,
    /// PKCS#8 in base64, the signing key first.
    pub(crate) keys: Vec<String>,
    pub(crate) books: BTreeMap<String, Book>,
    pub(crate) access: BTreeMap<String, Grant>,
    pub(crate) refresh: BTreeMap<String, Refresh>,
}

impl Kept {
    pub(crate) fn signing_keys(&self) -> Vec<SigningKey> {
        self.keys
            .iter()
            .filter_map(|text| STANDARD.decode(text).ok())
            .filter_map(|der| SigningKey::from_pkcs8(&der))
            .collect()
    }
}

/// Reads the file. A broken one is set aside under another name, with a message.
pub(crate) fn load(path: &Path) -> io::Result<Option<Kept>> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    match serde_json::from_slice(&bytes) {
        Ok(kept) => Ok(Some(kept)),
        Err(why) => {
            let aside = set_aside(path)?;
            tracing::warn!(
                file = %path.display(), kept_as = %aside.display(), %why,
                "the Google sandbox's state file cannot be read: set aside, starting with an empty spreadsheet"
            );
            Ok(None)
        }
    }
}

/// Renames `path` to a free name next to it.
pub(crate) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let aside = (1_u32..)
        .map(|n| path.with_file_name(format!("{name}.broken-{n}")))
        .find(|candidate| !candidate.exists())
        .unwrap_or_else(|| path.with_extension("broken"));
    std::fs::rename(path, &aside)?;
    Ok(aside)
}

/// Writes `bytes` so that a reader finds the old file or the new one, readable by its owner only.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().into_owned())
        .unwrap_or_default();
    let temporary = path.with_file_name(format!(".{name}.new"));
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    let mut file = options.open(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&temporary, path)
}

/// Counts changes and tells when they are on disk.
#[derive(Debug)]
pub(crate) struct Saver {
    wanted: watch::Sender<u64>,
    saved: watch::Sender<u64>,
    active: bool,
}

impl Saver {
    /// How long changes are gathered before they are written together.
    const GATHER: Duration = Duration::from_millis(25);
    /// How long a writer waits for the disk before it is answered all the same.
    const PATIENCE: Duration = Duration::from_secs(2);

    pub(crate) fn new(active: bool) -> Self {
        Self {
            wanted: watch::Sender::new(0),
            saved: watch::Sender::new(0),
            active,
        }
    }

    /// Something changed.
    pub(crate) fn touch(&self) {
        if self.active {
            self.wanted.send_modify(|n| *n += 1);
        }
    }

    /// Waits until everything changed so far is on disk: Google, too, keeps what it acknowledged.
    pub(crate) async fn settled(&self) {
        if self.active {
            let target = *self.wanted.borrow();
            let mut saved = self.saved.subscribe();
            drop(tokio::time::timeout(Self::PATIENCE, saved.wait_for(|n| *n >= target)).await);
        }
    }

    /// Writes after each change, until told to stop.
    pub(crate) async fn run(
        &self,
        write: impl Fn() -> io::Result<()>,
        mut stop: watch::Receiver<bool>,
    ) {
        let mut wanted = self.wanted.subscribe();
        loop {
            tokio::select! {
                changed = wanted.changed() => if changed.is_err() { return },
                _ = stop.wait_for(|stopped| *stopped) => return,
            }
            tokio::time::sleep(Self::GATHER).await;
            let target = *wanted.borrow_and_update();
            match write() {
                Ok(()) => drop(self.saved.send_replace(target)),
                Err(why) => {
                    tracing::warn!(%why, "the Google sandbox could not write its state file");
                }
            }
        }
    }
}
