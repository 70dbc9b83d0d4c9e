//! What persons do: refunds, decisions about what waits, and the trail of both.

use crate::{ExceptionRow, LedgerError, Recorded};
use async_trait::async_trait;
use jiff::Timestamp;
use orders::{
    AttemptNo, CannotRefund, How, MemberId, Move, OrderNo, Refund, RefundNo, TradeNo, Twd,
};

/// The note in a throw-away file that says which guards are off.
#[cfg(feature = "ablation")]
pub(crate) const ABLATED_NOTE: &str = "ablated";

/// Who decides by the rule `[late]` of `jinliu.toml`: no member, and the auditor knows it.
pub const LATE_RULE: (&str, &str) = ("shop", "late-payment-rule");

/// The name, less the address, of the note that binds a back-office address to an account.
pub const ADMIN_NOTE: &str = "admin ";

/// Who acts, and what must hold of them in the very transaction that their act is written in.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The member.
    pub member: MemberId,
    /// The hash of the session that the act came with; it must still be alive.
    pub session: String,
    /// The session's sign-in must not be older than this.
    pub signed_in_since: Timestamp,
    /// The addresses that may act. The member's must be one of them, verified, and bound to this account.
    pub admins: Vec<String>,
}

/// A refund to be asked for.
#[derive(Clone, Debug)]
pub struct NewRefund {
    /// Its number.
    pub no: RefundNo,
    /// Of which order.
    pub order: OrderNo,
    /// Of which payment.
    pub trade_no: TradeNo,
    /// How much.
    pub amount: Twd,
    /// Who moves the money.
    pub how: How,
    /// Why; 1 to 300 characters.
    pub reason: String,
    /// So many dollars of one order go back, in all, without a second person; beyond them one must agree. Many small refunds
    /// are one large one.
    pub alone_up_to: u32,
    /// The form's key: one form makes one refund of an order, however often it is sent.
    pub form_key: String,
}

/// Why a person's act was not written. Nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The member may not act, or no longer.
    #[error("this member may not do this")]
    Forbidden,
    /// The sign-in is too old for an act that moves money.
    #[error("the sign-in is too old for this")]
    SignInAgain,
    /// There is no such refund, case or order.
    #[error("there is no such thing")]
    NotFound,
    /// A rule of refunds.
    #[error(transparent)]
    Cannot(#[from] CannotRefund),
    /// Whoever asked for a refund does not agree to it as the second person.
    #[error("the second person must be another one")]
    SamePerson,
    /// It moved in the meantime, or may not move so.
    #[error("it stands otherwise by now")]
    Moved,
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl DeskError {
    /// Returns the stable code by line and cause; `None` for a failure of ours.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Forbidden => Some("L3.role"),
            Self::SignInAgain => Some("L2.stale_sign_in"),
            Self::NotFound => Some("L3.not_found"),
            Self::Cannot(cannot) => Some(cannot.code()),
            Self::SamePerson => Some("L5.same_person"),
            Self::Moved => Some("L4.moved"),
            Self::Ledger(_) => None,
        }
    }
}

/// A move of a refund that the shop makes by itself.
#[derive(Clone, Debug)]
pub struct RefundMove {
    /// The move.
    pub step: Move,
    /// The gateway's code and words; empty where there are none.
    pub word: String,
    /// For a refund about to leave: what the gateway has given back of the trade so far, in dollars.
    pub baseline: Option<u32>,
    /// For one that succeeded: the trade's total by the gateway's books, where it was asked.
    pub total: Option<Twd>,
    /// When to go on with it; `None` where nothing is left to do.
    pub due: Option<Timestamp>,
}

/// A message that concerns an order and was refused.
#[derive(Clone, Debug)]
pub struct Refused {
    /// The order it names.
    pub order: OrderNo,
    /// The stable code by line and cause.
    pub code: &'static str,
    /// SHA-256 of the message, as hex: the same message is written once.
    pub digest: String,
    /// Where it came in: `notice` or `return`.
    pub door: &'static str,
}

/// A row of the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrailRow {
    /// Its place in the chain, without gaps.
    pub n: i64,
    /// When.
    pub at: Timestamp,
    /// `payuni`, `shop`, or a member as `issuer sub`.
    pub actor: String,
    /// `fact`, `parked`, `refused`, `refund` or `decided`.
    pub action: String,
    /// The stable code, kind or state.
    pub code: String,
    /// What a person needs to know.
    pub detail: String,
    /// What makes it one row, however often it came.
    pub meaning: String,
    /// The chain's hash up to here.
    pub hash: String,
}

/// What persons do, and what the shop does about refunds. Every write is one commit, as in [`crate::Ledger`].
#[async_trait]
pub trait Desk: Send + Sync + 'static {
    /// Asks for a refund: it is reserved, or waits for a second person. The same form gives the same refund.
    async fn request_refund(
        &self,
        new: NewRefund,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Refund, DeskError>;
    /// A second person agrees: it is reserved.
    async fn approve_refund(
        &self,
        no: &RefundNo,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Refund, DeskError>;
    /// A person says no, or takes it back before anything was sent.
    async fn reject_refund(
        &self,
        no: &RefundNo,
        reason: String,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Refund, DeskError>;
    /// A person has moved the money of a refund by hand.
    async fn finish_by_hand(
        &self,
        no: &RefundNo,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Refund, DeskError>;
    /// A person has looked at the gateway's console: whether a refund in doubt happened.
    async fn resolve_refund(
        &self,
        no: &RefundNo,
        happened: bool,
        reason: String,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Refund, DeskError>;
    /// Sets a case of the review list aside. The order goes on with what else is known.
    async fn decide_case(
        &self,
        n: i64,
        reason: String,
        actor: Actor,
        now: Timestamp,
    ) -> Result<ExceptionRow, DeskError>;
    /// Sets late money aside by the shop's own rule, where nothing but the time is against it and what was ordered is still
    /// to be had: `stock` is how many of each line may be sold in all. Returns whether it did.
    async fn accept_late(
        &self,
        order: &OrderNo,
        stock: Vec<Option<u32>>,
        now: Timestamp,
    ) -> Result<bool, LedgerError>;
    /// Ends the offer of an order that nobody paid. [`DeskError::Moved`] where something was paid, or it ended already.
    async fn cancel_order(
        &self,
        order: &OrderNo,
        reason: String,
        actor: Actor,
        now: Timestamp,
    ) -> Result<Recorded, DeskError>;

    /// Moves a refund from the version that was seen. [`DeskError::Moved`] where it is another by now.
    async fn move_refund(
        &self,
        seen: &Refund,
        step: RefundMove,
        now: Timestamp,
    ) -> Result<Refund, DeskError>;
    /// Sets when to go on with a refund that could not move, and whether this counts as one more question of it.
    async fn put_off_refund(
        &self,
        seen: &Refund,
        word: String,
        due: Timestamp,
        counts: bool,
    ) -> Result<(), LedgerError>;
    /// Returns whether what the order bought is being handed over right now.
    async fn is_leaving(&self, order: &OrderNo, now: Timestamp) -> Result<bool, LedgerError>;
    /// Returns refunds that the shop is to go on with, the oldest first, of each trade at most one that is to be sent.
    async fn due_refunds(&self, now: Timestamp, limit: u32) -> Result<Vec<Refund>, LedgerError>;
    /// Returns one refund.
    async fn refund(&self, no: &RefundNo) -> Result<Option<Refund>, LedgerError>;
    /// Returns an order's refunds, the oldest first.
    async fn refunds(&self, order: &OrderNo) -> Result<Vec<Refund>, LedgerError>;
    /// Returns refunds that need somebody or are under way (requested, reserved, sent, in doubt), and those that the
    /// gateway refused or took back, the newest first.
    async fn open_refunds(&self, limit: u32) -> Result<Vec<Refund>, LedgerError>;

    /// Returns one case of the review list.
    async fn case(&self, n: i64) -> Result<Option<ExceptionRow>, LedgerError>;
    /// Writes a refusal into its order's trail, once. Returns whether it was news; an order that is not ours has no trail.
    async fn note_refusal(&self, refused: Refused, now: Timestamp) -> Result<bool, LedgerError>;
    /// Returns an order's trail, the oldest row first.
    async fn trail(&self, order: &OrderNo) -> Result<Vec<TrailRow>, LedgerError>;
    /// Returns attempts made since a moment, by number, from behind `after`: for the daily sweep.
    async fn attempts_since(
        &self,
        since: Timestamp,
        after: Option<AttemptNo>,
        limit: u32,
    ) -> Result<Vec<AttemptNo>, LedgerError>;
}
