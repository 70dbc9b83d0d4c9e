//! `[explorer]` of `jinliu.toml`: how long what travelled is kept for people who look.

use super::faults::Faults;
use super::section::Section;
use jiff::SignedDuration;

/// How long what travelled about an order is kept for people who look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExplorerRules {
    /// In days; 0 where nothing is kept.
    pub keep_days: u32,
}

impl ExplorerRules {
    pub(super) fn read(s: &mut Section<'_>, base: Option<&Self>, f: &mut Faults) -> Option<Self> {
        let keep_days = s.whole("keep_days", 0..=365, base.map(|b| b.keep_days), f)?;
        Some(Self { keep_days })
    }

    /// How long messages are kept; `None` where they are not.
    #[must_use]
    pub fn keep(&self) -> Option<SignedDuration> {
        (self.keep_days > 0).then(|| SignedDuration::from_hours(24 * i64::from(self.keep_days)))
    }
}
