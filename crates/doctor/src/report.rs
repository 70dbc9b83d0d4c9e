use serde::Serialize;

use crate::examination::{Examination, Verdict};
use crate::finding::Certainty;
use crate::inner::Kind;
use crate::shape::Shape;
use crate::steps::{Field, State, StepId};
use crate::text::{Lang, Text};

/// A finding in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Explained {
    /// The stable name.
    pub id: &'static str,
    /// How sure.
    pub certainty: Certainty,
    /// Whether it is advice only.
    pub advice: bool,
    /// In half a line.
    pub title: String,
    /// How it shows, and what comes of it.
    pub why: String,
    /// How to mend it.
    pub mend: String,
}

/// A step in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownStep {
    /// Which.
    pub id: StepId,
    /// How it went.
    pub state: State,
    /// Its name.
    pub title: String,
    /// What was seen.
    pub says: String,
}

/// An examination in words, for a terminal, a page or another program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    /// What it comes to.
    pub verdict: Verdict,
    /// The same in a sentence.
    pub summary: String,
    /// Of which kind the body is.
    pub shape: Shape,
    /// Which way the message goes.
    pub kind: Kind,
    /// What is wrong; what comes first is to be mended first.
    pub findings: Vec<Explained>,
    /// The way from the body to the fields.
    pub steps: Vec<ShownStep>,
    /// The fields outside the seal.
    pub outer: Vec<Field>,
    /// The fields inside.
    pub inner: Vec<Field>,
}

impl Examination {
    /// Puts it into words.
    #[must_use]
    pub fn diagnosis(&self, lang: Lang) -> Diagnosis {
        let text = Text::get(lang);
        let findings: Vec<Explained> = self
            .findings
            .iter()
            .filter_map(|finding| {
                let said = text.finding.get(&finding.id)?;
                let fill = |template: &str| text.fill(template, &finding.facts);
                Some(Explained {
                    id: finding.id.as_str(),
                    certainty: finding.certainty,
                    advice: finding.advice,
                    title: fill(&said.title),
                    why: fill(&said.why),
                    mend: fill(&said.mend),
                })
            })
            .collect();
        let steps = self.steps.iter().map(|step| {
            let (title, says) = text.step(step.id, step.state);
            ShownStep {
                id: step.id,
                state: step.state,
                title: title.to_owned(),
                says: text.fill(says, &step.facts),
            }
        });
        let faults = findings.iter().filter(|finding| !finding.advice).count();
        let summary = match self.verdict {
            Verdict::Right => text.word.right.clone(),
            Verdict::Wrong => text.word.wrong.replace("{count}", &faults.to_string()),
            Verdict::Unclear => text.word.unclear.clone(),
        };
        Diagnosis {
            verdict: self.verdict,
            summary,
            shape: self.shape,
            kind: self.kind,
            steps: steps.collect(),
            findings,
            outer: self.outer.clone(),
            inner: self.inner.clone(),
        }
    }

    /// For a terminal.
    #[must_use]
    pub fn render(&self, lang: Lang) -> String {
        let word = &Text::get(lang).word;
        let diagnosis = self.diagnosis(lang);
        let mut out = format!("{}\n", diagnosis.summary);
        for finding in &diagnosis.findings {
            let mark = if finding.advice { "!" } else { "✗" };
            let note = match (finding.advice, finding.certainty) {
                (true, _) => &word.advice,
                (false, Certainty::Likely) => &word.likely,
                (false, Certainty::Certain) => "",
            };
            line(
                &mut out,
                &format!("\n{mark} {note}{}  [{}]", finding.title, finding.id),
            );
            line(&mut out, &format!("  {}", finding.why));
            line(&mut out, &format!("  {}{}", word.mend, finding.mend));
        }
        line(&mut out, &format!("\n{}", word.steps));
        for (number, step) in (1..).zip(&diagnosis.steps) {
            let mark = match step.state {
                State::Good => "✓",
                State::Bad => "✗",
                State::Skipped => "·",
            };
            line(
                &mut out,
                &format!("  {mark} {number}. {}  {}", step.title, step.says),
            );
        }
        for (title, fields) in [
            (&word.outer, &diagnosis.outer),
            (&word.inner, &diagnosis.inner),
        ] {
            if !fields.is_empty() {
                line(&mut out, &format!("\n{title}"));
            }
            for field in fields {
                let hidden = || word.hidden.replace("{count}", &field.chars.to_string());
                let value = field.value.clone().unwrap_or_else(hidden);
                line(&mut out, &format!("  {} = {value}", field.name));
            }
        }
        out
    }
}

fn line(out: &mut String, text: &str) {
    out.push_str(text);
    out.push('\n');
}
