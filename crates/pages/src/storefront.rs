//! The shop window.

use askama::Template;

use crate::shell::{Shell, When};
use crate::status::Method;
use crate::text::{Text, fill};

/// How much is left of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stock {
    /// Enough; the number is not shown.
    InStock,
    /// Few are left, this many.
    Low(u32),
    /// None.
    SoldOut,
}

/// One product with its own checkout form.
#[derive(Clone, Debug)]
pub struct ProductCard {
    /// The catalogue's id; sent as `product_id`.
    pub id: String,
    /// Name.
    pub name: String,
    /// Plain text; line ends are kept.
    pub description: String,
    /// A path of ours or an `https` address; anything else is shown as no picture.
    pub image_url: Option<String>,
    /// Price as people read it, for example `NT$ 1,280`.
    pub price_text: String,
    /// What is left.
    pub stock: Stock,
    /// The largest quantity the form offers; shown as 1 to 10 at most.
    pub quantity_max: u32,
    /// Idempotency key of this form; sent as `checkout_key`, so that a double click makes one order.
    pub checkout_key: String,
}

/// The bot check on a form.
#[derive(Clone, Debug)]
pub struct Turnstile {
    /// The public site key.
    pub site_key: String,
    /// Where the widget's script is; the content policy must allow it.
    pub script_url: String,
    /// A token for browsers without script. Only the sandbox's check takes one; for the real one there is none.
    pub noscript_token: Option<String>,
}

/// The storefront.
#[derive(Clone, Debug)]
pub struct StorefrontView {
    /// Products on sale, in order.
    pub products: Vec<ProductCard>,
    /// Ways to pay that the merchant switched on.
    pub methods: Vec<Method>,
    /// Form token; sent as `csrf`.
    pub csrf: String,
    /// Bot check, where keys are set.
    pub turnstile: Option<Turnstile>,
    /// The catalogue could not be renewed since then.
    pub stale_since: Option<When>,
}

impl ProductCard {
    fn picture(&self) -> Option<&str> {
        self.image_url.as_deref().filter(|url| {
            url.starts_with("https://") || (url.starts_with('/') && !url.starts_with("//"))
        })
    }

    /// Stands where there is no picture.
    fn initial(&self) -> String {
        self.name
            .trim()
            .chars()
            .next()
            .map_or_else(String::new, |c| c.to_uppercase().collect())
    }

    fn sold_out(&self) -> bool {
        self.stock == Stock::SoldOut || self.quantity_max == 0
    }

    fn quantities(&self) -> std::ops::RangeInclusive<u32> {
        let left = match self.stock {
            Stock::Low(n) => n,
            Stock::InStock | Stock::SoldOut => u32::MAX,
        };
        1..=self.quantity_max.min(left).clamp(1, 10)
    }

    fn low(&self, t: &Text) -> Option<String> {
        match self.stock {
            Stock::Low(n) => Some(fill(&t.storefront.low, &[("n", &n.to_string())])),
            Stock::InStock | Stock::SoldOut => None,
        }
    }

    fn quantity_label(&self, t: &Text) -> String {
        fill(&t.storefront.quantity_of, &[("name", &self.name)])
    }

    fn buy_label(&self, t: &Text) -> String {
        fill(&t.storefront.buy_label, &[("name", &self.name)])
    }
}

impl StorefrontView {
    fn count(&self, t: &Text) -> String {
        fill(
            &t.storefront.count,
            &[("n", &self.products.len().to_string())],
        )
    }

    fn stale(&self, t: &Text) -> Option<String> {
        self.stale_since
            .as_ref()
            .map(|since| fill(&t.storefront.stale, &[("time", &since.text)]))
    }
}

#[derive(Template)]
#[template(path = "storefront.html")]
struct Page<'a> {
    shell: &'a Shell,
    t: &'static Text,
    v: &'a StorefrontView,
}

/// Renders the storefront. Signed out, each product leads to sign-in instead of carrying a form.
///
/// # Errors
/// When formatting fails, which plain strings do not.
pub fn storefront(shell: &Shell, view: &StorefrontView) -> Result<String, askama::Error> {
    Page {
        shell,
        t: shell.text(),
        v: view,
    }
    .render()
}
