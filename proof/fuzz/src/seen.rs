//! What people who look on are shown: a message taken apart, and the doctor's findings. Neither tells a key, nor a value
//! that is not on the list.

use std::fmt::Debug;

use doctor::{Input, Keys, Lang, Verdict, Whose, examine};
use jiff::Timestamp;
use payuni::{Anatomy, Fields, Merchant, Outer, fuzzing::sealed_form, mask};
use serde::Serialize;
use serde_json::Value;

const ID: &str = "S0001";
/// Keys that stand in no seed and in no list of the doctor's.
const KEY: &str = "planted-key-of-thirty-two-bytes!";
const IV: &str = "planted-iv-bytes";
/// The value of a field that nobody has heard of.
const HUSH: &str = "hush-u7Zq9-tell-nobody";

fn secrets() -> Vec<String> {
    vec![KEY.to_owned(), IV.to_owned()]
}

fn merchant() -> Merchant {
    Merchant::parse(ID, KEY, IV).expect("planted keys")
}

fn quiet(shown: &str) {
    assert!(!mask::tells(shown, &secrets()), "a key is shown: {shown}");
}

/// Whether bytes bring the planted value along by themselves, under whatever name.
fn brings_it(data: &[u8]) -> bool {
    let raw = String::from_utf8_lossy(data).contains(HUSH);
    raw || format!("{:?}", Fields::parse(data)).contains(HUSH)
}

fn silent(shown: &impl Debug, data: &[u8]) {
    let shown = format!("{shown:?}");
    assert!(
        brings_it(data) || !shown.contains(HUSH),
        "what is not on the list is shown: {shown}"
    );
}

/// Any bytes as a body, and any bytes inside a seal that is right.
pub(crate) fn anatomy(data: &[u8]) {
    let merchant = merchant();
    let sealed = sealed_form(&merchant, data);
    for outer in [Outer::Form, Outer::Json] {
        quiet(&mask::body(data, outer, &secrets()));
        if let Some(seen) = Anatomy::of(data, outer, &merchant) {
            assert!(
                seen.tag_holds || seen.fields.is_empty(),
                "fields out of nothing"
            );
            each(&seen);
        }
    }
    let with_a_stranger = format!("{sealed}&Stranger={HUSH}");
    let seen = Anatomy::of(with_a_stranger.as_bytes(), Outer::Form, &merchant);
    let seen = seen.expect("what we sealed is a sealed message");
    assert!(
        seen.hash_holds && seen.tag_holds,
        "our own seal does not open"
    );
    assert_eq!(seen.cipher_bytes, data.len());
    each(&seen);
    silent(
        &(
            &seen.outer,
            mask::body(with_a_stranger.as_bytes(), Outer::Form, &secrets()),
        ),
        &[],
    );
    // A stranger inside, behind whatever else is there.
    let inside = [data, b"&Stranger=", HUSH.as_bytes()].concat();
    let body = sealed_form(&merchant, &inside);
    if let Some(seen) = Anatomy::of(body.as_bytes(), Outer::Form, &merchant) {
        each(&seen);
        silent(&seen.fields, data);
    }
}

/// Every text of it, a line each. Not its JSON: in that a tab before `y` reads `ty`, and may spell a key to its end.
fn told(data: &impl Serialize) -> String {
    fn gather(value: &Value, out: &mut String) {
        match value {
            Value::String(text) => {
                out.push_str(text);
                out.push('\n');
            }
            Value::Array(all) => all.iter().for_each(|one| gather(one, out)),
            Value::Object(all) => all.values().for_each(|one| gather(one, out)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }
    let value = serde_json::to_value(data).expect("what is told is data");
    let mut out = String::new();
    gather(&value, &mut out);
    out
}

fn each(seen: &Anatomy) {
    let pairs = seen.outer.iter().chain(&seen.fields);
    for text in pairs
        .flat_map(|(name, value)| [name, value])
        .chain([&seen.text])
    {
        quiet(text);
    }
}

/// Any bytes as what somebody pastes, by every shape that it may have, with keys as they may be typed: there is always a
/// verdict and a way on, in both languages, and neither keys nor strangers' values in it.
pub(crate) fn doctor(data: &[u8]) {
    let (kind, body) = data.split_first().unwrap_or((&0, &[]));
    let merchant = merchant();
    let body = match kind & 3 {
        0 => body.to_vec(),
        1 => sealed_form(&merchant, body).into_bytes(),
        2 => [sealed_form(&merchant, b"Status=SUCCESS").as_bytes(), body].concat(),
        _ => [body, format!("&Stranger={HUSH}&HashKey={KEY}").as_bytes()].concat(),
    };
    let keys = match kind >> 2 & 3 {
        0 | 1 => Keys::new(KEY, IV),
        2 => Keys::new(IV, KEY),
        _ => Keys::new(&format!("{KEY}\n"), "short"),
    };
    let types = [
        None,
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("application/json"),
    ];
    let input = Input {
        content_type: types[usize::from(kind >> 4 & 3)].map(ToOwned::to_owned),
        path: (kind & 64 != 0).then(|| "/api/trade/query".to_owned()),
        others: vec![(Whose::Previous, Keys::new(KEY, IV))],
        merchant_id: (kind & 128 != 0).then(|| ID.to_owned()),
        api_base: Some("https://sandbox-api.payuni.com.tw/api/".to_owned()),
        now: Timestamp::from_second(1_700_000_000).ok(),
        ..Input::new(body, keys)
    };
    let found = examine(&input);
    // To examine is most of the work: one message of sixteen twice is enough.
    if data.last().is_some_and(|last| last & 15 == 0) {
        assert_eq!(found, examine(&input), "the same message has two verdicts");
    }
    let told = told(&found);
    quiet(&told);
    assert!(
        brings_it(data) || !told.contains(HUSH),
        "what is not on the list is shown: {told}"
    );
    assert!(
        found.verdict != Verdict::Wrong || !found.findings.is_empty(),
        "wrong without a why"
    );
    // One of the languages a message, for the same reason.
    let lang = Lang::ALL[data.len() % Lang::ALL.len()];
    quiet(&self::told(&found.diagnosis(lang)));
}
