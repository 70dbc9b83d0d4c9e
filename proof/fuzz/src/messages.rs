//! What PAYUNi sends: forms, envelopes, notices and answers.

use std::collections::HashSet;

use jiff::Timestamp;
use payuni::{
    Answer, Ask, Authentic, Envelope, Fields, FiniteQuery, MerTradeNo, Merchant, Notice, Refusal,
    Reply, Status, TradeNo, TradeQuery, TradeStatus,
    cancel::CancelRequest,
    cancel_cvs::CancelCvs,
    close::{CloseRequest, CloseType},
    fuzzing::{hash_over, seal_plaintext},
    trade::Private,
    wallet_refund::{IcashRefund, LinePayRefund, WalletRefund},
};

const ID: &str = "S0001";

/// The merchant of PAYUNi's published samples: no secret.
fn merchant() -> Merchant {
    Merchant::parse(ID, "12345678901234567890123456789012", "1234567890123456")
        .expect("the published sample's keys")
}

fn now() -> Timestamp {
    Timestamp::from_second(1_700_000_000).expect("a time")
}

/// Any bytes as a form: what is read is read as others read it, once, with distinct names, and comes back as it went.
pub(crate) fn form(data: &[u8]) {
    let Ok(fields) = Fields::parse(data) else {
        return;
    };
    let names: HashSet<&str> = fields.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), fields.len(), "a name twice");
    assert!(!names.contains(""), "a field without a name");
    let others: Vec<_> = form_urlencoded::parse(data).collect();
    assert!(
        others
            .iter()
            .map(|(n, v)| (n.as_ref(), v.as_ref()))
            .eq(fields.iter()),
        "another reader of forms reads it otherwise"
    );
    let written = fields.encode();
    assert!(written.is_ascii());
    assert_eq!(Fields::parse(written.as_bytes()).as_ref(), Ok(&fields));
    if let Some(rows) = fields.rows() {
        let cells: usize = rows.iter().map(Fields::len).sum();
        assert!(cells <= fields.len(), "rows hold more than was sent");
    }
}

/// Any bytes as a notice's body: nobody who lacks the keys gets past the hash.
pub(crate) fn envelope(data: &[u8]) {
    let Ok(envelope) = Envelope::from_form(data) else {
        return;
    };
    assert!(data.len() <= payuni::envelope::MAX_FORM_BYTES);
    assert!(data.iter().all(u8::is_ascii_graphic));
    let opened = envelope.open(&merchant(), now());
    // The seeds hold genuine messages of the published samples' keys, so some open; then they are what we would seal.
    if let Ok(fields) = opened {
        again(&fields);
    }
}

/// Any bytes as a reply's body.
pub(crate) fn reply(data: &[u8]) {
    match Envelope::from_json(data) {
        Ok(Reply::Sealed(envelope)) => {
            if let Ok(fields) = envelope.open(&merchant(), now()) {
                again(&fields);
            }
        }
        Ok(Reply::Unsealed { status }) => {
            assert!(status.chars().count() <= 64 && !status.chars().any(char::is_control));
        }
        Err(refusal) => assert!(matches!(refusal, Refusal::Malformed(_))),
    }
}

/// Any text behind a hash that is right: only one encoding of a sealed text is one.
pub(crate) fn sealed_text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let merchant = merchant();
    if let Ok(fields) = hash_over(&merchant, text).open(&merchant, now()) {
        again(&fields);
    }
    // And the plaintext: whatever bytes are sealed, opening them gives a form or a refusal.
    for json in [false, true] {
        match seal_plaintext(&merchant, data, json).open(&merchant, now()) {
            Ok(fields) => again(&fields),
            Err(refusal) => assert!(
                matches!(refusal, Refusal::Plaintext | Refusal::DuplicateField),
                "{refusal:?}"
            ),
        }
    }
}

/// What was accepted, sealed again by us, opens to the same.
fn again(fields: &Fields) {
    let merchant = merchant();
    let pairs: Vec<(&str, &str)> = fields.iter().collect();
    let body = payuni::seal(&merchant, "1.0", &pairs).form_body();
    let envelope = Envelope::from_form(body.as_bytes());
    // A message of many fields grows beyond a notice when each is escaped.
    if body.len() > payuni::envelope::MAX_FORM_BYTES {
        return;
    }
    match envelope.and_then(|envelope| envelope.open(&merchant, now())) {
        Ok(opened) => assert_eq!(opened.value(), fields),
        // Our own seal names our merchant outside; what is inside may contradict it, and never silently.
        Err(refusal) => assert_eq!(refusal, Refusal::MerchantOuter),
    }
}

fn opened(plaintext: &[u8]) -> Option<Authentic<Fields>> {
    let merchant = merchant();
    seal_plaintext(&merchant, plaintext, true)
        .open(&merchant, now())
        .ok()
}

/// The same fields the other way round.
fn reversed(fields: &Fields) -> Option<Authentic<Fields>> {
    let mut pairs: Vec<(String, String)> = fields
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    pairs.reverse();
    opened(Fields::from_pairs(pairs).ok()?.encode().as_bytes())
}

/// Any signed fields as a notice: what it says does not depend on the order of its fields, money is only said by the one
/// value, and a request of ours is never a result.
pub(crate) fn notice(data: &[u8]) {
    let Some(authentic) = opened(data) else {
        return;
    };
    let fields = authentic.value().clone();
    let read = Notice::read(authentic);
    if let Some(backwards) = reversed(&fields) {
        let other = Notice::read(backwards);
        assert_eq!(
            read.as_ref().ok().map(Authentic::value),
            other.as_ref().ok().map(Authentic::value),
            "the order of its fields changes what it says"
        );
    }
    let Ok(notice) = read else { return };
    for ours in ["Timestamp", "NotifyURL", "ReturnURL", "CardNo", "QueryNo"] {
        assert!(!fields.contains(ours), "our own request is no result");
    }
    let Notice::Payment(payment) = notice.value() else {
        return;
    };
    assert_eq!(
        fields.get("TradeAmt"),
        Some(payment.amount.to_string().as_str())
    );
    assert_eq!(
        fields.get("MerTradeNo"),
        Some(payment.mer_trade_no.as_str())
    );
    assert_eq!(fields.get("TradeNo"), Some(payment.trade_no.as_str()));
    let says_paid =
        fields.get("Status") == Some("SUCCESS") && fields.get("TradeStatus") == Some("1");
    assert!(
        !payment.paid() || says_paid,
        "paid is said by one value and success alone"
    );
    assert!(!payment.paid() || payment.trade_status == TradeStatus::Paid);
    assert!(fields.is_flat());
    assert!(!payment.message.chars().any(char::is_control));
}

/// Any signed fields as the answer to each question: an answer is about what was asked, or none.
pub(crate) fn answers(data: &[u8]) {
    let Some((which, plaintext)) = data.split_first() else {
        return;
    };
    let Some(fields) = opened(plaintext) else {
        return;
    };
    let trade_no = TradeNo::parse("1681141130000000001").expect("a trade number");
    let number = MerTradeNo::parse("261123ABCDEFGHJKMNPQRS").expect("a number");
    match which % 7 {
        0 => query(
            &TradeQuery::by_mer_trade_no(number, now()),
            &fields,
            |row| row == "261123ABCDEFGHJKMNPQRS",
        ),
        1 => query(
            &FiniteQuery::by_mer_trade_nos(vec![number], now()),
            &fields,
            |row| row == "261123ABCDEFGHJKMNPQRS",
        ),
        2 => answer(
            &CancelRequest {
                trade_no,
                timestamp: now(),
            },
            &fields,
            true,
        ),
        3 => answer(
            &CloseRequest {
                trade_no,
                kind: CloseType::Refund { amount: 100 },
                timestamp: now(),
            },
            &fields,
            true,
        ),
        4 => answer(
            &CancelCvs {
                pay_no: Private::from("ABCD1234"),
                timestamp: now(),
            },
            &fields,
            false,
        ),
        5 => answer(&LinePayRefund(wallet(trade_no)), &fields, true),
        _ => answer(&IcashRefund(wallet(trade_no)), &fields, true),
    }
}

fn wallet(trade_no: TradeNo) -> WalletRefund {
    WalletRefund {
        trade_no,
        amount: 100,
        timestamp: now(),
    }
}

fn query<A>(ask: &A, fields: &Authentic<Fields>, asked: impl Fn(&str) -> bool)
where
    A: Ask<Reply = payuni::QueryReply>,
{
    let Ok(reply) = ask.read(fields.clone()) else {
        return;
    };
    assert!(!fields.contains("Timestamp") && !fields.contains("QueryNo"));
    if let payuni::QueryReply::Found(rows) = reply.value() {
        for row in rows {
            assert!(asked(&row.mer_trade_no), "an answer about something else");
        }
    }
}

/// Done is said by success alone, about our merchant and our trade.
fn answer<A, T>(ask: &A, fields: &Authentic<Fields>, names_trade: bool)
where
    A: Ask<Reply = Answer<T>>,
{
    let Ok(reply) = ask.read(fields.clone()) else {
        return;
    };
    let status = Status::from_wire(fields.get("Status").expect("an answer has a status"));
    match reply.value() {
        Answer::Done(_) => assert_eq!(status, Status::Success),
        Answer::Unclear(_) => assert_eq!(status, Status::NoAnswer),
        Answer::Refused(_) => assert!(status != Status::Success && status != Status::NoAnswer),
    }
    assert!(fields.filled("MerID").is_none_or(|id| id == ID));
    if names_trade && matches!(reply.value(), Answer::Done(_)) {
        let said = fields.filled("TradeNo");
        assert!(said.is_none_or(|no| no == "1681141130000000001"));
    }
}
