//! The files that pages load: a fixed list, and nothing else is served.
//!
//! Each file has an address with a hash of its content, to be kept for ever by browsers, and a plain
//! address (`/assets/demo/tea.svg`) for catalogues to name.

use std::borrow::Cow;
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::brand::Brand;
pub use crate::brand_file::{BRAND_FILE_BYTES_MAX, BrandFile, BrandFileFault};
use crate::brand_file::{SVG, picture_type, stem};

/// One file.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its address, from the root.
    pub path: String,
    /// Its media type.
    pub content_type: &'static str,
    /// Its content.
    pub bytes: Cow<'static, [u8]>,
    /// Whether the address names the content, so that it never changes.
    pub immutable: bool,
    /// A strong entity tag, with its quotes.
    pub etag: String,
}

/// Addresses that every page needs.
#[derive(Clone, Debug, Default)]
pub struct AssetUrls {
    /// Colours.
    pub brand_css: String,
    /// Layout.
    pub shop_css: String,
    /// Follows an order live.
    pub order_js: String,
    /// Goes through an order's hops.
    pub flow_js: String,
    /// Posts the handover's form.
    pub handover_js: String,
    /// Script of the storefront.
    pub storefront_js: String,
    /// Icon of the tab.
    pub favicon: String,
    /// Logo in the header.
    pub logo: String,
    /// Picture at the top of the storefront.
    pub hero: String,
    /// Page colour in light, for a phone's bars.
    pub theme_light: String,
    /// Page colour in dark.
    pub theme_dark: String,
}

/// Plain address, media type and content of each built-in file.
const BUILT_IN: [(&str, &str, &[u8]); 14] = [
    (
        "/assets/shop.css",
        "text/css; charset=utf-8",
        include_bytes!("../assets/shop.css"),
    ),
    (
        "/assets/order.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/order.js"),
    ),
    (
        "/assets/flow.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/flow.js"),
    ),
    (
        "/assets/storefront.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/storefront.js"),
    ),
    (
        "/assets/handover.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/handover.js"),
    ),
    (
        "/assets/favicon.svg",
        SVG,
        include_bytes!("../assets/favicon.svg"),
    ),
    (
        "/assets/logo.svg",
        SVG,
        include_bytes!("../../../brand/logo.svg"),
    ),
    (
        "/assets/hero.svg",
        SVG,
        include_bytes!("../../../brand/hero.svg"),
    ),
    (
        "/assets/demo/tea.svg",
        SVG,
        include_bytes!("../assets/demo/tea.svg"),
    ),
    (
        "/assets/demo/cup.svg",
        SVG,
        include_bytes!("../assets/demo/cup.svg"),
    ),
    (
        "/assets/demo/bag.svg",
        SVG,
        include_bytes!("../assets/demo/bag.svg"),
    ),
    (
        "/assets/demo/coffee.svg",
        SVG,
        include_bytes!("../assets/demo/coffee.svg"),
    ),
    (
        "/assets/demo/notebook.svg",
        SVG,
        include_bytes!("../assets/demo/notebook.svg"),
    ),
    (
        "/assets/demo/socks.svg",
        SVG,
        include_bytes!("../assets/demo/socks.svg"),
    ),
];

/// Returns the style sheet that gives the pages a brand's colours.
#[must_use]
pub fn brand_css(brand: &Brand) -> String {
    brand.css()
}

/// Every file that is served, by address.
#[derive(Clone, Debug)]
pub struct Assets {
    by_path: BTreeMap<String, Asset>,
    urls: AssetUrls,
}

impl Assets {
    /// Lists the built-in files with a brand's colours, and the shop's own pictures.
    ///
    /// # Errors
    /// Names the first picture of the brand folder that cannot be served, and why.
    pub fn new(brand: &Brand, files: Vec<BrandFile>) -> Result<Self, BrandFileFault> {
        let mut shelf = Self {
            by_path: BTreeMap::new(),
            urls: AssetUrls::default(),
        };
        let mut hashed = BTreeMap::new();
        for (path, content_type, bytes) in BUILT_IN {
            hashed.insert(path, shelf.put(path, content_type, Cow::Borrowed(bytes)));
        }
        let css = brand_css(brand).into_bytes();
        let brand_css = shelf.put(
            "/assets/brand.css",
            "text/css; charset=utf-8",
            Cow::Owned(css),
        );
        let mut url = |path: &str| hashed.remove(path).unwrap_or_default();
        shelf.urls = AssetUrls {
            brand_css,
            shop_css: url("/assets/shop.css"),
            order_js: url("/assets/order.js"),
            flow_js: url("/assets/flow.js"),
            handover_js: url("/assets/handover.js"),
            storefront_js: url("/assets/storefront.js"),
            favicon: url("/assets/favicon.svg"),
            logo: url("/assets/logo.svg"),
            hero: url("/assets/hero.svg"),
            theme_light: brand.paper().to_string(),
            theme_dark: brand.paper_dark().to_string(),
        };
        let own_icon = files.iter().any(|file| stem(&file.name) == "favicon");
        for file in files {
            let content_type = picture_type(&file)?;
            let path = format!("/assets/brand/{}", file.name);
            let url = shelf.put(&path, content_type, Cow::Owned(file.bytes));
            match stem(&file.name) {
                "logo" => {
                    if !own_icon {
                        shelf.urls.favicon.clone_from(&url);
                    }
                    shelf.urls.logo = url;
                }
                "favicon" => shelf.urls.favicon = url,
                "hero" => shelf.urls.hero = url,
                _ => {}
            }
        }
        Ok(shelf)
    }

    /// Returns the file at an address; what is not listed is not served.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<&Asset> {
        self.by_path.get(path)
    }

    /// Returns the address with a hash for a plain one, for pages to link; unknown ones stay as they are.
    #[must_use]
    pub fn versioned<'a>(&'a self, path: &'a str) -> &'a str {
        let Some(asset) = self.by_path.get(path) else {
            return path;
        };
        let hashed = hashed_path(path, &asset.bytes);
        self.by_path
            .get_key_value(&hashed)
            .map_or(path, |(key, _)| key)
    }

    /// Addresses that every page needs.
    #[must_use]
    pub fn urls(&self) -> &AssetUrls {
        &self.urls
    }

    /// All files, by address.
    pub fn iter(&self) -> impl Iterator<Item = &Asset> {
        self.by_path.values()
    }

    /// Puts a file at its plain address and at one with its hash, and returns the latter.
    fn put(&mut self, path: &str, content_type: &'static str, bytes: Cow<'static, [u8]>) -> String {
        let hashed = hashed_path(path, &bytes);
        let plain = Asset {
            path: path.to_owned(),
            content_type,
            etag: format!("\"{}\"", digest(&bytes)),
            bytes,
            immutable: false,
        };
        let kept = Asset {
            path: hashed.clone(),
            immutable: true,
            ..plain.clone()
        };
        self.by_path.insert(kept.path.clone(), kept);
        self.by_path.insert(plain.path.clone(), plain);
        hashed
    }
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
        .chars()
        .take(12)
        .collect()
}

fn hashed_path(path: &str, bytes: &[u8]) -> String {
    let (name, extension) = path.rsplit_once('.').unwrap_or((path, "bin"));
    format!("{name}.{}.{extension}", digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, bytes: &[u8]) -> BrandFile {
        BrandFile {
            name: name.into(),
            bytes: bytes.into(),
        }
    }

    #[test]
    fn only_listed_addresses_are_found_and_a_hash_names_the_content() {
        let assets = Assets::new(&Brand::default(), vec![]).unwrap();
        for path in [
            "/assets/../Cargo.toml",
            "/assets/",
            "/assets/shop",
            "/",
            "/assets/demo",
            "/assets/Shop.css",
        ] {
            assert!(assets.find(path).is_none(), "{path}");
        }
        let tea = assets.find("/assets/demo/tea.svg").unwrap();
        assert!(!tea.immutable);
        let versioned = assets.versioned("/assets/demo/tea.svg");
        assert_ne!(versioned, "/assets/demo/tea.svg");
        let again = assets.find(versioned).unwrap();
        assert!(again.immutable);
        assert_eq!(again.bytes, tea.bytes);
        assert_eq!(
            assets.versioned("https://example.com/a.png"),
            "https://example.com/a.png"
        );
    }

    #[test]
    fn drawings_on_a_page_turn_dark_by_the_pages_own_style() {
        let css = include_str!("../assets/shop.css");
        assert!(css.contains(figures::DARK_CSS));
    }

    #[test]
    fn other_colours_have_another_address() {
        let spec = crate::BrandSpec {
            accent: Some("#8a1c4a".into()),
            ..crate::BrandSpec::default()
        };
        let other = Assets::new(&Brand::parse(&spec).unwrap(), vec![]).unwrap();
        let default = Assets::new(&Brand::default(), vec![]).unwrap();
        assert_ne!(other.urls().brand_css, default.urls().brand_css);
        assert_eq!(other.urls().shop_css, default.urls().shop_css);
    }

    #[test]
    fn a_logo_of_ones_own_takes_the_place_of_ours_and_of_the_icon() {
        let assets = Assets::new(
            &Brand::default(),
            vec![file("logo.png", b"png"), file("mug.webp", b"w")],
        )
        .unwrap();
        assert!(assets.urls().logo.starts_with("/assets/brand/logo."));
        assert_eq!(assets.urls().logo, assets.urls().favicon);
        assert_eq!(
            assets.find(&assets.urls().logo).unwrap().content_type,
            "image/png"
        );
        assert_eq!(
            assets
                .find("/assets/brand/mug.webp")
                .unwrap()
                .bytes
                .as_ref(),
            b"w"
        );
        let both = Assets::new(
            &Brand::default(),
            vec![file("favicon.svg", b"i"), file("logo.svg", b"l")],
        )
        .unwrap();
        assert!(both.urls().favicon.starts_with("/assets/brand/favicon."));
    }
}
