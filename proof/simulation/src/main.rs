//! Runs the seeded simulator.

use anyhow::Context;
use clap::Parser;
use simulation::report::{Options, run_all};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::ExitCode,
};

/// One number decides who buys, what breaks and when; the shop's own functions answer.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// How many seeds.
    #[arg(long, default_value_t = 10_000)]
    seeds: u64,
    /// At least so many events: seeds are added until there are.
    #[arg(long, default_value_t = 0)]
    events: u64,
    /// Only this seed; where it breaks a rule, with the fewest of its steps that still do.
    #[arg(long)]
    seed: Option<u64>,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Steps of each seed; by default every fifth seed has 60 and the others 12.
    #[arg(long)]
    steps: Option<u32>,
    /// Fails each call of each path in turn, instead of running seeds.
    #[arg(long)]
    fail_nth: bool,
    /// At least 20,000,000 events.
    #[arg(long)]
    long: bool,
    /// Every how many seeds the independent auditor looks at the file.
    #[arg(long, default_value_t = 10)]
    audit_every: u64,
    /// With `--seed`: a new file for a copy of the ledger.
    #[arg(long, requires = "seed")]
    keep: Option<PathBuf>,
    /// Where the report goes, as JSON.
    #[arg(long)]
    report: Option<PathBuf>,
}

fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let options = Options {
        seeds: arguments.seeds,
        events: if arguments.long {
            20_000_000
        } else {
            arguments.events
        },
        only: arguments.seed,
        from: arguments.from,
        steps: arguments.steps,
        audit_every: arguments.audit_every.max(1),
        keep: arguments.keep.clone(),
    };
    if arguments.fail_nth {
        let outcome = simulation::nth::run_all()?;
        let ok = outcome.failures.is_empty();
        return close(
            arguments.report.as_deref(),
            &outcome.to_json(),
            &outcome.failures,
            &outcome.line(),
            ok,
        );
    }
    let outcome = run_all(&options)?;
    close(
        arguments.report.as_deref(),
        &outcome.to_json(),
        &outcome.failures,
        &outcome.line(),
        outcome.ok(),
    )
}

fn close(
    report: Option<&Path>,
    json: &serde_json::Value,
    failures: &[String],
    line: &str,
    ok: bool,
) -> anyhow::Result<ExitCode> {
    if let Some(path) = report {
        std::fs::write(path, json.to_string())
            .with_context(|| format!("{} cannot be written", path.display()))?;
    }
    let mut out = std::io::stdout().lock();
    for failure in failures.iter().take(10) {
        writeln!(out, "{failure}")?;
    }
    writeln!(out, "{line}")?;
    Ok(if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
