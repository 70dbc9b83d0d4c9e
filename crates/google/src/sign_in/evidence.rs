//! What a sign-in showed, for people who look on: the question to the token endpoint, its answer, and the ID token taken apart.
//! It proves nothing by itself; who signed in is said by [`Authentic`](super::Authentic) alone.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use super::Email;

/// What stands in the place of a secret.
const HIDDEN: &str = "••••";
/// What of the token endpoint's answer is nobody's secret.
const ANSWER: [&str; 3] = ["token_type", "expires_in", "scope"];
/// Claims that may be shown. A name that is not here may hold anything.
const CLAIMS: [&str; 13] = [
    "iss",
    "aud",
    "azp",
    "sub",
    "iat",
    "exp",
    "nbf",
    "nonce",
    "at_hash",
    "email_verified",
    "hd",
    "name",
    "auth_time",
];
const HEADER: [&str; 3] = ["alg", "kid", "typ"];

/// What went to the token endpoint and came back, with what lets somebody act in another's name taken out.
pub struct Evidence {
    endpoint: String,
    request: Vec<(&'static str, String)>,
    answer: Map<String, Value>,
    id_token: SecretString,
}

/// Prints nothing: the token is somebody's.
impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Evidence(..)")
    }
}

impl Evidence {
    pub(super) fn new(
        endpoint: &url::Url,
        form: &[(&'static str, &str)],
        body: &[u8],
        id_token: SecretString,
    ) -> Self {
        let shown = |(name, value): &(&'static str, &str)| {
            let secret = !matches!(*name, "grant_type" | "redirect_uri" | "client_id");
            (*name, if secret { HIDDEN } else { *value }.to_owned())
        };
        let answer: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
        let masked = |(name, value): (String, Value)| {
            let value = if ANSWER.contains(&name.as_str()) {
                value
            } else {
                HIDDEN.into()
            };
            (name, value)
        };
        Self {
            endpoint: endpoint.to_string(),
            request: form.iter().map(shown).collect(),
            answer: answer.into_iter().map(masked).collect(),
            id_token,
        }
    }

    /// Where the code was changed for the token.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// The form that went there; the code, the PKCE verifier and the client's secret are hidden.
    #[must_use]
    pub fn request(&self) -> String {
        let pairs = self.request.iter();
        let pairs: Vec<String> = pairs
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        pairs.join("&")
    }

    /// The answer as JSON, the access token hidden. With `whole`, the ID token is there as it came, byte for byte, which is for
    /// a provider of make-believe only; else its claims without what is personal, and without the signature, so that nobody
    /// can use it as a token.
    #[must_use]
    pub fn answer(&self, whole: bool) -> String {
        let mut answer = self.answer.clone();
        let token = self.id_token.expose_secret();
        let token = if whole {
            token.to_owned()
        } else {
            without_use(token)
        };
        answer.insert("id_token".to_owned(), token.into());
        Value::Object(answer).to_string()
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

fn without_use(token: &str) -> String {
    let mut parts = token.split('.');
    let header = parts.next().unwrap_or_default();
    let claims = parts.next().and_then(object).unwrap_or_default();
    let claims: Map<String, Value> = claims
        .into_iter()
        .map(|(name, value)| {
            let shown = shown(&name, &value);
            let same = CLAIMS.contains(&name.as_str());
            (name, if same { value } else { shown.into() })
        })
        .collect();
    let claims = URL_SAFE_NO_PAD.encode(Value::Object(claims).to_string());
    format!("{header}.{claims}.{HIDDEN}")
}

/// An ID token taken apart, with what people must not see hidden.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenParts {
    /// The header's fields.
    pub header: Vec<(String, String)>,
    /// The claims.
    pub claims: Vec<(String, String)>,
    /// The signature, as it stood in the token.
    pub signature: String,
}

impl TokenParts {
    /// Takes a token apart. Nothing is verified. `None` where it is no token.
    #[must_use]
    pub fn of(token: &str) -> Option<Self> {
        let mut parts = token.split('.');
        let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let header = object(header)?.into_iter().map(|(name, value)| {
            let text = if HEADER.contains(&name.as_str()) {
                word(&value)
            } else {
                HIDDEN.to_owned()
            };
            (name, text)
        });
        let claims = object(claims)?.into_iter();
        Some(Self {
            header: header.collect(),
            claims: claims
                .map(|(name, value)| {
                    let text = shown(&name, &value);
                    (name, text)
                })
                .collect(),
            signature: signature.to_owned(),
        })
    }
}

fn word(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn shown(name: &str, value: &Value) -> String {
    if CLAIMS.contains(&name) {
        return word(value);
    }
    let mail = value.as_str().filter(|_| name == "email");
    match mail.and_then(Email::parse) {
        Some(mail) => mail.hint(),
        // It was hidden before it was kept.
        None => match mail.filter(|mail| mail.contains("•••@")) {
            Some(hint) => hint.to_owned(),
            None => HIDDEN.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        let [header, claims] = [r#"{"alg":"RS256","kid":"k1","jwk":"odd"}"#, claims]
            .map(|part| URL_SAFE_NO_PAD.encode(part));
        format!("{header}.{claims}.c2lnbmF0dXJl")
    }

    fn evidence() -> Evidence {
        let claims = r#"{"iss":"https://i","sub":"1","email":"ada@example.tw","phone_number":"0912","aud":"us","exp":9}"#;
        let body = format!(
            r#"{{"access_token":"ya29.secret","id_token":"{}","expires_in":3599,"refresh_token":"1//r","odd":"hush"}}"#,
            token(claims)
        );
        let form = [
            ("grant_type", "authorization_code"),
            ("code", "4/code"),
            ("client_secret", "s3"),
            ("code_verifier", "ver"),
        ];
        let endpoint = url::Url::parse("https://i/token").unwrap();
        Evidence::new(&endpoint, &form, body.as_bytes(), token(claims).into())
    }

    #[test]
    fn whatever_lets_somebody_act_is_taken_out_of_both_ways() {
        let seen = evidence();
        let shown = format!(
            "{seen:?}{}{}{}",
            seen.request(),
            seen.answer(true),
            seen.answer(false)
        );
        for secret in ["ya29", "1//r", "4/code", "s3", "ver", "hush"] {
            let there = shown
                .replace("authorization_code", "")
                .replace("code_verifier", "");
            assert!(!there.contains(secret), "{secret} in {shown}");
        }
        assert!(seen.answer(true).contains("c2lnbmF0dXJl") && seen.answer(true).contains("3599"));
        assert!(!seen.answer(false).contains("c2lnbmF0dXJl"));
    }

    #[test]
    fn a_kept_token_opens_with_and_without_its_use() {
        for whole in [true, false] {
            let answer: Value = serde_json::from_str(&evidence().answer(whole)).unwrap();
            let kept = answer["id_token"].as_str().unwrap();
            let parts = TokenParts::of(kept).unwrap();
            let find = |pairs: &[(String, String)], name: &str| {
                pairs
                    .iter()
                    .find(|(known, _)| known == name)
                    .map(|(_, value)| value.clone())
            };
            assert_eq!(find(&parts.header, "kid").as_deref(), Some("k1"));
            assert_eq!(find(&parts.header, "jwk").as_deref(), Some(HIDDEN));
            assert_eq!(find(&parts.claims, "sub").as_deref(), Some("1"));
            assert_eq!(find(&parts.claims, "exp").as_deref(), Some("9"));
            assert_eq!(
                find(&parts.claims, "email").as_deref(),
                Some("a•••@example.tw")
            );
            assert_eq!(find(&parts.claims, "phone_number").as_deref(), Some(HIDDEN));
        }
        assert_eq!(TokenParts::of("a.b"), None);
        assert_eq!(TokenParts::of("a.b.c.d"), None);
    }
}
