//! Waiting for something that is to happen: with a deadline, never for a time.

use anyhow::Result;
use std::time::{Duration, Instant};

/// How long something may take that is to happen, on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// How often it is looked at.
pub(crate) const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// Asks again and again until it is so or patience ends. Whether it is so.
pub(crate) async fn until(so: impl AsyncFnMut() -> Result<bool>) -> Result<bool> {
    until_within(PATIENCE, so).await
}

/// The same with another patience.
pub(crate) async fn until_within(
    patience: Duration,
    mut so: impl AsyncFnMut() -> Result<bool>,
) -> Result<bool> {
    let deadline = Instant::now() + patience;
    loop {
        if so().await? {
            return Ok(true);
        }
        if Instant::now() >= deadline {
            return Ok(false);
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}
