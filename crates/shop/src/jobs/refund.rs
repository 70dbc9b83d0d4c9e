//! Refunds on their way: each is asked about before it leaves, leaves once, and where no answer comes back it is asked about
//! until its end is known. It is never sent again blindly: PAYUNi knows no idempotency key.

use crate::{
    app::App,
    error::chain,
    gateway::{AskError, Given, MoneyBack, Way},
    refunds::note_what_went_back,
};
use jiff::{SignedDuration, Timestamp};
use ledger::{DeskError, LedgerError, RefundMove};
use orders::{Move, Refund, RefundState, Twd};

const BATCH: u32 = 20;
/// A refund that was about to leave so long ago did, or the program died over it: from then on it is in doubt.
const SENT_FOR: SignedDuration = SignedDuration::from_secs(60);
/// So long the gateway may take to show what it did. It asks for ten minutes itself where its data are not complete
/// (PAYUNi docs page 164).
const SHOWS_AFTER: SignedDuration = SignedDuration::from_mins(15);
/// So often it must have shown nothing before nothing is what happened.
const NOTHING_TIMES: u32 = 3;
/// In doubt for longer than this, a person is called.
pub(crate) const DOUBT_MAX: SignedDuration = SignedDuration::from_mins(30);
/// How long a capture or an earlier refund may be waited for between two looks.
const WAIT: SignedDuration = SignedDuration::from_mins(2);
/// How long a delivery under way is waited for; its claim is over after half a minute.
const SHORT_WAIT: SignedDuration = SignedDuration::from_secs(15);
/// How long to wait in doubt after a question that got no answer.
const NO_ANSWER_WAIT: SignedDuration = SignedDuration::from_mins(6);

/// Goes on with every refund that is due. Returns how many moved.
///
/// # Errors
/// The ledger's. A gateway that does not answer is no error: it is asked again.
pub async fn refund_due(app: &App) -> Result<usize, LedgerError> {
    let mut moved = 0;
    for refund in app.ledger.due_refunds(app.clock.now(), BATCH).await? {
        let went_on = match refund.state {
            RefundState::Reserved => send(app, &refund).await,
            RefundState::Sent => lose_track(app, &refund, "no answer was written down").await,
            RefundState::InDoubt => resolve(app, &refund).await,
            RefundState::Requested
            | RefundState::Rejected
            | RefundState::Done
            | RefundState::Refused
            | RefundState::Reversed => Ok(()),
        };
        match went_on {
            Ok(()) => moved += 1,
            Err(DeskError::Ledger(error)) => return Err(error),
            // A person or another worker was quicker; the next round sees what they did.
            Err(error) => {
                tracing::info!(refund = %refund.no, error = chain(&error), "a refund stands otherwise by now");
            }
        }
    }
    Ok(moved)
}

fn step(step: Move, word: &str) -> RefundMove {
    RefundMove {
        step,
        word: word.to_owned(),
        baseline: None,
        total: None,
        due: None,
    }
}

async fn make(app: &App, refund: &Refund, to: RefundMove) -> Result<Refund, DeskError> {
    let moved = app.ledger.move_refund(refund, to, app.clock.now()).await?;
    tracing::info!(refund = %moved.no, order = %moved.order, state = moved.state.as_str(), word = moved.word, "refund");
    app.metrics.refund(&moved);
    app.wake.notify_waiters();
    Ok(moved)
}

async fn put_off(
    app: &App,
    refund: &Refund,
    word: &str,
    wait: SignedDuration,
) -> Result<(), DeskError> {
    let due = app.clock.now() + wait;
    Ok(app
        .ledger
        .put_off_refund(refund, word.to_owned(), due, true)
        .await?)
}

/// Asks what the gateway shows, and learns from it what others did with this payment.
async fn look(app: &App, refund: &Refund) -> Result<Result<MoneyBack, AskError>, DeskError> {
    let mut shown = app
        .gateway
        .money_back(&refund.order, &refund.trade_no)
        .await;
    let book = app.ledger.book(&refund.order).await?;
    let payments = book.map(|book| book.payments()).unwrap_or_default();
    let paid = payments
        .iter()
        .find(|payment| payment.trade_no == refund.trade_no);
    // Whoever shows another amount than was paid is not to be counted on about the rest.
    if let (Ok(row), Some(paid)) = (&shown, paid)
        && row.amount != paid.amount.dollars()
    {
        shown = Err(AskError::Code("TradeAmt".to_owned()));
    }
    if let Ok(shown) = &shown
        && refund.state == RefundState::Reserved
    {
        let now = app.clock.now();
        note_what_went_back(app, &refund.order, &refund.trade_no, shown.seen, now).await?;
    }
    Ok(shown)
}

/// What the gateway shows decides whether, and how, a refund leaves.
async fn send(app: &App, refund: &Refund) -> Result<(), DeskError> {
    #[cfg(feature = "crash-points")]
    crash_points::at("K15");
    let shown = match look(app, refund).await? {
        Ok(shown) => shown,
        Err(error) => return put_off(app, refund, &error.to_string(), backoff(refund.asks)).await,
    };
    // It left once already, and was taken for nothing because the gateway showed it late.
    if refund.sent_at.is_some()
        && let Some(total) = happened(&shown, refund)
    {
        make(app, refund, succeeded(total)).await?;
        return Ok(());
    }
    if let Err(why) = still_possible(&shown, refund) {
        make(app, refund, step(Move::Refuse, why)).await?;
        return Ok(());
    }
    // Who leaves first is recorded first: a delivery that begins from now on sees this refund, and waits.
    if app
        .ledger
        .is_leaving(&refund.order, app.clock.now())
        .await?
    {
        return put_off(app, refund, "商品正在交付，交付完再退", SHORT_WAIT).await;
    }
    if shown.way == Way::AfterCapture || shown.seen.refunds.in_progress {
        return put_off(app, refund, "PAYUNi 還在處理請款或前一筆退款", WAIT).await;
    }
    let known = app
        .ledger
        .book(&refund.order)
        .await?
        .map_or(0, |book| book.refunded_of(&refund.trade_no));
    let baseline = if shown.seen.refunds.told {
        shown.seen.refunds.total
    } else {
        u32::try_from(known).unwrap_or(u32::MAX)
    };
    let leaves = RefundMove {
        baseline: Some(baseline),
        due: Some(app.clock.now() + SENT_FOR),
        ..step(Move::Send, "")
    };
    let sent = make(app, refund, leaves).await?;
    #[cfg(feature = "crash-points")]
    crash_points::at("K16");
    let given = app
        .gateway
        .give_back(&sent.order, &sent.trade_no, shown.way, sent.amount)
        .await;
    #[cfg(feature = "crash-points")]
    crash_points::at("K17");
    match given {
        Given::Done => make(app, &sent, step(Move::Succeed, "")).await.map(drop),
        Given::Refused(word) => make(app, &sent, step(Move::Refuse, &word)).await.map(drop),
        Given::Unclear(word) => lose_track(app, &sent, &word).await,
    }
}

fn still_possible(shown: &MoneyBack, refund: &Refund) -> Result<(), &'static str> {
    let (wish, gone) = (refund.amount.dollars(), shown.seen.refunds.total);
    if shown.seen.voided || !shown.paid {
        return Err("PAYUNi 顯示這筆已取消或沒有付款");
    }
    if wish > shown.amount.saturating_sub(gone) {
        return Err("PAYUNi 顯示可退的金額不夠");
    }
    if shown.way == Way::None {
        return Err("這種付款方式不能由 PAYUNi 退款");
    }
    let whole = wish == shown.amount;
    if !whole && (shown.whole_only || shown.way == Way::Void) {
        return Err("這筆付款只能全額退");
    }
    Ok(())
}

async fn lose_track(app: &App, refund: &Refund, word: &str) -> Result<(), DeskError> {
    let to = RefundMove {
        due: Some(app.clock.now() + SENT_FOR),
        ..step(Move::LoseTrack, word)
    };
    make(app, refund, to).await?;
    Ok(())
}

/// Only what the gateway shows leads out of doubt.
async fn resolve(app: &App, refund: &Refund) -> Result<(), DeskError> {
    let now = app.clock.now();
    call_a_person(refund, now);
    let shown = match look(app, refund).await? {
        Ok(shown) => shown,
        Err(error) => return not_counted(app, refund, &error.to_string()).await,
    };
    if let Some(total) = happened(&shown, refund) {
        make(app, refund, succeeded(total)).await?;
        return Ok(());
    }
    let seen = shown.seen.refunds;
    if seen.in_progress {
        return not_counted(app, refund, "PAYUNi 還在處理退款").await;
    }
    let had_time = refund.sent_at.is_some_and(|sent| now >= sent + SHOWS_AFTER);
    if seen.told && had_time && refund.asks + 1 >= NOTHING_TIMES {
        let again = RefundMove {
            due: Some(now),
            ..step(Move::FindNothing, "PAYUNi 查詢顯示沒有退")
        };
        make(app, refund, again).await?;
        return Ok(());
    }
    put_off(app, refund, "PAYUNi 查詢還看不出結果", backoff(refund.asks)).await
}

/// What has gone back of the trade in all, where the gateway shows that this refund is among it.
fn happened(shown: &MoneyBack, refund: &Refund) -> Option<u32> {
    let seen = shown.seen;
    let expected = refund.baseline.saturating_add(refund.amount.dollars());
    if seen.voided {
        return Some(shown.amount);
    }
    (seen.refunds.told && seen.refunds.total >= expected).then_some(seen.refunds.total)
}

fn succeeded(total: u32) -> RefundMove {
    RefundMove {
        total: Twd::new(total).ok(),
        ..step(Move::Succeed, "PAYUNi 查詢顯示已退")
    }
}

/// Asks again later, without counting this as an answer that showed nothing: it was none.
async fn not_counted(app: &App, refund: &Refund, word: &str) -> Result<(), DeskError> {
    let due = app.clock.now() + NO_ANSWER_WAIT;
    let word = word.to_owned();
    Ok(app.ledger.put_off_refund(refund, word, due, false).await?)
}

/// Says so each time that it is asked about in vain for too long: it stands in the back office as well.
fn call_a_person(refund: &Refund, now: Timestamp) {
    // Where the clock was set back since, nobody knows for how long.
    if refund
        .sent_at
        .is_some_and(|sent| now >= sent + DOUBT_MAX || now < sent)
    {
        tracing::error!(refund = %refund.no, order = %refund.order, "a refund is in doubt for too long: look it up in PAYUNi's console");
    }
}

/// One, two, four … minutes, half an hour at most.
fn backoff(asks: u32) -> SignedDuration {
    SignedDuration::from_mins(i64::from(1_u32 << asks.min(5)).min(30))
}
