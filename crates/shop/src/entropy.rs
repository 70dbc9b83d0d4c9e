//! Randomness, from the operating system. Only the shell draws it; everything below is handed it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;

/// Returns so many random bytes of a CSPRNG.
#[must_use]
pub fn bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    rand::rng().fill_bytes(&mut bytes);
    bytes
}

/// Returns a random name of 192 bits, fit for cookies and forms.
#[must_use]
pub fn name() -> String {
    URL_SAFE_NO_PAD.encode(bytes::<24>())
}
