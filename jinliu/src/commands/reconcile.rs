//! `jinliu reconcile`: asks PAYUNi about every order that is not final, and settles what it learns.

use crate::{parts::parts, running::open_ledger};
use shop::{
    App,
    flow::step_7_reconcile::{Asked, ask_due},
    jobs::deliver::deliver_due,
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

/// Asks once about every attempt of every order that is not final, and delivers what that confirmed.
///
/// # Errors
/// The ledger's.
pub async fn run(args: ReconcileArgs, settings: Settings, dir: &Path) -> anyhow::Result<()> {
    let ledger = open_ledger(&settings.database)?;
    let app = App::new(settings, ledger, parts(dir)?)?;
    let mut left = app.ledger.ask_all(app.clock.now()).await?;
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
    let mut rows: Vec<Asked> = asked.into_values().collect();
    for row in &mut rows {
        if let Ok(no) = row.order_no.parse()
            && let Some(book) = app.ledger.book(&no).await?
        {
            row.status = book.status().to_string();
        }
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&rows)?);
    } else if rows.is_empty() {
        println!("沒有需要查詢的訂單。");
    } else {
        for row in rows {
            println!("{:<25}  {:<12}  {}", row.attempt_no, row.answer, row.status);
        }
    }
    Ok(())
}
