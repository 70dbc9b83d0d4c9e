//! What people and our own pages send: product rows, settings and forms.

use shop::{
    catalogue::{PRICE_MAX, RawProduct, read_row},
    fuzzing,
    settings::{ShopFile, VARIABLES},
};
use url::Url;

/// Any cells as a product's row: what is offered can be paid and shown, and reads the same again.
pub(crate) fn products(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut cells = text.split('\t').map(ToOwned::to_owned);
    let mut cell = || cells.next().unwrap_or_default();
    let raw = RawProduct {
        id: cell(),
        name: cell(),
        description: cell(),
        price: cell(),
        image: cell(),
        stock: cell(),
        active: cell(),
    };
    let product = match read_row(&raw) {
        Ok(product) => product,
        Err(faults) => return assert!(!faults.is_empty(), "refused without a word"),
    };
    assert!((1..=PRICE_MAX).contains(&product.price.dollars()));
    assert!((1..=60).contains(&product.name.chars().count()));
    let image = &product.image;
    assert!(image.is_empty() || image.starts_with("https://") || image.starts_with('/'));
    assert!(!image.starts_with("//") && !image.contains(['"', '<', '>', '\\']));
    let again = RawProduct {
        id: product.id.to_string(),
        name: product.name.clone(),
        description: product.description.clone(),
        price: product.price.to_string(),
        image: product.image.clone(),
        stock: product
            .stock
            .map_or_else(String::new, |stock| stock.to_string()),
        active: if product.active { "是" } else { "否" }.to_owned(),
    };
    assert_eq!(read_row(&again).as_ref(), Ok(&product));
}

/// Any text as `jinliu.toml` and as `.env`: read or refused with a word, and only what we know is taken.
pub(crate) fn settings(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    match ShopFile::parse(text) {
        Ok(file) => {
            assert!(!file.shop.name.is_empty());
            let mut ids: Vec<_> = file.products.iter().map(|product| &product.id).collect();
            ids.sort();
            ids.dedup();
            assert_eq!(ids.len(), file.products.len(), "two products with one id");
        }
        Err(faults) => assert!(!faults.is_empty(), "refused without a word"),
    }
    let (known, _) = fuzzing::dotenv(text);
    for (name, _) in &known {
        assert!(VARIABLES.contains(name));
    }
}

/// Any body as a form of our own pages, any text as a way back.
pub(crate) fn forms(data: &[u8]) {
    const NAMES: [&str; 4] = ["csrf", "product_id", "quantity", "key"];
    if let Some(fields) = fuzzing::form(data, &NAMES) {
        let sent: Vec<_> = form_urlencoded::parse(data).collect();
        assert_eq!(
            sent.len(),
            fields.len(),
            "a field twice, or one that the form does not have"
        );
        for (name, value) in &fields {
            assert!(NAMES.contains(&name.as_str()));
            assert!(!value.contains(['\0', '\u{1b}', '\u{fffd}']));
        }
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let path = fuzzing::local_path(text);
    assert!(path == text || path == "/");
    let shop = Url::parse("https://shop.example.tw/auth/callback").expect("an address");
    let leads_to = shop.join(&path).expect("a path of ours is one");
    assert_eq!(
        leads_to.origin(),
        shop.origin(),
        "the way back leaves the house: {path:?}"
    );
    assert!(!path.contains(['\r', '\n']), "a header would be split");
}
