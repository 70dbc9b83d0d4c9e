//! What we ask server to server, and what we take as an answer.

use crate::common::{
    IV, KEY, gcm, hash, inside, merchant, now, number, open_pairs, pack, pairs, trade,
};
use payuni::cancel::CancelRequest;
use payuni::cancel_cvs::CancelCvs;
use payuni::close::{CloseRequest, CloseType};
use payuni::trade_query::{Asked, QueryVersion};
use payuni::wallet_refund::{AfteeRefund, IcashRefund, JkoPayRefund, LinePayRefund, WalletRefund};
use payuni::{
    Answer, Ask, Envelope, FiniteQuery, Merchant, QueryReply, Refusal, Reply, Status, TradeQuery,
};

/// Holds a request to its path, version and fields; `MerID` and `Timestamp` stand around them.
fn sends<A: Ask>(ask: &A, path: &str, version: &str, fields: &[(&str, &str)]) {
    let sealed = ask.seal(&merchant()).unwrap();
    let whole = [
        &[("MerID", "S0001")],
        fields,
        &[("Timestamp", "1700000000")],
    ]
    .concat();
    assert_eq!((A::PATH, sealed.version), (path, version));
    assert_eq!(inside(&sealed), pairs(&whole));
}

fn close(kind: CloseType) -> CloseRequest {
    CloseRequest {
        trade_no: trade("G1"),
        kind,
        timestamp: now(),
    }
}

fn cvs(code: &str) -> CancelCvs {
    CancelCvs {
        pay_no: code.into(),
        timestamp: now(),
    }
}

fn wallet(amount: u32) -> WalletRefund {
    WalletRefund {
        trade_no: trade("G1"),
        amount,
        timestamp: now(),
    }
}

#[test]
fn queries() {
    let query = TradeQuery::by_mer_trade_no(number("O1"), now());
    sends(&query, "trade/query", "2.0", &[("MerTradeNo", "O1")]);
    sends(
        &query.version(QueryVersion::V1_0),
        "trade/query",
        "1.0",
        &[("MerTradeNo", "O1")],
    );
    sends(
        &TradeQuery::by_trade_no(trade("G1"), now()),
        "trade/query",
        "2.0",
        &[("TradeNo", "G1")],
    );
    let ours = FiniteQuery::by_mer_trade_nos(vec![number("O1"), number("O2")], now());
    sends(
        &ours,
        "trade/finite_query",
        "1.0",
        &[("QueryType", "1"), ("QueryNo", "O1,O2")],
    );
    let theirs = |n: usize| FiniteQuery::by_trade_nos(vec![trade("G1"); n], now());
    sends(
        &theirs(1),
        "trade/finite_query",
        "1.0",
        &[("QueryType", "2"), ("QueryNo", "G1")],
    );
    assert!(theirs(100).seal(&merchant()).is_ok());
    assert!(theirs(0).seal(&merchant()).is_err() && theirs(101).seal(&merchant()).is_err());
}

#[test]
fn captures_refunds_and_voids() {
    let (no, path) = (("TradeNo", "G1"), "trade/close");
    let money = ("TradeAmt", "30");
    sends(
        &close(CloseType::Capture { amount: 30 }),
        path,
        "1.0",
        &[no, ("CloseType", "1"), money],
    );
    sends(
        &close(CloseType::Refund { amount: 30 }),
        path,
        "1.0",
        &[no, ("CloseType", "2"), money],
    );
    sends(
        &close(CloseType::UndoCapture),
        path,
        "1.0",
        &[no, ("CloseType", "-1")],
    );
    sends(
        &close(CloseType::UndoRefund),
        path,
        "1.0",
        &[no, ("CloseType", "-2")],
    );
    assert!(
        close(CloseType::Refund { amount: 0 })
            .seal(&merchant())
            .is_err()
    );
    let void = CancelRequest {
        trade_no: trade("G1"),
        timestamp: now(),
    };
    sends(&void, "trade/cancel", "1.0", &[no]);
    sends(
        &cvs("T0003871"),
        "cancel_cvs",
        "1.0",
        &[("PayNo", "T0003871")],
    );
    for code in ["", "T000387", "T00038711", "T0003 71"] {
        assert!(cvs(code).seal(&merchant()).is_err(), "{code}");
    }
}

#[test]
fn refunds_of_wallets() {
    let fields = [("TradeNo", "G1"), ("TradeAmt", "5")];
    sends(
        &LinePayRefund(wallet(5)),
        "trade/common/refund/linepay",
        "1.0",
        &fields,
    );
    sends(
        &IcashRefund(wallet(5)),
        "trade/common/refund/icash",
        "1.0",
        &fields,
    );
    sends(
        &AfteeRefund(wallet(5)),
        "trade/common/refund/aftee",
        "1.0",
        &fields,
    );
    sends(
        &JkoPayRefund(wallet(5)),
        "trade/common/refund/jkopay",
        "1.0",
        &fields,
    );
    assert!(LinePayRefund(wallet(0)).seal(&merchant()).is_err());
}

const ROW: [(&str, &str); 7] = [
    ("Status", "SUCCESS"),
    ("Message", "查詢成功"),
    ("Result[0][MerTradeNo]", "O1"),
    ("Result[0][TradeNo]", "G1"),
    ("Result[0][TradeAmt]", "1000"),
    ("Result[0][TradeStatus]", "1"),
    ("Result[0][PaymentDay]", "0000-00-00 00:00:00"),
];

fn answer(changes: &[(&'static str, &'static str)]) -> Result<QueryReply, Refusal> {
    let mut pairs = ROW.to_vec();
    for change in changes {
        match pairs.iter_mut().find(|(name, _)| *name == change.0) {
            Some(pair) => pair.1 = change.1,
            None => pairs.push(*change),
        }
    }
    let query = TradeQuery::by_mer_trade_no(number("O1"), now());
    query
        .read(open_pairs(&pairs).unwrap())
        .map(payuni::Authentic::into_inner)
}

#[test]
fn an_answer_is_about_what_was_asked() {
    let Ok(QueryReply::Found(rows)) = answer(&[("MerID", "S0001")]) else {
        panic!("not found")
    };
    assert!(rows[0].paid() && rows[0].paid_at.is_none() && rows[0].amount == 1000);
    // PAYUNi fills the day of payment of failed trades too.
    let day = ("Result[0][PaymentDay]", "2023-11-15 06:13:20");
    for (status, paid_at) in [("1", Some(now())), ("2", None)] {
        let Ok(QueryReply::Found(rows)) = answer(&[day, ("Result[0][TradeStatus]", status)]) else {
            panic!("not found")
        };
        assert_eq!(
            (rows[0].paid(), rows[0].paid_at),
            (paid_at.is_some(), paid_at)
        );
    }
    assert_eq!(
        answer(&[("Result[0][MerTradeNo]", "O2")]),
        Err(Refusal::NotAsked)
    );
    assert_eq!(answer(&[("MerID", "OTHER")]), Err(Refusal::Merchant));
    assert_eq!(
        answer(&[("Result[0][TradeAmt]", "1000.0")]),
        Err(Refusal::AmountSyntax("TradeAmt"))
    );
    assert_eq!(
        answer(&[("Result[1][TradeNo]", "G2")]),
        Err(Refusal::Schema("TradeStatus"))
    );
    assert_eq!(answer(&[("Result", "x")]), answer(&[]));
    assert_eq!(answer(&[("Result[]", "x")]), Err(Refusal::Schema("Result")));
    assert_eq!(answer(&[("Timestamp", "1")]), Err(Refusal::Direction));
    assert_eq!(
        answer(&[("Result[0][TradeFee]", "-"), ("Result[0][DataSource]", "B")]).map(|_| ()),
        Ok(())
    );
    for (status, seen) in [
        ("QUERY03001", "NotFound"),
        ("QUERY02009", "Failed"),
        ("UNKNOWN", "Failed"),
    ] {
        let reply = answer(&[("Status", status)]).unwrap();
        assert!(format!("{reply:?}").starts_with(seen), "{reply:?}");
    }
}

#[test]
fn our_own_question_is_no_answer() {
    let query = TradeQuery::by_mer_trade_no(number("O1"), now());
    let body = query.seal(&merchant()).unwrap().form_body();
    let opened = Envelope::from_form(body.as_bytes())
        .unwrap()
        .open(&merchant(), now())
        .unwrap();
    assert_eq!(query.read(opened).unwrap_err(), Refusal::Direction);
}

#[test]
fn a_finite_query_may_be_answered_in_json_within() {
    let inner = r#"{"Status":"SUCCESS","Message":"查詢成功","Result":[{"MerTradeNo":"O1","TradeNo":"G1","TradeAmt":1000,"TradeStatus":"1"},{"MerTradeNo":"O2","TradeNo":"G2","TradeAmt":"5","TradeStatus":0}]}"#;
    let query =
        FiniteQuery::by_mer_trade_nos(vec![number("O1"), number("O2"), number("O3")], now());
    let open = |inner: &str| {
        let (ciphertext, tag) = gcm(inner.as_bytes());
        let encrypt_info = pack(&ciphertext, &tag);
        let json = format!(
            r#"{{"Status":"SUCCESS","EncryptInfo":"{encrypt_info}","HashInfo":"{}"}}"#,
            hash(&encrypt_info)
        );
        let Ok(Reply::Sealed(envelope)) = Envelope::from_json(json.as_bytes()) else {
            panic!("not sealed")
        };
        envelope.open(&merchant(), now())
    };
    let QueryReply::Found(rows) = query.read(open(inner).unwrap()).unwrap().into_inner() else {
        panic!("not found")
    };
    assert_eq!(
        rows.iter()
            .map(|row| (row.amount, row.paid()))
            .collect::<Vec<_>>(),
        [(1000, true), (5, false)]
    );
    assert_eq!(
        open(r#"{"Status":"SUCCESS","Status":"SUCCESS"}"#).unwrap_err(),
        Refusal::Plaintext
    );
    assert_eq!(
        open(r#"{"Status":"SUCCESS","TradeAmt":1.5}"#).unwrap_err(),
        Refusal::Plaintext
    );
}

#[test]
fn an_unclear_refund_is_not_a_refused_one() {
    let ask = LinePayRefund(wallet(5));
    let read = |pairs: &[(&str, &str)]| {
        ask.read(open_pairs(pairs).unwrap())
            .map(payuni::Authentic::into_inner)
    };
    let Ok(Answer::Unclear(failure)) = read(&[("Status", "UNKNOWN"), ("Message", "")]) else {
        panic!("clear")
    };
    assert_eq!(failure.code, Status::NoAnswer);
    let done = [
        ("Status", "SUCCESS"),
        ("TradeNo", "G1"),
        ("RefundNo", "R1"),
        ("RefundDT", "2023-11-15 06:13:20"),
        ("RefundAmt", "5"),
    ];
    let Ok(Answer::Done(refund)) = read(&done) else {
        panic!("not done")
    };
    assert_eq!(
        (refund.refund_no.as_deref(), refund.amount, refund.at),
        (Some("R1"), Some(5), Some(now()))
    );
    assert_eq!(
        read(&[("Status", "SUCCESS"), ("TradeNo", "G2")]),
        Err(Refusal::NotAsked)
    );
    assert_eq!(
        read(&[("Status", "SUCCESS"), ("TradeNo", "G1"), ("RefundAmt", "6")]),
        Err(Refusal::NotAsked)
    );
}

#[test]
fn another_shops_message_is_a_strangers() {
    let other = Merchant::parse("S0002", &KEY.replace('1', "x"), IV).unwrap();
    let sealed = payuni::seal(&other, "1.0", &[("Status", "SUCCESS")]);
    let envelope = Envelope::from_form(sealed.form_body().as_bytes()).unwrap();
    assert_eq!(
        envelope.open(&merchant(), now()).unwrap_err(),
        Refusal::Hash
    );
}

#[test]
fn the_asked_numbers_are_what_covers() {
    let asked = Asked::TradeNo(trade("G1"));
    assert!(matches!(
        QueryReply::read(open_pairs(&ROW).unwrap(), &asked)
            .unwrap()
            .value(),
        QueryReply::Found(_)
    ));
    let asked = Asked::TradeNos(vec![trade("G2")]);
    assert_eq!(
        QueryReply::read(open_pairs(&ROW).unwrap(), &asked).unwrap_err(),
        Refusal::NotAsked
    );
}
