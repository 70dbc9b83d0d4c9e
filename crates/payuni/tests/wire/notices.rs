//! What a genuine message may and may not mean.

use crate::common::{merchant, now, open_pairs, open_plaintext};
use payuni::details::Details;
use payuni::{
    Envelope, MerTradeNo, Methods, Notice, OtherKind, PaymentNotice, PaymentType, Refusal, Status,
    TradeStatus, UppRequest, fields,
};

const GOOD: [(&str, &str); 8] = [
    ("Status", "SUCCESS"),
    ("Message", "ok"),
    ("MerID", "S0001"),
    ("MerTradeNo", "O1"),
    ("TradeNo", "G1"),
    ("TradeAmt", "1000"),
    ("TradeStatus", "1"),
    ("PaymentType", "1"),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut pairs: Vec<(&str, &str)> = GOOD.to_vec();
    for change in changes {
        match pairs.iter_mut().find(|(name, _)| *name == change.0) {
            Some(pair) => pair.1 = change.1,
            None => pairs.push(*change),
        }
    }
    pairs
}

fn read(pairs: &[(&str, &str)]) -> Result<Notice, Refusal> {
    Notice::read(open_pairs(pairs)?).map(payuni::Authentic::into_inner)
}

fn payment(changes: &[(&str, &str)]) -> PaymentNotice {
    match read(&with(changes)).unwrap() {
        Notice::Payment(payment) => *payment,
        Notice::Other(other) => panic!("{other:?}"),
    }
}

fn code(changes: &[(&str, &str)]) -> &'static str {
    read(&with(changes)).unwrap_err().code()
}

#[test]
fn a_paid_card() {
    let paid = payment(&[]);
    assert!(paid.paid() && paid.is_clear() && paid.is_for(&merchant().id));
    assert_eq!(paid.details.number(), None);
    assert_eq!(
        (paid.amount, paid.trade_status, paid.payment_type),
        (1000, TradeStatus::Paid, Some(PaymentType::Card))
    );
}

#[test]
fn our_own_checkout_is_no_result() {
    let number = MerTradeNo::parse("O1").unwrap();
    // Even with a field smuggled into a value: it is encoded once, so it stays a value.
    let smuggled = "x&Status=SUCCESS&TradeStatus=1&TradeNo=9&TradeAmt=1000";
    let mut full = UppRequest::new(number.clone(), 1000, smuggled, now());
    full.notify_url = Some("https://shop.example/payuni/notify".into());
    full.user_mail = Some("x&Status=SUCCESS&TradeStatus=1@example.com".into());
    full.methods = Methods {
        card: true,
        ..Methods::default()
    };
    for request in [UppRequest::new(number, 1000, "bread", now()), full] {
        let form = request.seal(&merchant()).unwrap().form_body();
        for body in [form.clone(), format!("Status=SUCCESS&{form}")] {
            let opened = Envelope::from_form(body.as_bytes())
                .unwrap()
                .open(&merchant(), now())
                .unwrap();
            assert!(!opened.contains("Status") && !opened.contains("TradeStatus"));
            assert_eq!(Notice::read(opened).unwrap_err(), Refusal::Direction);
        }
    }
}

#[test]
fn a_result_that_carries_a_requests_field_is_refused() {
    for name in [
        "NotifyURL",
        "ReturnURL",
        "BackURL",
        "ProdDesc",
        "Timestamp",
        "UsrMail",
        "Lang",
        "Credit",
        "TradeLExpireSec",
        "CloseType",
    ] {
        assert_eq!(code(&[(name, "")]), "L3.direction", "{name}");
    }
    assert_eq!(
        read(&[
            ("MerID", "S0001"),
            ("MerTradeNo", "O1"),
            ("TradeAmt", "1000")
        ])
        .unwrap_err(),
        Refusal::Direction
    );
    assert_eq!(read(&[]).unwrap_err(), Refusal::Direction);
}

#[test]
fn no_field_is_ever_assumed() {
    for (name, _) in GOOD {
        let rest: Vec<_> = GOOD.iter().copied().filter(|(n, _)| *n != name).collect();
        let expected = if name == "TradeAmt" {
            Refusal::Schema("TradeAmt")
        } else {
            Refusal::Schema(name)
        };
        assert_eq!(read(&rest).unwrap_err(), expected, "{name}");
    }
}

#[test]
fn an_amount_has_one_form() {
    for amount in [
        "1000.0",
        "1e3",
        "+1000",
        " 1000",
        "1000 ",
        "1,000",
        "01000",
        "0x3e8",
        "１０００",
        "1000\0",
        "",
        "-1000",
        "0",
        "-0",
        "2147483648",
        "9223372036854775808",
        "18446744073709552616",
        "1000000000",
    ] {
        assert_eq!(
            code(&[("TradeAmt", amount)]),
            "L3.amount_syntax",
            "{amount}"
        );
    }
    assert_eq!(payment(&[("TradeAmt", "999999999")]).amount, 999_999_999);
    assert_eq!(payment(&[("TradeAmt", "1")]).amount, 1);
}

#[test]
fn paid_is_said_by_one_and_success_alone() {
    for status in [
        "0", "2", "3", "4", "8", "9", "7", "99", "-1", "", "01", "1 ", "１",
    ] {
        let notice = payment(&[("TradeStatus", status)]);
        assert!(!notice.paid(), "{status}");
        assert_eq!(
            notice.is_clear(),
            matches!(status, "0" | "2" | "3" | "4" | "8" | "9"),
            "{status}"
        );
        assert_eq!(notice.trade_status.as_wire(), status);
    }
    for status in [
        "OK",
        "UNKNOWN",
        "UNAPPROVED",
        "success",
        "FAIL",
        "",
        "CREDIT05002",
    ] {
        let notice = payment(&[("Status", status)]);
        assert!(
            !notice.paid() && !notice.is_clear(),
            "{status} with TradeStatus 1 contradicts itself"
        );
    }
    assert!(!payment(&[("Currency", "JPY")]).paid());
    assert!(payment(&[("Currency", "TWD")]).paid());
}

#[test]
fn unknown_values_are_kept() {
    let notice = payment(&[("PaymentType", "99")]);
    assert_eq!(notice.payment_type, Some(PaymentType::Unknown("99".into())));
    assert!(!notice.is_clear());
    assert_eq!(
        payment(&[("Status", "CREDIT05002"), ("TradeStatus", "2")]).status,
        Status::Other("CREDIT05002".into())
    );
    assert!(!payment(&[("NewMerTradeNo", "O1-new")]).is_clear());
}

#[test]
fn arrays_belong_to_queries() {
    for name in [
        "Result[0][TradeStatus]",
        "TradeAmt[]",
        "MerTradeNo[0]",
        "x]",
    ] {
        assert_eq!(code(&[(name, "1")]), "L3.schema", "{name}");
    }
    let text = fields::encode(GOOD).replace("TradeAmt", "TradeAmt%5B%5D");
    assert_eq!(
        Notice::read(open_plaintext(text.as_bytes()).unwrap())
            .unwrap_err()
            .code(),
        "L3.schema"
    );
}

#[test]
fn duplicates_within_are_refused() {
    let text = format!("{}&TradeAmt=1&TradeStatus=0", fields::encode(GOOD));
    assert_eq!(
        open_plaintext(text.as_bytes()).unwrap_err(),
        Refusal::DuplicateField
    );
}

#[test]
fn a_number_issued_and_then_paid() {
    let issued = payment(&[
        ("Message", "(ATM)建立成功"),
        ("TradeStatus", "0"),
        ("PaymentType", "2"),
        ("BankType", "822"),
        ("PayNo", "9103522175887271"),
        ("ExpireDate", "2023-11-22 23:59:59"),
    ]);
    assert!(!issued.paid() && issued.is_clear());
    let (number, expires) = issued.details.number().unwrap();
    assert_eq!(number.as_str(), "9103522175887271");
    assert_eq!(expires.unwrap().to_string(), "2023-11-22T15:59:59Z");
    let Details::Atm(atm) = issued.details else {
        panic!("no account")
    };
    assert_eq!(
        (atm.bank.as_deref(), atm.pay_no.unwrap().as_str()),
        (Some("822"), "9103522175887271")
    );
    assert_eq!(atm.expires.unwrap().to_string(), "2023-11-22T15:59:59Z");

    // As documented, without PaymentType.
    let paid = [
        "Status",
        "Message",
        "MerID",
        "MerTradeNo",
        "TradeNo",
        "TradeAmt",
        "TradeStatus",
    ];
    let mut paid: Vec<(&str, &str)> = GOOD
        .iter()
        .copied()
        .filter(|(n, _)| paid.contains(n))
        .collect();
    paid.extend([
        ("PayNo", "9103522175887271"),
        ("PayBank", "004"),
        ("Account5No", "12345"),
        ("Gateway", "2"),
        ("PayTime", "2023-11-16 09:00:00"),
    ]);
    let Notice::Payment(paid) = read(&paid).unwrap() else {
        panic!("not a payment")
    };
    assert!(paid.paid() && paid.is_clear());
    assert_eq!(paid.payment_type, None);
    assert_eq!(paid.paid_at.unwrap().to_string(), "2023-11-16T01:00:00Z");
    let Details::Atm(atm) = paid.details else {
        panic!("no account")
    };
    assert_eq!(atm.payer_bank.as_deref(), Some("004"));
}

#[test]
fn a_convenience_store_code_and_a_wallet() {
    let cvs = payment(&[
        ("TradeStatus", "0"),
        ("PaymentType", "3"),
        ("Store", "SEVEN"),
        ("PayNo", "T0003871"),
        ("ExpireDate", "2023-11-22 23:59:59"),
    ]);
    let Details::Cvs(code) = cvs.details else {
        panic!("no code")
    };
    assert_eq!(
        (code.store.as_deref(), code.pay_no.unwrap().as_str()),
        (Some("SEVEN"), "T0003871")
    );
    let line = payment(&[
        ("PaymentType", "9"),
        ("PayNo", "2023111500001"),
        ("PayTime", "0000-00-00 00:00:00"),
    ]);
    assert!(line.paid() && line.paid_at.is_none());
    assert!(matches!(line.details, Details::LinePay(_)));
    let expired = payment(&[
        ("TradeStatus", "4"),
        ("PaymentType", "2"),
        ("CreateTime", "2023-11-15 06:13:20"),
    ]);
    assert!(!expired.paid() && expired.is_clear());
}

#[test]
fn other_notices_settle_nothing() {
    let kinds: [(&[(&str, &str)], OtherKind); 7] = [
        (&[("InvoiceNotifyType", "C0401")], OtherKind::Invoice),
        (&[("ApiType", "ShipStatus")], OtherKind::Shipment),
        (&[("CouponList[0][PromoCode]", "X")], OtherKind::Coupon),
        (
            &[("PeriodTradeNo", "P1"), ("ProdDesc", "x")],
            OtherKind::Subscription,
        ),
        (&[("Odno", "1")], OtherKind::CashOnDelivery),
        (
            &[
                ("PaymentType", "10"),
                ("ShipTradeNo", "1"),
                ("ProdDesc", "x"),
            ],
            OtherKind::CashOnDelivery,
        ),
        (
            &[("MerchantId", "S0001"), ("OrderNo", "O1")],
            OtherKind::OnePage,
        ),
    ];
    for (changes, kind) in kinds {
        let Notice::Other(other) = read(&with(changes)).unwrap() else {
            panic!("{kind:?} became a payment")
        };
        assert_eq!(
            (other.kind, other.mer_trade_no.as_deref()),
            (kind, Some("O1"))
        );
    }
    let refund = [
        ("Status", "FAIL"),
        ("MerTradeNo", "O1"),
        ("TradeNo", "G1"),
        ("RefundAmt", "10"),
        ("RefundStatus", "2"),
        ("BankDate", "-"),
    ];
    assert!(
        matches!(read(&refund), Ok(Notice::Other(other)) if other.kind == OtherKind::OfflineRefund)
    );
    // A checkout that pretends to be one stays a checkout.
    assert_eq!(
        code(&[("ApiType", "ShipStatus"), ("Timestamp", "1")]),
        "L3.direction"
    );
}

#[test]
fn words_from_outside_carry_no_control_characters() {
    let notice = payment(&[("Message", "a\r\nb\u{1b}[31m\0")]);
    assert_eq!(notice.message, "a  b [31m ");
    for (name, value) in [
        ("TradeNo", ""),
        ("TradeNo", "a b"),
        ("TradeNo", "a\n"),
        ("MerTradeNo", ""),
        ("MerTradeNo", "訂"),
        ("MerID", ""),
    ] {
        assert_eq!(code(&[(name, value)]), "L3.schema", "{name}={value}");
    }
}
