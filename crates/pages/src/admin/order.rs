//! One order in the back office: its attempts, its refunds, its facts and its trail.

use askama::Template;

use super::{PaymentRefund, RefundRow, Trouble};
use crate::order::{AttemptView, LineItem};
use crate::shell::{Shell, When};
use crate::status::OrderStatus;
use crate::text::{Text, fill};

/// One fact as the ledger holds it.
#[derive(Clone, Debug)]
pub struct FactRow {
    /// Its number in the ledger.
    pub seq: i64,
    /// When it was recorded.
    pub recorded: When,
    /// What it is, for example `notice.paid`.
    pub kind: String,
    /// Where it came from, for example `notice`, `query`, `return`.
    pub source: String,
    /// What it says, without secrets or card digits.
    pub summary: String,
}

/// What a person or the shop did, or refused, as the trail holds it.
#[derive(Clone, Debug)]
pub struct TrailRow {
    /// When.
    pub at: When,
    /// Who.
    pub actor: String,
    /// `refused`, `refund`, `decided` or `cancelled`.
    pub action: String,
    /// The stable code or state.
    pub code: String,
    /// What a person needs to know: the amount, the reason.
    pub detail: String,
}

/// One order in the back office.
#[derive(Clone, Debug)]
pub struct AdminOrderView {
    /// Order number.
    pub order_no: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// Who ordered.
    pub member: String,
    /// When it was placed.
    pub created: When,
    /// What was ordered.
    pub items: Vec<LineItem>,
    /// The whole amount.
    pub total_text: String,
    /// What has gone back.
    pub refunded_text: Option<String>,
    /// Attempts to pay, the newest first.
    pub attempts: Vec<AttemptView>,
    /// Refunds, the newest first.
    pub refunds: Vec<RefundRow>,
    /// Payments, with what may still go back of each.
    pub payments: Vec<PaymentRefund>,
    /// A refund of more than this needs a second person.
    pub two_persons_text: String,
    /// Whether the order may be cancelled here: nobody has paid.
    pub may_cancel: bool,
    /// Minutes that a sign-in counts as fresh, where the reader's is older.
    pub sign_in_again: Option<u32>,
    /// Why the last act was not carried out.
    pub trouble: Option<Trouble>,
    /// Facts, the oldest first.
    pub facts: Vec<FactRow>,
    /// What persons and the shop did, the oldest first.
    pub trail: Vec<TrailRow>,
}

impl TrailRow {
    fn action<'a>(&'a self, t: &'a Text) -> &'a str {
        let d = &t.desk;
        match self.action.as_str() {
            "refund" => &d.act_refund,
            "decided" => &d.act_decided,
            "cancelled" => &d.act_cancelled,
            "refused" => &d.act_refused,
            other => other,
        }
    }

    fn actor<'a>(&'a self, t: &'a Text) -> &'a str {
        match self.actor.as_str() {
            "shop" => &t.desk.actor_shop,
            "payuni" => "PAYUNi",
            other => other,
        }
    }
}

#[derive(Template)]
#[template(path = "admin_order.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a AdminOrderView,
    title: String,
    two_persons: String,
    reason_max: usize,
    fresh: Option<String>,
}

impl Page<'_> {
    fn approve(&self, refund: &RefundRow) -> String {
        fill(
            &self.t.desk.approve,
            &[("amount", refund.amount_text.as_str())],
        )
    }
}

/// Renders one order with its attempts, refunds, facts and trail.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn admin_order(shell: &Shell, view: &AdminOrderView) -> Result<String, askama::Error> {
    let t = shell.text();
    Page {
        shell,
        t,
        v: view,
        title: fill(&t.admin.order_title, &[("no", &view.order_no)]),
        two_persons: fill(&t.desk.two_persons, &[("limit", &view.two_persons_text)]),
        reason_max: super::REASON_CHARS_MAX,
        fresh: view
            .sign_in_again
            .map(|minutes| super::fresh_words(minutes, t)),
    }
    .render()
}
