//! The readers of a provider's tokens and keys, for the fuzzer.

use jiff::Timestamp;
use jsonwebtoken::DecodingKey;

use super::id_token::{Expected, Parts, Signed};
use super::{Identity, SignInError, provider};

/// What claims must fit.
#[derive(Debug, Clone, Copy)]
pub struct Claims<'a> {
    /// The provider.
    pub issuer: &'a str,
    /// Our OAuth client.
    pub client_id: &'a str,
    /// The nonce of this sign-in.
    pub nonce: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// Takes a token apart and verifies it under a key (`n`, `e`); returns the key's name that it gives, and whether it verified.
///
/// # Errors
/// Why it is no token.
pub fn token(token: &str, (n, e): (&str, &str)) -> Result<(String, bool), SignInError> {
    let parts = Parts::split(token)?;
    let kid = parts.kid().to_owned();
    let key = DecodingKey::from_rsa_components(n, e).map_err(|_| SignInError::UnknownKey)?;
    Ok((kid, parts.verify(&key).is_ok()))
}

/// Reads claims as if the provider's key had signed them.
///
/// # Errors
/// Which claim does not fit.
pub fn claims(json: &[u8], expected: Claims<'_>) -> Result<Identity, SignInError> {
    let claims = serde_json::from_slice(json).map_err(|_| SignInError::TokenShape("payload"))?;
    Signed::of(claims).accept(&Expected {
        issuer: expected.issuer,
        client_id: expected.client_id,
        nonce: expected.nonce,
        access_token: Some("access"),
        now: expected.now,
    })
}

/// How many usable keys a key set has.
#[must_use]
pub fn keys(body: &[u8]) -> Option<usize> {
    provider::usable_keys(body)
}
