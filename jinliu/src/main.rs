//! `jinliu`: a shop that takes payments through PAYUNi, with its whole sandbox.

use clap::{Parser, Subcommand};
use jinliu::{
    commands::{self, MISCONFIGURED},
    say::{NOBODY_READS, nobody_reads},
};
use std::{io::IsTerminal, path::Path, process::ExitCode};
use tracing_subscriber::{EnvFilter, fmt};

/// 金流：用 Google 登入、用 PAYUNi 收款、訂單寫進 Google 試算表的商店
#[derive(Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[cfg(feature = "sandbox")]
    #[command(flatten)]
    demo: commands::demo::DemoArgs,
}

#[derive(Subcommand)]
enum Command {
    /// 商店加上整個沙盒，什麼都不必設定（預設）
    #[cfg(feature = "sandbox")]
    Demo(commands::demo::DemoArgs),
    /// 只開商店，照環境變數與 .env 的設定
    Serve,
    /// 只開沙盒，給任何語言寫的商店用
    #[cfg(feature = "sandbox")]
    Sandbox(commands::sandbox::SandboxArgs),
    /// 帳本裡的訂單
    Orders(commands::orders::OrdersArgs),
    /// 立刻向 PAYUNi 對帳：近三個月的總覽、還沒結束的訂單、還在路上的退款
    Reconcile(commands::reconcile::ReconcileArgs),
    /// 看懂 PAYUNi 的訊息
    #[command(subcommand)]
    Payuni(commands::payuni::PayuniCommand),
    /// 攻擊實驗室：把每一種攻擊對一間用完就丟的商店打一遍
    #[cfg(feature = "sandbox")]
    #[command(subcommand)]
    Lab(commands::lab::LabCommand),
    /// 稽核帳本：逐項檢查每一條規則，只讀不寫
    Audit(commands::audit::AuditArgs),
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    log(quiet(&cli));
    let dir = Path::new(".");
    #[cfg(feature = "sandbox")]
    let command = cli.command.unwrap_or(Command::Demo(cli.demo));
    #[cfg(not(feature = "sandbox"))]
    let command = cli.command.unwrap_or(Command::Serve);
    let done = match command {
        #[cfg(feature = "sandbox")]
        Command::Demo(args) => commands::demo::run(args, dir).await,
        #[cfg(feature = "sandbox")]
        Command::Sandbox(args) => commands::sandbox::run(args, dir).await,
        Command::Serve => match commands::serve::settings(dir) {
            Ok(settings) => commands::serve::run(settings, dir).await,
            Err(faults) => Err(faults.into()),
        },
        Command::Orders(args) => commands::orders::run(args, dir).await,
        #[cfg(feature = "sandbox")]
        Command::Lab(command) => commands::lab::run(command).await,
        Command::Payuni(command) => return commands::payuni::run(command, dir),
        Command::Audit(args) => commands::audit::run(args, dir).await,
        Command::Reconcile(args) => match commands::settings_here(dir) {
            Ok(settings) => commands::reconcile::run(args, settings, dir).await,
            Err(faults) => Err(faults.into()),
        },
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if nobody_reads(&error) => ExitCode::from(NOBODY_READS),
        Err(error) => {
            eprintln!("{error:#}");
            let misconfigured = error.downcast_ref::<shop::settings::Faults>().is_some();
            ExitCode::from(if misconfigured { MISCONFIGURED } else { 1 })
        }
    }
}

/// Whether a command has worlds of its own, whose own lines nobody asked for.
#[cfg(feature = "sandbox")]
fn quiet(cli: &Cli) -> bool {
    matches!(cli.command, Some(Command::Lab(_)))
}

/// Without a sandbox there is no such command.
#[cfg(not(feature = "sandbox"))]
fn quiet(_: &Cli) -> bool {
    false
}

/// Lines for people at a terminal, JSON for machines; `RUST_LOG` chooses how much.
fn log(quiet: bool) {
    let usual = if quiet { "off" } else { "info" };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual));
    let lines = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        lines.with_target(false).compact().init();
    } else {
        lines.json().flatten_event(true).init();
    }
}
