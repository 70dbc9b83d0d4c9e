//! Forged messages, sealed by the sandbox's cipher and with its public demo keys.

use crate::steps::{Change, Keys, Tamper};
use anyhow::Context;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use payuni_sim::{DEMO_HASH_IV, DEMO_HASH_KEY, DEMO_MER_ID};
use sha2::{Digest, Sha256};

/// Fields in the order of the wire; a name may occur twice.
pub(crate) type Fields = Vec<(String, String)>;

pub(crate) fn own(pairs: &[(&str, &str)]) -> Fields {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    pairs.iter().map(owned).collect()
}

/// The good result of a paid card.
pub(crate) fn paid_card(attempt: &str, trade: &str, amount: u64) -> Fields {
    own(&[
        ("Status", "SUCCESS"),
        ("Message", "授權成功"),
        ("MerID", DEMO_MER_ID),
        ("MerTradeNo", attempt),
        ("Gateway", "2"),
        ("TradeNo", trade),
        ("TradeAmt", &amount.to_string()),
        ("TradeStatus", "1"),
        ("PaymentType", "1"),
        ("Card6No", "414763"),
        ("Card4No", "0001"),
        ("CardInst", "1"),
        ("AuthType", "1"),
        ("AuthDay", "20261123"),
        ("AuthTime", "120000"),
    ])
}

/// Lays a change over fields.
pub(crate) fn changed(mut fields: Fields, change: &Change) -> Fields {
    fields.retain(|(name, _)| !change.remove.contains(name));
    for (name, value) in &change.set {
        let mut known = false;
        for field in fields.iter_mut().filter(|(field, _)| field == name) {
            field.1.clone_from(value);
            known = true;
        }
        if !known {
            fields.push((name.clone(), value.clone()));
        }
    }
    fields.extend(change.add.iter().cloned());
    fields
}

pub(crate) fn encode(fields: &Fields) -> String {
    let mut text = form_urlencoded::Serializer::new(String::new());
    for (name, value) in fields {
        text.append_pair(name, value);
    }
    text.finish()
}

fn keys(whose: Keys) -> anyhow::Result<payuni_sim::Keys> {
    match whose {
        Keys::Ours => payuni_sim::Keys::new(DEMO_HASH_KEY, DEMO_HASH_IV),
        Keys::Other => payuni_sim::Keys::new(&"k".repeat(32), &"i".repeat(16)),
    }
    .context("a key has not its length")
}

/// Seals a text as PAYUNi does: the outer fields.
pub(crate) fn sealed(plaintext: &str, status: &str, whose: Keys) -> anyhow::Result<Fields> {
    let keys = keys(whose)?;
    let text = keys.seal_text(plaintext.as_bytes());
    let hash = keys.hash(&text);
    Ok(own(&[
        ("Status", status),
        ("MerID", DEMO_MER_ID),
        ("Version", "2.0"),
        ("EncryptInfo", &text),
        ("HashInfo", &hash),
    ]))
}

fn field<'f>(form: &'f Fields, name: &str) -> anyhow::Result<&'f str> {
    let found = form.iter().find(|(known, _)| known == name);
    found
        .map(|(_, value)| value.as_str())
        .with_context(|| format!("the message has no {name}"))
}

fn with(form: &Fields, name: &str, value: &str) -> Fields {
    let mut form = form.clone();
    for field in form.iter_mut().filter(|(known, _)| known == name) {
        value.clone_into(&mut field.1);
    }
    form
}

fn sha256(parts: &[&str]) -> String {
    hex::encode_upper(Sha256::digest(parts.concat()))
}

/// The messages that come of breaking a good one in one way.
pub(crate) fn tampered(good: &Fields, how: Tamper) -> anyhow::Result<Vec<Fields>> {
    let (text, hash) = (field(good, "EncryptInfo")?, field(good, "HashInfo")?);
    if how == Tamper::FlipEveryByte {
        return Ok((0..text.len()).map(|at| flipped(good, text, at)).collect());
    }
    let hashed = |hash: &str| Ok(vec![with(good, "HashInfo", hash)]);
    match how {
        Tamper::HashZero => hashed(&"0".repeat(64)),
        Tamper::HashJuggle => hashed(&format!("0E{}", "0".repeat(62))),
        Tamper::HashTrue => hashed("true"),
        Tamper::HashList => hashed("[\"x\"]"),
        Tamper::HashLower => hashed(&hash.to_lowercase()),
        Tamper::HashSpace => hashed(&format!("{hash} ")),
        Tamper::HashNul => hashed(&format!("{hash}\0")),
        Tamper::HashLine => hashed(&format!("{hash}\n")),
        Tamper::HashShort => hashed(&hash[..63]),
        Tamper::HashLong => hashed(&format!("{hash}0")),
        Tamper::HashWide => {
            let wide = |c: char| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c);
            hashed(&hash.chars().map(wide).collect::<String>())
        }
        Tamper::HashUnkeyed => hashed(&sha256(&[text])),
        Tamper::HashSwapped => hashed(&sha256(&[DEMO_HASH_IV, text, DEMO_HASH_KEY])),
        Tamper::HashHmac => {
            let mut mac = Hmac::<Sha256>::new_from_slice(DEMO_HASH_KEY.as_bytes())?;
            mac.update(text.as_bytes());
            hashed(&hex::encode_upper(mac.finalize().into_bytes()))
        }
        Tamper::HashMissing => Ok(vec![
            good.iter()
                .filter(|(name, _)| name != "HashInfo")
                .cloned()
                .collect(),
        ]),
        Tamper::HashEmpty => hashed(""),
        rehashed => Ok(vec![resealed(good, &broken_text(text, rehashed)?)]),
    }
}

fn flipped(good: &Fields, text: &str, at: usize) -> Fields {
    let mut bytes = text.as_bytes().to_vec();
    // Lower-case hex stays a printable letter or digit with its lowest bit flipped.
    bytes[at] ^= 1;
    with(good, "EncryptInfo", &String::from_utf8_lossy(&bytes))
}

/// The same message with another sealed text, and the hash that belongs to it.
fn resealed(good: &Fields, text: &str) -> Fields {
    let hash = sha256(&[DEMO_HASH_KEY, text, DEMO_HASH_IV]);
    with(&with(good, "EncryptInfo", text), "HashInfo", &hash)
}

fn broken_text(text: &str, how: Tamper) -> anyhow::Result<String> {
    let plain = String::from_utf8(hex::decode(text)?)?;
    let (body, tag) = plain.split_once(":::").context("no separator")?;
    let (cipher, whole) = (STANDARD.decode(body)?, STANDARD.decode(tag)?);
    let cut = |length: usize| {
        let mut tag = whole.clone();
        tag.resize(length, 0x41);
        hex::encode(format!("{body}:::{}", STANDARD.encode(tag)))
    };
    let length = match how {
        Tamper::Tag15 => Some(15),
        Tamper::Tag12 => Some(12),
        Tamper::Tag8 => Some(8),
        Tamper::Tag4 => Some(4),
        Tamper::Tag1 => Some(1),
        Tamper::Tag0 => Some(0),
        Tamper::Tag17 => Some(17),
        _ => None,
    };
    if let Some(length) = length {
        return Ok(cut(length));
    }
    Ok(match how {
        Tamper::CiphertextBit => {
            let mut cipher = cipher;
            let last = cipher.last_mut().context("an empty ciphertext")?;
            *last ^= 1;
            hex::encode(format!("{}:::{tag}", STANDARD.encode(cipher)))
        }
        Tamper::NoSeparator => hex::encode(body),
        Tamper::TwoTags => hex::encode(format!("{body}:::{tag}:::{tag}")),
        Tamper::NoCiphertext => hex::encode(format!(":::{tag}")),
        Tamper::Base64Url => {
            // A character of the other alphabet, whatever this ciphertext happens to need.
            hex::encode(format!("-_{}:::{tag}", &body[2..]))
        }
        Tamper::NoPadding => hex::encode(format!("{body}:::{}", tag.trim_end_matches('='))),
        Tamper::InnerSpace => hex::encode(format!("{} {}:::{tag}", &body[..8], &body[8..])),
        Tamper::OddHex => text[..text.len() - 1].to_owned(),
        Tamper::UpperHex => text.to_uppercase(),
        other => anyhow::bail!("{other:?} does not change the sealed text"),
    })
}
