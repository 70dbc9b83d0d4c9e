//! What the laboratory says, in two languages.

use attacks::{Class, Line, Outcome, Position};
use pages::Lang;
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// The texts of a language, by name. Small things come by reference, since that is how templates hand them over. Tests hold that both have the same names, that no page asks for another, and that
/// none is left over.
#[derive(Debug, Deserialize)]
pub(crate) struct Words(BTreeMap<String, String>);

static ZH: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("../text/zh-TW.toml")));
static EN: LazyLock<Words> = LazyLock::new(|| Words::read(include_str!("../text/en.toml")));

impl Words {
    fn read(text: &str) -> Self {
        toml::from_str(text).unwrap_or_else(|_| Self(BTreeMap::new()))
    }

    pub(crate) fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::ZhTw => &ZH,
            Lang::En => &EN,
        }
    }

    /// A text; where there is none, its name.
    pub(crate) fn t<'a>(&'a self, name: &'a str) -> &'a str {
        self.0.get(name).map_or(name, String::as_str)
    }

    /// A text with one value in it.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "templates hand over references and values alike"
    )]
    pub(crate) fn with(&self, name: &str, value: impl ToString) -> String {
        self.t(name).replace("{}", &value.to_string())
    }

    /// `第三道：核對`.
    pub(crate) fn line(&self, line: &Line) -> &str {
        self.t(match line {
            Line::L1 => "l1",
            Line::L2 => "l2",
            Line::L3 => "l3",
            Line::L4 => "l4",
            Line::L5 => "l5",
        })
    }

    pub(crate) fn class(&self, class: &Class) -> &str {
        self.t(match class {
            Class::M => "class_m",
            Class::C => "class_c",
            Class::I => "class_i",
            Class::A => "class_a",
        })
    }

    pub(crate) fn position(&self, position: &Position) -> &str {
        self.t(match position {
            Position::Anon => "pos_anon",
            Position::B1 => "pos_b1",
            Position::B2 => "pos_b2",
            Position::Gw => "pos_gw",
            Position::Mitm => "pos_mitm",
            Position::Staff => "pos_staff",
            Position::Sheet => "pos_sheet",
            Position::Idp => "pos_idp",
            Position::Ops => "pos_ops",
            Position::Key => "pos_key",
        })
    }

    pub(crate) fn outcome(&self, outcome: &Outcome) -> &str {
        self.t(match outcome {
            Outcome::Refused => "refused",
            Outcome::Believed => "believed",
            Outcome::NotApplicable => "not_applicable",
        })
    }
}

/// The page of the book about a line.
pub(crate) const fn section(line: &Line) -> &'static str {
    match line {
        Line::L1 => "/learn/3-lines/01-edge",
        Line::L2 => "/learn/3-lines/02-authenticity",
        Line::L3 => "/learn/3-lines/03-meaning",
        Line::L4 => "/learn/3-lines/04-state",
        Line::L5 => "/learn/3-lines/05-confirmation",
    }
}

/// Every line, in order.
pub(crate) const LINES: [Line; 5] = [Line::L1, Line::L2, Line::L3, Line::L4, Line::L5];

/// The line of a code such as `L3.direction`.
pub(crate) fn line_of(code: &str) -> Option<Line> {
    LINES
        .into_iter()
        .find(|line| code.starts_with(line.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::BTreeSet, fs, path::Path};

    fn names(words: &Words) -> BTreeSet<&str> {
        words.0.keys().map(String::as_str).collect()
    }

    #[test]
    fn both_languages_have_the_same_texts_and_the_same_places() {
        assert_eq!(names(&ZH), names(&EN));
        assert!(ZH.0.len() > 50);
        for (name, text) in &ZH.0 {
            let places = |text: &str| text.matches("{}").count();
            assert_eq!(places(text), places(&EN.0[name]), "{name}");
            assert!(!text.is_empty() && !EN.0[name].is_empty(), "{name}");
        }
    }

    #[test]
    fn every_text_is_there_and_none_is_left_over() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut all = String::new();
        for folder in ["src", "templates"] {
            for entry in fs::read_dir(here.join(folder)).unwrap() {
                all.push_str(&fs::read_to_string(entry.unwrap().path()).unwrap());
            }
        }
        for call in [".t(\"", ".with(\""] {
            for rest in all.split(call).skip(1) {
                let name = rest.split('"').next().unwrap();
                let word = |c: char| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit();
                // The list above has such calls in it that name nothing.
                if name.chars().all(word) && !name.is_empty() {
                    assert!(ZH.0.contains_key(name), "no text is called {name}");
                }
            }
        }
        for name in ZH.0.keys() {
            assert!(all.contains(&format!("\"{name}\"")), "nobody says {name}");
        }
    }
}
