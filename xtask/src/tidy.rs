//! The house rules that no lint knows: read from the files as they are, each fault with its line and its cure.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};

use crate::{figures, papers};

/// Files of code are read in one sitting.
const LINES_MAX: usize = 500;
/// Endings of the files whose length is looked at.
const CODE: [&str; 8] = ["rs", "html", "css", "js", "mjs", "py", "php", "sql"];
/// Endings of files that are no text.
const BINARY: [&str; 10] = [
    "png", "jpg", "webp", "avif", "ico", "woff2", "db", "gz", "pdf", "webm",
];
/// Folders that git does not keep.
const LEFT_OUT: [&str; 6] = [
    ".git",
    "target",
    "data",
    "node_modules",
    ".venv",
    "test-output",
];
/// This file names what is forbidden.
const ITSELF: &str = "xtask/src/tidy.rs";

/// The one proof that shows what a careless ledger loses, or its recorder would be blind.
const CARELESS: &str = "proof/crash/src/power.rs";

/// Something that must not be written, where, and why.
struct Rule {
    /// Any of these, compared in lower case and without white space.
    forbidden: &'static [&'static str],
    applies: fn(path: &str) -> bool,
    why: &'static str,
}

const RULES: [Rule; 7] = [
    Rule {
        forbidden: &["user_entered"],
        applies: |path| is_rust(path) && !path.starts_with("sims/"),
        why: "a sheet is written RAW: USER_ENTERED turns what a buyer typed into a formula",
    },
    Rule {
        forbidden: &["\"begin\"", "\"begin;", "\"begintransaction"],
        applies: is_rust,
        why: "a deferred transaction that writes fails half-way: BEGIN IMMEDIATE, or say DEFERRED where it only reads",
    },
    Rule {
        forbidden: &[
            "synchronous=normal",
            "synchronous=off",
            "synchronous=0",
            "synchronous=1",
            "\"synchronous\",\"normal\"",
            "\"synchronous\",\"off\"",
            "\"synchronous\",0",
            "\"synchronous\",1",
        ],
        // A bug that is planted on purpose must be written down somewhere.
        applies: |path| {
            !path.ends_with(".md") && !path.starts_with("proof/planted/") && path != CARELESS
        },
        why: "a notice that was answered OK must survive a power cut: synchronous=FULL",
    },
    Rule {
        forbidden: &["todo!(", "unimplemented!(", "dbg!("],
        applies: is_rust,
        why: "finish it, or write an issue",
    },
    Rule {
        forbidden: &["#[ignore", "```ignore"],
        applies: is_rust,
        why: "no test is left out: one that lacks something fails and says what (```text for what is no example)",
    },
    Rule {
        forbidden: &["#[allow(", "#![allow("],
        applies: is_rust,
        why: "#[expect(…, reason = \"…\")] says why, and tells when it is no longer needed",
    },
    Rule {
        forbidden: &[concat!("/ro", "ot/"), concat!("/ho", "me/"), "/users/"],
        applies: |_| true,
        why: "a path or an address of one machine means nothing on another",
    },
];

/// Reads every file that git would keep.
///
/// # Errors
/// With every fault: file, line, what, and why it is one.
pub(crate) fn check(root: &Path) -> Result<()> {
    let mut faults = Vec::new();
    let mut texts = BTreeMap::new();
    for file in files(root)? {
        let path = file
            .strip_prefix(root)?
            .to_string_lossy()
            .replace('\\', "/");
        let text =
            fs::read_to_string(&file).with_context(|| format!("{path} is not UTF-8 text"))?;
        faults.extend(faults_of(&path, &text));
        faults.extend(figures::fault(root, &path, &text));
        texts.insert(path, text);
    }
    faults.extend(papers::faults(root, &texts)?);
    if !faults.is_empty() {
        bail!("{} faults:\n{}", faults.len(), faults.join("\n"));
    }
    println!("{} files are tidy.", texts.len());
    Ok(())
}

/// Every fault of one file.
fn faults_of(path: &str, text: &str) -> Vec<String> {
    if path == ITSELF || path.ends_with("Cargo.lock") || path.ends_with("package-lock.json") {
        return Vec::new();
    }
    let mut faults = Vec::new();
    let lines = text.lines().count();
    if lines > LINES_MAX && CODE.iter().any(|code| ends_with(path, code)) {
        faults.push(format!(
            "{path}: {lines} lines, more than {LINES_MAX}: it has more than one subject"
        ));
    }
    if path.ends_with("/Cargo.toml") && !text.contains("[lints]\nworkspace = true") {
        faults.push(format!(
            "{path}: without `[lints] workspace = true`, no lint of the house holds here"
        ));
    }
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| (rule.applies)(path)).collect();
    for (number, line) in text.lines().enumerate() {
        // A comment may name what the code must not do.
        if is_rust(path) && line.trim_start().starts_with("// ") {
            continue;
        }
        let squeezed: String = line
            .chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_lowercase();
        for rule in &rules {
            if let Some(word) = rule.forbidden.iter().find(|word| squeezed.contains(**word)) {
                faults.push(format!("{path}:{}: {word}: {}", number + 1, rule.why));
            }
        }
    }
    faults
}

/// All files below a folder that git keeps, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let entries: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    for entry in entries {
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type()?;
        if kind.is_dir() && !LEFT_OUT.contains(&name.as_str()) {
            found.extend(files(&path)?);
        }
        // A person's own `.env` holds keys and is nobody's business.
        if kind.is_file()
            && name != ".env"
            && !BINARY.iter().any(|ending| ends_with(&name, ending))
            && !name.contains(".db-")
        {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn is_rust(path: &str) -> bool {
    ends_with(path, "rs")
}

fn ends_with(path: &str, ending: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words that a file's faults are named by.
    fn faults(path: &str, text: &str) -> String {
        faults_of(path, text).join("\n")
    }

    #[test]
    fn what_is_forbidden_is_found_with_its_line() {
        assert_eq!(
            faults(
                "crates/ledger/src/a.rs",
                "db.execute(\"BEGIN IMMEDIATE\", [])?;"
            ),
            ""
        );
        let found = faults("crates/ledger/src/a.rs", "\ndb.execute(\"BEGIN\", [])?;");
        assert!(
            found.starts_with("crates/ledger/src/a.rs:2: \"begin\": "),
            "{found}"
        );
        for line in [
            "PRAGMA synchronous = NORMAL;",
            "db.pragma_update(None, \"synchronous\", \"NORMAL\")",
            "db.pragma_update(None, \"synchronous\", 1)",
            "todo!()",
            "  #[ignore = \"later\"]",
            "#[allow(dead_code)]",
            concat!("let key = \"/ro", "ot/key.json\";"),
        ] {
            assert!(
                faults("crates/ledger/src/a.rs", line).contains("a.rs:1: "),
                "{line}"
            );
        }
    }

    #[test]
    fn a_rule_holds_only_where_it_applies() {
        let line = "let option = \"USER_ENTERED\";";
        assert!(!faults("crates/google/src/sheets.rs", line).is_empty());
        assert_eq!(faults("sims/google-sim/src/values.rs", line), "");
        assert_eq!(
            faults("crates/google/src/sheets.rs", "// never USER_ENTERED"),
            ""
        );
        assert_eq!(faults("README.md", "Never `synchronous=NORMAL`."), "");
        let careless = "\"PRAGMA synchronous = NORMAL\"";
        assert_eq!(faults(CARELESS, careless), "");
        assert!(!faults("proof/crash/src/disk.rs", careless).is_empty());
    }

    #[test]
    fn long_files_and_crates_without_lints_are_faults() {
        let lines = |count: usize| "let a = 1;\n".repeat(count);
        assert_eq!(faults("a/b.rs", &lines(LINES_MAX)), "");
        assert!(faults("a/b.rs", &lines(LINES_MAX + 1)).contains("501 lines"));
        assert_eq!(faults("book/chapter.md", &lines(LINES_MAX + 1)), "");
        assert!(faults("crates/new/Cargo.toml", "[package]\nname = \"new\"\n").contains("[lints]"));
        assert_eq!(
            faults("crates/new/Cargo.toml", "[lints]\nworkspace = true\n"),
            ""
        );
    }
}
