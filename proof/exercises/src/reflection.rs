//! The shop's own sealed checkout, sent back to it as a notice.

use crate::{
    Code, Exercise, Repair, Verdict, code,
    model::{Fields, Shop},
    trial::{AMOUNT, Notified, ORDER, believes, card_declined, card_paid, enclosed, shop},
};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "reflection",
    case: "A01",
    title: "自己的結帳表單，自己收",
    setting: "這是收付款通知的程式。shop.authentic 已經驗過雜湊與驗證碼，form 是外層欄位，fields 是解開的內容，金額也比了。看起來該做的都做了。",
    question: "買家還沒付錢，手上只有商店剛才送到他瀏覽器的結帳表單。他在外面補一個 Status=SUCCESS 就寄了過來，貨為什麼會出去？哪一個改法真的擋得住，又不會擋到真的通知？",
    vulnerable: Code {
        source: code!("reflection/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("reflection/a.rs"),
            right: false,
            reason: "還是會被騙。結帳表單本來就是這家商店送的，裡面的 MerID 當然是自己。這一行擋的是別家商店的訊息，不是自己的。",
        },
        Repair {
            key: "b",
            source: code!("reflection/b.rs"),
            right: true,
            reason: "守住了。NotifyURL 與 Timestamp 只有商店送出去的才有，帶著它們的就不是結果；「付清」則要看簽在裡面的 Status 與 TradeStatus。結帳表單裡沒有這兩個，外面補的不算。",
        },
        Repair {
            key: "c",
            source: code!("reflection/c.rs"),
            right: false,
            reason: "還是會被騙，而且連真的也擋。剛送出的表單時間戳記最新鮮，過關；PAYUNi 的通知裡沒有 Timestamp，反而全部被退。",
        },
    ],
    ours: "crates/payuni/src/notice.rs#REQUEST_ONLY",
    lesson: "簽章有效只說「出自有金鑰的人」，而您自己也有金鑰。驗完真偽，還要問方向：這是我送出去的，還是對方給我的？",
    tried,
};

/// What the shop itself seals into the form that it hands to the browser.
fn checkout(shop: &Shop) -> Fields {
    Fields::of(&[
        ("MerID", shop.merchant),
        ("MerTradeNo", ORDER),
        ("TradeAmt", &AMOUNT.to_string()),
        ("Timestamp", &shop.now.to_string()),
        ("ProdDesc", "阿里山茶"),
        ("NotifyURL", "https://shop.example/payuni/notify"),
    ])
}

fn tried() -> [Verdict; 4] {
    let versions: [Notified; 4] = [vulnerable::notified, a::notified, b::notified, c::notified];
    versions.map(|notified| {
        let mut shop = shop();
        let reflected = enclosed(&shop, &checkout(&shop)).with("Status", "SUCCESS");
        let _ = notified(&mut shop, &reflected);
        Verdict {
            robbed: shop.is_paid(ORDER),
            serves: believes(notified, &[card_paid()]) && !believes(notified, &[card_declined()]),
        }
    })
}
