//! What every page has in common: language, headings, labels, size; and what none has.

use std::collections::HashSet;

use pages::*;

use crate::every::{self, Shown};
use crate::markup::{of, read};
use crate::shelf;

fn every_page() -> Vec<(Lang, Shown)> {
    let shelf = shelf();
    Lang::ALL
        .into_iter()
        .flat_map(|lang| {
            every::all(lang, &shelf)
                .into_iter()
                .map(move |page| (lang, page))
        })
        .collect()
}

#[test]
fn every_page_has_its_language_one_title_one_main_and_one_heading() {
    let pages = every_page();
    assert!(pages.len() >= 90, "{}", pages.len());
    for (lang, Shown { name, html }) in &pages {
        let tags = read(name, html);
        assert_eq!(of(&tags, "html")[0].get("lang"), Some(lang.tag()), "{name}");
        for once in ["title", "main", "h1", "body"] {
            assert_eq!(of(&tags, once).len(), 1, "{name}: {once}");
        }
        assert!(!of(&tags, "title")[0].text.is_empty(), "{name}");
        assert!(html.starts_with("<!doctype html>"), "{name}");
        assert!(html.contains(r#"name="viewport""#), "{name}");
        assert!(
            !html.contains("{}") && !html.contains("{n}") && !html.contains("{no}"),
            "{name}: a place is not filled"
        );
        // A heading never skips a level.
        let mut level = 0;
        for tag in &tags {
            let Some(digit) = tag
                .name
                .strip_prefix('h')
                .and_then(|d| d.parse::<u8>().ok())
            else {
                continue;
            };
            assert!(digit <= level + 1, "{name}: h{digit} after h{level}");
            level = digit;
        }
    }
}

#[test]
fn nothing_on_a_page_needs_inline_script_or_style() {
    for (_, Shown { name, html }) in every_page() {
        for tag in read(&name, &html) {
            assert_ne!(tag.name, "style", "{name}");
            if tag.name == "script" {
                assert!(tag.get("src").is_some() && tag.text.is_empty(), "{name}");
            }
            for (key, value) in &tag.attributes {
                assert!(key != "style" && !key.starts_with("on"), "{name}: {key}");
                assert!(
                    !value.trim_start().to_lowercase().starts_with("javascript:"),
                    "{name}: {key}"
                );
            }
        }
    }
}

#[test]
fn all_that_a_page_loads_is_on_the_list() {
    let shelf = shelf();
    for (_, Shown { name, html }) in every_page() {
        for tag in read(&name, &html) {
            let loads = match tag.name.as_str() {
                "script" | "img" => tag.get("src"),
                "link" => tag.get("href"),
                _ => continue,
            };
            let url = loads.unwrap();
            if url.starts_with('/') {
                assert!(shelf.find(url).is_some(), "{name}: {url}");
            } else {
                // Only the shop owner's pictures and the bot check come from elsewhere.
                assert!(
                    tag.name != "link" && name.ends_with("storefront-busy"),
                    "{name}: {url}"
                );
            }
        }
    }
    for asset in shelf.iter() {
        let text = std::str::from_utf8(&asset.bytes).unwrap();
        assert!(
            !text.contains("@import")
                && !text.contains("url(http")
                && !text.contains("href=\"http"),
            "{}",
            asset.path
        );
        assert!(!text.contains("<script"), "{}", asset.path);
    }
}

#[test]
fn pictures_fields_and_references_are_labelled() {
    for (_, Shown { name, html }) in every_page() {
        let tags = read(&name, &html);
        let ids: Vec<&str> = tags.iter().filter_map(|tag| tag.get("id")).collect();
        assert_eq!(
            ids.iter().collect::<HashSet<_>>().len(),
            ids.len(),
            "{name}: an id twice"
        );
        for tag in &tags {
            for name_of in ["aria-labelledby", "aria-describedby"] {
                let Some(id) = tag.get(name_of) else {
                    continue;
                };
                assert!(ids.contains(&id), "{name}: {id}");
            }
            if tag.name == "img" {
                assert!(
                    tag.get("alt").is_some()
                        && tag.get("width").is_some()
                        && tag.get("height").is_some(),
                    "{name}"
                );
            }
        }
        // Each field that people fill stands inside a label.
        for field in [
            "<select",
            "<textarea",
            "<input type=\"search\"",
            "<input type=\"radio\"",
            "type=\"text\"",
        ] {
            for (at, _) in html.match_indices(field) {
                let before = &html[..at];
                assert!(
                    before.rfind("<label") > before.rfind("</label"),
                    "{name}: {field}"
                );
            }
        }
        // Every form that changes something is a POST with its token; the gateway's has its own seal.
        for part in html.split("<form").skip(1) {
            let form = part.split("</form>").next().unwrap();
            if form.contains("method=\"post\"") && !form.contains("id=\"handover\"") {
                assert!(form.contains("name=\"csrf\" value=\"f3Qx0Zk2\""), "{name}");
            }
        }
    }
}

#[test]
fn storefront_and_order_stay_under_60_kib_with_style_and_script() {
    let shelf = shelf();
    for (_, Shown { name, html }) in every_page() {
        let mut total = html.len();
        for tag in read(&name, &html) {
            let url = match tag.name.as_str() {
                "script" => tag.get("src"),
                "link" if tag.get("rel") == Some("stylesheet") => tag.get("href"),
                _ => None,
            };
            if let Some(asset) = url.and_then(|url| shelf.find(url)) {
                total += asset.bytes.len();
            }
        }
        assert!(total < 60 * 1024, "{name}: {total} bytes");
    }
}
