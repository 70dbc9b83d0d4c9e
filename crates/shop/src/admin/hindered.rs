//! Why an act was not carried out: something to say on the page it came from, or a page of its own.

use crate::{app::App, error::Failure, form::Form, refunds::NotBegun, session::Signed, view};
use ledger::DeskError;
use orders::CannotRefund;
use pages::{Problem, REASON_CHARS_MAX, Trouble};

/// Why an act was not carried out. Nothing of it was written.
pub(super) enum Hindered {
    /// To be said on the page that the form stood on.
    Trouble(Trouble),
    /// A page of its own.
    Failed(Failure),
}

impl From<Trouble> for Hindered {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

impl From<Failure> for Hindered {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<ledger::LedgerError> for Hindered {
    fn from(error: ledger::LedgerError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<DeskError> for Hindered {
    fn from(error: DeskError) -> Self {
        Self::Trouble(match error {
            DeskError::Forbidden | DeskError::NotFound => {
                return Self::Failed(Problem::NotFound.into());
            }
            DeskError::Ledger(error) => return Self::Failed(error.into()),
            DeskError::SignInAgain => Trouble::SignInAgain,
            DeskError::SamePerson => Trouble::SamePerson,
            DeskError::Moved => Trouble::Moved,
            DeskError::Cannot(CannotRefund::NoPayment) => Trouble::NoPayment,
            DeskError::Cannot(CannotRefund::TooMuch { left }) => Trouble::TooMuch {
                left_text: view::dollars(u64::from(left)),
            },
            DeskError::Cannot(CannotRefund::TooLate) => Trouble::TooLate,
            DeskError::Cannot(CannotRefund::WholeOnly) => Trouble::WholeOnly,
        })
    }
}

impl From<NotBegun> for Hindered {
    fn from(error: NotBegun) -> Self {
        match error {
            NotBegun::NoAnswer(error) => {
                tracing::warn!(
                    error = crate::error::chain(&error),
                    "a refund was not begun"
                );
                Self::Trouble(Trouble::GatewaySilent)
            }
            NotBegun::UnderWay => Self::Trouble(Trouble::UnderWay),
            NotBegun::NothingThere => Self::Trouble(Trouble::NothingThere),
            NotBegun::Desk(error) => error.into(),
        }
    }
}

/// Counts a refusal by its stable code. What was merely typed wrongly has none.
pub(super) fn count(app: &App, trouble: &Trouble) {
    let refused: DeskError = match trouble {
        Trouble::SignInAgain => DeskError::SignInAgain,
        Trouble::SamePerson => DeskError::SamePerson,
        Trouble::Moved => DeskError::Moved,
        Trouble::NoPayment => CannotRefund::NoPayment.into(),
        Trouble::TooMuch { .. } => CannotRefund::TooMuch { left: 0 }.into(),
        Trouble::TooLate => CannotRefund::TooLate.into(),
        Trouble::WholeOnly => CannotRefund::WholeOnly.into(),
        Trouble::BadAmount
        | Trouble::NoReason
        | Trouble::LongReason
        | Trouble::GatewaySilent
        | Trouble::UnderWay
        | Trouble::NothingThere => return,
    };
    if let Some(code) = refused.code() {
        app.metrics.refused.with_label_values(&[code]).inc();
    }
}

/// Asks for a fresh sign-in before anything is done with a form.
pub(super) fn freshly(app: &App, signed: &Signed) -> Result<(), Trouble> {
    match super::enter::sign_in_again(app, signed) {
        Some(_) => Err(Trouble::SignInAgain),
        None => Ok(()),
    }
}

/// Reads a reason: 1 to 300 characters.
pub(super) fn reason(text: &str) -> Result<String, Trouble> {
    let text = text.replace("\r\n", "\n").trim().to_owned();
    match text.chars().count() {
        0 => Err(Trouble::NoReason),
        1..=REASON_CHARS_MAX => Ok(text),
        _ => Err(Trouble::LongReason),
    }
}

/// Reads a form's field `reason`.
pub(super) fn reason_of(form: &Form) -> Result<String, Trouble> {
    reason(form.get("reason"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something_and_not_too_much() {
        assert_eq!(reason(" \r\n\t "), Err(Trouble::NoReason));
        assert_eq!(reason(" 查過\r\n了 "), Ok("查過\n了".to_owned()));
        assert!(reason(&"字".repeat(REASON_CHARS_MAX)).is_ok());
        let long = "字".repeat(REASON_CHARS_MAX + 1);
        assert_eq!(reason(&long), Err(Trouble::LongReason));
    }
}
