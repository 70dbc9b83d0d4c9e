//! `jinliu lab ablate`: the attacks on money, with one line of defence off at a time.

use crate::{
    commands::lab::play_all,
    lab::{
        Lab,
        ablation::{Off, PARTS},
    },
    say::say,
};
use anyhow::Context;
use attacks::{Case, Class, Outcome, Verdict};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fmt::Write,
    path::{Path, PathBuf},
    time::Instant,
};

/// How many at a time, and where the results go.
#[derive(Clone, Debug, clap::Args)]
pub struct AblateArgs {
    /// 案例編號；不寫就是全部與錢有關的
    pub cases: Vec<String>,
    /// 印成 JSON
    #[arg(long)]
    pub json: bool,
    /// 同時打幾個案例
    #[arg(long, default_value_t = 6)]
    pub jobs: usize,
    /// 先前的結果檔（--report 寫的）：這次沒打的攻擊，沿用那一次的結果
    #[arg(long)]
    pub onto: Option<PathBuf>,
    /// 把矩陣寫成這個 Markdown 檔
    #[arg(long)]
    pub table: Option<PathBuf>,
    /// 把結果寫成這個 JSON 檔
    #[arg(long)]
    pub report: Option<PathBuf>,
}

/// What came of one attack with one line off.
struct Cell {
    caught_by: String,
    /// Whether money and goods could be judged at all. Where not, nothing is claimed.
    judged: bool,
    /// Whether every step was carried out.
    whole: bool,
    harmless: bool,
    deliveries: u64,
    refunds: u64,
}

impl From<&Verdict> for Cell {
    fn from(verdict: &Verdict) -> Self {
        let matter = verdict.matter.clone().unwrap_or_default();
        Self {
            caught_by: verdict.caught_by.clone(),
            judged: verdict.matter.is_some(),
            whole: matter.whole,
            harmless: verdict.matter.is_some() && matter.harmless(),
            deliveries: matter.wrongful_deliveries,
            refunds: matter.wrongful_refunds,
        }
    }
}

/// One attack through all lines.
struct Row {
    id: String,
    title: String,
    line: &'static str,
    on: Cell,
    off: Vec<Cell>,
}

impl Row {
    /// The lines without which it does harm.
    fn only(&self) -> Vec<&'static str> {
        let parts = PARTS.iter().zip(&self.off);
        let harmed = parts.filter(|(_, cell)| cell.judged && !cell.harmless);
        harmed.map(|(part, _)| part.name).collect()
    }
}

/// Attacks about money that have a shop to attack: one that is started with wrong settings opens none.
fn wanted(args: &AblateArgs) -> anyhow::Result<Vec<Case>> {
    let named = |case: &Case| args.cases.is_empty() || args.cases.contains(&case.id);
    let cases = attacks::corpus()?.into_iter();
    Ok(cases
        .filter(|case| case.class == Class::M && case.applies() && !case.world.empty)
        .filter(named)
        .collect())
}

/// Plays every attack with each line off in turn, and writes the matrix.
///
/// # Errors
/// An attack that does harm although no line is off, or a case that cannot be played.
pub async fn run(args: AblateArgs) -> anyhow::Result<()> {
    let started = Instant::now();
    let (mut rows, on) = rows(&args).await?;
    if let Some(path) = &args.onto {
        let text =
            std::fs::read_to_string(path).with_context(|| format!("讀不到 {}", path.display()))?;
        let earlier: Value = serde_json::from_str(&text)?;
        keep(&mut rows, &earlier["matrix"])?;
    }
    let believed = on.iter().filter(|v| v.verdict != Outcome::Refused);
    let mut failures: Vec<String> = believed
        .map(|v| format!("{} 在防線齊全時失守：{}", v.id, v.detail))
        .collect();
    // A cell that nobody could judge proves nothing.
    for row in &rows {
        let parts = PARTS.iter().zip(&row.off);
        let unjudged = parts.filter(|(_, cell)| !cell.judged);
        failures
            .extend(unjudged.map(|(part, _)| format!("{} 拆掉 {} 後沒能判定", row.id, part.name)));
    }
    let matrix = matrix(&rows);
    if args.json {
        say!("{}", serde_json::to_string_pretty(&matrix)?)?;
    }
    if let Some(path) = &args.table {
        write(path, &table(&rows)?)?;
    }
    let only = rows.iter().filter(|row| !row.only().is_empty()).count();
    let seconds = started.elapsed().as_secs();
    eprintln!(
        "{} 個攻擊 × {} 道防線：{only} 個只靠一道防線，{seconds} 秒",
        rows.len(),
        PARTS.len()
    );
    if let Some(path) = &args.report {
        let report = json!({
            "name": "ablation",
            "ok": failures.is_empty(),
            "seconds": seconds,
            "counts": {"attacks": rows.len(), "lines": PARTS.len(), "held_by_one_line_only": only},
            "failures": failures,
            "matrix": matrix,
        });
        write(path, &serde_json::to_string_pretty(&report)?)?;
    }
    anyhow::ensure!(failures.is_empty(), "{}", failures.join("\n"));
    Ok(())
}

/// Adds the rows of an earlier run that this one did not play, in the corpus' order.
fn keep(rows: &mut Vec<Row>, earlier: &Value) -> anyhow::Result<()> {
    for case in attacks::corpus()? {
        let known = rows.iter().any(|row| row.id == case.id);
        let found = earlier.as_array().into_iter().flatten();
        let Some(row) = found.into_iter().find(|row| row["id"] == case.id.as_str()) else {
            continue;
        };
        if !known {
            let parts = PARTS.iter().map(|part| read(&row["off"][part.name]));
            rows.push(Row {
                id: case.id.clone(),
                title: case.title.zh.clone(),
                line: case.line.as_str(),
                on: read(&row["on"])?,
                off: parts.collect::<anyhow::Result<_>>()?,
            });
        }
    }
    let place = |id: &str| attacks::IDS.iter().position(|known| *known == id);
    rows.sort_by_key(|row| place(&row.id));
    Ok(())
}

fn read(cell: &Value) -> anyhow::Result<Cell> {
    let number = |name: &str| {
        cell[name]
            .as_u64()
            .context("an earlier result lacks a number")
    };
    let word = |name: &str| {
        cell[name]
            .as_bool()
            .context("an earlier result lacks a verdict")
    };
    Ok(Cell {
        caught_by: cell["caught_by"]
            .as_str()
            .context("an earlier result lacks a word")?
            .to_owned(),
        judged: word("judged")?,
        whole: word("whole")?,
        harmless: word("harmless")?,
        deliveries: number("wrongful_deliveries")?,
        refunds: number("wrongful_refunds")?,
    })
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("寫不進 {}", path.display()))
}

/// Plays everything; returns the rows, and the verdicts with all lines on.
async fn rows(args: &AblateArgs) -> anyhow::Result<(Vec<Row>, Vec<Verdict>)> {
    let program = std::env::current_exe().context("the program does not know where it is")?;
    let cases = wanted(args)?;
    let play = async |off: Off, name: &str| -> anyhow::Result<Vec<Verdict>> {
        let program = program.clone();
        let verdicts =
            play_all(&Lab { program, off }, cases.clone(), args.jobs, |_| Ok(())).await?;
        let harmed = verdicts.iter().filter_map(|v| v.matter.as_ref());
        let harmed = harmed.filter(|matter| !matter.harmless()).count();
        eprintln!("{name}：{} 個攻擊，{harmed} 個造成損失", verdicts.len());
        Ok(verdicts)
    };
    let on = play(Off::default(), "防線齊全").await?;
    let row = |(case, verdict): (&Case, &Verdict)| Row {
        id: case.id.clone(),
        title: case.title.zh.clone(),
        line: case.line.as_str(),
        on: verdict.into(),
        off: Vec::new(),
    };
    let mut rows: Vec<Row> = cases.iter().zip(&on).map(row).collect();
    for part in PARTS {
        let verdicts = play(part.off, &format!("拆掉 {}", part.name)).await?;
        for (row, verdict) in rows.iter_mut().zip(&verdicts) {
            row.off.push(verdict.into());
        }
    }
    Ok((rows, on))
}

fn matrix(rows: &[Row]) -> Value {
    let cell = |cell: &Cell| {
        json!({
            "caught_by": cell.caught_by,
            "judged": cell.judged,
            "whole": cell.whole,
            "harmless": cell.harmless,
            "wrongful_deliveries": cell.deliveries,
            "wrongful_refunds": cell.refunds,
        })
    };
    let row = |row: &Row| {
        let parts = PARTS.iter().zip(&row.off);
        let off: BTreeMap<&str, Value> = parts
            .map(|(part, found)| (part.name, cell(found)))
            .collect();
        json!({
            "id": row.id,
            "title": row.title,
            "line": row.line,
            "on": cell(&row.on),
            "off": off,
            "held_only_by": row.only(),
        })
    };
    Value::Array(rows.iter().map(row).collect())
}

/// What stands above the matrix.
const HEAD: &str = "\
# 一次拆一道防線

把每一道防線輪流拆掉，再把所有與錢有關的攻擊重打一遍，看還有沒有別的防線擋住。判斷只看結果：PAYUNi 自己的帳上沒有這筆付款卻出了貨、同一張訂單出了兩次貨，或退了不該退的錢，才算造成損失。

這個檔案是程式寫的，不要手改：

```sh
cargo run -p jinliu --features ablation -- lab ablate --table docs/ablation.md
```

「✓」是拆掉之後仍然沒有損失，後面是這時留下的代號；「✓…」一樣沒有損失，但少了這道防線，攻擊走到一半就走不下去；「✗」是造成損失；「？」是沒能判定。`L4.constraint` 是資料庫的規則直接拒絕寫入，請對方重送；`L5.unconfirmed` 是帳上記了、但問 PAYUNi 問不到，所以不出貨；單獨的 `L1` 到 `L5` 是由那一道防線的結構擋下，沒有計數。真的付過錢的攻擊（重送、亂序、重複付款），出一次貨本來就對。

## 拆掉的是什麼

";

/// The matrix for people.
fn table(rows: &[Row]) -> anyhow::Result<String> {
    let mut text = String::from(HEAD);
    for part in PARTS {
        writeln!(text, "- `{}`：{}", part.name, part.what)?;
    }
    text.push_str("\n## 只靠一道防線的攻擊\n\n");
    let weak: Vec<&Row> = rows.iter().filter(|row| !row.only().is_empty()).collect();
    for row in &weak {
        let only = row.only().join("、");
        writeln!(text, "- **{}** {}：只靠 {only}", row.id, row.title)?;
    }
    if weak.is_empty() {
        text.push_str("沒有。\n");
    }
    text.push_str("\n## 矩陣\n\n| 攻擊 | 防線齊全 |");
    for part in PARTS {
        write!(text, " {} |", part.name)?;
    }
    text.push_str("\n|---|---|");
    text.push_str(&"---|".repeat(PARTS.len()));
    text.push('\n');
    for row in rows {
        write!(text, "| {} {} | {} |", row.id, row.title, row.on.caught_by)?;
        for cell in &row.off {
            let mark = match (cell.judged, cell.harmless, cell.whole) {
                (false, _, _) => "？",
                (true, false, _) => "✗",
                (true, true, true) => "✓",
                (true, true, false) => "✓…",
            };
            write!(text, " {mark} {} |", cell.caught_by)?;
        }
        text.push('\n');
    }
    Ok(text)
}
