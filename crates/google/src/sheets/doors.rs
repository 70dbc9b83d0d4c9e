//! The readers of Google's answers, for the fuzzer.

use jiff::Timestamp;
use serde_json::Value;

use super::error::{Fault, Intent};
use super::{Cell, SheetsError, Spreadsheet, ValueRange, a1, wire};

/// The answer to `spreadsheets.get`.
#[must_use]
pub fn spreadsheet(body: &[u8]) -> Option<Spreadsheet> {
    let read: wire::Spreadsheet = serde_json::from_slice(body).ok()?;
    Some(read.into())
}

/// The answer to `values.batchGet`.
#[must_use]
pub fn batch_get(body: &[u8]) -> Option<Vec<ValueRange>> {
    let read: wire::BatchGet = serde_json::from_slice(body).ok()?;
    Some(read.value_ranges.into_iter().map(Into::into).collect())
}

/// A cell as read, and what it is written as.
#[must_use]
pub fn cell(value: &Value) -> (Cell, Value) {
    let cell = Cell::from_json(value);
    let written = cell.to_json();
    (cell, written)
}

/// What an answer with another status than 200 is sorted as.
#[must_use]
pub fn refusal(
    write: bool,
    status: u16,
    retry_after: Option<u64>,
    body: &[u8],
    now: Timestamp,
) -> SheetsError {
    let intent = if write { Intent::Write } else { Intent::Read };
    let fault = Fault {
        intent,
        email: "robot@example.com",
        now,
    };
    fault.answer(status, retry_after, body)
}

/// The end of a range that Google echoed.
#[must_use]
pub fn echoed_end(range: &str) -> Option<(u32, u32)> {
    a1::echoed_end(range)
}

/// A column's letters.
#[must_use]
pub fn letters(column: u32) -> String {
    a1::letters(column)
}
