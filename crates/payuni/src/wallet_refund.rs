use jiff::Timestamp;

use crate::ask::{Answer, Ask, check_amount, echoes, read_answer, seal_request};
use crate::authentic::Authentic;
use crate::envelope::Sealed;
use crate::fields::Fields;
use crate::merchant::Merchant;
use crate::refusal::{Refusal, RequestError};
use crate::times::parse_time;
use crate::trade::{PaymentType, TradeNo, optional_amount, words};

/// What all wallets' refunds ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletRefund {
    /// PAYUNi's number.
    pub trade_no: TradeNo,
    /// TWD to refund.
    pub amount: u32,
    /// Now.
    pub timestamp: Timestamp,
}

/// The refund that PAYUNi made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WalletRefunded {
    /// PAYUNi's number of the refund.
    pub refund_no: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
    /// TWD, where told.
    pub amount: Option<u32>,
}

macro_rules! wallet {
    ($(#[$doc:meta])* $name:ident, $path:literal, $kind:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(
            /// What to refund.
            pub WalletRefund,
        );

        impl $name {
            /// The kind of payment that it refunds.
            pub const REFUNDS: PaymentType = PaymentType::$kind;
        }

        impl Ask for $name {
            const PATH: &'static str = $path;
            type Reply = Answer<WalletRefunded>;

            fn seal(&self, merchant: &Merchant) -> Result<Sealed, RequestError> {
                self.0.seal(merchant)
            }

            fn read(&self, answer: Authentic<Fields>) -> Result<Authentic<Self::Reply>, Refusal> {
                self.0.read(answer)
            }
        }
    };
}

wallet! {
    /// LINE Pay, in full or in part (PAYUNi docs page 300).
    LinePayRefund, "trade/common/refund/linepay", LinePay
}
wallet! {
    /// icash Pay, in full only (PAYUNi docs page 72).
    IcashRefund, "trade/common/refund/icash", Icash
}
wallet! {
    /// AFTEE, in full or in part (PAYUNi docs page 84).
    AfteeRefund, "trade/common/refund/aftee", Aftee
}
wallet! {
    /// JKO Pay, in full or in part (PAYUNi docs page 377).
    JkoPayRefund, "trade/common/refund/jkopay", JkoPay
}

impl WalletRefund {
    fn seal(&self, merchant: &Merchant) -> Result<Sealed, RequestError> {
        let amount = check_amount(self.amount)?;
        let pairs = [("TradeNo", self.trade_no.as_str()), ("TradeAmt", &amount)];
        Ok(seal_request(merchant, "1.0", &pairs, self.timestamp))
    }

    fn read(
        &self,
        answer: Authentic<Fields>,
    ) -> Result<Authentic<Answer<WalletRefunded>>, Refusal> {
        read_answer(answer, |fields| {
            echoes(fields, "TradeNo", self.trade_no.as_str())?;
            let amount = optional_amount(fields, "RefundAmt")?;
            if amount.is_some_and(|said| said != self.amount) {
                return Err(Refusal::NotAsked);
            }
            let at = fields.get("RefundDT").and_then(parse_time);
            Ok(WalletRefunded {
                refund_no: words(fields, "RefundNo"),
                at,
                amount,
            })
        })
    }
}
