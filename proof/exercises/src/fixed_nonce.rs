//! GCM under a nonce that never changes authenticates nothing.

use crate::{
    Code, Exercise, Repair, Verdict, code,
    envelope::Parts,
    model::{Fields, Shop},
    trial::{AMOUNT, Notified, ORDER, believes, card_declined, card_paid, shop},
};

mod a;
mod b;
mod c;
pub(crate) mod forgery;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "fixed-nonce",
    case: "A10",
    title: "IV 從不更換的 GCM",
    setting: "寫的人說：「AES-GCM 本來就有驗證碼，驗過就知道沒被改，HashInfo 是多餘的。」一般的 GCM 的確如此，但 PAYUNi 的 HashIV 每一則訊息都一樣。",
    question: "攻擊者沒有金鑰，只用自己的同一張訂單拿了兩次結帳表單，信箱差一個字母，就算得出驗證碼的祕密，造出一份「付款成功」。哪一個改法他過不了？",
    vulnerable: Code {
        source: code!("fixed_nonce/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("fixed_nonce/a.rs"),
            right: false,
            reason: "還是會被騙。記住看過的密文只擋得住重送；攻擊者送來的是他自己新造的，從來沒有人看過。",
        },
        Repair {
            key: "b",
            source: code!("fixed_nonce/b.rs"),
            right: false,
            reason: "連真的通知也打不開。12 個位元組的確是 GCM 常用的長度，但 PAYUNi 用滿 16 個，少四個就是另一條金鑰流；何況剪短了還是同一個，沒有比較新。",
        },
        Repair {
            key: "c",
            source: code!("fixed_nonce/c.rs"),
            right: true,
            reason: "守住了。HashInfo 把金鑰夾在雜湊裡，從結帳表單推不回金鑰，也就造不出來。先驗它，再談解密；驗證碼照驗，但不指望它。",
        },
    ],
    ours: "crates/payuni/src/envelope.rs#open",
    lesson: "「用了 AES-GCM」不等於「驗過是誰送的」。同一把金鑰、同一個 nonce 用兩次，GCM 的保證就沒了，身分要另外證明。",
    tried,
};

/// Two checkouts of the attacker's own order. He knows every byte of them; they differ in the last letter of his address.
fn own_checkouts(shop: &Shop) -> [(Fields, Parts); 2] {
    ["me@tea.tw", "me@tea.tv"].map(|mail| {
        let content = Fields::of(&[
            ("MerID", shop.merchant),
            ("MerTradeNo", ORDER),
            ("TradeAmt", &AMOUNT.to_string()),
            ("Timestamp", &shop.now.to_string()),
            ("ProdDesc", "阿里山高山烏龍茶（手採）"),
            ("NotifyURL", "https://shop.example/payuni/notify"),
            ("UsrMail", mail),
        ]);
        let sealed = Parts::of(&shop.keys.seal(&content));
        (content, sealed.expect("the shop seals as it should"))
    })
}

/// An `EncryptInfo` with a valid tag that says what the attacker likes. He has no key.
pub(crate) fn forged(shop: &Shop, wanted: &Fields) -> String {
    let [(known, first), (_, second)] = own_checkouts(shop);
    let stream = forgery::key_stream(&first, known.encode().as_bytes());
    let secret = forgery::Secret::recovered(&first, &second);
    secret
        .seal(&stream, wanted.encode().as_bytes())
        .encrypt_info()
}

/// What the attacker would like the shop to believe, without the words that would make it longer than what he knows.
pub(crate) fn wanted() -> Fields {
    Fields::of(&[
        ("Status", "SUCCESS"),
        ("MerID", payuni_sim::DEMO_MER_ID),
        ("MerTradeNo", ORDER),
        ("TradeNo", "9"),
        ("TradeAmt", "680"),
        ("TradeStatus", "1"),
        ("PaymentType", "1"),
    ])
}

/// Whether the shop believes the forgery with one of these in the place of its hash.
pub(crate) fn falls_for(notified: Notified, hashes: &[String]) -> bool {
    let mut shop = shop();
    let text = forged(&shop, &wanted());
    for hash in hashes {
        let form = Fields::of(&[
            ("Status", "SUCCESS"),
            ("MerID", shop.merchant),
            ("EncryptInfo", &text),
            ("HashInfo", hash),
        ]);
        let _ = notified(&mut shop, &form);
    }
    shop.is_paid(ORDER)
}

fn tried() -> [Verdict; 4] {
    let versions: [Notified; 4] = [vulnerable::notified, a::notified, b::notified, c::notified];
    versions.map(|notified| Verdict {
        robbed: falls_for(notified, &["0".repeat(64)]),
        serves: believes(notified, &[card_paid()]) && !believes(notified, &[card_declined()]),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_message_is_read_with_two_own_ones() {
        let shop = shop();
        let [(known, first), _] = own_checkouts(&shop);
        let stream = forgery::key_stream(&first, known.encode().as_bytes());
        let strangers = card_paid().with("Message", "").with("Card4No", "4242");
        let sealed = Parts::of(&shop.keys.seal(&strangers)).unwrap();
        let read = forgery::applied(&stream, &sealed.ciphertext);
        assert_eq!(read, strangers.encode().as_bytes());
    }

    #[test]
    fn the_forged_tag_is_the_one_that_the_key_holder_would_make() {
        let shop = shop();
        assert_eq!(forged(&shop, &wanted()), shop.keys.seal(&wanted()));
    }
}
