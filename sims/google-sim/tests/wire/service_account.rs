//! Tokens for the service account, scopes and access.

use google_sim::{CLIENT_ID, SERVICE_ACCOUNT_EMAIL};
use reqwest::Method;
use serde_json::json;

use crate::sandbox::{SHEETS_SCOPE, Sandbox};

#[tokio::test]
async fn the_key_file_is_googles_and_survives_a_restart() {
    let sandbox = Sandbox::start().await;
    let key = sandbox.key();
    assert_eq!(key["type"], "service_account");
    assert_eq!(key["client_email"], SERVICE_ACCOUNT_EMAIL);
    assert_eq!(key["token_uri"], json!(sandbox.at("/token")));
    let token = sandbox.token().await;
    let body = json!({"values": [["kept"]]});
    sandbox
        .sheets(
            &token,
            Method::PUT,
            "/values/A1?valueInputOption=RAW",
            Some(body),
        )
        .await;
    let sandbox = sandbox.restart().await;
    assert_eq!(sandbox.key(), key);
    let read = sandbox
        .sheets(&token, Method::GET, "/values/A1", None)
        .await;
    assert_eq!(
        read.body["values"],
        json!([["kept"]]),
        "sheet and token are kept"
    );
    assert_ne!(
        sandbox.token().await,
        token,
        "a restart does not repeat tokens"
    );
}

#[tokio::test]
async fn a_key_that_is_not_ours_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("key.json");
    let real =
        r#"{"type":"service_account","client_email":"shop@real-project.iam.gserviceaccount.com"}"#;
    std::fs::write(&file, real).unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = google_sim::Settings {
        service_account_file: Some(file.clone()),
        ..google_sim::Settings::demo()
    };
    let refused = google_sim::start(listener, settings).await;
    assert!(refused.unwrap_err().to_string().contains("left alone"));
    assert_eq!(std::fs::read_to_string(file).unwrap(), real);
}

#[tokio::test]
async fn a_broken_state_file_is_set_aside() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("google.json");
    std::fs::write(&file, "{\"generation\": oops").unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let settings = google_sim::Settings {
        state_file: Some(file),
        ..google_sim::Settings::demo()
    };
    google_sim::start(listener, settings)
        .await
        .unwrap()
        .stop()
        .await;
    assert_eq!(
        std::fs::read_to_string(folder.path().join("google.json.broken-1")).unwrap(),
        "{\"generation\": oops"
    );
}

#[tokio::test]
async fn assertions_are_judged_as_google_does() {
    let sandbox = Sandbox::start().await;
    let good = sandbox.claims(SHEETS_SCOPE).await;
    for padded in [false, true] {
        let answer = sandbox.exchange(&sandbox.assertion(&good, padded)).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body["expires_in"], 3599);
    }
    let now = sandbox.now().await;
    let with = |change: serde_json::Value| {
        let mut claims = good.clone();
        claims
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        claims
    };
    assert_eq!(
        sandbox
            .exchange(&sandbox.assertion(
                &with(json!({"aud": "https://oauth2.googleapis.com/token"})),
                false
            ))
            .await
            .status,
        200
    );
    let cases = [
        (
            json!({"aud": "https://evil.example/token"}),
            400,
            "invalid_grant",
        ),
        (json!({"exp": now + 7200}), 400, "invalid_grant"),
        (
            json!({"iat": now - 7200, "exp": now - 3600}),
            400,
            "invalid_grant",
        ),
        (
            json!({"iat": now + 900, "exp": now + 1800}),
            400,
            "invalid_grant",
        ),
        (
            json!({"iss": "nobody@x.iam.gserviceaccount.com"}),
            400,
            "invalid_grant",
        ),
        (json!({"scope": ""}), 400, "invalid_scope"),
        (
            json!({"sub": "owner@jinliu.example"}),
            401,
            "unauthorized_client",
        ),
    ];
    for (change, status, error) in cases {
        let answer = sandbox
            .exchange(&sandbox.assertion(&with(change.clone()), false))
            .await;
        assert_eq!(
            (answer.status.as_u16(), &answer.body["error"]),
            (status, &json!(error)),
            "{change}"
        );
    }
    let mut forged = sandbox.assertion(&good, false);
    let flipped = if forged.ends_with("AA") { "BB" } else { "AA" };
    forged.replace_range(forged.len() - 50..forged.len() - 48, flipped);
    let answer = sandbox.exchange(&forged).await;
    assert_eq!(answer.body["error_description"], "Invalid JWT Signature.");
}

#[tokio::test]
async fn scopes_access_and_expiry_are_enforced() {
    let sandbox = Sandbox::start().await;
    let claims = sandbox
        .claims("https://www.googleapis.com/auth/spreadsheets.readonly")
        .await;
    let readonly = sandbox
        .exchange(&sandbox.assertion(&claims, false))
        .await
        .body["access_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        sandbox
            .sheets(&readonly, Method::GET, "/values/A1", None)
            .await
            .status,
        200
    );
    let body = json!({"values": [[1]]});
    let refused = sandbox
        .sheets(
            &readonly,
            Method::PUT,
            "/values/A1?valueInputOption=RAW",
            Some(body),
        )
        .await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.body["error"]["details"][0]["reason"],
        "ACCESS_TOKEN_SCOPE_INSUFFICIENT"
    );

    let token = sandbox.token().await;
    let other = sandbox
        .http
        .get(sandbox.at("/v4/spreadsheets/unknown"))
        .bearer_auth(&token)
        .send()
        .await
        .unwrap();
    assert_eq!(other.status(), 404);
    assert_eq!(
        sandbox.sheets("nonsense", Method::GET, "", None).await.body["error"]["status"],
        "UNAUTHENTICATED"
    );
    assert_eq!(
        sandbox
            .get(&format!("/v4/spreadsheets/{}", google_sim::SHEET_ID))
            .await
            .status(),
        401
    );
    sandbox
        .control(Method::POST, "/_sandbox/clock", json!({"advance_s": 3601}))
        .await;
    assert_eq!(
        sandbox.sheets(&token, Method::GET, "", None).await.status,
        401
    );
    let made = sandbox.token().await;
    let create = sandbox
        .http
        .post(sandbox.at("/v4/spreadsheets"))
        .bearer_auth(&made)
        .json(&json!({}))
        .send()
        .await
        .unwrap();
    assert_eq!(create.status(), 403, "a service account owns no files");
}

#[tokio::test]
async fn a_self_signed_jwt_is_a_bearer_too() {
    let sandbox = Sandbox::start().await;
    let now = sandbox.now().await;
    let by_audience = json!({"iss": SERVICE_ACCOUNT_EMAIL, "sub": SERVICE_ACCOUNT_EMAIL, "aud": "https://sheets.googleapis.com/", "iat": now, "exp": now + 3600});
    let jwt = sandbox.assertion(&by_audience, false);
    assert_eq!(
        sandbox.sheets(&jwt, Method::GET, "", None).await.status,
        200
    );
    let elsewhere =
        json!({"iss": SERVICE_ACCOUNT_EMAIL, "aud": CLIENT_ID, "iat": now, "exp": now + 3600});
    assert_eq!(
        sandbox
            .sheets(&sandbox.assertion(&elsewhere, false), Method::GET, "", None)
            .await
            .status,
        401
    );
}

#[tokio::test]
async fn somebody_without_access_is_refused() {
    let sandbox = Sandbox::start().await;
    let pairs = [
        ("client_id", CLIENT_ID),
        ("response_type", "code"),
        (
            "scope",
            "openid https://www.googleapis.com/auth/spreadsheets",
        ),
        ("redirect_uri", "http://localhost:9/auth/google/callback"),
    ];
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish();
    for (account, status) in [("buyer1", 403), ("owner", 200)] {
        let url = sandbox.at(&format!("/o/oauth2/v2/auth?{query}"));
        let done = sandbox
            .control(
                Method::POST,
                "/_sandbox/authorize",
                json!({"url": url, "account": account}),
            )
            .await;
        let back = url::Url::parse(done.body["redirect"].as_str().unwrap()).unwrap();
        let code = back
            .query_pairs()
            .find(|(k, _)| k == "code")
            .unwrap()
            .1
            .into_owned();
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", "http://localhost:9/auth/google/callback"),
            ("client_id", CLIENT_ID),
            ("client_secret", google_sim::CLIENT_SECRET),
        ];
        let tokens = crate::sandbox::answer(sandbox.form("/token", &form).await).await;
        let token = tokens.body["access_token"].as_str().unwrap();
        assert_eq!(
            sandbox.sheets(token, Method::GET, "", None).await.status,
            status,
            "{account}"
        );
    }
}
