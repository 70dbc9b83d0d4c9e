//! The corpus is whole, and a case that proves nothing is not read.

use attacks::{Case, IDS, corpus};

const GOOD: &str = r#"
id = "A01"
title = { zh = "題", en = "Title" }
position = "ANON"
class = "M"
line = "L2"
second = ["L5"]
story = "故事"

[[steps]]
do = "mark"

[[steps]]
do = "place"
order = "O1"

[expect]
status = { O1 = "pending" }
"#;

#[test]
fn every_file_is_read_and_every_number_is_there() {
    let cases = corpus().expect("every file is read");
    let ids: Vec<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let wanted: Vec<String> = (1..=132).map(|n| format!("A{n:02}")).collect();
    assert_eq!(ids, wanted);
    assert_eq!(IDS, ids);
    for case in cases.iter().filter(|case| case.applies()) {
        assert!(!case.steps.is_empty(), "{}", case.id);
    }
}

#[test]
fn a_case_that_proves_nothing_is_not_read() {
    assert!(Case::parse(GOOD).is_ok());
    let without = GOOD.replace("status = { O1 = \"pending\" }", "");
    for (bad, because) in [
        (without.clone(), "it looks at no ledger"),
        (
            without.replace("story =", "no_books = \"只看標頭就好\"\nstory ="),
            "about money",
        ),
        (
            GOOD.replace("story =", "no_books = \"只看標頭就好\"\nstory ="),
            "and does",
        ),
        (
            GOOD.replace(
                "story =",
                "not_applicable = \"這裡沒有這種東西啦啦\"\nstory =",
            ),
            "neither steps nor expectations",
        ),
        (
            GOOD.replace("do = \"place\"", "do = \"dance\""),
            "unknown variant",
        ),
        (GOOD.replace("order = \"O1\"", "ordre = \"O1\""), "ordre"),
        (
            GOOD.replace("[expect]", "[expect]\nunchangd = true"),
            "unchangd",
        ),
        (
            GOOD.replace("do = \"mark\"", "do = \"ask\"")
                .replace("[expect]", "[expect]\nunchanged = true"),
            "no mark",
        ),
        (
            GOOD.replace("[\"L5\"]", "[\"L2\"]"),
            "another than the first",
        ),
        (GOOD.replace("A01", "B01"), "no such id"),
    ] {
        let error = Case::parse(&bad).expect_err(because);
        assert!(
            format!("{error:#}").contains(because),
            "{because}: {error:#}"
        );
    }
}
