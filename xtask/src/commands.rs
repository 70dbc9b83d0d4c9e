//! Cargo commands that a text names: whether the package, target, test, step or subcommand that they name is there.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{proof, run, steps};

/// What the workspace has, as commands name it.
#[derive(Default)]
pub(crate) struct Known {
    packages: BTreeMap<String, Package>,
    /// The program's subcommands.
    subcommands: BTreeSet<String>,
    /// The words that `cargo xtask` takes.
    tasks: BTreeSet<String>,
    /// Every function of every Rust file, a test's among them.
    functions: BTreeSet<String>,
    /// The numbers of the folders below `tasks/`.
    numbered: BTreeSet<String>,
}

#[derive(Default)]
struct Package {
    /// `test flow`, `example gallery`, `bin jinliu`, …
    targets: BTreeSet<String>,
    features: BTreeSet<String>,
}

/// Options of cargo that take no value.
const FLAGS: [&str; 14] = [
    "-q",
    "--quiet",
    "--release",
    "--locked",
    "--offline",
    "--workspace",
    "--lib",
    "--doc",
    "--all",
    "--all-targets",
    "--check",
    "--no-default-features",
    "--no-deps",
    "--open",
];

impl Known {
    /// Reads what is there; `rust` is the text of every Rust file.
    ///
    /// # Errors
    /// Where cargo cannot tell, or the program's own file does not read as it used to.
    pub(crate) fn read<'a>(
        root: &Path,
        usage: &str,
        rust: impl Iterator<Item = &'a str>,
    ) -> Result<Self> {
        let metadata = ["metadata", "--no-deps", "--format-version", "1", "--locked"];
        let metadata = run::output(run::cargo(root).args(metadata));
        let metadata: Value = serde_json::from_str(&metadata.context("`cargo metadata` failed")?)?;
        let mut known = Self::default();
        for package in items(&metadata["packages"]) {
            let mut here = Package::default();
            for target in items(&package["targets"]) {
                for kind in items(&target["kind"]) {
                    here.targets
                        .insert(format!("{} {}", text(kind), text(&target["name"])));
                }
            }
            let features = package["features"].as_object();
            here.features = features
                .into_iter()
                .flatten()
                .map(|f| f.0.clone())
                .collect();
            known
                .packages
                .insert(text(&package["name"]).to_owned(), here);
        }
        let main = fs::read_to_string(root.join("jinliu/src/main.rs"))?;
        let commands = main
            .split_once("\nenum Command {")
            .context("no subcommands")?
            .1;
        let commands = commands
            .split_once("\n}")
            .map_or(commands, |(inside, _)| inside);
        for line in commands.lines().map(str::trim) {
            let name = line.split(['(', ',']).next().unwrap_or_default();
            if name.starts_with(|c: char| c.is_ascii_uppercase()) {
                known.subcommands.insert(name.to_lowercase());
            }
        }
        let tasks = usage.split("cargo xtask ").skip(1);
        known.tasks = tasks
            .filter_map(|rest| Some(rest.split_whitespace().next()?.to_owned()))
            .collect();
        for text in rust {
            let functions = text.split("fn ").skip(1);
            let name = |c: char| !c.is_ascii_alphanumeric() && c != '_';
            let names = functions.filter_map(|rest| rest.split(name).next());
            known.functions.extend(names.map(str::to_owned));
        }
        for entry in fs::read_dir(root.join("tasks")).into_iter().flatten() {
            let name = entry?.file_name().to_string_lossy().into_owned();
            if let Some((number, _)) = name.split_once('-') {
                known
                    .numbered
                    .insert(number.trim_start_matches('0').to_owned());
            }
        }
        Ok(known)
    }

    /// Whether there is a function of this name.
    pub(crate) fn has_function(&self, name: &str) -> bool {
        self.functions.contains(name)
    }

    /// Why a command that begins with `cargo` would not work; `None` where it would.
    pub(crate) fn fault(&self, command: &str) -> Option<String> {
        let words: Vec<&str> = command
            .split_whitespace()
            .take_while(|word| !["#", "|", "||", "&&", ";", ">", ">>", "&"].contains(word))
            .map(|word| word.trim_matches(['"', '\'', ')', ';']))
            // What a reader puts in, and what was left out.
            .filter(|word| !word.is_empty() && !word.contains(['…', '$']))
            .collect();
        match words.as_slice() {
            ["cargo", "xtask", rest @ ..] => self.task(rest),
            ["cargo", "run", rest @ ..] => self.run(rest),
            ["cargo", "nextest", "run", rest @ ..]
            | [
                "cargo",
                "test" | "build" | "check" | "clippy" | "doc" | "fmt",
                rest @ ..,
            ] => self.build(rest),
            [
                "cargo",
                "install" | "deny" | "clean" | "--version" | "update",
                ..,
            ]
            | ["cargo"] => None,
            _ => Some("nobody checks such a command; teach xtask/src/commands.rs".to_owned()),
        }
    }

    fn task(&self, words: &[&str]) -> Option<String> {
        let first = words.first()?;
        if !self.tasks.contains(*first) {
            return Some(format!("`cargo xtask` knows no {first}"));
        }
        match words {
            ["test", "--only", step, ..] => {
                steps::named(step).err().map(|_| format!("no step {step}"))
            }
            ["proof", options @ ..] => {
                let at = options.iter().position(|word| *word == "--only")?;
                let name = options.get(at + 1)?;
                let proofs = proof::list();
                let there = proofs
                    .lines()
                    .any(|line| line.split_whitespace().next() == Some(name));
                (!there).then(|| format!("no proof {name}"))
            }
            ["accept", number, ..] if number.starts_with(|c: char| c.is_ascii_digit()) => {
                let number = number.trim_start_matches('0');
                (!self.numbered.contains(number)).then(|| format!("no task {number} in tasks/"))
            }
            _ => None,
        }
    }

    /// `cargo run`: of the program unless another package is named.
    fn run(&self, words: &[&str]) -> Option<String> {
        let (options, given) = split(words);
        if let Err(fault) = self.options(options, "jinliu") {
            return Some(fault);
        }
        let other = options
            .iter()
            .any(|word| *word == "-p" || *word == "--example");
        let package = options.iter().skip_while(|word| **word != "-p").nth(1);
        if other && package != Some(&"jinliu") {
            return None;
        }
        let first = given.first().filter(|word| !word.starts_with('-'))?;
        (!self.subcommands.contains(*first)).then(|| format!("the program has no command {first}"))
    }

    /// A command that builds or tests: options, then names of tests.
    fn build(&self, words: &[&str]) -> Option<String> {
        let (options, given) = split(words);
        let before = match self.options(options, "") {
            Ok(words) => words,
            Err(fault) => return Some(fault),
        };
        let after = given.iter().filter(|word| !word.starts_with('-'));
        for name in before.iter().chain(after) {
            // A part of a test's path is enough for cargo.
            let part = name.rsplit("::").next().unwrap_or(name);
            if !self
                .functions
                .iter()
                .any(|function| function.contains(part))
            {
                return Some(format!("no test is called {name}"));
            }
        }
        None
    }

    /// The words that belong to no option.
    fn options<'a>(&self, words: &[&'a str], package: &'a str) -> Result<Vec<&'a str>, String> {
        let (mut packages, mut named, mut free) = (Vec::<&str>::new(), Vec::new(), Vec::new());
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match *word {
                "-p" | "--package" => packages.extend(words.next()),
                "--test" | "--example" | "--bin" | "--bench" | "--features" => {
                    named.push((word.trim_start_matches('-'), words.next().copied()));
                }
                "--manifest-path" | "-E" | "--status-level" => drop(words.next()),
                flag if FLAGS.contains(&flag) || flag.starts_with('+') => {}
                flag if flag.starts_with('-') => return Err(format!("nobody checks {flag}")),
                word => free.push(word),
            }
        }
        if packages.is_empty() && !package.is_empty() {
            packages.push(package);
        }
        for name in &packages {
            if !self.packages.contains_key(*name) {
                return Err(format!("no package {name}"));
            }
        }
        let looked = |name: &&String| packages.is_empty() || packages.contains(&name.as_str());
        for (kind, names) in named {
            for name in names.unwrap_or_default().split(',') {
                let mut there = self.packages.iter().filter(|(package, _)| looked(package));
                let found = there.any(|(_, package)| match kind {
                    "features" => package.features.contains(name),
                    kind => package.targets.contains(&format!("{kind} {name}")),
                });
                if !found {
                    return Err(format!("no {kind} {name} in {}", packages.join(", ")));
                }
            }
        }
        Ok(free)
    }
}

/// Words before and after `--`.
fn split<'a, 'b>(words: &'a [&'b str]) -> (&'a [&'b str], &'a [&'b str]) {
    let at = words.iter().position(|word| *word == "--");
    at.map_or((words, &[]), |at| {
        let (before, after) = words.split_at(at);
        (before, after.get(1..).unwrap_or_default())
    })
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// This workspace, with two tests.
    pub(crate) fn known() -> Known {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let rust = ["fn facts_are_confluent() {}\nasync fn a_trade_pays_one_order() {}"];
        let mut known = Known::read(root, crate::USAGE, rust.into_iter()).unwrap();
        known.numbered.insert("3".to_owned());
        known.tasks.insert("accept".to_owned());
        known
    }

    #[test]
    fn what_works_is_let_through() {
        let known = known();
        for command in [
            "cargo run",
            "cargo run -q -- orders --json",
            "cargo run -- --port 9080",
            "cargo run -p pages --example gallery",
            "cargo run -p jinliu --features ablation -- lab ablate A05",
            "cargo run --quiet --manifest-path \"$here/Cargo.toml\" -- serve) || echo",
            "cargo test -p orders facts_are_confluent",
            "cargo test -p jinliu --test flow # all of it",
            "cargo test -p payuni --test wire -- a_trade_pays",
            "cargo xtask test --only tidy",
            "cargo xtask proof --long --only planted",
            "cargo xtask accept 03",
            "cargo xtask lint",
            "cargo build --release --no-default-features",
        ] {
            assert_eq!(known.fault(command), None, "{command}");
        }
    }

    #[test]
    fn what_would_not_work_is_told() {
        let known = known();
        for (command, why) in [
            ("cargo run -- order", "no command order"),
            ("cargo run -p pages --example galery", "no example galery"),
            ("cargo run --features ablate", "no features ablate"),
            ("cargo test -p order", "no package order"),
            (
                "cargo test -p jinliu --test flows",
                "no test flows in jinliu",
            ),
            (
                "cargo test -p orders facts_are_confused",
                "no test is called",
            ),
            (
                "cargo test -p orders --frobnicate",
                "nobody checks --frobnicate",
            ),
            ("cargo xtask tests", "knows no tests"),
            ("cargo xtask test --only tidyness", "no step tidyness"),
            ("cargo xtask proof --only plants", "no proof plants"),
            ("cargo xtask accept 99", "no task 99"),
            ("cargo flamegraph", "nobody checks such a command"),
        ] {
            let fault = known.fault(command).unwrap();
            assert!(fault.contains(why), "{command}: {fault}");
        }
    }
}
