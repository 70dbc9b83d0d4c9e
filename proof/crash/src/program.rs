//! The real program as a process: built with its crash points, started, watched for its mark, killed.

use anyhow::{Context, Result, bail, ensure};
use std::{
    collections::BTreeMap,
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// What is built before anything is proved.
pub(crate) struct Built {
    /// The program with crash points.
    pub(crate) jinliu: PathBuf,
    /// The library that records what goes to the disk.
    pub(crate) recorder: PathBuf,
    _folder: tempfile::TempDir,
}

impl Built {
    /// Builds the program, with crash points and optimised where asked, and the recorder. Both are copied, so that no other
    /// build replaces them meanwhile.
    pub(crate) fn make(optimised: bool) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut build = Command::new(cargo);
        build.current_dir(&root).args([
            "build",
            "-p",
            "jinliu",
            "--features",
            "crash-points",
            "--locked",
            "--message-format=json-render-diagnostics",
        ]);
        if optimised {
            // The simulator's profile: one build of all dependencies serves both.
            build.args(["--profile", "proof"]);
        }
        let built = build.stderr(Stdio::inherit()).output()?;
        ensure!(built.status.success(), "the program does not build");
        let text = String::from_utf8(built.stdout)?;
        let program = text
            .lines()
            .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
            .filter(|line| line["target"]["name"] == "jinliu")
            .find_map(|line| line["executable"].as_str().map(str::to_owned))
            .context("cargo names no program")?;
        let jinliu = folder.path().join("jinliu");
        fs::copy(program, &jinliu)?;
        let recorder = folder.path().join("recorder.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("recorder/recorder.c");
        let compiled = Command::new("cc")
            .args([
                "-O2", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o",
            ])
            .args([&recorder, &source])
            .args(["-ldl", "-lpthread"])
            .status()
            .context("`cc` is needed for the power-loss recorder")?;
        ensure!(compiled.success(), "the recorder does not compile");
        Ok(Self {
            jinliu,
            recorder,
            _folder: folder,
        })
    }
}

/// A running program.
pub(crate) struct Program {
    child: Child,
    marks: mpsc::UnboundedReceiver<String>,
    log: PathBuf,
}

impl Program {
    /// Starts `jinliu serve` in a folder. What it says goes to `shop.log` there.
    pub(crate) fn start(
        jinliu: &Path,
        dir: &Path,
        env: &BTreeMap<String, String>,
        more: &[(&str, String)],
    ) -> Result<Self> {
        let mut command = Command::new(jinliu);
        command.arg("serve");
        Self::run(command, dir, env, more)
    }

    /// Starts a command that ends up as the program.
    pub(crate) fn run(
        mut command: Command,
        dir: &Path,
        env: &BTreeMap<String, String>,
        more: &[(&str, String)],
    ) -> Result<Self> {
        let log = dir.join("shop.log");
        let errors = fs::File::options().create(true).append(true).open(&log)?;
        let mut child = command
            .current_dir(dir)
            .env_clear()
            .env("RUST_LOG", "info")
            .envs(env)
            .envs(more.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()?;
        let out = child.stdout.take().context("no standard output")?;
        let (tell, marks) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if let Some(point) = line.strip_prefix(crash_points::MARK)
                    && tell.send(point.to_owned()).is_err()
                {
                    return;
                }
            }
        });
        Ok(Self { child, marks, log })
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until it stands still at its crash point; `None` where it does not in time.
    pub(crate) async fn mark(&mut self, patience: Duration) -> Option<String> {
        tokio::time::timeout(patience, self.marks.recv())
            .await
            .ok()
            .flatten()
    }

    /// `SIGKILL`.
    pub(crate) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Fails with its last words where it has ended by itself.
    pub(crate) fn lives(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the program ended ({status}): {}", self.last_words());
        }
        Ok(())
    }

    pub(crate) fn last_words(&self) -> String {
        let text = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = text.lines().rev().take(3).collect();
        lines.join(" | ")
    }

    /// `SIGTERM`; how it ended, and in what time.
    pub(crate) async fn terminate(mut self) -> Result<(ExitStatus, Duration)> {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status()?;
        ensure!(asked.success(), "kill -TERM failed");
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok((status, started.elapsed()));
            }
            ensure!(
                started.elapsed() < Duration::from_secs(30),
                "it does not end when asked to"
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
