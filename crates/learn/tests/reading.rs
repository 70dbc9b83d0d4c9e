//! The small book, read: its pages, its questions, its code and its search.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::time::{Duration, Instant};

use learn::{Answer, Book, Files, Index, Learn, Places};
use pages::Lang;

fn page_in(learn: &Learn, path: &str, query: &str, lang: Lang) -> String {
    let shell = support::shell(&format!("/learn/{path}"), lang);
    match learn.answer(path, query, &shell).unwrap() {
        Some(Answer::Page(html)) => html,
        other => panic!("{path}: {other:?}"),
    }
}

fn page(learn: &Learn, path: &str) -> String {
    page_in(learn, path, "", Lang::ZhTw)
}

#[test]
fn a_section_is_a_page_with_figure_code_questions_and_ways_on() {
    let html = page(&support::small(), "1-why/01-hearsay");
    for part in [
        "<h1>聽說的錢</h1>",
        "<p class=\"lead\">約 7 分鐘。讀完您能：",
        "<img src=\"/learn/figures/told-and-asked.svg\" alt=\"PAYUNi 通知商店，商店再自己問一次\" width=\"420\"",
        "href=\"/learn/1-why/02-ask-again#問了才算\"",
        "href=\"/learn/code/crates/payuni/src/envelope.rs?item=Envelope%3A%3Aopen#item\" title=\"crates/payuni/src/envelope.rs\"",
        "data-copy",
        "<a class=\"ref\" title=\"crates/shop/src/flow\"><code>",
        "data-question=\"3\" data-right=\"A\"",
        "<input type=\"radio\" name=\"q3\" value=\"D\"",
        "rel=\"prev\" href=\"/learn/1-why\"",
        "rel=\"next\" href=\"/learn/1-why/02-ask-again\"",
        "<h2 id=\"消息與事實\">",
    ] {
        assert!(html.contains(part), "no {part}");
    }
    assert_eq!(
        html.matches("<details><summary>看答案</summary>").count(),
        3
    );
    // What the exercises' runner is told is not for readers.
    assert!(!html.contains("exercise") && !html.contains("sees ok"));
    assert!(!html.contains("<style") && !html.contains("onclick"));
}

#[test]
fn the_book_is_read_from_cover_to_cover() {
    let learn = support::small();
    let mut way = vec![String::new()];
    let mut here = String::from("1-why");
    loop {
        let html = page(&learn, &here);
        way.push(here.clone());
        let Some(rest) = html.split("rel=\"next\" href=\"/learn/").nth(1) else {
            break;
        };
        here = rest.split('"').next().unwrap().to_owned();
    }
    let expected = [
        "",
        "1-why",
        "1-why/01-hearsay",
        "1-why/02-ask-again",
        "2-flow",
        "2-flow/01-steps",
        "exam",
    ];
    assert_eq!(way, expected);
    let contents = page(&learn, "");
    for part in [
        "2 節 · 16 分鐘",
        "data-chapter=\"1-why\" data-all=\"6\"",
        "/learn/routes/engineer",
        "/learn/exam",
    ] {
        assert!(contents.contains(part), "no {part}");
    }
    let exam = page(&learn, "exam");
    assert_eq!(exam.matches("<fieldset").count(), 20);
    assert!(exam.contains("data-exam") && exam.contains("data-submit"));
    assert!(exam.contains("<h2 id=\"第二部分\">"));
}

#[test]
fn the_interface_speaks_english_too_and_says_that_the_book_does_not() {
    let html = page_in(&support::small(), "1-why/01-hearsay", "", Lang::En);
    assert!(
        html.contains("Show the answer")
            && html.contains("<article class=\"book\" lang=\"zh-TW\">")
    );
    assert!(html.contains("written in Traditional Chinese"));
}

#[test]
fn the_ports_are_those_of_this_demo() {
    let places = Places {
        shop: "http://localhost:8082".into(),
        payuni: "http://localhost:9081".into(),
        google: "http://localhost:8080".into(),
    };
    let learn = Learn::new(Files::new(support::small_book(), []), &places);
    let html = page(&learn, "1-why/01-hearsay");
    assert!(html.contains("http://localhost:8082/healthz"));
    assert!(html.contains("http://localhost:9081/_sandbox/messages"));
    assert!(!html.contains("localhost:8081") && !html.contains("localhost:8080"));
}

#[test]
fn code_is_shown_with_its_item_marked_and_nothing_else_is_shown() {
    let learn = support::small();
    let html = page_in(
        &learn,
        "code/crates/payuni/src/envelope.rs",
        "item=Envelope%3A%3Aopen",
        Lang::ZhTw,
    );
    let item = html.split("id=\"item\"").nth(1).unwrap();
    let marked: String = item.split("<span>").next().unwrap().to_owned();
    assert!(marked.contains("pub fn open"), "{marked}");
    let shell = support::shell("/learn", Lang::ZhTw);
    for path in [
        "code/Cargo.toml",
        "code/../Cargo.toml",
        "code//etc/passwd",
        "code/",
        "code/crates",
        "1-why/nothing",
        "figures/none.svg",
        "assets/learn.css",
    ] {
        assert_eq!(learn.answer(path, "", &shell).unwrap(), None, "{path}");
    }
}

#[test]
fn figures_and_assets_are_files() {
    let learn = support::small();
    let shell = support::shell("/learn", Lang::ZhTw);
    let mut files = 0;
    for address in learn.addresses() {
        let path = address
            .strip_prefix("/learn")
            .unwrap()
            .trim_start_matches('/');
        match learn.answer(path, "", &shell).unwrap().unwrap() {
            Answer::Page(html) => assert!(html.len() < 100 * 1024, "{path}: {}", html.len()),
            Answer::File {
                content_type, text, ..
            } => {
                files += 1;
                assert!(!text.is_empty() && content_type.contains('/'));
            }
            Answer::OnDisk { place, .. } => {
                panic!("the small book has no film: {}", place.display())
            }
        }
    }
    assert_eq!(files, 3);
}

#[test]
fn a_film_is_played_where_its_poster_stands_and_nothing_else_is_read_from_disk() {
    let mut book = support::small_book();
    let page = "# 片名\n\n[![短片：片名](01-a.png)](01-a.webm)\n".to_owned();
    book.push(("book/films/01-a.md".to_owned(), page));
    let (_, text) = book
        .iter_mut()
        .find(|(path, _)| path == "book/1-why/01-hearsay.md")
        .unwrap();
    text.push_str("\n[![看短片](../films/01-a.png)](../films/01-a.webm)\n");
    let film = |ending: &str| {
        (
            format!("book/films/01-a.{ending}"),
            "/somewhere/01-a".into(),
        )
    };
    let files = Files::new(book, support::code());
    let missing = Book::read(&files).faults(&files);
    assert_eq!(missing.len(), 2, "{missing:#?}");
    assert!(missing[0].what.contains("cargo xtask film --only 01-a"));
    let files = files.with_films(["webm", "vtt", "png"].map(film));
    assert!(Book::read(&files).faults(&files).is_empty());

    let learn = Learn::new(files, &support::usual());
    let shell = support::shell("/learn", Lang::ZhTw);
    let page = |path| {
        let Some(Answer::Page(html)) = learn.answer(path, "", &shell).unwrap() else {
            panic!("{path} is no page");
        };
        html
    };
    let own = page("films/01-a");
    for part in [
        "<video controls preload=\"none\" poster=\"/learn/films/01-a.png\"",
        "<source src=\"/learn/films/01-a.webm\" type=\"video/webm\">",
        "<track kind=\"captions\" src=\"/learn/films/01-a.vtt\" srclang=\"zh-TW\"",
        "<figcaption>短片：片名</figcaption>",
    ] {
        assert!(own.contains(part), "{part} in {own}");
    }
    assert!(page("1-why/01-hearsay").contains("<a href=\"/learn/films/01-a\">看短片</a>"));
    let Some(Answer::OnDisk {
        content_type,
        place,
    }) = learn.answer("films/01-a.webm", "", &shell).unwrap()
    else {
        panic!("the film is not there");
    };
    assert_eq!(
        (content_type, place),
        ("video/webm", "/somewhere/01-a".into())
    );
    for other in ["films/../01-a.webm", "films/02-b.webm", "films/01-a.toml"] {
        assert_eq!(learn.answer(other, "", &shell).unwrap(), None, "{other}");
    }
}

fn found(index: &Index, question: &str) -> Vec<String> {
    index
        .find(question)
        .into_iter()
        .map(|found| found.url)
        .collect()
}

#[test]
fn the_search_finds_chinese_by_pairs_and_latin_by_beginnings() {
    let files = Files::new(support::small_book(), []);
    let index = Index::new(&Book::read(&files));
    assert_eq!(
        found(&index, "對帳")[0],
        "/learn/glossary#對帳reconciliation"
    );
    assert_eq!(
        found(&index, "recon")[0],
        "/learn/glossary#對帳reconciliation"
    );
    assert!(found(&index, "hashin").contains(&"/learn/1-why/01-hearsay".to_owned()));
    assert!(found(&index, "ＨａｓｈＩｎｆｏ").contains(&"/learn/1-why/01-hearsay".to_owned()));
    assert!(found(&index, "退款 query").contains(&"/learn/1-why/02-ask-again#問了才算".to_owned()));
    assert!(found(&index, "金鑰外洩")[0].ends_with("#問了才算"));
    for nothing in ["", "  ", "，。", "火車時刻表", "zzz"] {
        assert_eq!(found(&index, nothing), Vec::<String>::new(), "{nothing}");
    }
    let one = &index.find("金鑰外洩")[0];
    assert!(
        one.excerpt.contains("<mark>金鑰外洩</mark>"),
        "{}",
        one.excerpt
    );
}

#[test]
fn what_was_looked_for_comes_back_as_text() {
    let learn = support::small();
    let html = page_in(&learn, "search", "q=%22%3E%3Cscript%3Ex", Lang::ZhTw);
    assert!(!html.contains("<script>x"));
    assert!(
        page_in(&learn, "search", "q=%E5%B0%8D%E5%B8%B3", Lang::ZhTw).contains("<mark>對帳</mark>")
    );
}

/// The book that there will be, and more: 48 sections.
#[test]
fn a_search_through_a_whole_book_takes_less_than_20_ms() {
    let mut book = Vec::new();
    let sections: Vec<_> = support::small_book()
        .into_iter()
        .filter(|(path, _)| path.contains("/0"))
        .collect();
    for chapter in 1..=4 {
        for section in 1..=12 {
            // Each is as long as three of the small ones.
            let text: String = sections.iter().map(|(_, text)| text.as_str()).collect();
            book.push((format!("book/{chapter}-part/{section:02}-text.md"), text));
        }
    }
    book.extend(
        support::own_book()
            .into_iter()
            .map(|(path, text)| (path.replace("book/", "book/9"), text)),
    );
    let started = Instant::now();
    let book = Book::read(&Files::new(book, []));
    println!("reading the book: {:?}", started.elapsed());
    let started = Instant::now();
    let index = Index::new(&book);
    println!("indexing it: {:?}", started.elapsed());
    for question in [
        "退款",
        "通知 簽章 金鑰",
        "e",
        "為什麼通知不等於錢，要自己再問一次",
        "HashInfo",
    ] {
        let quickest = (0..5)
            .map(|_| {
                let started = Instant::now();
                std::hint::black_box(index.find(question));
                started.elapsed()
            })
            .min()
            .unwrap();
        println!("{question}: {quickest:?}");
        assert!(
            quickest < Duration::from_millis(20),
            "{question}: {quickest:?}"
        );
    }
}
