//! An order's page: what is known, what is awaited, and what the buyer can do.

use askama::Template;

use crate::shell::{Shell, When};
use crate::status::{Method, OrderStatus, Tone};
use crate::text::{Text, fill};
use crate::timeline::{OrderTimes, Step, timeline};

/// A line of an order.
#[derive(Clone, Debug)]
pub struct LineItem {
    /// Product name at the time of the order.
    pub name: String,
    /// How many.
    pub quantity: u32,
    /// Price of one.
    pub unit_text: String,
    /// Price of all.
    pub subtotal_text: String,
}

/// What became of an attempt to pay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    /// Nothing is known yet.
    Started,
    /// A payment number was issued.
    NumberIssued,
    /// It was paid.
    Succeeded,
    /// It failed, with the gateway's reason where it gave one.
    Failed(Option<String>),
    /// It ran out of time.
    Expired,
    /// The authorisation was voided.
    Voided,
}

/// One attempt to pay.
#[derive(Clone, Debug)]
pub struct AttemptView {
    /// 1 for the first.
    pub number: u32,
    /// The number sent to the gateway.
    pub attempt_no: String,
    /// How.
    pub method: Method,
    /// The card's last four digits, never more.
    pub card_last4: Option<String>,
    /// What became of it.
    pub outcome: AttemptOutcome,
    /// When it was made.
    pub at: When,
    /// The gateway's trade number; shown in the back office only.
    pub trade_no: Option<String>,
}

/// Where a payment number is paid.
#[derive(Clone, Debug)]
pub enum PaymentPlace {
    /// By transfer.
    Atm {
        /// Three digits.
        bank_code: String,
        /// The bank's name, where known.
        bank_name: Option<String>,
    },
    /// At a convenience store.
    Cvs {
        /// The chain's name, where known.
        store: Option<String>,
    },
}

/// A payment number that waits to be paid.
#[derive(Clone, Debug)]
pub struct PaymentNumber {
    /// Where.
    pub place: PaymentPlace,
    /// The account number or code, without spaces.
    pub number: String,
    /// The exact amount.
    pub amount_text: String,
    /// Until when.
    pub deadline: When,
}

/// Why the page offers to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayReason {
    /// Not tried yet, or left at the gateway.
    First,
    /// The last attempt failed.
    Again,
    /// A number is issued, but another method is possible.
    Change,
}

/// The form that starts a new attempt: `POST /orders/{no}/pay`.
#[derive(Clone, Debug)]
pub struct PayAction {
    /// What it says.
    pub reason: PayReason,
    /// Form token; sent as `csrf`.
    pub csrf: String,
    /// Idempotency key; sent as `checkout_key`.
    pub checkout_key: String,
}

/// An order's page.
#[derive(Clone, Debug)]
pub struct OrderView {
    /// Order number.
    pub order_no: String,
    /// Where it stands.
    pub status: OrderStatus,
    /// When what became known.
    pub times: OrderTimes,
    /// What was ordered.
    pub items: Vec<LineItem>,
    /// The whole amount.
    pub total_text: String,
    /// What has gone back, if anything.
    pub refunded_text: Option<String>,
    /// Who ordered, as they may read it.
    pub buyer: Option<String>,
    /// Attempts to pay, the newest first.
    pub attempts: Vec<AttemptView>,
    /// A number that waits to be paid.
    pub number: Option<PaymentNumber>,
    /// The pay form, where paying is possible now.
    pub pay: Option<PayAction>,
    /// Token of the cancel form `POST /orders/{no}/cancel`, where cancelling is possible.
    pub cancel_csrf: Option<String>,
    /// Whether `/orders/{no}/receipt` is open.
    pub has_receipt: bool,
    /// When this was read from the ledger.
    pub as_of: When,
}

impl AttemptView {
    pub(crate) fn title(&self, t: &Text) -> String {
        fill(&t.order.attempt_n, &[("n", &self.number.to_string())])
    }

    pub(crate) fn card(&self, t: &Text) -> Option<String> {
        let last4 = self.card_last4.as_deref()?;
        // Whatever is handed in, no more than four digits are ever printed.
        let skip = last4.chars().count().saturating_sub(4);
        let last4: String = last4.chars().skip(skip).collect();
        Some(fill(&t.order.card, &[("last4", &last4)]))
    }

    pub(crate) fn outcome_label<'a>(&self, t: &'a Text) -> &'a str {
        match self.outcome {
            AttemptOutcome::Started => &t.attempt.started,
            AttemptOutcome::NumberIssued => &t.attempt.number_issued,
            AttemptOutcome::Succeeded => &t.attempt.succeeded,
            AttemptOutcome::Failed(_) => &t.attempt.failed,
            AttemptOutcome::Expired => &t.attempt.expired,
            AttemptOutcome::Voided => &t.attempt.voided,
        }
    }

    pub(crate) fn reason(&self) -> Option<&str> {
        match &self.outcome {
            AttemptOutcome::Failed(reason) => reason.as_deref(),
            AttemptOutcome::Started
            | AttemptOutcome::NumberIssued
            | AttemptOutcome::Succeeded
            | AttemptOutcome::Expired
            | AttemptOutcome::Voided => None,
        }
    }

    pub(crate) fn tone(&self) -> Tone {
        match self.outcome {
            AttemptOutcome::Started | AttemptOutcome::NumberIssued => Tone::Wait,
            AttemptOutcome::Succeeded => Tone::Good,
            AttemptOutcome::Failed(_) => Tone::Alert,
            AttemptOutcome::Expired | AttemptOutcome::Voided => Tone::Calm,
        }
    }
}

impl OrderView {
    /// Why the newest attempt failed, where it did.
    fn last_reason(&self) -> Option<&str> {
        self.attempts.first().and_then(AttemptView::reason)
    }
}

impl PaymentNumber {
    /// Groups of four, so that a long number can be read and typed; copying it gives no spaces.
    fn groups(&self) -> Vec<String> {
        let chars: Vec<char> = self.number.chars().collect();
        chars
            .chunks(4)
            .map(|group| group.iter().collect())
            .collect()
    }

    fn title<'a>(&self, t: &'a Text) -> &'a str {
        match self.place {
            PaymentPlace::Atm { .. } => &t.number.atm_title,
            PaymentPlace::Cvs { .. } => &t.number.cvs_title,
        }
    }

    fn how<'a>(&self, t: &'a Text) -> &'a str {
        match self.place {
            PaymentPlace::Atm { .. } => &t.number.atm_how,
            PaymentPlace::Cvs { .. } => &t.number.cvs_how,
        }
    }

    fn number_label<'a>(&self, t: &'a Text) -> &'a str {
        match self.place {
            PaymentPlace::Atm { .. } => &t.number.account,
            PaymentPlace::Cvs { .. } => &t.number.code,
        }
    }

    fn place_label<'a>(&self, t: &'a Text) -> &'a str {
        match self.place {
            PaymentPlace::Atm { .. } => &t.number.bank,
            PaymentPlace::Cvs { .. } => &t.number.store,
        }
    }

    fn place_text(&self) -> Option<String> {
        match &self.place {
            PaymentPlace::Atm {
                bank_code,
                bank_name: Some(name),
            } => Some(format!("{bank_code} {name}")),
            PaymentPlace::Atm {
                bank_code,
                bank_name: None,
            } => Some(bank_code.clone()),
            PaymentPlace::Cvs { store } => store.clone(),
        }
    }
}

impl PayAction {
    fn is_change(&self) -> bool {
        self.reason == PayReason::Change
    }

    fn is_again(&self) -> bool {
        self.reason == PayReason::Again
    }

    fn body<'a>(&self, t: &'a Text) -> &'a str {
        match self.reason {
            PayReason::First => &t.order.pay_body,
            PayReason::Again => &t.order.pay_again_body,
            PayReason::Change => &t.order.change_method_body,
        }
    }

    fn button<'a>(&self, t: &'a Text) -> &'a str {
        match self.reason {
            PayReason::First => &t.order.pay,
            PayReason::Again => &t.order.pay_again,
            PayReason::Change => &t.order.change_method,
        }
    }
}

#[derive(Template)]
#[template(path = "order.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a OrderView,
    title: String,
    as_of: String,
    steps: Vec<Step>,
}

/// Renders an order's page. While something is awaited it follows `/orders/{no}/events` by script,
/// or reloads itself where there is none.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn order(shell: &Shell, view: &OrderView) -> Result<String, askama::Error> {
    let t = shell.text();
    Page {
        shell,
        t,
        v: view,
        title: fill(&t.order.title, &[("no", &view.order_no)]),
        as_of: fill(&t.order.updated_at, &[("time", &view.as_of.text)]),
        steps: timeline(view.status, &view.times, t),
    }
    .render()
}
