//! Tokens for a program: a service account's key, changed for short-lived access tokens (RFC 7523).

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use tokio::sync::Mutex;
use url::Url;

use crate::http::{MAX_DOCUMENT, WireSecret, for_log, is_safe_endpoint, read_capped};

/// The one permission we ask for: read and write the spreadsheets that were shared with the account.
const SCOPE: &str = "https://www.googleapis.com/auth/spreadsheets";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const DEFAULT_TOKEN_URI: &str = "https://oauth2.googleapis.com/token";
/// A clock that is further off than this, in seconds, makes Google refuse the assertion.
const SKEW: i64 = 60;

/// Tells the time. Handed in, so that a sandbox can have its own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// A service account: its key, and the token that is good now. Prints its address and nothing else.
pub struct ServiceAccount {
    email: String,
    key_id: Option<String>,
    key: EncodingKey,
    token_uri: Url,
    http: reqwest::Client,
    clock: Clock,
    current: Mutex<Option<Current>>,
}

struct Current {
    token: SecretString,
    renew_at: Timestamp,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The key file cannot be used. The text says what to do.
    #[error("the service-account key cannot be used: {0}")]
    Key(String),
    /// Google refused the account. `reason` is OAuth's error code; `cure` says what to do.
    #[error("Google refused the service account ({reason}): {cure}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// OAuth's error code, `invalid_grant` for example.
        reason: String,
        /// What a person can do.
        cure: String,
    },
    /// Not reachable, or out of order; later may be better.
    #[error("the token endpoint cannot be reached: {0}")]
    Unreachable(String),
    /// It answered what no token endpoint should.
    #[error("the token endpoint's answer cannot be used: {0}")]
    BadAnswer(String),
}

#[derive(Deserialize)]
struct KeyFile {
    #[serde(rename = "type")]
    kind: Option<String>,
    client_email: Option<String>,
    private_key: Option<WireSecret>,
    private_key_id: Option<String>,
    token_uri: Option<String>,
}

#[derive(Serialize)]
struct Assertion<'a> {
    iss: &'a str,
    scope: &'a str,
    aud: &'a str,
    iat: i64,
    exp: i64,
}

impl ServiceAccount {
    /// Reads the JSON key that the Google Cloud console hands out.
    ///
    /// # Errors
    /// [`AccountError::Key`], with the cure.
    pub fn from_json(json: &str, http: reqwest::Client) -> Result<Self, AccountError> {
        let key = |why: &str| AccountError::Key(why.to_owned());
        let file: KeyFile = serde_json::from_str(json)
            .map_err(|_| key("it is not the JSON file that Google hands out"))?;
        if file.kind.as_deref() != Some("service_account") {
            return Err(key(
                "its \"type\" is not \"service_account\"; make a key (JSON) for a service account",
            ));
        }
        let email = file
            .client_email
            .filter(|e| e.contains('@'))
            .ok_or_else(|| key("it has no \"client_email\""))?;
        let pem = file
            .private_key
            .ok_or_else(|| key("it has no \"private_key\""))?;
        let signing_key =
            EncodingKey::from_rsa_pem(pem.0.expose_secret().as_bytes()).map_err(|_| {
                key("its \"private_key\" is not an RSA key in PEM; was it cut or re-wrapped?")
            })?;
        let token_uri = Url::parse(file.token_uri.as_deref().unwrap_or(DEFAULT_TOKEN_URI))
            .ok()
            .filter(is_safe_endpoint)
            .ok_or_else(|| key("its \"token_uri\" is not an https URL"))?;
        let key_id = file.private_key_id.filter(|id| !id.is_empty());
        let clock: Clock = Arc::new(Timestamp::now);
        let current = Mutex::new(None);
        Ok(Self {
            email,
            key_id,
            key: signing_key,
            token_uri,
            http,
            clock,
            current,
        })
    }

    /// As [`ServiceAccount::from_json`], from a file.
    ///
    /// # Errors
    /// [`AccountError::Key`], with the cure.
    pub fn from_file(path: &Path, http: reqwest::Client) -> Result<Self, AccountError> {
        let json = std::fs::read_to_string(path).map_err(|e| {
            AccountError::Key(format!("{} cannot be read ({})", path.display(), e.kind()))
        })?;
        Self::from_json(&json, http)
    }

    /// With another clock than the system's.
    #[must_use]
    pub fn with_clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// The address to share the spreadsheet with.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }

    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// A token that is good for some minutes more. Those who ask at the same time share one request.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn token(&self) -> Result<SecretString, AccountError> {
        let mut current = self.current.lock().await;
        let now = self.now();
        if let Some(known) = current.as_ref().filter(|c| now < c.renew_at) {
            return Ok(known.token.clone());
        }
        let fresh = self.request(now).await?;
        let token = fresh.token.clone();
        *current = Some(fresh);
        Ok(token)
    }

    /// Forgets a token that was answered with 401, unless a newer one is already here.
    pub async fn invalidate(&self, refused: &SecretString) {
        let mut current = self.current.lock().await;
        let same = |c: &Current| {
            bool::from(
                c.token
                    .expose_secret()
                    .as_bytes()
                    .ct_eq(refused.expose_secret().as_bytes()),
            )
        };
        if current.as_ref().is_some_and(same) {
            *current = None;
        }
    }

    fn assertion(&self, now: Timestamp) -> Result<SecretString, AccountError> {
        let mut header = Header::new(Algorithm::RS256);
        header.kid.clone_from(&self.key_id);
        let claims = Assertion {
            iss: &self.email,
            scope: SCOPE,
            aud: self.token_uri.as_str(),
            iat: now.as_second(),
            exp: now.as_second() + 3600,
        };
        jsonwebtoken::encode(&header, &claims, &self.key)
            .map(SecretString::from)
            .map_err(|_| AccountError::Key("its private key cannot sign".to_owned()))
    }

    async fn request(&self, now: Timestamp) -> Result<Current, AccountError> {
        #[derive(Deserialize)]
        struct Answer {
            access_token: WireSecret,
            expires_in: Option<i64>,
        }
        let assertion = self.assertion(now)?;
        let response = self
            .http
            .post(self.token_uri.clone())
            .timeout(std::time::Duration::from_secs(15))
            .form(&[
                ("grant_type", GRANT),
                ("assertion", assertion.expose_secret()),
            ])
            .send()
            .await
            .map_err(|e| AccountError::Unreachable(e.without_url().to_string()))?;
        let status = response.status();
        let skew = clock_skew(&response, now);
        let body = read_capped(response, MAX_DOCUMENT)
            .await
            .map_err(|e| AccountError::Unreachable(e.to_string()))?;
        if !status.is_success() {
            return Err(refusal(status.as_u16(), &body, skew, &self.email));
        }
        let answer: Answer = serde_json::from_slice(&body)
            .map_err(|_| AccountError::BadAnswer("no access_token in it".to_owned()))?;
        let life = answer.expires_in.unwrap_or(3600).clamp(0, 24 * 3600);
        // Renewed five minutes early; a token that lives less is used for half its life.
        let use_for = (life - 300).max(life / 2);
        let renew_at = now
            .saturating_add(SignedDuration::from_secs(use_for))
            .unwrap_or(now);
        Ok(Current {
            token: answer.access_token.0,
            renew_at,
        })
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// How far our clock is ahead of the answer's `Date`, in seconds.
fn clock_skew(response: &reqwest::Response, now: Timestamp) -> Option<i64> {
    let date = response.headers().get("date")?.to_str().ok()?;
    let theirs = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    Some(now.as_second() - theirs.as_second())
}

fn refusal(status: u16, body: &[u8], skew: Option<i64>, email: &str) -> AccountError {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Answer {
        error: String,
        error_description: String,
    }
    if status >= 500 || status == 429 {
        return AccountError::Unreachable(format!("it answered {status}"));
    }
    let answer: Answer = serde_json::from_slice(body).unwrap_or_default();
    let says = |words: &str| answer.error_description.contains(words);
    // Google tells these apart in the description only; it picks the advice, never the class.
    let cure = match answer.error.as_str() {
        "invalid_grant" if skew.is_some_and(|s| s.abs() > SKEW) || says("timeframe") => match skew {
            Some(s) => format!("this machine's clock is off by {s} s; set it by NTP"),
            None => "this machine's clock is wrong; set it by NTP".to_owned(),
        },
        "invalid_grant" if says("account not found") => {
            format!("account not found: {email} was deleted, or the key is of another project; make a new key")
        }
        "invalid_grant" if says("Signature") => {
            "the key was deleted or replaced in the Google Cloud console; make a new key".to_owned()
        }
        "invalid_grant" => "the key is not accepted; make a new one in the Google Cloud console".to_owned(),
        "invalid_scope" => "the project may not use the Sheets scope; enable the Google Sheets API".to_owned(),
        "unauthorized_client" | "invalid_client" => {
            "the account is disabled or not allowed to get tokens; look at it in the Google Cloud console".to_owned()
        }
        "" => return AccountError::BadAnswer(format!("{status} without an OAuth error")),
        _ => "see the reason in Google's documentation of OAuth 2.0 for service accounts".to_owned(),
    };
    AccountError::Refused {
        status,
        reason: for_log(&answer.error, 60),
        cure,
    }
}
