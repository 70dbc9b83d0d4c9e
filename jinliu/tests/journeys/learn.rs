//! The book at `/learn`, over the demo's real listener.

use crate::shopper::{Page, Town};
use jinliu::book::BookRoom;
use std::collections::BTreeSet;

/// Most bytes of a page.
const PAGE_MAX: usize = 100 * 1024;

/// What a page links to or loads from this shop, without anchors.
fn links(page: &Page) -> BTreeSet<String> {
    let mut links = BTreeSet::new();
    for mark in ["href=\"/", "src=\"/", "poster=\"/", "action=\"/"] {
        for rest in page.body.split(mark).skip(1) {
            let link = rest.split(['"', '#']).next().unwrap();
            links.insert(format!(
                "/{}",
                link.replace("&#38;", "&").replace("&amp;", "&")
            ));
        }
    }
    links
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_the_book_is_served_and_leads_somewhere() {
    let town = Town::new().await;
    let room = BookRoom::new(&learn::Places {
        shop: town.world.shop_url.clone(),
        payuni: town.payuni(""),
        google: town.google(""),
    });
    let mut reader = town.stranger();
    let mut known: BTreeSet<String> = BTreeSet::new();
    let mut ahead: Vec<String> = room.addresses();
    assert!(
        ahead.contains(&"/learn".to_owned()) && ahead.len() >= 4,
        "{ahead:?}"
    );
    ahead.push("/learn/search?q=%E9%80%80%E6%AC%BE".to_owned());
    while let Some(path) = ahead.pop() {
        if !known.insert(path.clone()) {
            continue;
        }
        if known.len().is_multiple_of(200) {
            // One address may not ask that often.
            reader = town.stranger();
        }
        let page = reader.opens(&path).await;
        assert_eq!(page.status, 200, "{path}");
        if path.ends_with(".webm") {
            // A film is no page; that it plays, `cargo xtask film --check` sees.
            assert_eq!(page.headers["content-type"], "video/webm", "{path}");
            assert_eq!(page.headers["accept-ranges"], "bytes", "{path}");
            continue;
        }
        assert!(
            page.body.len() < PAGE_MAX,
            "{path}: {} bytes",
            page.body.len()
        );
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("style-src 'self'; ")
                && policy.contains("; media-src 'self'; ")
                && !policy.contains("unsafe"),
            "{path}"
        );
        let kind = page.headers["content-type"].to_str().unwrap();
        if !kind.starts_with("text/html") {
            continue;
        }
        assert!(
            !page.body.contains("<style") && !page.body.contains(" style="),
            "{path}"
        );
        for link in links(&page) {
            // Of the shop's own pages only what the book's pages load; signing in and languages are tested elsewhere.
            let inner = link.starts_with("/learn") && !link.contains("lang=");
            if inner || link.starts_with("/assets/") {
                ahead.push(link);
            }
        }
    }
    let banner = reader.opens("/").await;
    assert!(
        links(&banner).contains("/learn"),
        "no way from the storefront to the book"
    );
    town.world.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_book_shows_nothing_else_and_takes_nothing() {
    let town = Town::new().await;
    std::fs::write(town.folder.path().join("notes.md"), "CANARY-51c9").unwrap();
    let reader = town.stranger();
    for path in [
        "/learn/nothing",
        "/learn/code/notes.md",
        "/learn/code/Cargo.lock",
        "/learn/code/..%2f..%2fnotes.md",
        "/learn/code/%2e%2e/%2e%2e/etc/passwd",
        "/learn/code//etc/passwd",
        "/learn/code/.env",
        "/learn/figures/..%2fREADME.svg",
        "/learn/assets/learn.css",
        "/learn/films/none.webm",
        "/learn/films/01-first-purchase.toml",
        "/learn/films/..%2f..%2fREADME.png",
    ] {
        let page = reader.opens(path).await;
        assert_eq!(page.status, 404, "{path}");
        assert!(!page.body.contains("CANARY"), "{path}");
    }
    let posted = reader.posts("/learn/search", &[("q", "x")]).await;
    assert_eq!(posted.status, 405);
    let hostile = reader
        .opens("/learn/search?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
        .await;
    assert_eq!(hostile.status, 200);
    assert!(!hostile.body.contains("<script>"), "{}", hostile.body);
    town.world.stop().await.unwrap();
}
