//! Reads our own pages strictly: tags nest, attributes are quoted, nothing is left open.

/// An opening tag.
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    /// Text up to the next tag.
    pub(crate) text: String,
}

impl Tag {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Returns the tags of this name.
pub(crate) fn of<'a>(tags: &'a [Tag], name: &str) -> Vec<&'a Tag> {
    tags.iter().filter(|tag| tag.name == name).collect()
}

const VOID: [&str; 6] = ["meta", "link", "img", "input", "br", "path"];

/// Returns all opening tags in order; panics, with the place, where the page is not well formed.
pub(crate) fn read(name: &str, html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end =
            end_of_tag(rest).unwrap_or_else(|| panic!("{name}: a tag is not closed: {rest:.60}"));
        let inside = &rest[..end];
        rest = &rest[end + 1..];
        if inside.starts_with("!doctype") {
            continue;
        }
        if let Some(closing) = inside.strip_prefix('/') {
            assert_eq!(
                open.pop().as_deref(),
                Some(closing),
                "{name}: wrong closing tag"
            );
            continue;
        }
        let inside = inside.strip_suffix('/').unwrap_or(inside);
        let (tag, attributes) = inside
            .split_once(char::is_whitespace)
            .unwrap_or((inside, ""));
        assert!(
            tag.chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()),
            "{name}: not a tag: <{inside}>"
        );
        if !VOID.contains(&tag) {
            open.push(tag.to_owned());
        }
        let text = rest[..rest.find('<').unwrap_or(rest.len())]
            .trim()
            .to_owned();
        tags.push(Tag {
            name: tag.to_owned(),
            attributes: read_attributes(name, attributes),
            text,
        });
    }
    assert!(open.is_empty(), "{name}: left open: {open:?}");
    tags
}

fn end_of_tag(text: &str) -> Option<usize> {
    let mut quoted = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '>' if !quoted => return Some(at),
            '<' if !quoted => return None,
            _ => {}
        }
    }
    None
}

fn read_attributes(name: &str, mut text: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    loop {
        text = text.trim_start();
        if text.is_empty() {
            return out;
        }
        let end = text
            .find(|c: char| c == '=' || c.is_whitespace())
            .unwrap_or(text.len());
        let key = text[..end].to_owned();
        assert!(
            !out.iter().any(|(k, _)| *k == key),
            "{name}: attribute {key} twice"
        );
        text = &text[end..];
        let value = if let Some(after) = text.strip_prefix('=') {
            let after = after
                .strip_prefix('"')
                .unwrap_or_else(|| panic!("{name}: {key} is not quoted"));
            let close = after
                .find('"')
                .unwrap_or_else(|| panic!("{name}: {key} is not closed"));
            text = &after[close + 1..];
            after[..close].to_owned()
        } else {
            String::new()
        };
        out.push((key, value));
    }
}
