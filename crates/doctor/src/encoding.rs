//! `EncryptInfo` taken apart in every way that it may have been put together. The right way is
//! `hex(base64(ciphertext) + ":::" + base64(tag))` (PAYUNi docs page 29).

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};

use crate::finding::{Finding, Id};
use crate::form::{escapes, percent_decode};

/// What parts the two halves.
pub(crate) const SEPARATOR: &str = ":::";
const TAG_LEN: usize = 16;
/// A tag in base64.
const TAG_TEXT: usize = 24;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);
const ANY_STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const ANY_URL: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// One reading: ciphertext, tag, and what would be wrong with the encoding if it is this one.
#[derive(Clone)]
pub(crate) struct Reading {
    pub(crate) ciphertext: Vec<u8>,
    pub(crate) tag: Option<Vec<u8>>,
    pub(crate) wrong: Vec<Id>,
}

/// All readings, and what stands below the hex.
pub(crate) struct Decoded {
    pub(crate) readings: Vec<Reading>,
    /// What is wrong whichever reading it is.
    pub(crate) wrong: Vec<Id>,
    /// `base64:::base64`, where it is text.
    pub(crate) text: Option<String>,
}

impl Decoded {
    /// Whether it is exactly as the documentation has it.
    pub(crate) fn canonical(&self) -> Option<&Reading> {
        self.readings
            .first()
            .filter(|reading| self.wrong.is_empty() && reading.wrong.is_empty())
    }

    /// What is wrong with one reading, as findings.
    pub(crate) fn findings(&self, reading: Option<&Reading>) -> Vec<Finding> {
        let mut ids = self.wrong.clone();
        ids.extend(reading.into_iter().flat_map(|reading| &reading.wrong));
        ids.dedup();
        ids.into_iter()
            .map(|id| {
                let named = [Id::DoubleUrlEncoding, Id::PlusAsSpace, Id::ExtraCharacters];
                let finding = Finding::certain(id);
                if named.contains(&id) {
                    finding.with("name", "EncryptInfo")
                } else {
                    finding
                }
            })
            .collect()
    }
}

fn is_hex(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_hexdigit())
}

fn base64ish(text: &str) -> bool {
    text.bytes()
        .all(|b| b.is_ascii_alphanumeric() || b"+/=-_:".contains(&b))
}

/// Takes a text apart.
pub(crate) fn decode(sent: &str) -> Decoded {
    let mut wrong = Vec::new();
    let mut text = sent.to_owned();
    if escapes(&text) > 0 {
        wrong.push(Id::DoubleUrlEncoding);
        let (bytes, _) = percent_decode(text.as_bytes(), false);
        text = String::from_utf8_lossy(&bytes).into_owned();
    }
    if text.contains(char::is_whitespace) {
        let squeezed: String = text.split_whitespace().collect();
        if is_hex(&squeezed) || text.contains(['\r', '\n', '\t']) {
            wrong.push(Id::ExtraCharacters);
            text = squeezed;
        } else {
            wrong.push(Id::PlusAsSpace);
            text = text.replace(' ', "+");
        }
    }
    let below = below_hex(text, &mut wrong);
    let Ok(text) = String::from_utf8(below.clone()) else {
        return raw(&below, wrong);
    };
    if !text.is_ascii()
        || text
            .chars()
            .any(|c| c.is_ascii_control() && !c.is_ascii_whitespace())
    {
        return raw(&below, wrong);
    }
    let text = mended(text, &mut wrong);
    Decoded {
        readings: readings(&text),
        wrong,
        text: Some(text),
    }
}

/// Takes the hex off, as often as it was put on.
fn below_hex(text: String, wrong: &mut Vec<Id>) -> Vec<u8> {
    if !is_hex(&text) {
        // Base64 where hex belongs is still no hex.
        if let Some(inside) = STANDARD.decode(&text).ok().filter(|b| has_separator(b)) {
            wrong.push(Id::HexMissing);
            return inside;
        }
        let hexless = text.contains(SEPARATOR) || base64ish(&text);
        wrong.push(if hexless {
            Id::HexMissing
        } else {
            Id::HexBroken
        });
        return text.into_bytes();
    }
    if text.bytes().any(|b| b.is_ascii_uppercase()) {
        wrong.push(Id::HexUppercase);
    }
    let even = text.len() & !1;
    if even != text.len() {
        wrong.push(Id::HexBroken);
    }
    let mut bytes = hex::decode(&text[..even]).unwrap_or_default();
    while let Some(inside) = str::from_utf8(&bytes)
        .ok()
        .filter(|inner| inner.len() >= 32 && is_hex(inner))
        .and_then(|inner| hex::decode(inner).ok())
        .filter(|inside| inside.is_ascii())
    {
        if !wrong.contains(&Id::HexTwice) {
            wrong.push(Id::HexTwice);
        }
        bytes = inside;
    }
    bytes
}

fn has_separator(bytes: &[u8]) -> bool {
    bytes
        .windows(SEPARATOR.len())
        .any(|w| w == SEPARATOR.as_bytes())
}

/// Undoes what happened to the text between hex and base64.
fn mended(mut text: String, wrong: &mut Vec<Id>) -> String {
    if escapes(&text) > 0 {
        wrong.push(Id::DoubleUrlEncoding);
        let (bytes, _) = percent_decode(text.as_bytes(), false);
        text = String::from_utf8_lossy(&bytes).into_owned();
    }
    if text.contains(['\r', '\n', '\t']) {
        wrong.push(Id::ExtraCharacters);
        text = text.split(['\r', '\n', '\t']).collect();
    }
    if text.trim_end() != text {
        wrong.push(Id::ExtraCharacters);
        text.truncate(text.trim_end().len());
    }
    if text.contains(' ') {
        wrong.push(Id::PlusAsSpace);
        text = text.replace(' ', "+");
    }
    if let Some(inside) = STANDARD
        .decode(&text)
        .ok()
        .filter(|inside| has_separator(inside))
        .and_then(|inside| String::from_utf8(inside).ok())
    {
        wrong.push(Id::Base64Twice);
        text = inside;
    }
    text
}

/// Bytes that never were base64.
fn raw(bytes: &[u8], mut wrong: Vec<Id>) -> Decoded {
    wrong.push(Id::Base64Missing);
    let mut readings = Vec::new();
    let mut push = |ciphertext: &[u8], tag: Option<&[u8]>, wrong: &[Id]| {
        readings.push(Reading {
            ciphertext: ciphertext.to_vec(),
            tag: tag.map(<[u8]>::to_vec),
            wrong: wrong.to_vec(),
        });
    };
    let tail = TAG_LEN + SEPARATOR.len();
    if let Some(at) = bytes.len().checked_sub(tail)
        && bytes[at..].starts_with(SEPARATOR.as_bytes())
    {
        push(&bytes[..at], Some(&bytes[at + SEPARATOR.len()..]), &[]);
    }
    if let Some(at) = bytes.len().checked_sub(TAG_LEN) {
        push(&bytes[..at], Some(&bytes[at..]), &[Id::SeparatorMissing]);
    }
    push(bytes, None, &[Id::TagMissing]);
    Decoded {
        readings,
        wrong,
        text: None,
    }
}

fn readings(text: &str) -> Vec<Reading> {
    let mut all = Vec::new();
    if let Some((ciphertext, tag)) = text.split_once(SEPARATOR) {
        if tag.is_empty() {
            all.extend(half(ciphertext).into_iter().map(Half::alone));
        } else {
            pair(ciphertext, tag, &[], &mut all);
        }
        return all;
    }
    for separator in ["::", ":", ",", ".", "|", ";"] {
        if let Some((ciphertext, tag)) = text.split_once(separator) {
            pair(ciphertext, tag, &[Id::SeparatorMissing], &mut all);
            return all;
        }
    }
    let at = text.len().checked_sub(TAG_TEXT);
    if let Some((ciphertext, tag)) = at.and_then(|at| text.split_at_checked(at)) {
        pair(ciphertext, tag, &[Id::SeparatorMissing], &mut all);
        all.retain(|reading| reading.tag.as_ref().is_some_and(|tag| tag.len() == TAG_LEN));
    }
    for whole in half(text) {
        if let Some(at) = whole.bytes.len().checked_sub(TAG_LEN) {
            let mut wrong = whole.wrong.clone();
            wrong.push(Id::SeparatorMissing);
            all.push(Reading {
                ciphertext: whole.bytes[..at].to_vec(),
                tag: Some(whole.bytes[at..].to_vec()),
                wrong,
            });
        }
        all.push(whole.alone());
    }
    all
}

/// One side of the separator, decoded in one way.
struct Half {
    bytes: Vec<u8>,
    wrong: Vec<Id>,
}

impl Half {
    fn alone(mut self) -> Reading {
        self.wrong.push(Id::TagMissing);
        Reading {
            ciphertext: self.bytes,
            tag: None,
            wrong: self.wrong,
        }
    }
}

/// All ways to read one side, the right one first.
fn half(text: &str) -> Vec<Half> {
    let mut ways = Vec::new();
    let mut push = |bytes: Vec<u8>, wrong: &[Id]| {
        ways.push(Half {
            bytes,
            wrong: wrong.to_vec(),
        });
    };
    match STANDARD.decode(text) {
        Ok(bytes) => {
            if let Ok(twice) = STANDARD.decode(&bytes)
                && !bytes.is_empty()
            {
                push(bytes, &[]);
                push(twice, &[Id::Base64Twice]);
            } else {
                push(bytes, &[]);
            }
        }
        Err(_) => {
            if let Ok(bytes) = ANY_STANDARD.decode(text).or_else(|_| ANY_URL.decode(text)) {
                push(bytes, &[Id::Base64Variant]);
            }
        }
    }
    if is_hex(text)
        && let Ok(bytes) = hex::decode(text)
    {
        push(bytes, &[Id::Base64Missing]);
    }
    ways
}

/// Both sides: read in the same way, or one in a way of its own.
fn pair(ciphertext: &str, tag: &str, wrong: &[Id], all: &mut Vec<Reading>) {
    for left in half(ciphertext) {
        for right in half(tag) {
            let mut wrong = wrong.to_vec();
            wrong.extend(&left.wrong);
            wrong.extend(right.wrong.iter().filter(|id| !left.wrong.contains(id)));
            all.push(Reading {
                ciphertext: left.bytes.clone(),
                tag: Some(right.bytes),
                wrong,
            });
        }
    }
    // The right one first, then those with the fewest faults.
    all.sort_by_key(|reading| reading.wrong.len());
}
