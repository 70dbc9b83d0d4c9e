//! The gateway port over PAYUNi: our words on one side, the protocol on the other. The only file that knows both.

use crate::{clock::Clock, settings::Settings};
use jiff::{Timestamp, ToSpan};
use orders::{AttemptNo, Book, Instructions, Method, Outcome, Report, Source, TradeNo, Twd};
use payuni::{
    Ask, Authentic, Envelope, MerTradeNo, Merchant, Methods, PaymentNotice, PaymentType,
    QueryReply, Refusal, Reply, Sealed, TradeQuery, TradeRow, TradeStatus, UppRequest,
    details::Details,
    trade_row::{DataSource, RefundStatus},
};
use secrecy::ExposeSecret;
use sha2::{Digest, Sha256};
use std::time::Duration;
use url::Url;

/// The longest answer that is read, in bytes. A reply about one trade is a few kilobytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
const ANSWER_WAIT: Duration = Duration::from_secs(10);
/// How long PAYUNi keeps its page open, in seconds (its own default, PAYUNi docs page 34).
pub const PAGE_LIFE_S: u16 = 600;

/// Talks to PAYUNi for one merchant.
pub struct Gateway {
    merchant: Merchant,
    api: Url,
    http: reqwest::Client,
    clock: Clock,
    offer: Offer,
}

/// What the hosted page is asked to offer, and where it sends people and messages.
struct Offer {
    methods: Methods,
    atm_days: u16,
    cvs_days: u16,
    notify_url: String,
    return_url: String,
    orders_url: String,
}

/// An authentic message of the gateway.
pub enum Told {
    /// About a payment, in our words.
    Payment {
        /// What it says.
        report: Report,
        /// SHA-256 of the sealed message, as hex.
        digest: String,
        /// Which of our keys it was sealed with.
        key_id: &'static str,
    },
    /// About something else: an invoice, a shipment.
    Other {
        /// What about.
        kind: String,
        /// The attempt it names.
        subject: String,
    },
}

/// What the gateway, asked, says about an attempt.
#[derive(Debug)]
pub enum Answer {
    /// Something that is a fact; and what was refunded of it so far, in dollars.
    Report {
        /// What it says.
        report: Box<Report>,
        /// The sum of its refunds.
        refunded: u32,
    },
    /// It knows of no payment, and may later.
    Unpaid,
    /// It does not know completely yet; this is neither a yes nor a no.
    Incomplete,
}

/// Why there is no answer. None of these says anything about the payment.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The question could not be put.
    #[error("the question cannot be put")]
    Request(#[from] payuni::RequestError),
    /// No connection, or no answer in time.
    #[error("PAYUNi cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// The answer is longer than any real one.
    #[error("PAYUNi's answer is too long")]
    TooLong,
    /// The answer is not authentic, or not about what was asked.
    #[error("PAYUNi's answer is refused ({})", .0.code())]
    Refused(#[from] Refusal),
    /// PAYUNi refused the question, with its code.
    #[error("PAYUNi answers {0}")]
    Code(String),
}

impl Gateway {
    /// Makes the port from the settings.
    ///
    /// # Errors
    /// What is wrong with the merchant's keys, without the keys.
    pub fn new(
        settings: &Settings,
        http: reqwest::Client,
        clock: Clock,
    ) -> Result<Self, payuni::MerchantError> {
        let payuni = &settings.payuni;
        let merchant = Merchant::parse(
            &payuni.merchant_id,
            payuni.hash_key.expose_secret(),
            payuni.hash_iv.expose_secret(),
        )?;
        let methods = &settings.shop.payment;
        let mut offered = Methods::default();
        (offered.card, offered.atm) = (methods.card, methods.atm);
        (offered.cvs, offered.line_pay) = (methods.cvs, methods.line_pay);
        let offer = Offer {
            methods: offered,
            atm_days: settings.shop.limits.atm_days,
            cvs_days: settings.shop.limits.cvs_days,
            notify_url: settings.public_url.at("/payuni/notify"),
            return_url: settings.public_url.at("/payuni/return"),
            orders_url: settings.public_url.at("/orders/"),
        };
        Ok(Self {
            merchant,
            api: payuni.api_url.clone(),
            http,
            clock,
            offer,
        })
    }

    /// Returns our number at PAYUNi.
    #[must_use]
    pub fn merchant_id(&self) -> &str {
        self.merchant.id.as_str()
    }

    /// Returns the address that the buyer's browser posts the sealed form to.
    #[must_use]
    pub fn page_url(&self) -> String {
        format!("{}upp", self.api)
    }

    /// Seals the form that takes the buyer to PAYUNi. The same attempt gives the same bytes.
    ///
    /// # Errors
    /// What PAYUNi would refuse, found before anything is sent.
    pub fn hand_over(
        &self,
        book: &Book,
        attempt: &AttemptNo,
        mail: Option<&str>,
        english: bool,
    ) -> Result<Sealed, payuni::RequestError> {
        let order = book.order();
        let made_at = book
            .attempt(attempt)
            .map_or(order.placed_at, |attempt| attempt.made_at);
        let items: Vec<String> = order
            .lines
            .iter()
            .map(|line| format!("{} x {}", line.name.replace(';', "；"), line.quantity))
            .collect();
        let mut request = UppRequest::new(
            MerTradeNo::parse(attempt.as_str())?,
            order.amount.dollars(),
            items.join(";"),
            made_at,
        );
        request.return_url = Some(self.offer.return_url.clone());
        request.notify_url = Some(self.offer.notify_url.clone());
        request.back_url = Some(format!("{}{}", self.offer.orders_url, order.no));
        request.user_mail = mail.map(str::to_owned);
        request.page_life_s = Some(PAGE_LIFE_S);
        request.expire_date = self.deadline(made_at);
        // Methods that cannot take this amount are left out, so that the page never offers what would fail. That one
        // remains was seen at checkout; and none switched on would mean all.
        request.methods = self
            .offer
            .methods
            .accepting(order.amount.dollars())
            .unwrap_or(self.offer.methods);
        request.lang = if english {
            payuni::Lang::En
        } else {
            payuni::Lang::ZhTw
        };
        request.seal(&self.merchant)
    }

    /// Returns whether any method that the shop offers takes this amount (PAYUNi docs page 170).
    #[must_use]
    pub fn takes(&self, amount: Twd) -> bool {
        self.offer.methods.accepting(amount.dollars()).is_some()
    }

    /// One date for both kinds of number; past a week PAYUNi would hide the convenience stores (docs page 34).
    fn deadline(&self, made_at: Timestamp) -> Option<jiff::civil::Date> {
        let days = match (self.offer.methods.atm, self.offer.methods.cvs) {
            (true, true) => self.offer.atm_days.min(self.offer.cvs_days),
            (true, false) => self.offer.atm_days,
            (false, true) => self.offer.cvs_days,
            (false, false) => return None,
        };
        payuni::times::taipei_date(made_at)
            .checked_add(i64::from(days).days())
            .ok()
    }

    /// Lines 2 and 3 as far as the message alone shows them: opens a notice or return and translates it.
    ///
    /// # Errors
    /// Which line refused it and why.
    pub fn read(&self, body: &[u8]) -> Result<Told, Refusal> {
        let envelope = Envelope::from_form(body)?;
        let fields = envelope.open(&self.merchant, self.clock.now())?;
        let notice = payuni::Notice::read(fields)?;
        let digest = hex::encode(Sha256::digest(body));
        Ok(match notice.into_payment() {
            Ok(payment) => Told::Payment {
                report: report_of(&payment)?,
                digest,
                key_id: payment.key_id().as_str(),
            },
            Err(other) => Told::Other {
                kind: format!("{:?}", other.kind),
                subject: other
                    .mer_trade_no
                    .unwrap_or_default()
                    .chars()
                    .take(64)
                    .collect(),
            },
        })
    }

    /// Line 5: asks PAYUNi about an attempt.
    ///
    /// # Errors
    /// Why there is no answer; ask again later.
    pub async fn ask(&self, attempt: &AttemptNo) -> Result<Answer, AskError> {
        let query =
            TradeQuery::by_mer_trade_no(MerTradeNo::parse(attempt.as_str())?, self.clock.now());
        let answer = self.put(&query).await?;
        match answer.value() {
            QueryReply::NotFound => Ok(Answer::Unpaid),
            QueryReply::Failed(failure) => Err(AskError::Code(clip(failure.code.as_wire()))),
            QueryReply::Found(rows) => {
                // A number is used once; where several trades carry it, the one with money is what matters.
                let row = rows.iter().find(|row| row.paid()).or_else(|| rows.first());
                row.map_or(Ok(Answer::Unpaid), |row| {
                    answer_of(row, answer.merchant().as_str())
                })
            }
        }
    }

    async fn put<A: Ask>(&self, question: &A) -> Result<Authentic<A::Reply>, AskError> {
        let sealed = question.seal(&self.merchant)?;
        let url = format!("{}{}", self.api, A::PATH);
        let response = self
            .http
            .post(url)
            .timeout(ANSWER_WAIT)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("user-agent", "payuni")
            .body(sealed.form_body())
            .send()
            .await
            .map_err(|error| AskError::Unreachable(error.without_url()))?;
        let body = read_limited(response).await?;
        match Envelope::from_json(&body)? {
            Reply::Unsealed { status, .. } => Err(AskError::Code(clip(&status))),
            Reply::Sealed(envelope) => {
                Ok(question.read(envelope.open(&self.merchant, self.clock.now())?)?)
            }
        }
    }
}

async fn read_limited(mut response: reqwest::Response) -> Result<Vec<u8>, AskError> {
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|error| AskError::Unreachable(error.without_url()))?
    {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(AskError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Translates an authentic notice. It takes nothing less than [`Authentic`], so nothing unproved becomes a report.
fn report_of(notice: &Authentic<PaymentNotice>) -> Result<Report, Refusal> {
    let (method, last_four, instructions) = match &notice.details {
        Details::Card(card) => (Method::Card, text(card.card4.as_ref()), None),
        Details::Atm(atm) => (
            Method::Atm,
            text(atm.payer_account5.as_ref()),
            Some((&atm.bank, &atm.pay_no, atm.expires)),
        ),
        Details::Cvs(cvs) => (
            Method::Cvs,
            String::new(),
            Some((&cvs.store, &cvs.pay_no, cvs.expires)),
        ),
        Details::LinePay(_) => (Method::LinePay, String::new(), None),
        Details::Wallet(_) | Details::None => (Method::Other, String::new(), None),
    };
    let outcome = match &notice.trade_status {
        // A way of paying that nobody documented: authentic, but for a person to look at.
        _ if matches!(notice.payment_type, Some(PaymentType::Unknown(_))) => {
            Outcome::Unknown(format!(
                "PaymentType {}",
                clip(
                    notice
                        .payment_type
                        .as_ref()
                        .map_or("", PaymentType::as_wire)
                )
            ))
        }
        TradeStatus::Paid if notice.paid() => Outcome::Paid {
            at: notice.paid_at,
            last_four: tail(&last_four),
        },
        // Claims money in one field and denies it in another: for a person.
        TradeStatus::Paid => {
            Outcome::Unknown(format!("TradeStatus 1, Status {}", notice.status.as_wire()))
        }
        TradeStatus::Issued => match instructions {
            Some((at, pay_no, deadline)) if pay_no.is_some() => Outcome::Issued(Instructions {
                pay_no: text(pay_no.as_ref()),
                at: at.clone().unwrap_or_default(),
                deadline,
            }),
            // A wallet's "0" is a payment that has begun.
            _ => Outcome::Unsettled,
        },
        TradeStatus::Failed => Outcome::Failed {
            code: notice.status.as_wire().to_owned(),
            message: notice.message.clone(),
        },
        TradeStatus::Cancelled => Outcome::Voided,
        TradeStatus::Expired => Outcome::Lapsed,
        TradeStatus::ToConfirm | TradeStatus::Unpaid => Outcome::Unsettled,
        TradeStatus::Unknown(value) => Outcome::Unknown(format!("TradeStatus {}", clip(value))),
    };
    Ok(Report {
        source: Source::Notice,
        merchant: notice.mer_id.clone(),
        attempt_no: notice.mer_trade_no.clone(),
        moved_to: notice.new_mer_trade_no.clone(),
        trade_no: trade_no(notice.trade_no.as_str())?,
        amount: amount(notice.amount)?,
        currency: notice.currency.clone(),
        method: (method != Method::Other || notice.payment_type.is_some()).then_some(method),
        outcome,
    })
}

fn answer_of(row: &TradeRow, merchant: &str) -> Result<Answer, AskError> {
    // Only a complete answer is a yes or a no (PAYUNi docs page 164); a row that does not say so is not complete.
    if row.data_source != Some(DataSource::Complete) {
        return Ok(Answer::Incomplete);
    }
    let last_four = row
        .card
        .as_ref()
        .map_or_else(String::new, |card| text(card.card4.as_ref()));
    let outcome = match &row.trade_status {
        TradeStatus::Paid => Outcome::Paid {
            at: row.paid_at,
            last_four: tail(&last_four),
        },
        TradeStatus::Issued => match &row.number {
            Some(number) if number.pay_no.is_some() => Outcome::Issued(Instructions {
                pay_no: text(number.pay_no.as_ref()),
                at: number
                    .pay_channel
                    .clone()
                    .or_else(|| number.channel.clone())
                    .unwrap_or_default(),
                deadline: number.expires,
            }),
            _ => return Ok(Answer::Unpaid),
        },
        TradeStatus::Failed => Outcome::Failed {
            code: "TradeStatus 2".to_owned(),
            message: String::new(),
        },
        TradeStatus::Cancelled => Outcome::Voided,
        TradeStatus::Expired => Outcome::Lapsed,
        TradeStatus::Unpaid => return Ok(Answer::Unpaid),
        TradeStatus::ToConfirm => return Ok(Answer::Incomplete),
        TradeStatus::Unknown(value) => Outcome::Unknown(format!("TradeStatus {}", clip(value))),
    };
    let refunded = match (&row.refund, row.remain_amount) {
        (Some(refund), Some(remain)) if refund.status == RefundStatus::Done => {
            row.amount.saturating_sub(remain)
        }
        (Some(refund), None) if refund.status == RefundStatus::Done => refund.amount.unwrap_or(0),
        _ => 0,
    };
    let report = Report {
        source: Source::Query,
        merchant: merchant.to_owned(),
        attempt_no: row.mer_trade_no.clone(),
        moved_to: None,
        trade_no: trade_no(row.trade_no.as_str())?,
        amount: amount(row.amount)?,
        currency: None,
        method: row.payment_type.as_ref().map(method_of),
        outcome,
    };
    Ok(Answer::Report {
        report: Box::new(report),
        refunded,
    })
}

fn method_of(kind: &PaymentType) -> Method {
    match kind {
        PaymentType::Card => Method::Card,
        PaymentType::Atm => Method::Atm,
        PaymentType::Cvs => Method::Cvs,
        PaymentType::LinePay => Method::LinePay,
        PaymentType::CvsOnDelivery
        | PaymentType::Icash
        | PaymentType::Aftee
        | PaymentType::ReturnCollection
        | PaymentType::HomeOnDelivery
        | PaymentType::JkoPay
        | PaymentType::Coupon
        | PaymentType::Unknown(_) => Method::Other,
    }
}

fn trade_no(text: &str) -> Result<TradeNo, Refusal> {
    text.parse().map_err(|_| Refusal::Schema("TradeNo"))
}

fn amount(dollars: u32) -> Result<Twd, Refusal> {
    Twd::new(dollars).map_err(|_| Refusal::AmountSyntax("TradeAmt"))
}

fn text(private: Option<&payuni::Private>) -> String {
    private.map_or_else(String::new, |private| private.as_str().to_owned())
}

/// Never more than four digits of a card or account are kept.
fn tail(digits: &str) -> String {
    let skip = digits.chars().count().saturating_sub(4);
    digits.chars().skip(skip).collect()
}

fn clip(value: &str) -> String {
    value.chars().take(32).filter(|c| !c.is_control()).collect()
}

#[cfg(test)]
mod tests;
