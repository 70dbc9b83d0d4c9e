//! The gateway's envelope, written from its documents: AES-256-GCM with a fixed 16-byte nonce inside, a keyed SHA-256 around.

use aes_gcm::{
    AesGcm, KeyInit, Nonce,
    aead::{Aead, consts::U16},
    aes::Aes256,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

type Cipher = AesGcm<Aes256, U16>;

/// Names and values in the order of the wire.
pub type Fields = Vec<(String, String)>;

/// A merchant's two secrets.
#[derive(Clone)]
pub struct Keys {
    key: &'static [u8; 32],
    iv: &'static [u8; 16],
}

/// The keys that shop and gateway share.
pub const OURS: Keys = Keys {
    key: b"simulated-gateway-hash-key-no-01",
    iv: b"simulated-iv-001",
};
/// Somebody else's.
pub const STRANGERS: Keys = Keys {
    key: b"simulated-gateway-hash-key-no-02",
    iv: b"simulated-iv-002",
};
/// The merchant's number.
pub const MERCHANT: &str = "SIMULATED01";

impl Keys {
    /// The keys as the shop's settings take them.
    #[must_use]
    pub fn texts(&self) -> (String, String) {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(self.key), text(self.iv))
    }

    fn cipher(&self) -> Option<(Cipher, Nonce<U16>)> {
        let cipher = Cipher::new_from_slice(self.key).ok()?;
        Some((cipher, Nonce::<U16>::try_from(&self.iv[..]).ok()?))
    }

    /// `EncryptInfo` of a plaintext.
    fn encrypt(&self, plaintext: &[u8]) -> Option<String> {
        let (cipher, nonce) = self.cipher()?;
        let mut sealed = cipher.encrypt(&nonce, plaintext).ok()?;
        let tag = sealed.split_off(sealed.len().checked_sub(16)?);
        let packed = format!("{}:::{}", STANDARD.encode(sealed), STANDARD.encode(tag));
        Some(hex::encode(packed))
    }

    /// Opens an `EncryptInfo`.
    #[must_use]
    pub fn open(&self, encrypt_info: &str) -> Option<Fields> {
        let packed = String::from_utf8(hex::decode(encrypt_info).ok()?).ok()?;
        let (sealed, tag) = packed.split_once(":::")?;
        let mut sealed = STANDARD.decode(sealed).ok()?;
        sealed.extend(STANDARD.decode(tag).ok()?);
        let (cipher, nonce) = self.cipher()?;
        let plaintext = cipher.decrypt(&nonce, sealed.as_slice()).ok()?;
        Some(form_urlencoded::parse(&plaintext).into_owned().collect())
    }

    fn hash(&self, encrypt_info: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(self.key);
        hash.update(encrypt_info.as_bytes());
        hash.update(self.iv);
        hex::encode_upper(hash.finalize())
    }

    fn sealed(&self, fields: &Fields) -> (String, String) {
        let plaintext = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let sealed = self.encrypt(plaintext.as_bytes()).unwrap_or_default();
        let hash = self.hash(&sealed);
        (sealed, hash)
    }

    /// A message to the shop's notify and return addresses, as a form.
    #[must_use]
    pub fn notice(&self, fields: &Fields) -> String {
        let (sealed, hash) = self.sealed(fields);
        let status = get(fields, "Status").unwrap_or("SUCCESS").to_owned();
        form_urlencoded::Serializer::new(String::new())
            .append_pair("Status", &status)
            .append_pair("MerID", get(fields, "MerID").unwrap_or(MERCHANT))
            .append_pair("Version", "1.0")
            .append_pair("EncryptInfo", &sealed)
            .append_pair("HashInfo", &hash)
            .finish()
    }

    /// An answer to a question, as JSON.
    #[must_use]
    pub fn answer(&self, fields: &Fields) -> Vec<u8> {
        let (sealed, hash) = self.sealed(fields);
        let status = get(fields, "Status").unwrap_or("SUCCESS");
        format!(
            r#"{{"Status":"{status}","MerID":"{MERCHANT}","Version":"1.0","EncryptInfo":"{sealed}","HashInfo":"{hash}"}}"#
        )
        .into_bytes()
    }
}

/// The value of a field.
#[must_use]
pub fn get<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    let found = fields.iter().find(|(known, _)| known == name);
    found.map(|(_, value)| value.as_str())
}

/// Fields from pairs.
#[must_use]
pub fn fields(pairs: &[(&str, &str)]) -> Fields {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(own).collect()
}

/// What a form from the shop carries, where it is sealed with the shop's own keys.
#[must_use]
pub fn read_form(form: &str) -> Option<Fields> {
    let outer: Fields = form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect();
    let sealed = get(&outer, "EncryptInfo")?;
    (get(&outer, "HashInfo")? == OURS.hash(sealed)).then(|| OURS.open(sealed))?
}
