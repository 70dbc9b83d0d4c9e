//! The results that PAYUNi sends: fields in the order of the wire (docs pages 34, 73, 74, 75, 80).

use crate::clock::{day_and_time, stamp};
use crate::fields::Fields;
use crate::settings::Method;
use crate::switches::Switches;
use crate::trade::{Payment, Trade, TradeStatus};

/// Bank and texts of the real sandbox's authorisations.
pub(crate) const BANK: (&str, &str) = ("812", "台新國際商業銀行");
/// Bank from which the sandbox's payer transfers.
const PAYER_BANK: &str = "004";

/// The result that Return and Notify both carry, as the trade stands.
pub(crate) fn result(trade: &Trade, switches: &Switches) -> Fields {
    let order = &trade.order;
    let head = Fields::new()
        .with("Status", &trade.result.0)
        .with("Message", &trade.result.1)
        .with("MerID", &order.mer_id)
        .with("MerTradeNo", &order.mer_trade_no)
        .with("Gateway", 2)
        .with("TradeNo", &trade.trade_no)
        .with("TradeAmt", trade.amount)
        .with("TradeStatus", trade.status.code())
        .with("PaymentType", trade.payment.code());
    let head = match &order.buyer_hash {
        Some(hash) => head.with("BuyerHash", hash),
        None => head,
    };
    match &trade.payment {
        Payment::Card { card, approved, .. } => {
            let (day, time) = day_and_time(trade.created);
            let each = if card.terms > 1 {
                trade.amount / u64::from(card.terms)
            } else {
                0
            };
            let first = trade.amount - each * u64::from(card.terms.saturating_sub(1));
            let (code, text) = if *approved {
                ("00", "授權成功(模擬)")
            } else {
                ("05", "授權失敗(模擬)")
            };
            head.with("CardBank", BANK.0)
                .with("Card6No", &card.six)
                .with("Card4No", &card.four)
                .with("CardInst", card.terms)
                .with("FirstAmt", first)
                .with("EachAmt", each)
                .with("ResCode", code)
                .with("ResCodeMsg", text)
                .with("AuthCode", if *approved { "000000" } else { "" })
                .with("AuthBank", BANK.0)
                .with("AuthBankName", BANK.1)
                .with("AuthType", card.auth.code())
                .with("AuthDay", day)
                .with("AuthTime", time)
        }
        Payment::Atm {
            bank, pay_no, ends, ..
        } => head
            .with("BankType", bank)
            .with("PayNo", pay_no)
            .with("PaySet", 1)
            .with("ExpireDate", stamp(*ends)),
        Payment::Cvs { pay_no, ends } => head
            .with("Store", switches.cvs_store.as_str())
            .with("PayNo", pay_no)
            .with("ExpireDate", stamp(*ends)),
        Payment::Wallet { method, pay_no } => wallet(head, *method, pay_no, trade),
    }
}

fn wallet(head: Fields, method: Method, pay_no: &str, trade: &Trade) -> Fields {
    let at = stamp(trade.paid.unwrap_or(trade.created));
    match method {
        Method::JKoPay => head
            .with("JKoTradeNo", pay_no)
            .with("JKoStrCupAmt", 0)
            .with("JKoChannel", "account")
            .with("PayTime", at),
        Method::Aftee => head.with("PayNo", pay_no).with("CreateDT", at),
        Method::Credit
        | Method::CreditInst
        | Method::CreditUnionPay
        | Method::Atm
        | Method::Cvs
        | Method::LinePay
        | Method::ICash => head.with("PayNo", pay_no).with("PayTime", at),
    }
}

/// The notice of a paid number. `new_no` and `amount` are the extra order's where the payer sent a wrong sum.
pub(crate) fn number_paid(
    trade: &Trade,
    switches: &Switches,
    new_no: &str,
    amount: u64,
    at: i64,
) -> Fields {
    let head = Fields::new()
        .with("Status", "SUCCESS")
        .with("Message", "付款成功")
        .with("MerID", &trade.order.mer_id)
        .with("TradeNo", &trade.trade_no)
        .with("MerTradeNo", &trade.order.mer_trade_no)
        .with("NewMerTradeNo", new_no)
        .with("TradeAmt", amount);
    let pay_no = trade.payment.number().map_or("", |(no, _)| no);
    let body = match &trade.payment {
        Payment::Atm { .. } => head
            .with("PayNo", pay_no)
            .with("PayBank", PAYER_BANK)
            .with("PaySet", 1),
        Payment::Cvs { .. } | Payment::Card { .. } | Payment::Wallet { .. } => head
            .with("PayNo", pay_no)
            .with("PayStore", switches.cvs_store.as_str()),
    };
    let body = body.with("Gateway", 2);
    let body = if switches.paid_notice_payment_type {
        body.with("PaymentType", trade.payment.code())
    } else {
        body
    };
    let body = match &trade.payment {
        Payment::Atm { account5, .. } => body.with("Account5No", account5),
        Payment::Cvs { .. } | Payment::Card { .. } | Payment::Wallet { .. } => body,
    };
    body.with("TradeStatus", TradeStatus::Paid.code())
        .with("PayTime", stamp(at))
}

/// The notice of a number that ran out.
pub(crate) fn expired(trade: &Trade) -> Fields {
    Fields::new()
        .with("Status", "SUCCESS")
        .with("Message", "交易逾期")
        .with("MerID", &trade.order.mer_id)
        .with("TradeNo", &trade.trade_no)
        .with("MerTradeNo", &trade.order.mer_trade_no)
        .with("PaymentType", trade.payment.code())
        .with("TradeAmt", trade.amount)
        .with("TradeStatus", TradeStatus::Expired.code())
        .with("PayNo", trade.payment.number().map_or("", |(no, _)| no))
        .with("CreateTime", stamp(trade.created))
}
