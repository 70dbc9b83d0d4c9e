//! The book's films: `cargo xtask film` plays each script of `book/films` in a browser against the running demo, takes
//! pictures of it, and writes film, captions and transcript beside the script.

mod check;
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
    drivers: PathBuf,
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
    let chosen = chosen(&scripts, only)?;
    let studio = Studio::open(root)?;
    let ffmpeg = programs::ffmpeg()?;
    build(root)?;
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
        let length = recorded.cues.last().map_or(0, |cue| cue.end);
        println!("{}: {} s, {} KiB", script.name, length / 1000, bytes / 1024);
    }
    Ok(())
}

/// Looks whether the films still hold, all or the one of this name.
///
/// # Errors
/// Names every fault.
pub(crate) fn check(root: &Path, only: Option<&str>) -> Result<()> {
    let scripts = script::all(root)?;
    let studio = Studio::open(root)?;
    build(root)?;
    check::films(root, &studio, &chosen(&scripts, only)?)
}

fn chosen<'a>(scripts: &'a [Script], only: Option<&str>) -> Result<Vec<&'a Script>> {
    let wanted = |script: &&Script| only.is_none_or(|name| script.name == name);
    let chosen: Vec<&Script> = scripts.iter().filter(wanted).collect();
    ensure!(
        !chosen.is_empty(),
        "there is no such film; there are: {}",
        names(scripts)
    );
    Ok(chosen)
}

/// A test run has built it already; nobody else need have.
fn build(root: &Path) -> Result<()> {
    let mut command = run::cargo(root);
    command.args([
        "build",
        "--quiet",
        "--package",
        "jinliu",
        "--package",
        "accept",
    ]);
    run::succeed(command.arg("--locked"))
}

impl Studio {
    fn open(root: &Path) -> Result<Self> {
        let folder = root.join("target/test-tools");
        let programs = programs::installed(&folder)?;
        Ok(Self {
            modules: packages::node(root, &folder, &programs.npm)?,
            node: programs.node,
            drivers: root.join("xtask/film"),
            chromium: programs.chromium,
        })
    }

    /// Plays a script against a demo of its own.
    fn play(&self, root: &Path, script: &Script, more: &Value) -> Result<Recorded> {
        let demo = Demo::start(root)?;
        let result = demo.folder().join("film-result.json");
        let number = script.name.split('-').next().unwrap_or_default();
        let mut told = json!({
            "script": { "number": number, "title": script.title, "summary": script.summary, "scenes": script.scenes },
            "places": demo.places,
            "folder": demo.folder(),
            "programs": demo::program(root).parent(),
            "root": root,
            "result": result,
        });
        if let (Some(told), Some(more)) = (told.as_object_mut(), more.as_object()) {
            told.extend(more.clone());
        }
        self.drive(&demo, "film.mjs", told)?;
        Ok(serde_json::from_str(&fs::read_to_string(&result)?)?)
    }

    /// Runs one of the drivers beside a demo.
    fn drive(&self, demo: &Demo, driver: &str, mut told: Value) -> Result<()> {
        if let Some(told) = told.as_object_mut() {
            told.insert("modules".to_owned(), json!(self.modules));
            told.insert("chromium".to_owned(), json!(self.chromium));
        }
        let job = demo.folder().join("film.json");
        fs::write(&job, told.to_string())?;
        let driver = self.drivers.join(driver);
        run::succeed(Command::new(&self.node).arg(driver).arg(&job))
    }
}

fn write(file: &Path, text: &str) -> Result<()> {
    fs::write(file, text).with_context(|| format!("{}", file.display()))
}

fn names(scripts: &[Script]) -> String {
    let names: Vec<&str> = scripts.iter().map(|script| script.name.as_str()).collect();
    names.join(", ")
}
