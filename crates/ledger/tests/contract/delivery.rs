//! What every store promises about goods that leave.

use super::{
    Store, at, bound,
    desk::{a_dollar_short, owner},
    effects::lease,
    new_order, paid, with_buyer,
};
use ledger::{LedgerError, Origin, Outcome, Topic};
use orders::{Source, Status, bind};

/// While the goods leave, something comes up; when a person has decided, the delivery is due at once and is recorded.
pub(crate) async fn a_decision_makes_a_resting_delivery_due(store: Store) {
    with_buyer(&store).await;
    let actor = owner(&store, "a").await;
    let placed = store.place(new_order(1, "k", 2), at(1)).await.unwrap();
    let (no, trade) = (placed.book.order().no.clone(), "G1".parse().unwrap());
    let asked = bound(&placed.book, "G1", Source::Query, paid());
    store.record(asked, Origin::default(), at(2)).await.unwrap();
    let row = store
        .lease(Topic::Deliver, 9, &lease("a", 60), at(3))
        .await
        .unwrap()
        .remove(0);
    let wrong = a_dollar_short(&no, "G2");
    let orders::Binding::Review(parked) = bind(&wrong, "SHOP1", Some(&placed.book)) else {
        panic!("not parked");
    };
    let parked = store.record(parked, Origin::default(), at(4)).await;
    assert_eq!(parked.unwrap().after, Status::Review);
    let refused = store.deliver(&no, &trade, &lease("a", 60), at(5)).await;
    assert!(matches!(refused, Err(LedgerError::Unlawful(_))));
    let rest = Outcome::Retry {
        at: at(3600),
        error: "the order is review".into(),
    };
    store
        .settle(&[row.id], &lease("a", 60), &rest)
        .await
        .unwrap();
    let due = async |second| {
        let lease = lease("b", second + 60);
        let rows = store.lease(Topic::Deliver, 9, &lease, at(second)).await;
        rows.unwrap().len()
    };
    assert_eq!(due(10).await, 0);
    let case = store.exceptions(10).await.unwrap().remove(0);
    store
        .decide_case(case.n, "買家多刷了一筆，另外處理".into(), actor, at(200))
        .await
        .unwrap();
    assert_eq!(due(200).await, 1, "a decision does not wait for the hour");
    let delivered = store.deliver(&no, &trade, &lease("b", 260), at(201)).await;
    assert_eq!(delivered.unwrap().after, Status::Fulfilled);
    assert_eq!(store.backlog(Topic::Deliver).await.unwrap(), (0, 0));
}
