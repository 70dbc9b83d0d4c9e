//! A member's own orders.

use askama::Template;

use crate::shell::{Shell, When};
use crate::status::OrderStatus;
use crate::text::{Text, fill};

/// One order in the list.
#[derive(Clone, Debug)]
pub struct OrderRow {
    /// Order number.
    pub order_no: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// The first product's name and quantity as people read it, for example `高山烏龍 × 2`.
    pub summary: String,
    /// How many different products it has.
    pub item_count: u32,
    /// The whole amount.
    pub total_text: String,
    /// When it was placed.
    pub placed: When,
}

/// My orders, the newest first.
#[derive(Clone, Debug, Default)]
pub struct OrdersView {
    /// This page's orders.
    pub rows: Vec<OrderRow>,
    /// Address of the page with newer ones.
    pub newer_url: Option<String>,
    /// Address of the page with older ones.
    pub older_url: Option<String>,
}

impl OrderRow {
    fn more(&self, t: &Text) -> Option<String> {
        (self.item_count > 1)
            .then(|| fill(&t.orders.more_items, &[("n", &self.item_count.to_string())]))
    }
}

#[derive(Template)]
#[template(path = "orders.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a OrdersView,
}

/// Renders a member's orders.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn orders(shell: &Shell, view: &OrdersView) -> Result<String, askama::Error> {
    Page {
        shell,
        t: shell.text(),
        v: view,
    }
    .render()
}
