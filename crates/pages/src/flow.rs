//! The flow explorer: every hop of an order in time, for the owner in one sentence each, for the engineer down to the bytes.

mod layer;

use askama::Template;

use crate::shell::{Shell, When};
use crate::status::OrderStatus;
use crate::text::{Text, fill};
pub use layer::{CipherFacts, Layer, LayerKind};

/// Who sends and who gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lane {
    /// The buyer's browser.
    Browser,
    /// The shop.
    Shop,
    /// The gateway.
    Payuni,
    /// Google, for sign-in and for the sheet.
    Google,
}

impl Lane {
    const ALL: [Self; 4] = [Self::Browser, Self::Shop, Self::Payuni, Self::Google];

    fn name(self, t: &Text) -> &str {
        match self {
            Self::Browser => &t.flow.browser,
            Self::Shop => &t.flow.shop,
            Self::Payuni => &t.flow.payuni,
            Self::Google => &t.flow.google,
        }
    }

    /// The middle of its column in the picture of a hop.
    fn x(self) -> &'static str {
        match self {
            Self::Browser => "12.5%",
            Self::Shop => "37.5%",
            Self::Payuni => "62.5%",
            Self::Google => "87.5%",
        }
    }
}

/// What kind of hop it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HopKind {
    /// Step 1.
    SignIn,
    /// Step 3.
    Placed,
    /// Step 4.
    HandOver,
    /// Step 5.
    Notice,
    /// Step 6.
    Return,
    /// Step 7.
    Query,
    /// The way back.
    Refund,
    /// The delivery.
    Delivery,
    /// The sheet.
    Sheet,
}

impl HopKind {
    fn lanes(self) -> (Lane, Lane) {
        match self {
            Self::SignIn => (Lane::Google, Lane::Shop),
            Self::Placed | Self::Return => (Lane::Browser, Lane::Shop),
            Self::HandOver => (Lane::Browser, Lane::Payuni),
            Self::Notice => (Lane::Payuni, Lane::Shop),
            Self::Query | Self::Refund => (Lane::Shop, Lane::Payuni),
            Self::Delivery => (Lane::Shop, Lane::Shop),
            Self::Sheet => (Lane::Shop, Lane::Google),
        }
    }

    fn name(self, t: &Text) -> &str {
        let f = &t.flow;
        match self {
            Self::SignIn => &f.k_sign_in,
            Self::Placed => &f.k_placed,
            Self::HandOver => &f.k_hand_over,
            Self::Notice => &f.k_notice,
            Self::Return => &f.k_return,
            Self::Query => &f.k_query,
            Self::Refund => &f.k_refund,
            Self::Delivery => &f.k_delivery,
            Self::Sheet => &f.k_sheet,
        }
    }

    fn sentence(self, t: &Text) -> &str {
        let f = &t.flow;
        match self {
            Self::SignIn => &f.s_sign_in,
            Self::Placed => &f.s_placed,
            Self::HandOver => &f.s_hand_over,
            Self::Notice => &f.s_notice,
            Self::Return => &f.s_return,
            Self::Query => &f.s_query,
            Self::Refund => &f.s_refund,
            Self::Delivery => &f.s_delivery,
            Self::Sheet => &f.s_sheet,
        }
    }

    fn forger(self, t: &Text) -> &str {
        let f = &t.flow;
        match self {
            Self::SignIn => &f.w_sign_in,
            Self::Placed => &f.w_placed,
            Self::HandOver => &f.w_hand_over,
            Self::Notice => &f.w_notice,
            Self::Return => &f.w_return,
            Self::Query => &f.w_query,
            Self::Refund => &f.w_refund,
            Self::Delivery => &f.w_delivery,
            Self::Sheet => &f.w_sheet,
        }
    }

    /// Where the code of it begins.
    #[must_use]
    pub fn code(self) -> (&'static str, &'static str) {
        match self {
            Self::SignIn => ("callback", "crates/shop/src/flow/step_1_sign_in.rs"),
            Self::Placed => ("checkout", "crates/shop/src/flow/step_3_place_order.rs"),
            Self::HandOver => ("hand_over", "crates/shop/src/flow/step_4_hand_over.rs"),
            Self::Notice => ("notified", "crates/shop/src/flow/step_5_notified.rs"),
            Self::Return => ("returned", "crates/shop/src/flow/step_6_return.rs"),
            Self::Query => ("ask_due", "crates/shop/src/flow/step_7_reconcile.rs"),
            Self::Refund => ("refund_due", "crates/shop/src/jobs/refund.rs"),
            Self::Delivery => ("deliver_due", "crates/shop/src/jobs/deliver.rs"),
            Self::Sheet => ("write", "crates/shop/src/jobs/sheet_write.rs"),
        }
    }

    /// The lines that stand in its way, in their order.
    fn lines(self) -> &'static [u8] {
        match self {
            Self::SignIn | Self::Return => &[1, 2, 3],
            Self::Placed => &[1, 4],
            Self::Notice => &[1, 2, 3, 4],
            Self::Query => &[2, 3, 4, 5],
            Self::Refund => &[2, 3],
            Self::Delivery => &[5],
            Self::HandOver | Self::Sheet => &[],
        }
    }
}

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
    fn words(&self, t: &Text) -> String {
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
    fn number(&self, t: &Text) -> String {
        fill(&t.flow.fact, &[("n", &self.n.to_string())])
    }

    fn moved(&self, t: &Text) -> String {
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
    /// The layers, from the wire inwards.
    pub layers: Vec<Layer>,
    /// How to send the same again.
    pub curl: Option<String>,
}

impl HopView {
    fn sentence(&self, t: &Text) -> String {
        fill(self.kind.sentence(t), &[("says", &self.says.words(t))])
    }

    fn verdict_words(&self, t: &Text) -> String {
        match &self.verdict {
            Verdict::Believed => t.flow.believed.clone(),
            Verdict::Parked => t.flow.parked.clone(),
            Verdict::Refused(code) => fill(&t.flow.refused, &[("code", code)]),
            Verdict::NoAnswer(code) => fill(&t.flow.no_answer, &[("code", code)]),
        }
    }

    fn tone(&self) -> &'static str {
        match self.verdict {
            Verdict::Believed => "good",
            Verdict::Refused(_) => "alert",
            Verdict::NoAnswer(_) | Verdict::Parked => "wait",
        }
    }

    fn took(&self, t: &Text) -> String {
        fill(&t.flow.took, &[("ms", &self.took_ms.to_string())])
    }

    fn between(&self, t: &Text) -> String {
        let (from, to) = self.kind.lanes();
        fill(
            &t.flow.from_to,
            &[("from", from.name(t)), ("to", to.name(t))],
        )
    }

    fn start_x(&self) -> &'static str {
        self.kind.lanes().0.x()
    }

    fn end_x(&self) -> &'static str {
        self.kind.lanes().1.x()
    }

    /// Whether it stays within the shop.
    fn is_inside(&self) -> bool {
        let (from, to) = self.kind.lanes();
        from == to
    }

    /// The arrow's head at its end, pointing the way.
    fn head(&self) -> &'static str {
        let (from, to) = self.kind.lanes();
        if (to as u8) > (from as u8) {
            "0,0 -9,-5 -9,5"
        } else {
            "0,0 9,-5 9,5"
        }
    }

    /// Whether it came from outside, so that it was believed or not.
    fn is_judged(&self) -> bool {
        !matches!(
            self.kind,
            HopKind::Placed | HopKind::HandOver | HopKind::Delivery | HopKind::Sheet
        )
    }

    fn is_order(&self) -> bool {
        self.kind == HopKind::Placed
    }

    /// Whether the ledger may have learnt from it.
    fn may_commit(&self) -> bool {
        !matches!(
            self.kind,
            HopKind::SignIn | HopKind::HandOver | HopKind::Refund | HopKind::Sheet
        )
    }

    /// Each line that it met: its number, its name, and whether it held the message up.
    fn lines<'a>(&self, t: &'a Text) -> Vec<(u8, &'a str, bool)> {
        let stopped = match &self.verdict {
            Verdict::Refused(code) => code
                .strip_prefix('L')
                .and_then(|rest| rest.chars().next())
                .and_then(|digit| digit.to_digit(10))
                .and_then(|digit| u8::try_from(digit).ok()),
            Verdict::Believed | Verdict::Parked | Verdict::NoAnswer(_) => None,
        };
        let f = &t.flow;
        let names = [&f.l1, &f.l2, &f.l3, &f.l4, &f.l5];
        self.kind
            .lines()
            .iter()
            .copied()
            .filter(|line| stopped.is_none_or(|at| *line <= at))
            .filter_map(|line| {
                let name = names.get(usize::from(line).checked_sub(1)?)?;
                Some((line, name.as_str(), stopped == Some(line)))
            })
            .collect()
    }
}

/// A step that an order takes when all goes well, and how often this one did.
#[derive(Clone, Copy, Debug)]
pub struct Expected {
    /// Which.
    pub kind: HopKind,
    /// How often it was seen.
    pub seen: usize,
}

impl Expected {
    fn times(&self, t: &Text) -> String {
        fill(&t.flow.times, &[("n", &self.seen.to_string())])
    }
}

/// The page.
#[derive(Clone, Debug)]
pub struct FlowView {
    /// Order number.
    pub order_no: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Whether everything is shown, or one sentence each.
    pub engineer: bool,
    /// Whether the shop keeps what travels.
    pub kept: bool,
    /// The hops, in the order of time.
    pub hops: Vec<HopView>,
    /// What a good way has.
    pub expected: Vec<Expected>,
    /// Where "back" leads.
    pub back: String,
}

impl FlowView {
    /// A paid order whose notice never came: worth a word, for this is what people fear.
    fn notice_was_lost(&self) -> bool {
        let seen = |kind| {
            self.expected
                .iter()
                .any(|step| step.kind == kind && step.seen > 0)
        };
        seen(HopKind::Delivery) && !seen(HopKind::Notice)
    }

    fn is_over(&self) -> bool {
        self.status.refresh_s().is_none()
    }
}

#[derive(Template)]
#[template(path = "flow.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a FlowView,
    title: String,
}

/// Renders the flow of an order.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn flow(shell: &Shell, view: &FlowView) -> Result<String, askama::Error> {
    let t = shell.text();
    Page {
        shell,
        t,
        v: view,
        title: fill(&t.flow.title, &[("no", &view.order_no)]),
    }
    .render()
}
