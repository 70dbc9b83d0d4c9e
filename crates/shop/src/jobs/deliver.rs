//! Delivering: the fulfilment port is called for every order that is paid and confirmed, and only for those.

use crate::{app::App, error::chain, seen::Seen};
use jiff::{SignedDuration, Timestamp};
use ledger::{
    Lease, LedgerError, Outcome, Row, Topic,
    traffic::{Kind, Subject},
};
use orders::{Book, OrderNo, Refund, RefundState, book::Confirmed};

/// After a crash another worker takes over when this has passed.
const LEASE: SignedDuration = SignedDuration::from_secs(30);
const BATCH: u32 = 20;
/// How long a delivery rests whose order waits for a person or a refund; a decision makes it due by itself.
const HELD: SignedDuration = SignedDuration::from_mins(4);

/// Delivers what is due. Returns how many orders were delivered.
///
/// # Errors
/// The ledger's. A fulfilment that fails is no error: it is tried again.
pub async fn deliver_due(app: &App) -> Result<usize, LedgerError> {
    let now = app.clock.now();
    let lease = Lease {
        token: app.entropy.name(),
        until: now + LEASE,
    };
    let mut delivered = 0;
    for row in app.ledger.lease(Topic::Deliver, BATCH, &lease, now).await? {
        delivered += usize::from(deliver(app, &row, &lease).await?);
    }
    Ok(delivered)
}

/// Keeps the delivery for those who look.
fn seen(app: &App, confirmed: &Confirmed, key: &str, at: Timestamp) {
    let attempt = &confirmed.payment().attempt;
    app.keep(Seen {
        subject: Subject::Order(attempt.order().clone(), Some(attempt.clone())),
        kind: Kind::Delivery,
        at,
        path: key,
        sent: b"",
        answer: b"",
        verdict: "believed",
        outcome: "fulfilled",
    });
}

/// Whether nothing of what was paid is left once the refunds under way are done. Who gets a part of it back still gets the
/// goods.
fn all_goes_back(book: &Book, refunds: &[Refund]) -> bool {
    let under_way: u64 = refunds
        .iter()
        .filter(|refund| refund.state.holds_money() && refund.state != RefundState::Done)
        .map(|refund| u64::from(refund.amount.dollars()))
        .sum();
    let payments = book.payments();
    let paid = payments.iter().map(|payment| payment.amount.dollars());
    let paid: u64 = paid.map(u64::from).sum();
    under_way > 0 && book.refunded() + under_way >= paid
}

async fn deliver(app: &App, row: &Row, lease: &Lease) -> Result<bool, LedgerError> {
    let Ok(no) = row.aggregate.parse::<OrderNo>() else {
        let error = "not an order number".to_owned();
        app.ledger
            .settle(&[row.id], lease, &Outcome::Dead { error })
            .await?;
        return Ok(false);
    };
    let book = app
        .ledger
        .book(&no)
        .await?
        .ok_or_else(|| LedgerError::NoOrder(no.to_string()))?;
    if book.delivered().is_some() {
        app.ledger.settle(&[row.id], lease, &Outcome::Done).await?;
        return Ok(false);
    }
    let now = app.clock.now();
    let later = |error: String, wait: SignedDuration| Outcome::Retry {
        at: now + wait,
        error,
    };
    let Some(confirmed) = book.confirmed() else {
        // Something came up since: it waits until a person has decided.
        app.ledger
            .settle(
                &[row.id],
                lease,
                &later(format!("the order is {}", book.status()), HELD),
            )
            .await?;
        return Ok(false);
    };
    if all_goes_back(&book, &app.ledger.refunds(&no).await?) {
        let why = later("all of its money is going back".to_owned(), HELD);
        app.ledger.settle(&[row.id], lease, &why).await?;
        return Ok(false);
    }
    let key = format!("fulfil:{no}");
    match app.fulfilment.deliver(&key, book.order(), &confirmed).await {
        Ok(()) => match app
            .ledger
            .deliver(&no, &confirmed.payment().trade_no, lease, app.clock.now())
            .await
        {
            Ok(recorded) => {
                app.wake.notify_waiters();
                tracing::info!(order = %no, status = %recorded.after, "fulfilled");
                seen(app, &confirmed, &key, now);
                Ok(true)
            }
            Err(LedgerError::Unlawful(error)) => {
                // Once a person has decided, the port is called again with the same key, and then it is recorded.
                tracing::error!(order = %no, error = %error, "handed over, but the order changed meanwhile: look at it");
                let error = format!("handed over, and not recorded: {error}");
                app.ledger
                    .settle(&[row.id], lease, &later(error, HELD))
                    .await?;
                Ok(false)
            }
            Err(error) => Err(error),
        },
        Err(error) => {
            let wait = SignedDuration::from_secs(i64::from(5 * (1_u32 << row.tries.min(9))));
            tracing::warn!(order = %no, error = chain(&error), "the delivery failed; it is tried again");
            app.ledger
                .settle(&[row.id], lease, &later(chain(&error), wait))
                .await?;
            Ok(false)
        }
    }
}
