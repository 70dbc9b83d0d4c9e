//! The outer `Status`, which nobody signed.

use crate::{
    Code, Exercise, Repair, Verdict, code,
    model::Fields,
    trial::{Notified, ORDER, believes, card_declined, card_paid, envelope, shop, takes},
};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "outer-status",
    case: "A04",
    title: "外層的 Status，誰都能改",
    setting: "PAYUNi 的通知有兩個 Status：一個在外層的表單裡，一個簽在 EncryptInfo 裡面。平常兩個一樣，所以讀哪個好像都行。",
    question: "買家的卡被拒了，他把返回時收到的那份表單抄下來，外層的 FAIL 改成 SUCCESS 再寄給商店。雜湊還是對的。哪一個改法看得穿？",
    vulnerable: Code {
        source: code!("outer_status/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("outer_status/a.rs"),
            right: false,
            reason: "連真的通知都收不到了。把外層一起算進雜湊，想法很好，可是 PAYUNi 只簽 EncryptInfo。簽章的算法要兩邊說好，不能自己加料。",
        },
        Repair {
            key: "b",
            source: code!("outer_status/b.rs"),
            right: false,
            reason: "還是會被騙。兩個都看，卻用「或」連起來，等於讓沒簽的那個也能說了算。加一個來源，只會多一條路進來。",
        },
        Repair {
            key: "c",
            source: code!("outer_status/c.rs"),
            right: true,
            reason: "守住了。只信簽在裡面的；外層若在，就拿來對照，說法相反的一律不收。外層沒寫也沒關係。",
        },
    ],
    ours: "crates/payuni/src/envelope.rs#compare_outer",
    lesson: "簽章保護的只有它算進去的那些位元組。同一個欄位出現兩次，先問哪一個被簽過，另一個只能拿來起疑心。",
    tried,
};

fn tried() -> [Verdict; 4] {
    let versions: [Notified; 4] = [vulnerable::notified, a::notified, b::notified, c::notified];
    versions.map(|notified| {
        let flipped = |content: &Fields| {
            let mut shop = shop();
            let form = envelope(&shop, content).with("Status", "SUCCESS");
            let _ = notified(&mut shop, &form);
            shop.is_paid(ORDER)
        };
        Verdict {
            robbed: flipped(&card_declined()),
            serves: believes(notified, &[card_paid()])
                && takes(notified, &card_declined())
                && !believes(notified, &[card_declined()]),
        }
    })
}
