//! What people who look on may see of a message: values of fields that are on the list, and of the others their length.
//!
//! It is a list of what is shown, not of what is hidden: a field that nobody here has heard of may hold anything.

use crate::anatomy::Outer;
use crate::fields::Fields;
use crate::json::Json;
use crate::merchant::Merchant;

/// What stands in the place of a value that is not shown.
pub const HIDDEN: &str = "••••";

/// Fields whose values are no person's data.
const SHOWN: &[&str] = &[
    "Status",
    "Message",
    "MerID",
    "MerTradeNo",
    "TradeNo",
    "NewMerTradeNo",
    "TradeAmt",
    "TradeStatus",
    "TradeFee",
    "PaymentType",
    "Gateway",
    "Timestamp",
    "Version",
    "ProdDesc",
    "ReturnURL",
    "NotifyURL",
    "BackURL",
    "ExpireDate",
    "TradeLExpireSec",
    "Lang",
    "Credit",
    "ATM",
    "CVS",
    "LinePay",
    "ICash",
    "Aftee",
    "JKoPay",
    "ApplePay",
    "GooglePay",
    "SamsungPay",
    "CreditUnionPay",
    "API3D",
    "Union3D",
    "UsrMailFix",
    "Cardholder",
    "CreditInst",
    "AtmBankType",
    "CardInst",
    "FirstAmt",
    "EachAmt",
    "ResCode",
    "ResCodeMsg",
    "AuthBank",
    "AuthBankName",
    "AuthType",
    "AuthDay",
    "AuthTime",
    "CardBank",
    "BankType",
    "PaySet",
    "Store",
    "PayBank",
    "PayStore",
    "PayTime",
    "CreateTime",
    "CreateDT",
    "CloseType",
    "CloseStatus",
    "CloseAmt",
    "RefundType",
    "RefundStatus",
    "RefundAmt",
    "RefundDay",
    "RefundNo",
    "RefundDT",
    "RemainAmt",
    "QueryType",
    "QueryNo",
    "DataSource",
    "PaymentDay",
    "CreateDay",
    "OffChannel",
    "OffPayChannel",
    "OffExpireTime",
    "Channel",
    "PayChannel",
    "TradeInvoice",
    "Ship",
    "ShipTag",
    "LgsType",
    "ShipType",
    "GoodsType",
    "IsPlatForm",
];

/// Numbers of trades are long and are no cards.
const NUMBERS: [&str; 7] = [
    "TradeNo",
    "MerTradeNo",
    "NewMerTradeNo",
    "QueryNo",
    "RefundNo",
    "Timestamp",
    "AuthDay",
];
const SHOWN_MAX: usize = 120;
const CARD_MIN: usize = 13;

/// How much of a secret in a row is too much.
const TELLING: usize = 12;

/// Both pairs of a merchant's keys, for [`tells`].
#[must_use]
pub fn secrets(merchant: &Merchant) -> Vec<String> {
    let ring = &merchant.keyring;
    let pairs = std::iter::once(&ring.current).chain(ring.previous.iter().map(|(keys, _)| keys));
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    pairs
        .flat_map(|keys| [text(keys.key.bytes()), text(keys.iv.bytes())])
        .collect()
}

/// Whether a text tells a part of a secret.
#[must_use]
pub fn tells(text: &str, secrets: &[String]) -> bool {
    secrets.iter().any(|secret| {
        let len = TELLING.min(secret.len());
        let mut parts = (0..=secret.len() - len).filter_map(|at| secret.get(at..at + len));
        len > 0 && parts.any(|part| text.contains(part))
    })
}

/// A name as it may be shown: short, and without anything that steers a terminal.
#[must_use]
pub fn name(name: &str) -> String {
    let seen: String = name.chars().filter(|c| !c.is_control()).take(40).collect();
    digits_hidden(&seen)
}

/// A name of which nobody knows where it comes from: not shown at all where it tells a part of a secret.
#[must_use]
pub fn name_of(text: &str, secrets: &[String]) -> String {
    let seen = name(text);
    // Without its control characters it may tell what it did not tell with them.
    if tells(text, secrets) || tells(&seen, secrets) {
        "•".to_owned()
    } else {
        seen
    }
}

/// Whether a field's value is on the list. Rows of queries (`Result[0][TradeNo]`) go by their last name.
fn shown(name: &str) -> bool {
    SHOWN.contains(&last(name))
}

fn last(name: &str) -> &str {
    name.rsplit('[')
        .next()
        .unwrap_or(name)
        .trim_end_matches(']')
}

/// A value as it may be shown, whatever it is called; `None` where only its length may be.
#[must_use]
pub fn value(field: &str, value: &str, secrets: &[String]) -> Option<String> {
    if !shown(field) || tells(value, secrets) {
        return None;
    }
    let plain: String = value
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let plain = if NUMBERS.contains(&last(field)) {
        plain
    } else {
        digits_hidden(&plain)
    };
    let mut short: String = plain.chars().take(SHOWN_MAX).collect();
    if plain.chars().count() > SHOWN_MAX {
        short.push('…');
    }
    Some(short)
}

/// Text of no known shape as it may be shown.
#[must_use]
pub fn text(text: &str, secrets: &[String]) -> String {
    if tells(text, secrets) {
        return HIDDEN.to_owned();
    }
    let plain = text.chars().map(|c| match c {
        '\n' | '\t' => c,
        c if c.is_control() => ' ',
        c => c,
    });
    digits_hidden(&plain.collect::<String>())
}

/// A body as it was on the wire, where every field outside the seal may be shown; else its fields, with the values hidden
/// that may not.
#[must_use]
pub fn body(body: &[u8], outer: Outer, secrets: &[String]) -> String {
    let whole = String::from_utf8_lossy(body);
    // Every name counts, also one without a value: the whole is shown only where nothing in it is hidden.
    let Some(pairs) = outer.names(body) else {
        return text(&whole, secrets);
    };
    let shown = |(name, value): &(String, String)| {
        let seen = sealed_or(name, value, secrets);
        let same = seen.as_deref() == Some(value);
        (
            name_of(name, secrets),
            seen.unwrap_or_else(|| HIDDEN.to_owned()),
            same,
        )
    };
    let shown: Vec<_> = pairs.iter().map(shown).collect();
    if shown
        .iter()
        .zip(&pairs)
        .all(|((name, _, same), (was, _))| *same && name == was)
    {
        return whole.into_owned();
    }
    let written: Vec<String> = match outer {
        Outer::Form => shown
            .iter()
            .map(|(name, value, _)| format!("{name}={value}"))
            .collect(),
        Outer::Json => shown
            .iter()
            .map(|(name, value, _)| format!("{name:?}:{value:?}"))
            .collect(),
    };
    match outer {
        Outer::Form => written.join("&"),
        Outer::Json => format!("{{{}}}", written.join(",")),
    }
}

/// A value outside the seal: what is sealed is shown as it came, since only a holder of the keys reads it.
pub(crate) fn sealed_or(field: &str, text: &str, secrets: &[String]) -> Option<String> {
    let sealed =
        matches!(field, "EncryptInfo" | "HashInfo") && text.bytes().all(|b| b.is_ascii_hexdigit());
    if sealed && !tells(text, secrets) {
        Some(text.to_owned())
    } else {
        value(field, text, secrets)
    }
}

impl Outer {
    /// Every name in a body that came so, with its value or an empty one.
    fn names(self, body: &[u8]) -> Option<Vec<(String, String)>> {
        match self {
            Self::Form => self.pairs(body),
            Self::Json => {
                let names = Json::parse(body)?.names()?.into_iter();
                Some(
                    names
                        .map(|(name, value)| (name, value.unwrap_or_default()))
                        .collect(),
                )
            }
        }
    }

    /// The fields of a body that came so.
    pub(crate) fn pairs(self, body: &[u8]) -> Option<Vec<(String, String)>> {
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        match self {
            Self::Form => Some(Fields::parse(body).ok()?.iter().map(own).collect()),
            Self::Json => Json::parse(body)?.flatten(),
        }
    }
}

/// Runs of digits as long as a card's number, hidden. Single blanks and dashes do not end a run.
fn digits_hidden(text: &str) -> String {
    let mut out = String::new();
    let mut run = String::new();
    let flush = |run: &mut String, out: &mut String| {
        let digits = run.chars().filter(char::is_ascii_digit).count();
        if digits >= CARD_MIN {
            out.push('•');
        } else {
            out.push_str(run);
        }
        run.clear();
    };
    for c in text.chars() {
        if c.is_ascii_digit() || (!run.is_empty() && matches!(c, ' ' | '-')) {
            run.push(c);
        } else {
            flush(&mut run, &mut out);
            out.push(c);
        }
    }
    flush(&mut run, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_on_the_list_is_shown_and_no_card() {
        let secrets = ["12345678901234567890123456789012".to_owned()];
        assert_eq!(value("TradeAmt", "100", &secrets).as_deref(), Some("100"));
        assert_eq!(value("Card4No", "0001", &secrets), None);
        assert_eq!(value("CardNo", "4147631000000001", &secrets), None);
        assert_eq!(value("Result[0][Card6No]", "414763", &secrets), None);
        assert_eq!(
            value("ProdDesc", "卡 4147 6310-0000 0001。", &secrets).as_deref(),
            Some("卡 •。")
        );
        assert_eq!(
            value("TradeNo", "1700000000123456789", &secrets).as_deref(),
            Some("1700000000123456789")
        );
        assert_eq!(value("ProdDesc", &secrets[0], &secrets), None);
        assert_eq!(name("4147631000000001\u{1b}[2J"), "•[2J");
    }

    /// Found by the fuzzer: a name whose value is an empty list was shown as it came.
    #[test]
    fn a_name_without_a_value_is_hidden_like_any_other() {
        let secrets = ["12345678901234567890123456789012".to_owned()];
        for nothing in ["[]", "{}", "null", "[[]]", "{\"a\":{}}"] {
            for name in ["234567890123", "4147631000000001"] {
                let json = format!("{{\"{name}\":{nothing}}}");
                let seen = body(json.as_bytes(), Outer::Json, &secrets);
                assert!(!seen.contains(name), "{seen}");
            }
        }
        let known = r#"{"Message":null,"Result":[]}"#;
        assert!(body(known.as_bytes(), Outer::Json, &secrets).contains("Message"));
    }
}
