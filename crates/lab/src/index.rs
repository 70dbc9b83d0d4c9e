//! The entry: every case by its line, and the ways to everything else.

use crate::{
    page::framed,
    words::{LINES, Words, section},
};
use askama::Template;
use attacks::{Case, Class, Line};
use pages::{Lang, RenderError, Shell};
use std::sync::LazyLock;

/// The corpus, read once.
pub(crate) static CASES: LazyLock<Vec<Case>> =
    LazyLock::new(|| attacks::corpus().unwrap_or_default());

/// What is at stake, as the filter's words.
const CLASSES: [(Class, &str); 4] = [
    (Class::M, "m"),
    (Class::C, "c"),
    (Class::I, "i"),
    (Class::A, "a"),
];

struct Group {
    line: Line,
    cases: Vec<&'static Case>,
}

struct Filter {
    name: &'static str,
    key: &'static str,
    chosen: bool,
    count: usize,
}

#[derive(Template)]
#[template(path = "index.html")]
struct Index {
    w: &'static Words,
    zh: bool,
    groups: Vec<Group>,
    filters: Vec<Filter>,
    exercises: usize,
    shown: usize,
    everything: bool,
}

impl Index {
    fn title<'c>(&self, case: &'c Case) -> &'c str {
        if self.zh {
            &case.title.zh
        } else {
            &case.title.en
        }
    }

    fn section(line: &Line) -> &'static str {
        section(line)
    }
}

/// The laboratory's entry; `class` is the filter's word from the address.
///
/// # Errors
/// A page that cannot be rendered.
pub fn index(shell: &Shell, class: Option<&str>) -> Result<String, RenderError> {
    let w = Words::of(shell.lang);
    let wanted = CLASSES.iter().find(|(_, key)| Some(*key) == class);
    let fits = |case: &&Case| wanted.is_none_or(|(class, _)| case.class == *class);
    let groups: Vec<Group> = LINES
        .into_iter()
        .map(|line| Group {
            line,
            cases: CASES
                .iter()
                .filter(|case| case.line == line)
                .filter(fits)
                .collect(),
        })
        .filter(|group| !group.cases.is_empty())
        .collect();
    let count = |class: Class| CASES.iter().filter(|case| case.class == class).count();
    let filters = CLASSES.iter().map(|(class, key)| Filter {
        name: w.class(class),
        key,
        chosen: wanted.is_some_and(|(chosen, _)| chosen == class),
        count: count(*class),
    });
    let page = Index {
        w,
        zh: shell.lang == Lang::ZhTw,
        shown: groups.iter().map(|group| group.cases.len()).sum(),
        groups,
        everything: wanted.is_none(),
        filters: filters.collect(),
        exercises: exercises::all().len(),
    };
    framed(shell, w.t("title"), &page)
}
