//! A trade as the gateway's books hold it. What only time changes (capture done, refund done) is computed.

use serde::{Deserialize, Serialize};

use crate::settings::Method;

/// `TradeStatus` (PAYUNi docs page 164).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum TradeStatus {
    Issued,
    Paid,
    Failed,
    Cancelled,
    Expired,
    Unpaid,
}

impl TradeStatus {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Issued => "0",
            Self::Paid => "1",
            Self::Failed => "2",
            Self::Cancelled => "3",
            Self::Expired => "4",
            Self::Unpaid => "9",
        }
    }

    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Issued => "取號成功",
            Self::Paid => "已付款",
            Self::Failed => "付款失敗",
            Self::Cancelled => "付款取消",
            Self::Expired => "交易逾期",
            Self::Unpaid => "未付款",
        }
    }
}

/// What the merchant ordered by its UPP request.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) mer_id: String,
    pub(crate) version: String,
    pub(crate) mer_trade_no: String,
    pub(crate) amount: u64,
    pub(crate) desc: String,
    pub(crate) return_url: Option<String>,
    pub(crate) notify_url: Option<String>,
    pub(crate) back_url: Option<String>,
    pub(crate) mail: Option<String>,
    pub(crate) mail_fixed: bool,
    pub(crate) buyer_hash: Option<String>,
    pub(crate) api_3d: bool,
    /// What the page offers.
    pub(crate) methods: Vec<Method>,
    pub(crate) terms: Vec<u32>,
    pub(crate) banks: Vec<String>,
    /// When a payment number of this order ends.
    pub(crate) number_ends: i64,
    /// When the page ends.
    pub(crate) page_ends: i64,
}

/// Which rules a card payment follows; the code is `AuthType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum AuthType {
    OneOff,
    Instalment,
    UnionPay,
}

impl AuthType {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::OneOff => "1",
            Self::Instalment => "2",
            Self::UnionPay => "7",
        }
    }
}

/// What is kept of a card: never more than its first six and last four digits.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Card {
    pub(crate) six: String,
    pub(crate) four: String,
    pub(crate) expiry: String,
    pub(crate) terms: u32,
    pub(crate) auth: AuthType,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Capture {
    NotApplied,
    Applied { at: i64, done: i64, amount: u64 },
    Cancelled,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) enum Payment {
    Card {
        card: Card,
        capture: Capture,
        approved: bool,
    },
    Atm {
        bank: String,
        pay_no: String,
        ends: i64,
        account5: String,
    },
    Cvs {
        pay_no: String,
        ends: i64,
    },
    Wallet {
        method: Method,
        pay_no: String,
    },
}

impl Payment {
    /// `PaymentType`.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::Card { .. } => "1",
            Self::Atm { .. } => "2",
            Self::Cvs { .. } => "3",
            Self::Wallet {
                method: Method::ICash,
                ..
            } => "6",
            Self::Wallet {
                method: Method::Aftee,
                ..
            } => "7",
            Self::Wallet {
                method: Method::JKoPay,
                ..
            } => "11",
            Self::Wallet { .. } => "9",
        }
    }

    pub(crate) fn label(&self) -> &'static str {
        match self {
            Self::Card { card, .. } => match card.auth {
                AuthType::OneOff => "信用卡一次付清",
                AuthType::Instalment => "信用卡分期",
                AuthType::UnionPay => "銀聯卡",
            },
            Self::Atm { .. } => "ATM 轉帳",
            Self::Cvs { .. } => "超商代碼",
            Self::Wallet {
                method: Method::ICash,
                ..
            } => "icash Pay",
            Self::Wallet {
                method: Method::Aftee,
                ..
            } => "AFTEE 先享後付",
            Self::Wallet {
                method: Method::JKoPay,
                ..
            } => "街口支付",
            Self::Wallet { .. } => "LINE Pay",
        }
    }

    /// The number with which an offline payment is made, and its end.
    pub(crate) fn number(&self) -> Option<(&str, i64)> {
        match self {
            Self::Atm { pay_no, ends, .. } | Self::Cvs { pay_no, ends } => Some((pay_no, *ends)),
            Self::Card { .. } | Self::Wallet { .. } => None,
        }
    }
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Refund {
    pub(crate) no: String,
    pub(crate) amount: u64,
    pub(crate) at: i64,
    pub(crate) done: i64,
    /// Until then it waits for the capture (`RefundType` 3).
    pub(crate) starts: i64,
    pub(crate) cancelled: bool,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Trade {
    pub(crate) trade_no: String,
    pub(crate) order: Order,
    /// What was or is to be paid; differs from the order's where a payer sent a wrong sum.
    pub(crate) amount: u64,
    pub(crate) status: TradeStatus,
    pub(crate) payment: Payment,
    /// Inner `Status` and `Message` of the result.
    pub(crate) result: (String, String),
    pub(crate) created: i64,
    pub(crate) paid: Option<i64>,
    pub(crate) voided: Option<i64>,
    pub(crate) refunds: Vec<Refund>,
}

impl Trade {
    /// Money taken from the payer and not given back by a void.
    pub(crate) fn charged(&self) -> u64 {
        if self.paid.is_some() && self.voided.is_none() {
            self.amount
        } else {
            0
        }
    }

    pub(crate) fn refunded(&self) -> u64 {
        self.refunds
            .iter()
            .filter(|r| !r.cancelled)
            .map(|r| r.amount)
            .sum()
    }

    pub(crate) fn remaining(&self) -> u64 {
        self.captured_amount().saturating_sub(self.refunded())
    }

    /// What may be refunded at most: the captured sum of a card, the paid sum of anything else.
    pub(crate) fn captured_amount(&self) -> u64 {
        match &self.payment {
            Payment::Card {
                capture: Capture::Applied { amount, .. },
                ..
            } => (*amount).min(self.charged()),
            Payment::Card { .. } => 0,
            Payment::Atm { .. } | Payment::Cvs { .. } | Payment::Wallet { .. } => self.charged(),
        }
    }

    /// `CloseStatus` at `now`: 1 applied, 2 done, 3 cancelled, 9 not applied.
    pub(crate) fn close_status(&self, now: i64) -> &'static str {
        match &self.payment {
            Payment::Card {
                capture: Capture::Applied { done, .. },
                ..
            } => {
                if now >= *done {
                    "2"
                } else {
                    "1"
                }
            }
            Payment::Card {
                capture: Capture::Cancelled,
                ..
            } => "3",
            Payment::Card {
                capture: Capture::NotApplied,
                ..
            }
            | Payment::Atm { .. }
            | Payment::Cvs { .. }
            | Payment::Wallet { .. } => "9",
        }
    }
}
