use std::collections::HashMap;

use serde_json::json;

use super::shop::{Shop, get, names};

fn columns(reply: &super::shop::Pairs) -> Vec<String> {
    let rows = reply.iter().filter_map(|(n, _)| {
        n.strip_prefix("Result[0][")
            .and_then(|n| n.strip_suffix(']'))
    });
    rows.map(str::to_owned).collect()
}

#[tokio::test]
async fn a_query_tells_the_fields_of_a_real_one_in_order() {
    let shop = Shop::open().await;
    let bought = shop.buy(&shop.order("A-1", "30", &[]), "card").await;
    let vectors: serde_json::Value = serde_json::from_str(include_str!("../vectors.json")).unwrap();
    let fixture = |id: &str| -> Vec<String> {
        let all = vectors["payload_fixtures_no_crypto"].as_array().unwrap();
        let row = all.iter().find(|f| f["id"] == id).unwrap()["inner_Result_row_in_order"]
            .as_array()
            .unwrap();
        row.iter()
            .map(|p| p[0].as_str().unwrap().to_owned())
            .collect()
    };
    let second = shop.query("A-1").await;
    assert_eq!(columns(&second), fixture("F3-trade-query-v2-paid"));
    assert_eq!(get(&second, "Message"), "查詢成功");
    assert_eq!(
        (
            get(&second, "Result[0][TradeFee]"),
            get(&second, "Result[0][DataSource]")
        ),
        ("1", "A")
    );
    assert_eq!(
        (
            get(&second, "Result[0][CardExp]"),
            get(&second, "Result[0][CloseStatus]")
        ),
        ("1230", "1")
    );
    shop.control("clock", &json!({"advance_s": 3})).await;
    let no = bought["TradeNo"].as_str().unwrap();
    assert_eq!(
        get(
            &shop.call("trade/query", "1.0", &[("TradeNo", no)]).await,
            "Result[0][CloseStatus]"
        ),
        "2"
    );
    shop.control(&format!("trades/{no}/refund"), &json!({}))
        .await;
    let first = shop.call("trade/query", "1.0", &[("TradeNo", no)]).await;
    assert_eq!(columns(&first), fixture("F2-trade-query-refunded"));
    assert_eq!(
        (
            get(&first, "Result[0][RemainAmt]"),
            get(&first, "Result[0][TradeStatus]")
        ),
        ("0", "1")
    );
}

#[tokio::test]
async fn a_query_names_what_is_wrong() {
    let shop = Shop::open().await;
    for (inner, code) in [
        (vec![], "QUERY02002"),
        (vec![("MerTradeNo", "NONE")], "QUERY03001"),
        (
            vec![("MerTradeNo", "12345678901234567890123456")],
            "QUERY02003",
        ),
        (vec![("MerTradeNo", "a b")], "QUERY02004"),
        (vec![("TradeNo", "1-2")], "QUERY02006"),
        (vec![("Timestamp", "x"), ("MerTradeNo", "A")], "QUERY02008"),
        (vec![("MerID", "OTHER"), ("MerTradeNo", "A")], "QUERY01006"),
    ] {
        assert_eq!(
            get(&shop.call("trade/query", "2.0", &inner).await, "Status"),
            code
        );
    }
    shop.switch(&json!({"timestamp_window_s": 600})).await;
    assert_eq!(get(&shop.query("NONE").await, "Status"), "QUERY02009");
}

#[tokio::test]
async fn several_are_queried_at_once_in_either_format() {
    let shop = Shop::open().await;
    shop.buy(&shop.order("A-1", "30", &[]), "card").await;
    shop.buy(&shop.order("A-2", "60", &[]), "cvs").await;
    let ask = [("QueryType", "1"), ("QueryNo", "A-1,A-2,A-3")];
    let reply = shop.call("trade/finite_query", "1.0", &ask).await;
    assert_eq!(
        (
            get(&reply, "Result[0][TradeAmt]"),
            get(&reply, "Result[1][TradeAmt]")
        ),
        ("30", "60")
    );
    assert_eq!(
        get(
            &shop
                .call("trade/finite_query", "1.0", &[("QueryNo", "A")])
                .await,
            "Status"
        ),
        "QUERY02010"
    );
    let many = vec!["A"; 101].join(",");
    assert_eq!(
        get(
            &shop
                .call(
                    "trade/finite_query",
                    "1.0",
                    &[("QueryType", "1"), ("QueryNo", &many)]
                )
                .await,
            "Status"
        ),
        "QUERY02013"
    );
    shop.switch(&json!({"finite_inner": "json"})).await;
    let mut inner = vec![("MerID", payuni_sim::DEMO_MER_ID), ("Timestamp", "1")];
    inner.extend(ask);
    let reply = shop
        .raw("trade/finite_query", &shop.outer("1.0", &inner))
        .await;
    let outer: HashMap<String, String> = serde_json::from_value(reply).unwrap();
    // The one key of "form fields" is the whole JSON text.
    let text: String = super::shop::open(&outer)
        .unwrap()
        .into_iter()
        .map(|(n, _)| n)
        .collect();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json["Result"][1]["MerTradeNo"], "A-2");
}

#[tokio::test]
async fn faults_before_decryption_answer_two_fields() {
    let shop = Shop::open().await;
    let good = shop.outer(
        "2.0",
        &[
            ("MerID", payuni_sim::DEMO_MER_ID),
            ("Timestamp", "1"),
            ("MerTradeNo", "A"),
        ],
    );
    let flipped = format!("41{}", &good["EncryptInfo"][2..]);
    let rehashed = super::shop::hash(&flipped);
    let cases: Vec<(Vec<(&str, &str)>, &str)> = vec![
        (vec![("Version", "")], "API00002"),
        (vec![("Version", "9.9")], "API00003"),
        (vec![("EncryptInfo", "")], "API00004"),
        (vec![("HashInfo", "")], "API00005"),
        (vec![("MerID", "")], "DEF01001"),
        (vec![("MerID", "NOBODY")], "DEF01005"),
        (vec![("EncryptInfo", "xyz")], "API00010"),
        (vec![("HashInfo", "xyz")], "API00011"),
        (vec![("EncryptInfo", &flipped)], "DEF01007"),
        (
            vec![("EncryptInfo", &flipped), ("HashInfo", &rehashed)],
            "DEF01002",
        ),
    ];
    for (change, code) in cases {
        let mut outer = good.clone();
        for (name, value) in change {
            outer.insert(name.to_owned(), value.to_owned());
        }
        let reply = shop.raw("trade/query", &outer).await;
        assert_eq!(reply, json!({"Status": code, "MerID": outer["MerID"]}));
    }
    let mut lower = good.clone();
    lower.insert("HashInfo".to_owned(), good["HashInfo"].to_lowercase());
    shop.switch(&json!({"fault_family": "endpoint"})).await;
    assert_eq!(
        shop.raw("trade/query", &lower).await["Status"],
        "QUERY01003"
    );
    let (_, html) = shop.page(&shop.outer("3.0", &[("MerID", "x")])).await;
    assert!(html.contains("API00003"));
}

#[tokio::test]
async fn both_form_encodings_are_read_and_unknown_paths_are_pages() {
    let shop = Shop::open().await;
    shop.buy(&shop.order("A-1", "30", &[]), "card").await;
    let outer = shop.outer(
        "2.0",
        &[
            ("MerID", payuni_sim::DEMO_MER_ID),
            ("Timestamp", "1"),
            ("MerTradeNo", "A-1"),
        ],
    );
    let mut body = String::new();
    for (name, value) in &outer {
        body +=
            &format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    body += "--XX--\r\n";
    let request = shop.http.post(format!("{}/api/trade/query", shop.base));
    let reply = request
        .header("content-type", "multipart/form-data; boundary=XX")
        .body(body)
        .send()
        .await
        .unwrap();
    let reply: serde_json::Value = reply.json().await.unwrap();
    assert_eq!(reply["Status"], "SUCCESS");
    assert_eq!(
        reply.as_object().unwrap().keys().collect::<Vec<_>>(),
        ["Status", "MerID", "Version", "EncryptInfo", "HashInfo"]
    );
    let missing = shop
        .http
        .post(format!("{}/api/api/upp", shop.base))
        .send()
        .await
        .unwrap();
    assert_eq!(missing.status(), 404);
    assert!(
        missing.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    shop.switch(
        &json!({"reply_http_status": 202, "reply_content_type": "text/html; charset=UTF-8"}),
    )
    .await;
    let reply = shop
        .http
        .post(format!("{}/api/trade/query", shop.base))
        .form(&outer)
        .send()
        .await
        .unwrap();
    assert_eq!(
        (reply.status().as_u16(), &reply.headers()["content-type"]),
        (202, &"text/html; charset=UTF-8".parse().unwrap())
    );
}

#[tokio::test]
async fn an_open_page_is_found_only_where_the_switch_says_so() {
    let shop = Shop::open().await;
    shop.page(&shop.order("A-1", "30", &[])).await;
    assert_eq!(get(&shop.query("A-1").await, "Status"), "QUERY03001");
    shop.switch(&json!({"open_page_in_query": true})).await;
    let reply = shop.query("A-1").await;
    assert_eq!(get(&reply, "Result[0][TradeStatus]"), "9");
    assert_eq!(names(&reply)[2], "Result[0][MerTradeNo]");
}

#[tokio::test]
async fn any_digit_changed_is_refused_even_with_a_fresh_hash() {
    let shop = Shop::open().await;
    let good = shop.outer(
        "2.0",
        &[
            ("MerID", payuni_sim::DEMO_MER_ID),
            ("Timestamp", "1"),
            ("MerTradeNo", "A"),
        ],
    );
    let sealed = good["EncryptInfo"].clone();
    for i in 0..sealed.len() {
        let digit = if &sealed[i..=i] == "4" { "5" } else { "4" };
        let changed = format!("{}{digit}{}", &sealed[..i], &sealed[i + 1..]);
        let mut outer = good.clone();
        outer.insert("HashInfo".to_owned(), super::shop::hash(&changed));
        outer.insert("EncryptInfo".to_owned(), changed);
        assert_eq!(
            shop.raw("trade/query", &outer).await["Status"],
            "DEF01002",
            "digit {i}"
        );
    }
}
