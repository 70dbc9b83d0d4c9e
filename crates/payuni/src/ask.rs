use jiff::Timestamp;

use crate::authentic::Authentic;
use crate::envelope::{Sealed, seal};
use crate::fields::Fields;
use crate::merchant::{Merchant, MerchantId};
use crate::refusal::{Refusal, RequestError};
use crate::trade::{Status, present, prose};

/// A question to PAYUNi that is answered at once: where it goes, what is sent, how the answer is read. The caller does the
/// HTTP: POST [`Ask::seal`]'s form to the API's base followed by [`Ask::PATH`], then
/// [`Envelope::from_json`](crate::Envelope::from_json), [`Envelope::open`](crate::Envelope::open) and [`Ask::read`].
pub trait Ask {
    /// The path after `…/api/`.
    const PATH: &'static str;
    /// What a proper answer says.
    type Reply;

    /// The sealed request.
    ///
    /// # Errors
    /// [`RequestError`] if PAYUNi would refuse its form.
    fn seal(&self, merchant: &Merchant) -> Result<Sealed, RequestError>;

    /// Reads the answer to exactly this question.
    ///
    /// # Errors
    /// [`Refusal`]. A refused answer says nothing: whether the request was carried out stays open.
    fn read(&self, answer: Authentic<Fields>) -> Result<Authentic<Self::Reply>, Refusal>;
}

/// What a request that changes something was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer<T> {
    /// It was done.
    Done(T),
    /// It was not done, and PAYUNi says why.
    Refused(Failure),
    /// PAYUNi does not know whether it was done (`UNKNOWN`). Query before anything is sent again.
    Unclear(Failure),
}

/// PAYUNi's code and its words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// `Status`, such as `CLOSE03001`; [`code::explain`](crate::code::explain) knows many.
    pub code: Status,
    /// `Message`, in Chinese, possibly empty.
    pub message: String,
}

/// Fields that only we send: an "answer" with one of these is our own request.
const REQUEST_ONLY: [&str; 2] = ["Timestamp", "QueryNo"];

/// What all answers have in common. `Ok(None)` means success.
pub(crate) fn read_head(
    fields: &Fields,
    merchant: &MerchantId,
) -> Result<Option<Failure>, Refusal> {
    if REQUEST_ONLY.iter().any(|name| fields.contains(name)) || !fields.contains("Status") {
        return Err(Refusal::Direction);
    }
    if fields
        .filled("MerID")
        .is_some_and(|id| id != merchant.as_str())
    {
        return Err(Refusal::Merchant);
    }
    let code = Status::from_wire(present(fields, "Status")?);
    let message = || prose(fields.get("Message").unwrap_or_default());
    Ok((code != Status::Success).then(|| Failure {
        code,
        message: message(),
    }))
}

/// Reads an answer that either carries `T` or a failure.
pub(crate) fn read_answer<T>(
    answer: Authentic<Fields>,
    done: impl FnOnce(&Fields) -> Result<T, Refusal>,
) -> Result<Authentic<Answer<T>>, Refusal> {
    answer.try_map(|fields, merchant| match read_head(&fields, merchant)? {
        Some(failure) if failure.code == Status::NoAnswer => Ok(Answer::Unclear(failure)),
        Some(failure) => Ok(Answer::Refused(failure)),
        None if fields.is_flat() => done(&fields).map(Answer::Done),
        None => Err(Refusal::Schema("a field in brackets")),
    })
}

/// A field that, where it is sent, must repeat what was asked.
pub(crate) fn echoes(fields: &Fields, name: &str, asked: &str) -> Result<(), Refusal> {
    match fields.filled(name) {
        Some(said) if said != asked => Err(Refusal::NotAsked),
        _ => Ok(()),
    }
}

/// Seals `MerID`, the request's own fields, and `Timestamp`.
pub(crate) fn seal_request(
    merchant: &Merchant,
    version: &'static str,
    pairs: &[(&str, &str)],
    at: Timestamp,
) -> Sealed {
    let seconds = at.as_second().to_string();
    let mut all = Vec::with_capacity(pairs.len() + 2);
    all.push(("MerID", merchant.id.as_str()));
    all.extend_from_slice(pairs);
    all.push(("Timestamp", &seconds));
    seal(merchant, version, &all)
}

/// An amount that PAYUNi's interfaces take at all.
pub(crate) fn check_amount(amount: u32) -> Result<String, RequestError> {
    const MAX: u32 = 999_999_999;
    if (1..=MAX).contains(&amount) {
        Ok(amount.to_string())
    } else {
        Err(RequestError::Amount {
            amount,
            method: "TradeAmt",
            min: 1,
            max: MAX,
        })
    }
}
