//! Going through the hops one by one, with and without script.

use super::FlowView;
use crate::text::{Text, fill};

/// Where the reader is, and where the two ways lead.
pub(super) struct Stepper {
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
    /// The page without a hop that is looked at.
    pub(super) all: String,
    pub(super) place: String,
}

impl Stepper {
    pub(super) fn of(view: &FlowView, t: &Text) -> Self {
        let at = view
            .current
            .and_then(|n| view.hops.iter().position(|hop| hop.n == n));
        let to = |place: usize| Some(url(view, view.hops.get(place)?.n));
        Self {
            previous: at.and_then(|at| to(at.checked_sub(1)?)),
            next: to(at.map_or(0, |at| at + 1)),
            all: base(view),
            place: at.map_or_else(
                || fill(&t.flow.step_all_of, &[("n", &view.hops.len().to_string())]),
                |at| place(view, at, t),
            ),
        }
    }
}

fn base(view: &FlowView) -> String {
    let query = if view.engineer { "?view=engineer" } else { "" };
    format!("/flow/{}{query}", view.order_no)
}

/// The address of a hop, with and without script.
pub(super) fn url(view: &FlowView, n: i64) -> String {
    let base = base(view);
    let mark = if view.engineer { '&' } else { '?' };
    format!("{base}{mark}hop={n}#hop-{n}")
}

fn place(view: &FlowView, at: usize, t: &Text) -> String {
    let numbers = ((at + 1).to_string(), view.hops.len().to_string());
    fill(&t.flow.step_of, &[("i", &numbers.0), ("n", &numbers.1)])
}

impl FlowView {
    /// A hop's permalink.
    pub(super) fn hop_url(&self, n: &i64) -> String {
        url(self, *n)
    }

    /// What is said when a hop becomes the one that is looked at.
    pub(super) fn said(&self, n: &i64, t: &Text) -> String {
        let at = self.hops.iter().position(|hop| hop.n == *n);
        let Some((at, hop)) = at.and_then(|at| Some((at, self.hops.get(at)?))) else {
            return String::new();
        };
        let place = place(self, at, t);
        format!("{place}：{} {}", hop.kind.name(t), hop.sentence(t))
    }
}
