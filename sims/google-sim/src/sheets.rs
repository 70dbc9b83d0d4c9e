//! Sheets API v4: a spreadsheet that behaves as Google documents it.
//!
//! Reading order: `book` (what a spreadsheet is), `a1` (how ranges are named), `number` and
//! `typed` (how values are read and shown), `values` and `append` (the values methods),
//! `requests` (batchUpdate), `describe` (spreadsheets.get), `read`, `write` (the methods),
//! `http` (the wire).

mod a1;
mod append;
mod book;
mod call;
mod describe;
mod error;
mod filter;
mod http;
mod input;
mod mask;
mod number;
mod read;
mod requests;
mod shape;
mod typed;
mod values;
mod write;

pub(crate) use a1::{Area, column_name, parse_cells};
pub(crate) use book::{Book, Cell, CellValue, Role, Tab};
pub(crate) use call::operation;
pub(crate) use error::ApiError;
pub(crate) use http::{commit, handle};
pub(crate) use input::{Actor, Entry};
pub(crate) use number::{json_number, shown};
pub(crate) use requests::sort_rows;
pub(crate) use shape::{delete_rows, insert_rows};
pub(crate) use typed::user_entered;
pub(crate) use values::put;
