/// Why a message was refused. Says which line and what cause, and never quotes the message.
///
/// Line 2 (`L2.…`) asks who sent it; line 3 (`L3.…`) whether it makes sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Not a form or JSON object with one `EncryptInfo` and one `HashInfo`.
    #[error("not an envelope: {0}")]
    Malformed(&'static str),
    /// `HashInfo` is not ours: a stranger, another shop's key, or an old key after its time.
    #[error("HashInfo does not match under any key in force")]
    Hash,
    /// The hash is right, but `EncryptInfo` is not lower-case hex of `base64:::base64`.
    #[error("EncryptInfo is not encoded as PAYUNi encodes it")]
    Encoding,
    /// The tag has another length than 16 bytes, or is not that of the ciphertext.
    #[error("the GCM tag is wrong")]
    Tag,
    /// What was sealed is not a form in UTF-8.
    #[error("the sealed text is not a form")]
    Plaintext,
    /// The signed `MerID` is ours, the unsigned one beside the envelope is another's.
    #[error("the outer MerID contradicts the signed one")]
    MerchantOuter,
    /// A reply to our own question names another merchant.
    #[error("the signed MerID is not the merchant's who asked")]
    Merchant,
    /// The unsigned `Status` beside the envelope contradicts the signed one.
    #[error("the outer Status contradicts the signed one")]
    StatusDisagrees,
    /// Genuinely sealed, but a request: our own checkout form sent back to us.
    #[error("this is a request, not a result")]
    Direction,
    /// A field twice within the sealed text.
    #[error("a field occurs twice")]
    DuplicateField,
    /// A field is missing, or has a form that the documentation excludes.
    #[error("the field {0} is missing or malformed")]
    Schema(&'static str),
    /// An amount that is not written as a plain whole number from 1 to 999999999.
    #[error("the field {0} is not a whole amount in TWD")]
    AmountSyntax(&'static str),
    /// A reply about a trade that we did not ask about.
    #[error("the reply is about something that was not asked")]
    NotAsked,
}

impl Refusal {
    /// A stable name for metrics and logs: line, dot, cause.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "L2.malformed",
            Self::Hash => "L2.hash",
            Self::Encoding => "L2.encoding",
            Self::Tag => "L2.tag",
            Self::Plaintext => "L2.plaintext",
            Self::MerchantOuter => "L3.merchant_outer",
            Self::Merchant => "L3.merchant",
            Self::StatusDisagrees => "L3.status_disagrees",
            Self::Direction => "L3.direction",
            Self::DuplicateField => "L3.duplicate_field",
            Self::Schema(_) => "L3.schema",
            Self::AmountSyntax(_) => "L3.amount_syntax",
            Self::NotAsked => "L3.not_asked",
        }
    }

    /// Whether the message failed at its proof of origin. Answer all of these alike, so that a stranger learns nothing
    /// from which one it was.
    #[must_use]
    pub const fn is_cryptographic(&self) -> bool {
        matches!(
            self,
            Self::Hash | Self::Encoding | Self::Tag | Self::Plaintext
        )
    }
}

/// Why a request cannot be built; found before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// `MerTradeNo` must have 1 to 25 letters, digits, `_` or `-` (PAYUNi docs page 34).
    #[error("an order number must be 1 to 25 letters, digits, '_' or '-'")]
    MerTradeNo,
    /// `TradeNo` is empty or has other characters than letters, digits, `_` and `-`.
    #[error("a PAYUNi trade number must be 1 to 64 letters, digits, '_' or '-'")]
    TradeNo,
    /// An amount is outside what the way of paying takes (PAYUNi docs page 170).
    #[error("{amount} TWD is outside what {method} takes ({min} to {max})")]
    Amount {
        /// The amount asked for, in TWD.
        amount: u32,
        /// The field's name of the way of paying, or `TradeAmt`.
        method: &'static str,
        /// The least, in TWD.
        min: u32,
        /// The most, in TWD.
        max: u32,
    },
    /// A field has a form that PAYUNi would refuse.
    #[error("{field} {rule}")]
    Field {
        /// The field's name on the wire.
        field: &'static str,
        /// What it must be.
        rule: &'static str,
    },
}
