//! A tag that is as long as its sender likes.

use crate::{
    Code, Exercise, Repair, Verdict, code,
    envelope::{Keys, Parts},
    model::Fields,
    trial::{card_declined, card_paid},
};

mod a;
mod b;
mod c;
mod vulnerable;

pub(crate) const EXERCISE: Exercise = Exercise {
    id: "cut-tag",
    case: "A09",
    title: "驗證碼多長，訊息說了算",
    setting: "這個函式解開 AES-GCM 的密文，是驗雜湊之後的第二道門。它照著某些語言內建函式的做法寫：PHP 的 openssl_decrypt 與舊版 Node 的 setAuthTag，短的驗證碼也收。這一題只看這道門自己守不守得住。",
    question: "有人在線路上拿到一份「刷卡失敗」，不知道金鑰，只把密文裡的幾個位元翻過來，再把驗證碼剪短。哪一個改法能讓他一個都過不了？",
    vulnerable: Code {
        source: code!("cut_tag/vulnerable.rs"),
    },
    repairs: [
        Repair {
            key: "a",
            source: code!("cut_tag/a.rs"),
            right: false,
            reason: "還是會被騙。空的擋住了，一個位元組的沒擋：只有 256 種，從 00 試到 FF，一定有一個對。",
        },
        Repair {
            key: "b",
            source: code!("cut_tag/b.rs"),
            right: true,
            reason: "守住了。先變成剛好 16 個位元組的型別，變不成就拒絕；長度從此由程式決定，比較的永遠是整段。",
        },
        Repair {
            key: "c",
            source: code!("cut_tag/c.rs"),
            right: false,
            reason: "還是會被騙。固定時間比較是好習慣，但 zip 走到短的那邊就停：驗證碼剪到空的，一個位元組都沒比，結果是「完全相同」。",
        },
    ],
    ours: "crates/payuni/src/cipher.rs#TAG_LEN",
    lesson: "比對之前先定長度，而且長度由自己定。凡是「比多少由對方決定」的檢查，對方都會選零。",
    tried,
};

/// How the versions are called: the plaintext, if the tag is right.
type Opens = fn(&Keys, &[u8], &[u8]) -> Option<Vec<u8>>;

/// What somebody on the line makes of a declined payment: GCM is a key stream, so that a bit flipped in the ciphertext is the
/// same bit flipped in the plaintext. He knows what stands where, and needs no key.
fn flipped(declined: &str, wanted: &str, ciphertext: &[u8]) -> Vec<u8> {
    let bytes = declined.bytes().zip(wanted.bytes()).zip(ciphertext);
    bytes.map(|((is, to_be), byte)| byte ^ is ^ to_be).collect()
}

fn tried() -> [Verdict; 4] {
    let keys = Keys::DEMO;
    let versions: [Opens; 4] = [vulnerable::open, a::open, b::open, c::open];
    let declined = card_declined().encode();
    let wanted = declined.replace("TradeStatus=2", "TradeStatus=1");
    let sealed =
        |fields: Fields| Parts::of(&keys.seal(&fields)).expect("the gateway seals as it should");
    let on_the_line = sealed(card_declined());
    let forged = flipped(&declined, &wanted, &on_the_line.ciphertext);
    let genuine = sealed(card_paid());
    versions.map(|open| {
        let mut tags = vec![Vec::new()];
        tags.extend((0..=u8::MAX).map(|guess| vec![guess]));
        // The tag of the message that was on the line, whole and cut.
        tags.extend((1..=16).map(|length| on_the_line.tag[..length].to_vec()));
        Verdict {
            robbed: tags
                .iter()
                .any(|tag| open(&keys, &forged, tag).is_some_and(|it| it == wanted.as_bytes())),
            serves: open(&keys, &genuine.ciphertext, &genuine.tag)
                .is_some_and(|it| it == card_paid().encode().as_bytes()),
        }
    })
}
