//! Whose payment it is.

use crate::{
    Code, Exercise, Repair, Verdict, code,
    model::Fields,
    trial::{Notified, ORDER, believes, card_declined, card_paid, envelope, shop},
};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "merchant",
    case: "A16",
    title: "付給誰的錢？",
    setting: "同一個集團開了兩家店，為了省事共用一組金鑰；訂單編號的規則也一樣。簽章、金額、狀態都查了。",
    question: "買家在姊妹店付了 680 元，那份通知送到這裡，這裡的訂單也變成已付款。一筆錢，兩家出貨。哪一個改法分得清楚是誰的錢？",
    vulnerable: Code {
        source: code!("merchant/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("merchant/a.rs"),
            right: true,
            reason: "守住了。比的是簽在裡面的 MerID，要完全相同。別家的錢也是真的錢，所以留給人看，不是默默丟掉。",
        },
        Repair {
            key: "b",
            source: code!("merchant/b.rs"),
            right: false,
            reason: "還是會被騙。外層的 MerID 沒有簽章，送的人寫什麼就是什麼，改成您的代號只要一秒。",
        },
        Repair {
            key: "c",
            source: code!("merchant/c.rs"),
            right: false,
            reason: "還是會被騙。姊妹店叫 JINLIUDEMO2，開頭跟您一模一樣。身分只能整串比，沒有「差不多是我」這回事。",
        },
    ],
    ours: "crates/orders/src/bind.rs#bind",
    lesson: "金鑰說明「出自 PAYUNi」，MerID 才說明「是付給我」。只要金鑰有一天會共用、會搬家，這一行就不能省。",
    tried,
};

fn tried() -> [Verdict; 4] {
    let versions: [Notified; 4] = [vulnerable::notified, a::notified, b::notified, c::notified];
    versions.map(|notified| {
        let pays_for_ours = |inner: &str, outer: &str| {
            let mut shop = shop();
            let content: Fields = card_paid().with("MerID", inner);
            let form = envelope(&shop, &content).with("MerID", outer);
            let _ = notified(&mut shop, &form);
            shop.is_paid(ORDER)
        };
        let ours = payuni_sim::DEMO_MER_ID;
        let sister = format!("{ours}2");
        Verdict {
            robbed: pays_for_ours("OTHER", "OTHER")
                || pays_for_ours("OTHER", ours)
                || pays_for_ours(&sister, &sister),
            serves: pays_for_ours(ours, ours) && !believes(notified, &[card_declined()]),
        }
    })
}
