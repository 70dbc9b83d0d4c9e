//! From PAYUNi's words to ours. Nothing here is believed that is not authentic.

use super::{Answer, AskError, RefundsSeen, TradeSeen};
use orders::{Instructions, Method, Outcome, Report, Source, TradeNo, Twd};
use payuni::{
    Authentic, PaymentNotice, PaymentType, Refusal, TradeRow, TradeStatus,
    details::Details,
    trade_row::{DataSource, RefundStatus},
};

/// Translates an authentic notice. It takes nothing less than [`Authentic`], so nothing unproved becomes a report.
pub(super) fn report_of(notice: &Authentic<PaymentNotice>) -> Result<Report, Refusal> {
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

pub(super) fn answer_of(row: &TradeRow, merchant: &str) -> Result<Answer, AskError> {
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
        seen: seen_of(row),
    })
}

pub(super) fn seen_of(row: &TradeRow) -> TradeSeen {
    TradeSeen {
        amount: row.amount,
        voided: row.trade_status == TradeStatus::Cancelled,
        refunds: refunds_of(row),
    }
}

/// What a row shows of a trade's refunds. Only the last one is told; a card's fields are absent until there is one
/// (PAYUNi docs page 164).
fn refunds_of(row: &TradeRow) -> RefundsSeen {
    let status = row.refund.as_ref().map(|refund| &refund.status);
    let in_progress = matches!(
        status,
        Some(RefundStatus::Applied | RefundStatus::Processing | RefundStatus::Unknown(_))
    );
    let last = row.refund.as_ref().and_then(|refund| refund.amount);
    // Before the capture nothing can be refunded, so that a remainder alone says nothing; JKO Pay tells only that.
    let captured = row
        .close_amount
        .filter(|captured| *captured > 0)
        .unwrap_or(row.amount);
    let tells_remainder = status.is_some() || row.payment_type == Some(PaymentType::JkoPay);
    let gone = match (row.remain_amount, status) {
        (Some(remain), _) if tells_remainder => captured.saturating_sub(remain),
        (None, Some(RefundStatus::Done)) => last.unwrap_or(0),
        _ => 0,
    };
    // What is only applied for has not gone back yet.
    let total = if in_progress {
        gone.saturating_sub(last.unwrap_or(0))
    } else {
        gone
    };
    RefundsSeen {
        told: row.card.is_some() || tells_remainder,
        total,
        in_progress,
        taken_back: last.filter(|_| status == Some(&RefundStatus::Cancelled)),
    }
}

pub(super) fn method_of(kind: &PaymentType) -> Method {
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

pub(super) fn clip(value: &str) -> String {
    value.chars().take(32).filter(|c| !c.is_control()).collect()
}
