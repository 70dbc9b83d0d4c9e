//! Answers requests for the book.

use std::{path::PathBuf, sync::OnceLock};

use askama::Template;
use pages::{FrameView, Lang, Shell};

use crate::{
    Book, Files, Found, Index, MOUNT,
    assets::{self, CSS, JS},
    book::Chapter,
    code,
    markdown::page_url,
    page::{Kind, Page},
    question::Question,
    words::{Words, with},
};

/// Where the demo's shop and its counterparties listen, as origins: the book's commands and links name the usual
/// ports, and are shown with these.
#[derive(Clone, Debug)]
pub struct Places {
    /// The shop, for example `http://localhost:8080`.
    pub shop: String,
    /// PAYUNi's sandbox.
    pub payuni: String,
    /// Google's sandbox.
    pub google: String,
}

/// The usual ports, in the order of [`Places`].
const USUAL: [&str; 3] = ["localhost:8080", "localhost:8081", "localhost:8082"];

/// What stands for them while they are exchanged.
const MARKS: [&str; 3] = ["\u{0}0", "\u{0}1", "\u{0}2"];

/// What a request gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// A page.
    Page(String),
    /// A file.
    File {
        /// Its media type.
        content_type: &'static str,
        /// Its content.
        text: String,
        /// Whether the address names the content, so that it never changes.
        immutable: bool,
    },
    /// A file that is read where it is: it is large, and no text.
    OnDisk {
        /// Its media type.
        content_type: &'static str,
        /// Where it is.
        place: PathBuf,
    },
}

/// The book, to be read. It is opened when somebody asks for it first, so that nobody waits for it who does not.
pub struct Learn {
    files: Files,
    book: OnceLock<Book>,
    index: OnceLock<Index>,
    places: [String; 3],
}

impl Learn {
    /// A book of these texts.
    #[must_use]
    pub fn new(files: Files, places: &Places) -> Self {
        let host = |origin: &str| {
            let (_, host) = origin.split_once("://").unwrap_or(("", origin));
            host.trim_end_matches('/').to_owned()
        };
        Self {
            files,
            book: OnceLock::new(),
            index: OnceLock::new(),
            places: [
                host(&places.shop),
                host(&places.payuni),
                host(&places.google),
            ],
        }
    }

    fn book(&self) -> &Book {
        self.book.get_or_init(|| Book::read(&self.files))
    }

    fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self.book()))
    }

    /// Answers a request for what is below the mount: `path` without a leading slash, `query` as it came. `None`:
    /// there is no such thing.
    ///
    /// # Errors
    /// When formatting fails, which plain strings do not.
    pub fn answer(
        &self,
        path: &str,
        query: &str,
        shell: &Shell,
    ) -> Result<Option<Answer>, askama::Error> {
        let value = |name: &str| {
            let mut pairs = form_urlencoded::parse(query.as_bytes());
            pairs
                .find(|(key, _)| key == name)
                .map(|(_, value)| value.into_owned())
        };
        if let Some(asset) = assets::find(path) {
            return Ok(Some(Answer::File {
                content_type: asset.content_type,
                text: asset.text.to_owned(),
                immutable: true,
            }));
        }
        if let Some(name) = path
            .strip_prefix("figures/")
            .and_then(|f| f.strip_suffix(".svg"))
        {
            return Ok(self.book().figures.get(name).map(|drawing| Answer::File {
                content_type: "image/svg+xml",
                text: drawing.svg.clone(),
                immutable: false,
            }));
        }
        if let Some(film) = path.strip_prefix("films/")
            && let Some(content_type) = film_type(film)
        {
            let place = self.files.film(&format!("book/films/{film}"));
            return Ok(place.map(|place| Answer::OnDisk {
                content_type,
                place: place.to_owned(),
            }));
        }
        let page = if path == "search" {
            Some(self.search(shell, value("q").unwrap_or_default().trim())?)
        } else if let Some(file) = path.strip_prefix("code/") {
            self.code(shell, file, value("item").as_deref())?
        } else if path.is_empty() {
            Some(self.contents(shell)?)
        } else {
            match self.book().page(path) {
                Some(page) => Some(self.page(shell, page)?),
                None => None,
            }
        };
        Ok(page.map(Answer::Page))
    }

    /// The addresses of all pages and files, from the root; of code, those that the book may show.
    #[must_use]
    pub fn addresses(&self) -> Vec<String> {
        let mut all = vec![MOUNT.to_owned(), format!("{MOUNT}/search")];
        all.extend(self.book().pages.iter().map(|page| page_url(&page.address)));
        all.extend(
            self.book()
                .figures
                .keys()
                .map(|name| format!("{MOUNT}/figures/{name}.svg")),
        );
        all.extend(
            self.files
                .code_paths()
                .map(|path| format!("{MOUNT}/code/{path}")),
        );
        all.extend([CSS.url(), JS.url()]);
        all.sort();
        all.dedup();
        all
    }

    fn contents(&self, shell: &Shell) -> Result<String, askama::Error> {
        let view = Contents {
            common: self.common(shell, ""),
            page: self.book().page(""),
            chapters: self.book().chapters(),
            routes: self.book().of(Kind::Route).collect(),
            glossary: self.book().page("glossary"),
            exam: self.book().page("exam"),
            films: self.book().page("films"),
        };
        let title = view.common.w.book;
        self.frame(shell, title, &view.render()?)
    }

    fn page(&self, shell: &Shell, page: &Page) -> Result<String, askama::Error> {
        let (previous, next) = self.book().around(&page.address);
        let view = OnePage {
            common: self.common(shell, &page.address),
            page,
            previous: previous.filter(|page| page.kind != Kind::Contents),
            next,
        };
        self.frame(shell, &page.title, &view.render()?)
    }

    fn search(&self, shell: &Shell, question: &str) -> Result<String, askama::Error> {
        let found = self.index().find(question);
        let view = Search {
            common: self.common(shell, "search"),
            question,
            found,
        };
        self.frame(shell, view.common.w.search, &view.render()?)
    }

    fn code(
        &self,
        shell: &Shell,
        path: &str,
        item: Option<&str>,
    ) -> Result<Option<String>, askama::Error> {
        // Only what the book points at is there: the path is a key and never reaches a disk.
        let Some(text) = self.files.code(path) else {
            return Ok(None);
        };
        let view = Code {
            common: self.common(shell, "code"),
            path,
            item,
            html: code::html(text, item),
        };
        // The file is shown as it is, with the ports that stand in it.
        let main = view.render()?;
        frame(shell, path, &main).map(Some)
    }

    fn common<'a>(&'a self, shell: &Shell, here: &'a str) -> Common<'a> {
        Common {
            w: Words::of(shell.lang),
            lang: shell.lang,
            here,
            chapters: self.book().chapters(),
            extra: self
                .book()
                .pages
                .iter()
                .filter(|page| {
                    matches!(page.kind, Kind::Glossary | Kind::Route | Kind::Exam)
                        || page.address == "films"
                })
                .collect(),
            note: if shell.lang == Lang::ZhTw {
                ""
            } else {
                Words::of(shell.lang).only_chinese
            },
        }
    }

    /// A whole page; the usual ports in it become those of this demo.
    fn frame(&self, shell: &Shell, title: &str, main: &str) -> Result<String, askama::Error> {
        let mut main = main.to_owned();
        // First to marks and then to places, so that no place is taken for a usual one.
        for (usual, mark) in USUAL.into_iter().zip(MARKS) {
            main = main.replace(usual, mark);
        }
        for (mark, place) in MARKS.into_iter().zip(&self.places) {
            main = main.replace(mark, place);
        }
        frame(shell, title, &main)
    }
}

fn frame(shell: &Shell, title: &str, main: &str) -> Result<String, askama::Error> {
    let book = Words::of(shell.lang).book;
    let title = if title == book {
        title.to_owned()
    } else {
        format!("{title}｜{book}")
    };
    pages::frame(
        shell,
        &FrameView {
            title: &title,
            style: &CSS.url(),
            script: &JS.url(),
            main,
        },
    )
}

/// What all pages of the book share.
struct Common<'a> {
    w: &'static Words,
    lang: Lang,
    /// The address of the page that is shown.
    here: &'a str,
    chapters: Vec<Chapter<'a>>,
    extra: Vec<&'a Page>,
    note: &'static str,
}

impl Common<'_> {
    /// The tag of the language in which the reader itself speaks.
    fn lang(&self) -> &'static str {
        self.lang.tag()
    }

    /// Whether a chapter is the one that is read.
    fn is_in(&self, chapter: &Chapter<'_>) -> bool {
        self.here.split('/').next() == Some(chapter.address)
    }

    fn is_here(&self, page: &Page) -> bool {
        self.here == page.address
    }
}

/// The media type of a film's file; `None` for what is none.
fn film_type(name: &str) -> Option<&'static str> {
    let (_, ending) = name.rsplit_once('.')?;
    match ending {
        "webm" => Some("video/webm"),
        "vtt" => Some("text/vtt; charset=utf-8"),
        "png" => Some("image/png"),
        _ => None,
    }
}

fn url(page: &Page) -> String {
    page_url(&page.address)
}

#[derive(Template)]
#[template(path = "contents.html")]
struct Contents<'a> {
    common: Common<'a>,
    page: Option<&'a Page>,
    chapters: Vec<Chapter<'a>>,
    routes: Vec<&'a Page>,
    glossary: Option<&'a Page>,
    exam: Option<&'a Page>,
    films: Option<&'a Page>,
}

#[derive(Template)]
#[template(path = "page.html")]
struct OnePage<'a> {
    common: Common<'a>,
    page: &'a Page,
    previous: Option<&'a Page>,
    next: Option<&'a Page>,
}

impl OnePage<'_> {
    fn is_exam(&self) -> bool {
        self.page.kind == Kind::Exam
    }

    fn questions(&self) -> &[Question] {
        &self.page.questions
    }
}

#[derive(Template)]
#[template(path = "search.html")]
struct Search<'a> {
    common: Common<'a>,
    question: &'a str,
    found: Vec<Found>,
}

#[derive(Template)]
#[template(path = "code.html")]
struct Code<'a> {
    common: Common<'a>,
    path: &'a str,
    item: Option<&'a str>,
    html: String,
}
