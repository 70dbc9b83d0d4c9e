//! What was sealed: whether it is the form that it must be, and what stands in it.

use serde::Serialize;

use crate::finding::{Finding, Id};
use crate::form::{Form, Pairs, escapes, percent_decode};
use crate::shape::json_pairs;

/// Which way a message goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// From a merchant to PAYUNi.
    Request,
    /// From PAYUNi: a notice, a return or a reply.
    Result,
    /// It does not say.
    Unknown,
}

/// The sealed fields.
pub(crate) struct Inner {
    pub(crate) pairs: Pairs,
    pub(crate) kind: Kind,
    pub(crate) findings: Vec<Finding>,
}

impl Inner {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(n, _)| n == name);
        found
            .map(|(_, v)| v.as_str())
            .filter(|value| !value.is_empty())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.pairs.iter().any(|(n, _)| n == name)
    }
}

/// Names whose spelling is looked at (PAYUNi docs pages 34, 38, 39, 164 and 172).
const NAMES: &[&str] = &[
    "MerID",
    "MerTradeNo",
    "TradeNo",
    "TradeAmt",
    "Timestamp",
    "ProdDesc",
    "ReturnURL",
    "NotifyURL",
    "BackURL",
    "UsrMail",
    "ExpireDate",
    "CloseType",
    "QueryType",
    "QueryNo",
    "Status",
    "Message",
    "TradeStatus",
    "PaymentType",
];

/// Only requests have these (PAYUNi docs pages 34 to 39 and 172).
const REQUEST: [&str; 7] = [
    "Timestamp",
    "ReturnURL",
    "NotifyURL",
    "BackURL",
    "CloseType",
    "QueryNo",
    "QueryType",
];

/// Fields in which a program's word for nothing, or for true and false, can mean nothing else.
const NO_PROSE: &[&str] = &[
    "MerID",
    "MerTradeNo",
    "TradeNo",
    "TradeAmt",
    "ReturnURL",
    "NotifyURL",
    "BackURL",
    "UsrMail",
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
    "ExpireDate",
    "CreditInst",
];

/// Reads the plaintext.
pub(crate) fn read(plaintext: &[u8]) -> Inner {
    let mut findings = Vec::new();
    let pairs = pairs(plaintext, &mut findings);
    if let Some(name) = Form::repeated(&pairs) {
        findings.push(Finding::certain(Id::DuplicateField).with("name", payuni::mask::name(name)));
    }
    let has = |name: &str| pairs.iter().any(|(n, _)| n == name);
    let kind = if has("Status") || has("TradeStatus") {
        Kind::Result
    } else if REQUEST.iter().any(|name| has(name)) {
        Kind::Request
    } else {
        Kind::Unknown
    };
    for (name, value) in &pairs {
        findings.extend(spelling(name));
        findings.extend(encoded_wrongly(name, value));
        if kind == Kind::Request {
            findings.extend(literal(name, value));
        }
    }
    Inner {
        pairs,
        kind,
        findings,
    }
}

fn pairs(plaintext: &[u8], findings: &mut Vec<Finding>) -> Pairs {
    if plaintext.is_empty() {
        findings.push(Finding::certain(Id::InnerEmpty));
        return Vec::new();
    }
    if plaintext.first() == Some(&b'{')
        && let Some(pairs) = str::from_utf8(plaintext).ok().and_then(json_pairs)
    {
        // Replies may hold JSON: what page 172 says of finite_query can be read so.
        if !pairs.iter().any(|(name, _)| name == "Status") {
            findings.push(Finding::certain(Id::InnerJson));
        }
        return pairs;
    }
    let mut text = plaintext.to_vec();
    if !text.contains(&b'=') && text.windows(3).any(|w| w == b"%3D") {
        findings.push(Finding::certain(Id::DoubleUrlEncoding).with("name", "EncryptInfo"));
        text = percent_decode(&text, false).0;
    }
    let form = Form::parse(&text);
    if form.not_utf8 {
        findings.push(Finding::certain(Id::InnerNotUtf8));
    } else if form.broken {
        findings.push(Finding::certain(Id::InnerBroken));
    } else if text.contains(&b' ')
        || (!text.is_ascii() && !form.pairs.iter().any(|(name, _)| name == "Status"))
    {
        // PAYUNi's own samples show raw letters in results; a request has to be encoded.
        findings.push(Finding::certain(Id::InnerNotEncoded));
    }
    form.pairs
}

fn spelling(name: &str) -> Option<Finding> {
    let meant = NAMES
        .iter()
        .find(|known| known.eq_ignore_ascii_case(name) && **known != name)?;
    Some(
        Finding::advice(Id::InnerNameCase)
            .with("found", payuni::mask::name(name))
            .with("expected", *meant),
    )
}

/// Values that are still encoded, or that lost a `+`.
fn encoded_wrongly(name: &str, value: &str) -> Option<Finding> {
    let field = payuni::mask::name(name);
    if still_encoded(name, value) {
        let sure = name.ends_with("URL");
        let finding = if sure {
            Finding::certain(Id::DoubleUrlEncoding)
        } else {
            Finding::likely(Id::DoubleUrlEncoding)
        };
        return Some(finding.with("name", field));
    }
    let lost = name == "UsrMail" && value.trim().contains(' ') && value.contains('@');
    let kept = time_with_plus(value);
    (lost || kept).then(|| Finding::likely(Id::PlusAsSpace).with("name", field))
}

/// Whether a value as a whole is percent-encoded once more: nothing in it would have to be, and what it says needs it.
fn still_encoded(name: &str, value: &str) -> bool {
    let escapes = escapes(value);
    if escapes == 0 || value.matches('%').count() != escapes {
        return false;
    }
    if name.ends_with("URL") {
        let lower = value.to_ascii_lowercase();
        return lower.starts_with("http%3a") || lower.starts_with("https%3a");
    }
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~%+*!'()".contains(&b);
    let (decoded, _) = percent_decode(value.as_bytes(), true);
    let needed = String::from_utf8(decoded)
        .is_ok_and(|text| !text.is_ascii() || text.contains(['@', ' ', '/', ':']));
    value.bytes().all(plain) && needed
}

/// `2026-11-26+10:00:00`: a time whose blank was never decoded.
fn time_with_plus(value: &str) -> bool {
    let shape: String = value
        .chars()
        .map(|c| if c.is_ascii_digit() { '9' } else { c })
        .collect();
    shape == "9999-99-99+99:99:99"
}

/// What PHP's `http_build_query` would never write: words for true, false and nothing.
fn literal(name: &str, value: &str) -> Option<Finding> {
    const WORDS: [&str; 9] = [
        "true",
        "false",
        "True",
        "False",
        "null",
        "None",
        "undefined",
        "NaN",
        "[object Object]",
    ];
    if NO_PROSE.contains(&name) && WORDS.contains(&value) {
        return Some(
            Finding::certain(Id::LiteralValue)
                .with("name", name)
                .with("found", value),
        );
    }
    let amount = name == "TradeAmt" && !value.is_empty();
    (amount && !value.bytes().all(|b| b.is_ascii_digit()))
        .then(|| Finding::certain(Id::AmountFormat).with("name", name))
}
