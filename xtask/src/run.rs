//! Starting other programs: without standard input, so that nothing waits for a person, and with their exit checked.

use std::{
    env,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
    thread,
};

use anyhow::{Context, Result, bail};

/// The cargo that runs this task, from the repository's folder.
pub(crate) fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

/// Runs a program that talks to the terminal itself.
///
/// # Errors
/// Where it cannot be started or exits with a failure; the command line is named.
pub(crate) fn succeed(command: &mut Command) -> Result<()> {
    let line = said(command);
    let status = command.stdin(Stdio::null()).status();
    let status = status.with_context(|| format!("`{line}` could not be started"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Whether a program can be started and exits with success; what it says is not shown.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// What a program prints, or nothing where it fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    output.status.success().then_some(text)
}

/// What a program said, and how it ended.
pub(crate) struct Heard {
    /// The lines of its standard output.
    pub(crate) out: Vec<String>,
    /// The lines of its standard error.
    pub(crate) err: Vec<String>,
    status: ExitStatus,
}

impl Heard {
    pub(crate) fn succeeded(&self) -> bool {
        self.status.success()
    }

    /// How it ended, for messages.
    pub(crate) fn end(&self) -> String {
        format!("ended with {}", self.status)
    }
}

/// Runs a program, and shows all that it prints as it comes.
///
/// # Errors
/// Where it cannot be started.
pub(crate) fn listen(command: &mut Command) -> Result<Heard> {
    let line = said(command);
    let piped = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped
        .spawn()
        .with_context(|| format!("`{line}` could not be started"))?;
    let out = child.stdout.take().context("no standard output")?;
    let err = child.stderr.take().context("no standard error")?;
    let errors = thread::spawn(move || pass_on(err, &mut std::io::stderr()));
    let out = pass_on(out, &mut std::io::stdout());
    let err = errors.join().unwrap_or_default();
    let status = child.wait()?;
    Ok(Heard { out, err, status })
}

/// Copies line by line and keeps a copy. A reader that has gone away does not stop the program that is read.
fn pass_on(from: impl Read, to: &mut impl Write) -> Vec<String> {
    let mut from = BufReader::new(from);
    let mut lines = Vec::new();
    let mut line = Vec::new();
    while from
        .read_until(b'\n', &mut line)
        .is_ok_and(|length| length > 0)
    {
        to.write_all(&line).and_then(|()| to.flush()).ok();
        lines.push(String::from_utf8_lossy(&line).trim_end().to_owned());
        line.clear();
    }
    lines
}

/// The first of these programs that is on the `PATH`, or a file where an absolute path is given.
pub(crate) fn find(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = env::var_os("PATH")
        .map(|path| env::split_paths(&path).collect())
        .unwrap_or_default();
    // Joining an absolute path gives that path.
    let mut places = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places.find(|place| place.is_file())
}

/// The command line, for messages.
fn said(command: &Command) -> String {
    let words: Vec<_> = [command.get_program()]
        .into_iter()
        .chain(command.get_args())
        .collect();
    words.join(" ".as_ref()).to_string_lossy().into_owned()
}
