//! What people wrote about a case beside its steps: what the attacker holds, the boundary, three hints.

use attacks::Case;
use serde::Deserialize;

mod written {
    include!(concat!(env!("OUT_DIR"), "/content.rs"));
}

/// What was written about a case, in Traditional Chinese and, in a table of its own, in English. The Chinese story is the
/// case's own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// What the attacker has in hand.
    pub holds: String,
    /// The trust boundary that is crossed, in a sentence.
    pub boundary: String,
    /// Three hints, each saying more than the one before.
    pub hints: [String; 3],
    /// What to take along.
    pub lesson: Option<String>,
    /// The English edition, where there is one; else the Chinese is shown, and marked as such.
    pub en: Option<English>,
}

/// What was written about a case, in English.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct English {
    story: String,
    holds: String,
    boundary: String,
    hints: [String; 3],
    lesson: Option<String>,
    not_applicable: Option<String>,
}

/// What is told of a case, in the reader's language.
pub(crate) struct Told<'a> {
    pub(crate) story: &'a str,
    pub(crate) holds: &'a str,
    pub(crate) boundary: &'a str,
    pub(crate) hints: &'a [String; 3],
    pub(crate) lesson: Option<&'a str>,
    /// Why it cannot be tried here.
    pub(crate) not_applicable: Option<&'a str>,
    /// The language, for whoever reads it aloud.
    pub(crate) lang: &'static str,
}

impl Written {
    /// In Chinese or in English.
    pub(crate) fn told<'a>(&'a self, case: &'a Case, zh: bool) -> Told<'a> {
        let Some(en) = self.en.as_ref().filter(|_| !zh) else {
            return Told {
                story: &case.story,
                holds: &self.holds,
                boundary: &self.boundary,
                hints: &self.hints,
                lesson: self.lesson.as_deref(),
                not_applicable: case.not_applicable.as_deref(),
                lang: "zh-TW",
            };
        };
        let why = case.not_applicable.as_deref();
        Told {
            story: &en.story,
            holds: &en.holds,
            boundary: &en.boundary,
            hints: &en.hints,
            lesson: en.lesson.as_deref(),
            not_applicable: why.map(|zh| en.not_applicable.as_deref().unwrap_or(zh)),
            lang: "en",
        }
    }
}

/// What was written about a case.
///
/// # Errors
/// Nothing was, or it does not fit the format.
pub fn written(id: &str) -> Result<Written, String> {
    let (_, text) = written::CASES
        .iter()
        .find(|(known, _)| *known == id)
        .ok_or_else(|| format!("content/cases/{id}.toml is missing"))?;
    toml::from_str(text).map_err(|error| format!("content/cases/{id}.toml: {error}"))
}

/// The cases about which something was written.
pub fn ids() -> impl Iterator<Item = &'static str> {
    written::CASES.iter().map(|(id, _)| *id)
}
