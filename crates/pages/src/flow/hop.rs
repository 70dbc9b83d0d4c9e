//! One hop as the page shows it: what it says, what became of it, and the fact that it made.

use super::kind::{HopKind, code_url, line};
use super::layer::Layer;
use crate::shell::When;
use crate::text::{Text, fill};

/// What a message says, in one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Says {
    /// A number was issued.
    Issued,
    /// Paid.
    Paid,
    /// Failed.
    Failed,
    /// The authorisation was cancelled.
    Voided,
    /// A number ran out.
    Lapsed,
    /// The bank is still checking.
    Confirming,
    /// Not paid.
    Unpaid,
    /// A refund was accepted.
    Done,
    /// Something else, as sent.
    Other(String),
    /// There was no answer.
    Nothing,
    /// It does not open.
    Shut,
}

impl Says {
    pub(super) fn words(&self, t: &Text) -> String {
        let f = &t.flow;
        let words = match self {
            Self::Issued => &f.says_issued,
            Self::Paid => &f.says_paid,
            Self::Failed => &f.says_failed,
            Self::Voided => &f.says_voided,
            Self::Lapsed => &f.says_lapsed,
            Self::Confirming => &f.says_confirming,
            Self::Unpaid => &f.says_unpaid,
            Self::Done => &f.says_done,
            Self::Nothing => &f.says_nothing,
            Self::Shut => &f.says_shut,
            Self::Other(status) => return fill(&f.says_other, &[("status", status)]),
        };
        words.clone()
    }
}

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every line let it pass.
    Believed,
    /// It is authentic and does not fit: it was written down and waits for a person.
    Parked,
    /// A line refused it: its code.
    Refused(String),
    /// No answer that could be used: why.
    NoAnswer(String),
}

/// The fact that a hop made.
#[derive(Clone, Debug)]
pub struct Committed {
    /// Its number in the ledger.
    pub n: i64,
    /// Its meaning.
    pub meaning: String,
    /// Where the order stood before and after.
    pub edge: (String, String),
    /// When it was durable.
    pub at: When,
}

impl Committed {
    pub(super) fn number(&self, t: &Text) -> String {
        fill(&t.flow.fact, &[("n", &self.n.to_string())])
    }

    pub(super) fn moved(&self, t: &Text) -> String {
        let (before, after) = &self.edge;
        fill(&t.flow.edge, &[("before", before), ("after", after)])
    }
}

/// One hop.
#[derive(Clone, Debug)]
pub struct HopView {
    /// Its place in the file of what travelled.
    pub n: i64,
    /// What kind.
    pub kind: HopKind,
    /// When.
    pub at: When,
    /// The time of day with milliseconds.
    pub clock: String,
    /// How long until it was answered, in milliseconds.
    pub took_ms: i64,
    /// What it says, of those that say something.
    pub says: Says,
    /// What became of it.
    pub verdict: Verdict,
    /// The fact that it made, where it made one.
    pub committed: Option<Committed>,
    /// The address.
    pub path: String,
    /// The layers, from the wire inwards; nothing where the order is so long that only those around one hop are opened.
    pub layers: Vec<Layer>,
    /// Whether its layers are here.
    pub opened: bool,
    /// How to send the same again.
    pub curl: Option<String>,
}

impl HopView {
    pub(super) fn sentence(&self, t: &Text) -> String {
        fill(self.kind.sentence(t), &[("says", &self.says.words(t))])
    }

    pub(super) fn verdict_words(&self, t: &Text) -> String {
        match &self.verdict {
            Verdict::Believed => t.flow.believed.clone(),
            Verdict::Parked => t.flow.parked.clone(),
            Verdict::Refused(code) => fill(&t.flow.refused, &[("code", code)]),
            Verdict::NoAnswer(code) => fill(&t.flow.no_answer, &[("code", code)]),
        }
    }

    pub(super) fn tone(&self) -> &'static str {
        match self.verdict {
            Verdict::Believed => "good",
            Verdict::Refused(_) => "alert",
            Verdict::NoAnswer(_) | Verdict::Parked => "wait",
        }
    }

    pub(super) fn took(&self, t: &Text) -> String {
        fill(&t.flow.took, &[("ms", &self.took_ms.to_string())])
    }

    pub(super) fn between(&self, t: &Text) -> String {
        let (from, to) = self.kind.lanes();
        fill(
            &t.flow.from_to,
            &[("from", from.name(t)), ("to", to.name(t))],
        )
    }

    pub(super) fn start_x(&self) -> &'static str {
        self.kind.lanes().0.x()
    }

    pub(super) fn end_x(&self) -> &'static str {
        self.kind.lanes().1.x()
    }

    /// Whether it stays within the shop.
    pub(super) fn is_inside(&self) -> bool {
        let (from, to) = self.kind.lanes();
        from == to
    }

    /// The arrow's head at its end, pointing the way.
    pub(super) fn head(&self) -> &'static str {
        let (from, to) = self.kind.lanes();
        if (to as u8) > (from as u8) {
            "0,0 -9,-5 -9,5"
        } else {
            "0,0 9,-5 9,5"
        }
    }

    /// Whether it came from outside, so that it was believed or not.
    pub(super) fn is_judged(&self) -> bool {
        !matches!(
            self.kind,
            HopKind::Placed
                | HopKind::HandOver
                | HopKind::Wish
                | HopKind::Delivery
                | HopKind::Sheet
        )
    }

    pub(super) fn is_order(&self) -> bool {
        self.kind == HopKind::Placed
    }

    /// Whether the ledger may have learnt from it.
    pub(super) fn may_commit(&self) -> bool {
        !matches!(
            self.kind,
            HopKind::SignIn | HopKind::Token | HopKind::HandOver | HopKind::Wish | HopKind::Sheet
        )
    }

    /// The line that refused it.
    pub(super) fn stopped_by(&self) -> Option<u8> {
        match &self.verdict {
            Verdict::Refused(code) => code
                .strip_prefix('L')
                .and_then(|rest| rest.chars().next())
                .and_then(|digit| digit.to_digit(10))
                .and_then(|digit| u8::try_from(digit).ok()),
            Verdict::Believed | Verdict::Parked | Verdict::NoAnswer(_) => None,
        }
    }

    /// Each line that it met, up to the one that held it up.
    pub(super) fn lines<'a>(&self, t: &'a Text) -> Vec<MetLine<'a>> {
        let stopped = self.stopped_by();
        let f = &t.flow;
        let names = [&f.l1, &f.l2, &f.l3, &f.l4, &f.l5];
        self.kind
            .lines()
            .iter()
            .copied()
            .filter(|number| stopped.is_none_or(|at| *number <= at))
            .filter_map(|number| {
                let name = names.get(usize::from(number).checked_sub(1)?)?;
                let (code, section) = line(number, self.kind);
                Some(MetLine {
                    number,
                    name,
                    stopped: stopped == Some(number),
                    code,
                    section,
                })
            })
            .collect()
    }

    pub(super) fn code_url(&self) -> String {
        code_url(self.kind.code())
    }
}

/// A line that a hop met.
pub(super) struct MetLine<'a> {
    pub(super) number: u8,
    pub(super) name: &'a str,
    pub(super) stopped: bool,
    code: (&'static str, &'static str),
    section: &'static str,
}

impl MetLine<'_> {
    pub(super) fn code_name(&self) -> &'static str {
        self.code.0
    }

    pub(super) fn code_url(&self) -> String {
        code_url(self.code)
    }

    pub(super) fn section_url(&self) -> String {
        format!("/learn/{}", self.section)
    }
}
