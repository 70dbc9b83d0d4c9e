//! Figures in the documents that `proof.json` gave: `<!-- proof:long.kills.counts.cycles -->5,000<!-- /proof -->`.
//!
//! The path is the one inside the file, the length first. `tidy` refuses a figure that is not there or not the same;
//! `cargo xtask proof` writes them anew.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

const OPEN: &str = "<!-- proof:";
const OPENED: &str = " -->";
const CLOSE: &str = "<!-- /proof -->";
/// The file that shows how a figure is marked.
const ITSELF: &str = "xtask/src/figures.rs";

/// Puts the figures of `proof.json` into the documents at the top and in `docs/`.
///
/// # Errors
/// Where a document quotes what is not in `proof.json`, or cannot be written.
pub(crate) fn write(root: &Path) -> Result<()> {
    let proofs = proofs(root)?;
    for folder in [root.to_owned(), root.join("docs")] {
        for entry in fs::read_dir(folder)? {
            let file = entry?.path();
            if file.extension().is_none_or(|ending| ending != "md") {
                continue;
            }
            let text = fs::read_to_string(&file)?;
            let written = filled(&text, &proofs).with_context(|| file.display().to_string())?;
            if written != text {
                fs::write(&file, written)?;
                println!("{}: figures written anew", file.display());
            }
        }
    }
    Ok(())
}

/// What is wrong with the figures of one file, if it has any.
pub(crate) fn fault(root: &Path, path: &str, text: &str) -> Option<String> {
    if path == ITSELF || !text.contains(OPEN) {
        return None;
    }
    let filled = proofs(root).and_then(|proofs| filled(text, &proofs));
    match filled {
        Ok(filled) if filled == text => None,
        Ok(_) => Some(format!(
            "{path}: a figure differs from proof.json: `cargo xtask proof --only NAME` runs it and writes it"
        )),
        Err(error) => Some(format!("{path}: {error:#}")),
    }
}

fn proofs(root: &Path) -> Result<Value> {
    let file = root.join("proof.json");
    if !file.exists() {
        return Ok(Value::Null);
    }
    serde_json::from_str(&fs::read_to_string(file)?).context("proof.json is no JSON")
}

/// The text with every figure as it stands in `proof.json`.
fn filled(text: &str, proofs: &Value) -> Result<String> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, marked)) = rest.split_once(OPEN) {
        let cut = |rest: &str| format!("`{OPEN}{}` has no end", rest.lines().next().unwrap_or(""));
        let (path, figure) = marked.split_once(OPENED).with_context(|| cut(marked))?;
        let (old, after) = figure.split_once(CLOSE).with_context(|| cut(marked))?;
        ensure!(!old.contains('\n'), "{}", cut(marked));
        filled.push_str(before);
        filled.push_str(&format!(
            "{OPEN}{path}{OPENED}{}{CLOSE}",
            figure_of(proofs, path)?
        ));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

/// The figure at a path like `short.simulation.counts.seeds`.
fn figure_of(proofs: &Value, path: &str) -> Result<String> {
    let mut names = path.split('.');
    let length = names.next().unwrap_or_default();
    ensure!(
        ["short", "long"].contains(&length),
        "proof:{path}: a path begins with `short.` or `long.`"
    );
    let missing = || format!("proof:{path} is not in proof.json");
    let mut value = proofs.get(length).with_context(missing)?;
    let proof = names.next().with_context(missing)?;
    value = value.get(proof).with_context(missing)?;
    ensure!(
        value.get("ok") == Some(&Value::Bool(true)),
        "proof:{path}: that proof failed, so nothing is quoted from it"
    );
    for name in names {
        value = value.get(name).with_context(missing)?;
    }
    match value {
        Value::Number(number) => Ok(grouped(&number.to_string())),
        Value::String(text) => Ok(text.clone()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            bail!("proof:{path} is no figure")
        }
    }
}

/// Whole numbers of five and more digits with commas.
fn grouped(digits: &str) -> String {
    if digits.len() < 5 || digits.contains(|it: char| !it.is_ascii_digit()) {
        return digits.to_owned();
    }
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn marked(path: &str, figure: &str) -> String {
        format!("a {OPEN}{path}{OPENED}{figure}{CLOSE} b")
    }

    #[test]
    fn figures_are_put_in_and_nothing_else_is_touched() {
        let proofs = json!({"short": {"kills": {"ok": true, "seconds": 12, "counts": {"acked": 1234567}},
            "power": {"ok": false, "counts": {"cuts": 3}}}});
        let fill = |text: &str| filled(text, &proofs);
        let acked = marked("short.kills.counts.acked", "?");
        let both = format!("{acked}\n{}", marked("short.kills.seconds", "9"));
        assert_eq!(
            fill(&both).unwrap(),
            both.replace('?', "1,234,567").replace('9', "12")
        );
        assert_eq!(fill("nothing").unwrap(), "nothing");
        for (path, why) in [
            ("kills.counts.acked", "begins with"),
            ("long.kills.counts.acked", "not in proof.json"),
            ("short.kills.counts.lost", "not in proof.json"),
            ("short.kills.counts", "no figure"),
            ("short.power.counts.cuts", "failed"),
        ] {
            let error = fill(&marked(path, "0")).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(fill(&format!("{OPEN}short.kills.seconds{OPENED}5")).is_err());
    }

    #[test]
    fn long_numbers_have_commas() {
        let read = ["0", "9999", "10000", "100000", "1234567", "12.50001"].map(grouped);
        assert_eq!(
            read,
            ["0", "9999", "10,000", "100,000", "1,234,567", "12.50001"]
        );
    }
}
