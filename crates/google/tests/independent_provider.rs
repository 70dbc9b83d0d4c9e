//! Sign-in against npm's `oidc-provider`, an independent and certified OpenID Provider, shaped like Google.

#![expect(clippy::unwrap_used, reason = "a test helper may end the test")]

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use google::sign_in::{Begun, Callback, Pending, Prompt, SignIn, SignInError, SignInSettings};
use jiff::Timestamp;
use serde::Deserialize;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use url::Url;

const CALLBACK: &str = "http://localhost:8080/auth/google/callback";

struct Provider {
    address: String,
    /// Its end closes the provider's standard input, and so the provider.
    _process: Child,
    _output: Lines<BufReader<ChildStdout>>,
}

/// `None` where the person running the tests chose to go without.
async fn provider() -> Option<Provider> {
    if std::env::var_os("JINLIU_SKIP_CLIENTS").is_some_and(|v| v == "1") {
        // Past the test harness, which hides what passing tests print.
        let mut screen = std::io::stderr();
        writeln!(
            screen,
            "SKIPPED by JINLIU_SKIP_CLIENTS=1: sign-in against npm's oidc-provider"
        )
        .unwrap();
        return None;
    }
    let modules = std::env::var_os("JINLIU_NODE_MODULES").expect(
        "npm's oidc-provider is needed here: run cargo xtask test (or set JINLIU_SKIP_CLIENTS=1)",
    );
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/provider/provider.mjs");
    let mut process = Command::new("node")
        .arg(script)
        .env("JINLIU_NODE_MODULES", modules)
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("node is needed here: run cargo xtask test");
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(Duration::from_secs(60), lines.next_line())
        .await
        .expect("the provider did not start")
        .unwrap()
        .expect("the provider ended; are its packages installed? run cargo xtask test");
    #[derive(Deserialize)]
    struct Started {
        port: u16,
    }
    let Started { port } = serde_json::from_str(&line).unwrap();
    Some(Provider {
        address: format!("http://127.0.0.1:{port}"),
        _process: process,
        _output: lines,
    })
}

fn sign_in(provider: &Provider, client_secret: &str) -> SignIn {
    let settings = SignInSettings {
        issuer: provider.address.clone(),
        client_id: "cid.apps.googleusercontent.com".to_owned(),
        client_secret: client_secret.into(),
        redirect_uri: CALLBACK.to_owned(),
    };
    SignIn::new(settings, google::http_client().unwrap())
}

async fn begin(sign_in: &SignIn, prompt: Prompt) -> Begun {
    let mut entropy = [0; 96];
    aws_lc_rs::rand::fill(&mut entropy).unwrap();
    sign_in.begin(entropy, prompt).await.unwrap()
}

/// A browser: follows redirects with cookies until the provider sends it back to us, and gives what it brings.
async fn browse(authorize_url: &str) -> String {
    let browser = reqwest::Client::builder()
        .cookie_store(true)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(Duration::from_secs(20))
        .build()
        .unwrap();
    let mut url = Url::parse(authorize_url).unwrap();
    for _ in 0..10 {
        let response = browser.get(url.clone()).send().await.unwrap();
        let status = response.status();
        let Some(location) = response.headers().get("location") else {
            panic!(
                "{status} at {}: {}",
                url.path(),
                response.text().await.unwrap()
            );
        };
        url = url.join(location.to_str().unwrap()).unwrap();
        if url.as_str().starts_with(CALLBACK) {
            return url.query().unwrap_or_default().to_owned();
        }
    }
    panic!("redirected for ever");
}

async fn whole(sign_in: &SignIn, prompt: Prompt) -> Result<String, SignInError> {
    let begun = begin(sign_in, prompt).await;
    let callback = Callback::parse(&browse(&begun.authorize_url).await)?;
    let identity = sign_in
        .finish(&begun.pending, callback, Timestamp::now())
        .await?;
    Ok(identity.sub.clone())
}

#[tokio::test]
async fn a_person_signs_in_and_a_code_serves_once() {
    let Some(provider) = provider().await else {
        return;
    };
    let sign_in = sign_in(&provider, "the-secret");
    for prompt in [Prompt::Automatic, Prompt::SelectAccount] {
        let begun = begin(&sign_in, prompt).await;
        let query = browse(&begun.authorize_url).await;
        let finish = || async {
            sign_in
                .finish(
                    &begun.pending,
                    Callback::parse(&query).unwrap(),
                    Timestamp::now(),
                )
                .await
        };
        let identity = finish().await.unwrap();
        assert_eq!(identity.issuer, provider.address);
        assert_eq!(identity.sub, "110169484474386276334");
        assert_eq!(
            identity.verified_email().unwrap().as_str(),
            "buyer@example.com"
        );
        assert_eq!(identity.name.as_deref(), Some("王小明"));
        assert_eq!(identity.hosted_domain.as_deref(), Some("example.com"));
        assert_eq!(finish().await.unwrap_err(), SignInError::CodeRefused);
    }
}

#[tokio::test]
async fn cancelling_is_told() {
    let Some(provider) = provider().await else {
        return;
    };
    let sign_in = sign_in(&provider, "the-secret");
    let begun = begin(&sign_in, Prompt::Automatic).await;
    let query = browse(&format!("{}&login_hint=deny", begun.authorize_url)).await;
    let outcome = sign_in
        .finish(
            &begun.pending,
            Callback::parse(&query).unwrap(),
            Timestamp::now(),
        )
        .await;
    assert_eq!(outcome.unwrap_err(), SignInError::Cancelled);
}

#[tokio::test]
async fn the_code_is_bound_to_verifier_nonce_and_client() {
    let Some(provider) = provider().await else {
        return;
    };
    let good = sign_in(&provider, "the-secret");

    // A code of one sign-in, brought into another (the state was stolen too): PKCE stops it at the provider.
    let (victim, attacker) = (
        begin(&good, Prompt::Automatic).await,
        begin(&good, Prompt::Automatic).await,
    );
    let query = browse(&victim.authorize_url).await;
    let mixed = Pending::restore(
        victim.pending.state().to_owned(),
        victim.pending.nonce().to_owned(),
        attacker.pending.verifier().to_owned(),
    );
    let outcome = good
        .finish(&mixed, Callback::parse(&query).unwrap(), Timestamp::now())
        .await;
    assert_eq!(outcome.unwrap_err(), SignInError::CodeRefused);

    let begun = begin(&good, Prompt::Automatic).await;
    let query = browse(&begun.authorize_url).await;
    let mixed = Pending::restore(
        begun.pending.state().to_owned(),
        "another-nonce".to_owned(),
        begun.pending.verifier().to_owned(),
    );
    let outcome = good
        .finish(&mixed, Callback::parse(&query).unwrap(), Timestamp::now())
        .await;
    assert_eq!(outcome.unwrap_err(), SignInError::Nonce);

    let outcome = whole(&sign_in(&provider, "wrong-secret"), Prompt::Automatic).await;
    assert_eq!(outcome.unwrap_err(), SignInError::ClientRefused);
}

#[tokio::test]
async fn a_new_signing_key_is_fetched() {
    let Some(provider) = provider().await else {
        return;
    };
    let sign_in = sign_in(&provider, "the-secret");
    whole(&sign_in, Prompt::Automatic).await.unwrap();
    let rotate = format!("{}/_test/rotate", provider.address);
    google::http_client()
        .unwrap()
        .post(rotate)
        .send()
        .await
        .unwrap()
        .error_for_status()
        .unwrap();
    whole(&sign_in, Prompt::Automatic).await.unwrap();
}
