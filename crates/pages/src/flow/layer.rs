//! The layers of a message, from the wire inwards.

use crate::text::Text;

/// One layer of a message: text, or pairs.
#[derive(Clone, Debug, Default)]
pub struct Layer {
    /// What layer it is.
    pub kind: LayerKind,
    /// The text, as it was.
    pub text: String,
    /// Names and values.
    pub rows: Vec<(String, String)>,
    /// What holds of a cipher text.
    pub cipher: Option<CipherFacts>,
}

/// The cipher text's length, its tag, and what holds of them.
#[derive(Clone, Debug)]
pub struct CipherFacts {
    /// How many bytes of cipher text.
    pub bytes: usize,
    /// The tag, as hex.
    pub tag: String,
    /// Whether it fits.
    pub tag_holds: bool,
    /// Whether the hash is the one that our keys make.
    pub hash_holds: bool,
}

impl CipherFacts {
    pub(super) fn rows<'a>(&'a self, t: &'a Text) -> [(&'a str, String); 4] {
        let f = &t.flow;
        let word = |holds| if holds { &f.holds } else { &f.broken }.clone();
        [
            (&f.cipher_bytes, self.bytes.to_string()),
            (&f.tag, self.tag.clone()),
            (&f.tag_fits, word(self.tag_holds)),
            (&f.hash, word(self.hash_holds)),
        ]
    }
}

/// What a layer shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LayerKind {
    /// What was sent.
    #[default]
    Body,
    /// What was answered.
    Answer,
    /// `EncryptInfo` out of its hex.
    Text,
    /// Cipher text, tag and hash.
    Cipher,
    /// What is inside.
    Fields,
    /// The ID token's header.
    Header,
    /// What Google's token said.
    Claims,
    /// The ID token's signature.
    Signature,
    /// Cells of a row.
    Cells,
}

impl LayerKind {
    pub(super) fn name(self, t: &Text) -> &str {
        let f = &t.flow;
        match self {
            Self::Body => &f.layer_body,
            Self::Answer => &f.layer_answer,
            Self::Text => &f.layer_text,
            Self::Cipher => &f.layer_cipher,
            Self::Fields => &f.layer_fields,
            Self::Header => &f.layer_header,
            Self::Claims => &f.layer_claims,
            Self::Signature => &f.layer_signature,
            Self::Cells => &f.layer_cells,
        }
    }
}
