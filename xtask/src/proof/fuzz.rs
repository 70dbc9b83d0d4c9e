//! The fuzzer over `proof/fuzz`: built once with coverage counters, then every target, as many at a time as there are cores.
//!
//! No nightly compiler: the counters come from flags that stable rustc passes on to LLVM, libFuzzer itself from
//! `libfuzzer-sys`. `proof/fuzz` is a workspace of its own, so that nobody else builds it.

use std::{
    collections::VecDeque,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Map, Value, json};

use super::{Length, report::Report};
use crate::run;

/// What makes LLVM count edges, as libFuzzer wants it. Not its reports of every comparison: with them the slow targets ran
/// at a third of the speed and reached fewer edges in the same time, for the seeds hold the words that matter.
const COUNTERS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table";
/// Where it is built.
const FOLDER: &str = "target/fuzz";
/// Which target the one binary runs; `list` prints their names.
const TARGET: &str = "JINLIU_FUZZ_TARGET";
const SHORT: &str = "-max_total_time=30";
const LONG: &str = "-runs=10000000";
/// Where libFuzzer's own randomness begins.
const SEED: u32 = 1;
/// How long an input may be, and how long for those that take several messages' work for each byte.
const LONGEST: u32 = 4096;
const LONGEST_SLOW: (u32, [&str; 2]) = (1024, ["doctor", "anatomy"]);
/// A target that neither ends nor crashes is ended: far above what any needs.
const PATIENCE: Duration = Duration::from_secs(4 * 3600);

/// What became of one target.
struct Fuzzed {
    name: String,
    executions: u64,
    edges: u64,
    crash: Option<String>,
    seconds: u64,
}

/// Builds the fuzz program and runs every target that it lists, or the one of that name.
///
/// # Errors
/// Where it cannot be built or has no such target. A crash is told by the report.
pub(super) fn run(root: &Path, length: Length, part: Option<&str>) -> Result<(Report, String)> {
    let program = build(root)?;
    let listed = run::output(Command::new(&program).env(TARGET, "list"));
    let listed = listed.context("the fuzz program does not list its targets")?;
    let names: VecDeque<String> = listed
        .lines()
        .filter(|name| part.is_none_or(|part| part == *name))
        .map(ToOwned::to_owned)
        .collect();
    ensure!(
        !names.is_empty(),
        "the fuzz program has no such target:\n{}",
        listed.trim()
    );
    let started = Instant::now();
    let (waiting, done) = (Mutex::new(names), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let next = lock(&waiting).pop_front();
                    let Some(name) = next else { break };
                    let fuzzed = target(root, &program, &name, length);
                    lock(&done).push(fuzzed);
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by(|a, b| a.name.cmp(&b.name));
    let (mut report, last) = report(&done, started.elapsed());
    report.part = part.is_some();
    Ok((report, last))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Builds the fuzz program.
fn build(root: &Path) -> Result<PathBuf> {
    let started = Instant::now();
    run::succeed(&mut building(root)?)?;
    println!("the fuzz program was built in {:.0?}", started.elapsed());
    Ok(root.join(FOLDER).join(host()?).join("fuzz/fuzz"))
}

/// What builds the fuzz program. A target is named for the compiler, so that build scripts and macros get no counters.
fn building(root: &Path) -> Result<Command> {
    let mut command = run::cargo(root);
    command
        .args([
            "build",
            "--locked",
            "--profile",
            "fuzz",
            "--target",
            &host()?,
        ])
        .args(["--manifest-path", "proof/fuzz/Cargo.toml"])
        .args(["--target-dir", FOLDER])
        .env("RUSTFLAGS", COUNTERS);
    Ok(command)
}

fn host() -> Result<String> {
    let version = run::output(Command::new("rustc").arg("-vV")).context("running rustc")?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("rustc names no host")?.to_owned())
}

fn target(root: &Path, program: &Path, name: &str, length: Length) -> Fuzzed {
    let started = Instant::now();
    let run = fuzz(root, program, name, length);
    let mut fuzzed = run.unwrap_or_else(|error| Fuzzed {
        name: name.to_owned(),
        executions: 0,
        edges: 0,
        crash: Some(format!("{error:#}")),
        seconds: 0,
    });
    fuzzed.seconds = started.elapsed().as_secs();
    let outcome = fuzzed.crash.as_deref().unwrap_or("no crash");
    println!(
        "  {name:<18}{:>10} executions, {:>6} edges, {outcome}",
        fuzzed.executions, fuzzed.edges
    );
    fuzzed
}

/// Runs one target from its seeds. What it finds on the way is kept below `target/`; a crash leaves its input there.
fn fuzz(root: &Path, program: &Path, name: &str, length: Length) -> Result<Fuzzed> {
    let here = root.join("target/proof/fuzz").join(name);
    if here.exists() {
        fs::remove_dir_all(&here)?;
    }
    let corpus = here.join("corpus");
    fs::create_dir_all(&corpus)?;
    let seeds = root.join("proof/fuzz/seeds").join(name);
    ensure!(
        fs::read_dir(&seeds).is_ok_and(|mut files| files.next().is_some()),
        "proof/fuzz/seeds/{name} is empty: without seeds a fuzzer does not get past the first check"
    );
    let log = here.join("log");
    let mut command = Command::new(program);
    command
        .current_dir(&here)
        .env(TARGET, name)
        .env("RUST_BACKTRACE", "1")
        .arg(match length {
            Length::Short => SHORT,
            Length::Long => LONG,
        })
        .arg(format!("-seed={SEED}"))
        .arg(format!("-max_len={}", longest(name)))
        .args(["-timeout=10", "-rss_limit_mb=2048"])
        .args(["-print_final_stats=1", "-artifact_prefix=./"])
        .arg(&corpus)
        .arg(seeds);
    // Inputs that once crashed something are tried first in every run.
    let regressions = root.join("proof/fuzz/regressions").join(name);
    if regressions.is_dir() {
        command.arg(regressions);
    }
    let out = fs::File::create(&log)?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(out)
        .spawn()?;
    let until = Instant::now() + PATIENCE;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if Instant::now() > until {
            child.kill()?;
            child.wait()?;
            bail!("it did not end within {PATIENCE:?}");
        }
        thread::sleep(Duration::from_millis(200));
    };
    // libFuzzer prints the bytes of an input as they are.
    let said = String::from_utf8_lossy(&fs::read(&log)?).into_owned();
    Ok(Fuzzed {
        name: name.to_owned(),
        executions: executions(&said),
        edges: edges(&said),
        crash: (!status.success()).then(|| crash(&said, &here)),
        seconds: 0,
    })
}

fn longest(name: &str) -> u32 {
    let (shorter, slow) = LONGEST_SLOW;
    if slow.contains(&name) {
        shorter
    } else {
        LONGEST
    }
}

fn executions(log: &str) -> u64 {
    let line = log
        .lines()
        .find_map(|line| line.strip_prefix("stat::number_of_executed_units:"));
    line.and_then(|number| number.trim().parse().ok())
        .unwrap_or(0)
}

/// The last word on covered edges: `#1024 NEW cov: 512 ft: …`.
fn edges(log: &str) -> u64 {
    let word = log
        .lines()
        .rev()
        .find_map(|line| line.split_once(" cov: ").map(|(_, rest)| rest));
    word.and_then(|rest| rest.split_whitespace().next()?.parse().ok())
        .unwrap_or(0)
}

/// What the log says went wrong, and where the input lies.
fn crash(log: &str, here: &Path) -> String {
    let panic = log
        .lines()
        .skip_while(|line| !line.contains("panicked at"))
        .take(3)
        .collect::<Vec<_>>()
        .join(" ");
    let verdict = log.lines().find(|line| line.contains("ERROR: libFuzzer"));
    let why = if panic.is_empty() {
        verdict.unwrap_or("it exited with a failure").to_owned()
    } else {
        panic
    };
    format!("{why} (log and input: {})", here.display())
}

fn report(done: &[Fuzzed], took: Duration) -> (Report, String) {
    let mut targets = Map::new();
    let mut failures: Vec<String> = Vec::new();
    for fuzzed in done {
        let counts = json!({
            "executions": fuzzed.executions,
            "edges": fuzzed.edges,
            "crashes": u32::from(fuzzed.crash.is_some()),
            "seconds": fuzzed.seconds,
        });
        targets.insert(fuzzed.name.clone(), counts);
        if let Some(crash) = &fuzzed.crash {
            failures.push(format!("{}: {crash}", fuzzed.name));
        } else if fuzzed.executions == 0 {
            failures.push(format!("{}: nothing was executed", fuzzed.name));
        }
    }
    let executions: u64 = done.iter().map(|fuzzed| fuzzed.executions).sum();
    let crashes = done.iter().filter(|fuzzed| fuzzed.crash.is_some()).count();
    let last = format!(
        "fuzz: {} targets, {executions} executions, {crashes} crashes, in {took:.0?}",
        done.len()
    );
    let mut counts = Map::new();
    counts.insert("seed".to_owned(), SEED.into());
    counts.insert("parsers".to_owned(), done.len().into());
    counts.insert("executions".to_owned(), executions.into());
    counts.insert("crashes".to_owned(), crashes.into());
    counts.insert("targets".to_owned(), Value::Object(targets));
    let report = Report::new("fuzz", took.as_secs(), counts, failures);
    (report, last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_the_fuzzer_is_read() {
        let log = "#2\tINITED cov: 51 ft: 52\n#99\tDONE   cov: 314 ft: 9 corp: 1/1b\n\
                   stat::number_of_executed_units: 4321\nstat::average_exec_per_sec:     1";
        assert_eq!((executions(log), edges(log)), (4321, 314));
        assert_eq!((executions("nothing"), edges("nothing")), (0, 0));
        let log = "thread panicked at src/a.rs:1:\nleft: 1\nright: 2\nmore\n==1== ERROR: libFuzzer: deadly signal";
        assert!(
            crash(log, Path::new("x"))
                .starts_with("thread panicked at src/a.rs:1: left: 1 right: 2 (")
        );
    }
}
