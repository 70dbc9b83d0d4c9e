//! Numbers and names that identify things. Each is a type of its own, so that none can stand for another.

use std::{fmt, str::FromStr};

/// Text that is not the identifier it was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {what}")]
pub struct IdError {
    /// Which identifier was expected.
    pub what: &'static str,
}

/// Crockford's base 32: no I, L, O or U, so that a number can be read out on the telephone.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const RANDOM_CHARS: usize = 16;
const ORDER_NO_LEN: usize = 6 + RANDOM_CHARS;

/// Writes 80 bits as 16 characters.
pub(crate) fn crockford(entropy: [u8; 10]) -> String {
    let bits = entropy
        .iter()
        .fold(0_u128, |bits, byte| (bits << 8) | u128::from(*byte));
    (0..RANDOM_CHARS)
        .rev()
        .map(|place| {
            let index = (bits >> (5 * place)) & 31;
            char::from(ALPHABET[usize::try_from(index).unwrap_or(0)])
        })
        .collect()
}

/// Returns whether text is what [`crockford`] writes.
pub(crate) fn is_crockford(text: &str) -> bool {
    text.len() == RANDOM_CHARS && text.bytes().all(|b| ALPHABET.contains(&b))
}

/// An order's public number: the day it was placed (`yymmdd`, Taipei) and 80 random bits.
///
/// 22 characters of `[0-9A-Z]`, so that an attempt's suffix still fits in PAYUNi's 25.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrderNo(String);

impl OrderNo {
    /// Makes a number from the day and 80 bits of entropy, which must come from a CSPRNG: numbers must not be guessable.
    #[must_use]
    pub fn mint(day: jiff::civil::Date, entropy: [u8; 10]) -> Self {
        Self(format!("{}{}", day.strftime("%y%m%d"), crockford(entropy)))
    }

    /// Returns the number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OrderNo {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (day, random) = text.split_at_checked(6).ok_or(IdError {
            what: "order number",
        })?;
        let fits = text.len() == ORDER_NO_LEN
            && day.bytes().all(|b| b.is_ascii_digit())
            && is_crockford(random);
        if fits {
            Ok(Self(text.to_owned()))
        } else {
            Err(IdError {
                what: "order number",
            })
        }
    }
}

/// The number of one attempt to pay an order: PAYUNi's `MerTradeNo`.
///
/// The first attempt carries the order's own number, later ones a suffix (`-2`, `-3` …). PAYUNi consumes a number
/// for good once it was submitted, even where the payment failed, so none is ever used twice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttemptNo {
    text: String,
    order: OrderNo,
    ordinal: u8,
}

impl AttemptNo {
    /// How many times one order may be tried.
    pub const MAX_ORDINAL: u8 = 20;

    /// Returns the number of an order's `ordinal`-th attempt, counted from 1; `None` past [`Self::MAX_ORDINAL`].
    #[must_use]
    pub fn of(order: &OrderNo, ordinal: u8) -> Option<Self> {
        let text = match ordinal {
            1 => order.as_str().to_owned(),
            2..=Self::MAX_ORDINAL => format!("{order}-{ordinal}"),
            _ => return None,
        };
        Some(Self {
            text,
            order: order.clone(),
            ordinal,
        })
    }

    /// Returns the number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the order it belongs to.
    #[must_use]
    pub fn order(&self) -> &OrderNo {
        &self.order
    }

    /// Returns which attempt it is, from 1.
    #[must_use]
    pub fn ordinal(&self) -> u8 {
        self.ordinal
    }
}

impl FromStr for AttemptNo {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let wrong = IdError {
            what: "attempt number",
        };
        let (order, ordinal) = match text.split_once('-') {
            None => (text, 1),
            Some((order, suffix)) => (
                order,
                suffix.parse::<u8>().ok().filter(|n| *n >= 2).ok_or(wrong)?,
            ),
        };
        let made = Self::of(&order.parse().map_err(|_| wrong)?, ordinal).ok_or(wrong)?;
        // "-02" would be a second name of "-2".
        if made.text == text {
            Ok(made)
        } else {
            Err(wrong)
        }
    }
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $max:literal, $accepts:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(String);

        impl $name {
            /// Returns the identifier as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                let accepts: fn(u8) -> bool = $accepts;
                if !text.is_empty() && text.len() <= $max && text.bytes().all(accepts) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(IdError { what: $what })
                }
            }
        }
    };
}

text_id!(
    /// The gateway's own number of a trade (PAYUNi's `TradeNo`). Opaque: production has letters in it too.
    TradeNo, "trade number", 64, |b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'
);
text_id!(
    /// A product's id, chosen by the owner in the catalogue.
    ProductId, "product id", 40, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'
);

/// Who a member is: the provider's issuer and its `sub`, never the e-mail (OpenID Connect Core 5.7).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId {
    /// The provider that vouches for the member, exactly as its tokens name it.
    pub issuer: String,
    /// The provider's never reused name of the account, up to 255 ASCII characters.
    pub sub: String,
}

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.issuer, self.sub)
    }
}

impl FromStr for MemberId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let (issuer, sub) = text.split_once(' ').ok_or(IdError { what: "member" })?;
        Ok(Self {
            issuer: issuer.to_owned(),
            sub: sub.to_owned(),
        })
    }
}

macro_rules! show_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}
show_text!(OrderNo, AttemptNo, TradeNo, ProductId);

#[cfg(test)]
mod tests {
    use super::*;

    fn order_no() -> OrderNo {
        OrderNo::mint(
            jiff::civil::date(2026, 11, 23),
            [0xff, 0, 1, 2, 3, 4, 5, 6, 7, 8],
        )
    }

    #[test]
    fn numbers_fit_payunis_alphabet_and_length() {
        let last = AttemptNo::of(&order_no(), AttemptNo::MAX_ORDINAL).unwrap();
        assert!(last.as_str().len() <= 25, "{last}");
        assert!(
            last.as_str()
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        );
        assert!(order_no().as_str().starts_with("261123ZW"));
    }

    #[test]
    fn every_bit_of_entropy_counts() {
        for bit in 0..80 {
            let mut entropy = [0_u8; 10];
            entropy[bit / 8] = 1 << (bit % 8);
            assert_ne!(
                OrderNo::mint(jiff::civil::date(2026, 1, 1), entropy),
                OrderNo::mint(jiff::civil::date(2026, 1, 1), [0; 10])
            );
        }
    }

    #[test]
    fn a_number_has_one_spelling() {
        let order = order_no();
        for ordinal in [1, 2, 20] {
            let attempt = AttemptNo::of(&order, ordinal).unwrap();
            assert_eq!(attempt.as_str().parse::<AttemptNo>().unwrap(), attempt);
        }
        for bad in ["-1", "-02", "-21", "-", "-2 ", "-2-3"] {
            assert!(
                format!("{order}{bad}").parse::<AttemptNo>().is_err(),
                "{bad}"
            );
        }
        assert!(order.as_str().to_lowercase().parse::<OrderNo>().is_err());
        assert!("２６1123ZW00820C20A1G70".parse::<OrderNo>().is_err());
    }
}
