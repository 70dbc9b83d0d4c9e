//! Line 3, meaning: is it about our merchant, this order, this amount? Only [`bind`] makes a [`Bound`].

use crate::{AttemptNo, Book, Fact, Outcome, Parked, Report, Source, Twd, fact::ParkedKind};

/// A fact that was held against the order it is about. It can be built nowhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bound {
    fact: Fact,
}

impl Bound {
    /// Returns the fact.
    #[must_use]
    pub fn fact(&self) -> &Fact {
        &self.fact
    }

    /// Returns the code by line and cause of what waits for a person; `L3.bound` where nothing does.
    #[must_use]
    pub fn parked_code(&self) -> &'static str {
        if let Fact::Parked { parked, .. } = &self.fact {
            parked.kind.code()
        } else {
            "L3.bound"
        }
    }

    /// Gives the fact away, to be decided upon and recorded.
    #[must_use]
    pub fn into_fact(self) -> Fact {
        self.fact
    }
}

/// What line 3 found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Binding {
    /// It is about this order and fits it.
    Bound(Bound),
    /// It is authentic and about this order, but does not fit it: the order waits for a person.
    Review(Bound),
    /// It is authentic, but about no order of ours: it goes to the list for a person.
    Unmatched(Parked),
}

/// Holds an authentic report against our merchant number and the order it names, where we have that order.
#[must_use]
pub fn bind(report: &Report, merchant: &str, book: Option<&Book>) -> Binding {
    let park = |kind: ParkedKind, detail: String| Parked {
        kind,
        source: report.source,
        subject: report.attempt_no.clone(),
        trade_no: Some(report.trade_no.clone()),
        amount: Some(report.amount),
        detail,
    };
    #[cfg(feature = "ablation")]
    if let Some((book, attempt)) = book.zip(report.attempt_no.parse::<AttemptNo>().ok())
        && book.ablated.meaning
        && book.attempt(&attempt).is_some()
    {
        return Binding::Bound(Bound {
            fact: as_reported(attempt, report),
        });
    }
    if report.merchant != merchant {
        return Binding::Unmatched(park(ParkedKind::WrongMerchant, report.merchant.clone()));
    }
    let attempt = report.attempt_no.parse::<AttemptNo>().ok();
    let Some((book, attempt)) = book
        .zip(attempt)
        .filter(|(book, attempt)| book.attempt(attempt).is_some())
    else {
        return Binding::Unmatched(park(
            ParkedKind::UnknownOrder,
            report.outcome.name().to_owned(),
        ));
    };
    let review = |kind, detail| {
        let parked = park(kind, detail);
        Binding::Review(Bound {
            fact: Fact::Parked {
                attempt: attempt.clone(),
                parked,
            },
        })
    };
    if let Some(moved_to) = &report.moved_to {
        return review(ParkedKind::MisPosted, format!("→ {moved_to}"));
    }
    if report
        .currency
        .as_deref()
        .is_some_and(|currency| currency != Twd::CURRENCY)
    {
        return review(
            ParkedKind::WrongCurrency,
            report.currency.clone().unwrap_or_default(),
        );
    }
    if report.amount != book.order().amount {
        return review(
            ParkedKind::WrongAmount,
            format!("{} ≠ {}", book.order().amount, report.amount),
        );
    }
    if let Outcome::Unknown(value) = &report.outcome {
        return review(ParkedKind::UnknownValue, value.clone());
    }
    Binding::Bound(Bound {
        fact: as_reported(attempt, report),
    })
}

fn as_reported(attempt: AttemptNo, report: &Report) -> Fact {
    Fact::Reported {
        attempt,
        source: report.source,
        trade_no: report.trade_no.clone(),
        amount: report.amount,
        method: report.method,
        outcome: report.outcome.clone(),
    }
}

/// Parks an order whose payment we were told of, while the gateway, asked, keeps saying otherwise.
///
/// `None` where there is no such payment of this attempt: then nothing contradicts.
#[must_use]
pub fn contradict(book: &Book, attempt: &AttemptNo, answer: &str) -> Option<Bound> {
    let payments = book.payments();
    let told = payments
        .iter()
        .find(|payment| payment.attempt == *attempt && !payment.confirmed)?;
    let parked = Parked {
        kind: ParkedKind::Contradiction,
        source: Source::Query,
        subject: attempt.to_string(),
        trade_no: Some(told.trade_no.clone()),
        amount: Some(told.amount),
        detail: format!("paid ≠ {answer}"),
    };
    Some(Bound {
        fact: Fact::Parked {
            attempt: attempt.clone(),
            parked,
        },
    })
}
