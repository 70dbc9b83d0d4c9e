//! What persons do: refunds, decisions, and the trail of both.

use super::{Store, at, bound, new_order, paid, with_buyer};
use jiff::Timestamp;
use ledger::{
    Actor, DeskError, Member, NewRefund, Origin, RefundMove, Refused, SessionRow, desk::ADMIN_NOTE,
};
use orders::fact::Ending;
use orders::{
    CannotRefund, How, MemberId, Move, OrderNo, Refund, RefundNo, RefundState, Report, Source,
    Status, Twd, bind,
};
use std::sync::Arc;

/// An owner of the shop with a session of its own, signed in at second 100.
pub(super) async fn owner(store: &Store, name: &str) -> Actor {
    let member = MemberId {
        issuer: "https://accounts.google.com".into(),
        sub: name.into(),
    };
    let email = format!("{name}@example.com");
    let known = Member {
        id: member.clone(),
        email: Some(email.clone()),
        email_verified: true,
        name: None,
        picture: None,
    };
    store.save_member(known, at(90)).await.unwrap();
    let session = SessionRow {
        id_hash: format!("session {name}"),
        member: member.clone(),
        signed_in: at(100),
        seen: at(100),
        expires: at(100_000),
    };
    store.start_session(session, None).await.unwrap();
    store
        .note(&format!("{ADMIN_NOTE}{email}"), member.to_string(), at(100))
        .await
        .unwrap();
    Actor {
        member,
        session: format!("session {name}"),
        signed_in_since: at(50),
        admins: vec!["a@example.com".into(), "b@example.com".into()],
    }
}

/// An order of NT$ 1,000 that was paid and confirmed.
async fn paid_order(store: &Store) -> OrderNo {
    with_buyer(store).await;
    let placed = store.place(new_order(1, "k", 2), at(1)).await.unwrap();
    for source in [Source::Notice, Source::Query] {
        let bound = bound(&placed.book, "G1", source, paid());
        store.record(bound, Origin::default(), at(2)).await.unwrap();
    }
    placed.book.order().no.clone()
}

fn wish(order: &OrderNo, seed: u8, amount: u32) -> NewRefund {
    NewRefund {
        no: RefundNo::mint([seed; 10]),
        order: order.clone(),
        trade_no: "G1".parse().unwrap(),
        amount: Twd::new(amount).unwrap(),
        how: How::Gateway,
        reason: "買家要求".into(),
        alone_up_to: u32::MAX,
        form_key: seed.to_string(),
    }
}

fn to(step: Move) -> RefundMove {
    RefundMove {
        step,
        word: String::new(),
        baseline: (step == Move::Send).then_some(0),
        total: None,
        due: None,
    }
}

async fn moves(store: &Store, refund: &Refund, steps: &[Move]) -> Refund {
    let mut refund = refund.clone();
    for step in steps {
        refund = store
            .move_refund(&refund, to(*step), at(300))
            .await
            .unwrap();
    }
    refund
}

pub(crate) async fn no_more_goes_back_than_came_in(store: Store) {
    let (no, actor) = (paid_order(&store).await, owner(&store, "a").await);
    let wishes = (1..=64_u8).map(|seed| {
        let (store, actor, new) = (Arc::clone(&store), actor.clone(), wish(&no, seed, 1000));
        tokio::spawn(async move { store.request_refund(new, actor, at(200)).await })
    });
    let mut reserved = Vec::new();
    for wish in wishes.collect::<Vec<_>>() {
        match wish.await.unwrap() {
            Ok(refund) => reserved.push(refund),
            Err(error) => assert!(
                matches!(error, DeskError::Cannot(CannotRefund::TooMuch { left: 0 })),
                "{error:?}"
            ),
        }
    }
    assert_eq!(reserved.len(), 1);
    // Refused, it gives its room back; what is in doubt does not.
    let refund = moves(&store, &reserved[0], &[Move::Send, Move::LoseTrack]).await;
    assert_eq!(refund.state, RefundState::InDoubt);
    let again = store
        .request_refund(wish(&no, 70, 1), actor.clone(), at(301))
        .await;
    assert!(matches!(again, Err(DeskError::Cannot(_))));
    let refund = moves(
        &store,
        &refund,
        &[Move::FindNothing, Move::Send, Move::Refuse],
    )
    .await;
    assert_eq!(refund.state, RefundState::Refused);
    for (seed, amount) in [(71, 300), (72, 300), (73, 300)] {
        let new = wish(&no, seed, amount);
        let refund = store
            .request_refund(new, actor.clone(), at(302))
            .await
            .unwrap();
        moves(&store, &refund, &[Move::Send, Move::Succeed]).await;
    }
    let book = store.book(&no).await.unwrap().unwrap();
    assert_eq!(book.status(), Status::PartiallyRefunded);
    let fourth = store
        .request_refund(wish(&no, 74, 300), actor.clone(), at(303))
        .await;
    assert!(
        matches!(fourth, Err(DeskError::Cannot(CannotRefund::TooMuch { left })) if left < 300),
        "{fourth:?}"
    );
}

pub(crate) async fn a_refund_that_is_done_is_a_fact_in_the_same_commit(store: Store) {
    let (no, actor) = (paid_order(&store).await, owner(&store, "a").await);
    let refund = store
        .request_refund(wish(&no, 1, 1000), actor.clone(), at(200))
        .await
        .unwrap();
    // The same form once more is the same refund; with another amount it is refused.
    let same = store
        .request_refund(wish(&no, 1, 1000), actor.clone(), at(200))
        .await
        .unwrap();
    assert_eq!(same, refund);
    let other = store
        .request_refund(wish(&no, 1, 999), actor, at(200))
        .await;
    assert!(matches!(other, Err(DeskError::Moved)));
    assert_eq!(
        store.due_refunds(at(200), 10).await.unwrap(),
        std::slice::from_ref(&refund)
    );
    let sent = moves(&store, &refund, &[Move::Send]).await;
    let stale = store.move_refund(&refund, to(Move::Send), at(300)).await;
    assert!(
        matches!(stale, Err(DeskError::Moved)),
        "a move is made once"
    );
    let done = moves(&store, &sent, &[Move::Succeed]).await;
    assert_eq!(done.state, RefundState::Done);
    let book = store.book(&no).await.unwrap().unwrap();
    assert_eq!((book.status(), book.refunded()), (Status::Refunded, 1000));
    let states: Vec<String> = store
        .trail(&no)
        .await
        .unwrap()
        .into_iter()
        .filter(|row| row.action == "refund")
        .map(|row| row.code)
        .collect();
    assert_eq!(states, ["reserved", "sent", "done"]);
    // Taken back by the gateway: a case for a person, and the amount may go back again.
    let reversed = moves(&store, &done, &[Move::Reverse]).await;
    assert_eq!(reversed.state, RefundState::Reversed);
    let cases = store.exceptions(10).await.unwrap();
    assert_eq!(cases[0].code, "L5.refund_reversed");
    let book = store.book(&no).await.unwrap().unwrap();
    let left = orders::refundable(&book, &refund.trade_no, &store.refunds(&no).await.unwrap());
    assert_eq!(left, 1000);
}

pub(crate) async fn only_one_refund_of_a_trade_is_out_at_a_time(store: Store) {
    let (no, actor) = (paid_order(&store).await, owner(&store, "a").await);
    let mut made = Vec::new();
    for seed in [1, 2] {
        let refund = store
            .request_refund(wish(&no, seed, 100), actor.clone(), at(200))
            .await;
        made.push(refund.unwrap());
    }
    made.sort_by(|one, other| one.no.cmp(&other.no));
    assert_eq!(
        store.due_refunds(at(200), 10).await.unwrap(),
        [made[0].clone()]
    );
    let first = moves(&store, &made[0], &[Move::Send]).await;
    assert!(store.due_refunds(at(200), 10).await.unwrap().is_empty());
    let second = store.move_refund(&made[1], to(Move::Send), at(300)).await;
    assert!(matches!(second, Err(DeskError::Moved)));
    moves(&store, &first, &[Move::Succeed]).await;
    assert_eq!(
        store.due_refunds(at(200), 10).await.unwrap(),
        [made[1].clone()]
    );
}

pub(crate) async fn two_persons_are_two(store: Store) {
    let no = paid_order(&store).await;
    let (one, other) = (owner(&store, "a").await, owner(&store, "b").await);
    let new = NewRefund {
        alone_up_to: 999,
        ..wish(&no, 1, 1000)
    };
    let refund = store
        .request_refund(new, one.clone(), at(200))
        .await
        .unwrap();
    assert_eq!(refund.state, RefundState::Requested);
    assert!(store.due_refunds(at(999), 10).await.unwrap().is_empty());
    let own = store.approve_refund(&refund.no, one.clone(), at(201)).await;
    assert!(matches!(own, Err(DeskError::SamePerson)));
    let approved = store
        .approve_refund(&refund.no, other.clone(), at(202))
        .await
        .unwrap();
    assert_eq!(
        (approved.state, approved.approver.as_ref()),
        (RefundState::Reserved, Some(&other.member))
    );
    let twice = store.approve_refund(&refund.no, other, at(203)).await;
    assert!(matches!(twice, Err(DeskError::Moved)));
    let taken_back = store
        .reject_refund(&refund.no, "弄錯了".into(), one, at(204))
        .await
        .unwrap();
    assert_eq!(taken_back.state, RefundState::Rejected);
}

pub(crate) async fn many_small_refunds_need_two_persons_like_one_large(store: Store) {
    let no = paid_order(&store).await;
    let one = owner(&store, "a").await;
    let mut asked = Vec::new();
    for seed in 1..=3 {
        let new = NewRefund {
            alone_up_to: 500,
            ..wish(&no, seed, 250)
        };
        let refund = store.request_refund(new, one.clone(), at(200)).await;
        asked.push(refund.unwrap());
    }
    let states: Vec<RefundState> = asked.iter().map(|refund| refund.state).collect();
    use RefundState as S;
    assert_eq!(states, [S::Reserved, S::Reserved, S::Requested]);
    // What was taken back no longer counts.
    store
        .reject_refund(&asked[0].no, "弄錯了".into(), one.clone(), at(201))
        .await
        .unwrap();
    let new = NewRefund {
        alone_up_to: 500,
        ..wish(&no, 4, 250)
    };
    let refund = store.request_refund(new, one, at(202)).await.unwrap();
    assert_eq!((refund.state, refund.two_persons), (S::Reserved, false));
}

pub(crate) async fn rights_are_read_in_the_same_commit(store: Store) {
    let (no, good) = (paid_order(&store).await, owner(&store, "a").await);
    let stranger = owner(&store, "c").await;
    let stale = Actor {
        signed_in_since: at(101),
        ..good.clone()
    };
    let other_session = Actor {
        session: "session c".into(),
        ..good.clone()
    };
    let demoted = Actor {
        admins: vec!["b@example.com".into()],
        ..good.clone()
    };
    for (actor, code) in [
        (stranger, "L3.role"),
        (stale, "L2.stale_sign_in"),
        (other_session, "L3.role"),
        (demoted, "L3.role"),
    ] {
        let refused = store
            .request_refund(wish(&no, 1, 100), actor, at(200))
            .await
            .unwrap_err();
        assert_eq!(refused.code(), Some(code), "{refused:?}");
    }
    store.end_session(&good.session).await.unwrap();
    let gone = store
        .request_refund(wish(&no, 1, 100), good, at(200))
        .await
        .unwrap_err();
    assert_eq!(gone.code(), Some("L3.role"));
    assert!(store.refunds(&no).await.unwrap().is_empty());
}

/// A notice that names another amount than the order's.
pub(super) fn a_dollar_short(order: &OrderNo, trade: &str) -> Report {
    Report {
        source: Source::Notice,
        merchant: "SHOP1".into(),
        attempt_no: order.to_string(),
        moved_to: None,
        trade_no: trade.parse().unwrap(),
        amount: Twd::new(999).unwrap(),
        currency: None,
        method: None,
        outcome: paid(),
    }
}

pub(crate) async fn a_case_is_decided_once_and_with_a_reason(store: Store) {
    with_buyer(&store).await;
    let actor = owner(&store, "a").await;
    let placed = store.place(new_order(1, "k", 2), at(1)).await.unwrap();
    let no = placed.book.order().no.clone();
    let wrong = a_dollar_short(&no, "G1");
    let orders::Binding::Review(parked) = bind(&wrong, "SHOP1", Some(&placed.book)) else {
        panic!("not parked");
    };
    store
        .record(parked, Origin::default(), at(2))
        .await
        .unwrap();
    let case = store.exceptions(10).await.unwrap().remove(0);
    assert_eq!(case.decision, None);
    let decided = store
        .decide_case(
            case.n,
            "金額打錯，已與買家確認".into(),
            actor.clone(),
            at(200),
        )
        .await
        .unwrap();
    let decision = decided.decision.unwrap();
    assert_eq!((&decision.by, decision.at), (&actor.member, at(200)));
    let book = store.book(&no).await.unwrap().unwrap();
    assert_eq!(book.status(), Status::Pending);
    let again = store
        .decide_case(case.n, "再一次".into(), actor.clone(), at(201))
        .await;
    assert!(matches!(again, Err(DeskError::Moved)));
    // A case of no order of ours.
    let orders::Binding::Unmatched(parked) = bind(&wrong, "SHOP1", None) else {
        panic!("not unmatched");
    };
    assert!(store.park(parked.clone(), at(3)).await.unwrap());
    assert!(!store.park(parked, at(4)).await.unwrap());
    let cases = store.exceptions(10).await.unwrap();
    assert_eq!((cases.len(), cases[0].order.as_ref()), (2, None));
    store
        .decide_case(cases[0].n, "不是我們的單".into(), actor, at(202))
        .await
        .unwrap();
}

pub(crate) async fn late_money_passes_by_the_rule_where_stock_is_left(store: Store) {
    with_buyer(&store).await;
    let placed = store.place(new_order(8, "k8", 2), at(1)).await.unwrap();
    let no = placed.book.order().no.clone();
    store.end(&no, Ending::Expired, at(2)).await.unwrap();
    let told = bound(&placed.book, "G1", Source::Notice, paid());
    store.record(told, Origin::default(), at(3)).await.unwrap();
    let accepts = async |stock| store.accept_late(&no, stock, at(5)).await.unwrap();
    assert!(!accepts(vec![None]).await, "nobody has confirmed it");
    let asked = bound(&placed.book, "G1", Source::Query, paid());
    store.record(asked, Origin::default(), at(4)).await.unwrap();
    assert!(
        !accepts(vec![Some(1)]).await,
        "two are ordered, one is there"
    );
    assert!(
        !accepts(Vec::new()).await,
        "of nothing known how much there is"
    );
    let book = store.book(&no).await.unwrap().unwrap();
    assert_eq!(book.status(), Status::Review);
    assert!(accepts(vec![Some(2)]).await);
    let book = store.book(&no).await.unwrap().unwrap();
    assert_eq!(book.status(), Status::Paid);
    assert!(book.confirmed().is_some());
    assert!(!accepts(vec![Some(2)]).await, "once");
    let case = store.exceptions(10).await.unwrap().remove(0);
    assert_eq!(case.decision.unwrap().by.issuer, "shop");
}

pub(crate) async fn an_unpaid_order_is_cancelled_by_a_person_with_a_reason(store: Store) {
    let actor = owner(&store, "a").await;
    with_buyer(&store).await;
    let placed = store.place(new_order(7, "k7", 2), at(1)).await.unwrap();
    let no = placed.book.order().no.clone();
    let mut stranger = actor.clone();
    stranger.session = "session x".into();
    let cancels = async |actor: &Actor, no: &OrderNo, second| {
        let reason = "買家來電取消".to_owned();
        store
            .cancel_order(no, reason, actor.clone(), at(second))
            .await
    };
    let refused = cancels(&stranger, &no, 200).await;
    assert!(matches!(refused, Err(DeskError::Forbidden)), "{refused:?}");
    let recorded = cancels(&actor, &no, 201).await.unwrap();
    assert_eq!((recorded.news, recorded.after), (true, Status::Cancelled));
    let again = cancels(&actor, &no, 202).await;
    assert!(matches!(again, Err(DeskError::Moved)), "{again:?}");
    let rows = store.trail(&no).await.unwrap();
    let row = rows.iter().find(|row| row.code == "ended cancelled");
    let row = row.expect("a row of the trail");
    assert_eq!(
        (row.actor.as_str(), row.detail.as_str()),
        (
            actor.member.to_string().as_str(),
            "pending → cancelled · 買家來電取消"
        )
    );
    // What is paid is not cancelled, and what is not there neither.
    let paid = paid_order(&store).await;
    let refused = cancels(&actor, &paid, 203).await;
    assert!(matches!(refused, Err(DeskError::Moved)), "{refused:?}");
    let nobody = "261123ZZZZZZZZZZZZZZZZ".parse().unwrap();
    let refused = cancels(&actor, &nobody, 204).await;
    assert!(matches!(refused, Err(DeskError::NotFound)), "{refused:?}");
}

pub(crate) async fn a_refusal_is_in_the_trail_once(store: Store) {
    let no = paid_order(&store).await;
    let refused = |order: &OrderNo, digest: &str| Refused {
        order: order.clone(),
        code: "L3.direction",
        digest: digest.into(),
        door: "notice",
    };
    let stranger = OrderNo::mint(jiff::civil::date(2026, 11, 23), [9; 10]);
    let told = [
        (refused(&no, "d1"), true),
        (refused(&no, "d1"), false),
        (refused(&no, "d2"), true),
        (refused(&stranger, "d1"), false),
    ];
    for (refusal, news) in told {
        assert_eq!(store.note_refusal(refusal, at(9)).await.unwrap(), news);
    }
    let rows = store.trail(&no).await.unwrap();
    let places: Vec<i64> = rows.iter().map(|row| row.n).collect();
    assert_eq!(places, [1, 2, 3, 4]);
    assert_eq!(rows.iter().filter(|row| row.action == "refused").count(), 2);
}

pub(crate) async fn attempts_are_listed_for_the_sweep(store: Store) {
    with_buyer(&store).await;
    let mut numbers = Vec::new();
    for seed in 1..=5 {
        let placed = store
            .place(new_order(seed, &seed.to_string(), 1), at(i64::from(seed)))
            .await
            .unwrap();
        numbers.push(placed.attempt.unwrap());
    }
    numbers.sort();
    let first = store.attempts_since(at(0), None, 3).await.unwrap();
    assert_eq!(first, numbers[..3]);
    let rest = store
        .attempts_since(at(0), first.last().cloned(), 3)
        .await
        .unwrap();
    assert_eq!(rest, numbers[3..]);
    let young = store
        .attempts_since(Timestamp::from_second(1_800_000_005).unwrap(), None, 9)
        .await
        .unwrap();
    assert_eq!(young.len(), 1);
}
