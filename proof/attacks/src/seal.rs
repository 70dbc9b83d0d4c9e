//! Forged messages, sealed by the sandbox's cipher and with its public demo keys.

use crate::{
    steps::{Base, Change, Keys, Message},
    tamper::Tamper,
};
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
pub(crate) fn paid_card(attempt: &str, trade: &str, amount: &str) -> Fields {
    own(&[
        ("Status", "SUCCESS"),
        ("Message", "授權成功"),
        ("MerID", DEMO_MER_ID),
        ("MerTradeNo", attempt),
        ("Gateway", "2"),
        ("TradeNo", trade),
        ("TradeAmt", amount),
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

/// The number of a trade that the gateway's books do not have.
pub(crate) const NO_TRADE: &str = "1700000000000000001";

/// What a message says inside before it is sealed, with the names that a case uses left in their braces. `None` where
/// it is not made of fields.
#[must_use]
pub fn inner_fields(message: &Message) -> Option<Vec<(String, String)>> {
    if message.plaintext.is_some() || message.base != Base::Paid {
        return None;
    }
    let (attempt, amount) = match &message.order {
        Some(order) => (format!("{{{order}}}"), format!("{{{order}.amount}}")),
        None => ("NOPE".to_owned(), "1000".to_owned()),
    };
    let trade = message.trade.as_deref().unwrap_or(NO_TRADE);
    Some(changed(paid_card(&attempt, trade, &amount), &message.inner))
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
        Keys::Previous => {
            payuni_sim::Keys::new("jinliu-old-payuni-hash-key-00001", "jinliu-old-iv-01")
        }
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
    if how == Tamper::HashMissing {
        let rest = good.iter().filter(|(name, _)| name != "HashInfo");
        return Ok(vec![rest.cloned().collect()]);
    }
    if let Some((_, other)) = hashes(text, hash)?.into_iter().find(|(by, _)| *by == how) {
        return Ok(vec![with(good, "HashInfo", &other)]);
    }
    let other = texts(text)?.into_iter().find(|(by, _)| *by == how);
    let (_, other) = other.context("nobody knows how to break a message so")?;
    Ok(vec![resealed(good, &other)])
}

/// Every wrong hash.
fn hashes(text: &str, hash: &str) -> anyhow::Result<Vec<(Tamper, String)>> {
    let wide = |c: char| char::from_u32(u32::from(c) + 0xFEE0).unwrap_or(c);
    let mut mac = Hmac::<Sha256>::new_from_slice(DEMO_HASH_KEY.as_bytes())?;
    mac.update(text.as_bytes());
    Ok(vec![
        (Tamper::HashEmpty, String::new()),
        (Tamper::HashZero, "0".repeat(64)),
        (Tamper::HashJuggle, format!("0E{}", "0".repeat(62))),
        (Tamper::HashTrue, "true".to_owned()),
        (Tamper::HashList, "[\"x\"]".to_owned()),
        (Tamper::HashLower, hash.to_lowercase()),
        (Tamper::HashSpace, format!("{hash} ")),
        (Tamper::HashNul, format!("{hash}\0")),
        (Tamper::HashLine, format!("{hash}\n")),
        (Tamper::HashShort, hash[..63].to_owned()),
        (Tamper::HashLong, format!("{hash}0")),
        (Tamper::HashWide, hash.chars().map(wide).collect()),
        (Tamper::HashUnkeyed, sha256(&[text])),
        (
            Tamper::HashSwapped,
            sha256(&[DEMO_HASH_IV, text, DEMO_HASH_KEY]),
        ),
        (
            Tamper::HashHmac,
            hex::encode_upper(mac.finalize().into_bytes()),
        ),
    ])
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

/// Every sealed text that is written otherwise than PAYUNi writes it, or whose tag is another.
fn texts(text: &str) -> anyhow::Result<Vec<(Tamper, String)>> {
    let plain = String::from_utf8(hex::decode(text)?)?;
    let (body, tag) = plain.split_once(":::").context("no separator")?;
    let (mut cipher, whole) = (STANDARD.decode(body)?, STANDARD.decode(tag)?);
    let cut = |length: usize| {
        let mut tag = whole.clone();
        tag.resize(length, 0x41);
        hex::encode(format!("{body}:::{}", STANDARD.encode(tag)))
    };
    *cipher.last_mut().context("an empty ciphertext")? ^= 1;
    let bit = format!("{}:::{tag}", STANDARD.encode(cipher));
    let unpadded = format!("{body}:::{}", tag.trim_end_matches('='));
    let spaced = format!("{} {}:::{tag}", &body[..8], &body[8..]);
    Ok(vec![
        (Tamper::CiphertextBit, hex::encode(bit)),
        (Tamper::Tag15, cut(15)),
        (Tamper::Tag12, cut(12)),
        (Tamper::Tag8, cut(8)),
        (Tamper::Tag4, cut(4)),
        (Tamper::Tag1, cut(1)),
        (Tamper::Tag0, cut(0)),
        (Tamper::Tag17, cut(17)),
        (Tamper::NoSeparator, hex::encode(body)),
        (
            Tamper::TwoTags,
            hex::encode(format!("{body}:::{tag}:::{tag}")),
        ),
        (Tamper::NoCiphertext, hex::encode(format!(":::{tag}"))),
        // A character of the other alphabet, whatever this ciphertext happens to need.
        (
            Tamper::Base64Url,
            hex::encode(format!("-_{}:::{tag}", &body[2..])),
        ),
        (Tamper::NoPadding, hex::encode(unpadded)),
        (Tamper::InnerSpace, hex::encode(spaced)),
        (Tamper::OddHex, text[..text.len() - 1].to_owned()),
        (Tamper::UpperHex, text.to_uppercase()),
    ])
}
