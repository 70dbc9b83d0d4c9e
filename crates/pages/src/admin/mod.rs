//! The back office: what waits for a person, orders, cases and refunds.

mod case;
mod order;
mod overview;
mod refund;
mod trouble;

pub use case::{CaseOrder, CaseView, Decision, admin_case};
pub use order::{AdminOrderView, FactRow, TrailRow, admin_order};
pub use overview::{
    AdminFilter, AdminOrdersView, AdminRow, OpenRefund, RefundCounts, ReviewRow, admin_orders,
};
pub use refund::{
    PaymentRefund, RefundActions, RefundForm, RefundReason, RefundRow, RefundState, RefundWay,
};
pub use trouble::Trouble;

use crate::text::{Text, fill};

/// The most characters that a reason may have.
pub const REASON_CHARS_MAX: usize = 300;

/// What a case is, in the owner's words; a code that has none stands for itself.
fn label<'a>(code: &'a str, t: &'a Text) -> &'a str {
    let review = &t.review;
    match code {
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
        "L5.refund_reversed" => &review.refund_reversed,
        "L3.other_notice" => &review.other_notice,
        other => other,
    }
}

/// Why the reader has to sign in again before anything here is done.
fn fresh_words(minutes: u32, t: &Text) -> String {
    fill(&t.desk.fresh_body, &[("minutes", &minutes.to_string())])
}
