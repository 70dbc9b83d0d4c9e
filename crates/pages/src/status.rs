//! How an order's status and a way to pay read to people.

use crate::text::Text;

/// The mood of a status or notice: its colour and icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Nothing to do and nothing awaited.
    Calm,
    /// Something is awaited.
    Wait,
    /// It went well.
    Good,
    /// A person must look.
    Alert,
}

impl Tone {
    /// The CSS class.
    #[must_use]
    pub fn class(self) -> &'static str {
        match self {
            Self::Calm => "calm",
            Self::Wait => "wait",
            Self::Good => "good",
            Self::Alert => "alert",
        }
    }
}

/// Where an order stands, as far as its buyer is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderStatus {
    /// No payment yet.
    Pending,
    /// A payment number is issued.
    AwaitingTransfer,
    /// The buyer came back from the gateway; its result is awaited.
    Confirming,
    /// The gateway says it is paid; our own query is awaited.
    Paid,
    /// Paid, confirmed and delivered.
    Fulfilled,
    /// A person must decide.
    Review,
    /// Part of it went back.
    PartiallyRefunded,
    /// All of it went back.
    Refunded,
    /// Not paid in time.
    Expired,
    /// Called off before payment.
    Cancelled,
}

impl OrderStatus {
    /// All of them, in the order of an order's life.
    pub const ALL: [Self; 10] = [
        Self::Pending,
        Self::AwaitingTransfer,
        Self::Confirming,
        Self::Paid,
        Self::Fulfilled,
        Self::Review,
        Self::PartiallyRefunded,
        Self::Refunded,
        Self::Expired,
        Self::Cancelled,
    ];

    /// The name used in addresses and filters, for example `awaiting_transfer`.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::AwaitingTransfer => "awaiting_transfer",
            Self::Confirming => "confirming",
            Self::Paid => "paid",
            Self::Fulfilled => "fulfilled",
            Self::Review => "review",
            Self::PartiallyRefunded => "partially_refunded",
            Self::Refunded => "refunded",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// Returns the status with this [`key`](Self::key).
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.key() == key)
    }

    /// Whether it ended without a payment.
    #[must_use]
    pub fn is_given_up(self) -> bool {
        matches!(self, Self::Expired | Self::Cancelled)
    }

    /// A word or two, for headings and lists.
    #[must_use]
    pub fn label(self, t: &Text) -> &str {
        let s = &t.status;
        match self {
            Self::Pending => &s.pending,
            Self::AwaitingTransfer => &s.awaiting_transfer,
            Self::Confirming => &s.confirming,
            Self::Paid => &s.paid,
            Self::Fulfilled => &s.fulfilled,
            Self::Review => &s.review,
            Self::PartiallyRefunded => &s.partially_refunded,
            Self::Refunded => &s.refunded,
            Self::Expired => &s.expired,
            Self::Cancelled => &s.cancelled,
        }
    }

    /// One or two sentences: what is known, what happens next.
    #[must_use]
    pub fn explanation(self, t: &Text) -> &str {
        let s = &t.status;
        match self {
            Self::Pending => &s.pending_explain,
            Self::AwaitingTransfer => &s.awaiting_transfer_explain,
            Self::Confirming => &s.confirming_explain,
            Self::Paid => &s.paid_explain,
            Self::Fulfilled => &s.fulfilled_explain,
            Self::Review => &s.review_explain,
            Self::PartiallyRefunded => &s.partially_refunded_explain,
            Self::Refunded => &s.refunded_explain,
            Self::Expired => &s.expired_explain,
            Self::Cancelled => &s.cancelled_explain,
        }
    }

    /// Its mood.
    #[must_use]
    pub fn tone(self) -> Tone {
        match self {
            Self::Pending | Self::AwaitingTransfer | Self::Confirming => Tone::Wait,
            Self::Paid | Self::Fulfilled => Tone::Good,
            Self::Review => Tone::Alert,
            Self::PartiallyRefunded | Self::Refunded | Self::Expired | Self::Cancelled => {
                Tone::Calm
            }
        }
    }

    /// Seconds after which a page without script asks again; `None` where nothing is awaited.
    #[must_use]
    pub fn refresh_s(self) -> Option<u32> {
        match self {
            Self::Confirming | Self::Paid => Some(5),
            Self::Pending => Some(30),
            Self::AwaitingTransfer | Self::Review => Some(60),
            Self::Fulfilled
            | Self::PartiallyRefunded
            | Self::Refunded
            | Self::Expired
            | Self::Cancelled => None,
        }
    }
}

/// How an attempt was, or is to be, paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Method {
    /// Credit or debit card.
    Card,
    /// Bank transfer to a number made for this attempt.
    Atm,
    /// A code paid at a convenience store's counter.
    Cvs,
    /// LINE Pay.
    LinePay,
    /// 街口支付.
    JkoPay,
    /// icash Pay.
    IcashPay,
    /// AFTEE.
    Aftee,
    /// One we have no text for; shown as it is.
    Other(String),
    /// The buyer has not chosen yet.
    Unknown,
}

impl Method {
    /// Its name.
    #[must_use]
    pub fn label<'a>(&'a self, t: &'a Text) -> &'a str {
        let m = &t.method;
        match self {
            Self::Card => &m.card,
            Self::Atm => &m.atm,
            Self::Cvs => &m.cvs,
            Self::LinePay => &m.line_pay,
            Self::JkoPay => &m.jko_pay,
            Self::IcashPay => &m.icash_pay,
            Self::Aftee => &m.aftee,
            Self::Other(name) => name,
            Self::Unknown => &m.unknown,
        }
    }
}
