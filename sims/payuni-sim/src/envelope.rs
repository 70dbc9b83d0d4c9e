//! The sealed envelope of every message: `EncryptInfo` and `HashInfo` (PAYUNi docs pages 29, 312 and 343).

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use crate::fields::Fields;
use crate::gcm;

/// A merchant's `HashKey` (32 bytes) and `HashIV` (16 bytes). Prints as nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Keys {
    key: [u8; 32],
    iv: [u8; 16],
}

impl Keys {
    /// Reads both texts. `None` where one has not its length: 32 bytes for the key, 16 for the iv.
    #[must_use]
    pub fn new(hash_key: &str, hash_iv: &str) -> Option<Self> {
        Some(Self {
            key: hash_key.as_bytes().try_into().ok()?,
            iv: hash_iv.as_bytes().try_into().ok()?,
        })
    }

    /// `lowercase_hex(base64(ciphertext) + ":::" + base64(tag))`.
    pub(crate) fn seal(&self, fields: &Fields) -> String {
        self.seal_text(fields.encode().as_bytes())
    }

    /// Seals any bytes: `EncryptInfo`. For a plaintext that is not a query string (one reading of `finite_query`), and for
    /// those who test what a shop makes of one.
    #[must_use]
    pub fn seal_text(&self, plaintext: &[u8]) -> String {
        let (ciphertext, tag) = gcm::seal(&self.key, &self.iv, plaintext);
        hex::encode(format!(
            "{}:::{}",
            STANDARD.encode(ciphertext),
            STANDARD.encode(tag)
        ))
    }

    /// Upper-case hex of SHA-256 over key, `EncryptInfo` as transmitted, and iv: `HashInfo`.
    #[must_use]
    pub fn hash(&self, encrypt_info: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update(encrypt_info);
        hash.update(self.iv);
        hex::encode_upper(hash.finalize())
    }

    /// Whether `hash_info` fits; upper and lower case differ, as in the official SDKs.
    pub(crate) fn hash_fits(&self, encrypt_info: &str, hash_info: &str) -> bool {
        gcm::same(self.hash(encrypt_info).as_bytes(), hash_info.as_bytes())
    }

    /// Opens an `EncryptInfo`.
    pub(crate) fn open(&self, encrypt_info: &str) -> Result<Fields, Broken> {
        self.open_text(encrypt_info)
            .map(|text| Fields::decode(&text))
    }

    fn open_text(&self, encrypt_info: &str) -> Result<Vec<u8>, Broken> {
        let packed = hex::decode(encrypt_info).map_err(|_| Broken::Format)?;
        let packed = String::from_utf8(packed).map_err(|_| Broken::Format)?;
        let (ciphertext, tag) = packed.split_once(":::").ok_or(Broken::Format)?;
        let ciphertext = STANDARD.decode(ciphertext).map_err(|_| Broken::Format)?;
        let tag = STANDARD.decode(tag).map_err(|_| Broken::Format)?;
        gcm::open(&self.key, &self.iv, &ciphertext, &tag).ok_or(Broken::Tag)
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(..)")
    }
}

/// Why an `EncryptInfo` could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Broken {
    /// Not hex, no `:::`, or not base64.
    Format,
    /// The tag has not 16 bytes, or does not fit key, nonce and ciphertext.
    Tag,
}

/// The outer fields of a sealed message, in PAYUNi's order.
pub(crate) fn outer(
    keys: &Keys,
    status: Option<&str>,
    mer_id: &str,
    version: &str,
    inner: &Fields,
) -> Fields {
    let encrypt_info = keys.seal(inner);
    outer_of(keys, status, mer_id, version, encrypt_info)
}

/// As [`outer`], around an `EncryptInfo` that is made already.
pub(crate) fn outer_of(
    keys: &Keys,
    status: Option<&str>,
    mer_id: &str,
    version: &str,
    encrypt_info: String,
) -> Fields {
    let hash = keys.hash(&encrypt_info);
    let fields = match status {
        Some(status) => Fields::new().with("Status", status),
        None => Fields::new(),
    };
    fields
        .with("MerID", mer_id)
        .with("Version", version)
        .with("EncryptInfo", encrypt_info)
        .with("HashInfo", hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors() -> serde_json::Value {
        serde_json::from_str(include_str!("../tests/vectors.json")).unwrap()
    }

    fn keys(v: &serde_json::Value) -> Keys {
        Keys::new(v["key"].as_str().unwrap(), v["iv"].as_str().unwrap()).unwrap()
    }

    #[test]
    fn positive_vectors_both_ways() {
        let v = vectors();
        let keys = keys(&v);
        let all: Vec<_> = v["official"]
            .as_array()
            .unwrap()
            .iter()
            .chain(v["derived"].as_array().unwrap())
            .collect();
        assert_eq!(all.len(), 9);
        for case in all {
            let (plain, sealed) = (
                case["plaintext"].as_str().unwrap(),
                case["EncryptInfo"].as_str().unwrap(),
            );
            assert_eq!(keys.seal_text(plain.as_bytes()), sealed, "{}", case["id"]);
            assert_eq!(
                keys.open_text(sealed).unwrap(),
                plain.as_bytes(),
                "{}",
                case["id"]
            );
            // Our writer is PHP's: decoding and encoding again gives the same text.
            assert_eq!(
                Fields::decode(plain.as_bytes()).encode(),
                plain,
                "{}",
                case["id"]
            );
            let hash = case["HashInfo"]
                .as_str()
                .or(case["HashInfo_computed_by_us"].as_str())
                .unwrap();
            assert!(keys.hash_fits(sealed, hash), "{}", case["id"]);
        }
    }

    #[test]
    fn negative_vectors_are_refused() {
        let v = vectors();
        let keys = keys(&v);
        for case in v["negative"].as_array().unwrap() {
            let sealed = case["EncryptInfo"].as_str().unwrap();
            let id = case["id"].as_str().unwrap();
            match id {
                "N3-no-separator" | "N4-odd-hex" => {
                    assert_eq!(keys.open(sealed), Err(Broken::Format), "{id}");
                }
                "N6-lowercase-hash" => {
                    assert!(!keys.hash_fits(sealed, case["HashInfo"].as_str().unwrap()));
                }
                _ => assert_eq!(keys.open(sealed), Err(Broken::Tag), "{id}"),
            }
        }
    }

    #[test]
    fn official_plaintext_of_cancel_cvs_is_what_we_write() {
        let v = vectors();
        let case = v["payload_fixtures_no_crypto"]
            .as_array()
            .unwrap()
            .iter()
            .find(|c| c["id"] == "F6-cancel-cvs-plaintext")
            .unwrap();
        let text = case["inner_plaintext"].as_str().unwrap();
        assert_eq!(Fields::decode(text.as_bytes()).encode(), text);
    }

    #[test]
    fn keys_print_nothing() {
        let keys = keys(&vectors());
        assert_eq!(format!("{keys:?}"), "Keys(..)");
    }
}
