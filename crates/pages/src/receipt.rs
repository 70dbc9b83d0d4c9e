//! A receipt that prints on one sheet.

use askama::Template;

use crate::order::LineItem;
use crate::shell::{Shell, When};
use crate::status::Method;
use crate::text::{Text, fill};

/// A delivered order's receipt.
#[derive(Clone, Debug)]
pub struct ReceiptView {
    /// Order number.
    pub order_no: String,
    /// Who bought.
    pub buyer: Option<String>,
    /// When it was placed.
    pub placed: When,
    /// When it was paid.
    pub paid: When,
    /// How it was paid.
    pub method: Method,
    /// The card's last four digits.
    pub card_last4: Option<String>,
    /// The gateway's trade number.
    pub trade_no: Option<String>,
    /// What was bought.
    pub items: Vec<LineItem>,
    /// The whole amount.
    pub total_text: String,
    /// What has gone back and what remains.
    pub refunded: Option<(String, String)>,
}

#[derive(Template)]
#[template(path = "receipt.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a ReceiptView,
    title: String,
    card: Option<String>,
}

/// Renders a receipt.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn receipt(shell: &Shell, view: &ReceiptView) -> Result<String, askama::Error> {
    let t = shell.text();
    let card = view.card_last4.as_deref().map(|digits| {
        let skip = digits.chars().count().saturating_sub(4);
        let last4: String = digits.chars().skip(skip).collect();
        fill(&t.order.card, &[("last4", &last4)])
    });
    let title = fill(&t.receipt.title, &[("no", &view.order_no)]);
    Page {
        shell,
        t,
        v: view,
        title,
        card,
    }
    .render()
}
