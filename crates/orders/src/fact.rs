//! What is known about an order. Facts are only ever added; each is unique for ever by its meaning, never by its time.

use crate::{AttemptNo, How, MemberId, Method, Outcome, Source, TradeNo, Twd};

/// The meaning of a fact as text. Two facts with one key are one fact.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactKey(String);

impl FactKey {
    /// Returns the key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why something authentic could not be applied and waits for a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParkedKind {
    /// Signed with our keys, about another merchant.
    WrongMerchant,
    /// About an order that we do not have.
    UnknownOrder,
    /// About another amount than the order's.
    WrongAmount,
    /// In another currency than the order's.
    WrongCurrency,
    /// A transfer that the gateway booked under another trade.
    MisPosted,
    /// A status that we do not know.
    UnknownValue,
    /// The gateway, asked, keeps saying otherwise than its notice did.
    Contradiction,
    /// One trade number, two orders.
    TradeOfAnother,
    /// An order was paid more than once.
    Surplus,
    /// Paid after the offer had ended.
    Late,
    /// The gateway took a refund back that it had made.
    RefundReversed,
    /// Authentic, but about something else than a payment: an invoice, a shipment.
    OtherNotice,
}

impl ParkedKind {
    /// Every kind there is.
    pub const ALL: [Self; 12] = [
        Self::WrongMerchant,
        Self::UnknownOrder,
        Self::WrongAmount,
        Self::WrongCurrency,
        Self::MisPosted,
        Self::UnknownValue,
        Self::Contradiction,
        Self::TradeOfAnother,
        Self::Surplus,
        Self::Late,
        Self::RefundReversed,
        Self::OtherNotice,
    ];

    /// Returns the stable code by line and cause.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::WrongMerchant => "L3.merchant",
            Self::UnknownOrder => "L3.unknown_order",
            Self::WrongAmount => "L3.amount",
            Self::WrongCurrency => "L3.currency",
            Self::MisPosted => "L3.mis_posted",
            Self::UnknownValue => "L3.unknown_value",
            Self::Contradiction => "L5.contradiction",
            Self::TradeOfAnother => "L4.trade_of_another",
            Self::Surplus => "L4.surplus",
            Self::Late => "L4.late",
            Self::RefundReversed => "L5.refund_reversed",
            Self::OtherNotice => "L3.other_notice",
        }
    }

    /// Returns the kind with this code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// Something authentic that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Parked {
    /// Why.
    pub kind: ParkedKind,
    /// How it came.
    pub source: Source,
    /// The attempt number that it names, as it names it.
    pub subject: String,
    /// The gateway's number, where it has one.
    pub trade_no: Option<TradeNo>,
    /// The amount it is about, where it names one.
    pub amount: Option<Twd>,
    /// The values that a person needs to see, without secrets and without words: the kind says what they mean.
    pub detail: String,
}

impl Parked {
    /// Returns the meaning of it, so that a repeat is not a second case.
    #[must_use]
    pub fn key(&self) -> String {
        let key = format!(
            "parked/{}/{}/{}/{}",
            self.kind.code(),
            self.subject,
            self.trade_no.as_ref().map_or("-", TradeNo::as_str),
            self.amount.map_or(0, Twd::dollars),
        );
        // What is about no payment may name nothing else that would tell one from the next.
        if self.kind == ParkedKind::OtherNotice {
            return format!("{key}/{}", self.detail);
        }
        key
    }
}

/// Why an offer ended without a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ending {
    /// Its time passed, and the gateway, asked, knew of no payment.
    Expired,
    /// The buyer or the shop cancelled it.
    Cancelled,
}

/// Something known about an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// The gateway said something about an attempt, and it fits the order.
    Reported {
        /// Which attempt.
        attempt: AttemptNo,
        /// Told or asked.
        source: Source,
        /// The gateway's number.
        trade_no: TradeNo,
        /// The amount; always the order's.
        amount: Twd,
        /// How it was paid or is to be paid.
        method: Option<Method>,
        /// What became of it.
        outcome: Outcome,
    },
    /// The buyer's browser came back from the gateway. It settles nothing.
    Returned {
        /// From which attempt.
        attempt: AttemptNo,
    },
    /// So much was given back in all.
    Refunded {
        /// Of which attempt.
        attempt: AttemptNo,
        /// The gateway's number.
        trade_no: TradeNo,
        /// The sum of all refunds of this trade so far.
        total: Twd,
        /// Who moved the money.
        how: How,
    },
    /// The gateway said something that does not fit the order.
    Parked {
        /// About which attempt.
        attempt: AttemptNo,
        /// What waits.
        parked: Parked,
    },
    /// The offer ended.
    Ended(Ending),
    /// A person looked into what waited and set it aside: the order goes on with what else is known.
    Decided {
        /// The meaning of what waited ([`Parked::key`]).
        case: String,
        /// Who decided.
        by: MemberId,
        /// Why, in that person's words.
        reason: String,
    },
    /// What was bought was handed over.
    Delivered {
        /// The payment that it was delivered for.
        trade_no: TradeNo,
    },
}

impl Fact {
    /// Returns the fact's meaning. Told and asked are two meanings, for line 5 needs both.
    #[must_use]
    pub fn key(&self) -> FactKey {
        FactKey(match self {
            Self::Reported {
                attempt,
                source,
                trade_no,
                amount,
                outcome,
                ..
            } => {
                let source = match source {
                    Source::Notice => "told",
                    Source::Query => "asked",
                };
                format!("{source}/{attempt}/{trade_no}/{}/{amount}", outcome.name())
            }
            Self::Returned { attempt } => format!("returned/{attempt}"),
            Self::Refunded {
                attempt,
                trade_no,
                total,
                ..
            } => format!("refunded/{attempt}/{trade_no}/{total}"),
            Self::Parked { parked, .. } => parked.key(),
            Self::Ended(Ending::Expired) => "ended/expired".to_owned(),
            Self::Ended(Ending::Cancelled) => "ended/cancelled".to_owned(),
            Self::Decided { case, .. } => format!("decided/{case}"),
            Self::Delivered { .. } => "delivered".to_owned(),
        })
    }

    /// Returns the attempt that the fact is about, where it is about one.
    #[must_use]
    pub fn attempt(&self) -> Option<&AttemptNo> {
        match self {
            Self::Reported { attempt, .. }
            | Self::Returned { attempt }
            | Self::Refunded { attempt, .. }
            | Self::Parked { attempt, .. } => Some(attempt),
            Self::Ended(_) | Self::Decided { .. } | Self::Delivered { .. } => None,
        }
    }
}
