//! Sign in with Google: `OpenID` Connect, authorisation code flow with state, nonce and PKCE S256.
//!
//! [`SignIn::begin`] makes the address to send the browser to and a [`Pending`] to keep on our side; [`SignIn::finish`] takes
//! what came back and is the only maker of an [`Authentic`] identity. Nothing is fetched before the first sign-in, so the shop starts
//! with Google down.

mod callback;
#[cfg(feature = "fuzzing")]
pub(crate) mod doors;
mod error;
mod evidence;
mod id_token;
mod identity;
mod pending;
mod provider;

pub use callback::Callback;
pub use error::SignInError;
pub use evidence::{Evidence, TokenParts};
pub use identity::{Authentic, Email, Identity};
pub use pending::Pending;

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;

use crate::http::{
    DOCUMENT_TIMEOUT, MAX_DOCUMENT, WireSecret, for_log, is_safe_endpoint, read_capped,
};
use callback::Outcome;
use id_token::Expected;
use provider::{Metadata, Provider};

/// Who we are at the provider.
#[derive(Debug, Clone)]
pub struct SignInSettings {
    /// The provider, compared byte for byte: `https://accounts.google.com`, without a trailing slash.
    pub issuer: String,
    /// Our OAuth client.
    pub client_id: String,
    /// Its secret.
    pub client_secret: SecretString,
    /// Where the provider sends the browser back to, exactly as registered.
    pub redirect_uri: String,
}

/// What the provider is asked to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Prompt {
    /// What the provider thinks best: one signed-in account goes straight through.
    #[default]
    Automatic,
    /// The account chooser: after a sign-out, or for "use another account".
    SelectAccount,
}

impl Prompt {
    fn parameter(self) -> Option<&'static str> {
        match self {
            Self::Automatic => None,
            Self::SelectAccount => Some("select_account"),
        }
    }
}

/// A sign-in that has begun. Prints as nothing: the address has state and nonce in it.
pub struct Begun {
    /// Where to send the browser. Holds state and nonce: do not log it.
    pub authorize_url: String,
    /// What [`SignIn::finish`] needs: to be stored on our side, bound to this browser, used once, for ten minutes or so.
    pub pending: Pending,
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Begun(..)")
    }
}

/// One provider and our client there.
#[derive(Debug)]
pub struct SignIn {
    settings: SignInSettings,
    provider: Provider,
    http: reqwest::Client,
}

impl SignIn {
    /// Nothing is fetched yet.
    #[must_use]
    pub fn new(settings: SignInSettings, http: reqwest::Client) -> Self {
        let provider = Provider::new(settings.issuer.clone(), http.clone());
        Self {
            settings,
            provider,
            http,
        }
    }

    /// Makes a sign-in from 96 fresh bytes of a CSPRNG: 32 each for state, nonce and PKCE verifier.
    ///
    /// # Errors
    /// [`SignInError::ProviderDown`] or [`SignInError::ProviderAnswer`] where the discovery document cannot be had.
    pub async fn begin(&self, entropy: [u8; 96], prompt: Prompt) -> Result<Begun, SignInError> {
        let metadata = self.provider.metadata().await?;
        let pending = Pending::from_entropy(&entropy);
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(pending.verifier().as_bytes()));
        let mut url = metadata.authorization_endpoint.clone();
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("client_id", &self.settings.client_id)
                .append_pair("response_type", "code")
                .append_pair("scope", "openid email profile")
                .append_pair("redirect_uri", &self.settings.redirect_uri)
                .append_pair("state", pending.state())
                .append_pair("nonce", pending.nonce())
                .append_pair("code_challenge", &challenge)
                .append_pair("code_challenge_method", "S256")
                .append_pair("access_type", "online");
            if let Some(prompt) = prompt.parameter() {
                query.append_pair("prompt", prompt);
            }
        }
        Ok(Begun {
            authorize_url: url.into(),
            pending,
        })
    }

    /// Checks what came back with the browser, changes the code for an ID token, and checks that (OpenID Connect Core 3.1.3.7).
    ///
    /// `pending` must already have been taken out of the store: a second use must not find it.
    ///
    /// # Errors
    /// Every refusal is a [`SignInError`] with a stable [`SignInError::code`].
    pub async fn finish(
        &self,
        pending: &Pending,
        callback: Callback,
        now: Timestamp,
    ) -> Result<Authentic<Identity>, SignInError> {
        let finished = self.finish_and_show(pending, callback, now).await;
        finished.map(|(identity, _)| identity)
    }

    /// The same, with what went over the wire for those who look on.
    ///
    /// # Errors
    /// As [`SignIn::finish`].
    pub async fn finish_and_show(
        &self,
        pending: &Pending,
        callback: Callback,
        now: Timestamp,
    ) -> Result<(Authentic<Identity>, Evidence), SignInError> {
        if !pending.state_is(callback.state()) {
            return Err(SignInError::State);
        }
        if callback
            .issuer()
            .is_some_and(|iss| iss != self.settings.issuer)
        {
            return Err(SignInError::CallbackIssuer);
        }
        let code = match callback.outcome() {
            Outcome::Code(code) => code,
            Outcome::Error(error) => return Err(SignInError::from_authorization(error)),
        };
        let metadata = self.provider.metadata().await?;
        let (answer, evidence) = self.exchange(&metadata, code, pending).await?;
        let header = id_token::Parts::split(answer.id_token.0.expose_secret())?;
        let key = self.provider.key(&metadata, header.kid(), now).await?;
        let identity = header.verify(&key)?.accept(&Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            nonce: pending.nonce(),
            access_token: answer
                .access_token
                .as_ref()
                .map(|token| token.0.expose_secret()),
            now,
        })?;
        Ok((Authentic::vouch(identity), evidence))
    }

    async fn exchange(
        &self,
        metadata: &Metadata,
        code: &SecretString,
        pending: &Pending,
    ) -> Result<(TokenAnswer, Evidence), SignInError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("redirect_uri", &self.settings.redirect_uri),
            ("client_id", &self.settings.client_id),
            ("client_secret", self.settings.client_secret.expose_secret()),
            ("code_verifier", pending.verifier()),
        ];
        let response = self
            .http
            .post(metadata.token_endpoint.clone())
            .header("accept", "application/json")
            .timeout(DOCUMENT_TIMEOUT)
            .form(&form)
            .send()
            .await
            .map_err(|e| SignInError::down("token endpoint", &e.without_url()))?;
        let status = response.status();
        let body = read_capped(response, MAX_DOCUMENT)
            .await
            .map_err(|e| SignInError::down("token endpoint", &e))?;
        if status.is_success() {
            let answer: TokenAnswer = serde_json::from_slice(&body).map_err(|_| {
                SignInError::ProviderAnswer("the token answer has no id_token".to_owned())
            })?;
            let token = answer.id_token.0.clone();
            let evidence = Evidence::new(&metadata.token_endpoint, &form, &body, token);
            return Ok((answer, evidence));
        }
        let error = serde_json::from_slice::<TokenRefusal>(&body)
            .map_or_else(|_| String::new(), |r| r.error);
        Err(match error.as_str() {
            "invalid_grant" => SignInError::CodeRefused,
            "invalid_client" | "unauthorized_client" => SignInError::ClientRefused,
            _ if status.is_server_error() || status.as_u16() == 429 => {
                SignInError::ProviderDown(format!("token endpoint answered {status}"))
            }
            other => SignInError::ProviderAnswer(format!(
                "token endpoint answered {status} {}",
                for_log(other, 60)
            )),
        })
    }
}

#[derive(Deserialize)]
struct TokenAnswer {
    id_token: WireSecret,
    access_token: Option<WireSecret>,
}

#[derive(Deserialize)]
struct TokenRefusal {
    error: String,
}

/// An endpoint of the provider, if secrets may be sent there.
fn endpoint(name: &str, text: &str, issuer: &Url) -> Result<Url, SignInError> {
    let bad = |why| SignInError::ProviderAnswer(format!("discovery: {name} {why}"));
    let url = Url::parse(text).map_err(|_| bad("is not a URL"))?;
    if !is_safe_endpoint(&url) || (issuer.scheme() == "https" && url.scheme() != "https") {
        return Err(bad("is not https"));
    }
    Ok(url)
}
