//! Doors for the fuzzer in `proof/fuzz`, behind the feature `fuzzing`: what lies behind the hash, which no fuzzer guesses.

use crate::envelope::{Envelope, envelope_of, hash_info, sealed_bytes};
use crate::merchant::Merchant;

/// An envelope that seals any bytes correctly, as a reply's (`json`) or a notice's.
#[must_use]
pub fn seal_plaintext(merchant: &Merchant, plaintext: &[u8], json: bool) -> Envelope {
    envelope_of(merchant, sealed_bytes(merchant, plaintext), json)
}

/// An envelope whose hash is right over any text, so that its decoding is what is tried.
#[must_use]
pub fn hash_over(merchant: &Merchant, encrypt_info: &str) -> Envelope {
    envelope_of(merchant, encrypt_info.to_owned(), false)
}

/// The reader of amounts.
#[must_use]
pub fn amount(text: &str) -> Option<u32> {
    crate::trade::parse_amount(text)
}

/// A form as it goes over the wire that seals any bytes correctly.
#[must_use]
pub fn sealed_form(merchant: &Merchant, plaintext: &[u8]) -> String {
    let sealed = sealed_bytes(merchant, plaintext);
    let hash = hash_info(&merchant.keyring.current, &sealed);
    format!("EncryptInfo={sealed}&HashInfo={hash}")
}
