//! Questions: what is asked, what may be answered, which is right and why.

use crate::markdown::{Rendered, Renderer};

/// A question, rendered.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// Its number on the page, from 1.
    pub(crate) number: usize,
    pub(crate) ask: String,
    pub(crate) choices: Vec<Choice>,
    /// The letter of the right choice.
    pub(crate) right: char,
    pub(crate) why: String,
    /// What stands between the question before and this one.
    pub(crate) before: String,
}

/// Something that may be answered.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    pub(crate) letter: char,
    pub(crate) text: String,
}

/// A question as it stands in a file, with the lines at which its parts stand.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Written<'a> {
    pub(crate) line: usize,
    pub(crate) number: usize,
    pub(crate) ask: &'a str,
    pub(crate) choices: Vec<(usize, char, String)>,
    pub(crate) why: (usize, String),
}

/// What a heading says that begins a question: its number and words.
pub(crate) fn begins(line: &str) -> Option<(usize, &str)> {
    let (number, ask) = line.strip_prefix("### ")?.split_once(". ")?;
    Some((number.parse().ok()?, ask.trim()))
}

/// Reads the question that begins with the first of some numbered lines; returns it and how many lines it took.
pub(crate) fn read<'a>(lines: &[(usize, &'a str)]) -> Option<(Written<'a>, usize)> {
    let (line, first) = *lines.first()?;
    let (number, ask) = begins(first)?;
    let mut written = Written {
        line,
        number,
        ask,
        ..Written::default()
    };
    let mut inside = false;
    for (taken, (line, text)) in lines.iter().enumerate().skip(1) {
        if inside {
            if text.trim() == "</details>" {
                return Some((written, taken + 1));
            }
            if written.why.1.is_empty() && text.trim().is_empty() {
                written.why.0 = line + 1;
                continue;
            }
            written.why.1.push_str(text);
            written.why.1.push('\n');
        } else if text.starts_with("<details>") {
            inside = true;
            written.why.0 = line + 1;
        } else if text.starts_with('#') {
            return Some((written, taken));
        } else if let Some((letter, choice)) = choice(text) {
            written.choices.push((*line, letter, choice.to_owned()));
        } else if let (Some((_, _, choice)), false) =
            (written.choices.last_mut(), text.trim().is_empty())
        {
            // A choice that goes on in the next line.
            choice.push(' ');
            choice.push_str(text.trim());
        }
    }
    Some((written, lines.len()))
}

/// A line like `- A. words`.
fn choice(line: &str) -> Option<(char, &str)> {
    let (letter, words) = line.strip_prefix("- ")?.split_once(". ")?;
    let mut letters = letter.chars();
    let letter = letters.next().filter(char::is_ascii_uppercase)?;
    letters.next().is_none().then_some((letter, words.trim()))
}

impl Written<'_> {
    /// The letter that the answer names as right: `**B**` at its beginning.
    fn right(&self) -> Option<char> {
        let answer = self.why.1.trim_start().strip_prefix("**")?;
        let (letter, _) = answer.split_once("**")?;
        let mut letters = letter.trim().chars();
        let letter = letters.next()?;
        letters.next().is_none().then_some(letter)
    }

    /// What is wrong with it: line and words.
    pub(crate) fn faults(&self) -> Vec<(usize, String)> {
        let mut faults = Vec::new();
        if !(3..=4).contains(&self.choices.len()) {
            let what = format!(
                "question {} has {} choices; three or four lines `- A. …`",
                self.number,
                self.choices.len()
            );
            faults.push((self.line, what));
        }
        for ((line, letter, _), expected) in self.choices.iter().zip('A'..='Z') {
            if *letter != expected {
                faults.push((*line, format!("the choice {letter} should be {expected}")));
            }
        }
        match self.right() {
            None => faults.push((
                self.line,
                format!(
                    "question {} has no answer; `<details><summary>答案</summary>`, an empty line, and one letter first: `**B**。…`",
                    self.number
                ),
            )),
            Some(right) => {
                let named = self.choices.iter().filter(|(_, letter, _)| *letter == right);
                if named.count() != 1 {
                    let what = format!("the answer names {right}, which is none of the choices");
                    faults.push((self.why.0, what));
                }
                // Shorter than this, it explains neither why nor what is wrong with the others.
                if self.why.1.trim().chars().count() < 20 {
                    faults.push((self.why.0, "the answer explains nothing".to_owned()));
                }
            }
        }
        faults
    }

    /// Renders it; the parts' links and passages are added to those of the page.
    pub(crate) fn render(&self, renderer: &mut Renderer<'_>, page: &mut Rendered) -> Question {
        let mut take = |mut part: Rendered| {
            page.targets.append(&mut part.targets);
            page.html_lines.append(&mut part.html_lines);
            part
        };
        let ask = take(renderer.line(self.ask, self.line));
        let choices = self
            .choices
            .iter()
            .map(|(line, letter, text)| Choice {
                letter: *letter,
                text: take(renderer.line(text, *line)).html,
            })
            .collect();
        let why = take(renderer.render(&self.why.1, self.why.0)).html;
        for mut passage in ask.passages {
            passage.heading = format!("{}. {}", self.number, passage.text.trim());
            passage.anchor = format!("q{}", self.number);
            let choices = self.choices.iter().map(|(_, _, text)| text.as_str());
            passage.text = choices.collect::<Vec<_>>().join("；");
            page.passages.push(passage);
        }
        Question {
            number: self.number,
            ask: ask.html,
            choices,
            right: self.right().unwrap_or('?'),
            why,
            before: String::new(),
        }
    }
}
