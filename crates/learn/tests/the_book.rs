//! The repository's own book fits its formats: no broken link or anchor, every reference to code resolves, every
//! quiz has its questions and each question one right answer, every section has its parts, every figure is there,
//! every command says what is to be seen; and it is as large as it says.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "each test file uses the part it needs")]
mod support;

use learn::{Book, Files};

/// The files of the repository's own films.
fn films() -> Vec<(String, std::path::PathBuf)> {
    let folder = support::root().join("book/films");
    let files = std::fs::read_dir(folder).into_iter().flatten();
    files
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            (format!("book/films/{name}"), path.clone())
        })
        .collect()
}

#[test]
fn the_book_fits_its_formats_and_points_at_what_is_there() {
    let files = Files::new(support::own_book(), support::code()).with_films(films());
    let faults = Book::read(&files).faults(&files);
    let lines: Vec<String> = faults.iter().map(ToString::to_string).collect();
    assert!(
        lines.is_empty(),
        "{} faults in the book:\n{}\n",
        lines.len(),
        lines.join("\n")
    );
}

/// The files below `book/` whose paths have this form: `*` stands for anything but a slash, `#` for digits.
fn files<'a>(book: &'a [(String, String)], form: &str) -> Vec<(&'a str, &'a str)> {
    let fits = |path: &str| {
        let mut rest = path;
        for part in form.split_inclusive(['*', '#']) {
            let literal = part.trim_end_matches(['*', '#']);
            let Some(after) = rest.strip_prefix(literal) else {
                return false;
            };
            rest = match part.chars().next_back() {
                Some('#') if !after.starts_with(|c: char| c.is_ascii_digit()) => return false,
                Some('#') => after.trim_start_matches(|c: char| c.is_ascii_digit()),
                Some('*') => after.trim_start_matches(|c: char| c != '/' && c != '.'),
                _ => after,
            };
        }
        rest.is_empty()
    };
    let found = book.iter().filter(|(path, _)| fits(path));
    found
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect()
}

/// What a text says between two of its headings.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let after = text.split_once(from).map_or("", |(_, after)| after);
    after.split_once(to).map_or(after, |(before, _)| before)
}

fn headings(text: &str) -> usize {
    text.lines().filter(|line| line.starts_with("### ")).count()
}

/// What the book promises to be, counted in the files themselves: a chapter that gets lost is noticed.
#[test]
fn the_book_is_as_large_as_it_says() {
    let book = support::own_book();
    let one = |path: &str| files(&book, path).first().map_or("", |(_, text)| *text);
    assert_eq!(files(&book, "book/#-*/README.md").len(), 4);
    let sections = files(&book, "book/#-*/#-*.md");
    assert!(sections.len() >= 30, "{} sections", sections.len());
    let terms = headings(one("book/glossary.md"));
    assert!(terms >= 40, "{terms} terms");
    assert_eq!(headings(one("book/exam.md")), 20);
    assert_eq!(files(&book, "book/routes/*.md").len(), 3);
    for (path, text) in sections {
        let head: Vec<&str> = text.lines().take(4).collect();
        assert!(head.concat().contains("讀完您能："), "{path}: no goal");
        assert!(text.contains(".svg)"), "{path}: no figure");
        let code = between(text, "## 程式在哪裡", "## 動手做");
        assert!(code.contains("](../../"), "{path}: no code");
        let exercise = between(text, "## 動手做", "## 想一想");
        assert!(exercise.contains("```sh"), "{path}: no exercise");
        let questions = headings(between(text, "## 想一想", "\n## "));
        assert!(
            (3..=5).contains(&questions),
            "{path}: {questions} questions"
        );
    }
}

/// Whoever answers always the same letter, or always the longest choice, knows nothing and must not pass.
#[test]
fn the_right_answers_are_spread() {
    let book = support::own_book();
    let mut letters = std::collections::BTreeMap::<char, usize>::new();
    let (mut questions, mut longest) = (0, 0);
    for (_, text) in &book {
        for (asked, answer) in text.split("\n### ").filter_map(|question| {
            let (asked, answer) = question.split_once("<summary>答案</summary>")?;
            Some((asked, answer.trim_start().strip_prefix("**")?))
        }) {
            let right = answer.chars().next().unwrap();
            *letters.entry(right).or_default() += 1;
            questions += 1;
            let choices = asked.lines().filter_map(|line| line.strip_prefix("- "));
            let widest = choices.max_by_key(|choice| choice.chars().count());
            longest += usize::from(widest.is_some_and(|choice| choice.starts_with(right)));
        }
    }
    assert!(questions > 100, "{questions} questions");
    for (letter, count) in letters {
        let share = 100 * count / questions;
        assert!(
            share <= 45,
            "{letter} is right in {share} % of all questions"
        );
    }
    let share = 100 * longest / questions;
    assert!(share <= 50, "the longest is right in {share} %");
}
