//! How many notices a second this ledger makes durable: `cargo run --release -p ledger --example notices`.
//!
//! 64 senders at once, each with an order of its own for every notice; every notice is recorded with its effects and
//! answered only after the commit (WAL, `synchronous=FULL`). Printed beside it is one sender alone, so that what group
//! commit brings can be seen as a ratio.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::float_arithmetic,
    reason = "a benchmark prints a rate, and stops where it cannot go on"
)]

use jiff::Timestamp;
use ledger::{Ledger, Member, NewOrder, Origin, SqliteLedger};
use orders::{Binding, Line, MemberId, Method, Order, OrderNo, Outcome, Report, Source, Twd, bind};
use std::{sync::Arc, time::Instant};

const SENDERS: u32 = 64;
const NOTICES_EACH: u32 = 50;

fn order(seed: u32) -> Order {
    let price = Twd::new(500).unwrap();
    let mut entropy = [0; 10];
    entropy[..4].copy_from_slice(&seed.to_be_bytes());
    let line = Line {
        product: "tea".parse().unwrap(),
        name: "高山茶".into(),
        unit_price: price,
        quantity: 1,
    };
    Order {
        no: OrderNo::mint(jiff::civil::date(2026, 11, 23), entropy),
        member: MemberId {
            issuer: "https://accounts.google.com".into(),
            sub: "1".into(),
        },
        lines: vec![line],
        amount: price,
        placed_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::UNIX_EPOCH,
    }
}

async fn run(ledger: &Arc<SqliteLedger>, senders: u32, first: u32) -> f64 {
    let mut bounds = Vec::new();
    for seed in first..first + senders * NOTICES_EACH {
        let order = order(seed);
        let new = NewOrder {
            checkout_key: seed.to_string(),
            stock: vec![None],
            same_attempt_ms: 0,
            first_ask_ms: 60_000,
            order,
        };
        let placed = ledger.place(new, Timestamp::UNIX_EPOCH).await.unwrap();
        let report = Report {
            source: Source::Notice,
            merchant: "SHOP1".into(),
            attempt_no: placed.attempt.unwrap().to_string(),
            moved_to: None,
            trade_no: format!("G{seed}").parse().unwrap(),
            amount: placed.book.order().amount,
            currency: None,
            method: Some(Method::Card),
            outcome: Outcome::Paid {
                at: None,
                last_four: "0001".into(),
            },
        };
        let Binding::Bound(bound) = bind(&report, "SHOP1", Some(&placed.book)) else {
            return 0.0;
        };
        bounds.push(bound);
    }
    let started = Instant::now();
    let each = usize::try_from(NOTICES_EACH).unwrap();
    let tasks: Vec<_> = bounds
        .chunks(each)
        .map(|mine| {
            let (ledger, mine) = (Arc::clone(ledger), mine.to_vec());
            tokio::spawn(async move {
                for bound in mine {
                    ledger
                        .record(bound, Origin::default(), Timestamp::UNIX_EPOCH)
                        .await
                        .unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    f64::from(senders * NOTICES_EACH) / started.elapsed().as_secs_f64()
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir_in(".").unwrap();
    let ledger = Arc::new(SqliteLedger::open(&folder.path().join("ledger.db")).unwrap());
    let member = Member {
        id: order(0).member,
        email: None,
        email_verified: false,
        name: None,
        picture: None,
    };
    ledger
        .save_member(member, Timestamp::UNIX_EPOCH)
        .await
        .unwrap();
    let alone = run(&ledger, 1, 1_000_000).await;
    let together = run(&ledger, SENDERS, 0).await;
    println!(
        "1 sender: {alone:.0}/s; {SENDERS} senders: {together:.0}/s; ratio {:.1}",
        together / alone
    );
}
