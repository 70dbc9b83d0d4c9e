//! No false alarm: right messages of every kind, made by the product, by the vectors and by hand.

use crate::maker::{IV, KEY, form_of, found, hash, input, is_said, now};
use doctor::{Id, Input, Kind, Lang, State, Verdict, examine};
use payuni::{MerTradeNo, Merchant, Sealed, TradeNo, TradeQuery, UppRequest, ask::Ask, seal};
use proptest::prelude::*;
use serde_json::Value;

fn merchant() -> Merchant {
    Merchant::parse("S0001", KEY, IV).unwrap()
}

/// Right, nothing found, each step good, and opened by the product too.
#[track_caller]
fn is_right(input: &Input) {
    let examination = examine(input);
    is_said(&examination);
    let said = examination.render(Lang::En);
    assert_eq!(examination.verdict, Verdict::Right, "{said}");
    assert!(examination.findings.is_empty(), "{said}");
    let good = examination.steps.iter().filter(|s| s.state == State::Good);
    assert_eq!(good.count(), 6, "{said}");
}

fn reply(sealed: &Sealed, status: &str) -> String {
    format!(
        r#"{{"Status":"{status}","MerID":"{}","Version":"{}","EncryptInfo":"{}","HashInfo":"{}"}}"#,
        sealed.mer_id, sealed.version, sealed.encrypt_info, sealed.hash_info
    )
}

#[test]
fn the_official_vectors_are_right() {
    let text = include_str!("../../../payuni/tests/vectors/payuni.json");
    let vectors: Value = serde_json::from_str(text).unwrap();
    let mut seen = 0;
    for group in ["official", "derived"] {
        for vector in vectors[group].as_array().unwrap() {
            let encrypt_info = vector["EncryptInfo"].as_str().unwrap();
            let hash_info = vector["HashInfo"]
                .as_str()
                .or_else(|| vector["HashInfo_computed_by_us"].as_str())
                .unwrap();
            let body =
                format!("MerID=S0001&Version=1.0&EncryptInfo={encrypt_info}&HashInfo={hash_info}");
            // Each names a merchant and a time of its own.
            let body = body.replace("MerID=S0001&", "");
            let mut given = input(body);
            given.now = None;
            let ids = found(&given);
            let expected: &[Id] = match vector["id"].as_str().unwrap() {
                // The documentation itself writes MerTradeNO here: advice, no fault.
                "V2-node" => &[Id::InnerNameCase],
                // Requests without the outer merchant number, which was taken away above.
                "V3-java" | "D1-special-chars" => &[Id::MissingField],
                "D6-empty" => &[Id::InnerEmpty],
                _ => &[],
            };
            assert_eq!(ids, expected, "{}", vector["id"]);
            seen += 1;
        }
    }
    assert_eq!(seen, 9);
    for vector in vectors["negative"].as_array().unwrap() {
        let encrypt_info = vector["EncryptInfo"].as_str().unwrap();
        let right = hash(encrypt_info);
        let hash_info = vector["HashInfo"].as_str().unwrap_or(&right);
        let ids = found(&input(format!(
            "EncryptInfo={encrypt_info}&HashInfo={hash_info}"
        )));
        let expected = match vector["id"].as_str().unwrap() {
            "N1-ciphertext-flipped" | "N2-tag-flipped" => Id::TagWrong,
            "N3-no-separator" => Id::TagMissing,
            "N4-odd-hex" => Id::HexBroken,
            "N5-short-tag" => Id::TagLength,
            "N6-lowercase-hash" => Id::HashLowercase,
            other => panic!("{other}"),
        };
        assert!(ids.contains(&expected), "{}: {ids:?}", vector["id"]);
    }
}

#[test]
fn encrypt_info_alone_is_right_as_far_as_it_goes() {
    let body = crate::maker::sealed("Status=SUCCESS&MerID=S0001");
    let examination = examine(&input(format!("{body}\n")));
    assert_eq!(examination.verdict, Verdict::Right);
    assert_eq!(examination.kind, Kind::Result);
}

/// Text that people write into a product's name or an address.
fn prose() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 +&=%;:'()*~!@#,.-]{1,40}",
        "[咖啡豆半磅禮盒（）、。+ %&]{1,20}",
        "\\PC{1,30}",
    ]
    .prop_filter("is sealed as it is", |text| !text.trim().is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn checkouts_are_right(
        number in "[A-Za-z0-9_-]{1,25}",
        amount in 1_u32..200_000,
        what in prose(),
        mail in "[a-z]{1,8}(\\+[a-z]{1,5})?@example\\.com",
        query in "[a-z]{1,5}=[a-z%+0-9]{0,9}",
    ) {
        let mut request = UppRequest::new(MerTradeNo::parse(&number).unwrap(), amount, what, now());
        request.return_url = Some(format!("https://shop.example/r?{query}"));
        request.notify_url = Some("https://shop.example/n".to_owned());
        request.user_mail = Some(mail);
        let sealed = request.seal(&merchant()).unwrap();
        let mut given = input(sealed.form_body());
        given.path = Some("https://sandbox-api.payuni.com.tw/api/upp".to_owned());
        given.content_type = Some("application/x-www-form-urlencoded; charset=UTF-8".to_owned());
        given.merchant_id = Some("S0001".to_owned());
        is_right(&given);
    }

    #[test]
    fn notices_and_replies_are_right(
        message in prose(),
        number in "[0-9]{19}",
        amount in 1_u32..200_000,
        paid in any::<bool>(),
    ) {
        let status = if paid { "SUCCESS" } else { "UNAPPROVED" };
        let amount = amount.to_string();
        let sealed = seal(&merchant(), "1.0", &[
            ("Status", status), ("Message", &message), ("MerID", "S0001"), ("MerTradeNo", "A-1"),
            ("TradeNo", &number), ("TradeAmt", &amount), ("TradeStatus", "1"), ("PaymentType", "1"),
            ("Card6No", "414763"), ("Card4No", "0001"), ("PayTime", "2023-11-15 06:13:20"),
        ]);
        is_right(&input(format!("Status={status}&{}", sealed.form_body())));
        is_right(&input(reply(&sealed, status)));
        let rows = seal(&merchant(), "2.0", &[
            ("Status", status), ("Message", &message),
            ("Result[0][TradeNo]", &number), ("Result[0][TradeAmt]", &amount),
            ("Result[1][MerTradeNo]", &message),
        ]);
        is_right(&input(reply(&rows, status)));
    }

    #[test]
    fn queries_are_right(number in "[A-Za-z0-9]{8,19}", by_ours in any::<bool>()) {
        let query = if by_ours {
            TradeQuery::by_mer_trade_no(MerTradeNo::parse(&number).unwrap(), now())
        } else {
            TradeQuery::by_trade_no(TradeNo::parse(&number).unwrap(), now())
        };
        let mut given = input(query.seal(&merchant()).unwrap().form_body());
        given.path = Some("trade/query".to_owned());
        is_right(&given);
    }

    /// As other languages' encoders write it: `%20`, escapes in lower case, marks left as they are.
    #[test]
    fn other_encoders_are_right(what in prose(), amount in 1_u32..200_000) {
        let escaped: String = what.bytes().fold(String::new(), |text, byte| {
            if byte.is_ascii_alphanumeric() || b"-_.~!'()*".contains(&byte) {
                text + &char::from(byte).to_string()
            } else {
                text + &format!("%{byte:02x}")
            }
        });
        is_right(&input(form_of(&format!(
            "Timestamp=1700000000&ProdDesc={escaped}&TradeAmt={amount}&MerTradeNo=A&MerID=S0001"
        ))));
    }

    /// Whatever bytes go in, something comes out.
    #[test]
    fn no_bytes_surprise_the_doctor(body in proptest::collection::vec(any::<u8>(), 0..300)) {
        is_said(&examine(&input(body)));
    }

    /// Nor do such that look like a message.
    #[test]
    fn no_envelope_surprises_the_doctor(encrypt_info in "[0-9a-f:=+/ %]{0,80}", hash_info in "\\PC{0,70}") {
        is_said(&examine(&input(crate::maker::form(&encrypt_info, &hash_info))));
    }
}
