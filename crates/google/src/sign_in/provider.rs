//! What the provider publishes: its endpoints and its keys, kept as long as they are good, and longer where it is down.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::DecodingKey;
use reqwest::header::CACHE_CONTROL;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio::sync::Mutex;
use url::Url;

use super::{SignInError, endpoint};
use crate::http::{DOCUMENT_TIMEOUT, MAX_DOCUMENT, is_safe_endpoint, read_capped};

const METADATA_LIFE: Duration = Duration::from_secs(24 * 3600);
/// After a failure, those who waited behind it, and those who come soon after, get the same answer.
const FAILURE_LIFE: Duration = Duration::from_secs(2);
/// An unknown key id makes us ask again, but never more often than this: anybody can make up a key id.
const REFETCH_GAP: SignedDuration = SignedDuration::from_secs(60);
const MAX_KEYS: usize = 64;

/// The endpoints we use. Never derived from the issuer: Google's are on three hosts.
#[derive(Debug)]
pub(super) struct Metadata {
    pub(super) authorization_endpoint: Url,
    pub(super) token_endpoint: Url,
    jwks_uri: Url,
}

#[derive(Debug)]
pub(super) struct Provider {
    issuer: String,
    http: reqwest::Client,
    metadata: RwLock<Option<(Instant, Arc<Metadata>)>>,
    metadata_flight: Mutex<Option<Failure>>,
    keys: RwLock<Option<Arc<KeySet>>>,
    keys_flight: Mutex<KeysFlight>,
}

#[derive(Debug)]
struct KeySet {
    keys: HashMap<String, DecodingKey>,
    stale_at: Timestamp,
}

#[derive(Debug, Default)]
struct KeysFlight {
    failure: Option<Failure>,
    asked_again: Option<Timestamp>,
}

#[derive(Debug)]
struct Failure {
    at: Instant,
    error: SignInError,
}

impl Failure {
    fn recent(slot: Option<&Self>) -> Option<SignInError> {
        slot.filter(|f| f.at.elapsed() < FAILURE_LIFE)
            .map(|f| f.error.clone())
    }
}

impl Provider {
    pub(super) fn new(issuer: String, http: reqwest::Client) -> Self {
        Self {
            issuer,
            http,
            metadata: RwLock::new(None),
            metadata_flight: Mutex::new(None),
            keys: RwLock::new(None),
            keys_flight: Mutex::new(KeysFlight::default()),
        }
    }

    /// The discovery document, at most a day old if the provider can be reached.
    pub(super) async fn metadata(&self) -> Result<Arc<Metadata>, SignInError> {
        if let Some((_, metadata)) = self
            .known_metadata()
            .filter(|(at, _)| at.elapsed() < METADATA_LIFE)
        {
            return Ok(metadata);
        }
        let mut failure = self.metadata_flight.lock().await;
        let known = self.known_metadata();
        if let Some((at, metadata)) = &known
            && at.elapsed() < METADATA_LIFE
        {
            return Ok(metadata.clone());
        }
        let outcome = match Failure::recent(failure.as_ref()) {
            Some(error) => Err(error),
            None => self.discover().await,
        };
        match outcome {
            Ok(metadata) => {
                let metadata = Arc::new(metadata);
                let mut slot = self
                    .metadata
                    .write()
                    .unwrap_or_else(PoisonError::into_inner);
                *slot = Some((Instant::now(), metadata.clone()));
                *failure = None;
                Ok(metadata)
            }
            Err(error) => {
                tracing::warn!(code = error.code(), %error, "discovery failed");
                *failure = Some(Failure {
                    at: Instant::now(),
                    error: error.clone(),
                });
                known.map(|(_, metadata)| metadata).ok_or(error)
            }
        }
    }

    fn known_metadata(&self) -> Option<(Instant, Arc<Metadata>)> {
        self.metadata
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn discover(&self) -> Result<Metadata, SignInError> {
        #[derive(Deserialize)]
        struct Document {
            issuer: String,
            authorization_endpoint: String,
            token_endpoint: String,
            jwks_uri: String,
        }
        let issuer = Url::parse(&self.issuer)
            .ok()
            .filter(is_safe_endpoint)
            .ok_or_else(|| {
                SignInError::ProviderAnswer("GOOGLE_ISSUER is not an https URL".to_owned())
            })?;
        let address = format!(
            "{}/.well-known/openid-configuration",
            self.issuer.trim_end_matches('/')
        );
        let (document, _) = self.fetch::<Document>("discovery", &address).await?;
        // Not normalised: a slash more is another issuer (OpenID Connect Discovery 4.3).
        if document.issuer != self.issuer {
            return Err(SignInError::ProviderAnswer(
                "discovery: the issuer is another than configured".to_owned(),
            ));
        }
        Ok(Metadata {
            authorization_endpoint: endpoint(
                "authorization_endpoint",
                &document.authorization_endpoint,
                &issuer,
            )?,
            token_endpoint: endpoint("token_endpoint", &document.token_endpoint, &issuer)?,
            jwks_uri: endpoint("jwks_uri", &document.jwks_uri, &issuer)?,
        })
    }

    /// The key with this id. Asks the provider where the set is old or does not have it; an old set serves where asking fails.
    pub(super) async fn key(
        &self,
        metadata: &Metadata,
        kid: &str,
        now: Timestamp,
    ) -> Result<DecodingKey, SignInError> {
        if let Some(key) = self
            .known_keys()
            .filter(|set| now < set.stale_at)
            .and_then(|set| set.get(kid))
        {
            return Ok(key);
        }
        let mut flight = self.keys_flight.lock().await;
        let known = self.known_keys();
        if let Some(set) = known.as_ref().filter(|set| now < set.stale_at) {
            if let Some(key) = set.get(kid) {
                return Ok(key);
            }
            if flight
                .asked_again
                .is_some_and(|at| now.duration_since(at).abs() < REFETCH_GAP)
            {
                return Err(SignInError::UnknownKey);
            }
            flight.asked_again = Some(now);
        }
        let outcome = match Failure::recent(flight.failure.as_ref()) {
            Some(error) => Err(error),
            None => self.fetch_keys(metadata, now).await,
        };
        match outcome {
            Ok(set) => {
                flight.failure = None;
                let set = Arc::new(set);
                *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Some(set.clone());
                set.get(kid).ok_or(SignInError::UnknownKey)
            }
            Err(error) => {
                tracing::warn!(code = error.code(), %error, "the provider's keys could not be fetched");
                flight.failure = Some(Failure {
                    at: Instant::now(),
                    error: error.clone(),
                });
                known.and_then(|set| set.get(kid)).ok_or(error)
            }
        }
    }

    fn known_keys(&self) -> Option<Arc<KeySet>> {
        self.keys
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    async fn fetch_keys(&self, metadata: &Metadata, now: Timestamp) -> Result<KeySet, SignInError> {
        let (document, max_age) = self
            .fetch::<KeyDocument>("key set", metadata.jwks_uri.as_str())
            .await?;
        let keys = document.usable();
        if keys.is_empty() {
            return Err(SignInError::ProviderAnswer(
                "the key set has no RS256 key".to_owned(),
            ));
        }
        let life = SignedDuration::from_secs(max_age.unwrap_or(3600).clamp(60, 24 * 3600));
        Ok(KeySet {
            keys,
            stale_at: now.saturating_add(life).unwrap_or(now),
        })
    }

    async fn fetch<T: DeserializeOwned>(
        &self,
        what: &str,
        address: &str,
    ) -> Result<(T, Option<i64>), SignInError> {
        let response = self
            .http
            .get(address)
            .header("accept", "application/json")
            .timeout(DOCUMENT_TIMEOUT)
            .send()
            .await
            .map_err(|e| SignInError::down(what, &e.without_url()))?;
        let status = response.status();
        if !status.is_success() {
            return Err(SignInError::ProviderDown(format!(
                "{what} answered {status}"
            )));
        }
        let max_age = response
            .headers()
            .get(CACHE_CONTROL)
            .and_then(|v| v.to_str().ok())
            .and_then(max_age);
        let body = read_capped(response, MAX_DOCUMENT)
            .await
            .map_err(|e| SignInError::down(what, &e))?;
        let document = serde_json::from_slice(&body).map_err(|_| {
            SignInError::ProviderAnswer(format!("the {what} is not the JSON it should be"))
        })?;
        Ok((document, max_age))
    }
}

impl KeySet {
    fn get(&self, kid: &str) -> Option<DecodingKey> {
        self.keys.get(kid).cloned()
    }
}

#[derive(Deserialize)]
struct KeyDocument {
    keys: Vec<serde_json::Value>,
}

impl KeyDocument {
    /// The keys that may verify, the first of each name.
    fn usable(self) -> HashMap<String, DecodingKey> {
        let mut keys = HashMap::new();
        for key in self.keys.into_iter().take(MAX_KEYS) {
            if let Some((kid, key)) = serde_json::from_value::<PublishedKey>(key)
                .ok()
                .and_then(PublishedKey::usable)
            {
                keys.entry(kid).or_insert(key);
            }
        }
        keys
    }
}

/// How many usable keys a key set has, for the fuzzer alone.
#[cfg(feature = "fuzzing")]
pub(super) fn usable_keys(body: &[u8]) -> Option<usize> {
    let document: KeyDocument = serde_json::from_slice(body).ok()?;
    Some(document.usable().len())
}

#[derive(Deserialize)]
struct PublishedKey {
    kty: String,
    kid: String,
    n: String,
    e: String,
    #[serde(rename = "use")]
    purpose: Option<String>,
    alg: Option<String>,
}

impl PublishedKey {
    /// Only keys that may verify RS256.
    fn usable(self) -> Option<(String, DecodingKey)> {
        let fits = self.kty == "RSA"
            && self.purpose.as_deref().is_none_or(|p| p == "sig")
            && self.alg.as_deref().is_none_or(|a| a == "RS256");
        if !fits {
            return None;
        }
        let key = DecodingKey::from_rsa_components(&self.n, &self.e).ok()?;
        Some((self.kid, key))
    }
}

fn max_age(header: &str) -> Option<i64> {
    header.split(',').find_map(|part| {
        let (name, value) = part.trim().split_once('=')?;
        name.eq_ignore_ascii_case("max-age")
            .then(|| value.trim_matches('"').parse().ok())?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn max_age_is_found() {
        assert_eq!(
            max_age("public, max-age=19845, must-revalidate, no-transform"),
            Some(19845)
        );
        assert_eq!(max_age("Max-Age=\"60\""), Some(60));
        assert_eq!(max_age("no-store"), None);
        assert_eq!(max_age("s-maxage=5"), None);
    }
}
