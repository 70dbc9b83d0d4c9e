//! A case: its story, its bytes, its hints, and what came of trying it.

use crate::{
    content::{self, Written},
    index::CASES,
    page::framed,
    record::{Held, Off, Row, record},
    steps::{Told, told},
    words::{Words, line_of, section},
};
use askama::Template;
use attacks::{Case, Line, Outcome, Verdict};
use pages::{Lang, RenderError, Shell};

/// What there is to switch lines off with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bench {
    /// The test build is there.
    Ready,
    /// It can be built here.
    Offered,
    /// It is being built.
    Building {
        /// Since so many seconds.
        seconds: u64,
    },
    /// Building it failed; the last words.
    Failed(String),
    /// There is neither test build nor source.
    Absent,
}

/// What came of a try.
#[derive(Clone, Copy, Debug)]
pub struct Shown<'a> {
    /// The verdict, the very one that `jinliu lab run` gives.
    pub verdict: &'a Verdict,
    /// What was switched off.
    pub off: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "case.html")]
struct Page<'a> {
    w: &'static Words,
    zh: bool,
    case: &'static Case,
    written: Written,
    steps: Vec<Told>,
    source: &'static str,
    row: Option<&'static Row>,
    bench: &'a Bench,
    shown: Option<Shown<'a>>,
    before: Option<&'static Case>,
    after: Option<&'static Case>,
    exercise: Option<&'static str>,
}

/// With something off: what, and what the recorded run found.
struct Without {
    off: &'static Off,
    held: Held,
    caught_by: &'static str,
}

impl Page<'_> {
    fn title(&self, case: &'static Case) -> &'static str {
        if self.zh {
            &case.title.zh
        } else {
            &case.title.en
        }
    }

    fn told(&self) -> content::Told<'_> {
        self.written.told(self.case, self.zh)
    }

    fn what(&self, off: &'static Off) -> &'static str {
        if self.zh { &off.what } else { off.english() }
    }

    fn section(line: &Line) -> &'static str {
        section(line)
    }

    /// The parts whose absence changes what catches it, the others are said in one sentence.
    fn changes(&self) -> Vec<Without> {
        self.without(|row, held, caught_by| held != Held::Whole || caught_by != row.on)
    }

    fn unchanged(&self) -> String {
        let same = self.without(|row, held, caught_by| held == Held::Whole && caught_by == row.on);
        let names: Vec<&str> = same.iter().map(|same| same.off.name.as_str()).collect();
        names.join(self.w.t("comma"))
    }

    fn without(&self, wanted: impl Fn(&Row, Held, &str) -> bool) -> Vec<Without> {
        let Some(row) = self.row else {
            return Vec::new();
        };
        let cells = record().off.iter().zip(&row.cells);
        let cells = cells.filter(|(_, cell)| wanted(row, cell.held, &cell.caught_by));
        cells
            .map(|(off, cell)| Without {
                off,
                held: cell.held,
                caught_by: &cell.caught_by,
            })
            .collect()
    }

    fn parts(&self) -> &'static [Off] {
        &record().off
    }

    /// Which part is offered first: the one that was just tried, else one that makes a difference here.
    fn offered(&self) -> &str {
        let tried = self.shown.and_then(|shown| shown.off);
        let tells = || {
            self.changes()
                .first()
                .map(|without| without.off.name.as_str())
        };
        tried.or_else(tells).unwrap_or_default()
    }

    /// The name of the line that a verdict's codes speak of.
    fn caught(&self, codes: &str) -> &str {
        line_of(codes).map_or("", |line| self.w.line(&line))
    }

    fn tone(&self, verdict: &Verdict) -> &'static str {
        match verdict.verdict {
            Outcome::Refused => "good",
            Outcome::Believed => "alert",
            Outcome::NotApplicable => "calm",
        }
    }

    /// With a line off a case's own sentence of what must happen may fail although nobody lost anything: the harm is told
    /// apart from it.
    fn harm(&self, verdict: &Verdict) -> &str {
        let harmless = verdict.matter.as_ref().map(attacks::Matter::harmless);
        self.w.t(match harmless {
            Some(true) => "harmless",
            Some(false) => "harmed",
            None => "unjudged",
        })
    }
}

/// A case's page, with what came of a try where there was one. `None`: there is no such case.
///
/// # Errors
/// A page that cannot be rendered.
pub fn case(
    shell: &Shell,
    id: &str,
    bench: &Bench,
    shown: Option<Shown<'_>>,
) -> Result<Option<String>, RenderError> {
    let w = Words::of(shell.lang);
    let Some(place) = CASES.iter().position(|case| case.id == id) else {
        return Ok(None);
    };
    let (Some(case), Ok(written)) = (CASES.get(place), content::written(id)) else {
        return Ok(None);
    };
    let at = |place: Option<usize>| place.and_then(|place| CASES.get(place));
    let mut known = exercises::all().iter();
    let page = Page {
        w,
        zh: shell.lang == Lang::ZhTw,
        case,
        written,
        steps: case.steps.iter().map(|step| told(step, w)).collect(),
        source: attacks::source(id).unwrap_or_default(),
        row: record().row(id),
        bench,
        shown,
        before: at(place.checked_sub(1)),
        after: at(place.checked_add(1)),
        exercise: known
            .find(|exercise| exercise.case == id)
            .map(|exercise| exercise.id),
    };
    let title = format!("{id} {}", page.title(case));
    framed(shell, &title, &page).map(Some)
}
