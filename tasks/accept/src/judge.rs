//! What was checked, what was expected, what was seen, and where to read on.

use serde_json::{Value, json};
use std::fmt::{Debug, Display};

/// What a check is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// What the task asks for. Fails before, holds after.
    Goal,
    /// What must stay true. Holds before and after.
    Kept,
}

/// What was seen, held against what was expected.
pub(crate) struct Seen {
    holds: bool,
    expected: String,
    seen: String,
}

impl Seen {
    /// Whether it is so; both sides in words.
    pub(crate) fn that(holds: bool, expected: impl Display, seen: impl Display) -> Self {
        Self {
            holds,
            expected: expected.to_string(),
            seen: seen.to_string(),
        }
    }

    /// One value and no other.
    pub(crate) fn equal<T: Debug + PartialEq<U>, U: Debug>(seen: &T, expected: &U) -> Self {
        Self::that(seen == expected, show(expected), show(seen))
    }

    /// A text with this part in it.
    pub(crate) fn contains(text: &str, part: &str) -> Self {
        Self::that(text.contains(part), format!("有「{part}」"), excerpt(text))
    }

    /// A text without this part in it.
    pub(crate) fn lacks(text: &str, part: &str) -> Self {
        Self::that(
            !text.contains(part),
            format!("沒有「{part}」"),
            excerpt(text),
        )
    }
}

/// How an acceptance ended.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Every check holds.
    Passed,
    /// A check does not.
    Failed,
    /// It could not be walked to its end.
    Unjudged,
}

/// One check that failed.
struct Fault {
    kind: Kind,
    what: String,
}

/// Prints each check as it is made, and counts.
pub(crate) struct Judge {
    folder: &'static str,
    passed: [u32; 2],
    faults: Vec<Fault>,
    broken: Option<String>,
}

impl Judge {
    pub(crate) fn new(folder: &'static str) -> Self {
        Self {
            folder,
            passed: [0, 0],
            faults: Vec::new(),
            broken: None,
        }
    }

    /// A check of what the task asks for; `hint` is the number of the hint on the task's page that helps,
    /// or 0. Whether it holds.
    pub(crate) fn goal(&mut self, what: &str, hint: u8, seen: &Seen) -> bool {
        self.check(Kind::Goal, what, hint, seen)
    }

    /// A check of what must stay true, before the change and after. Whether it holds.
    pub(crate) fn kept(&mut self, what: &str, hint: u8, seen: &Seen) -> bool {
        self.check(Kind::Kept, what, hint, seen)
    }

    fn check(&mut self, kind: Kind, what: &str, hint: u8, seen: &Seen) -> bool {
        let about = match kind {
            Kind::Goal => "",
            Kind::Kept => "（不能壞的）",
        };
        if seen.holds {
            println!("  ✓ {what}{about}");
            if let Some(passed) = self.passed.get_mut(kind as usize) {
                *passed += 1;
            }
            return true;
        }
        println!("  ✗ {what}{about}");
        println!("      應該看到：{}", indented(&seen.expected));
        println!("      實際看到：{}", indented(&seen.seen));
        if hint > 0 {
            println!("      看提示 {hint}：tasks/{}/README.md", self.folder);
        }
        self.faults.push(Fault {
            kind,
            what: what.to_owned(),
        });
        false
    }

    /// The way ends here, and no check is about why.
    pub(crate) fn cannot_go_on(&mut self, why: &str) {
        println!("  ✗ 走到這裡走不下去了：{}", indented(why));
        self.broken = Some(why.to_owned());
    }

    /// The verdict for programs.
    pub(crate) fn report(&self, number: u8) -> Value {
        let failed = |kind: Kind| -> Vec<&str> {
            let of = self.faults.iter().filter(|fault| fault.kind == kind);
            of.map(|fault| fault.what.as_str()).collect()
        };
        json!({
            "task": number,
            "goal": {"passed": self.passed[0], "failed": failed(Kind::Goal)},
            "kept": {"passed": self.passed[1], "failed": failed(Kind::Kept)},
            "broken": self.broken,
        })
    }

    /// Says how it ended.
    pub(crate) fn close(self, number: u8) -> Verdict {
        let (passed, failed) = (self.passed.iter().sum::<u32>(), self.faults.len());
        if self.broken.is_some() {
            println!("\n第 {number} 題沒有走完：過了 {passed} 項，沒過 {failed} 項。");
            return Verdict::Unjudged;
        }
        if failed > 0 {
            println!("\n第 {number} 題還沒過：過了 {passed} 項，沒過 {failed} 項。");
            return Verdict::Failed;
        }
        println!("\n第 {number} 題過了：{passed} 項檢查都成立。");
        Verdict::Passed
    }
}

/// A value in a line.
fn show(value: &impl Debug) -> String {
    excerpt(&format!("{value:?}"))
}

/// Enough of a text to see what it is, without a page's markup.
fn excerpt(text: &str) -> String {
    const MOST: usize = 300;
    let text = if text.trim_start().starts_with("<!") {
        crate::page::words(text)
    } else {
        text.to_owned()
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return "（什麼都沒有）".to_owned();
    }
    let mut short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn indented(text: &str) -> String {
    text.trim().replace('\n', "\n                ")
}
