//! What the lab says of each case is there, complete, and written for that case.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use toml::Table;

const KEYS: [&str; 4] = ["holds", "boundary", "hints", "lesson"];
/// The English edition's; the Chinese story and reason are the case's own.
const ENGLISH: [&str; 6] = [
    "story",
    "holds",
    "boundary",
    "hints",
    "lesson",
    "not_applicable",
];
/// Those that a boundary lies between.
const SIDES: [&str; 4] = ["瀏覽器", "商店", "PAYUNi", "Google"];
/// The five lines, by the names that readers know, in Chinese and in English.
const LINES: [(&str, &str, &str); 5] = [
    ("L1", "守門", "Edge"),
    ("L2", "驗真", "Authenticity"),
    ("L3", "核對", "Meaning"),
    ("L4", "定案", "State"),
    ("L5", "對帳", "Confirmation"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn named(folder: &str) -> BTreeSet<String> {
    let files = fs::read_dir(root().join(folder)).unwrap_or_else(|e| panic!("{folder}: {e}"));
    let name = |file: std::io::Result<fs::DirEntry>| {
        let path = file.expect("a folder can be listed").path();
        let name = path.file_stem().and_then(|name| name.to_str());
        name.expect("a file has a name").to_owned()
    };
    files.map(name).collect()
}

fn tables(folder: &str) -> BTreeMap<String, Table> {
    let read = |id: String| {
        let path = root().join(folder).join(format!("{id}.toml"));
        let text = fs::read_to_string(path).unwrap_or_else(|e| panic!("{id}: {e}"));
        let table = text.parse().unwrap_or_else(|e| panic!("{id}: {e}"));
        (id, table)
    };
    named(folder).into_iter().map(read).collect()
}

fn content() -> BTreeMap<String, Table> {
    tables("crates/lab/content/cases")
}

/// Every text of a case, by where it stands.
fn texts(table: &Table) -> Vec<(String, &str)> {
    let mut texts = Vec::new();
    for (key, value) in table.iter().filter(|(key, _)| *key != "en") {
        let all = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        for (number, text) in all.iter().enumerate() {
            let text = text.as_str().unwrap_or_else(|| panic!("{key} is no text"));
            texts.push((format!("{key} {number}"), text));
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
        for key in table.keys().filter(|key| *key != "en") {
            assert!(KEYS.contains(&key.as_str()), "{id}: nobody knows {key}");
        }
        for key in &KEYS[..3] {
            assert!(table.contains_key(*key), "{id}: no {key}");
        }
        let hints = table["hints"].as_array().expect("hints are a list");
        assert_eq!(hints.len(), 3, "{id}: hints");
        for (at, text) in texts(&table) {
            let least = if at.starts_with("hints") { 12 } else { 8 };
            assert!(text.chars().count() >= least, "{id} {at}: {text}");
            assert_eq!(text, text.trim(), "{id} {at}");
        }
        let boundary = table["boundary"].as_str().expect("a boundary is a text");
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

#[test]
fn the_last_hint_names_the_line() {
    let content = content();
    for (id, case) in tables("proof/attacks/cases") {
        if case.contains_key("not_applicable") {
            continue;
        }
        let line = case["line"]
            .as_str()
            .and_then(|line| LINES.iter().find(|it| it.0 == line));
        let (_, zh, en) = line.unwrap_or_else(|| panic!("{id}: nobody knows its line"));
        let chinese = &content[&id];
        let all = english(chinese).map(|english| (english, en));
        for (table, name) in all.into_iter().chain([(chinese, zh)]) {
            let last = table["hints"][2].as_str().unwrap_or_default();
            assert!(
                last.contains(name),
                "{id}: the last hint does not speak of {name}: {last}"
            );
        }
    }
}

fn english(table: &Table) -> Option<&Table> {
    table.get("en").and_then(toml::Value::as_table)
}

/// Whoever tells a case in English tells all of it.
#[test]
fn what_is_told_in_english_is_whole() {
    let cases = tables("proof/attacks/cases");
    let mut seen = BTreeMap::new();
    for (id, table) in &content() {
        let Some(english) = english(table) else {
            continue;
        };
        for key in ENGLISH {
            let wanted = match key {
                "lesson" => table.contains_key(key),
                "not_applicable" => cases[id].contains_key(key),
                _ => true,
            };
            assert_eq!(english.contains_key(key), wanted, "{id}: {key}");
        }
        assert_eq!(
            english["hints"].as_array().map(Vec::len),
            Some(3),
            "{id}: hints"
        );
        for (at, text) in texts(english) {
            assert_eq!(text, text.trim(), "{id} {at}");
            assert!(text.len() >= 8, "{id} {at}: {text}");
            let place = format!("{id} {at}");
            if let Some(other) = seen.insert(text.to_owned(), place.clone()) {
                panic!("{place} and {other}: {text}");
            }
        }
    }
}

#[test]
fn each_exercise_is_told_in_english_too() {
    let path = root().join("crates/lab/content/exercises.en.toml");
    let text = fs::read_to_string(&path).expect("the exercises in English");
    let told: Table = text.parse().expect("a table for each exercise");
    let wanted: BTreeSet<&str> = exercises::all()
        .iter()
        .map(|exercise| exercise.id)
        .collect();
    let there: BTreeSet<&str> = told.keys().map(String::as_str).collect();
    assert_eq!(there, wanted);
    for (id, exercise) in &told {
        for name in ["title", "setting", "question", "lesson"] {
            let text = exercise.get(name).and_then(toml::Value::as_str);
            assert!(text.is_some_and(|text| !text.is_empty()), "{id}: {name}");
        }
        let reasons = exercise.get("reasons").and_then(toml::Value::as_array);
        assert_eq!(
            reasons.map(Vec::len),
            Some(3),
            "{id}: a reason for each repair"
        );
    }
}
