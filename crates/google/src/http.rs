//! The one HTTP client, and answers with a limit.

use std::time::Duration;

use reqwest::redirect::Policy;
use secrecy::SecretString;
use serde::Deserialize;
use url::{Host, Url};

/// Largest discovery document, key set or token answer that is read.
pub(crate) const MAX_DOCUMENT: usize = 1 << 20;
/// Largest answer of the Sheets API that is read.
pub(crate) const MAX_SHEET: usize = 8 << 20;
/// How long a sign-in may wait for one answer of the provider.
pub(crate) const DOCUMENT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may wait for the next request. Servers close theirs after a minute or more: a request that is sent
/// while they do is lost, and a token's code cannot be sent twice.
const IDLE: Duration = Duration::from_secs(20);

/// The client for everything in this crate: TLS by rustls, no redirects (a redirect could lead a secret to another host), 5 s to
/// connect, 60 s in all (single calls ask for less).
///
/// # Errors
/// Where the platform's TLS roots cannot be loaded.
pub fn http_client() -> Result<reqwest::Client, reqwest::Error> {
    builder().build()
}

/// The same for a counterparty on this very machine: past every proxy that the environment names, and also where the platform
/// has no TLS roots at all.
///
/// # Errors
/// Where no socket can be had.
pub fn http_client_on_loopback() -> Result<reqwest::Client, reqwest::Error> {
    let direct = || builder().no_proxy();
    direct()
        .build()
        .or_else(|_| direct().tls_certs_only([]).build())
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .redirect(Policy::none())
        .connect_timeout(Duration::from_secs(5))
        .pool_idle_timeout(IDLE)
        .timeout(Duration::from_secs(60))
        .user_agent(concat!("jinliu/", env!("CARGO_PKG_VERSION")))
}

/// Why a body could not be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BodyError {
    #[error("the answer is larger than {0} bytes")]
    TooLarge(usize),
    #[error("the answer broke off: {0}")]
    Broken(reqwest::Error),
}

/// Reads a body up to `limit` bytes and never more, whatever its Content-Length says.
pub(crate) async fn read_capped(
    mut response: reqwest::Response,
    limit: usize,
) -> Result<Vec<u8>, BodyError> {
    if response
        .content_length()
        .is_some_and(|n| n > limit.try_into().unwrap_or(u64::MAX))
    {
        return Err(BodyError::TooLarge(limit));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|e| BodyError::Broken(e.without_url()))?
    {
        if body.len() + chunk.len() > limit {
            return Err(BodyError::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Whether secrets may be sent to this URL: https, or http to this very machine.
#[must_use]
pub fn is_safe_endpoint(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => is_loopback(url),
        _ => false,
    }
}

/// Whether this URL is on this very machine.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// A secret in somebody's JSON.
#[derive(Deserialize)]
#[serde(from = "String")]
pub(crate) struct WireSecret(pub(crate) SecretString);

impl From<String> for WireSecret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// Outside text made fit for one line of a log.
pub(crate) fn for_log(text: &str, limit: usize) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .take(limit)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_to_https_or_to_this_machine() {
        for (url, safe) in [
            ("https://oauth2.googleapis.com/token", true),
            ("http://localhost:8082/token", true),
            ("http://127.0.0.1:1/token", true),
            ("http://[::1]:1/token", true),
            ("http://oauth2.googleapis.com/token", false),
            ("http://localhost.evil.example/token", false),
            ("ftp://localhost/token", false),
        ] {
            assert_eq!(is_safe_endpoint(&Url::parse(url).unwrap()), safe, "{url}");
        }
    }

    #[test]
    fn log_text_is_one_short_line() {
        assert_eq!(for_log("a\r\nb\u{1b}[31m", 4), "a  b");
    }
}
