//! What a rule may let pass of late money.

use super::*;
use crate::book::Late;

#[test]
fn a_rule_may_let_late_money_pass_only_where_nothing_else_is_against_it() {
    let late = |ending, source| {
        let mut book = book(2);
        decide(&mut book, Fact::Ended(ending)).unwrap();
        let report = report(&book, 1, "G1", source, paid());
        learn(&mut book, &report);
        book
    };
    assert_eq!(book(1).late(), None);
    assert_eq!(late(Ending::Cancelled, Source::Query).late(), None);
    let told = late(Ending::Expired, Source::Notice);
    assert_eq!(told.late(), Some(Late::Unconfirmed));
    let mut asked = late(Ending::Expired, Source::Query);
    let Some(Late::Confirmed(case)) = asked.late() else {
        panic!("{:?}", asked.late());
    };
    assert_eq!(case.kind, ParkedKind::Late);
    // Cancelled as well, paid twice, or disputed: a person.
    let mut both = asked.clone();
    both.learn(Fact::Ended(Ending::Cancelled));
    assert_eq!(both.late(), None);
    let mut twice = asked.clone();
    let second = report(&twice, 2, "G2", Source::Query, paid());
    learn(&mut twice, &second);
    assert_eq!(twice.late(), None);
    let mut disputed = asked.clone();
    let mut wrong = report(&disputed, 2, "G3", Source::Notice, paid());
    wrong.amount = Twd::new(999).unwrap();
    learn(&mut disputed, &wrong);
    assert_eq!(disputed.late(), None);
    // Set aside, it is delivered through line 5 like any other, and is no case any more.
    let decided = Fact::Decided {
        case: case.key(),
        by: asked.order().member.clone(),
        reason: "照常出貨".into(),
    };
    let decision = decide(&mut asked, decided).unwrap();
    assert_eq!(decision.after, Status::Paid);
    assert!(decision.effects.contains(&Effect::Deliver));
    assert_eq!(asked.late(), None);
}
