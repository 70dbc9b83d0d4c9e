//! `jinliu lab`: the attack corpus, played against a throw-away shop.

use crate::{lab::Lab, say::say};
use anyhow::Context;
use attacks::{Case, Outcome, Verdict};
use serde_json::json;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Instant,
};
use tokio::task::JoinSet;

/// What to do in the laboratory.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum LabCommand {
    /// 對一間用完就丟的商店，實際打一遍每一種攻擊
    Run(RunArgs),
    /// 列出所有案例
    List,
    /// 一次拆掉一道防線，看其他防線守不守得住
    #[cfg(feature = "ablation")]
    Ablate(super::ablate::AblateArgs),
}

/// Which cases, and how to print.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct RunArgs {
    /// 案例編號（例如 A01）；不寫就是全部
    pub cases: Vec<String>,
    /// 印成 JSON
    #[arg(long)]
    pub json: bool,
    /// 先拆掉這道防線（名字見 docs/ablation.md，例如 L3、L4.facts）
    #[cfg(feature = "ablation")]
    #[arg(long)]
    pub off: Option<String>,
    /// 同時打幾個案例
    #[arg(long, default_value_t = 6)]
    pub jobs: usize,
    /// 把結果寫成這個 JSON 檔
    #[arg(long)]
    pub report: Option<PathBuf>,
}

/// Runs a command of the laboratory.
///
/// # Errors
/// A case that was not refused as written, or no such case.
pub async fn run(command: LabCommand) -> anyhow::Result<()> {
    match command {
        LabCommand::Run(args) => attack(args).await,
        LabCommand::List => list(),
        #[cfg(feature = "ablation")]
        LabCommand::Ablate(args) => super::ablate::run(args).await,
    }
}

fn list() -> anyhow::Result<()> {
    for case in attacks::corpus()? {
        let note = if case.applies() {
            ""
        } else {
            "（不適用）"
        };
        say!(
            "{:<5} {:?}  {}  {}{note}",
            case.id,
            case.class,
            case.line.as_str(),
            case.title.zh
        )?;
    }
    Ok(())
}

/// The laboratory as the arguments want it.
#[cfg(feature = "ablation")]
fn fitted(program: PathBuf, args: &RunArgs) -> anyhow::Result<Lab> {
    let mut lab = Lab::new(program);
    if let Some(name) = &args.off {
        let part = crate::lab::ablation::PARTS
            .iter()
            .find(|part| part.name == name);
        lab.off = part
            .with_context(|| format!("沒有 {name} 這道防線：名字見 docs/ablation.md"))?
            .off;
    }
    Ok(lab)
}

/// A laboratory whose shops have all their lines: there is no switch for them in this program.
#[cfg(not(feature = "ablation"))]
#[expect(clippy::unnecessary_wraps, reason = "the test build's can fail")]
fn fitted(program: PathBuf, _: &RunArgs) -> anyhow::Result<Lab> {
    Ok(Lab::new(program))
}

async fn attack(args: RunArgs) -> anyhow::Result<()> {
    let cases = if args.cases.is_empty() {
        attacks::corpus()?
    } else {
        let find = |id: &String| attacks::find(id);
        args.cases.iter().map(find).collect::<Result<_, _>>()?
    };
    let program = std::env::current_exe().context("the program does not know where it is")?;
    let started = Instant::now();
    let titles: BTreeMap<String, String> = cases
        .iter()
        .map(|case| (case.id.clone(), case.title.zh.clone()))
        .collect();
    let verdicts = play_all(&fitted(program, &args)?, cases, args.jobs, |verdict| {
        if !args.json {
            print(verdict, titles.get(&verdict.id).map_or("", String::as_str))?;
        }
        Ok(())
    })
    .await?;
    if args.json {
        say!("{}", serde_json::to_string_pretty(&verdicts)?)?;
    }
    let count = |wanted: Outcome| verdicts.iter().filter(|v| v.verdict == wanted).count();
    let (refused, believed) = (count(Outcome::Refused), count(Outcome::Believed));
    let line = format!(
        "攻擊 {} 個案例：擋下 {refused}，失守 {believed}，不適用 {}，{} 秒",
        verdicts.len(),
        count(Outcome::NotApplicable),
        started.elapsed().as_secs()
    );
    if args.json {
        eprintln!("{line}");
    } else {
        say!("{line}")?;
    }
    if let Some(path) = &args.report {
        report(path, &verdicts, started)?;
    }
    anyhow::ensure!(believed == 0, "有 {believed} 個案例沒有照寫的擋下來");
    Ok(())
}

fn report(path: &Path, verdicts: &[Verdict], started: Instant) -> anyhow::Result<()> {
    let count = |wanted: Outcome| verdicts.iter().filter(|v| v.verdict == wanted).count();
    let failed = verdicts.iter().filter(|v| v.verdict == Outcome::Believed);
    let failures: Vec<String> = failed.map(|v| format!("{}: {}", v.id, v.detail)).collect();
    let report = json!({
        "name": "attacks",
        "ok": failures.is_empty(),
        "seconds": started.elapsed().as_secs(),
        "counts": {
            "cases": verdicts.len(),
            "refused": count(Outcome::Refused),
            "believed": count(Outcome::Believed),
            "not_applicable": count(Outcome::NotApplicable),
        },
        "failures": failures,
    });
    std::fs::write(path, serde_json::to_string_pretty(&report)?)
        .with_context(|| format!("寫不進 {}", path.display()))
}

/// Plays cases, some at a time, each in a world of its own; `each` hears of every verdict as it comes. Returns them in
/// the order of the cases.
///
/// # Errors
/// A case that broke down instead of ending, or what `each` says.
pub async fn play_all(
    lab: &Lab,
    cases: Vec<Case>,
    jobs: usize,
    each: impl Fn(&Verdict) -> anyhow::Result<()>,
) -> anyhow::Result<Vec<Verdict>> {
    let mut waiting = cases.into_iter().enumerate();
    let mut playing = JoinSet::new();
    let mut done = Vec::new();
    loop {
        while playing.len() < jobs.max(1)
            && let Some((n, case)) = waiting.next()
        {
            let lab = lab.clone();
            playing.spawn(async move { (n, lab.play(&case).await) });
        }
        let Some(ended) = playing.join_next().await else {
            break;
        };
        let (n, verdict) = ended.context("a case broke down")?;
        each(&verdict)?;
        done.push((n, verdict));
    }
    done.sort_by_key(|(n, _)| *n);
    Ok(done.into_iter().map(|(_, verdict)| verdict).collect())
}

fn print(verdict: &Verdict, title: &str) -> std::io::Result<()> {
    let (id, ms) = (&verdict.id, verdict.ms);
    match verdict.verdict {
        Outcome::Refused => say!("{id:<5} 擋下　{title}　{}　{ms} ms", verdict.caught_by),
        Outcome::Believed => say!("{id:<5} 失守　{title}　{}", verdict.detail),
        Outcome::NotApplicable => say!("{id:<5} 不適用　{title}　{}", verdict.detail),
    }
}
