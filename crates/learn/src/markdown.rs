//! Markdown to HTML, and what a reader, a search and a check want to know about it.

use std::collections::BTreeMap;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd, html::push_html};

use crate::{MOUNT, path};

/// What a link or picture points at, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A page of the book, by its file, and a place on it.
    Page { file: String, anchor: String },
    /// An item in a file of the repository; without a name, the file or folder itself.
    Code { path: String, item: Option<String> },
    /// A figure, by its name.
    Figure { name: String },
    /// A film, by its name.
    Film { name: String },
    /// Nothing that can be read here.
    Nowhere { target: String },
}

/// A heading of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Heading {
    pub(crate) level: u8,
    pub(crate) text: String,
    pub(crate) anchor: String,
    pub(crate) line: usize,
}

/// A stretch of text under one heading, as the search knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Passage {
    pub(crate) heading: String,
    pub(crate) anchor: String,
    pub(crate) text: String,
}

/// A text, rendered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rendered {
    pub(crate) html: String,
    pub(crate) headings: Vec<Heading>,
    pub(crate) targets: Vec<(usize, Target)>,
    pub(crate) passages: Vec<Passage>,
    /// Lines with HTML, which is written nowhere but around answers.
    pub(crate) html_lines: Vec<usize>,
}

/// The sizes of figures, by name, as far as they could be drawn.
pub(crate) type Sizes = BTreeMap<String, (i32, i32)>;

/// Renders the texts of one file, so that its anchors are unique.
pub(crate) struct Renderer<'a> {
    file: &'a str,
    sizes: &'a Sizes,
    anchors: BTreeMap<String, usize>,
}

impl<'a> Renderer<'a> {
    pub(crate) fn new(file: &'a str, sizes: &'a Sizes) -> Self {
        Self {
            file,
            sizes,
            anchors: BTreeMap::new(),
        }
    }

    /// Renders a text whose first line is this one of its file.
    pub(crate) fn render(&mut self, text: &str, first_line: usize) -> Rendered {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let events: Vec<_> = Parser::new_ext(text, options)
            .into_offset_iter()
            .map(|(event, range)| {
                let before = text.get(..range.start).unwrap_or_default();
                (event, first_line + before.matches('\n').count())
            })
            .collect();
        let mut pass = Pass {
            renderer: self,
            out: Vec::new(),
            done: Rendered {
                passages: vec![Passage {
                    heading: String::new(),
                    anchor: String::new(),
                    text: String::new(),
                }],
                ..Rendered::default()
            },
        };
        pass.block(&events);
        let Pass { out, mut done, .. } = pass;
        push_html(&mut done.html, out.into_iter());
        done.passages
            .retain(|passage| !passage.heading.is_empty() || !passage.text.trim().is_empty());
        done
    }

    /// Renders a text as part of a line: without its paragraph.
    pub(crate) fn line(&mut self, text: &str, first_line: usize) -> Rendered {
        let mut rendered = self.render(text, first_line);
        let html = rendered.html.trim();
        let inner = html
            .strip_prefix("<p>")
            .and_then(|html| html.strip_suffix("</p>"));
        rendered.html = inner.unwrap_or(html).to_owned();
        rendered
    }

    fn anchor(&mut self, heading: &str) -> String {
        let slug = path::slug(heading);
        let seen = self.anchors.entry(slug.clone()).or_default();
        *seen += 1;
        if *seen == 1 {
            slug
        } else {
            format!("{slug}-{}", *seen - 1)
        }
    }
}

type Events<'e> = [(Event<'e>, usize)];

/// One pass over a text's events.
struct Pass<'r, 'a, 'e> {
    renderer: &'r mut Renderer<'a>,
    out: Vec<Event<'e>>,
    done: Rendered,
}

impl<'e> Pass<'_, '_, 'e> {
    fn block(&mut self, events: &Events<'e>) {
        let mut at = 0;
        while let Some((event, line)) = events.get(at) {
            let end = matching_end(events, at);
            let inner = events.get(at + 1..end).unwrap_or_default();
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    self.heading(*level as u8, inner, *line);
                    at = end;
                }
                Event::Start(Tag::Paragraph) if is_picture(inner) || self.is_film(inner) => {
                    self.block(inner);
                    at = end;
                }
                Event::Start(Tag::Link { dest_url, .. }) => {
                    self.link(dest_url, inner, *line);
                    at = end;
                }
                Event::Start(Tag::Image { dest_url, .. }) => {
                    self.picture(dest_url, &plain(inner), *line);
                    at = end;
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    self.fence(kind, &plain(inner));
                    at = end;
                }
                Event::Start(Tag::Table(_)) => {
                    self.html("<div class=\"scroll\" tabindex=\"0\">");
                    self.out.push(event.clone());
                }
                Event::End(TagEnd::Table) => {
                    self.out.push(event.clone());
                    self.html("</div>");
                }
                // A comment is for whoever writes, and for the exercises' runner.
                Event::Start(Tag::HtmlBlock) if is_comment(inner) => at = end,
                Event::Html(html) | Event::InlineHtml(html) => {
                    if !html.trim_start().starts_with("<!--") {
                        self.done.html_lines.push(*line);
                    }
                }
                Event::Text(text) | Event::Code(text) => {
                    self.read(text);
                    self.out.push(event.clone());
                }
                Event::End(end) => {
                    // In the search's text, blocks do not run into one another.
                    if !matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Link) {
                        self.read(" ");
                    }
                    self.out.push(event.clone());
                }
                Event::SoftBreak => {
                    self.read(" ");
                    self.out.push(event.clone());
                }
                Event::Start(_)
                | Event::InlineMath(_)
                | Event::DisplayMath(_)
                | Event::FootnoteReference(_)
                | Event::HardBreak
                | Event::Rule
                | Event::TaskListMarker(_) => self.out.push(event.clone()),
            }
            at += 1;
        }
    }

    fn html(&mut self, html: impl Into<String>) {
        self.out.push(Event::Html(html.into().into()));
    }

    /// Adds to the text that is found by the search.
    fn read(&mut self, text: &str) {
        if let Some(passage) = self.done.passages.last_mut() {
            passage.text.push_str(text);
        }
    }

    fn heading(&mut self, level: u8, inner: &Events<'e>, line: usize) {
        let text = plain(inner);
        let anchor = self.renderer.anchor(&text);
        self.done.passages.push(Passage {
            heading: text.clone(),
            anchor: anchor.clone(),
            text: String::new(),
        });
        self.html(format!("<h{level} id=\"{}\">", escape(&anchor)));
        self.block(inner);
        // The heading's own words are counted as its heading alone.
        if let Some(passage) = self.done.passages.last_mut() {
            passage.text.clear();
        }
        self.html(format!("</h{level}>\n"));
        self.done.headings.push(Heading {
            level,
            text,
            anchor,
            line,
        });
    }

    fn link(&mut self, url: &str, inner: &Events<'e>, line: usize) {
        let open = if is_elsewhere(url) {
            format!("<a href=\"{}\" rel=\"noreferrer\">", escape(url))
        } else {
            let target = self.target(url, inner);
            let open = match &target {
                Target::Page { file, anchor } => {
                    let page = path::address(file).unwrap_or_default();
                    let page = page_url(&page);
                    let hash = if anchor.is_empty() { "" } else { "#" };
                    format!("<a href=\"{}{hash}{}\">", escape(&page), escape(anchor))
                }
                Target::Code { path, item } => code_link(path, item.as_deref()),
                Target::Figure { name } => {
                    format!("<a href=\"{MOUNT}/figures/{}.svg\">", escape(name))
                }
                Target::Film { name } => {
                    let video = self.video(name, &plain(inner));
                    self.read(&plain(inner));
                    self.html(video);
                    self.done.targets.push((line, target));
                    return;
                }
                Target::Nowhere { .. } => "<a>".to_owned(),
            };
            self.done.targets.push((line, target));
            open
        };
        self.html(open);
        self.block(inner);
        self.html("</a>");
    }

    /// What a link that stays in the repository points at.
    fn target(&self, url: &str, inner: &Events<'e>) -> Target {
        let nowhere = || Target::Nowhere {
            target: url.to_owned(),
        };
        let Some(found) = path::resolve(self.renderer.file, url) else {
            return nowhere();
        };
        let anchor = url.split_once('#').map_or("", |(_, anchor)| anchor);
        let anchor = percent_encoding::percent_decode_str(anchor);
        if path::address(&found).is_some() {
            return Target::Page {
                file: found,
                anchor: anchor.decode_utf8_lossy().into_owned(),
            };
        }
        if let Some(figure) = figure_name(&found) {
            return Target::Figure {
                name: figure.to_owned(),
            };
        }
        if let Some(name) = film_name(&found) {
            return Target::Film {
                name: name.to_owned(),
            };
        }
        if found.starts_with("book/") {
            return nowhere();
        }
        // A text in backticks names an item, unless it names the file or folder itself.
        let item = match inner {
            [(Event::Code(item), _)] if !found.ends_with(item.trim_end_matches('/')) => {
                Some(item.to_string())
            }
            _ => None,
        };
        Target::Code { path: found, item }
    }

    /// Whether a paragraph is a film and nothing else: on GitHub its poster, which links to it.
    fn is_film(&self, inner: &Events<'e>) -> bool {
        let Some((Event::Start(Tag::Link { dest_url, .. }), _)) = inner.first() else {
            return false;
        };
        let found = path::resolve(self.renderer.file, dest_url);
        matching_end(inner, 0) + 1 == inner.len()
            && found.is_some_and(|found| film_name(&found).is_some())
    }

    /// A film's player. Its words are in the picture, so its captions are there to be switched on, for who wants them
    /// larger or elsewhere.
    fn video(&self, name: &str, words: &str) -> String {
        let film = format!("{MOUNT}/films/{}", escape(name));
        let words = escape(words);
        let transcript = if self.renderer.file == format!("book/films/{name}.md") {
            words.clone()
        } else {
            format!("<a href=\"{film}\">{words}</a>")
        };
        format!(
            "<figure class=\"film\"><video controls preload=\"none\" poster=\"{film}.png\" width=\"1280\" height=\"720\" \
             aria-label=\"{words}\"><source src=\"{film}.webm\" type=\"video/webm\"><track kind=\"captions\" src=\"{film}.vtt\" \
             srclang=\"zh-TW\" label=\"字幕\"></video><figcaption>{transcript}</figcaption></figure>\n"
        )
    }

    fn picture(&mut self, url: &str, alt: &str, line: usize) {
        self.read(alt);
        let resolved = path::resolve(self.renderer.file, url);
        let name = resolved.as_deref().and_then(figure_name);
        let Some(name) = name else {
            let target = url.to_owned();
            self.done.targets.push((line, Target::Nowhere { target }));
            return;
        };
        if let Some((width, height)) = self.renderer.sizes.get(name) {
            let url = format!("{MOUNT}/figures/{}.svg", escape(name));
            self.html(format!(
                "<figure><a href=\"{url}\"><img src=\"{url}\" alt=\"{}\" width=\"{width}\" height=\"{height}\"></a></figure>\n",
                escape(alt)
            ));
        }
        let name = name.to_owned();
        self.done.targets.push((line, Target::Figure { name }));
    }

    fn fence(&mut self, kind: &CodeBlockKind<'_>, text: &str) {
        let language = match kind {
            CodeBlockKind::Fenced(language) => language.split_whitespace().next().unwrap_or(""),
            CodeBlockKind::Indented => "",
        };
        self.read(text);
        let copy = if language == "sh" { " data-copy" } else { "" };
        self.html(format!(
            "<div class=\"fence\"{copy}><pre tabindex=\"0\"><code>{}</code></pre></div>\n",
            escape(text)
        ));
    }
}

/// The address of a page, from the root.
pub(crate) fn page_url(page: &str) -> String {
    if page.is_empty() {
        MOUNT.to_owned()
    } else {
        format!("{MOUNT}/{page}")
    }
}

fn code_link(path: &str, item: Option<&str>) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    if !name.contains('.') {
        // A folder is named, not shown.
        return format!("<a class=\"ref\" title=\"{}\">", escape(path));
    }
    let query = item.map_or_else(String::new, |item| {
        let item = percent_encoding::utf8_percent_encode(item, percent_encoding::NON_ALPHANUMERIC);
        format!("?item={item}#item")
    });
    let path = escape(path);
    format!("<a class=\"ref\" href=\"{MOUNT}/code/{path}{query}\" title=\"{path}\">")
}

/// The name of a figure, where a path is one's.
fn figure_name(path: &str) -> Option<&str> {
    path.strip_prefix("book/figures/")?.strip_suffix(".svg")
}

/// The name of a film, where a path is one's.
fn film_name(path: &str) -> Option<&str> {
    path.strip_prefix("book/films/")?.strip_suffix(".webm")
}

fn is_elsewhere(url: &str) -> bool {
    url.starts_with("https://") || url.starts_with("http://") || url.starts_with("mailto:")
}

/// Whether a paragraph is one picture and nothing else.
fn is_picture(inner: &Events<'_>) -> bool {
    matches!(inner.first(), Some((Event::Start(Tag::Image { .. }), _)))
        && matching_end(inner, 0) + 1 == inner.len()
}

/// Whether a block of HTML is one comment and nothing else.
fn is_comment(inner: &Events<'_>) -> bool {
    let lines = inner.iter().map(|(event, _)| {
        if let Event::Html(html) = event {
            html.as_ref()
        } else {
            ""
        }
    });
    let html: String = lines.collect();
    let html = html.trim();
    html.starts_with("<!--") && html.find("-->") == html.len().checked_sub(3)
}

/// The place of the end that belongs to a start; of anything else, its own.
fn matching_end(events: &Events<'_>, start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, (event, _)) in events.iter().enumerate().skip(start) {
        if matches!(event, Event::Start(_)) {
            depth += 1;
        } else if matches!(event, Event::End(_)) {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            return at;
        }
    }
    events.len()
}

/// The words of some events.
fn plain(events: &Events<'_>) -> String {
    let words = events.iter().map(|(event, _)| {
        if let Event::Text(text) | Event::Code(text) = event {
            text.as_ref()
        } else if matches!(event, Event::SoftBreak | Event::HardBreak) {
            " "
        } else {
            ""
        }
    });
    words.collect()
}

/// Text that may stand between tags and in attributes.
pub(crate) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
