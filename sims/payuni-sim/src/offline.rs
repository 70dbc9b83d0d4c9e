//! Payment numbers after they were issued: paid, run out, or cancelled.

use crate::books::{Desk, key};
use crate::message;
use crate::outbox;
use crate::settings::Merchant;
use crate::trade::{Payment, Trade, TradeStatus};

/// Why a number cannot be paid or ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoNumber {
    /// No such trade of this merchant.
    Unknown,
    /// The trade is not waiting for an offline payment.
    NotWaiting,
}

impl NoNumber {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Unknown => "查無此交易",
            Self::NotWaiting => "此交易不是待繳費狀態",
        }
    }
}

fn waiting(desk: &Desk, trade_no: &str) -> Result<Trade, NoNumber> {
    let trade = desk.books.trades.get(trade_no).ok_or(NoNumber::Unknown)?;
    if trade.status == TradeStatus::Issued && trade.payment.number().is_some() {
        Ok(trade.clone())
    } else {
        Err(NoNumber::NotWaiting)
    }
}

/// The payer pays a number. Another sum than the order's makes an order of its own (`NewMerTradeNo`), and the
/// number stays open. Answers the `TradeNo` that holds the money.
pub(crate) fn pay(
    desk: &mut Desk,
    merchant: &Merchant,
    trade_no: &str,
    amount: Option<u64>,
    now: i64,
) -> Result<String, NoNumber> {
    let trade = waiting(desk, trade_no)?;
    let amount = amount.unwrap_or(trade.amount);
    if amount == trade.amount {
        if let Some(kept) = desk.books.trades.get_mut(trade_no) {
            kept.status = TradeStatus::Paid;
            kept.paid = Some(now);
        }
        let inner = message::number_paid(&trade, &desk.books.switches, "", amount, now);
        outbox::notify(desk, &merchant.keys, &trade, "1.0", "繳費完成", inner, now);
        return Ok(trade_no.to_owned());
    }
    let new_no = free_number(desk, &trade);
    let mut extra = trade.clone();
    extra.trade_no = desk.trade_no(now);
    extra.order.mer_trade_no.clone_from(&new_no);
    extra.amount = amount;
    extra.status = TradeStatus::Paid;
    extra.created = now;
    extra.paid = Some(now);
    let holder = extra.trade_no.clone();
    desk.books.add_trade(extra);
    let inner = message::number_paid(&trade, &desk.books.switches, &new_no, amount, now);
    outbox::notify(
        desk,
        &merchant.keys,
        &trade,
        "1.0",
        "繳費金額不符",
        inner,
        now,
    );
    Ok(holder)
}

fn free_number(desk: &Desk, trade: &Trade) -> String {
    let base: String = trade.order.mer_trade_no.chars().take(21).collect();
    let mut n = 1_u32;
    loop {
        let no = format!("{base}_N{n}");
        if !desk
            .books
            .numbers
            .contains_key(&key(&trade.order.mer_id, &no))
        {
            return no;
        }
        n += 1;
    }
}

/// The number runs out.
pub(crate) fn expire(
    desk: &mut Desk,
    merchant: &Merchant,
    trade_no: &str,
    now: i64,
) -> Result<(), NoNumber> {
    let trade = waiting(desk, trade_no)?;
    if let Some(kept) = desk.books.trades.get_mut(trade_no) {
        kept.status = TradeStatus::Expired;
    }
    let inner = message::expired(&trade);
    outbox::notify(desk, &merchant.keys, &trade, "1.0", "交易逾期", inner, now);
    Ok(())
}

/// Numbers whose time is over, and the time of the next.
pub(crate) fn run_out(desk: &Desk, now: i64) -> (Vec<(String, String)>, Option<i64>) {
    let mut over = Vec::new();
    let mut next: Option<i64> = None;
    for trade in desk
        .books
        .trades
        .values()
        .filter(|t| t.status == TradeStatus::Issued)
    {
        match trade.payment.number() {
            Some((_, ends)) if ends <= now => {
                over.push((trade.order.mer_id.clone(), trade.trade_no.clone()));
            }
            Some((_, ends)) => next = Some(next.map_or(ends, |n| n.min(ends))),
            None => {}
        }
    }
    (over, next)
}

/// Cancels a convenience-store code of 8 or 12 characters. Answers its trade, or why not.
pub(crate) fn cancel_code(desk: &mut Desk, mer_id: &str, pay_no: &str) -> Result<Trade, NoNumber> {
    let found = desk.books.trades.values().find(|t| {
        t.order.mer_id == mer_id
            && matches!(&t.payment, Payment::Cvs { pay_no: no, .. } if no == pay_no || no.get(..8) == Some(pay_no))
    });
    let trade = waiting(desk, &found.ok_or(NoNumber::Unknown)?.trade_no.clone())?;
    if let Some(kept) = desk.books.trades.get_mut(&trade.trade_no) {
        kept.status = TradeStatus::Cancelled;
    }
    Ok(trade)
}
