//! Terms, privacy and refund policy, from plain text.

use askama::Template;

use crate::shell::{Shell, ShopLook};
use crate::text::{Lang, Text, fill};

/// A piece of a plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProseBlock {
    /// A line that began with `# `.
    Heading(String),
    /// Lines up to an empty one.
    Paragraph(String),
    /// Lines that began with `- `.
    List(Vec<String>),
}

/// A page of prose.
#[derive(Clone, Debug)]
pub struct ProseView {
    /// Its title.
    pub title: String,
    /// Its pieces.
    pub blocks: Vec<ProseBlock>,
}

/// The texts that every shop in Taiwan shows, and that a merchant review asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// `/about/terms`
    Terms,
    /// `/about/privacy`
    Privacy,
    /// `/about/refund`
    Refund,
    /// `/about/delivery`
    Delivery,
}

impl Topic {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Terms, Self::Privacy, Self::Refund, Self::Delivery];

    /// The last part of its address.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Terms => "terms",
            Self::Privacy => "privacy",
            Self::Refund => "refund",
            Self::Delivery => "delivery",
        }
    }

    /// Returns the topic of an address's last part.
    #[must_use]
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|topic| topic.slug() == slug)
    }

    fn title(self, t: &Text) -> &str {
        match self {
            Self::Terms => &t.prose.terms,
            Self::Privacy => &t.prose.privacy,
            Self::Refund => &t.prose.refund,
            Self::Delivery => &t.prose.delivery,
        }
    }

    fn default_source(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Terms, Lang::ZhTw) => include_str!("../text/about/terms.zh-TW.txt"),
            (Self::Terms, Lang::En) => include_str!("../text/about/terms.en.txt"),
            (Self::Privacy, Lang::ZhTw) => include_str!("../text/about/privacy.zh-TW.txt"),
            (Self::Privacy, Lang::En) => include_str!("../text/about/privacy.en.txt"),
            (Self::Refund, Lang::ZhTw) => include_str!("../text/about/refund.zh-TW.txt"),
            (Self::Refund, Lang::En) => include_str!("../text/about/refund.en.txt"),
            (Self::Delivery, Lang::ZhTw) => include_str!("../text/about/delivery.zh-TW.txt"),
            (Self::Delivery, Lang::En) => include_str!("../text/about/delivery.en.txt"),
        }
    }
}

impl ProseView {
    /// Builds a topic's page from the owner's text, or from the text that comes along, in which
    /// `{shop}` and `{email}` stand for the shop's own.
    #[must_use]
    pub fn of(topic: Topic, lang: Lang, shop: &ShopLook, own: Option<&str>) -> Self {
        let source = own.unwrap_or_else(|| topic.default_source(lang));
        let values = [
            ("shop", shop.name.as_str()),
            ("email", shop.contact_email.as_str()),
        ];
        let mut blocks = parse(source);
        for block in &mut blocks {
            match block {
                ProseBlock::Heading(text) | ProseBlock::Paragraph(text) => {
                    *text = fill(text, &values);
                }
                ProseBlock::List(items) => items
                    .iter_mut()
                    .for_each(|item| *item = fill(item, &values)),
            }
        }
        Self {
            title: topic.title(Text::get(lang)).to_owned(),
            blocks,
        }
    }
}

/// Splits plain text into headings (`# `), lists (`- `) and paragraphs (separated by empty lines).
fn parse(source: &str) -> Vec<ProseBlock> {
    let mut blocks: Vec<ProseBlock> = Vec::new();
    let mut open = false;
    for line in source.lines().map(str::trim) {
        if line.is_empty() {
            open = false;
        } else if let Some(heading) = line.strip_prefix("# ") {
            blocks.push(ProseBlock::Heading(heading.trim().to_owned()));
            open = false;
        } else if let Some(item) = line.strip_prefix("- ") {
            match blocks.last_mut() {
                Some(ProseBlock::List(items)) if open => items.push(item.to_owned()),
                _ => blocks.push(ProseBlock::List(vec![item.to_owned()])),
            }
            open = true;
        } else {
            match blocks.last_mut() {
                Some(ProseBlock::Paragraph(text)) if open => {
                    text.push('\n');
                    text.push_str(line);
                }
                _ => blocks.push(ProseBlock::Paragraph(line.to_owned())),
            }
            open = true;
        }
    }
    blocks
}

#[derive(Template)]
#[template(path = "prose.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a ProseView,
}

/// Renders a page of prose.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn prose(shell: &Shell, view: &ProseView) -> Result<String, askama::Error> {
    Page {
        shell,
        t: shell.text(),
        v: view,
    }
    .render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_becomes_headings_lists_and_paragraphs() {
        use ProseBlock::{Heading, List, Paragraph};
        assert_eq!(
            parse("# 一\n甲\n乙\n\n丙\n- 子\n- 丑\n\n- 寅"),
            [
                Heading("一".into()),
                Paragraph("甲\n乙".into()),
                Paragraph("丙".into()),
                List(vec!["子".into(), "丑".into()]),
                List(vec!["寅".into()]),
            ]
        );
        assert_eq!(parse("  \n\n"), []);
    }

    #[test]
    fn the_texts_that_come_along_name_the_shop_and_leave_no_place_open() {
        let shop = ShopLook {
            name: "測試店".into(),
            contact_email: "a@b.tw".into(),
            ..ShopLook::default()
        };
        for topic in Topic::ALL {
            for lang in Lang::ALL {
                let all = format!("{:?}", ProseView::of(topic, lang, &shop, None).blocks);
                assert!(all.contains("測試店"), "{topic:?} {lang:?}");
                assert!(
                    !all.contains("{shop}") && !all.contains("{email}"),
                    "{topic:?} {lang:?}"
                );
            }
            assert_eq!(Topic::from_slug(topic.slug()), Some(topic));
        }
    }
}
