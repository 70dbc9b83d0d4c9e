//! `HashInfo`, tried in each way that it may have been computed. The right way is
//! `UPPER(hex(SHA-256(HashKey ‖ EncryptInfo ‖ HashIV)))` (PAYUNi docs page 29).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest, Sha256};

use crate::finding::{Fact, Finding, Id, Term};
use crate::keys::{Pair, Spoilt};

/// What the trials say.
pub(crate) enum Verdict {
    /// As documented.
    Right,
    /// Wrong, and how.
    Wrong(Vec<Finding>),
    /// Wrong, and no trial fits.
    Unknown,
}

/// What was hashed instead of `EncryptInfo`, perhaps.
pub(crate) struct Text {
    pub(crate) bytes: Vec<u8>,
    pub(crate) what: Term,
}

/// Everything a trial needs.
pub(crate) struct Trial<'a> {
    pub(crate) encrypt_info: &'a str,
    pub(crate) hash_info: &'a str,
    pub(crate) pair: &'a Pair,
    /// The keys under which the seal opened, where they were not the given ones.
    pub(crate) under: Option<&'a Pair>,
    pub(crate) ways: &'a [Spoilt],
    pub(crate) texts: &'a [Text],
}

/// `SHA-256` of the parts, one after the other.
fn sha(parts: &[&[u8]]) -> Vec<u8> {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().to_vec()
}

fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return Vec::new();
    };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// A way to compute it: what is wrong with that way, the way in words, and what comes out.
struct Formula {
    id: Option<Id>,
    words: &'static str,
    hash: Vec<u8>,
}

fn formulas(pair: &Pair, text: &[u8]) -> Vec<Formula> {
    let (k, v) = (pair.key.as_slice(), pair.iv.as_slice());
    let of = |id, words, hash| Formula { id, words, hash };
    let (order, without) = (Some(Id::HashKeyOrder), Some(Id::HashWithoutKeys));
    let (mac, labelled) = (Some(Id::HashHmac), Some(Id::HashLabelled));
    vec![
        of(None, "SHA256(HashKey + {} + HashIV)", sha(&[k, text, v])),
        of(without, "SHA256({})", sha(&[text])),
        of(without, "SHA256(HashKey + {})", sha(&[k, text])),
        of(without, "SHA256({} + HashIV)", sha(&[text, v])),
        of(without, "SHA256({} + HashKey)", sha(&[text, k])),
        of(without, "SHA256(HashIV + {})", sha(&[v, text])),
        of(order, "SHA256(HashIV + {} + HashKey)", sha(&[v, text, k])),
        of(order, "SHA256(HashKey + HashIV + {})", sha(&[k, v, text])),
        of(order, "SHA256(HashIV + HashKey + {})", sha(&[v, k, text])),
        of(order, "SHA256({} + HashKey + HashIV)", sha(&[text, k, v])),
        of(order, "SHA256({} + HashIV + HashKey)", sha(&[text, v, k])),
        of(mac, "HMAC(HashKey, {})", hmac(k, &[text])),
        of(mac, "HMAC(HashIV, {})", hmac(v, &[text])),
        of(mac, "HMAC(HashKey, {} + HashIV)", hmac(k, &[text, v])),
        of(mac, "HMAC(HashKey, HashIV + {})", hmac(k, &[v, text])),
        of(
            mac,
            "HMAC(HashKey, HashKey + {} + HashIV)",
            hmac(k, &[k, text, v]),
        ),
        of(
            mac,
            "HMAC(HashKey + HashIV, {})",
            hmac(&[k, v].concat(), &[text]),
        ),
        of(
            labelled,
            "SHA256(\"HashKey=…&\" + {} + \"&HashIV=…\")",
            sha(&[b"HashKey=", k, b"&", text, b"&HashIV=", v]),
        ),
        of(
            labelled,
            "SHA256(\"HashKey=…&EncryptInfo=\" + {} + \"&HashIV=…\")",
            sha(&[b"HashKey=", k, b"&EncryptInfo=", text, b"&HashIV=", v]),
        ),
        of(
            labelled,
            "SHA256(\"HashIV=…&\" + {} + \"&HashKey=…\")",
            sha(&[b"HashIV=", v, b"&", text, b"&HashKey=", k]),
        ),
    ]
}

/// Finds how it was computed.
pub(crate) fn examine(trial: &Trial<'_>) -> Verdict {
    let (sent, mut wrong) = match written(trial.hash_info) {
        Ok(read) => read,
        Err(finding) => return Verdict::Wrong(vec![finding]),
    };
    let text = trial.encrypt_info.as_bytes();
    for pair in [Some(trial.pair), trial.under].into_iter().flatten() {
        if sha(&[&pair.key, text, &pair.iv]) == sent {
            return verdict(wrong);
        }
    }
    // Keys that are spoilt are spoilt in the plain formula; everything else under whole keys only.
    for way in trial.ways {
        let Pair { key, iv } = &way.pair;
        // Hashed with swapped keys but sealed with right ones is the wrong order, which comes below.
        if way.finding.id != Id::KeyIvSwapped && sha(&[key, text, iv]) == sent {
            wrong.insert(0, way.finding.clone());
            return verdict(wrong);
        }
    }
    let literal = [(None, text)].into_iter();
    let others = trial.texts.iter();
    let others = others.map(|text| (Some(text.what), text.bytes.as_slice()));
    for (what, bytes) in literal.chain(others) {
        for pair in [Some(trial.pair), trial.under].into_iter().flatten() {
            let formulas = formulas(pair, bytes);
            if let Some(formula) = formulas.iter().find(|formula| formula.hash == sent) {
                if let Some(id) = formula.id {
                    let words = formula.words.replace("{}", "EncryptInfo");
                    wrong.insert(0, Finding::certain(id).with("found", words));
                }
                if let Some(what) = what {
                    let what = Fact::Word(what);
                    wrong.insert(0, Finding::certain(Id::HashOtherText).with("what", what));
                }
                return verdict(wrong);
            }
        }
    }
    Verdict::Unknown
}

fn verdict(wrong: Vec<Finding>) -> Verdict {
    if wrong.is_empty() {
        Verdict::Right
    } else {
        Verdict::Wrong(wrong)
    }
}

/// The bytes that a `HashInfo` writes, and what is wrong with how it writes them.
fn written(hash_info: &str) -> Result<(Vec<u8>, Vec<Finding>), Finding> {
    let mut wrong = Vec::new();
    let squeezed: String = hash_info.split_whitespace().collect();
    // In a form, a base64 `+` that nobody escaped has become a space.
    let base64 = hash_info.trim().replace(' ', "+");
    if let Ok(bytes) = STANDARD.decode(&base64)
        && bytes.len() == 32
    {
        return Ok((bytes, vec![Finding::certain(Id::HashNotHex)]));
    }
    if squeezed != hash_info {
        wrong.push(Finding::certain(Id::ExtraCharacters).with("name", "HashInfo"));
    }
    let Ok(bytes) = hex::decode(&squeezed) else {
        return Err(Finding::certain(Id::HashNotHex));
    };
    if bytes.len() != 32 {
        let found = match bytes.len() {
            16 => Fact::from("MD5"),
            20 => Fact::from("SHA-1"),
            48 => Fact::from("SHA-384"),
            64 => Fact::from("SHA-512"),
            _ => Fact::Word(Term::CutOff),
        };
        return Err(Finding::likely(Id::HashOtherAlgorithm)
            .with("found", found)
            .with("length", squeezed.len()));
    }
    if squeezed.bytes().any(|b| b.is_ascii_lowercase()) {
        wrong.push(Finding::certain(Id::HashLowercase));
    }
    Ok((bytes, wrong))
}
