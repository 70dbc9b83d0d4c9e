//! A hash without a key, which anybody can make.

use crate::{
    Code, Exercise, Repair, Verdict, code,
    fixed_nonce::{falls_for, forged, wanted},
    trial::{Notified, believes, card_declined, card_paid, shop},
};
use sha2::{Digest, Sha256};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "keyless-hash",
    case: "A14",
    title: "沒有金鑰的雜湊",
    setting: "工程師在網路上讀到兩種算法：一種前後夾著金鑰，一種只有 SHA256(EncryptInfo)。不確定哪一種對，就兩種都收，測試環境一路綠燈。",
    question: "SHA-256 沒有被破解，為什麼這家店誰都騙得了？哪一個改法收得到 PAYUNi 的通知，又只收 PAYUNi 的？",
    vulnerable: Code {
        source: code!("keyless_hash/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("keyless_hash/a.rs"),
            right: false,
            reason: "還是會被騙，而且連真的也不認得了。商店代號是公開的，每張結帳表單都有；加公開的東西進去，還是人人會算。",
        },
        Repair {
            key: "b",
            source: code!("keyless_hash/b.rs"),
            right: false,
            reason: "HMAC 的確是比較好的設計，所以偽造的進不來，但連真的也進不來：PAYUNi 送的不是 HMAC。收信的人不能單方面換算法。",
        },
        Repair {
            key: "c",
            source: code!("keyless_hash/c.rs"),
            right: true,
            reason: "守住了。只認文件寫的那一種：金鑰、密文、IV 依序接起來再雜湊。不知道金鑰就算不出來，「相容另一種寫法」的後門也關了。",
        },
    ],
    ours: "crates/payuni/src/envelope.rs#hash_info",
    lesson: "雜湊說「內容沒被改」，金鑰才說「是誰給的」。看到驗章的程式，先找金鑰在哪裡；不確定的算法，用測試向量確認，不要兩種都收。",
    tried,
};

fn tried() -> [Verdict; 4] {
    let versions: [Notified; 4] = [vulnerable::notified, a::notified, b::notified, c::notified];
    // What anybody can compute from what he has in hand.
    let text = forged(&shop(), &wanted());
    let merchant = payuni_sim::DEMO_MER_ID;
    let guesses = [text.clone(), format!("{merchant}{text}")]
        .map(|public| hex::encode_upper(Sha256::digest(public)));
    versions.map(|notified| Verdict {
        robbed: falls_for(notified, &guesses),
        serves: believes(notified, &[card_paid()]) && !believes(notified, &[card_declined()]),
    })
}
