//! What several tests need: the vectors' merchant, and a forger who holds the keys.

use aes_gcm::aead::Aead;
use aes_gcm::aead::consts::U16;
use aes_gcm::{AesGcm, KeyInit, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use payuni::{Authentic, Envelope, Fields, MerTradeNo, Merchant, Refusal, Sealed, TradeNo, fields};
use sha2::{Digest, Sha256};

/// The documentation's sample key.
pub(crate) const KEY: &str = "12345678901234567890123456789012";
/// The documentation's sample IV.
pub(crate) const IV: &str = "1234567890123456";

/// `S0001` with the documentation's keys.
pub(crate) fn merchant() -> Merchant {
    Merchant::parse("S0001", KEY, IV).unwrap()
}

/// 2023-11-15 06:13:20 in Taipei.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

/// Ciphertext and tag of any bytes.
pub(crate) fn gcm(plaintext: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let cipher = AesGcm::<aes_gcm::aes::Aes256, U16>::new_from_slice(KEY.as_bytes()).unwrap();
    let mut sealed = cipher
        .encrypt(&Nonce::try_from(IV.as_bytes()).unwrap(), plaintext)
        .unwrap();
    let tag = sealed.split_off(sealed.len() - 16);
    (sealed, tag)
}

/// An `EncryptInfo` of any ciphertext and tag.
pub(crate) fn pack(ciphertext: &[u8], tag: &[u8]) -> String {
    hex::encode(format!(
        "{}:::{}",
        STANDARD.encode(ciphertext),
        STANDARD.encode(tag)
    ))
}

/// The right `HashInfo` of any `EncryptInfo`.
pub(crate) fn hash(encrypt_info: &str) -> String {
    hex::encode_upper(Sha256::digest(format!("{KEY}{encrypt_info}{IV}")))
}

/// A body with this `EncryptInfo` and this `HashInfo`.
pub(crate) fn body(encrypt_info: &str, hash_info: &str) -> Vec<u8> {
    let pairs = [
        ("Status", "SUCCESS"),
        ("MerID", "S0001"),
        ("Version", "1.0"),
        ("EncryptInfo", encrypt_info),
        ("HashInfo", hash_info),
    ];
    fields::encode(pairs).into_bytes()
}

/// Opens a body whose hash is right, whatever `EncryptInfo` is.
pub(crate) fn open_packed(encrypt_info: &str) -> Result<Authentic<Fields>, Refusal> {
    Envelope::from_form(&body(encrypt_info, &hash(encrypt_info)))?.open(&merchant(), now())
}

/// Opens a body that seals any bytes correctly.
pub(crate) fn open_plaintext(plaintext: &[u8]) -> Result<Authentic<Fields>, Refusal> {
    let (ciphertext, tag) = gcm(plaintext);
    let encrypt_info = pack(&ciphertext, &tag);
    let body = format!(
        "EncryptInfo={encrypt_info}&HashInfo={}",
        hash(&encrypt_info)
    );
    Envelope::from_form(body.as_bytes())?.open(&merchant(), now())
}

/// Opens a body that seals these pairs correctly.
pub(crate) fn open_pairs(pairs: &[(&str, &str)]) -> Result<Authentic<Fields>, Refusal> {
    open_plaintext(fields::encode(pairs.iter().copied()).as_bytes())
}

/// Our number.
pub(crate) fn number(text: &str) -> MerTradeNo {
    MerTradeNo::parse(text).unwrap()
}

/// PAYUNi's number.
pub(crate) fn trade(text: &str) -> TradeNo {
    TradeNo::parse(text).unwrap()
}

/// The fields that a sealed request carries, in order.
pub(crate) fn inside(sealed: &Sealed) -> Vec<(String, String)> {
    let opened = Envelope::from_form(sealed.form_body().as_bytes())
        .unwrap()
        .open(&merchant(), now())
        .unwrap();
    opened
        .iter()
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .collect()
}

/// Owned pairs.
pub(crate) fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected
        .iter()
        .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
        .collect()
}
