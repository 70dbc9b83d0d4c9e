use std::ops::Deref;

use crate::merchant::MerchantId;
use crate::notice::{Notice, OtherNotice, PaymentNotice};

/// Which of the merchant's keys a message was sealed under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyId {
    /// The keys in force.
    Current,
    /// Those before the last change, still within their grace.
    Previous,
}

impl KeyId {
    /// `current` or `previous`, for the ledger.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Previous => "previous",
        }
    }
}

/// A `T` read from an envelope whose `HashInfo` matched under our key: line 2's type.
///
/// Only [`Envelope::open`](crate::Envelope::open) makes one, so a function that takes `Authentic<T>` cannot be given what
/// somebody merely claims. It says who sent the message, not that the message is about the right order or amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentic<T> {
    value: T,
    key_id: KeyId,
    merchant: MerchantId,
    /// Line 3 is switched off for the merchant.
    #[cfg(feature = "ablation")]
    pub(crate) lax: bool,
}

impl<T> Authentic<T> {
    pub(crate) const fn new(value: T, key_id: KeyId, merchant: MerchantId) -> Self {
        Self {
            value,
            key_id,
            merchant,
            #[cfg(feature = "ablation")]
            lax: false,
        }
    }

    pub(crate) fn try_map<U, E>(
        self,
        read: impl FnOnce(T, &MerchantId) -> Result<U, E>,
    ) -> Result<Authentic<U>, E> {
        let value = read(self.value, &self.merchant)?;
        Ok(Authentic {
            value,
            key_id: self.key_id,
            merchant: self.merchant,
            #[cfg(feature = "ablation")]
            lax: self.lax,
        })
    }

    /// What was read.
    pub const fn value(&self) -> &T {
        &self.value
    }

    /// What was read, without its proof.
    pub fn into_inner(self) -> T {
        self.value
    }

    /// The key it was sealed under.
    pub const fn key_id(&self) -> KeyId {
        self.key_id
    }

    /// The merchant (we) whose key it was. The signed `MerID` within may still name another.
    pub const fn merchant(&self) -> &MerchantId {
        &self.merchant
    }
}

impl Authentic<Notice> {
    /// Parts notices of payments, which may move an order, from all others, which may not.
    ///
    /// # Errors
    /// The other notice, for a person or another part of the shop.
    pub fn into_payment(self) -> Result<Authentic<PaymentNotice>, OtherNotice> {
        match self.value {
            Notice::Payment(value) => Ok(Authentic {
                value: *value,
                key_id: self.key_id,
                merchant: self.merchant,
                #[cfg(feature = "ablation")]
                lax: self.lax,
            }),
            Notice::Other(other) => Err(other),
        }
    }
}

impl<T> Deref for Authentic<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
