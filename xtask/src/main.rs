//! The project's tasks: `cargo xtask test` is what a person, CI and a newcomer run, the same everywhere.
//!
//! It needs cargo and nothing else; what the tests talk with besides (a browser, PHP, Python, Node) it installs or
//! names. Its own dependencies are few and the program's as well, so that it is built in seconds.

mod steps;

mod figures;
mod film;
mod proof;
mod tasks;

mod cargo_deny;
mod packages;
mod programs;

mod cold;
mod commands;
mod count;
mod docs;
mod papers;
mod run;
mod tidy;
mod tree_copy;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};

use proof::Length;

const USAGE: &str = "\
The project's tasks.

  cargo xtask test               install what the tests need and run everything; what CI runs
  cargo xtask test --only STEP   one step of it
  cargo xtask lint               the quick steps: format, tidy, deny, clippy
  cargo xtask proof [--long] [--only NAME[/TARGET]]
                                 run the proofs of the money path and record them in proof.json
  cargo xtask accept N           is task N of tasks/ done? builds the program as it stands and looks from outside
  cargo xtask tasks --check [N…] every acceptance fails before and passes after its reference solution
  cargo xtask docs [--check]     draw the book's diagrams; or tell which are stale
  cargo xtask film [--only NAME] record the book's films, each from its script; --check: do they still hold?
  cargo xtask cold               how long the first `cargo run` of a fresh clone builds, measured here
";

fn main() -> ExitCode {
    match task() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Does what the arguments ask; whether all of it succeeded.
fn task() -> Result<bool> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = root()?;
    match words[..] {
        ["test"] => steps::run(&root, &steps::all()),
        ["test", "--only", name] => steps::run(&root, &[steps::named(name)?]),
        ["lint"] => steps::run(&root, &steps::quick()),
        ["proof", ref options @ ..] => prove(&root, options),
        ["accept", ref words @ ..] => tasks::accept(&root, words),
        ["tasks", "--check", ref numbers @ ..] => {
            let numbers = numbers.iter().map(|word| word.parse());
            let numbers: Vec<u8> = numbers.collect::<Result<_, _>>()?;
            tasks::check(&root, &numbers).map(|()| true)
        }
        ["docs"] => docs::write(&root).map(|()| true),
        ["docs", "--check"] => docs::check(&root).map(|()| true),
        ["film"] => film::record(&root, None).map(|()| true),
        ["film", "--only", name] => film::record(&root, Some(name)).map(|()| true),
        ["film", "--check"] => film::check(&root, None).map(|()| true),
        ["film", "--check", "--only", name] => film::check(&root, Some(name)).map(|()| true),
        ["cold"] => cold::measure(&root).map(|()| true),
        [] | ["help" | "--help" | "-h"] => {
            println!(
                "{USAGE}\nThe steps of `test`, in their order:\n\n{}\nThe proofs:\n\n{}",
                steps::list(),
                proof::list()
            );
            Ok(true)
        }
        _ => {
            eprintln!("There is no task `{}`.\n\n{USAGE}", words.join(" "));
            Ok(false)
        }
    }
}

/// `cargo xtask proof` with its options, in any order.
fn prove(root: &Path, options: &[&str]) -> Result<bool> {
    let (mut length, mut only) = (Length::Short, None);
    let mut options = options.iter();
    while let Some(option) = options.next() {
        match *option {
            "--long" => length = Length::Long,
            "--only" => only = Some(*options.next().context("--only takes the name of a proof")?),
            other => bail!("`proof` knows no {other}: --long, --only NAME"),
        }
    }
    proof::task(root, length, only)
}

/// The repository's folder.
fn root() -> Result<PathBuf> {
    // Cargo sets it for the process too, so a moved clone is found without building anew.
    let here = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.parent()
        .map(PathBuf::from)
        .context("xtask has no folder above it")
}
