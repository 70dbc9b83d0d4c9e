//! Step 7. We ask PAYUNi ourselves: about what was paid, to confirm it, and about what should have been paid by now.
//! With every notice lost, these questions alone bring every order to its right end.

use crate::{
    app::App,
    entropy,
    error::chain,
    flow::step_5_notified::learn,
    gateway::{Answer, AskError},
};
use jiff::{SignedDuration, Timestamp};
use ledger::{Ask, LedgerError, Origin};
use orders::{
    Outcome, Twd, contradict,
    fact::Ending,
    schedule::{DENIALS_MAX, has_run_out, next_ask},
};

/// How long the gateway may keep denying what its notice said before a person must look. It asks for ten minutes itself
/// where its data are not complete (PAYUNi docs page 164).
const DENIED_FOR: SignedDuration = SignedDuration::from_mins(10);

/// What came of asking about one attempt.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Asked {
    /// The attempt's number.
    pub attempt_no: String,
    /// The order's number.
    pub order_no: String,
    /// The answer in one word: `paid`, `unpaid`, `unreachable` …
    pub answer: String,
    /// Where the order stands now.
    pub status: String,
}

/// Asks about every attempt that is due. Returns what came of each.
///
/// # Errors
/// The ledger's. A gateway that does not answer is no error: it is asked again.
pub async fn ask_due(app: &App, limit: u32) -> Result<Vec<Asked>, LedgerError> {
    let due = app.ledger.due_asks(app.clock.now(), limit).await?;
    let mut asked = Vec::with_capacity(due.len());
    // A few at a time: quick enough for a rush, and no storm for the gateway.
    for group in due.chunks(4) {
        for outcome in
            futures_util::future::join_all(group.iter().map(|ask| ask_one(app, ask))).await
        {
            asked.push(outcome?);
        }
    }
    Ok(asked)
}

async fn ask_one(app: &App, ask: &Ask) -> Result<Asked, LedgerError> {
    let answer = app.gateway.ask(&ask.attempt).await;
    let now = app.clock.now();
    let word = settle(app, ask, &answer, now).await?;
    app.metrics.asks.with_label_values(&[word]).inc();
    let no = ask.attempt.order();
    let book = app
        .ledger
        .book(no)
        .await?
        .ok_or_else(|| LedgerError::NoOrder(no.to_string()))?;
    let [jitter] = entropy::bytes::<1>();
    let next = next_ask(
        &book,
        &ask.attempt,
        ask.asks.saturating_add(1),
        &app.waits,
        now,
        jitter,
    );
    let denied = word != "paid" && matches!(answer, Ok(Answer::Unpaid | Answer::Report { .. }));
    app.ledger.schedule_ask(&ask.attempt, next, denied).await?;
    Ok(Asked {
        attempt_no: ask.attempt.to_string(),
        order_no: no.to_string(),
        answer: word.to_owned(),
        status: book.status().to_string(),
    })
}

/// Line 5: what the gateway, asked by us, says becomes a fact like any other.
async fn settle(
    app: &App,
    ask: &Ask,
    answer: &Result<Answer, AskError>,
    now: Timestamp,
) -> Result<&'static str, LedgerError> {
    match answer {
        Ok(Answer::Report { report, refunded }) => {
            learn(app, report, Origin::default(), now).await?;
            if let (Ok(total), Outcome::Paid { .. }) = (Twd::new(*refunded), &report.outcome) {
                app.ledger
                    .record_refund(&ask.attempt, &report.trade_no, total, now)
                    .await?;
            }
            let word = report.outcome.name();
            tracing::info!(step = "reconcile", attempt = %ask.attempt, answer = word, "PAYUNi was asked");
            app.wake.notify_waiters();
            if !matches!(report.outcome, Outcome::Paid { .. }) {
                end_or_contradict(app, ask, word, now).await?;
            }
            Ok(word)
        }
        Ok(Answer::Unpaid) => {
            end_or_contradict(app, ask, "unpaid", now).await?;
            Ok("unpaid")
        }
        Ok(Answer::Incomplete) => Ok("incomplete"),
        Err(error) => {
            tracing::warn!(step = "reconcile", attempt = %ask.attempt, error = chain(error), "PAYUNi gave no answer; asked again later");
            Ok(match error {
                AskError::Unreachable(_) => "unreachable",
                AskError::Refused(_) => "refused",
                AskError::Request(_) | AskError::TooLong | AskError::Code(_) => "error",
            })
        }
    }
}

/// The gateway, asked just now, knew of no payment: an offer whose time is over ends; and where a notice said otherwise,
/// and this is no longer the gateway being slow, a person must look.
async fn end_or_contradict(
    app: &App,
    ask: &Ask,
    answer: &str,
    now: Timestamp,
) -> Result<(), LedgerError> {
    let Some(book) = app.ledger.book(ask.attempt.order()).await? else {
        return Ok(());
    };
    if ask.denials + 1 >= DENIALS_MAX
        && told_long_ago(app, ask, now).await?
        && let Some(bound) = contradict(&book, &ask.attempt, answer)
    {
        app.ledger.record(bound, Origin::default(), now).await?;
        tracing::warn!(attempt = %ask.attempt, "PAYUNi's notice and its answers contradict each other: the order waits for a person");
        return Ok(());
    }
    // Each attempt is asked about by itself; the last one of them speaks for the order.
    let last = book
        .attempts()
        .last()
        .is_some_and(|last| last.no == ask.attempt);
    if last && has_run_out(&book, &app.waits, now) {
        match app
            .ledger
            .end(ask.attempt.order(), Ending::Expired, now)
            .await
        {
            // A payment became known in between: then the order does not end.
            Ok(_) | Err(LedgerError::Unlawful(_)) => app.wake.notify_waiters(),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether the gateway has had time to agree with itself since its notice reached us.
async fn told_long_ago(app: &App, ask: &Ask, now: Timestamp) -> Result<bool, LedgerError> {
    let prefix = format!("told/{}/", ask.attempt);
    let facts = app.ledger.facts(ask.attempt.order()).await?;
    let told = facts
        .iter()
        .find(|fact| fact.meaning.starts_with(&prefix) && fact.meaning.contains("/paid/"));
    Ok(told.is_some_and(|told| now >= told.received_at + DENIED_FOR))
}
