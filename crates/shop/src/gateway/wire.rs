//! The wire to the gateway: a form goes out, bytes come back. Nothing of them is believed yet.

use async_trait::async_trait;
use std::time::Duration;

/// The longest answer that is read, in bytes. A reply about one trade is a few kilobytes.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
const ANSWER_WAIT: Duration = Duration::from_secs(10);

/// Carries a form to the gateway and its answer back. HTTP in life; a simulation puts its own in place.
#[async_trait]
pub trait Wire: Send + Sync + 'static {
    /// Posts a form and returns the answer's body, whatever its status.
    ///
    /// # Errors
    /// No answer that could be read. Whether the form arrived stays open.
    async fn post(&self, url: String, form: String) -> Result<Vec<u8>, WireError>;
}

/// Why no answer could be read.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// No connection, or no answer in time.
    #[error("no answer")]
    Unreachable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The answer is longer than any real one.
    #[error("the answer is too long")]
    TooLong,
}

impl From<reqwest::Error> for WireError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unreachable(Box::new(error.without_url()))
    }
}

#[async_trait]
impl Wire for reqwest::Client {
    async fn post(&self, url: String, form: String) -> Result<Vec<u8>, WireError> {
        let response = Self::post(self, url)
            .timeout(ANSWER_WAIT)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("user-agent", "payuni")
            .body(form)
            .send()
            .await?;
        read_limited(response).await
    }
}

async fn read_limited(mut response: reqwest::Response) -> Result<Vec<u8>, WireError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > ANSWER_BYTES_MAX {
            return Err(WireError::TooLong);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
