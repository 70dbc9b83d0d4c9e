use std::collections::HashSet;
use std::fmt;

/// Why text is not a list of form fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FieldsError {
    /// A pair without `=`, an empty name, a broken percent escape, or not UTF-8.
    #[error("not form-encoded")]
    Syntax,
    /// A name that occurs twice once decoded.
    #[error("a field occurs twice")]
    Duplicate,
    /// More fields than any message has.
    #[error("too many fields")]
    TooMany,
}

/// More than the longest documented reply (100 rows of fewer than 40 fields) and far below what could hurt.
const MAX_FIELDS: usize = 8_192;

/// Form fields in the order sent, each name once.
///
/// Printing shows the names only: the values are people's data.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a form exactly once: `+` is a space, `%XX` a byte, the result UTF-8; a name twice is refused.
    /// Brackets and other text may come raw or escaped, since both are seen (PAYUNi docs page 320).
    ///
    /// # Errors
    /// [`FieldsError`].
    pub fn parse(text: &[u8]) -> Result<Self, FieldsError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let mut pairs = Vec::new();
        for pair in text.split(|&b| b == b'&') {
            if pairs.len() == MAX_FIELDS {
                return Err(FieldsError::TooMany);
            }
            let eq = pair
                .iter()
                .position(|&b| b == b'=')
                .ok_or(FieldsError::Syntax)?;
            pairs.push((decode(&pair[..eq])?, decode(&pair[eq + 1..])?));
        }
        Self::from_pairs(pairs)
    }

    /// Takes pairs that are decoded already.
    ///
    /// # Errors
    /// [`FieldsError::Syntax`] for an empty name, [`FieldsError::Duplicate`].
    pub fn from_pairs(pairs: Vec<(String, String)>) -> Result<Self, FieldsError> {
        if pairs.iter().any(|(name, _)| name.is_empty()) {
            return Err(FieldsError::Syntax);
        }
        let mut seen = HashSet::with_capacity(pairs.len());
        if pairs.iter().all(|(name, _)| seen.insert(name.as_str())) {
            Ok(Self(pairs))
        } else {
            Err(FieldsError::Duplicate)
        }
    }

    /// The value of a field, if it was sent at all.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// The value of a field that was sent and is not empty.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|v| !v.is_empty())
    }

    /// Whether a field was sent, even empty.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// All pairs in the order sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// How many fields there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no field.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether no name has a bracket. PHP reads `TradeAmt[]=1` as a list; nothing but query replies may have any.
    #[must_use]
    pub fn is_flat(&self) -> bool {
        self.0.iter().all(|(name, _)| !name.contains(['[', ']']))
    }

    /// The rows of `Result[0][Name]`, `Result[1][Name]`, …; for query replies only.
    /// Nothing if any name with a bracket has another shape, or the indices leave a gap.
    #[must_use]
    pub fn rows(&self) -> Option<Vec<Self>> {
        let mut rows: Vec<Vec<(String, String)>> = Vec::new();
        for (name, value) in &self.0 {
            if !name.contains(['[', ']']) {
                continue;
            }
            let (index, inner) = name
                .strip_prefix("Result[")?
                .strip_suffix(']')?
                .split_once("][")?;
            let canonical = index == "0" || !index.starts_with('0');
            if inner.is_empty()
                || inner.contains(['[', ']'])
                || !canonical
                || !index.bytes().all(|b| b.is_ascii_digit())
            {
                return None;
            }
            let index: usize = index.parse().ok().filter(|i| *i < MAX_FIELDS)?;
            if rows.len() <= index {
                rows.resize(index + 1, Vec::new());
            }
            rows[index].push((inner.to_owned(), value.clone()));
        }
        rows.into_iter()
            .map(|row| {
                if row.is_empty() {
                    None
                } else {
                    Self::from_pairs(row).ok()
                }
            })
            .collect()
    }

    /// The form as PAYUNi's PHP writes it; [`Fields::parse`] gives the same fields back.
    #[must_use]
    pub fn encode(&self) -> String {
        encode(self.iter())
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|(name, _)| name))
            .finish()
    }
}

/// Encodes pairs as PHP's `http_build_query` does: a space becomes `+`, everything but letters, digits, `-`, `_` and `.`
/// an upper-case `%XX`.
pub fn encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        escape(name, &mut out);
        out.push('=');
        escape(value, &mut out);
    }
    out
}

fn escape(text: &str, out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            other => {
                out.push('%');
                out.push(char::from(HEX[usize::from(other >> 4)]));
                out.push(char::from(HEX[usize::from(other & 15)]));
            }
        }
    }
}

fn decode(text: &[u8]) -> Result<String, FieldsError> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(&byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let (Some(high), Some(low)) = (
                    rest.next().and_then(|b| nibble(*b)),
                    rest.next().and_then(|b| nibble(*b)),
                ) else {
                    return Err(FieldsError::Syntax);
                };
                high << 4 | low
            }
            other => other,
        });
    }
    String::from_utf8(out).map_err(|_| FieldsError::Syntax)
}

const fn nibble(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_forms_are_refused() {
        for text in [
            "a",
            "=1",
            "a=1&",
            "&a=1",
            "a=1&&b=2",
            "a=%",
            "a=%4",
            "a=%zz",
            "a=%u0053",
            "a=%C0%AF",
            "a=%ED%A0%80",
            "a=%+1",
        ] {
            assert_eq!(
                Fields::parse(text.as_bytes()),
                Err(FieldsError::Syntax),
                "{text}"
            );
        }
        let nameless = vec![(String::new(), "39".to_owned())];
        assert_eq!(Fields::from_pairs(nameless), Err(FieldsError::Syntax));
        for text in [
            "a=1&a=1",
            "a=1&%61=2",
            "Result[0][A]=1&Result%5B0%5D%5BA%5D=2",
        ] {
            assert_eq!(
                Fields::parse(text.as_bytes()),
                Err(FieldsError::Duplicate),
                "{text}"
            );
        }
    }

    #[test]
    fn decoding_happens_once() {
        let fields = Fields::parse(b"a=%2541&b=x+y%2Bz&c=").unwrap();
        assert_eq!(
            fields.iter().collect::<Vec<_>>(),
            [("a", "%41"), ("b", "x y+z"), ("c", "")]
        );
        assert_eq!(fields.filled("c"), None);
    }

    #[test]
    fn rows_are_read_only_in_the_documented_shape() {
        let rows = |text: &str| Fields::parse(text.as_bytes()).unwrap().rows();
        assert_eq!(rows("Status=SUCCESS"), Some(vec![]));
        let two = rows("Result[1][A]=3&Result[0][A]=1&Result[0][B]=2").unwrap();
        assert_eq!((two[0].get("B"), two[1].get("A")), (Some("2"), Some("3")));
        for text in [
            "Result[0]=1",
            "Result[0][]=1",
            "Result[][A]=1",
            "Result[1][A]=1",
            "Result[00][A]=1",
            "Result[-1][A]=1",
            "Result[0][A][B]=1",
            "TradeAmt[]=1",
            "Result[99999999999999999999][A]=1",
            "Result[0][A]=1&X[0][A]=1",
        ] {
            assert_eq!(rows(text), None, "{text}");
        }
    }

    #[test]
    fn printing_shows_names_only() {
        assert_eq!(
            format!("{:?}", Fields::parse(b"Card6No=414763").unwrap()),
            r#"["Card6No"]"#
        );
    }
}
