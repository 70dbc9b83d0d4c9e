//! A copy of the tree, to change and build without touching the tree itself: for bugs that are planted and for tasks that
//! are solved.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};

use crate::run;

/// A copy of the tree, and where it is built.
pub(crate) struct TreeCopy {
    /// The copy's folder.
    pub(crate) folder: PathBuf,
    /// Where it is built, nothing of it shared with the tree: cargo names what it builds by a crate's place in its
    /// workspace, so the copy's crates would take the place of the tree's, planted bugs and all.
    pub(crate) target: PathBuf,
    /// The tree as it was when the copy was made, by path: what is changed meanwhile takes no part.
    tree: BTreeMap<String, Vec<u8>>,
}

impl TreeCopy {
    /// Copies what git sees of the tree, what is not committed included.
    ///
    /// # Errors
    /// Where the tree cannot be read or the copy not be written.
    pub(crate) fn of(root: &Path) -> Result<Self> {
        let copy = Self {
            folder: root.join("target/planted/tree"),
            target: root.join("target/planted/build"),
            tree: tree(root)?,
        };
        fs::create_dir_all(&copy.target)?;
        copy.restore()?;
        Ok(copy)
    }

    /// Makes the copy equal to the tree. A file that is equal already keeps its time, so that nothing is built anew for it.
    ///
    /// # Errors
    /// Where the copy cannot be written.
    pub(crate) fn restore(&self) -> Result<()> {
        for (name, bytes) in &self.tree {
            let place = self.folder.join(name);
            if fs::read(&place).ok().as_ref() != Some(bytes) {
                if let Some(folder) = place.parent() {
                    fs::create_dir_all(folder)?;
                }
                fs::write(&place, bytes)?;
            }
        }
        remove_others(&self.folder, &self.folder, &self.tree)
    }

    /// Applies a patch: all of it or nothing.
    ///
    /// # Errors
    /// Where it does not apply, with what git says.
    pub(crate) fn apply(&self, patch: &Path) -> Result<()> {
        // Outside of any repository, so that the patch's paths are the copy's and nothing is left out silently.
        let ceiling = self.folder.parent().context("the copy has no folder")?;
        let output = Command::new("git")
            .current_dir(&self.folder)
            .env("GIT_CEILING_DIRECTORIES", ceiling)
            .args(["apply", "--verbose", "--whitespace=nowarn"])
            .arg(patch)
            .stdin(Stdio::null())
            .output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        ensure!(
            output.status.success() && said.contains("Applied patch"),
            "the patch does not apply: {}",
            said.trim()
        );
        Ok(())
    }

    /// Copies the copy as it stands to another place.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub(crate) fn snapshot(&self, to: &Path) -> Result<()> {
        if to.exists() {
            fs::remove_dir_all(to)?;
        }
        copy_all(&self.folder, to)
    }

    /// Cargo in the copy.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = run::cargo(&self.folder);
        command
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("CARGO_BUILD_BUILD_DIR")
            .env("CARGO_TERM_COLOR", "never")
            // The copy has packages of its own: nothing that cargo told this task may be told to it.
            .env_remove("CARGO_MANIFEST_DIR");
        command
    }
}

/// Every file as git sees it, what is not committed included.
fn tree(root: &Path) -> Result<BTreeMap<String, Vec<u8>>> {
    let mut list = Command::new("git");
    list.current_dir(root)
        .args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let list = run::output(&mut list).context("git lists no files")?;
    // One that cannot be read was deleted, and that is not committed yet.
    let read = |name: &str| Some((name.to_owned(), fs::read(root.join(name)).ok()?));
    Ok(list.lines().filter_map(read).collect())
}

fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (path, kind, name) =
            entry.and_then(|entry| Ok((entry.path(), entry.file_type()?, entry.file_name())))?;
        if kind.is_dir() {
            copy_all(&path, &to.join(name))?;
        } else {
            fs::copy(&path, to.join(name))?;
        }
    }
    Ok(())
}

/// Removes what the tree does not have (any more), the copy's own folders left as they are.
fn remove_others(top: &Path, folder: &Path, wanted: &BTreeMap<String, Vec<u8>>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
        if kind.is_dir() {
            remove_others(top, &path, wanted)?;
            continue;
        }
        let name = path.strip_prefix(top)?.to_string_lossy().replace('\\', "/");
        if !wanted.contains_key(&name) {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}
