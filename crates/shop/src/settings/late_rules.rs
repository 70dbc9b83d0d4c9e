//! `[late]` of `jinliu.toml`: what becomes of money that comes after an order has expired.

use super::faults::Faults;
use super::section::Section;

/// What becomes of a payment that comes after its order has expired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LatePayments {
    /// A person decides about each.
    Review,
    /// It is delivered for by itself where the gateway, asked, confirms it, and what was ordered is still to be had.
    Accept,
}

impl LatePayments {
    pub(super) fn read(s: &mut Section<'_>, base: Option<&Self>, f: &mut Faults) -> Option<Self> {
        let default = base.map(|base| match base {
            Self::Review => "review",
            Self::Accept => "accept",
        });
        let known = |text: &str| matches!(text, "review" | "accept");
        let says = "只能是 review（由人決定）或 accept（查證過、還有貨就照常出貨）";
        let text = s.checked("payments", default, f, known, says)?;
        Some(if text == "accept" {
            Self::Accept
        } else {
            Self::Review
        })
    }
}
