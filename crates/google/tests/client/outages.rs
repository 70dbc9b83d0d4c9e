//! A provider that rotates its keys, is down, or answers what no provider should.

use std::sync::Arc;

use google::sign_in::Prompt;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::flow::{Flow, ONE, TWO, code, header, now, sign_in};
use crate::provider::{FakeProvider, Keys};

#[tokio::test]
async fn rotated_keys_are_fetched_once_and_not_too_often() {
    let flow = Flow::new().await;
    flow.good().await.unwrap();
    flow.good().await.unwrap();
    assert_eq!(flow.provider.look(|a| a.keys_calls), 1);

    let by_two = |claims: Value| TWO.sign(&header("two"), &claims);
    flow.provider
        .set(|a| a.keys = Keys::Published(vec![ONE.public(), TWO.public()]));
    flow.with(now(), flow.claims(), by_two).await.unwrap();
    assert_eq!(flow.provider.look(|a| a.keys_calls), 2);

    let by_stranger = |claims: Value| ONE.sign(&header("stranger"), &claims);
    for seconds in [0, 30, 59] {
        let at = now() + SignedDuration::from_secs(seconds);
        assert_eq!(
            code(flow.with(at, flow.claims(), by_stranger).await),
            "L2.key"
        );
    }
    assert_eq!(
        flow.provider.look(|a| a.keys_calls),
        2,
        "asked again within a minute"
    );
    let at = now() + SignedDuration::from_secs(61);
    assert_eq!(
        code(flow.with(at, flow.claims(), by_stranger).await),
        "L2.key"
    );
    assert_eq!(flow.provider.look(|a| a.keys_calls), 3);
}

#[tokio::test]
async fn old_keys_serve_while_the_provider_is_down() {
    for keys in [
        Keys::Down,
        Keys::Huge,
        Keys::Redirect,
        Keys::Published(Vec::new()),
    ] {
        let flow = Flow::new().await;
        flow.good().await.unwrap();
        flow.provider.set(|a| a.keys = keys);
        let after_expiry = now() + SignedDuration::from_hours(2);
        let mut claims = flow.claims();
        claims["iat"] = after_expiry.as_second().into();
        claims["exp"] = (after_expiry.as_second() + 3600).into();
        flow.with(after_expiry, claims, |claims| {
            ONE.sign(&header("one"), &claims)
        })
        .await
        .unwrap();
        flow.provider.look(|a| {
            assert_eq!(a.keys_calls, 2);
            assert_eq!(a.canary_calls, 0, "a redirect was followed");
        });
    }
}

#[tokio::test]
async fn a_provider_that_never_answered_right_is_down() {
    for keys in [Keys::Down, Keys::Huge, Keys::Redirect] {
        let flow = Flow::new().await;
        flow.provider.set(|a| a.keys = keys);
        assert_eq!(code(flow.good().await), "provider_down");
    }
    let flow = Flow::new().await;
    flow.provider.set(|a| {
        a.keys = Keys::Published(vec![
            json!({"kty": "RSA", "kid": "one", "use": "enc", "n": "AQAB", "e": "AQAB"}),
        ]);
    });
    assert_eq!(code(flow.good().await), "provider_answer");
}

#[tokio::test]
async fn discovery_is_checked_and_shared() {
    let flow = Arc::new(Flow::new().await);
    let together: Vec<_> = (0..20)
        .map(|_| {
            let flow = flow.clone();
            tokio::spawn(async move { drop(flow.begin().await) })
        })
        .collect();
    for task in together {
        task.await.unwrap();
    }
    assert_eq!(flow.provider.look(|a| a.discovery_calls), 1);

    for (field, value, expected) in [
        (
            "issuer",
            json!("https://accounts.google.com"),
            "provider_answer",
        ),
        (
            "token_endpoint",
            json!("http://tokens.example/token"),
            "provider_answer",
        ),
        ("jwks_uri", json!("file:///etc/passwd"), "provider_answer"),
        ("authorization_endpoint", Value::Null, "provider_answer"),
    ] {
        let provider = FakeProvider::start().await;
        provider.set(|a| a.discovery[field] = value);
        let outcome = sign_in(&provider.address)
            .begin([1; 96], Prompt::Automatic)
            .await;
        assert_eq!(outcome.unwrap_err().code(), expected, "{field}");
    }
    let provider = FakeProvider::start().await;
    provider.set(|a| a.discovery = Value::Null);
    let error = sign_in(&provider.address)
        .begin([1; 96], Prompt::Automatic)
        .await
        .unwrap_err();
    assert_eq!(
        (error.code(), error.is_temporary()),
        ("provider_down", true)
    );
}
