//! The tasks (`tasks/NN-name`): their acceptances, and the proof that each fails before its reference solution and passes
//! after it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde_json::Value;

use crate::{programs, run, tree_copy::TreeCopy};

const FOLDER: &str = "tasks";
const SOLUTION: &str = "solution.patch";
/// What the program is built from. A solution that touches nothing here needs no build.
const BUILT_FROM: [&str; 6] = ["book/", "crates/", "jinliu/", "proof/", "sims/", "Cargo."];
/// The task that runs a real proxy, which not every machine has.
const BEHIND_A_PROXY: u8 = 12;
/// How many acceptances wait for their programs at once.
const AT_ONCE: usize = 4;

/// One task, as its folder says.
struct Task {
    number: u8,
    /// The folder's name.
    name: String,
    folder: PathBuf,
}

/// What an acceptance said.
struct Accepted {
    code: i32,
    text: String,
    report: Value,
    took: Duration,
}

/// `cargo xtask accept N`: builds the program as it stands here and holds it to the task's acceptance.
///
/// # Errors
/// Where it cannot be built or there is no such task.
pub(crate) fn accept(root: &Path, words: &[&str]) -> Result<bool> {
    let Some(number) = words.first() else {
        println!(
            "Which task? `cargo xtask accept 3` checks the third; tasks/README.md tells of all:\n"
        );
        for task in all(root)? {
            println!("  {:>2}  tasks/{}", task.number, task.name);
        }
        return Ok(false);
    };
    if number.parse() == Ok(BEHIND_A_PROXY) {
        programs::proxy_installed()?;
    }
    println!("Building the program as it stands …");
    let mut command = run::cargo(root);
    command.args(["build", "-p", "jinliu", "-p", "accept"]);
    let built = build(command.args(["--bin", "jinliu", "--bin", "accept"]))?;
    let mut command = Command::new(program(&built, "accept")?);
    command.arg(number).arg("--jinliu");
    command.arg(program(&built, "jinliu")?);
    command.arg("--tree").arg(root).args(&words[1..]);
    Ok(command.stdin(Stdio::null()).status()?.success())
}

/// Whether every reference solution applies to the tree as it stands.
///
/// # Errors
/// With each that does not, and what git says.
pub(crate) fn solutions_apply(root: &Path) -> Result<()> {
    let tasks = all(root)?;
    let mut faults = Vec::new();
    for task in &tasks {
        let output = Command::new("git")
            .current_dir(root)
            .args(["apply", "--check"])
            .arg(task.folder.join(SOLUTION))
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            faults.push(format!("{}: {}", task.name, said.trim()));
        }
    }
    ensure!(
        faults.is_empty(),
        "{}\nmake the change again in this tree and write it with `git diff` into {SOLUTION}",
        faults.join("\n")
    );
    println!("{} solutions apply.", tasks.len());
    Ok(())
}

/// `cargo xtask tasks --check`: every acceptance fails on the tree as it is, by what its task is about, and passes once its
/// solution is applied. `only` leaves the others out, where it names any.
///
/// # Errors
/// With each task of which that is not so.
pub(crate) fn check(root: &Path, only: &[u8]) -> Result<()> {
    let mut tasks = all(root)?;
    tasks.retain(|task| only.is_empty() || only.contains(&task.number));
    if tasks.is_empty() {
        println!("There are no tasks here.");
        return Ok(());
    }
    if tasks.iter().any(|task| task.number == BEHIND_A_PROXY) {
        programs::proxy_installed()?;
    }
    let started = Instant::now();
    let mut command = run::cargo(root);
    let built = build(command.args(["build", "-p", "accept", "--locked"]))?;
    let accept = program(&built, "accept")?;
    let copy = TreeCopy::of(root)?;
    let bench = Bench {
        accept,
        folder: root.join("target/planted/tasks"),
        copy,
    };
    let base = bench.build("before")?;
    println!("  built as it stands, {:.0?}", started.elapsed());
    // The acceptances mostly wait for their programs: beside the builds of the solutions they take no time.
    let as_it_stands = bench.folder.join("tree-before");
    bench.copy.snapshot(&as_it_stands)?;
    let (before, after) = thread::scope(|scope| {
        let before = scope.spawn(|| bench.before(&tasks, &base, &as_it_stands));
        let after = bench.after(&tasks, &base);
        (before.join(), after)
    });
    let before = before.map_err(|_| anyhow!("the acceptances could not be waited for"))??;
    bench.copy.restore()?;
    let mut faults = Vec::new();
    for (task, (before, after)) in tasks.iter().zip(before.iter().zip(after)) {
        let verdict = fails_by_what_it_is_about(before).and_then(|failed| {
            let after = after?;
            passes(&after).map(|passed| (failed, passed, after.took))
        });
        match verdict {
            Ok((failed, passed, took)) => println!(
                "  {:<28}before: {failed} of its checks fail ({:.0?}); after: {passed} hold ({took:.0?})",
                task.name, before.took
            ),
            Err(error) => {
                println!("  {:<28}NOT AS IT SHOULD BE", task.name);
                faults.push(format!("{}: {error:#}", task.name));
            }
        }
    }
    let sound = tasks.len() - faults.len();
    println!(
        "tasks: {sound} of {} fail before and pass after their solution, in {:.0?}",
        tasks.len(),
        started.elapsed()
    );
    ensure!(faults.is_empty(), "{}", faults.join("\n\n"));
    Ok(())
}

/// Every task, by number: a folder `NN-name` with a page and a solution.
fn all(root: &Path) -> Result<Vec<Task>> {
    let Ok(entries) = fs::read_dir(root.join(FOLDER)) else {
        return Ok(Vec::new());
    };
    let mut tasks = Vec::new();
    for entry in entries {
        let folder = entry?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Some((number, _)) = name.split_once('-') else {
            continue;
        };
        let number = number
            .parse()
            .with_context(|| format!("tasks/{name} begins with no number"))?;
        let page = fs::read_to_string(folder.join("README.md"))
            .with_context(|| format!("tasks/{name} has no page"))?;
        let needs = [
            format!("cargo xtask accept {number}"),
            format!("tasks/{name}/{SOLUTION}"),
        ];
        for words in needs {
            ensure!(
                page.contains(&words),
                "tasks/{name}/README.md does not say `{words}`"
            );
        }
        ensure!(
            folder.join(SOLUTION).is_file(),
            "tasks/{name} has no {SOLUTION}"
        );
        tasks.push(Task {
            number,
            name: name.into_owned(),
            folder,
        });
    }
    tasks.sort_by_key(|task| task.number);
    if let Some(pair) = tasks
        .windows(2)
        .find(|pair| pair[0].number == pair[1].number)
    {
        bail!("{} and {} have one number", pair[0].name, pair[1].name);
    }
    Ok(tasks)
}

/// Runs `cargo build …`; what it says of its programs, a line of JSON each.
fn build(command: &mut Command) -> Result<String> {
    let built = command
        .arg("--message-format=json-render-diagnostics")
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .context("cargo could not be started")?;
    let said = String::from_utf8_lossy(&built.stderr);
    ensure!(
        built.status.success(),
        "it does not build:\n{}",
        tail(&said)
    );
    Ok(String::from_utf8_lossy(&built.stdout).into_owned())
}

/// Where a program is that was built.
fn program(built: &str, name: &str) -> Result<PathBuf> {
    let lines = built.lines();
    let messages = lines.filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let named = messages.filter(|line| line["target"]["name"] == name);
    let mut found = named.filter_map(|line| Some(PathBuf::from(line["executable"].as_str()?)));
    found
        .next()
        .with_context(|| format!("cargo names no program `{name}`"))
}

/// Where solutions are tried.
struct Bench {
    accept: PathBuf,
    /// Programs, trees and reports of this run.
    folder: PathBuf,
    copy: TreeCopy,
}

impl Bench {
    /// Builds the copy as it stands, and keeps the program beside others.
    fn build(&self, name: &str) -> Result<PathBuf> {
        let mut command = self.copy.cargo();
        command.args(["build", "-p", "jinliu", "--bin", "jinliu", "--locked"]);
        let built = build(&mut command)?;
        fs::create_dir_all(&self.folder)?;
        let kept = self.folder.join(format!("jinliu-{name}"));
        // A program that still runs cannot be written over, but taken away.
        fs::remove_file(&kept).ok();
        fs::copy(program(&built, "jinliu")?, &kept)?;
        Ok(kept)
    }

    /// Every acceptance on the tree as it is, some at a time.
    fn before(&self, tasks: &[Task], base: &Path, tree: &Path) -> Result<Vec<Accepted>> {
        let mut all = Vec::new();
        for some in tasks.chunks(AT_ONCE) {
            let results: Vec<Result<Accepted>> = thread::scope(|scope| {
                let one = |task| scope.spawn(move || self.judge(task, base, tree));
                let running: Vec<_> = some.iter().map(one).collect();
                let ended = running.into_iter().map(|thread| match thread.join() {
                    Ok(result) => result,
                    Err(_) => bail!("the acceptance could not be waited for"),
                });
                ended.collect()
            });
            for result in results {
                all.push(result?);
            }
        }
        Ok(all)
    }

    /// Every acceptance after its solution: while one is judged, the next is built.
    fn after(&self, tasks: &[Task], base: &Path) -> Vec<Result<Accepted>> {
        thread::scope(|scope| {
            let mut running = Vec::new();
            for task in tasks {
                let solved = self.solve(task, base);
                let judged = scope.spawn(move || {
                    let (jinliu, tree) = solved?;
                    self.judge(task, &jinliu, &tree)
                });
                running.push(judged);
            }
            let ended = running.into_iter().map(|thread| match thread.join() {
                Ok(result) => result,
                Err(_) => bail!("the acceptance could not be waited for"),
            });
            ended.collect()
        })
    }

    /// Applies a solution and builds; the program and a tree of its own, since the copy goes on to the next.
    fn solve(&self, task: &Task, base: &Path) -> Result<(PathBuf, PathBuf)> {
        self.copy.restore()?;
        let patch = task.folder.join(SOLUTION);
        self.copy.apply(&patch)?;
        let text = fs::read_to_string(&patch)?;
        let jinliu = if touched(&text).any(is_built_from) {
            let started = Instant::now();
            let built = self.build(&task.name)?;
            println!("  {} built, {:.0?}", task.name, started.elapsed());
            built
        } else {
            base.to_owned()
        };
        let tree = self.folder.join(format!("tree-{}", task.name));
        self.copy.snapshot(&tree)?;
        Ok((jinliu, tree))
    }

    /// Runs one acceptance.
    fn judge(&self, task: &Task, jinliu: &Path, tree: &Path) -> Result<Accepted> {
        let started = Instant::now();
        let name = jinliu.file_name().unwrap_or_default().to_string_lossy();
        let report = self.folder.join(format!("{name}-{}.json", task.number));
        fs::remove_file(&report).ok();
        let output = Command::new(&self.accept)
            .arg(task.number.to_string())
            .arg("--jinliu")
            .arg(jinliu)
            .arg("--tree")
            .arg(tree)
            .arg("--report")
            .arg(&report)
            .stdin(Stdio::null())
            .output()
            .context("the acceptance could not be started")?;
        let said = [output.stdout, output.stderr].concat();
        let text = String::from_utf8_lossy(&said).into_owned();
        let report = fs::read_to_string(&report)
            .with_context(|| format!("the acceptance wrote no report:\n{text}"))?;
        Ok(Accepted {
            code: output.status.code().unwrap_or(-1),
            text,
            report: serde_json::from_str(&report)?,
            took: started.elapsed(),
        })
    }
}

/// Before: it was walked to its end, what must stay true held, and what the task asks for did not. How much did not.
fn fails_by_what_it_is_about(before: &Accepted) -> Result<usize> {
    let failed = |kind: &str| before.report[kind]["failed"].as_array().map_or(0, Vec::len);
    let about = failed("goal");
    ensure!(
        before.code == 1
            && about > 0
            && failed("kept") == 0
            && before.report["kept"]["passed"].as_u64() > Some(0)
            && before.report["broken"].is_null(),
        "without its solution it must fail by what the task asks for, and by nothing else:\n{}",
        before.text
    );
    Ok(about)
}

/// After: everything holds. How many checks that are.
fn passes(after: &Accepted) -> Result<u64> {
    ensure!(
        after.code == 0,
        "with its solution it does not pass:\n{}",
        after.text
    );
    let passed = |kind: &str| after.report[kind]["passed"].as_u64().unwrap_or(0);
    Ok(passed("goal") + passed("kept"))
}

/// The files that a patch touches.
fn touched(patch: &str) -> impl Iterator<Item = &str> {
    let names = patch.lines().filter_map(|line| {
        line.strip_prefix("--- a/")
            .or_else(|| line.strip_prefix("+++ b/"))
    });
    names.map(|name| name.split('\t').next().unwrap_or(name))
}

fn is_built_from(path: &str) -> bool {
    BUILT_FROM.iter().any(|start| path.starts_with(start))
}

/// The end of what a command printed.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn said(code: i32, goal: &[&str], kept: &[&str], broken: Option<&str>) -> Accepted {
        Accepted {
            code,
            text: String::new(),
            report: json!({
                "goal": {"passed": 0, "failed": goal},
                "kept": {"passed": 3, "failed": kept},
                "broken": broken,
            }),
            took: Duration::ZERO,
        }
    }

    #[test]
    fn only_what_a_task_is_about_may_fail_before() {
        assert_eq!(
            fails_by_what_it_is_about(&said(1, &["a"], &[], None)).unwrap(),
            1
        );
        for other in [
            said(0, &[], &[], None),
            said(1, &[], &["b"], None),
            said(1, &["a"], &["b"], None),
            said(2, &["a"], &[], Some("it did not start")),
        ] {
            assert!(fails_by_what_it_is_about(&other).is_err());
        }
        assert_eq!(passes(&said(0, &[], &[], None)).unwrap(), 3);
        assert!(passes(&said(1, &["a"], &[], None)).is_err());
    }

    #[test]
    fn a_patch_of_texts_needs_no_build() {
        let patch = "--- a/jinliu.toml\n+++ b/jinliu.toml\n--- /dev/null\n+++ b/brand/logo.svg\n";
        assert_eq!(touched(patch).count(), 3);
        assert!(!touched(patch).any(is_built_from));
        assert!(touched("+++ b/crates/shop/src/mail.rs\n").any(is_built_from));
        assert!(touched("--- a/Cargo.lock\n").any(is_built_from));
    }

    #[test]
    fn a_task_without_its_page_or_solution_is_named() {
        let root = tempfile::tempdir().unwrap();
        assert!(all(root.path()).unwrap().is_empty());
        let folder = root.path().join("tasks/03-mail");
        fs::create_dir_all(&folder).unwrap();
        let fault = || all(root.path()).err().unwrap().to_string();
        assert!(fault().contains("has no page"));
        fs::write(folder.join("README.md"), "cargo xtask accept 3").unwrap();
        assert!(fault().contains("does not say `tasks/03-mail/solution.patch`"));
        let page = "cargo xtask accept 3, git apply tasks/03-mail/solution.patch";
        fs::write(folder.join("README.md"), page).unwrap();
        assert!(fault().contains("has no solution.patch"));
        fs::write(folder.join(SOLUTION), "").unwrap();
        assert_eq!(all(root.path()).unwrap()[0].number, 3);
    }
}
