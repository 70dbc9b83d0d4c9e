use jiff::Timestamp;

use crate::ask::{Ask, Failure, read_head, seal_request};
use crate::authentic::Authentic;
use crate::envelope::Sealed;
use crate::fields::Fields;
use crate::merchant::{Merchant, MerchantId};
use crate::refusal::{Refusal, RequestError};
use crate::trade::{MerTradeNo, Status, TradeNo, TradeStatus};
use crate::trade_row::TradeRow;

/// The most numbers that one finite query takes.
pub const MAX_NUMBERS: usize = 100;

/// What a query asks about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// One attempt by our number.
    MerTradeNo(MerTradeNo),
    /// One trade by PAYUNi's number.
    TradeNo(TradeNo),
    /// Up to 100 attempts by our numbers.
    MerTradeNos(Vec<MerTradeNo>),
    /// Up to 100 trades by PAYUNi's numbers.
    TradeNos(Vec<TradeNo>),
}

impl Asked {
    /// Whether our number is among those asked about.
    fn names(&self, mer_trade_no: &str) -> bool {
        match self {
            Self::MerTradeNo(no) => no.as_str() == mer_trade_no,
            Self::MerTradeNos(nos) => nos.iter().any(|no| no.as_str() == mer_trade_no),
            Self::TradeNo(_) | Self::TradeNos(_) => false,
        }
    }

    fn covers(&self, row: &TradeRow) -> bool {
        match self {
            Self::MerTradeNo(no) => no.as_str() == row.mer_trade_no,
            Self::TradeNo(no) => *no == row.trade_no,
            Self::MerTradeNos(nos) => nos.iter().any(|no| no.as_str() == row.mer_trade_no),
            Self::TradeNos(nos) => nos.contains(&row.trade_no),
        }
    }
}

/// `Version` of trade/query.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum QueryVersion {
    /// Tells `DataSource` and `TradeFee`.
    #[default]
    V2_0,
    /// Without both; still served.
    V1_0,
}

/// Asks how one trade stands (PAYUNi docs page 164).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TradeQuery {
    asked: Asked,
    timestamp: Timestamp,
    version: QueryVersion,
}

impl TradeQuery {
    /// By our number.
    #[must_use]
    pub fn by_mer_trade_no(number: MerTradeNo, now: Timestamp) -> Self {
        Self {
            asked: Asked::MerTradeNo(number),
            timestamp: now,
            version: QueryVersion::default(),
        }
    }

    /// By PAYUNi's number.
    #[must_use]
    pub fn by_trade_no(number: TradeNo, now: Timestamp) -> Self {
        Self {
            asked: Asked::TradeNo(number),
            timestamp: now,
            version: QueryVersion::default(),
        }
    }

    /// The same question in another version.
    #[must_use]
    pub fn version(self, version: QueryVersion) -> Self {
        Self { version, ..self }
    }
}

impl Ask for TradeQuery {
    const PATH: &'static str = "trade/query";
    type Reply = QueryReply;

    fn seal(&self, merchant: &Merchant) -> Result<Sealed, RequestError> {
        let version = match self.version {
            QueryVersion::V2_0 => "2.0",
            QueryVersion::V1_0 => "1.0",
        };
        let pair = match &self.asked {
            Asked::TradeNo(no) => ("TradeNo", no.as_str()),
            Asked::MerTradeNo(no) => ("MerTradeNo", no.as_str()),
            Asked::MerTradeNos(_) | Asked::TradeNos(_) => {
                return Err(RequestError::Field {
                    field: "MerTradeNo",
                    rule: "must be a single number",
                });
            }
        };
        Ok(seal_request(merchant, version, &[pair], self.timestamp))
    }

    fn read(&self, answer: Authentic<Fields>) -> Result<Authentic<QueryReply>, Refusal> {
        QueryReply::read(answer, &self.asked)
    }
}

/// Asks how up to 100 trades of the last three months stand (PAYUNi docs page 172).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FiniteQuery {
    asked: Asked,
    timestamp: Timestamp,
}

impl FiniteQuery {
    /// By our numbers.
    #[must_use]
    pub fn by_mer_trade_nos(numbers: Vec<MerTradeNo>, now: Timestamp) -> Self {
        Self {
            asked: Asked::MerTradeNos(numbers),
            timestamp: now,
        }
    }

    /// By PAYUNi's numbers.
    #[must_use]
    pub fn by_trade_nos(numbers: Vec<TradeNo>, now: Timestamp) -> Self {
        Self {
            asked: Asked::TradeNos(numbers),
            timestamp: now,
        }
    }
}

impl Ask for FiniteQuery {
    const PATH: &'static str = "trade/finite_query";
    type Reply = QueryReply;

    fn seal(&self, merchant: &Merchant) -> Result<Sealed, RequestError> {
        let (kind, numbers): (_, Vec<&str>) = match &self.asked {
            Asked::MerTradeNos(nos) => ("1", nos.iter().map(MerTradeNo::as_str).collect()),
            Asked::TradeNos(nos) => ("2", nos.iter().map(TradeNo::as_str).collect()),
            Asked::MerTradeNo(no) => ("1", vec![no.as_str()]),
            Asked::TradeNo(no) => ("2", vec![no.as_str()]),
        };
        if numbers.is_empty() || numbers.len() > MAX_NUMBERS {
            return Err(RequestError::Field {
                field: "QueryNo",
                rule: "must be 1 to 100 numbers",
            });
        }
        let numbers = numbers.join(",");
        Ok(seal_request(
            merchant,
            "1.0",
            &[("QueryType", kind), ("QueryNo", &numbers)],
            self.timestamp,
        ))
    }

    fn read(&self, answer: Authentic<Fields>) -> Result<Authentic<QueryReply>, Refusal> {
        QueryReply::read(answer, &self.asked)
    }
}

/// What a query was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryReply {
    /// The trades that PAYUNi knows, at least one, each among those asked about. Found is not paid.
    Found(Vec<TradeRow>),
    /// PAYUNi knows none (`QUERY03001`), or only a page that nobody has paid. Right after the hand-over that only says that the buyer has not chosen yet.
    NotFound,
    /// The question was refused; it says nothing about the trade.
    Failed(Failure),
}

impl QueryReply {
    /// Reads the answer to a query about `asked`.
    ///
    /// # Errors
    /// [`Refusal::Merchant`] or [`Refusal::NotAsked`] if it is about another merchant's or another trade;
    /// [`Refusal::Direction`] if it is a request; [`Refusal::Schema`] or [`Refusal::AmountSyntax`] if a row does not parse.
    pub fn read(answer: Authentic<Fields>, asked: &Asked) -> Result<Authentic<Self>, Refusal> {
        answer.try_map(|fields, merchant| read(&fields, merchant, asked))
    }
}

fn read(fields: &Fields, merchant: &MerchantId, asked: &Asked) -> Result<QueryReply, Refusal> {
    if let Some(failure) = read_head(fields, merchant)? {
        let not_found = failure.code == Status::Other("QUERY03001".to_owned());
        return Ok(if not_found {
            QueryReply::NotFound
        } else {
            QueryReply::Failed(failure)
        });
    }
    let rows = fields.rows().ok_or(Refusal::Schema("Result"))?;
    if rows.is_empty() {
        return Err(Refusal::Schema("Result"));
    }
    let mut found = Vec::with_capacity(rows.len());
    for row in &rows {
        let ours = if is_open_page(row) {
            asked.names(row.get("MerTradeNo").unwrap_or_default())
        } else {
            let row = TradeRow::read(row)?;
            let ours = asked.covers(&row);
            found.push(row);
            ours
        };
        if !ours {
            return Err(Refusal::NotAsked);
        }
    }
    Ok(if found.is_empty() {
        QueryReply::NotFound
    } else {
        QueryReply::Found(found)
    })
}

/// A page that was opened and not paid yet has no number, and nothing to tell: to us it is like one that is not known.
fn is_open_page(row: &Fields) -> bool {
    let unpaid = row.get("TradeStatus").map(TradeStatus::from_wire) == Some(TradeStatus::Unpaid);
    unpaid && row.filled("TradeNo").is_none()
}
