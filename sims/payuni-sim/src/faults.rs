//! How the counterparty lies, fails and is late: once, several times or always, for one order or for all.

use serde::{Deserialize, Serialize};

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The notice is never sent.
    DropNotice,
    /// The notice leaves `delay_s` sandbox seconds later.
    DelayNotice,
    /// The notice is sent twice.
    DuplicateNotice,
    /// The notice waits until the next one was sent (the same order's, where an order is named), or 10 minutes.
    ReorderNotices,
    /// One byte of `EncryptInfo` is changed; the hash stays the old one.
    CorruptNotice,
    /// The notice carries another amount (`amount`, or one dollar less), validly sealed.
    WrongAmountNotice,
    /// The notice carries another merchant's number, validly sealed.
    WrongMerchantNotice,
    /// The buyer is charged, then sees an error and is never sent back. Notices go out.
    TimeoutAfterCharge,
    /// The buyer is charged and sees the result, and is never sent back.
    DropReturn,
    /// A query is answered after `delay_s` real seconds (30) with a gateway time-out.
    QueryTimeout,
    /// A query is answered with HTTP 500 and a page.
    QueryError,
    /// A query is answered with `DataSource` B (incomplete).
    QueryDataSourceB,
    /// A query says of a paid order that it is not.
    QueryUnpaid,
    /// A capture, refund or void is done, and the connection breaks before its answer.
    RefundLost,
}

impl FaultKind {
    /// All kinds, with the words of the portal.
    pub(crate) const ALL: [(Self, &'static str, &'static str); 14] = [
        (Self::DropNotice, "drop_notice", "遺失通知"),
        (Self::DelayNotice, "delay_notice", "延遲通知"),
        (Self::DuplicateNotice, "duplicate_notice", "重複通知"),
        (Self::ReorderNotices, "reorder_notices", "通知順序顛倒"),
        (
            Self::CorruptNotice,
            "corrupt_notice",
            "通知內容毀損（雜湊不符）",
        ),
        (
            Self::WrongAmountNotice,
            "wrong_amount_notice",
            "通知金額不符（簽章有效）",
        ),
        (
            Self::WrongMerchantNotice,
            "wrong_merchant_notice",
            "通知商店代號不符（簽章有效）",
        ),
        (
            Self::TimeoutAfterCharge,
            "timeout_after_charge",
            "扣款後逾時，買家看到錯誤",
        ),
        (Self::DropReturn, "drop_return", "買家沒有回到商店"),
        (Self::QueryTimeout, "query_timeout", "查詢逾時"),
        (Self::QueryError, "query_error", "查詢回 HTTP 500 網頁"),
        (
            Self::QueryDataSourceB,
            "query_data_source_b",
            "查詢資料不完整（DataSource=B）",
        ),
        (Self::QueryUnpaid, "query_unpaid", "查詢說未付款"),
        (Self::RefundLost, "refund_lost", "請退款已執行，回應遺失"),
    ];

    /// The kind's words for people.
    pub(crate) fn label(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(kind, _, _)| *kind == self)
            .map_or("", |(_, _, label)| label)
    }

    /// Reads the JSON name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, n, _)| *n == name)
            .map(|(kind, _, _)| *kind)
    }
}

/// A fault as it is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewFault {
    /// What goes wrong.
    pub kind: FaultKind,
    /// How often; absent or null is always.
    #[serde(default)]
    pub times: Option<u32>,
    /// For this order alone; absent or null is any.
    #[serde(default)]
    pub mer_trade_no: Option<String>,
    /// For the kinds that wait.
    #[serde(default)]
    pub delay_s: Option<u32>,
    /// For `wrong_amount_notice`, in New Taiwan dollars.
    #[serde(default)]
    pub amount: Option<u64>,
}

/// A fault that lies in wait.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Fault {
    pub(crate) id: u64,
    pub(crate) what: NewFault,
    pub(crate) hits: u32,
}

/// All faults that are set, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

impl Faults {
    /// The oldest fault of this kind for this order, counted down; a spent one is removed.
    pub(crate) fn take(&mut self, kind: FaultKind, mer_trade_no: &str) -> Option<Fault> {
        let at = self.0.iter().position(|f| {
            f.what.kind == kind
                && f.what
                    .mer_trade_no
                    .as_deref()
                    .is_none_or(|wanted| wanted == mer_trade_no)
        })?;
        let fault = self.0.get_mut(at)?;
        fault.hits += 1;
        let taken = fault.clone();
        if fault.what.times.is_some_and(|times| fault.hits >= times) {
            self.0.remove(at);
        }
        Some(taken)
    }

    /// Whether a fault of this kind struck.
    pub(crate) fn strikes(&mut self, kind: FaultKind, mer_trade_no: &str) -> bool {
        self.take(kind, mer_trade_no).is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_count_down_and_match_the_order() {
        let fault = |times, order: Option<&str>| Fault {
            id: 1,
            what: NewFault {
                kind: FaultKind::DropNotice,
                times,
                mer_trade_no: order.map(str::to_owned),
                delay_s: None,
                amount: None,
            },
            hits: 0,
        };
        let mut faults = Faults(vec![fault(Some(2), Some("A"))]);
        assert!(!faults.strikes(FaultKind::DropNotice, "B"));
        assert!(!faults.strikes(FaultKind::DelayNotice, "A"));
        assert!(faults.strikes(FaultKind::DropNotice, "A"));
        assert!(faults.strikes(FaultKind::DropNotice, "A"));
        assert!(!faults.strikes(FaultKind::DropNotice, "A"));
        let mut always = Faults(vec![fault(None, None)]);
        assert!((0..5).all(|_| always.strikes(FaultKind::DropNotice, "X")));
    }

    #[test]
    fn every_kind_has_its_json_name() {
        for (kind, name, _) in FaultKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), name);
            assert_eq!(FaultKind::parse(name), Some(kind));
        }
    }
}
