//! The control API.

use reqwest::Method;
use serde_json::json;

use crate::sandbox::Sandbox;

#[tokio::test]
async fn the_log_tells_what_was_asked_without_secrets() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    let path = format!("/values/A1?access_token={token}&valueRenderOption=FORMULA");
    sandbox.sheets(&token, Method::GET, &path, None).await;
    let log = sandbox
        .control(Method::GET, "/_sandbox/log", json!({}))
        .await
        .body;
    let entries = log["requests"].as_array().unwrap();
    let ops: Vec<_> = entries.iter().filter_map(|e| e["op"].as_str()).collect();
    assert_eq!(
        ops,
        ["service_account.token", "sheets.spreadsheets.values.get"]
    );
    let last = entries.last().unwrap();
    assert!(
        last["path"]
            .as_str()
            .unwrap()
            .ends_with("/values/A1?valueRenderOption=FORMULA")
    );
    assert!(!log.to_string().contains(&token));
    let since = last["n"].as_u64().unwrap();
    let later = sandbox
        .control(
            Method::GET,
            &format!("/_sandbox/log?since={since}"),
            json!({}),
        )
        .await
        .body;
    assert_eq!(later["requests"], json!([]));
}

#[tokio::test]
async fn reset_makes_the_sheet_new_and_keeps_the_key() {
    let sandbox = Sandbox::start().await;
    let seed = json!({"sheet": {"title": "別家店", "tabs": [{"title": "商品", "rows": [["a", 1, true, null]]}]}});
    sandbox.control(Method::POST, "/_sandbox/seed", seed).await;
    assert_eq!(sandbox.rows("商品").await, json!([["a", 1, true]]));
    let old = sandbox.token().await;
    sandbox
        .control(Method::POST, "/_sandbox/clock", json!({"advance_s": 7200}))
        .await;
    sandbox
        .control(Method::POST, "/_sandbox/reset", json!({}))
        .await;
    assert_eq!(
        sandbox.sheets(&old, Method::GET, "", None).await.status,
        401
    );
    let token = sandbox.token().await;
    let book = sandbox
        .sheets(
            &token,
            Method::GET,
            "?fields=properties.title,sheets.properties.title",
            None,
        )
        .await
        .body;
    assert_eq!(
        book,
        json!({"properties": {"title": "島嶼選物訂單簿"}, "sheets": [{"properties": {"title": "工作表1"}}]})
    );
    let clock = sandbox
        .control(Method::GET, "/_sandbox/clock", json!({}))
        .await
        .body;
    assert_eq!(clock["ahead_s"], 0);
}

#[tokio::test]
async fn every_control_route_is_documented() {
    let sandbox = Sandbox::start().await;
    let document = crate::sandbox::answer(sandbox.get("/_sandbox/openapi.json").await)
        .await
        .body;
    let paths = document["paths"].as_object().unwrap();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, methods) in paths {
        for method in methods.as_object().unwrap().keys() {
            let real = path.replace("{id}", "1");
            let method = Method::from_bytes(method.to_uppercase().as_bytes()).unwrap();
            let status = sandbox
                .control(method.clone(), &real, json!({}))
                .await
                .status;
            assert_ne!(status, 405, "{method} {path} is documented and not there");
        }
    }
    let source = include_str!("../../src/control.rs");
    let routes: Vec<_> = source
        .split('"')
        .filter(|part| part.starts_with("/_sandbox/"))
        .collect();
    assert!(
        routes.len() >= 13,
        "the routes were not found in the source"
    );
    for route in routes {
        assert!(paths.contains_key(route), "{route} is not documented");
    }
}

#[tokio::test]
async fn drive_finds_the_file_by_name() {
    let sandbox = Sandbox::start().await;
    let claims = sandbox
        .claims("https://www.googleapis.com/auth/drive")
        .await;
    let token = sandbox
        .exchange(&sandbox.assertion(&claims, false))
        .await
        .body["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let q = form_urlencoded::Serializer::new(String::new())
        .append_pair(
            "q",
            "mimeType=\"application/vnd.google-apps.spreadsheet\" and name = \"島嶼選物訂單簿\"",
        )
        .finish();
    for (query, n) in [(q.as_str(), 1), ("q=name%20%3D%20%27nothing%27", 0)] {
        let reply = sandbox
            .http
            .get(sandbox.at(&format!("/drive/v3/files?{query}")))
            .bearer_auth(&token)
            .send()
            .await
            .unwrap();
        assert_eq!(
            crate::sandbox::answer(reply).await.body["files"]
                .as_array()
                .unwrap()
                .len(),
            n
        );
    }
}
