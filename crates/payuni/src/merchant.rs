use std::fmt;

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

/// What is wrong with a merchant's setting. Never holds the value itself.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MerchantError {
    /// The merchant number is empty, too long or has other characters than letters, digits, `_` and `-`.
    #[error("the merchant id must be 1 to 50 letters, digits, '_' or '-'")]
    Id,
    /// A secret has the wrong length.
    #[error("{name} must be exactly {expected} bytes after trimming, but has {found}")]
    Length {
        /// `HashKey` or `HashIV`.
        name: &'static str,
        /// How many bytes PAYUNi issues.
        expected: usize,
        /// How many bytes were given.
        found: usize,
    },
    /// A secret has bytes that PAYUNi never issues; usually a paste gone wrong.
    #[error("{name} must consist of printable ASCII without spaces")]
    Characters {
        /// `HashKey` or `HashIV`.
        name: &'static str,
    },
}

/// The merchant number (`MerID`).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MerchantId(String);

impl MerchantId {
    /// Takes the number as PAYUNi's portal shows it, surrounding white space trimmed.
    ///
    /// # Errors
    /// [`MerchantError::Id`].
    pub fn parse(text: &str) -> Result<Self, MerchantError> {
        let text = text.trim();
        let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        if text.is_empty() || text.len() > 50 || !text.bytes().all(plain) {
            return Err(MerchantError::Id);
        }
        Ok(Self(text.to_owned()))
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MerchantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

// Trimmed for the cipher and the hash alike: PAYUNi's PHP SDK trims for one only, so a pasted space breaks half of it.
fn secret(name: &'static str, expected: usize, text: &str) -> Result<SecretString, MerchantError> {
    let text = text.trim();
    if text.len() != expected {
        return Err(MerchantError::Length {
            name,
            expected,
            found: text.len(),
        });
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(MerchantError::Characters { name });
    }
    Ok(SecretString::from(text))
}

/// The `HashKey`: 32 ASCII bytes, which are the AES-256 key and the first part of what `HashInfo` hashes.
/// Cannot be printed or serialised; wiped when dropped.
#[derive(Clone)]
pub struct HashKey(SecretString);

impl HashKey {
    /// Takes the key as PAYUNi's portal shows it, surrounding white space trimmed.
    ///
    /// # Errors
    /// [`MerchantError::Length`] or [`MerchantError::Characters`].
    pub fn parse(text: &str) -> Result<Self, MerchantError> {
        secret("HashKey", 32, text).map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// The `HashIV`: 16 ASCII bytes, which are the GCM nonce and the last part of what `HashInfo` hashes.
/// Cannot be printed or serialised; wiped when dropped.
#[derive(Clone)]
pub struct HashIv(SecretString);

impl HashIv {
    /// Takes the IV as PAYUNi's portal shows it, surrounding white space trimmed.
    ///
    /// # Errors
    /// [`MerchantError::Length`] or [`MerchantError::Characters`].
    pub fn parse(text: &str) -> Result<Self, MerchantError> {
        secret("HashIV", 16, text).map(Self)
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        self.0.expose_secret().as_bytes()
    }
}

/// One pair of secrets; PAYUNi issues them together.
#[derive(Clone)]
pub struct Keys {
    /// The `HashKey`.
    pub key: HashKey,
    /// The `HashIV`.
    pub iv: HashIv,
}

impl Keys {
    /// Both secrets as text.
    ///
    /// # Errors
    /// As [`HashKey::parse`] and [`HashIv::parse`].
    pub fn parse(key: &str, iv: &str) -> Result<Self, MerchantError> {
        Ok(Self {
            key: HashKey::parse(key)?,
            iv: HashIv::parse(iv)?,
        })
    }
}

/// The keys in force, and while they are being changed, those before them.
#[derive(Clone)]
pub struct Keyring {
    /// Seals what we send; opens what we get.
    pub current: Keys,
    /// Opens what was sealed before the change, until this time (exclusive).
    pub previous: Option<(Keys, Timestamp)>,
}

impl From<Keys> for Keyring {
    fn from(current: Keys) -> Self {
        Self {
            current,
            previous: None,
        }
    }
}

/// Who we are to PAYUNi.
#[derive(Clone)]
pub struct Merchant {
    /// The merchant number.
    pub id: MerchantId,
    /// The secrets.
    pub keyring: Keyring,
    /// Lines that are switched off.
    #[cfg(feature = "ablation")]
    pub ablated: crate::ablation::Ablated,
}

impl Merchant {
    /// A merchant with one pair of keys, from the three settings as text.
    ///
    /// # Errors
    /// [`MerchantError`] names the setting that is wrong.
    pub fn parse(id: &str, key: &str, iv: &str) -> Result<Self, MerchantError> {
        Ok(Self {
            id: MerchantId::parse(id)?,
            keyring: Keys::parse(key, iv)?.into(),
            #[cfg(feature = "ablation")]
            ablated: crate::ablation::Ablated::default(),
        })
    }
}

impl fmt::Debug for Merchant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Merchant")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_secret_is_named_and_not_shown() {
        let error = Merchant::parse("S0001", "sekret", "1234567890123456").unwrap_err();
        assert_eq!(
            error,
            MerchantError::Length {
                name: "HashKey",
                expected: 32,
                found: 6
            }
        );
        assert!(!format!("{error} {error:?}").contains("sekret"));
        let spaced = "1234567890123456 890123456789012";
        assert_eq!(
            HashKey::parse(spaced).err(),
            Some(MerchantError::Characters { name: "HashKey" })
        );
        assert_eq!(MerchantId::parse("S 1"), Err(MerchantError::Id));
    }

    #[test]
    fn a_merchant_prints_no_secret() {
        let merchant = Merchant::parse(
            "S0001",
            " 12345678901234567890123456789012\n",
            "1234567890123456\r\n",
        )
        .unwrap();
        assert_eq!(
            format!("{merchant:?}"),
            r#"Merchant { id: MerchantId("S0001"), .. }"#
        );
    }
}
