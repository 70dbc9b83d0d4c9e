//! A file of the book as a page: title, reading line, text, questions.

use crate::{
    Exercises, Fault,
    markdown::{Heading, Rendered, Renderer, Sizes},
    path,
    question::{self, Question},
};

/// What a file of the book is, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// `book/README.md`
    Contents,
    /// `book/N-slug/README.md`
    Chapter,
    /// `book/N-slug/NN-slug.md`
    Section,
    /// `book/glossary.md`
    Glossary,
    /// `book/routes/WHO.md`
    Route,
    /// `book/exam.md`
    Exam,
    /// `book/films/README.md`, `book/films/NN-slug.md`
    Film,
}

impl Kind {
    /// The kind of a page at an address; `None` where the book has no place for one.
    pub(crate) fn of(address: &str) -> Option<Self> {
        let numbered = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
        match address.split_once('/') {
            None if address.is_empty() => Some(Self::Contents),
            None if address == "glossary" => Some(Self::Glossary),
            None if address == "exam" => Some(Self::Exam),
            None if address == "films" => Some(Self::Film),
            None => numbered(address).then_some(Self::Chapter),
            Some(("routes", who)) => (!who.contains('/')).then_some(Self::Route),
            Some(("films", film)) => (!film.contains('/')).then_some(Self::Film),
            Some((chapter, section)) => {
                let both = numbered(chapter) && numbered(section) && !section.contains('/');
                both.then_some(Self::Section)
            }
        }
    }
}

/// The heading over a section's questions.
pub(crate) const QUIZ: &str = "想一想";
/// The heading over a section's references to code.
pub(crate) const CODE: &str = "程式在哪裡";
/// The heading over a section's exercise.
pub(crate) const EXERCISE: &str = "動手做";
/// What a reading line must say.
pub(crate) const PROMISE: &str = "讀完您能：";

/// A page of the book.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// The file, from the root.
    pub(crate) file: String,
    /// Its address below the mount.
    pub(crate) address: String,
    pub(crate) kind: Kind,
    pub(crate) title: String,
    /// The reading line.
    pub(crate) lead: Option<String>,
    /// How long it takes to read, where the reading line says so.
    pub(crate) minutes: Option<u32>,
    pub(crate) text: Rendered,
    pub(crate) questions: Vec<Question>,
    /// What stands after the last question.
    pub(crate) closing: String,
}

type Lines<'a> = Vec<(usize, &'a str)>;

impl Page {
    /// Reads a file; what is wrong with it goes to `faults`.
    pub(crate) fn read(
        file: &str,
        kind: Kind,
        source: &str,
        sizes: &Sizes,
        faults: &mut Vec<Fault>,
    ) -> Self {
        let mut fault = |line, what: String| {
            faults.push(Fault {
                file: file.to_owned(),
                line,
                what,
            });
        };
        for wrong in Exercises::read(file, source).faults {
            fault(wrong.line, wrong.what);
        }
        let mut renderer = Renderer::new(file, sizes);
        let mut lines: Lines<'_> = source
            .lines()
            .enumerate()
            .map(|(n, l)| (n + 1, l))
            .collect();
        let title = take(&mut lines, |line| line.strip_prefix("# "));
        if title.is_none() {
            fault(1, "the first line is to be `# title`".to_owned());
        }
        let title = title.map(|(_, title)| title.trim().to_owned());
        let lead = take(&mut lines, emphasized);
        if kind == Kind::Section && !lead.is_some_and(|(_, lead)| lead.contains(PROMISE)) {
            fault(
                2,
                format!("below the title there is to be a line `*約 8 分鐘。{PROMISE}…*`"),
            );
        }
        let minutes = lead.and_then(|(_, lead)| minutes(lead));
        if kind == Kind::Section && minutes.is_none() {
            fault(
                2,
                "the reading line is to say its time: `約 8 分鐘`".to_owned(),
            );
        }
        let asked = |(n, (_, line)): (usize, &(usize, &str))| match kind {
            Kind::Section => (*line == format!("## {QUIZ}")).then_some(n),
            Kind::Exam => question::begins(line).map(|_| n),
            Kind::Contents | Kind::Chapter | Kind::Glossary | Kind::Route | Kind::Film => None,
        };
        let fences = fenced(&lines);
        let begin = lines
            .iter()
            .enumerate()
            .filter(|(n, _)| !fences.get(*n).copied().unwrap_or(false))
            .find_map(asked)
            .unwrap_or(lines.len());
        let quiz = lines.split_off(begin);
        let first = lines.first().map_or(1, |(line, _)| *line);
        let mut text = renderer.render(&join(&lines), first);
        let lead = lead.map(|(line, lead)| {
            let mut rendered = renderer.line(lead, line);
            text.targets.append(&mut rendered.targets);
            rendered.html
        });
        let (questions, closing) =
            questions(kind, quiz, &mut renderer, &mut text, &mut |line, what| {
                fault(line, what);
            });
        for line in &text.html_lines {
            fault(*line, "HTML is written around answers only".to_owned());
        }
        Self {
            file: file.to_owned(),
            address: path::address(file).unwrap_or_default(),
            kind,
            title: title.unwrap_or_else(|| file.to_owned()),
            lead,
            minutes,
            text,
            questions,
            closing,
        }
    }
}

/// Reads the questions and whatever stands between and after them.
fn questions(
    kind: Kind,
    mut lines: Lines<'_>,
    renderer: &mut Renderer<'_>,
    text: &mut Rendered,
    fault: &mut dyn FnMut(usize, String),
) -> (Vec<Question>, String) {
    if kind == Kind::Section && !lines.is_empty() {
        let (line, _) = lines.remove(0);
        // Its heading is the page's; here it only has to be found by links.
        text.headings.push(Heading {
            level: 2,
            text: QUIZ.to_owned(),
            anchor: QUIZ.to_owned(),
            line,
        });
    }
    let mut questions: Vec<Question> = Vec::new();
    let mut between: Lines<'_> = Vec::new();
    let mut at = 0;
    while let Some(here) = lines.get(at) {
        let Some((written, taken)) = question::read(lines.get(at..).unwrap_or_default()) else {
            between.push(*here);
            at += 1;
            continue;
        };
        if written.number != questions.len() + 1 {
            let what = format!(
                "question {} should be {}",
                written.number,
                questions.len() + 1
            );
            fault(written.line, what);
        }
        for (line, what) in written.faults() {
            fault(line, what);
        }
        let before = part(&between, renderer, text);
        between.clear();
        let mut question = written.render(renderer, text);
        question.number = questions.len() + 1;
        question.before = before;
        questions.push(question);
        at += taken;
    }
    (questions, part(&between, renderer, text))
}

/// Renders some lines as a part of a page.
fn part(lines: &Lines<'_>, renderer: &mut Renderer<'_>, page: &mut Rendered) -> String {
    let Some((first, _)) = lines.first() else {
        return String::new();
    };
    let mut part = renderer.render(&join(lines), *first);
    page.headings.append(&mut part.headings);
    page.targets.append(&mut part.targets);
    page.passages.append(&mut part.passages);
    page.html_lines.append(&mut part.html_lines);
    part.html
}

/// Takes the next line that is not empty, where it is of a form, and the empty ones before it.
fn take<'a>(
    lines: &mut Lines<'a>,
    form: impl Fn(&'a str) -> Option<&'a str>,
) -> Option<(usize, &'a str)> {
    let at = lines.iter().position(|(_, line)| !line.trim().is_empty())?;
    let (number, line) = *lines.get(at)?;
    let found = form(line)?;
    lines.drain(..=at);
    Some((number, found))
}

/// The words of a line that is set in italics as a whole.
fn emphasized(line: &str) -> Option<&str> {
    let inner = line.trim().strip_prefix('*')?.strip_suffix('*')?;
    (!inner.starts_with('*')).then_some(inner)
}

/// The minutes of a reading line: the number before `分鐘`.
fn minutes(lead: &str) -> Option<u32> {
    let (before, _) = lead.split_once("分鐘")?;
    let digits = before
        .trim_end()
        .rsplit(|c: char| !c.is_ascii_digit())
        .next()?;
    digits.parse().ok()
}

/// Which lines stand in a fence.
fn fenced(lines: &Lines<'_>) -> Vec<bool> {
    let mut inside = false;
    let each = lines.iter().map(|(_, line)| {
        if line.trim_start().starts_with("```") {
            inside = !inside;
            return true;
        }
        inside
    });
    each.collect()
}

fn join(lines: &Lines<'_>) -> String {
    let mut text = String::new();
    for (_, line) in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
}
