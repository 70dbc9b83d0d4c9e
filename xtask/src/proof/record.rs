//! `proof.json`: what each proof said last, short and long, and under which circumstances.
//!
//! Each entry carries its own circumstances, since `--only` runs one proof at another commit than the others.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
};

use anyhow::{Context, Result, bail};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{Length, report::Report};
use crate::run;

/// Files that a run writes itself: that they changed is no change of what was proved.
const WRITTEN: [&str; 3] = ["proof.json", "README.md", "README.en.md"];

/// Where a proof of many targets counts each.
const TARGETS: &str = "targets";

/// On what, when and where something was proved.
pub(crate) struct Circumstances {
    commit: Option<String>,
    dirty: bool,
    date: String,
    cores: usize,
    rustc: Option<String>,
}

impl Circumstances {
    /// Those of a run that begins now.
    pub(crate) fn now(root: &Path) -> Self {
        let git =
            |arguments: &[&str]| run::output(Command::new("git").current_dir(root).args(arguments));
        let excluded = WRITTEN.map(|file| format!(":!{file}"));
        let mut status = vec!["status", "--porcelain", "--", "."];
        status.extend(excluded.iter().map(String::as_str));
        Self {
            commit: git(&["rev-parse", "HEAD"]),
            // What git cannot tell is not called clean.
            dirty: git(&status).is_none_or(|changes| !changes.is_empty()),
            date: Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            cores: thread::available_parallelism().map_or(1, Into::into),
            rustc: run::output(Command::new("rustc").current_dir(root).arg("--version")),
        }
    }
}

/// The file and what stands in it.
pub(crate) struct Record {
    file: PathBuf,
    entries: Map<String, Value>,
}

impl Record {
    /// What stands in the file, or an empty record where there is none.
    ///
    /// # Errors
    /// Where it cannot be read or holds something else.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let mut entries = Map::new();
        if file.exists() {
            match serde_json::from_str(&fs::read_to_string(file)?) {
                Ok(Value::Object(found)) => entries = found,
                Ok(_) | Err(_) => bail!("{} holds no record of proofs", file.display()),
            }
        }
        Ok(Self {
            file: file.to_owned(),
            entries,
        })
    }

    /// Puts a report in the place of the one before.
    pub(crate) fn set(
        &mut self,
        length: Length,
        now: &Circumstances,
        command: &str,
        report: &Report,
    ) {
        let mut counts = report.counts.clone();
        let mut failures = report.failures.clone();
        let mut targets = Map::new();
        if let Some(Value::Object(ran)) = counts.get(TARGETS) {
            // Targets may be run one by one: each says on what.
            for (name, target) in ran {
                let mut target = target.clone();
                target["commit"] = json!(now.commit);
                target["date"] = json!(now.date);
                targets.insert(name.clone(), target);
            }
            if report.part {
                let old = self
                    .entries
                    .get(length.name())
                    .map_or(&Value::Null, |long| &long[&report.name]);
                let other = |name: &str| !targets.contains_key(name);
                failures.extend(failures_of(old, other));
                let others = targets_of(old, other);
                targets.extend(others);
                for (name, sum) in &mut counts {
                    if targets.values().all(|target| target[name].is_u64()) {
                        let all = targets.values().filter_map(|target| target[name].as_u64());
                        *sum = all.sum::<u64>().into();
                    }
                }
                counts.insert("parsers".to_owned(), targets.len().into());
            }
            counts.insert(TARGETS.to_owned(), Value::Object(targets));
        }
        let mut counts = Value::Object(counts);
        counts.sort_all_objects();
        let entry = json!({
            "ok": failures.is_empty(),
            "counts": counts,
            "failures": failures,
            "seconds": report.seconds,
            "run": {
                "command": command,
                "commit": now.commit,
                "dirty": now.dirty,
                "date": now.date,
                "cores": now.cores,
                "rustc": now.rustc,
            },
        });
        let proofs = self.entries.entry(length.name()).or_insert(json!({}));
        if let Value::Object(proofs) = proofs {
            proofs.insert(report.name.clone(), entry);
            proofs.sort_keys();
        }
        self.entries.sort_keys();
    }

    /// Writes the file, in an order that does not depend on the order of the runs.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub(crate) fn write(&self) -> Result<()> {
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder)?;
        }
        let text = serde_json::to_string_pretty(&self.entries)?;
        fs::write(&self.file, text + "\n")
            .with_context(|| format!("{} cannot be written", self.file.display()))
    }
}

/// What an entry says of its targets of these names.
fn targets_of(entry: &Value, wanted: impl Fn(&str) -> bool) -> Map<String, Value> {
    let targets = entry["counts"][TARGETS].as_object().into_iter().flatten();
    let wanted = targets.filter(|(name, _)| wanted(name));
    wanted
        .map(|(name, target)| (name.clone(), target.clone()))
        .collect()
}

/// What an entry says went wrong with targets of these names: `name: why`.
fn failures_of(entry: &Value, wanted: impl Fn(&str) -> bool) -> Vec<Value> {
    let failures = entry["failures"].as_array().into_iter().flatten();
    let of = |failure: &&Value| {
        let name = failure.as_str().and_then(|text| text.split_once(": "));
        name.is_some_and(|(name, _)| wanted(name))
    };
    failures.filter(of).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_the_runs_does_not_show() {
        let file = std::env::temp_dir().join(format!("jinliu-proof-{}.json", std::process::id()));
        let now = Circumstances {
            commit: Some("abc".to_owned()),
            dirty: false,
            date: "2026-01-01T00:00:00Z".to_owned(),
            cores: 2,
            rustc: None,
        };
        let report = |name: &str, counts: &str| {
            let text = format!(
                r#"{{"name":"{name}","ok":true,"seconds":3,"counts":{counts},"failures":[]}}"#
            );
            Report::read(&text, &[name]).unwrap().remove(0)
        };
        let power = report("power", r#"{"b":1,"a":{"d":2,"c":3}}"#);
        let kills = report("kills", r#"{"cycles":5}"#);
        let written = |order: [&Report; 2]| {
            let mut record = Record {
                file: file.clone(),
                entries: Map::new(),
            };
            for report in order {
                record.set(Length::Short, &now, "c", report);
            }
            record.write().unwrap();
            assert_eq!(Record::read(&file).unwrap().entries, record.entries);
            fs::read_to_string(&file).unwrap()
        };
        let text = written([&power, &kills]);
        assert_eq!(text, written([&kills, &power]));
        assert!(text.find("\"kills\"").unwrap() < text.find("\"power\"").unwrap());
        assert!(text.find("\"c\": 3").unwrap() < text.find("\"d\": 2").unwrap());

        // One target again: the other's stays, and the sums are of both.
        let mut record = Record::read(&file).unwrap();
        let fuzz =
            r#"{"parsers":2,"executions":7,"targets":{"a":{"executions":3},"b":{"executions":4}}}"#;
        let mut both = report("fuzz", fuzz);
        both.failures = vec!["a: it broke".into(), "b: it broke".into()];
        record.set(Length::Long, &now, "c", &both);
        let mut one = report(
            "fuzz",
            r#"{"parsers":1,"executions":9,"targets":{"b":{"executions":9}}}"#,
        );
        one.part = true;
        record.set(Length::Long, &now, "c", &one);
        let entry = &record.entries["long"]["fuzz"];
        assert_eq!(entry["failures"], json!(["a: it broke"]));
        assert_eq!(
            (entry["ok"].as_bool(), &entry["counts"]["executions"]),
            (Some(false), &json!(12))
        );
        assert_eq!(entry["counts"]["parsers"], json!(2));
        assert_eq!(entry["counts"]["targets"]["b"]["commit"], json!("abc"));
        fs::write(&file, "[]").unwrap();
        assert!(Record::read(&file).is_err());
        fs::remove_file(&file).unwrap();
    }
}
