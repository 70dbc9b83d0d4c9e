//! One seed from beginning to end, and the search for the shortest history that still breaks a rule.

use crate::{
    edges::Counts,
    end::Known,
    faults::Fault,
    office::Office,
    profile::Rates,
    rng::{Rng, mix},
    shared::Plan,
    time::Job,
    world::World,
};
use std::collections::BTreeSet;

/// How long a seed's history is.
#[derive(Clone, Debug)]
pub struct Length {
    /// How many steps.
    pub steps: u32,
    /// Steps that are left out.
    pub without: BTreeSet<u32>,
    /// Whether the file is handed to the independent auditor at the end.
    pub audit: bool,
    /// Where a copy of the ledger is left, for whoever wants to look.
    pub keep: Option<std::path::PathBuf>,
}

impl Length {
    /// The history of a seed where no other length is asked for: every fifth is long, the others are short and many.
    #[must_use]
    pub fn of_seed(seed: u64) -> Self {
        Self::of(if seed.is_multiple_of(5) { 60 } else { 12 })
    }

    /// A whole history of so many steps.
    #[must_use]
    pub fn of(steps: u32) -> Self {
        Self {
            steps,
            without: BTreeSet::new(),
            audit: false,
            keep: None,
        }
    }
}

/// A rule that was broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// The rule's name.
    pub rule: &'static str,
    /// What broke it.
    pub what: String,
    /// After which step; the number of steps where it was at the end.
    pub step: u32,
}

/// What came of a seed.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The seed.
    pub seed: u64,
    /// Steps, messages, answers and jobs.
    pub events: u64,
    /// The hash of the whole history.
    pub digest: u64,
    /// How often each fault fired.
    pub fired: Vec<u64>,
    /// How often each edge was taken.
    pub edges: Counts,
    /// Of what was paid without notices, how much was known in time.
    pub known: Known,
    /// Whether the auditor looked at it.
    pub audited: bool,
    /// The first rule that was broken.
    pub broken: Option<Broken>,
}

/// Runs a seed.
///
/// # Errors
/// Files, or a ledger that cannot be read: nothing was proved then.
pub fn run(office: &Office, seed: u64, length: &Length) -> anyhow::Result<Ran> {
    let mut world = World::begin(office, seed)?;
    let mut broken = None;
    for step in 0..length.steps {
        if length.without.contains(&step) {
            continue;
        }
        world.step(step)?;
        broken = first_broken(&world, step);
        if broken.is_some() {
            break;
        }
    }
    let mut known = Known::default();
    let mut audited = false;
    if broken.is_none() {
        let healed = world.heal()?;
        broken = first_broken(&world, length.steps);
        if broken.is_none() {
            known = world.demand(healed)?;
            broken = first_broken(&world, length.steps);
        }
        if broken.is_none() && length.audit {
            audited = true;
            let report = auditor::audit(world.file())?;
            broken = (!report.ok).then(|| Broken {
                rule: "auditor",
                what: audit_text(&report),
                step: length.steps,
            });
        }
    }
    if let Some(keep) = &length.keep {
        let whole = rusqlite::Connection::open(world.file())?;
        whole.execute("VACUUM INTO ?1", [keep.to_string_lossy()])?;
    }
    office.ledger.close();
    let mut town = office.shared.town();
    town.eye = None;
    let orders = u64::try_from(world.orders.len()).unwrap_or(0);
    town.note(orders);
    Ok(Ran {
        seed,
        events: town.events,
        digest: town.digest,
        fired: town.fired.clone(),
        edges: std::mem::take(&mut world.watch.edges),
        known,
        audited,
        broken,
    })
}

fn audit_text(report: &auditor::Report) -> String {
    let lines = report
        .checks
        .iter()
        .filter(|check| !check.holds)
        .map(|check| format!("{}: {}", check.name, check.violations.join("; ")));
    lines.collect::<Vec<_>>().join(" | ")
}

fn first_broken(world: &World<'_>, step: u32) -> Option<Broken> {
    let town = world.office.shared.town();
    town.wrong.first().map(|(rule, what)| Broken {
        rule,
        what: what.clone(),
        step,
    })
}

/// Leaves out steps of a failing history as long as it breaks the same rule. Returns the steps that are left.
///
/// # Errors
/// As [`run`].
pub fn shrink(office: &Office, ran: &Ran, length: &Length) -> anyhow::Result<Vec<u32>> {
    let Some(broken) = &ran.broken else {
        return Ok(Vec::new());
    };
    let mut kept: Vec<u32> = (0..length.steps.min(broken.step + 1))
        .filter(|step| !length.without.contains(step))
        .collect();
    let steps = length.steps.min(broken.step + 1);
    let still = |kept: &[u32]| -> anyhow::Result<bool> {
        let without = (0..steps).filter(|step| !kept.contains(step)).collect();
        let shorter = Length {
            steps,
            without,
            audit: length.audit,
            keep: None,
        };
        let again = run(office, ran.seed, &shorter)?;
        Ok(again.broken.is_some_and(|again| again.rule == broken.rule))
    };
    let mut chunk = (kept.len() / 2).max(1);
    loop {
        let mut at = 0;
        while at < kept.len() {
            let end = (at + chunk).min(kept.len());
            let mut fewer = kept.clone();
            fewer.drain(at..end);
            if still(&fewer)? {
                kept = fewer;
            } else {
                at = end;
            }
        }
        if chunk == 1 {
            return Ok(kept);
        }
        chunk /= 2;
    }
}

impl World<'_> {
    /// One step: somebody does something, then time passes.
    fn step(&mut self, step: u32) -> anyhow::Result<()> {
        {
            let mut town = self.office.shared.town();
            // Each step has dice of its own, so that leaving one out changes the others as little as can be.
            town.rng = Rng::new(mix(self.seed, 1000 + u64::from(step)));
            town.events += 1;
            town.note(u64::from(step));
        }
        let mut rng = self.rng();
        let choice = rng.below(100);
        self.act(choice, &mut rng)?;
        self.pump()?;
        let pause = match rng.below(20) {
            0 if rng.chance(150) => rng.between(3, 5) * 86_400_000,
            0 => rng.between(3_600_000, 8 * 3_600_000),
            1..=3 => rng.between(300_000, 2_400_000),
            4..=9 => rng.between(10_000, 200_000),
            _ => rng.between(0, 8_000),
        };
        let now = self.now();
        self.advance(now + pause)
    }

    fn act(&mut self, choice: u64, rng: &mut Rng) -> anyhow::Result<()> {
        match choice {
            0..=15 => self.checkout(rng),
            40..=44 => self.pay_again(rng),
            45..=58 => self.bank_moves(rng),
            59..=63 => self.forge(rng),
            64..=67 => self.cancel(rng),
            68..=75 if self.profile.desk => self.ask_for_refund(rng),
            76..=79 if self.profile.desk => self.decide_refund(rng),
            80..=83 if self.profile.desk => self.decide_case(rng)?,
            84..=87 if self.profile.desk => self.console(rng),
            98 if self.profile.desk => self.cancel_in_the_back_office(rng),
            88 | 89 if self.profile.hands => self.edit_sheet(rng),
            90 if self.profile.rates != Rates::default() => self.outage(rng),
            91 if self.profile.rates.crash > 0 && self.up => {
                self.fire(Fault::Crash);
                self.crash()?;
            }
            92 | 93 if self.profile.second.is_some() => {
                let pause = rng.between(60_000, 400_000);
                self.freeze_one(rng, pause);
            }
            94 if self.profile.jumps => {
                let jumps = [-86_400_000, -3_600_000, 0, 0, 3_600_000, 86_400_000];
                self.skew = rng.pick(&jumps).copied().unwrap_or(0);
                self.set_clock();
                self.fire(Fault::F38ClockJump);
            }
            95..=97 if self.up => {
                let jobs = [Job::Ask, Job::Deliver, Job::Refund, Job::Sheet, Job::Sweep];
                if let Some(job) = rng.pick(&jobs) {
                    self.start_job(*job, 0);
                }
            }
            _ => self.pay(rng)?,
        }
        Ok(())
    }

    fn outage(&mut self, rng: &mut Rng) {
        let for_ms = rng.between(60_000, 24 * 3_600_000);
        let mut town = self.office.shared.town();
        let until = town.now + for_ms;
        if rng.chance(500) {
            if town.rates.wire > 0 {
                town.bank_down_until = until;
                town.fire(Fault::F11QueryDown);
            }
        } else {
            town.sheet_down_until = until;
            town.fire(Fault::F40SheetDown);
        }
        debug_assert_ne!(town.plan, Plan::Calm);
    }
}
