//! `cargo xtask proof`: every proof of the money path, run and recorded in `proof.json`.
//!
//! A proof is a program that reports what it did; nothing is believed here but that report. A proof without a report, with
//! other names in it than the table expects, or with counts that count nothing, has failed.

mod fuzz;
mod planted;
mod record;
mod report;
mod table;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
    thread,
    time::Instant,
};

use anyhow::{Context, Result, anyhow, bail, ensure};

use self::{
    record::{Circumstances, Record},
    report::Report,
    table::{Proof, Run, TABLE, Turn},
};
use crate::{figures, run};

/// How much is run: what CI can wait for, or what is run once and recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Length {
    Short,
    Long,
}

impl Length {
    /// Its name in `proof.json`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Short => "short",
            Self::Long => "long",
        }
    }
}

/// What came out of the proofs that ran.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Lines for each proof: its own last words, or why it failed.
    pub(crate) closing: Vec<String>,
    pub(crate) failed: Vec<&'static str>,
}

/// The proofs with what they prove, a line each.
pub(crate) fn list() -> String {
    TABLE
        .iter()
        .map(|proof| format!("  {:<12}{}\n", proof.name, proof.what))
        .collect()
}

/// `cargo xtask proof`: runs all proofs, or the one of that name, or one target of it (`fuzz/notice`); writes `proof.json`, and the figures that the documents
/// quote from it.
///
/// # Errors
/// Where there is no such proof, or the record cannot be written. A proof that fails is told by `false`.
pub(crate) fn task(root: &Path, length: Length, only: Option<&str>) -> Result<bool> {
    let (only, part) = match only.map(|only| only.split_once('/').unwrap_or((only, ""))) {
        Some((name, part)) => (Some(name), Some(part).filter(|part| !part.is_empty())),
        None => (None, None),
    };
    let proofs: Vec<&Proof> = match only {
        None => TABLE.iter().collect(),
        Some(name) => {
            let found = TABLE.iter().find(|proof| proof.name == name);
            let none = || format!("there is no proof `{name}`; the proofs are:\n{}", list());
            vec![found.with_context(none)?]
        }
    };
    let outcome = all(root, &proofs, (length, part), &root.join("proof.json"))?;
    println!();
    for line in &outcome.closing {
        println!("{line}");
    }
    figures::write(root)?;
    Ok(outcome.failed.is_empty())
}

/// The step of `cargo xtask test`: the short forms. Its record goes to `target/proof`, so that a test run changes no file
/// that git keeps.
///
/// # Errors
/// Where the record cannot be written.
pub(crate) fn short(root: &Path) -> Result<Outcome> {
    let proofs: Vec<&Proof> = TABLE.iter().filter(|proof| proof.in_tests).collect();
    let record = root.join("target/proof/proof.json");
    all(root, &proofs, (Length::Short, None), &record)
}

/// Runs proofs in their turns, all of them even after a failure, and records each as soon as it ended.
fn all(
    root: &Path,
    proofs: &[&'static Proof],
    (length, part): (Length, Option<&str>),
    file: &Path,
) -> Result<Outcome> {
    ensure!(!proofs.is_empty(), "no proof is in the table");
    // What cannot be read is told before anything runs.
    Record::read(file)?;
    let run = Running {
        root,
        length,
        part,
        file,
        circumstances: Circumstances::now(root),
        outcome: Mutex::default(),
    };
    let lane = |turn: Turn| {
        let mut lane = proofs.iter().filter(|proof| proof.turn == turn);
        lane.try_for_each(|proof| run.one(proof))
    };
    thread::scope(|scope| {
        let beside = scope.spawn(|| lane(Turn::Beside));
        let first = lane(Turn::First);
        let beside = beside.join().map_err(|_| anyhow!("the second lane broke"));
        first.and(beside?)
    })?;
    lane(Turn::Alone)?;
    Ok(run
        .outcome
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner))
}

/// What the lanes of one run share.
struct Running<'a> {
    root: &'a Path,
    length: Length,
    part: Option<&'a str>,
    file: &'a Path,
    circumstances: Circumstances,
    outcome: Mutex<Outcome>,
}

impl Running<'_> {
    /// Runs one proof and records it.
    fn one(&self, proof: &Proof) -> Result<()> {
        let (name, form) = (proof.name, self.length.name());
        println!("\n── proof {name} ({form}): {} ──", proof.what);
        let started = Instant::now();
        let (reports, said) = one(self.root, proof, (self.length, self.part))
            .unwrap_or_else(|error| (silent(proof, &error, started), Vec::new()));
        let mut outcome = self.outcome.lock().unwrap_or_else(PoisonError::into_inner);
        // Read again each time: another run may have recorded another proof meanwhile.
        let mut record = Record::read(self.file)?;
        for report in &reports {
            let command = proof.command(self.length, self.part);
            record.set(self.length, &self.circumstances, &command, report);
        }
        record.write()?;
        outcome.closing.extend(said);
        let broken: Vec<&Report> = reports.iter().filter(|report| !report.ok).collect();
        let verdict = if broken.is_empty() { "ok" } else { "FAILED" };
        println!("── proof {name}: {verdict}, {:.1?}", started.elapsed());
        if !broken.is_empty() {
            outcome.failed.push(name);
            let complaints = broken.into_iter().map(Report::complaint);
            outcome.closing.extend(complaints);
        }
        Ok(())
    }
}

/// Runs one proof; its reports and its last words.
fn one(
    root: &Path,
    proof: &Proof,
    (length, part): (Length, Option<&str>),
) -> Result<(Vec<Report>, Vec<String>)> {
    match proof.run {
        Run::Program { .. } => {
            ensure!(part.is_none(), "{} has no targets", proof.name);
            let file = report_file(root, proof)?;
            let mut command = run::cargo(root);
            command.args(proof.arguments(length)).arg("--report");
            let heard = run::listen(command.arg(&file))?;
            let text = fs::read_to_string(&file)
                .with_context(|| format!("it {} and wrote no report", heard.end()))?;
            let reports = Report::read(&text, proof.reports)?;
            let ok = reports.iter().all(|report| report.ok);
            if ok != heard.succeeded() {
                bail!("its report says ok: {ok}, and yet it {}", heard.end());
            }
            let mut said = last_words(&heard.out, proof.reports.len());
            if said.is_empty() {
                said = last_words(&heard.err, proof.reports.len());
            }
            Ok((reports, said))
        }
        Run::Here(run) => {
            let (report, last) = run(root, length, part)?;
            Ok((report.checked(proof.reports)?, vec![last]))
        }
    }
}

/// An empty place for the report: what an earlier run left there must not be taken for this one's.
fn report_file(root: &Path, proof: &Proof) -> Result<PathBuf> {
    let folder = root.join("target/proof");
    fs::create_dir_all(&folder)?;
    let file = folder.join(format!("{}.json", proof.name));
    if file.exists() {
        fs::remove_file(&file)?;
    }
    Ok(file)
}

/// The last lines that say something: one for each report.
fn last_words(out: &[String], count: usize) -> Vec<String> {
    let said: Vec<&String> = out.iter().filter(|line| !line.trim().is_empty()).collect();
    let from = said.len().saturating_sub(count);
    said.into_iter().skip(from).cloned().collect()
}

/// What is recorded of a proof that could not say itself how it ended.
fn silent(proof: &Proof, error: &anyhow::Error, started: Instant) -> Vec<Report> {
    let seconds = started.elapsed().as_secs();
    let names = proof.reports.iter();
    names
        .map(|name| Report::failed(name, seconds, &format!("{error:#}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_report_has_a_name_of_its_own() {
        let names = TABLE.iter().flat_map(|proof| proof.reports).copied();
        let mut names: Vec<&str> = names.collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "two proofs report under one name");
        assert!(TABLE.iter().all(|proof| !proof.reports.is_empty()));
    }

    /// A row may wait for its crate no longer than for the next test run.
    #[test]
    fn every_program_is_in_the_workspace() {
        let root = crate::root().expect("the repository");
        let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let members = manifest["workspace"]["members"].as_array().unwrap();
        let folders = members.iter().filter_map(|member| member.as_str());
        let crates: Vec<&str> = folders.filter_map(|path| path.rsplit('/').next()).collect();
        for proof in TABLE
            .iter()
            .filter(|proof| matches!(proof.run, Run::Program { .. }))
        {
            for length in [Length::Short, Length::Long] {
                let mut words = proof.arguments(length).skip_while(|word| *word != "-p");
                let package = words.nth(1).unwrap_or_default();
                assert!(crates.contains(&package), "{}: {package}", proof.name);
            }
        }
    }

    /// Two lanes at once, and what wants the machine to itself after both; a failure stops nothing.
    #[test]
    fn every_proof_runs_in_its_turn_and_is_recorded() {
        static ENDED: Mutex<Vec<&str>> = Mutex::new(Vec::new());
        fn ends(name: &'static str, failures: Vec<String>) -> (Report, String) {
            ENDED.lock().unwrap().push(name);
            let counts = [("runs".to_owned(), 1.into())].into_iter().collect();
            (
                Report::new(name, 0, counts, failures),
                format!("{name} ended"),
            )
        }
        let row = |name, turn, run| -> &'static Proof {
            Box::leak(Box::new(Proof {
                name,
                what: "",
                reports: Box::leak(Box::new([name])),
                in_tests: true,
                turn,
                run: Run::Here(run),
            }))
        };
        let proofs = [
            row("alone", Turn::Alone, |_, _, _| {
                Ok(ends("alone", Vec::new()))
            }),
            row("first", Turn::First, |_, _, _| {
                // It ends only once the other lane has begun.
                while ENDED.lock().unwrap().is_empty() {
                    thread::yield_now();
                }
                Ok(ends("first", vec!["lost one".to_owned()]))
            }),
            row("beside", Turn::Beside, |_, _, _| {
                Ok(ends("beside", Vec::new()))
            }),
        ];
        let root = crate::root().expect("the repository");
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "{}").unwrap();
        let outcome = all(&root, &proofs, (Length::Short, None), file.path()).unwrap();
        assert_eq!(*ENDED.lock().unwrap(), ["beside", "first", "alone"]);
        assert_eq!(outcome.failed, ["first"]);
        assert!(outcome.closing.iter().any(|line| line.contains("lost one")));
        let record = fs::read_to_string(file.path()).unwrap();
        for name in ["alone", "first", "beside"] {
            assert!(record.contains(&format!("\"{name}\"")), "{record}");
        }
    }

    #[test]
    fn last_words_are_the_last_lines_that_say_something() {
        let out = ["one", "two", "", "three", " "].map(str::to_owned);
        assert_eq!(last_words(&out, 2), ["two", "three"]);
        assert_eq!(last_words(&out, 9), ["one", "two", "three"]);
    }

    #[test]
    fn a_program_that_is_not_there_is_a_failure_and_no_gap() {
        let root = crate::root().expect("the repository");
        let proof = Proof {
            name: "nothing",
            what: "",
            reports: &["nothing"],
            in_tests: false,
            turn: Turn::Alone,
            run: Run::Program {
                short: "run --quiet --offline --package no-such-package --",
                long: "",
            },
        };
        let Err(error) = one(&root, &proof, (Length::Short, None)) else {
            panic!("it ran");
        };
        assert!(error.to_string().contains("wrote no report"), "{error:#}");
        let recorded = silent(&proof, &error, Instant::now());
        assert!(!recorded[0].ok && recorded[0].complaint().starts_with("nothing FAILED: "));
    }
}
