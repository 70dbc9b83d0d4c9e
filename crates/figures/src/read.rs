//! Reads a diagram from a TOML file of the book, once, into types. What it does not know, it refuses.

use serde::Deserialize;

use crate::{
    Drawing,
    model::{Arrow, Hop, Line, NotDrawable, Sequence, Trust, Zone, Zones},
};

/// Most characters of what a hop says.
const SAYS_MAX: usize = 24;
/// Most characters of a hop's note.
const NOTE_MAX: usize = 40;

/// A file that is no diagram: which, where in it, and what is wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {what}")]
pub struct ReadError {
    /// The file.
    pub file: String,
    /// What is wrong, with the field's name.
    pub what: String,
}

/// A diagram of either kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// `kind = "sequence"`
    Sequence(Sequence),
    /// `kind = "zones"`
    Zones(Zones),
}

impl Figure {
    /// Reads a file's text; `file` is how the error names it.
    ///
    /// # Errors
    /// [`ReadError`]: no TOML, an unknown kind or field, a field that is missing or out of its bounds.
    pub fn read(file: &str, text: &str) -> Result<Self, ReadError> {
        let refused = |what: String| ReadError {
            file: file.to_owned(),
            what,
        };
        let not_toml = |error: toml::de::Error| refused(error.to_string().trim_end().to_owned());
        let not_drawable = |error: NotDrawable| refused(error.to_string());
        let kind = toml::from_str::<OnlyKind>(text).map_err(not_toml)?.kind;
        match kind.as_str() {
            "sequence" => {
                let file: SequenceFile = toml::from_str(text).map_err(not_toml)?;
                file.parse().map(Self::Sequence).map_err(not_drawable)
            }
            "zones" => {
                let file: ZonesFile = toml::from_str(text).map_err(not_toml)?;
                file.parse().map(Self::Zones).map_err(not_drawable)
            }
            other => Err(refused(format!(
                "`kind` is {other:?}; there are \"sequence\" and \"zones\""
            ))),
        }
    }

    /// What it shows, in a sentence.
    #[must_use]
    pub fn alt(&self) -> &str {
        match self {
            Self::Sequence(sequence) => &sequence.alt,
            Self::Zones(zones) => &zones.alt,
        }
    }

    /// Draws it.
    #[must_use]
    pub fn draw(&self) -> Drawing {
        match self {
            Self::Sequence(sequence) => sequence.draw(),
            Self::Zones(zones) => zones.draw(),
        }
    }
}

/// The one field that says what the others are.
#[derive(Deserialize)]
struct OnlyKind {
    kind: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SequenceFile {
    #[serde(rename = "kind")]
    _kind: String,
    title: String,
    alt: String,
    lanes: Vec<String>,
    #[serde(default, rename = "hop")]
    hops: Vec<HopFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HopFile {
    from: usize,
    to: usize,
    says: String,
    note: Option<String>,
    line: Option<u8>,
    trust: Option<Trust>,
    #[serde(default)]
    refused: bool,
    time: Option<String>,
}

impl SequenceFile {
    fn parse(self) -> Result<Sequence, NotDrawable> {
        let mut hops = Vec::new();
        for (n, hop) in self.hops.into_iter().enumerate() {
            let place = format!("hop {}", n + 1);
            short(&place, "says", &hop.says, SAYS_MAX)?;
            if let Some(note) = &hop.note {
                short(&place, "note", note, NOTE_MAX)?;
            }
            hops.push(Hop {
                from: hop.from,
                to: hop.to,
                says: hop.says,
                note: hop.note,
                line: line(&place, hop.line)?,
                trust: hop.trust,
                refused: hop.refused,
                time: hop.time,
            });
        }
        Sequence::new(self.title, self.alt, self.lanes, hops)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ZonesFile {
    #[serde(rename = "kind")]
    _kind: String,
    title: String,
    alt: String,
    #[serde(default, rename = "zone")]
    zones: Vec<Zone>,
    #[serde(default, rename = "arrow")]
    arrows: Vec<ArrowFile>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ArrowFile {
    from: String,
    to: String,
    says: String,
    line: Option<u8>,
}

impl ZonesFile {
    fn parse(self) -> Result<Zones, NotDrawable> {
        let mut arrows = Vec::new();
        for (n, arrow) in self.arrows.into_iter().enumerate() {
            let place = format!("arrow {}", n + 1);
            short(&place, "says", &arrow.says, SAYS_MAX)?;
            arrows.push(Arrow {
                from: arrow.from,
                to: arrow.to,
                says: arrow.says,
                line: line(&place, arrow.line)?,
            });
        }
        Zones::new(self.title, self.alt, self.zones, arrows)
    }
}

fn short(place: &str, field: &str, text: &str, most: usize) -> Result<(), NotDrawable> {
    let count = text.chars().count();
    if count > most {
        return Err(NotDrawable(format!(
            "{place}: `{field}` has {count} characters, at most {most}: {text}"
        )));
    }
    Ok(())
}

fn line(place: &str, number: Option<u8>) -> Result<Option<Line>, NotDrawable> {
    let Some(number) = number else {
        return Ok(None);
    };
    Line::from_number(number)
        .map(Some)
        .ok_or_else(|| NotDrawable(format!("{place}: `line` is {number}; the lines are 1 to 5")))
}
