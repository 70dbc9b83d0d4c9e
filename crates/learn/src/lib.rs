//! The book's reader: the Markdown of `book/` in, pages out. Nothing here does I/O; the demo mounts it at [`MOUNT`].
//!
//! [`Files`] are the texts, [`Book`] is what they say, [`Fault`]s are where they do not fit the book's formats, and
//! [`Learn`] answers requests for pages, figures, code and searches.

mod files;
mod path;

mod fault;
mod markdown;
mod question;

mod book;
mod check;
mod page;

mod code;
mod exercise;
mod search;

mod assets;
mod reader;
mod words;

pub use book::Book;
pub use exercise::{Exercises, Eyes, Hand, Left, Step, Typed};
pub use fault::Fault;
pub use files::Files;
pub use reader::{Answer, Learn, Places};
pub use search::{Found, Index};

/// The address below which the book is read.
pub const MOUNT: &str = "/learn";
