//! Who may use whom, as ARCHITECTURE.md draws it, held against what `cargo metadata` says is so.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Each crate of the workspace and the crates of the workspace that it may use, in tests too.
/// A new crate or arrow is a decision: it goes here and into ARCHITECTURE.md together.
const PICTURE: &[(&str, &[&str])] = &[
    ("orders", &[]),
    ("payuni", &[]),
    ("doctor", &["payuni"]),
    ("google", &[]),
    ("pages", &[]),
    ("figures", &[]),
    // The book's reader: text in, pages out; it knows neither the shop nor the sandbox.
    ("learn", &["figures", "pages"]),
    // The crash points are there behind a feature only; see below.
    ("crash-points", &[]),
    ("edge", &["crash-points"]),
    ("ledger", &["orders", "crash-points"]),
    (
        "shop",
        &[
            "orders",
            "payuni",
            "google",
            "ledger",
            "pages",
            "edge",
            "crash-points",
        ],
    ),
    // The other side of the wire knows nothing of ours, so that errors cannot cancel out.
    ("payuni-sim", &[]),
    ("google-sim", &[]),
    // The auditor knows nothing of what it judges, for the same reason.
    ("auditor", &[]),
    // Nor does whoever attacks it: what he seals, he seals with the sandbox's own cipher.
    ("attacks", &["payuni-sim"]),
    (
        "jinliu",
        &[
            "attacks",
            "auditor",
            "doctor",
            "orders",
            "payuni",
            "google",
            "ledger",
            "pages",
            "edge",
            "shop",
            "learn",
            "payuni-sim",
            "google-sim",
            "crash-points",
        ],
    ),
    // The crash harness starts the real program and reads its file; of the shop itself it uses nothing.
    (
        "crash",
        &[
            "auditor",
            "crash-points",
            "jinliu",
            "ledger",
            "orders",
            "payuni",
        ],
    ),
    // The simulator drives the shop itself; what it holds it against, the gateway's books, it has of its own.
    (
        "simulation",
        &["auditor", "orders", "google", "ledger", "shop"],
    ),
    // Whoever judges a task looks from outside; what is forged there, the sandbox's own cipher seals.
    ("accept", &["payuni-sim"]),
    // Only the diagrams, so that what is drawn for the book is what the demo draws.
    ("xtask", &["figures"]),
];

/// Crates that do no I/O, and what they must reach by no path of normal dependencies.
const SANS_IO: [&str; 3] = ["orders", "payuni", "doctor"];
const IO: [&str; 9] = [
    "tokio",
    "reqwest",
    "hyper",
    "rusqlite",
    "axum",
    "sqlx",
    "mio",
    "async-std",
    "smol",
];

/// The simulators, and the feature of `jinliu` that alone brings them.
const SIMS: [&str; 2] = ["payuni-sim", "google-sim"];
const SANDBOX: &str = "sandbox";
/// The crate of the crash points, and the feature that alone brings it.
const CRASH_POINTS: &str = "crash-points";

#[test]
fn every_crate_uses_only_what_the_picture_allows() -> Result<()> {
    let found = strangers(&workspace_arrows(&metadata()?)?);
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
    Ok(())
}

#[test]
fn the_core_reaches_no_runtime_no_network_and_no_database() -> Result<()> {
    let graph = Graph::new(&metadata()?)?;
    for core in SANS_IO {
        for forbidden in IO {
            if let Some(path) = graph.path(core, forbidden) {
                panic!(
                    "\n`{core}` does no I/O, but reaches `{forbidden}`: {}\n\
                     Hand the core the bytes, the time and the randomness instead.\n",
                    path.join(" → ")
                );
            }
        }
    }
    Ok(())
}

#[test]
fn the_search_for_a_path_finds_one_where_there_is_one() -> Result<()> {
    let graph = Graph::new(&metadata()?)?;
    let path = graph.path("shop", "tokio").context("shop runs on tokio")?;
    assert_eq!(path.first().map(String::as_str), Some("shop"));
    assert_eq!(path.last().map(String::as_str), Some("tokio"));
    Ok(())
}

#[test]
fn only_the_sandbox_feature_brings_the_simulators() -> Result<()> {
    let metadata = metadata()?;
    let jinliu = packages(&metadata)?
        .iter()
        .find(|package| package["name"] == "jinliu")
        .context("no package jinliu")?;
    for sim in SIMS {
        let uses = list(&jinliu["dependencies"])?
            .iter()
            .filter(|dependency| dependency["name"] == sim);
        for dependency in uses {
            assert_eq!(
                dependency["optional"], true,
                "jinliu/Cargo.toml: `{sim}` must be optional, so that a production build can leave the sandbox out"
            );
            assert!(
                dependency["kind"].is_null(),
                "jinliu/Cargo.toml: `{sim}` among the {} dependencies would be there in every test build; \
                 use it through the feature `{SANDBOX}`",
                dependency["kind"]
            );
        }
        for (feature, brings) in jinliu["features"].as_object().context("no features")? {
            let brings_sim = list(brings)?
                .iter()
                .filter_map(Value::as_str)
                .any(|item| item.trim_start_matches("dep:").split(['/', '?']).next() == Some(sim));
            assert!(
                !brings_sim || feature == SANDBOX,
                "jinliu/Cargo.toml: the feature `{feature}` brings `{sim}`; only `{SANDBOX}` may"
            );
        }
    }
    Ok(())
}

/// A program that people run stops at no crash point and takes no other settings of its ledger from outside.
#[test]
fn only_the_crash_points_feature_brings_the_crash_points() -> Result<()> {
    let metadata = metadata()?;
    for name in ["edge", "ledger", "shop", "jinliu"] {
        let package = packages(&metadata)?
            .iter()
            .find(|package| package["name"] == name)
            .with_context(|| format!("no package {name}"))?;
        for dependency in list(&package["dependencies"])? {
            if dependency["name"] == CRASH_POINTS {
                assert_eq!(dependency["optional"], true, "{name}/Cargo.toml");
                assert!(dependency["kind"].is_null(), "{name}/Cargo.toml");
            }
            let brought = list(&dependency["features"])?;
            assert!(
                !brought.iter().any(|feature| feature == CRASH_POINTS),
                "{name}/Cargo.toml: a dependency always has the feature `{CRASH_POINTS}`"
            );
        }
        for (feature, brings) in package["features"].as_object().context("no features")? {
            let brings = list(brings)?.iter().filter_map(Value::as_str);
            let names_it = brings.filter(|item| item.contains(CRASH_POINTS)).count() > 0;
            assert_eq!(
                names_it,
                feature == CRASH_POINTS,
                "{name}/Cargo.toml: the feature `{feature}`; only `{CRASH_POINTS}` may bring the crash points"
            );
        }
    }
    Ok(())
}

/// A line that is switched off must never be in a program that anybody runs.
const ABLATION: &str = "ablation";

#[test]
fn no_build_switches_a_line_off_unless_it_is_asked_to_by_name() -> Result<()> {
    let metadata = metadata()?;
    let mut seen = 0;
    for package in packages(&metadata)? {
        let name = &package["name"];
        for (feature, brings) in package["features"].as_object().context("no features")? {
            seen += usize::from(feature == ABLATION);
            let brings = list(brings)?.iter().filter_map(Value::as_str);
            let mut brings = brings.filter(|item| item.contains(ABLATION));
            assert!(
                feature == ABLATION || brings.next().is_none(),
                "{name}: the feature `{feature}` switches lines off"
            );
        }
        for dependency in list(&package["dependencies"])? {
            let features = list(&dependency["features"])?;
            assert!(
                !features.iter().any(|feature| feature == ABLATION),
                "{name} asks `{}` for `{ABLATION}`",
                dependency["name"]
            );
        }
    }
    assert!(seen >= 6, "the feature has another name: {seen}");
    Ok(())
}

#[test]
fn an_arrow_that_is_not_in_the_picture_is_named() {
    let arrows = |from: &str, to: &[&str]| {
        let to = to.iter().map(ToString::to_string).collect();
        BTreeMap::from([(from.to_owned(), to)])
    };
    assert!(strangers(&arrows("ledger", &["orders"])).is_empty());
    let found = strangers(&arrows("shop", &["orders", "payuni-sim"]));
    assert_eq!(found.len(), 1);
    assert!(found[0].contains("`shop` uses `payuni-sim`"), "{found:?}");
    let found = strangers(&arrows("newcomer", &[]));
    assert!(
        found[0].contains("`newcomer` is not in the picture"),
        "{found:?}"
    );
}

/// What each crate uses against the picture: one sentence for each fault.
fn strangers(arrows: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let mut found = Vec::new();
    for (name, uses) in arrows {
        let Some((_, allowed)) = PICTURE.iter().find(|(known, _)| known == name) else {
            found.push(format!(
                "`{name}` is not in the picture: say in jinliu/tests/architecture.rs and ARCHITECTURE.md whom it may use"
            ));
            continue;
        };
        for used in uses.iter().filter(|used| !allowed.contains(&used.as_str())) {
            let allowed = if allowed.is_empty() {
                "no crate of ours".to_owned()
            } else {
                allowed.join(", ")
            };
            found.push(format!(
                "`{name}` uses `{used}`, but may use {allowed}: move the code to where the arrow points, \
                 or change the picture in jinliu/tests/architecture.rs and ARCHITECTURE.md"
            ));
        }
    }
    found
}

/// Every crate of the workspace with the workspace's crates that it names, for whatever use.
fn workspace_arrows(metadata: &Value) -> Result<BTreeMap<String, BTreeSet<String>>> {
    let members: BTreeSet<&str> = list(&metadata["workspace_members"])?
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let ours: Vec<&Value> = packages(metadata)?
        .iter()
        .filter(|package| {
            package["id"]
                .as_str()
                .is_some_and(|id| members.contains(id))
        })
        .collect();
    let names: BTreeSet<&str> = ours
        .iter()
        .filter_map(|package| package["name"].as_str())
        .collect();
    ensure!(
        names.len() == members.len() && !names.is_empty(),
        "cargo metadata names no workspace"
    );
    let mut arrows = BTreeMap::new();
    for package in ours {
        let name = package["name"]
            .as_str()
            .context("a package without a name")?;
        let uses = list(&package["dependencies"])?
            .iter()
            .filter_map(|dependency| dependency["name"].as_str())
            .filter(|used| names.contains(used))
            .map(ToOwned::to_owned)
            .collect();
        arrows.insert(name.to_owned(), uses);
    }
    Ok(arrows)
}

/// The resolved graph of normal dependencies, every version of every crate.
struct Graph {
    names: BTreeMap<String, String>,
    uses: BTreeMap<String, Vec<String>>,
}

impl Graph {
    fn new(metadata: &Value) -> Result<Self> {
        let mut names = BTreeMap::new();
        for package in packages(metadata)? {
            names.insert(text(&package["id"])?, text(&package["name"])?);
        }
        let mut uses = BTreeMap::new();
        for node in list(&metadata["resolve"]["nodes"])? {
            let mut normal = Vec::new();
            for dependency in list(&node["deps"])? {
                let kinds = list(&dependency["dep_kinds"])?;
                if kinds.iter().any(|kind| kind["kind"].is_null()) {
                    normal.push(text(&dependency["pkg"])?);
                }
            }
            uses.insert(text(&node["id"])?, normal);
        }
        Ok(Self { names, uses })
    }

    /// The shortest way from one crate to another, both by name, if there is one.
    fn path(&self, from: &str, to: &str) -> Option<Vec<String>> {
        let name = |id: &str| self.names.get(id).cloned().unwrap_or_default();
        let start = self.names.iter().find(|(_, name)| *name == from)?.0;
        let mut seen = BTreeSet::from([start]);
        let mut ways = std::collections::VecDeque::from([vec![start]]);
        while let Some(way) = ways.pop_front() {
            let last = *way.last()?;
            if name(last) == to {
                return Some(way.into_iter().map(|id| name(id)).collect());
            }
            for next in self.uses.get(last).into_iter().flatten() {
                if seen.insert(next) {
                    let mut longer = way.clone();
                    longer.push(next);
                    ways.push_back(longer);
                }
            }
        }
        None
    }
}

/// What cargo knows of this machine's build, without the network: whoever runs a test has all of it.
fn metadata() -> Result<Value> {
    let rustc = Command::new("rustc")
        .arg("-vV")
        .output()
        .context("running rustc")?;
    let version = String::from_utf8(rustc.stdout)?;
    let host = version
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("rustc names no host")?;
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version=1",
            "--offline",
            "--filter-platform",
            host,
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .context("running cargo")?;
    ensure!(
        output.status.success(),
        "cargo metadata failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn packages(metadata: &Value) -> Result<&Vec<Value>> {
    list(&metadata["packages"])
}

fn list(value: &Value) -> Result<&Vec<Value>> {
    value
        .as_array()
        .context("cargo metadata has changed its shape")
}

fn text(value: &Value) -> Result<String> {
    Ok(value
        .as_str()
        .context("cargo metadata has changed its shape")?
        .to_owned())
}
