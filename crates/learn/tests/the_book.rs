//! The repository's own book fits its formats: no broken link or anchor, every reference to code resolves, every
//! quiz has its questions and each question one right answer, every section has its parts, every figure is there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "each test file uses the part it needs")]
mod support;

use learn::{Book, Files};

#[test]
fn the_book_fits_its_formats_and_points_at_what_is_there() {
    let files = Files::new(support::own_book(), support::code());
    let faults = Book::read(&files).faults(&files);
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(
        lines.is_empty(),
        "{} faults in the book:\n{}\n",
        lines.len(),
        lines.join("\n")
    );
}
