//! `values.append`: finds the table in a range and writes after it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::a1::{Area, Block};
use super::book::{Book, Tab, count};
use super::error::ApiError;
use super::input::{Actor, Entry};
use super::shape::insert_rows;
use super::values::{Render, Written, put};

/// Where an append will write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) tab: usize,
    row: u32,
    column: u32,
    table: Option<Block>,
}

/// The row after the last table that the range touches, from the table's first column on; the
/// range's own first cell where there is none.
pub(crate) fn target(book: &Book, tab: usize, area: Area) -> Result<Target, ApiError> {
    let sheet = book.tab(tab)?;
    let block = area.within(sheet)?;
    let table = tables(sheet)
        .into_iter()
        .filter(|t| area.overlaps(*t))
        .max_by_key(|t| (t.r0, t.c0));
    let (row, column) = table.map_or((block.r0, block.c0), |t| (t.r1, t.c0));
    Ok(Target {
        tab,
        row,
        column,
        table,
    })
}

/// Writes at the target: over what is there, or into rows made for it. The grid grows.
pub(crate) fn append(
    book: &mut Book,
    actor: &Actor,
    to: Target,
    rows: &[Vec<Value>],
    entry: Entry,
    insert: bool,
) -> Result<Written, ApiError> {
    let height = count(rows.len());
    let width = count(rows.iter().map(Vec::len).max().unwrap_or(0));
    let sheet = book.tab_mut(to.tab)?;
    if insert && to.row < sheet.rows && height > 0 {
        insert_rows(book, actor, to.tab, to.row, height)?;
    }
    let sheet = book.tab_mut(to.tab)?;
    sheet.rows = sheet.rows.max(to.row + height);
    sheet.columns = sheet.columns.max(to.column + width);
    book.check_size()?;
    put(book, actor, to.tab, (to.row, to.column), rows, entry)
}

/// `AppendValuesResponse`.
pub(crate) fn response(
    book: &Book,
    to: Target,
    written: Written,
    echo: Option<Render>,
) -> Result<Value, ApiError> {
    let mut out = json!({"spreadsheetId": book.id});
    if let Some(table) = to.table {
        out["tableRange"] = json!(table.a1(&book.tab(to.tab)?.title));
    }
    out["updates"] = written.response(book, echo)?;
    Ok(out)
}

/// The tables of a tab: rectangles around cells that touch, also by a corner.
pub(crate) fn tables(tab: &Tab) -> Vec<Block> {
    let mut boxes: Vec<Block> = Vec::new();
    // Boxes that can still grow downwards, by the index in `boxes`.
    let mut open: BTreeSet<usize> = BTreeSet::new();
    for (r, row) in (0_u32..).zip(&tab.cells) {
        for run in runs(row) {
            let mut merged = Block {
                r0: r,
                r1: r + 1,
                c0: run.0,
                c1: run.1,
            };
            let touching: Vec<usize> = open
                .iter()
                .copied()
                .filter(|i| boxes.get(*i).is_some_and(|b| touch(*b, merged)))
                .collect();
            for index in touching {
                if let Some(old) = boxes.get(index) {
                    merged = union(*old, merged);
                }
                open.remove(&index);
            }
            open.insert(boxes.len());
            boxes.push(merged);
        }
    }
    settle(open.iter().filter_map(|i| boxes.get(*i).copied()).collect())
}

/// Rectangles that touch become one, until none do.
fn settle(mut boxes: Vec<Block>) -> Vec<Block> {
    loop {
        let mut out: BTreeMap<(u32, u32), Block> = BTreeMap::new();
        let before = boxes.len();
        for mut block in boxes {
            while let Some(key) = out.iter().find(|(_, b)| touch(**b, block)).map(|(k, _)| *k) {
                if let Some(other) = out.remove(&key) {
                    block = union(block, other);
                }
            }
            out.insert((block.r0, block.c0), block);
        }
        boxes = out.into_values().collect();
        if boxes.len() == before {
            return boxes;
        }
    }
}

/// Runs of cells with a value in one row, as half-open column spans.
fn runs(row: &[super::book::Cell]) -> Vec<(u32, u32)> {
    let mut out: Vec<(u32, u32)> = Vec::new();
    for (c, cell) in (0_u32..).zip(row) {
        if cell.value.is_none() {
            continue;
        }
        match out.last_mut() {
            Some(last) if last.1 == c => last.1 = c + 1,
            _ => out.push((c, c + 1)),
        }
    }
    out
}

/// Whether two rectangles overlap or are neighbours, corners included.
fn touch(a: Block, b: Block) -> bool {
    a.r0 <= b.r1 && b.r0 <= a.r1 && a.c0 <= b.c1 && b.c0 <= a.c1
}

fn union(a: Block, b: Block) -> Block {
    Block {
        r0: a.r0.min(b.r0),
        r1: a.r1.max(b.r1),
        c0: a.c0.min(b.c0),
        c1: a.c1.max(b.c1),
    }
}
