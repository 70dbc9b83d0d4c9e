use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::finding::{Fact, Id, Term};
use crate::steps::{State, StepId};

/// A language the doctor speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Traditional Chinese as used in Taiwan; the default.
    #[default]
    ZhTw,
    /// English.
    En,
}

impl Lang {
    /// Both, the default first.
    pub const ALL: [Self; 2] = [Self::ZhTw, Self::En];
}

/// What is said of one finding. `{name}` and the like are places for its facts.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FindingText {
    /// In half a line.
    pub title: String,
    /// How it shows, and what comes of it.
    pub why: String,
    /// How to mend it.
    pub mend: String,
}

/// What is said of one step.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepText {
    /// Its name.
    pub title: String,
    /// When it went as it must.
    pub good: String,
    /// When it did not.
    pub bad: String,
    /// When it could not be looked at.
    pub skipped: String,
}

/// The words around.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WordText {
    pub right: String,
    pub wrong: String,
    pub unclear: String,
    pub likely: String,
    pub advice: String,
    pub mend: String,
    pub steps: String,
    pub outer: String,
    pub inner: String,
    pub hidden: String,
}

/// All texts of one language.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The words around.
    pub word: WordText,
    /// Of every step.
    pub step: BTreeMap<StepId, StepText>,
    /// Single words.
    pub term: BTreeMap<Term, String>,
    /// Of every finding.
    pub finding: BTreeMap<Id, FindingText>,
}

static ZH_TW: LazyLock<Text> = LazyLock::new(|| embedded(include_str!("../text/zh-TW.toml")));
static EN: LazyLock<Text> = LazyLock::new(|| embedded(include_str!("../text/en.toml")));

/// Parses a text file of our own; a test opens both, so it cannot fail in a program that was tested.
fn embedded(source: &str) -> Text {
    toml::from_str(source).expect("the embedded texts have every key")
}

impl Text {
    /// The texts of a language.
    #[must_use]
    pub fn get(lang: Lang) -> &'static Self {
        match lang {
            Lang::ZhTw => &ZH_TW,
            Lang::En => &EN,
        }
    }

    /// Puts facts into the places of a text.
    #[must_use]
    pub fn fill(&self, template: &str, facts: &[(&'static str, Fact)]) -> String {
        let mut out = template.to_owned();
        for (name, fact) in facts {
            let value = match fact {
                Fact::Plain(text) => text,
                Fact::Word(term) => self.term.get(term).map_or("", String::as_str),
            };
            out = out.replace(&format!("{{{name}}}"), value);
        }
        out
    }

    pub(crate) fn step(&self, id: StepId, state: State) -> (&str, &str) {
        self.step.get(&id).map_or(("", ""), |step| {
            let says = match state {
                State::Good => &step.good,
                State::Bad => &step.bad,
                State::Skipped => &step.skipped,
            };
            (step.title.as_str(), says.as_str())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_everything() {
        for lang in Lang::ALL {
            let text = Text::get(lang);
            for id in Id::ALL {
                assert!(text.finding.contains_key(id), "{lang:?}: {}", id.as_str());
            }
            for term in Term::ALL {
                assert!(text.term.contains_key(&term), "{lang:?}: {term:?}");
            }
            for step in StepId::ALL {
                assert!(text.step.contains_key(&step), "{lang:?}: {step:?}");
            }
            assert_eq!(text.finding.len(), Id::ALL.len());
            assert_eq!(text.term.len(), Term::ALL.len());
        }
    }
}
