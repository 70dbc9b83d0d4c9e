//! What the tests use from Python and Node: pinned in `xtask/tools`, installed under `target/test-tools`, once.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use crate::run;

const NODE_VERSION: &str = "22.23.3";

/// The Python of a virtual environment that has the packages of `requirements.txt`.
///
/// # Errors
/// Where it cannot be made, or a package cannot be had.
pub(crate) fn python(root: &Path, folder: &Path, python: &Path) -> Result<PathBuf> {
    let pins = root.join("xtask/tools/requirements.txt");
    let environment = folder.join("venv");
    let inside = environment.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    let version =
        run::output(Command::new(python).arg("-VV")).context("Python does not say its version")?;
    let stamp = Stamp::new(folder.join("venv.stamp"), &[&version, &read(&pins)?]);
    if inside.is_file() && stamp.holds() {
        return Ok(inside);
    }
    println!("Installing the Python packages of xtask/tools/requirements.txt.");
    stamp.clear(&environment)?;
    run::succeed(Command::new(python).args(["-m", "venv"]).arg(&environment))?;
    let mut install = Command::new(&inside);
    install.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "--requirement",
    ]);
    run::succeed(install.arg(&pins))?;
    // The list is whole only if nothing is missing from it, since nothing else was installed.
    run::succeed(Command::new(&inside).args([
        "-m",
        "pip",
        "check",
        "--disable-pip-version-check",
    ]))?;
    stamp.set()?;
    Ok(inside)
}

/// The folder `node_modules` with the packages of `package.json`.
///
/// # Errors
/// Where a package cannot be had.
pub(crate) fn node(root: &Path, folder: &Path, npm: &Path) -> Result<PathBuf> {
    let tools = root.join("xtask/tools");
    let project = folder.join("node");
    let modules = project.join("node_modules");
    let (wanted, locked) = (
        read(&tools.join("package.json"))?,
        read(&tools.join("package-lock.json"))?,
    );
    let stamp = Stamp::new(folder.join("node.stamp"), &[&wanted, &locked]);
    if modules.is_dir() && stamp.holds() {
        return Ok(modules);
    }
    println!("Installing the npm packages of xtask/tools/package-lock.json.");
    stamp.clear(&project)?;
    fs::create_dir_all(&project)?;
    fs::write(project.join("package.json"), wanted)?;
    fs::write(project.join("package-lock.json"), locked)?;
    let mut install = Command::new(npm);
    install.args([
        "ci",
        "--ignore-scripts",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
    ]);
    run::succeed(install.current_dir(&project))?;
    stamp.set()?;
    Ok(modules)
}

/// Node.js from npm's own packages, for a system whose Node.js is too old; nothing where npm has none for it.
///
/// # Errors
/// Where the package cannot be had.
pub(crate) fn node_itself(folder: &Path, npm: &Path) -> Result<Option<PathBuf>> {
    let machine = match (env::consts::OS, env::consts::ARCH) {
        ("linux", "x86_64") => "linux-x64",
        ("linux", "aarch64") => "linux-arm64",
        _ => return Ok(None),
    };
    let package = format!("node-{machine}@{NODE_VERSION}");
    let project = folder.join("node-itself");
    let program = project.join(format!("node_modules/node-{machine}/bin/node"));
    let stamp = Stamp::new(folder.join("node-itself.stamp"), &[&package]);
    if !program.is_file() || !stamp.holds() {
        println!(
            "The system's Node.js is missing or too old; installing npm's {package} for the tests alone."
        );
        stamp.clear(&project)?;
        fs::create_dir_all(&project)?;
        fs::write(project.join("package.json"), "{\"private\":true}")?;
        let mut install = Command::new(npm);
        install.args([
            "install",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
            &package,
        ]);
        run::succeed(install.current_dir(&project))?;
        stamp.set()?;
    }
    Ok(Some(program))
}

/// A file that holds what was installed, so that a change of the pins is noticed.
struct Stamp {
    file: PathBuf,
    content: String,
}

impl Stamp {
    fn new(file: PathBuf, content: &[&str]) -> Self {
        Self {
            file,
            content: content.join("\n"),
        }
    }

    fn holds(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|there| there == self.content)
    }

    /// Forgets and removes an older installation, or a half-made one.
    fn clear(&self, folder: &Path) -> Result<()> {
        if self.file.exists() {
            fs::remove_file(&self.file)?;
        }
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        Ok(())
    }

    fn set(&self) -> Result<()> {
        fs::write(&self.file, &self.content)
            .with_context(|| format!("writing {}", self.file.display()))
    }
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}
