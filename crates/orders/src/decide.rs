//! What follows from a fact. The one pure function between knowing and doing; the ledger commits what it returns.

use crate::{Book, Fact, Parked, Status};

/// Something to be done once the fact is durable. It leaves through the outbox, written in the same commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Effect {
    /// Write the order's row of the sheet anew.
    Sheet,
    /// Hand over what was bought. Once for an order, for ever.
    Deliver,
    /// Ask the gateway about this order now.
    Ask,
}

/// What a fact changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether the fact was news. What is not news changes nothing.
    pub news: bool,
    /// Where the order stood.
    pub before: Status,
    /// Where it stands.
    pub after: Status,
    /// What is to be done.
    pub effects: Vec<Effect>,
    /// What has come to wait for a person.
    pub parked: Vec<Parked>,
}

/// Why a fact of our own making may not be recorded. What a gateway says is never refused here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlawful {
    /// An offer that was paid, or waits for a person, does not end.
    #[error("an order that is {0} does not end")]
    Ends(Status),
    /// Goods leave only for a payment that the gateway confirmed.
    #[error("an order that is {0} and not confirmed is not delivered")]
    Delivers(Status),
    /// Only what waits for a person can be decided.
    #[error("nothing of the order waits for a decision under this name")]
    Decides,
}

/// Adds a fact to the book and returns what follows.
///
/// A fact that is already known gives no effects: repeats are the normal case.
pub fn decide(book: &mut Book, fact: Fact) -> Result<Decision, Unlawful> {
    let before = book.status();
    #[cfg(feature = "ablation")]
    let repeats = book.ablated.repeats;
    #[cfg(not(feature = "ablation"))]
    let repeats = false;
    if book.knows(&fact.key()) && !repeats {
        return Ok(Decision {
            news: false,
            before,
            after: before,
            effects: Vec::new(),
            parked: Vec::new(),
        });
    }
    check_our_own(book, &fact, before)?;
    let parked_before = book.parked();
    let deliverable_before = book.confirmed().is_some();
    let came_back = matches!(fact, Fact::Returned { .. });
    let asks = matches!(fact, Fact::Returned { .. } | Fact::Decided { .. })
        || matches!(
            &fact,
            Fact::Reported {
                source: crate::Source::Notice,
                ..
            }
        );
    book.learn(fact);
    let after = book.status();
    let parked = book
        .parked()
        .into_iter()
        .filter(|parked| !parked_before.contains(parked))
        .collect();
    let mut effects = vec![Effect::Sheet];
    if book.confirmed().is_some() && !deliverable_before {
        effects.push(Effect::Deliver);
    }
    // Whoever comes back after the offer has ended may have paid for it.
    let late = came_back && matches!(after, Status::Expired | Status::Cancelled);
    if late || (asks && matches!(after, Status::Pending | Status::Paid)) {
        effects.push(Effect::Ask);
    }
    Ok(Decision {
        news: true,
        before,
        after,
        effects,
        parked,
    })
}

/// Holds facts of our own making to the law: what ends, and what is delivered.
fn check_our_own(book: &Book, fact: &Fact, before: Status) -> Result<(), Unlawful> {
    #[cfg(feature = "ablation")]
    if book.ablated.lawful {
        return Ok(());
    }
    if matches!(fact, Fact::Ended(_))
        && !matches!(before, Status::Pending | Status::AwaitingTransfer)
    {
        return Err(Unlawful::Ends(before));
    }
    if let Fact::Decided { case, .. } = fact
        && !book.parked().iter().any(|parked| parked.key() == *case)
    {
        return Err(Unlawful::Decides);
    }
    if let Fact::Delivered { trade_no } = fact
        && !book.may_have_been_delivered_for(trade_no)
    {
        return Err(Unlawful::Delivers(before));
    }
    Ok(())
}

#[cfg(test)]
pub(crate) mod tests;
