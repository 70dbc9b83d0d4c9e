//! `trade/close` and `trade/cancel`: capture, refund, undo, void (PAYUNi docs pages 38, 39).

use super::{Answer, Call, problem};
use crate::books::Desk;
use crate::clock::stamp;
use crate::faults::FaultKind;
use crate::fields::Fields;
use crate::switches::AfterVoid;
use crate::trade::{AuthType, Capture, Payment, Refund, Trade, TradeStatus};
use crate::upp::timestamp;

const DAY: i64 = 86_400_000;

/// `trade/close`.
pub(crate) fn close(desk: &mut Desk, call: &Call, wall: i64, now: i64) -> Answer {
    let inner = &call.inner;
    let refuse = |code: &str, message: &str| Answer::Fields(problem(call, code, message));
    // The full table of CLOSE codes is not public: apart from 02010 and 03001 the numbers are the sandbox's own.
    if let Err(r) = timestamp(
        inner,
        &desk.books,
        "CLOSE",
        ["02002", "02003", "02004"],
        wall,
        now,
    ) {
        return refuse(&r.code, &r.message);
    }
    let Some(trade_no) = inner.given("TradeNo") else {
        return refuse("CLOSE02005", "未有UNi序號");
    };
    let Some(kind) = inner.given("CloseType") else {
        return refuse("CLOSE02008", "未有關帳類型");
    };
    if !matches!(kind, "1" | "2" | "-1" | "-2") {
        return refuse("CLOSE02009", "關帳類型，格式錯誤");
    }
    let amount = match (kind, inner.given("TradeAmt")) {
        ("-1" | "-2", _) => 0,
        (_, None) => return refuse("CLOSE02010", "未有請退款金額"),
        (_, Some(text)) => match text.parse::<u64>() {
            Ok(amount) if amount > 0 => amount,
            _ => return refuse("CLOSE02011", "請退款金額，格式錯誤"),
        },
    };
    let Some(trade) = desk
        .books
        .trade_of(&call.merchant.mer_id, trade_no)
        .cloned()
    else {
        return refuse("CLOSE03001", "處理失敗，查無符合訂單資料");
    };
    let done = match kind {
        "1" => capture(desk, &trade, amount, now),
        "2" => refund(desk, &trade, amount, now),
        "-1" => undo_capture(desk, &trade, now),
        _ => undo_refund(desk, &trade, now),
    };
    if let Err(why) = done {
        return refuse("CLOSE03001", &format!("處理失敗，{why}"));
    }
    if desk
        .books
        .faults
        .strikes(FaultKind::RefundLost, &trade.order.mer_trade_no)
    {
        return Answer::Lost;
    }
    Answer::Fields(
        Fields::new()
            .with("Status", "SUCCESS")
            .with("Message", "處理成功")
            .with("MerID", &call.merchant.mer_id)
            .with("TradeNo", trade_no)
            .with("CloseType", kind),
    )
}

fn set_capture(desk: &mut Desk, trade_no: &str, to: Capture) {
    if let Some(Payment::Card { capture, .. }) =
        desk.books.trades.get_mut(trade_no).map(|t| &mut t.payment)
    {
        *capture = to;
    }
}

fn card(trade: &Trade) -> Result<(&Capture, AuthType), String> {
    match &trade.payment {
        Payment::Card { card, capture, .. } if trade.charged() > 0 => Ok((capture, card.auth)),
        Payment::Card { .. } => Err("訂單不為付款成功".to_owned()),
        Payment::Atm { .. } | Payment::Cvs { .. } | Payment::Wallet { .. } => {
            Err("訂單不為信用卡交易".to_owned())
        }
    }
}

/// Applies for the capture: within three days, at most the authorised sum, all of it but for one-off cards.
fn capture(desk: &mut Desk, trade: &Trade, amount: u64, now: i64) -> Result<(), String> {
    let (capture, auth) = card(trade)?;
    if matches!(capture, Capture::Applied { .. }) {
        return Err("請款失敗，已存在請款紀錄".to_owned());
    }
    if now - trade.created > 3 * DAY {
        return Err("請款失敗，已超過請款期限".to_owned());
    }
    if amount > trade.amount || (auth != AuthType::OneOff && amount != trade.amount) {
        return Err(format!(
            "請款失敗，請款金額(${amount})，授權金額(${})",
            trade.amount
        ));
    }
    let done = now + i64::from(desk.books.switches.capture_delay_s) * 1000;
    set_capture(
        desk,
        &trade.trade_no,
        Capture::Applied {
            at: now,
            done,
            amount,
        },
    );
    Ok(())
}

fn undo_capture(desk: &mut Desk, trade: &Trade, now: i64) -> Result<(), String> {
    match card(trade)?.0 {
        Capture::Applied { done, .. } if now < *done && trade.refunds.is_empty() => {
            set_capture(desk, &trade.trade_no, Capture::Cancelled);
            Ok(())
        }
        Capture::Applied { .. } => Err("取消請款失敗，已請款完成".to_owned()),
        Capture::NotApplied | Capture::Cancelled => Err("取消請款失敗，無請款紀錄".to_owned()),
    }
}

/// Refunds a captured card: within 180 days, no more than is left, all of it for instalments and `UnionPay`.
/// Also the portal's refund.
pub(crate) fn refund(desk: &mut Desk, trade: &Trade, amount: u64, now: i64) -> Result<(), String> {
    let (capture, auth) = card(trade)?;
    let Capture::Applied {
        done,
        amount: captured,
        ..
    } = capture
    else {
        return Err("退款失敗，尚未請款".to_owned());
    };
    let refunded = trade.refunded();
    if amount > captured.saturating_sub(refunded) {
        return Err(format!(
            "退款失敗，退款金額(${amount})，請款金額(${captured})，目前已退款(${refunded})"
        ));
    }
    if auth != AuthType::OneOff && amount != *captured {
        return Err("退款失敗，分期與銀聯卡交易僅能全額退款".to_owned());
    }
    if now - done > 180 * DAY {
        return Err("退款失敗，已超過退款期限".to_owned());
    }
    let starts = (*done).max(now);
    let delay = i64::from(desk.books.switches.refund_delay_s) * 1000;
    let no = format!("{}{}", now / 1000, desk.digits(9));
    if let Some(kept) = desk.books.trades.get_mut(&trade.trade_no) {
        kept.refunds.push(Refund {
            no,
            amount,
            at: now,
            done: starts + delay,
            starts,
            cancelled: false,
        });
    }
    Ok(())
}

fn undo_refund(desk: &mut Desk, trade: &Trade, now: i64) -> Result<(), String> {
    card(trade)?;
    let last = desk
        .books
        .trades
        .get_mut(&trade.trade_no)
        .and_then(|t| t.refunds.last_mut());
    match last {
        Some(refund) if now < refund.done && !refund.cancelled => {
            refund.cancelled = true;
            Ok(())
        }
        Some(_) => Err("取消退款失敗，已退款完成".to_owned()),
        None => Err("取消退款失敗，無退款紀錄".to_owned()),
    }
}

/// `trade/cancel`.
pub(crate) fn cancel(desk: &mut Desk, call: &Call, wall: i64, now: i64) -> Answer {
    let inner = &call.inner;
    let refuse = |code: &str, message: &str| Answer::Fields(problem(call, code, message));
    // Of the CANCEL codes only 03001 is public.
    if let Err(r) = timestamp(
        inner,
        &desk.books,
        "CANCEL",
        ["02002", "02003", "02004"],
        wall,
        now,
    ) {
        return refuse(&r.code, &r.message);
    }
    let Some(trade_no) = inner.given("TradeNo") else {
        return refuse("CANCEL02001", "未有UNi序號");
    };
    let Some(trade) = desk
        .books
        .trade_of(&call.merchant.mer_id, trade_no)
        .cloned()
    else {
        return refuse("CANCEL03001", "取消授權失敗，查無符合訂單資料");
    };
    if let Err(why) = void(desk, &trade, now) {
        return refuse("CANCEL03001", &format!("取消授權失敗，{why}"));
    }
    if desk
        .books
        .faults
        .strikes(FaultKind::RefundLost, &trade.order.mer_trade_no)
    {
        return Answer::Lost;
    }
    Answer::Fields(
        Fields::new()
            .with("Status", "SUCCESS")
            .with("Message", "取消授權成功")
            .with("MerID", &call.merchant.mer_id)
            .with("TradeNo", trade_no),
    )
}

/// Voids an authorisation that is not captured. Also the portal's void.
pub(crate) fn void(desk: &mut Desk, trade: &Trade, now: i64) -> Result<(), String> {
    let Payment::Card { card, capture, .. } = &trade.payment else {
        return Err("訂單不為信用卡交易".to_owned());
    };
    if trade.status != TradeStatus::Paid || trade.voided.is_some() {
        return Err("訂單不為付款成功".to_owned());
    }
    if card.auth == AuthType::UnionPay {
        return Err("銀聯卡交易不支援取消授權".to_owned());
    }
    match capture {
        Capture::Applied { done, .. } if now >= *done => {
            return Err(format!("已存在請款成功紀錄 ({})", stamp(*done)));
        }
        Capture::Applied { .. }
            if !desk.books.switches.void_while_capturing || !trade.refunds.is_empty() =>
        {
            return Err("請款處理中".to_owned());
        }
        Capture::Applied { .. } | Capture::NotApplied | Capture::Cancelled => {}
    }
    let status = match desk.books.switches.status_after_void {
        AfterVoid::Cancelled => TradeStatus::Cancelled,
        AfterVoid::Paid => TradeStatus::Paid,
    };
    if let Some(kept) = desk.books.trades.get_mut(&trade.trade_no) {
        kept.status = status;
        kept.voided = Some(now);
    }
    set_capture(desk, &trade.trade_no, Capture::Cancelled);
    Ok(())
}
