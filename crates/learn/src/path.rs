//! Where a link of the book leads.

/// Resolves a relative link of a file to a path from the root, without its anchor; `None` where it leaves the
/// repository or is no relative path.
pub(crate) fn resolve(file: &str, target: &str) -> Option<String> {
    let target = target.split(['#', '?']).next().unwrap_or_default();
    if target.is_empty() {
        return Some(file.to_owned());
    }
    if target.starts_with('/') || target.contains(['\\', ':']) {
        return None;
    }
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    for part in target.split('/') {
        match part {
            ".." => drop(parts.pop()?),
            "." | "" => {}
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// The address below the mount at which a file of the book is read: `book/1-why/01-a.md` at `1-why/01-a`, a chapter's
/// `README.md` at `1-why`, the book's own at the empty one. `None` for what is no page.
pub(crate) fn address(file: &str) -> Option<String> {
    let page = file.strip_prefix("book/")?.strip_suffix(".md")?;
    let page = page.strip_suffix("README").unwrap_or(page);
    Some(page.trim_end_matches('/').to_owned())
}

/// The anchor that GitHub gives a heading: lower case, spaces to hyphens, punctuation gone.
pub(crate) fn slug(heading: &str) -> String {
    let mut slug = String::new();
    for c in heading.trim().chars().flat_map(char::to_lowercase) {
        if c.is_alphanumeric() || c == '-' || c == '_' {
            slug.push(c);
        } else if c == ' ' {
            slug.push('-');
        }
    }
    slug
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_resolved_from_where_they_stand_and_never_out_of_the_repository() {
        let file = "book/1-why/01-a.md";
        let to = |target| resolve(file, target);
        assert_eq!(to("02-b.md#c").as_deref(), Some("book/1-why/02-b.md"));
        assert_eq!(to("../glossary.md").as_deref(), Some("book/glossary.md"));
        assert_eq!(to("../../crates/a.rs").as_deref(), Some("crates/a.rs"));
        assert_eq!(to("#here").as_deref(), Some(file));
        for outside in [
            "../../../etc/passwd",
            "/etc/passwd",
            "https://a.tw/",
            "..\\a",
        ] {
            assert_eq!(to(outside), None, "{outside}");
        }
    }

    #[test]
    fn a_file_has_one_address() {
        let at = |file| address(file);
        assert_eq!(at("book/README.md").as_deref(), Some(""));
        assert_eq!(at("book/1-why/README.md").as_deref(), Some("1-why"));
        assert_eq!(at("book/1-why/01-a.md").as_deref(), Some("1-why/01-a"));
        assert_eq!(at("book/figures/a.toml"), None);
        assert_eq!(at("README.md"), None);
    }

    #[test]
    fn anchors_are_those_of_github() {
        assert_eq!(slug("新台幣金額（amount, TWD）"), "新台幣金額amount-twd");
        assert_eq!(slug("What is `L2.hash`?"), "what-is-l2hash");
        assert_eq!(slug("1. 為什麼？"), "1-為什麼");
    }
}
