//! Shows that every attempt is asked about until its end is known, and no order ends while money may still come.

use super::*;
use crate::{
    Attempt, Binding, Fact, Instructions, Line, MemberId, Method, Order, OrderNo, Outcome, Report,
    Source, Twd, bind, contradict,
    fact::{Ending, ParkedKind},
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn waits() -> Waits {
    Waits {
        between_s: vec![20, 60, 180, 600, 1800, 3600],
        transfer_s: 7200,
        grace_s: 600,
    }
}

fn book() -> (Book, AttemptNo) {
    let no = OrderNo::mint(jiff::civil::date(2026, 11, 23), [7; 10]);
    let attempt = AttemptNo::of(&no, 1).unwrap();
    let price = Twd::new(1000).unwrap();
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
    let order = Order {
        no,
        member,
        lines: vec![line],
        amount: price,
        placed_at: at(0),
        expires_at: at(1800),
    };
    (
        Book::new(
            order,
            vec![Attempt {
                no: attempt.clone(),
                made_at: at(0),
            }],
        ),
        attempt,
    )
}

fn learn(book: &mut Book, source: Source, outcome: Outcome) {
    let report = Report {
        source,
        merchant: "SHOP1".into(),
        attempt_no: book.attempts()[0].no.to_string(),
        moved_to: None,
        trade_no: "G1".parse().unwrap(),
        amount: book.order().amount,
        currency: None,
        method: Some(Method::Card),
        outcome,
    };
    let Binding::Bound(bound) = bind(&report, "SHOP1", Some(book)) else {
        panic!("not bound: {report:?}");
    };
    book.learn(bound.into_fact());
}

fn paid() -> Outcome {
    Outcome::Paid {
        at: None,
        last_four: String::new(),
    }
}

/// Asks as the reconciler does, told "unpaid" each time; returns the times of the questions and whether the order ended.
fn ask_in_vain(book: &mut Book, attempt: &AttemptNo, jitter: u8) -> (Vec<i64>, bool) {
    let (mut now, mut asks, mut times) = (at(0) + spread(20, jitter), 0, Vec::new());
    loop {
        times.push(now.duration_since(at(0)).as_secs());
        assert!(times.len() < 1000, "asked for ever: {times:?}");
        if has_run_out(book, &waits(), now) {
            book.learn(Fact::Ended(Ending::Expired));
            return (times, true);
        }
        asks += 1;
        let Some(next) = next_ask(book, attempt, asks, &waits(), now, jitter) else {
            return (times, false);
        };
        assert!(next > now);
        now = next;
    }
}

#[test]
fn an_abandoned_order_is_asked_about_until_it_ends() {
    for jitter in [0, 1, 100, 255] {
        let (mut book, attempt) = book();
        let (times, ended) = ask_in_vain(&mut book, &attempt, jitter);
        assert!(ended, "jitter {jitter}: given up at {times:?}");
        assert!(
            *times.last().unwrap() >= 1800 + 600,
            "not before the deadline and the grace"
        );
        // A card paid while the page was open is known within a quarter of an hour, with every notice lost.
        for paid_at in 0..600 {
            let known = times.iter().find(|asked| **asked >= paid_at).unwrap();
            assert!(
                known - paid_at <= 15 * 60,
                "paid at {paid_at}, asked at {known}"
            );
        }
    }
}

#[test]
fn a_payment_number_is_asked_about_until_after_its_deadline() {
    let (mut book, attempt) = book();
    let deadline = at(3 * 86_400);
    learn(
        &mut book,
        Source::Notice,
        Outcome::Issued(Instructions {
            pay_no: "1".into(),
            at: "822".into(),
            deadline: Some(deadline),
        }),
    );
    let (times, ended) = ask_in_vain(&mut book, &attempt, 255);
    assert!(ended);
    assert!(*times.last().unwrap() >= 3 * 86_400 + 600);
    assert!(
        times.windows(2).all(|pair| pair[1] - pair[0] <= 6 * 3600),
        "known within six hours: {times:?}"
    );
}

#[test]
fn a_payment_we_were_told_of_is_confirmed_soon_or_denied_to_a_person() {
    let (mut book, attempt) = book();
    learn(&mut book, Source::Notice, paid());
    let mut waited = 0;
    for asks in 1..DENIALS_MAX {
        let next = next_ask(&book, &attempt, asks, &waits(), at(0), 255).unwrap();
        waited += next.duration_since(at(0)).as_secs();
        assert!(next <= at(5 * 60));
    }
    assert!(
        waited >= 5 * 60,
        "the gateway has some minutes to agree with itself"
    );
    let parked = contradict(&book, &attempt, "unpaid").unwrap().into_fact();
    assert!(
        matches!(&parked, Fact::Parked { parked, .. } if parked.kind == ParkedKind::Contradiction)
    );
    book.learn(parked);
    assert_eq!(book.status(), Status::Review);

    let (mut confirmed, attempt) = self::book();
    learn(&mut confirmed, Source::Notice, paid());
    learn(&mut confirmed, Source::Query, paid());
    assert_eq!(next_ask(&confirmed, &attempt, 1, &waits(), at(0), 0), None);
    assert_eq!(contradict(&confirmed, &attempt, "unpaid"), None);
}

#[test]
fn an_order_whose_last_try_failed_ends_when_its_time_is_over() {
    for outcome in [
        Outcome::Failed {
            code: "CREDIT04001".into(),
            message: String::new(),
        },
        Outcome::Voided,
    ] {
        let (mut book, attempt) = book();
        learn(&mut book, Source::Query, outcome);
        assert_eq!(book.status(), Status::Pending);
        let (times, ended) = ask_in_vain(&mut book, &attempt, 100);
        assert!(ended, "given up at {times:?}");
        assert!(times.len() <= 3, "asked in vain: {times:?}");
    }
}

#[test]
fn a_page_that_may_be_open_is_asked_about_after_its_order_was_cancelled() {
    let (mut book, attempt) = book();
    book.learn(Fact::Ended(Ending::Cancelled));
    assert_eq!(book.status(), Status::Cancelled);
    let (times, _) = ask_in_vain(&mut book, &attempt, 255);
    assert!(*times.last().unwrap() >= 1800 + 600, "{times:?}");
    assert!(
        times.windows(2).all(|pair| pair[1] - pair[0] <= 15 * 60),
        "{times:?}"
    );
}

#[test]
fn a_number_that_may_be_paid_is_asked_about_after_its_order_was_cancelled() {
    let (mut book, attempt) = book();
    let issued = Outcome::Issued(Instructions {
        pay_no: "1".into(),
        at: "822".into(),
        deadline: Some(at(86_400)),
    });
    learn(&mut book, Source::Notice, issued);
    book.learn(Fact::Ended(Ending::Cancelled));
    let (times, _) = ask_in_vain(&mut book, &attempt, 0);
    assert!(*times.last().unwrap() >= 86_400 + 600, "{times:?}");
}

#[test]
fn a_contradiction_that_a_person_has_is_not_asked_about_every_few_minutes() {
    let (mut book, attempt) = book();
    learn(&mut book, Source::Notice, paid());
    book.learn(contradict(&book, &attempt, "unpaid").unwrap().into_fact());
    let next = next_ask(&book, &attempt, 9, &waits(), at(0), 0).unwrap();
    assert!(next >= at(3600));
}

#[test]
fn silence_for_a_day_does_not_end_the_questions() {
    let (book, attempt) = book();
    let late = at(86_400);
    let next = next_ask(&book, &attempt, 40, &waits(), late, 255).unwrap();
    assert!(next <= late + seconds(15 * 60));
}

#[test]
fn a_question_without_an_answer_is_asked_again_soon_whatever_the_order_waits_for() {
    // The next question would be due when the offer's time is over: far too late to learn that a told failure is not true.
    let (mut book, attempt) = book();
    let failed = Outcome::Failed {
        code: "CREDIT04001".into(),
        message: String::new(),
    };
    learn(&mut book, Source::Notice, failed);
    let planned = next_ask(&book, &attempt, 1, &waits(), at(60), 255).unwrap();
    assert!(planned >= at(1800));
    assert!(ask_again(&book, &attempt, 1, &waits(), at(60), 255) <= at(60 + 15 * 60));

    book.learn(Fact::Ended(Ending::Expired));
    assert_eq!(next_ask(&book, &attempt, 1, &waits(), at(60), 255), None);
    assert!(ask_again(&book, &attempt, 40, &waits(), at(60), 255) <= at(60 + 15 * 60));
}
