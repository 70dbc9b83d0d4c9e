//! Takes the book into the program, with the files that it points at and no other, so that it is read without the
//! repository and nothing else can be asked for.

use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
};

/// What the book may show of the repository: these folders, and files at its root with these endings.
const SHOWN: [&str; 10] = [
    "brand", "crates", "docs", "jinliu", "proof", "sims", "tasks", "tools", "xtask", "book",
];
const ENDINGS: [&str; 12] = [
    "rs", "toml", "md", "sql", "html", "css", "js", "json", "c", "sh", "txt", "example",
];

/// What the flow explorer links to, besides what the book does.
const EXPLORED: [&str; 5] = [
    "crates/shop/src/flow/step_4_hand_over.rs",
    "crates/shop/src/jobs/sheet_write.rs",
    "crates/edge/src/csrf.rs",
    "crates/shop/src/admin/refunds.rs",
    "crates/google/src/sign_in/id_token.rs",
];

/// A film's files. They are read where they are: a program need not carry megabytes that one page in a hundred shows.
const FILM: [&str; 3] = [".webm", ".vtt", ".png"];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let root = here.ancestors().nth(2).ok_or("no repository around")?;
    println!("cargo::rerun-if-changed={}", root.join("book").display());
    let mut book = Vec::new();
    walk(&root.join("book"), &mut book)?;
    book.sort();
    let (mut texts, mut targets, mut films) = (Vec::new(), BTreeSet::new(), Vec::new());
    for file in book {
        let path = file
            .strip_prefix(root)?
            .to_string_lossy()
            .replace('\\', "/");
        if path.ends_with(".md") {
            let text = fs::read_to_string(&file)?;
            targets.extend(links(&path, &text));
        }
        if path.ends_with(".md") || (path.starts_with("book/figures/") && path.ends_with(".toml")) {
            texts.push((path, file));
        } else if FILM.iter().any(|ending| path.ends_with(ending))
            && path.starts_with("book/films/")
        {
            films.push((path, file));
        }
    }
    targets.extend(EXPLORED.map(ToOwned::to_owned));
    let code = targets
        .into_iter()
        .filter(|path| may_be_shown(path))
        .map(|path| (path.clone(), root.join(path)))
        .filter(|(_, file)| file.is_file());
    let code: Vec<_> = code.collect();
    let generated = format!(
        "{}{}{}",
        table("BOOK", &texts, true),
        table("CODE", &code, true),
        table("FILMS", &films, false)
    );
    fs::write(
        PathBuf::from(env::var("OUT_DIR")?).join("embedded.rs"),
        generated,
    )?;
    Ok(())
}

/// A static table of paths and texts, or of paths and where the files are.
fn table(name: &str, files: &[(String, PathBuf)], taken_in: bool) -> String {
    let rows = files.iter().map(|(path, file)| {
        let file = file.to_string_lossy();
        if taken_in {
            format!("    ({path:?}, include_str!({file:?})),\n")
        } else {
            format!("    ({path:?}, {file:?}),\n")
        }
    });
    let rows: String = rows.collect();
    format!("pub(crate) static {name}: &[(&str, &str)] = &[\n{rows}];\n")
}

fn walk(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            walk(&path, found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// What a text of the book links to, from the root; whatever leaves the repository is left out.
fn links(file: &str, text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| {
        let target = rest.split([')', '#', ' ']).next()?;
        let mut parts: Vec<&str> = file.split('/').collect();
        parts.pop();
        for part in target.split('/') {
            match part {
                ".." => drop(parts.pop()?),
                "." | "" => {}
                name => parts.push(name),
            }
        }
        Some(parts.join("/"))
    });
    targets.collect()
}

fn may_be_shown(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    let folder = path.split_once('/').map(|(folder, _)| folder);
    ENDINGS.contains(&ending)
        && folder.is_none_or(|folder| SHOWN.contains(&folder))
        && !path.starts_with("book/")
}
