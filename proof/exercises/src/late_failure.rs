//! A failure that comes after the success.

use crate::{Code, Exercise, Repair, Verdict, code};
use std::collections::BTreeSet;

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "late-failure",
    case: "A34",
    title: "遲到的失敗",
    setting: "驗真、核對都做完了，learn 收到的每一則都是真的：PAYUNi 對這張訂單說了什麼（取號、失敗、付清），以及它自己記的時間。",
    question: "買家按了兩次付款，一次成功、一次失敗，兩則通知誰先到不一定。付清的訂單被後到的失敗蓋掉，茶就不寄了。怎麼寫，才不管順序都對？",
    vulnerable: Code {
        source: code!("late_failure/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("late_failure/a.rs"),
            right: true,
            reason: "守住了。事實只增不減，狀態從整個集合算出來：有付清就是付清。先到後到、重複送，算出來都一樣。",
        },
        Repair {
            key: "b",
            source: code!("late_failure/b.rs"),
            right: false,
            reason: "還是會丟掉付款。時間晚的不一定比較對：他先刷成功，過兩秒又在另一個分頁刷失敗，失敗的時間真的比較晚。",
        },
        Repair {
            key: "c",
            source: code!("late_failure/c.rs"),
            right: false,
            reason: "付清不會被蓋掉了，但第一次刷卡失敗、第二次成功的人，錢付了也擋在門外。先到的不一定是最後的答案。",
        },
    ],
    ours: "crates/orders/src/book.rs#attempt_state",
    lesson: "別讓「最後一則」決定狀態。把聽到的都記成事實，狀態是事實的函式，順序就不再重要。",
    tried,
};

/// What PAYUNi says of an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Says {
    Issued,
    Failed,
    Paid,
}

/// A notice that is authentic and fits the order.
#[derive(Clone, Copy)]
pub(crate) struct Told {
    pub(crate) says: Says,
    /// By PAYUNi's clock, in seconds.
    pub(crate) at: u64,
}

/// Where the order stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    #[default]
    Pending,
    Awaiting,
    Failed,
    Paid,
}

#[derive(Default)]
pub(crate) struct Order {
    pub(crate) status: Status,
    pub(crate) last_told: u64,
    pub(crate) facts: BTreeSet<Says>,
}

fn tried() -> [Verdict; 4] {
    let versions: [fn(&mut Order, Told); 4] = [vulnerable::learn, a::learn, b::learn, c::learn];
    versions.map(|learn| {
        let after = |notices: &[(Says, u64)]| {
            let mut order = Order::default();
            for &(says, at) in notices {
                learn(&mut order, Told { says, at });
            }
            order.status
        };
        let (paid, late, later) = ((Says::Paid, 10), (Says::Failed, 8), (Says::Failed, 12));
        Verdict {
            robbed: [late, later]
                .into_iter()
                .any(|failed| after(&[paid, failed]) != Status::Paid),
            serves: after(&[late, paid]) == Status::Paid
                && after(&[(Says::Issued, 5), paid]) == Status::Paid
                && after(&[(Says::Issued, 5)]) == Status::Awaiting
                && after(&[late]) == Status::Failed,
        }
    })
}
