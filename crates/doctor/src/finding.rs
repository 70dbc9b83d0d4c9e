use serde::{Deserialize, Serialize};

/// Declares every finding once, with its stable name.
macro_rules! ids {
    ($($Id:ident = $name:literal,)*) => {
        /// What can be wrong with a message, by a name that stays.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Id {
            $(#[doc = concat!("The finding `", $name, "`; the texts say what it means.")]
            #[serde(rename = $name)]
            $Id,)*
        }

        impl Id {
            /// All findings there are.
            pub const ALL: &'static [Self] = &[$(Self::$Id,)*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$Id => $name,)* }
            }
        }
    };
}

ids! {
    Empty = "empty",
    TooLong = "too_long",
    NotAMessage = "not_a_message",
    HtmlPage = "html_page",
    GatewayRefused = "gateway_refused",
    KeysMissing = "keys_missing",
    KeyIvSwapped = "key_iv_swapped",
    KeyLength = "key_length",
    KeyWhitespace = "key_whitespace",
    OtherEnvironmentKeys = "other_environment_keys",
    UnknownKeys = "unknown_keys",
    FormBroken = "form_broken",
    DuplicateField = "duplicate_field",
    MissingField = "missing_field",
    FieldNameCase = "field_name_case",
    InnerNameCase = "inner_name_case",
    MultipartMismatch = "multipart_mismatch",
    JsonInsteadOfForm = "json_instead_of_form",
    DoubleUrlEncoding = "double_url_encoding",
    PlusAsSpace = "plus_as_space",
    ExtraCharacters = "extra_characters",
    HexMissing = "hex_missing",
    HexTwice = "hex_twice",
    HexUppercase = "hex_uppercase",
    HexBroken = "hex_broken",
    Base64Missing = "base64_missing",
    Base64Twice = "base64_twice",
    Base64Variant = "base64_variant",
    SeparatorMissing = "separator_missing",
    TagMissing = "tag_missing",
    TagLength = "tag_length",
    TagWrong = "tag_wrong",
    AesCbc = "aes_cbc",
    Nonce12Bytes = "nonce_12_bytes",
    HashWithoutKeys = "hash_without_keys",
    HashKeyOrder = "hash_key_order",
    HashHmac = "hash_hmac",
    HashLowercase = "hash_lowercase",
    HashNotHex = "hash_not_hex",
    HashLabelled = "hash_labelled",
    HashOtherText = "hash_other_text",
    HashOtherAlgorithm = "hash_other_algorithm",
    HashUnknown = "hash_unknown",
    InnerEmpty = "inner_empty",
    InnerJson = "inner_json",
    InnerNotEncoded = "inner_not_encoded",
    InnerBroken = "inner_broken",
    InnerNotUtf8 = "inner_not_utf8",
    LiteralValue = "literal_value",
    AmountFormat = "amount_format",
    MerchantMismatch = "merchant_mismatch",
    StatusDisagrees = "status_disagrees",
    TimestampFormat = "timestamp_format",
    TimestampMilliseconds = "timestamp_milliseconds",
    TimestampLocalTime = "timestamp_local_time",
    TimestampOutsideWindow = "timestamp_outside_window",
    WrongVersion = "wrong_version",
    WrongPath = "wrong_path",
    WrongHost = "wrong_host",
}

/// How sure the doctor is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// It was tried, and the bytes say so.
    Certain,
    /// It looks like it; other causes would look the same.
    Likely,
}

/// A word that depends on the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the word it names")]
pub enum Term {
    Newline,
    Space,
    Bom,
    Quote,
    Form,
    Json,
    Multipart,
    Bare,
    Request,
    Result,
    UnknownKind,
    Plaintext,
    SortedPlaintext,
    LowerHex,
    UpperHex,
    InnerText,
    CiphertextOnly,
    RawCiphertext,
    UnknownPath,
    DoubledApi,
    NoApi,
    ContentsDiffer,
    NotTheApi,
    PlainHttp,
    DemoKeys,
    SampleKeys,
    PreviousKeys,
    TestHost,
    LiveHost,
    OtherHost,
    CutOff,
}

impl Term {
    /// All words there are.
    pub const ALL: [Self; 31] = [
        Self::Newline,
        Self::Space,
        Self::Bom,
        Self::Quote,
        Self::Form,
        Self::Json,
        Self::Multipart,
        Self::Bare,
        Self::Request,
        Self::Result,
        Self::UnknownKind,
        Self::Plaintext,
        Self::SortedPlaintext,
        Self::LowerHex,
        Self::UpperHex,
        Self::InnerText,
        Self::CiphertextOnly,
        Self::RawCiphertext,
        Self::UnknownPath,
        Self::DoubledApi,
        Self::NoApi,
        Self::ContentsDiffer,
        Self::NotTheApi,
        Self::PlainHttp,
        Self::DemoKeys,
        Self::SampleKeys,
        Self::PreviousKeys,
        Self::TestHost,
        Self::LiveHost,
        Self::OtherHost,
        Self::CutOff,
    ];
}

/// A value that a text has a place for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    /// As it stands, the same in every language; masked already.
    Plain(String),
    /// A word of the language.
    Word(Term),
}

impl From<&str> for Fact {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for Fact {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

impl From<usize> for Fact {
    fn from(number: usize) -> Self {
        Self::Plain(number.to_string())
    }
}

impl From<Term> for Fact {
    fn from(term: Term) -> Self {
        Self::Word(term)
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Which.
    pub id: Id,
    /// How sure.
    pub certainty: Certainty,
    /// Whether it is advice only: the message is right all the same.
    pub advice: bool,
    /// What the texts have places for, by name.
    pub facts: Vec<(&'static str, Fact)>,
}

impl Finding {
    /// Something that was proved.
    pub(crate) fn certain(id: Id) -> Self {
        Self {
            id,
            certainty: Certainty::Certain,
            advice: false,
            facts: Vec::new(),
        }
    }

    /// Something that looks so.
    pub(crate) fn likely(id: Id) -> Self {
        Self {
            certainty: Certainty::Likely,
            ..Self::certain(id)
        }
    }

    /// Something to know that makes nothing wrong.
    pub(crate) fn advice(id: Id) -> Self {
        Self {
            advice: true,
            ..Self::certain(id)
        }
    }

    /// The same with one more fact.
    pub(crate) fn with(mut self, name: &'static str, fact: impl Into<Fact>) -> Self {
        self.facts.push((name, fact.into()));
        self
    }
}
