//! What a reader does: the `sh` fences of a text, and what is to be seen when they are typed.
//!
//! A comment before a fence says it, where neither GitHub nor the book's pages show it:
//!
//! ```text
//! <!-- exercise
//! sees 401
//! sees no SUCCESS
//! -->
//! ```
//!
//! `sees`, `sees no` and `ends N` (with another exit code than 0) are about the fence that follows; so are
//! `run by STEP` (a step of `cargo xtask test` that runs the same) and `not run: WHY`. A fence has one of these. The
//! other words are what a reader does by hand at that place, see [`Hand`]; they may also stand in a comment alone.

use pulldown_cmark::{CodeBlockKind, Event, Parser, Tag, TagEnd};

use crate::Fault;

/// What makes a comment one of these.
const MARK: &str = "<!-- exercise";

/// One thing that is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Commands are typed.
    Typed(Typed),
    /// Commands that are typed elsewhere or by nobody, with the reason.
    Left(Left),
    /// Something is done by hand.
    Hand(Hand),
}

/// Commands, and what is seen then.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The fence's text.
    pub commands: String,
    /// What the output holds.
    pub sees: Vec<String>,
    /// What the output does not hold.
    pub lacks: Vec<String>,
    /// The exit code of the whole.
    pub ends: i32,
}

/// Why commands are not typed here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    /// This step of `cargo xtask test` runs them.
    To(String),
    /// Nobody runs them, and this is why.
    Out(String),
}

/// Whose eyes see a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Eyes {
    /// The buyer's.
    Buyer,
    /// The shop owner's.
    Owner,
}

/// What a reader does without a terminal. `ORDER` in an address or in commands is the order
/// that was bought last, `TRADE` PAYUNi's number of its first payment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hand {
    /// `buys METHOD`: signs in, buys the first product, pays so, and comes back as far as PAYUNi lets one.
    Buys(String),
    /// `pays again METHOD`: the same order, by the button on its page.
    PaysAgain(String),
    /// `pays the number`: what was issued for the order is paid.
    PaysTheNumber,
    /// `resends`: PAYUNi's console sends the first payment's notice again.
    Resends,
    /// `refunds AMOUNT`: the shop's owner asks for that much of the order back.
    Refunds(String),
    /// `order is STATUS`, in the end.
    OrderIs(String),
    /// `page URL shows TEXT` to the buyer, or `office URL shows TEXT` to the shop's owner, in the end.
    Shows {
        /// Who looks.
        eyes: Eyes,
        /// Where.
        url: String,
        /// What is to be seen.
        text: String,
    },
}

/// A text's exercises: what is done, with its line, in order; and what is wrong with them.
#[derive(Clone, Debug, Default)]
pub struct Exercises {
    /// What is done.
    pub steps: Vec<(usize, Step)>,
    /// What does not fit the form.
    pub faults: Vec<Fault>,
}

impl Exercises {
    /// Reads a text's.
    #[must_use]
    pub fn read(file: &str, source: &str) -> Self {
        let mut reading = Reading {
            file,
            done: Self::default(),
            about: Vec::new(),
        };
        let mut events = Parser::new(source).into_offset_iter();
        while let Some((event, range)) = events.next() {
            let before = source.get(..range.start).unwrap_or_default();
            let line = 1 + before.matches('\n').count();
            let Event::Start(tag) = event else { continue };
            if tag == Tag::HtmlBlock {
                let html = source.get(range).unwrap_or_default();
                if let Some(comment) = html.trim().strip_prefix(MARK) {
                    reading.comment(line, comment.trim_end_matches("-->"));
                }
            } else if let Tag::CodeBlock(CodeBlockKind::Fenced(language)) = &tag {
                let inside = events
                    .by_ref()
                    .map(|(event, _)| event)
                    .take_while(|event| *event != Event::End(TagEnd::CodeBlock));
                let mut text = String::new();
                for event in inside {
                    if let Event::Text(part) = event {
                        text.push_str(&part);
                    }
                }
                if language.split_whitespace().next() == Some("sh") {
                    reading.fence(line, text);
                }
            } else {
                // Whatever else comes between a comment and a fence parts them.
                reading.lonely();
            }
        }
        reading.lonely();
        reading.done
    }
}

/// A text, half read.
struct Reading<'a> {
    file: &'a str,
    done: Exercises,
    /// The words about the fence that is to come, with their lines.
    about: Vec<(usize, String)>,
}

impl Reading<'_> {
    fn fault(&mut self, line: usize, what: impl Into<String>) {
        self.done.faults.push(Fault {
            file: self.file.to_owned(),
            line,
            what: what.into(),
        });
    }

    fn comment(&mut self, first: usize, comment: &str) {
        self.lonely();
        for (n, line) in comment.lines().enumerate() {
            let (at, words) = (first + n, line.trim());
            if words.is_empty() {
                continue;
            }
            if let Some(hand) = hand(words) {
                self.done.steps.push((at, Step::Hand(hand)));
            } else {
                self.about.push((at, words.to_owned()));
            }
        }
    }

    /// Words about a fence that does not come.
    fn lonely(&mut self) {
        for (line, words) in std::mem::take(&mut self.about) {
            self.fault(
                line,
                format!("{words:?} is nothing that is done by hand, and no `sh` fence follows"),
            );
        }
    }

    fn fence(&mut self, line: usize, commands: String) {
        let mut typed = Typed {
            commands,
            ..Typed::default()
        };
        let (mut left, mut told) = (None, false);
        for (at, words) in std::mem::take(&mut self.about) {
            told = true;
            let rest = |start: &str| {
                let rest = words.strip_prefix(start)?.trim();
                (!rest.is_empty()).then(|| rest.to_owned())
            };
            if let Some(text) = rest("sees no ") {
                typed.lacks.push(text);
            } else if let Some(text) = rest("sees ") {
                typed.sees.push(text);
            } else if let Some(code) = rest("ends ").and_then(|code| code.parse().ok()) {
                typed.ends = code;
            } else if let Some(step) = rest("run by ") {
                left = Some(Left::To(step));
            } else if let Some(why) = rest("not run:") {
                left = Some(Left::Out(why));
            } else {
                self.fault(at, format!("{words:?} says nothing about a fence"));
            }
        }
        let expects = !typed.sees.is_empty() || !typed.lacks.is_empty();
        match left {
            Some(_) if expects => self.fault(line, "either it is run here or it is not"),
            None if !expects => {
                let what = "nothing says what is to be seen here, or why it is not run: `<!-- exercise` before the fence, with `sees TEXT`, `run by STEP` or `not run: WHY`";
                if !told {
                    self.fault(line, what);
                }
            }
            Some(left) => self.done.steps.push((line, Step::Left(left))),
            None => self.done.steps.push((line, Step::Typed(typed))),
        }
    }
}

/// What is done by hand, if these words say that.
fn hand(words: &str) -> Option<Hand> {
    let shows = |eyes, rest: &str| {
        let (url, text) = rest.split_once(" shows ")?;
        Some(Hand::Shows {
            eyes,
            url: url.trim().to_owned(),
            text: text.trim().to_owned(),
        })
    };
    let word = |start: &str| words.strip_prefix(start).filter(|rest| !rest.contains(' '));
    match words {
        "pays the number" => return Some(Hand::PaysTheNumber),
        "resends" => return Some(Hand::Resends),
        _ => {}
    }
    if let Some(method) = word("buys ") {
        return Some(Hand::Buys(method.to_owned()));
    }
    if let Some(method) = word("pays again ") {
        return Some(Hand::PaysAgain(method.to_owned()));
    }
    if let Some(amount) = word("refunds ") {
        return Some(Hand::Refunds(amount.to_owned()));
    }
    if let Some(status) = word("order is ") {
        return Some(Hand::OrderIs(status.to_owned()));
    }
    if let Some(rest) = words.strip_prefix("page ") {
        return shows(Eyes::Buyer, rest);
    }
    shows(Eyes::Owner, words.strip_prefix("office ")?)
}
