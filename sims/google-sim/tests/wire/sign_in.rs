//! Sign in with Google: the chooser, codes, PKCE, ID tokens and their lies.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use google_sim::{CLIENT_ID, CLIENT_SECRET};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::sandbox::{Answer, Sandbox, answer};

const CALLBACK: &str = "http://localhost:9/auth/google/callback";
const VERIFIER: &str = "0123456789012345678901234567890123456789abc";

fn query(pairs: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

fn authorize_url(sandbox: &Sandbox, more: &[(&str, &str)]) -> String {
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
    let mut pairs = vec![
        ("client_id", CLIENT_ID),
        ("response_type", "code"),
        ("scope", "openid email profile"),
        ("redirect_uri", CALLBACK),
        ("state", "st&te"),
        ("nonce", "n-1"),
        ("code_challenge", challenge.as_str()),
        ("code_challenge_method", "S256"),
    ];
    pairs.retain(|(k, _)| !more.iter().any(|(m, _)| m == k));
    pairs.extend_from_slice(more);
    sandbox.at(&format!("/o/oauth2/v2/auth?{}", query(&pairs)))
}

fn params(url: &str) -> std::collections::HashMap<String, String> {
    url::Url::parse(url)
        .unwrap()
        .query_pairs()
        .into_owned()
        .collect()
}

async fn choose(sandbox: &Sandbox, account: &str) -> String {
    let url = authorize_url(sandbox, &[]);
    let done = sandbox
        .control(
            Method::POST,
            "/_sandbox/authorize",
            json!({"url": url, "account": account}),
        )
        .await;
    done.body["redirect"].as_str().unwrap().to_owned()
}

async fn redeem(sandbox: &Sandbox, code: &str, verifier: &str, uri: &str) -> Answer {
    let form = [
        ("grant_type", "authorization_code"),
        ("code", code),
        ("redirect_uri", uri),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
        ("code_verifier", verifier),
    ];
    answer(sandbox.form("/token", &form).await).await
}

fn part(token: &str, index: usize) -> Value {
    let part = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
}

/// Checks RS256 against the published keys, as a client does.
async fn verified(sandbox: &Sandbox, token: &str) -> bool {
    let kid = part(token, 0)["kid"].clone();
    let keys = answer(sandbox.get("/oauth2/v3/certs").await).await.body;
    let Some(key) = keys["keys"]
        .as_array()
        .unwrap()
        .iter()
        .find(|k| k["kid"] == kid)
    else {
        return false;
    };
    let number = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str().unwrap()).unwrap();
    let (input, signature) = token.rsplit_once('.').unwrap();
    let public = aws_lc_rs::signature::RsaPublicKeyComponents {
        n: number("n"),
        e: number("e"),
    };
    let algorithm = &aws_lc_rs::signature::RSA_PKCS1_2048_8192_SHA256;
    public
        .verify(
            algorithm,
            input.as_bytes(),
            &URL_SAFE_NO_PAD.decode(signature).unwrap(),
        )
        .is_ok()
}

#[tokio::test]
async fn a_person_signs_in_through_the_page() {
    let sandbox = Sandbox::start().await;
    let page = sandbox
        .http
        .get(authorize_url(
            &sandbox,
            &[("login_hint", "zhiming@buyer.example")],
        ))
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 200);
    let html = page.text().await.unwrap();
    assert!(html.contains("沙盒"), "the page says what it is");
    let positions: Vec<_> = [
        "account-buyer2",
        "account-owner",
        "account-buyer1",
        "account-unverified",
        "account-cancel",
    ]
    .iter()
    .map(|id| html.find(&format!("id=\"{id}\"")).unwrap())
    .collect();
    assert!(positions.is_sorted(), "the hinted account comes first");

    let request = authorize_url(&sandbox, &[])
        .split_once('?')
        .unwrap()
        .1
        .to_owned();
    let chosen = sandbox
        .form(
            "/o/oauth2/v2/auth/choose",
            &[("request", &request), ("account", "buyer1")],
        )
        .await;
    assert_eq!(chosen.status(), 303);
    let location = chosen.headers()["location"].to_str().unwrap().to_owned();
    assert!(location.starts_with(CALLBACK));
    let back = params(&location);
    assert_eq!(back["state"], "st&te");
    assert!(!back.contains_key("iss"), "Google sends no iss");

    let tokens = redeem(&sandbox, &back["code"], VERIFIER, CALLBACK).await;
    assert_eq!(tokens.status, 200);
    assert_eq!(tokens.body["token_type"], "Bearer");
    assert!(
        tokens.body.get("refresh_token").is_none(),
        "only with access_type=offline"
    );
    let token = tokens.body["id_token"].as_str().unwrap();
    assert!(verified(&sandbox, token).await);
    let claims = part(token, 1);
    assert_eq!(claims["iss"], sandbox.base);
    assert_eq!(
        (&claims["aud"], &claims["azp"]),
        (&json!(CLIENT_ID), &json!(CLIENT_ID))
    );
    assert_eq!(claims["nonce"], "n-1");
    assert_eq!(claims["email"], "mei@buyer.example");
    assert_eq!(claims["email_verified"], true);
    assert_eq!(claims["sub"].as_str().unwrap().len(), 21);
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        3600
    );
    let digest = Sha256::digest(tokens.body["access_token"].as_str().unwrap());
    assert_eq!(
        claims["at_hash"],
        json!(URL_SAFE_NO_PAD.encode(&digest[..16]))
    );
}

#[tokio::test]
async fn an_access_token_tells_who_it_is_until_it_is_revoked() {
    let sandbox = Sandbox::start().await;
    let code = params(&choose(&sandbox, "buyer1").await)["code"].clone();
    let tokens = redeem(&sandbox, &code, VERIFIER, CALLBACK).await;
    let claims = part(tokens.body["id_token"].as_str().unwrap(), 1);
    let picture = sandbox
        .http
        .get(claims["picture"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(picture.headers()["content-type"], "image/svg+xml");
    let access = tokens.body["access_token"].as_str().unwrap();
    let me = answer(
        sandbox
            .http
            .get(sandbox.at("/v1/userinfo"))
            .bearer_auth(access)
            .send()
            .await
            .unwrap(),
    )
    .await;
    assert_eq!(me.body["sub"], claims["sub"]);
    assert_eq!(
        sandbox.form("/revoke", &[("token", access)]).await.status(),
        200
    );
    let gone = sandbox
        .http
        .get(sandbox.at("/v1/userinfo"))
        .bearer_auth(access)
        .send()
        .await
        .unwrap();
    assert_eq!(gone.status(), 401);
}

#[tokio::test]
async fn a_code_is_good_once_for_its_verifier_client_and_address() {
    let sandbox = Sandbox::start().await;
    let code = params(&choose(&sandbox, "buyer1").await)["code"].clone();
    assert_eq!(
        redeem(&sandbox, &code, VERIFIER, CALLBACK).await.status,
        200
    );
    let again = redeem(&sandbox, &code, VERIFIER, CALLBACK).await;
    assert_eq!(
        (again.status.as_u16(), &again.body["error"]),
        (400, &json!("invalid_grant"))
    );

    let code = params(&choose(&sandbox, "buyer1").await)["code"].clone();
    let wrong = redeem(
        &sandbox,
        &code,
        "another-verifier-another-verifier-another-v",
        CALLBACK,
    )
    .await;
    assert_eq!(
        (wrong.status.as_u16(), &wrong.body["error_description"]),
        (400, &json!("Invalid code verifier."))
    );

    let code = params(&choose(&sandbox, "buyer1").await)["code"].clone();
    let elsewhere = redeem(
        &sandbox,
        &code,
        VERIFIER,
        "http://localhost:10/auth/google/callback",
    )
    .await;
    assert_eq!(
        (elsewhere.status.as_u16(), &elsewhere.body["error"]),
        (400, &json!("redirect_uri_mismatch"))
    );

    let code = params(&choose(&sandbox, "buyer1").await)["code"].clone();
    sandbox
        .control(Method::POST, "/_sandbox/clock", json!({"advance_s": 601}))
        .await;
    assert_eq!(
        redeem(&sandbox, &code, VERIFIER, CALLBACK).await.body["error"],
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_client_proves_itself_by_post_or_basic() {
    let sandbox = Sandbox::start().await;
    for (secret, status) in [(CLIENT_SECRET, 200), ("wrong", 401)] {
        let code = params(&choose(&sandbox, "buyer1").await)["code"].clone();
        let basic = format!("Basic {}", STANDARD.encode(format!("{CLIENT_ID}:{secret}")));
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("redirect_uri", CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        let reply = sandbox
            .http
            .post(sandbox.at("/token"))
            .header("authorization", basic)
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), status);
    }
    let stranger = answer(
        sandbox
            .form(
                "/token",
                &[
                    ("grant_type", "authorization_code"),
                    ("client_id", "x"),
                    ("client_secret", "y"),
                    ("code", "z"),
                ],
            )
            .await,
    )
    .await;
    assert_eq!(
        (stranger.status.as_u16(), &stranger.body["error"]),
        (401, &json!("invalid_client"))
    );
}

#[tokio::test]
async fn cancelling_and_impossible_prompts_come_back_with_the_state() {
    let sandbox = Sandbox::start().await;
    let cancelled = params(&choose(&sandbox, "cancel").await);
    assert_eq!(
        (cancelled["error"].as_str(), cancelled["state"].as_str()),
        ("access_denied", "st&te")
    );
    let silent = sandbox
        .http
        .get(authorize_url(&sandbox, &[("prompt", "none")]))
        .send()
        .await
        .unwrap();
    assert_eq!(silent.status(), 302);
    assert_eq!(
        params(silent.headers()["location"].to_str().unwrap())["error"],
        "interaction_required"
    );
}

#[tokio::test]
async fn what_cannot_be_trusted_is_never_redirected() {
    let sandbox = Sandbox::start().await;
    let cases = [
        (
            ("redirect_uri", "http://evil.example/auth/google/callback"),
            400,
            "redirect_uri_mismatch",
        ),
        (
            ("redirect_uri", "http://localhost:9/auth/google/callback/"),
            400,
            "redirect_uri_mismatch",
        ),
        (
            (
                "redirect_uri",
                "http://localhost.evil.example/auth/google/callback",
            ),
            400,
            "redirect_uri_mismatch",
        ),
        (
            (
                "redirect_uri",
                "http://user@localhost:9/auth/google/callback",
            ),
            400,
            "redirect_uri_mismatch",
        ),
        (("client_id", "nobody"), 401, "invalid_client"),
        (("response_type", "token"), 400, "invalid_request"),
        (("scope", ""), 400, "invalid_request"),
        (("code_challenge", "short"), 400, "invalid_request"),
    ];
    for (change, status, error) in cases {
        let page = sandbox
            .http
            .get(authorize_url(&sandbox, &[change]))
            .send()
            .await
            .unwrap();
        assert_eq!(page.status(), status, "{change:?}");
        assert!(page.headers().get("location").is_none(), "{change:?}");
        assert!(page.text().await.unwrap().contains(error), "{change:?}");
    }
}

#[tokio::test]
async fn keys_rotate_and_the_old_one_stays_a_while() {
    let sandbox = Sandbox::start().await;
    let before = answer(sandbox.get("/oauth2/v3/certs").await).await.body;
    assert_eq!(before["keys"].as_array().unwrap().len(), 2);
    let old = params(&choose(&sandbox, "buyer1").await)["code"].clone();
    let old = redeem(&sandbox, &old, VERIFIER, CALLBACK).await.body["id_token"]
        .as_str()
        .unwrap()
        .to_owned();
    sandbox
        .control(Method::POST, "/_sandbox/keys/rotate", json!({}))
        .await;
    let reply = sandbox.get("/oauth2/v3/certs").await;
    assert!(
        reply.headers()["cache-control"]
            .to_str()
            .unwrap()
            .contains("max-age=")
    );
    let new = params(&choose(&sandbox, "buyer1").await)["code"].clone();
    let new = redeem(&sandbox, &new, VERIFIER, CALLBACK).await.body["id_token"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_ne!(part(&old, 0)["kid"], part(&new, 0)["kid"]);
    assert!(verified(&sandbox, &old).await && verified(&sandbox, &new).await);
    sandbox
        .control(
            Method::POST,
            "/_sandbox/keys/rotate",
            json!({"forget_all": true}),
        )
        .await;
    assert!(!verified(&sandbox, &old).await && !verified(&sandbox, &new).await);
}

#[tokio::test]
async fn id_tokens_lie_once_when_told_to() {
    let sandbox = Sandbox::start().await;
    type Check = fn(&Value, &Value) -> bool;
    let lies: [(&str, Check); 10] = [
        ("wrong_nonce", |_, c| {
            c["nonce"] != "n-1" && c["nonce"].is_string()
        }),
        ("missing_nonce", |_, c| c.get("nonce").is_none()),
        ("wrong_aud", |_, c| c["aud"] != CLIENT_ID),
        ("wrong_iss", |_, c| {
            !c["iss"].as_str().unwrap().starts_with("http://127")
        }),
        ("bare_iss", |_, c| {
            c["iss"].as_str().unwrap().starts_with("127.0.0.1:")
        }),
        ("expired", |_, c| {
            c["exp"].as_i64() < Some(jiff::Timestamp::now().as_second())
        }),
        ("missing_sub", |_, c| c.get("sub").is_none()),
        ("email_unverified", |_, c| c["email_verified"] == false),
        ("alg_none", |h, _| h["alg"] == "none"),
        ("alg_hs256", |h, _| h["alg"] == "HS256"),
    ];
    for (kind, holds) in lies {
        sandbox
            .control(Method::POST, "/_sandbox/faults", json!({"kind": kind}))
            .await;
        for lying in [true, false] {
            let code = params(&choose(&sandbox, "buyer1").await)["code"].clone();
            let tokens = redeem(&sandbox, &code, VERIFIER, CALLBACK).await;
            let token = tokens.body["id_token"].as_str().unwrap();
            assert_eq!(holds(&part(token, 0), &part(token, 1)), lying, "{kind}");
        }
    }
    for kind in ["bad_signature", "unknown_kid"] {
        sandbox
            .control(Method::POST, "/_sandbox/faults", json!({"kind": kind}))
            .await;
        let code = params(&choose(&sandbox, "buyer1").await)["code"].clone();
        let token = redeem(&sandbox, &code, VERIFIER, CALLBACK).await.body["id_token"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(!verified(&sandbox, &token).await, "{kind}");
    }
    sandbox
        .control(
            Method::POST,
            "/_sandbox/faults",
            json!({"kind": "wrong_state"}),
        )
        .await;
    assert_ne!(params(&choose(&sandbox, "buyer1").await)["state"], "st&te");
}

#[tokio::test]
async fn a_refresh_token_comes_with_offline_access_only() {
    let sandbox = Sandbox::start().await;
    let url = authorize_url(&sandbox, &[("access_type", "offline")]);
    let done = sandbox
        .control(
            Method::POST,
            "/_sandbox/authorize",
            json!({"url": url, "account": "owner"}),
        )
        .await;
    let code = params(done.body["redirect"].as_str().unwrap())["code"].clone();
    let refresh = redeem(&sandbox, &code, VERIFIER, CALLBACK).await.body["refresh_token"]
        .as_str()
        .unwrap()
        .to_owned();
    let form = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &refresh),
        ("client_id", CLIENT_ID),
        ("client_secret", CLIENT_SECRET),
    ];
    assert_eq!(sandbox.form("/token", &form).await.status(), 200);
    sandbox.form("/revoke", &[("token", &refresh)]).await;
    assert_eq!(
        answer(sandbox.form("/token", &form).await).await.body["error"],
        "invalid_grant"
    );
}
