//! `jinliu orders`: orders as the ledger knows them.

use crate::{commands::environment, running::open_ledger, say::say};
use ledger::{ListOrders, Summary};
use orders::AttemptNo;
use serde::Serialize;
use shop::settings::{Database, Settings};
use std::path::Path;

/// Which orders, and how.
#[derive(Clone, Debug, clap::Args)]
pub struct OrdersArgs {
    /// 印成 JSON
    #[arg(long)]
    pub json: bool,
    /// 只看這一筆訂單（也可以是某次付款的編號）
    pub order_no: Option<String>,
}

/// One order; the names are part of the contract with outside programs.
#[derive(Serialize)]
struct Row {
    order_no: String,
    status: &'static str,
    amount: u32,
    currency: &'static str,
    member_issuer: String,
    member_sub: String,
    gateway: &'static str,
    gateway_trade_no: Option<String>,
    refunded: u64,
    created_at: String,
    paid_at: Option<String>,
    attempts: Vec<String>,
}

/// Prints the orders.
///
/// # Errors
/// The ledger cannot be read, or there is no such order.
pub async fn run(args: OrdersArgs, dir: &Path) -> anyhow::Result<()> {
    let database = Settings::database(&environment(), dir)?;
    let Database::Sqlite(path) = &database;
    let mut rows = Vec::new();
    if path.exists() {
        let order = match &args.order_no {
            Some(no) => Some(
                no.parse::<AttemptNo>()
                    .map_err(|_| anyhow::anyhow!("「{no}」不是訂單編號"))?
                    .order()
                    .clone(),
            ),
            None => None,
        };
        let listed = open_ledger(&database)?
            .list(ListOrders {
                order,
                ..ListOrders::default()
            })
            .await?;
        rows = listed.iter().map(row).collect();
    }
    if rows.is_empty()
        && let Some(no) = &args.order_no
    {
        anyhow::bail!("帳本裡沒有訂單 {no}");
    }
    if args.json {
        say!("{}", serde_json::to_string_pretty(&rows)?)?;
    } else if rows.is_empty() {
        say!("還沒有訂單。")?;
    } else {
        for row in rows {
            say!(
                "{:<25}  {:<18}  {:>9} {}  {}",
                row.order_no,
                row.status,
                row.amount,
                row.currency,
                row.created_at
            )?;
        }
    }
    Ok(())
}

fn row(summary: &Summary) -> Row {
    let (book, order) = (&summary.book, summary.book.order());
    Row {
        order_no: order.no.to_string(),
        status: summary.status.as_str(),
        amount: order.amount.dollars(),
        currency: orders::Twd::CURRENCY,
        member_issuer: order.member.issuer.clone(),
        member_sub: order.member.sub.clone(),
        gateway: "payuni",
        gateway_trade_no: book.payment().map(|payment| payment.trade_no.to_string()),
        refunded: book.refunded(),
        created_at: order.placed_at.to_string(),
        paid_at: summary.paid_at.map(|at| at.to_string()),
        attempts: book
            .attempts()
            .iter()
            .map(|attempt| attempt.no.to_string())
            .collect(),
    }
}
