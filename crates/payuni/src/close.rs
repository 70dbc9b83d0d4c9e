use jiff::Timestamp;

use crate::ask::{Answer, Ask, check_amount, echoes, read_answer, seal_request};
use crate::authentic::Authentic;
use crate::envelope::Sealed;
use crate::fields::Fields;
use crate::merchant::Merchant;
use crate::refusal::{Refusal, RequestError};
use crate::trade::TradeNo;

/// What to do with a card's money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseType {
    /// Capture, within 3 days of the authorisation. PAYUNi does it by itself unless the store switched that off.
    Capture {
        /// TWD.
        amount: u32,
    },
    /// Refund, within 180 days of the capture; instalments and Union Pay only in full.
    Refund {
        /// TWD.
        amount: u32,
    },
    /// Take back a capture that was only applied for.
    UndoCapture,
    /// Take back a refund that was only applied for.
    UndoRefund,
}

impl CloseType {
    const fn wire(self) -> &'static str {
        match self {
            Self::Capture { .. } => "1",
            Self::Refund { .. } => "2",
            Self::UndoCapture => "-1",
            Self::UndoRefund => "-2",
        }
    }
}

/// Captures or refunds a card, or takes either back (PAYUNi docs page 38).
///
/// PAYUNi documents nothing that makes a refund idempotent: after an unclear answer query first, and never send it again
/// blindly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CloseRequest {
    /// PAYUNi's number; ours is not taken.
    pub trade_no: TradeNo,
    /// What to do.
    pub kind: CloseType,
    /// Now.
    pub timestamp: Timestamp,
}

/// PAYUNi has taken the request. Whether the bank has carried it out shows in a query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// What was asked for.
    pub kind: CloseType,
}

impl Ask for CloseRequest {
    const PATH: &'static str = "trade/close";
    type Reply = Answer<Closed>;

    fn seal(&self, merchant: &Merchant) -> Result<Sealed, RequestError> {
        let mut pairs = vec![
            ("TradeNo", self.trade_no.as_str()),
            ("CloseType", self.kind.wire()),
        ];
        let amount = match self.kind {
            CloseType::Capture { amount } | CloseType::Refund { amount } => {
                Some(check_amount(amount)?)
            }
            CloseType::UndoCapture | CloseType::UndoRefund => None,
        };
        if let Some(amount) = &amount {
            pairs.push(("TradeAmt", amount));
        }
        Ok(seal_request(merchant, "1.0", &pairs, self.timestamp))
    }

    fn read(&self, answer: Authentic<Fields>) -> Result<Authentic<Self::Reply>, Refusal> {
        read_answer(answer, |fields| {
            echoes(fields, "TradeNo", self.trade_no.as_str())?;
            echoes(fields, "CloseType", self.kind.wire())?;
            Ok(Closed { kind: self.kind })
        })
    }
}
