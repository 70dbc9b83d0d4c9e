//! A file of the repository, to be read, with the item that the book speaks of marked.

use crate::markdown::escape;

/// Lines that one item may take; of a longer one, the beginning is marked.
const ITEM_LINES: usize = 150;
/// Words after which a definition's name stands, in the languages of the repository.
const DEFINES: [&str; 16] = [
    "fn",
    "struct",
    "enum",
    "trait",
    "const",
    "static",
    "type",
    "mod",
    "macro_rules",
    "union",
    "function",
    "class",
    "TRIGGER",
    "TABLE",
    "INDEX",
    "VIEW",
];

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The identifiers of an item's name, in order: `Envelope::open` has two.
pub(crate) fn identifiers(item: &str) -> Vec<&str> {
    let words = item.split(|c: char| !is_word(c));
    words.filter(|word| !word.is_empty()).collect()
}

/// Whether a word stands in a text by itself, not as a part of another.
pub(crate) fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let after = text
            .get(at + word.len()..)
            .and_then(|text| text.chars().next());
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

/// Whether a line defines a word.
fn defines(line: &str, word: &str) -> bool {
    let words = identifiers(line);
    let mut pairs = words.windows(2);
    let named = pairs.any(|pair| DEFINES.contains(&pair[0]) && pair[1] == word);
    // A variant of an enum, a key of a TOML file.
    let first = line.trim_start();
    let own = first.strip_prefix(word).is_some_and(|rest| {
        let rest = rest.trim_start();
        rest.is_empty() || rest.starts_with([',', '(', '{', '=', ':'])
    });
    named || own
}

/// The lines, from 0, that an item takes in a text: its first and the one after its last.
pub(crate) fn find(text: &str, item: &str) -> Option<(usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let names = identifiers(item);
    let (word, owner) = (names.last()?, names.iter().rev().nth(1));
    // A method is looked for behind the line that opens its type.
    let opened = owner.and_then(|owner| {
        let opens = |line: &&str| {
            let words = identifiers(line);
            let kind = ["impl", "enum", "struct", "trait", "mod"];
            words.contains(owner) && words.iter().any(|word| kind.contains(word))
        };
        lines.iter().enumerate().find_map(|(n, line)| {
            let behind = lines.get(n + 1..)?.iter();
            let until = behind.take_while(|line| **line != "}");
            let found = opens(line) && until.clone().any(|line| defines(line, word));
            found.then_some(n + 1)
        })
    });
    let from = opened.unwrap_or(0);
    let within = || lines.iter().enumerate().skip(from);
    let (at, line) = within()
        .find(|(_, line)| defines(line, word) && !line.trim_start().starts_with("//"))
        .or_else(|| within().find(|(_, line)| has_word(line, word)))?;
    let is_remark = |line: &&&str| {
        let line = line.trim_start();
        line.starts_with("///") || line.starts_with("#[") || line.starts_with("--")
    };
    let above = lines.get(..at)?.iter().rev().take_while(is_remark).count();
    let indent = |line: &str| line.len() - line.trim_start().len();
    let closes = |other: &&str| {
        indent(other) == indent(line)
            && (other.trim_start().starts_with(['}', ')', ']'])
                || other.trim_end().ends_with("END;"))
    };
    let opens = line.trim_end().ends_with(['{', '(', '[']);
    let below = if !opens && line.trim_end().ends_with([';', '}', ',']) {
        1
    } else {
        let rest = lines.get(at + 1..)?;
        let end = rest.iter().take(ITEM_LINES).position(closes);
        // A signature over several lines closes twice: `)` and then the body.
        let end = end.map(|end| match rest.get(end) {
            Some(line) if line.trim_end().ends_with('{') => rest
                .iter()
                .take(ITEM_LINES)
                .skip(end + 1)
                .position(closes)
                .map_or(end, |more| end + 1 + more),
            _ => end,
        });
        end.map_or(1, |end| end + 2)
    };
    Some((at - above, at + below))
}

/// The file as lines of HTML, the item's marked.
pub(crate) fn html(text: &str, item: Option<&str>) -> String {
    let hit = item.and_then(|item| find(text, item));
    let mut html = String::new();
    for (n, line) in text.lines().enumerate() {
        let marked = hit.is_some_and(|(from, to)| (from..to).contains(&n));
        let first = hit.is_some_and(|(from, _)| from == n);
        let id = if first { " id=\"item\"" } else { "" };
        let remark = line.trim_start().starts_with("//");
        let class = match (marked, remark) {
            (true, true) => " class=\"hit c\"",
            (true, false) => " class=\"hit\"",
            (false, true) => " class=\"c\"",
            (false, false) => "",
        };
        html.push_str(&format!("<span{id}{class}>{}\n</span>", escape(line)));
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
struct Letter;

impl Letter {
    fn open() {}
}

impl Envelope {
    /// Opens it.
    #[must_use]
    pub fn open(
        &self,
    ) -> u8 {
        open_it()
    }
}

const LIMIT: u8 = 3;
";

    #[test]
    fn a_method_is_found_in_its_own_type_with_its_remarks() {
        assert_eq!(find(TEXT, "Envelope::open"), Some((7, 14)));
        assert_eq!(find(TEXT, "Letter::open"), Some((3, 4)));
        assert_eq!(find(TEXT, "payuni::LIMIT"), Some((16, 17)));
        assert_eq!(find(TEXT, "closed"), None);
    }

    #[test]
    fn a_trigger_is_found_with_its_body() {
        let sql = "-- why\nCREATE TRIGGER stays BEFORE UPDATE ON a\nBEGIN SELECT 1; END;\nCREATE TABLE b (\n  c\n);\n";
        assert_eq!(find(sql, "stays"), Some((0, 3)));
        assert_eq!(find(sql, "b"), Some((3, 6)));
    }

    #[test]
    fn a_part_of_a_word_is_not_the_word() {
        assert!(has_word("a fn open() {", "open"));
        assert!(!has_word("reopen open_it opened", "open"));
        assert!(has_word("「open」", "open"));
    }

    #[test]
    fn what_is_shown_is_escaped_and_the_item_is_marked_once() {
        let html = html("let a = \"<script>\";\nfn open() {}\n", Some("open"));
        assert!(!html.contains("<script>"));
        assert_eq!(html.matches("id=\"item\"").count(), 1);
        assert!(html.contains("<span id=\"item\" class=\"hit\">fn open() {}\n</span>"));
    }
}
