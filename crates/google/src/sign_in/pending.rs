//! What our side keeps while the person is at the provider.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

/// State, nonce and PKCE verifier of one sign-in. Kept on our side, bound to one browser, used once. Prints as nothing.
#[derive(Clone)]
pub struct Pending {
    state: SecretString,
    nonce: SecretString,
    verifier: SecretString,
}

impl Pending {
    pub(super) fn from_entropy(entropy: &[u8; 96]) -> Self {
        let part =
            |from: usize| SecretString::from(URL_SAFE_NO_PAD.encode(&entropy[from..from + 32]));
        Self {
            state: part(0),
            nonce: part(32),
            verifier: part(64),
        }
    }

    /// Back from where it was stored.
    #[must_use]
    pub fn restore(state: String, nonce: String, verifier: String) -> Self {
        Self {
            state: state.into(),
            nonce: nonce.into(),
            verifier: verifier.into(),
        }
    }

    /// To be stored, or to be found by.
    #[must_use]
    pub fn state(&self) -> &str {
        self.state.expose_secret()
    }

    /// To be stored.
    #[must_use]
    pub fn nonce(&self) -> &str {
        self.nonce.expose_secret()
    }

    /// The PKCE verifier, 43 characters (RFC 7636 4.1). To be stored.
    #[must_use]
    pub fn verifier(&self) -> &str {
        self.verifier.expose_secret()
    }

    /// Whether this is the state that was begun, in a time that does not depend on where they differ.
    #[must_use]
    pub fn state_is(&self, state: &str) -> bool {
        !state.is_empty() && self.state().as_bytes().ct_eq(state.as_bytes()).into()
    }
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pending(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_distinct_and_never_printed() {
        let mut entropy = [0; 96];
        for (byte, value) in entropy.iter_mut().zip(0..) {
            *byte = value;
        }
        let pending = Pending::from_entropy(&entropy);
        assert_eq!(pending.verifier().len(), 43);
        assert_ne!(pending.state(), pending.nonce());
        assert_ne!(pending.nonce(), pending.verifier());
        assert_eq!(format!("{pending:?}"), "Pending(..)");
    }

    #[test]
    fn state_must_be_the_same() {
        let pending = Pending::restore("abc".into(), "n".into(), "v".into());
        assert!(pending.state_is("abc"));
        for other in ["", "ab", "abcd", "abC"] {
            assert!(!pending.state_is(other), "{other}");
        }
        assert!(!Pending::restore(String::new(), "n".into(), "v".into()).state_is(""));
    }
}
