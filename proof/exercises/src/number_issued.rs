//! A number that was issued, taken for a payment.

use crate::{
    Code, Exercise, Repair, Verdict, code,
    trial::{Notified, believes, card_declined, card_paid, number_issued, number_paid, takes},
};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "number-issued",
    case: "A03",
    title: "取號成功，不是付款成功",
    setting: "買家選了 ATM 轉帳，PAYUNi 給他一組帳號，同時通知商店。這份通知是真的，簽章、商店、訂單、金額全都對。",
    question: "買家拿到帳號就關掉網頁，一毛也沒轉，商店卻出貨了。哪一個改法只認真正進來的錢，ATM 和信用卡都收得到？",
    vulnerable: Code {
        source: code!("number_issued/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("number_issued/a.rs"),
            right: true,
            reason: "守住了。Status 說「這件事辦成了」，TradeStatus 才說「錢在哪裡」：0 是取號，1 是已付款。只認 1，其他記下來、不出貨。",
        },
        Repair {
            key: "b",
            source: code!("number_issued/b.rs"),
            right: false,
            reason: "擋掉取號，也擋掉真的付款。ATM 付清之後的通知照樣帶著當初的 PayNo，這樣改，轉帳的錢就永遠認不到。",
        },
        Repair {
            key: "c",
            source: code!("number_issued/c.rs"),
            right: false,
            reason: "還是會被騙。列出「哪些不算」，漏掉的就通通算了；取號是 0，正好不在名單上。要列的是「哪些才算」。",
        },
    ],
    ours: "crates/payuni/src/notice.rs#paid",
    lesson: "「成功」要問是什麼成功。已付款只有一種寫法，其餘一律不是；用允許的清單，不用排除的清單。",
    tried,
};

fn tried() -> [Verdict; 4] {
    let versions: [Notified; 4] = [vulnerable::notified, a::notified, b::notified, c::notified];
    versions.map(|notified| Verdict {
        robbed: believes(notified, &[number_issued()]),
        serves: takes(notified, &number_issued())
            && believes(notified, &[number_issued(), number_paid()])
            && believes(notified, &[card_paid()])
            && !believes(notified, &[card_declined()]),
    })
}
