//! ID tokens with every claim and every key trick.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::flow::{CLIENT, Flow, NOW, ONE, TWO, code, header, now};
use crate::keys::unsigned;

#[tokio::test]
async fn every_claim_is_checked() {
    let flow = Flow::new().await;
    let issuer = flow.provider.address.clone();
    let cases = [
        ("iss", json!(format!("{issuer}/")), "L2.iss"),
        ("iss", json!(format!("{issuer}.evil.example")), "L2.iss"),
        ("iss", json!(issuer.to_uppercase()), "L2.iss"),
        ("iss", json!("accounts.google.com"), "L2.iss"),
        ("iss", Value::Null, "L2.iss"),
        ("aud", json!("other"), "L2.aud"),
        ("aud", json!([CLIENT, "other"]), "L2.aud"),
        ("aud", json!([]), "L2.aud"),
        ("aud", Value::Null, "L2.aud"),
        ("aud", json!([CLIENT]), "in"),
        ("azp", json!("other"), "L2.azp"),
        ("azp", Value::Null, "L2.azp"),
        ("nonce", json!("another"), "L2.nonce"),
        ("nonce", Value::Null, "L2.nonce"),
        ("exp", json!(NOW - 61), "L2.token_time"),
        ("exp", json!(NOW - 59), "in"),
        ("exp", json!(253_402_300_799_i64), "L2.token_time"),
        ("exp", json!("1800003600"), "L2.token_time"),
        ("exp", json!(1.8e9), "L2.token_time"),
        ("exp", Value::Null, "L2.token_time"),
        ("iat", json!(NOW + 61), "L2.token_time"),
        ("iat", json!(NOW + 59), "in"),
        ("iat", Value::Null, "L2.token_time"),
        ("nbf", json!(NOW + 61), "L2.token_time"),
        ("nbf", json!(NOW + 59), "in"),
        ("at_hash", json!("AAAAAAAAAAAAAAAAAAAAAA"), "L2.at_hash"),
        (
            "at_hash",
            json!(URL_SAFE_NO_PAD.encode(&Sha256::digest("ya29.a")[..16])),
            "in",
        ),
        ("sub", json!(""), "L2.sub"),
        ("sub", json!("1".repeat(256)), "L2.sub"),
        ("sub", json!("1".repeat(255)), "in"),
        ("sub", json!("名"), "L2.sub"),
        ("sub", json!(110_169_484), "L2.sub"),
    ];
    for (claim, value, expected) in cases {
        let mut claims = flow.claims();
        claims[claim] = value.clone();
        assert_eq!(flow.code_of(claims).await, expected, "{claim} = {value}");
    }
    for (claim, expected) in [
        ("exp", "L2.token_time"),
        ("iat", "L2.token_time"),
        ("nonce", "L2.nonce"),
        ("azp", "in"),
    ] {
        let mut claims = flow.claims();
        claims.as_object_mut().unwrap().remove(claim);
        assert_eq!(flow.code_of(claims).await, expected, "without {claim}");
    }
}

#[tokio::test]
async fn an_email_is_verified_only_by_a_json_true() {
    let flow = Flow::new().await;
    for value in [json!(false), json!("true"), json!(1), Value::Null] {
        let mut claims = flow.claims();
        claims["email_verified"] = value.clone();
        let outcome = flow
            .with(now(), claims, |claims| ONE.sign(&header("one"), &claims))
            .await
            .unwrap();
        assert!(
            outcome.email.is_some() && outcome.verified_email().is_none(),
            "{value}"
        );
    }
}

type Forge<'f> = Box<dyn FnOnce(Value) -> String + 'f>;

fn with_header(header: Value) -> Forge<'static> {
    Box::new(move |claims| ONE.sign(&header, &claims))
}

fn unsigned_as(alg: &'static str) -> Forge<'static> {
    Box::new(move |claims| format!("{}.", unsigned(&json!({"alg": alg, "kid": "one"}), &claims)))
}

/// Signed by a MAC whose secret is public.
fn mac(secret: &[u8], claims: &Value) -> String {
    let signed = unsigned(&json!({"alg": "HS256", "kid": "one"}), claims);
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, secret);
    format!(
        "{signed}.{}",
        URL_SAFE_NO_PAD.encode(aws_lc_rs::hmac::sign(&key, signed.as_bytes()))
    )
}

#[tokio::test]
async fn only_rs256_is_believed() {
    let flow = Flow::new().await;
    let cases: [(&str, Forge<'_>, &str); 11] = [
        ("none", unsigned_as("none"), "L2.alg"),
        ("None", unsigned_as("None"), "L2.alg"),
        ("no signature", unsigned_as("RS256"), "L2.signature"),
        (
            "HS256 with the key's DER",
            Box::new(|claims| mac(&ONE.public_der(), &claims)),
            "L2.alg",
        ),
        (
            "HS256 with the modulus",
            Box::new(|claims| mac(ONE.modulus().as_bytes(), &claims)),
            "L2.alg",
        ),
        (
            "RS512 in the header",
            with_header(json!({"alg": "RS512", "kid": "one"})),
            "L2.alg",
        ),
        (
            "alg is a list",
            with_header(json!({"alg": ["RS256"], "kid": "one"})),
            "L2.alg",
        ),
        (
            "crit",
            with_header(json!({"alg": "RS256", "kid": "one", "crit": ["b64"], "b64": false})),
            "L2.alg",
        ),
        (
            "five parts",
            Box::new(|_| "a.b.c.d.e".to_owned()),
            "L2.token_shape",
        ),
        ("one part", Box::new(|_| "abc".to_owned()), "L2.token_shape"),
        (
            "too long",
            Box::new(|_| "a".repeat(20_000)),
            "L2.token_shape",
        ),
    ];
    for (name, forge, expected) in cases {
        assert_eq!(
            code(flow.with(now(), flow.claims(), forge).await),
            expected,
            "{name}"
        );
    }
}

#[tokio::test]
async fn only_published_keys_are_believed() {
    let flow = Flow::new().await;
    let canary = format!("{}/canary", flow.provider.address);
    let brought =
        json!({"alg": "RS256", "kid": "one", "jwk": TWO.public(), "jku": canary, "x5u": canary});
    let cases: [(&str, Forge<'_>, &str); 6] = [
        ("no kid", with_header(json!({"alg": "RS256"})), "L2.key"),
        (
            "a path as kid",
            with_header(json!({"alg": "RS256", "kid": "../../dev/null"})),
            "L2.key",
        ),
        (
            "a key that is not RSA",
            with_header(json!({"alg": "RS256", "kid": "ec"})),
            "L2.key",
        ),
        (
            "a stranger's key under our kid",
            Box::new(|claims| TWO.sign(&header("one"), &claims)),
            "L2.signature",
        ),
        (
            "a stranger's key brought along",
            Box::new(|claims| TWO.sign(&brought, &claims)),
            "L2.signature",
        ),
        (
            "an address nobody needs",
            with_header(json!({"alg": "RS256", "kid": "one", "jku": canary})),
            "in",
        ),
    ];
    for (name, forge, expected) in cases {
        assert_eq!(
            code(flow.with(now(), flow.claims(), forge).await),
            expected,
            "{name}"
        );
    }
    flow.provider.look(|a| {
        assert_eq!(a.canary_calls, 0);
        assert!(
            a.keys_calls <= 2,
            "an unknown key id made us ask {} times",
            a.keys_calls
        );
    });
}

#[tokio::test]
async fn a_token_with_any_character_changed_is_refused() {
    let flow = Flow::new().await;
    let length = ONE.sign(&header("one"), &flow.claims()).len();
    for at in (0..length).step_by(11) {
        let change = |claims: Value| {
            let mut token = ONE.sign(&header("one"), &claims).into_bytes();
            token[at] = if token[at] == b'A' { b'B' } else { b'A' };
            String::from_utf8(token).unwrap()
        };
        assert_ne!(
            code(flow.with(now(), flow.claims(), change).await),
            "in",
            "character {at}"
        );
    }
}
