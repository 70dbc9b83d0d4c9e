use jiff::Timestamp;

use crate::details::AuthType;
use crate::fields::Fields;
use crate::refusal::Refusal;
use crate::times::parse_time;
use crate::trade::{
    PaymentType, Private, TradeNo, TradeStatus, amount, optional_amount, present, private, token,
    trade_no, wire_enum, words,
};

wire_enum! {
    /// `DataSource`: how much the answer is worth (PAYUNi docs page 164).
    DataSource, Unknown: "A value nobody documented." {
        /// Complete.
        Complete = "A",
        /// Incomplete: ask again in 10 minutes.
        Incomplete = "B",
    }
}

wire_enum! {
    /// `CloseStatus`: how the capture stands.
    CloseStatus, Unknown: "A value nobody documented." {
        /// Applied for.
        Applied = "1",
        /// Captured.
        Done = "2",
        /// Cancelled.
        Cancelled = "3",
        /// Being processed.
        Processing = "7",
        /// Not applied for.
        NotApplied = "9",
    }
}

wire_enum! {
    /// `RefundType`: what kind of refund the last one is.
    RefundType, Unknown: "A value nobody documented." {
        /// A refund.
        Refund = "2",
        /// Scheduled behind a capture or refund that is under way.
        Scheduled = "3",
    }
}

wire_enum! {
    /// `RefundStatus`: how the last refund stands.
    RefundStatus, Unknown: "A value nobody documented." {
        /// Applied for.
        Applied = "1",
        /// Done.
        Done = "2",
        /// Cancelled.
        Cancelled = "3",
        /// Being processed.
        Processing = "8",
    }
}

/// The last refund of a trade; earlier ones are not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefundRow {
    /// Its kind.
    pub kind: Option<RefundType>,
    /// How it stands.
    pub status: RefundStatus,
    /// TWD.
    pub amount: Option<u32>,
    /// When.
    pub at: Option<Timestamp>,
}

/// A card, in a query's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardRow {
    /// First six digits.
    pub card6: Option<Private>,
    /// Last four digits.
    pub card4: Option<Private>,
    /// Number of instalments; 1 is all at once.
    pub inst: Option<u32>,
    /// The bank's authorisation code.
    pub auth_code: Option<Private>,
    /// How it was charged.
    pub auth_type: Option<AuthType>,
    /// The issuing bank's code.
    pub bank: Option<String>,
}

/// A payment number or a wallet's payment, in a query's row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRow {
    /// `OffChannel`/`Channel`: the bank, chain or wallet.
    pub channel: Option<String>,
    /// `OffPayChannel`/`PayChannel`: through what it was paid.
    pub pay_channel: Option<String>,
    /// `OffPayNo`/`PayNo`.
    pub pay_no: Option<Private>,
    /// `OffExpireTime`: until when it can be paid.
    pub expires: Option<Timestamp>,
}

/// A trade as PAYUNi knows it (PAYUNi docs page 164).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradeRow {
    /// Our number, as sent.
    pub mer_trade_no: String,
    /// PAYUNi's number.
    pub trade_no: TradeNo,
    /// TWD.
    pub amount: u32,
    /// PAYUNi's fee in TWD; told in version 2.0, and only once complete and paid.
    pub fee: Option<u32>,
    /// How it stands.
    pub trade_status: TradeStatus,
    /// How it was paid.
    pub payment_type: Option<PaymentType>,
    /// `PaymentDay`, of a paid trade only: PAYUNi fills it for failed ones too.
    pub paid_at: Option<Timestamp>,
    /// `CreateDay`.
    pub created_at: Option<Timestamp>,
    /// `1` direct, `2` hosted page, `3` one-page.
    pub gateway: Option<String>,
    /// How complete the answer is; told in version 2.0.
    pub data_source: Option<DataSource>,
    /// The card, if it is one.
    pub card: Option<CardRow>,
    /// The payment number or wallet, if it is one.
    pub number: Option<NumberRow>,
    /// How the capture stands.
    pub close_status: Option<CloseStatus>,
    /// TWD captured.
    pub close_amount: Option<u32>,
    /// The last refund; absent until there is one.
    pub refund: Option<RefundRow>,
    /// TWD that can still be refunded.
    pub remain_amount: Option<u32>,
}

impl TradeRow {
    /// Whether PAYUNi says that it was paid, at some time. A refund afterwards does not change it.
    #[must_use]
    pub fn paid(&self) -> bool {
        self.trade_status == TradeStatus::Paid
    }

    /// Whether the card's money was captured, so that it can be refunded and no longer voided.
    #[must_use]
    pub fn captured(&self) -> bool {
        self.close_status == Some(CloseStatus::Done)
    }

    pub(crate) fn read(row: &Fields) -> Result<Self, Refusal> {
        let trade_status = TradeStatus::from_wire(present(row, "TradeStatus")?);
        let time = |name| row.get(name).and_then(parse_time);
        // icash writes '-' for a fee that it does not tell.
        Ok(Self {
            mer_trade_no: token(row, "MerTradeNo")?,
            trade_no: trade_no(row)?,
            amount: amount(row, "TradeAmt")?,
            fee: optional_amount(row, "TradeFee")?,
            payment_type: row.get("PaymentType").map(PaymentType::from_wire),
            paid_at: (trade_status == TradeStatus::Paid)
                .then(|| time("PaymentDay"))
                .flatten(),
            created_at: time("CreateDay"),
            gateway: words(row, "Gateway"),
            data_source: row.filled("DataSource").map(DataSource::from_wire),
            card: card(row)?,
            number: number(row),
            close_status: row.filled("CloseStatus").map(CloseStatus::from_wire),
            close_amount: optional_amount(row, "CloseAmt")?,
            refund: refund(row)?,
            remain_amount: optional_amount(row, "RemainAmt")?,
            trade_status,
        })
    }
}

fn card(row: &Fields) -> Result<Option<CardRow>, Refusal> {
    if !row.contains("Card4No") && !row.contains("AuthCode") {
        return Ok(None);
    }
    Ok(Some(CardRow {
        card6: private(row, "Card6No"),
        card4: private(row, "Card4No"),
        inst: optional_amount(row, "CardInst")?,
        auth_code: private(row, "AuthCode"),
        auth_type: row.filled("AuthType").map(AuthType::from_wire),
        bank: words(row, "CardBank"),
    }))
}

fn number(row: &Fields) -> Option<NumberRow> {
    let either = |offline, wallet| words(row, offline).or_else(|| words(row, wallet));
    let number = NumberRow {
        channel: either("OffChannel", "Channel"),
        pay_channel: either("OffPayChannel", "PayChannel"),
        pay_no: private(row, "OffPayNo").or_else(|| private(row, "PayNo")),
        expires: row.get("OffExpireTime").and_then(parse_time),
    };
    (number.channel.is_some() || number.pay_no.is_some()).then_some(number)
}

fn refund(row: &Fields) -> Result<Option<RefundRow>, Refusal> {
    let Some(status) = row.filled("RefundStatus") else {
        return Ok(None);
    };
    Ok(Some(RefundRow {
        kind: row.filled("RefundType").map(RefundType::from_wire),
        status: RefundStatus::from_wire(status),
        amount: optional_amount(row, "RefundAmt")?,
        at: row.get("RefundDay").and_then(parse_time),
    }))
}
