//! The build whose lines can be switched off. It is another program than the one that people run, on purpose: that one
//! has no such switch.

use attacks::Verdict;
use lab::Bench;
use std::{
    io::Read,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// Its target folder, below the source tree's.
const FOLDER: &str = "target/lab";
/// A play with a line off may wait in vain for much; then it is given up, before the edge answers for us.
const PATIENCE: Duration = Duration::from_secs(20);
/// How much of a failed build's words is shown, in characters.
const WORDS: usize = 1200;

enum State {
    Idle,
    /// Built by this program: of the tree as it is.
    Built,
    Building(Child, Instant),
    Failed(String),
}

/// The test build of this source tree, where there is one.
pub(super) struct TestBuild {
    tree: Option<PathBuf>,
    state: Mutex<State>,
}

impl TestBuild {
    /// Looks for the source tree that this program was built from.
    pub(super) fn here() -> Self {
        let tree = Path::new(env!("CARGO_MANIFEST_DIR")).parent();
        let tree = tree.filter(|tree| tree.join("Cargo.toml").is_file());
        Self {
            tree: tree.map(Path::to_owned),
            state: Mutex::new(State::Idle),
        }
    }

    fn program(&self) -> Option<PathBuf> {
        let program = format!("{FOLDER}/debug/jinliu{}", std::env::consts::EXE_SUFFIX);
        Some(self.tree.as_ref()?.join(program))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is to switch lines off with.
    pub(super) fn bench(&self) -> Bench {
        let mut state = self.state();
        if let State::Building(child, since) = &mut *state {
            match child.try_wait() {
                Ok(None) => {
                    return Bench::Building {
                        seconds: since.elapsed().as_secs(),
                    };
                }
                Ok(Some(status)) if status.success() => *state = State::Built,
                _ => *state = State::Failed(last_words(child)),
            }
        }
        if let State::Failed(why) = &*state {
            return Bench::Failed(why.clone());
        }
        match self.program() {
            Some(program) if matches!(*state, State::Built) || is_of_now(&program) => Bench::Ready,
            Some(_) if cargo().arg("--version").output().is_ok() => Bench::Offered,
            _ => Bench::Absent,
        }
    }

    /// Begins to build it, unless that has begun.
    pub(super) fn begin(&self) {
        let mut state = self.state();
        let Some(tree) = &self.tree else { return };
        if matches!(&*state, State::Building(..)) {
            return;
        }
        let mut build = cargo();
        build
            .current_dir(tree)
            .args(["build", "--quiet", "--locked", "-p", "jinliu"])
            .args(["--features", "ablation", "--target-dir", FOLDER]);
        // Below the pipe's capacity: a quiet build says nothing but its errors.
        let build = build.stdin(Stdio::null()).stdout(Stdio::null());
        *state = match build.stderr(Stdio::piped()).spawn() {
            Ok(child) => State::Building(child, Instant::now()),
            Err(error) => State::Failed(error.to_string()),
        };
    }

    /// Plays a case with a part off. `None`: the build is not there, or it gave no verdict.
    pub(super) async fn play(&self, id: &str, off: &str) -> Option<Verdict> {
        let program = self.program().filter(|program| program.is_file())?;
        let mut play = tokio::process::Command::new(program);
        play.args(["lab", "run", id, "--off", off, "--json"])
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, play.output()).await;
        let output = output.ok()?.ok()?;
        let verdicts: Vec<Verdict> = serde_json::from_slice(&output.stdout).ok()?;
        verdicts.into_iter().next()
    }
}

impl Drop for TestBuild {
    fn drop(&mut self) {
        if let State::Building(child, _) = &mut *self.state() {
            drop(child.kill());
            drop(child.wait());
        }
    }
}

/// Whether the build is not older than this program: what was built before a change would show how the shop was.
fn is_of_now(build: &Path) -> bool {
    let made = |path: &Path| path.metadata()?.modified();
    let this = std::env::current_exe().and_then(|this| made(&this));
    matches!((made(build), this), (Ok(build), Ok(this)) if build >= this)
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn last_words(child: &mut Child) -> String {
    let mut said = Vec::new();
    if let Some(err) = &mut child.stderr {
        // What cannot be read is not shown.
        drop(err.read_to_end(&mut said));
    }
    let said = String::from_utf8_lossy(&said);
    said.chars().take(WORDS).collect()
}
