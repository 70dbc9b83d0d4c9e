//! Many seeds, and what came of them all.

use crate::{
    edges::{self, Counts},
    end::Known,
    faults::Fault,
    office::Office,
    run::{Length, Ran, run, shrink},
};
use serde_json::{Map, Value, json};
use std::{
    ops::Range,
    sync::atomic::{AtomicU64, Ordering},
    thread::ScopedJoinHandle,
    time::Instant,
};

/// What to run.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many seeds.
    pub seeds: u64,
    /// At least so many events.
    pub events: u64,
    /// Only this seed.
    pub only: Option<u64>,
    /// The first seed.
    pub from: u64,
    /// Steps of each seed.
    pub steps: Option<u32>,
    /// Every how many seeds the auditor looks.
    pub audit_every: u64,
    /// Where a copy of the only seed's ledger is left.
    pub keep: Option<std::path::PathBuf>,
}

/// What came of all seeds.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Seeds that ran.
    pub seeds: u64,
    /// Events.
    pub events: u64,
    /// How often each fault fired, and in how many seeds.
    pub fired: Vec<(u64, u64)>,
    /// How often each edge was taken.
    pub edges: Counts,
    /// Of what was paid without notices, how much was known in time.
    pub known: Known,
    /// Files that the auditor looked at.
    pub audited: u64,
    /// Broken rules, one line each.
    pub failures: Vec<String>,
    /// Faults that never fired and edges that were never taken.
    pub missing: Vec<String>,
    /// The hash of all histories.
    pub digest: u64,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// Whether a whole run was asked for, so that what is missing counts.
    pub whole: bool,
}

/// So many seeds are handed out at once.
const BATCH: u64 = 64;
/// How many failures are retold before a run gives up.
const FAILURES_MAX: usize = 20;
/// From so many seeds on, a fault that never fired or an edge that was never taken fails the run.
const WHOLE_FROM: u64 = 10_000;

/// Runs seeds until there are enough seeds and enough events.
///
/// # Errors
/// Files.
pub fn run_all(options: &Options) -> anyhow::Result<Outcome> {
    let began = Instant::now();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let teams = if options.only.is_some() { 1 } else { cores };
    let mut offices = (0..teams)
        .map(|_| Office::open())
        .collect::<anyhow::Result<Vec<_>>>()?;
    let mut outcome = Outcome {
        fired: vec![(0, 0); Fault::ALL.len()],
        ..Outcome::default()
    };
    let mut seed = options.only.unwrap_or(options.from);
    'seeds: loop {
        let count = if options.only.is_some() { 1 } else { BATCH };
        // Told in the order of the seeds and cut off at the same one, however many work at it.
        for (ran, line) in batch(&mut offices, seed..seed + count, options)? {
            outcome.failures.extend(line);
            outcome.add(&ran);
            let enough = outcome.seeds >= options.seeds && outcome.events >= options.events;
            if options.only.is_some() || enough || outcome.failures.len() >= FAILURES_MAX {
                break 'seeds;
            }
        }
        seed += count;
    }
    outcome.whole = options.only.is_none() && outcome.seeds >= WHOLE_FROM;
    outcome.missing = edges::untaken(&outcome.edges);
    for (fault, (times, _)) in Fault::ALL.iter().zip(&outcome.fired) {
        if *times == 0 {
            outcome.missing.push(fault.name().to_owned());
        }
    }
    outcome.took_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(outcome)
}

/// Runs some seeds, one office at each core. Returns what came of each, in their order, and a line where a rule broke.
fn batch(
    offices: &mut [Office],
    seeds: Range<u64>,
    options: &Options,
) -> anyhow::Result<Vec<(Ran, Option<String>)>> {
    let next = AtomicU64::new(seeds.start);
    let parts = std::thread::scope(|scope| {
        let workers: Vec<_> = offices
            .iter_mut()
            .map(|office| {
                scope.spawn(|| {
                    let mut done = Vec::new();
                    loop {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if seed >= seeds.end {
                            return anyhow::Ok(done);
                        }
                        done.push(one(office, seed, options)?);
                    }
                })
            })
            .collect();
        workers
            .into_iter()
            .map(ScopedJoinHandle::join)
            .collect::<Vec<_>>()
    });
    let mut all = Vec::new();
    for part in parts {
        all.extend(part.map_err(|_| anyhow::anyhow!("a worker of the simulation panicked"))??);
    }
    all.sort_by_key(|(ran, _)| ran.seed);
    Ok(all)
}

fn one(office: &Office, seed: u64, options: &Options) -> anyhow::Result<(Ran, Option<String>)> {
    let length = Length {
        audit: options.only.is_some() || seed.is_multiple_of(options.audit_every),
        keep: options.keep.clone(),
        ..options
            .steps
            .map_or_else(|| Length::of_seed(seed), Length::of)
    };
    let ran = run(office, seed, &length)?;
    let line = match ran.broken {
        Some(_) => Some(retell(office, &ran, &length)?),
        None => None,
    };
    Ok((ran, line))
}

fn retell(office: &Office, ran: &Ran, length: &Length) -> anyhow::Result<String> {
    let Some(broken) = &ran.broken else {
        return Ok(String::new());
    };
    let left = shrink(office, ran, length)?;
    Ok(format!(
        "seed {}: {} broken after step {}: {} (of {} steps these {} are enough: {left:?}; simulation --seed {} --steps {})",
        ran.seed,
        broken.rule,
        broken.step,
        broken.what,
        length.steps,
        left.len(),
        ran.seed,
        length.steps,
    ))
}

impl Outcome {
    fn add(&mut self, ran: &Ran) {
        self.seeds += 1;
        self.events += ran.events;
        self.audited += u64::from(ran.audited);
        self.digest = crate::rng::mix(self.digest, ran.digest);
        self.known.paid += ran.known.paid;
        self.known.in_time += ran.known.in_time;
        for (sum, times) in self.fired.iter_mut().zip(&ran.fired) {
            sum.0 += times;
            sum.1 += u64::from(*times > 0);
        }
        for (edge, times) in &ran.edges {
            *self.edges.entry(edge.clone()).or_default() += times;
        }
    }

    /// Whether every rule held, and, in a whole run, everything that can happen did.
    #[must_use]
    pub fn ok(&self) -> bool {
        self.failures.is_empty() && (self.missing.is_empty() || !self.whole)
    }

    /// One line for people.
    #[must_use]
    pub fn line(&self) -> String {
        let missing = if self.missing.is_empty() {
            String::new()
        } else {
            format!("; never happened: {}", self.missing.join(", "))
        };
        format!(
            "simulation: {} seeds, {} events, {} violations, {} s; {} files audited; without any notice {} of {} payments known in time; digest {:016x}{missing}",
            self.seeds,
            self.events,
            self.failures.len(),
            self.took_ms / 1000,
            self.audited,
            self.known.in_time,
            self.known.paid,
            self.digest,
        )
    }

    /// The report for machines.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let faults: Map<String, Value> = Fault::ALL
            .iter()
            .zip(&self.fired)
            .map(|(fault, (times, seeds))| {
                (
                    fault.name().to_owned(),
                    json!({"times": times, "seeds": seeds}),
                )
            })
            .collect();
        let mut failures = self.failures.clone();
        if self.whole {
            failures.extend(
                self.missing
                    .iter()
                    .map(|what| format!("never happened: {what}")),
            );
        }
        json!({
            "name": "simulation",
            "ok": self.ok(),
            "seconds": self.took_ms / 1000,
            "counts": {
                "seeds": self.seeds,
                "events": self.events,
                "violations": self.failures.len(),
                "audited": self.audited,
                "paid_without_notice": self.known.paid,
                "known_in_time": self.known.in_time,
                "digest": format!("{:016x}", self.digest),
                "faults": faults,
                "edges": self.edges,
            },
            "failures": failures,
        })
    }
}
