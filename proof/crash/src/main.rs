//! `crash`: the real program killed, cut off from power, flooded, out of disk, and what is left judged.

mod disk;
mod judge;
mod kills;
mod migration;
mod power;
mod program;
mod refunds;
mod report;
mod shopper;
mod stock;
mod street;
mod wire;

use anyhow::{Context, Result};
use clap::Parser;
use program::Built;
use report::Proof;
use std::{path::PathBuf, process::ExitCode};

/// Kills the real program, and judges what is left.
#[derive(Parser)]
struct Cli {
    /// Where the JSON goes.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Ten times as much.
    #[arg(long)]
    long: bool,
    /// Only this proof.
    #[arg(long)]
    only: Option<String>,
    /// So many kills, instead of 500 or 5,000.
    #[arg(long)]
    cycles: Option<u64>,
    /// Only at these points, such as `K05,K16`.
    #[arg(long, value_delimiter = ',')]
    points: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let cli = Cli::parse();
    let wanted = |name: &str| cli.only.as_deref().is_none_or(|only| only == name);
    let built = Built::make(false)?;
    let mut proofs: Vec<Proof> = Vec::new();
    if wanted("kills") {
        let cycles = cli.cycles.unwrap_or(if cli.long { 5_000 } else { 500 });
        proofs.push(kills::run(&built, cycles, (cycles / 25).max(1), &cli.points).await?);
        tell(proofs.last());
    }
    if wanted("power") {
        proofs.push(power::run(&built, if cli.long { 1_000 } else { 100 }).await?);
        tell(proofs.last());
    }
    if let Some(path) = &cli.report {
        let json = serde_json::to_vec_pretty(&proofs)?;
        std::fs::write(path, json).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let ok = !proofs.is_empty() && proofs.iter().all(Proof::holds);
    Ok(if ok {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn tell(proof: Option<&Proof>) {
    if let Some(proof) = proof {
        println!("{}", proof.line());
    }
}
