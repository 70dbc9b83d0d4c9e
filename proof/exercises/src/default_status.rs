//! A field that is not there, taken for the best.

use crate::{
    Code, Exercise, Repair, Verdict, code,
    model::Fields,
    trial::{Notified, ORDER, believes, card_declined, card_paid, number_issued},
};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "default-status",
    case: "A41",
    title: "沒寫，就當作付了",
    setting: "信用卡的測試通知裡，TradeStatus 每一則都是 1。有一次少了這個欄位，程式出錯，於是有人補了一個預設值讓它過。",
    question: "發票、物流的通知也寄到同一個網址，也寫 Status=SUCCESS，但沒有 TradeStatus；有一天 PAYUNi 還可能多一種 9。哪一個改法不會替它們編一個「已付款」？",
    vulnerable: Code {
        source: code!("default_status/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("default_status/a.rs"),
            right: true,
            reason: "守住了。沒有就是沒有，整則不收；有，也只認 1。缺的欄位不猜，沒見過的值不放行。",
        },
        Repair {
            key: "b",
            source: code!("default_status/b.rs"),
            right: false,
            reason: "還是會被騙。if let 只在「有這個欄位」時才檢查，沒有的就一路走到付款。拿掉一個欄位，反而比寫錯還好過關。",
        },
        Repair {
            key: "c",
            source: code!("default_status/c.rs"),
            right: false,
            reason: "還是會被騙。列得很整齊，最後那一行卻把「其他」都當成已付款。底線那一格，永遠要放最保守的答案。",
        },
    ],
    ours: "crates/payuni/src/trade.rs#present",
    lesson: "跟錢有關的欄位沒有預設值。看到 ??、||、unwrap_or、default，就停下來問：如果它是空的，我敢出貨嗎？",
    tried,
};

/// A genuine notice of another kind: an invoice was issued for the order, not yet paid.
fn invoice() -> Fields {
    Fields::of(&[
        ("Status", "SUCCESS"),
        ("Message", "開立成功"),
        ("MerID", payuni_sim::DEMO_MER_ID),
        ("MerTradeNo", ORDER),
        ("TradeAmt", "680"),
        ("InvoiceNotifyType", "1"),
    ])
}

fn tried() -> [Verdict; 4] {
    let versions: [Notified; 4] = [vulnerable::notified, a::notified, b::notified, c::notified];
    versions.map(|notified| Verdict {
        robbed: believes(notified, &[invoice()])
            || believes(notified, &[card_paid().with("TradeStatus", "9")])
            || believes(notified, &[card_paid().with("TradeStatus", "")]),
        serves: believes(notified, &[card_paid()])
            && !believes(notified, &[card_declined()])
            && !believes(notified, &[number_issued()]),
    })
}
