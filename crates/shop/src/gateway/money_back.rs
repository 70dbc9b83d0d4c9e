//! Giving money back through PAYUNi: what may be done with a trade, and doing it.

use super::{About, AskError, Gateway, TradeSeen, translate};
use jiff::Timestamp;
use orders::{OrderNo, TradeNo, Twd};
use payuni::{
    Answer, PaymentType, QueryReply, TradeQuery, TradeRow,
    cancel::CancelRequest,
    close::{CloseRequest, CloseType},
    details::AuthType,
    trade_row::{CloseStatus, DataSource},
    wallet_refund::{AfteeRefund, IcashRefund, JkoPayRefund, LinePayRefund, WalletRefund},
};

/// The way back that a trade has now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Cancel the authorisation: nothing was captured (PAYUNi docs page 39). All of it or nothing.
    Void,
    /// Refund the captured card (page 38).
    Close,
    /// The capture is under way; afterwards it can be refunded.
    AfterCapture,
    /// LINE Pay's refund (page 300).
    LinePay,
    /// JKO Pay's refund (page 377).
    JkoPay,
    /// AFTEE's refund (page 84).
    Aftee,
    /// icash Pay's refund (page 72). All of it or nothing.
    Icash,
    /// None through the gateway's interface: a person moves the money.
    None,
}

/// A trade as whoever wants to give it back must know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MoneyBack {
    /// What it was paid with, in dollars.
    pub amount: u32,
    /// The way back.
    pub way: Way,
    /// Whether only all of it can go back: instalments, `UnionPay`, icash (pages 38, 72).
    pub whole_only: bool,
    /// When it was paid, where that is told.
    pub paid_at: Option<Timestamp>,
    /// Whether it is paid at all.
    pub paid: bool,
    /// What went back so far.
    pub seen: TradeSeen,
}

/// What became of a wish to give money back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// It went back.
    Done,
    /// It did not, and the gateway says why: its code and words.
    Refused(String),
    /// Nobody knows. It may have arrived; it must not be sent again before asking.
    Unclear(String),
}

impl Gateway {
    /// Asks what may be given back of a trade, and how.
    ///
    /// # Errors
    /// Why there is no answer; ask again later.
    pub async fn money_back(
        &self,
        order: &OrderNo,
        trade: &TradeNo,
    ) -> Result<MoneyBack, AskError> {
        let number = payuni::TradeNo::parse(trade.as_str())?;
        let query = TradeQuery::by_trade_no(number, self.clock.now());
        let answer = self.put(&query, Some(About::query(order, None))).await?;
        match answer.value() {
            QueryReply::NotFound => Err(AskError::Code("QUERY03001".to_owned())),
            QueryReply::Failed(failure) => {
                Err(AskError::Code(translate::clip(failure.code.as_wire())))
            }
            QueryReply::Found(rows) => {
                let row = rows.first().filter(|row| {
                    // Only a complete answer is one to act on (PAYUNi docs page 164).
                    row.data_source == Some(DataSource::Complete)
                });
                row.map(|row| money_back_of(row, self.void_while_capturing))
                    .ok_or_else(|| AskError::Code("DataSource B".to_owned()))
            }
        }
    }

    /// Gives money back. The caller has written down that it is about to, and writes down what came of it.
    pub async fn give_back(
        &self,
        order: &OrderNo,
        trade: &TradeNo,
        way: Way,
        amount: Twd,
    ) -> Given {
        let Ok(trade_no) = payuni::TradeNo::parse(trade.as_str()) else {
            return Given::Refused("TradeNo".to_owned());
        };
        let (timestamp, dollars) = (self.clock.now(), amount.dollars());
        let wallet = WalletRefund {
            trade_no: trade_no.clone(),
            amount: dollars,
            timestamp,
        };
        match way {
            Way::Void => {
                let request = CancelRequest {
                    trade_no,
                    timestamp,
                };
                self.carry_out(order, &request).await
            }
            Way::Close => {
                let kind = CloseType::Refund { amount: dollars };
                let request = CloseRequest {
                    trade_no,
                    kind,
                    timestamp,
                };
                self.carry_out(order, &request).await
            }
            Way::LinePay => self.carry_out(order, &LinePayRefund(wallet)).await,
            Way::JkoPay => self.carry_out(order, &JkoPayRefund(wallet)).await,
            Way::Aftee => self.carry_out(order, &AfteeRefund(wallet)).await,
            Way::Icash => self.carry_out(order, &IcashRefund(wallet)).await,
            Way::AfterCapture | Way::None => Given::Refused("no way back".to_owned()),
        }
    }

    /// An answer that is no proof, and no answer at all, both leave it open whether it was done.
    async fn carry_out<A, T>(&self, order: &OrderNo, request: &A) -> Given
    where
        A: payuni::Ask<Reply = Answer<T>>,
    {
        let said = |failure: &payuni::ask::Failure| {
            let words: String = failure.message.chars().take(120).collect();
            format!("{} {words}", translate::clip(failure.code.as_wire()))
        };
        match self.put(request, Some(About::refund(order))).await {
            Ok(answer) => match answer.value() {
                Answer::Done(_) => Given::Done,
                Answer::Refused(failure) => Given::Refused(said(failure)),
                Answer::Unclear(failure) => Given::Unclear(said(failure)),
            },
            // It never left.
            Err(AskError::Request(error)) => Given::Refused(error.to_string()),
            Err(error) => Given::Unclear(error.to_string()),
        }
    }
}

fn money_back_of(row: &TradeRow, void_while_capturing: bool) -> MoneyBack {
    let card = row.card.as_ref();
    let instalments = card.is_some_and(|card| card.inst.is_some_and(|inst| inst > 1));
    let bound = card.is_some_and(|card| {
        matches!(
            card.auth_type,
            Some(AuthType::Instalment | AuthType::UnionPay)
        )
    });
    let way = match &row.payment_type {
        Some(PaymentType::Card) => match &row.close_status {
            Some(CloseStatus::Done) => Way::Close,
            Some(CloseStatus::Applied | CloseStatus::Processing) if !void_while_capturing => {
                Way::AfterCapture
            }
            _ => Way::Void,
        },
        Some(PaymentType::LinePay) => Way::LinePay,
        Some(PaymentType::JkoPay) => Way::JkoPay,
        Some(PaymentType::Aftee) => Way::Aftee,
        Some(PaymentType::Icash) => Way::Icash,
        _ => Way::None,
    };
    MoneyBack {
        amount: row.amount,
        way,
        whole_only: instalments || bound || way == Way::Icash,
        paid_at: row.paid_at,
        paid: row.paid(),
        seen: translate::seen_of(row),
    }
}
