use jiff::Timestamp;

use crate::ask::{Answer, Ask, read_answer, seal_request};
use crate::authentic::Authentic;
use crate::envelope::Sealed;
use crate::fields::Fields;
use crate::merchant::Merchant;
use crate::refusal::{Refusal, RequestError};
use crate::trade::{Private, amount, private};

/// Withdraws a convenience-store code (PAYUNi docs page 333). A slip that was printed already can still be paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CancelCvs {
    /// The code, 8 characters or 12 with its check code.
    pub pay_no: Private,
    /// Now.
    pub timestamp: Timestamp,
}

/// The code is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CvsCancelled {
    /// TWD that would have been paid.
    pub amount: u32,
    /// The check code.
    pub verify_code: Option<Private>,
}

impl Ask for CancelCvs {
    const PATH: &'static str = "cancel_cvs";
    type Reply = Answer<CvsCancelled>;

    fn seal(&self, merchant: &Merchant) -> Result<Sealed, RequestError> {
        let code = self.pay_no.as_str();
        if !matches!(code.len(), 8 | 12) || !code.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(RequestError::Field {
                field: "PayNo",
                rule: "must be 8 or 12 letters or digits",
            });
        }
        Ok(seal_request(
            merchant,
            "1.0",
            &[("PayNo", code)],
            self.timestamp,
        ))
    }

    fn read(&self, answer: Authentic<Fields>) -> Result<Authentic<Self::Reply>, Refusal> {
        read_answer(answer, |fields| {
            // The answer repeats the first eight characters, whichever of the two was sent.
            match fields.filled("PayNo") {
                Some(said) if !self.pay_no.as_str().starts_with(said) => Err(Refusal::NotAsked),
                _ => Ok(CvsCancelled {
                    amount: amount(fields, "TradeAmt")?,
                    verify_code: private(fields, "VerifyCode"),
                }),
            }
        })
    }
}
