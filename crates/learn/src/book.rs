//! The book: its pages in reading order, its chapters, its figures.

use std::collections::BTreeMap;

use figures::{Drawing, Figure};

use crate::{
    Fault, Files, check,
    markdown::Sizes,
    page::{Kind, Page},
    path,
};

/// The book, read.
#[derive(Clone, Debug, Default)]
pub struct Book {
    /// Contents first, then each chapter with its sections, glossary, routes, exam.
    pub(crate) pages: Vec<Page>,
    pub(crate) figures: BTreeMap<String, Drawing>,
    faults: Vec<Fault>,
}

/// A chapter and where its sections are among the pages.
pub(crate) struct Chapter<'a> {
    pub(crate) address: &'a str,
    /// Its own page, which an unfinished chapter may lack.
    pub(crate) page: Option<&'a Page>,
    pub(crate) sections: Vec<&'a Page>,
}

impl Chapter<'_> {
    pub(crate) fn title(&self) -> &str {
        self.page.map_or(self.address, |page| &page.title)
    }

    /// What its sections take together, in minutes.
    pub(crate) fn minutes(&self) -> u32 {
        self.sections.iter().filter_map(|page| page.minutes).sum()
    }

    pub(crate) fn questions(&self) -> usize {
        self.sections.iter().map(|page| page.questions.len()).sum()
    }
}

impl Book {
    /// Reads the book. What does not fit its formats is read as well as it can be, and is told by
    /// [`faults`](Self::faults).
    #[must_use]
    pub fn read(files: &Files) -> Self {
        let mut book = Self::default();
        for (file, text) in files.book() {
            let name = file
                .strip_prefix("book/figures/")
                .and_then(|file| file.strip_suffix(".toml"));
            let Some(name) = name else { continue };
            match Figure::read(file, text) {
                Ok(figure) => {
                    book.figures.insert(name.to_owned(), figure.draw());
                }
                Err(error) => book.faults.push(Fault {
                    file: file.to_owned(),
                    line: 1,
                    what: error.what,
                }),
            }
        }
        let sizes: Sizes = book
            .figures
            .iter()
            .map(|(name, drawing)| (name.clone(), (drawing.width, drawing.height)))
            .collect();
        for (file, text) in files.book() {
            let Some(address) = path::address(file) else {
                continue;
            };
            match Kind::of(&address) {
                Some(kind) => {
                    let page = Page::read(file, kind, text, &sizes, &mut book.faults);
                    book.pages.push(page);
                }
                None => book.faults.push(Fault {
                    file: file.to_owned(),
                    line: 1,
                    what: "the book has no place for this file: N-chapter/NN-section.md, routes/WHO.md, glossary.md, exam.md, films/NN-name.md"
                        .to_owned(),
                }),
            }
        }
        // A chapter's own page stands before its sections, since its address is the shorter one.
        book.pages.sort_by(|a, b| {
            let rank = |page: &Page| match page.kind {
                Kind::Contents => 0,
                Kind::Chapter | Kind::Section => 1,
                Kind::Glossary => 2,
                Kind::Route => 3,
                Kind::Exam => 4,
                Kind::Film => 5,
            };
            (rank(a), &a.address).cmp(&(rank(b), &b.address))
        });
        book
    }

    /// Everything that does not fit the formats: parts that are missing, links that lead nowhere, code that is not
    /// where it is said to be. `files` has to hold all that the book may point at.
    #[must_use]
    pub fn faults(&self, files: &Files) -> Vec<Fault> {
        let mut faults = self.faults.clone();
        faults.extend(check::faults(self, files));
        faults.sort();
        faults.dedup();
        faults
    }

    /// The page at an address below the mount.
    pub(crate) fn page(&self, address: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.address == address)
    }

    /// The pages before and after one, as the book is read from cover to cover.
    pub(crate) fn around(&self, address: &str) -> (Option<&Page>, Option<&Page>) {
        let way: Vec<&Page> = self
            .pages
            .iter()
            .filter(|page| !matches!(page.kind, Kind::Glossary | Kind::Route | Kind::Film))
            .collect();
        let Some(at) = way.iter().position(|page| page.address == address) else {
            return (None, None);
        };
        let before = at.checked_sub(1).and_then(|before| way.get(before));
        (before.copied(), way.get(at + 1).copied())
    }

    /// The chapters, in order.
    pub(crate) fn chapters(&self) -> Vec<Chapter<'_>> {
        let mut chapters: Vec<Chapter<'_>> = Vec::new();
        for page in &self.pages {
            if !matches!(page.kind, Kind::Chapter | Kind::Section) {
                continue;
            }
            let address = page.address.split('/').next().unwrap_or_default();
            if chapters.last().is_none_or(|last| last.address != address) {
                chapters.push(Chapter {
                    address,
                    page: None,
                    sections: Vec::new(),
                });
            }
            if let Some(chapter) = chapters.last_mut() {
                if page.kind == Kind::Chapter {
                    chapter.page = Some(page);
                } else {
                    chapter.sections.push(page);
                }
            }
        }
        chapters
    }

    /// The pages of a kind, in order.
    pub(crate) fn of(&self, kind: Kind) -> impl Iterator<Item = &Page> {
        self.pages.iter().filter(move |page| page.kind == kind)
    }
}
