//! Two refunds at the same moment.

use crate::{Code, Exercise, Repair, Verdict, code};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "refund-race",
    case: "A64",
    title: "兩個人同時按退款",
    setting: "收了 680 元，可以分批退。ledger.reserved() 讀出已經答應退多少；ledger.write 開一筆交易，交易裡的人輪流進去，看到的和寫下的不會被別人打斷。",
    question: "老闆和店員同時按下「全額退款」，兩張單都通過檢查，一共退了 1,360 元。檢查明明有寫，問題在哪裡？分批退 300、300、80 的人也要退得成。",
    vulnerable: Code {
        source: code!("refund_race/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("refund_race/a.rs"),
            right: false,
            reason: "還是會多退。再檢查一次只是把空檔變短：看完到寫下之間，別人還是插得進來。競爭不是機率問題，遲早會碰上。",
        },
        Repair {
            key: "b",
            source: code!("refund_race/b.rs"),
            right: true,
            reason: "守住了。「夠不夠」和「記下來」在同一筆交易裡，後進去的人看得到前一個人寫的，第二張自然不夠。",
        },
        Repair {
            key: "c",
            source: code!("refund_race/c.rs"),
            right: false,
            reason: "不會多退了，可是分批退的第二次也擋掉了。一筆付款只准退一次，是用功能換安全，客人退一半就卡住。",
        },
    ],
    ours: "crates/ledger/src/sqlite/refunds.rs#request",
    lesson: "先看再做，中間就有空檔。能不能做的檢查，要和做這件事在同一筆交易裡。",
    tried,
};

/// What was captured of the payment.
pub(crate) const CAPTURED: u32 = 680;

/// More than there is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMuch;

type Asks = fn(&mut Ledger, u32) -> Result<(), TooMuch>;

/// What is promised to be given back, inside a transaction.
#[derive(Default)]
pub(crate) struct Refunds(Vec<u32>);

impl Refunds {
    pub(crate) fn total(&self) -> u32 {
        self.0.iter().sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn add(&mut self, amount: u32) {
        self.0.push(amount);
    }
}

#[derive(Default)]
pub(crate) struct Ledger {
    refunds: Refunds,
    /// Somebody else, whose whole request gets between the next look and the next transaction.
    rival: Option<(Asks, u32)>,
}

impl Ledger {
    /// Looks, outside any transaction.
    pub(crate) fn reserved(&self) -> u32 {
        self.refunds.total()
    }

    /// Waits for its turn, then does what it is given, undisturbed.
    pub(crate) fn write<T>(&mut self, work: impl FnOnce(&mut Refunds) -> T) -> T {
        if let Some((asks, amount)) = self.rival.take() {
            // How it ends for the other one is his affair.
            let _ = asks(self, amount);
        }
        work(&mut self.refunds)
    }
}

fn tried() -> [Verdict; 4] {
    let versions: [Asks; 4] = [vulnerable::ask, a::ask, b::ask, c::ask];
    versions.map(|ask| {
        let mut raced = Ledger {
            rival: Some((ask, CAPTURED)),
            ..Ledger::default()
        };
        let _ = ask(&mut raced, CAPTURED);
        let mut one_by_one = Ledger::default();
        let parts = [300, 300, 80].map(|part| ask(&mut one_by_one, part));
        Verdict {
            robbed: raced.reserved() > CAPTURED || ask(&mut one_by_one, CAPTURED).is_ok(),
            serves: raced.reserved() >= CAPTURED && parts.iter().all(Result::is_ok),
        }
    })
}
