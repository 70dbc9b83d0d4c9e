//! Line 5 against a gateway that lies: what is not authentic, or not about what was asked, is no answer at all.

use super::{wire::ANSWER_BYTES_MAX, *};
use crate::settings::Mode;
use axum::{Router, routing::post};
use orders::{OrderNo, Outcome};
use payuni::seal;

const ROW: [(&str, &str); 8] = [
    ("Status", "SUCCESS"),
    ("Message", "查詢成功"),
    ("Result[0][TradeNo]", "1700000000123456789"),
    ("Result[0][TradeAmt]", "680"),
    ("Result[0][TradeStatus]", "1"),
    ("Result[0][PaymentType]", "1"),
    ("Result[0][PaymentDay]", "2026-11-23 12:00:00"),
    ("Result[0][Gateway]", "2"),
];

fn attempt() -> AttemptNo {
    let no = OrderNo::mint(jiff::civil::date(2026, 11, 23), [7; 10]);
    AttemptNo::of(&no, 1).unwrap()
}

/// Asks a gateway that answers every question with these bytes.
async fn ask(body: String) -> Result<Answer, AskError> {
    with(body, async |gateway| gateway.ask(&attempt()).await).await
}

/// What a gateway that answers so makes of giving a trade back.
async fn money_back(body: String) -> Result<MoneyBack, AskError> {
    let trade = ROW[2].1.parse().unwrap();
    let order = attempt().order().clone();
    with(body, async |gateway| {
        gateway.money_back(&order, &trade).await
    })
    .await
}

async fn with<T>(body: String, act: impl AsyncFnOnce(&Gateway) -> T) -> T {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = format!("http://{}/api/", listener.local_addr().unwrap());
    let router = Router::new().route(
        "/api/trade/query",
        post(move || std::future::ready(body.clone())),
    );
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let folder = tempfile::tempdir().unwrap();
    let env = |name: &str| (name == "PAYUNI_API_URL").then(|| api.clone());
    let settings = Settings::from_env(Mode::Demo, &env, folder.path()).unwrap();
    let http = google::http_client_on_loopback().unwrap();
    let gateway = Gateway::new(&settings, Arc::new(http), Clock::default()).unwrap();
    let answer = act(&gateway).await;
    server.abort();
    answer
}

fn ours() -> Merchant {
    Merchant::parse(
        "JINLIUDEMO",
        "jinliu-sandbox-payuni-hash-key-1",
        "jinliu-sandbox-i",
    )
    .unwrap()
}

fn reply(merchant: &Merchant, fields: &[(&str, &str)]) -> String {
    let sealed = seal(merchant, "2.0", fields);
    serde_json::json!({
        "Status": "SUCCESS", "MerID": sealed.mer_id, "Version": sealed.version,
        "EncryptInfo": sealed.encrypt_info, "HashInfo": sealed.hash_info,
    })
    .to_string()
}

fn about<'a>(number: &'a str, source: &'a str) -> Vec<(&'a str, &'a str)> {
    let mut fields = ROW.to_vec();
    fields.push(("Result[0][MerTradeNo]", number));
    fields.push(("Result[0][DataSource]", source));
    fields
}

#[tokio::test]
async fn an_authentic_and_complete_answer_is_a_report() {
    let attempt = attempt();
    let answer = ask(reply(&ours(), &about(attempt.as_str(), "A"))).await;
    let Ok(Answer::Report { report, seen }) = answer else {
        panic!("{answer:?}");
    };
    assert!(matches!(report.outcome, Outcome::Paid { .. }));
    assert_eq!((report.amount.dollars(), seen.refunds.total), (680, 0));
    let incomplete = ask(reply(&ours(), &about(attempt.as_str(), "B"))).await;
    assert!(matches!(incomplete, Ok(Answer::Incomplete)));
}

#[tokio::test]
async fn a_lie_is_no_answer() {
    let attempt = attempt();
    let good = about(attempt.as_str(), "A");
    let stranger = Merchant::parse("JINLIUDEMO", &"k".repeat(32), &"i".repeat(16)).unwrap();
    let genuine = reply(&ours(), &good);
    let mut unsigned: serde_json::Value = serde_json::from_str(&genuine).unwrap();
    unsigned["HashInfo"] = "0".repeat(64).into();
    let mut of_another = good.clone();
    of_another.push(("MerID", "OTHERSHOP"));
    let mut fractions = good.clone();
    fractions[3].1 = "680.0";
    let lies = [
        ("another's key", reply(&stranger, &good)),
        ("no valid hash", unsigned.to_string()),
        ("another order", reply(&ours(), &about("OTHER-1", "A"))),
        ("another merchant", reply(&ours(), &of_another)),
        ("an amount that is none", reply(&ours(), &fractions)),
        (
            "our own question sent back",
            reply(
                &ours(),
                &[
                    ("MerID", "JINLIUDEMO"),
                    ("MerTradeNo", attempt.as_str()),
                    ("Timestamp", "1"),
                ],
            ),
        ),
        ("an unsealed error", r#"{"Status":"ERROR"}"#.to_owned()),
        ("an unsealed success", r#"{"Status":"SUCCESS"}"#.to_owned()),
        ("half an answer", genuine[..genuine.len() / 2].to_owned()),
        ("a page", "<!doctype html><title>維護中</title>".to_owned()),
        ("nothing", String::new()),
        ("far too much", "x".repeat(ANSWER_BYTES_MAX + 1)),
    ];
    for (lie, body) in lies {
        let answer = ask(body).await;
        assert!(answer.is_err(), "{lie}: {answer:?}");
    }
}

/// A captured card's row, with more or other fields.
fn card(more: &[(&'static str, &'static str)]) -> String {
    let mut fields = about("", "A");
    fields[9].1 = "A";
    fields[8].1 = "X";
    let usual = [
        ("Result[0][Card4No]", "0001"),
        ("Result[0][CardInst]", "1"),
        ("Result[0][AuthType]", "1"),
        ("Result[0][CloseStatus]", "2"),
        ("Result[0][CloseAmt]", "680"),
        ("Result[0][RemainAmt]", "680"),
    ];
    for (name, value) in usual.into_iter().chain(more.iter().copied()) {
        fields.retain(|(known, _)| *known != name);
        fields.push((name, value));
    }
    reply(&ours(), &fields)
}

#[tokio::test]
async fn a_trade_goes_back_by_the_way_that_it_has() {
    type Ways = [(&'static [(&'static str, &'static str)], Way, bool); 9];
    let ways: Ways = [
        (&[], Way::Close, false),
        (&[("Result[0][CloseStatus]", "9")], Way::Void, false),
        (&[("Result[0][CloseStatus]", "1")], Way::AfterCapture, false),
        (&[("Result[0][CloseStatus]", "7")], Way::AfterCapture, false),
        (&[("Result[0][AuthType]", "7")], Way::Close, true),
        (&[("Result[0][AuthType]", "2")], Way::Close, true),
        (&[("Result[0][CardInst]", "3")], Way::Close, true),
        (&[("Result[0][PaymentType]", "9")], Way::LinePay, false),
        (&[("Result[0][PaymentType]", "2")], Way::None, false),
    ];
    for (fields, way, whole_only) in ways {
        let shown = money_back(card(fields)).await.unwrap();
        assert_eq!(
            (shown.way, shown.whole_only),
            (way, whole_only),
            "{fields:?}"
        );
    }
    let incomplete = money_back(card(&[("Result[0][DataSource]", "B")])).await;
    assert!(incomplete.is_err(), "{incomplete:?}");
}

#[tokio::test]
async fn what_went_back_is_what_is_done() {
    let refund = |status: &'static str, remain: &'static str| {
        card(&[
            ("Result[0][RefundType]", "2"),
            ("Result[0][RefundStatus]", status),
            ("Result[0][RefundAmt]", "100"),
            ("Result[0][RemainAmt]", remain),
        ])
    };
    for (status, remain, total, in_progress, taken_back) in [
        ("2", "580", 100, false, None),
        ("2", "480", 200, false, None),
        ("1", "580", 0, true, None),
        ("8", "480", 100, true, None),
        ("3", "680", 0, false, Some(100)),
    ] {
        let seen = money_back(refund(status, remain))
            .await
            .unwrap()
            .seen
            .refunds;
        let expected = RefundsSeen {
            told: true,
            total,
            in_progress,
            taken_back,
        };
        assert_eq!(seen, expected, "{status} {remain}");
    }
    // Before the capture nothing can be refunded, and nothing was.
    let uncaptured = [
        ("Result[0][CloseStatus]", "9"),
        ("Result[0][CloseAmt]", "0"),
        ("Result[0][RemainAmt]", "0"),
    ];
    let seen = money_back(card(&uncaptured)).await.unwrap().seen;
    assert_eq!((seen.refunds.total, seen.voided), (0, false));
    let voided = money_back(card(&[("Result[0][TradeStatus]", "3")])).await;
    assert!(voided.unwrap().seen.voided);
}
