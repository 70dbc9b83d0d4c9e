//! Holds the book against itself and against the repository: parts, links, anchors, code.

use std::collections::BTreeSet;

use crate::{
    Book, Fault, Files,
    code::{has_word, identifiers},
    markdown::Target,
    page::{CODE, EXERCISE, Kind, Page, QUIZ},
};

/// How many questions a section has.
const QUESTIONS: std::ops::RangeInclusive<usize> = 3..=5;
/// How many the exam has.
const EXAM: usize = 20;

pub(crate) fn faults(book: &Book, files: &Files) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for page in &book.pages {
        let mut fault = |line: usize, what: String| {
            faults.push(Fault {
                file: page.file.clone(),
                line,
                what,
            });
        };
        parts(page, &mut fault);
        for (line, target) in &page.text.targets {
            if let Target::Figure { name } = target {
                used.insert(name);
            }
            if let Some(what) = wrong(book, files, target) {
                fault(*line, what);
            }
        }
    }
    for name in book.figures.keys() {
        if !used.contains(name.as_str()) {
            faults.push(Fault {
                file: format!("book/figures/{name}.toml"),
                line: 1,
                what: "no page shows this figure".to_owned(),
            });
        }
    }
    faults
}

/// The parts that a page of its kind must have.
fn parts(page: &Page, fault: &mut dyn FnMut(usize, String)) {
    let headings = &page.text.headings;
    let at = |name: &str| headings.iter().find(|h| h.level == 2 && h.text == name);
    match page.kind {
        Kind::Section => {
            let figure = |(_, target): &(usize, Target)| matches!(target, Target::Figure { .. });
            if !page.text.targets.iter().any(figure) {
                fault(
                    1,
                    "a section shows a figure: ![…](../figures/NAME.svg)".to_owned(),
                );
            }
            let mut order = Vec::new();
            for name in [CODE, EXERCISE, QUIZ] {
                match at(name) {
                    Some(heading) => order.push(heading.line),
                    None => fault(1, format!("`## {name}` is missing")),
                }
            }
            if !order.is_sorted() {
                fault(1, format!("the order is {CODE}, {EXERCISE}, {QUIZ}"));
            }
            if let (Some(code), Some(exercise)) = (at(CODE), at(EXERCISE)) {
                let between = code.line..exercise.line;
                let code_in = |(line, target): &(usize, Target)| {
                    between.contains(line) && matches!(target, Target::Code { .. })
                };
                if !page.text.targets.iter().any(code_in) {
                    fault(code.line, format!("`## {CODE}` refers to no code"));
                }
            }
            let count = page.questions.len();
            if !QUESTIONS.contains(&count) {
                fault(1, format!("{count} questions; three to five"));
            }
        }
        Kind::Exam => {
            let count = page.questions.len();
            if count != EXAM {
                fault(1, format!("{count} questions; the exam has {EXAM}"));
            }
        }
        Kind::Glossary => glossary(page, fault),
        Kind::Contents | Kind::Chapter | Kind::Route | Kind::Film => {}
    }
}

/// Each entry names the term in both languages, and where it lives in the code.
fn glossary(page: &Page, fault: &mut dyn FnMut(usize, String)) {
    let headings = &page.text.headings;
    for (n, heading) in headings.iter().enumerate() {
        if heading.level != 3 {
            continue;
        }
        let both = heading.text.contains('（') && heading.text.ends_with('）');
        if !both {
            let what = format!("{:?} is to be `### 中文（English）`", heading.text);
            fault(heading.line, what);
        }
        let end = headings.get(n + 1).map_or(usize::MAX, |next| next.line);
        let code = |(line, target): &(usize, Target)| {
            (heading.line..end).contains(line) && matches!(target, Target::Code { .. })
        };
        if !page.text.targets.iter().any(code) {
            let what = format!(
                "{:?} does not say where it lives: `程式：[`Item`](…)`",
                heading.text
            );
            fault(heading.line, what);
        }
    }
}

/// Why a link leads nowhere.
fn wrong(book: &Book, files: &Files, target: &Target) -> Option<String> {
    match target {
        Target::Page { file, anchor } => {
            let Some(page) = book.pages.iter().find(|page| page.file == *file) else {
                return Some(format!("{file} is not there"));
            };
            let question = |n: usize| format!("q{}", n + 1);
            let there = anchor.is_empty()
                || page.text.headings.iter().any(|h| h.anchor == *anchor)
                || (0..page.questions.len()).any(|n| question(n) == *anchor);
            (!there).then(|| format!("{file} has no heading #{anchor}"))
        }
        Target::Figure { name } => (!book.figures.contains_key(name))
            .then(|| format!("book/figures/{name}.toml is not there, or no figure")),
        Target::Film { name } => ["webm", "vtt", "png"].iter().find_map(|ending| {
            let file = format!("book/films/{name}.{ending}");
            files
                .film(&file)
                .is_none()
                .then(|| format!("{file} is not there: `cargo xtask film --only {name}`"))
        }),
        Target::Nowhere { target } => Some(format!(
            "{target:?} leads nowhere in the book or the repository"
        )),
        Target::Code { path, item } => {
            let Some(text) = files.code(path) else {
                let folder = item.is_none() && files.has_folder(path);
                return (!folder).then(|| format!("{path} is not there"));
            };
            let item = item.as_deref()?;
            let Some(word) = identifiers(item).pop() else {
                return Some(format!("`{item}` names nothing"));
            };
            (!has_word(text, word)).then(|| format!("`{word}` does not stand in {path}"))
        }
    }
}
