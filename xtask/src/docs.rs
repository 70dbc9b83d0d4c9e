//! The book's diagrams: `cargo xtask docs` draws each `book/figures/NAME.toml` into `NAME.svg` beside it, and
//! `--check` tells which are stale. Some of the files are themselves made: of what the flow explorer draws.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use figures::Figure;

/// Where the diagrams are, from the root.
const FOLDER: &str = "book/figures";

/// A diagram, drawn from what its file says now.
struct Drawn {
    /// Where it is kept.
    svg_file: PathBuf,
    svg: String,
}

/// The files that are not written by hand: their names, and what they say now. A journey of the tests holds the explorer's
/// good way against what really travelled.
fn made() -> [(&'static str, String); 1] {
    let good_way = pages::good_way(pages::Lang::ZhTw);
    [("explorer-good-way.toml", good_way.to_toml())]
}

/// Draws every diagram and writes those that changed.
///
/// # Errors
/// The first file that is no diagram, or that cannot be read or written.
pub(crate) fn write(root: &Path) -> Result<()> {
    for (name, text) in made() {
        let file = root.join(FOLDER).join(name);
        if kept(&file)?.as_ref() != Some(&text) {
            fs::create_dir_all(root.join(FOLDER))?;
            fs::write(&file, text).with_context(|| format!("{}", file.display()))?;
            println!("{}", shown(root, &file));
        }
    }
    let drawn = draw_all(root)?;
    let mut written = 0;
    for Drawn { svg_file, svg } in &drawn {
        if kept(svg_file)?.as_ref() != Some(svg) {
            fs::write(svg_file, svg).with_context(|| format!("{}", svg_file.display()))?;
            println!("{}", shown(root, svg_file));
            written += 1;
        }
    }
    println!("{written} of {} diagrams drawn anew.", drawn.len());
    Ok(())
}

/// Looks whether every drawing is there and as its file says.
///
/// # Errors
/// Names every drawing that is stale, missing, or left over.
pub(crate) fn check(root: &Path) -> Result<()> {
    let drawn = draw_all(root)?;
    let mut faults = Vec::new();
    for (name, text) in made() {
        let file = root.join(FOLDER).join(name);
        if kept(&file)?.as_ref() != Some(&text) {
            faults.push(format!("{}: stale", shown(root, &file)));
        }
    }
    for Drawn { svg_file, svg } in &drawn {
        match kept(svg_file)? {
            None => faults.push(format!("{}: missing", shown(root, svg_file))),
            Some(other) if other != *svg => {
                faults.push(format!("{}: stale", shown(root, svg_file)));
            }
            Some(_) => {}
        }
    }
    for svg_file in with_ending(root, "svg")? {
        if !drawn.iter().any(|drawn| drawn.svg_file == svg_file) {
            faults.push(format!("{}: no .toml draws it", shown(root, &svg_file)));
        }
    }
    if !faults.is_empty() {
        bail!(
            "{}\n`cargo xtask docs` draws them; commit what it writes",
            faults.join("\n")
        );
    }
    println!("{} diagrams are fresh.", drawn.len());
    Ok(())
}

fn draw_all(root: &Path) -> Result<Vec<Drawn>> {
    let mut drawn = Vec::new();
    for file in with_ending(root, "toml")? {
        let text = fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
        let figure = Figure::read(&shown(root, &file), &text)?;
        drawn.push(Drawn {
            svg_file: file.with_extension("svg"),
            svg: figure.draw().svg,
        });
    }
    Ok(drawn)
}

/// The diagrams' files of an ending, in order; none where there is no folder yet.
fn with_ending(root: &Path, ending: &str) -> Result<Vec<PathBuf>> {
    let folder = root.join(FOLDER);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries.collect::<io::Result<Vec<_>>>()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error).with_context(|| format!("{}", folder.display())),
    };
    let paths = entries.into_iter().map(|entry| entry.path());
    let mut found: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    found.sort();
    Ok(found)
}

fn kept(file: &Path) -> Result<Option<String>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{}", file.display())),
    }
}

fn shown(root: &Path, file: &Path) -> String {
    file.strip_prefix(root)
        .unwrap_or(file)
        .to_string_lossy()
        .replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIGURE: &str = "kind = \"sequence\"\ntitle = \"題\"\nalt = \"說明\"\nlanes = [\"甲\", \"乙\"]\n\
                          [[hop]]\nfrom = 0\nto = 1\nsays = \"說\"\n";

    #[test]
    fn what_is_missing_stale_left_over_or_broken_is_named() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path();
        let missing = check(root).unwrap_err().to_string();
        assert!(
            missing.contains("explorer-good-way.toml: stale"),
            "{missing}"
        );
        write(root).unwrap();
        check(root).unwrap();
        let folder = root.join(FOLDER);
        let made = folder.join("explorer-good-way.toml");
        fs::write(
            &made,
            fs::read_to_string(&made).unwrap().replace("下單", "亂寫"),
        )
        .unwrap();
        let stale = check(root).unwrap_err().to_string();
        assert!(stale.contains("explorer-good-way.toml: stale"), "{stale}");
        write(root).unwrap();
        fs::write(folder.join("one.toml"), FIGURE).unwrap();
        let fault = |root| check(root).unwrap_err().to_string();
        assert!(fault(root).contains("book/figures/one.svg: missing"));
        write(root).unwrap();
        check(root).unwrap();
        fs::write(folder.join("one.toml"), FIGURE.replace('題', "標")).unwrap();
        assert!(fault(root).contains("book/figures/one.svg: stale"));
        write(root).unwrap();
        fs::write(folder.join("two.svg"), "<svg/>").unwrap();
        assert!(fault(root).contains("book/figures/two.svg: no .toml draws it"));
        fs::write(folder.join("two.toml"), "kind = 1").unwrap();
        assert!(fault(root).contains("book/figures/two.toml"));
    }
}
