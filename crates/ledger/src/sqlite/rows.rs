//! Rows and what they mean. What is written here is a promise to later versions.

use crate::LedgerError;
use jiff::Timestamp;
use orders::{
    Fact, How, Instructions, Method, Outcome, Parked, Source, Twd,
    fact::{Ending, ParkedKind},
};
use serde::{Deserialize, Serialize};

/// A fact's row, less what the surrounding write adds.
pub(super) struct FactColumns {
    pub(super) kind: String,
    pub(super) source: &'static str,
    pub(super) attempt_no: Option<String>,
    pub(super) trade_no: Option<String>,
    pub(super) amount: Option<u32>,
    pub(super) body: String,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_ms: Option<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    last_four: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pay_no: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline_ms: Option<i64>,
    #[serde(skip_serializing_if = "String::is_empty")]
    code: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    subject: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    detail: String,
}

pub(super) fn source_name(source: Source) -> &'static str {
    match source {
        Source::Notice => "notice",
        Source::Query => "query",
    }
}

fn method_name(method: Method) -> &'static str {
    match method {
        Method::Card => "card",
        Method::Atm => "atm",
        Method::Cvs => "cvs",
        Method::LinePay => "line_pay",
        Method::Other => "other",
    }
}

fn method(name: &str) -> Method {
    match name {
        "card" => Method::Card,
        "atm" => Method::Atm,
        "cvs" => Method::Cvs,
        "line_pay" => Method::LinePay,
        _ => Method::Other,
    }
}

pub(super) fn write_fact(fact: &Fact) -> FactColumns {
    let mut columns = FactColumns {
        kind: String::new(),
        source: "shop",
        attempt_no: fact.attempt().map(ToString::to_string),
        trade_no: None,
        amount: None,
        body: String::new(),
    };
    let mut body = Body::default();
    match fact {
        Fact::Reported {
            source,
            trade_no,
            amount,
            method,
            outcome,
            ..
        } => {
            columns.kind = outcome.name().to_owned();
            columns.source = source_name(*source);
            columns.trade_no = Some(trade_no.to_string());
            columns.amount = Some(amount.dollars());
            body.method = method.map(|method| method_name(method).to_owned());
            write_outcome(outcome, &mut body);
        }
        Fact::Returned { .. } => columns.kind = "returned".to_owned(),
        Fact::Refunded {
            trade_no,
            total,
            how,
            ..
        } => {
            columns.kind = "refunded".to_owned();
            columns.source = match how {
                How::Gateway => "query",
                How::ByHand => "shop",
            };
            columns.trade_no = Some(trade_no.to_string());
            columns.amount = Some(total.dollars());
        }
        Fact::Parked { parked, .. } => {
            columns.kind = format!("parked {}", parked.kind.code());
            columns.source = source_name(parked.source);
            columns.trade_no = parked.trade_no.as_ref().map(ToString::to_string);
            columns.amount = parked.amount.map(Twd::dollars);
            body.subject.clone_from(&parked.subject);
            body.detail.clone_from(&parked.detail);
        }
        Fact::Ended(Ending::Expired) => columns.kind = "ended expired".to_owned(),
        Fact::Ended(Ending::Cancelled) => columns.kind = "ended cancelled".to_owned(),
        Fact::Decided { case, by, reason } => {
            columns.kind = "decided".to_owned();
            body.subject.clone_from(case);
            body.detail = by.to_string();
            body.message.clone_from(reason);
        }
        Fact::Delivered { trade_no } => {
            columns.kind = "delivered".to_owned();
            columns.trade_no = Some(trade_no.to_string());
        }
    }
    // A struct of strings and numbers has no value that JSON cannot hold.
    columns.body = serde_json::to_string(&body).unwrap_or_else(|_| "{}".to_owned());
    columns
}

fn write_outcome(outcome: &Outcome, body: &mut Body) {
    match outcome {
        Outcome::Issued(instructions) => {
            body.pay_no.clone_from(&instructions.pay_no);
            body.at.clone_from(&instructions.at);
            body.deadline_ms = instructions.deadline.map(Timestamp::as_millisecond);
        }
        Outcome::Paid { at, last_four } => {
            body.at_ms = at.map(Timestamp::as_millisecond);
            body.last_four.clone_from(last_four);
        }
        Outcome::Failed { code, message } => {
            body.code.clone_from(code);
            body.message.clone_from(message);
        }
        Outcome::Unknown(value) => body.detail.clone_from(value),
        Outcome::Voided | Outcome::Lapsed | Outcome::Unsettled => {}
    }
}

pub(super) fn read_fact(columns: &FactColumns) -> Result<Fact, LedgerError> {
    let unreadable = || LedgerError::Unreadable("fact");
    let body: Body = serde_json::from_str(&columns.body).map_err(|_| unreadable())?;
    let attempt = columns
        .attempt_no
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|_| unreadable())?;
    let trade_no = columns
        .trade_no
        .as_deref()
        .map(str::parse)
        .transpose()
        .map_err(|_| unreadable())?;
    let amount = columns
        .amount
        .map(Twd::new)
        .transpose()
        .map_err(|_| unreadable())?;
    let source = if columns.source == "query" {
        Source::Query
    } else {
        Source::Notice
    };
    if let Some(code) = columns.kind.strip_prefix("parked ") {
        let kind = ParkedKind::from_code(code).ok_or_else(unreadable)?;
        let parked = Parked {
            kind,
            source,
            subject: body.subject,
            trade_no,
            amount,
            detail: body.detail,
        };
        return Ok(Fact::Parked {
            attempt: attempt.ok_or_else(unreadable)?,
            parked,
        });
    }
    Ok(match columns.kind.as_str() {
        "returned" => Fact::Returned {
            attempt: attempt.ok_or_else(unreadable)?,
        },
        "refunded" => Fact::Refunded {
            attempt: attempt.ok_or_else(unreadable)?,
            trade_no: trade_no.ok_or_else(unreadable)?,
            total: amount.ok_or_else(unreadable)?,
            how: if columns.source == "query" {
                How::Gateway
            } else {
                How::ByHand
            },
        },
        "ended expired" => Fact::Ended(Ending::Expired),
        "ended cancelled" => Fact::Ended(Ending::Cancelled),
        "decided" => Fact::Decided {
            by: body.detail.parse().map_err(|_| unreadable())?,
            case: body.subject,
            reason: body.message,
        },
        "delivered" => Fact::Delivered {
            trade_no: trade_no.ok_or_else(unreadable)?,
        },
        kind => Fact::Reported {
            attempt: attempt.ok_or_else(unreadable)?,
            source,
            trade_no: trade_no.ok_or_else(unreadable)?,
            amount: amount.ok_or_else(unreadable)?,
            method: body.method.as_deref().map(method),
            outcome: read_outcome(kind, body).ok_or_else(unreadable)?,
        },
    })
}

fn read_outcome(kind: &str, body: Body) -> Option<Outcome> {
    let time = |ms: Option<i64>| ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
    Some(match kind {
        "issued" => Outcome::Issued(Instructions {
            pay_no: body.pay_no,
            at: body.at,
            deadline: time(body.deadline_ms),
        }),
        "paid" => Outcome::Paid {
            at: time(body.at_ms),
            last_four: body.last_four,
        },
        "failed" => Outcome::Failed {
            code: body.code,
            message: body.message,
        },
        "voided" => Outcome::Voided,
        "lapsed" => Outcome::Lapsed,
        "unsettled" => Outcome::Unsettled,
        "unknown" => Outcome::Unknown(body.detail),
        _ => return None,
    })
}
