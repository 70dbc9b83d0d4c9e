//! Amounts, numbers, times and vocabulary: what is accepted has one spelling.

use std::{fmt::Display, str::FromStr};

use orders::{AttemptNo, MemberId, OrderNo, ProductId, RefundNo, TradeNo, Twd};
use payuni::{
    MerTradeNo, PaymentType, Status, TradeStatus, code,
    times::{parse_auth_time, parse_time, taipei},
};

/// Any text as each of PAYUNi's words: every word survives the wire, and a time is what its text says.
pub(crate) fn words(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    assert_eq!(Status::from_wire(text).as_wire(), text);
    assert_eq!(TradeStatus::from_wire(text).as_wire(), text);
    assert_eq!(PaymentType::from_wire(text).as_wire(), text);
    assert_eq!(
        TradeStatus::from_wire(text) == TradeStatus::Paid,
        text == "1"
    );
    assert_eq!(
        Status::from_wire(text) == Status::Success,
        text == "SUCCESS"
    );
    if let Some(explained) = code::explain(text) {
        assert_eq!(explained.code, text);
    }
    if let Some(at) = parse_time(text) {
        assert_eq!(taipei(at).strftime("%Y-%m-%d %H:%M:%S").to_string(), text);
    }
    if let Some((day, time)) = text.split_at_checked(8)
        && let Some(at) = parse_auth_time(day, time)
    {
        assert_eq!(taipei(at).strftime("%Y%m%d%H%M%S").to_string(), text);
    }
    if let Ok(number) = MerTradeNo::parse(text) {
        assert_eq!(number.as_str(), text);
        assert!((1..=25).contains(&text.len()));
    }
}

/// What is accepted is written as it was read; a second spelling of one number would be a second number.
fn one_spelling<T: FromStr + Display>(text: &str) -> Option<T> {
    let read = text.parse::<T>().ok()?;
    assert_eq!(read.to_string(), text);
    Some(read)
}

/// `^[1-9][0-9]{0,8}$`, written down a second time.
fn is_amount(text: &str) -> bool {
    let mut digits = text.bytes();
    digits.next().is_some_and(|b| (b'1'..=b'9').contains(&b))
        && digits.all(|b| b.is_ascii_digit())
        && text.len() <= 9
}

/// Any text as money and as each kind of number.
pub(crate) fn numbers(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    assert_eq!(text.parse::<Twd>().is_ok(), is_amount(text), "{text:?}");
    assert_eq!(
        payuni::fuzzing::amount(text).is_some(),
        is_amount(text),
        "{text:?}"
    );
    if let Some(amount) = one_spelling::<Twd>(text) {
        assert_eq!(payuni::fuzzing::amount(text), Some(amount.dollars()));
        let people = amount.for_people();
        let digits: String = people.chars().filter(char::is_ascii_digit).collect();
        assert_eq!(digits, text);
        assert!(amount.checked_add(amount).is_none_or(|sum| sum > amount));
    }
    if let Some(order) = one_spelling::<OrderNo>(text) {
        assert_eq!(
            AttemptNo::of(&order, 1).map(|no| no.to_string()).as_deref(),
            Some(text)
        );
    }
    if let Some(attempt) = one_spelling::<AttemptNo>(text) {
        assert!(
            MerTradeNo::parse(text).is_ok(),
            "PAYUNi takes each of our numbers"
        );
        assert_eq!(
            AttemptNo::of(attempt.order(), attempt.ordinal()).as_ref(),
            Some(&attempt)
        );
    }
    one_spelling::<TradeNo>(text);
    one_spelling::<RefundNo>(text);
    if one_spelling::<ProductId>(text).is_some() {
        assert!(text.bytes().all(|b| b.is_ascii_graphic()));
    }
    one_spelling::<MemberId>(text);
}
