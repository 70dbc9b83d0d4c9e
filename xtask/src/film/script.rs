//! A film's script: what is said and what is done, once, for captions, transcript and page.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

/// Where the films are, from the root.
pub(crate) const FOLDER: &str = "book/films";

/// A caption's lines are read at arm's length: no more than fits above one another and across.
const LINES_MAX: usize = 2;
const LINE_MAX: usize = 22;

/// What stands in `NAME.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    title: String,
    summary: String,
    /// Pages of the book where it is said at length: words, and the path from the films' folder.
    more: Vec<Link>,
    scene: Vec<Scene>,
}

/// A way on into the book.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Link {
    pub(crate) words: String,
    pub(crate) page: String,
}

/// One caption, and what happens while it is read.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scene {
    pub(crate) words: Vec<String>,
    #[serde(rename = "do", default)]
    pub(crate) acts: Vec<Act>,
}

/// One thing that is done. Each waits for what it needs, and fails where that does not come.
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Act {
    /// Opens an address.
    Go(String),
    /// Points at an element and clicks it.
    Click(String),
    /// Types, letter by letter.
    Type { into: String, text: String },
    /// Chooses from a list.
    Choose { from: String, text: String },
    /// Waits until an element can be seen.
    See(String),
    /// Waits until a text can be read.
    Read(String),
    /// Loads the page again until a text can be read.
    Reread(String),
    /// Brings an element into view and marks it.
    Show(String),
    /// Keeps an element's text under a name, for later acts.
    Keep { text: String, of: String },
    /// Opens another shop in a folder below, which is the one that is meant from then on.
    Open(String),
    /// Asks something of a sandbox's control: `payuni` or `google`.
    Control {
        of: String,
        path: String,
        #[serde(default)]
        body: toml::Table,
    },
    /// Runs a command in the shop's folder and shows what it says, which must hold a text.
    Run { command: String, says: String },
}

/// A script that was read and found good.
#[derive(Debug)]
pub(crate) struct Script {
    /// `01-first-purchase`.
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) summary: String,
    pub(crate) more: Vec<Link>,
    pub(crate) scenes: Vec<Scene>,
    /// Of the text as it stands in the file.
    pub(crate) fingerprint: String,
    file: PathBuf,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// Where it is none, or a caption is longer than can be read.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = fs::read_to_string(file).with_context(|| format!("{}", file.display()))?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy();
        Self::parse(&name, &text, file).with_context(|| format!("{}", file.display()))
    }

    fn parse(name: &str, text: &str, file: &Path) -> Result<Self> {
        let written: Written = toml::from_str(text)?;
        ensure!(!written.scene.is_empty(), "it has no scene");
        for (at, scene) in written.scene.iter().enumerate() {
            let lines = scene.words.len();
            ensure!(
                (1..=LINES_MAX).contains(&lines),
                "scene {}: {lines} lines of words",
                at + 1
            );
            for line in &scene.words {
                let length = line.chars().count();
                ensure!(
                    (1..=LINE_MAX).contains(&length),
                    "scene {}: {length} characters in `{line}`",
                    at + 1
                );
            }
        }
        Ok(Self {
            name: name.to_owned(),
            title: written.title,
            summary: written.summary,
            more: written.more,
            scenes: written.scene,
            fingerprint: fingerprint(text),
            file: file.to_owned(),
        })
    }

    /// The film's file of another ending.
    pub(crate) fn beside(&self, ending: &str) -> PathBuf {
        self.file.with_extension(ending)
    }

    /// The commands that are run, in their order.
    pub(crate) fn commands(&self) -> impl Iterator<Item = &str> {
        let acts = self.scenes.iter().flat_map(|scene| &scene.acts);
        acts.filter_map(|act| match act {
            Act::Run { command, .. } => Some(command.as_str()),
            Act::Go(_)
            | Act::Click(_)
            | Act::Type { .. }
            | Act::Choose { .. }
            | Act::See(_)
            | Act::Read(_)
            | Act::Reread(_)
            | Act::Show(_)
            | Act::Keep { .. }
            | Act::Open(_)
            | Act::Control { .. } => None,
        })
    }
}

/// Every script, in order.
///
/// # Errors
/// The first that is none.
pub(crate) fn all(root: &Path) -> Result<Vec<Script>> {
    let folder = root.join(FOLDER);
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).with_context(|| format!("{}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            files.push(path);
        }
    }
    files.sort();
    files.iter().map(|file| Script::read(file)).collect()
}

/// FNV-1a: it must be the same on every machine and tomorrow, and nobody tries to deceive it.
fn fingerprint(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(words: &str, act: &str) -> Result<Script> {
        let text = format!(
            "title = \"題\"\nsummary = \"說\"\nmore = []\n[[scene]]\nwords = [{words}]\ndo = [{act}]\n"
        );
        Script::parse("01-x", &text, Path::new("01-x.toml"))
    }

    #[test]
    fn a_caption_that_cannot_be_read_and_an_act_that_is_none_are_refused() {
        let good = parsed("\"看這裡\"", "{ run = { command = \"ls\", says = \"a\" } }").unwrap();
        assert_eq!(good.commands().collect::<Vec<_>>(), ["ls"]);
        assert_eq!(good.fingerprint.len(), 16);
        let long = format!("\"{}\"", "字".repeat(LINE_MAX + 1));
        for (words, act) in [
            ("", ""),
            (long.as_str(), ""),
            ("\"一\", \"二\", \"三\"", ""),
            ("\"一\"", "{ clicks = \"#a\" }"),
            ("\"一\"", "{ type = { into = \"#a\" } }"),
        ] {
            assert!(parsed(words, act).is_err(), "{words} {act}");
        }
        let other = parsed("\"看那裡\"", "").unwrap();
        assert_ne!(good.fingerprint, other.fingerprint);
    }
}
