//! Access and refresh tokens, and who stands behind a bearer token (self-signed JWTs included).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Millis;
use crate::keys::unb64;
use crate::world::{State, World};

/// Access tokens live this long.
pub(crate) const LIFETIME_MS: Millis = 3_600_000;
/// How far a client's clock may be off.
pub(crate) const SKEW_S: i64 = 300;

/// What an access token allows.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// E-mail of the user or service account.
    pub(crate) email: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) expires: Millis,
}

impl Grant {
    pub(crate) fn has_any(&self, scopes: &[&str]) -> bool {
        self.scopes.iter().any(|s| scopes.contains(&s.as_str()))
    }
}

/// What a refresh token can get again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Refresh {
    pub(crate) email: String,
    pub(crate) client_id: String,
    pub(crate) scopes: Vec<String>,
}

/// Why a bearer token is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Expired,
    Unknown,
}

/// Issues an access token.
pub(crate) fn issue(state: &mut State, email: &str, scopes: &[String]) -> String {
    let now = state.now();
    state.access.retain(|_, grant| grant.expires > now);
    let token = format!("ya29.{}", state.random(48));
    let grant = Grant {
        email: email.to_owned(),
        scopes: scopes.to_vec(),
        expires: now.saturating_add(LIFETIME_MS),
    };
    state.access.insert(token.clone(), grant);
    token
}

/// Issues a refresh token.
pub(crate) fn issue_refresh(
    state: &mut State,
    email: &str,
    client_id: &str,
    scopes: &[String],
) -> String {
    let token = format!("1//{}", state.random(45));
    let refresh = Refresh {
        email: email.to_owned(),
        client_id: client_id.to_owned(),
        scopes: scopes.to_vec(),
    };
    state.refresh.insert(token.clone(), refresh);
    token
}

/// Who a bearer token speaks for.
pub(crate) fn authenticate(world: &World, state: &State, token: &str) -> Result<Grant, Refused> {
    if let Some(grant) = state.access.get(token) {
        return if grant.expires > state.now() {
            Ok(grant.clone())
        } else {
            Err(Refused::Expired)
        };
    }
    let jwt = Jwt::parse(token).ok_or(Refused::Unknown)?;
    self_signed(world, state, &jwt)
}

/// A self-signed JWT: the service account's own signature instead of a token from `/token`, with
/// the API as audience or with a scope.
fn self_signed(world: &World, state: &State, jwt: &Jwt) -> Result<Grant, Refused> {
    let email = jwt.text("iss").ok_or(Refused::Unknown)?;
    if !jwt.signed_by_account(state, email) {
        return Err(Refused::Unknown);
    }
    let now = state.now() / 1000;
    let (Some(iat), Some(exp)) = (jwt.seconds("iat"), jwt.seconds("exp")) else {
        return Err(Refused::Unknown);
    };
    if exp.saturating_sub(iat) > 3600 || iat > now.saturating_add(SKEW_S) {
        return Err(Refused::Unknown);
    }
    if exp < now {
        return Err(Refused::Expired);
    }
    let scopes = match jwt.text("scope") {
        Some(scope) => scope.split_whitespace().map(str::to_owned).collect(),
        None if jwt.text("aud").is_some_and(|aud| is_api(world, aud)) => {
            vec![format!("{SCOPE}spreadsheets"), format!("{SCOPE}drive")]
        }
        None => return Err(Refused::Unknown),
    };
    Ok(Grant {
        email: email.to_owned(),
        scopes,
        expires: exp.saturating_mul(1000),
    })
}

/// Prefix of Google's scopes.
pub(crate) const SCOPE: &str = "https://www.googleapis.com/auth/";

fn is_api(world: &World, aud: &str) -> bool {
    let aud = aud.trim_end_matches('/');
    [
        world.settings.base(),
        "https://sheets.googleapis.com",
        "https://www.googleapis.com",
    ]
    .contains(&aud)
}

/// A JWT that was taken apart, not yet believed.
#[derive(Debug)]
pub(crate) struct Jwt {
    header: Value,
    claims: Value,
    signed: String,
    signature: Vec<u8>,
}

impl Jwt {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        if claims.contains('.') {
            return None;
        }
        Some(Self {
            header: serde_json::from_slice(&unb64(header)?).ok()?,
            claims: serde_json::from_slice(&unb64(claims)?).ok()?,
            signed: signed.to_owned(),
            signature: unb64(signature)?,
        })
    }

    pub(crate) fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str().filter(|s| !s.is_empty())
    }

    pub(crate) fn seconds(&self, claim: &str) -> Option<i64> {
        self.claims.get(claim)?.as_i64()
    }

    /// Whether it is RS256 by a registered key of the service account. `kid` is optional.
    pub(crate) fn signed_by_account(&self, state: &State, email: &str) -> bool {
        if self.header.get("alg").and_then(Value::as_str) != Some("RS256") {
            return false;
        }
        let kid = self.header.get("kid").and_then(Value::as_str);
        state.service_accounts.get(email).is_some_and(|keys| {
            keys.iter()
                .filter(|key| kid.is_none_or(|kid| kid == key.kid))
                .any(|key| key.verifies(self.signed.as_bytes(), &self.signature))
        })
    }
}
