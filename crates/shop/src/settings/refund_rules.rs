//! `[refunds]` of `jinliu.toml`: how money may be given back.

use super::faults::Faults;
use super::section::Section;
use std::time::Duration;

/// How money may be given back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRules {
    /// A refund of more than so many dollars needs a second person.
    pub two_persons_above: u32,
    /// How old the sign-in of somebody who moves money may be.
    pub sign_in: Duration,
    /// Whether a card's authorisation is voided while its capture is only applied for. PAYUNi does not document whether
    /// it takes that, so by default the shop waits for the capture and refunds it then.
    pub void_while_capturing: bool,
}

impl RefundRules {
    pub(super) fn read(s: &mut Section<'_>, base: Option<&Self>, f: &mut Faults) -> Option<Self> {
        let above = s.whole(
            "two_persons_above",
            0..=999_999_999,
            base.map(|b| b.two_persons_above),
            f,
        );
        let minutes = base.map(|b| u32::try_from(b.sign_in.as_secs() / 60).unwrap_or(u32::MAX));
        let minutes = s.whole("sign_in_minutes", 1..=60, minutes, f);
        let void = s.switch(
            "void_while_capturing",
            base.map(|b| b.void_while_capturing),
            f,
        );
        Some(Self {
            two_persons_above: above?,
            sign_in: Duration::from_secs(u64::from(minutes?) * 60),
            void_while_capturing: void?,
        })
    }
}
