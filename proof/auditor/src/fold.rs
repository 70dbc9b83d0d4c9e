//! The auditor's own fold: facts in, a status out. Written from the state machine, not from the core.

use super::history::{Fact, History};
use std::collections::{BTreeMap, BTreeSet};

/// What the facts so far amount to.
#[derive(Default)]
pub(super) struct Knowledge {
    /// What the gateway said of each attempt, by the outcome's name.
    said: BTreeMap<String, BTreeSet<String>>,
    /// Dollars by trade.
    captured: BTreeMap<String, i64>,
    /// The largest total by trade.
    returned: BTreeMap<String, i64>,
    /// What was parked and what was decided, by the meaning of the case.
    parked: BTreeSet<String>,
    decided: BTreeSet<String>,
    expired: bool,
    cancelled: bool,
    delivered: bool,
}

impl Knowledge {
    /// Folds facts in the order given.
    pub(super) fn of<'a>(facts: impl IntoIterator<Item = &'a Fact>) -> Self {
        let mut known = Self::default();
        facts.into_iter().for_each(|fact| known.learn(fact));
        known
    }

    fn learn(&mut self, fact: &Fact) {
        let trade = || fact.trade.clone().unwrap_or_default();
        let amount = fact.amount.unwrap_or_default();
        match fact.kind.as_str() {
            "delivered" => self.delivered = true,
            "ended expired" => self.expired = true,
            "ended cancelled" => self.cancelled = true,
            "refunded" => {
                let total = self.returned.entry(trade()).or_default();
                *total = amount.max(*total);
            }
            "decided" => {
                let case = fact.meaning.strip_prefix("decided/").unwrap_or_default();
                self.decided.insert(case.to_owned());
            }
            kind if kind.starts_with("parked ") => {
                self.parked.insert(fact.meaning.clone());
            }
            kind => {
                if kind == "paid" {
                    let dollars = self.captured.entry(trade()).or_default();
                    *dollars = amount.max(*dollars);
                }
                let attempt = fact.attempt.clone().unwrap_or_default();
                self.said
                    .entry(attempt)
                    .or_default()
                    .insert(kind.to_owned());
            }
        }
    }

    fn heard(&self, attempt: &str, outcome: &str) -> bool {
        self.said
            .get(attempt)
            .is_some_and(|said| said.contains(outcome))
    }

    /// Only the newest number's lapse ends an offer: an older one was given up for it.
    fn ended(&self, attempts: &[String]) -> bool {
        let lapsed = attempts
            .last()
            .is_some_and(|last| self.heard(last, "lapsed"));
        self.cancelled || self.expired || lapsed
    }

    /// Paid more than once.
    pub(super) fn is_surplus(&self) -> bool {
        self.captured.len() > 1
    }

    /// Paid although the offer had ended, and not delivered before that.
    pub(super) fn is_late(&self, attempts: &[String]) -> bool {
        !self.delivered && !self.captured.is_empty() && self.ended(attempts)
    }

    /// Where the order stands.
    pub(super) fn status(&self, order: &History) -> &'static str {
        let captured: i64 = self.captured.values().sum();
        let returned: i64 = self.returned.values().sum();
        let kept = captured.saturating_sub(returned);
        if returned > 0 && kept < order.amount {
            return if kept > 0 {
                "partially_refunded"
            } else {
                "refunded"
            };
        }
        if self.delivered {
            "fulfilled"
        } else if self.needs_a_person(order, returned) {
            "review"
        } else if captured > 0 {
            "paid"
        } else if self.cancelled {
            "cancelled"
        } else if self.ended(&order.attempts) {
            "expired"
        } else if order.attempts.iter().any(|attempt| self.waits(attempt)) {
            "awaiting_transfer"
        } else {
            "pending"
        }
    }

    /// Something was parked, or all facts together make a case, and nobody has decided it.
    fn needs_a_person(&self, order: &History, returned: i64) -> bool {
        let undecided = |code: &str| {
            let case = format!("parked/{code}/{}/-/0", order.no);
            !self.decided.contains(&case)
        };
        // Of a third and later payment the case carries what was paid too much by then.
        let another = (2..self.captured.len()).any(|beyond| {
            let sum = order.amount * i64::try_from(beyond).unwrap_or(i64::MAX);
            !self
                .decided
                .contains(&format!("parked/L4.surplus/{}/-/{sum}", order.no))
        });
        self.parked.difference(&self.decided).next().is_some()
            || (returned > 0 && (undecided("L4.surplus") || another))
            || (self.is_late(&order.attempts) && undecided("L4.late"))
    }

    /// A number was issued, and nothing has become of it.
    fn waits(&self, attempt: &str) -> bool {
        self.heard(attempt, "issued")
            && !["paid", "voided", "failed", "lapsed"]
                .iter()
                .any(|end| self.heard(attempt, end))
    }
}

/// A fixed shuffle for each seed (Fisher and Yates over a 64-bit linear congruential generator).
pub(super) fn shuffled(facts: &[Fact], seed: u64) -> Vec<&Fact> {
    let mut order: Vec<&Fact> = facts.iter().collect();
    let mut state = seed;
    for place in (1..order.len()).rev() {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let bound = u64::try_from(place).unwrap_or(u64::MAX - 1) + 1;
        let other = usize::try_from((state >> 33) % bound).unwrap_or(0);
        order.swap(place, other);
    }
    order
}
