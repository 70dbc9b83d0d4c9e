//! Wallet refunds and the cancelling of a store code (PAYUNi docs pages 72, 84, 300, 333, 377).

use super::{Answer, Call, problem};
use crate::books::Desk;
use crate::clock::stamp;
use crate::faults::FaultKind;
use crate::fields::Fields;
use crate::offline::{self, NoNumber};
use crate::settings::Method;
use crate::trade::{Payment, Refund, Trade};
use crate::upp::timestamp;

fn name(method: Method) -> &'static str {
    match method {
        Method::ICash => "ICASH",
        Method::Aftee => "AFTEE",
        Method::JKoPay => "JKOPAY",
        Method::Credit
        | Method::CreditInst
        | Method::CreditUnionPay
        | Method::Atm
        | Method::Cvs
        | Method::LinePay => "LINE",
    }
}

/// `trade/common/refund/…`. Of the REFUND codes only 04005 is public.
pub(crate) fn refund(desk: &mut Desk, call: &Call, method: Method, wall: i64, now: i64) -> Answer {
    let inner = &call.inner;
    let refuse = |code: &str, message: &str| Answer::Fields(problem(call, code, message));
    if let Err(r) = timestamp(
        inner,
        &desk.books,
        "REFUND",
        ["02002", "02003", "02004"],
        wall,
        now,
    ) {
        return refuse(&r.code, &r.message);
    }
    let Some(trade_no) = inner.given("TradeNo") else {
        return refuse("REFUND02005", "未有UNi序號");
    };
    let Some(amount) = inner
        .given("TradeAmt")
        .and_then(|t| t.parse::<u64>().ok())
        .filter(|a| *a > 0)
    else {
        return refuse("REFUND02006", "退款金額，格式錯誤");
    };
    let trade = desk.books.trade_of(&call.merchant.mer_id, trade_no);
    let Some(trade) = trade
        .filter(|t| matches!(&t.payment, Payment::Wallet { method: m, .. } if *m == method))
        .cloned()
    else {
        return refuse("REFUND03001", "查無符合訂單資料");
    };
    match give_back(desk, &trade, amount, now) {
        Err(why) => refuse("REFUND04005", &format!("{why}({})", name(method))),
        Ok(_)
            if desk
                .books
                .faults
                .strikes(FaultKind::RefundLost, &trade.order.mer_trade_no) =>
        {
            Answer::Lost
        }
        Ok(no) => Answer::Fields(
            Fields::new()
                .with("Status", "SUCCESS")
                .with("Message", "訂單退款成功")
                .with("MerID", &call.merchant.mer_id)
                .with("TradeNo", trade_no)
                .with("RefundNo", no)
                .with("RefundDT", stamp(now)),
        ),
    }
}

/// Refunds a wallet; icash only in full. Also the portal's refund. Answers the `RefundNo`.
pub(crate) fn give_back(
    desk: &mut Desk,
    trade: &Trade,
    amount: u64,
    now: i64,
) -> Result<String, &'static str> {
    let Payment::Wallet { method, .. } = &trade.payment else {
        return Err("訂單不為電子支付交易");
    };
    let left = trade.remaining();
    if amount > left {
        return Err("超過可退款金額");
    }
    if *method == Method::ICash && amount != trade.amount {
        return Err("僅能全額退款");
    }
    let no = format!("{}{}", now / 1000, desk.digits(9));
    if let Some(kept) = desk.books.trades.get_mut(&trade.trade_no) {
        kept.refunds.push(Refund {
            no: no.clone(),
            amount,
            at: now,
            done: now,
            starts: now,
            cancelled: false,
        });
    }
    Ok(no)
}

/// `cancel_cvs`.
pub(crate) fn cancel_code(desk: &mut Desk, call: &Call, wall: i64, now: i64) -> Answer {
    let inner = &call.inner;
    let answer = |code: &str, message: &str, trade: Option<&Trade>| {
        let pay_no = trade
            .and_then(|t| t.payment.number())
            .map_or("", |(no, _)| no);
        let (no, verify) = pay_no.split_at(pay_no.len().min(8));
        Answer::Fields(
            Fields::new()
                .with("Status", code)
                .with("Message", message)
                .with("MerID", &call.merchant.mer_id)
                .with(
                    "TradeAmt",
                    trade.map(|t| t.amount.to_string()).unwrap_or_default(),
                )
                .with("PayNo", no)
                .with("VerifyCode", verify)
                .with("PaymentType", if trade.is_some() { "3" } else { "" }),
        )
    };
    if let Err(r) = timestamp(
        inner,
        &desk.books,
        "CVS",
        ["02002", "02003", "02004"],
        wall,
        now,
    ) {
        return answer(&r.code, &r.message, None);
    }
    let Some(pay_no) = inner.given("PayNo") else {
        return answer("CVS02018", "未有超商代碼", None);
    };
    if !matches!(pay_no.len(), 8 | 12) {
        return answer("CVS02019", "超商代碼，長度錯誤", None);
    }
    match offline::cancel_code(desk, &call.merchant.mer_id, pay_no) {
        Ok(trade) => answer("SUCCESS", "取消超商代碼成功", Some(&trade)),
        Err(NoNumber::Unknown) => answer("CVS02020", "查無超商代碼", None),
        Err(NoNumber::NotWaiting) => answer("CVS02021", "超商代碼已無法取消", None),
    }
}
