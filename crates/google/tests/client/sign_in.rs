//! The request, the callback, and who it was.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use google::sign_in::{Callback, Prompt};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::flow::{CLIENT, Flow, code, now};

#[tokio::test]
async fn a_good_sign_in_says_who_it_is() {
    let flow = Flow::new().await;
    let identity = flow.good().await.unwrap().into_inner();
    assert_eq!(identity.issuer, flow.provider.address);
    assert_eq!(identity.sub, "110169484474386276334");
    assert_eq!(
        identity.verified_email().unwrap().as_str(),
        "buyer@example.com"
    );
    assert_eq!(identity.name.as_deref(), Some("王小明"));
    assert_eq!(identity.hosted_domain, None);
}

#[tokio::test]
async fn the_request_is_what_google_documents() {
    let flow = Flow::new().await;
    let entropy = std::array::from_fn(|n| u8::try_from(n).unwrap());
    let begun = flow
        .sign_in
        .begin(entropy, Prompt::SelectAccount)
        .await
        .unwrap();
    let url = Url::parse(&begun.authorize_url).unwrap();
    let get = |name: &str| {
        url.query_pairs()
            .find(|(k, _)| k == name)
            .map(|(_, v)| v.into_owned())
            .unwrap_or_default()
    };
    assert_eq!(get("existing"), "1");
    assert_eq!(get("response_type"), "code");
    assert_eq!(get("scope"), "openid email profile");
    assert_eq!(
        get("redirect_uri"),
        "http://localhost:8080/auth/google/callback"
    );
    assert_eq!(get("prompt"), "select_account");
    assert_eq!(get("code_challenge_method"), "S256");
    assert_eq!(
        get("code_challenge"),
        URL_SAFE_NO_PAD.encode(Sha256::digest(begun.pending.verifier().as_bytes()))
    );
    assert!(!begun.authorize_url.contains(begun.pending.verifier()));
    assert_eq!(format!("{begun:?}"), "Begun(..)");

    flow.good().await.unwrap();
    flow.provider.look(|a| {
        assert_eq!(a.form["grant_type"], "authorization_code");
        assert_eq!(a.form["code"], "4/0Ab");
        assert_eq!(a.form["client_id"], CLIENT);
        assert_eq!(a.form["client_secret"], "the-secret");
        assert_eq!(
            a.form["redirect_uri"],
            "http://localhost:8080/auth/google/callback"
        );
        assert_eq!(a.form["code_verifier"].len(), 43);
    });
}

#[tokio::test]
async fn the_callback_must_answer_what_was_begun() {
    let flow = Flow::new().await;
    let begun = flow.begin().await;
    let state = begun.pending.state();
    for (query, expected) in [
        ("code=c&state=other".to_owned(), "L2.state"),
        (format!("error=access_denied&state={state}"), "cancelled"),
        ("error=access_denied&state=other".to_owned(), "L2.state"),
        (
            format!("error=interaction_required&state={state}"),
            "provider_refused",
        ),
        (
            format!("error=temporarily_unavailable&state={state}"),
            "provider_down",
        ),
        (
            format!("code=c&state={state}&iss=https://evil.example"),
            "L2.callback_iss",
        ),
        (
            format!("code=c&state={state}&iss={}", flow.provider.address),
            "L2.code",
        ),
    ] {
        let outcome = flow
            .sign_in
            .finish(&begun.pending, Callback::parse(&query).unwrap(), now())
            .await;
        assert_eq!(code(outcome), expected, "{query}");
    }
    for (status, body, expected) in [
        (401, json!({"error": "invalid_client"}), "client_refused"),
        (503, json!({}), "provider_down"),
        (400, json!({"error": "something\nelse"}), "provider_answer"),
        (200, json!({"access_token": "x"}), "provider_answer"),
        (302, json!({}), "provider_answer"),
    ] {
        flow.provider.set(|a| a.token = (status, body));
        let query = format!("code=c&state={state}");
        let outcome = flow
            .sign_in
            .finish(&begun.pending, Callback::parse(&query).unwrap(), now())
            .await;
        assert_eq!(code(outcome), expected, "{status}");
    }
}
