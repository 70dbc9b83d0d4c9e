//! Shows that a refund moves only along the table, and that no more can go back than came in.

use super::*;
use crate::{
    Fact, Method, Outcome, Source, decide,
    decide::tests::{at, book},
};

fn twd(dollars: u32) -> Twd {
    Twd::new(dollars).unwrap()
}

fn paid(trade: &str, attempt: u8) -> (Book, TradeNo) {
    let mut book = book(2);
    let trade: TradeNo = trade.parse().unwrap();
    let fact = Fact::Reported {
        attempt: AttemptNo::of(&book.order().no, attempt).unwrap(),
        source: Source::Query,
        trade_no: trade.clone(),
        amount: twd(1000),
        method: Some(Method::Card),
        outcome: Outcome::Paid {
            at: None,
            last_four: String::new(),
        },
    };
    decide(&mut book, fact).unwrap();
    (book, trade)
}

fn refund(book: &Book, trade: &TradeNo, amount: u32, state: RefundState) -> Refund {
    Refund {
        no: RefundNo::mint([1; 10]),
        order: book.order().no.clone(),
        attempt: book.attempts()[0].no.clone(),
        trade_no: trade.clone(),
        amount: twd(amount),
        how: How::Gateway,
        reason: "買家要求".into(),
        two_persons: false,
        requester: book.order().member.clone(),
        approver: None,
        state,
        version: 0,
        baseline: 0,
        asks: 0,
        word: String::new(),
        requested_at: at(1),
        sent_at: None,
        changed_at: at(1),
    }
}

fn told(book: &mut Book, trade: &TradeNo, total: u32) {
    let fact = Fact::Refunded {
        attempt: book.attempts()[0].no.clone(),
        trade_no: trade.clone(),
        total: twd(total),
        how: How::Gateway,
    };
    decide(book, fact).unwrap();
}

#[test]
fn no_more_goes_back_than_came_in_whoever_asked_for_it() {
    let (mut book, trade) = paid("G1", 1);
    assert_eq!(refundable(&book, &trade, &[]), 1000);
    for state in RefundState::ALL {
        // Written down here once more: until it is known that nothing went back, it counts as gone.
        let gone = matches!(
            state,
            RefundState::Reserved | RefundState::Sent | RefundState::InDoubt | RefundState::Done
        );
        let left = if gone { 700 } else { 1000 };
        let known = [refund(&book, &trade, 300, state)];
        assert_eq!(refundable(&book, &trade, &known), left, "{state:?}");
    }
    // The gateway's own console gave 400 back; 300 of ours are on their way.
    told(&mut book, &trade, 400);
    let sent = [refund(&book, &trade, 300, RefundState::Sent)];
    assert_eq!(refundable(&book, &trade, &sent), 300);
    assert_eq!(
        check(&book, &trade, twd(301), &sent),
        Err(CannotRefund::TooMuch { left: 300 })
    );
    assert!(check(&book, &trade, twd(300), &sent).is_ok());
    // What it took back again may go back again.
    let reversed = [refund(&book, &trade, 400, RefundState::Reversed)];
    assert_eq!(refundable(&book, &trade, &reversed), 1000);
    let other: TradeNo = "G2".parse().unwrap();
    assert_eq!(refundable(&book, &other, &[]), 0);
    assert_eq!(
        check(&book, &other, twd(1), &[]),
        Err(CannotRefund::NoPayment)
    );
}

#[test]
fn a_refund_moves_along_the_table_and_no_other_way() {
    use Move as M;
    use RefundState as S;
    let moves = [
        M::Approve,
        M::Reject,
        M::Send,
        M::Succeed,
        M::Refuse,
        M::LoseTrack,
        M::FindNothing,
        M::Reverse,
    ];
    let mut lawful = 0;
    for state in S::ALL {
        for step in moves {
            lawful += usize::from(state.after(step).is_some());
        }
    }
    assert_eq!(lawful, LAWFUL.len());
    // In doubt: never sent again, never dropped.
    assert_eq!(S::InDoubt.after(M::Send), None);
    assert_eq!(S::InDoubt.after(M::Refuse), None);
    assert_eq!(S::InDoubt.after(M::Reject), None);
    // What is over stays over.
    for over in [S::Rejected, S::Refused, S::Reversed] {
        assert!(moves.iter().all(|step| over.after(*step).is_none()));
    }
    for state in S::ALL {
        assert_eq!(state.as_str().parse(), Ok(state));
    }
}

#[test]
fn goods_leave_for_the_payment_that_stayed() {
    let (mut book, first) = paid("G1", 1);
    let second = Fact::Reported {
        attempt: AttemptNo::of(&book.order().no, 2).unwrap(),
        source: Source::Query,
        trade_no: "G2".parse().unwrap(),
        amount: twd(1000),
        method: Some(Method::Card),
        outcome: Outcome::Paid {
            at: None,
            last_four: String::new(),
        },
    };
    decide(&mut book, second).unwrap();
    told(&mut book, &first, 1000);
    assert_eq!(book.payment().unwrap().trade_no.as_str(), "G2");
}

#[test]
fn numbers_come_back_as_they_went() {
    let no = RefundNo::mint([0xa7; 10]);
    assert_eq!(no.to_string().parse(), Ok(no));
    for wrong in ["", "R", "R123", "0123456789ABCDEFG", "RILOU567890123456"] {
        assert!(wrong.parse::<RefundNo>().is_err(), "{wrong}");
    }
}
