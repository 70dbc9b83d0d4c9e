//! Forms, read as leniently as can be done without guessing: what is broken is kept and reported.

/// Names and values in the order sent, repeated names too.
pub(crate) type Pairs = Vec<(String, String)>;

/// What a form-encoded text holds, and what is wrong with it.
pub(crate) struct Form {
    pub(crate) pairs: Pairs,
    /// A pair without `=`, an empty name, or a broken percent escape.
    pub(crate) broken: bool,
    /// A value is not UTF-8 once decoded.
    pub(crate) not_utf8: bool,
}

impl Form {
    pub(crate) fn parse(text: &[u8]) -> Self {
        let mut form = Self {
            pairs: Vec::new(),
            broken: false,
            not_utf8: false,
        };
        if text.is_empty() {
            return form;
        }
        for pair in text.split(|b| *b == b'&') {
            let eq = pair.iter().position(|b| *b == b'=');
            form.broken |= eq.is_none() || eq == Some(0);
            let eq = eq.unwrap_or(pair.len());
            let name = form.decode(&pair[..eq]);
            let value = form.decode(pair.get(eq + 1..).unwrap_or_default());
            form.pairs.push((name, value));
        }
        form
    }

    fn decode(&mut self, text: &[u8]) -> String {
        let (bytes, whole) = percent_decode(text, true);
        self.broken |= !whole;
        String::from_utf8(bytes).unwrap_or_else(|error| {
            self.not_utf8 = true;
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        })
    }

    /// The first name that occurs twice.
    pub(crate) fn repeated(pairs: &Pairs) -> Option<&str> {
        let repeats = |i: usize, name: &str| pairs[..i].iter().any(|(earlier, _)| earlier == name);
        let mut pairs = pairs.iter().enumerate();
        pairs.find_map(|(i, (name, _))| repeats(i, name).then_some(name.as_str()))
    }
}

/// Decodes `%XX` once, and `+` where asked to; broken escapes stay as they are and are told.
pub(crate) fn percent_decode(text: &[u8], plus: bool) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len());
    let mut whole = true;
    let mut i = 0;
    while let Some(&byte) = text.get(i) {
        i += 1;
        match byte {
            b'+' if plus => out.push(b' '),
            b'%' => {
                let mut two = [0];
                if let Some(digits) = text.get(i..i + 2)
                    && hex::decode_to_slice(digits, &mut two).is_ok()
                {
                    out.push(two[0]);
                    i += 2;
                } else {
                    whole = false;
                    out.push(byte);
                }
            }
            other => out.push(other),
        }
    }
    (out, whole)
}

/// How many percent escapes a text has.
pub(crate) fn escapes(text: &str) -> usize {
    let bytes = text.as_bytes();
    bytes
        .windows(3)
        .filter(|three| {
            three[0] == b'%' && three[1].is_ascii_hexdigit() && three[2].is_ascii_hexdigit()
        })
        .count()
}
