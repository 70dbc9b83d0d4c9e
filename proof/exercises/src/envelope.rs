//! The sealed envelope, in its parts, so that an exercise can leave one out.

use crate::model::{Fields, Refused};
use aes_gcm::{
    AesGcm, KeyInit, Nonce,
    aead::{Aead, consts::U16},
    aes::Aes256,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use payuni_sim::{DEMO_HASH_IV, DEMO_HASH_KEY};

/// The length of a whole tag.
const TAG: usize = 16;

/// The keys that shop and gateway share.
pub(crate) struct Keys {
    pub(crate) key: &'static str,
    pub(crate) iv: &'static str,
}

/// `EncryptInfo`, taken apart and not yet believed.
pub(crate) struct Parts {
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) tag: Vec<u8>,
}

impl Parts {
    pub(crate) fn of(encrypt_info: &str) -> Result<Self, Refused> {
        let text = hex::decode(encrypt_info).map_err(|_| Refused)?;
        let text = str::from_utf8(&text).map_err(|_| Refused)?;
        let (ciphertext, tag) = text.split_once(":::").ok_or(Refused)?;
        let decode = |part: &str| STANDARD.decode(part).map_err(|_| Refused);
        Ok(Self {
            ciphertext: decode(ciphertext)?,
            tag: decode(tag)?,
        })
    }

    pub(crate) fn encrypt_info(&self) -> String {
        let [ciphertext, tag] = [&self.ciphertext, &self.tag].map(|part| STANDARD.encode(part));
        hex::encode(format!("{ciphertext}:::{tag}"))
    }
}

impl Keys {
    /// The sandbox's, which are public.
    pub(crate) const DEMO: Self = Self {
        key: DEMO_HASH_KEY,
        iv: DEMO_HASH_IV,
    };

    /// The gateway's side seals with the sandbox's own cipher.
    fn gateway(&self) -> payuni_sim::Keys {
        payuni_sim::Keys::new(self.key, self.iv).expect("the keys have their lengths")
    }

    pub(crate) fn seal(&self, fields: &Fields) -> String {
        self.gateway().seal_text(fields.encode().as_bytes())
    }

    /// `UPPER(hex(SHA-256(HashKey ‖ EncryptInfo ‖ HashIV)))`.
    pub(crate) fn hash(&self, encrypt_info: &str) -> String {
        self.gateway().hash(encrypt_info)
    }

    fn sealed(&self, plaintext: &[u8]) -> Vec<u8> {
        let cipher = AesGcm::<Aes256, U16>::new_from_slice(self.key.as_bytes());
        let nonce = Nonce::<U16>::try_from(self.iv.as_bytes()).expect("the iv has 16 bytes");
        let sealed = cipher
            .expect("the key has 32 bytes")
            .encrypt(&nonce, plaintext);
        sealed.expect("a form is far below GCM's 64 GiB")
    }

    /// Decrypts without looking at any tag: GCM is a key stream, which is the same in both directions.
    pub(crate) fn decrypt(&self, ciphertext: &[u8]) -> Vec<u8> {
        let mut sealed = self.sealed(ciphertext);
        sealed.truncate(ciphertext.len());
        sealed
    }

    /// The tag that this ciphertext should have, whole.
    pub(crate) fn tag(&self, ciphertext: &[u8]) -> [u8; TAG] {
        let sealed = self.sealed(&self.decrypt(ciphertext));
        let tag = sealed
            .last_chunk::<TAG>()
            .expect("what is sealed ends with its tag");
        *tag
    }
}
