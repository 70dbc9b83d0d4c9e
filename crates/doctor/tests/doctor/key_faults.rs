//! Keys that were given wrongly, and messages that were made with spoilt ones.

use crate::maker::{
    IV, KEY, OTHER_IV, OTHER_KEY, PLAIN, b64, form, form_of, gcm, hash, input, only, sealed, sha,
};
use doctor::{Id, Input, Keys, Whose};

fn given(key: &str, iv: &str) -> Input {
    Input {
        keys: Keys::new(key, iv),
        ..input(form_of(PLAIN))
    }
}

/// Made with PHP: `openssl_encrypt(PLAIN, "aes-256-gcm", KEY, 0, IV, $tag)` with the keys spoilt as it says.
const PHP_SWAPPED: &str = "4c4a6769425371512f655854703165794a2f7a304e5037445249726369566d5a6c7667594f39306d7067446b7059526f2b5243513561636c7073627277434d33767345756a736e44733373556b4f5639447a675552597254756c59657655422b6c304e4466773d3d3a3a3a6c484f5a346155492b6b6d63564c6149794e524165773d3d";
const PHP_KEY_CUT: &str = "57483670496777446c694b55596648336a68692f4d4d494166397a594d6f64523758667543415666554d4452316e697047594446796f74644436424d4161417148693471324376767a444534384278796c623643686b59476b6653776766764e774c64616c413d3d3a3a3a50386c43424859464a49524d797676534a384e312f773d3d";
const PHP_KEY_NEWLINE: &str = "47396636346f6673543158456c6154433339547a322f3667794f5872732b3439696e734241644c34674143527849455a6a4e624856684677793755784f7a687261626d5a5636374c3654787174557a49636a3333774c5673364439426e476d5a2f49536152773d3d3a3a3a783534745030592b6e45446663367549494c62752f673d3d";

#[test]
fn key_and_iv_swapped() {
    only(&given(IV, KEY), Id::KeyIvSwapped);
    let body = form(PHP_SWAPPED, &sha(&[IV, PHP_SWAPPED, KEY]));
    only(&input(body), Id::KeyIvSwapped);
    let body = form(PHP_SWAPPED, &hash(PHP_SWAPPED));
    only(&input(body), Id::KeyIvSwapped);
}

#[test]
fn key_or_iv_cut_or_too_long() {
    only(&given(&KEY[..31], IV), Id::KeyLength);
    only(&given(KEY, &IV[1..]), Id::KeyLength);
    only(&given(&format!("{KEY}9"), IV), Id::KeyLength);
    only(&given(KEY, &format!("{IV}78")), Id::KeyLength);
    let body = form(PHP_KEY_CUT, &sha(&[&KEY[..31], PHP_KEY_CUT, IV]));
    only(&input(body), Id::KeyLength);
    // An IV cut to twelve bytes in the settings is hashed so too, which a wrong nonce alone is not.
    let encrypt_info = crate::ciphers::with_twelve_bytes(PLAIN);
    let body = form(&encrypt_info, &sha(&[KEY, &encrypt_info, &IV[..12]]));
    only(&input(body), Id::KeyLength);
}

#[test]
fn something_pasted_along_with_key_or_iv() {
    for key in [
        format!("{KEY}\n"),
        format!("{KEY}\r\n"),
        format!(" {KEY}"),
        format!("\u{feff}{KEY}"),
        format!("\"{KEY}\""),
    ] {
        only(&given(&key, IV), Id::KeyWhitespace);
        // PAYUNi's PHP SDK trims for the cipher only.
        let encrypt_info = sealed(PLAIN);
        let body = form(&encrypt_info, &sha(&[&key, &encrypt_info, IV]));
        only(&input(body), Id::KeyWhitespace);
    }
    for iv in [format!("{IV}\n"), format!("{IV} "), format!("\u{feff}{IV}")] {
        only(&given(KEY, &iv), Id::KeyWhitespace);
        let encrypt_info = sealed(PLAIN);
        let body = form(&encrypt_info, &sha(&[KEY, &encrypt_info, &iv]));
        only(&input(body), Id::KeyWhitespace);
    }
    let key = format!("{KEY}\n");
    let body = form(PHP_KEY_NEWLINE, &sha(&[&key, PHP_KEY_NEWLINE, IV]));
    only(&input(body), Id::KeyWhitespace);
}

fn under_others() -> String {
    let (ciphertext, tag) = gcm(OTHER_KEY.as_bytes(), OTHER_IV.as_bytes(), PLAIN.as_bytes());
    let encrypt_info = hex::encode(format!("{}:::{}", b64(ciphertext), b64(tag)));
    let hash_info = sha(&[OTHER_KEY, &encrypt_info, OTHER_IV]);
    form(&encrypt_info, &hash_info)
}

#[test]
fn the_other_environments_keys() {
    // Whose they are cannot be told from outside, so it is said as likely only.
    let stranger = input(under_others());
    only(&stranger, Id::UnknownKeys);
    let said = doctor::examine(&stranger);
    assert_eq!(said.findings[0].certainty, doctor::Certainty::Likely);
    // Known by name, it is certain.
    let mut known = input(under_others());
    known.others = vec![(Whose::Demo, Keys::new(OTHER_KEY, OTHER_IV))];
    only(&known, Id::OtherEnvironmentKeys);
    let mut sample = input(form_of(PLAIN));
    sample.keys = Keys::new(OTHER_KEY, OTHER_IV);
    only(&sample, Id::OtherEnvironmentKeys);
}

#[test]
fn the_keys_before_are_no_fault() {
    let mut rotated = input(under_others());
    rotated.others = vec![(Whose::Previous, Keys::new(OTHER_KEY, OTHER_IV))];
    only(&rotated, Id::OtherEnvironmentKeys);
    assert_eq!(doctor::examine(&rotated).verdict, doctor::Verdict::Right);
}
