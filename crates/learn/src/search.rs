//! Finds passages of the book: Chinese by pairs of characters, Latin words by their beginnings, without a network.

use std::collections::BTreeMap;

use crate::{
    Book,
    markdown::{escape, page_url},
};

/// Longest question that is looked at, in characters.
const QUERY_MAX: usize = 80;
/// Most passages that are shown.
const SHOWN: usize = 20;
/// What a word counts in a page's title, in a heading, and at most in a text.
const IN_TITLE: u32 = 6;
const IN_HEADING: u32 = 14;
const IN_TEXT_MAX: u32 = 5;
/// How much is shown before the word that was found, and in all.
const BEFORE: usize = 24;
const EXCERPT: usize = 96;

/// A passage that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Its address, from the root, with its place on the page.
    pub url: String,
    /// The page's title.
    pub title: String,
    /// The heading over it; empty for a page's beginning.
    pub heading: String,
    /// Some of its words as HTML, with what was looked for marked.
    pub excerpt: String,
}

/// A passage, as it is kept.
#[derive(Clone, Debug)]
struct Passage {
    url: String,
    title: String,
    heading: String,
    text: Vec<char>,
    /// The same text as it is compared.
    folded: Vec<char>,
}

/// All words of the book and where they stand.
#[derive(Clone, Debug, Default)]
pub struct Index {
    passages: Vec<Passage>,
    /// By word: passages, in order, with what the word counts there.
    words: BTreeMap<String, Vec<(usize, u32)>>,
}

/// What is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    /// A pair of Chinese characters.
    Pair(String),
    /// The beginning of a Latin word, or a single Chinese character.
    Beginning(String),
}

impl Index {
    /// Reads a book.
    #[must_use]
    pub fn new(book: &Book) -> Self {
        let mut index = Self::default();
        for page in &book.pages {
            for passage in &page.text.passages {
                let hash = if passage.anchor.is_empty() { "" } else { "#" };
                let text: Vec<char> = passage
                    .text
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" ")
                    .chars()
                    .collect();
                index.put(Passage {
                    url: format!("{}{hash}{}", page_url(&page.address), passage.anchor),
                    title: page.title.clone(),
                    heading: passage.heading.clone(),
                    folded: text.iter().map(|c| fold(*c)).collect(),
                    text,
                });
            }
        }
        index
    }

    fn put(&mut self, passage: Passage) {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        let folded: String = passage.folded.iter().collect();
        for word in words(&folded) {
            let count = counts.entry(word).or_default();
            *count = (*count + 1).min(IN_TEXT_MAX);
        }
        for (text, weight) in [(&passage.title, IN_TITLE), (&passage.heading, IN_HEADING)] {
            let folded: String = text.chars().map(fold).collect();
            for word in words(&folded) {
                *counts.entry(word).or_default() += weight;
            }
        }
        let at = self.passages.len();
        for (word, count) in counts {
            self.words.entry(word).or_default().push((at, count));
        }
        self.passages.push(passage);
    }

    /// The passages that answer a question best, best first. All its words must be there, or, where no passage has
    /// all, most of them.
    #[must_use]
    pub fn find(&self, question: &str) -> Vec<Found> {
        let question: String = question.chars().take(QUERY_MAX).map(fold).collect();
        let terms = terms(&question);
        if terms.is_empty() {
            return Vec::new();
        }
        let mut scores: BTreeMap<usize, (usize, u32)> = BTreeMap::new();
        for term in &terms {
            let places = self.places(term);
            let rare = self.passages.len() / places.len().max(1);
            let weight = rare.max(1).ilog2() + 1;
            for (at, count) in places {
                let (matched, score) = scores.entry(at).or_default();
                *matched += 1;
                *score += count * weight;
            }
        }
        let most = scores
            .values()
            .map(|(matched, _)| *matched)
            .max()
            .unwrap_or(0);
        // Where hardly anything fits, nothing is better than noise.
        if most * 2 < terms.len() {
            return Vec::new();
        }
        let phrase: Vec<char> = question.trim().chars().collect();
        let mut best: Vec<(u32, usize)> = scores
            .into_iter()
            .filter(|(_, (matched, _))| *matched == most)
            .filter_map(|(at, (_, score))| {
                let passage = self.passages.get(at)?;
                Some((passage.weighed(score, &phrase), at))
            })
            .collect();
        best.sort_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
        let best = best.into_iter().take(SHOWN);
        best.filter_map(|(_, at)| self.passages.get(at))
            .map(|passage| passage.found(&phrase, &runs(&question)))
            .collect()
    }

    /// Where a term stands, by passage.
    fn places(&self, term: &Term) -> BTreeMap<usize, u32> {
        let mut places = BTreeMap::new();
        match term {
            Term::Pair(pair) => places.extend(self.words.get(pair).into_iter().flatten().copied()),
            Term::Beginning(beginning) => {
                let words = self.words.range(beginning.clone()..);
                for (_, at) in words.take_while(|(word, _)| word.starts_with(beginning)) {
                    for (at, count) in at {
                        let best = places.entry(*at).or_insert(0);
                        *best = (*best).max(*count);
                    }
                }
            }
        }
        places
    }
}

impl Passage {
    /// A score, raised where the whole question stands here as it was typed, and most where it is what the heading
    /// is about, as in the glossary.
    fn weighed(&self, score: u32, phrase: &[char]) -> u32 {
        let heading: Vec<char> = self.heading.chars().map(fold).collect();
        let behind = heading.strip_prefix(phrase).and_then(<[char]>::first);
        if heading == phrase || behind.is_some_and(|c| !c.is_alphanumeric()) {
            score * 6
        } else if heading.starts_with(phrase) {
            score * 2
        } else if position(&self.folded, phrase).is_some() {
            score * 3 / 2
        } else {
            score
        }
    }

    fn found(&self, phrase: &[char], runs: &[String]) -> Found {
        let mut needles: Vec<Vec<char>> = vec![phrase.to_vec()];
        needles.extend(runs.iter().map(|run| run.chars().collect()));
        for run in runs {
            let chars: Vec<char> = run.chars().collect();
            if chars.first().copied().is_some_and(is_chinese) {
                needles.extend(chars.windows(2).map(<[char]>::to_vec));
            }
        }
        needles.retain(|needle| !needle.is_empty());
        let first = needles
            .iter()
            .find_map(|needle| position(&self.folded, needle))
            .unwrap_or(0);
        let from = first.saturating_sub(BEFORE);
        let to = (from + EXCERPT).min(self.text.len());
        let mut marked = vec![false; self.text.len()];
        for needle in &needles {
            let mut at = from;
            while let Some(found) = self
                .folded
                .get(at..to)
                .and_then(|rest| position(rest, needle))
            {
                for mark in marked.iter_mut().skip(at + found).take(needle.len()) {
                    *mark = true;
                }
                at += found + needle.len();
            }
        }
        let mut excerpt = String::from(if from > 0 { "…" } else { "" });
        let mut open = false;
        for at in from..to {
            let (Some(c), Some(mark)) = (self.text.get(at), marked.get(at)) else {
                break;
            };
            if *mark != open {
                excerpt.push_str(if *mark { "<mark>" } else { "</mark>" });
                open = *mark;
            }
            excerpt.push_str(&escape(&c.to_string()));
        }
        excerpt.push_str(if open { "</mark>" } else { "" });
        excerpt.push_str(if to < self.text.len() { "…" } else { "" });
        Found {
            url: self.url.clone(),
            title: self.title.clone(),
            heading: self.heading.clone(),
            excerpt,
        }
    }
}

fn position(text: &[char], needle: &[char]) -> Option<usize> {
    if needle.is_empty() || needle.len() > text.len() {
        return None;
    }
    text.windows(needle.len())
        .position(|window| window == needle)
}

/// One character as it is compared: small, and full-width Latin as Latin. Always one for one, so that places agree.
fn fold(c: char) -> char {
    let c = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        other => other,
    };
    c.to_lowercase().next().unwrap_or(c)
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The runs of Chinese characters and the Latin words of a folded text.
fn runs(text: &str) -> Vec<String> {
    let mut runs: Vec<String> = Vec::new();
    let mut kind = None;
    for c in text.chars() {
        let this = if is_chinese(c) {
            Some(true)
        } else if c.is_alphanumeric() || c == '_' {
            Some(false)
        } else {
            None
        };
        match (this, runs.last_mut()) {
            (Some(_), Some(run)) if this == kind => run.push(c),
            (Some(_), _) => runs.push(c.to_string()),
            (None, _) => {}
        }
        kind = this;
    }
    runs
}

/// The words that are kept of a folded text.
fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in runs(text) {
        let chars: Vec<char> = run.chars().collect();
        if chars.first().copied().is_some_and(is_chinese) {
            words.extend(chars.windows(2).map(|pair| pair.iter().collect::<String>()));
            // The last one begins no pair, yet may be looked for by itself.
            words.extend(chars.last().map(ToString::to_string));
        } else {
            // The parts of a name are found too: `trade_query` by `query`.
            if run.contains('_') {
                words.extend(
                    run.split('_')
                        .filter(|part| !part.is_empty())
                        .map(ToOwned::to_owned),
                );
            }
            words.push(run);
        }
    }
    words
}

/// What a folded question looks for.
fn terms(question: &str) -> Vec<Term> {
    let mut terms = Vec::new();
    for run in runs(question) {
        let chars: Vec<char> = run.chars().collect();
        if chars.first().copied().is_some_and(is_chinese) && chars.len() > 1 {
            terms.extend(
                chars
                    .windows(2)
                    .map(|pair| Term::Pair(pair.iter().collect())),
            );
        } else {
            terms.push(Term::Beginning(run));
        }
    }
    terms
}
