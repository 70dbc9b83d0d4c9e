//! The ID token: RS256 and nothing else, then every claim (OpenID Connect Core 3.1.3.7).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use url::Url;

use super::{Email, Identity, SignInError};

const MAX_TOKEN: usize = 16 * 1024;
/// How far two honest clocks may be apart, in seconds.
const LEEWAY: i64 = 60;
/// No ID token is good for longer, in seconds. Google's are good for an hour.
const LONGEST_LIFE: i64 = 24 * 3600;
const GOOGLE: &str = "https://accounts.google.com";
/// Google's other form of the same issuer, by its own documentation.
const GOOGLE_BARE: &str = "accounts.google.com";

/// A token taken apart, believed in nothing yet.
pub(super) struct Parts<'t> {
    signed: &'t str,
    payload: &'t str,
    signature: &'t str,
    kid: String,
}

/// Only what decides how to verify. A key in the header (`jwk`, `jku`, `x5u`, `x5c`) is not even read.
#[derive(Deserialize)]
struct Header {
    alg: Value,
    kid: Option<String>,
    crit: Option<Value>,
    b64: Option<Value>,
    enc: Option<Value>,
}

/// Claims that the provider's key has signed.
pub(super) struct Signed(Map<String, Value>);

/// What the claims must fit.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) access_token: Option<&'a str>,
    pub(super) now: Timestamp,
}

impl<'t> Parts<'t> {
    pub(super) fn split(token: &'t str) -> Result<Self, SignInError> {
        let shape = SignInError::TokenShape("not three parts of base64url");
        if token.len() > MAX_TOKEN {
            return Err(shape);
        }
        let Some((signed, signature)) = token.rsplit_once('.') else {
            return Err(shape);
        };
        let Some((header, payload)) = signed.split_once('.') else {
            return Err(shape);
        };
        if payload.contains('.') {
            return Err(shape);
        }
        let header = URL_SAFE_NO_PAD.decode(header).map_err(|_| shape.clone())?;
        let header: Header =
            serde_json::from_slice(&header).map_err(|_| SignInError::TokenShape("header"))?;
        if header.alg != "RS256"
            || header.crit.is_some()
            || header.b64.is_some()
            || header.enc.is_some()
        {
            return Err(SignInError::Algorithm);
        }
        let kid = header
            .kid
            .filter(|k| k.len() <= 256)
            .ok_or(SignInError::UnknownKey)?;
        Ok(Self {
            signed,
            payload,
            signature,
            kid,
        })
    }

    pub(super) fn kid(&self) -> &str {
        &self.kid
    }

    pub(super) fn verify(self, key: &DecodingKey) -> Result<Signed, SignInError> {
        let good = jsonwebtoken::crypto::verify(
            self.signature,
            self.signed.as_bytes(),
            key,
            Algorithm::RS256,
        );
        if !good.unwrap_or(false) {
            return Err(SignInError::Signature);
        }
        let payload = URL_SAFE_NO_PAD
            .decode(self.payload)
            .map_err(|_| SignInError::TokenShape("payload"))?;
        let claims =
            serde_json::from_slice(&payload).map_err(|_| SignInError::TokenShape("payload"))?;
        Ok(Signed(claims))
    }
}

impl Signed {
    /// Claims that nobody signed, for the fuzzer alone.
    #[cfg(feature = "fuzzing")]
    pub(super) fn of(claims: Map<String, Value>) -> Self {
        Self(claims)
    }

    pub(super) fn accept(self, expected: &Expected<'_>) -> Result<Identity, SignInError> {
        self.check_parties(expected)?;
        self.check_times(expected.now.as_second())?;
        let nonce = self.text("nonce").ok_or(SignInError::Nonce)?;
        if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
            return Err(SignInError::Nonce);
        }
        self.check_access_token(expected.access_token)?;
        let sub = self
            .text("sub")
            .filter(|s| {
                (1..=255).contains(&s.len()) && s.bytes().all(|b| (0x20..0x7f).contains(&b))
            })
            .ok_or(SignInError::Subject)?;
        Ok(Identity {
            issuer: expected.issuer.to_owned(),
            sub: sub.to_owned(),
            email: self.text("email").and_then(Email::parse),
            email_verified: self.0.get("email_verified") == Some(&Value::Bool(true)),
            name: self.text("name").and_then(display_name),
            picture: self.text("picture").and_then(picture),
            hosted_domain: self
                .text("hd")
                .filter(|d| !d.is_empty() && d.len() <= 253)
                .map(str::to_owned),
        })
    }

    fn text(&self, claim: &str) -> Option<&str> {
        self.0.get(claim).and_then(Value::as_str)
    }

    fn check_parties(&self, expected: &Expected<'_>) -> Result<(), SignInError> {
        let issuer = self.text("iss").ok_or(SignInError::Issuer)?;
        if issuer != expected.issuer && !(expected.issuer == GOOGLE && issuer == GOOGLE_BARE) {
            return Err(SignInError::Issuer);
        }
        let ours = |value: &Value| value.as_str() == Some(expected.client_id);
        // A second audience that we do not know is a party that we do not trust.
        let for_us = match self.0.get("aud") {
            Some(Value::Array(list)) => !list.is_empty() && list.iter().all(ours),
            Some(one) => ours(one),
            None => false,
        };
        if !for_us {
            return Err(SignInError::Audience);
        }
        if self.0.get("azp").is_some_and(|azp| !ours(azp)) {
            return Err(SignInError::AuthorizedParty);
        }
        Ok(())
    }

    fn check_times(&self, now: i64) -> Result<(), SignInError> {
        let time = |claim: &'static str| match self.0.get(claim) {
            None => Ok(None),
            // Whole seconds only: as_i64 is None for 1.5 and for 1e9 alike.
            Some(value) => value
                .as_i64()
                .map(Some)
                .ok_or(SignInError::TokenTime(claim)),
        };
        let exp = time("exp")?.ok_or(SignInError::TokenTime("exp"))?;
        let iat = time("iat")?.ok_or(SignInError::TokenTime("iat"))?;
        if exp.saturating_add(LEEWAY) <= now || exp > now.saturating_add(LONGEST_LIFE) {
            return Err(SignInError::TokenTime("exp"));
        }
        if iat > now.saturating_add(LEEWAY) || iat < now.saturating_sub(LONGEST_LIFE) {
            return Err(SignInError::TokenTime("iat"));
        }
        if time("nbf")?.is_some_and(|nbf| nbf > now.saturating_add(LEEWAY)) {
            return Err(SignInError::TokenTime("nbf"));
        }
        Ok(())
    }

    /// OpenID Connect Core 3.1.3.6: the left half of the SHA-256 of the access token.
    fn check_access_token(&self, access_token: Option<&str>) -> Result<(), SignInError> {
        let Some(claimed) = self.0.get("at_hash") else {
            return Ok(());
        };
        let digest = Sha256::digest(access_token.ok_or(SignInError::AccessTokenHash)?.as_bytes());
        if claimed.as_str() == Some(URL_SAFE_NO_PAD.encode(&digest[..16]).as_str()) {
            Ok(())
        } else {
            Err(SignInError::AccessTokenHash)
        }
    }
}

fn display_name(text: &str) -> Option<String> {
    let name: String = text
        .trim()
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect();
    (!name.is_empty()).then_some(name)
}

fn picture(text: &str) -> Option<String> {
    Url::parse(text)
        .ok()
        .filter(|url| url.scheme() == "https" && text.len() <= 2048)
        .map(String::from)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn issuer_is_taken(configured: &str, claimed: &str) -> bool {
        let claims =
            json!({"iss": claimed, "aud": "us", "sub": "1", "nonce": "n", "iat": 100, "exp": 200});
        let Value::Object(claims) = claims else {
            unreachable!()
        };
        let now = Timestamp::from_second(150).unwrap();
        let expected = Expected {
            issuer: configured,
            client_id: "us",
            nonce: "n",
            access_token: None,
            now,
        };
        Signed(claims).accept(&expected).is_ok()
    }

    #[test]
    fn google_has_two_names_and_nobody_else_has() {
        assert!(issuer_is_taken(GOOGLE, GOOGLE));
        assert!(issuer_is_taken(GOOGLE, GOOGLE_BARE));
        assert!(issuer_is_taken(
            "http://localhost:8082",
            "http://localhost:8082"
        ));
        for (configured, claimed) in [
            (GOOGLE, "https://accounts.google.com/"),
            (GOOGLE, "http://accounts.google.com"),
            (GOOGLE, "https://accounts.google.com.evil.example"),
            (GOOGLE, "ACCOUNTS.GOOGLE.COM"),
            (GOOGLE_BARE, GOOGLE),
            ("http://localhost:8082", "localhost:8082"),
            ("http://localhost:8082", GOOGLE_BARE),
        ] {
            assert!(
                !issuer_is_taken(configured, claimed),
                "{claimed} for {configured}"
            );
        }
    }

    #[test]
    fn names_and_pictures_are_fit_for_a_page() {
        assert_eq!(display_name(" 王\u{0}小\n明 ").as_deref(), Some("王小明"));
        assert_eq!(display_name("\u{7}"), None);
        assert_eq!(
            display_name(&"名".repeat(500)).unwrap().chars().count(),
            200
        );
        assert_eq!(
            picture("https://lh3.googleusercontent.com/a"),
            Some("https://lh3.googleusercontent.com/a".to_owned())
        );
        for bad in [
            "javascript:alert(1)",
            "http://example.com/a",
            "data:image/png;base64,AA",
            "",
        ] {
            assert_eq!(picture(bad), None, "{bad}");
        }
    }
}
