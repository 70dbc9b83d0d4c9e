//! PAYUNi's published samples, those derived with PHP's OpenSSL, and those that must be refused.

use crate::common::{IV, KEY, body, hash, merchant, now, open_packed, open_pairs, open_plaintext};
use payuni::close::{CloseRequest, CloseType, Closed};
use payuni::trade_query::Asked;
use payuni::trade_row::{CloseStatus, DataSource, RefundStatus};
use payuni::{
    Answer, Ask, Envelope, Fields, MerTradeNo, Merchant, Notice, QueryReply, Refusal, TradeNo,
    TradeStatus, seal,
};
use serde_json::Value;

fn vectors() -> Value {
    let vectors: Value = serde_json::from_str(include_str!("../vectors/payuni.json")).unwrap();
    assert_eq!(
        (vectors["key"].as_str(), vectors["iv"].as_str()),
        (Some(KEY), Some(IV))
    );
    vectors
}

fn text<'v>(vector: &'v Value, name: &str) -> &'v str {
    vector[name].as_str().unwrap_or_default()
}

fn positive(vectors: &Value) -> Vec<&Value> {
    let all: Vec<_> = ["official", "derived"]
        .iter()
        .flat_map(|set| vectors[*set].as_array().unwrap())
        .collect();
    assert_eq!(all.len(), 9);
    all
}

fn fixture(id: &str) -> Value {
    let vectors = vectors();
    let all = vectors["payload_fixtures_no_crypto"].as_array().unwrap();
    all.iter()
        .find(|fixture| fixture["id"].as_str().unwrap().starts_with(id))
        .unwrap()
        .clone()
}

fn pairs(fixture: &Value, name: &str) -> Vec<(String, String)> {
    let pair = |p: &Value| {
        (
            p[0].as_str().unwrap().to_owned(),
            p[1].as_str().unwrap().to_owned(),
        )
    };
    fixture[name].as_array().unwrap().iter().map(pair).collect()
}

fn borrowed(pairs: &[(String, String)]) -> Vec<(&str, &str)> {
    pairs
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect()
}

#[test]
fn every_vector_opens_to_its_plaintext() {
    let vectors = vectors();
    for vector in positive(&vectors) {
        let hash_info = vector["HashInfo"]
            .as_str()
            .or(vector["HashInfo_computed_by_us"].as_str())
            .unwrap();
        let envelope = Envelope::from_form(&body(text(vector, "EncryptInfo"), hash_info)).unwrap();
        // D3 and D4 are results; the outer SUCCESS fits both, and the requests have no Status.
        let opened = envelope.open(&merchant(), now()).unwrap();
        assert_eq!(
            *opened,
            Fields::parse(text(vector, "plaintext").as_bytes()).unwrap(),
            "{}",
            vector["id"]
        );
    }
}

#[test]
fn every_vector_is_sealed_to_the_byte() {
    let vectors = vectors();
    for vector in positive(&vectors) {
        let plain = Fields::parse(text(vector, "plaintext").as_bytes()).unwrap();
        let sealed = seal(&merchant(), "1.0", &plain.iter().collect::<Vec<_>>());
        // All samples are written by PHP's encoder or need none, so that even the ciphertext is the same.
        assert_eq!(
            sealed.encrypt_info,
            text(vector, "EncryptInfo"),
            "{}",
            vector["id"]
        );
        assert_eq!(sealed.hash_info, hash(&sealed.encrypt_info));
        if let Some(hash_info) = vector["HashInfo"]
            .as_str()
            .or(vector["HashInfo_computed_by_us"].as_str())
        {
            assert_eq!(sealed.hash_info, hash_info, "{}", vector["id"]);
        }
    }
}

#[test]
fn every_negative_vector_is_refused_for_its_own_reason() {
    let vectors = vectors();
    for vector in vectors["negative"].as_array().unwrap() {
        let encrypt_info = text(vector, "EncryptInfo");
        let expected = match &text(vector, "id")[..2] {
            "N1" | "N2" | "N5" => Refusal::Tag,
            "N3" | "N4" => Refusal::Encoding,
            "N6" => Refusal::Hash,
            other => panic!("a negative vector that this test does not know: {other}"),
        };
        let hash_info = vector["HashInfo"]
            .as_str()
            .map_or_else(|| hash(encrypt_info), str::to_owned);
        let opened = Envelope::from_form(&body(encrypt_info, &hash_info))
            .unwrap()
            .open(&merchant(), now());
        assert_eq!(opened, Err(expected), "{}", vector["id"]);
    }
}

#[test]
fn f1_a_card_notice() {
    let fixture = fixture("F1");
    let inner = pairs(&fixture, "inner_in_order");
    let notice = Notice::read(open_pairs(&borrowed(&inner)).unwrap())
        .unwrap()
        .into_payment()
        .unwrap();
    assert!(notice.paid() && notice.is_clear());
    assert_eq!(
        (notice.amount, notice.mer_trade_no.as_str()),
        (10, "20230410233813-monkey")
    );
    assert_eq!(notice.trade_no.as_str(), "1681141130102357013");
    assert_eq!(notice.paid_at.unwrap().as_second(), 1_681_141_130);
    let payuni::details::Details::Card(card) = &notice.details else {
        panic!("not a card")
    };
    assert_eq!(card.card4.as_ref().unwrap().as_str(), "0001");
    assert_eq!(
        (card.inst, card.first_amount, card.each_amount),
        (Some(1), Some(10), Some(0))
    );
    let printed = format!("{notice:?}");
    assert!(
        !printed.contains("414763") && !printed.contains("\"0001\""),
        "{printed}"
    );
}

fn query_reply(fixture: &Value, number: &str) -> payuni::TradeRow {
    let row = pairs(fixture, "inner_Result_row_in_order");
    let mut inner = vec![
        ("Status".to_owned(), "SUCCESS".to_owned()),
        ("Message".to_owned(), "查詢成功".to_owned()),
    ];
    inner.extend(
        row.into_iter()
            .map(|(name, value)| (format!("Result[0][{name}]"), value)),
    );
    let asked = Asked::MerTradeNo(MerTradeNo::parse(number).unwrap());
    match QueryReply::read(open_pairs(&borrowed(&inner)).unwrap(), &asked)
        .unwrap()
        .into_inner()
    {
        QueryReply::Found(mut rows) if rows.len() == 1 => rows.remove(0),
        other @ (QueryReply::Found(_) | QueryReply::NotFound | QueryReply::Failed(_)) => {
            panic!("{other:?}")
        }
    }
}

#[test]
fn f2_a_query_of_a_refunded_trade() {
    let row = query_reply(&fixture("F2"), "20230629212255-monkey");
    assert!(row.paid() && row.captured());
    assert_eq!(
        (row.amount, row.remain_amount, row.fee, &row.data_source),
        (10, Some(0), None, &None)
    );
    let refund = row.refund.unwrap();
    assert_eq!(
        (refund.status, refund.amount),
        (RefundStatus::Done, Some(10))
    );
    assert_eq!(refund.at.unwrap().to_string(), "2023-06-29T14:03:40Z");
}

#[test]
fn f3_a_query_of_version_2() {
    let row = query_reply(&fixture("F3"), "ORDER1747907897088");
    assert_eq!(
        (row.trade_status, row.data_source, row.fee),
        (TradeStatus::Paid, Some(DataSource::Complete), Some(1))
    );
    assert_eq!(
        (row.close_status, row.close_amount, row.remain_amount),
        (Some(CloseStatus::Done), Some(30), Some(30))
    );
    assert_eq!(row.refund, None);
    assert_eq!(row.paid_at.unwrap().to_string(), "2025-05-22T09:58:17Z");
}

#[test]
fn f4_a_card_charged_by_token() {
    let inner = pairs(&fixture("F4"), "inner_in_order");
    let notice = Notice::read(open_pairs(&borrowed(&inner)).unwrap())
        .unwrap()
        .into_payment()
        .unwrap();
    assert!(notice.paid() && notice.amount == 2 && notice.mer_id == "YOME1749113748");
    assert!(!notice.is_for(&merchant().id));
}

#[test]
fn f5_a_row_of_bound_cards_is_no_trade() {
    let row = pairs(&fixture("F5"), "inner_Result_row_in_order");
    let mut inner = vec![("Status".to_owned(), "SUCCESS".to_owned())];
    inner.extend(
        row.iter()
            .map(|(name, value)| (format!("Result[0][{name}]"), value.clone())),
    );
    let opened = open_pairs(&borrowed(&inner)).unwrap();
    let rows = opened.rows().unwrap();
    assert_eq!(rows[0].iter().collect::<Vec<_>>(), borrowed(&row));
    let asked = Asked::MerTradeNo(MerTradeNo::parse("A").unwrap());
    assert_eq!(
        QueryReply::read(opened, &asked).unwrap_err().code(),
        "L3.schema"
    );
}

#[test]
fn f6_a_withdrawn_code() {
    let fixture = fixture("F6");
    let merchant = Merchant::parse("U01514169", KEY, IV).unwrap();
    let sealed = Fields::parse(text(&fixture, "inner_plaintext").as_bytes()).unwrap();
    let sealed = seal(&merchant, "1.0", &sealed.iter().collect::<Vec<_>>());
    let opened = || {
        Envelope::from_form(sealed.form_body().as_bytes())
            .unwrap()
            .open(&merchant, now())
            .unwrap()
    };
    let ask = |code: &str| payuni::cancel_cvs::CancelCvs {
        pay_no: code.into(),
        timestamp: now(),
    };
    for code in ["25124481", "251244812326"] {
        let Answer::Done(done) = ask(code).read(opened()).unwrap().into_inner() else {
            panic!("refused")
        };
        assert_eq!(
            (done.amount, done.verify_code.unwrap().as_str()),
            (3655, "2326")
        );
    }
    assert_eq!(
        ask("99999999").read(opened()).unwrap_err(),
        Refusal::NotAsked
    );
}

#[test]
fn f7_raw_brackets_and_raw_chinese() {
    let opened = open_plaintext(text(&fixture("F7"), "inner_plaintext").as_bytes()).unwrap();
    assert_eq!(opened.get("Message"), Some("查詢明細資料成功"));
    let rows = opened.rows().unwrap();
    assert_eq!(rows[0].get("ExpAuthDT"), Some("2024-01-23 11:29:28"));
    assert_eq!(rows[0].get("StatusDesc"), Some("授權完成"));
}

#[test]
fn a_refund_that_payuni_refuses_keeps_its_words() {
    let said = [
        ("Status", "CLOSE03001"),
        (
            "Message",
            "處理失敗，退款失敗，退款金額($30)，請款金額($30)，目前已退款($30)",
        ),
        ("MerID", "S0001"),
        ("TradeNo", "1747907897637487065"),
    ];
    let trade_no = TradeNo::parse("1747907897637487065").unwrap();
    let ask = CloseRequest {
        trade_no,
        kind: CloseType::Refund { amount: 30 },
        timestamp: now(),
    };
    let Answer::Refused(failure) = ask.read(open_pairs(&said).unwrap()).unwrap().into_inner()
    else {
        panic!("done")
    };
    assert_eq!(failure.code.as_wire(), "CLOSE03001");
    assert!(failure.message.contains("目前已退款"));
    let done = [
        ("Status", "SUCCESS"),
        ("Message", "處理成功"),
        ("MerID", "S0001"),
        ("TradeNo", "1747907897637487065"),
        ("CloseType", "2"),
    ];
    let answer = ask.read(open_pairs(&done).unwrap()).unwrap().into_inner();
    assert_eq!(
        answer,
        Answer::Done(Closed {
            kind: CloseType::Refund { amount: 30 }
        })
    );
}

#[test]
fn an_untouched_sample_of_the_documentation_opens_as_it_stands() {
    let vectors = vectors();
    let node = &vectors["official"][1];
    let opened = open_packed(text(node, "EncryptInfo")).unwrap();
    assert_eq!(opened.get("Prod"), Some("商品說明"));
}
