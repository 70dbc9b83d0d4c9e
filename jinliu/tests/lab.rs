//! The attack corpus, played against throw-away shops: every case that applies is refused as it is written.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use attacks::{Case, Class, Outcome};
use jinliu::{commands::lab::play_all, lab::Lab};
use std::collections::BTreeSet;

fn lab() -> Lab {
    Lab::new(env!("CARGO_BIN_EXE_jinliu").into())
}

async fn play(cases: Vec<Case>) {
    let verdicts = play_all(&lab(), cases, 4, |_| Ok(())).await.unwrap();
    let failed = verdicts
        .iter()
        .filter(|verdict| verdict.verdict == Outcome::Believed);
    let failed: Vec<String> = failed
        .map(|verdict| format!("{}: {}", verdict.id, verdict.detail))
        .collect();
    assert!(failed.is_empty(), "\n{}\n", failed.join("\n"));
    let refused = verdicts.iter().filter(|v| v.verdict == Outcome::Refused);
    assert!(refused.count() > 0, "nothing was played");
}

/// Every `of`-th applicable case, from `part` on: test runners play the parts beside each other.
fn part(part: usize, of: usize) -> Vec<Case> {
    let cases = attacks::corpus().unwrap().into_iter();
    cases
        .filter(Case::applies)
        .enumerate()
        .filter(|(n, _)| n % of == part)
        .map(|(_, case)| case)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_corpus_is_refused_first_part() {
    play(part(0, 3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_corpus_is_refused_second_part() {
    play(part(1, 3)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_corpus_is_refused_third_part() {
    play(part(2, 3)).await;
}

/// The runner must be able to lose: a case that expects what is not so is not called refused.
#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_expects_too_much_fails() {
    for (wrong, because) in [
        (
            "status = { O1 = \"paid\" }",
            "O1 is [\"pending\"], not paid",
        ),
        ("parked = { \"L3.amount\" = 1 }", "the review list grew"),
        ("new_orders = 2", "1 orders more, not 2"),
        ("charged = { O1 = 680 }", "PAYUNi charged 0 for O1"),
        ("unchanged = true", "the ledger changed"),
        ("delivered = { O1 = 1 }", "O1: 0 deliveries, not 1"),
    ] {
        let case = format!(
            "id = \"A01\"\ntitle = {{ zh = \"x\", en = \"x\" }}\nposition = \"ANON\"\nclass = \"M\"\nline = \"L1\"\nstory = \"x\"\n\
             [[steps]]\ndo = \"mark\"\n[[steps]]\ndo = \"place\"\norder = \"O1\"\n[expect]\n{wrong}\n"
        );
        let verdict = lab().play(&Case::parse(&case).unwrap()).await;
        assert_eq!(verdict.verdict, Outcome::Believed, "{wrong}");
        assert!(
            verdict.detail.contains(because),
            "{wrong}: {}",
            verdict.detail
        );
    }
}

#[test]
fn the_corpus_is_whole() {
    let cases = attacks::corpus().unwrap();
    let ids: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!((cases.len(), ids.len()), (132, 132));
    let count = |class: Class| cases.iter().filter(|case| case.class == class).count();
    // As the specification counts them.
    let counts = [Class::M, Class::A, Class::I, Class::C].map(count);
    assert_eq!(counts, [77, 11, 28, 16]);
}

/// The generated matrix is about the corpus that there is.
#[test]
fn the_matrix_of_the_ablation_has_every_attack_on_money() {
    let table = include_str!("../../docs/ablation.md");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| A"));
    let found: Vec<String> = rows
        .filter_map(|row| row.split(' ').next())
        .map(|number| format!("A{number}"))
        .collect();
    let cases = attacks::corpus().unwrap().into_iter();
    let wanted: Vec<String> = cases
        .filter(|case| case.class == Class::M && case.applies() && !case.world.empty)
        .map(|case| case.id)
        .collect();
    assert_eq!(
        found, wanted,
        "jinliu lab ablate --table docs/ablation.md writes it anew"
    );
}
