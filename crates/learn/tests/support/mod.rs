//! Books to test with: the small one of the fixtures, and the repository's own.

use std::{
    fs,
    path::{Path, PathBuf},
};

use learn::{Files, Learn, Places};
use pages::{Lang, Shell};

/// What lies in the repository's folder and is none of its files.
const LEFT_OUT: [&str; 7] = [
    ".git",
    "target",
    "data",
    "node_modules",
    ".venv",
    "test-output",
    "fixtures",
];

pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap().to_owned()
}

/// All text files below a folder, by their paths from `root`.
pub(crate) fn texts(root: &Path, folder: &Path, found: &mut Vec<(String, String)>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !LEFT_OUT.contains(&name.as_str()) {
                texts(root, &path, found);
            }
        } else if name != ".env"
            && let Ok(text) = fs::read_to_string(&path)
        {
            let path = path.strip_prefix(root).unwrap();
            found.push((path.to_string_lossy().replace('\\', "/"), text));
        }
    }
}

/// Everything in the repository that the book may point at.
pub(crate) fn code() -> Vec<(String, String)> {
    let mut code = Vec::new();
    texts(&root(), &root(), &mut code);
    code.retain(|(path, _)| !path.starts_with("book/"));
    code
}

/// The small book's files.
pub(crate) fn small_book() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut book = Vec::new();
    texts(&folder, &folder.join("book"), &mut book);
    book
}

/// The repository's own book.
pub(crate) fn own_book() -> Vec<(String, String)> {
    let mut book = Vec::new();
    texts(&root(), &root().join("book"), &mut book);
    book
}

pub(crate) fn usual() -> Places {
    Places {
        shop: "http://localhost:8080".into(),
        payuni: "http://localhost:8081".into(),
        google: "http://localhost:8082".into(),
    }
}

/// The small book with what it points at, open.
pub(crate) fn small() -> Learn {
    let code = code()
        .into_iter()
        .filter(|(path, _)| path.starts_with("crates/") && path.ends_with(".rs"));
    Learn::new(Files::new(small_book(), code), &usual())
}

pub(crate) fn shell(path: &str, lang: Lang) -> Shell {
    Shell {
        lang,
        shop: std::sync::Arc::default(),
        assets: std::sync::Arc::default(),
        member: None,
        csrf: String::new(),
        path: path.to_owned(),
        sandbox: None,
        notice: None,
    }
}
