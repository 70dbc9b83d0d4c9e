//! `OK`, said too early.

use crate::{Code, Exercise, Repair, Verdict, code};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "ok-before-commit",
    case: "A38",
    title: "OK 回得太早",
    setting: "金流的通知逾時很短，所以有人教「先回 OK，慢慢再寫」。disk.save 可能失敗（磁碟滿了、資料庫忙），記憶體裡的東西一重開就沒了。answer 送出去就收不回來。",
    question: "尖峰時段同一份通知湧進來幾十份，磁碟滿了一下子，程式跟著重開。PAYUNi 那邊全都收到了 OK，再也不送；買家的錢付了，訂單卻還在等。OK 該在哪一行說？",
    vulnerable: Code {
        source: code!("ok_before_commit/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("ok_before_commit/a.rs"),
            right: true,
            reason: "守住了。寫進磁碟才說 OK；寫不進去就老實回 503，PAYUNi 會再來，對帳也會去問。OK 是收據，不是問候。",
        },
        Repair {
            key: "b",
            source: code!("ok_before_commit/b.rs"),
            right: false,
            reason: "還是會掉單。放進記憶體的佇列比寫磁碟快，可是程式一重開，佇列就沒了，而 OK 已經說出口。",
        },
        Repair {
            key: "c",
            source: code!("ok_before_commit/c.rs"),
            right: false,
            reason: "還是會掉單。順序對了，卻怕 PAYUNi 一直重送，失敗也回 OK。留下一行紀錄，沒有人會拿著紀錄檔去補帳。",
        },
    ],
    ours: "crates/shop/src/flow/step_5_notified.rs#notified",
    lesson: "回覆就是承諾。只承諾已經寫下來的，其餘讓對方再送一次，重複有去重會處理。",
    tried,
};

/// Could not be written.
#[derive(Debug)]
pub(crate) struct NotSaved;

/// What survives a restart.
#[derive(Default)]
pub(crate) struct Disk {
    saved: Vec<String>,
    full: bool,
}

impl Disk {
    pub(crate) fn save(&mut self, notice: &str) -> Result<(), NotSaved> {
        if self.full {
            return Err(NotSaved);
        }
        self.saved.push(notice.to_owned());
        Ok(())
    }
}

/// The way back to PAYUNi. What is sent is sent: only the first answer counts.
#[derive(Default)]
pub(crate) struct Answer {
    sent: Option<u16>,
}

impl Answer {
    pub(crate) fn send(&mut self, status: u16) {
        self.sent.get_or_insert(status);
    }
}

/// The program: what is in memory, and the disk.
#[derive(Default)]
pub(crate) struct Shop {
    pub(crate) disk: Disk,
    pub(crate) queue: Vec<String>,
}

impl Shop {
    /// What is done whenever there is time.
    fn works_off(&mut self) {
        while let Some(notice) = self.queue.pop() {
            if self.disk.save(&notice).is_err() {
                self.queue.push(notice);
                return;
            }
        }
    }

    fn restarts(&mut self) {
        self.queue.clear();
        self.disk.full = false;
    }
}

fn tried() -> [Verdict; 4] {
    let versions: [fn(&mut Shop, &mut Answer, &str); 4] =
        [vulnerable::notified, a::notified, b::notified, c::notified];
    versions.map(|notified| {
        // PAYUNi sends until it hears a 200; the first time something goes wrong, then the program is started anew.
        let kept = |full: bool, restarts: bool| {
            let mut shop = Shop::default();
            shop.disk.full = full;
            for _ in 0..3 {
                let mut answer = Answer::default();
                notified(&mut shop, &mut answer, "20261126-J7 paid");
                if restarts {
                    shop.restarts();
                }
                shop.works_off();
                if answer.sent == Some(200) {
                    return !shop.disk.saved.is_empty();
                }
            }
            false
        };
        Verdict {
            robbed: !kept(true, true) || !kept(false, true),
            serves: kept(false, false),
        }
    })
}
