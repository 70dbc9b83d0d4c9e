//! cargo-deny, which checks the dependencies against `deny.toml`: one version for everybody.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::Result;

use crate::run;

const VERSION: &str = "0.20.2";

/// The program: one that is there in this version, or else one built under `target/test-tools`.
///
/// # Errors
/// Where it has to be built and cannot be.
pub(crate) fn installed(root: &Path) -> Result<PathBuf> {
    let folder = root.join("target/test-tools");
    let ours = folder.join("bin").join(if cfg!(windows) {
        "cargo-deny.exe"
    } else {
        "cargo-deny"
    });
    let candidates = [Some(ours.clone()), run::find(&["cargo-deny"])];
    if let Some(there) = candidates
        .into_iter()
        .flatten()
        .find(|program| is_right(program))
    {
        return Ok(there);
    }
    println!("cargo-deny {VERSION} is not here; building it once, without optimisation.");
    let started = Instant::now();
    let build = folder.join("cargo-deny-build");
    let mut command = run::cargo(root);
    command.args([
        "install",
        "cargo-deny",
        "--version",
        VERSION,
        "--locked",
        "--debug",
        "--force",
        "--quiet",
    ]);
    command
        .arg("--root")
        .arg(&folder)
        .arg("--target-dir")
        .arg(&build);
    run::succeed(command.env("CARGO_PROFILE_DEV_DEBUG", "0"))?;
    fs::remove_dir_all(&build)?;
    println!("Built in {:.1?}.", started.elapsed());
    Ok(ours)
}

fn is_right(program: &Path) -> bool {
    let said = run::output(Command::new(program).arg("--version"));
    said.is_some_and(|said| said.split_whitespace().last() == Some(VERSION))
}
