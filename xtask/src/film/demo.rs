//! The demo, as it was built, on ports and in a folder of its own.

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
};

use anyhow::{Context, Result, bail};
use serde::Serialize;
use tempfile::TempDir;

/// A running demo. It ends and its folder goes with this value.
pub(crate) struct Demo {
    child: Child,
    folder: TempDir,
    pub(crate) places: Places,
}

/// Where it listens, as origins.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Places {
    pub(crate) shop: String,
    pub(crate) payuni: String,
    pub(crate) google: String,
}

impl Demo {
    /// Starts it and reads where it is from what it says to everybody.
    ///
    /// # Errors
    /// Where it was not built, or does not open.
    pub(crate) fn start(root: &Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("jinliu-film-").tempdir()?;
        let program = program(root);
        let mut child = Command::new(&program)
            .args(["--port", "0", "--payuni-port", "0", "--google-port", "0"])
            .current_dir(folder.path())
            .env("RUST_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| {
                format!(
                    "{} does not start: `cargo build -p jinliu` makes it",
                    program.display()
                )
            })?;
        let out = child.stdout.take().context("no standard output")?;
        let mut demo = Self {
            child,
            folder,
            places: Places::default(),
        };
        let mut lines = BufReader::new(out).lines();
        for line in lines.by_ref() {
            demo.places.take(&line?);
            if demo.places.are_known() {
                // What else it says must go somewhere, or it would wait for a reader.
                thread::spawn(move || lines.for_each(drop));
                return Ok(demo);
            }
        }
        bail!("the demo ended before it said where it listens")
    }

    /// Its folder, with its `data`.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        // Nothing of it is kept, so it need not end well.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Places {
    /// Takes an address from a line of the demo's welcome.
    fn take(&mut self, line: &str) {
        let Some(at) = line.find("http://") else {
            return;
        };
        let (name, url) = line.split_at(at);
        let host = url.trim_start_matches("http://");
        let origin = format!("http://{}", host.split('/').next().unwrap_or_default());
        let place = match name.trim().trim_end_matches('\u{3000}') {
            name if name.starts_with("商店") => &mut self.shop,
            name if name.starts_with("PAYUNi") => &mut self.payuni,
            name if name.starts_with("Google") => &mut self.google,
            _ => return,
        };
        *place = origin;
    }

    fn are_known(&self) -> bool {
        [&self.shop, &self.payuni, &self.google]
            .iter()
            .all(|place| !place.is_empty())
    }
}

/// The debug build that a test run has made.
pub(crate) fn program(root: &Path) -> PathBuf {
    let name = format!("jinliu{}", std::env::consts::EXE_SUFFIX);
    root.join("target/debug").join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_places_are_read_from_the_welcome() {
        let mut places = Places::default();
        for line in [
            "  金流 jinliu　示範商店開張了",
            "    商店　　　　　　　　http://localhost:1",
            "    PAYUNi 後台（沙盒）　http://localhost:2",
            "    Google 試算表（沙盒）http://localhost:3/sheets/x",
        ] {
            assert!(!places.are_known());
            places.take(line);
        }
        assert!(places.are_known());
        assert_eq!(places.google, "http://localhost:3");
    }
}
