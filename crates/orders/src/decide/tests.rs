//! Shows that the same facts lead to the same place, and that no wrong fact leads to goods.

use super::*;
use crate::{
    Attempt, AttemptNo, Binding, Line, MemberId, Method, Order, OrderNo, Outcome, Report, Source,
    TradeNo, Twd, bind,
    fact::{Ending, ParkedKind},
    report::Instructions,
};
use jiff::Timestamp;

mod late;
mod leaving;

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub(crate) fn book(attempts: u8) -> Book {
    let no = OrderNo::mint(jiff::civil::date(2026, 11, 23), [7; 10]);
    let price = Twd::new(1000).unwrap();
    let attempts = (1..=attempts)
        .map(|n| Attempt {
            no: AttemptNo::of(&no, n).unwrap(),
            made_at: at(i64::from(n)),
        })
        .collect();
    let line = Line {
        product: "tea".parse().unwrap(),
        name: "茶".into(),
        unit_price: price,
        quantity: 1,
    };
    let member = MemberId {
        issuer: "https://accounts.google.com".into(),
        sub: "1".into(),
    };
    Book::new(
        Order {
            no,
            member,
            lines: vec![line],
            amount: price,
            placed_at: at(0),
            expires_at: at(3600),
        },
        attempts,
    )
}

fn report(book: &Book, attempt: u8, trade: &str, source: Source, outcome: Outcome) -> Report {
    Report {
        source,
        merchant: "SHOP1".into(),
        attempt_no: AttemptNo::of(&book.order().no, attempt)
            .unwrap()
            .to_string(),
        moved_to: None,
        trade_no: trade.parse::<TradeNo>().unwrap(),
        amount: Twd::new(1000).unwrap(),
        currency: None,
        method: Some(Method::Card),
        outcome,
    }
}

fn paid() -> Outcome {
    Outcome::Paid {
        at: Some(at(60)),
        last_four: "0001".into(),
    }
}

fn failed() -> Outcome {
    Outcome::Failed {
        code: "UNAPPROVED".into(),
        message: "授權失敗".into(),
    }
}

fn issued() -> Outcome {
    Outcome::Issued(Instructions {
        pay_no: "9876".into(),
        at: "822".into(),
        deadline: Some(at(86_400)),
    })
}

fn fact(book: &Book, report: &Report) -> Fact {
    match bind(report, "SHOP1", Some(book)) {
        Binding::Bound(bound) | Binding::Review(bound) => bound.into_fact(),
        Binding::Unmatched(parked) => panic!("not bound: {parked:?}"),
    }
}

fn learn(book: &mut Book, report: &Report) -> Decision {
    let fact = fact(book, report);
    decide(book, fact).unwrap()
}

#[test]
fn a_notice_makes_it_paid_and_only_the_answer_to_a_question_delivers() {
    let mut book = book(1);
    let told = report(&book, 1, "G1", Source::Notice, paid());
    let decision = learn(&mut book, &told);
    assert_eq!(
        (decision.before, decision.after),
        (Status::Pending, Status::Paid)
    );
    assert_eq!(decision.effects, [Effect::Sheet, Effect::Ask]);
    assert!(book.confirmed().is_none());
    let delivered = Fact::Delivered {
        trade_no: "G1".parse().unwrap(),
    };
    assert_eq!(
        decide(&mut book, delivered.clone()),
        Err(Unlawful::Delivers(Status::Paid))
    );

    let asked = report(&book, 1, "G1", Source::Query, paid());
    assert_eq!(
        learn(&mut book, &asked).effects,
        [Effect::Sheet, Effect::Deliver]
    );
    assert_eq!(
        decide(&mut book, delivered).unwrap().after,
        Status::Fulfilled
    );
    assert!(!learn(&mut book, &told).news);
}

#[test]
fn what_does_not_fit_waits_for_a_person() {
    let book = book(1);
    let good = report(&book, 1, "G1", Source::Notice, paid());
    let cases = [
        (
            Report {
                amount: Twd::new(1).unwrap(),
                ..good.clone()
            },
            ParkedKind::WrongAmount,
        ),
        (
            Report {
                amount: Twd::new(1001).unwrap(),
                ..good.clone()
            },
            ParkedKind::WrongAmount,
        ),
        (
            Report {
                currency: Some("JPY".into()),
                ..good.clone()
            },
            ParkedKind::WrongCurrency,
        ),
        (
            Report {
                moved_to: Some("X".into()),
                ..good.clone()
            },
            ParkedKind::MisPosted,
        ),
        (
            Report {
                outcome: Outcome::Unknown("7".into()),
                ..good.clone()
            },
            ParkedKind::UnknownValue,
        ),
    ];
    for (wrong, kind) in cases {
        let mut book = book.clone();
        let decision = learn(&mut book, &wrong);
        assert_eq!(decision.after, Status::Review);
        assert_eq!(
            decision
                .parked
                .iter()
                .map(|parked| parked.kind)
                .collect::<Vec<_>>(),
            [kind]
        );
        // Even a good confirmation afterwards delivers nothing by itself.
        for source in [Source::Notice, Source::Query] {
            let decision = learn(
                &mut book,
                &Report {
                    source,
                    ..good.clone()
                },
            );
            assert!(!decision.effects.contains(&Effect::Deliver));
        }
        assert_eq!(book.status(), Status::Review);
    }
}

/// Where floats and prefixes of text stop telling amounts apart.
#[test]
fn an_amount_that_is_one_dollar_off_waits_for_a_person() {
    for dollars in [1, 10, 999, 16_777_216, 100_000_000, Twd::MAX - 1] {
        let mut placed = book(1).order().clone();
        placed.amount = Twd::new(dollars).unwrap();
        let book = Book::new(placed, book(1).attempts().to_vec());
        for told in [dollars + 1, (dollars - 1).max(2), dollars / 10 + 2] {
            let wrong = Report {
                amount: Twd::new(told).unwrap(),
                ..report(&book, 1, "G1", Source::Notice, paid())
            };
            let Binding::Review(bound) = bind(&wrong, "SHOP1", Some(&book)) else {
                panic!("{told} passed for {dollars}");
            };
            assert_eq!(bound.parked_code(), "L3.amount");
        }
    }
}

#[test]
fn what_is_about_no_order_of_ours_is_kept_apart() {
    let book = book(1);
    let good = report(&book, 1, "G1", Source::Notice, paid());
    for (wrong, kind) in [
        (
            Report {
                merchant: "OTHER".into(),
                ..good.clone()
            },
            ParkedKind::WrongMerchant,
        ),
        (
            Report {
                attempt_no: "NOPE".into(),
                ..good.clone()
            },
            ParkedKind::UnknownOrder,
        ),
        (
            report(&book, 2, "G1", Source::Notice, paid()),
            ParkedKind::UnknownOrder,
        ),
    ] {
        assert!(
            matches!(bind(&wrong, "SHOP1", Some(&book)), Binding::Unmatched(parked) if parked.kind == kind)
        );
    }
}

#[test]
fn a_failed_attempt_leaves_the_order_open_and_a_late_success_of_it_still_counts() {
    let mut book = book(2);
    let first = report(&book, 1, "G1", Source::Notice, failed());
    assert_eq!(learn(&mut book, &first).after, Status::Pending);
    assert!(book.may_pay_again(at(10)));
    let late = report(&book, 1, "G1", Source::Notice, paid());
    assert_eq!(learn(&mut book, &late).after, Status::Paid);
}

#[test]
fn a_second_payment_is_a_surplus_and_not_a_second_delivery() {
    let mut book = book(2);
    for (attempt, trade) in [(1, "G1"), (2, "G2")] {
        let asked = report(&book, attempt, trade, Source::Query, paid());
        learn(&mut book, &asked);
    }
    assert_eq!(book.surplus(), 1000);
    assert_eq!(book.parked().len(), 1);
    assert_eq!(book.parked()[0].kind, ParkedKind::Surplus);
    assert_eq!(book.status(), Status::Paid);
    let refund = |trade: &str| Fact::Refunded {
        attempt: AttemptNo::of(&book.order().no, 2).unwrap(),
        trade_no: trade.parse().unwrap(),
        total: Twd::new(1000).unwrap(),
        how: crate::How::Gateway,
    };
    let (surplus, rest) = (refund("G2"), refund("G1"));
    let mut undelivered = book.clone();
    decide(&mut undelivered, surplus.clone()).unwrap();
    assert_eq!(undelivered.status(), Status::Review, "a person must say");
    let delivered = Fact::Delivered {
        trade_no: book.payment().unwrap().trade_no,
    };
    decide(&mut book, delivered).unwrap();
    decide(&mut book, surplus).unwrap();
    assert_eq!(
        book.status(),
        Status::Fulfilled,
        "giving back the surplus leaves the goods paid for"
    );
    decide(&mut book, rest).unwrap();
    assert_eq!(book.status(), Status::Refunded);
}

#[test]
fn money_that_comes_after_a_full_refund_delivers_nothing() {
    let mut book = book(2);
    let first = report(&book, 1, "G1", Source::Query, paid());
    learn(&mut book, &first);
    let refund = Fact::Refunded {
        attempt: AttemptNo::of(&book.order().no, 1).unwrap(),
        trade_no: "G1".parse().unwrap(),
        total: Twd::new(1000).unwrap(),
        how: crate::How::Gateway,
    };
    assert_eq!(decide(&mut book, refund).unwrap().after, Status::Refunded);
    for source in [Source::Notice, Source::Query] {
        let second = report(&book, 2, "G2", source, paid());
        let decision = learn(&mut book, &second);
        assert_eq!(decision.after, Status::Review);
        assert!(decision.before.may_become(decision.after));
        assert!(!decision.effects.contains(&Effect::Deliver));
    }
}

#[test]
fn money_after_the_end_is_kept_for_a_person() {
    for ending in [Ending::Expired, Ending::Cancelled] {
        let mut book = book(1);
        decide(&mut book, Fact::Ended(ending)).unwrap();
        let asked = report(&book, 1, "G1", Source::Query, paid());
        let decision = learn(&mut book, &asked);
        assert_eq!(decision.after, Status::Review);
        assert_eq!(decision.parked[0].kind, ParkedKind::Late);
        assert!(!decision.effects.contains(&Effect::Deliver));
    }
    let mut book = book(1);
    let told = report(&book, 1, "G1", Source::Notice, paid());
    learn(&mut book, &told);
    assert_eq!(
        decide(&mut book, Fact::Ended(Ending::Expired)),
        Err(Unlawful::Ends(Status::Paid))
    );
}

/// Every permutation of six facts, each of them told twice, folds to one status with one set of effects to deliver.
#[test]
fn facts_are_confluent() {
    let base = book(2);
    let histories: [[Report; 6]; 3] = [
        [
            report(&base, 1, "G1", Source::Notice, issued()),
            report(&base, 1, "G1", Source::Notice, failed()),
            report(&base, 1, "G1", Source::Notice, paid()),
            report(&base, 1, "G1", Source::Query, paid()),
            report(&base, 2, "G2", Source::Notice, failed()),
            report(&base, 2, "G2", Source::Notice, Outcome::Unsettled),
        ],
        [
            report(&base, 1, "G1", Source::Notice, issued()),
            report(&base, 1, "G1", Source::Notice, Outcome::Lapsed),
            report(&base, 2, "G2", Source::Notice, issued()),
            report(&base, 2, "G2", Source::Notice, Outcome::Lapsed),
            report(&base, 2, "G2", Source::Notice, paid()),
            report(&base, 2, "G2", Source::Query, paid()),
        ],
        [
            report(&base, 1, "G1", Source::Notice, paid()),
            report(&base, 1, "G1", Source::Query, paid()),
            report(&base, 2, "G2", Source::Notice, paid()),
            report(&base, 2, "G2", Source::Query, paid()),
            Report {
                amount: Twd::new(1).unwrap(),
                ..report(&base, 2, "G3", Source::Notice, paid())
            },
            report(&base, 2, "G2", Source::Notice, Outcome::Voided),
        ],
    ];
    for history in histories {
        let facts: Vec<Fact> = history.iter().map(|report| fact(&base, report)).collect();
        let mut ends = std::collections::BTreeSet::new();
        permute(&mut (0..6).collect(), 0, &mut |order| {
            let mut book = base.clone();
            for index in order.iter().chain(order.iter().rev()) {
                let known = book.status();
                let decision = decide(&mut book, facts[*index].clone()).unwrap();
                assert!(
                    known.may_become(decision.after),
                    "{known} to {}",
                    decision.after
                );
            }
            ends.insert(format!(
                "{:?} {:?} {:?} {:?}",
                book.status(),
                book.payments(),
                book.parked(),
                book.refunded()
            ));
        });
        assert_eq!(ends.len(), 1, "{ends:?}");
    }
}

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

fn decided(case: String) -> Fact {
    Fact::Decided {
        case,
        by: MemberId {
            issuer: "https://accounts.google.com".into(),
            sub: "9".into(),
        },
        reason: "查過了".into(),
    }
}

#[test]
fn a_decision_sets_aside_what_waited_and_nothing_else() {
    let mut book = book(1);
    let mut wrong = report(&book, 1, "G1", Source::Notice, paid());
    wrong.amount = Twd::new(999).unwrap();
    learn(&mut book, &wrong);
    let asked = report(&book, 1, "G1", Source::Query, paid());
    assert_eq!(learn(&mut book, &asked).after, Status::Review);
    let case = book.parked()[0].key();
    let other = decided("parked/L3.amount/other".into());
    assert_eq!(decide(&mut book, other), Err(Unlawful::Decides));
    let decision = decide(&mut book, decided(case.clone())).unwrap();
    assert_eq!(decision.after, Status::Paid);
    assert!(decision.effects.contains(&Effect::Deliver));
    assert!(!decide(&mut book, decided(case)).unwrap().news);
    // Another contradiction waits for another decision.
    wrong.amount = Twd::new(1).unwrap();
    assert_eq!(learn(&mut book, &wrong).after, Status::Review);
}

#[test]
fn late_money_is_delivered_for_only_after_a_decision() {
    let mut book = book(1);
    decide(&mut book, Fact::Ended(Ending::Expired)).unwrap();
    let asked = report(&book, 1, "G1", Source::Query, paid());
    assert_eq!(learn(&mut book, &asked).after, Status::Review);
    let case = book.parked()[0].key();
    let decision = decide(&mut book, decided(case)).unwrap();
    assert_eq!(decision.after, Status::Paid);
    assert!(decision.effects.contains(&Effect::Deliver));
}

#[test]
fn a_decision_without_money_lets_the_offer_go_on_or_end() {
    let mut book = book(1);
    let mut wrong = report(&book, 1, "G1", Source::Notice, paid());
    wrong.amount = Twd::new(999).unwrap();
    learn(&mut book, &wrong);
    let case = book.parked()[0].key();
    let decision = decide(&mut book, decided(case)).unwrap();
    assert_eq!(decision.after, Status::Pending);
    assert!(!decision.effects.contains(&Effect::Deliver));
    assert!(decision.effects.contains(&Effect::Ask));
}
