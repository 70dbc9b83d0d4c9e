//! RSA keys: Google's own (published as JWKS, rotated on demand) and what is needed to sign and
//! check RS256 with them.

use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;

use crate::settings::Keys;

/// An RSA public key as its two numbers, big-endian without leading zeros.
#[derive(Debug, Clone)]
pub(crate) struct PublicKey {
    pub(crate) kid: String,
    n: Vec<u8>,
    e: Vec<u8>,
}

impl PublicKey {
    /// Whether `signature` is RS256 by this key over `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        RsaPublicKeyComponents {
            n: &self.n,
            e: &self.e,
        }
        .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
        .is_ok()
    }

    /// The key as an entry of a JWK set (RFC 7517).
    pub(crate) fn jwk(&self) -> Value {
        json!({"n": b64(&self.n), "use": "sig", "e": b64(&self.e), "alg": "RS256", "kty": "RSA", "kid": self.kid})
    }

    /// The modulus, which a careless verifier may take for an HMAC secret.
    pub(crate) fn modulus(&self) -> &[u8] {
        &self.n
    }
}

/// An RSA key pair with its id. Prints its id only.
pub(crate) struct SigningKey {
    pair: KeyPair,
    pub(crate) public: PublicKey,
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SigningKey({})", self.public.kid)
    }
}

impl SigningKey {
    /// A new key of 2048 bits. Takes a noticeable part of a second: call it off the async threads.
    pub(crate) fn generate() -> Option<Self> {
        KeyPair::generate(KeySize::Rsa2048)
            .ok()
            .map(Self::with_pair)
    }

    /// From PKCS#8 DER; `None` where it is not an RSA key.
    pub(crate) fn from_pkcs8(der: &[u8]) -> Option<Self> {
        KeyPair::from_pkcs8(der).ok().map(Self::with_pair)
    }

    /// From a PEM block as in Google's key files.
    pub(crate) fn from_pem(pem: &str) -> Option<Self> {
        let body: String = pem
            .lines()
            .map(str::trim)
            .filter(|l| !l.starts_with("-----"))
            .collect();
        Self::from_pkcs8(&STANDARD.decode(body).ok()?)
    }

    fn with_pair(pair: KeyPair) -> Self {
        let n = pair
            .public_key()
            .modulus()
            .big_endian_without_leading_zero()
            .to_vec();
        let e = pair
            .public_key()
            .exponent()
            .big_endian_without_leading_zero()
            .to_vec();
        let digest = Sha256::digest(&n);
        let kid = hex::encode(digest.get(..20).unwrap_or(&digest));
        Self {
            pair,
            public: PublicKey { kid, n, e },
        }
    }

    /// PKCS#8 DER, for the state file.
    pub(crate) fn pkcs8(&self) -> Option<Vec<u8>> {
        let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der<'static>>::as_der(&self.pair).ok()?;
        Some(der.as_ref().to_vec())
    }

    /// PKCS#8 PEM, for a key file.
    pub(crate) fn pem(&self) -> Option<String> {
        let text = STANDARD.encode(self.pkcs8()?);
        let mut out = String::from("-----BEGIN PRIVATE KEY-----\n");
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (line, tail) = rest.split_at(rest.len().min(64));
            out.push_str(line);
            out.push('\n');
            rest = tail;
        }
        out.push_str("-----END PRIVATE KEY-----\n");
        Some(out)
    }

    /// RS256 over `message`.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .ok()?;
        Some(signature)
    }
}

/// A new key, or the one at this place among those that the process shares. Blocks.
pub(crate) fn made(whose: Keys, at: usize) -> Option<Arc<SigningKey>> {
    static MADE: Mutex<Vec<Arc<SigningKey>>> = Mutex::new(Vec::new());
    if whose == Keys::Own {
        return SigningKey::generate().map(Arc::new);
    }
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    while made.len() <= at {
        made.push(Arc::new(SigningKey::generate()?));
    }
    made.get(at).cloned()
}

/// Google's signing keys: the first signs, all are published. Made in the background at a first
/// start, so that starting does not wait for them.
#[derive(Debug, Clone)]
pub(crate) struct Keyring {
    keys: watch::Sender<Vec<Arc<SigningKey>>>,
}

impl Keyring {
    /// How many keys Google publishes at a time.
    pub(crate) const SIZE: usize = 2;

    pub(crate) fn new(known: Vec<SigningKey>) -> Self {
        Self {
            keys: watch::Sender::new(known.into_iter().map(Arc::new).collect()),
        }
    }

    /// Makes what is missing. Blocks; `done` is called after each key so that it is kept.
    pub(crate) fn fill(&self, whose: Keys, done: impl Fn()) {
        loop {
            let there = self.keys.borrow().len();
            if there >= Self::SIZE {
                return;
            }
            let Some(key) = made(whose, there) else {
                tracing::error!("no RSA key could be made: sign-in cannot work in this sandbox");
                return;
            };
            self.keys.send_modify(|keys| keys.push(key));
            done();
        }
    }

    /// The published keys, once there are enough; `None` if none come.
    pub(crate) async fn published(&self) -> Option<Vec<Arc<SigningKey>>> {
        let mut seen = self.keys.subscribe();
        seen.wait_for(|keys| keys.len() >= Self::SIZE)
            .await
            .ok()
            .map(|keys| keys.clone())
    }

    /// What there is now, without waiting.
    pub(crate) fn current(&self) -> Vec<Arc<SigningKey>> {
        self.keys.borrow().clone()
    }

    /// A new key signs from now on. The one before stays published unless `forget_all`.
    pub(crate) fn rotate(&self, fresh: Vec<SigningKey>, forget_all: bool) {
        self.keys.send_modify(|keys| {
            let old = if forget_all {
                Vec::new()
            } else {
                std::mem::take(keys)
            };
            *keys = fresh
                .into_iter()
                .map(Arc::new)
                .chain(old)
                .take(Self::SIZE)
                .collect();
        });
    }
}

/// Base64url without padding.
pub(crate) fn b64(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Base64url with or without padding: some clients pad the parts of a JWT.
pub(crate) fn unb64(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok()
}
