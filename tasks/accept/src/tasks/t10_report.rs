//! Task 10: a tab with a row for each day, counted from the ledger and never read back.

use crate::{
    Stage,
    judge::{Judge, Seen},
    office::Wish,
    old_ledger::with_an_old_ledger,
    setup::Setup,
    town::Town,
    wait::until,
};
use anyhow::Result;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const TAB: &str = "日報";
/// The columns that are counted.
const COUNTED: [&str; 4] = ["訂單數", "付款筆數", "收款金額", "退款金額"];
/// The day of the old ledger's only order, in Taipei.
const OLD_DAY: &str = "2026-11-23";

/// The hints of the task's page.
const TOPIC: u8 = 1;
const COUNT: u8 = 2;
const TABS: u8 = 3;

/// What a day brought: orders, payments, dollars received, dollars given back.
type Days = BTreeMap<String, [i64; 4]>;

pub(super) async fn run(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let town = Town::open(stage, Setup::demo()).await?;
    town.has_its_sheet().await?;
    let buyer = town.person("buyer1").await?;
    let owner = town.person("owner").await?;
    buyer.checks_out("cup", 1).await?;
    town.sells(&buyer, "tea").await?;
    let paid = town.sells_by(&buyer, "tea", "card").await?;
    let asked = Wish::whole(&paid, 680, "buyer", "")
        .asked_by(&owner)
        .await?;
    judge.kept("退款照常申請", COUNT, &Seen::equal(&asked.status, &303));
    let status = town.becomes(&paid.order_no, "refunded").await?;
    judge.kept("退款照常完成", COUNT, &Seen::equal(&status, &"refunded"));
    let cell = town.cell_holds("訂單", &paid.order_no, "已退金額", |cell| {
        cell == "680"
    });
    let cell = cell.await?.unwrap_or_default();
    judge.kept("「訂單」分頁照常寫", TABS, &Seen::equal(&cell, &"680"));

    let made = until(async || Ok(town.tabs().await?.iter().any(|tab| tab == TAB))).await?;
    let seen = Seen::that(made, TAB, format!("{:?}", town.tabs().await?));
    if judge.goal("試算表有「日報」分頁", TABS, &seen) {
        says_what_the_ledger_says(&town, judge, "每一天的數字和帳本一樣").await?;
        written_as_is(&town, judge).await?;
        never_read_back(&town, judge).await?;
    }
    town.audited(judge).await?;
    drop(town);
    an_old_shop(stage, judge).await
}

/// Every day of the ledger has one row with the ledger's own sums.
async fn says_what_the_ledger_says(town: &Town, judge: &mut Judge, what: &str) -> Result<()> {
    let (mut wanted, mut shown) = (Days::new(), Days::new());
    until(async || {
        wanted = days(town)?;
        shown = rows(town).await?;
        Ok(wanted == shown)
    })
    .await?;
    judge.goal(what, COUNT, &Seen::equal(&shown, &wanted));
    Ok(())
}

/// Days as text and numbers as numbers, whatever a spreadsheet would make of what is typed.
async fn written_as_is(town: &Town, judge: &mut Judge) -> Result<()> {
    let tab = town.tab(TAB).await?;
    let header = tab.header.join("、");
    let wanted = ["日期", "訂單數", "付款筆數", "收款金額", "退款金額", "備註"];
    let all = wanted.iter().all(|title| tab.column(title).is_some());
    let seen = Seen::that(all, wanted.join("、"), header);
    judge.goal("欄位齊全", TABS, &seen);
    let first = tab.rows.first().cloned().unwrap_or_default();
    let raw = first.first().is_some_and(Value::is_string)
        && COUNTED.iter().all(|title| {
            let cell = tab.column(title).and_then(|column| first.get(column));
            cell.is_some_and(Value::is_number)
        });
    let seen = Seen::that(raw, "日期是文字，其餘是數字（RAW）", format!("{first:?}"));
    judge.goal("寫進去的就是那個樣子", TABS, &seen);
    Ok(())
}

/// What the owner types into the row is no input: the next sale writes it anew, and leaves their own column alone.
async fn never_read_back(town: &Town, judge: &mut Judge) -> Result<()> {
    let tab = town.tab(TAB).await?;
    let columns = ["收款金額", "備註"].map(|title| tab.column(title));
    town.types(TAB, |rows| {
        for row in rows.iter_mut().skip(1) {
            for (column, value) in columns.into_iter().zip([json!(1), json!("颱風天")]) {
                if let Some(cell) = column.and_then(|column| row.get_mut(column)) {
                    *cell = value;
                }
            }
        }
        // Somebody sorts, and writes something of their own on top.
        let width = rows.first().map_or(0, Vec::len);
        let mut own = vec![Value::Null; width];
        if let Some(cell) = own.last_mut() {
            *cell = json!("我的筆記");
        }
        rows.insert(1, own);
    })
    .await?;
    let day = today(town)?;
    let buyer = town.person("buyer2").await?;
    town.sells(&buyer, "cup").await?;
    let wanted = days(town)?.get(&day).map_or(0, |sums| sums[2]).to_string();
    let cell = town.cell_holds(TAB, &day, "收款金額", |cell| cell == wanted);
    let cell = cell.await?.unwrap_or_default();
    judge.goal(
        "手動改過的數字，下一筆訂單就蓋回帳本的",
        COUNT,
        &Seen::equal(&cell, &wanted),
    );
    let tab = town.tab(TAB).await?;
    let note = tab.cell(&day, "備註").unwrap_or_default();
    judge.goal("「備註」欄原樣留著", TABS, &Seen::equal(&note, &"颱風天"));
    let of_the_day = |row: &&Vec<Value>| row.first().is_some_and(|cell| *cell == json!(day));
    judge.goal(
        "同一天只有一列，別人插的列也還在",
        TABS,
        &Seen::equal(
            &(
                tab.rows.iter().filter(of_the_day).count(),
                json!(tab.rows).to_string().contains("我的筆記"),
            ),
            &(1, true),
        ),
    );
    let payments = "SELECT count(*) FROM payments WHERE amount = 1 AND order_no <> ?1";
    judge.kept(
        "格子裡的數字沒有變成帳本裡的錢",
        COUNT,
        &Seen::equal(&town.counts(payments, "")?, &0),
    );
    Ok(())
}

/// A shop that was open before the change gets a row for each of its days by itself.
async fn an_old_shop(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let mut town = Town::prepare(stage, Setup::demo()).await?;
    with_an_old_ledger(&town)?;
    if let Err(refused) = town.starts().await? {
        let seen = Seen::that(false, "商店照常開張", &refused.words);
        judge.kept("升級前的帳本打得開", TOPIC, &seen);
        return Ok(());
    }
    town.has_its_sheet().await?;
    let wanted = days(&town)?;
    let sums = wanted.get(OLD_DAY).copied().unwrap_or_default();
    judge.kept(
        "升級前的帳本打得開，那一天的付款還在",
        TOPIC,
        &Seen::equal(&sums[2], &680),
    );
    let cell = town.cell_holds(TAB, OLD_DAY, "收款金額", |cell| cell == "680");
    let cell = cell.await?.unwrap_or_default();
    judge.goal(
        "已經開了一陣子的店，過去的每一天自己補上",
        TOPIC,
        &Seen::equal(&cell, &"680"),
    );
    town.audited_alone(judge).await?;
    Ok(())
}

/// What the sheet shows, by day.
async fn rows(town: &Town) -> Result<Days> {
    let tab = town.tab(TAB).await?;
    let mut days = Days::new();
    for row in &tab.rows {
        let day = row.first().and_then(Value::as_str).unwrap_or_default();
        let cell = |title: &str| -> i64 {
            let cell = tab.column(title).and_then(|column| row.get(column));
            cell.and_then(Value::as_i64).unwrap_or(-1)
        };
        if !day.is_empty() {
            days.insert(day.to_owned(), COUNTED.map(cell));
        }
    }
    Ok(days)
}

/// What the ledger says, by day in Taipei: counted row by row, not in its own way.
fn days(town: &Town) -> Result<Days> {
    let ledger = town.ledger()?;
    let mut days = Days::new();
    let mut add = |ms: i64, what: usize, amount: i64| -> Result<()> {
        let day = day_of(&ledger, ms)?;
        days.entry(day).or_default()[what] += amount;
        Ok(())
    };
    let mut orders = ledger.prepare("SELECT placed_at_ms FROM orders")?;
    for placed in orders.query_map([], |row| row.get(0))? {
        add(placed?, 0, 1)?;
    }
    let mut payments = ledger.prepare("SELECT paid_at_ms, amount FROM payments")?;
    for payment in payments.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))? {
        let (at, amount) = payment?;
        add(at, 1, 1)?;
        add(at, 2, amount)?;
    }
    // A fact of a refund says how much of a trade went back in all.
    let sql =
        "SELECT trade_no, received_at_ms, amount FROM facts WHERE kind = 'refunded' ORDER BY n";
    let mut refunds = ledger.prepare(sql)?;
    let mut gone: BTreeMap<String, i64> = BTreeMap::new();
    for refund in refunds.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))? {
        let (trade, at, total): (String, i64, i64) = refund?;
        let before = gone.entry(trade).or_default();
        add(at, 3, (total - *before).max(0))?;
        *before = total.max(*before);
    }
    Ok(days)
}

/// The day in Taipei of a moment.
fn day_of(ledger: &rusqlite::Connection, ms: i64) -> Result<String> {
    let sql = "SELECT date(?1 / 1000, 'unixepoch', '+8 hours')";
    Ok(ledger.query_row(sql, [ms], |row| row.get(0))?)
}

fn today(town: &Town) -> Result<String> {
    let ledger = town.ledger()?;
    Ok(ledger.query_row("SELECT date('now', '+8 hours')", [], |row| row.get(0))?)
}
