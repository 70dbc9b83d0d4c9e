//! What may leave the house, and what must not.

use super::*;

#[test]
fn goods_that_left_for_one_payment_are_recorded_though_another_became_known_meanwhile() {
    let mut book = book(2);
    let second = report(&book, 2, "G2", Source::Query, paid());
    learn(&mut book, &second);
    let leaving = book.confirmed().unwrap().payment().trade_no.clone();
    let first = report(&book, 1, "G1", Source::Query, paid());
    learn(&mut book, &first);
    assert_ne!(book.payment().unwrap().trade_no, leaving);
    let told = report(&book, 1, "G3", Source::Notice, paid());
    learn(&mut book, &told);
    let delivered = |trade_no: TradeNo| Fact::Delivered { trade_no };
    assert_eq!(
        decide(&mut book, delivered("G3".parse().unwrap())),
        Err(Unlawful::Delivers(Status::Paid)),
        "nobody confirmed it"
    );
    assert_eq!(
        decide(&mut book, delivered(leaving)).unwrap().after,
        Status::Fulfilled
    );
}

#[test]
fn who_got_a_part_of_the_price_back_still_gets_the_goods() {
    let mut book = book(1);
    let asked = report(&book, 1, "G1", Source::Query, paid());
    learn(&mut book, &asked);
    let refund = |total| Fact::Refunded {
        attempt: AttemptNo::of(&book.order().no, 1).unwrap(),
        trade_no: "G1".parse().unwrap(),
        total: Twd::new(total).unwrap(),
        how: crate::How::Gateway,
    };
    let (part, all) = (refund(100), refund(1000));
    decide(&mut book, part).unwrap();
    assert_eq!(book.status(), Status::PartiallyRefunded);
    assert!(book.confirmed().is_some());
    let mut given_back = book.clone();
    decide(&mut given_back, all).unwrap();
    assert!(given_back.confirmed().is_none());
    let delivered = Fact::Delivered {
        trade_no: "G1".parse().unwrap(),
    };
    let decision = decide(&mut book, delivered.clone()).unwrap();
    assert_eq!(decision.after, Status::PartiallyRefunded);
    assert!(book.confirmed().is_none(), "once");
    assert!(decide(&mut given_back, delivered).is_err());
}

/// Each payment beyond the first is a case of its own: what was decided of one says nothing of the next.
#[test]
fn a_third_payment_waits_for_a_person_though_the_second_was_decided() {
    let mut book = book(3);
    let refund = |book: &Book, trade: &str, attempt| Fact::Refunded {
        attempt: AttemptNo::of(&book.order().no, attempt).unwrap(),
        trade_no: trade.parse().unwrap(),
        total: Twd::new(1000).unwrap(),
        how: crate::How::Gateway,
    };
    for (attempt, trade) in [(1, "G1"), (2, "G2")] {
        let asked = report(&book, attempt, trade, Source::Query, paid());
        learn(&mut book, &asked);
    }
    for (attempt, trade) in [(1, "G1"), (2, "G2")] {
        let back = refund(&book, trade, attempt);
        decide(&mut book, back).unwrap();
    }
    let case = book.parked()[0].key();
    let by = book.order().member.clone();
    let reason = "都退了".into();
    decide(&mut book, Fact::Decided { case, by, reason }).unwrap();
    assert_eq!(book.status(), Status::Refunded);
    let third = report(&book, 3, "G3", Source::Query, paid());
    let decision = learn(&mut book, &third);
    assert_eq!(decision.after, Status::Review);
    assert_eq!(decision.parked.len(), 1);
    assert!(!decision.effects.contains(&Effect::Deliver));
}
