//! The envelope against PHP's `openssl_encrypt`, with which PAYUNi's documentation computes it, both ways.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use jiff::Timestamp;
use payuni::{Envelope, Merchant, UppRequest, fields, seal};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

const KEY: &str = "12345678901234567890123456789012";
const IV: &str = "1234567890123456";

fn merchant() -> Merchant {
    Merchant::parse("S0001", KEY, IV).unwrap()
}

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

type Pairs = Vec<(String, String)>;

/// Runs the script over all requests at once. `None` where PHP is missing and the runner allows it.
fn php(asks: &[Value]) -> Option<Vec<Value>> {
    let program = std::env::var("JINLIU_PHP").unwrap_or_else(|_| "php".to_owned());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/php/envelope.php");
    let started = Command::new(&program)
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut child = match started {
        Ok(child) => child,
        Err(error) if std::env::var("JINLIU_SKIP_CLIENTS").as_deref() == Ok("1") => {
            println!("SKIPPED: {program} does not start ({error}), and JINLIU_SKIP_CLIENTS=1");
            return None;
        }
        Err(error) => {
            panic!("{program} does not start ({error}): run cargo xtask test, which installs it")
        }
    };
    let input: String = asks.iter().map(|ask| format!("{ask}\n")).collect();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "PHP failed");
    let answers: Vec<Value> = output
        .stdout
        .split(|b| *b == b'\n')
        .filter(|l| !l.is_empty())
        .map(|l| serde_json::from_slice(l).unwrap())
        .collect();
    assert_eq!(answers.len(), asks.len());
    Some(answers)
}

/// Fixed awkward ones, and two hundred drawn ones of every length around AES's blocks.
fn messages() -> Vec<Pairs> {
    let own = |pairs: &[(&str, &str)]| {
        pairs
            .iter()
            .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
            .collect::<Pairs>()
    };
    let mut all = vec![
        own(&[]),
        own(&[("MerID", "ABCDEFGHIJ")]),
        own(&[(
            "ProdDesc",
            "a b+c~d!e'f(g)*h;商品 100% &=?/\\\"<>|^`{}[]#@$,:\u{7f}\u{1F9CB}",
        )]),
        own(&[
            ("Result[0][TradeNo]", "G1"),
            ("Empty", ""),
            ("Long", &"長".repeat(2000)),
        ]),
    ];
    let drawn = proptest::collection::vec(("[A-Za-z][A-Za-z0-9]{0,9}", "[^\0]{0,40}"), 1..8);
    let mut runner = TestRunner::deterministic();
    for _ in 0..200 {
        let mut pairs = drawn.new_tree(&mut runner).unwrap().current();
        pairs.sort();
        pairs.dedup_by(|a, b| a.0 == b.0);
        // These two are compared with what stands outside; other tests do that.
        pairs.retain(|(name, _)| name != "Status" && name != "MerID");
        all.push(pairs);
    }
    all
}

#[test]
fn what_php_seals_opens_here_and_is_what_we_would_seal() {
    let messages = messages();
    let asks: Vec<Value> = messages
        .iter()
        .map(|pairs| json!({"op": "seal", "key": KEY, "iv": IV, "fields": pairs}))
        .collect();
    let Some(answers) = php(&asks) else { return };
    for (pairs, answer) in messages.iter().zip(answers) {
        let (encrypt_info, hash_info) = (
            answer["EncryptInfo"].as_str().unwrap(),
            answer["HashInfo"].as_str().unwrap(),
        );
        let borrowed: Vec<_> = pairs
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        let ours = seal(&merchant(), "1.0", &borrowed);
        assert_eq!(
            (ours.encrypt_info.as_str(), ours.hash_info.as_str()),
            (encrypt_info, hash_info),
            "{pairs:?}"
        );
        let form = fields::encode([("EncryptInfo", encrypt_info), ("HashInfo", hash_info)]);
        let opened = Envelope::from_form(form.as_bytes())
            .unwrap()
            .open(&merchant(), now())
            .unwrap();
        assert_eq!(opened.iter().collect::<Vec<_>>(), borrowed);
    }
}

#[test]
fn what_we_seal_opens_in_php() {
    let messages = messages();
    let ask = |sealed: &payuni::Sealed| json!({"op": "open", "key": KEY, "iv": IV, "EncryptInfo": sealed.encrypt_info, "HashInfo": sealed.hash_info});
    let seal_pairs = |pairs: &Pairs| {
        seal(
            &merchant(),
            "1.0",
            &pairs
                .iter()
                .map(|(n, v)| (n.as_str(), v.as_str()))
                .collect::<Vec<_>>(),
        )
    };
    let mut asks: Vec<Value> = messages
        .iter()
        .map(|pairs| ask(&seal_pairs(pairs)))
        .collect();
    let checkout = UppRequest::new(
        payuni::MerTradeNo::parse("A-1").unwrap(),
        100,
        "咖啡豆 半磅",
        now(),
    )
    .seal(&merchant())
    .unwrap();
    asks.push(ask(&checkout));
    let Some(answers) = php(&asks) else { return };
    for (pairs, answer) in messages.iter().zip(&answers) {
        assert_eq!(
            (&answer["hashed"], &answer["opened"]),
            (&json!(true), &json!(true))
        );
        assert_eq!(answer["fields"], json!(pairs));
    }
    assert_eq!(
        answers[messages.len()]["fields"][4],
        json!(["ProdDesc", "咖啡豆 半磅"])
    );
}
