//! The book's films: `cargo xtask film` plays each script of `book/films` in a browser against the running demo, takes
//! pictures of it, and writes film, captions and transcript beside the script.

mod demo;
mod script;
mod written;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{packages, programs, run};
use demo::Demo;
use script::Script;
use written::Cue;

/// What the films are played with.
struct Studio {
    node: PathBuf,
    modules: PathBuf,
    chromium: PathBuf,
}

/// What the driver leaves.
#[derive(Deserialize)]
struct Recorded {
    cues: Vec<Cue>,
}

/// Records the films, or the one of this name.
///
/// # Errors
/// The first that does not go as its script says.
pub(crate) fn record(root: &Path, only: Option<&str>) -> Result<()> {
    let scripts = script::all(root)?;
    let chosen: Vec<&Script> = scripts
        .iter()
        .filter(|script| only.is_none_or(|name| script.name == name))
        .collect();
    ensure!(
        !chosen.is_empty(),
        "there is no such film; there are: {}",
        names(&scripts)
    );
    let studio = Studio::open(root)?;
    let ffmpeg = programs::ffmpeg()?;
    run::succeed(run::cargo(root).args(["build", "--quiet", "--package", "jinliu", "--locked"]))?;
    for script in chosen {
        println!("{}: {}", script.name, script.title);
        let pictures = tempfile::Builder::new().prefix("jinliu-film-").tempdir()?;
        let film = script.beside("webm");
        let more = json!({
            "pictures": pictures.path(),
            "ffmpeg": ffmpeg,
            "film": film,
            "poster": script.beside("png"),
        });
        let recorded = studio.play(root, script, &more)?;
        write(
            &script.beside("vtt"),
            &written::captions(script, &recorded.cues),
        )?;
        write(
            &script.beside("md"),
            &written::transcript(script, &recorded.cues),
        )?;
        let bytes = fs::metadata(&film)?.len();
        let length = recorded.cues.last().map_or(0.0, |cue| cue.end);
        println!("{}: {length:.1} s, {} KiB", script.name, bytes / 1024);
    }
    Ok(())
}

impl Studio {
    fn open(root: &Path) -> Result<Self> {
        let folder = root.join("target/test-tools");
        let programs = programs::installed(&folder)?;
        Ok(Self {
            modules: packages::node(root, &folder, &programs.npm)?,
            node: programs.node,
            chromium: programs.chromium,
        })
    }

    /// Plays a script against a demo of its own.
    fn play(&self, root: &Path, script: &Script, more: &Value) -> Result<Recorded> {
        let demo = Demo::start(root)?;
        let job = demo.folder().join("film.json");
        let result = demo.folder().join("film-result.json");
        let number = script.name.split('-').next().unwrap_or_default();
        let mut told = json!({
            "script": { "number": number, "title": script.title, "summary": script.summary, "scenes": script.scenes },
            "places": demo.places,
            "folder": demo.folder(),
            "programs": demo::program(root).parent(),
            "modules": self.modules,
            "chromium": self.chromium,
            "root": root,
            "result": result,
        });
        if let (Some(told), Some(more)) = (told.as_object_mut(), more.as_object()) {
            told.extend(more.clone());
        }
        fs::write(&job, told.to_string())?;
        let mut driver = Command::new(&self.node);
        driver.arg(root.join("xtask/film/film.mjs")).arg(&job);
        run::succeed(&mut driver).with_context(|| format!("the film {}", script.name))?;
        Ok(serde_json::from_str(&fs::read_to_string(&result)?)?)
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("{}", file.display()))
}

fn names(scripts: &[Script]) -> String {
    let names: Vec<&str> = scripts.iter().map(|script| script.name.as_str()).collect();
    names.join(", ")
}
