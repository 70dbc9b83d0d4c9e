//! Giving money back: what may be asked for, and what the gateway shows of it. The job `jobs::refund` does the rest.

use crate::{
    app::App,
    gateway::{AskError, TradeSeen, Way},
};
use jiff::Timestamp;
use ledger::{Actor, DeskError, LedgerError, NewRefund, RefundMove};
use orders::{
    Book, CannotRefund, How, Method, Move, OrderNo, Refund, RefundNo, RefundState, TradeNo, Twd,
    refund::{REFUND_WITHIN, check},
    refundable,
};

/// What a person wants to give back.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The refund's number, made with the form: one form makes one refund.
    pub no: RefundNo,
    /// Of which order.
    pub order: OrderNo,
    /// Of which payment.
    pub trade_no: TradeNo,
    /// How much.
    pub amount: Twd,
    /// Why; 1 to 300 characters.
    pub reason: String,
}

/// What may be given back of one payment, as far as the ledger alone knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refundable {
    /// The gateway's number of the payment.
    pub trade_no: TradeNo,
    /// How it was paid.
    pub method: Option<Method>,
    /// Who moves the money.
    pub how: How,
    /// How much, in dollars; 0 where nothing is left.
    pub left: u32,
}

/// Why a refund was not begun. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum NotBegun {
    /// The gateway, who must be asked first, gave no answer.
    #[error("PAYUNi gave no answer")]
    NoAnswer(#[from] AskError),
    /// The gateway shows a refund of this payment under way.
    #[error("another refund of this payment is under way")]
    UnderWay,
    /// The gateway does not hold it for paid, or has it cancelled already.
    #[error("PAYUNi shows nothing to give back")]
    NothingThere,
    /// The ledger did not take it.
    #[error(transparent)]
    Desk(#[from] DeskError),
}

impl From<LedgerError> for NotBegun {
    fn from(error: LedgerError) -> Self {
        Self::Desk(error.into())
    }
}

/// What was paid at a bank or a store has no way back through the gateway without the payer's account.
#[must_use]
pub fn how(method: Option<Method>) -> How {
    match method {
        Some(Method::Atm | Method::Cvs) => How::ByHand,
        Some(Method::Card | Method::LinePay | Method::Other) | None => How::Gateway,
    }
}

/// Returns what may be given back of each payment of an order.
#[must_use]
pub fn of_book(book: &Book, refunds: &[Refund]) -> Vec<Refundable> {
    let one = |payment: orders::book::Payment| Refundable {
        left: refundable(book, &payment.trade_no, refunds),
        how: how(payment.method),
        method: payment.method,
        trade_no: payment.trade_no,
    };
    book.payments().into_iter().map(one).collect()
}

/// Begins a refund: asks the gateway what it shows of the payment, holds the wish against it, and sets the amount aside.
///
/// # Errors
/// Why it was not begun.
pub async fn begin(app: &App, wish: Wish, actor: Actor) -> Result<Refund, NotBegun> {
    if let Some(made) = made_before(app, &wish).await? {
        return Ok(made);
    }
    let begun = begin_anew(app, wish.clone(), actor).await;
    if begun.is_err()
        && let Some(made) = made_before(app, &wish).await?
    {
        // A second click of the same form came while the first one was being asked about.
        return Ok(made);
    }
    begun
}

/// The refund that this form made already. With another content it is refused.
async fn made_before(app: &App, wish: &Wish) -> Result<Option<Refund>, NotBegun> {
    let Some(made) = app.ledger.refund(&wish.no).await? else {
        return Ok(None);
    };
    let same =
        (&made.order, &made.trade_no, made.amount) == (&wish.order, &wish.trade_no, wish.amount);
    if same {
        Ok(Some(made))
    } else {
        Err(DeskError::Moved.into())
    }
}

async fn begin_anew(app: &App, wish: Wish, actor: Actor) -> Result<Refund, NotBegun> {
    let cannot = |cannot: CannotRefund| NotBegun::Desk(cannot.into());
    let (book, refunds) = known(app, &wish.order).await?;
    check(&book, &wish.trade_no, wish.amount, &refunds).map_err(cannot)?;
    let payment = book
        .payments()
        .into_iter()
        .find(|payment| payment.trade_no == wish.trade_no);
    // By hand the gateway is not asked any more: nobody transfers money for what only a notice told of.
    let confirmed = payment.as_ref().is_some_and(|payment| payment.confirmed);
    let mut how = how(payment.and_then(|payment| payment.method));
    if how == How::ByHand && !confirmed {
        return Err(NotBegun::NothingThere);
    }
    if how == How::Gateway {
        let shown = app.gateway.money_back(&wish.order, &wish.trade_no).await?;
        let now = app.clock.now();
        note_what_went_back(app, &wish.order, &wish.trade_no, shown.seen, now).await?;
        let (book, refunds) = known(app, &wish.order).await?;
        check(&book, &wish.trade_no, wish.amount, &refunds).map_err(cannot)?;
        if shown.seen.voided || !shown.paid {
            return Err(NotBegun::NothingThere);
        }
        if shown.seen.refunds.in_progress {
            return Err(NotBegun::UnderWay);
        }
        let whole_only = shown.whole_only || shown.way == Way::Void;
        if whole_only && wish.amount.dollars() != shown.amount {
            return Err(cannot(CannotRefund::WholeOnly));
        }
        if shown.way == Way::None {
            how = How::ByHand;
        } else if shown
            .paid_at
            .is_some_and(|paid_at| now > paid_at + REFUND_WITHIN)
        {
            return Err(cannot(CannotRefund::TooLate));
        }
    }
    let rules = &app.settings.shop.refunds;
    let new = NewRefund {
        alone_up_to: rules.two_persons_above,
        form_key: wish.no.to_string(),
        no: wish.no,
        order: wish.order,
        trade_no: wish.trade_no,
        amount: wish.amount,
        how,
        reason: wish.reason,
    };
    let refund = app
        .ledger
        .request_refund(new, actor, app.clock.now())
        .await?;
    app.metrics.refund(&refund);
    app.wake.notify_waiters();
    Ok(refund)
}

async fn known(app: &App, order: &OrderNo) -> Result<(Book, Vec<Refund>), NotBegun> {
    let book = app.ledger.book(order).await?.ok_or(DeskError::NotFound)?;
    Ok((book, app.ledger.refunds(order).await?))
}

/// Learns what the gateway shows of a trade's money: refunds made in its own console, a void, and refunds that it took back
/// again. Returns whether any of it was news.
///
/// # Errors
/// The ledger's.
pub async fn note_what_went_back(
    app: &App,
    order: &OrderNo,
    trade: &TradeNo,
    seen: TradeSeen,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let Some(book) = app.ledger.book(order).await? else {
        return Ok(false);
    };
    // What we were only told of is no ground to stand on: there, a denial is a contradiction for a person.
    let Some(payment) = book
        .payments()
        .into_iter()
        .find(|payment| payment.trade_no == *trade && payment.confirmed)
    else {
        return Ok(false);
    };
    // A row that contradicts itself about the payment proves nothing about what went back of it.
    if seen.amount != payment.amount.dollars() {
        return Ok(false);
    }
    let total = if seen.voided {
        payment.amount.dollars()
    } else {
        seen.refunds.total
    };
    let mut news = false;
    if let Ok(total) = Twd::new(total.min(payment.amount.dollars())) {
        let recorded = app
            .ledger
            .record_refund(&payment.attempt, trade, total, now)
            .await?;
        news = recorded.news;
    }
    if let Some(amount) = seen.refunds.taken_back {
        news |= take_back(app, order, trade, amount, seen.refunds.total, now).await?;
    }
    Ok(news)
}

/// A refund that the gateway had made and then cancelled: its amount may go back again, and a person must know.
async fn take_back(
    app: &App,
    order: &OrderNo,
    trade: &TradeNo,
    amount: u32,
    shown: u32,
    now: Timestamp,
) -> Result<bool, LedgerError> {
    let refunds = app.ledger.refunds(order).await?;
    let done: Vec<&Refund> = refunds
        .iter()
        .filter(|refund| refund.trade_no == *trade && refund.state == RefundState::Done)
        .filter(|refund| refund.how == How::Gateway)
        .collect();
    let reversed: u64 = refunds
        .iter()
        .filter(|refund| refund.trade_no == *trade && refund.state == RefundState::Reversed)
        .map(|refund| u64::from(refund.amount.dollars()))
        .sum();
    // As long as the gateway shows all that is known to have gone back, nothing of it was cancelled.
    let known = app.ledger.book(order).await?;
    let known = known.map_or(0, |book| book.refunded_of(trade));
    if u64::from(shown) >= known.saturating_sub(reversed) {
        return Ok(false);
    }
    let last = done
        .into_iter()
        .filter(|refund| refund.amount.dollars() == amount)
        .max_by_key(|refund| (refund.sent_at, refund.no.clone()));
    let Some(refund) = last else {
        return Ok(false);
    };
    let step = RefundMove {
        step: Move::Reverse,
        word: "RefundStatus 3".to_owned(),
        baseline: None,
        total: None,
        due: None,
    };
    match app.ledger.move_refund(refund, step, now).await {
        Ok(moved) => {
            tracing::error!(refund = %moved.no, "PAYUNi took a refund back; it waits for a person");
            app.metrics.refund(&moved);
            app.wake.notify_waiters();
            Ok(true)
        }
        Err(DeskError::Ledger(error)) => Err(error),
        // Somebody else was quicker.
        Err(_) => Ok(false),
    }
}
