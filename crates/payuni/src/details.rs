use jiff::Timestamp;

use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::times::{parse_auth_time, parse_time};
use crate::trade::{PaymentType, Private, optional_amount, private, wire_enum, words};

wire_enum! {
    /// `AuthType`: how a card was charged (PAYUNi docs page 34).
    AuthType, Unknown: "A value nobody documented." {
        /// At once.
        OneOff = "1",
        /// In instalments.
        Instalment = "2",
        /// With bonus points; withdrawn in 2025.
        Bonus = "3",
        /// Apple Pay.
        ApplePay = "4",
        /// Google Pay.
        GooglePay = "5",
        /// Samsung Pay.
        SamsungPay = "6",
        /// Union Pay.
        UnionPay = "7",
    }
}

/// How it was, or is to be, paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Details {
    /// A card.
    Card(CardDetails),
    /// A virtual account.
    Atm(AtmDetails),
    /// A convenience-store code.
    Cvs(CvsDetails),
    /// LINE Pay.
    LinePay(WalletDetails),
    /// Another wallet: icash Pay, AFTEE or JKO Pay.
    Wallet(WalletDetails),
    /// Nothing that this crate reads.
    None,
}

impl Details {
    /// The number that the buyer is to pay at a bank or a store, and until when.
    #[must_use]
    pub const fn number(&self) -> Option<(&Private, Option<Timestamp>)> {
        let (number, expires) = match self {
            Self::Atm(atm) => (&atm.pay_no, atm.expires),
            Self::Cvs(cvs) => (&cvs.pay_no, cvs.expires),
            Self::Card(_) | Self::LinePay(_) | Self::Wallet(_) | Self::None => return None,
        };
        match number {
            Some(number) => Some((number, expires)),
            None => None,
        }
    }
}

/// What PAYUNi tells of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardDetails {
    /// First six digits.
    pub card6: Option<Private>,
    /// Last four digits.
    pub card4: Option<Private>,
    /// The issuing bank's code, `-` for a foreign card.
    pub bank: Option<String>,
    /// Number of instalments; 1 is all at once.
    pub inst: Option<u32>,
    /// TWD of the first instalment.
    pub first_amount: Option<u32>,
    /// TWD of each further instalment.
    pub each_amount: Option<u32>,
    /// The bank's authorisation code.
    pub auth_code: Option<Private>,
    /// How it was charged.
    pub auth_type: Option<AuthType>,
    /// The acquiring bank's name.
    pub auth_bank_name: Option<String>,
    /// The bank's own result code.
    pub res_code: Option<String>,
    /// The bank's own words.
    pub res_message: Option<String>,
}

/// A virtual account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AtmDetails {
    /// The bank to transfer to, three digits.
    pub bank: Option<String>,
    /// The account to transfer to.
    pub pay_no: Option<Private>,
    /// Until when it can be paid.
    pub expires: Option<Timestamp>,
    /// The bank that the payer transferred from, once paid.
    pub payer_bank: Option<String>,
    /// The last five digits of the account that paid.
    pub payer_account5: Option<Private>,
}

/// A convenience-store code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CvsDetails {
    /// The chain, such as `SEVEN`.
    pub store: Option<String>,
    /// The code.
    pub pay_no: Option<Private>,
    /// Until when it can be paid.
    pub expires: Option<Timestamp>,
}

/// A wallet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletDetails {
    /// The wallet's own number of the payment.
    pub pay_no: Option<Private>,
}

/// What kind it is where the notice does not say: the documented table of the "ATM paid" and "CVS paid" notices (PAYUNi docs
/// pages 73 and 74) has no `PaymentType`, but a field that only this kind has.
pub(crate) fn implied_type(fields: &Fields) -> Result<PaymentType, Refusal> {
    if fields.contains("PayBank") || fields.contains("Account5No") {
        Ok(PaymentType::Atm)
    } else if fields.contains("PayStore") {
        Ok(PaymentType::Cvs)
    } else {
        Err(Refusal::Schema("PaymentType"))
    }
}

pub(crate) fn read(kind: &PaymentType, fields: &Fields) -> Result<Details, Refusal> {
    let expires = || fields.get("ExpireDate").and_then(parse_time);
    Ok(match kind {
        PaymentType::Card => Details::Card(CardDetails {
            card6: private(fields, "Card6No"),
            card4: private(fields, "Card4No"),
            bank: words(fields, "CardBank"),
            inst: optional_amount(fields, "CardInst")?,
            first_amount: optional_amount(fields, "FirstAmt")?,
            each_amount: optional_amount(fields, "EachAmt")?,
            auth_code: private(fields, "AuthCode"),
            auth_type: fields.filled("AuthType").map(AuthType::from_wire),
            auth_bank_name: words(fields, "AuthBankName"),
            res_code: words(fields, "ResCode"),
            res_message: words(fields, "ResCodeMsg"),
        }),
        PaymentType::Atm => Details::Atm(AtmDetails {
            bank: words(fields, "BankType"),
            pay_no: private(fields, "PayNo"),
            expires: expires(),
            payer_bank: words(fields, "PayBank"),
            payer_account5: private(fields, "Account5No"),
        }),
        PaymentType::Cvs => Details::Cvs(CvsDetails {
            store: words(fields, "Store").or_else(|| words(fields, "PayStore")),
            pay_no: private(fields, "PayNo"),
            expires: expires(),
        }),
        PaymentType::LinePay => Details::LinePay(WalletDetails {
            pay_no: private(fields, "PayNo"),
        }),
        PaymentType::JkoPay => Details::Wallet(WalletDetails {
            pay_no: private(fields, "JKoTradeNo"),
        }),
        PaymentType::Icash | PaymentType::Aftee => Details::Wallet(WalletDetails {
            pay_no: private(fields, "PayNo"),
        }),
        PaymentType::CvsOnDelivery
        | PaymentType::ReturnCollection
        | PaymentType::HomeOnDelivery
        | PaymentType::Coupon
        | PaymentType::Unknown(_) => Details::None,
    })
}

/// When the money moved, as far as the notice says it in a form we know. An odd time never refuses a payment.
pub(crate) fn paid_at(fields: &Fields) -> Option<Timestamp> {
    let pay_time = fields.get("PayTime").and_then(parse_time);
    pay_time.or_else(|| parse_auth_time(fields.get("AuthDay")?, fields.get("AuthTime")?))
}
