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
    let (stream, secret) = given_away(&own_checkouts(shop));
    secret
        .seal(&stream, wanted.encode().as_bytes())
        .encrypt_info()
}

/// The key stream and the secret of the tag, from two own messages.
fn given_away(own: &[(Fields, Parts); 2]) -> (Vec<u8>, forgery::Secret) {
    let [(known, first), (_, second)] = own;
    let stream = forgery::key_stream(first, known.encode().as_bytes());
    (stream, forgery::Secret::recovered(first, second))
}

/// A message: what it says, and how it travels.
#[derive(Clone, Debug)]
pub struct Message {
    /// What is sealed, as a form.
    pub content: String,
    /// `EncryptInfo`.
    pub encrypt_info: String,
}

/// What an IV that never changes gives away, carried out with the sandbox's public keys.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// Two checkouts of the attacker's own: he knows content and `EncryptInfo` of both.
    pub own: [Message; 2],
    /// Another buyer's notice, of which he saw the `EncryptInfo` only. The content is what he reads from it.
    pub read: Message,
    /// A notice that he made himself, with a valid tag.
    pub forged: Message,
}

/// Reads a stranger's message and forges another from two own ones. No key is used but to seal what is genuine.
#[must_use]
pub fn recovery() -> Recovery {
    let shop = shop();
    let own = own_checkouts(&shop);
    let (stream, secret) = given_away(&own);
    let sealed = shop.keys.seal(&strangers());
    let seen = Parts::of(&sealed).expect("the gateway seals as it should");
    let read = forgery::applied(&stream, &seen.ciphertext);
    let wanted = wanted().encode();
    Recovery {
        own: own.map(|(content, parts)| Message {
            content: content.encode(),
            encrypt_info: parts.encrypt_info(),
        }),
        read: Message {
            content: String::from_utf8_lossy(&read).into_owned(),
            encrypt_info: sealed,
        },
        forged: Message {
            encrypt_info: secret.seal(&stream, wanted.as_bytes()).encrypt_info(),
            content: wanted,
        },
    }
}

/// Another buyer's paid order.
fn strangers() -> Fields {
    Fields::of(&[
        ("Status", "SUCCESS"),
        ("MerID", payuni_sim::DEMO_MER_ID),
        ("MerTradeNo", "20261126-Q3"),
        ("TradeNo", "1700000000000000682"),
        ("TradeAmt", "1280"),
        ("TradeStatus", "1"),
        ("PaymentType", "1"),
        ("Card4No", "0001"),
    ])
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
        let read = recovery().read;
        assert_eq!(read.content, strangers().encode());
        assert!(recovery().own.iter().all(|own| own.content != read.content));
    }

    #[test]
    fn the_forged_message_is_the_one_that_the_key_holder_would_make() {
        let forged = recovery().forged;
        assert_eq!(forged.content, wanted().encode());
        assert_eq!(forged.encrypt_info, shop().keys.seal(&wanted()));
    }

    #[test]
    fn a_changed_tag_gives_another_secret() {
        let shop = shop();
        let [(known, first), (other, mut second)] = own_checkouts(&shop);
        second.tag[0] ^= 1;
        let (stream, secret) = given_away(&[(known, first), (other, second)]);
        let forged = secret.seal(&stream, wanted().encode().as_bytes());
        assert_ne!(forged.encrypt_info(), shop.keys.seal(&wanted()));
    }
}
