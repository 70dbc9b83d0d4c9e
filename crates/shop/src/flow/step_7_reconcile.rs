//! Step 7. We ask PAYUNi ourselves: about what was paid, to confirm it, and about what should have been paid by now.
//! With every notice lost, these questions alone bring every order to its right end.

use crate::{
    app::App,
    error::chain,
    flow::step_5_notified::learn,
    gateway::{Answer, AskError, Glimpse},
    refunds::note_what_went_back,
};
use jiff::{SignedDuration, Timestamp};
use ledger::{Ask, LedgerError, Origin};
use orders::{
    AttemptNo, Outcome, RefundState, contradict,
    fact::Ending,
    schedule::{DENIALS_MAX, ask_again, has_run_out, next_ask},
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
    let [jitter] = app.entropy.bytes::<1>();
    let asks = ask.asks.saturating_add(1);
    let answered = matches!(answer, Ok(Answer::Unpaid | Answer::Report { .. }));
    let waits = &app.waits;
    let next = if answered {
        next_ask(&book, &ask.attempt, asks, waits, now, jitter)
    } else {
        Some(ask_again(&book, &ask.attempt, asks, waits, now, jitter))
    };
    let denied = word != "paid" && answered;
    app.ledger.schedule_ask(ask, next, denied).await?;
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
        Ok(Answer::Report { report, seen }) => {
            #[cfg(feature = "crash-points")]
            crash_points::at("K18");
            learn(app, report, Origin::default(), now).await?;
            let changed =
                note_what_went_back(app, ask.attempt.order(), &report.trade_no, *seen, now).await?;
            if changed {
                tracing::warn!(step = "reconcile", attempt = %ask.attempt, "PAYUNi shows that money went back otherwise than this shop knew");
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
                AskError::Request(_) | AskError::Code(_) => "error",
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
        let recorded = app.ledger.record(bound, Origin::default(), now).await?;
        app.metrics.parks(&recorded.parked);
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
    Ok(told.is_some_and(|told| has_had_time(told.received_at, now)))
}

/// Where the clock was set back since, the time that went by is not known, and the number of denials alone must do.
fn has_had_time(told: Timestamp, now: Timestamp) -> bool {
    now >= told + DENIED_FOR || now < told
}

/// PAYUNi answers about the last three months (docs page 172).
const SWEEP_BACK: SignedDuration = SignedDuration::from_hours(90 * 24);
/// How many attempts one question of the sweep is about (docs page 172).
const SWEEP_AT_ONCE: u32 = 100;
/// The note that says when the last sweep ended.
const SWEPT: &str = "swept";
/// How often the sweep runs.
const SWEEP_EVERY: SignedDuration = SignedDuration::from_hours(24);

/// Looks over every attempt of the last three months, once a day: money that was paid, given back or cancelled behind
/// this shop's back, in PAYUNi's console or while every notice and question was lost. What looks otherwise than the ledger
/// is asked about by itself, now. Returns how many attempts that were; `None` where the last sweep is younger than a day.
///
/// # Errors
/// The ledger's.
pub async fn sweep_if_due(app: &App) -> Result<Option<u32>, LedgerError> {
    let last = app.ledger.noted(SWEPT).await?;
    let now = app.clock.now();
    // One in the future was written before the clock was set back.
    if last.is_some_and(|(_, at)| at <= now && now < at + SWEEP_EVERY) {
        return Ok(None);
    }
    match sweep(app).await? {
        Swept::Whole(due) => {
            app.ledger.note(SWEPT, due.to_string(), now).await?;
            Ok(Some(due))
        }
        // What could not be asked is looked at again on the next round.
        Swept::InPart(due) => Ok(Some(due)),
    }
}

/// What came of a sweep: how many attempts are asked about because of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swept {
    /// Everything was looked at.
    Whole(u32),
    /// PAYUNi did not answer about all of it.
    InPart(u32),
}

impl Swept {
    /// Returns how many attempts are asked about because of it.
    #[must_use]
    pub fn due(self) -> u32 {
        match self {
            Self::Whole(due) | Self::InPart(due) => due,
        }
    }
}

/// Sweeps now.
///
/// # Errors
/// The ledger's.
pub async fn sweep(app: &App) -> Result<Swept, LedgerError> {
    let since = app.clock.now() - SWEEP_BACK;
    let (mut after, mut due): (Option<AttemptNo>, u32) = (None, 0);
    loop {
        let attempts = app
            .ledger
            .attempts_since(since, after.clone(), SWEEP_AT_ONCE)
            .await?;
        let Some(last) = attempts.last().cloned() else {
            return Ok(Swept::Whole(due));
        };
        match app.gateway.ask_many(&attempts).await {
            Ok(rows) => {
                for row in rows {
                    if looks_otherwise(app, &row).await? {
                        let now = app.clock.now();
                        app.ledger.ask_at(&row.attempt, now).await?;
                        due = due.saturating_add(1);
                    }
                }
            }
            Err(error) => {
                tracing::warn!(
                    step = "reconcile",
                    error = chain(&error),
                    "the daily sweep got no answer; it goes on later"
                );
                return Ok(Swept::InPart(due));
            }
        }
        after = Some(last);
    }
}

/// Whether a row shows something that the ledger does not know.
async fn looks_otherwise(app: &App, row: &Glimpse) -> Result<bool, LedgerError> {
    let Some(book) = app.ledger.book(row.attempt.order()).await? else {
        return Ok(false);
    };
    let payment = book
        .payments()
        .into_iter()
        .find(|payment| payment.trade_no == row.trade_no);
    let Some(payment) = payment else {
        // What was parked is known too, and waits for a person.
        let parked = book
            .parked()
            .iter()
            .any(|parked| parked.trade_no.as_ref() == Some(&row.trade_no));
        return Ok(row.paid && !parked);
    };
    let gone = book.refunded_of(&row.trade_no);
    let refunds = app.ledger.refunds(row.attempt.order()).await?;
    let taken_back: u64 = refunds
        .iter()
        .filter(|refund| refund.trade_no == row.trade_no && refund.state == RefundState::Reversed)
        .map(|refund| u64::from(refund.amount.dollars()))
        .sum();
    let shown = u64::from(row.seen.refunds.total);
    let otherwise = row.seen.refunds.told && shown != gone.saturating_sub(taken_back);
    let voided = row.seen.voided && gone < u64::from(payment.amount.dollars());
    Ok(!payment.confirmed
        || voided
        || (otherwise && !row.seen.voided && !row.seen.refunds.in_progress))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contradiction_waits_ten_minutes_but_not_for_a_clock_that_was_set_back() {
        let told = Timestamp::UNIX_EPOCH;
        assert!(!has_had_time(told, told + SignedDuration::from_secs(599)));
        assert!(has_had_time(told, told + DENIED_FOR));
        assert!(has_had_time(told, told - SignedDuration::from_hours(24)));
    }
}
