//! A wrong amount, validly signed.

use crate::{
    Code, Exercise, Repair, Verdict, code,
    trial::{AMOUNT, Notified, ORDER, believes, card_declined, card_paid, envelope, shop},
};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "wrong-amount",
    case: "A24",
    title: "簽章是真的，金額不對",
    setting: "一筆真的付款、真的簽章、真的訂單編號，只是付的錢不是這張訂單的錢。CVE-2026-9189 就是這一行沒寫。",
    question: "有人付了 1 元，換走 680 元的茶。要比金額，但跟誰比？有一天商品漲價到 720 元，昨天下單的人今天才付款，也要收得到。",
    vulnerable: Code {
        source: code!("wrong_amount/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("wrong_amount/a.rs"),
            right: false,
            reason: "還是會被占便宜。為了手續費留 5% 的彈性，等於貼告示說「這裡打九五折」。PAYUNi 的手續費不從這個數字扣，沒有理由差任何一元。",
        },
        Repair {
            key: "b",
            source: code!("wrong_amount/b.rs"),
            right: false,
            reason: "擋住了 1 元，也擋掉照規矩付錢的人。型錄是今天的價錢，訂單是當時說好的價錢；調一次價，路上的訂單全部收不到。",
        },
        Repair {
            key: "c",
            source: code!("wrong_amount/c.rs"),
            right: true,
            reason: "守住了。跟寫下訂單那一刻存的金額比，一元都不能差。不符的不丟掉：錢是真的，留給人看，並且回 OK，免得一直重送。",
        },
    ],
    ours: "crates/orders/src/bind.rs#bind",
    lesson: "簽章只證明「PAYUNi 說收了這麼多」，沒說「這麼多就夠」。夠不夠，只有您自己的訂單知道。",
    tried,
};

fn tried() -> [Verdict; 4] {
    let versions: [Notified; 4] = [vulnerable::notified, a::notified, b::notified, c::notified];
    versions.map(|notified| {
        let pays = |amount: u32| {
            let mut shop = shop();
            let content = card_paid().with("TradeAmt", &amount.to_string());
            let form = envelope(&shop, &content);
            let _ = notified(&mut shop, &form);
            shop.is_paid(ORDER)
        };
        let after_a_rise = {
            let mut shop = shop();
            shop.price_today = 720;
            let form = envelope(&shop, &card_paid());
            notified(&mut shop, &form).is_ok() && shop.is_paid(ORDER)
        };
        Verdict {
            robbed: [1, AMOUNT - 34, AMOUNT - 1].into_iter().any(pays),
            serves: pays(AMOUNT) && after_a_rise && !believes(notified, &[card_declined()]),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_money_is_not_thrown_away() {
        let mut shop = shop();
        let form = envelope(&shop, &card_paid().with("TradeAmt", "681"));
        assert!(c::notified(&mut shop, &form).is_ok());
        assert_eq!(shop.set_aside.len(), 1);
        assert!(!shop.is_paid(ORDER));
    }
}
