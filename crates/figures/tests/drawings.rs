//! The drawings as they are: well-formed, the same each time, nothing over the edge, and refusals that help.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{fs, path::Path};

use figures::{DARK_CSS, Figure, Hop, Line, Sequence, Trust};

const CONVERSATION: &str = include_str!("fixtures/conversation.toml");
const ROOMS: &str = include_str!("fixtures/rooms.toml");

/// The fixtures, and every figure of the book, by file.
fn all() -> Vec<(String, String)> {
    let mut all = vec![
        ("conversation.toml".to_owned(), CONVERSATION.to_owned()),
        ("rooms.toml".to_owned(), ROOMS.to_owned()),
    ];
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/figures");
    for entry in fs::read_dir(book).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            all.push((name, fs::read_to_string(path).unwrap()));
        }
    }
    all
}

fn read(text: &str) -> Figure {
    Figure::read("book/figures/x.toml", text).unwrap()
}

/// What is wrong with the conversation after a change.
fn wrong(part: &str, instead: &str) -> String {
    assert!(CONVERSATION.contains(part), "no such part: {part}");
    let text = CONVERSATION.replacen(part, instead, 1);
    let error = Figure::read("book/figures/x.toml", &text).unwrap_err();
    let said = error.to_string();
    assert!(said.starts_with("book/figures/x.toml: "), "{said}");
    said
}

/// A picture is looked at by a person before its snapshot is kept: `BLESS=1 cargo test -p figures`.
#[test]
fn the_drawings_are_those_that_somebody_looked_at() {
    for (name, text) in [("conversation", CONVERSATION), ("rooms", ROOMS)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/snapshots")
            .join(format!("{name}.svg"));
        let svg = read(text).draw().svg;
        if std::env::var_os("BLESS").is_some() {
            fs::write(&path, &svg).unwrap();
        }
        let kept = fs::read_to_string(&path).unwrap();
        assert!(
            kept == svg,
            "{name} is drawn otherwise than tests/snapshots/{name}.svg; look at it, and keep it with BLESS=1"
        );
    }
}

#[test]
fn every_drawing_is_well_formed_and_tells_what_it_shows() {
    for (file, text) in all() {
        let figure = Figure::read(&file, &text).unwrap();
        let drawing = figure.draw();
        let document = roxmltree::Document::parse(&drawing.svg).unwrap();
        let root = document.root_element();
        assert_eq!(root.tag_name().name(), "svg");
        let first: Vec<_> = root
            .children()
            .filter(roxmltree::Node::is_element)
            .take(2)
            .collect();
        assert_eq!(first[0].tag_name().name(), "title");
        assert_eq!(first[1].tag_name().name(), "desc");
        assert_eq!(first[1].text(), Some(figure.alt()));
        assert!(
            !document.descendants().any(|node| node.has_attribute("id")),
            "two drawings in a page would share an id"
        );
        assert!(drawing.svg.contains("prefers-color-scheme:dark"));
    }
}

#[test]
fn every_colour_has_its_dark_one() {
    for text in [CONVERSATION, ROOMS] {
        let svg = read(text).draw().svg;
        let document = roxmltree::Document::parse(&svg).unwrap();
        for node in document.descendants() {
            for class in node.attribute("class").unwrap_or("").split_whitespace() {
                assert!(DARK_CSS.contains(&format!(".{class}{{")), "{class}");
            }
            for paint in ["fill", "stroke"] {
                if node
                    .attribute(paint)
                    .is_some_and(|color| color.starts_with('#'))
                {
                    let prefix = paint.get(..1).unwrap();
                    let class = node.attribute("class").unwrap_or("");
                    assert!(class.contains(&format!("{prefix}-")), "{node:?}");
                }
            }
        }
    }
}

/// Every line of text, held against the others with the widths that the renderer counts on.
#[test]
fn no_text_stands_over_another_or_over_the_edge() {
    for (file, text) in all() {
        let drawing = Figure::read(&file, &text).unwrap().draw();
        let document = roxmltree::Document::parse(&drawing.svg).unwrap();
        let number = |node: &roxmltree::Node<'_, '_>, name: &str| -> i32 {
            node.attribute(name).unwrap().parse().unwrap()
        };
        let mut placed: Vec<(i32, i32, i32, i32, String)> = Vec::new();
        for node in document
            .descendants()
            .filter(|node| node.has_tag_name("text"))
        {
            let words = node.text().unwrap();
            let size = number(&node, "font-size");
            let hundredths: i32 = words
                .chars()
                .map(|c| if u32::from(c) > 0x2000 { 100 } else { 55 })
                .sum();
            let w = hundredths * size / 100;
            let middle = node.attribute("text-anchor") == Some("middle");
            let x = number(&node, "x") - if middle { w / 2 } else { 0 };
            let y = number(&node, "y");
            assert!(
                x >= 0 && x + w <= drawing.width,
                "{file}: {words} at {x}, {w} wide"
            );
            assert!(y - size >= 0 && y + 4 <= drawing.height, "{file}: {words}");
            for (ox, oy, ow, osize, other) in &placed {
                let apart = x + w <= *ox || ox + ow <= x || y - size >= *oy || oy - osize >= y;
                assert!(apart, "{file}: {words:?} stands over {other:?}");
            }
            placed.push((x, y, w, size, words.to_owned()));
        }
        assert!(placed.len() > 3, "{file}: {}", placed.len());
    }
}

#[test]
fn trust_is_told_by_the_style_of_the_line_and_by_a_word() {
    let drawn = |trust| {
        let hop = Hop {
            trust: Some(trust),
            ..Hop::new(0, 1, "說")
        };
        let lanes = vec!["甲".to_owned(), "乙".to_owned()];
        Sequence::new("題", "說明", lanes, vec![hop])
            .unwrap()
            .draw()
            .svg
    };
    let forgeable = drawn(Trust::Forgeable);
    assert!(forgeable.contains("可偽造") && forgeable.contains("stroke-dasharray"));
    let signed = drawn(Trust::Signed);
    assert!(signed.contains("有簽章") && signed.contains(r#"stroke-width="3""#));
    assert!(!signed.contains("stroke-dasharray"));
    let asked = drawn(Trust::Asked);
    assert!(asked.contains("自己問來的") && asked.contains(r#"stroke-width="6""#));
}

#[test]
fn the_five_lines_have_their_number_name_and_a_colour_of_their_own() {
    let mut colours = Vec::new();
    for line in Line::ALL {
        let hop = Hop {
            line: Some(line),
            ..Hop::new(0, 0, "說")
        };
        let sequence = Sequence::new("題", "說明", vec!["甲".to_owned()], vec![hop]).unwrap();
        let svg = sequence.draw().svg;
        assert!(svg.contains(&format!(
            "第 {} 關 {}",
            line.number(),
            line.name(figures::Tongue::ZhTw)
        )));
        let class = format!("class=\"f-l{}\"", line.number());
        let shape = svg.lines().find(|shape| shape.contains(&class)).unwrap();
        let colour = shape
            .split("fill=\"")
            .nth(1)
            .unwrap()
            .split('"')
            .next()
            .unwrap();
        colours.push(colour.to_owned());
        assert_eq!(Line::from_number(line.number()), Some(line));
    }
    colours.sort();
    colours.dedup();
    assert_eq!(colours.len(), 5);
    assert_eq!(Line::from_number(6), None);
}

#[test]
fn what_is_refused_stops_at_a_sign() {
    let refused = |refused| {
        let hop = Hop {
            refused,
            ..Hop::new(0, 1, "說")
        };
        let lanes = vec!["甲".to_owned(), "乙".to_owned()];
        let svg = Sequence::new("題", "說明", lanes, vec![hop])
            .unwrap()
            .draw()
            .svg;
        svg.contains("h8l6 6v8l-6 6h-8l-6 -6v-8z") && svg.contains("擋下")
    };
    assert!(refused(true));
    assert!(!refused(false));
}

#[test]
fn a_field_nobody_knows_is_named() {
    assert!(wrong("title = ", "titel = ").contains("unknown field `titel`"));
    assert!(wrong("says = ", "say = ").contains("unknown field `say`"));
    assert!(
        wrong("trust = \"forgeable\"", "trust = \"maybe\"").contains("unknown variant `maybe`")
    );
    assert!(wrong("alt = ", "# alt = ").contains("missing field `alt`"));
    assert!(wrong("\"sequence\"", "\"cake\"").contains("`kind` is \"cake\""));
    assert!(wrong("kind = ", "kind").contains("TOML parse error"));
}

#[test]
fn what_is_out_of_bounds_is_named_with_its_hop() {
    let long = "說".repeat(25);
    let says = wrong("says = \"訂單寫進帳本\"", &format!("says = \"{long}\""));
    assert!(
        says.contains("hop 2: `says` has 25 characters, at most 24"),
        "{says}"
    );
    let long = format!("note = \"{}\"", "說".repeat(41));
    assert!(wrong("note = ", &format!("{long}\n#")).contains("hop 1: `note` has 41"));
    assert!(wrong("to = 3", "to = 4").contains("hop 6: `to` is 4"));
    assert!(wrong("line = 4", "line = 6").contains("hop 2: `line` is 6"));
    assert!(wrong("line = 4", "line = 0").contains("hop 2: `line` is 0"));
    assert!(wrong("title = \"同一筆付款，五種說法\"", "title = \"\"").contains("`title` is empty"));
}

#[test]
fn an_arrow_to_nowhere_is_named_with_the_boxes_that_there_are() {
    let text = ROOMS.replacen("to = \"帳本 ledger\"", "to = \"帳本\"", 1);
    let error = Figure::read("book/figures/y.toml", &text)
        .unwrap_err()
        .to_string();
    assert!(error.contains("arrow 3: `to` is \"帳本\""), "{error}");
    assert!(error.contains("帳本 ledger"), "{error}");
    let twice = ROOMS.replacen("\"PAYUNi 通知\"]", "\"瀏覽器\"]", 1);
    let error = Figure::read("book/figures/y.toml", &twice)
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("zone 3: `boxes` names \"瀏覽器\""),
        "{error}"
    );
}

/// A real run has more hops and longer words than a diagram of the book.
#[test]
fn a_long_conversation_is_drawn_whole() {
    let hops = (0..200)
        .map(|n| Hop {
            note: Some("x".repeat(300)),
            time: Some(format!("14:03:{n}")),
            line: Line::from_number(u8::try_from(n % 6).unwrap()),
            trust: Some(Trust::Asked),
            ..Hop::new(
                n % 5,
                (n * 3) % 5,
                format!("第 {n} 步 {}", "很長的說明".repeat(12)),
            )
        })
        .collect();
    let lanes = (0..5).map(|n| format!("很長的泳道名稱 {n}")).collect();
    let drawing = Sequence::new("題", "說明", lanes, hops).unwrap().draw();
    roxmltree::Document::parse(&drawing.svg).unwrap();
    assert!(drawing.svg.contains("14:03:199"));
}

#[test]
fn a_conversation_is_written_as_it_was_read_and_speaks_english() {
    let Figure::Sequence(told) = read(CONVERSATION) else {
        panic!("the fixture is a conversation");
    };
    assert_eq!(read(&told.to_toml()), Figure::Sequence(told.clone()));
    let drawn = told.in_tongue(figures::Tongue::En).draw();
    assert!(drawn.svg.contains("line 2 Authenticity") && !drawn.svg.contains("驗真"));
    let inline = drawn.inline();
    assert!(drawn.svg.contains("<style>") && !inline.contains("<style"));
    assert!(roxmltree::Document::parse(&inline).is_ok());
}
