//! The texts: the book's own, and the files of the repository that it points at.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    path::{Path, PathBuf},
};

mod embedded {
    include!(concat!(env!("OUT_DIR"), "/embedded.rs"));
}

/// Texts by their paths from the repository's root, with `/`.
#[derive(Clone, Debug, Default)]
pub struct Files {
    book: BTreeMap<String, Cow<'static, str>>,
    code: BTreeMap<String, Cow<'static, str>>,
    films: BTreeMap<String, PathBuf>,
}

impl Files {
    /// The texts that were taken into the program when it was built.
    #[must_use]
    pub fn embedded() -> Self {
        let table = |rows: &[(&str, &'static str)]| {
            let rows = rows.iter();
            rows.map(|(path, text)| ((*path).to_owned(), Cow::Borrowed(*text)))
                .collect()
        };
        Self {
            book: table(embedded::BOOK),
            code: table(embedded::CODE),
            films: embedded::FILMS
                .iter()
                .map(|(path, place)| ((*path).to_owned(), PathBuf::from(place)))
                .filter(|(_, place)| place.is_file())
                .collect(),
        }
    }

    /// Other texts: `book` with paths like `book/1-why/README.md`, `code` is what it may point at.
    #[must_use]
    pub fn new(
        book: impl IntoIterator<Item = (String, String)>,
        code: impl IntoIterator<Item = (String, String)>,
    ) -> Self {
        let owned = |(path, text)| (path, Cow::Owned(text));
        Self {
            book: book.into_iter().map(owned).collect(),
            code: code.into_iter().map(owned).collect(),
            films: BTreeMap::new(),
        }
    }

    /// The same texts, with these films' files: paths like `book/films/01-a.webm`, and where each is.
    #[must_use]
    pub fn with_films(mut self, films: impl IntoIterator<Item = (String, PathBuf)>) -> Self {
        self.films = films.into_iter().collect();
        self
    }

    /// Where a file of a film is. A program that was taken away from its source has none.
    #[must_use]
    pub fn film(&self, path: &str) -> Option<&Path> {
        self.films.get(path).map(PathBuf::as_path)
    }

    /// The book's files, in the order of their paths.
    pub fn book(&self) -> impl Iterator<Item = (&str, &str)> {
        self.book
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_ref()))
    }

    /// The text of a file that the book may show.
    #[must_use]
    pub fn code(&self, path: &str) -> Option<&str> {
        self.code.get(path).map(AsRef::as_ref)
    }

    /// The files that the book may show.
    pub fn code_paths(&self) -> impl Iterator<Item = &str> {
        self.code.keys().map(String::as_str)
    }

    /// Whether something that may be shown lies below this folder.
    #[must_use]
    pub fn has_folder(&self, folder: &str) -> bool {
        let prefix = format!("{}/", folder.trim_end_matches('/'));
        let mut below = self.code.range(prefix.clone()..);
        below
            .next()
            .is_some_and(|(path, _)| path.starts_with(&prefix))
    }
}
