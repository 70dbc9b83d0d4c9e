//! Fail operation 1, then 2, … until a run has no failure (§4.1, engine L): over every call of the store, the gateway and
//! the sheet, once or from there on, before its effect or after it with the answer lost. Afterwards faults end, and the
//! order must end right.

use crate::{
    bank::{Standing, Way},
    office::Office,
    rng::Rng,
    run::Broken,
    shared::Plan,
    time::Job,
    world::World,
};
use serde_json::{Value, json};
use std::time::Instant;

/// One way through the shop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Path {
    /// Placing an order.
    Checkout,
    /// A notice.
    Notice,
    /// A browser that comes back.
    Return,
    /// Asking the gateway.
    Reconcile,
    /// Handing over.
    Deliver,
    /// Giving money back.
    Refund,
    /// Writing the sheet.
    Sheet,
    /// The daily look.
    Sweep,
}

impl Path {
    /// Every path.
    pub const ALL: [Self; 8] = [
        Self::Checkout,
        Self::Notice,
        Self::Return,
        Self::Reconcile,
        Self::Deliver,
        Self::Refund,
        Self::Sheet,
        Self::Sweep,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Checkout => "checkout",
            Self::Notice => "notice",
            Self::Return => "return",
            Self::Reconcile => "reconcile",
            Self::Deliver => "deliver",
            Self::Refund => "refund",
            Self::Sheet => "sheet",
            Self::Sweep => "sweep",
        }
    }
}

/// What came of all loops.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Runs, each with one failure (or more) somewhere.
    pub runs: u64,
    /// Runs by path.
    pub by_path: Vec<(&'static str, u64)>,
    /// Files that the auditor looked at.
    pub audited: u64,
    /// What was broken.
    pub failures: Vec<String>,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
}

/// A loop that goes on for longer than this does not end.
const CALLS_MAX: u64 = 400;

/// Runs all loops.
///
/// # Errors
/// Files, or a ledger that cannot be read.
pub fn run_all() -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let office = Office::open()?;
    let mut outcome = Outcome::default();
    for path in Path::ALL {
        let mut runs = 0;
        for (after, all_later) in [(false, false), (true, false), (false, true), (true, true)] {
            for at in 0..CALLS_MAX {
                let plan = Plan::Nth {
                    at,
                    after,
                    all_later,
                };
                let (met, broken) = one(&office, path, plan)?;
                if !met {
                    break;
                }
                runs += 1;
                outcome.audited += 1;
                if let Some(broken) = broken {
                    let text = format!(
                        "{} with {plan:?}: {} {}",
                        path.name(),
                        broken.rule,
                        broken.what
                    );
                    outcome.failures.push(text);
                }
                anyhow::ensure!(at + 1 < CALLS_MAX, "{} does not end", path.name());
            }
        }
        outcome.runs += runs;
        outcome.by_path.push((path.name(), runs));
    }
    outcome.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(outcome)
}

impl Outcome {
    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let paths: Vec<String> = self
            .by_path
            .iter()
            .map(|(path, runs)| format!("{path} {runs}"))
            .collect();
        format!(
            "fail_nth: {} runs, {} violations, {} s ({})",
            self.runs,
            self.failures.len(),
            self.took_ms / 1000,
            paths.join(", ")
        )
    }

    /// The report for machines.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let paths: serde_json::Map<String, Value> = self
            .by_path
            .iter()
            .map(|(path, runs)| ((*path).to_owned(), json!(runs)))
            .collect();
        json!({
            "name": "fail_nth",
            "ok": self.failures.is_empty(),
            "seconds": self.took_ms / 1000,
            "counts": {"runs": self.runs, "audited": self.audited, "violations": self.failures.len(), "paths": paths},
            "failures": self.failures,
        })
    }
}

/// One run: everything before the path succeeds, the path meets the failure, then all is well again.
#[expect(
    clippy::too_many_lines,
    reason = "one run, from its beginning to its audit"
)]
fn one(office: &Office, path: Path, plan: Plan) -> anyhow::Result<(bool, Option<Broken>)> {
    let mut world = World::quiet(office, 7)?;
    let mut rng = Rng::new(1);
    if path != Path::Checkout {
        world.checkout(&mut rng);
        world.pump()?;
    }
    let trade = if path == Path::Checkout {
        None
    } else {
        world.charge(Way::Card, Standing::Paid)
    };
    match path {
        Path::Deliver => world.stop_job(Job::Deliver),
        Path::Sheet => world.stop_job(Job::Sheet),
        Path::Checkout
        | Path::Notice
        | Path::Return
        | Path::Reconcile
        | Path::Refund
        | Path::Sweep => {}
    }
    if matches!(path, Path::Deliver | Path::Refund | Path::Sheet)
        && let Some(trade) = &trade
    {
        world.tell_of(trade, &mut rng);
        let now = world.now();
        world.advance(now + 60_000)?;
        let stands = if path == Path::Deliver {
            "paid"
        } else {
            "fulfilled"
        };
        anyhow::ensure!(
            world.watch.status.values().any(|status| status == stands),
            "the order is not {stands}"
        );
        if path == Path::Refund {
            // Captured by then, so that the refund leaves as one.
            world.advance(now + 5 * 3_600_000)?;
        }
    }
    world.free_jobs();
    {
        let mut town = office.shared.town();
        town.calls = 0;
        town.plan = plan;
        town.plan_met = false;
    }
    world.walk(path, trade.as_deref(), &mut rng)?;
    let met = office.shared.town().plan_met;
    let healed = world.heal()?;
    world.demand(healed)?;
    let mut broken = office
        .shared
        .town()
        .wrong
        .first()
        .map(|(rule, what)| Broken {
            rule,
            what: what.clone(),
            step: 0,
        });
    if broken.is_none() && trade.is_some() && path != Path::Refund {
        let ends: Vec<&String> = world.watch.status.values().collect();
        if ends.iter().any(|status| *status != "fulfilled") || ends.is_empty() {
            broken = Some(Broken {
                rule: "V2",
                what: format!("it ends as {ends:?}"),
                step: 0,
            });
        }
    }
    let report = auditor::audit(world.file())?;
    if broken.is_none() && !report.ok {
        broken = Some(Broken {
            rule: "auditor",
            what: report.broken().join(", "),
            step: 0,
        });
    }
    office.ledger.close();
    office.shared.town().eye = None;
    Ok((met, broken))
}

impl World<'_> {
    /// Walks one path while the plan holds.
    fn walk(&mut self, path: Path, trade: Option<&str>, rng: &mut Rng) -> anyhow::Result<()> {
        let (now, wait) = (self.now(), 120_000);
        match (path, trade) {
            (Path::Checkout, _) => self.checkout(rng),
            (Path::Notice, Some(trade)) => self.tell_of(trade, rng),
            (Path::Return, Some(trade)) => self.come_back(trade, rng),
            (Path::Refund, Some(trade)) => {
                self.refund_some(trade, rng);
                // Long enough for the gateway to be asked about what came of it.
                return self.advance(now + 40 * 60_000);
            }
            (Path::Sweep, _) => {
                self.start_job(Job::Sweep, 0);
                return self.advance(now + 86_400_000 + 1);
            }
            (Path::Reconcile | Path::Deliver | Path::Sheet, _) | (_, None) => {}
        }
        self.advance(now + wait)
    }

    /// A buyer pays the newest order.
    fn charge(&mut self, way: Way, standing: Standing) -> Option<String> {
        let order = self.orders.last()?.clone();
        let attempt = order.attempts.last()?.clone();
        let mut town = self.office.shared.town();
        let now = town.now;
        let ends = now + 86_400_000;
        Some(
            town.bank
                .begin(attempt.as_str(), order.amount, way, standing, now, ends),
        )
    }
}
