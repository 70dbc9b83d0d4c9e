//! Facts are confluent (I11): whatever the order in which they come, and however often, they fold to one state, and what
//! has become deliverable was put out for delivery. Exhaustive: every permutation of every history of the table, each fact
//! twice.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use jiff::Timestamp;
use orders::{
    Attempt, AttemptNo, Book, Effect, Fact, How, Instructions, Line, MemberId, Method, Order,
    OrderNo, Outcome, Parked, Source, Twd, decide,
    fact::{Ending, ParkedKind},
};
use std::collections::BTreeSet;

fn book() -> Book {
    let no = OrderNo::mint(jiff::civil::date(2026, 11, 23), [7; 10]);
    let at = |second: i64| Timestamp::from_second(1_800_000_000 + second).unwrap();
    let price = Twd::new(1000).unwrap();
    let attempts = [1, 2].map(|ordinal| Attempt {
        no: AttemptNo::of(&no, ordinal).unwrap(),
        made_at: at(0),
    });
    let line = Line {
        product: "tea".parse().unwrap(),
        name: "茶".into(),
        unit_price: price,
        quantity: 1,
    };
    let order = Order {
        no,
        member: person(),
        lines: vec![line],
        amount: price,
        placed_at: at(0),
        expires_at: at(1800),
    };
    Book::new(order, attempts.to_vec())
}

fn person() -> MemberId {
    MemberId {
        issuer: "https://accounts.google.com".into(),
        sub: "1".into(),
    }
}

fn attempt(ordinal: u8) -> AttemptNo {
    AttemptNo::of(&book().order().no, ordinal).unwrap()
}

fn reported(ordinal: u8, trade: &str, source: Source, outcome: Outcome) -> Fact {
    Fact::Reported {
        attempt: attempt(ordinal),
        source,
        trade_no: trade.parse().unwrap(),
        amount: Twd::new(1000).unwrap(),
        method: Some(Method::Card),
        outcome,
    }
}

fn outcome(name: &str) -> Outcome {
    match name {
        "paid" => Outcome::Paid {
            at: None,
            last_four: String::new(),
        },
        "issued" => Outcome::Issued(Instructions {
            pay_no: "1".into(),
            at: "822".into(),
            deadline: None,
        }),
        "failed" => Outcome::Failed {
            code: "CREDIT04001".into(),
            message: String::new(),
        },
        "voided" => Outcome::Voided,
        "lapsed" => Outcome::Lapsed,
        "unsettled" => Outcome::Unsettled,
        other => panic!("no outcome {other}"),
    }
}

fn parked(kind: ParkedKind, trade: &str) -> Parked {
    Parked {
        kind,
        source: Source::Notice,
        subject: attempt(1).to_string(),
        trade_no: Some(trade.parse().unwrap()),
        amount: Twd::new(999).ok(),
        detail: String::new(),
    }
}

/// A fact by its short name: `told 1 A paid`, `asked 2 B issued`, `returned 1`, `refunded 1 A 300`, `parked A amount`,
/// `decided A amount`, `decided late`, `decided surplus`, `expired`, `cancelled`, `delivered A`.
fn fact(text: &str) -> Fact {
    let words: Vec<&str> = text.split(' ').collect();
    let kind = |name: &str| match name {
        "amount" => ParkedKind::WrongAmount,
        "contradiction" => ParkedKind::Contradiction,
        "reversed" => ParkedKind::RefundReversed,
        other => panic!("no kind {other}"),
    };
    match words.as_slice() {
        [how @ ("told" | "asked"), ordinal, trade, name] => {
            let source = if *how == "told" {
                Source::Notice
            } else {
                Source::Query
            };
            reported(ordinal.parse().unwrap(), trade, source, outcome(name))
        }
        ["returned", ordinal] => Fact::Returned {
            attempt: attempt(ordinal.parse().unwrap()),
        },
        ["refunded", ordinal, trade, total] => Fact::Refunded {
            attempt: attempt(ordinal.parse().unwrap()),
            trade_no: trade.parse().unwrap(),
            total: Twd::new(total.parse().unwrap()).unwrap(),
            how: How::Gateway,
        },
        ["parked", trade, name] => Fact::Parked {
            attempt: attempt(1),
            parked: parked(kind(name), trade),
        },
        ["decided", trade, name] => decided(parked(kind(name), trade).key()),
        ["decided", whole] => decided(format!("parked/L4.{whole}/{}/-/0", book().order().no)),
        ["expired"] => Fact::Ended(Ending::Expired),
        ["cancelled"] => Fact::Ended(Ending::Cancelled),
        ["delivered", trade] => Fact::Delivered {
            trade_no: trade.parse().unwrap(),
        },
        _ => panic!("no fact {text}"),
    }
}

fn decided(case: String) -> Fact {
    Fact::Decided {
        case,
        by: person(),
        reason: "查過了".into(),
    }
}

/// Base histories, each of six facts at most, and where they end.
const HISTORIES: &[(&str, &[&str])] = &[
    (
        "fulfilled",
        &[
            "told 1 A paid",
            "asked 1 A paid",
            "returned 1",
            "delivered A",
        ],
    ),
    (
        "paid",
        &[
            "told 1 A issued",
            "told 1 A failed",
            "told 1 A paid",
            "asked 1 A paid",
            "told 2 B failed",
            "told 2 B unsettled",
        ],
    ),
    (
        "paid",
        &[
            "told 1 A failed",
            "asked 1 A failed",
            "told 2 B paid",
            "asked 2 B paid",
            "returned 1",
            "returned 2",
        ],
    ),
    (
        "pending",
        &[
            "told 1 A failed",
            "asked 1 A failed",
            "returned 1",
            "told 2 B unsettled",
            "returned 2",
        ],
    ),
    (
        "awaiting_transfer",
        &[
            "told 1 A issued",
            "asked 1 A issued",
            "returned 1",
            "told 2 B failed",
        ],
    ),
    (
        "expired",
        &[
            "told 2 B issued",
            "told 2 B lapsed",
            "asked 2 B lapsed",
            "returned 2",
            "told 1 A failed",
        ],
    ),
    (
        "review",
        &[
            "told 1 A issued",
            "told 1 A lapsed",
            "told 2 B issued",
            "told 2 B lapsed",
            "told 2 B paid",
            "asked 2 B paid",
        ],
    ),
    ("review", &["told 1 A paid", "asked 1 A paid", "expired"]),
    (
        "paid",
        &["told 1 A paid", "asked 1 A paid", "expired", "decided late"],
    ),
    (
        "review",
        &["told 1 A paid", "asked 1 A paid", "cancelled", "returned 1"],
    ),
    (
        "paid",
        &[
            "told 1 A paid",
            "asked 1 A paid",
            "cancelled",
            "decided late",
            "returned 1",
        ],
    ),
    ("expired", &["expired", "returned 1", "told 1 A failed"]),
    (
        "cancelled",
        &["cancelled", "returned 1", "told 1 A unsettled"],
    ),
    (
        "paid",
        &[
            "told 1 A paid",
            "asked 1 A paid",
            "told 2 B paid",
            "asked 2 B paid",
            "told 2 B voided",
        ],
    ),
    (
        "fulfilled",
        &[
            "told 1 A paid",
            "asked 1 A paid",
            "delivered A",
            "told 2 B paid",
            "asked 2 B paid",
        ],
    ),
    (
        "fulfilled",
        &[
            "told 1 A paid",
            "asked 1 A paid",
            "delivered A",
            "told 2 B paid",
            "asked 2 B paid",
            "refunded 2 B 1000",
        ],
    ),
    (
        "review",
        &["told 1 A paid", "asked 1 A paid", "parked A amount"],
    ),
    (
        "paid",
        &[
            "told 1 A paid",
            "asked 1 A paid",
            "parked A amount",
            "decided A amount",
        ],
    ),
    (
        "review",
        &[
            "told 1 A paid",
            "parked A contradiction",
            "asked 1 A failed",
            "told 1 A failed",
        ],
    ),
    (
        "paid",
        &[
            "told 1 A paid",
            "parked A contradiction",
            "decided A contradiction",
            "asked 1 A paid",
        ],
    ),
    (
        "partially_refunded",
        &[
            "told 1 A paid",
            "asked 1 A paid",
            "delivered A",
            "refunded 1 A 300",
        ],
    ),
    (
        "partially_refunded",
        &[
            "asked 1 A paid",
            "delivered A",
            "refunded 1 A 300",
            "refunded 1 A 700",
            "returned 1",
        ],
    ),
    (
        "refunded",
        &[
            "told 1 A paid",
            "asked 1 A paid",
            "delivered A",
            "refunded 1 A 300",
            "refunded 1 A 1000",
        ],
    ),
    (
        "refunded",
        &[
            "told 1 A paid",
            "asked 1 A paid",
            "refunded 1 A 1000",
            "parked A reversed",
        ],
    ),
    (
        "review",
        &[
            "asked 1 A paid",
            "refunded 1 A 1000",
            "told 2 B paid",
            "asked 2 B paid",
        ],
    ),
    (
        "paid",
        &[
            "asked 1 A paid",
            "refunded 1 A 1000",
            "told 2 B paid",
            "asked 2 B paid",
            "decided surplus",
        ],
    ),
    (
        "review",
        &[
            "asked 1 A paid",
            "asked 2 B paid",
            "cancelled",
            "parked A amount",
            "decided late",
        ],
    ),
];

fn permute(order: &mut Vec<usize>, from: usize, visit: &mut impl FnMut(&[usize])) {
    if from == order.len() {
        return visit(order);
    }
    for index in from..order.len() {
        order.swap(from, index);
        permute(order, from + 1, visit);
        order.swap(from, index);
    }
}

fn end_of(book: &Book) -> String {
    let attempts: Vec<_> = book
        .attempts()
        .iter()
        .map(|attempt| book.attempt_state(&attempt.no))
        .collect();
    format!(
        "{} {:?} {:?} {} {attempts:?} {:?}",
        book.status(),
        book.payments(),
        book.parked(),
        book.refunded(),
        book.confirmed(),
    )
}

#[test]
fn every_order_of_the_same_facts_ends_the_same() {
    assert!(HISTORIES.len() >= 20);
    let (mut folds, mut lawful) = (0_u64, 0_u64);
    for (end, history) in HISTORIES {
        let facts: Vec<Fact> = history.iter().map(|text| fact(text)).collect();
        assert!((3..=6).contains(&facts.len()), "{history:?}");
        let mut ends = BTreeSet::new();
        let mut lawful_here = 0;
        permute(&mut (0..facts.len()).collect(), 0, &mut |order| {
            // The fold alone: each fact twice, the second time in the opposite order.
            let mut folded = book();
            for index in order.iter().chain(order.iter().rev()) {
                folded.learn(facts[*index].clone());
            }
            ends.insert(end_of(&folded));
            folds += 1;
            // The decision, wherever facts of our own making may come in this order.
            if let Some((decided, effects)) = decide_all(order, &facts) {
                assert_eq!(end_of(&decided), end_of(&folded), "{history:?} {order:?}");
                let put_out = effects.contains(&Effect::Deliver);
                assert!(
                    put_out || decided.confirmed().is_none(),
                    "{history:?} {order:?}: deliverable and never put out"
                );
                lawful_here += 1;
            }
        });
        assert_eq!(ends.len(), 1, "{history:?}: {ends:?}");
        let only = ends.first().unwrap();
        assert!(only.starts_with(&format!("{end} ")), "{history:?}: {only}");
        assert!(lawful_here > 0, "{history:?} cannot happen in any order");
        lawful += lawful_here;
    }
    assert!(folds >= 2_000 && lawful >= 500, "{folds} {lawful}");
}

/// Decides about each fact at once and again; `None` where one of our own making is not lawful in this order.
fn decide_all(order: &[usize], facts: &[Fact]) -> Option<(Book, BTreeSet<Effect>)> {
    let mut book = book();
    let mut effects = BTreeSet::new();
    for index in order {
        let before = book.status();
        let decision = decide(&mut book, facts[*index].clone()).ok()?;
        assert!(
            before.may_become(decision.after),
            "{before} > {}",
            decision.after
        );
        assert!(decision.news && decision.effects.contains(&Effect::Sheet));
        effects.extend(decision.effects);
        let again = decide(&mut book, facts[*index].clone()).ok()?;
        assert!(!again.news && again.effects.is_empty() && again.parked.is_empty());
    }
    Some((book, effects))
}
