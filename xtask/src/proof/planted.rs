//! Bugs planted on purpose (`proof/planted`): each patch is applied to a copy of the tree, and the one test that is meant to
//! catch it must then fail, by name. The same tests must pass on the copy as it is, or a broken command would count as caught.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::Stdio,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Map;

use super::{Length, report::Report};
use crate::tree_copy::TreeCopy;

const FOLDER: &str = "proof/planted";
/// A test that hangs on a planted bug has noticed it, but has not said so.
const PATIENCE: Duration = Duration::from_secs(600);

/// One row of `planted.toml`.
struct Planted {
    /// The patch's file without its ending.
    name: String,
    /// The tests that must fail, by the names that the runner prints.
    tests: Vec<String>,
    /// The words after `cargo test`.
    command: String,
    short: bool,
}

/// What a command printed, and whether it succeeded.
struct Ran {
    succeeded: bool,
    text: String,
}

/// Plants every bug, or those of the short form.
///
/// # Errors
/// Where the table cannot be read or the tree not be copied. What is not caught is told by the report.
pub(super) fn run(root: &Path, length: Length, part: Option<&str>) -> Result<(Report, String)> {
    ensure!(part.is_none(), "the planted bugs are run together");
    let mut bugs = table(root)?;
    bugs.retain(|bug| length == Length::Long || bug.short);
    ensure!(!bugs.is_empty(), "planted.toml names no bug");
    let started = Instant::now();
    let bench = Bench::new(root)?;
    let mut failures = Vec::new();
    bench.sound(&bugs, &mut failures)?;
    let mut caught = Map::new();
    for bug in &bugs {
        let before = Instant::now();
        let result = bench.plant(root, bug);
        let took = before.elapsed().as_secs();
        let tests = bug.tests.join(", ");
        match result {
            Ok(()) => {
                println!("  {:<34}caught by {tests} ({took} s)", bug.name);
                caught.insert(bug.name.clone(), tests.into());
            }
            Err(error) => {
                println!("  {:<34}NOT CAUGHT ({took} s)", bug.name);
                failures.push(format!("{}: {error:#}", bug.name));
            }
        }
    }
    let last = format!(
        "planted: {} of {} bugs caught, each by the test that is meant to, in {:.0?}",
        caught.len(),
        bugs.len(),
        started.elapsed()
    );
    let mut counts = Map::new();
    counts.insert("planted".to_owned(), bugs.len().into());
    counts.insert("caught".to_owned(), caught.len().into());
    counts.insert("caught_by".to_owned(), caught.into());
    let report = Report::new("planted", started.elapsed().as_secs(), counts, failures);
    Ok((report, last))
}

/// Reads the table, and holds it to the patches that are there: neither may lack the other.
fn table(root: &Path) -> Result<Vec<Planted>> {
    let folder = root.join(FOLDER);
    let text =
        fs::read_to_string(folder.join("planted.toml")).context("proof/planted/planted.toml")?;
    let planted = parse(&text)?;
    let mut patches: Vec<String> = fs::read_dir(&folder)?
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".patch").map(ToOwned::to_owned))
        .collect();
    patches.sort();
    let mut named: Vec<String> = planted.iter().map(|bug| bug.name.clone()).collect();
    named.sort();
    ensure!(
        patches == named,
        "planted.toml and the patches beside it differ: {patches:?}, {named:?}"
    );
    Ok(planted)
}

fn parse(text: &str) -> Result<Vec<Planted>> {
    let table: toml::Table = text.parse().context("planted.toml is no TOML")?;
    let bug = |(name, row): (&String, &toml::Value)| {
        let word = |key: &str| {
            let value = row.get(key).and_then(toml::Value::as_str);
            value.with_context(|| format!("planted.toml: {name} has no {key}"))
        };
        // For people; a bug of which nobody can say what it breaks proves nothing.
        word("breaks")?;
        word("invariant")?;
        let tests = row.get("tests").and_then(toml::Value::as_array);
        let tests: Vec<String> = tests
            .into_iter()
            .flatten()
            .filter_map(|test| test.as_str().map(ToOwned::to_owned))
            .collect();
        ensure!(!tests.is_empty(), "planted.toml: {name} names no test");
        Ok(Planted {
            name: name.clone(),
            tests,
            command: word("command")?.to_owned(),
            short: row.get("short").and_then(toml::Value::as_bool) == Some(true),
        })
    };
    table.iter().map(bug).collect()
}

/// A copy of the tree to plant bugs in.
struct Bench {
    copy: TreeCopy,
}

impl Bench {
    fn new(root: &Path) -> Result<Self> {
        Ok(Self {
            copy: TreeCopy::of(root)?,
        })
    }

    /// Every command on the copy as it is: each must succeed and run each test that is to fail later.
    fn sound(&self, bugs: &[Planted], failures: &mut Vec<String>) -> Result<()> {
        let mut commands = BTreeMap::<&str, Vec<&str>>::new();
        for bug in bugs {
            let tests = commands.entry(&bug.command).or_default();
            tests.extend(bug.tests.iter().map(String::as_str));
        }
        for (command, tests) in commands {
            let ran = self.test(command)?;
            if !ran.succeeded {
                failures.push(format!(
                    "without a bug, `cargo test {command}` fails:\n{}",
                    tail(&ran.text)
                ));
            }
            for test in tests {
                if !ran.text.lines().any(|line| says(line, test, "ok")) {
                    failures.push(format!(
                        "without a bug, `cargo test {command}` does not run {test}"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Applies one patch, wants its tests to fail, and takes it back.
    fn plant(&self, root: &Path, bug: &Planted) -> Result<()> {
        let patch = root.join(FOLDER).join(format!("{}.patch", bug.name));
        let applied = self.copy.apply(&patch);
        let result = applied.and_then(|()| self.caught(bug));
        self.copy.restore()?;
        result
    }

    fn caught(&self, bug: &Planted) -> Result<()> {
        let ran = self.test(&bug.command)?;
        let test_ran = ran.text.lines().any(|line| line.starts_with("running "));
        if !test_ran {
            bail!("with the bug it cannot be built:\n{}", tail(&ran.text));
        }
        ensure!(!ran.succeeded, "every test passes with the bug");
        for test in &bug.tests {
            ensure!(
                ran.text.lines().any(|line| says(line, test, "FAILED")),
                "{test} passes with the bug:\n{}",
                tail(&ran.text)
            );
        }
        Ok(())
    }

    /// Runs `cargo test` in the copy and waits for its end.
    fn test(&self, words: &str) -> Result<Ran> {
        let log = self.copy.target.with_extension("log");
        let out = fs::File::create(&log)?;
        let mut command = self.copy.cargo();
        command
            .args(["test", "--locked", "--no-fail-fast"])
            .args(words.split_whitespace())
            .env("PROPTEST_FAILURE_PERSISTENCE", "off")
            .stdin(Stdio::null())
            .stdout(out.try_clone()?)
            .stderr(out);
        let mut child = command.spawn().context("cargo could not be started")?;
        let until = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = child.try_wait()? {
                break Some(status);
            }
            if Instant::now() > until {
                child.kill()?;
                child.wait()?;
                break None;
            }
            thread::sleep(Duration::from_millis(100));
        };
        let text = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
        let status = status.with_context(|| format!("`cargo test {words}` did not end"))?;
        Ok(Ran {
            succeeded: status.success(),
            text,
        })
    }
}

/// Whether a line of the runner says that of a test: `test module::name ... FAILED`.
fn says(line: &str, test: &str, outcome: &str) -> bool {
    let parts = line
        .strip_prefix("test ")
        .and_then(|rest| rest.split_once(" ... "));
    parts.is_some_and(|(name, said)| {
        let short = name.split(" - ").next().unwrap_or(name);
        (short == test || short.ends_with(&format!("::{test}"))) && said.starts_with(outcome)
    })
}

/// The end of what a command printed.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(25)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_is_known_by_its_whole_name() {
        assert!(says("test decide::tests::one ... FAILED", "one", "FAILED"));
        assert!(says("test one ... ok", "one", "ok"));
        assert!(says("test tests::one - should panic ... ok", "one", "ok"));
        assert!(!says("test tests::not_one ... FAILED", "one", "FAILED"));
        assert!(!says("test tests::one ... ok", "one", "FAILED"));
    }

    #[test]
    fn a_row_without_a_test_is_no_row() {
        let row = "[a]\nbreaks = \"x\"\ninvariant = \"I05\"\ncommand = \"-p orders\"\n";
        assert!(parse(row).is_err());
        let row = format!("{row}tests = [\"t\"]\nshort = true\n");
        let rows = parse(&row).unwrap();
        assert!(rows[0].short && rows[0].tests == ["t"]);
    }
}
