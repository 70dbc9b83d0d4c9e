//! Another cipher, another nonce, another tag.

use crate::maker::{IV, KEY, PLAIN, b64, form, halves, hash, input, only, text_of};
use aes_gcm::aead::{Aead, Key, Nonce};
use aes_gcm::{Aes256Gcm, KeyInit};
use doctor::Id;

/// `printf %s "$PLAIN" | openssl enc -aes-256-cbc -K "$KEY_HEX" -iv "$IV_HEX" -a -A`
const OPENSSL_CBC: &str = "hkLYPInJhL8YJp6YlvpjTul+/s0qwB2fQu7Inm711tooilfcg6hV5vxNeQ6iVWP7yyrsNxrnxX61BVhrBwHLx1n1SZKIAeow8TdcagVz/b8=";

/// `EncryptInfo` with the first twelve bytes of the IV for a nonce.
pub(crate) fn with_twelve_bytes(plaintext: &str) -> String {
    let key = Key::<Aes256Gcm>::try_from(KEY.as_bytes()).unwrap();
    let nonce = Nonce::<Aes256Gcm>::try_from(&IV.as_bytes()[..12]).unwrap();
    let mut sealed = Aes256Gcm::new(&key)
        .encrypt(&nonce, plaintext.as_bytes())
        .unwrap();
    let tag = sealed.split_off(sealed.len() - 16);
    hex::encode(format!("{}:::{}", b64(sealed), b64(tag)))
}

fn of(encrypt_info: &str) -> doctor::Input {
    input(form(encrypt_info, &hash(encrypt_info)))
}

#[test]
fn cbc_instead_of_gcm() {
    only(&of(&hex::encode(OPENSSL_CBC)), Id::AesCbc);
    let with_separator = format!("{OPENSSL_CBC}:::");
    only(&of(&hex::encode(with_separator)), Id::AesCbc);
    let packed = hex::encode(format!("{OPENSSL_CBC}:::{}", b64([7; 16])));
    only(&of(&packed), Id::AesCbc);
}

#[test]
fn a_nonce_of_twelve_bytes() {
    only(&of(&with_twelve_bytes(PLAIN)), Id::Nonce12Bytes);
}

#[test]
fn the_tag_is_missing() {
    let (ciphertext, _) = halves(PLAIN);
    only(&of(&hex::encode(b64(&ciphertext))), Id::TagMissing);
    let with_separator = format!("{}:::", b64(&ciphertext));
    only(&of(&hex::encode(with_separator)), Id::TagMissing);
}

#[test]
fn a_tag_of_another_length() {
    let (ciphertext, tag) = halves(PLAIN);
    for length in [4, 8, 12, 15] {
        let text = format!("{}:::{}", b64(&ciphertext), b64(&tag[..length]));
        only(&of(&hex::encode(text)), Id::TagLength);
    }
    let long = [tag.as_slice(), &[0; 4]].concat();
    let text = format!("{}:::{}", b64(&ciphertext), b64(long));
    only(&of(&hex::encode(text)), Id::TagLength);
}

#[test]
fn changed_after_it_was_sealed() {
    let (mut ciphertext, tag) = halves(PLAIN);
    *ciphertext.last_mut().unwrap() ^= 1;
    let encrypt_info = hex::encode(format!("{}:::{}", b64(&ciphertext), b64(&tag)));
    only(&of(&encrypt_info), Id::TagWrong);
    let before = hex::encode(text_of(PLAIN));
    only(&input(form(&encrypt_info, &hash(&before))), Id::TagWrong);
}
