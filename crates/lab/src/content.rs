//! What people wrote about a case beside its steps: what the attacker holds, the boundary, three hints.

use serde::Deserialize;

mod written {
    include!(concat!(env!("OUT_DIR"), "/content.rs"));
}

/// What was written about a case, in Traditional Chinese.
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
