//! What everything in one simulated town shares: the dice, the clock, the gateway's books, and the gate that every call of
//! the shop to the outside passes, where it can fail.

use crate::{bank::Bank, faults::Fault, profile::Rates, rng::Rng};
use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

/// The shared state. One thread uses it; no lock is held while anything waits.
#[derive(Clone)]
pub struct Shared(Arc<Mutex<Town>>);

/// What is behind [`Shared`].
pub struct Town {
    /// The dice of the present step.
    pub rng: Rng,
    /// True time, in milliseconds.
    pub now: i64,
    /// The gateway's books.
    pub bank: Bank,
    /// What may go wrong, and how often.
    pub rates: Rates,
    /// Until when the gateway does not answer.
    pub bank_down_until: i64,
    /// Until when the sheet does not answer.
    pub sheet_down_until: i64,
    /// How the calls through the gate fare.
    pub plan: Plan,
    /// Calls that passed the gate.
    pub calls: u64,
    /// Something happened: whoever waits is worth another look.
    pub progress: u64,
    /// When a call under way goes on.
    pub wakes: BTreeSet<i64>,
    /// The process has died at the gate; its tasks are gone.
    pub dead: bool,
    /// Ledger calls that may have changed the outbox.
    pub outbox_touched: bool,
    /// Steps, messages, answers and jobs so far.
    pub events: u64,
    /// How often each fault fired.
    pub fired: Vec<u64>,
    /// Whether the last planned failure was met.
    pub plan_met: bool,
    /// What the present history looks like, as a running hash.
    pub digest: u64,
    /// A second connection to the ledger, to read only.
    pub eye: Option<rusqlite::Connection>,
    /// Questions about each attempt, by time.
    pub asked: BTreeMap<String, Vec<i64>>,
    /// What was handed over, by the key of the delivery: how often, and for which trade.
    pub handed: BTreeMap<String, (u32, String)>,
    /// Rules that were broken.
    pub wrong: Vec<(&'static str, String)>,
}

/// How the calls through the gate fare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// All succeed.
    Calm,
    /// As the rates say.
    Dice,
    /// The call with this number fails, and perhaps all later ones.
    Nth {
        /// Counted from 0.
        at: u64,
        /// Whether its effect happens all the same.
        after: bool,
        /// Whether all later ones fail too.
        all_later: bool,
    },
}

/// What the gate says of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It goes through.
    Go,
    /// It fails, and nothing happens.
    FailBefore,
    /// It happens, and its answer is lost.
    FailAfter,
    /// The process dies before it happens.
    DieBefore,
    /// It happens, and the process dies.
    DieAfter,
}

impl Shared {
    /// A town at this time.
    #[must_use]
    pub fn new(rng: Rng, now: i64, rates: Rates) -> Self {
        Self(Arc::new(Mutex::new(Town::new(rng, now, rates))))
    }

    /// Looks at it or changes it, for a moment.
    pub fn town(&self) -> MutexGuard<'_, Town> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the gate about a call; lets others go first where the dice say so. Dies where the dice say so: then it
    /// never returns.
    pub async fn gate(&self, store: bool) -> Verdict {
        let yields = {
            let mut town = self.town();
            let rate = town.rates.yields;
            town.plan == Plan::Dice && town.rng.chance(rate)
        };
        if yields {
            Yield(false).await;
        }
        let verdict = self.town().verdict(store);
        if verdict == Verdict::DieBefore {
            self.die().await;
        }
        verdict
    }

    /// Ends the process: whoever awaits this never goes on.
    pub async fn die(&self) {
        self.town().dead = true;
        std::future::pending::<()>().await;
    }

    /// Waits until this time.
    pub async fn until(&self, at: i64) {
        Until {
            shared: self.clone(),
            at,
        }
        .await;
    }
}

impl Town {
    /// A town at this time.
    #[must_use]
    pub fn new(rng: Rng, now: i64, rates: Rates) -> Self {
        Self {
            rng,
            now,
            bank: Bank::default(),
            rates,
            bank_down_until: 0,
            sheet_down_until: 0,
            plan: Plan::Calm,
            calls: 0,
            progress: 0,
            wakes: BTreeSet::new(),
            dead: false,
            outbox_touched: true,
            events: 0,
            fired: vec![0; Fault::ALL.len()],
            plan_met: false,
            digest: 0,
            eye: None,
            asked: BTreeMap::new(),
            handed: BTreeMap::new(),
            wrong: Vec::new(),
        }
    }

    /// A rule was broken: its name, and what broke it.
    pub fn accuse(&mut self, rule: &'static str, what: String) {
        self.wrong.push((rule, what));
    }

    /// A fault has fired.
    pub fn fire(&mut self, fault: Fault) {
        if let Some(count) = self.fired.get_mut(fault as usize) {
            *count += 1;
        }
    }

    /// Adds to the history's hash.
    pub fn note(&mut self, value: u64) {
        self.digest = crate::rng::mix(self.digest, value);
    }

    fn verdict(&mut self, store: bool) -> Verdict {
        let at = self.calls;
        self.calls += 1;
        self.progress += 1;
        match self.plan {
            Plan::Calm => Verdict::Go,
            Plan::Nth {
                at: nth,
                after,
                all_later,
            } => {
                let strikes = at == nth || (all_later && at > nth);
                self.plan_met |= strikes;
                match (strikes, after) {
                    (false, _) => Verdict::Go,
                    (true, true) => Verdict::FailAfter,
                    (true, false) => Verdict::FailBefore,
                }
            }
            Plan::Dice => self.throw(store),
        }
    }

    fn throw(&mut self, store: bool) -> Verdict {
        let rates = self.rates;
        if store && self.rng.chance(rates.crash) {
            let after = self.rng.chance(500);
            self.fire(Fault::Crash);
            return if after {
                Verdict::DieAfter
            } else {
                Verdict::DieBefore
            };
        }
        if store && self.rng.chance(rates.store) {
            let after = self.rng.chance(300);
            self.fire(if after {
                Fault::F27AmbiguousCommit
            } else {
                Fault::F21StoreFails
            });
            return if after {
                Verdict::FailAfter
            } else {
                Verdict::FailBefore
            };
        }
        Verdict::Go
    }
}

struct Yield(bool);

impl Future for Yield {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        if self.0 {
            return Poll::Ready(());
        }
        self.0 = true;
        Poll::Pending
    }
}

struct Until {
    shared: Shared,
    at: i64,
}

impl Future for Until {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        let mut town = self.shared.town();
        if town.now >= self.at {
            town.progress += 1;
            return Poll::Ready(());
        }
        town.wakes.insert(self.at);
        Poll::Pending
    }
}
