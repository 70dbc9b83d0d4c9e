//! Each usual mistake on each vector of the documentation and of PHP's OpenSSL: named, and nothing else with it.

use crate::maker::{IV, KEY, b64, found, input, sha};
use aes_gcm::aead::consts::U32;
use aes_gcm::aead::{Aead, Key, Nonce};
use aes_gcm::aes::Aes256;
use aes_gcm::aes::cipher::BlockCipherEncrypt as _;
use aes_gcm::{AesGcm, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doctor::Id;
use hmac::{Hmac, Mac as _};
use serde_json::Value;
use sha2::Sha256;

/// A vector, taken apart by hand.
struct Vector {
    plaintext: String,
    encrypt_info: String,
    text: String,
    ciphertext: Vec<u8>,
    tag: Vec<u8>,
}

impl Vector {
    fn all() -> Vec<Self> {
        let text = include_str!("../../../payuni/tests/vectors/payuni.json");
        let vectors: Value = serde_json::from_str(text).unwrap();
        let groups =
            ["official", "derived"].map(|group| vectors[group].as_array().unwrap().clone());
        let said = |vector: &Value, name: &str| vector[name].as_str().unwrap().to_owned();
        groups
            .concat()
            .iter()
            .filter(|vector| vector["plaintext"] != "")
            .map(|vector| {
                let encrypt_info = said(vector, "EncryptInfo");
                let text = String::from_utf8(hex::decode(&encrypt_info).unwrap()).unwrap();
                let (ciphertext, tag) = text.split_once(":::").unwrap();
                Self {
                    plaintext: said(vector, "plaintext"),
                    ciphertext: STANDARD.decode(ciphertext).unwrap(),
                    tag: STANDARD.decode(tag).unwrap(),
                    encrypt_info,
                    text,
                }
            })
            .collect()
    }

    /// A form as the vector's own merchant would send it.
    fn body(&self, encrypt_info: &str, hash_info: &str) -> String {
        let merchant = self.plaintext.strip_prefix("MerID=");
        let merchant = merchant.and_then(|rest| rest.split('&').next());
        let mut form = form_urlencoded::Serializer::new(String::new());
        if let Some(merchant) = merchant {
            form.append_pair("MerID", merchant);
        }
        form.append_pair("Version", "1.0")
            .append_pair("EncryptInfo", encrypt_info)
            .append_pair("HashInfo", hash_info)
            .finish()
    }

    /// Both halves packed with something between, under the right hash.
    fn packed(&self, left: &str, between: &str, right: &str) -> String {
        self.hashed(&hex::encode(format!("{left}{between}{right}")))
    }

    fn hashed(&self, encrypt_info: &str) -> String {
        self.body(encrypt_info, &sha(&[KEY, encrypt_info, IV]))
    }

    fn with_hash(&self, hash_info: &str) -> String {
        self.body(&self.encrypt_info, hash_info)
    }
}

fn cbc(plaintext: &str) -> Vec<u8> {
    let aes = Aes256::new_from_slice(KEY.as_bytes()).unwrap();
    let missing = 16 - plaintext.len() % 16;
    let mut padded = plaintext.as_bytes().to_vec();
    padded.resize(plaintext.len() + missing, u8::try_from(missing).unwrap());
    let mut before: [u8; 16] = IV.as_bytes().try_into().unwrap();
    for chunk in padded.chunks_exact_mut(16) {
        let mixed: Vec<u8> = chunk.iter().zip(before).map(|(a, b)| a ^ b).collect();
        let mut block = <[u8; 16]>::try_from(mixed).unwrap().into();
        aes.encrypt_block(&mut block);
        before = block.into();
        chunk.copy_from_slice(&before);
    }
    padded
}

/// As PHP does it with the two exchanged: the short key padded with zeros, the long nonce taken whole.
fn swapped(plaintext: &str) -> String {
    type Cipher = AesGcm<Aes256, U32>;
    let padded = [IV.as_bytes(), &[0; 16]].concat();
    let key = Key::<Cipher>::try_from(padded.as_slice()).unwrap();
    let nonce = Nonce::<Cipher>::try_from(KEY.as_bytes()).unwrap();
    let mut sealed = Cipher::new(&key)
        .encrypt(&nonce, plaintext.as_bytes())
        .unwrap();
    let tag = sealed.split_off(sealed.len() - 16);
    hex::encode(format!("{}:::{}", b64(sealed), b64(tag)))
}

fn hmac(text: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    mac.update(text.as_bytes());
    hex::encode_upper(mac.finalize().into_bytes())
}

/// Every mistake that can be made with any plaintext.
fn mistakes(v: &Vector) -> Vec<(Id, String)> {
    let e = v.encrypt_info.as_str();
    let (left, right) = (b64(&v.ciphertext), b64(&v.tag));
    let joined = [v.ciphertext.as_slice(), &v.tag].concat();
    let raw = [v.ciphertext.as_slice(), b":::", &v.tag].concat();
    let exchanged = swapped(&v.plaintext);
    let short = crate::ciphers::with_twelve_bytes(&v.plaintext);
    let right_hash = sha(&[KEY, e, IV]);
    vec![
        (
            Id::KeyIvSwapped,
            v.body(&exchanged, &sha(&[IV, &exchanged, KEY])),
        ),
        (Id::KeyLength, v.with_hash(&sha(&[&KEY[..31], e, IV]))),
        (Id::KeyLength, v.with_hash(&sha(&[KEY, e, &IV[..15]]))),
        (Id::KeyWhitespace, v.with_hash(&sha(&[KEY, "\n", e, IV]))),
        (
            Id::KeyWhitespace,
            v.with_hash(&sha(&["\u{feff}", KEY, e, IV])),
        ),
        (Id::AesCbc, v.hashed(&hex::encode(b64(cbc(&v.plaintext))))),
        (Id::Nonce12Bytes, v.hashed(&short)),
        (Id::Base64Missing, v.hashed(&hex::encode(raw))),
        (Id::Base64Twice, v.packed(&b64(&left), ":::", &b64(&right))),
        (Id::HexMissing, v.hashed(&v.text)),
        (Id::HexTwice, v.hashed(&hex::encode(e))),
        (Id::HexUppercase, v.hashed(&e.to_uppercase())),
        (Id::SeparatorMissing, v.packed(&left, "", &right)),
        (Id::SeparatorMissing, v.hashed(&hex::encode(b64(joined)))),
        (Id::TagMissing, v.packed(&left, "", "")),
        (Id::TagLength, v.packed(&left, ":::", &b64(&v.tag[..12]))),
        (Id::HashWithoutKeys, v.with_hash(&sha(&[e]))),
        (Id::HashKeyOrder, v.with_hash(&sha(&[IV, e, KEY]))),
        (Id::HashHmac, v.with_hash(&hmac(e))),
        (Id::HashLowercase, v.with_hash(&right_hash.to_lowercase())),
        (
            Id::HashOtherText,
            v.with_hash(&sha(&[KEY, &v.plaintext, IV])),
        ),
        (Id::HashOtherText, v.with_hash(&sha(&[KEY, &v.text, IV]))),
        (
            Id::DuplicateField,
            v.with_hash(&right_hash) + "&Version=2.0",
        ),
    ]
}

#[test]
fn every_mistake_is_named_on_every_vector() {
    let (mut named, mut wrong) = (0, Vec::new());
    let vectors = Vector::all();
    assert_eq!(vectors.len(), 8);
    for vector in &vectors {
        for (id, body) in mistakes(vector) {
            let mut given = input(body);
            given.now = None;
            let mut ids = found(&given);
            // The documentation's own sample writes MerTradeNO: advice that is there without any mistake.
            ids.retain(|id| *id != Id::InnerNameCase);
            if ids == [id] {
                named += 1;
            } else {
                wrong.push(format!("{}: {ids:?} in {}", id.as_str(), vector.plaintext));
            }
        }
    }
    println!("{named} wrong messages, each named by its one mistake");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(named, 8 * 23);
}
