//! Every exercise keeps its word: each version is attacked and served, and does what is said of it.

use exercises::{Exercise, Verdict, all};
use std::{collections::BTreeSet, fs, path::Path};

/// Refuses the attack and takes what is genuine.
const HOLDS: Verdict = Verdict {
    robbed: false,
    serves: true,
};
/// Falls for the attack.
const ROBBED: Verdict = Verdict {
    robbed: true,
    serves: true,
};
/// Refuses the attack, and what is genuine too.
const TURNS_AWAY: Verdict = Verdict {
    robbed: false,
    serves: false,
};
/// Falls for the attack and refuses what is genuine.
const BOTH: Verdict = Verdict {
    robbed: true,
    serves: false,
};

/// What each version does: the vulnerable one, then the repairs. Written down here once more, so that neither the trial nor
/// the exercise can be changed alone.
const VERDICTS: [(&str, [Verdict; 4]); 18] = [
    ("reflection", [ROBBED, ROBBED, HOLDS, BOTH]),
    ("number-issued", [ROBBED, HOLDS, TURNS_AWAY, ROBBED]),
    ("outer-status", [ROBBED, TURNS_AWAY, ROBBED, HOLDS]),
    ("wrong-amount", [ROBBED, ROBBED, TURNS_AWAY, HOLDS]),
    ("merchant", [ROBBED, HOLDS, ROBBED, ROBBED]),
    ("return-page", [ROBBED, HOLDS, ROBBED, ROBBED]),
    ("late-failure", [ROBBED, HOLDS, ROBBED, TURNS_AWAY]),
    ("cut-tag", [ROBBED, ROBBED, HOLDS, ROBBED]),
    ("fixed-nonce", [ROBBED, ROBBED, TURNS_AWAY, HOLDS]),
    ("hash-prefix", [ROBBED, ROBBED, HOLDS, ROBBED]),
    ("duplicate", [ROBBED, TURNS_AWAY, HOLDS, TURNS_AWAY]),
    ("ok-before-commit", [ROBBED, HOLDS, ROBBED, ROBBED]),
    ("float-money", [ROBBED, ROBBED, HOLDS, ROBBED]),
    ("refund-retry", [ROBBED, ROBBED, TURNS_AWAY, HOLDS]),
    ("refund-race", [ROBBED, ROBBED, HOLDS, TURNS_AWAY]),
    ("default-status", [ROBBED, HOLDS, ROBBED, ROBBED]),
    ("two-readings", [ROBBED, ROBBED, ROBBED, HOLDS]),
    ("keyless-hash", [ROBBED, BOTH, TURNS_AWAY, HOLDS]),
];

#[test]
fn every_version_does_what_is_said_of_it() {
    let named: BTreeSet<_> = VERDICTS.iter().map(|(id, _)| *id).collect();
    let ids: BTreeSet<_> = all().iter().map(|exercise| exercise.id).collect();
    assert_eq!(
        named, ids,
        "an exercise without its verdicts, or the other way round"
    );
    assert_eq!(all().len(), ids.len(), "two exercises have one name");
    for (id, expected) in VERDICTS {
        let exercise = all().iter().find(|it| it.id == id).unwrap();
        assert_eq!(exercise.verdicts(), expected, "{id}");
    }
}

#[test]
fn one_repair_is_right_and_it_is_the_one_that_holds() {
    for exercise in all() {
        let [vulnerable, repaired @ ..] = exercise.verdicts();
        assert!(vulnerable.robbed, "{}: nothing to be found", exercise.id);
        let keys = exercise.repairs.each_ref().map(|repair| repair.key);
        assert_eq!(keys, ["a", "b", "c"], "{}", exercise.id);
        for (repair, verdict) in exercise.repairs.iter().zip(repaired) {
            assert_eq!(
                repair.right,
                verdict.holds(),
                "{} {}",
                exercise.id,
                repair.key
            );
        }
        let right = exercise.repairs.iter().filter(|repair| repair.right);
        assert_eq!(right.count(), 1, "{}", exercise.id);
    }
}

#[test]
fn a_reason_tells_what_happens() {
    for exercise in all() {
        let [_, repaired @ ..] = exercise.verdicts();
        for (repair, verdict) in exercise.repairs.iter().zip(repaired) {
            let says = |words: &[&str]| words.iter().any(|word| repair.reason.contains(word));
            let at = format!("{} {}", exercise.id, repair.key);
            assert_eq!(says(&["守住了"]), verdict.holds(), "{at}: 守住了");
            assert_eq!(says(&["還是會"]), verdict.robbed, "{at}: 還是會……");
            assert_eq!(says(&["也擋", "連真的"]), !verdict.serves, "{at}: 擋掉真的");
        }
    }
}

#[test]
fn code_is_short_and_differs() {
    for exercise in all() {
        let repairs = exercise.repairs.iter().map(|repair| repair.source);
        let sources: Vec<_> = std::iter::once(exercise.vulnerable.source)
            .chain(repairs)
            .collect();
        let different: BTreeSet<_> = sources.iter().collect();
        assert_eq!(different.len(), 4, "{}", exercise.id);
        for source in sources {
            let lines = source.lines().count();
            assert!((6..=28).contains(&lines), "{}: {lines} lines", exercise.id);
            assert!(source.is_ascii() && source.lines().all(|line| line.len() <= 100));
        }
    }
}

#[test]
fn the_right_one_is_not_always_in_the_same_place() {
    for key in ["a", "b", "c"] {
        let right =
            |exercise: &&Exercise| exercise.repairs.iter().any(|it| it.right && it.key == key);
        let there = all().iter().filter(right).count();
        assert!(there * 2 <= all().len() + 1, "{key} is right {there} times");
    }
}

#[test]
fn ours_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for exercise in all() {
        let (path, symbol) = exercise.ours.split_once('#').expect("path#symbol");
        let source = fs::read_to_string(root.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
        let defined = ["fn ", "const ", "struct ", "enum "].iter().any(|keyword| {
            source
                .match_indices(&format!("{keyword}{symbol}"))
                .any(|(at, found)| {
                    let next = source[at + found.len()..].chars().next();
                    next.is_none_or(|next| !next.is_alphanumeric() && next != '_')
                })
        });
        assert!(defined, "{}: {path} defines no {symbol}", exercise.id);
        let case = root.join(format!("proof/attacks/cases/{}.toml", exercise.case));
        assert!(case.is_file(), "{}: no case {}", exercise.id, exercise.case);
    }
}
