//! The seal, tried under the right keys first and then in each way that it may have been made wrongly.

use crate::aes_trials::{Gcm, cbc};
use crate::encoding::{Decoded, Reading};
use crate::finding::{Finding, Id, Term};
use crate::keys::{KEY_LEN, Pair, Spoilt};

const TAG_LEN: usize = 16;
/// How much of a plaintext is looked at to tell whether it is one.
const HEAD: usize = 64;

/// A seal that some trial opened.
pub(crate) struct Opened {
    pub(crate) plaintext: Vec<u8>,
    pub(crate) reading: Reading,
    /// What was wrong with the cipher or the keys; nothing where all was right.
    pub(crate) finding: Option<Finding>,
    /// The keys under which it opened, where they were not the given ones.
    pub(crate) under: Option<Pair>,
}

/// A pair that is not the given one but known, and whose it is.
pub(crate) struct Known {
    pub(crate) pair: Pair,
    pub(crate) whose: Term,
}

/// Tries everything; nothing if nothing opens it.
pub(crate) fn open(
    decoded: &Decoded,
    pair: &Pair,
    ways: &[Spoilt],
    known: &[Known],
) -> Option<Opened> {
    let readings = &decoded.readings;
    let gcm = Gcm::new(&pair.key, &pair.iv)?;
    let opened = |reading: &Reading, plaintext, finding| Opened {
        plaintext,
        reading: reading.clone(),
        finding,
        under: None,
    };
    for reading in readings {
        if sealed_by(&gcm, reading) {
            return Some(opened(reading, gcm.stream(&reading.ciphertext), None));
        }
    }
    for reading in readings {
        if let Some(tag) = &reading.tag
            && tag.len() != TAG_LEN
            && let Some(finding) = other_length(&gcm, reading, tag)
        {
            let plaintext = gcm.stream(&reading.ciphertext);
            return Some(opened(reading, plaintext, Some(finding)));
        }
    }
    for reading in readings.iter().filter(|reading| reading.tag.is_none()) {
        if let Some(plaintext) = readable(&gcm, &reading.ciphertext) {
            return Some(opened(reading, plaintext, None));
        }
    }
    let short = Gcm::new(&pair.key, pair.iv.get(..12)?)?;
    for reading in readings {
        if sealed_or_readable(&short, reading) {
            let finding = Some(Finding::certain(Id::Nonce12Bytes));
            return Some(opened(reading, short.stream(&reading.ciphertext), finding));
        }
    }
    under_other_keys(readings, ways, known)
        .or_else(|| in_cbc(readings, pair))
        .or_else(|| changed(readings, &gcm))
}

fn sealed_by(gcm: &Gcm, reading: &Reading) -> bool {
    reading
        .tag
        .as_ref()
        .is_some_and(|tag| tag.as_slice() == gcm.tag(&reading.ciphertext))
}

fn sealed_or_readable(gcm: &Gcm, reading: &Reading) -> bool {
    match &reading.tag {
        Some(tag) if tag.len() == TAG_LEN => sealed_by(gcm, reading),
        _ => readable(gcm, &reading.ciphertext).is_some(),
    }
}

fn other_length(gcm: &Gcm, reading: &Reading, tag: &[u8]) -> Option<Finding> {
    let right = gcm.tag(&reading.ciphertext);
    let begins = right.starts_with(tag) || tag.starts_with(&right);
    if !begins && readable(gcm, &reading.ciphertext).is_none() {
        return None;
    }
    let finding = if begins {
        Finding::certain(Id::TagLength)
    } else {
        Finding::likely(Id::TagLength)
    };
    Some(finding.with("found", tag.len()))
}

fn under_other_keys(readings: &[Reading], ways: &[Spoilt], known: &[Known]) -> Option<Opened> {
    let known = known.iter().map(|known| {
        let finding = Finding::certain(Id::OtherEnvironmentKeys).with("what", known.whose);
        (&known.pair, finding)
    });
    let spoilt = ways.iter().map(|way| (&way.pair, way.finding.clone()));
    for (pair, finding) in known.chain(spoilt) {
        for key in cipher_keys(&pair.key) {
            let Some(gcm) = Gcm::new(&key, &pair.iv) else {
                continue;
            };
            for reading in readings {
                if readable_head(&gcm, &reading.ciphertext) && sealed_or_readable(&gcm, reading) {
                    return Some(Opened {
                        plaintext: gcm.stream(&reading.ciphertext),
                        reading: reading.clone(),
                        finding: Some(finding),
                        under: Some(pair.clone()),
                    });
                }
            }
        }
    }
    None
}

/// The key as libraries take one of another length: PHP's OpenSSL pads it with zeros or cuts it, others switch to AES-128 or
/// AES-192.
fn cipher_keys(key: &[u8]) -> Vec<Vec<u8>> {
    let mut padded = key.to_vec();
    padded.resize(KEY_LEN, 0);
    if matches!(key.len(), 16 | 24) {
        vec![padded, key.to_vec()]
    } else {
        vec![padded]
    }
}

fn in_cbc(readings: &[Reading], pair: &Pair) -> Option<Opened> {
    readings.iter().find_map(|reading| {
        // Whoever used CBC had no tag, and so no use for a separator: that is no fault of its own.
        let mut reading = reading.clone();
        reading
            .wrong
            .retain(|id| !matches!(id, Id::TagMissing | Id::SeparatorMissing));
        let plaintext = cbc(&pair.key, &pair.iv, &reading.ciphertext)?;
        is_readable(&plaintext).then(|| Opened {
            plaintext,
            reading,
            finding: Some(Finding::certain(Id::AesCbc)),
            under: None,
        })
    })
}

/// Our key stream makes sense of it, but the tag is another's: it was changed after it had been sealed.
fn changed(readings: &[Reading], gcm: &Gcm) -> Option<Opened> {
    readings.iter().find_map(|reading| {
        Some(Opened {
            plaintext: readable(gcm, &reading.ciphertext)?,
            reading: reading.clone(),
            finding: Some(Finding::certain(Id::TagWrong)),
            under: None,
        })
    })
}

fn readable(gcm: &Gcm, ciphertext: &[u8]) -> Option<Vec<u8>> {
    if !readable_head(gcm, ciphertext) {
        return None;
    }
    let plaintext = gcm.stream(ciphertext);
    is_readable(&plaintext).then_some(plaintext)
}

fn readable_head(gcm: &Gcm, ciphertext: &[u8]) -> bool {
    let head = gcm.stream(&ciphertext[..ciphertext.len().min(HEAD)]);
    is_readable(&head)
}

/// Whether bytes begin as a form or a JSON object does. Eight random bytes do so once in a hundred thousand times.
fn is_readable(plaintext: &[u8]) -> bool {
    let start = |b: &u8| b.is_ascii_alphanumeric() || b"_%=[]{}\": ".contains(b);
    let head = &plaintext[..plaintext.len().min(HEAD)];
    let assigns = |w: &[u8]| w == b"%3D" || w == b"\":";
    head.len() >= 8
        && head[..8].iter().all(start)
        && head.iter().all(|b| *b >= b' ' && *b != 0x7f)
        && (head.contains(&b'=') || head.windows(3).any(|w| assigns(w) || assigns(&w[..2])))
}
