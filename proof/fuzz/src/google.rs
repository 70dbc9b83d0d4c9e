//! What Google sends: the redirect, tokens, keys and spreadsheets.

use google::{
    fuzzing,
    service_account::ServiceAccount,
    sheets::{A1, Cell, SheetsError, SpreadsheetId},
    sign_in::{Callback, Email},
};
use jiff::Timestamp;
use serde_json::Value;
use std::{collections::HashMap, sync::OnceLock, time::Duration};

/// A key whose other half nobody has kept: no token verifies under it.
const KEY: (&str, &str) = (
    "u1SU1LfVLPHCozMxH2Mo4lgOEePzNm0tRgeLezV6ffAt0gunVTLw7onLRnrq0_IzW7yWR7QkrmBL7jTKEn5u-qKhbwKfBstIs-bMY2Zkp18gnTxKLxoS2tFczGkPLPgizskuemMghRniWaoLcyehkd3qqGElvW_VDL5AaWTg0nLVkjRo9z-40RQzuVaE8AkAFmxZzow3x-VJYKdjykkJ0iT9wCS0DRTXu269V264Vf_3jvredZiKRkgwlL9xNAwxXFg0x_XFw005UWVRIkdgcKWTjpBP2dPwVZ4WWC-9aGVd-Gyn1o0CLelf4rEjGoXbAAEgAqeGUxrcIlbjXfbcmw",
    "AQAB",
);

fn now() -> Timestamp {
    Timestamp::from_second(1_764_000_000).expect("a time")
}

/// Any query as the redirect's: nothing stands twice, and there is a state.
pub(crate) fn callback(data: &[u8]) {
    let Ok(query) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(callback) = Callback::parse(query) else {
        return;
    };
    assert!(!callback.state().is_empty());
    let mut seen = HashMap::<String, u32>::new();
    for (name, _) in form_urlencoded::parse(data) {
        *seen.entry(name.into_owned()).or_default() += 1;
    }
    for name in ["state", "code", "error", "iss"] {
        assert!(
            seen.get(name).is_none_or(|times| *times == 1),
            "{name} twice"
        );
    }
    let (code, error) = (seen.contains_key("code"), seen.contains_key("error"));
    assert!(code != error, "either a code or an error");
    assert_eq!(format!("{callback:?}"), "Callback(..)");
}

/// Any text as a token, any JSON as its claims, any JSON as a key set.
pub(crate) fn id_token(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok((kid, verified)) = fuzzing::token(text, KEY)
    {
        assert!(!verified, "nobody holds this key's other half");
        assert!(kid.len() <= 256);
        assert_eq!(text.split('.').count(), 3);
    }
    let expected = fuzzing::Claims {
        issuer: "https://accounts.google.com",
        client_id: "client",
        nonce: "nonce",
        now: now(),
    };
    if let Ok(identity) = fuzzing::claims(data, expected) {
        let claims: Value = serde_json::from_slice(data).expect("claims are JSON");
        let text = |name: &str| claims[name].as_str();
        assert!(matches!(
            text("iss"),
            Some("https://accounts.google.com" | "accounts.google.com")
        ));
        assert_eq!(text("nonce"), Some("nonce"));
        assert_eq!(text("sub"), Some(identity.sub.as_str()));
        assert!((1..=255).contains(&identity.sub.len()) && identity.sub.is_ascii());
        let exp = claims["exp"].as_i64().expect("whole seconds");
        assert!(exp > now().as_second() - 61, "an old token");
        assert!(
            identity.verified_email().is_none() || claims["email_verified"] == Value::Bool(true)
        );
        assert!(
            identity
                .picture
                .is_none_or(|url| url.starts_with("https://"))
        );
    }
    assert!(fuzzing::keys(data).is_none_or(|count| count <= data.len()));
    if let Ok(text) = std::str::from_utf8(data)
        && let Some(email) = Email::parse(text)
    {
        // Two spellings of one address would be two people on a list of owners.
        assert_eq!(Email::parse(email.as_str()).as_ref(), Some(&email));
    }
}

/// Any text as a service account's key file: refused with a cure, and never printed.
pub(crate) fn account(data: &[u8]) {
    static HTTP: OnceLock<Option<reqwest::Client>> = OnceLock::new();
    let (Ok(text), Some(http)) = (
        std::str::from_utf8(data),
        HTTP.get_or_init(|| google::http_client().ok()).clone(),
    ) else {
        return;
    };
    match ServiceAccount::from_json(text, http) {
        Ok(account) => assert!(account.email().contains('@')),
        Err(error) => {
            let said = error.to_string();
            assert!(!said.contains("PRIVATE KEY"), "a key in an error");
        }
    }
}

/// Any bytes as Google's answers, any JSON as a cell, any text as a range.
pub(crate) fn sheets(data: &[u8]) {
    if let Some(read) = fuzzing::spreadsheet(data) {
        assert!(read.tabs.len() <= data.len());
    }
    if let Some(ranges) = fuzzing::batch_get(data) {
        assert!(
            ranges
                .iter()
                .all(|range| fuzzing::echoed_end(&range.range).is_none_or(fits))
        );
    }
    if let Ok(value) = serde_json::from_slice::<Value>(data) {
        cell(&value);
    }
    for write in [false, true] {
        for status in [302_u16, 400, 401, 403, 404, 408, 409, 429, 500, 503] {
            refusal(write, status, data);
        }
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Some((column, row)) = fuzzing::echoed_end(text) {
        let written = format!("T!A1:{}{row}", fuzzing::letters(column));
        assert_eq!(fuzzing::echoed_end(&written), Some((column, row)));
    }
    if let Some(id) = SpreadsheetId::parse(text) {
        assert_eq!(SpreadsheetId::parse(id.as_str()).as_ref(), Some(&id));
        let safe = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
        assert!(id.as_str().bytes().all(safe), "it goes into a URL");
    }
    let range = A1::block(text, (0, 2), (2, 5)).to_string();
    assert_eq!(fuzzing::echoed_end(&range), Some((2, 5)), "{range}");
    let Cell::Text(harmless) = Cell::customer_text(text) else {
        panic!("text stays text");
    };
    let first = harmless.chars().next();
    assert!(
        !matches!(first, Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\0')),
        "a formula"
    );
    assert!(harmless == text || harmless == format!("'{text}"));
}

fn fits((column, _): (u32, u32)) -> bool {
    !fuzzing::letters(column).is_empty()
}

/// What is read from a cell and written back is read as the same.
fn cell(value: &Value) {
    let (read, written) = fuzzing::cell(value);
    let (again, twice) = fuzzing::cell(&written);
    assert_eq!(written, twice);
    assert_eq!(read.to_text(), again.to_text());
}

/// A write in doubt is never called refused, and nobody waits for ever.
fn refusal(write: bool, status: u16, body: &[u8]) {
    match fuzzing::refusal(write, status, Some(u64::MAX), body, now()) {
        SheetsError::Retry { after, .. } => {
            assert!(after <= Duration::from_secs(3600));
            assert!(
                !(write && status >= 500),
                "a write in doubt is not sent again blindly"
            );
        }
        SheetsError::Refused { cure, detail, .. } => {
            assert!(!(write && status >= 500), "a write in doubt is not refused");
            assert!(!cure.is_empty());
            assert!(!detail.contains('\n'), "the log has one line");
        }
        SheetsError::Ambiguous(_) => assert!(write),
        SheetsError::BadAnswer(_) => assert!(!write),
        SheetsError::Unreachable(_) => panic!("it was reached"),
    }
}
