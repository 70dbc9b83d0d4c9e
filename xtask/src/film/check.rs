//! Whether the films still hold: each script goes on the running demo as it is written, what was recorded was recorded
//! from that very script, and the films play.

use std::{fs, path::Path, sync::Mutex, thread};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use crate::film::{
    Studio,
    demo::Demo,
    script::{FOLDER, Script},
    written::{self, Cue},
};

/// All films together are no heavier than this, in bytes.
const SUM_MAX: u64 = 30 << 20;
/// A poster.
const POSTER_MAX: u64 = 60 << 10;
/// How many are played at once. Most of a play is waiting.
const AT_ONCE: usize = 4;

/// Looks at these films.
///
/// # Errors
/// Names every fault.
pub(crate) fn films(root: &Path, studio: &Studio, scripts: &[&Script]) -> Result<()> {
    let faults = Mutex::new(Vec::new());
    let found = |result: Result<()>, script: &Script| {
        if let (Err(error), Ok(mut faults)) = (result, faults.lock()) {
            faults.push(format!("{}: {error:#}", script.name));
        }
    };
    let mut kept = Vec::new();
    for script in scripts {
        match fresh(script) {
            Ok(cues) => kept.push((*script, cues)),
            Err(error) => found(
                Err(error.context(format!("`cargo xtask film --only {}`", script.name))),
                script,
            ),
        }
    }
    let rest = Mutex::new(scripts.iter());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                // The lock is let go before the film is played.
                let next = || rest.lock().ok()?.next().copied();
                while let Some(script) = next() {
                    let played = studio.play(root, script, &json!({}));
                    println!("{} was played.", script.name);
                    found(played.map(drop), script);
                }
            });
        }
    });
    let mut faults = faults.into_inner().unwrap_or_default();
    if let Err(error) = seen(root, studio, &kept) {
        faults.push(format!("{error:#}"));
    }
    ensure!(faults.is_empty(), "{}", faults.join("\n"));
    println!("{} films hold.", scripts.len());
    Ok(())
}

/// The captions of a film that was recorded from the script as it is.
fn fresh(script: &Script) -> Result<Vec<Cue>> {
    let read = |ending| {
        let file = script.beside(ending);
        fs::read_to_string(&file).with_context(|| format!("{}", file.display()))
    };
    let captions = read("vtt")?;
    let (fingerprint, cues) = written::read_captions(&captions)?;
    ensure!(
        fingerprint == script.fingerprint,
        "its script has changed since it was recorded"
    );
    let said = script.scenes.iter().map(|scene| &scene.words);
    ensure!(
        said.eq(cues.iter().map(|cue| &cue.words)),
        "its captions are not the script's words"
    );
    let in_order = cues.iter().all(|cue| cue.start < cue.end)
        && cues.windows(2).all(|pair| match pair {
            [before, after] => before.end <= after.start,
            _ => true,
        });
    ensure!(in_order, "its captions overlap");
    ensure!(
        read("md")? == written::transcript(script, &cues),
        "its transcript is not what its script says"
    );
    let poster = fs::metadata(script.beside("png")).context("it has no poster")?;
    ensure!(poster.len() <= POSTER_MAX, "its poster is too heavy");
    Ok(cues)
}

/// Plays the recorded films in a browser, from the book's own pages.
fn seen(root: &Path, studio: &Studio, kept: &[(&Script, Vec<Cue>)]) -> Result<()> {
    let mut sum = 0;
    let mut films: Vec<Value> = Vec::new();
    for (script, cues) in kept {
        let film = script.beside("webm");
        sum += fs::metadata(&film)
            .with_context(|| format!("{}", film.display()))?
            .len();
        let cues: Vec<Value> = cues
            .iter()
            .map(|cue| json!({ "start": cue.start, "end": cue.end, "text": cue.words.join("\n") }))
            .collect();
        films.push(json!({ "name": script.name, "cues": cues }));
    }
    if sum > SUM_MAX {
        bail!("{FOLDER}: the films weigh {sum} bytes, more than {SUM_MAX}");
    }
    if films.is_empty() {
        return Ok(());
    }
    let demo = Demo::start(root)?;
    let told = json!({ "films": films, "shop": demo.places.shop });
    studio
        .drive(&demo, "look.mjs", told)
        .context("the films in the book")?;
    println!("{} films play, {} KiB together.", kept.len(), sum >> 10);
    Ok(())
}
