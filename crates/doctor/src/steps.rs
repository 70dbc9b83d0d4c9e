use serde::{Deserialize, Serialize};

use crate::encoding::{Decoded, Reading, SEPARATOR};
use crate::finding::{Fact, Term};
use crate::inner::Kind;
use crate::shape::Message;

/// A step on the way from a body to its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepId {
    /// The body: its shape and its outer fields.
    Body,
    /// `HashInfo` over `EncryptInfo`.
    Hash,
    /// Hex.
    Hex,
    /// The two halves in base64.
    Halves,
    /// Cipher text, tag, and the seal itself.
    Cipher,
    /// The sealed fields.
    Fields,
}

impl StepId {
    /// All steps, in their order.
    pub const ALL: [Self; 6] = [
        Self::Body,
        Self::Hash,
        Self::Hex,
        Self::Halves,
        Self::Cipher,
        Self::Fields,
    ];
}

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// As it must be.
    Good,
    /// Not as it must be; the findings say what.
    Bad,
    /// There was nothing to look at, or it could not be looked at.
    Skipped,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Which.
    pub id: StepId,
    /// How it went.
    pub state: State,
    /// What the texts have places for, by name.
    pub facts: Vec<(&'static str, Fact)>,
}

/// A field as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its value; nothing where it is somebody's data.
    pub value: Option<String>,
    /// How many characters the value has.
    pub chars: usize,
}

impl Field {
    pub(crate) fn of(pairs: &[(String, String)], secrets: &[String]) -> Vec<Self> {
        let field = |(name, value): &(String, String)| Self {
            value: payuni::mask::value(name, value, secrets),
            chars: value.chars().count(),
            name: payuni::mask::name_of(name, secrets),
        };
        pairs.iter().map(field).collect()
    }
}

const SHOWN: usize = 24;

/// The beginning of a text. Of a sealed one that is never more than the first field's name and value.
fn beginning(text: &str) -> String {
    let mut short: String = text.chars().take(SHOWN).collect();
    if text.chars().count() > SHOWN {
        short.push('…');
    }
    short
}

pub(crate) fn body(message: &Message, state: State) -> Step {
    let facts = vec![
        ("what", Fact::Word(message.shape.term())),
        ("count", Fact::from(message.outer.len())),
    ];
    Step {
        id: StepId::Body,
        state,
        facts,
    }
}

pub(crate) fn plain(id: StepId, state: State) -> Step {
    Step {
        id,
        state,
        facts: Vec::new(),
    }
}

pub(crate) fn hex(sent: &str, decoded: &Decoded) -> Step {
    let canonical = decoded.wrong.is_empty();
    let below = decoded.text.as_deref().unwrap_or_default();
    Step {
        id: StepId::Hex,
        state: if canonical { State::Good } else { State::Bad },
        facts: vec![
            ("chars", Fact::from(sent.len())),
            ("bytes", Fact::from(sent.len() / 2)),
            ("begins", Fact::from(beginning(sent))),
            ("below", Fact::from(beginning(below))),
        ],
    }
}

pub(crate) fn halves(decoded: &Decoded) -> Step {
    let halves = decoded
        .text
        .as_deref()
        .and_then(|text| text.split_once(SEPARATOR));
    match (decoded.canonical(), halves) {
        (Some(_), Some((ciphertext, tag))) => Step {
            id: StepId::Halves,
            state: State::Good,
            facts: vec![
                ("left", Fact::from(ciphertext.len())),
                ("right", Fact::from(tag.len())),
            ],
        },
        _ => plain(StepId::Halves, State::Bad),
    }
}

pub(crate) fn cipher(reading: &Reading, state: State) -> Step {
    Step {
        id: StepId::Cipher,
        state,
        facts: vec![
            ("ciphertext", Fact::from(reading.ciphertext.len())),
            ("tag", Fact::from(reading.tag.as_ref().map_or(0, Vec::len))),
        ],
    }
}

pub(crate) fn fields(count: usize, kind: Kind, state: State) -> Step {
    let what = match kind {
        Kind::Request => Term::Request,
        Kind::Result => Term::Result,
        Kind::Unknown => Term::UnknownKind,
    };
    Step {
        id: StepId::Fields,
        state,
        facts: vec![("count", Fact::from(count)), ("what", Fact::Word(what))],
    }
}
