//! Randomness, from the operating system. Only the shell draws it; everything below is handed it.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rand::Rng;
use std::{fmt, sync::Arc};

/// Where the jobs draw randomness. Nothing that must not be guessed comes from here: sessions, order numbers and forms
/// always ask the operating system.
#[derive(Clone)]
pub struct Entropy(Source);

type Source = Arc<dyn Fn(&mut [u8]) + Send + Sync>;

impl Entropy {
    /// Draws from another source, so that a simulation can be repeated.
    #[must_use]
    pub fn from_source(source: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(source))
    }

    /// Returns so many random bytes.
    #[must_use]
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.0)(&mut bytes);
        bytes
    }

    /// Returns a random name of 192 bits.
    #[must_use]
    pub fn name(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<24>())
    }
}

impl Default for Entropy {
    fn default() -> Self {
        Self::from_source(|bytes| rand::rng().fill_bytes(bytes))
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}

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
