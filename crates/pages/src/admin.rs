//! The back office: orders, what needs a person, and an order's facts. Read-only.

use askama::Template;

use crate::order::{AttemptView, LineItem};
use crate::shell::{Shell, When};
use crate::status::{Method, OrderStatus};
use crate::text::{Text, fill};

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

/// Something a person must look at.
#[derive(Clone, Debug)]
pub struct ReviewRow {
    /// What it is: a code such as `L3.amount`.
    pub kind: String,
    /// What was found, for those who look into it.
    pub reason: String,
    /// The order, where one is known.
    pub order_no: Option<String>,
    /// When it came in.
    pub received: When,
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
    /// What needs a person, the newest first.
    pub reviews: Vec<ReviewRow>,
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
    /// Facts, the oldest first.
    pub facts: Vec<FactRow>,
}

impl ReviewRow {
    /// What it is, in the owner's words; a code that has none stands for itself.
    fn label<'a>(&'a self, t: &'a Text) -> &'a str {
        let review = &t.review;
        match self.kind.as_str() {
            "sheet" => &review.sheet,
            "products" => &review.products,
            "L3.merchant" => &review.merchant,
            "L3.unknown_order" => &review.unknown_order,
            "L3.amount" => &review.amount,
            "L3.currency" => &review.currency,
            "L3.mis_posted" => &review.mis_posted,
            "L3.unknown_value" => &review.unknown_value,
            "L5.contradiction" => &review.contradiction,
            "L4.trade_of_another" => &review.trade_of_another,
            "L4.surplus" => &review.surplus,
            "L4.late" => &review.late,
            "L3.other_notice" => &review.other_notice,
            other => other,
        }
    }
}

impl AdminOrdersView {
    fn is_selected(&self, status: &OrderStatus) -> bool {
        self.selected.as_ref() == Some(status)
    }
}

#[derive(Template)]
#[template(path = "admin_orders.html")]
struct ListPage<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a AdminOrdersView,
}

#[derive(Template)]
#[template(path = "admin_order.html")]
struct OrderPage<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a AdminOrderView,
    title: String,
}

/// Renders the back office's list of orders, after what needs a person.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn admin_orders(shell: &Shell, view: &AdminOrdersView) -> Result<String, askama::Error> {
    ListPage {
        shell,
        t: shell.text(),
        v: view,
    }
    .render()
}

/// Renders one order with its attempts and facts.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn admin_order(shell: &Shell, view: &AdminOrderView) -> Result<String, askama::Error> {
    let t = shell.text();
    let title = fill(&t.admin.order_title, &[("no", &view.order_no)]);
    OrderPage {
        shell,
        t,
        v: view,
        title,
    }
    .render()
}
