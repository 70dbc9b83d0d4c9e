//! Ways to break a sealed message.

use serde::Deserialize;

/// What is done to a sealed message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tamper {
    /// One bit of every byte of `EncryptInfo` in turn, the hash as it was.
    FlipEveryByte,
    /// A hash of zeros.
    HashZero,
    /// `0E` and digits, which a loose comparison takes for the number zero.
    HashJuggle,
    /// The word `true`.
    HashTrue,
    /// A list.
    HashList,
    /// Lower case.
    HashLower,
    /// A space at the end.
    HashSpace,
    /// A NUL at the end.
    HashNul,
    /// A line break at the end.
    HashLine,
    /// 63 digits.
    HashShort,
    /// 65 digits.
    HashLong,
    /// Full-width digits.
    HashWide,
    /// SHA-256 without a key.
    HashUnkeyed,
    /// Key and iv in the wrong places.
    HashSwapped,
    /// HMAC-SHA-256.
    HashHmac,
    /// No hash.
    HashMissing,
    /// An empty hash.
    HashEmpty,
    /// From here on the hash is renewed: a bit of the ciphertext.
    CiphertextBit,
    /// A tag of 15 bytes.
    Tag15,
    /// Of 12.
    Tag12,
    /// Of 8.
    Tag8,
    /// Of 4.
    Tag4,
    /// Of 1.
    Tag1,
    /// Of none.
    Tag0,
    /// Of 17.
    Tag17,
    /// No separator.
    NoSeparator,
    /// Two separators.
    TwoTags,
    /// No ciphertext.
    NoCiphertext,
    /// Base 64 for addresses.
    Base64Url,
    /// Base 64 without its padding.
    NoPadding,
    /// White space within.
    InnerSpace,
    /// An odd hex digit at the end.
    OddHex,
    /// Upper-case hex.
    UpperHex,
}
