use jiff::Timestamp;

use crate::ask::{Answer, Ask, echoes, read_answer, seal_request};
use crate::authentic::Authentic;
use crate::envelope::Sealed;
use crate::fields::Fields;
use crate::merchant::Merchant;
use crate::refusal::{Refusal, RequestError};
use crate::trade::TradeNo;

/// Voids a card's authorisation that was not captured yet (PAYUNi docs page 39).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelRequest {
    /// PAYUNi's number.
    pub trade_no: TradeNo,
    /// Now.
    pub timestamp: Timestamp,
}

/// The authorisation is released.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancelled {
    /// PAYUNi's number.
    pub trade_no: TradeNo,
}

impl Ask for CancelRequest {
    const PATH: &'static str = "trade/cancel";
    type Reply = Answer<Cancelled>;

    fn seal(&self, merchant: &Merchant) -> Result<Sealed, RequestError> {
        Ok(seal_request(
            merchant,
            "1.0",
            &[("TradeNo", self.trade_no.as_str())],
            self.timestamp,
        ))
    }

    fn read(&self, answer: Authentic<Fields>) -> Result<Authentic<Self::Reply>, Refusal> {
        read_answer(answer, |fields| {
            echoes(fields, "TradeNo", self.trade_no.as_str())?;
            Ok(Cancelled {
                trade_no: self.trade_no.clone(),
            })
        })
    }
}
