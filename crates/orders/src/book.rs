//! One order with all that is known about it. Its status is a function of the set of facts, and of nothing else.

use crate::{
    Attempt, AttemptNo, AttemptState, Fact, FactKey, Instructions, Method, Order, Outcome, Parked,
    Source, Status, TradeNo, Twd,
    fact::{Ending, ParkedKind},
};
use jiff::Timestamp;
use std::collections::BTreeMap;

mod late;
mod surplus;

pub use late::Late;

/// An order, its attempts and the facts about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Book {
    order: Order,
    attempts: Vec<Attempt>,
    facts: BTreeMap<FactKey, Fact>,
    /// Guards that are switched off.
    #[cfg(feature = "ablation")]
    pub ablated: crate::ablation::Ablated,
}

/// A payment that fits the order, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payment {
    /// By which attempt.
    pub attempt: AttemptNo,
    /// The gateway's number.
    pub trade_no: TradeNo,
    /// How much; always the order's amount.
    pub amount: Twd,
    /// How, where it is known.
    pub method: Option<Method>,
    /// When, by the gateway's clock, where it is known.
    pub at: Option<Timestamp>,
    /// The last four digits of the card or account; empty where unknown.
    pub last_four: String,
    /// Whether the gateway, asked by us, says the same.
    pub confirmed: bool,
}

/// Line 5: a payment that the gateway, asked by us, says the same of. Only [`Book::confirmed`] makes it, and
/// an order is delivered only from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    payment: Payment,
}

impl Confirmed {
    /// Returns the payment.
    #[must_use]
    pub fn payment(&self) -> &Payment {
        &self.payment
    }
}

impl Book {
    /// Opens the book of an order that nothing is known about yet.
    #[must_use]
    pub fn new(order: Order, attempts: Vec<Attempt>) -> Self {
        Self {
            order,
            attempts,
            facts: BTreeMap::new(),
            #[cfg(feature = "ablation")]
            ablated: crate::ablation::Ablated::default(),
        }
    }

    /// Adds a fact; returns whether it was news.
    pub fn learn(&mut self, fact: Fact) -> bool {
        let key = fact.key();
        if self.facts.contains_key(&key) {
            return false;
        }
        self.facts.insert(key, fact);
        true
    }

    /// Returns whether a fact of this meaning is known.
    #[must_use]
    pub fn knows(&self, key: &FactKey) -> bool {
        self.facts.contains_key(key)
    }

    /// Returns the order as it was placed.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// Returns the attempts, oldest first.
    #[must_use]
    pub fn attempts(&self) -> &[Attempt] {
        &self.attempts
    }

    /// Returns the attempt with this number.
    #[must_use]
    pub fn attempt(&self, no: &AttemptNo) -> Option<&Attempt> {
        self.attempts.iter().find(|attempt| attempt.no == *no)
    }

    /// Returns the facts, by meaning.
    pub fn facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.values()
    }

    /// Returns the number of the next attempt; `None` where the order was tried too often.
    #[must_use]
    pub fn next_attempt(&self) -> Option<AttemptNo> {
        let last = self
            .attempts
            .iter()
            .map(|attempt| attempt.no.ordinal())
            .max()
            .unwrap_or(0);
        AttemptNo::of(&self.order.no, last.checked_add(1)?)
    }

    /// Returns the payments that fit the order, each trade once, by trade number.
    #[must_use]
    pub fn payments(&self) -> Vec<Payment> {
        let mut payments = BTreeMap::<&TradeNo, Payment>::new();
        for fact in self.facts.values() {
            let Fact::Reported {
                attempt,
                source,
                trade_no,
                amount,
                method,
                outcome: Outcome::Paid { at, last_four },
            } = fact
            else {
                continue;
            };
            let payment = payments.entry(trade_no).or_insert_with(|| Payment {
                attempt: attempt.clone(),
                trade_no: trade_no.clone(),
                amount: *amount,
                method: None,
                at: None,
                last_four: String::new(),
                confirmed: false,
            });
            // The keys' order ("asked" before "told") decides which words win, not the order of arrival.
            payment.method = payment.method.or(*method);
            payment.at = payment.at.or(*at);
            if payment.last_four.is_empty() {
                payment.last_four.clone_from(last_four);
            }
            payment.confirmed |= *source == Source::Query;
        }
        payments.into_values().collect()
    }

    /// Returns the payment that counts for the order: the delivered one, else one that was not given back, else any; a
    /// confirmed one before others.
    #[must_use]
    pub fn payment(&self) -> Option<Payment> {
        let delivered = self.delivered();
        let rank = |payment: &Payment| {
            (
                Some(&payment.trade_no) != delivered,
                self.refunded_of(&payment.trade_no) > 0,
                !payment.confirmed,
            )
        };
        self.payments().into_iter().min_by_key(rank)
    }

    /// Returns how the order was paid, or was last tried, where the gateway named it.
    #[must_use]
    pub fn method(&self) -> Option<Method> {
        let paid = self.payment().and_then(|payment| payment.method);
        paid.or_else(|| {
            let mut latest = self.attempts.iter().rev();
            latest.find_map(|attempt| self.reports(&attempt.no).find_map(|(method, _)| method))
        })
    }

    /// Returns what was paid beyond the order's amount, in dollars.
    #[must_use]
    pub fn surplus(&self) -> u64 {
        self.payments()
            .iter()
            .skip(1)
            .map(|payment| u64::from(payment.amount.dollars()))
            .sum()
    }

    /// Whether nothing is against handing over what was bought. Who got a part of the one payment back still gets the goods.
    fn may_leave(&self) -> bool {
        match self.status() {
            Status::Paid => true,
            Status::PartiallyRefunded => {
                self.delivered().is_none() && self.surplus() == 0 && !self.something_else_waits()
            }
            Status::Pending
            | Status::AwaitingTransfer
            | Status::Fulfilled
            | Status::Review
            | Status::Refunded
            | Status::Expired
            | Status::Cancelled => false,
        }
    }

    /// Returns the payment that may be delivered for: confirmed, and nothing waits for a person.
    #[must_use]
    pub fn confirmed(&self) -> Option<Confirmed> {
        let open = self.may_leave();
        #[cfg(feature = "ablation")]
        if self.ablated.confirmation && open {
            return self.payment().map(|payment| Confirmed { payment });
        }
        self.payment()
            .filter(|payment| open && payment.confirmed)
            .map(|payment| Confirmed { payment })
    }

    /// Returns whether goods that left for this payment may be recorded: it is confirmed, and nothing waits for a person. Not
    /// only the payment that counts now: another may have become known while the goods were handed over.
    #[must_use]
    pub fn may_have_been_delivered_for(&self, trade: &TradeNo) -> bool {
        let open = self.may_leave();
        #[cfg(feature = "ablation")]
        let believed = self.ablated.confirmation;
        #[cfg(not(feature = "ablation"))]
        let believed = false;
        open && self
            .payments()
            .iter()
            .any(|payment| payment.trade_no == *trade && (payment.confirmed || believed))
    }

    /// Returns the trade that the order was delivered for.
    #[must_use]
    pub fn delivered(&self) -> Option<&TradeNo> {
        self.facts.values().find_map(|fact| {
            let Fact::Delivered { trade_no } = fact else {
                return None;
            };
            Some(trade_no)
        })
    }

    /// Returns what was given back, in dollars: of each trade the largest total known.
    #[must_use]
    pub fn refunded(&self) -> u64 {
        let mut totals = BTreeMap::<&TradeNo, u32>::new();
        for (trade_no, total) in self.refund_totals() {
            let known = totals.entry(trade_no).or_default();
            *known = total.dollars().max(*known);
        }
        totals.into_values().map(u64::from).sum()
    }

    /// Returns what was given back of one trade, in dollars.
    #[must_use]
    pub fn refunded_of(&self, trade: &TradeNo) -> u64 {
        let totals = self.refund_totals().filter(|(of, _)| *of == trade);
        totals
            .map(|(_, total)| u64::from(total.dollars()))
            .max()
            .unwrap_or(0)
    }

    fn refund_totals(&self) -> impl Iterator<Item = (&TradeNo, Twd)> {
        self.facts.values().filter_map(|fact| {
            let Fact::Refunded {
                trade_no, total, ..
            } = fact
            else {
                return None;
            };
            Some((trade_no, *total))
        })
    }

    /// Returns what was ever set before a person, by key: what was parked, and what the facts together amount to.
    #[must_use]
    pub fn parked(&self) -> Vec<Parked> {
        let mut parked: Vec<Parked> = self
            .facts
            .values()
            .filter_map(|fact| {
                let Fact::Parked { parked, .. } = fact else {
                    return None;
                };
                Some(parked.clone())
            })
            .collect();
        parked.extend(self.surplus_cases());
        if self.is_late() {
            parked.push(self.as_a_whole(ParkedKind::Late));
        }
        parked
    }

    /// What no single message says, but all of them together.
    fn as_a_whole(&self, kind: ParkedKind) -> Parked {
        Parked {
            kind,
            source: Source::Notice,
            subject: self.order.no.to_string(),
            trade_no: None,
            amount: None,
            detail: String::new(),
        }
    }

    /// Returns whether a person has set this case aside.
    #[must_use]
    pub fn is_decided(&self, case: &str) -> bool {
        self.facts
            .values()
            .any(|fact| matches!(fact, Fact::Decided { case: decided, .. } if decided == case))
    }

    /// Whether anything still waits for a person, so that nothing may happen by itself.
    fn waits_for_a_person(&self) -> bool {
        let open = |parked: &Parked| !self.is_decided(&parked.key());
        // Money that went back and money that came anew: whether the goods are still wanted, only a person can say.
        let unasked = self.as_a_whole(ParkedKind::Surplus);
        let given_back =
            self.refunded() > 0 && (open(&unasked) || self.surplus_cases().iter().any(open));
        given_back || self.something_else_waits()
    }

    /// Whether a message, or money that came late, waits for a person.
    fn something_else_waits(&self) -> bool {
        let open = |parked: &Parked| !self.is_decided(&parked.key());
        let said = self
            .facts
            .values()
            .any(|fact| matches!(fact, Fact::Parked { parked, .. } if open(parked)));
        said || (self.is_late() && open(&self.as_a_whole(ParkedKind::Late)))
    }

    fn ending(&self) -> Option<Ending> {
        let ended = |ending| self.facts.contains_key(&Fact::Ended(ending).key());
        if ended(Ending::Cancelled) {
            return Some(Ending::Cancelled);
        }
        let last_lapsed = self.attempts.last().is_some_and(|attempt| {
            self.was_reported(&attempt.no, |outcome| *outcome == Outcome::Lapsed)
        });
        (last_lapsed || ended(Ending::Expired)).then_some(Ending::Expired)
    }

    fn is_late(&self) -> bool {
        self.ending().is_some() && self.delivered().is_none() && !self.payments().is_empty()
    }

    fn was_reported(&self, attempt: &AttemptNo, test: impl Fn(&Outcome) -> bool) -> bool {
        self.reports(attempt).any(|(_, outcome)| test(outcome))
    }

    /// Returns what the gateway said of an attempt, told or asked, with the method where it named one.
    pub fn reports<'book, 'no>(
        &'book self,
        attempt: &'no AttemptNo,
    ) -> impl Iterator<Item = (Option<Method>, &'book Outcome)> + use<'book, 'no> {
        self.facts.values().filter_map(move |fact| {
            let Fact::Reported {
                attempt: about,
                method,
                outcome,
                ..
            } = fact
            else {
                return None;
            };
            (about == attempt).then_some((*method, outcome))
        })
    }

    /// Returns where an attempt stands.
    #[must_use]
    pub fn attempt_state(&self, attempt: &AttemptNo) -> AttemptState {
        let reported = |test: fn(&Outcome) -> bool| self.was_reported(attempt, test);
        // From the strongest knowledge to the weakest: what is paid stays paid, whatever was said before or after.
        if reported(|outcome| matches!(outcome, Outcome::Paid { .. })) {
            AttemptState::Captured
        } else if reported(|outcome| matches!(outcome, Outcome::Voided)) {
            AttemptState::Voided
        } else if reported(|outcome| matches!(outcome, Outcome::Failed { .. })) {
            AttemptState::Failed
        } else if reported(|outcome| matches!(outcome, Outcome::Lapsed)) {
            AttemptState::Lapsed
        } else if reported(|outcome| matches!(outcome, Outcome::Issued(_))) {
            AttemptState::Issued
        } else if reported(|outcome| matches!(outcome, Outcome::Unsettled))
            || self.facts.contains_key(
                &Fact::Returned {
                    attempt: attempt.clone(),
                }
                .key(),
            )
        {
            AttemptState::Confirming
        } else {
            AttemptState::HandedOver
        }
    }

    /// Returns the payment number of an attempt that was issued one.
    #[must_use]
    pub fn instructions(&self, attempt: &AttemptNo) -> Option<(Option<Method>, &Instructions)> {
        self.reports(attempt).find_map(|(method, outcome)| {
            let Outcome::Issued(instructions) = outcome else {
                return None;
            };
            Some((method, instructions))
        })
    }

    /// Returns what the gateway said of an attempt that failed: its code and its words.
    #[must_use]
    pub fn failure(&self, attempt: &AttemptNo) -> Option<(&str, &str)> {
        self.reports(attempt).find_map(|(_, outcome)| {
            let Outcome::Failed { code, message } = outcome else {
                return None;
            };
            Some((code.as_str(), message.as_str()))
        })
    }

    /// Returns where the order stands. The same set of facts gives the same answer, whatever their order or number.
    #[must_use]
    pub fn status(&self) -> Status {
        let refunded = self.refunded();
        let captured: u64 = self
            .payments()
            .iter()
            .map(|payment| u64::from(payment.amount.dollars()))
            .sum();
        // Of an order paid twice, giving back the surplus leaves the goods paid for.
        let kept_whole =
            captured.saturating_sub(refunded) >= u64::from(self.order.amount.dollars());
        if refunded > 0 && !kept_whole {
            return if refunded >= captured {
                Status::Refunded
            } else {
                Status::PartiallyRefunded
            };
        }
        if self.delivered().is_some() {
            return Status::Fulfilled;
        }
        if self.waits_for_a_person() {
            return Status::Review;
        }
        if captured > 0 {
            return Status::Paid;
        }
        match self.ending() {
            Some(Ending::Cancelled) => Status::Cancelled,
            Some(Ending::Expired) => Status::Expired,
            None if self
                .attempts
                .iter()
                .any(|attempt| self.attempt_state(&attempt.no) == AttemptState::Issued) =>
            {
                Status::AwaitingTransfer
            }
            None => Status::Pending,
        }
    }

    /// Returns until when a payment may come: the offer's end, or the latest deadline of an issued number.
    #[must_use]
    pub fn open_until(&self) -> Timestamp {
        let deadlines = self
            .attempts
            .iter()
            .filter_map(|attempt| self.instructions(&attempt.no)?.1.deadline);
        deadlines.fold(self.order.expires_at, Timestamp::max)
    }

    /// Returns whether the buyer may start another attempt now.
    #[must_use]
    pub fn may_pay_again(&self, now: Timestamp) -> bool {
        self.status() == Status::Pending
            && now < self.order.expires_at
            && self.next_attempt().is_some()
    }
}
