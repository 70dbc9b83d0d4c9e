//! Makes messages, right ones and wrong ones, from the formula in the documentation.

use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead, Key, Nonce};
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doctor::{Examination, Id, Input, Keys, Lang, Verdict, examine};
use jiff::Timestamp;
use sha2::{Digest, Sha256};

/// The documentation's sample key.
pub(crate) const KEY: &str = "12345678901234567890123456789012";
/// The documentation's sample IV.
pub(crate) const IV: &str = "1234567890123456";
/// A merchant's own.
pub(crate) const OTHER_KEY: &str = "abcdefghijklmnopqrstuvwxyzABCDEF";
/// A merchant's own.
pub(crate) const OTHER_IV: &str = "ZYXWVUTSRQPONMLK";
/// What most of the wrong messages seal. `../../../payuni/tests/vectors` has none with all five fields.
pub(crate) const PLAIN: &str =
    "MerID=S0001&MerTradeNo=A-1&TradeAmt=100&Timestamp=1700000000&ProdDesc=coffee";

/// When it was sent.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

/// Ciphertext and tag under a key of 32 and a nonce of 16 bytes.
pub(crate) fn gcm(key: &[u8], iv: &[u8], plaintext: &[u8]) -> (Vec<u8>, Vec<u8>) {
    type Cipher = AesGcm<Aes256, U16>;
    let key = Key::<Cipher>::try_from(key).unwrap();
    let nonce = Nonce::<Cipher>::try_from(iv).unwrap();
    let mut sealed = Cipher::new(&key).encrypt(&nonce, plaintext).unwrap();
    let tag = sealed.split_off(sealed.len() - 16);
    (sealed, tag)
}

/// Both halves of a plaintext under the sample keys.
pub(crate) fn halves(plaintext: &str) -> (Vec<u8>, Vec<u8>) {
    gcm(KEY.as_bytes(), IV.as_bytes(), plaintext.as_bytes())
}

/// Base64.
pub(crate) fn b64(bytes: impl AsRef<[u8]>) -> String {
    STANDARD.encode(bytes)
}

/// `base64:::base64`.
pub(crate) fn text_of(plaintext: &str) -> String {
    let (ciphertext, tag) = halves(plaintext);
    format!("{}:::{}", b64(ciphertext), b64(tag))
}

/// `EncryptInfo`.
pub(crate) fn sealed(plaintext: &str) -> String {
    hex::encode(text_of(plaintext))
}

/// SHA-256 in upper-case hex of some texts, one after the other.
pub(crate) fn sha(parts: &[&str]) -> String {
    hex::encode_upper(Sha256::digest(parts.concat()))
}

/// The right `HashInfo`.
pub(crate) fn hash(encrypt_info: &str) -> String {
    sha(&[KEY, encrypt_info, IV])
}

/// A form with an `EncryptInfo` and a `HashInfo`, as a library encodes it.
pub(crate) fn form(encrypt_info: &str, hash_info: &str) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("MerID", "S0001")
        .append_pair("Version", "2.0")
        .append_pair("EncryptInfo", encrypt_info)
        .append_pair("HashInfo", hash_info)
        .finish()
}

/// A form that seals a plaintext rightly.
pub(crate) fn form_of(plaintext: &str) -> String {
    let encrypt_info = sealed(plaintext);
    form(&encrypt_info, &hash(&encrypt_info))
}

/// A body with the sample keys.
pub(crate) fn input(body: impl Into<Vec<u8>>) -> Input {
    Input {
        now: Some(now()),
        ..Input::new(body, Keys::new(KEY, IV))
    }
}

/// The names of what was found, and every text filled in both languages.
pub(crate) fn found(input: &Input) -> Vec<Id> {
    let examination = examine(input);
    is_said(&examination);
    let ids: Vec<Id> = examination.findings.iter().map(|f| f.id).collect();
    let faults = examination.findings.iter().any(|f| !f.advice);
    assert_eq!(examination.verdict == Verdict::Wrong, faults);
    ids
}

/// No place of a text is left open, and something is said of every finding.
pub(crate) fn is_said(examination: &Examination) {
    for lang in Lang::ALL {
        let diagnosis = examination.diagnosis(lang);
        assert_eq!(diagnosis.findings.len(), examination.findings.len());
        for finding in &diagnosis.findings {
            for text in [&finding.title, &finding.why, &finding.mend] {
                assert!(!text.is_empty() && !text.contains(['{', '}']), "{text}");
            }
        }
        for step in &diagnosis.steps {
            assert!(
                !step.says.is_empty() && !step.says.contains(['{', '}']),
                "{step:?}"
            );
        }
    }
}

/// Exactly this is found.
#[track_caller]
pub(crate) fn only(input: &Input, id: Id) {
    let said = examine(input).render(Lang::En);
    assert_eq!(found(input), [id], "{said}");
}
