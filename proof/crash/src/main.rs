//! `crash`: the real program killed, cut off from power, flooded, out of disk, and what is left judged.

mod disk;
mod full;
mod judge;
mod kills;
mod load;
mod migration;
mod power;
mod program;
mod refunds;
mod report;
mod shopper;
mod stock;
mod street;
mod timing;
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
    let mut proofs: Vec<Proof> = Vec::new();
    let (many, long) = (|short, long| if cli.long { long } else { short }, cli.long);
    if ["kills", "power", "disk"].into_iter().any(wanted) {
        let built = Built::make(false)?;
        if wanted("kills") {
            let cycles = cli.cycles.unwrap_or(many(500, 5_000));
            let each = (cycles / 25).max(1);
            tell(
                &mut proofs,
                kills::run(&built, cycles, each, &cli.points).await?,
            );
        }
        if wanted("power") {
            tell(&mut proofs, power::run(&built, many(100, 1_000)).await?);
        }
        if wanted("disk") {
            tell(&mut proofs, full::run(&built, many(3, 20)).await?);
        }
    }
    if wanted("load") {
        // What is measured is the program as it is shipped.
        let built = Built::make(true)?;
        let seconds = if long { 60 } else { 20 };
        tell(&mut proofs, load::run(&built, seconds).await?);
    }
    if wanted("timing") {
        tell(
            &mut proofs,
            timing::run(if long { 100_000 } else { 10_000 })?,
        );
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

fn tell(proofs: &mut Vec<Proof>, proof: Proof) {
    println!("{}", proof.line());
    proofs.push(proof);
}
