//! `accept`: whether a task is done, seen from outside.
//!
//! Each acceptance starts the built program in a folder of its own, lives a buyer's and an owner's way through it, and
//! judges by what they would see: pages, the ledger's file, the sandbox's own books and log, the sheet. It uses no crate
//! of ours but the sandbox's cipher, to seal what PAYUNi would. `cargo xtask accept N` builds the program and runs this.

mod judge;
mod mailbox;
mod office;
mod old_ledger;
mod page;
mod parcels;
mod program;
mod proxy;
mod sandbox;
mod seal;
mod setup;
mod sheet;
mod shopper;
mod table;
mod tasks;
mod town;
mod wait;

use anyhow::{Context, Result, bail};
use judge::{Judge, Verdict};
use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};
use table::TASKS;

/// How long one acceptance may take in all, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// It could not be judged.
const UNJUDGED: u8 = 2;

const USAGE: &str = "\
accept TASK --jinliu PROGRAM --tree FOLDER [--report FILE] [--keep]

  TASK      the task's number; `list` lists them
  --jinliu  the built program that is judged
  --tree    the tree that it was built from: its jinliu.toml, brand/ and papers, for the tasks that are about these
  --report  writes the verdict as JSON, too
  --keep    leaves the folders of its worlds and says where they are
";

/// What is judged.
pub(crate) struct Stage {
    /// The built program.
    pub(crate) jinliu: PathBuf,
    /// The tree that it was built from.
    pub(crate) tree: PathBuf,
    /// Whether the folders of its worlds are left, to be looked at.
    pub(crate) keep: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(verdict) => ExitCode::from(match verdict {
            Verdict::Passed => 0,
            Verdict::Failed => 1,
            Verdict::Unjudged => UNJUDGED,
        }),
        Err(error) => {
            eprintln!("accept: {error:#}\n\n{USAGE}");
            ExitCode::from(UNJUDGED)
        }
    }
}

async fn run() -> Result<Verdict> {
    let words: Vec<String> = env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "list") {
        for task in &TASKS {
            println!("  {:>2}  {}", task.number, task.title);
        }
        return Ok(Verdict::Passed);
    }
    let number = words.first().context("which task?")?;
    let number: u8 = number
        .parse()
        .with_context(|| format!("`{number}` is no task's number"))?;
    let value = |name: &str| {
        let at = words.iter().position(|word| word == name)?;
        words.get(at + 1).cloned()
    };
    let whole = |name: &str| {
        let path = value(name).with_context(|| format!("{name} is missing"))?;
        Path::new(&path)
            .canonicalize()
            .with_context(|| format!("{name}: {path} is not there"))
    };
    let stage = Stage {
        jinliu: whole("--jinliu")?,
        tree: whole("--tree")?,
        keep: words.iter().any(|word| word == "--keep"),
    };
    let Some(task) = TASKS.iter().find(|task| task.number == number) else {
        bail!("there is no task {number}; `accept list` lists them");
    };
    println!("第 {} 題：{}\n", task.number, task.title);
    let mut judge = Judge::new(task.folder);
    let ran = tokio::time::timeout(PATIENCE, tasks::run(number, &stage, &mut judge)).await;
    match ran {
        Ok(Ok(())) => {}
        Ok(Err(error)) => judge.cannot_go_on(&format!("{error:#}")),
        Err(_) => judge.cannot_go_on(&format!("{PATIENCE:?} 內沒有走完")),
    }
    if let Some(file) = value("--report") {
        std::fs::write(&file, judge.report(number).to_string())
            .with_context(|| format!("{file} cannot be written"))?;
    }
    Ok(judge.close(number))
}
