//! What the hosted page's templates show.

use askama::Template;

use crate::books::Page;
use crate::clock::stamp;
use crate::page::minute;
use crate::quick::{QUICK, Quick};
use crate::settings::{Merchant, Method};
use crate::trade::{Payment, Trade, TradeStatus};
use crate::upp::BANKS;

/// The order, beside every step.
pub(crate) struct OrderView {
    shop: String,
    number: String,
    amount: String,
    items: Vec<String>,
    deadline: String,
    seconds: u64,
    left: String,
    back: Option<String>,
}

/// An amount with its thousands apart.
pub(crate) fn dollars(amount: u64) -> String {
    let digits = amount.to_string();
    let mut out = String::new();
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

impl OrderView {
    /// With a deadline where `seconds` tells how far it is.
    pub(crate) fn of(page: &Page, merchant: &Merchant, now: i64, seconds: Option<u64>) -> Self {
        let order = &page.order;
        let left = u64::try_from((order.page_ends - now) / 1000).unwrap_or(0);
        Self {
            shop: merchant.name.clone(),
            number: order.mer_trade_no.clone(),
            amount: dollars(order.amount),
            items: order
                .desc
                .split(';')
                .filter(|i| !i.trim().is_empty())
                .map(|i| i.trim().to_owned())
                .collect(),
            deadline: seconds
                .map(|_| {
                    stamp(order.page_ends)
                        .get(11..)
                        .unwrap_or_default()
                        .to_owned()
                })
                .unwrap_or_default(),
            seconds: seconds.unwrap_or(0),
            left: format!("{} 分 {:02} 秒", left / 60, left % 60),
            back: order.back_url.clone(),
        }
    }
}

/// What a method is called.
pub(crate) fn method_label(method: Method) -> &'static str {
    match method {
        Method::Credit => "信用卡一次付清",
        Method::CreditInst => "信用卡分期",
        Method::CreditUnionPay => "銀聯卡",
        Method::Atm => "ATM 轉帳",
        Method::Cvs => "超商代碼繳費",
        Method::LinePay => "LINE Pay",
        Method::ICash => "icash Pay",
        Method::Aftee => "AFTEE 先享後付",
        Method::JKoPay => "街口支付",
    }
}

fn method_note(method: Method) -> &'static str {
    match method {
        Method::Credit => "VISA・Mastercard・JCB",
        Method::CreditInst => "指定銀行分期",
        Method::CreditUnionPay => "UnionPay",
        Method::Atm => "虛擬帳號",
        Method::Cvs => "7-ELEVEN ibon",
        Method::LinePay | Method::ICash | Method::Aftee | Method::JKoPay => "電子支付",
    }
}

struct MethodView {
    key: String,
    value: String,
    label: &'static str,
    note: &'static str,
    action: &'static str,
    card: bool,
    open: bool,
}

impl MethodView {
    fn of(method: Method, open: bool) -> Self {
        let value = serde_json::to_value(method)
            .ok()
            .and_then(|v| v.as_str().map(str::to_owned))
            .unwrap_or_default();
        let card = matches!(
            method,
            Method::Credit | Method::CreditInst | Method::CreditUnionPay
        );
        let action = match method {
            Method::Atm => "取得虛擬帳號",
            Method::Cvs => "取得繳費代碼",
            Method::Credit
            | Method::CreditInst
            | Method::CreditUnionPay
            | Method::LinePay
            | Method::ICash
            | Method::Aftee
            | Method::JKoPay => "確認送出",
        };
        Self {
            key: value.to_ascii_lowercase(),
            value,
            label: method_label(method),
            note: method_note(method),
            action,
            card,
            open,
        }
    }
}

#[derive(Template)]
#[template(path = "pay.html")]
pub(crate) struct Pay {
    stage: &'static str,
    order: OrderView,
    token: String,
    error: Option<&'static str>,
    methods: Vec<MethodView>,
    terms: Vec<(u32, String)>,
    banks: Vec<(String, &'static str)>,
    mail: String,
    mail_fixed: bool,
    number_ends: String,
    quick: Vec<&'static Quick>,
    refresh: u64,
}

/// Seconds after which a page without script looks again; a clock that stands still is asked hourly.
fn refresh(seconds: Option<u64>) -> u64 {
    seconds.map_or(3600, |s| s + 1)
}

impl Pay {
    pub(crate) fn of(
        page: &Page,
        merchant: &Merchant,
        token: &str,
        error: Option<&'static str>,
        now: i64,
        seconds: Option<u64>,
    ) -> Self {
        let order = &page.order;
        let name = |code: &str| {
            BANKS
                .iter()
                .find(|(c, _)| *c == code)
                .map_or("", |(_, name)| name)
        };
        let fits = |q: &Quick| {
            order.methods.contains(&q.method)
                && (q.method != Method::CreditInst || order.terms.contains(&3))
        };
        Self {
            stage: "choosing",
            order: OrderView::of(page, merchant, now, seconds),
            token: token.to_owned(),
            error,
            methods: order
                .methods
                .iter()
                .enumerate()
                .map(|(i, m)| MethodView::of(*m, i == 0))
                .collect(),
            terms: order
                .terms
                .iter()
                .map(|t| (*t, dollars(order.amount / u64::from(*t))))
                .collect(),
            banks: order
                .banks
                .iter()
                .map(|code| (code.clone(), name(code)))
                .collect(),
            mail: order.mail.clone().unwrap_or_default(),
            mail_fixed: order.mail_fixed,
            number_ends: minute(order.number_ends),
            quick: QUICK.iter().filter(|q| fits(q)).collect(),
            refresh: refresh(seconds),
        }
    }
}

#[derive(Template)]
#[template(path = "step.html")]
pub(crate) struct Step {
    stage: &'static str,
    order: OrderView,
    token: String,
    three_d: bool,
    heading: &'static str,
    text: String,
    refresh: u64,
}

impl Step {
    #[expect(
        clippy::too_many_arguments,
        reason = "one call for both steps; each argument is a line of the page"
    )]
    pub(crate) fn of(
        page: &Page,
        merchant: &Merchant,
        token: &str,
        three_d: bool,
        heading: &'static str,
        text: String,
        now: i64,
        seconds: Option<u64>,
    ) -> Self {
        Self {
            stage: if three_d { "3d" } else { "wallet" },
            order: OrderView::of(page, merchant, now, seconds),
            token: token.to_owned(),
            three_d,
            heading,
            text,
            refresh: refresh(seconds),
        }
    }
}

/// The form that goes back to the shop.
pub(crate) struct ReturnForm {
    pub(crate) url: String,
    pub(crate) fields: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "result.html")]
pub(crate) struct Result {
    stage: &'static str,
    order: OrderView,
    heading: &'static str,
    message: String,
    status: &'static str,
    trade_no: String,
    method: &'static str,
    number: Option<(&'static str, String, String)>,
    form: Option<ReturnForm>,
    why_stay: &'static str,
}

impl Result {
    pub(crate) fn of(order: OrderView, trade: &Trade, form: Option<ReturnForm>) -> Self {
        let heading = match trade.status {
            TradeStatus::Paid => "付款成功",
            TradeStatus::Issued => "取號成功，請完成繳費",
            TradeStatus::Failed => "付款失敗",
            TradeStatus::Cancelled => "交易已取消",
            TradeStatus::Expired => "交易已逾期",
            TradeStatus::Unpaid => "尚未付款",
        };
        let number = match &trade.payment {
            Payment::Atm {
                pay_no, ends, bank, ..
            } => {
                let text = format!("{bank} - {pay_no}");
                Some(("轉帳帳號", text, minute(*ends)))
            }
            Payment::Cvs { pay_no, ends } => Some(("繳費代碼", pay_no.clone(), minute(*ends))),
            Payment::Card { .. } | Payment::Wallet { .. } => None,
        };
        Self {
            stage: "done",
            order,
            heading,
            message: trade.result.1.clone(),
            status: trade.status.code(),
            trade_no: trade.trade_no.clone(),
            method: trade.payment.label(),
            number,
            why_stay: if trade.order.return_url.is_some() {
                "沙盒故障設定：買家沒有被帶回商店。"
            } else {
                "商店沒有設定返回網址（ReturnURL），您可以關閉此頁。"
            },
            form,
        }
    }
}

#[derive(Template)]
#[template(path = "notice.html")]
pub(crate) struct Notice {
    stage: &'static str,
    heading: &'static str,
    code: String,
    message: String,
    hint: &'static str,
    form: Option<ReturnForm>,
    back: Option<String>,
}

impl Notice {
    pub(crate) fn error(
        code: &str,
        message: &str,
        hint: &'static str,
        form: Option<ReturnForm>,
    ) -> Self {
        let (code, message) = (code.to_owned(), message.to_owned());
        Self {
            stage: "error",
            heading: "無法建立付款頁",
            code,
            message,
            hint,
            form,
            back: None,
        }
    }

    pub(crate) fn expired(back: Option<String>) -> Self {
        Self {
            stage: "expired",
            heading: "付款頁已逾時",
            code: "UPP03000".to_owned(),
            message: "已超過付款時間，請回到商店重新結帳。".to_owned(),
            hint: "",
            form: None,
            back,
        }
    }

    pub(crate) fn plain(heading: &'static str, message: &str) -> Self {
        Self {
            stage: "unknown",
            heading,
            code: String::new(),
            message: message.to_owned(),
            hint: "",
            form: None,
            back: None,
        }
    }
}
