//! What a proof found, for people in one line and for machines as JSON.

use serde::Serialize;
use std::{collections::BTreeMap, time::Instant};

/// The outcome of one proof.
#[derive(Debug, Serialize)]
pub(crate) struct Proof {
    name: &'static str,
    ok: bool,
    seconds: u64,
    counts: BTreeMap<String, u64>,
    failures: Vec<String>,
    #[serde(skip)]
    started: Instant,
}

impl Proof {
    pub(crate) fn begin(name: &'static str) -> Self {
        Self {
            name,
            ok: false,
            seconds: 0,
            counts: BTreeMap::new(),
            failures: Vec::new(),
            started: Instant::now(),
        }
    }

    pub(crate) fn count(&mut self, what: &str, more: u64) {
        *self.counts.entry(what.to_owned()).or_default() += more;
    }

    pub(crate) fn set(&mut self, what: &str, value: u64) {
        self.counts.insert(what.to_owned(), value);
    }

    pub(crate) fn counted(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or_default()
    }

    pub(crate) fn fail(&mut self, why: String) {
        self.failures.push(why);
    }

    /// Fails where it is not so.
    pub(crate) fn demand(&mut self, so: bool, why: impl FnOnce() -> String) {
        if !so {
            self.fail(why());
        }
    }

    /// Whether nothing failed so far.
    pub(crate) fn holds(&self) -> bool {
        self.failures.is_empty()
    }

    pub(crate) fn end(mut self) -> Self {
        self.ok = self.failures.is_empty();
        self.seconds = self.started.elapsed().as_secs();
        self
    }

    /// The closing line.
    pub(crate) fn line(&self) -> String {
        let counts: Vec<String> = self
            .counts
            .iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        let mut line = format!(
            "{}: {} in {} s; {}",
            self.name,
            if self.ok { "ok" } else { "FAILED" },
            self.seconds,
            counts.join(", ")
        );
        for failure in self.failures.iter().take(20) {
            line.push_str("\n    ");
            line.push_str(failure);
        }
        line
    }
}
