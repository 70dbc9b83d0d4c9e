//! The same notice twice.

use crate::{Code, Exercise, Repair, Verdict, code};
use std::collections::BTreeSet;

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "duplicate",
    case: "A37",
    title: "同一則通知來兩次",
    setting: "PAYUNi 沒聽到 OK 就會再送一次，補觸發也會再送一次。這裡的帳本能一次寫進好幾列，要嘛全寫，要嘛全沒寫；程式可能在任何兩次寫入之間當掉。",
    question: "一筆付款送來兩次，貨也寄了兩次。要去重，但記什麼、什麼時候記？先取號、後付款的人，付完錢要收得到貨；當機之後重送，貨也要出得去。",
    vulnerable: Code {
        source: code!("duplicate/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("duplicate/a.rs"),
            right: false,
            reason: "重複的擋住了，真的付款也擋住了。ATM 取號與付款用的是同一個交易序號，取號先到，付款就被當成「來過了」。",
        },
        Repair {
            key: "b",
            source: code!("duplicate/b.rs"),
            right: true,
            reason: "守住了。鍵是「哪筆交易、說了什麼」，取號與付款各算一則；而且「記得來過」和「要出貨」寫在同一筆，不會只成一半。",
        },
        Repair {
            key: "c",
            source: code!("duplicate/c.rs"),
            right: false,
            reason: "平常很好，當機的那一次就連真的也丟了：先記「來過了」，還沒記「要出貨」就斷電。重送的人只聽到「我知道了」，貨永遠不出。",
        },
    ],
    ours: "crates/orders/src/decide.rs#decide",
    lesson: "去重的標記與它的後果，要在同一筆交易裡。鍵要說得出意思，不能只是編號；也不能有期限。",
    tried,
};

/// A notice that is authentic and fits its order.
#[derive(Clone, Copy)]
pub(crate) struct Notice {
    pub(crate) order: &'static str,
    pub(crate) trade_no: &'static str,
    /// `0`: a number was issued. `1`: paid.
    pub(crate) trade_status: &'static str,
}

/// What can be written down.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    /// This was heard before.
    Seen(String),
    /// This order is to be shipped; somebody else does it, once for every such row.
    Ship(&'static str),
}

/// The power failed.
#[derive(Debug)]
pub(crate) struct PowerCut;

#[derive(Default)]
pub(crate) struct Ledger {
    seen: BTreeSet<Row>,
    shipments: Vec<&'static str>,
    /// So many commits go well before the power fails once.
    commits_left: Option<u32>,
}

impl Ledger {
    pub(crate) fn knows(&self, row: &Row) -> bool {
        self.seen.contains(row)
    }

    /// Writes all of it or, when the power fails, nothing.
    pub(crate) fn commit(&mut self, rows: Vec<Row>) -> Result<(), PowerCut> {
        match &mut self.commits_left {
            Some(0) => {
                self.commits_left = None;
                return Err(PowerCut);
            }
            Some(left) => *left -= 1,
            None => {}
        }
        for row in rows {
            match row {
                Row::Ship(order) => self.shipments.push(order),
                seen @ Row::Seen(_) => {
                    self.seen.insert(seen);
                }
            }
        }
        Ok(())
    }
}

type Told = fn(&mut Ledger, Notice) -> Result<(), PowerCut>;

fn tried() -> [Verdict; 4] {
    let versions: [Told; 4] = [vulnerable::told, a::told, b::told, c::told];
    let notice = |trade_status| Notice {
        order: "20261126-J7",
        trade_no: "1700000000000000681",
        trade_status,
    };
    versions.map(|told| {
        let shipped = |commits_left, statuses: &[&'static str]| {
            let mut ledger = Ledger {
                commits_left,
                ..Ledger::default()
            };
            for &status in statuses {
                // Without an answer PAYUNi sends it once more.
                if told(&mut ledger, notice(status)).is_err() {
                    told(&mut ledger, notice(status)).expect("the power fails once");
                }
            }
            ledger.shipments.len()
        };
        let cuts = [Some(0), Some(1), Some(2)];
        Verdict {
            robbed: shipped(None, &["1", "1"]) > 1 || shipped(None, &["0", "0"]) > 0,
            serves: shipped(None, &["1"]) == 1
                && shipped(None, &["0", "1"]) == 1
                && cuts.into_iter().all(|left| shipped(left, &["1"]) == 1),
        }
    })
}
