//! Takes what was written about each case into the program: `content/cases/A01.toml` and its like.

use std::{env, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let here = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let folder = here.join("content/cases");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            files.push(path);
        }
    }
    files.sort();
    let rows = files.iter().filter_map(|path| {
        let id = path.file_stem()?.to_str()?;
        Some(format!(
            "    ({id:?}, include_str!({:?})),\n",
            path.to_string_lossy()
        ))
    });
    let rows: String = rows.collect();
    let text = format!("pub(crate) static CASES: &[(&str, &str)] = &[\n{rows}];\n");
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("content.rs"), text)?;
    Ok(())
}
