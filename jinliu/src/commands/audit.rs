//! `jinliu audit`: the ledger held to every rule, by an auditor that shares no code with what wrote it.

use crate::{commands::environment, say::say};
use anyhow::Context;
use auditor::Report;
use shop::settings::{Database, Settings};
use std::path::Path;

/// How to print.
#[derive(Clone, Debug, clap::Args)]
pub struct AuditArgs {
    /// 印成 JSON
    #[arg(long)]
    pub json: bool,
    /// 也和沙盒對帳：PAYUNi 的帳與試算表（示範商店要開著，而且都處理完了）
    #[cfg(feature = "sandbox")]
    #[arg(long)]
    pub sandbox: bool,
}

/// Prints every check of the ledger with what breaks it. The file is only read; a shop may go on meanwhile.
///
/// # Errors
/// The configuration cannot work, the ledger cannot be read, or a check does not hold.
pub async fn run(args: AuditArgs, dir: &Path) -> anyhow::Result<()> {
    let Database::Sqlite(path) = Settings::database(&environment(), dir)?;
    if !path.exists() {
        let note = format!("沒有帳本可以稽核：{} 還不存在。", path.display());
        if args.json {
            let nothing = Report {
                ok: true,
                checks: Vec::new(),
                notes: vec![note],
            };
            say!("{}", serde_json::to_string_pretty(&nothing)?)?;
        } else {
            say!("{note}")?;
        }
        return Ok(());
    }
    #[cfg(feature = "sandbox")]
    let (books, sheet) = if args.sandbox {
        let (books, sheet) = crate::sandbox::books(dir).await?;
        (Some(books), Some(sheet))
    } else {
        (None, None)
    };
    #[cfg(not(feature = "sandbox"))]
    let (books, sheet) = (None, None);
    let audit = move || auditor::audit_against(&path, books.as_ref(), sheet.as_ref());
    let report = tokio::task::spawn_blocking(audit)
        .await
        .context("稽核中斷")??;
    if args.json {
        say!("{}", serde_json::to_string_pretty(&report)?)?;
    } else {
        print(&report)?;
    }
    let broken = report.broken();
    anyhow::ensure!(
        broken.is_empty(),
        "帳本有 {} 項不成立：{}。先備份帳本，再逐項對照 PAYUNi 後台",
        broken.len(),
        broken.join("、")
    );
    Ok(())
}

fn print(report: &Report) -> std::io::Result<()> {
    for check in &report.checks {
        say!(
            "{:<20}  {}",
            check.name,
            if check.holds { "ok" } else { "不成立" }
        )?;
        for violation in &check.violations {
            say!("    {violation}")?;
        }
    }
    for note in &report.notes {
        say!("附註：{note}")?;
    }
    if report.ok {
        say!("{} 項全部成立。", report.checks.len())?;
    }
    Ok(())
}
