//! Engine D: the disk is full. Nothing is acknowledged that was not kept, the shop says that it is not ready, pages are
//! still served, and when there is room again it goes on by itself.
//!
//! Full is `RLIMIT_FSIZE`, which any user may set for a process that runs: its files, the log among them, cannot grow
//! past a size. A full file system in a box (tmpfs) would need the right to mount one.

use crate::{
    judge::{Acked, lost, read_only},
    program::{Built, Program},
    report::Proof,
    stock::{Sealed, fill},
    street::Street,
    wire,
};
use anyhow::{Context, Result, ensure};
use std::{
    process::Command,
    time::{Duration, Instant},
};

const NOTICES: u32 = 400;
/// So much the ledger's files may still grow before the disk is full.
const ROOM: u64 = 64 * 1024;

/// Fills the disk so many times.
pub(crate) async fn run(built: &Built, times: u64) -> Result<Proof> {
    let mut proof = Proof::begin("disk");
    for name in ["acknowledged", "answered_503", "lost"] {
        proof.set(name, 0);
    }
    for _ in 0..times {
        once(built, &mut proof).await?;
    }
    Ok(proof.end())
}

async fn once(built: &Built, proof: &mut Proof) -> Result<()> {
    let street = Street::open().await?;
    let mut notices = fill(&street, NOTICES, 680).await?.into_iter();
    // A write past the limit is an error to the program, and not its end by a signal.
    let mut command = Command::new("sh");
    command
        .args(["-c", "trap '' XFSZ; exec \"$0\" serve"])
        .arg(&built.jinliu);
    let mut program = Program::run(command, &street.dir(), &street.env, &[])?;
    street.listens(&mut program).await?;
    let mut acked = Vec::new();
    for notice in notices.by_ref().take(20) {
        let answer = wire::post(street.port, &notice.body, false).await?;
        ensure!(
            answer.acknowledges(),
            "before the disk is full: {}",
            answer.status
        );
        acked.push(notice.meaning);
    }
    let largest = ["jinliu.db", "jinliu.db-wal"]
        .map(|name| street.ledger().with_file_name(name))
        .iter()
        .filter_map(|file| Some(file.metadata().ok()?.len()))
        .max();
    limit(
        &program,
        &(largest.context("no ledger")? + ROOM).to_string(),
    )?;
    let waiting = until_full(&street, &mut notices, &mut acked, proof).await?;
    let ready = format!("{}/readyz", street.shop);
    // The probe is a small write, which may fit for a while where a notice does not.
    let mut probes = 1;
    while street.look_at(&ready).await? && probes < 200 {
        probes += 1;
    }
    proof.demand(probes < 200, || {
        "the disk is full and the shop says that it is ready".to_owned()
    });
    proof.count("probes", probes);
    proof.demand(street.look_at(&street.shop).await?, || {
        "the disk is full and pages are not served".to_owned()
    });
    limit(&program, "unlimited")?;
    let started = Instant::now();
    while !street.look_at(&ready).await? {
        program.lives()?;
        ensure!(
            started.elapsed() < Duration::from_secs(30),
            "there is room again, and the shop does not recover: {}",
            program.last_words()
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    proof.set(
        "recovered_within_ms",
        u64::try_from(started.elapsed().as_millis())?,
    );
    for notice in waiting.into_iter().chain(notices.take(20)) {
        let answer = wire::post(street.port, &notice.body, false).await?;
        proof.demand(answer.acknowledges(), || {
            format!(
                "there is room again, and a notice is answered {}",
                answer.status
            )
        });
        acked.push(notice.meaning);
    }
    program.kill()?;
    judge(&street, &acked, proof)?;
    street.close().await;
    Ok(())
}

/// Sends until ten notices were refused for want of room. Returns these; PAYUNi would send them again.
async fn until_full(
    street: &Street,
    notices: &mut std::vec::IntoIter<Sealed>,
    acked: &mut Vec<Acked>,
    proof: &mut Proof,
) -> Result<Vec<Sealed>> {
    let mut waiting = Vec::new();
    for notice in notices.by_ref() {
        let answer = wire::post(street.port, &notice.body, false).await?;
        if answer.acknowledges() {
            acked.push(notice.meaning);
            continue;
        }
        proof.demand(answer.status == 503, || {
            format!("the disk is full: a notice is answered {}", answer.status)
        });
        proof.count("answered_503", 1);
        waiting.push(notice);
        if waiting.len() == 10 {
            return Ok(waiting);
        }
    }
    anyhow::bail!("the disk never became full: only {} refused", waiting.len())
}

fn judge(street: &Street, acked: &[Acked], proof: &mut Proof) -> Result<()> {
    proof.count("acknowledged", u64::try_from(acked.len())?);
    let lost = lost(&read_only(&street.ledger())?, acked)?;
    proof.count("lost", u64::try_from(lost.len())?);
    proof.demand(lost.is_empty(), || {
        format!("acknowledged and lost: {lost:?}")
    });
    let audit = auditor::audit(&street.ledger())?;
    proof.demand(audit.ok, || format!("the audit finds {:?}", audit.broken()));
    Ok(())
}

/// Sets how large the files of a running process may become.
fn limit(program: &Program, size: &str) -> Result<()> {
    let pid = program.id().to_string();
    let set = Command::new("prlimit")
        .args(["--pid", &pid, &format!("--fsize={size}:unlimited")])
        .status()
        .context("`prlimit` (util-linux) is needed")?;
    ensure!(set.success(), "prlimit failed");
    Ok(())
}
