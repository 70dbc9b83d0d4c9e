//! Why an act of the back office was not carried out: said on the page it came from.

use crate::text::{Text, fill};

/// Why something was not done. Nothing of it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The sign-in is too old for it.
    SignInAgain,
    /// The amount is no whole number of dollars.
    BadAmount,
    /// More than may still go back.
    TooMuch {
        /// What may still go back.
        left_text: String,
    },
    /// This payment goes back whole or not at all.
    WholeOnly,
    /// The gateway's time for it is over.
    TooLate,
    /// The order has no such payment.
    NoPayment,
    /// A reason is missing.
    NoReason,
    /// The reason is too long.
    LongReason,
    /// The gateway gave no answer.
    GatewaySilent,
    /// Another refund of the payment is under way.
    UnderWay,
    /// The gateway shows nothing that could go back.
    NothingThere,
    /// The second person must be another one.
    SamePerson,
    /// It stands otherwise by now: somebody else was quicker.
    Moved,
}

impl Trouble {
    /// The HTTP status that fits.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::SignInAgain | Self::SamePerson => 403,
            Self::UnderWay | Self::NothingThere | Self::Moved => 409,
            Self::BadAmount
            | Self::TooMuch { .. }
            | Self::WholeOnly
            | Self::TooLate
            | Self::NoPayment
            | Self::NoReason
            | Self::LongReason => 422,
            Self::GatewaySilent => 503,
        }
    }

    /// What happened and what to do now.
    #[must_use]
    pub fn words(&self, t: &Text) -> String {
        let trouble = &t.trouble;
        let plain = match self {
            Self::TooMuch { left_text } => return fill(&trouble.too_much, &[("left", left_text)]),
            Self::SignInAgain => &trouble.sign_in_again,
            Self::BadAmount => &trouble.bad_amount,
            Self::WholeOnly => &trouble.whole_only,
            Self::TooLate => &trouble.too_late,
            Self::NoPayment => &trouble.no_payment,
            Self::NoReason => &trouble.no_reason,
            Self::LongReason => &trouble.long_reason,
            Self::GatewaySilent => &trouble.gateway_silent,
            Self::UnderWay => &trouble.under_way,
            Self::NothingThere => &trouble.nothing_there,
            Self::SamePerson => &trouble.same_person,
            Self::Moved => &trouble.moved,
        };
        plain.clone()
    }
}
