//! The form for the hosted page.

use crate::common::{inside, merchant, now, number, pairs};
use jiff::{SignedDuration, civil::date};
use payuni::checkout::reachable_port;
use payuni::{Lang, Method, Methods, RequestError, UppRequest, UppVersion};

fn checkout() -> UppRequest {
    UppRequest::new(number("A-1_b"), 100, "咖啡豆", now())
}

#[test]
fn a_whole_checkout() {
    let request = UppRequest {
        return_url: Some("https://shop.example/payuni/return?a=1&b=2".into()),
        notify_url: Some("https://shop.example/payuni/notify".into()),
        back_url: Some("https://shop.example/orders/1".into()),
        user_mail: Some("x+y@example.com".into()),
        expire_date: Some(date(2023, 11, 18)),
        page_life_s: Some(300),
        methods: Methods {
            card: true,
            atm: true,
            line_pay: true,
            ..Methods::default()
        },
        lang: Lang::En,
        ..checkout()
    };
    let sealed = request.seal(&merchant()).unwrap();
    assert_eq!(
        sealed.form_fields()[..2],
        [("MerID", "S0001"), ("Version", "2.0")]
    );
    assert_eq!(
        inside(&sealed),
        pairs(&[
            ("MerID", "S0001"),
            ("MerTradeNo", "A-1_b"),
            ("TradeAmt", "100"),
            ("Timestamp", "1700000000"),
            ("ProdDesc", "咖啡豆"),
            ("ReturnURL", "https://shop.example/payuni/return?a=1&b=2"),
            ("NotifyURL", "https://shop.example/payuni/notify"),
            ("BackURL", "https://shop.example/orders/1"),
            ("UsrMail", "x+y@example.com"),
            ("ExpireDate", "2023-11-18"),
            ("TradeLExpireSec", "300"),
            ("Credit", "1"),
            ("ATM", "1"),
            ("LinePay", "1"),
            ("Lang", "en"),
        ])
    );
    let old = UppRequest {
        version: UppVersion::V1_0,
        ..checkout()
    };
    assert_eq!(old.seal(&merchant()).unwrap().version, "1.0");
}

#[test]
fn what_payuni_would_refuse_is_not_sent() {
    let refused = |change: &dyn Fn(&mut UppRequest)| {
        let mut request = checkout();
        change(&mut request);
        request.seal(&merchant()).unwrap_err()
    };
    let field = |error: RequestError| match error {
        RequestError::Field { field, .. } => field,
        RequestError::MerTradeNo | RequestError::TradeNo | RequestError::Amount { .. } => "another",
        _ => "unknown",
    };
    assert!(matches!(
        refused(&|r| r.amount = 0),
        RequestError::Amount {
            method: "TradeAmt",
            ..
        }
    ));
    assert!(matches!(
        refused(&|r| r.amount = 1_000_000_000),
        RequestError::Amount { .. }
    ));
    assert_eq!(field(refused(&|r| r.prod_desc = " \n".into())), "ProdDesc");
    for url in [
        "",
        "shop.example",
        "ftp://x",
        "https://",
        "https:///x",
        "https://x y",
        "https://x\r\nY: 1",
        "javascript:alert(1)",
        "https://商店",
    ] {
        assert_eq!(
            field(refused(&|r| r.notify_url = Some(url.into()))),
            "NotifyURL",
            "{url}"
        );
    }
    for mail in ["", "a", "a@", "@b", "a@b@c", "a b@c"] {
        assert_eq!(
            field(refused(&|r| r.user_mail = Some(mail.into()))),
            "UsrMail",
            "{mail}"
        );
    }
    for seconds in [0, 59, 601] {
        assert_eq!(
            field(refused(&|r| r.page_life_s = Some(seconds))),
            "TradeLExpireSec"
        );
    }
    // Today in Taipei is 2023-11-15.
    for day in [date(2023, 11, 14), date(2024, 5, 14)] {
        assert_eq!(field(refused(&|r| r.expire_date = Some(day))), "ExpireDate");
    }
    let cvs = Methods {
        cvs: true,
        ..Methods::default()
    };
    assert_eq!(
        field(refused(
            &|r| (r.methods, r.expire_date) = (cvs, Some(date(2023, 11, 23)))
        )),
        "ExpireDate"
    );
    // 22:13 in Taipei leaves less than two hours of today.
    let late = now() + SignedDuration::from_hours(16);
    assert_eq!(
        field(refused(
            &|r| (r.timestamp, r.expire_date) = (late, Some(date(2023, 11, 15)))
        )),
        "ExpireDate"
    );
    let mut last = checkout();
    last.expire_date = Some(date(2024, 5, 13));
    assert!(last.seal(&merchant()).is_ok());
}

#[test]
fn each_way_of_paying_has_its_limits() {
    let all = Methods {
        card: true,
        atm: true,
        cvs: true,
        aftee: true,
        ..Methods::default()
    };
    let only = |method| Methods {
        card: method == Method::Card,
        atm: method == Method::Atm,
        cvs: method == Method::Cvs,
        aftee: method == Method::Aftee,
        ..all
    };
    for (method, min, max) in [
        (Method::Card, 1, 199_999),
        (Method::Atm, 15, 49_999),
        (Method::Cvs, 30, 20_000),
        (Method::Aftee, 20, 49_999),
    ] {
        for (amount, fits) in [(min, true), (max, true), (min - 1, false), (max + 1, false)] {
            let request = UppRequest {
                amount,
                methods: only(method),
                ..checkout()
            };
            assert_eq!(
                request.seal(&merchant()).is_ok(),
                fits,
                "{method:?} {amount}"
            );
            assert_eq!(only(method).accepting(amount).is_some(), fits);
        }
    }
    let all = Methods {
        card: true,
        atm: true,
        cvs: true,
        line_pay: true,
        ..Methods::default()
    };
    assert_eq!(
        all.accepting(10).unwrap().chosen(),
        [Method::Card, Method::LinePay]
    );
    assert_eq!(
        all.accepting(30_000).unwrap().chosen(),
        [Method::Card, Method::Atm, Method::LinePay]
    );
}

#[test]
fn a_long_description_is_cut_visibly() {
    let desc = |text: String| {
        let sealed = UppRequest {
            prod_desc: text,
            ..checkout()
        }
        .seal(&merchant())
        .unwrap();
        inside(&sealed)[4].1.clone()
    };
    assert_eq!(desc("咖".repeat(550)), "咖".repeat(550));
    assert_eq!(desc("咖".repeat(551)), format!("{}…", "咖".repeat(549)));
    assert_eq!(desc("a\nb\tc".into()), "a b c");
}

#[test]
fn payuni_calls_two_ports() {
    for url in [
        "https://shop.example/x",
        "http://shop.example:80/",
        "https://shop.example:443",
        "https://[::1]/x",
        "http://u:p@shop.example/",
    ] {
        assert!(reachable_port(url), "{url}");
    }
    for url in [
        "http://localhost:8080/payuni/notify",
        "https://shop.example:8443/",
        "shop.example",
        "ftp://x/",
        "https://[::1]:8080/",
        "https://",
    ] {
        assert!(!reachable_port(url), "{url}");
    }
}
