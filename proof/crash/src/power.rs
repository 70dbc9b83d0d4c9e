//! Engine W: the power goes at any moment. What was acknowledged is durable, and the file is whole.

use crate::{
    disk::{Done, Unsynced, after_cut, read},
    judge::{Acked, lost, read_only},
    program::Built,
    report::Proof,
    stock::{Sealed, fill},
    street::Street,
    wire::{Line, request},
};
use anyhow::{Context, Result};
use ledger::SqliteLedger;
use rand::RngExt;
use std::{
    collections::BTreeMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::task::JoinSet;

/// How many notices one recording holds.
const NOTICES: u32 = 300;
/// How many senders at once, so that commits are shared.
const SENDERS: usize = 4;
/// How many cuts one recording is good for.
const CUTS_EACH: u64 = 100;
/// Checkpoints often, so that the database itself is being written at many of the cuts.
const OFTEN: &str = "PRAGMA wal_autocheckpoint = 60";
/// What the ledger never does. Here alone, to see that the recorder finds what it loses.
const CARELESS: &str = "PRAGMA wal_autocheckpoint = 60; PRAGMA synchronous = NORMAL";
const LEDGER: &str = "jinliu.db";

/// Cuts so many times, then shows on a careless ledger that losses would be seen.
pub(crate) async fn run(built: &Built, cuts: u64) -> Result<Proof> {
    let mut proof = Proof::begin("power_cuts");
    for name in ["cuts", "lost", "normal_lost", "normal_cuts"] {
        proof.set(name, 0);
    }
    let mut left = cuts;
    while left > 0 && proof.holds() {
        let some = left.min(CUTS_EACH);
        cut_one_recording(built, some, &mut proof).await?;
        left -= some;
    }
    let careless = Recording::make(built, CARELESS).await?;
    for _ in 0..20 {
        let cut = careless.just_told();
        let (found, _) = careless.losses(cut, Unsynced::Gone)?;
        proof.count("normal_cuts", 1);
        proof.count("normal_lost", u64::try_from(found.len())?);
    }
    proof.demand(proof.counted("normal_lost") > 0, || {
        "blind: of a ledger that does not wait for the disk, no loss was found".to_owned()
    });
    Ok(proof.end())
}

async fn cut_one_recording(built: &Built, cuts: u64, proof: &mut Proof) -> Result<()> {
    let recording = Recording::make(built, OFTEN).await?;
    proof.count("records", u64::try_from(recording.done.len())?);
    proof.count("acknowledged", u64::try_from(recording.told.len())?);
    proof.demand(recording.told.len() >= usize::try_from(NOTICES)?, || {
        format!(
            "only {} of {NOTICES} answers were recorded",
            recording.told.len()
        )
    });
    for n in 0..cuts {
        // Every other one right after an answer: nothing that is not durable survives, so the answer came after its sync.
        let (cut, fate) = match n % 4 {
            0 | 2 => (recording.just_told(), Unsynced::Gone),
            1 => (recording.anywhere(), Unsynced::Some { sector: 512 }),
            _ => (recording.anywhere(), Unsynced::Some { sector: 4096 }),
        };
        proof.count("cuts", 1);
        let (lost, left) = recording.losses(cut, fate)?;
        for notice in lost {
            proof.count("lost", 1);
            proof.fail(format!("cut at {cut}: acknowledged and lost: {notice:?}"));
        }
        let audit = auditor::audit(&left.path().join(LEDGER))?;
        proof.demand(audit.ok, || {
            format!("cut at {cut}: the audit finds {:?}", audit.broken())
        });
    }
    Ok(())
}

/// What a shop did to its disk while it was told of payments, and what it answered.
struct Recording {
    done: Vec<Done>,
    base: BTreeMap<String, Vec<u8>>,
    /// Where in the recording each notice was acknowledged.
    told: Vec<(usize, Acked)>,
    folder: tempfile::TempDir,
}

impl Recording {
    async fn make(built: &Built, pragmas: &str) -> Result<Self> {
        let street = Arc::new(Street::open().await?);
        let notices = fill(&street, NOTICES, 680).await?;
        at_rest(&street.ledger())?;
        let base = BTreeMap::from([(LEDGER.to_owned(), std::fs::read(street.ledger())?)]);
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("recording");
        let mut program = street.start(
            &built.jinliu,
            &[
                ("LD_PRELOAD", built.recorder.display().to_string()),
                ("POWER_LOG", log.display().to_string()),
                (crash_points::PRAGMAS, pragmas.to_owned()),
            ],
        )?;
        street.listens(&mut program).await?;
        let answered = send_all(street.port, notices).await?;
        program.kill()?;
        let done = read(&log)?;
        let told = done
            .iter()
            .enumerate()
            .filter_map(|(place, one)| match one {
                Done::Told(bytes) => {
                    Some((place + 1, answered.get(&acknowledges(bytes)?)?.clone()))
                }
                Done::Write { .. }
                | Done::Truncate { .. }
                | Done::Synced { .. }
                | Done::Unlink { .. } => None,
            })
            .collect();
        if let Some(street) = Arc::into_inner(street) {
            street.close().await;
        }
        Ok(Self {
            done,
            base,
            told,
            folder,
        })
    }

    /// Right after an answer left.
    fn just_told(&self) -> usize {
        let n = rand::rng().random_range(0..self.told.len().max(1));
        self.told.get(n).map_or(0, |(place, _)| *place)
    }

    fn anywhere(&self) -> usize {
        rand::rng().random_range(0..=self.done.len())
    }

    /// Makes the disk as it is after the cut, opens it as the program does, and returns what was acknowledged before the
    /// cut and is not there. Each cut has a folder of its own: a ledger that is let go of still tidies up by path.
    fn losses(&self, cut: usize, fate: Unsynced) -> Result<(Vec<Acked>, tempfile::TempDir)> {
        let folder = tempfile::tempdir_in(self.folder.path())?;
        for (name, content) in after_cut(&self.done, cut, &self.base, fate) {
            std::fs::write(folder.path().join(name), content)?;
        }
        let path = folder.path().join(LEDGER);
        let ledger = SqliteLedger::open(&path)
            .with_context(|| format!("the program cannot open what a cut at {cut} left"))?;
        let acked: Vec<Acked> = self
            .told
            .iter()
            .filter(|(place, _)| *place <= cut)
            .map(|(_, notice)| notice.clone())
            .collect();
        let lost = lost(&read_only(&path)?, &acked)?;
        drop(ledger);
        Ok((lost, folder))
    }
}

/// Brings everything into the database file itself.
fn at_rest(ledger: &Path) -> Result<()> {
    let connection = rusqlite::Connection::open(ledger)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

/// Sends all of them from a few senders, and returns by request which was acknowledged.
async fn send_all(port: u16, notices: Vec<Sealed>) -> Result<BTreeMap<String, Acked>> {
    let answered = Arc::new(Mutex::new(BTreeMap::new()));
    let each = notices.len().div_ceil(SENDERS);
    let mut senders = JoinSet::new();
    for mine in notices.chunks(each) {
        let (mine, answered) = (mine.to_vec(), Arc::clone(&answered));
        senders.spawn(async move {
            let mut line = Line::open(port).await?;
            for notice in mine {
                line.send(&request(port, &notice.body)).await?;
                let answer = line.answer().await?;
                anyhow::ensure!(answer.acknowledges(), "answered {}", answer.status);
                let id = answer.request_id().context("an answer without a number")?;
                answered
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(id.to_owned(), notice.meaning);
            }
            anyhow::Ok(())
        });
    }
    while let Some(sent) = senders.join_next().await {
        sent??;
    }
    let answered = std::mem::take(&mut *answered.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(answered)
}

/// The number of the request, where these bytes acknowledge one.
fn acknowledges(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut named = head.lines().filter_map(|line| line.split_once(": "));
    let (_, id) = named.find(|(name, _)| name.eq_ignore_ascii_case("x-request-id"))?;
    (body == "OK").then(|| id.to_owned())
}
