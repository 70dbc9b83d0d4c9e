//! The flow explorer: every hop of an order in time, for the owner in one sentence each, for the engineer down to the bytes.

mod hop;
mod kind;
mod layer;
mod picture;
mod stepper;

use askama::Template;

use crate::shell::Shell;
use crate::status::OrderStatus;
use crate::text::{Text, fill};
pub use hop::{Committed, HopView, Says, Verdict};
pub use kind::{HopKind, Lane, addresses};
pub use layer::{CipherFacts, Layer, LayerKind};
pub use picture::{good_way, shortened_way};
use stepper::Stepper;

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

/// Rooms besides the shop's own pages; a shop in life has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowRooms {
    /// The book, at `/learn`.
    pub learn: bool,
    /// The attack lab, at `/lab`.
    pub lab: bool,
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
    /// The hop that is looked at, by its place in the file.
    pub current: Option<i64>,
    /// Whether something has just travelled, so that more may come though the order is over.
    pub settling: bool,
    /// The rooms that the shop has, to which there are links.
    pub rooms: FlowRooms,
    /// Where "back" leads.
    pub back: String,
}

impl FlowView {
    /// What a good way has, and how often this order had it.
    fn expected(&self) -> Vec<Expected> {
        let seen = |kind| self.hops.iter().filter(|hop| hop.kind == kind).count();
        let kinds = HopKind::GOOD_WAY.into_iter();
        kinds
            .map(|kind| Expected {
                kind,
                seen: seen(kind),
            })
            .collect()
    }

    /// A paid order whose notice never came: worth a word, for this is what people fear.
    fn notice_was_lost(&self) -> bool {
        let seen = |kind| self.hops.iter().any(|hop| hop.kind == kind);
        seen(HopKind::Delivery) && !seen(HopKind::Notice)
    }

    fn is_over(&self) -> bool {
        self.status.refresh_s().is_none() && !self.settling
    }

    /// How often the page looks by itself, in milliseconds: what travels makes no event, only facts do.
    fn poll_ms(&self) -> u32 {
        if self.settling { 2_000 } else { 20_000 }
    }

    fn is_current(&self, n: &i64) -> bool {
        self.current == Some(*n)
    }
}

#[derive(Template)]
#[template(path = "flow.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a FlowView,
    step: Stepper,
    own_picture: Option<String>,
    good_picture: String,
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
        step: Stepper::of(view, t),
        own_picture: picture::own_way(view, shell.lang).map(|way| way.draw().inline()),
        good_picture: good_way(shell.lang).draw().inline(),
        title: fill(&t.flow.title, &[("no", &view.order_no)]),
    }
    .render()
}
