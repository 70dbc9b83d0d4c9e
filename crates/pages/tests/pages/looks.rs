//! The demo catalogue and the colours.

use std::collections::HashSet;

use pages::*;

use crate::shelf;

/// The demo's own file, so that what is looked at is what is sold.
const DEMO_SHOP: &str = include_str!("../../../shop/src/settings/demo.toml");

#[test]
fn the_demo_catalogue_is_complete_and_its_pictures_are_small_and_served() {
    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "reading them is the test")]
    struct Product {
        id: String,
        name: String,
        description: String,
        price: u64,
        image: String,
        stock: u32,
        active: bool,
    }
    #[derive(serde::Deserialize)]
    struct Catalogue {
        product: Vec<Product>,
    }
    let catalogue: Catalogue = toml::from_str(DEMO_SHOP).unwrap();
    let shelf = shelf();
    assert_eq!(catalogue.product.len(), 6);
    assert_eq!(
        catalogue
            .product
            .iter()
            .map(|p| &p.id)
            .collect::<HashSet<_>>()
            .len(),
        6
    );
    for product in catalogue.product {
        let picture = shelf.find(&product.image).unwrap();
        assert_eq!(picture.content_type, "image/svg+xml");
        assert!(picture.bytes.len() <= 3 * 1024, "{}", product.image);
        assert!(product.price > 0 && product.stock > 0 && product.active);
    }
}

#[test]
fn every_tone_is_readable_in_light_in_dark_and_on_paper() {
    let css = String::from_utf8(shelf().find("/assets/shop.css").unwrap().bytes.to_vec()).unwrap();
    let pick = |block: &str, name: &str| {
        let at = block
            .find(&format!("--{name}:#"))
            .unwrap_or_else(|| panic!("--{name}"));
        let start = at + name.len() + 3;
        Color::parse(&block[start..start + 7]).unwrap()
    };
    let light = css
        .split(":root{")
        .nth(1)
        .unwrap()
        .split('}')
        .next()
        .unwrap();
    let dark = css
        .split(":root{")
        .nth(2)
        .unwrap()
        .split('}')
        .next()
        .unwrap();
    let brand = Brand::default().css();
    let inks: Vec<Color> = brand
        .match_indices("--ink:")
        .map(|(at, _)| Color::parse(&brand[at + 6..at + 13]).unwrap())
        .collect();
    for (block, ink) in [(light, inks[0]), (dark, inks[1])] {
        for tone in ["good", "wait", "alert", "calm"] {
            let soft = pick(block, &format!("{tone}-soft"));
            assert!(pick(block, tone).contrast(soft) >= 450, "{tone}");
            assert!(ink.contrast(soft) >= 700, "{tone}: text on it");
        }
    }
}
