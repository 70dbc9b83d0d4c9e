//! Giving money back: what a refund is, where it stands, which moves are lawful, and how much may still go back.
//!
//! A refund is a wish of ours until the gateway has answered it, so unlike an order's status its state is not folded from
//! what others say: it moves, one lawful move at a time, and each move is one commit. What the gateway says it gave back
//! stays a fact of the order ([`crate::Fact::Refunded`]).

use crate::{AttemptNo, Book, IdError, MemberId, OrderNo, TradeNo, Twd};
use jiff::{SignedDuration, Timestamp};
use std::{fmt, str::FromStr};

/// PAYUNi gives cards back within 180 days of the capture (PAYUNi docs page 38).
pub const REFUND_WITHIN: SignedDuration = SignedDuration::from_hours(180 * 24);
/// The longest reason that is kept, in characters.
pub const REASON_CHARS_MAX: usize = 300;

/// A refund's own number: `R` and 80 random bits in Crockford's base 32.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefundNo(String);

impl RefundNo {
    /// Makes a number from 80 bits of entropy, which must come from a CSPRNG.
    #[must_use]
    pub fn mint(entropy: [u8; 10]) -> Self {
        Self(format!("R{}", crate::ids::crockford(entropy)))
    }

    /// Returns the number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RefundNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RefundNo {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let random = text.strip_prefix('R').unwrap_or_default();
        if crate::ids::is_crockford(random) {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError {
                what: "refund number",
            })
        }
    }
}

/// Who moves the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// The gateway, asked by us: a card's void or refund, a wallet's refund.
    Gateway,
    /// A person, by a bank transfer of their own: what was paid at a bank or a store has no way back.
    ByHand,
}

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefundState {
    /// A second person must agree first.
    Requested,
    /// A person said no, or took it back, before anything was sent.
    Rejected,
    /// Its amount is set aside; nothing was sent.
    Reserved,
    /// It may have left for the gateway.
    Sent,
    /// It left, and nobody knows whether it arrived. Only asking resolves it; it is never sent again blindly.
    InDoubt,
    /// The money went back.
    Done,
    /// The gateway refused it; nothing went back.
    Refused,
    /// The gateway took it back afterwards.
    Reversed,
}

/// What happens to a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Move {
    /// A second person agrees.
    Approve,
    /// A person says no, or takes it back.
    Reject,
    /// It is about to leave for the gateway.
    Send,
    /// The money went back: the gateway said so, or a person who moved it.
    Succeed,
    /// The gateway, or a rule of its, refused it.
    Refuse,
    /// It left, and no answer came that can be believed.
    LoseTrack,
    /// The gateway, asked, shows that it never happened.
    FindNothing,
    /// The gateway shows that it took it back.
    Reverse,
}

impl RefundState {
    /// Every state there is.
    pub const ALL: [Self; 8] = [
        Self::Requested,
        Self::Rejected,
        Self::Reserved,
        Self::Sent,
        Self::InDoubt,
        Self::Done,
        Self::Refused,
        Self::Reversed,
    ];

    /// Returns the state's stable name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Rejected => "rejected",
            Self::Reserved => "reserved",
            Self::Sent => "sent",
            Self::InDoubt => "in_doubt",
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Reversed => "reversed",
        }
    }

    /// Returns whether a refund in this state takes part of what may go back.
    #[must_use]
    pub fn holds_money(self) -> bool {
        matches!(
            self,
            Self::Reserved | Self::Sent | Self::InDoubt | Self::Done
        )
    }

    /// Returns where a move leads; `None` where it is not lawful from here.
    #[must_use]
    pub fn after(self, step: Move) -> Option<Self> {
        LAWFUL
            .iter()
            .find(|(from, by, _)| *from == self && *by == step)
            .map(|(_, _, to)| *to)
    }
}

impl FromStr for RefundState {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(IdError {
                what: "refund state",
            })
    }
}

/// Every lawful move. In doubt, neither time nor another try leads out: only what the gateway shows.
pub const LAWFUL: &[(RefundState, Move, RefundState)] = {
    use Move as M;
    use RefundState as S;
    &[
        (S::Requested, M::Approve, S::Reserved),
        (S::Requested, M::Reject, S::Rejected),
        (S::Reserved, M::Reject, S::Rejected),
        (S::Reserved, M::Send, S::Sent),
        // A rule that asking showed before anything was sent.
        (S::Reserved, M::Refuse, S::Refused),
        // By hand: whoever moved the money says so.
        (S::Reserved, M::Succeed, S::Done),
        (S::Sent, M::Succeed, S::Done),
        (S::Sent, M::Refuse, S::Refused),
        (S::Sent, M::LoseTrack, S::InDoubt),
        (S::InDoubt, M::Succeed, S::Done),
        (S::InDoubt, M::FindNothing, S::Reserved),
        (S::Done, M::Reverse, S::Reversed),
    ]
};

/// One refund of one trade.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its number.
    pub no: RefundNo,
    /// Of which order.
    pub order: OrderNo,
    /// Which attempt paid it.
    pub attempt: AttemptNo,
    /// The gateway's number of the payment.
    pub trade_no: TradeNo,
    /// How much.
    pub amount: Twd,
    /// Who moves the money.
    pub how: How,
    /// Why, in the requester's words.
    pub reason: String,
    /// Whether a second person must agree.
    pub two_persons: bool,
    /// Who asked for it.
    pub requester: MemberId,
    /// Who agreed.
    pub approver: Option<MemberId>,
    /// Where it stands.
    pub state: RefundState,
    /// Counts its moves: a move is made from the version that was seen, or not at all.
    pub version: u32,
    /// What the gateway had given back of the trade before this one was sent, in dollars.
    pub baseline: u32,
    /// How often the gateway was asked about it in vain.
    pub asks: u32,
    /// The last word about it: the gateway's code, or a person's reason.
    pub word: String,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// When it was last sent.
    pub sent_at: Option<Timestamp>,
    /// When it last moved.
    pub changed_at: Timestamp,
}

/// Why a refund may not be asked for. Each has a stable code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotRefund {
    /// The order has no such payment.
    #[error("the order has no such payment")]
    NoPayment,
    /// More than may still go back.
    #[error("only {left} dollars may still go back")]
    TooMuch {
        /// What may still go back, in dollars.
        left: u32,
    },
    /// The gateway's time for it is over.
    #[error("the payment is too old to be given back through the gateway")]
    TooLate,
    /// The gateway gives this payment back whole or not at all.
    #[error("this payment can only be given back whole")]
    WholeOnly,
}

impl CannotRefund {
    /// Returns the stable code by line and cause.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoPayment => "L3.refund_payment",
            Self::TooMuch { .. } => "L4.refund_amount",
            Self::TooLate => "L3.refund_late",
            Self::WholeOnly => "L3.refund_whole",
        }
    }
}

/// Returns how much of a payment may still go back, in dollars.
///
/// What the gateway is known to have given back counts too, whoever asked for it, less what it took back again. Where it
/// shows one that is still in doubt here, that one counts twice until it is resolved: too little is the safe side.
#[must_use]
pub fn refundable(book: &Book, trade: &TradeNo, refunds: &[Refund]) -> u32 {
    let Some(payment) = book
        .payments()
        .into_iter()
        .find(|payment| payment.trade_no == *trade)
    else {
        return 0;
    };
    let sum = |test: fn(RefundState) -> bool| -> u64 {
        refunds
            .iter()
            .filter(|refund| refund.trade_no == *trade && test(refund.state))
            .map(|refund| u64::from(refund.amount.dollars()))
            .sum()
    };
    let done = sum(|state| state == RefundState::Done);
    let under_way = sum(|state| state.holds_money() && state != RefundState::Done);
    let reversed = sum(|state| state == RefundState::Reversed);
    let gone = book.refunded_of(trade).saturating_sub(reversed).max(done);
    let left = u64::from(payment.amount.dollars())
        .saturating_sub(gone)
        .saturating_sub(under_way);
    u32::try_from(left).unwrap_or(u32::MAX)
}

/// Holds a wish to what is known: the payment is the order's, and so much may still go back.
///
/// # Errors
/// Why it may not.
pub fn check(
    book: &Book,
    trade: &TradeNo,
    amount: Twd,
    refunds: &[Refund],
) -> Result<AttemptNo, CannotRefund> {
    let payment = book
        .payments()
        .into_iter()
        .find(|payment| payment.trade_no == *trade)
        .ok_or(CannotRefund::NoPayment)?;
    #[cfg(feature = "ablation")]
    if book.ablated.refunds {
        return Ok(payment.attempt);
    }
    let left = refundable(book, trade, refunds);
    if amount.dollars() > left {
        return Err(CannotRefund::TooMuch { left });
    }
    Ok(payment.attempt)
}

#[cfg(test)]
mod tests;
