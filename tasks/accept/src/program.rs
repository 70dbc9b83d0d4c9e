//! The built program as a process: in a folder of its own, with no environment but what it is given, ended with its owner.

use anyhow::{Context, Result, ensure};
use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU16, Ordering},
    time::{Duration, Instant},
};

/// What a program is told by its environment.
pub(crate) type Env = BTreeMap<String, String>;

/// What a finished command left.
pub(crate) struct Said {
    /// Its exit code; -1 where a signal ended it.
    pub(crate) code: i32,
    pub(crate) output: String,
    pub(crate) errors: String,
}

/// Runs a command to its end.
pub(crate) fn run(jinliu: &Path, dir: &Path, args: &[&str], env: &Env) -> Result<Said> {
    let done = command(jinliu, dir, args, env).output()?;
    Ok(Said {
        code: done.status.code().unwrap_or(-1),
        output: String::from_utf8_lossy(&done.stdout).into_owned(),
        errors: String::from_utf8_lossy(&done.stderr).into_owned(),
    })
}

fn command(jinliu: &Path, dir: &Path, args: &[&str], env: &Env) -> Command {
    let mut command = Command::new(jinliu);
    command
        .args(args)
        .current_dir(dir)
        .env_clear()
        .envs(env)
        .stdin(Stdio::null());
    command
}

/// A port that nobody listens on, the same for every start of one program. Below those that systems hand out by themselves,
/// so that no connection takes it in between.
pub(crate) fn free_port() -> Result<u16> {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + u16::try_from(std::process::id() % 1_000)? * 20;
    (0..2_000)
        .map(|_| first + NEXT.fetch_add(1, Ordering::Relaxed) % 2_000)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .context("no free port")
}

/// A running program. What it prints and logs goes to files beside its data.
pub(crate) struct Program {
    child: Child,
    output: PathBuf,
}

impl Program {
    /// Starts it; `name` names its files.
    pub(crate) fn start(
        jinliu: &Path,
        dir: &Path,
        name: &str,
        args: &[&str],
        env: &Env,
    ) -> Result<Self> {
        let output = dir.join(format!("{name}.stdout"));
        let open = |path: &Path| fs::File::options().create(true).append(true).open(path);
        let child = command(jinliu, dir, args, env)
            .stdout(open(&output)?)
            .stderr(open(&output.with_extension("stderr"))?)
            .spawn()
            .with_context(|| format!("{} does not start", jinliu.display()))?;
        Ok(Self { child, output })
    }

    /// What it has printed so far.
    pub(crate) fn printed(&self) -> String {
        fs::read_to_string(&self.output).unwrap_or_default()
    }

    /// What it has logged so far.
    pub(crate) fn logged(&self) -> String {
        fs::read_to_string(self.output.with_extension("stderr")).unwrap_or_default()
    }

    /// Its exit code, where it has ended by itself.
    pub(crate) fn ended(&mut self) -> Result<Option<i32>> {
        let status = self.child.try_wait()?;
        Ok(status.map(|status| status.code().unwrap_or(-1)))
    }

    /// Asks it to stop (`SIGTERM`) and waits until it has.
    pub(crate) async fn stop(mut self) -> Result<i32> {
        let id = self.child.id().to_string();
        let asked = Command::new("kill").args(["-TERM", &id]).status()?;
        ensure!(asked.success(), "kill -TERM failed");
        let until = Instant::now() + Duration::from_secs(30);
        loop {
            if let Some(code) = self.ended()? {
                return Ok(code);
            }
            ensure!(Instant::now() < until, "it does not end when asked to");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
