use jiff::Timestamp;

use crate::authentic::Authentic;
use crate::details::{self, Details};
use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::trade::Private;
use crate::trade::{
    PaymentType, Status, TradeNo, TradeStatus, amount, present, private, prose, token, trade_no,
    words,
};

/// What PAYUNi posts to the `NotifyURL`, and through the buyer's browser to the `ReturnURL`: both carry the same data
/// (PAYUNi docs pages 34 and 80).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// How a payment stands.
    Payment(Box<PaymentNotice>),
    /// Something else that comes to the same address and settles nothing.
    Other(OtherNotice),
}

/// How a payment stands, in PAYUNi's words. That it is about our order, in our amount, is for the next line to check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaymentNotice {
    /// The signed status. Success alone is not "paid".
    pub status: Status,
    /// PAYUNi's words, in Chinese.
    pub message: String,
    /// The signed merchant number; may be another's ([`PaymentNotice::is_for`]).
    pub mer_id: String,
    /// The merchant's number of the attempt, as sent.
    pub mer_trade_no: String,
    /// A new order that PAYUNi made because of a wrong amount or a mis-posting. For a person.
    pub new_mer_trade_no: Option<String>,
    /// PAYUNi's number.
    pub trade_no: TradeNo,
    /// TWD.
    pub amount: u32,
    /// A currency, which PAYUNi never sends; anything but `TWD` is not a payment in TWD.
    pub currency: Option<String>,
    /// How the trade stands.
    pub trade_status: TradeStatus,
    /// How it was paid. Absent where the notice does not say it; then [`PaymentNotice::details`] is what its fields imply.
    pub payment_type: Option<PaymentType>,
    /// What belongs to that way of paying.
    pub details: Details,
    /// When the money moved, where told.
    pub paid_at: Option<Timestamp>,
    /// The buyer's token, if the shop uses them.
    pub buyer_hash: Option<Private>,
}

impl PaymentNotice {
    /// Whether it says that the money is there: `Status` is `SUCCESS` and `TradeStatus` is 1, in TWD. A number issued, which
    /// is `SUCCESS` too, is not.
    #[must_use]
    pub fn paid(&self) -> bool {
        self.status == Status::Success
            && self.trade_status == TradeStatus::Paid
            && self
                .currency
                .as_deref()
                .is_none_or(|currency| currency == "TWD")
    }

    /// Whether it can be taken at its word: every value is a documented one, and they do not contradict each other. If not,
    /// a person must look.
    #[must_use]
    pub fn is_clear(&self) -> bool {
        let known = !matches!(self.trade_status, TradeStatus::Unknown(_))
            && !matches!(self.payment_type, Some(PaymentType::Unknown(_)));
        let claims_money = self.trade_status == TradeStatus::Paid;
        known && (!claims_money || self.paid()) && self.new_mer_trade_no.is_none()
    }

    /// Whether the signed merchant number is this one.
    #[must_use]
    pub fn is_for(&self, merchant: &crate::MerchantId) -> bool {
        self.mer_id == merchant.as_str()
    }
}

/// What an [`OtherNotice`] is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OtherKind {
    /// An e-invoice was issued or voided (PAYUNi docs page 344).
    Invoice,
    /// A parcel moved, or its label was printed (pages 291 and 122).
    Shipment,
    /// A bank-transfer refund was carried out or failed (page 76).
    OfflineRefund,
    /// A coupon was issued (page 390).
    Coupon,
    /// A subscription was charged (page 305).
    Subscription,
    /// A parcel paid on delivery was collected, or ordered (pages 122 and 268).
    CashOnDelivery,
    /// A trade of the one-page product, which has names of its own (page 53).
    OnePage,
}

/// A genuine message that is not about how a payment stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherNotice {
    /// What it is about.
    pub kind: OtherKind,
    /// Our number, where it says one.
    pub mer_trade_no: Option<String>,
    /// PAYUNi's number, where it says one.
    pub trade_no: Option<String>,
}

/// Fields that only we send. Our own checkout form is sealed under the same keys as a result and lies in the buyer's browser:
/// posted back to us, it must not pass for one.
const REQUEST_ONLY: [&str; 33] = [
    "Timestamp",
    "NotifyURL",
    "ReturnURL",
    "BackURL",
    "DeepLinkURL",
    "CouponNotifyURL",
    "MapReturnURL",
    "UsrMail",
    "UsrMailFix",
    "TradeLExpireSec",
    "Lang",
    "AtmBankType",
    "CreditInst",
    "Credit",
    "ATM",
    "CVS",
    "LinePay",
    "ICash",
    "Aftee",
    "JKoPay",
    "ApplePay",
    "GooglePay",
    "SamsungPay",
    "CreditUnionPay",
    "API3D",
    "Union3D",
    "TradeInvoice",
    "UseTokenType",
    "CardNo",
    "CardCVC",
    "UserIP",
    "QueryNo",
    "CloseType",
];

impl Notice {
    /// Reads a notice or a return.
    ///
    /// First the direction: it must carry a result and nothing that only a request carries. Then its kind, then its fields;
    /// none is ever assumed. A value that nobody documented is kept, for a person to look at.
    ///
    /// # Errors
    /// [`Refusal::Direction`], [`Refusal::Schema`] or [`Refusal::AmountSyntax`].
    pub fn read(fields: Authentic<Fields>) -> Result<Authentic<Self>, Refusal> {
        #[cfg(feature = "ablation")]
        let fields = crate::ablation::believing(fields, &REQUEST_ONLY)?;
        fields.try_map(|fields, _| read(&fields))
    }
}

fn read(fields: &Fields) -> Result<Notice, Refusal> {
    if REQUEST_ONLY.iter().any(|name| fields.contains(name)) {
        return Err(Refusal::Direction);
    }
    if let Some(kind) = other_kind(fields) {
        let mer_trade_no = fields.filled("MerTradeNo").map(prose);
        return Ok(Notice::Other(OtherNotice {
            kind,
            mer_trade_no,
            trade_no: fields.filled("TradeNo").map(prose),
        }));
    }
    let result = ["Status", "TradeNo", "TradeStatus"];
    if fields.contains("ProdDesc") || !result.iter().any(|name| fields.contains(name)) {
        return Err(Refusal::Direction);
    }
    if !fields.is_flat() {
        return Err(Refusal::Schema("a field in brackets"));
    }
    let payment_type = fields.get("PaymentType").map(PaymentType::from_wire);
    let kind = match &payment_type {
        Some(kind) => kind.clone(),
        None => details::implied_type(fields)?,
    };
    Ok(Notice::Payment(Box::new(PaymentNotice {
        status: Status::from_wire(present(fields, "Status")?),
        message: prose(present(fields, "Message")?),
        mer_id: token(fields, "MerID")?,
        mer_trade_no: token(fields, "MerTradeNo")?,
        new_mer_trade_no: words(fields, "NewMerTradeNo"),
        trade_no: trade_no(fields)?,
        amount: amount(fields, "TradeAmt")?,
        currency: words(fields, "Currency"),
        trade_status: TradeStatus::from_wire(present(fields, "TradeStatus")?),
        details: details::read(&kind, fields)?,
        payment_type,
        paid_at: details::paid_at(fields),
        buyer_hash: private(fields, "BuyerHash"),
    })))
}

/// The kind of a notice that is not about a payment, by the fields that only this kind has.
fn other_kind(fields: &Fields) -> Option<OtherKind> {
    let has = |name| fields.contains(name);
    let on_delivery = matches!(fields.get("PaymentType"), Some("5" | "8" | "10"));
    if has("InvoiceNotifyType") {
        Some(OtherKind::Invoice)
    } else if has("ApiType") {
        Some(OtherKind::Shipment)
    } else if fields
        .iter()
        .any(|(name, _)| name.starts_with("CouponList["))
    {
        Some(OtherKind::Coupon)
    } else if has("PeriodTradeNo") || has("PeriodOrderNo") {
        Some(OtherKind::Subscription)
    } else if has("RefundStatus") && has("BankDate") && !has("TradeStatus") {
        Some(OtherKind::OfflineRefund)
    } else if has("Odno") || (on_delivery && has("ShipTradeNo")) {
        Some(OtherKind::CashOnDelivery)
    } else if has("MerchantId") && has("OrderNo") {
        Some(OtherKind::OnePage)
    } else {
        None
    }
}
