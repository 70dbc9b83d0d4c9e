//! What a newcomer waits for: the first build of `cargo run`, from nothing.

use std::{fs, path::Path, thread, time::Instant};

use anyhow::{Context, Result};

use crate::run;

/// Builds the program into an empty folder, prints how long it took, and removes the folder.
///
/// The crates are fetched before the clock starts: that part depends on the network alone.
///
/// # Errors
/// Where the build fails.
pub(crate) fn measure(root: &Path) -> Result<()> {
    let folder = root.join("target/cold");
    if folder.exists() {
        fs::remove_dir_all(&folder).context("removing an older cold build")?;
    }
    let started = Instant::now();
    run::succeed(run::cargo(root).args(["fetch", "--locked", "--quiet"]))?;
    let fetched = started.elapsed();
    let started = Instant::now();
    // What `cargo run` builds: the default member in the dev profile.
    run::succeed(
        run::cargo(root)
            .args(["build", "--locked"])
            .env("CARGO_TARGET_DIR", &folder),
    )?;
    let built = started.elapsed();
    fs::remove_dir_all(&folder)?;
    let cores = thread::available_parallelism()?;
    println!(
        "cold build: {built:.1?} on {cores} cores (and {fetched:.1?} to fetch what was not yet here)"
    );
    Ok(())
}
