//! `jinliu reconcile`: asks PAYUNi about every order that is not final, and settles what it learns.

use crate::{
    parts::parts,
    running::{open_ledger, open_traffic},
    say::say,
};
use shop::{
    App,
    app::Parts,
    flow::step_7_reconcile::{Asked, Swept, ask_due, sweep},
    jobs::{deliver::deliver_due, refund::refund_due},
    settings::Settings,
};
use std::{collections::BTreeMap, path::Path};

/// How the answer is printed.
#[derive(Clone, Debug, clap::Args)]
pub struct ReconcileArgs {
    /// 印成 JSON
    #[arg(long)]
    pub json: bool,
}

/// Looks over the last three months, asks about every order that is not final or looks otherwise at PAYUNi, delivers what
/// that confirmed, and goes on with refunds that are under way.
///
/// # Errors
/// The ledger's.
pub async fn run(args: ReconcileArgs, settings: Settings, dir: &Path) -> anyhow::Result<()> {
    let ledger = open_ledger(&settings.database)?;
    let own = parts(dir)?;
    // What is asked from here stands in the explorer like what the running shop asks.
    let traffic = open_traffic(&settings, own.clock.now())?;
    let app = App::new(settings, ledger, Parts { traffic, ..own })?;
    let swept = sweep(&app).await?;
    let mut left = app.ledger.ask_all(app.clock.now()).await? + swept.due();
    let mut asked = BTreeMap::<String, Asked>::new();
    while left > 0 {
        let some = ask_due(&app, left.min(200)).await?;
        left = left.saturating_sub(u32::try_from(some.len()).unwrap_or(u32::MAX));
        if some.is_empty() {
            break;
        }
        asked.extend(
            some.into_iter()
                .map(|asked| (asked.attempt_no.clone(), asked)),
        );
    }
    while deliver_due(&app).await? > 0 {}
    refund_due(&app).await?;
    app.traffic.settled().await;
    let mut rows: Vec<Asked> = asked.into_values().collect();
    for row in &mut rows {
        if let Ok(no) = row.order_no.parse()
            && let Some(book) = app.ledger.book(&no).await?
        {
            row.status = book.status().to_string();
        }
    }
    if args.json {
        say!("{}", serde_json::to_string_pretty(&rows)?)?;
    } else if rows.is_empty() {
        say!("{}沒有需要查詢的訂單。", looked_over(swept))?;
    } else {
        say!("{}", looked_over(swept))?;
        for row in rows {
            say!("{:<25}  {:<12}  {}", row.attempt_no, row.answer, row.status)?;
        }
    }
    Ok(())
}

fn looked_over(swept: Swept) -> String {
    match swept {
        Swept::Whole(0) => "近三個月的交易都和 PAYUNi 一致。".to_owned(),
        Swept::Whole(due) => format!("近三個月有 {due} 筆和 PAYUNi 的紀錄不同，已逐筆查詢。"),
        Swept::InPart(_) => "PAYUNi 沒有回答近三個月的總覽，稍後再試。".to_owned(),
    }
}
