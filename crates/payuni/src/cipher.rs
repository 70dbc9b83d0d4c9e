//! AES-256-GCM as PAYUNi uses it (PAYUNi docs pages 29, 312 and 343): key = `HashKey`, nonce = `HashIV`, no additional data.
//!
//! The nonce has 16 bytes instead of the usual 12, so the counter's start is derived from it by GHASH; libraries that know
//! 96-bit nonces only cannot speak to PAYUNi, and cutting the nonce to 12 bytes yields other ciphertexts. The tag's
//! length is part of the type: a shorter tag, which several libraries take, cannot even be tried here.
//!
//! **GCM proves nothing here.** `HashIV` never changes, so every message of a merchant shares one key stream and one GHASH
//! key: who holds two of them can read others and forge tags. Only `HashInfo` says who sent a message.

use aes_gcm::aead::Aead;
use aes_gcm::aead::consts::U16;
use aes_gcm::aes::Aes256;
use aes_gcm::{AesGcm, KeyInit, Nonce};

use crate::merchant::Keys;

type Cipher = AesGcm<Aes256, U16>;

/// The only tag length there is, in bytes.
pub(crate) const TAG_LEN: usize = 16;

fn parts(keys: &Keys) -> Option<(Cipher, Nonce<U16>)> {
    let cipher = Cipher::new_from_slice(keys.key.bytes()).ok()?;
    let nonce = Nonce::<U16>::try_from(keys.iv.bytes()).ok()?;
    Some((cipher, nonce))
}

/// Ciphertext and tag.
pub(crate) fn encrypt(keys: &Keys, plaintext: &[u8]) -> (Vec<u8>, Vec<u8>) {
    let (cipher, nonce) = parts(keys).expect("the key types hold exactly 32 and 16 bytes");
    let mut sealed = cipher
        .encrypt(&nonce, plaintext)
        .expect("a form is far below GCM's 64 GiB");
    let tag = sealed.split_off(sealed.len() - TAG_LEN);
    (sealed, tag)
}

/// The plaintext, or nothing if the tag is not that of this ciphertext.
pub(crate) fn decrypt(keys: &Keys, ciphertext: &[u8], tag: &[u8; TAG_LEN]) -> Option<Vec<u8>> {
    let (cipher, nonce) = parts(keys)?;
    let mut sealed = Vec::with_capacity(ciphertext.len() + TAG_LEN);
    sealed.extend_from_slice(ciphertext);
    sealed.extend_from_slice(tag);
    cipher.decrypt(&nonce, sealed.as_slice()).ok()
}
