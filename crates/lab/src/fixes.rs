//! "Find it, fix it": code with one hole beside three repairs.

use crate::{page::framed, words::Words};
use askama::Template;
use exercises::{Exercise, Repair, Verdict};
use pages::{RenderError, Shell};

#[derive(Template)]
#[template(path = "fixes.html")]
struct Fixes {
    w: &'static Words,
    all: &'static [Exercise],
}

/// A repair, with what running it just now came to.
struct Tried {
    repair: &'static Repair,
    verdict: Verdict,
}

#[derive(Template)]
#[template(path = "fix.html")]
struct Fix {
    w: &'static Words,
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
    let chosen = chosen.and_then(|key| {
        let place = exercise
            .repairs
            .iter()
            .position(|repair| repair.key == key)?;
        // The vulnerable version's verdict comes first.
        let verdict = *exercise.verdicts().get(place + 1)?;
        let repair = exercise.repairs.get(place)?;
        Some(Tried { repair, verdict })
    });
    let page = Fix {
        w,
        exercise,
        chosen,
        before: place.checked_sub(1).and_then(|place| all.get(place)),
        after: all.get(place + 1),
    };
    framed(shell, exercise.title, &page).map(Some)
}
