//! What PAYUNi's public documents leave open: every such question is a switch here, with the default stated.

use serde::{Deserialize, Serialize};

macro_rules! choices {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant),+ }
        impl $name {
            /// The text of the wire and of the switch.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
        }
    };
}

choices! {
    /// Which family of codes answers a hash or decryption fault.
    FaultFamily {
        /// `DEF01007` and `DEF01002`.
        Gateway = "gateway",
        /// The endpoint's own `xxx01003` and `xxx01004`.
        Endpoint = "endpoint",
    }
}
choices! {
    /// `TradeStatus` of a voided authorisation.
    AfterVoid {
        /// Cancelled.
        Cancelled = "3",
        /// Still paid, as after a full refund.
        Paid = "1",
    }
}
choices! {
    /// How the hosted page shows an input error.
    UppInvalid {
        /// A page that names the code.
        Page = "page",
        /// A signed result posted to the order's `ReturnURL`.
        Return = "return",
    }
}
choices! {
    /// Inner format of `trade/finite_query`.
    FiniteInner {
        /// A query string, as everywhere else.
        Query = "query",
        /// A JSON text.
        Json = "json",
    }
}
choices! {
    /// How long a `MerTradeNo` is taken.
    MerTradeNoRule {
        /// For good, as merchants report.
        Always = "always",
        /// For ten minutes, as the documents say.
        TenMinutes = "ten_minutes",
    }
}
choices! {
    /// `Store` of a convenience-store code.
    CvsStore {
        /// What the official plugins expect.
        Seven = "SEVEN",
        /// What the documents write.
        SevenEleven = "7-ELEVEN",
    }
}
choices! {
    /// Ports that a `NotifyURL` may name.
    NotifyPorts {
        /// Any, so that a shop on localhost hears its notices.
        Any = "any",
        /// 80 and 443 only, as the real gateway demands.
        Strict = "strict",
    }
}
choices! {
    /// What happens to a card that is none of the documented test cards.
    UnknownCard {
        /// The page refuses it and warns against typing real cards.
        Refuse = "refuse",
        /// The card is declined; only its first six and last four digits are kept.
        Decline = "decline",
    }
}
choices! {
    /// Meaning of `CreditInst=1`.
    InstOne {
        /// One payment only.
        OneOff = "one_off",
        /// All terms that the merchant has.
        AllTerms = "all_terms",
    }
}
choices! {
    /// Outer `Status` of a declined card.
    OuterUnapproved {
        /// As PAYUNi docs page 34 writes it.
        Mixed = "Unapproved",
        /// As inside.
        Upper = "UNAPPROVED",
    }
}

/// The switches. In JSON each has the name that it has here; the portal explains them to people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Seconds by which `Timestamp` may differ from the real or the sandbox's clock. Default: not checked.
    pub timestamp_window_s: Option<u32>,
    /// How often a notice that failed is sent again. Default 3.
    pub notify_retries: u32,
    /// Sandbox seconds between two tries. Default 60.
    pub notify_interval_s: u32,
    /// Real seconds until a try is given up. Default 10.
    pub notify_timeout_s: u32,
    /// Body that the merchant must answer with. Default: any 2xx is success.
    pub notify_body: Option<String>,
    /// Ports of a `NotifyURL`. Default any.
    pub notify_ports: NotifyPorts,
    /// HTTP status of synchronous replies. Default 200.
    pub reply_http_status: u16,
    /// Content type of synchronous replies. Default `application/json`.
    pub reply_content_type: String,
    /// Whether a request without `User-Agent` is refused. Default no.
    pub require_user_agent: bool,
    /// Codes for hash and decryption faults. Default `DEF…`.
    pub fault_family: FaultFamily,
    /// Input errors of the hosted page. Default a page.
    pub upp_invalid: UppInvalid,
    /// How long a `MerTradeNo` is taken. Default always.
    pub mer_trade_no_rule: MerTradeNoRule,
    /// Longest `TradeNo` that a query accepts. Default 32.
    pub trade_no_max_len: u32,
    /// Whether a query finds an order whose page is open and unpaid (`TradeStatus` 9). Default no.
    pub open_page_in_query: bool,
    /// Inner format of `finite_query`. Default query string.
    pub finite_inner: FiniteInner,
    /// `PaymentType` in the paid notices of ATM and CVS. Default sent.
    pub paid_notice_payment_type: bool,
    /// `Store` of a code. Default `SEVEN`.
    pub cvs_store: CvsStore,
    /// Outer `Status` of a declined card. Default `Unapproved`.
    pub outer_unapproved: OuterUnapproved,
    /// Meaning of `CreditInst=1`. Default one payment.
    pub credit_inst_one: InstOne,
    /// Cards that are not documented test cards. Default refused.
    pub unknown_card: UnknownCard,
    /// 3D step for every card. Default only where the order asks (`API3D`).
    pub force_3d: bool,
    /// Capture follows the authorisation by itself. Default yes, as PAYUNi's.
    pub auto_capture: bool,
    /// Sandbox seconds from authorisation to capture. Default 2, as observed.
    pub capture_delay_s: u32,
    /// Sandbox seconds until a refund is done. Default 2.
    pub refund_delay_s: u32,
    /// Whether a void is taken while the capture is applied for and not done. Default yes.
    pub void_while_capturing: bool,
    /// `TradeStatus` after a void. Default 3.
    pub status_after_void: AfterVoid,
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            timestamp_window_s: None,
            notify_retries: 3,
            notify_interval_s: 60,
            notify_timeout_s: 10,
            notify_body: None,
            notify_ports: NotifyPorts::Any,
            reply_http_status: 200,
            reply_content_type: "application/json".to_owned(),
            require_user_agent: false,
            fault_family: FaultFamily::Gateway,
            upp_invalid: UppInvalid::Page,
            mer_trade_no_rule: MerTradeNoRule::Always,
            trade_no_max_len: 32,
            open_page_in_query: false,
            finite_inner: FiniteInner::Query,
            paid_notice_payment_type: true,
            cvs_store: CvsStore::Seven,
            outer_unapproved: OuterUnapproved::Mixed,
            credit_inst_one: InstOne::OneOff,
            unknown_card: UnknownCard::Refuse,
            force_3d: false,
            auto_capture: true,
            capture_delay_s: 2,
            refund_delay_s: 2,
            void_while_capturing: true,
            status_after_void: AfterVoid::Cancelled,
        }
    }
}

/// How a switch is shown and typed in the portal.
pub(crate) enum Kind {
    Flag,
    Number { optional: bool },
    Text { optional: bool },
    Choice(&'static [&'static str]),
}

/// One line of the portal's form.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) note: &'static str,
    pub(crate) kind: Kind,
}

const fn row(name: &'static str, label: &'static str, note: &'static str, kind: Kind) -> Row {
    Row {
        name,
        label,
        note,
        kind,
    }
}

const NUMBER: Kind = Kind::Number { optional: false };

/// Every switch, for people: label, and what is known and what is not.
pub(crate) const TABLE: &[Row] = &[
    row(
        "timestamp_window_s",
        "時間戳記有效秒數",
        "官方只有「已過期」代碼，未公布秒數。留空：不檢查。",
        Kind::Number { optional: true },
    ),
    row(
        "notify_retries",
        "通知失敗後重送次數",
        "官方文件未載明。",
        NUMBER,
    ),
    row(
        "notify_interval_s",
        "重送間隔（沙盒秒）",
        "官方文件未載明。",
        NUMBER,
    ),
    row(
        "notify_timeout_s",
        "通知逾時（實際秒）",
        "官方文件未載明；已知會逾時。",
        NUMBER,
    ),
    row(
        "notify_body",
        "通知應答內容",
        "官方文件未載明。留空：任何 2xx 都算成功。",
        Kind::Text { optional: true },
    ),
    row(
        "notify_ports",
        "NotifyURL 連接埠",
        "正式環境僅 80 與 443（strict）；沙盒預設不限。",
        Kind::Choice(&["any", "strict"]),
    ),
    row(
        "reply_http_status",
        "同步回覆的 HTTP 狀態",
        "官方文件未載明。",
        NUMBER,
    ),
    row(
        "reply_content_type",
        "同步回覆的 Content-Type",
        "官方文件未載明。",
        Kind::Text { optional: false },
    ),
    row(
        "require_user_agent",
        "必須帶 User-Agent",
        "文件建議帶；未帶是否拒絕未載明。",
        Kind::Flag,
    ),
    row(
        "fault_family",
        "雜湊/解密錯誤代碼",
        "gateway=DEF01007/DEF01002；endpoint=各 API 的 01003/01004。",
        Kind::Choice(&["gateway", "endpoint"]),
    ),
    row(
        "upp_invalid",
        "UPP 參數錯誤的呈現",
        "官方文件未載明：錯誤頁，或回傳 ReturnURL。",
        Kind::Choice(&["page", "return"]),
    ),
    row(
        "mer_trade_no_rule",
        "商店訂單編號重複規則",
        "文件寫 10 分鐘；商店實測為永久。",
        Kind::Choice(&["always", "ten_minutes"]),
    ),
    row(
        "trade_no_max_len",
        "查詢 TradeNo 長度上限",
        "官方文件未載明。",
        NUMBER,
    ),
    row(
        "open_page_in_query",
        "查得到尚未付款的付款頁",
        "是則回 TradeStatus 9；否則 QUERY03001。",
        Kind::Flag,
    ),
    row(
        "finite_inner",
        "finite_query 內層格式",
        "文件寫「格式為Json」，語意不明。",
        Kind::Choice(&["query", "json"]),
    ),
    row(
        "paid_notice_payment_type",
        "繳費通知帶 PaymentType",
        "文件欄位表沒有，官方外掛會讀。",
        Kind::Flag,
    ),
    row(
        "cvs_store",
        "超商 Store 值",
        "外掛用 SEVEN，文件寫 7-ELEVEN。",
        Kind::Choice(&["SEVEN", "7-ELEVEN"]),
    ),
    row(
        "outer_unapproved",
        "授權失敗的外層 Status",
        "文件外層寫 Unapproved。",
        Kind::Choice(&["Unapproved", "UNAPPROVED"]),
    ),
    row(
        "credit_inst_one",
        "CreditInst=1 的意義",
        "官方外掛會送 1，文件未說明。",
        Kind::Choice(&["one_off", "all_terms"]),
    ),
    row(
        "unknown_card",
        "非測試卡號",
        "沙盒自訂：拒絕輸入，或授權失敗。",
        Kind::Choice(&["refuse", "decline"]),
    ),
    row(
        "force_3d",
        "一律 3D 驗證",
        "否則依訂單的 API3D。",
        Kind::Flag,
    ),
    row("auto_capture", "自動請款", "官方預設為自動。", Kind::Flag),
    row(
        "capture_delay_s",
        "授權到請款完成（沙盒秒）",
        "官方測試環境實測約 2 秒。",
        NUMBER,
    ),
    row(
        "refund_delay_s",
        "退款完成（沙盒秒）",
        "官方文件未載明。",
        NUMBER,
    ),
    row(
        "void_while_capturing",
        "請款處理中仍可取消授權",
        "官方文件未載明。",
        Kind::Flag,
    ),
    row(
        "status_after_void",
        "取消授權後的 TradeStatus",
        "未證實：3=取消，1=維持已付款。",
        Kind::Choice(&["3", "1"]),
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_names_every_switch_once() {
        let json = serde_json::to_value(Switches::default()).unwrap();
        let mut named: Vec<_> = TABLE.iter().map(|r| r.name).collect();
        let mut held: Vec<_> = json
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        named.sort_unstable();
        held.sort_unstable();
        assert_eq!(named, held);
    }
}
