//! What the papers point at is there: the paths, cargo commands and tests that they name, and the skills' two places.

use std::{collections::BTreeMap, path::Path};

use anyhow::Result;

use crate::{USAGE, commands::Known, steps};

/// Papers whose every path in backticks is from the repository's root.
const EXACT: [&str; 5] = ["AGENTS.md", "AGENT.md", "CLAUDE.md", "llms.txt", "skills/"];
/// The head of a table's last column that names the tests which hold a rule.
const HELD: &str = "held by";
/// Where the skills are, and where one tool looks for them.
const SKILLS: &str = "skills/";
const SKILLS_SHOWN: &str = ".claude/skills/";

/// Every fault of the papers among these files, by their paths.
///
/// # Errors
/// Where cargo cannot tell what the workspace has.
pub(crate) fn faults(root: &Path, files: &BTreeMap<String, String>) -> Result<Vec<String>> {
    let rust = files.iter().filter(|(path, _)| path.ends_with(".rs"));
    let known = Known::read(root, USAGE, rust.map(|(_, text)| text.as_str()))?;
    let mut faults = Vec::new();
    for (path, text) in files.iter().filter(|(path, _)| is_paper(path)) {
        faults.extend(faults_of(root, &known, path, text));
    }
    faults.extend(skills(files));
    Ok(faults)
}

fn is_paper(path: &str) -> bool {
    let md = path.ends_with(".md") || path == "llms.txt";
    // The changes that were have their own time; a sandbox's papers and a reader's fixtures are others'.
    md && path != "CHANGELOG.md" && !path.starts_with("sims/") && !path.contains("/fixtures/")
}

/// Every fault of one paper.
fn faults_of(root: &Path, known: &Known, path: &str, text: &str) -> Vec<String> {
    let exact = EXACT.iter().any(|start| path.starts_with(start));
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let (mut fence, mut held) = (None, false);
    let mut faults = Vec::new();
    for (n, line) in text.lines().enumerate() {
        let mut fault = |what: String| faults.push(format!("{path}:{}: {what}", n + 1));
        let trimmed = line.trim_start();
        if let Some(language) = trimmed.strip_prefix("```") {
            fence = fence.is_none().then(|| language.to_owned());
            continue;
        }
        if let Some(language) = &fence {
            if matches!(language.as_str(), "sh" | "text") {
                for command in commands(line) {
                    if let Some(why) = known.fault(command) {
                        fault(format!("`{command}`: {why}"));
                    }
                }
            }
            continue;
        }
        if let Some(step) = line.strip_prefix("run by ") {
            // An exercise that is left to a step of the tests.
            if steps::named(step).is_err() {
                fault(format!("no step is called {step}"));
            }
        }
        for code in between(line, "`", "`") {
            if code.starts_with("cargo ") {
                if let Some(why) = known.fault(code) {
                    fault(format!("`{code}`: {why}"));
                }
            } else if exact && is_path(root, code) && !root.join(code).exists() {
                fault(format!("{code} is not there"));
            }
        }
        // The book's links are held by its own test, which knows its anchors as well.
        if !path.starts_with("book/") {
            for target in between(line, "](", ")") {
                let file = target.split('#').next().unwrap_or_default();
                let elsewhere = target.contains("://") || target.starts_with("mailto:");
                if !elsewhere && !file.is_empty() && !root.join(folder).join(file).exists() {
                    fault(format!("{target} leads nowhere"));
                }
            }
        }
        if let Some(last) = last_cell(line) {
            if last == HELD {
                held = true;
            } else if held && !last.starts_with("---") {
                if last.is_empty() {
                    fault("nothing holds this rule".to_owned());
                }
                for name in between(last, "`", "`")
                    .into_iter()
                    .filter(|name| is_test(name))
                {
                    if !known.has_function(name) {
                        fault(format!("no test is called {name}"));
                    }
                }
            }
        } else {
            held = false;
        }
    }
    faults
}

/// The cargo commands of a line of shell.
fn commands(line: &str) -> Vec<&str> {
    let line = line.trim();
    if line.starts_with('#') {
        return Vec::new();
    }
    let starts = line.match_indices("cargo ").map(|(at, _)| at);
    let alone = |at: &usize| {
        let before = line.get(..*at).unwrap_or_default();
        before.is_empty() || before.ends_with([' ', '(', '$'])
    };
    starts
        .filter(alone)
        .filter_map(|at| line.get(at..))
        .collect()
}

/// Whether a word in backticks is a path from the root: its first part is there.
fn is_path(root: &Path, word: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let first = word.split('/').next().unwrap_or_default();
    word.contains('/')
        && !first.is_empty()
        && word.chars().all(plain)
        && word.chars().any(|c| c.is_ascii_lowercase())
        && root.join(first).exists()
}

/// Whether a word in backticks is the name of a test: our tests' names are sentences.
fn is_test(word: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    word.chars().all(plain) && word.matches('_').count() >= 2
}

/// The last cell of a table's row.
fn last_cell(line: &str) -> Option<&str> {
    let row = line.trim().strip_prefix('|')?.strip_suffix('|')?;
    Some(row.rsplit(" | ").next().unwrap_or(row).trim())
}

/// Everything in a line that stands between two marks.
fn between<'a>(line: &'a str, open: &str, close: &str) -> Vec<&'a str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((_, after)) = rest.split_once(open) {
        let Some((inside, beyond)) = after.split_once(close) else {
            break;
        };
        found.push(inside);
        rest = beyond;
    }
    found
}

/// The lines of a skill's head: `name` and `description`.
fn head(text: &str) -> Option<(&str, &str)> {
    let (head, _) = text.strip_prefix("---\n")?.split_once("\n---\n")?;
    let field = |name: &str| {
        let line = head.lines().find_map(|line| line.strip_prefix(name))?;
        Some(line.strip_prefix(": ")?.trim()).filter(|value| !value.is_empty())
    };
    Some((field("name")?, field("description")?))
}

/// A skill is named like its folder, and is found at the other place under the same head.
fn skills(files: &BTreeMap<String, String>) -> Vec<String> {
    let mut faults = Vec::new();
    let at = |start: &str| -> BTreeMap<String, &String> {
        let found = files.iter().filter(|(path, _)| path.starts_with(start));
        let found = found.filter(|(path, _)| path.ends_with("/SKILL.md"));
        found
            .map(|(path, text)| (path.replacen(start, "", 1), text))
            .collect()
    };
    let (real, shown) = (at(SKILLS), at(SKILLS_SHOWN));
    for (name, text) in &real {
        let folder = name.trim_end_matches("/SKILL.md");
        match head(text) {
            None => faults.push(format!(
                "{SKILLS}{name}: its head lacks name or description"
            )),
            Some((called, _)) if called != folder => {
                faults.push(format!("{SKILLS}{name}: is called {called}"));
            }
            Some(head_here) => {
                let there = shown.get(name).and_then(|text| head(text));
                if there != Some(head_here) {
                    faults.push(format!(
                        "{SKILLS_SHOWN}{name}: is to have the same head as {SKILLS}{name}"
                    ));
                }
            }
        }
    }
    for name in shown.keys().filter(|name| !real.contains_key(*name)) {
        faults.push(format!("{SKILLS_SHOWN}{name}: {SKILLS}{name} is not there"));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::tests::known;

    fn found(path: &str, text: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        faults_of(root, &known(), path, text).join("\n")
    }

    #[test]
    fn what_a_paper_names_and_is_not_there_is_told_with_its_line() {
        let text = "\
See `crates/orders/src/book.rs`, `jinliu/tests/nothing.rs`, `L3.amount` and [this](docs/contract.md).
And [that](docs/contracts.md#x), [there](https://example.org/x), `cargo test -p order`.

```sh
cargo run -- orders   # all of them
here=$PWD; (cd x && cargo run -- order)
```
";
        let told = found("AGENTS.md", text);
        let expected = [
            "AGENTS.md:1: jinliu/tests/nothing.rs is not there",
            "AGENTS.md:2: `cargo test -p order`: no package order",
            "AGENTS.md:2: docs/contracts.md#x leads nowhere",
            "AGENTS.md:6: `cargo run -- order)`: the program has no command order",
        ];
        assert_eq!(told, expected.join("\n"));
    }

    #[test]
    fn a_rule_names_the_test_that_holds_it() {
        let text = "\
| rule | held by |
|---|---|
| the same in any order | `facts_are_confluent` |
| one trade | `a_trade_pays_two_orders`; the schema |
| nothing else | |

`not_a_test_at_all` stands outside.
";
        let told = found("ARCHITECTURE.md", text);
        assert_eq!(
            told,
            "ARCHITECTURE.md:4: no test is called a_trade_pays_two_orders\nARCHITECTURE.md:5: nothing holds this rule"
        );
    }

    #[test]
    fn a_skill_is_found_at_both_places() {
        let skill = "---\nname: sing\ndescription: How to sing\n---\n\nLa.\n";
        let files = |real: &str, shown: &str| {
            BTreeMap::from([
                ("skills/sing/SKILL.md".to_owned(), real.to_owned()),
                (".claude/skills/sing/SKILL.md".to_owned(), shown.to_owned()),
            ])
        };
        assert!(skills(&files(skill, skill)).is_empty());
        let other = skill.replace("How to sing", "How to dance");
        assert_eq!(skills(&files(skill, &other)).len(), 1);
        assert_eq!(skills(&files("# sing", skill)).len(), 1);
        let mut alone = files(skill, skill);
        alone.remove("skills/sing/SKILL.md");
        assert_eq!(skills(&alone).len(), 1);
    }
}
