use secrecy::{ExposeSecret, SecretString};

use crate::finding::{Finding, Id, Term};

/// Bytes of a `HashKey`.
pub(crate) const KEY_LEN: usize = 32;
/// Bytes of a `HashIV`.
pub(crate) const IV_LEN: usize = 16;

/// `HashKey` and `HashIV` as they were typed: with whatever was pasted along. Prints nothing.
#[derive(Clone)]
pub struct Keys {
    key: SecretString,
    iv: SecretString,
}

impl Keys {
    /// Takes both as they are; what is wrong with them is for the examination to say.
    #[must_use]
    pub fn new(key: &str, iv: &str) -> Self {
        Self {
            key: SecretString::from(key),
            iv: SecretString::from(iv),
        }
    }

    /// Every form of them that must not be shown, not in parts either: see [`payuni::mask::tells`].
    pub(crate) fn secrets(&self) -> Vec<String> {
        [&self.key, &self.iv]
            .into_iter()
            .flat_map(|secret| {
                let given = secret.expose_secret();
                [given.to_owned(), clean(given, 0)]
            })
            .filter(|secret| secret.len() >= 8)
            .collect()
    }
}

/// A pair that can be tried. Has no `Debug`: it is secret.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) key: Vec<u8>,
    pub(crate) iv: Vec<u8>,
}

/// What is wrong with the keys by themselves, and the pair that was probably meant.
pub(crate) fn look(keys: &Keys) -> (Option<Pair>, Vec<Finding>) {
    let mut findings = Vec::new();
    let mut read = |name: &'static str, secret: &SecretString, len: usize| {
        let given = secret.expose_secret();
        let cleaned = clean(given, len);
        if cleaned != given {
            findings.push(
                Finding::certain(Id::KeyWhitespace)
                    .with("name", name)
                    .with("what", pasted_along(given)),
            );
        }
        cleaned
    };
    let mut key = read("HashKey", &keys.key, KEY_LEN);
    let mut iv = read("HashIV", &keys.iv, IV_LEN);
    if key.is_empty() && iv.is_empty() {
        return (None, vec![Finding::advice(Id::KeysMissing)]);
    }
    if key.len() == IV_LEN && iv.len() == KEY_LEN {
        findings.push(Finding::certain(Id::KeyIvSwapped));
        std::mem::swap(&mut key, &mut iv);
    }
    for (name, text, expected) in [("HashKey", &key, KEY_LEN), ("HashIV", &iv, IV_LEN)] {
        if text.len() != expected {
            findings.push(
                Finding::certain(Id::KeyLength)
                    .with("name", name)
                    .with("found", text.len())
                    .with("expected", expected),
            );
        }
    }
    // Of what is too long the beginning may be right; what is too short cannot be guessed.
    let (key, iv) = (key.as_bytes().get(..KEY_LEN), iv.as_bytes().get(..IV_LEN));
    let pair = key.zip(iv).map(|(key, iv)| Pair {
        key: key.to_vec(),
        iv: iv.to_vec(),
    });
    (pair, findings)
}

fn invisible(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{feff}' | '\u{200b}'..='\u{200d}' | '\u{2060}')
}

/// Without what nobody sees, and without quotes around where they make it too long.
fn clean(text: &str, expected: usize) -> String {
    let seen: String = text.chars().filter(|c| !invisible(*c)).collect();
    let inside = ['"', '\'']
        .into_iter()
        .find_map(|quote| seen.strip_prefix(quote)?.strip_suffix(quote));
    match inside {
        Some(inside) if seen.len() != expected => inside.to_owned(),
        _ => seen,
    }
}

fn pasted_along(text: &str) -> Term {
    if text.contains('\u{feff}') {
        Term::Bom
    } else if text.contains(['\n', '\r']) {
        Term::Newline
    } else if text.chars().any(invisible) {
        Term::Space
    } else {
        Term::Quote
    }
}

/// A way in which the keys of whoever sealed the message may have been spoilt.
pub(crate) struct Spoilt {
    pub(crate) pair: Pair,
    pub(crate) finding: Finding,
}

/// The usual ways to spoil a pair, the likely ones first.
pub(crate) fn spoilt(pair: &Pair) -> Vec<Spoilt> {
    let Pair { key, iv } = pair;
    let mut ways = vec![Spoilt {
        pair: Pair {
            key: iv.clone(),
            iv: key.clone(),
        },
        finding: Finding::certain(Id::KeyIvSwapped),
    }];
    let along: [(&str, &str, Term); 8] = [
        ("", "\n", Term::Newline),
        ("", "\r\n", Term::Newline),
        ("", " ", Term::Space),
        ("", "\t", Term::Space),
        (" ", "", Term::Space),
        ("\u{feff}", "", Term::Bom),
        ("\"", "\"", Term::Quote),
        ("'", "'", Term::Quote),
    ];
    for (before, after, what) in along {
        let around = |secret: &[u8]| [before.as_bytes(), secret, after.as_bytes()].concat();
        let whole = [
            ("HashKey", around(key), iv.clone()),
            ("HashIV", key.clone(), around(iv)),
            ("HashKey + HashIV", around(key), around(iv)),
        ];
        for (name, key, iv) in whole {
            ways.push(Spoilt {
                pair: Pair { key, iv },
                finding: Finding::certain(Id::KeyWhitespace)
                    .with("name", name)
                    .with("what", what),
            });
        }
    }
    let mut cut = |name: &'static str, pair: Pair, found: usize, expected: usize| {
        ways.push(Spoilt {
            pair,
            finding: Finding::certain(Id::KeyLength)
                .with("name", name)
                .with("found", found)
                .with("expected", expected),
        });
    };
    for n in (1..key.len()).rev() {
        for part in [&key[..n], &key[key.len() - n..]] {
            let pair = Pair {
                key: part.to_vec(),
                iv: iv.clone(),
            };
            cut("HashKey", pair, n, KEY_LEN);
        }
    }
    for n in (1..iv.len()).rev() {
        for part in [&iv[..n], &iv[iv.len() - n..]] {
            let pair = Pair {
                key: key.clone(),
                iv: part.to_vec(),
            };
            cut("HashIV", pair, n, IV_LEN);
        }
    }
    ways
}
