//! The pages, read and used without script.

use google_sim::SHEET_ID;
use reqwest::Method;
use serde_json::json;

use crate::sandbox::Sandbox;

#[expect(
    clippy::too_many_lines,
    reason = "one story: each edit builds on the one before"
)]
#[tokio::test]
async fn the_owner_edits_cells_rows_and_order_even_where_protected() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    let values = json!({"values": [["商品", "價格"], ["茶", 120], ["<b>", 80]]});
    sandbox
        .sheets(
            &token,
            Method::PUT,
            "/values/A1?valueInputOption=RAW",
            Some(values),
        )
        .await;
    let protect = json!({"requests": [{"addProtectedRange": {"protectedRange": {"range": {"sheetId": 0, "endRowIndex": 1}}}}]});
    sandbox
        .sheets(&token, Method::POST, ":batchUpdate", Some(protect))
        .await;
    let page = format!("/sheets/{SHEET_ID}");
    let html = sandbox.get(&page).await.text().await.unwrap();
    assert!(
        html.contains("茶")
            && html.contains("aria-label=\"受保護\"")
            && html.contains("&#60;b&#62;")
            && !html.contains("<b>")
    );

    let edit = |path: &str, pairs: Vec<(&'static str, &'static str)>| {
        let (sandbox, path) = (&sandbox, format!("/sheets/{SHEET_ID}{path}"));
        async move { sandbox.form(&path, &pairs).await.status().as_u16() }
    };
    assert_eq!(
        edit(
            "/cell",
            vec![("tab", "0"), ("cell", "B1"), ("value", "售價")]
        )
        .await,
        303
    );
    assert_eq!(
        edit(
            "/cell",
            vec![("tab", "0"), ("cell", "B2"), ("value", "NT$150")]
        )
        .await,
        303
    );
    assert_eq!(
        edit(
            "/rows",
            vec![("tab", "0"), ("cell", "A2"), ("action", "insert")]
        )
        .await,
        303
    );
    assert_eq!(
        edit(
            "/cell",
            vec![("tab", "0"), ("cell", "A3"), ("value", "'007")]
        )
        .await,
        303
    );
    assert_eq!(
        sandbox.rows("工作表1").await,
        json!([["商品", "售價"], ["茶", 150], ["007"], ["<b>", 80]])
    );
    assert_eq!(
        edit(
            "/sort",
            vec![("tab", "0"), ("cell", "B1"), ("order", "asc")]
        )
        .await,
        303
    );
    assert_eq!(
        edit(
            "/rows",
            vec![("tab", "0"), ("cell", "A3"), ("action", "delete")]
        )
        .await,
        303
    );
    assert_eq!(
        sandbox.rows("工作表1").await,
        json!([["商品", "售價"], ["<b>", 80], ["007"]])
    );
    assert_eq!(
        edit(
            "/cell",
            vec![("tab", "0"), ("cell", "A5000"), ("value", "x")]
        )
        .await,
        400
    );
    assert_eq!(edit("/cell", vec![("tab", "0"), ("value", "x")]).await, 400);
    let selected = sandbox
        .get(&format!("{page}?tab=0&cell=A3&refresh=true"))
        .await
        .text()
        .await
        .unwrap();
    assert!(
        selected.contains("value=\"&#39;007\""),
        "a text that looks like a number keeps its quote"
    );
    assert!(selected.contains("http-equiv=\"refresh\""));
    assert_eq!(sandbox.get("/sheets/nothing").await.status(), 404);
}

#[tokio::test]
async fn other_sites_cannot_post_here() {
    let sandbox = Sandbox::start().await;
    let path = format!("/sheets/{SHEET_ID}/cell");
    let form = [("tab", "0"), ("cell", "A1"), ("value", "x")];
    let post = sandbox
        .http
        .post(sandbox.at(&path))
        .header("sec-fetch-site", "cross-site")
        .form(&form);
    assert_eq!(post.send().await.unwrap().status(), 403);
    assert_eq!(sandbox.rows("工作表1").await, json!([]));
}

#[tokio::test]
async fn the_index_switches_faults() {
    let sandbox = Sandbox::start().await;
    assert_eq!(
        sandbox
            .form(
                "/panel/fault",
                &[("kind", "html_502"), ("times", "3"), ("method", "")]
            )
            .await
            .status(),
        303
    );
    assert_eq!(
        sandbox
            .form("/panel/outage", &[("seconds", "600"), ("scope", "sheets")])
            .await
            .status(),
        303
    );
    let html = sandbox.get("/").await.text().await.unwrap();
    assert!(html.contains("還有 3 次") && html.contains("停擺中"));
    let state = sandbox
        .control(Method::GET, "/_sandbox/state", json!({}))
        .await
        .body;
    assert_eq!(state["faults"][0]["remaining"], 3);
    sandbox.form("/panel/reset", &[]).await;
    let state = sandbox
        .control(Method::GET, "/_sandbox/state", json!({}))
        .await
        .body;
    assert_eq!(state["faults"], json!([]));
}
