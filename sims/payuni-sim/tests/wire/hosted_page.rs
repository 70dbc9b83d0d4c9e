use serde_json::json;

use super::shop::{Shop, get, names, open, return_form};

const CARD: [(&str, &str); 4] = [
    ("method", "Credit"),
    ("card_number", "4147 6310 0000 0001"),
    ("expiry", "09/29"),
    ("cvc", "321"),
];

#[tokio::test]
async fn a_card_is_paid_by_the_page_s_forms_alone() {
    let shop = Shop::open().await;
    let (page, html) = shop
        .page(&shop.order("A-1", "1250", &[("UsrMail", "buyer@example.com")]))
        .await;
    assert!(page.starts_with("/upp/"));
    for part in [
        "A-1",
        "1,250",
        "手沖咖啡豆 200g",
        "濾紙",
        "buyer@example.com",
        "沙盒",
        "http://shop.test/cart",
        "http-equiv=\"refresh\"",
    ] {
        assert!(html.contains(part), "{part}");
    }
    let (status, html) = shop.press(&format!("{page}/pay"), &CARD).await;
    assert_eq!(status, 200);
    let (url, outer) = return_form(&html);
    assert_eq!(url, "http://shop.test/payuni/return");
    assert_eq!(
        (outer["Status"].as_str(), outer["Version"].as_str()),
        ("SUCCESS", "2.0")
    );
    let inner = open(&outer).unwrap();
    // Fixture F1: the fields of a real notice, in their order.
    let vectors: serde_json::Value = serde_json::from_str(include_str!("../vectors.json")).unwrap();
    let fixture = vectors["payload_fixtures_no_crypto"]
        .as_array()
        .unwrap()
        .iter()
        .find(|f| f["id"] == "F1-upp-credit-notify")
        .unwrap();
    let fixture: Vec<_> = fixture["inner_in_order"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| (p[0].as_str().unwrap(), p[1].as_str().unwrap()))
        .collect();
    assert_eq!(
        names(&inner),
        fixture.iter().map(|f| f.0).collect::<Vec<_>>()
    );
    for (name, value) in fixture {
        if [
            "Status",
            "Message",
            "Gateway",
            "TradeStatus",
            "PaymentType",
            "CardBank",
            "Card6No",
            "Card4No",
            "ResCode",
            "ResCodeMsg",
            "AuthCode",
            "AuthBankName",
        ]
        .contains(&name)
        {
            assert_eq!(get(&inner, name), value, "{name}");
        }
    }
    assert_eq!(
        (
            get(&inner, "TradeAmt"),
            get(&inner, "FirstAmt"),
            get(&inner, "EachAmt")
        ),
        ("1250", "1250", "0")
    );
    assert_eq!(shop.hear().await.inner(), inner);
    // The page is over: the same choice again shows the result and charges nothing.
    let (_, again) = shop.press(&format!("{page}/pay"), &CARD).await;
    assert_eq!(return_form(&again).1, outer);
    assert_eq!(shop.control_get("state").await["charged"], 1250);
}

#[tokio::test]
async fn the_policy_lets_the_form_go_back_to_the_shop_and_nowhere_else() {
    let shop = Shop::open().await;
    let (page, _) = shop.page(&shop.order("A-1", "100", &[])).await;
    shop.press(&format!("{page}/pay"), &CARD).await;
    let done = shop
        .http
        .get(format!("{}{page}", shop.base))
        .send()
        .await
        .unwrap();
    let policy = done.headers()["content-security-policy"].to_str().unwrap();
    assert!(
        policy.ends_with("form-action 'self' http://shop.test"),
        "{policy}"
    );
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
}

#[tokio::test]
async fn wrong_input_is_told_and_no_number_is_kept() {
    let shop = Shop::open().await;
    let (page, _) = shop.page(&shop.order("A-1", "100", &[])).await;
    for (change, told) in [
        (("card_number", "4147"), "16 或 19 碼"),
        (("card_number", "4111111111111111"), "請勿在此輸入真實卡號"),
        (("card_number", "4147632000000001"), "僅供分期"),
        (("card_number", "6200000000000001"), "銀聯卡"),
        (("expiry", "13/30"), "MM/YY"),
        (("cvc", "12"), "3 碼"),
        (("mail", "nobody"), "電子信箱"),
    ] {
        let mut form: Vec<_> = CARD
            .iter()
            .filter(|(n, _)| *n != change.0)
            .copied()
            .collect();
        form.push(change);
        let (status, html) = shop.press(&format!("{page}/pay"), &form).await;
        assert_eq!(status, 422);
        assert!(html.contains(told), "{told}");
        assert!(!html.contains("4111111111111111"));
    }
    assert_eq!(shop.control_get("state").await["trades"], json!([]));
    assert!(!shop.control_get("log").await.to_string().contains("411111"));
}

#[tokio::test]
async fn an_unknown_card_may_be_declined_and_leaves_ten_digits() {
    let shop = Shop::open().await;
    shop.switch(&json!({"unknown_card": "decline"})).await;
    let (page, _) = shop.page(&shop.order("A-1", "100", &[])).await;
    let form = [
        ("method", "Credit"),
        ("card_number", "4111111111111111"),
        ("expiry", "1230"),
        ("cvc", "123"),
    ];
    let (_, html) = shop.press(&format!("{page}/pay"), &form).await;
    let inner = open(&return_form(&html).1).unwrap();
    assert_eq!(
        (
            get(&inner, "Status"),
            get(&inner, "TradeStatus"),
            get(&inner, "Card6No"),
            get(&inner, "Card4No")
        ),
        ("UNAPPROVED", "2", "411111", "1111")
    );
    for path in ["state", "log", "messages"] {
        assert!(
            !shop
                .control_get(path)
                .await
                .to_string()
                .contains("4111111111")
        );
    }
}

#[tokio::test]
async fn the_3d_step_passes_and_fails() {
    let shop = Shop::open().await;
    for (number, answer, status, code) in [
        ("A-1", "ok", "SUCCESS", "1"),
        ("A-2", "fail", "UNAPPROVED", "2"),
    ] {
        let (page, _) = shop
            .page(&shop.order(number, "100", &[("API3D", "1")]))
            .await;
        let (_, html) = shop.press(&format!("{page}/pay"), &CARD).await;
        assert!(html.contains("id=\"form-3d\"") && html.contains("data-stage=\"3d\""));
        // The choice is made: another one does not slip past the step.
        let (_, html) = shop
            .press(&format!("{page}/pay"), &[("method", "CVS")])
            .await;
        assert!(html.contains("data-stage=\"3d\""));
        let (_, html) = shop
            .press(&format!("{page}/3d"), &[("otp", "1"), ("result", answer)])
            .await;
        let inner = open(&return_form(&html).1).unwrap();
        assert_eq!(
            (get(&inner, "Status"), get(&inner, "TradeStatus")),
            (status, code)
        );
    }
}

#[tokio::test]
async fn the_documented_cards_end_as_documented() {
    let shop = Shop::open().await;
    for (number, quick, status, auth, inst) in [
        ("A-1", "jcb", "1", "1", "1"),
        ("A-2", "inst", "1", "2", "3"),
        ("A-3", "union", "1", "7", "1"),
        ("A-4", "decline", "2", "1", "1"),
    ] {
        let (page, html) = shop.page(&shop.order(number, "1000", &[])).await;
        assert!(html.contains(&format!("quick-{quick}")));
        let (_, html) = shop
            .press(&format!("{page}/pay"), &[("quick", quick)])
            .await;
        let inner = open(&return_form(&html).1).unwrap();
        assert_eq!(
            (
                get(&inner, "TradeStatus"),
                get(&inner, "AuthType"),
                get(&inner, "CardInst")
            ),
            (status, auth, inst),
            "{quick}"
        );
        if quick == "inst" {
            assert_eq!(
                (get(&inner, "FirstAmt"), get(&inner, "EachAmt")),
                ("334", "333")
            );
        }
    }
    // An ECI mismatch shows after a passed 3D step, and a query then says 3.
    let (page, _) = shop.page(&shop.order("A-5", "1000", &[])).await;
    shop.press(&format!("{page}/pay"), &[("quick", "eci")])
        .await;
    shop.press(&format!("{page}/3d"), &[("result", "ok")]).await;
    assert_eq!(get(&shop.query("A-5").await, "Result[0][TradeStatus]"), "3");
}

#[tokio::test]
async fn atm_cvs_and_wallets_on_the_page() {
    let shop = Shop::open().await;
    let (page, html) = shop
        .page(&shop.order("A-1", "500", &[("ATM", "1"), ("AtmBankType", "004,013")]))
        .await;
    assert!(
        html.contains("台灣銀行") && !html.contains("中國信託") && !html.contains("method-credit")
    );
    assert_eq!(
        shop.press(
            &format!("{page}/pay"),
            &[("method", "ATM"), ("bank", "822")]
        )
        .await
        .0,
        422
    );
    let (_, html) = shop
        .press(
            &format!("{page}/pay"),
            &[("method", "ATM"), ("bank", "013")],
        )
        .await;
    let inner = open(&return_form(&html).1).unwrap();
    assert_eq!(
        names(&inner)[9..],
        ["BankType", "PayNo", "PaySet", "ExpireDate"]
    );
    assert_eq!(
        (
            get(&inner, "Message"),
            get(&inner, "TradeStatus"),
            get(&inner, "PayNo").len()
        ),
        ("(ATM)建立成功", "0", 16)
    );
    assert!(
        get(&inner, "ExpireDate").ends_with(" 23:59:59") && html.contains(get(&inner, "PayNo"))
    );
    let (page, _) = shop.page(&shop.order("A-2", "500", &[])).await;
    let (_, html) = shop
        .press(&format!("{page}/pay"), &[("method", "CVS")])
        .await;
    let inner = open(&return_form(&html).1).unwrap();
    assert_eq!(names(&inner)[9..], ["Store", "PayNo", "ExpireDate"]);
    assert_eq!(
        (get(&inner, "Store"), get(&inner, "PayNo").len()),
        ("SEVEN", 12)
    );
    let (page, _) = shop.page(&shop.order("A-3", "500", &[])).await;
    let (_, html) = shop
        .press(&format!("{page}/pay"), &[("method", "LinePay")])
        .await;
    assert!(html.contains("id=\"wallet-ok\""));
    let (_, html) = shop
        .press(&format!("{page}/wallet"), &[("result", "ok")])
        .await;
    let inner = open(&return_form(&html).1).unwrap();
    assert_eq!(
        (get(&inner, "PaymentType"), get(&inner, "TradeStatus")),
        ("9", "1")
    );
}

#[tokio::test]
async fn the_page_ends_with_its_time() {
    let shop = Shop::open().await;
    let (page, _) = shop
        .page(&shop.order("A-1", "500", &[("TradeLExpireSec", "60")]))
        .await;
    shop.control("clock", &json!({"advance_s": 61})).await;
    let (status, html) = shop.press(&format!("{page}/pay"), &CARD).await;
    assert_eq!(status, 410);
    assert!(html.contains("UPP03000"));
    assert_eq!(get(&shop.query("A-1").await, "Status"), "QUERY03001");
}

#[tokio::test]
async fn refusals_name_their_code() {
    let shop = Shop::open().await;
    shop.page(&shop.order("TAKEN", "100", &[])).await;
    let day = |text: &str| vec![("ExpireDate", text.to_owned())];
    let one = |name: &'static str, value: &str| vec![(name, value.to_owned())];
    for (change, code) in [
        (one("MerTradeNo", ""), "UPP02002"),
        (one("MerTradeNo", "12345678901234567890123456"), "UPP02003"),
        (one("MerTradeNo", "A 1"), "UPP02004"),
        (one("MerTradeNo", "TAKEN"), "UPP01007"),
        (one("TradeAmt", ""), "UPP02005"),
        (one("TradeAmt", "1.5"), "UPP02006"),
        (one("TradeAmt", "-5"), "UPP02007"),
        (one("Timestamp", ""), "UPP02008"),
        (one("Timestamp", "now"), "UPP02009"),
        (one("ReturnURL", "javascript:alert(1)"), "UPP02011"),
        (one("NotifyURL", "/notify"), "UPP02012"),
        (one("BackURL", "ftp://x"), "UPP02044"),
        (one("UsrMail", "x"), "UPP02013"),
        (one("TradeLExpireSec", "59"), "UPP02046"),
        (day("2020-01-01"), "UPP02043"),
        (day("soon"), "UPP02042"),
        (one("AtmBankType", "999"), "UPP02077"),
        (one("MerID", "SOMEONE"), "UPP02111"),
        (one("CreditInst", "5"), "UPP02034"),
        (one("ApplePay", "1"), "UPP02022"),
        (
            vec![
                ("CVS", "1".to_owned()),
                ("ATM", "1".to_owned()),
                ("TradeAmt", "50000".to_owned()),
            ],
            "UPP02022",
        ),
    ] {
        let more: Vec<(&str, &str)> = change.iter().map(|(n, v)| (*n, v.as_str())).collect();
        let (_, html) = shop.page(&shop.order("A-1", "100", &more)).await;
        assert!(
            html.contains(&format!("<code id=\"error-code\">{code}</code>")),
            "{code}: {more:?}"
        );
    }
    assert_eq!(
        shop.control_get("state").await["pages"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    shop.switch(&json!({"upp_invalid": "return"})).await;
    let (_, html) = shop.page(&shop.order("TAKEN", "100", &[])).await;
    assert_eq!(
        get(&open(&return_form(&html).1).unwrap(), "Status"),
        "UPP01007"
    );
    // Ten minutes later the number is free again, where the switch says so.
    shop.switch(&json!({"mer_trade_no_rule": "ten_minutes"}))
        .await;
    shop.control("clock", &json!({"advance_s": 601})).await;
    assert!(
        shop.page(&shop.order("TAKEN", "100", &[]))
            .await
            .0
            .starts_with("/upp/")
    );
}

#[tokio::test]
async fn amounts_beyond_a_method_s_limits_hide_it() {
    let shop = Shop::open().await;
    let (_, html) = shop.page(&shop.order("A-1", "25000", &[])).await;
    assert!(html.contains("id=\"method-atm\"") && !html.contains("id=\"method-cvs\""));
    let (_, html) = shop.page(&shop.order("A-2", "10", &[])).await;
    assert!(!html.contains("id=\"method-atm\"") && html.contains("id=\"method-credit\""));
}

#[tokio::test]
async fn a_double_click_charges_once() {
    let shop = Shop::open().await;
    let (page, _) = shop.page(&shop.order("A-1", "100", &[])).await;
    let path = format!("{page}/pay");
    let (one, two, three) = tokio::join!(
        shop.press(&path, &CARD),
        shop.press(&path, &CARD),
        shop.press(&path, &CARD)
    );
    assert_eq!(return_form(&one.1).1, return_form(&two.1).1);
    assert_eq!(return_form(&one.1).1, return_form(&three.1).1);
    shop.hear().await;
    assert_eq!(shop.control_get("state").await["charged"], 100);
    assert!(shop.silent().await);
}
