//! "Find it, fix it": code with one hole beside three repairs.

use crate::{page::framed, words::Words};
use askama::Template;
use exercises::{Exercise, Repair, Verdict};
use pages::{Lang, RenderError, Shell};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

#[derive(Template)]
#[template(path = "fixes.html")]
struct Fixes {
    w: &'static Words,
    lang: Lang,
    all: &'static [Exercise],
}

impl Fixes {
    fn title(&self, exercise: &'static Exercise) -> &'static str {
        Told::of(exercise, self.lang).title
    }
}

/// An exercise in English.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct English {
    title: String,
    setting: String,
    question: String,
    /// Of the repairs, in their order.
    reasons: [String; 3],
    lesson: String,
}

static ENGLISH: LazyLock<BTreeMap<String, English>> = LazyLock::new(|| {
    toml::from_str(include_str!("../content/exercises.en.toml")).unwrap_or_default()
});

/// What is told of an exercise, in the reader's language.
struct Told {
    title: &'static str,
    setting: &'static str,
    question: &'static str,
    reasons: [&'static str; 3],
    lesson: &'static str,
}

impl Told {
    fn of(exercise: &'static Exercise, lang: Lang) -> Self {
        match (lang, ENGLISH.get(exercise.id)) {
            (Lang::En, Some(en)) => Self {
                title: &en.title,
                setting: &en.setting,
                question: &en.question,
                reasons: en.reasons.each_ref().map(String::as_str),
                lesson: &en.lesson,
            },
            _ => Self {
                title: exercise.title,
                setting: exercise.setting,
                question: exercise.question,
                reasons: exercise.repairs.each_ref().map(|repair| repair.reason),
                lesson: exercise.lesson,
            },
        }
    }
}

/// A repair, with what running it just now came to.
struct Tried {
    repair: &'static Repair,
    reason: &'static str,
    verdict: Verdict,
}

#[derive(Template)]
#[template(path = "fix.html")]
struct Fix {
    w: &'static Words,
    lang: Lang,
    told: Told,
    exercise: &'static Exercise,
    chosen: Option<Tried>,
    before: Option<&'static Exercise>,
    after: Option<&'static Exercise>,
}

impl Fix {
    /// The address of the kit's own code in the book's reader.
    fn ours(&self) -> String {
        let (path, item) = self
            .exercise
            .ours
            .split_once('#')
            .unwrap_or((self.exercise.ours, ""));
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("item", item);
        format!("/learn/code/{path}?{}#item", query.finish())
    }

    fn title(&self, exercise: &'static Exercise) -> &'static str {
        Told::of(exercise, self.lang).title
    }

    fn is_chosen(&self, repair: &Repair) -> bool {
        self.chosen
            .as_ref()
            .is_some_and(|tried| tried.repair.key == repair.key)
    }
}

/// Every exercise.
///
/// # Errors
/// A page that cannot be rendered.
pub fn fixes(shell: &Shell) -> Result<String, RenderError> {
    let w = Words::of(shell.lang);
    let page = Fixes {
        w,
        lang: shell.lang,
        all: exercises::all(),
    };
    framed(shell, w.t("fix"), &page)
}

/// An exercise, and what is to be said of the chosen repair. `None`: there is no such exercise.
///
/// # Errors
/// A page that cannot be rendered.
pub fn fix(shell: &Shell, id: &str, chosen: Option<&str>) -> Result<Option<String>, RenderError> {
    let w = Words::of(shell.lang);
    let all = exercises::all();
    let Some(place) = all.iter().position(|exercise| exercise.id == id) else {
        return Ok(None);
    };
    let Some(exercise) = all.get(place) else {
        return Ok(None);
    };
    let told = Told::of(exercise, shell.lang);
    let chosen = chosen.and_then(|key| {
        let place = exercise
            .repairs
            .iter()
            .position(|repair| repair.key == key)?;
        // The vulnerable version's verdict comes first.
        let verdict = *exercise.verdicts().get(place + 1)?;
        let repair = exercise.repairs.get(place)?;
        Some(Tried {
            repair,
            reason: told.reasons.get(place)?,
            verdict,
        })
    });
    let title = told.title;
    let page = Fix {
        w,
        lang: shell.lang,
        told,
        exercise,
        chosen,
        before: place.checked_sub(1).and_then(|place| all.get(place)),
        after: all.get(place + 1),
    };
    framed(shell, title, &page).map(Some)
}
