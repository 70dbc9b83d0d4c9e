//! What every store promises about effects, people and questions.

use super::{Store, at, buyer, new_order, with_buyer};
use jiff::SignedDuration;
use ledger::{Lease, Outcome, SessionRow, SignInRow, Topic};
use orders::{AttemptNo, OrderNo, fact::Ending};

pub(crate) use super::delivery::a_decision_makes_a_resting_delivery_due;
pub(crate) use super::desk::{
    a_case_is_decided_once_and_with_a_reason, a_refund_that_is_done_is_a_fact_in_the_same_commit,
    a_refusal_is_in_the_trail_once, an_unpaid_order_is_cancelled_by_a_person_with_a_reason,
    attempts_are_listed_for_the_sweep, late_money_passes_by_the_rule_where_stock_is_left,
    many_small_refunds_need_two_persons_like_one_large, no_more_goes_back_than_came_in,
    only_one_refund_of_a_trade_is_out_at_a_time, rights_are_read_in_the_same_commit,
    two_persons_are_two,
};
pub(crate) use super::{
    a_fact_is_recorded_once, a_trade_pays_one_order, an_order_comes_out_as_it_went_in,
    delivery_needs_confirmation_and_happens_once, one_key_makes_one_order, stock_is_never_oversold,
    what_failed_leaves_nothing,
};

pub(super) fn lease(token: &str, until: i64) -> Lease {
    Lease {
        token: token.into(),
        until: at(until),
    }
}

pub(crate) async fn effects_wait_until_their_destination_has_them(store: Store) {
    with_buyer(&store).await;
    for n in 0..3 {
        store
            .place(new_order(n, &n.to_string(), 1), at(1))
            .await
            .unwrap();
    }
    let first = store
        .lease(Topic::SheetOrder, 2, &lease("a", 10), at(1))
        .await
        .unwrap();
    assert_eq!(first.len(), 2);
    assert_eq!(
        store
            .lease(Topic::SheetOrder, 9, &lease("b", 10), at(1))
            .await
            .unwrap()
            .len(),
        1
    );
    // The first worker slept through its claim; the second one takes over, and the first is refused.
    let taken = store
        .lease(Topic::SheetOrder, 9, &lease("c", 60), at(11))
        .await
        .unwrap();
    assert_eq!(taken.len(), 3);
    let ids: Vec<i64> = taken.iter().map(|row| row.id).collect();
    assert!(ids.is_sorted());
    assert_eq!(
        store
            .settle(&ids, &lease("a", 60), &Outcome::Done)
            .await
            .unwrap(),
        0
    );
    what_became_of_them_is_kept(&store, &ids).await;
}

/// Of three claimed rows one is to be tried again, one is dead and one is done.
async fn what_became_of_them_is_kept(store: &Store, ids: &[i64]) {
    let retry = Outcome::Retry {
        at: at(20),
        error: "429".into(),
    };
    assert_eq!(
        store
            .settle(&ids[..1], &lease("c", 60), &retry)
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        store
            .settle(
                &ids[1..2],
                &lease("c", 60),
                &Outcome::Dead { error: "x".into() }
            )
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        store
            .settle(&ids[2..], &lease("c", 60), &Outcome::Done)
            .await
            .unwrap(),
        1
    );
    assert_eq!(store.backlog(Topic::SheetOrder).await.unwrap(), (1, 1));
    assert!(
        store
            .lease(Topic::SheetOrder, 9, &lease("d", 60), at(19))
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(
        store
            .lease(Topic::SheetOrder, 9, &lease("d", 60), at(20))
            .await
            .unwrap()[0]
            .tries,
        1
    );
}

/// The aggregates that wait, in the order in which they would be carried out; they are claimed until `until`.
async fn claimed(store: &Store, topic: Topic, token: &str, now: i64, until: i64) -> Vec<String> {
    let rows = store
        .lease(topic, 99, &lease(token, until), at(now))
        .await
        .unwrap();
    rows.into_iter().map(|row| row.aggregate).collect()
}

pub(crate) async fn what_nobody_carries_out_waits_once(store: Store) {
    with_buyer(&store).await;
    let order = new_order(1, "k", 1);
    let no = order.order.no.to_string();
    store.place(order, at(1)).await.unwrap();
    for _ in 0..3 {
        store
            .write_again(Topic::SheetOrder, &no, at(2))
            .await
            .unwrap();
    }
    assert_eq!(store.backlog(Topic::SheetOrder).await.unwrap(), (1, 0));
    // Whoever claimed it may have read the order already: what comes now is news.
    assert_eq!(
        claimed(&store, Topic::SheetOrder, "a", 3, 10).await,
        std::slice::from_ref(&no)
    );
    store
        .write_again(Topic::SheetOrder, &no, at(4))
        .await
        .unwrap();
    store
        .write_again(Topic::SheetOrder, &no, at(5))
        .await
        .unwrap();
    assert_eq!(claimed(&store, Topic::SheetOrder, "b", 6, 10).await, [no]);
}

pub(crate) async fn a_tab_that_was_lost_is_refilled_in_order(store: Store) {
    with_buyer(&store).await;
    let mut placed = Vec::new();
    for n in 0..3 {
        let order = new_order(n, &n.to_string(), 1);
        placed.push(order.order.no.to_string());
        store.place(order, at(1 + i64::from(n))).await.unwrap();
    }
    let first = store
        .lease(Topic::SheetOrder, 2, &lease("a", 10), at(5))
        .await
        .unwrap();
    let ids: Vec<i64> = first.iter().map(|row| row.id).collect();
    assert_eq!(
        store.refill(Topic::SheetOrder, at(5)).await.unwrap(),
        0,
        "all of it waits already"
    );
    store
        .settle(&ids, &lease("a", 10), &Outcome::Done)
        .await
        .unwrap();
    // Two are written, one waits: the tab is lost, and all are to come, the oldest first, each once.
    assert_eq!(store.refill(Topic::SheetOrder, at(6)).await.unwrap(), 3);
    assert_eq!(store.refill(Topic::SheetOrder, at(6)).await.unwrap(), 0);
    assert_eq!(claimed(&store, Topic::SheetOrder, "b", 7, 20).await, placed);
    assert_eq!(
        store.refill(Topic::Deliver, at(8)).await.unwrap(),
        0,
        "nothing is delivered again"
    );
    assert_eq!(
        claimed(&store, Topic::SheetMember, "c", 8, 20).await.len(),
        1
    );
}

pub(crate) async fn sessions_end_and_sign_ins_are_used_once(store: Store) {
    with_buyer(&store).await;
    let session = |id: &str| SessionRow {
        id_hash: id.into(),
        member: buyer(),
        signed_in: at(1),
        seen: at(1),
        expires: at(100),
    };
    store.start_session(session("one"), None).await.unwrap();
    store
        .start_session(session("two"), Some("one".into()))
        .await
        .unwrap();
    assert!(
        store.session("one").await.unwrap().is_none(),
        "a sign-in ends the session it replaces"
    );
    assert_eq!(store.session("two").await.unwrap().unwrap().1.id, buyer());
    store.end_session("two").await.unwrap();
    assert!(store.session("two").await.unwrap().is_none());
    let row = SignInRow {
        id_hash: "f".into(),
        state: "s".into(),
        nonce: "n".into(),
        verifier: "v".into(),
        next: "/".into(),
        expires: at(9),
    };
    store.begin_sign_in(row).await.unwrap();
    assert!(store.take_sign_in("f").await.unwrap().is_some());
    assert!(store.take_sign_in("f").await.unwrap().is_none());
    store.start_session(session("old"), None).await.unwrap();
    store.sweep(at(101)).await.unwrap();
    assert!(store.session("old").await.unwrap().is_none());
}

pub(crate) async fn questions_are_scheduled(store: Store) {
    with_buyer(&store).await;
    let placed = store.place(new_order(1, "k", 1), at(1)).await.unwrap();
    let attempt: AttemptNo = placed.attempt.unwrap();
    assert!(store.due_asks(at(30), 10).await.unwrap().is_empty());
    assert_eq!(
        store.due_asks(at(31), 10).await.unwrap()[0].attempt,
        attempt
    );
    let ask = store.due_asks(at(31), 10).await.unwrap().remove(0);
    let next = Some(at(31) + SignedDuration::from_secs(60));
    store.schedule_ask(&ask, next, true).await.unwrap();
    assert!(store.due_asks(at(90), 10).await.unwrap().is_empty());
    assert_eq!(store.due_asks(at(91), 10).await.unwrap()[0].asks, 1);
    store.record_return(&attempt, at(40)).await.unwrap();
    assert_eq!(
        store.due_asks(at(40), 10).await.unwrap()[0].asks,
        0,
        "a buyer who comes back is asked about at once"
    );
    // Somebody came back while the question was under way: that is not forgotten over its answer.
    let meanwhile = ledger::Ask {
        due: at(91),
        ..ask.clone()
    };
    store.schedule_ask(&meanwhile, next, false).await.unwrap();
    let ask = store.due_asks(at(40), 10).await.unwrap().remove(0);
    store.schedule_ask(&ask, None, false).await.unwrap();
    assert!(store.due_asks(at(9999), 10).await.unwrap().is_empty());
    store.ask_at(&attempt, at(45)).await.unwrap();
    store.ask_at(&attempt, at(60)).await.unwrap();
    assert_eq!(store.due_asks(at(45), 10).await.unwrap().len(), 1);
    assert_eq!(store.ask_all(at(50)).await.unwrap(), 1);
    let mut changes = store.changes();
    store
        .end(
            placed
                .book
                .order()
                .no
                .clone()
                .as_str()
                .parse::<OrderNo>()
                .as_ref()
                .unwrap(),
            Ending::Expired,
            at(60),
        )
        .await
        .unwrap();
    assert_eq!(changes.recv().await.unwrap(), placed.book.order().no);
    assert_eq!(store.ask_all(at(61)).await.unwrap(), 0);
}

pub(crate) async fn one_form_makes_one_attempt(store: Store) {
    with_buyer(&store).await;
    let placed = store.place(new_order(1, "first", 1), at(1)).await.unwrap();
    let no = placed.book.order().no.clone();
    let again = async |key: &str, second| {
        let again = store.attempt_again(&no, key, 30_000, at(second)).await;
        again.unwrap().map(|(_, attempt)| attempt.ordinal())
    };
    assert_eq!(again("second", 60).await, Some(2));
    assert_eq!(again("second", 60).await, Some(2), "a double click");
    assert_eq!(again("third", 61).await, Some(3), "another form");
    let second = AttemptNo::of(&no, 2).unwrap();
    store.record_return(&second, at(62)).await.unwrap();
    assert_eq!(
        again("second", 63).await,
        None,
        "the gateway has used up its number"
    );
    assert_eq!(again("fourth", 3601).await, None, "the offer is over");
    store.end(&no, Ending::Cancelled, at(64)).await.unwrap();
    assert_eq!(again("fifth", 65).await, None, "a cancelled order");
}
