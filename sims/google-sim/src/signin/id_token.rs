//! ID tokens shaped like Google's, and the ways in which they can lie.

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use super::authorize::AuthCode;
use crate::faults::FaultKind;
use crate::keys::{SigningKey, b64};
use crate::settings::Account;
use crate::world::{State, World};

const OP: &str = "oauth2.id_token";

/// The claims of an honest token, in Google's order.
fn claims(
    world: &World,
    account: &Account,
    code: &AuthCode,
    access: &str,
    now: i64,
) -> Map<String, Value> {
    let has = |name: &str| code.scopes.iter().any(|s| s.ends_with(name));
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    put("iss", json!(world.settings.base()));
    put("azp", json!(code.client_id));
    put("aud", json!(code.client_id));
    put("sub", json!(account.sub));
    if let Some(domain) = &account.hosted_domain {
        put("hd", json!(domain));
    }
    if has("userinfo.email") {
        put("email", json!(account.email));
        put("email_verified", json!(account.email_verified));
    }
    put("at_hash", json!(at_hash(access)));
    if let Some(nonce) = &code.nonce {
        put("nonce", json!(nonce));
    }
    if has("userinfo.profile") {
        put("name", json!(account.name()));
        put(
            "picture",
            json!(format!(
                "{}/avatars/{}.svg",
                world.settings.base(),
                account.key
            )),
        );
        put("given_name", json!(account.given_name));
        put("family_name", json!(account.family_name));
    }
    put("iat", json!(now));
    put("exp", json!(now.saturating_add(3600)));
    out
}

/// Left half of SHA-256 over the access token (OpenID Connect Core 3.1.3.6).
fn at_hash(access: &str) -> String {
    let digest = Sha256::digest(access.as_bytes());
    b64(digest.get(..16).unwrap_or(&digest))
}

/// An ID token for this sign-in; `None` where it is left out or cannot be signed.
pub(crate) fn make(
    world: &World,
    state: &mut State,
    key: &SigningKey,
    account: &Account,
    code: &AuthCode,
    access: &str,
) -> Option<String> {
    let now = state.now() / 1000;
    let mut claims = claims(world, account, code, access, now);
    bend(state, &mut claims, now);
    if state.faults.lie(OP, FaultKind::MissingIdToken).is_some() {
        return None;
    }
    let mut lie = |kind| state.faults.lie(OP, kind).is_some();
    if lie(FaultKind::AlgNone) {
        return Some(format!(
            "{}.",
            signing_input(&json!({"alg": "none", "typ": "JWT"}), &claims)
        ));
    }
    if lie(FaultKind::AlgHs256) {
        let input = signing_input(
            &json!({"alg": "HS256", "kid": key.public.kid, "typ": "JWT"}),
            &claims,
        );
        let mac_key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, key.public.modulus());
        let tag = aws_lc_rs::hmac::sign(&mac_key, input.as_bytes());
        return Some(format!("{input}.{}", b64(tag.as_ref())));
    }
    if lie(FaultKind::UnknownKid) {
        let stranger = SigningKey::generate()?;
        return signed(&stranger, &claims, false);
    }
    signed(key, &claims, lie(FaultKind::BadSignature))
}

fn signing_input(header: &Value, claims: &Map<String, Value>) -> String {
    let claims = Value::Object(claims.clone()).to_string();
    format!(
        "{}.{}",
        b64(header.to_string().as_bytes()),
        b64(claims.as_bytes())
    )
}

fn signed(key: &SigningKey, claims: &Map<String, Value>, spoil: bool) -> Option<String> {
    let input = signing_input(
        &json!({"alg": "RS256", "kid": key.public.kid, "typ": "JWT"}),
        claims,
    );
    let mut signature = key.sign(input.as_bytes())?;
    if spoil && let Some(byte) = signature.get_mut(100) {
        *byte ^= 1;
    }
    Some(format!("{input}.{}", b64(&signature)))
}

/// Makes the claims lie in every way that is switched on.
fn bend(state: &mut State, claims: &mut Map<String, Value>, now: i64) {
    let other_client = "somebody-else.apps.googleusercontent.com";
    let bare = claims
        .get("iss")
        .and_then(Value::as_str)
        .and_then(|iss| iss.split_once("://"))
        .map_or_else(String::new, |(_, host)| host.to_owned());
    let changes: [(FaultKind, &str, Option<Value>); 12] = [
        (
            FaultKind::WrongNonce,
            "nonce",
            Some(json!(state.random(16))),
        ),
        (FaultKind::MissingNonce, "nonce", None),
        (FaultKind::WrongAud, "aud", Some(json!(other_client))),
        (FaultKind::WrongAzp, "azp", Some(json!(other_client))),
        (
            FaultKind::WrongIss,
            "iss",
            Some(json!("https://accounts.google.com.evil.example")),
        ),
        (FaultKind::BareIss, "iss", Some(json!(bare))),
        (
            FaultKind::Expired,
            "exp",
            Some(json!(now.saturating_sub(3600))),
        ),
        (
            FaultKind::IssuedInFuture,
            "iat",
            Some(json!(now.saturating_add(3600))),
        ),
        (
            FaultKind::WrongAtHash,
            "at_hash",
            Some(json!(at_hash("another token"))),
        ),
        (FaultKind::MissingSub, "sub", None),
        (FaultKind::MissingEmail, "email", None),
        (
            FaultKind::EmailUnverified,
            "email_verified",
            Some(json!(false)),
        ),
    ];
    for (kind, claim, value) in changes {
        if state.faults.lie(OP, kind).is_none() {
            continue;
        }
        match value {
            Some(value) => drop(claims.insert(claim.to_owned(), value)),
            None => drop(claims.shift_remove(claim)),
        }
        if kind == FaultKind::Expired {
            claims.insert("iat".to_owned(), json!(now.saturating_sub(7200)));
        }
        if kind == FaultKind::IssuedInFuture {
            claims.insert("exp".to_owned(), json!(now.saturating_add(7200)));
        }
    }
}
