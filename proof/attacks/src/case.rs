//! One attack: its file, read and held to what a case must say.

use crate::{expect::Expect, steps::Step};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Where the attacker stands (trust.md §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Position {
    /// Anybody on the internet.
    Anon,
    /// A buyer who is signed in.
    B1,
    /// Another buyer who is signed in.
    B2,
    /// Holds a genuinely sealed message.
    Gw,
    /// On the network between the parties.
    Mitm,
    /// Works in the back office.
    Staff,
    /// Edits the spreadsheet.
    Sheet,
    /// Makes or changes tokens and callback addresses.
    Idp,
    /// A mistake at installing.
    Ops,
    /// Holds a leaked secret.
    Key,
}

/// What is at stake.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Class {
    /// Money.
    M,
    /// Confidentiality.
    C,
    /// Identity and permission.
    I,
    /// Availability.
    A,
}

/// A line of defence (ARCHITECTURE.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub enum Line {
    /// The edge.
    L1,
    /// Authenticity.
    L2,
    /// Meaning.
    L3,
    /// State.
    L4,
    /// Confirmation.
    L5,
}

impl Line {
    /// Returns its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::L1 => "L1",
            Self::L2 => "L2",
            Self::L3 => "L3",
            Self::L4 => "L4",
            Self::L5 => "L5",
        }
    }
}

/// A title in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Title {
    /// Traditional Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// What the world of a case differs in from the demo's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WorldPlan {
    /// The shop runs as a process of its own, whose output is kept.
    pub process: bool,
    /// Nothing runs: the case starts programs itself.
    pub empty: bool,
    /// Variables of the shop's environment.
    pub env: BTreeMap<String, String>,
    /// Parts of `jinliu.toml` and what stands there instead.
    pub shop_file: BTreeMap<String, String>,
    /// How much faster than life the shop's clock runs; 0 is as fast as life.
    pub rate: u32,
    /// No proxy is believed: every visitor is the socket's peer.
    pub no_proxy: bool,
}

/// One attack.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// `A01` to `A132`, as in the specification.
    pub id: String,
    /// What it is called.
    pub title: Title,
    /// Where the attacker stands.
    pub position: Position,
    /// What is at stake.
    pub class: Class,
    /// The line that is to stop it.
    pub line: Line,
    /// The lines that hold where that one does not.
    #[serde(default)]
    pub second: Vec<Line>,
    /// The story in a sentence or two, in Traditional Chinese.
    pub story: String,
    /// Why it cannot happen to this product. Then there are no steps.
    pub not_applicable: Option<String>,
    /// Why neither ledger nor gateway's books are looked at.
    pub no_books: Option<String>,
    /// The world it happens in.
    #[serde(default)]
    pub world: WorldPlan,
    /// What is done, in this order.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// What must be true afterwards.
    #[serde(default)]
    pub expect: Expect,
}

impl Case {
    /// Reads a case's file.
    ///
    /// # Errors
    /// An unknown word, or a case that would prove nothing.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let case: Self = toml::from_str(text)?;
        case.check()?;
        Ok(case)
    }

    /// Returns whether there is something to play.
    #[must_use]
    pub fn applies(&self) -> bool {
        self.not_applicable.is_none()
    }

    fn check(&self) -> anyhow::Result<()> {
        let id = &self.id;
        anyhow::ensure!(
            id.strip_prefix('A')
                .and_then(|n| n.parse::<u32>().ok())
                .is_some(),
            "{id}: no such id"
        );
        anyhow::ensure!(
            !self.title.zh.is_empty() && !self.title.en.is_empty() && !self.story.is_empty(),
            "{id}: a case has a title in both languages and a story"
        );
        anyhow::ensure!(
            !self.second.contains(&self.line),
            "{id}: the second line is another than the first"
        );
        if let Some(reason) = &self.not_applicable {
            anyhow::ensure!(reason.chars().count() >= 10, "{id}: a reason says why");
            anyhow::ensure!(
                self.steps.is_empty() && self.expect == Expect::default(),
                "{id}: what cannot happen has neither steps nor expectations"
            );
            return Ok(());
        }
        anyhow::ensure!(!self.steps.is_empty(), "{id}: nothing is done");
        match &self.no_books {
            None => anyhow::ensure!(
                self.expect.looks_at_books(),
                "{id}: it looks at no ledger and no books, and does not say why"
            ),
            Some(reason) => {
                anyhow::ensure!(reason.chars().count() >= 6, "{id}: a reason says why");
                anyhow::ensure!(
                    !self.expect.looks_at_books(),
                    "{id}: it says why it looks at no books, and does"
                );
                anyhow::ensure!(
                    self.class != Class::M || self.world.empty,
                    "{id}: a case about money looks at the books, unless there is no shop"
                );
            }
        }
        if self.expect.unchanged {
            anyhow::ensure!(
                self.steps.iter().any(|step| matches!(step, Step::Mark {})),
                "{id}: unchanged since when? There is no mark"
            );
        }
        Ok(())
    }
}
