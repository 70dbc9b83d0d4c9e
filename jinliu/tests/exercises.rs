//! The exercises of the book and of the skills, as a reader does them: every command is typed beside a running demo, what
//! is said to be seen is seen, and what is done by hand in between is done as well.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "exercises/desk.rs"]
mod desk;
#[path = "support/process.rs"]
#[expect(dead_code, reason = "each test file uses the part it needs")]
mod process;
#[path = "support/shopper.rs"]
#[expect(
    dead_code,
    unused_imports,
    reason = "each test file uses the part it needs"
)]
mod shopper;

use desk::Desk;
use learn::{Exercises, Step};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Rooms of the demo that texts lead to already and that are not built yet: whoever builds one takes its line away.
const TO_COME: [&str; 1] = ["http://localhost:8080/lab"];
/// What the tests below take on, by the beginnings of paths.
const TAKEN: [&str; 7] = [
    "AGENTS.md",
    "book/1-why/",
    "book/2-flow/",
    "book/3-lines/",
    "book/4-change/",
    "book/routes/",
    "skills/",
];

fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap().to_owned()
}

/// The texts that have exercises, by their paths from the root.
fn texts() -> Vec<(String, String)> {
    let mut files = vec![root().join("AGENTS.md")];
    let mut folders = vec![root().join("book"), root().join("skills")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "md") {
                files.push(path);
            }
        }
    }
    files.sort();
    let read = files.into_iter().map(|file| {
        let path = file.strip_prefix(root()).unwrap();
        let path = path.to_string_lossy().replace('\\', "/");
        (path, fs::read_to_string(&file).unwrap())
    });
    read.collect()
}

/// Does every exercise of the texts whose paths begin so, each text at a demo of its own.
async fn does(beginning: &str) {
    let (mut typed, mut wrong) = (0, Vec::new());
    for (file, text) in texts() {
        if !file.starts_with(beginning) {
            continue;
        }
        let Exercises { steps, faults } = Exercises::read(&file, &text);
        wrong.extend(faults.iter().map(ToString::to_string));
        let at_hand = |step: &(usize, Step)| !matches!(step.1, Step::Left(_));
        if !steps.iter().any(at_hand) {
            continue;
        }
        let mut desk = Desk::set(&root()).await;
        for (line, step) in steps {
            let done = match &step {
                Step::Typed(commands) => {
                    typed += 1;
                    desk.types(commands).await
                }
                Step::Hand(hand) => desk.does(hand).await,
                Step::Left(_) => Ok(()),
            };
            if let Err(why) = done {
                wrong.push(format!("{file}:{line}: {why}"));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of the exercises went wrong:\n\n{}\n",
        wrong.len(),
        wrong.join("\n\n")
    );
    assert!(typed > 0, "{beginning} has no commands");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_first_chapter() {
    does("book/1-why/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_second_chapter() {
    does("book/2-flow/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_third_chapter() {
    does("book/3-lines/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_fourth_chapter() {
    does("book/4-change/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_routes() {
    does("book/routes/").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_page_for_whoever_works_here() {
    does("AGENTS.md").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_skills() {
    does("skills/").await;
}

#[test]
fn no_text_with_commands_is_left_out() {
    let mut forgotten = Vec::new();
    for (file, text) in texts() {
        let taken = TAKEN.iter().any(|beginning| file.starts_with(beginning));
        if !taken && text.contains("```sh") {
            forgotten.push(file);
        }
    }
    assert!(forgotten.is_empty(), "{forgotten:?}");
}

/// The addresses of the demo that a text names outside its commands, as far as they are whole.
fn addresses(text: &str) -> BTreeSet<&str> {
    let prose = text.split("```").step_by(2);
    let ends = |c: char| !c.is_ascii() || c.is_whitespace() || ">)`\"'|".contains(c);
    let mut found = BTreeSet::new();
    for part in prose {
        for (at, _) in part.match_indices("http://localhost:80") {
            let rest = &part[at..];
            let url = rest.split(ends).next().unwrap_or_default();
            if !url.contains("ORDER") && !url.contains("TRADE") {
                found.insert(url);
            }
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_that_a_text_names_is_a_page() {
    let texts = texts();
    let mut desk = Desk::set(&root()).await;
    let (mut known, mut nowhere) = (BTreeSet::new(), Vec::new());
    for (file, text) in &texts {
        for url in addresses(text) {
            if known.insert(url) {
                let status = desk.opens(url).await;
                let to_come = TO_COME.iter().any(|room| url.starts_with(room));
                if to_come && status != 404 {
                    nowhere.push(format!("{url} is there: take it out of TO_COME"));
                }
                if !to_come && status != 200 {
                    nowhere.push(format!("{file}: {url}: {status}"));
                }
            }
        }
    }
    assert!(known.len() >= 10, "{known:?}");
    assert!(nowhere.is_empty(), "{}", nowhere.join("\n"));
}

/// The runner is held to its own promise: what it should refuse, it refuses.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_seen_is_told() {
    let source = "\
<!-- exercise
sees well
-->
```sh
curl -s http://localhost:8080/healthz
```

<!-- exercise
sees ok
ends 3
-->
```sh
curl -s http://localhost:8080/healthz
```

<!-- exercise
sees ok
-->
```sh
cargo run -p pages --example gallery
```

<!-- exercise
order is fulfilled
-->
";
    let Exercises { steps, faults } = Exercises::read("here.md", source);
    assert!(faults.is_empty(), "{faults:?}");
    let mut desk = Desk::set(&root()).await;
    let mut told = Vec::new();
    for (_, step) in &steps {
        told.push(match step {
            Step::Typed(commands) => desk.types(commands).await.unwrap_err(),
            Step::Hand(hand) => desk.does(hand).await.unwrap_err(),
            Step::Left(left) => panic!("{left:?}"),
        });
    }
    let causes = [
        "does not see",
        "ended with 0",
        "is not built here",
        "bought",
    ];
    assert_eq!(told.len(), causes.len());
    for (told, cause) in told.iter().zip(causes) {
        assert!(told.contains(cause), "{cause}: {told}");
    }
}
