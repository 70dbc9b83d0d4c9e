//! What stands around the seal, and in it.

use crate::maker::{PLAIN, form, form_of, found, hash, input, only, sealed};
use doctor::{Id, Input};

fn at(timestamp: &str) -> Input {
    input(form_of(&PLAIN.replace("1700000000", timestamp)))
}

fn to(path: &str, body: String) -> Input {
    Input {
        path: Some(path.to_owned()),
        ..input(body)
    }
}

fn typed(content_type: &str, body: String) -> Input {
    Input {
        content_type: Some(content_type.to_owned()),
        ..input(body)
    }
}

fn multipart(boundary: &str) -> String {
    let e = sealed(PLAIN);
    let mut body = String::new();
    for (name, value) in [
        ("MerID", "S0001"),
        ("Version", "2.0"),
        ("EncryptInfo", &e),
        ("HashInfo", &hash(&e)),
    ] {
        let head = format!("Content-Disposition: form-data; name=\"{name}\"");
        body += &format!("--{boundary}\r\n{head}\r\n\r\n{value}\r\n");
    }
    body + &format!("--{boundary}--\r\n")
}

fn json() -> String {
    let e = sealed(PLAIN);
    format!(
        r#"{{"MerID":"S0001","Version":"2.0","EncryptInfo":"{e}","HashInfo":"{}"}}"#,
        hash(&e)
    )
}

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn multipart_against_urlencoded() {
    only(&typed(FORM, multipart("----x1")), Id::MultipartMismatch);
    let claimed = "multipart/form-data; boundary=----x1";
    only(&typed(claimed, form_of(PLAIN)), Id::MultipartMismatch);
    only(&typed(claimed, multipart("----y2")), Id::MultipartMismatch);
    // Both are taken where the content type says what it is.
    assert!(found(&typed(claimed, multipart("----x1"))).is_empty());
    assert!(found(&typed(FORM, form_of(PLAIN))).is_empty());
}

#[test]
fn json_against_form() {
    only(&input(json()), Id::JsonInsteadOfForm);
    only(&typed("application/json", json()), Id::JsonInsteadOfForm);
    only(
        &typed("application/json", form_of(PLAIN)),
        Id::JsonInsteadOfForm,
    );
    let sealed_json = r#"{"MerID":"S0001","Timestamp":1700000000,"TradeAmt":"100"}"#;
    only(&input(form_of(sealed_json)), Id::InnerJson);
}

#[test]
fn the_clock() {
    only(&at("1700000000123"), Id::TimestampMilliseconds);
    only(&at("1700028800"), Id::TimestampLocalTime);
    only(&at("1699971230"), Id::TimestampLocalTime);
    only(&at("1699990000"), Id::TimestampOutsideWindow);
    only(&at("2023-11-15+06%3A13%3A20"), Id::TimestampFormat);
    assert!(found(&at("1699999500")).is_empty());
    let mut unknown = at("1600000000");
    unknown.now = None;
    assert!(found(&unknown).is_empty());
}

#[test]
fn the_version() {
    let body = form_of(PLAIN).replace("Version=2.0", "Version=3.0");
    only(&to("upp", body.clone()), Id::WrongVersion);
    assert!(found(&input(body)).is_empty(), "some interface has it");
    let body = form_of(PLAIN).replace("Version=2.0", "Version=v2");
    only(&input(body), Id::WrongVersion);
}

#[test]
fn the_path() {
    let api = "https://sandbox-api.payuni.com.tw/api/";
    for wrong in ["uppm", "UPP", "trade/query", "trade/close"] {
        let body = form_of(PLAIN);
        assert!(found(&to(wrong, body)).contains(&Id::WrongPath), "{wrong}");
    }
    let body = || form_of(PLAIN);
    only(&to(&format!("{api}api/upp"), body()), Id::WrongPath);
    only(
        &to("https://sandbox-api.payuni.com.tw/upp", body()),
        Id::WrongPath,
    );
    only(
        &to("https://sandbox.payuni.com.tw/api/upp", body()),
        Id::WrongHost,
    );
    only(
        &to("http://sandbox-api.payuni.com.tw/api/upp", body()),
        Id::WrongHost,
    );
    for right in ["upp", "/api/upp", &format!("{api}upp")] {
        assert!(found(&to(right, body())).is_empty(), "{right}");
    }
    let mut live = to("https://api.payuni.com.tw/api/upp", body());
    live.api_base = Some(api.to_owned());
    only(&live, Id::WrongHost);
    only(&input("<!DOCTYPE html><html>404</html>"), Id::HtmlPage);
}

#[test]
fn a_whole_http_request_is_read_with_its_head() {
    let head = "POST /api/uppm HTTP/1.1\r\nHost: sandbox-api.payuni.com.tw\r\nContent-Type: application/json";
    let ids = found(&input(format!("{head}\r\n\r\n{}", form_of(PLAIN))));
    assert_eq!(ids, [Id::JsonInsteadOfForm, Id::WrongPath]);
}

#[test]
fn fields_twice() {
    only(&input(form_of(PLAIN) + "&MerID=S0002"), Id::DuplicateField);
    let twice = format!("{PLAIN}&TradeAmt=1");
    only(&input(form_of(&twice)), Id::DuplicateField);
}

#[test]
fn fields_encoded_otherwise() {
    let raw = "MerID=S0001&Timestamp=1700000000&ProdDesc=咖啡 半磅";
    only(&input(form_of(raw)), Id::InnerNotEncoded);
    let broken = "MerID=S0001&Timestamp=1700000000&ProdDesc=A&B&TradeAmt=100";
    only(&input(form_of(broken)), Id::InnerBroken);
    let big5 = "MerID=S0001&Timestamp=1700000000&ProdDesc=%A9%40%B0%D8";
    only(&input(form_of(big5)), Id::InnerNotUtf8);
    let word = format!("{PLAIN}&Credit=true");
    only(&input(form_of(&word)), Id::LiteralValue);
    let point = PLAIN.replace("TradeAmt=100", "TradeAmt=100.00");
    only(&input(form_of(&point)), Id::AmountFormat);
    // Order, `%20` for a blank and lower-case escapes are all in use, and right.
    let sorted =
        "MerID=S0001&MerTradeNo=A-1&ProdDesc=%e5%92%96%20a&Timestamp=1700000000&TradeAmt=1";
    assert!(found(&input(form_of(sorted))).is_empty());
}

#[test]
fn what_is_missing_or_misspelt() {
    let e = sealed(PLAIN);
    let body = format!("MerID=S0001&Version=2.0&EncryptInfo={e}");
    only(&input(body), Id::MissingField);
    let body = form_of(PLAIN).replace("HashInfo", "hashinfo");
    only(&input(body), Id::FieldNameCase);
    let body = form_of(PLAIN).replace("MerID=S0001&V", "MerID=S0002&V");
    only(&input(body), Id::MerchantMismatch);
    only(&input(""), Id::Empty);
    only(&input("what is this?"), Id::NotAMessage);
    only(&input(vec![b'a'; doctor::MAX_BYTES + 1]), Id::TooLong);
    only(
        &input(r#"{"Status":"API00003","MerID":"S0001"}"#),
        Id::GatewayRefused,
    );
    let e = sealed("Status=FAIL&MerID=S0001");
    let body = form(&e, &hash(&e)) + "&Status=SUCCESS";
    only(&input(body), Id::StatusDisagrees);
    only(&input(form_of("")), Id::InnerEmpty);
}
