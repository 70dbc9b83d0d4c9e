//! Every page of the laboratory, in both languages, with what it must hold and nothing that must not be there.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use attacks::{Outcome, Verdict};
use lab::{Bench, Shown};
use pages::{Lang, Shell};
use std::{collections::BTreeSet, sync::Arc};

/// A page with all that it loads.
const WEIGHT_MAX: usize = 100 * 1024;

fn shell(path: &str, lang: Lang) -> Shell {
    Shell {
        lang,
        shop: Arc::default(),
        assets: Arc::default(),
        member: None,
        csrf: String::new(),
        path: path.to_owned(),
        sandbox: None,
        notice: None,
    }
}

fn case(id: &str, lang: Lang, bench: &Bench) -> String {
    let shell = shell(&format!("/lab/{id}"), lang);
    lab::case(&shell, id, bench, None).unwrap().unwrap()
}

/// The page and the laboratory's own style; the shop's own is below 60 KiB with any page of its, by a test of its.
fn weight(html: &str) -> usize {
    let at = html.find("/lab/assets/lab.").unwrap();
    let path = html.get(at + "/lab/".len()..).unwrap();
    let path = path.split('"').next().unwrap();
    html.len() + lab::css(path).unwrap().len()
}

#[test]
fn every_case_has_a_page_with_its_hints_and_its_way_on() {
    for id in attacks::IDS {
        for lang in Lang::ALL {
            let html = case(id, lang, &Bench::Ready);
            let known = attacks::find(id).unwrap();
            assert_eq!(
                html.matches("<li><details>").count(),
                3,
                "{id}: three hints"
            );
            let button = html.contains("name=\"do\" value=\"play\"");
            assert_eq!(button, known.applies(), "{id}");
            let measured = lab::record().row(id).is_some();
            assert_eq!(html.contains("value=\"without\""), measured, "{id}");
            assert!(html.contains("/learn/3-lines/"), "{id}");
            assert!(
                html.contains("rel=\"next\"") || html.contains("rel=\"prev\""),
                "{id}"
            );
            assert!(
                weight(&html) < WEIGHT_MAX - 40 * 1024,
                "{id}: {}",
                weight(&html)
            );
            assert!(!html.contains("<script"), "{id}");
            assert!(!html.contains(" style="), "{id}");
        }
    }
    let shell = shell("/lab/A999", Lang::ZhTw);
    assert_eq!(
        lab::case(&shell, "A999", &Bench::Absent, None).unwrap(),
        None
    );
    let written: BTreeSet<&str> = lab::ids().collect();
    assert_eq!(written, attacks::IDS.iter().copied().collect());
}

#[test]
fn what_an_attack_wrote_is_shown_and_never_run() {
    let hostile = "<script>alert(1)</script>\"'&";
    let verdict = Verdict {
        id: "A01".to_owned(),
        verdict: Outcome::Believed,
        caught_by: hostile.to_owned(),
        detail: hostile.to_owned(),
        ms: 1,
        matter: None,
        books: Vec::new(),
        sent: Vec::new(),
        requests: 0,
    };
    let shown = Shown {
        verdict: &verdict,
        off: Some(hostile),
    };
    let bench = Bench::Failed(hostile.to_owned());
    let shell = shell("/lab/A01", Lang::ZhTw);
    let html = lab::case(&shell, "A01", &bench, Some(shown))
        .unwrap()
        .unwrap();
    assert!(!html.contains("<script"));
    assert!(html.contains("&#60;script&#62;"));
    let page = lab::nonce(&shell, Some(hostile)).unwrap();
    assert!(!page.contains("<script"));
}

#[test]
fn the_other_pages_lead_somewhere() {
    let shell = shell("/lab", Lang::ZhTw);
    let index = lab::index(&shell, None).unwrap();
    for id in attacks::IDS {
        assert!(index.contains(&format!("href=\"/lab/{id}\"")), "{id}");
    }
    let money = lab::index(&shell, Some("m")).unwrap();
    assert!(money.matches("href=\"/lab/A").count() < index.matches("href=\"/lab/A").count());
    let matrix = lab::matrix(&shell).unwrap();
    for row in &lab::record().rows {
        assert!(matrix.contains(&format!("href=\"/lab/{}\"", row.id)));
    }
    let fixes = lab::fixes(&shell).unwrap();
    assert!(exercises::all().len() >= 10);
    for exercise in exercises::all() {
        assert!(fixes.contains(&format!("/lab/fix/{}", exercise.id)));
    }
    for page in [&index, &matrix, &fixes] {
        assert!(weight(page) < WEIGHT_MAX, "{}", weight(page));
    }
}

#[test]
fn right_and_wrong_repairs_are_told_apart() {
    let shell = shell("/lab/fix", Lang::ZhTw);
    for exercise in exercises::all() {
        for repair in &exercise.repairs {
            let html = lab::fix(&shell, exercise.id, Some(repair.key))
                .unwrap()
                .unwrap();
            assert!(html.contains(&format!("data-right=\"{}\"", repair.right)));
        }
        let html = lab::fix(&shell, exercise.id, None).unwrap().unwrap();
        assert!(
            !html.contains("data-right"),
            "the answer is not on the page before it is chosen"
        );
        assert!(weight(&html) < WEIGHT_MAX - 40 * 1024);
    }
    assert_eq!(lab::fix(&shell, "nothing", None).unwrap(), None);
}

/// But for the code itself, in which comments may be Chinese.
#[test]
fn an_exercise_is_read_in_english_to_its_end() {
    let shell = shell("/lab/fix", Lang::En);
    for exercise in exercises::all() {
        for repair in &exercise.repairs {
            let html = lab::fix(&shell, exercise.id, Some(repair.key))
                .unwrap()
                .unwrap();
            let main = html.split_once("<main").unwrap().1.split("</main>").next();
            let told: String = main
                .unwrap()
                .split("<pre")
                .map(|part| part.split_once("</pre>").map_or(part, |(_, rest)| rest))
                .collect();
            let chinese = told.find(|letter| matches!(letter, '\u{4e00}'..='\u{9fff}'));
            assert_eq!(chinese.map(|at| &told[at..]), None, "{}", exercise.id);
        }
    }
}

/// Each example is diagnosed as what it is, and keys that were typed are nowhere on the page.
#[test]
fn the_doctor_names_what_is_wrong_and_gives_no_key_back() {
    let shell = shell("/lab/doctor", Lang::ZhTw);
    let found = |name: &str| {
        let field = |wanted: &str| match wanted {
            "example" => name.to_owned(),
            _ => String::new(),
        };
        let html = lab::doctor(&shell, Some(&field)).unwrap();
        let found = html.split("data-finding=\"").skip(1);
        let found = found.filter_map(|rest| rest.split('"').next());
        found.map(ToOwned::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found("right"), Vec::<String>::new());
    let mut seen = BTreeSet::new();
    for name in lab::EXAMPLES.iter().filter(|name| **name != "right") {
        let first = found(name).into_iter().next();
        let first = first.unwrap_or_else(|| panic!("{name}: nothing was found"));
        assert!(
            seen.insert(first.clone()),
            "{name} is taken for another: {first}"
        );
    }
    let secret = "sk-not-a-real-key-1234567890abcd";
    let field = |wanted: &str| match wanted {
        "key" | "iv" => secret.to_owned(),
        "message" => "Status=SUCCESS&EncryptInfo=00&HashInfo=00".to_owned(),
        _ => String::new(),
    };
    let html = lab::doctor(&shell, Some(&field)).unwrap();
    assert!(!html.contains(secret));
    assert!(html.contains("id=\"verdict\""));
}
