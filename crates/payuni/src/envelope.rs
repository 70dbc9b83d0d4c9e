use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::authentic::{Authentic, KeyId};
use crate::cipher;
use crate::fields::{self, Fields, FieldsError};
use crate::json::Json;
use crate::merchant::{Keys, Merchant};
use crate::refusal::Refusal;
use crate::trade::SUCCESS;

/// The most bytes of a notice that are read; real ones have about two thousand.
pub const MAX_FORM_BYTES: usize = 64 * 1024;
/// The most bytes of a reply that are read; a hundred rows of a query are a third of it.
pub const MAX_REPLY_BYTES: usize = 1024 * 1024;
const MAX_OUTER_FIELDS: usize = 32;
pub(crate) const SEPARATOR: &str = ":::";

/// What came in, split into its outer fields and not yet believed. `Status`, `MerID` and `Version` beside the sealed text
/// are covered by no hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Envelope {
    status: Option<String>,
    mer_id: Option<String>,
    version: Option<String>,
    encrypt_info: String,
    hash_info: String,
    may_hold_json: bool,
}

/// A reply over HTTP before anything in it is believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Sealed; open it.
    Sealed(Envelope),
    /// PAYUNi answers some faults (`API…`, `DEF…`, `ERROR`) without sealing. Nobody signed this: a hint for a person, never
    /// a fact about a payment.
    Unsealed {
        /// The outer `Status` as sent, at most 64 characters.
        status: String,
    },
}

impl Envelope {
    /// Reads a notice's or return's body, `application/x-www-form-urlencoded` (PAYUNi docs page 34).
    ///
    /// `EncryptInfo` and `HashInfo` are needed; `Status`, `MerID` and `Version` may be absent; other names are ignored, but no
    /// name may occur twice.
    ///
    /// # Errors
    /// [`Refusal::Malformed`].
    pub fn from_form(body: &[u8]) -> Result<Self, Refusal> {
        if body.len() > MAX_FORM_BYTES {
            return Err(Refusal::Malformed("longer than any notice"));
        }
        // A form on the wire is printable ASCII: no byte-order mark, no UTF-16, nothing to be decoded differently elsewhere.
        if !body.iter().all(u8::is_ascii_graphic) {
            return Err(Refusal::Malformed("a form has printable ASCII only"));
        }
        let fields = Fields::parse(body).map_err(|error| match error {
            FieldsError::Duplicate => Refusal::Malformed("a field occurs twice"),
            FieldsError::Syntax | FieldsError::TooMany => Refusal::Malformed("not form-encoded"),
        })?;
        Self::from_fields(&fields, false)
    }

    /// Reads the body of a reply, a JSON object (PAYUNi docs page 29).
    ///
    /// # Errors
    /// [`Refusal::Malformed`]: an HTML error page, a name twice, a sealed text without its hash.
    pub fn from_json(body: &[u8]) -> Result<Reply, Refusal> {
        if body.len() > MAX_REPLY_BYTES {
            return Err(Refusal::Malformed("longer than any reply"));
        }
        let Some(Json::Object(members)) = Json::parse(body) else {
            return Err(Refusal::Malformed("not a JSON object with distinct names"));
        };
        let mut pairs = Vec::with_capacity(members.len());
        for (name, value) in members {
            match value {
                Json::Text(text) => pairs.push((name, text)),
                Json::Nothing => {}
                Json::List(_) | Json::Object(_) => {
                    return Err(Refusal::Malformed("an outer field is not text"));
                }
            }
        }
        let fields = Fields::from_pairs(pairs)
            .map_err(|_| Refusal::Malformed("a field occurs twice, or has no name"))?;
        if fields.filled("EncryptInfo").is_none() {
            let status = fields
                .filled("Status")
                .ok_or(Refusal::Malformed("neither EncryptInfo nor Status"))?;
            return Ok(Reply::Unsealed {
                status: status
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(64)
                    .collect(),
            });
        }
        Self::from_fields(&fields, true).map(Reply::Sealed)
    }

    fn from_fields(fields: &Fields, may_hold_json: bool) -> Result<Self, Refusal> {
        if fields.len() > MAX_OUTER_FIELDS {
            return Err(Refusal::Malformed("more fields than any envelope"));
        }
        if fields
            .iter()
            .any(|(name, value)| name.chars().chain(value.chars()).any(char::is_control))
        {
            return Err(Refusal::Malformed("a control character"));
        }
        let own = |name| fields.filled(name).map(str::to_owned);
        Ok(Self {
            status: own("Status"),
            mer_id: own("MerID"),
            version: own("Version"),
            encrypt_info: own("EncryptInfo").ok_or(Refusal::Malformed("no EncryptInfo"))?,
            hash_info: own("HashInfo").ok_or(Refusal::Malformed("no HashInfo"))?,
            may_hold_json,
        })
    }

    /// SHA-256 of `EncryptInfo`, as hex: which sealed message this is. What stands around it nobody signed, so that whoever
    /// holds one message could make as many others of it as he likes.
    #[must_use]
    pub fn digest(&self) -> String {
        hex::encode(Sha256::digest(&self.encrypt_info))
    }

    /// The outer `Version`, which nobody signed.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Proves who sent it, and opens it.
    ///
    /// The order matters: the hash over the text exactly as received, in constant time, comes before any decoding; then
    /// the encoding must be the canonical one, the tag have 16 bytes and be right, and the plaintext be a form without
    /// duplicates. Last, what stands unsigned outside must not contradict what is signed inside.
    ///
    /// # Errors
    /// [`Refusal`]; those that are [cryptographic](Refusal::is_cryptographic) deserve one and the same answer.
    pub fn open(&self, merchant: &Merchant, now: Timestamp) -> Result<Authentic<Fields>, Refusal> {
        let (key_id, keys) = self.authenticate(merchant, now)?;
        let plaintext = decrypt(merchant, keys, &self.encrypt_info)?;
        let fields = self.parse_plaintext(&plaintext)?;
        #[cfg(feature = "ablation")]
        if merchant.ablated.meaning {
            let mut believed = Authentic::new(fields, key_id, merchant.id.clone());
            believed.lax = true;
            return Ok(believed);
        }
        self.compare_outer(&fields, merchant)?;
        Ok(Authentic::new(fields, key_id, merchant.id.clone()))
    }

    fn authenticate<'m>(
        &self,
        merchant: &'m Merchant,
        now: Timestamp,
    ) -> Result<(KeyId, &'m Keys), Refusal> {
        let matches = |keys| {
            bool::from(
                hash_info(keys, &self.encrypt_info)
                    .as_bytes()
                    .ct_eq(self.hash_info.as_bytes()),
            )
        };
        let ring = &merchant.keyring;
        #[cfg(feature = "ablation")]
        if merchant.ablated.authenticity {
            return Ok((KeyId::Current, &ring.current));
        }
        if matches(&ring.current) {
            return Ok((KeyId::Current, &ring.current));
        }
        match &ring.previous {
            Some((keys, until)) if now < *until && matches(keys) => Ok((KeyId::Previous, keys)),
            _ => Err(Refusal::Hash),
        }
    }

    fn parse_plaintext(&self, plaintext: &[u8]) -> Result<Fields, Refusal> {
        // PAYUNi docs page 172 says of finite_query "the format is JSON", not whether of the envelope or of its content.
        let parsed = if self.may_hold_json && plaintext.first() == Some(&b'{') {
            let pairs = Json::parse(plaintext)
                .and_then(Json::flatten)
                .ok_or(Refusal::Plaintext)?;
            Fields::from_pairs(pairs)
        } else {
            Fields::parse(plaintext)
        };
        parsed.map_err(|error| match error {
            FieldsError::Duplicate => Refusal::DuplicateField,
            FieldsError::Syntax | FieldsError::TooMany => Refusal::Plaintext,
        })
    }

    /// Only contradictions are refused: PAYUNi writes `Unapproved` outside and `UNAPPROVED` inside, and may leave the outer
    /// status away (PAYUNi docs pages 34 and 76). A signed `MerID` that is not ours is left to the reader: it is a fact.
    fn compare_outer(&self, fields: &Fields, merchant: &Merchant) -> Result<(), Refusal> {
        let ours = merchant.id.as_str();
        if fields.get("MerID") == Some(ours)
            && self.mer_id.as_deref().is_some_and(|outer| outer != ours)
        {
            return Err(Refusal::MerchantOuter);
        }
        if let (Some(outer), Some(inner)) = (self.status.as_deref(), fields.filled("Status"))
            && (outer == SUCCESS) != (inner == SUCCESS)
        {
            return Err(Refusal::StatusDisagrees);
        }
        Ok(())
    }
}

impl fmt::Debug for Envelope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope")
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// `UPPER(hex(SHA-256(HashKey ‖ EncryptInfo ‖ HashIV)))`.
pub(crate) fn hash_info(keys: &Keys, encrypt_info: &str) -> String {
    let mut hash = Sha256::new();
    hash.update(keys.key.bytes());
    hash.update(encrypt_info.as_bytes());
    hash.update(keys.iv.bytes());
    hex::encode_upper(hash.finalize())
}

#[cfg_attr(
    not(feature = "ablation"),
    expect(
        unused_variables,
        reason = "only what is switched off asks whose it is"
    )
)]
fn decrypt(merchant: &Merchant, keys: &Keys, encrypt_info: &str) -> Result<Vec<u8>, Refusal> {
    if encrypt_info.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(Refusal::Encoding);
    }
    let text = hex::decode(encrypt_info).map_err(|_| Refusal::Encoding)?;
    let text = str::from_utf8(&text).map_err(|_| Refusal::Encoding)?;
    let (ciphertext, tag) = text.split_once(SEPARATOR).ok_or(Refusal::Encoding)?;
    // The engine is strict: padded, no white space, no trailing bits, no ':' and so no second separator.
    let decode = |part: &str| STANDARD.decode(part).map_err(|_| Refusal::Encoding);
    let (ciphertext, tag) = (decode(ciphertext)?, decode(tag)?);
    #[cfg(feature = "ablation")]
    if merchant.ablated.authenticity {
        // GCM is a key stream: whoever encrypts a ciphertext again has its plaintext, whatever its tag.
        return Ok(cipher::encrypt(keys, &ciphertext).0);
    }
    let tag: [u8; cipher::TAG_LEN] = tag.try_into().map_err(|_| Refusal::Tag)?;
    cipher::decrypt(keys, &ciphertext, &tag).ok_or(Refusal::Tag)
}

/// A sealed message, ready to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed {
    /// `MerID`, again outside.
    pub mer_id: String,
    /// `Version` of the interface.
    pub version: &'static str,
    /// The sealed text. Treat it like its plaintext: never in a URL or a log.
    pub encrypt_info: String,
    /// The keyed hash of it.
    pub hash_info: String,
}

impl Sealed {
    /// The four fields of the form, by name, in PAYUNi's order.
    #[must_use]
    pub fn form_fields(&self) -> [(&'static str, &str); 4] {
        [
            ("MerID", &self.mer_id),
            ("Version", self.version),
            ("EncryptInfo", &self.encrypt_info),
            ("HashInfo", &self.hash_info),
        ]
    }

    /// The four fields as an `application/x-www-form-urlencoded` body.
    #[must_use]
    pub fn form_body(&self) -> String {
        fields::encode(self.form_fields())
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Sealed");
        out.field("mer_id", &self.mer_id)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// Seals fields under the merchant's current keys, in the order given. Each value is encoded exactly once, so a value that
/// looks like `x&Status=SUCCESS` stays one value.
#[must_use]
pub fn seal(merchant: &Merchant, version: &'static str, pairs: &[(&str, &str)]) -> Sealed {
    let plaintext = fields::encode(pairs.iter().copied());
    let encrypt_info = sealed_bytes(merchant, plaintext.as_bytes());
    let hash_info = hash_info(&merchant.keyring.current, &encrypt_info);
    Sealed {
        mer_id: merchant.id.as_str().to_owned(),
        version,
        encrypt_info,
        hash_info,
    }
}

/// `EncryptInfo` of any bytes under the merchant's current keys.
pub(crate) fn sealed_bytes(merchant: &Merchant, plaintext: &[u8]) -> String {
    let (ciphertext, tag) = cipher::encrypt(&merchant.keyring.current, plaintext);
    hex::encode(format!(
        "{}{SEPARATOR}{}",
        STANDARD.encode(ciphertext),
        STANDARD.encode(tag)
    ))
}

/// An envelope with the right hash over any text.
#[cfg(feature = "fuzzing")]
pub(crate) fn envelope_of(merchant: &Merchant, encrypt_info: String, json: bool) -> Envelope {
    Envelope {
        status: None,
        mer_id: None,
        version: None,
        hash_info: hash_info(&merchant.keyring.current, &encrypt_info),
        encrypt_info,
        may_hold_json: json,
    }
}
