//! A name that is there twice, read in two ways.

use crate::{
    Code, Exercise, Repair, Verdict, code,
    fixed_nonce::{forged, wanted},
    model::{Fields, Refused, Shop},
    trial::{ORDER, card_declined, card_paid, envelope, shop},
};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "two-readings",
    case: "A77",
    title: "同一個名字出現兩次",
    setting: "驗雜湊的是共用的中介層，解密的是商店自己的處理函式。兩邊都讀同一份表單，只是一個取第一個 EncryptInfo，一個先收進 HashMap，留下最後一個。",
    question: "買家拿一份真的「刷卡失敗」，後面再接一個自己造的 EncryptInfo 一起送。雜湊驗的是前面那個，出貨看的是後面那個。哪一個改法讓兩邊看到同一份？",
    vulnerable: Code {
        source: code!("two_readings/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("two_readings/a.rs"),
            right: false,
            reason: "還是會被騙。限制最多五個欄位，他把用不到的 Version 拿掉，換成第二個 EncryptInfo，一樣是五個。數量不是重點，重複才是。",
        },
        Repair {
            key: "b",
            source: code!("two_readings/b.rs"),
            right: false,
            reason: "還是會被騙。只盯著 HashInfo 有沒有重複，攻擊者重複的是 EncryptInfo。擋一個名字，就得每個名字都記得擋。",
        },
        Repair {
            key: "c",
            source: code!("two_readings/c.rs"),
            right: true,
            reason: "守住了。不管哪個名字，重複就整份不收，後面的程式取第一個還是最後一個都一樣。真的通知從不重複。",
        },
    ],
    ours: "crates/payuni/src/fields.rs#from_pairs",
    lesson: "兩個讀法不同的零件，中間就是漏洞。進門先把表單讀成「每個名字只有一個值」的型別，讀不成就不收。",
    tried,
};

type Notified = fn(&mut Shop, &[u8]) -> Result<(), Refused>;

/// Whether a form makes the shop believe that it is paid.
fn pays(notified: Notified, body: impl FnOnce(&Shop) -> String) -> bool {
    let mut shop = shop();
    let body = body(&shop);
    let _ = notified(&mut shop, body.as_bytes());
    shop.is_paid(ORDER)
}

/// What PAYUNi sends.
fn sent(shop: &Shop, content: &Fields) -> String {
    envelope(shop, content).encode()
}

fn tried() -> [Verdict; 4] {
    let versions: [Notified; 4] = [vulnerable::notified, a::notified, b::notified, c::notified];
    versions.map(|notified| {
        let twice = |shop: &Shop| {
            let forged = forged(shop, &wanted());
            let genuine = sent(shop, &card_declined()).replace("Version=2.0&", "");
            format!("{genuine}&EncryptInfo={forged}")
        };
        Verdict {
            robbed: pays(notified, twice),
            serves: pays(notified, |shop| sent(shop, &card_paid()))
                && !pays(notified, |shop| sent(shop, &card_declined())),
        }
    })
}
