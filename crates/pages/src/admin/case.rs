//! One case of the review list: what was said, what it means, and setting it aside with a reason.

use askama::Template;

use super::Trouble;
use crate::shell::{Shell, When};
use crate::status::OrderStatus;
use crate::text::{Text, fill};

/// What a person decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Who.
    pub by: String,
    /// When.
    pub at: When,
    /// Why, in that person's words.
    pub reason: String,
}

impl Decision {
    /// Who, in words: a rule of the shop's has no address.
    pub(super) fn who<'a>(&'a self, t: &'a Text) -> &'a str {
        match self.by.as_str() {
            "shop" => &t.desk.actor_shop,
            by => by,
        }
    }
}

/// The order that a case is about.
#[derive(Clone, Debug)]
pub struct CaseOrder {
    /// Its number.
    pub no: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// The whole amount.
    pub total_text: String,
    /// Whether any of its payments may still go back.
    pub refundable: bool,
}

/// One case.
#[derive(Clone, Debug)]
pub struct CaseView {
    /// Its number.
    pub n: i64,
    /// Its code, such as `L3.amount`.
    pub code: String,
    /// What it names itself to be about.
    pub subject: String,
    /// The gateway's number.
    pub trade_no: Option<String>,
    /// The amount it speaks of.
    pub said_text: Option<String>,
    /// The values that were found.
    pub detail: String,
    /// When it came in.
    pub received: When,
    /// The order, where it is one of ours.
    pub order: Option<CaseOrder>,
    /// What was decided; `None` while it waits.
    pub decision: Option<Decision>,
    /// What stands in the reason's field.
    pub reason: String,
    /// Minutes that a sign-in counts as fresh, where the reader's is older.
    pub sign_in_again: Option<u32>,
    /// Why the last act was not carried out.
    pub trouble: Option<Trouble>,
}

impl CaseView {
    fn label<'a>(&'a self, t: &'a Text) -> &'a str {
        super::label(&self.code, t)
    }

    /// What it means, and what may be done about it.
    fn texts(&self, t: &Text) -> [String; 2] {
        let c = &t.case;
        let [means, next] = match self.code.as_str() {
            "L3.merchant" => [&c.merchant, &c.merchant_next],
            "L3.unknown_order" => [&c.unknown_order, &c.unknown_order_next],
            "L3.amount" => [&c.amount, &c.amount_next],
            "L3.currency" => [&c.currency, &c.currency_next],
            "L3.mis_posted" => [&c.mis_posted, &c.mis_posted_next],
            "L3.unknown_value" => [&c.unknown_value, &c.unknown_value_next],
            "L5.contradiction" => [&c.contradiction, &c.contradiction_next],
            "L4.trade_of_another" => [&c.trade_of_another, &c.trade_of_another_next],
            "L4.surplus" => [&c.surplus, &c.surplus_next],
            "L4.late" => [&c.late, &c.late_next],
            "L5.refund_reversed" => [&c.refund_reversed, &c.refund_reversed_next],
            "L3.other_notice" => [&c.other_notice, &c.other_notice_next],
            _ => [&c.unknown, &c.unknown_next],
        };
        let none = t.admin.none.as_str();
        let ours = self.order.as_ref().map(|order| order.total_text.as_str());
        let detail = Some(self.detail.as_str()).filter(|text| !text.is_empty());
        let places = [
            ("said", self.said_text.as_deref().unwrap_or(none)),
            ("ours", ours.unwrap_or(none)),
            ("subject", self.subject.as_str()),
            ("trade", self.trade_no.as_deref().unwrap_or(none)),
            ("detail", detail.unwrap_or(none)),
        ];
        // An amount does not break between its currency and its digits.
        [means, next].map(|text| fill(text, &places).replace("NT$ ", "NT$\u{a0}"))
    }
}

#[derive(Template)]
#[template(path = "admin_case.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a CaseView,
    title: String,
    means: String,
    next: String,
    reason_max: usize,
    fresh: Option<String>,
}

/// Renders one case.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn admin_case(shell: &Shell, view: &CaseView) -> Result<String, askama::Error> {
    let t = shell.text();
    let [means, next] = view.texts(t);
    Page {
        shell,
        t,
        v: view,
        title: fill(&t.case.title, &[("n", &view.n.to_string())]),
        means,
        next,
        reason_max: super::REASON_CHARS_MAX,
        fresh: view
            .sign_in_again
            .map(|minutes| super::fresh_words(minutes, t)),
    }
    .render()
}
