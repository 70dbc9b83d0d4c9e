//! Refunds as the back office shows them: where each stands, what may be done, and the form that asks for one.

use crate::shell::When;
use crate::status::{Method, Tone};
use crate::text::Text;

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundState {
    /// A second person must agree.
    Requested,
    /// A person said no.
    Rejected,
    /// Its amount is set aside; it is about to leave.
    Reserved,
    /// Its amount is set aside; a person is to transfer it.
    ToTransfer,
    /// It may have left.
    Sent,
    /// Nobody knows whether it arrived.
    InDoubt,
    /// The gateway gave it back.
    Done,
    /// A person transferred it.
    Transferred,
    /// The gateway refused it.
    Refused,
    /// The gateway took it back.
    Reversed,
}

impl RefundState {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Requested,
        Self::Rejected,
        Self::Reserved,
        Self::ToTransfer,
        Self::Sent,
        Self::InDoubt,
        Self::Done,
        Self::Transferred,
        Self::Refused,
        Self::Reversed,
    ];

    /// A word or two.
    #[must_use]
    pub fn label(self, t: &Text) -> &str {
        let r = &t.refund_state;
        match self {
            Self::Requested => &r.requested,
            Self::Rejected => &r.rejected,
            Self::Reserved => &r.reserved,
            Self::ToTransfer => &r.to_transfer,
            Self::Sent => &r.sent,
            Self::InDoubt => &r.in_doubt,
            Self::Done => &r.done,
            Self::Transferred => &r.transferred,
            Self::Refused => &r.refused,
            Self::Reversed => &r.reversed,
        }
    }

    /// What it means for the money, and what happens next.
    #[must_use]
    pub fn explanation(self, t: &Text) -> &str {
        let r = &t.refund_state;
        match self {
            Self::Requested => &r.requested_explain,
            Self::Rejected => &r.rejected_explain,
            Self::Reserved => &r.reserved_explain,
            Self::ToTransfer => &r.to_transfer_explain,
            Self::Sent => &r.sent_explain,
            Self::InDoubt => &r.in_doubt_explain,
            Self::Done => &r.done_explain,
            Self::Transferred => &r.transferred_explain,
            Self::Refused => &r.refused_explain,
            Self::Reversed => &r.reversed_explain,
        }
    }

    /// Whether it goes on by itself, so that looking again is worth while.
    #[must_use]
    pub fn goes_on(self) -> bool {
        matches!(self, Self::Reserved | Self::Sent | Self::InDoubt)
    }

    /// Its mood.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Requested | Self::Reserved | Self::ToTransfer | Self::Sent => Tone::Wait,
            Self::InDoubt | Self::Refused | Self::Reversed => Tone::Alert,
            Self::Done | Self::Transferred => Tone::Good,
            Self::Rejected => Tone::Calm,
        }
    }
}

/// What the reader may do with a refund.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RefundActions {
    /// Agree as the second person.
    pub approve: bool,
    /// Say no, or take it back.
    pub reject: bool,
    /// Say that the money was transferred.
    pub transferred: bool,
    /// Say what the gateway's console shows of a refund in doubt.
    pub resolve: bool,
    /// The reader asked for it and cannot agree to it.
    pub own: bool,
}

/// One refund.
#[derive(Clone, Debug)]
pub struct RefundRow {
    /// Its number.
    pub no: String,
    /// How much.
    pub amount_text: String,
    /// Where it stands.
    pub state: RefundState,
    /// The gateway's number of the payment.
    pub trade_no: String,
    /// Why, in the requester's words.
    pub reason: String,
    /// Who asked for it.
    pub requested_by: String,
    /// When.
    pub requested: When,
    /// Who agreed.
    pub approved_by: Option<String>,
    /// When it last moved.
    pub changed: When,
    /// The last word about it: the gateway's reason, or a person's.
    pub word: Option<String>,
    /// What the reader may do.
    pub actions: RefundActions,
}

/// Reasons to choose from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RefundReason {
    /// The buyer wants it.
    #[default]
    Buyer,
    /// It cannot be delivered.
    OutOfStock,
    /// It was paid twice.
    PaidTwice,
    /// Something else, to be said in a note.
    Other,
}

impl RefundReason {
    /// All of them, as they are offered.
    pub const ALL: [Self; 4] = [Self::Buyer, Self::OutOfStock, Self::PaidTwice, Self::Other];

    /// The value in the form.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Buyer => "buyer",
            Self::OutOfStock => "out_of_stock",
            Self::PaidTwice => "paid_twice",
            Self::Other => "other",
        }
    }

    /// Returns the reason with this [`key`](Self::key).
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.key() == key)
    }

    /// How it reads.
    #[must_use]
    pub fn label(self, t: &Text) -> &str {
        let d = &t.desk;
        match self {
            Self::Buyer => &d.reason_buyer,
            Self::OutOfStock => &d.reason_out_of_stock,
            Self::PaidTwice => &d.reason_paid_twice,
            Self::Other => &d.reason_other,
        }
    }
}

/// How money goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundWay {
    /// A card: void or refund, as the gateway shows it then.
    Card,
    /// LINE Pay.
    LinePay,
    /// Another way of the gateway's.
    Gateway,
    /// A person transfers it.
    ByHand,
}

impl RefundWay {
    /// What will happen.
    #[must_use]
    pub fn words(self, t: &Text) -> &str {
        let d = &t.desk;
        match self {
            Self::Card => &d.way_card,
            Self::LinePay => &d.way_line_pay,
            Self::Gateway => &d.way_gateway,
            Self::ByHand => &d.way_by_hand,
        }
    }

    fn button(self, t: &Text) -> &str {
        let d = &t.desk;
        match self {
            Self::Card | Self::LinePay | Self::Gateway => &d.refund_button,
            Self::ByHand => &d.by_hand_button,
        }
    }
}

/// The form that asks for a refund: `POST /admin/orders/{no}/refunds`.
#[derive(Clone, Debug)]
pub struct RefundForm {
    /// The refund's number, made with the form; sent as `refund_no`.
    pub refund_no: String,
    /// What stands in the amount's field: digits only.
    pub amount: String,
    /// The chosen reason.
    pub reason: RefundReason,
    /// The note beside it.
    pub note: String,
}

/// A payment, and what may go back of it.
#[derive(Clone, Debug)]
pub struct PaymentRefund {
    /// The gateway's number; sent as `trade_no`.
    pub trade_no: String,
    /// How it was paid.
    pub method: Method,
    /// How much it brought.
    pub paid_text: String,
    /// How much may still go back.
    pub left_text: String,
    /// How it goes back.
    pub way: RefundWay,
    /// The form; `None` where nothing is left, or the reader must sign in again first.
    pub form: Option<RefundForm>,
}

impl PaymentRefund {
    pub(super) fn button<'a>(&self, t: &'a Text) -> &'a str {
        self.way.button(t)
    }
}

impl RefundForm {
    pub(super) fn reasons(&self) -> Vec<(RefundReason, bool)> {
        RefundReason::ALL
            .into_iter()
            .map(|reason| (reason, reason == self.reason))
            .collect()
    }
}
