//! What every store promises. A store passes all of it or is none.

pub(crate) mod delivery;
pub(crate) mod desk;
pub(crate) mod effects;

use effects::lease;
use jiff::Timestamp;
use ledger::{Ledger, LedgerError, ListOrders, Member, NewOrder, Origin, PlaceError, Topic};
use orders::{
    Binding, Book, Bound, Line, MemberId, Method, Order, OrderNo, Report, Source, Status, Twd,
    bind, fact::Ending,
};
use std::sync::Arc;

pub(crate) type Store = Arc<dyn Ledger>;

pub(crate) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn buyer() -> MemberId {
    MemberId {
        issuer: "https://accounts.google.com".into(),
        sub: "110169484474386276334".into(),
    }
}

async fn with_buyer(store: &Store) {
    let member = Member {
        id: buyer(),
        email: Some("b@example.com".into()),
        email_verified: true,
        name: None,
        picture: None,
    };
    store.save_member(member, at(0)).await.unwrap();
}

fn new_order(seed: u8, key: &str, quantity: u32) -> NewOrder {
    let price = Twd::new(500).unwrap();
    let line = Line {
        product: "tea".parse().unwrap(),
        name: "高山茶".into(),
        unit_price: price,
        quantity,
    };
    let order = Order {
        no: OrderNo::mint(jiff::civil::date(2026, 11, 23), [seed; 10]),
        member: buyer(),
        amount: orders::order::total(std::slice::from_ref(&line)).unwrap(),
        lines: vec![line],
        placed_at: at(1),
        expires_at: at(3600),
    };
    NewOrder {
        order,
        checkout_key: key.into(),
        stock: vec![Some(10)],
        same_attempt_ms: 10_000,
        first_ask_ms: 30_000,
    }
}

fn bound(book: &Book, trade: &str, source: Source, outcome: orders::Outcome) -> Bound {
    let report = Report {
        source,
        merchant: "SHOP1".into(),
        attempt_no: book.attempts()[0].no.to_string(),
        moved_to: None,
        trade_no: trade.parse().unwrap(),
        amount: book.order().amount,
        currency: None,
        method: Some(Method::Card),
        outcome,
    };
    let Binding::Bound(bound) = bind(&report, "SHOP1", Some(book)) else {
        panic!("not bound: {report:?}");
    };
    bound
}

fn paid() -> orders::Outcome {
    orders::Outcome::Paid {
        at: Some(at(60)),
        last_four: "0001".into(),
    }
}

/// An order of the buyer's, just placed.
pub(crate) async fn placed(store: &Store) -> ledger::Placed {
    with_buyer(store).await;
    store.place(new_order(1, "k", 1), at(1)).await.unwrap()
}

/// The notice that it was paid.
pub(crate) fn told_paid(book: &Book) -> Bound {
    bound(book, "G1", Source::Notice, paid())
}

pub(crate) async fn an_order_comes_out_as_it_went_in(store: Store) {
    with_buyer(&store).await;
    let new = new_order(1, "k", 2);
    let placed = store.place(new.clone(), at(1)).await.unwrap();
    assert!(placed.news);
    let book = store.book(&new.order.no).await.unwrap().unwrap();
    assert_eq!((book.order(), book.status()), (&new.order, Status::Pending));
    assert_eq!(book, placed.book);
    for outcome in [
        orders::Outcome::Issued(orders::Instructions {
            pay_no: "123".into(),
            at: "822".into(),
            deadline: Some(at(99)),
        }),
        orders::Outcome::Failed {
            code: "UNAPPROVED".into(),
            message: "失敗".into(),
        },
        orders::Outcome::Voided,
        orders::Outcome::Lapsed,
        orders::Outcome::Unsettled,
        paid(),
    ] {
        let mut expected = store.book(&new.order.no).await.unwrap().unwrap();
        let bound = bound(&book, "G1", Source::Notice, outcome);
        expected.learn(bound.fact().clone());
        store.record(bound, Origin::default(), at(2)).await.unwrap();
        assert_eq!(store.book(&new.order.no).await.unwrap().unwrap(), expected);
    }
}

pub(crate) async fn one_key_makes_one_order(store: Store) {
    with_buyer(&store).await;
    let clicks = (0..32).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.place(new_order(n, "same", 1), at(1)).await.unwrap() })
    });
    let mut numbers = std::collections::BTreeSet::new();
    let mut news = 0;
    for click in clicks.collect::<Vec<_>>() {
        let placed = click.await.unwrap();
        news += u32::from(placed.news);
        numbers.insert(placed.attempt.unwrap());
    }
    assert_eq!((numbers.len(), news), (1, 1));
    assert!(matches!(
        store.place(new_order(99, "same", 2), at(1)).await,
        Err(PlaceError::KeyReused)
    ));
    // Coming back later is another attempt of the same order.
    let later = store.place(new_order(98, "same", 1), at(60)).await.unwrap();
    assert_eq!((later.attempt.unwrap().ordinal(), later.news), (2, false));
    assert_eq!(store.list(ListOrders::default()).await.unwrap().len(), 1);
}

pub(crate) async fn stock_is_never_oversold(store: Store) {
    with_buyer(&store).await;
    let buyers = (0..20_u8).map(|n| {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.place(new_order(n, &n.to_string(), 1), at(1)).await })
    });
    let mut placed = Vec::new();
    for buyer in buyers.collect::<Vec<_>>() {
        match buyer.await.unwrap() {
            Ok(order) => placed.push(order),
            Err(error) => assert!(matches!(error, PlaceError::SoldOut { left: 0 })),
        }
    }
    assert_eq!(placed.len(), 10);
    store
        .end(&placed[0].book.order().no, Ending::Cancelled, at(5))
        .await
        .unwrap();
    assert!(
        store.place(new_order(77, "after", 1), at(6)).await.is_ok(),
        "a cancelled order gives its stock back"
    );
    assert_eq!(store.held_stock().await.unwrap(), [("tea".to_owned(), 10)]);
}

pub(crate) async fn a_fact_is_recorded_once(store: Store) {
    with_buyer(&store).await;
    let placed = store.place(new_order(1, "k", 1), at(1)).await.unwrap();
    let notices = (0..64).map(|_| {
        let (store, bound) = (
            Arc::clone(&store),
            bound(&placed.book, "G1", Source::Notice, paid()),
        );
        tokio::spawn(async move { store.record(bound, Origin::default(), at(2)).await.unwrap() })
    });
    let mut news = 0;
    for notice in notices.collect::<Vec<_>>() {
        let recorded = notice.await.unwrap();
        assert_eq!(recorded.after, Status::Paid);
        news += u32::from(recorded.news);
    }
    assert_eq!(news, 1);
    assert_eq!(store.facts(&placed.book.order().no).await.unwrap().len(), 1);
    assert_eq!(
        store.due_asks(at(2), 10).await.unwrap().len(),
        1,
        "a notice is asked about at once"
    );
}

pub(crate) async fn delivery_needs_confirmation_and_happens_once(store: Store) {
    with_buyer(&store).await;
    let placed = store.place(new_order(1, "k", 1), at(1)).await.unwrap();
    let (no, trade) = (&placed.book.order().no, "G1".parse().unwrap());
    store
        .record(
            bound(&placed.book, "G1", Source::Notice, paid()),
            Origin::default(),
            at(2),
        )
        .await
        .unwrap();
    let refused = store.deliver(no, &trade, &lease("a", 60), at(3)).await;
    assert!(matches!(refused, Err(LedgerError::Unlawful(_))));
    assert_eq!(store.backlog(Topic::Deliver).await.unwrap(), (0, 0));
    store
        .record(
            bound(&placed.book, "G1", Source::Query, paid()),
            Origin::default(),
            at(4),
        )
        .await
        .unwrap();
    let rows = store
        .lease(Topic::Deliver, 10, &lease("a", 60), at(5))
        .await
        .unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        store
            .deliver(no, &trade, &lease("a", 60), at(6))
            .await
            .unwrap()
            .after,
        Status::Fulfilled
    );
    assert!(
        !store
            .deliver(no, &trade, &lease("a", 60), at(6))
            .await
            .unwrap()
            .news
    );
    assert_eq!(store.backlog(Topic::Deliver).await.unwrap(), (0, 0));
}

pub(crate) async fn a_trade_pays_one_order(store: Store) {
    with_buyer(&store).await;
    let first = store.place(new_order(1, "1", 1), at(1)).await.unwrap();
    let second = store.place(new_order(2, "2", 1), at(1)).await.unwrap();
    for placed in [&first, &second] {
        store
            .record(
                bound(&placed.book, "G1", Source::Notice, paid()),
                Origin::default(),
                at(2),
            )
            .await
            .unwrap();
    }
    let status = |summary: &ledger::Summary| summary.status;
    let of = |no: &OrderNo| ListOrders {
        order: Some(no.clone()),
        ..ListOrders::default()
    };
    assert_eq!(
        store
            .list(of(&first.book.order().no))
            .await
            .unwrap()
            .iter()
            .map(status)
            .collect::<Vec<_>>(),
        [Status::Paid]
    );
    assert_eq!(
        store
            .list(of(&second.book.order().no))
            .await
            .unwrap()
            .iter()
            .map(status)
            .collect::<Vec<_>>(),
        [Status::Review]
    );
    let waiting = store.exceptions(10).await.unwrap();
    assert_eq!(
        waiting
            .iter()
            .map(|row| row.code.as_str())
            .collect::<Vec<_>>(),
        ["L4.trade_of_another"]
    );
}

pub(crate) async fn what_failed_leaves_nothing(store: Store) {
    with_buyer(&store).await;
    let mut stranger = new_order(1, "k", 1);
    stranger.order.member.sub = "nobody".into();
    let good = new_order(2, "k", 1);
    let (bad, fine) = tokio::join!(
        store.place(stranger.clone(), at(1)),
        store.place(good.clone(), at(1))
    );
    assert!(matches!(
        bad,
        Err(PlaceError::Ledger(LedgerError::Store { .. }))
    ));
    assert!(
        fine.is_ok(),
        "a write that fails does not take its neighbours along"
    );
    assert!(store.book(&stranger.order.no).await.unwrap().is_none());
    assert_eq!(store.backlog(Topic::SheetOrder).await.unwrap(), (1, 0));
}

/// Runs every promise against stores made fresh by an expression.
#[macro_export]
macro_rules! ledger_contract {
    ($make:expr) => {
        ledger_contract!(@ $make;
            an_order_comes_out_as_it_went_in one_key_makes_one_order stock_is_never_oversold a_fact_is_recorded_once
            delivery_needs_confirmation_and_happens_once a_trade_pays_one_order what_failed_leaves_nothing
            effects_wait_until_their_destination_has_them what_nobody_carries_out_waits_once
            a_tab_that_was_lost_is_refilled_in_order sessions_end_and_sign_ins_are_used_once questions_are_scheduled one_form_makes_one_attempt
            no_more_goes_back_than_came_in a_refund_that_is_done_is_a_fact_in_the_same_commit
            only_one_refund_of_a_trade_is_out_at_a_time two_persons_are_two rights_are_read_in_the_same_commit
            a_case_is_decided_once_and_with_a_reason a_refusal_is_in_the_trail_once
            an_unpaid_order_is_cancelled_by_a_person_with_a_reason late_money_passes_by_the_rule_where_stock_is_left attempts_are_listed_for_the_sweep
            a_decision_makes_a_resting_delivery_due many_small_refunds_need_two_persons_like_one_large);
    };
    (@ $make:expr; $($promise:ident)*) => {$(
        #[tokio::test(flavor = "multi_thread")]
        async fn $promise() {
            let (store, _keep) = $make;
            contract::effects::$promise(store).await;
        }
    )*};
}
