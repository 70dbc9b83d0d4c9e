//! What does not fit the book's formats is told with its file and line.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[expect(dead_code, reason = "each test file uses the part it needs")]
mod support;

use learn::{Book, Files};

/// The faults of the small book after a change in one of its files.
fn faults(file: &str, part: &str, instead: &str) -> Vec<String> {
    let mut book = support::small_book();
    let (_, text) = book.iter_mut().find(|(path, _)| path == file).unwrap();
    assert!(text.contains(part), "{file} has no such part: {part}");
    *text = text.replacen(part, instead, 1);
    let files = Files::new(book, support::code());
    let faults = Book::read(&files).faults(&files);
    faults.iter().map(ToString::to_string).collect()
}

/// A change makes exactly one fault: at this line, with these words.
fn one(file: &str, part: &str, instead: &str, line: usize, words: &str) {
    let found = faults(file, part, instead);
    assert_eq!(found.len(), 1, "{part:?}: {found:#?}");
    let fault = &found[0];
    assert!(fault.starts_with(&format!("{file}:{line}: ")), "{fault}");
    assert!(fault.contains(words), "{fault}");
}

const HEARSAY: &str = "book/1-why/01-hearsay.md";

#[test]
fn the_small_book_has_none() {
    let none = faults(HEARSAY, "聽說", "聽說");
    assert!(none.is_empty(), "{none:#?}");
}

#[test]
fn links_anchors_and_figures_that_are_not_there() {
    one(
        HEARSAY,
        "02-ask-again.md#",
        "03-ask-again.md#",
        11,
        "book/1-why/03-ask-again.md is not there",
    );
    one(HEARSAY, "#問了才算", "#問了", 11, "has no heading #問了");
    one(
        HEARSAY,
        "figures/told-and-asked.svg",
        "figures/told.svg",
        7,
        "book/figures/told.toml is not there",
    );
    one(
        HEARSAY,
        "](../../crates/shop/src/flow/)",
        "](../../crates/shop/src/flows/)",
        16,
        "is not there",
    );
    one(
        HEARSAY,
        "02-ask-again.md#問了才算",
        "/etc/passwd",
        11,
        "leads nowhere",
    );
}

#[test]
fn code_that_is_not_where_it_is_said_to_be() {
    one(
        HEARSAY,
        "Envelope::open`",
        "Envelope::unseal`",
        15,
        "`unseal` does not stand in crates/payuni/src/envelope.rs",
    );
    one(
        HEARSAY,
        "src/envelope.rs",
        "src/letter.rs",
        15,
        "crates/payuni/src/letter.rs is not there",
    );
    // A part of a word is not the word.
    one(
        HEARSAY,
        "Envelope::open`",
        "Envelope::ope`",
        15,
        "`ope` does not stand",
    );
}

#[test]
fn questions_that_nobody_can_answer() {
    one(HEARSAY, "**B**。簽", "**D**。簽", 40, "the answer names D");
    one(HEARSAY, "**B**。簽", "簽", 32, "question 1 has no answer");
    one(
        HEARSAY,
        "- C. 這是第一次收到\n",
        "",
        32,
        "question 1 has 2 choices",
    );
    one(
        HEARSAY,
        "- C. 這是第一次收到",
        "- D. 這是第一次收到",
        36,
        "the choice D should be C",
    );
    one(
        HEARSAY,
        "### 2. 返回",
        "### 3. 返回",
        44,
        "question 3 should be 2",
    );
    let words = "瀏覽器沒回來只說明瀏覽器沒回來。A、B 都猜得太快。";
    one(HEARSAY, words, "是。", 52, "explains nothing");
}

#[test]
fn sections_without_their_parts() {
    one(HEARSAY, "讀完您能：", "讀完：", 2, "讀完您能：");
    one(HEARSAY, "約 7 分鐘", "很快", 2, "約 8 分鐘");
    one(HEARSAY, "## 動手做", "## 做", 1, "`## 動手做` is missing");
    let untitled = faults(HEARSAY, "# 聽說的錢", "聽說的錢");
    assert!(
        untitled[0].contains(":1: the first line is to be `# title`"),
        "{untitled:?}"
    );
    one(HEARSAY, "示範商店在", "<b>示範</b>商店在", 11, "HTML");
    let figure = "![PAYUNi 通知商店，商店再自己問一次](../figures/told-and-asked.svg)";
    one(HEARSAY, figure, "", 1, "a section shows a figure");
    let text = support::small_book();
    let (_, text) = text.iter().find(|(path, _)| path == HEARSAY).unwrap();
    let third = text.split("### 3.").nth(1).unwrap();
    one(
        HEARSAY,
        &format!("### 3.{third}"),
        "",
        1,
        "2 questions; three to five",
    );
}

#[test]
fn the_glossary_the_exam_and_files_without_a_place() {
    let glossary = "book/glossary.md";
    one(
        glossary,
        "金額（amount, TWD）",
        "金額",
        11,
        "### 中文（English）",
    );
    let code = "程式：[`Twd`](../crates/orders/src/money.rs)";
    one(glossary, code, "", 11, "does not say where it lives");
    let mut book = support::small_book();
    for (path, text) in &mut book {
        if path == "book/exam.md" {
            *text = text.split("### 20.").next().unwrap().to_owned();
        }
    }
    book.push(("book/1-why/notes.md".into(), "# 筆記\n".into()));
    book.push(("book/figures/odd.toml".into(), "kind = \"cake\"\n".into()));
    let files = Files::new(book, support::code());
    let found = Book::read(&files).faults(&files);
    let found: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].contains("book/1-why/notes.md:1: the book has no place"));
    assert!(found[1].contains("book/exam.md:1: 19 questions"));
    assert!(found[2].contains("book/figures/odd.toml:1: `kind` is \"cake\""));
}

#[test]
fn commands_of_which_nothing_is_expected() {
    one(
        HEARSAY,
        "<!-- exercise\nsees ok\n-->\n",
        "",
        22,
        "nothing says what is to be seen here",
    );
    one(HEARSAY, "sees ok", "seems ok", 23, "says nothing about");
    one(
        HEARSAY,
        "sees ok",
        "sees ok\nnot run: too slow",
        26,
        "either it is run here or it is not",
    );
    one(
        HEARSAY,
        "看看店還開著：",
        "<!-- exercise\nsees 200\n-->\n\n看看店還開著：",
        21,
        "no `sh` fence follows",
    );
}
