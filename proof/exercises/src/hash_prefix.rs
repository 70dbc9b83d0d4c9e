//! A hash that is compared as far as the sender likes.

use crate::{
    Code, Exercise, Repair, Verdict, code,
    fixed_nonce::falls_for,
    trial::{Notified, believes, card_declined, card_paid},
};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "hash-prefix",
    case: "A13",
    title: "雜湊比到一半",
    setting: "這裡真的算了帶金鑰的雜湊，也真的比了，還讀得出是照著「逐字比對」的教學寫的。密文與驗證碼，攻擊者已經會造（見「IV 從不更換的 GCM」），只剩這一關。",
    question: "攻擊者不知道金鑰，算不出 64 個字的 HashInfo，卻照樣過關。他送了什麼？哪一個改法真的整串都比？",
    vulnerable: Code {
        source: code!("hash_prefix/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("hash_prefix/a.rs"),
            right: false,
            reason: "還是會被騙。空的擋掉了，可是只送一個字，十六進位只有 16 種，從 0 試到 F 一定猜中。",
        },
        Repair {
            key: "b",
            source: code!("hash_prefix/b.rs"),
            right: true,
            reason: "守住了。長度不同就不同，長度相同才逐字比，而且不管錯在第幾個字，花的時間都一樣，沒有線索可以慢慢猜。",
        },
        Repair {
            key: "c",
            source: code!("hash_prefix/c.rs"),
            right: false,
            reason: "還是會被騙。64 個十六進位字塞不進 u128，兩邊都解析失敗，ok() 都是 None，None 等於 None。錯誤被當成值來比，就什麼都相等。",
        },
    ],
    ours: "crates/payuni/src/envelope.rs#authenticate",
    lesson: "比對密碼學的值，用現成的固定時間整串比較。自己寫的迴圈、前綴、轉型，每一種都有人栽過。",
    tried,
};

fn tried() -> [Verdict; 4] {
    let versions: [Notified; 4] = [vulnerable::notified, a::notified, b::notified, c::notified];
    let digits = (0..16_u8).map(|digit| format!("{digit:X}"));
    let guesses: Vec<_> = [String::new(), "0".repeat(64), "true".to_owned()]
        .into_iter()
        .chain(digits)
        .collect();
    versions.map(|notified| Verdict {
        robbed: falls_for(notified, &guesses),
        serves: believes(notified, &[card_paid()]) && !believes(notified, &[card_declined()]),
    })
}
