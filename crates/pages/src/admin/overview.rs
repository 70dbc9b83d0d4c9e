//! The back office's first page: what waits for a person, and every order.

use askama::Template;

use super::{Decision, RefundState};
use crate::shell::{Shell, When};
use crate::status::{Method, OrderStatus};
use crate::text::Text;

/// One order in the back office.
#[derive(Clone, Debug)]
pub struct AdminRow {
    /// Order number.
    pub order_no: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// The whole amount.
    pub total_text: String,
    /// Who ordered.
    pub member: String,
    /// How it is paid.
    pub method: Method,
    /// When it was placed.
    pub created: When,
    /// When it was paid.
    pub paid: Option<When>,
}

/// Something a person must look at, or has.
#[derive(Clone, Debug)]
pub struct ReviewRow {
    /// Its number, where it is a case with a page of its own.
    pub case: Option<i64>,
    /// What it is: a code such as `L3.amount`.
    pub kind: String,
    /// What was found, for those who look into it.
    pub reason: String,
    /// The order, where one is known.
    pub order_no: Option<String>,
    /// When it came in.
    pub received: When,
    /// What was decided; `None` while it waits.
    pub decision: Option<Decision>,
}

/// A refund that needs somebody.
#[derive(Clone, Debug)]
pub struct OpenRefund {
    /// Of which order.
    pub order_no: String,
    /// How much.
    pub amount_text: String,
    /// Where it stands.
    pub state: RefundState,
    /// Why, or what the gateway said.
    pub words: String,
    /// Who asked for it.
    pub requested_by: String,
    /// When it last moved.
    pub changed: When,
}

/// How many refunds need somebody, by what they need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefundCounts {
    /// A second person.
    pub requested: usize,
    /// A bank transfer.
    pub to_transfer: usize,
    /// To be found out.
    pub in_doubt: usize,
    /// Another try, or another way.
    pub refused: usize,
}

/// A filter above the list, sent as `?status=`.
#[derive(Clone, Debug)]
pub struct AdminFilter {
    /// The status.
    pub status: OrderStatus,
    /// How many orders have it.
    pub count: u64,
}

/// The back office's list.
#[derive(Clone, Debug, Default)]
pub struct AdminOrdersView {
    /// Refunds that need somebody, the newest first.
    pub refunds: Vec<OpenRefund>,
    /// What needs a person, the newest first.
    pub reviews: Vec<ReviewRow>,
    /// What was decided, the newest first.
    pub decided: Vec<ReviewRow>,
    /// This page's orders.
    pub rows: Vec<AdminRow>,
    /// Filters to offer.
    pub filters: Vec<AdminFilter>,
    /// The filter that is on.
    pub selected: Option<OrderStatus>,
    /// What was searched for, sent as `?q=`.
    pub search: String,
    /// Address of the page with newer ones.
    pub newer_url: Option<String>,
    /// Address of the page with older ones.
    pub older_url: Option<String>,
}

impl ReviewRow {
    fn label<'a>(&'a self, t: &'a Text) -> &'a str {
        super::label(&self.kind, t)
    }
}

impl AdminOrdersView {
    fn is_selected(&self, status: &OrderStatus) -> bool {
        self.selected.as_ref() == Some(status)
    }

    /// How many refunds need what.
    #[must_use]
    pub fn counts(&self) -> RefundCounts {
        let mut counts = RefundCounts::default();
        for refund in &self.refunds {
            match refund.state {
                RefundState::Requested => counts.requested += 1,
                RefundState::ToTransfer => counts.to_transfer += 1,
                RefundState::InDoubt => counts.in_doubt += 1,
                RefundState::Refused => counts.refused += 1,
                RefundState::Rejected
                | RefundState::Reserved
                | RefundState::Sent
                | RefundState::Done
                | RefundState::Transferred
                | RefundState::Reversed => {}
            }
        }
        counts
    }

    /// What there is to do, with how much of it; what there is none of is left out.
    fn to_do<'a>(&self, t: &'a Text) -> Vec<(&'a str, usize)> {
        let (r, counts) = (&t.refund_state, self.counts());
        [
            (&r.requested, counts.requested),
            (&r.to_transfer, counts.to_transfer),
            (&r.in_doubt, counts.in_doubt),
            (&r.refused, counts.refused),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(label, count)| (label.as_str(), count))
        .collect()
    }
}

#[derive(Template)]
#[template(path = "admin_orders.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a AdminOrdersView,
    to_do: Vec<(&'a str, usize)>,
}

/// Renders the back office's first page.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn admin_orders(shell: &Shell, view: &AdminOrdersView) -> Result<String, askama::Error> {
    let t = shell.text();
    Page {
        shell,
        t,
        v: view,
        to_do: view.to_do(t),
    }
    .render()
}
