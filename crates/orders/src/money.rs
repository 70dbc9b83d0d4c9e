//! Money is a whole number of one currency. New Taiwan dollars have no fractions at the gateway.

use std::{fmt, num::NonZeroU32, str::FromStr};

/// A positive amount in whole New Taiwan dollars (ISO 4217 `TWD`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Twd(NonZeroU32);

/// Why a number is not an amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Zero is not an amount that can be paid.
    #[error("an amount must be at least 1 dollar")]
    Zero,
    /// Above [`Twd::MAX`].
    #[error("an amount must be at most 999,999,999 dollars")]
    TooLarge,
    /// Anything but plain decimal digits without a leading zero.
    #[error(
        "an amount is written in plain digits, without sign, separator, fraction or leading zero"
    )]
    Syntax,
}

impl Twd {
    /// The largest amount that any of our types carries: nine digits.
    pub const MAX: u32 = 999_999_999;
    /// The currency's ISO 4217 code.
    pub const CURRENCY: &'static str = "TWD";

    /// Returns the amount of so many whole dollars.
    pub fn new(dollars: u32) -> Result<Self, MoneyError> {
        if dollars > Self::MAX {
            return Err(MoneyError::TooLarge);
        }
        NonZeroU32::new(dollars).map(Self).ok_or(MoneyError::Zero)
    }

    /// Returns the number of whole dollars.
    #[must_use]
    pub fn dollars(self) -> u32 {
        self.0.get()
    }

    /// Returns the sum, or `None` where it would pass [`Twd::MAX`].
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        Self::new(self.dollars().checked_add(other.dollars())?).ok()
    }

    /// Returns `quantity` times this amount, or `None` where that is zero or would pass [`Twd::MAX`].
    #[must_use]
    pub fn checked_mul(self, quantity: u32) -> Option<Self> {
        Self::new(self.dollars().checked_mul(quantity)?).ok()
    }

    /// Returns the amount as people in Taiwan write it: `NT$ 1,280`.
    #[must_use]
    pub fn for_people(self) -> String {
        let digits = self.dollars().to_string();
        let mut text = String::from("NT$ ");
        for (place, digit) in digits.chars().enumerate() {
            if place > 0 && (digits.len() - place).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        text
    }
}

impl fmt::Display for Twd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Twd {
    type Err = MoneyError;

    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !plain || (text.starts_with('0') && text.len() > 1) {
            return Err(MoneyError::Syntax);
        }
        if text.len() > 9 {
            return Err(MoneyError::TooLarge);
        }
        Self::new(text.parse().map_err(|_| MoneyError::Syntax)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_digits_are_money() {
        for bad in [
            "",
            "0",
            "01000",
            "1000.0",
            "1e3",
            "+1000",
            " 1000",
            "1,000",
            "0x3e8",
            "１０００",
            "-1",
            "1000\0",
            "9999999999",
        ] {
            assert!(bad.parse::<Twd>().is_err(), "{bad:?}");
        }
        assert_eq!("1280".parse::<Twd>().unwrap().dollars(), 1280);
        assert_eq!("999999999".parse::<Twd>().unwrap().dollars(), Twd::MAX);
    }

    #[test]
    fn arithmetic_is_checked() {
        let most = Twd::new(Twd::MAX).unwrap();
        assert_eq!(most.checked_add(Twd::new(1).unwrap()), None);
        assert_eq!(most.checked_mul(2), None);
        assert_eq!(Twd::new(5).unwrap().checked_mul(0), None);
    }

    #[test]
    fn people_read_groups_of_three() {
        for (dollars, text) in [
            (7, "NT$ 7"),
            (1280, "NT$ 1,280"),
            (123_456, "NT$ 123,456"),
            (1_234_567, "NT$ 1,234,567"),
        ] {
            assert_eq!(Twd::new(dollars).unwrap().for_people(), text);
        }
    }
}
