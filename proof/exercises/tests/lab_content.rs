//! What the lab says of each case is there, complete, and written for that case.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use toml::{Table, Value};

const KEYS: [&str; 4] = ["holds", "boundary", "hints", "lesson"];
/// Those that a boundary lies between.
const SIDES: [&str; 4] = ["瀏覽器", "商店", "PAYUNi", "Google"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn named(folder: &str) -> BTreeSet<String> {
    let files = fs::read_dir(root().join(folder)).unwrap_or_else(|e| panic!("{folder}: {e}"));
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names
        .map(|name| name.strip_suffix(".toml").expect(&name).to_owned())
        .collect()
}

fn content() -> BTreeMap<String, Table> {
    let folder = root().join("crates/lab/content/cases");
    let read = |id: String| {
        let text = fs::read_to_string(folder.join(format!("{id}.toml"))).unwrap();
        let table = text.parse().unwrap_or_else(|e| panic!("{id}: {e}"));
        (id, table)
    };
    named("crates/lab/content/cases")
        .into_iter()
        .map(read)
        .collect()
}

/// Every text of a case, by where it stands.
fn texts(table: &Table) -> Vec<(String, &str)> {
    let mut texts = Vec::new();
    for (key, value) in table {
        match value {
            Value::String(text) => texts.push((key.clone(), text.as_str())),
            Value::Array(all) => {
                for (number, text) in all.iter().enumerate() {
                    let text = text.as_str().expect("a hint is a text");
                    texts.push((format!("{key} {number}"), text));
                }
            }
            other => panic!("{key} is {}", other.type_str()),
        }
    }
    texts
}

#[test]
fn every_case_has_its_content() {
    let (cases, content) = (
        named("proof/attacks/cases"),
        named("crates/lab/content/cases"),
    );
    assert!(cases.len() >= 132);
    assert_eq!(
        cases.difference(&content).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "missing"
    );
    assert_eq!(
        content.difference(&cases).collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "no such case"
    );
}

#[test]
fn each_has_what_it_needs_and_nothing_else() {
    for (id, table) in content() {
        for key in table.keys() {
            assert!(KEYS.contains(&key.as_str()), "{id}: nobody knows {key}");
        }
        for key in &KEYS[..3] {
            assert!(table.contains_key(*key), "{id}: no {key}");
        }
        let hints = table["hints"].as_array().unwrap();
        assert_eq!(hints.len(), 3, "{id}: hints");
        for (at, text) in texts(&table) {
            let least = if at.starts_with("hints") { 12 } else { 8 };
            assert!(text.chars().count() >= least, "{id} {at}: {text}");
            assert_eq!(text, text.trim(), "{id} {at}");
        }
        let boundary = table["boundary"].as_str().unwrap();
        assert!(
            SIDES.iter().any(|side| boundary.contains(side)),
            "{id}: {boundary}"
        );
    }
}

#[test]
fn no_text_is_used_twice() {
    let content = content();
    let mut seen = BTreeMap::new();
    for (id, table) in &content {
        for (at, text) in texts(table) {
            if let Some(other) = seen.insert(text.to_owned(), format!("{id} {at}")) {
                panic!("{id} {at} and {other}: {text}");
            }
        }
    }
}
