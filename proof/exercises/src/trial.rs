//! Genuine messages, and what forgeries are made of.

use crate::model::{Fields, Refused, Shop};

/// How most handlers are called.
pub(crate) type Notified = fn(&mut Shop, &Fields) -> Result<(), Refused>;

/// The order that the trials are about.
pub(crate) const ORDER: &str = "20261126-J7";
/// What it costs.
pub(crate) const AMOUNT: u32 = 680;

pub(crate) fn shop() -> Shop {
    Shop::new(&[(ORDER, AMOUNT)])
}

/// What PAYUNi seals when a card was charged.
pub(crate) fn card_paid() -> Fields {
    Fields::of(&[
        ("Status", "SUCCESS"),
        ("Message", "授權成功"),
        ("MerID", payuni_sim::DEMO_MER_ID),
        ("MerTradeNo", ORDER),
        ("TradeNo", "1700000000000000680"),
        ("TradeAmt", "680"),
        ("TradeStatus", "1"),
        ("PaymentType", "1"),
    ])
}

/// What PAYUNi seals when a number was issued to pay at an ATM.
pub(crate) fn number_issued() -> Fields {
    Fields::of(&[
        ("Status", "SUCCESS"),
        ("Message", "取號成功"),
        ("MerID", payuni_sim::DEMO_MER_ID),
        ("MerTradeNo", ORDER),
        ("TradeNo", "1700000000000000681"),
        ("TradeAmt", "680"),
        ("TradeStatus", "0"),
        ("PaymentType", "2"),
        ("PayNo", "12345678901234"),
    ])
}

/// What PAYUNi seals when the number was paid.
pub(crate) fn number_paid() -> Fields {
    number_issued()
        .with("Message", "付款成功")
        .with("TradeStatus", "1")
        .with("PayTime", "2026-11-27 09:30:00")
}

/// What PAYUNi seals when a card was declined.
pub(crate) fn card_declined() -> Fields {
    card_paid()
        .with("Status", "FAIL")
        .with("Message", "授權失敗")
        .with("TradeNo", "1700000000000000679")
        .with("TradeStatus", "2")
}

/// The form in which a content travels, with the outer `Status` that PAYUNi gives it.
pub(crate) fn envelope(shop: &Shop, content: &Fields) -> Fields {
    let status = content.get("Status").unwrap_or_default();
    enclosed(shop, content).with("Status", status)
}

/// The form in which a content travels, without an outer `Status`: as the shop sends it.
pub(crate) fn enclosed(shop: &Shop, content: &Fields) -> Fields {
    let text = shop.keys.seal(content);
    Fields::of(&[
        ("MerID", shop.merchant),
        ("Version", "2.0"),
        ("EncryptInfo", &text),
        ("HashInfo", &shop.keys.hash(&text)),
    ])
}

/// Whether a shop that gets these messages, in this order, takes its order for paid. What it answers is its own affair.
pub(crate) fn believes(notified: Notified, contents: &[Fields]) -> bool {
    let mut shop = shop();
    for content in contents {
        let form = envelope(&shop, content);
        // A refusal shows in what the shop believes.
        let _ = notified(&mut shop, &form);
    }
    shop.is_paid(ORDER)
}

/// Whether a shop answers OK to this message.
pub(crate) fn takes(notified: Notified, content: &Fields) -> bool {
    let mut shop = shop();
    let form = envelope(&shop, content);
    notified(&mut shop, &form).is_ok()
}
