//! Quotas on the sandbox's clock, and everything that can be made to go wrong.

use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use crate::sandbox::{Answer, Sandbox};

const APPEND: &str = "/values/A1:append?valueInputOption=RAW";

async fn append(sandbox: &Sandbox, token: &str, value: &str) -> Answer {
    sandbox
        .sheets(
            token,
            Method::POST,
            APPEND,
            Some(json!({"values": [[value]]})),
        )
        .await
}

async fn fault(sandbox: &Sandbox, fault: Value) {
    assert_eq!(
        sandbox
            .control(Method::POST, "/_sandbox/faults", fault)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn sixty_reads_a_minute_and_then_a_full_error() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    sandbox
        .control(Method::POST, "/_sandbox/clock", json!({"rate": 0}))
        .await;
    for n in 0..60 {
        assert_eq!(
            sandbox
                .sheets(&token, Method::GET, "/values/A1", None)
                .await
                .status,
            200,
            "{n}"
        );
    }
    let over = sandbox
        .sheets(&token, Method::GET, "/values/A1", None)
        .await;
    assert_eq!(over.status, 429);
    let error = &over.body["error"];
    assert_eq!(error["status"], "RESOURCE_EXHAUSTED");
    assert_eq!(error["details"][0]["reason"], "RATE_LIMIT_EXCEEDED");
    assert_eq!(
        error["details"][0]["metadata"]["quota_limit"],
        "ReadRequestsPerMinutePerUser"
    );
    assert_eq!(
        append(&sandbox, &token, "x").await.status,
        200,
        "writes have their own budget"
    );
    sandbox
        .control(Method::POST, "/_sandbox/clock", json!({"advance_s": 2}))
        .await;
    for status in [200, 200, 429] {
        assert_eq!(
            sandbox
                .sheets(&token, Method::GET, "/values/A1", None)
                .await
                .status,
            status,
            "two seconds, two tokens"
        );
    }
    sandbox
        .control(Method::POST, "/_sandbox/clock", json!({"advance_s": 600}))
        .await;
    for _ in 0..60 {
        sandbox
            .sheets(&token, Method::GET, "/values/A1", None)
            .await;
    }
    assert_eq!(
        sandbox
            .sheets(&token, Method::GET, "/values/A1", None)
            .await
            .status,
        429,
        "a bucket holds a minute's worth"
    );
    sandbox
        .control(
            Method::POST,
            "/_sandbox/quotas",
            json!({"per_user": 1000, "per_project": 1}),
        )
        .await;
    sandbox
        .sheets(&token, Method::GET, "/values/A1", None)
        .await;
    let project = sandbox
        .sheets(&token, Method::GET, "/values/A1", None)
        .await;
    assert_eq!(
        project.body["error"]["details"][0]["metadata"]["quota_limit"],
        "ReadRequestsPerMinutePerProject"
    );
}

#[tokio::test]
async fn a_lost_answer_leaves_its_row_behind() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    append(&sandbox, &token, "a").await;
    fault(
        &sandbox,
        json!({"kind": "unavailable_503", "method": "values.append"}),
    )
    .await;
    assert_eq!(
        sandbox
            .sheets(&token, Method::GET, "/values/A1", None)
            .await
            .status,
        200,
        "only the named method"
    );
    assert_eq!(append(&sandbox, &token, "b").await.status, 503);
    assert_eq!(
        sandbox.rows("工作表1").await,
        json!([["a"]]),
        "before commit"
    );
    fault(&sandbox, json!({"kind": "applied_503"})).await;
    assert_eq!(append(&sandbox, &token, "c").await.status, 503);
    assert_eq!(
        sandbox.rows("工作表1").await,
        json!([["a"], ["c"]]),
        "after commit"
    );
    fault(&sandbox, json!({"kind": "applied_reset"})).await;
    let body = Some(json!({"values": [["d"]]}));
    assert!(
        sandbox
            .try_sheets(&token, Method::POST, APPEND, body)
            .await
            .is_err()
    );
    fault(&sandbox, json!({"kind": "applied_timeout", "delay_ms": 20})).await;
    let body = Some(json!({"values": [["e"]]}));
    assert!(
        sandbox
            .try_sheets(&token, Method::POST, APPEND, body)
            .await
            .is_err()
    );
    assert_eq!(
        sandbox.rows("工作表1").await,
        json!([["a"], ["c"], ["d"], ["e"]])
    );
    fault(&sandbox, json!({"kind": "reset"})).await;
    let body = Some(json!({"values": [["f"]]}));
    assert!(
        sandbox
            .try_sheets(&token, Method::POST, APPEND, body)
            .await
            .is_err()
    );
    assert_eq!(
        sandbox.rows("工作表1").await,
        json!([["a"], ["c"], ["d"], ["e"]])
    );
    assert_eq!(
        append(&sandbox, &token, "g").await.status,
        200,
        "each fault was for once"
    );
}

#[tokio::test]
async fn faults_last_as_long_as_they_are_told() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    fault(&sandbox, json!({"kind": "quota_429", "times": 2})).await;
    for status in [429, 429, 200] {
        let reply = append(&sandbox, &token, "x").await;
        assert_eq!(reply.status, status);
        if status == 429 {
            assert_eq!(
                reply.body["error"]["details"][0]["metadata"]["quota_metric"],
                "sheets.googleapis.com/write_requests"
            );
        }
    }
    fault(&sandbox, json!({"kind": "html_502", "times": "always"})).await;
    for _ in 0..3 {
        let page = append(&sandbox, &token, "x").await;
        assert!(page.status == 502 && page.body.as_str().unwrap().contains("<!DOCTYPE html>"));
    }
    let listed = sandbox
        .control(Method::GET, "/_sandbox/faults", json!({}))
        .await
        .body;
    assert_eq!(
        (&listed["faults"][0]["kind"], &listed["faults"][0]["hits"]),
        (&json!("html_502"), &json!(3))
    );
    assert_eq!(
        sandbox
            .control(Method::DELETE, "/_sandbox/faults", json!({}))
            .await
            .body["removed"],
        1
    );
    assert_eq!(append(&sandbox, &token, "y").await.status, 200);
    fault(&sandbox, json!({"kind": "token_revoked"})).await;
    assert_eq!(append(&sandbox, &token, "z").await.status, 401);
    assert_eq!(
        append(&sandbox, &token, "z").await.status,
        401,
        "it stays revoked"
    );
    let fresh = sandbox.token().await;
    assert_eq!(append(&sandbox, &fresh, "z").await.status, 200);
    fault(&sandbox, json!({"kind": "slow", "delay_ms": 150})).await;
    let begun = std::time::Instant::now();
    append(&sandbox, &fresh, "s").await;
    assert!(begun.elapsed() >= Duration::from_millis(150));
    for bad in [
        json!({"kind": "nonsense"}),
        json!({"kind": "slow", "times": 0}),
        json!({}),
    ] {
        assert_eq!(
            sandbox
                .control(Method::POST, "/_sandbox/faults", bad)
                .await
                .status,
            400
        );
    }
}

#[tokio::test]
async fn an_outage_ends_on_the_sandbox_clock() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    sandbox
        .control(Method::POST, "/_sandbox/outage", json!({"seconds": 600}))
        .await;
    assert_eq!(append(&sandbox, &token, "x").await.status, 503);
    let claims = sandbox.claims(crate::sandbox::SHEETS_SCOPE).await;
    assert_eq!(
        sandbox
            .exchange(&sandbox.assertion(&claims, false))
            .await
            .status,
        503,
        "tokens for programs too"
    );
    assert_eq!(
        sandbox
            .get("/.well-known/openid-configuration")
            .await
            .status(),
        200,
        "people still sign in"
    );
    sandbox
        .control(Method::POST, "/_sandbox/clock", json!({"advance_s": 599}))
        .await;
    assert_eq!(append(&sandbox, &token, "x").await.status, 503);
    sandbox
        .control(Method::POST, "/_sandbox/clock", json!({"advance_s": 2}))
        .await;
    assert_eq!(append(&sandbox, &token, "x").await.status, 200);
    sandbox
        .control(
            Method::POST,
            "/_sandbox/outage",
            json!({"seconds": 600, "scope": "all"}),
        )
        .await;
    assert_eq!(sandbox.get("/oauth2/v3/certs").await.status(), 503);
}

#[tokio::test]
async fn racing_appends_land_on_one_row() {
    let sandbox = Sandbox::start().await;
    let token = sandbox.token().await;
    append(&sandbox, &token, "head").await;
    fault(
        &sandbox,
        json!({"kind": "append_race", "times": 2, "delay_ms": 300}),
    )
    .await;
    let (a, b) = tokio::join!(append(&sandbox, &token, "a"), append(&sandbox, &token, "b"));
    assert_eq!(
        a.body["updates"]["updatedRange"],
        b.body["updates"]["updatedRange"]
    );
    assert_eq!(
        sandbox.rows("工作表1").await.as_array().unwrap().len(),
        2,
        "one of them is lost"
    );
}

#[tokio::test]
async fn a_fault_can_be_aimed_at_sign_in() {
    let sandbox = Sandbox::start().await;
    fault(
        &sandbox,
        json!({"kind": "unavailable_503", "method": "oauth2.certs"}),
    )
    .await;
    assert_eq!(sandbox.get("/oauth2/v3/certs").await.status(), 503);
    assert_eq!(sandbox.get("/oauth2/v3/certs").await.status(), 200);
}
