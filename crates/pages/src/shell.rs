//! What all pages share: language, shop, member, banner, notice.

use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::assets::AssetUrls;
use crate::status::Tone;
use crate::text::{Lang, Text, fill};

/// A moment, as a person reads it and as a machine does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// In the shop's time zone, for example `2026/11/30 23:59`.
    pub text: String,
    /// RFC 3339, for `<time datetime>`.
    pub iso: String,
}

/// The shop as its owner describes it. Empty optional fields are not shown.
#[derive(Clone, Debug, Default)]
pub struct ShopLook {
    /// The shop's name.
    pub name: String,
    /// One sentence under the name on the storefront.
    pub tagline: String,
    /// A short paragraph under the tagline.
    pub intro: Option<String>,
    /// Customer service address; merchant reviews ask for it.
    pub contact_email: String,
    /// Customer service telephone.
    pub contact_phone: Option<String>,
    /// When customer service answers.
    pub contact_hours: Option<String>,
    /// Postal address.
    pub address: Option<String>,
    /// The company's registered name, where it differs from the shop's.
    pub company: Option<String>,
    /// Tax ID (統一編號).
    pub tax_id: Option<String>,
    /// A last line in the footer.
    pub footer_note: Option<String>,
}

/// Who is signed in.
#[derive(Clone, Debug)]
pub struct MemberBadge {
    /// Display name.
    pub name: String,
    /// Picture; shown only where it is `https`, as the content policy demands.
    pub picture: Option<String>,
    /// May enter the back office.
    pub is_admin: bool,
}

/// Shown while the shop talks to the sandbox.
#[derive(Clone, Debug)]
pub struct SandboxBanner {
    /// The gateway sandbox's portal.
    pub portal_url: String,
    /// The spreadsheet's page, where there is one.
    pub sheet_url: Option<String>,
    /// The book's address, where the shop has it as a room.
    pub learn_url: Option<String>,
    /// Where attacks are tried, where that is part of the demo.
    pub lab_url: Option<String>,
}

/// A short notice above the page, shown once.
#[derive(Clone, Debug)]
pub struct Flash {
    /// Its colour and icon.
    pub tone: Tone,
    /// What it says.
    pub text: String,
}

/// What every page is given besides its own view.
#[derive(Clone, Debug)]
pub struct Shell {
    /// The reader's language.
    pub lang: Lang,
    /// The shop.
    pub shop: Arc<ShopLook>,
    /// Where styles, scripts and the logo are.
    pub assets: Arc<AssetUrls>,
    /// Who is signed in, if anyone.
    pub member: Option<MemberBadge>,
    /// Token for the sign-out form; the field is called `csrf`.
    pub csrf: String,
    /// Path and query of this page, for the language switch and for coming back after sign-in.
    pub path: String,
    /// The demo's banner.
    pub sandbox: Option<SandboxBanner>,
    /// A notice to show once.
    pub notice: Option<Flash>,
}

/// Everything but what may stand unescaped inside one query value.
const QUERY_VALUE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'/');

impl Shell {
    /// Returns the texts in the reader's language.
    #[must_use]
    pub fn text(&self) -> &'static Text {
        Text::get(self.lang)
    }

    /// Returns this page's address in the other language.
    #[must_use]
    pub fn switch_url(&self) -> String {
        let (path, query) = self.local_path();
        let kept: Vec<&str> = query
            .split('&')
            .filter(|pair| !pair.is_empty() && *pair != "lang" && !pair.starts_with("lang="))
            .collect();
        let lang = self.lang.other().tag();
        if kept.is_empty() {
            format!("{path}?lang={lang}")
        } else {
            format!("{path}?{}&lang={lang}", kept.join("&"))
        }
    }

    /// Returns the sign-in address that leads back to this page.
    #[must_use]
    pub fn sign_in_url(&self) -> String {
        let (path, query) = self.local_path();
        let next = if query.is_empty() {
            path.to_owned()
        } else {
            format!("{path}?{query}")
        };
        format!(
            "/auth/google?next={}",
            utf8_percent_encode(&next, QUERY_VALUE)
        )
    }

    /// Returns the sign-in address that asks anew who it is and leads back to this page.
    #[must_use]
    pub fn sign_in_again_url(&self) -> String {
        format!("{}&account=choose", self.sign_in_url())
    }

    /// Splits the path; one that could leave this site (`//host`, `https:`) counts as `/`.
    fn local_path(&self) -> (&str, &str) {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        if path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains(['\\', '#', '\n', '\r', '\t'])
        {
            (path, query)
        } else {
            ("/", "")
        }
    }

    /// The tagline in phrases, so that a heading breaks between them and not inside a Chinese word.
    pub(crate) fn tagline_phrases(&self) -> Vec<&str> {
        self.shop
            .tagline
            .split_inclusive(['，', '、', '。', '；', '！', '？'])
            .collect()
    }

    /// The seller's registered name, or the shop's.
    pub(crate) fn seller(&self) -> &str {
        shown(&self.shop.company).unwrap_or(&self.shop.name)
    }
}

/// A field that has something to show; an empty one counts as absent.
fn shown(field: &Option<String>) -> Option<&str> {
    field
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
}

impl ShopLook {
    pub(crate) fn intro(&self) -> Option<&str> {
        shown(&self.intro)
    }

    pub(crate) fn tax_id(&self) -> Option<&str> {
        shown(&self.tax_id)
    }

    pub(crate) fn footer_note(&self) -> Option<&str> {
        shown(&self.footer_note)
    }

    /// What the footer lists under the e-mail address.
    pub(crate) fn contacts<'a>(&'a self, t: &'a Text) -> Vec<(&'a str, &'a str)> {
        let f = &t.footer;
        [
            (&f.phone, &self.contact_phone),
            (&f.hours, &self.contact_hours),
            (&f.address, &self.address),
            (&f.tax_id, &self.tax_id),
        ]
        .into_iter()
        .filter_map(|(label, field)| Some((label.as_str(), shown(field)?)))
        .collect()
    }
}

impl MemberBadge {
    pub(crate) fn safe_picture(&self) -> Option<&str> {
        self.picture
            .as_deref()
            .filter(|url| url.starts_with("https://"))
    }

    pub(crate) fn initial(&self) -> String {
        self.name
            .trim()
            .chars()
            .next()
            .map_or_else(|| "·".to_owned(), |c| c.to_uppercase().collect())
    }

    pub(crate) fn signed_in_as(&self, t: &Text) -> String {
        fill(&t.nav.signed_in_as, &[("name", &self.name)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(path: &str) -> Shell {
        Shell {
            lang: Lang::ZhTw,
            shop: Arc::default(),
            assets: Arc::default(),
            member: None,
            csrf: String::new(),
            path: path.into(),
            sandbox: None,
            notice: None,
        }
    }

    #[test]
    fn the_language_switch_keeps_the_page_and_its_query() {
        assert_eq!(at("/").switch_url(), "/?lang=en");
        assert_eq!(
            at("/admin?status=paid&lang=zh-TW&q=a").switch_url(),
            "/admin?status=paid&q=a&lang=en"
        );
    }

    #[test]
    fn sign_in_comes_back_here_and_never_elsewhere() {
        assert_eq!(
            at("/orders/A1?x=1&y=2").sign_in_url(),
            "/auth/google?next=/orders/A1%3Fx%3D1%26y%3D2"
        );
        assert_eq!(
            at("/admin/orders/A1").sign_in_again_url(),
            "/auth/google?next=/admin/orders/A1&account=choose"
        );
        for hostile in [
            "//evil.example",
            "https://evil.example/",
            "/\\evil.example",
            "javascript:alert(1)",
            "",
        ] {
            assert_eq!(
                at(hostile).sign_in_url(),
                "/auth/google?next=/",
                "{hostile}"
            );
            assert_eq!(at(hostile).switch_url(), "/?lang=en", "{hostile}");
        }
    }

    #[test]
    fn what_a_shop_left_empty_is_not_shown() {
        let look = ShopLook {
            contact_phone: Some("02-0000-0000".into()),
            address: Some("  ".into()),
            tax_id: Some(String::new()),
            ..ShopLook::default()
        };
        let t = Text::get(Lang::ZhTw);
        assert_eq!(look.contacts(t), [("客服電話", "02-0000-0000")]);
        assert_eq!(look.tax_id(), None);
    }

    #[test]
    fn a_picture_the_policy_would_block_is_not_asked_for() {
        let mut member = MemberBadge {
            name: " amy".into(),
            picture: Some("http://x/a.png".into()),
            is_admin: false,
        };
        assert_eq!(member.safe_picture(), None);
        member.picture = Some("https://x/a.png".into());
        assert_eq!(member.safe_picture(), Some("https://x/a.png"));
        assert_eq!(member.initial(), "A");
    }
}
