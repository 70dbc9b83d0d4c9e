//! The Turnstile stand-in.

use google_sim::{TURNSTILE_SECRET, TURNSTILE_SITE_KEY};
use reqwest::Method;
use serde_json::json;

use crate::sandbox::{Sandbox, answer};

async fn token(sandbox: &Sandbox) -> String {
    let form = [("sitekey", TURNSTILE_SITE_KEY), ("action", "checkout")];
    let reply = sandbox
        .http
        .post(sandbox.at("/turnstile/v0/token"))
        .header("origin", "http://localhost:8080")
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(reply.headers()["access-control-allow-origin"], "*");
    answer(reply).await.body["token"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_token_verifies_once() {
    let sandbox = Sandbox::start().await;
    let given = token(&sandbox).await;
    let form = [("secret", TURNSTILE_SECRET), ("response", given.as_str())];
    let first = answer(sandbox.form("/turnstile/v0/siteverify", &form).await)
        .await
        .body;
    assert_eq!(
        (&first["success"], &first["hostname"], &first["action"]),
        (&json!(true), &json!("localhost"), &json!("checkout"))
    );
    let second = answer(sandbox.form("/turnstile/v0/siteverify", &form).await)
        .await
        .body;
    assert_eq!(
        (&second["success"], &second["error-codes"]),
        (&json!(false), &json!(["timeout-or-duplicate"]))
    );
}

#[tokio::test]
async fn an_idempotency_key_allows_the_same_question_again() {
    let sandbox = Sandbox::start().await;
    let given = token(&sandbox).await;
    let ask = |key: &'static str| json!({"secret": TURNSTILE_SECRET, "response": given, "idempotency_key": key});
    for (key, success) in [("a", true), ("a", true), ("b", false)] {
        let reply = sandbox
            .control(Method::POST, "/turnstile/v0/siteverify", ask(key))
            .await;
        assert_eq!(reply.body["success"], success, "{key}");
    }
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let sandbox = Sandbox::start().await;
    let old = token(&sandbox).await;
    sandbox
        .control(Method::POST, "/_sandbox/clock", json!({"advance_s": 301}))
        .await;
    let cases = [
        (
            json!({}),
            json!(["missing-input-secret", "missing-input-response"]),
        ),
        (json!({"response": "x"}), json!(["missing-input-secret"])),
        (
            json!({"secret": "x", "response": "x"}),
            json!(["invalid-input-secret"]),
        ),
        (
            json!({"secret": TURNSTILE_SECRET}),
            json!(["missing-input-response"]),
        ),
        (
            json!({"secret": TURNSTILE_SECRET, "response": "x"}),
            json!(["invalid-input-response"]),
        ),
        (
            json!({"secret": TURNSTILE_SECRET, "response": old}),
            json!(["timeout-or-duplicate"]),
        ),
    ];
    for (body, codes) in cases {
        let reply = sandbox
            .control(Method::POST, "/turnstile/v0/siteverify", body.clone())
            .await;
        assert_eq!(
            (
                reply.body["success"].clone(),
                reply.body["error-codes"].clone()
            ),
            (json!(false), codes),
            "{body}"
        );
    }
    let stranger = sandbox
        .form("/turnstile/v0/token", &[("sitekey", "somebody-else")])
        .await;
    assert_eq!(stranger.status(), 400);
    assert!(
        sandbox
            .get("/turnstile/v0/api.js")
            .await
            .text()
            .await
            .unwrap()
            .contains("cf-turnstile-response")
    );
}
