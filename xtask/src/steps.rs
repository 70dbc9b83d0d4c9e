//! The steps of `cargo xtask test`: cheap ones first, and all of them even after a failure, so that one run tells all.

use std::{
    env,
    io::IsTerminal,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};

use crate::{
    cargo_deny,
    count::{Count, plain},
    docs as diagrams, film, packages, programs, proof, run, tasks, tidy,
};

/// One thing that is checked.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    name: &'static str,
    what: &'static str,
    quick: bool,
    check: fn(&mut Bench) -> Result<()>,
}

/// Where the steps work, and what they leave for one another and for the closing lines.
struct Bench<'a> {
    root: &'a Path,
    /// What the tests are told through their environment; there once the tools are installed.
    tools: Option<Vec<(String, String)>>,
    /// The runners' closing lines, as they printed them.
    closing: Vec<String>,
    count: Count,
}

const STEPS: [Step; 14] = [
    Step {
        name: "format",
        what: "rustfmt has nothing to change",
        quick: true,
        check: format,
    },
    Step {
        name: "tidy",
        what: "the house rules that no lint knows",
        quick: true,
        check: |bench| tidy::check(bench.root),
    },
    Step {
        name: "diagrams",
        what: "the book's drawings are as their files say",
        quick: true,
        check: |bench| diagrams::check(bench.root),
    },
    Step {
        name: "solutions",
        what: "the tasks' reference solutions apply to this tree",
        quick: true,
        check: |bench| tasks::solutions_apply(bench.root),
    },
    Step {
        name: "deny",
        what: "licences, sources and versions of all dependencies",
        quick: true,
        check: deny,
    },
    Step {
        name: "clippy",
        what: "lints of the whole workspace, tests too",
        quick: true,
        check: clippy,
    },
    Step {
        name: "production",
        what: "the program without its sandbox",
        quick: false,
        check: production,
    },
    Step {
        name: "docs",
        what: "the documentation builds and its links hold",
        quick: false,
        check: docs,
    },
    Step {
        name: "tools",
        what: "what the tests talk with is installed",
        quick: false,
        check: tools,
    },
    Step {
        name: "doctests",
        what: "the documentation's examples",
        quick: false,
        check: doc_tests,
    },
    Step {
        name: "tests",
        what: "all tests",
        quick: false,
        check: tests,
    },
    Step {
        name: "tasks",
        what: "each task's acceptance fails before its solution and passes after it",
        quick: false,
        check: |bench| tasks::check(bench.root, &[]),
    },
    Step {
        name: "films",
        what: "the films' scripts go on the running demo, and what was recorded plays",
        quick: false,
        check: |bench| film::check(bench.root, None),
    },
    Step {
        name: "proof",
        what: "proofs of the money path that fit into a test run, in their short form",
        quick: false,
        check: proofs,
    },
];

/// Every step.
pub(crate) fn all() -> Vec<Step> {
    STEPS.to_vec()
}

/// The steps that run no test.
pub(crate) fn quick() -> Vec<Step> {
    STEPS.into_iter().filter(|step| step.quick).collect()
}

/// The step of that name.
///
/// # Errors
/// Where there is none: with those that there are.
pub(crate) fn named(name: &str) -> Result<Step> {
    let step = STEPS.into_iter().find(|step| step.name == name);
    step.with_context(|| format!("there is no step `{name}`; the steps are:\n{}", list()))
}

/// The steps with what they check, a line each.
pub(crate) fn list() -> String {
    STEPS
        .map(|step| format!("  {:<12}{}\n", step.name, step.what))
        .concat()
}

/// Runs the steps and prints what came out; whether all succeeded.
pub(crate) fn run(root: &Path, steps: &[Step]) -> Result<bool> {
    let started = Instant::now();
    let mut bench = Bench {
        root,
        tools: None,
        closing: Vec::new(),
        count: Count::default(),
    };
    let mut results: Vec<(Step, Duration, Result<()>)> = Vec::new();
    for step in steps {
        println!("\n── {}: {} ──", step.name, step.what);
        let started = Instant::now();
        let result = (step.check)(&mut bench);
        let time = started.elapsed();
        match &result {
            Ok(()) => println!("── {}: ok, {time:.1?}", step.name),
            // Why comes in the summary, below all that the step printed.
            Err(_) => println!("── {}: FAILED, {time:.1?}", step.name),
        }
        results.push((*step, time, result));
    }
    println!("\n── summary: {:.1?} in all ──", started.elapsed());
    for (step, time, result) in &results {
        let outcome = if result.is_ok() { "ok" } else { "FAILED" };
        println!("  {:<12}{outcome:<8}{time:>9.1?}", step.name);
    }
    let failures: Vec<_> = results
        .iter()
        .filter(|(_, _, result)| result.is_err())
        .collect();
    for (step, _, result) in &failures {
        if let Err(error) = result {
            println!(
                "\n{}: {error:#}\n  that step alone: cargo xtask test --only {}",
                step.name, step.name
            );
        }
    }
    // The runners' own words and then their sum, at the very end, where people and machines look for them.
    for line in &bench.closing {
        println!("{line}");
    }
    if bench.count != Count::default() {
        let Count {
            passed,
            failed,
            skipped,
        } = bench.count;
        println!("{passed} passed, {failed} failed, {skipped} skipped");
    }
    Ok(failures.is_empty())
}

fn format(bench: &mut Bench<'_>) -> Result<()> {
    run::succeed(run::cargo(bench.root).args(["fmt", "--all", "--check"]))
        .context("`cargo fmt --all` puts it right")
}

fn deny(bench: &mut Bench<'_>) -> Result<()> {
    let program = cargo_deny::installed(bench.root)?;
    let mut command = Command::new(program);
    run::succeed(
        command
            .current_dir(bench.root)
            .args(["--locked", "check", "bans", "licenses", "sources"]),
    )
}

fn clippy(bench: &mut Bench<'_>) -> Result<()> {
    let command = [
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    run::succeed(run::cargo(bench.root).args(command))
}

/// Clippy again, since what only the sandbox uses would be left over as dead code.
fn production(bench: &mut Bench<'_>) -> Result<()> {
    let command = [
        "clippy",
        "-p",
        "jinliu",
        "--no-default-features",
        "--locked",
        "--",
        "-D",
        "warnings",
    ];
    run::succeed(run::cargo(bench.root).args(command))
}

fn docs(bench: &mut Bench<'_>) -> Result<()> {
    let mut command = run::cargo(bench.root);
    command.args(["doc", "--workspace", "--no-deps", "--locked"]);
    run::succeed(command.env("RUSTDOCFLAGS", "-D warnings"))
}

fn tools(bench: &mut Bench<'_>) -> Result<()> {
    let folder = bench.root.join("target/test-tools");
    let programs = programs::installed(&folder)?;
    let python = packages::python(bench.root, &folder, &programs.python)?;
    let modules = packages::node(bench.root, &folder, &programs.npm)?;
    let tools = [
        ("JINLIU_PYTHON", python),
        ("JINLIU_NODE", programs.node),
        ("JINLIU_NODE_MODULES", modules),
        ("JINLIU_PHP", programs.php),
        ("JINLIU_CHROMIUM", programs.chromium),
        ("JINLIU_CHROMEDRIVER", programs.chromedriver),
    ];
    let tools = tools.map(|(name, path)| (name.to_owned(), path.to_string_lossy().into_owned()));
    for (name, path) in &tools {
        println!("{name}={path}");
    }
    bench.tools = Some(tools.to_vec());
    Ok(())
}

fn doc_tests(bench: &mut Bench<'_>) -> Result<()> {
    let mut command = run::cargo(bench.root);
    command.args(["test", "--doc", "--workspace", "--locked", "--no-fail-fast"]);
    count(bench, &mut command)?;
    Ok(())
}

fn tests(bench: &mut Bench<'_>) -> Result<()> {
    if bench.tools.is_none() {
        tools(bench).context("no test was run, since what the tests need is missing")?;
    }
    let nextest = run::succeeds(run::cargo(bench.root).args(["nextest", "--version"]));
    let mut command = run::cargo(bench.root);
    if nextest {
        command.args([
            "nextest",
            "run",
            "--workspace",
            "--locked",
            "--no-fail-fast",
        ]);
    } else {
        println!("cargo-nextest is not installed; `cargo test` runs the same tests.");
        command.args([
            "test",
            "--workspace",
            "--lib",
            "--bins",
            "--tests",
            "--locked",
            "--no-fail-fast",
        ]);
    }
    command.envs(
        bench
            .tools
            .iter()
            .flatten()
            .map(|(name, path)| (name, path)),
    );
    let count = count(bench, &mut command)?;
    ensure!(count.ran() > 0, "no test ran");
    Ok(())
}

fn proofs(bench: &mut Bench<'_>) -> Result<()> {
    let outcome = proof::short(bench.root)?;
    bench.closing.extend(outcome.closing);
    let failed = outcome.failed.join(", ");
    ensure!(failed.is_empty(), "{failed} failed: see above");
    Ok(())
}

/// Runs tests, keeps their closing lines, and fails where one failed or was left out.
fn count(bench: &mut Bench<'_>, command: &mut Command) -> Result<Count> {
    if std::io::stdout().is_terminal() && env::var_os("CARGO_TERM_COLOR").is_none() {
        // The runner writes to us, not to the terminal: it has to be told.
        command.env("CARGO_TERM_COLOR", "always");
    }
    let heard = run::listen(command)?;
    let mut count = Count::default();
    for line in heard.out.iter().chain(&heard.err).map(|line| plain(line)) {
        if let Some(read) = Count::read(&line) {
            count += read;
            // A crate without documentation examples says nothing worth repeating.
            if read != Count::default() {
                bench.closing.push(line.trim().to_owned());
            }
        }
    }
    bench.count += count;
    if !heard.succeeded() {
        if count.failed == 0 {
            bail!("not all of it could be built or run: see above");
        }
        bail!(
            "{} of {} tests failed: see above",
            count.failed,
            count.ran()
        );
    }
    ensure!(
        count.skipped == 0,
        "{} tests were left out; a test that cannot run everywhere is to fail and say what it needs",
        count.skipped
    );
    Ok(count)
}
