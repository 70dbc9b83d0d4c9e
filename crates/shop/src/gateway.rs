//! The gateway port over PAYUNi: our words on one side, the protocol on the other. The only file that knows both.

use crate::{clock::Clock, settings::Settings};
use jiff::{Timestamp, ToSpan};
use ledger::{
    Traffic,
    traffic::{Exchange, Kind, Subject},
};
use orders::{AttemptNo, Book, OrderNo, Report, Twd};
use payuni::{
    Ask, Authentic, Envelope, FiniteQuery, MerTradeNo, Merchant, Methods, QueryReply, Refusal,
    Reply, Sealed, TradeQuery, TradeRow, UppRequest,
};
use secrecy::ExposeSecret;
use std::sync::Arc;
use url::Url;

/// How long PAYUNi keeps its page open, in seconds (its own default, PAYUNi docs page 34).
pub const PAGE_LIFE_S: u16 = 600;

/// Talks to PAYUNi for one merchant.
pub struct Gateway {
    merchant: Merchant,
    api: Url,
    wire: Arc<dyn Wire>,
    clock: Clock,
    offer: Offer,
    void_while_capturing: bool,
    /// Where what travels is kept.
    pub(crate) traffic: Traffic,
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
        /// What about, and which message: the same again is the same case, another is another.
        what: String,
        /// The attempt it names.
        subject: String,
    },
}

/// A message that is no result, with what it could be made out to be about.
#[derive(Debug)]
pub struct NotRead {
    /// Which line refused it and why.
    pub refusal: Refusal,
    /// The attempt that it names, where it was authentic and names one.
    pub attempt: Option<AttemptNo>,
    /// SHA-256 of the sealed message, as hex.
    pub digest: String,
}

/// What the gateway, asked, says about an attempt.
#[derive(Debug)]
pub enum Answer {
    /// Something that is a fact; and what became of its money since.
    Report {
        /// What it says.
        report: Box<Report>,
        /// What went back of it.
        seen: TradeSeen,
    },
    /// It knows of no payment, and may later.
    Unpaid,
    /// It does not know completely yet; this is neither a yes nor a no.
    Incomplete,
}

/// What became of a trade's money, as the gateway shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TradeSeen {
    /// What the trade is about, in dollars.
    pub amount: u32,
    /// The authorisation was cancelled: nothing is charged any more.
    pub voided: bool,
    /// What went back.
    pub refunds: RefundsSeen,
}

/// What the gateway shows of a trade's refunds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RefundsSeen {
    /// Whether it tells at all; of some wallets it does not.
    pub told: bool,
    /// What went back so far, in dollars.
    pub total: u32,
    /// Whether one is under way.
    pub in_progress: bool,
    /// What the last one was about, in dollars, where it was cancelled afterwards.
    pub taken_back: Option<u32>,
}

/// What a row among many shows at a glance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glimpse {
    /// The attempt.
    pub attempt: AttemptNo,
    /// The gateway's number.
    pub trade_no: orders::TradeNo,
    /// Whether it was ever paid.
    pub paid: bool,
    /// What became of its money.
    pub seen: TradeSeen,
}

impl Glimpse {
    fn of(row: &TradeRow) -> Option<Self> {
        Some(Self {
            attempt: row.mer_trade_no.parse().ok()?,
            trade_no: row.trade_no.as_str().parse().ok()?,
            paid: row.paid(),
            seen: translate::seen_of(row),
        })
    }
}

/// Why there is no answer. None of these says anything about the payment.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The question could not be put.
    #[error("the question cannot be put")]
    Request(#[from] payuni::RequestError),
    /// No connection, no answer in time, or one that is longer than any real one.
    #[error("PAYUNi cannot be reached")]
    Unreachable(#[from] WireError),
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
        wire: Arc<dyn Wire>,
        clock: Clock,
    ) -> Result<Self, payuni::MerchantError> {
        let payuni = &settings.payuni;
        let mut merchant = Merchant::parse(
            &payuni.merchant_id,
            payuni.hash_key.expose_secret(),
            payuni.hash_iv.expose_secret(),
        )?;
        if let Some(previous) = &payuni.previous {
            let keys = payuni::Keys::parse(
                previous.hash_key.expose_secret(),
                previous.hash_iv.expose_secret(),
            )?;
            merchant.keyring.previous = Some((keys, previous.until));
        }
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
            wire,
            clock,
            offer,
            void_while_capturing: settings.shop.refunds.void_while_capturing,
            traffic: Traffic::off(),
        })
    }

    /// Switches lines 2 and 3 off for what this gateway tells.
    #[cfg(feature = "ablation")]
    pub(crate) fn ablate(&mut self, off: crate::ablation::Ablated) {
        self.merchant.ablated = payuni::ablation::Ablated {
            authenticity: off.authenticity,
            meaning: off.meaning,
        };
    }

    /// Returns the merchant, to open what was kept with.
    pub(crate) fn merchant(&self) -> &Merchant {
        &self.merchant
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
    pub fn read(&self, body: &[u8]) -> Result<Told, NotRead> {
        let mut attempt = None;
        let mut digest = String::new();
        Envelope::from_form(body)
            .and_then(|envelope| {
                digest = envelope.digest();
                self.read_noting(&envelope, &mut attempt)
            })
            .map_err(|refusal| NotRead {
                refusal,
                attempt,
                digest,
            })
    }

    fn read_noting(
        &self,
        envelope: &Envelope,
        attempt: &mut Option<AttemptNo>,
    ) -> Result<Told, Refusal> {
        let fields = envelope.open(&self.merchant, self.clock.now())?;
        *attempt = fields.get("MerTradeNo").and_then(|no| no.parse().ok());
        let notice = payuni::Notice::read(fields)?;
        let digest = envelope.digest();
        Ok(match notice.into_payment() {
            Ok(payment) => Told::Payment {
                report: report_of(&payment)?,
                digest,
                key_id: payment.key_id().as_str(),
            },
            Err(other) => Told::Other {
                what: format!("{:?} {}", other.kind, digest.get(..12).unwrap_or_default()),
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
        let about = About::query(attempt.order(), Some(attempt));
        let answer = self.put(&query, Some(about)).await?;
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

    /// Asks about up to 100 attempts of the last three months at once, for the daily sweep. Its rows say where to look, and
    /// no more: they do not tell how complete they are.
    ///
    /// # Errors
    /// Why there is no answer; ask again later.
    pub async fn ask_many(&self, attempts: &[AttemptNo]) -> Result<Vec<Glimpse>, AskError> {
        let numbers = attempts
            .iter()
            .map(|attempt| MerTradeNo::parse(attempt.as_str()))
            .collect::<Result<Vec<_>, _>>()?;
        let query = FiniteQuery::by_mer_trade_nos(numbers, self.clock.now());
        let answer = self.put(&query, None).await?;
        match answer.value() {
            QueryReply::NotFound => Ok(Vec::new()),
            QueryReply::Failed(failure) => Err(AskError::Code(clip(failure.code.as_wire()))),
            QueryReply::Found(rows) => Ok(rows.iter().filter_map(Glimpse::of).collect()),
        }
    }

    async fn put<A: Ask>(
        &self,
        question: &A,
        about: Option<About>,
    ) -> Result<Authentic<A::Reply>, AskError> {
        let sealed = question.seal(&self.merchant)?;
        let (url, form) = (format!("{}{}", self.api, A::PATH), sealed.form_body());
        let asked_at = self.clock.now();
        let seen = about.map(|about| (about, url.clone(), form.clone()));
        let body = self.wire.post(url, form).await;
        let bytes = seen
            .is_some()
            .then(|| body.as_ref().cloned().unwrap_or_default());
        let answer = self.understand(question, body);
        if let (Some((about, url, form)), Some(bytes)) = (seen, bytes) {
            let verdict = match &answer {
                Ok(_) => "believed".to_owned(),
                Err(AskError::Refused(refusal)) => refusal.code().to_owned(),
                Err(AskError::Unreachable(_)) => "unreachable".to_owned(),
                Err(AskError::Code(code)) => code.clone(),
                Err(AskError::Request(_)) => "not_sent".to_owned(),
            };
            self.traffic.keep(Exchange {
                subject: about.subject,
                kind: about.kind,
                at: asked_at,
                answered_at: self.clock.now(),
                path: url,
                sent: form.into_bytes(),
                answer: bytes,
                verdict,
                outcome: String::new(),
            });
        }
        answer
    }

    fn understand<A: Ask>(
        &self,
        question: &A,
        body: Result<Vec<u8>, WireError>,
    ) -> Result<Authentic<A::Reply>, AskError> {
        match Envelope::from_json(&body?)? {
            Reply::Unsealed { status, .. } => Err(AskError::Code(clip(&status))),
            Reply::Sealed(envelope) => {
                Ok(question.read(envelope.open(&self.merchant, self.clock.now())?)?)
            }
        }
    }
}

/// What a call is about, for those who look at what travelled.
struct About {
    subject: Subject,
    kind: Kind,
}

impl About {
    fn query(order: &OrderNo, attempt: Option<&AttemptNo>) -> Self {
        Self {
            subject: Subject::Order(order.clone(), attempt.cloned()),
            kind: Kind::Query,
        }
    }

    fn refund(order: &OrderNo) -> Self {
        Self {
            subject: Subject::Order(order.clone(), None),
            kind: Kind::Refund,
        }
    }
}

mod money_back;
mod translate;
mod wire;

pub use money_back::{Given, MoneyBack, Way};
use translate::{answer_of, clip, report_of};
pub use wire::{Wire, WireError};

#[cfg(test)]
mod tests;
