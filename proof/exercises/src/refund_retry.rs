//! A refund whose answer got lost.

use crate::{Code, Exercise, Repair, Verdict, code};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "refund-retry",
    case: "A68",
    title: "退款逾時，再退一次？",
    setting: "give_back 由背景工作反覆呼叫，直到退款是 Done。payuni.refund 逾時的時候，有兩種可能：要求沒送到，或是已經退了、回答弄丟了。PAYUNi 沒有防止重複的鑰匙。",
    question: "680 元的訂單要退 300 元，第一次逾時，結果買家收到 600 元。哪一個改法不會多退，也不會讓買家一直等不到？",
    vulnerable: Code {
        source: code!("refund_retry/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("refund_retry/a.rs"),
            right: false,
            reason: "還是會多退。等久一點再送，重送還是重送；第一次若已經退成功，等多久都一樣會退第二次。",
        },
        Repair {
            key: "b",
            source: code!("refund_retry/b.rs"),
            right: false,
            reason: "不會多退，但要求真的沒送到的那一次，等退款的人也擋在門外：帳上寫已退，買家一毛也沒收到，還沒有人知道。",
        },
        Repair {
            key: "c",
            source: code!("refund_retry/c.rs"),
            right: true,
            reason: "守住了。送之前先記下「之前退過多少」，不知道結果就去問，多了 300 就是退成了，沒多才回到可以再送。實際上還要等 PAYUNi 的資料到齊、多問幾次，才算「沒有」。",
        },
    ],
    ours: "crates/shop/src/jobs/refund.rs#resolve",
    lesson: "逾時不是失敗，是不知道。不知道的時候只能問，不能再做一次，也不能假裝做完了。",
    tried,
};

/// No answer came.
#[derive(Debug)]
pub(crate) struct Timeout;

/// What happens to requests that change something.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Good,
    /// The next request never arrives.
    LosesRequest,
    /// The next request is carried out, and its answer never arrives.
    LosesAnswer,
}

/// PAYUNi, which holds 680 dollars of this payment.
pub(crate) struct Gateway {
    given_back: u32,
    minutes: u32,
    line: Line,
}

impl Gateway {
    /// Gives back some of the payment.
    pub(crate) fn refund(&mut self, amount: u32) -> Result<(), Timeout> {
        let line = std::mem::replace(&mut self.line, Line::Good);
        if line != Line::LosesRequest {
            self.given_back = (self.given_back + amount).min(680);
        }
        if line == Line::Good {
            Ok(())
        } else {
            Err(Timeout)
        }
    }

    /// Lets time pass, of which nothing comes.
    pub(crate) fn wait(&mut self, minutes: u32) {
        self.minutes += minutes;
    }

    /// Tells how much was given back so far.
    pub(crate) fn given_back(&self) -> u32 {
        self.given_back
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// To be sent.
    Reserved,
    /// Sent, and nobody knows; PAYUNi had given back so much before.
    InDoubt {
        before: u32,
    },
    Done,
}

pub(crate) struct Refund {
    pub(crate) amount: u32,
    pub(crate) state: State,
}

fn tried() -> [Verdict; 4] {
    let versions: [fn(&mut Gateway, &mut Refund); 4] = [
        vulnerable::give_back,
        a::give_back,
        b::give_back,
        c::give_back,
    ];
    versions.map(|give_back| {
        let came_back = |line| {
            let mut payuni = Gateway {
                given_back: 0,
                minutes: 0,
                line,
            };
            let mut refund = Refund {
                amount: 300,
                state: State::Reserved,
            };
            for _ in 0..5 {
                if refund.state != State::Done {
                    give_back(&mut payuni, &mut refund);
                }
            }
            (payuni.given_back, refund.state)
        };
        let all = [Line::Good, Line::LosesRequest, Line::LosesAnswer];
        Verdict {
            robbed: all.into_iter().any(|line| came_back(line).0 > 300),
            serves: came_back(Line::Good) == (300, State::Done)
                && came_back(Line::LosesRequest) == (300, State::Done),
        }
    })
}
