use std::fmt;

use crate::fields::Fields;
use crate::refusal::{Refusal, RequestError};

/// The one `Status` that says that what was asked was done. Of a trade it does not say "paid".
pub const SUCCESS: &str = "SUCCESS";

fn number_like(text: &str, max: usize) -> bool {
    (1..=max).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

/// Our number of an order or attempt (`MerTradeNo`): 1 to 25 letters, digits, `_` or `-` (PAYUNi docs page 34).
///
/// Never use one twice: PAYUNi's documentation speaks of ten minutes, but numbers were seen consumed for good.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MerTradeNo(String);

impl MerTradeNo {
    /// Takes a number that keeps PAYUNi's rule.
    ///
    /// # Errors
    /// [`RequestError::MerTradeNo`].
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        if number_like(text, 25) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RequestError::MerTradeNo)
        }
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for MerTradeNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// PAYUNi's number of a trade (`TradeNo`). Mostly 19 digits, but letters were seen: opaque.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TradeNo(String);

impl TradeNo {
    /// Takes a number that PAYUNi gave.
    ///
    /// # Errors
    /// [`RequestError::TradeNo`].
    pub fn parse(text: &str) -> Result<Self, RequestError> {
        if number_like(text, 64) {
            Ok(Self(text.to_owned()))
        } else {
            Err(RequestError::TradeNo)
        }
    }

    /// The number as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TradeNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something for the buyer and the merchant only, such as a payment number or the digits of a card. Not printed by `{:?}`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Private(String);

impl Private {
    /// The text, to be shown to whom it belongs.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Private {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Private {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Private(…)")
    }
}

/// Makes an enum of PAYUNi's values in which a value nobody documented is kept, not lost.
macro_rules! wire_enum {
    ($(#[$doc:meta])* $name:ident, $other:ident: $other_doc:literal { $($(#[$vdoc:meta])* $variant:ident = $wire:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)+
            #[doc = $other_doc]
            $other(String),
        }

        impl $name {
            /// The value from the wire; every text gives one.
            #[must_use]
            pub fn from_wire(text: &str) -> Self {
                match text {
                    $($wire => Self::$variant,)+
                    other => Self::$other(other.to_owned()),
                }
            }

            /// The value as it stands on the wire.
            #[must_use]
            pub fn as_wire(&self) -> &str {
                match self {
                    $(Self::$variant => $wire,)+
                    Self::$other(text) => text,
                }
            }
        }
    };
}
pub(crate) use wire_enum;

wire_enum! {
    /// The signed `Status` (PAYUNi docs page 34). None of them says "paid" by itself.
    Status, Other: "An error code, explained by [`code::explain`](crate::code::explain), or a value nobody documented." {
        /// What was asked was done: a payment made, or only a number issued.
        Success = "SUCCESS",
        /// `UNKNOWN`: the bank did not answer within 60 s. Ask again after 15 minutes, or wait for the notice.
        NoAnswer = "UNKNOWN",
        /// `UNAPPROVED`: the payment was not approved.
        Unapproved = "UNAPPROVED",
        /// `OK`: AFTEE has checked the buyer's credit. Not paid.
        CreditChecked = "OK",
    }
}

wire_enum! {
    /// `TradeStatus` (PAYUNi docs page 164).
    TradeStatus, Unknown: "A value nobody documented: for a person to look at." {
        /// A payment number was issued; nothing is paid.
        Issued = "0",
        /// Paid.
        Paid = "1",
        /// The payment failed.
        Failed = "2",
        /// Cancelled.
        Cancelled = "3",
        /// The payment number expired.
        Expired = "4",
        /// To be confirmed.
        ToConfirm = "8",
        /// Not paid yet.
        Unpaid = "9",
    }
}

wire_enum! {
    /// `PaymentType` (PAYUNi docs page 164).
    PaymentType, Unknown: "A value nobody documented: for a person to look at." {
        /// Card.
        Card = "1",
        /// ATM transfer to a virtual account.
        Atm = "2",
        /// Code paid at a convenience store.
        Cvs = "3",
        /// Cash on delivery at a convenience store.
        CvsOnDelivery = "5",
        /// icash Pay.
        Icash = "6",
        /// AFTEE, pay later.
        Aftee = "7",
        /// Return collection of store-to-store parcels.
        ReturnCollection = "8",
        /// LINE Pay.
        LinePay = "9",
        /// Cash on home delivery.
        HomeOnDelivery = "10",
        /// JKO Pay.
        JkoPay = "11",
        /// A coupon paid for everything.
        Coupon = "12",
    }
}

/// An amount in whole TWD: digits only, no leading zero, 1 to 999999999.
pub(crate) fn amount(fields: &Fields, name: &'static str) -> Result<u32, Refusal> {
    let text = fields.get(name).ok_or(Refusal::Schema(name))?;
    parse_amount(text).ok_or(Refusal::AmountSyntax(name))
}

pub(crate) fn parse_amount(text: &str) -> Option<u32> {
    let plain = (1..=9).contains(&text.len())
        && !text.starts_with('0')
        && text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

/// An amount that may be absent, empty, `-` or zero.
pub(crate) fn optional_amount(fields: &Fields, name: &'static str) -> Result<Option<u32>, Refusal> {
    match fields.filled(name) {
        None | Some("-") => Ok(None),
        Some("0") => Ok(Some(0)),
        Some(text) => parse_amount(text)
            .map(Some)
            .ok_or(Refusal::AmountSyntax(name)),
    }
}

/// A field that must be there, even if empty.
pub(crate) fn present<'f>(fields: &'f Fields, name: &'static str) -> Result<&'f str, Refusal> {
    fields.get(name).ok_or(Refusal::Schema(name))
}

/// A name or number that must be there: printable ASCII without spaces, at most 64 bytes.
pub(crate) fn token(fields: &Fields, name: &'static str) -> Result<String, Refusal> {
    let text = fields.filled(name).ok_or(Refusal::Schema(name))?;
    if text.len() <= 64 && text.bytes().all(|b| b.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err(Refusal::Schema(name))
    }
}

/// The trade's number, which must be there.
pub(crate) fn trade_no(fields: &Fields) -> Result<TradeNo, Refusal> {
    TradeNo::parse(present(fields, "TradeNo")?).map_err(|_| Refusal::Schema("TradeNo"))
}

/// Text for people: at most 500 characters, control characters become spaces.
pub(crate) fn prose(text: &str) -> String {
    text.chars()
        .take(500)
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

pub(crate) fn private(fields: &Fields, name: &str) -> Option<Private> {
    fields.filled(name).map(|text| Private(prose(text)))
}

pub(crate) fn words(fields: &Fields, name: &str) -> Option<String> {
    fields.filled(name).map(prose)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_survives_the_wire() {
        for text in [
            "0", "1", "2", "3", "4", "8", "9", "7", "99", "-1", "", "Paid",
        ] {
            assert_eq!(TradeStatus::from_wire(text).as_wire(), text);
            assert_eq!(PaymentType::from_wire(text).as_wire(), text);
            assert_eq!(Status::from_wire(text).as_wire(), text);
        }
        assert_eq!(
            TradeStatus::from_wire("01"),
            TradeStatus::Unknown("01".into())
        );
    }

    #[test]
    fn numbers_keep_payunis_alphabet() {
        assert!(MerTradeNo::parse("A-1_b").is_ok() && MerTradeNo::parse(&"9".repeat(25)).is_ok());
        for text in [
            "",
            "a b",
            "a&b",
            "訂單",
            "a,b",
            "12345678901234567890123456",
        ] {
            assert_eq!(
                MerTradeNo::parse(text),
                Err(RequestError::MerTradeNo),
                "{text}"
            );
        }
        assert!(TradeNo::parse("176967094005653059B").is_ok() && TradeNo::parse("1,2").is_err());
    }

    #[test]
    fn private_things_do_not_print() {
        assert_eq!(format!("{:?}", Private::from("414763")), "Private(…)");
    }
}
