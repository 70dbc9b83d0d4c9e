//! The edge: what is answered to whom, with which headers, and what is refused before anybody reads it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/shopper.rs"]
#[expect(dead_code, reason = "each test file uses the part it needs")]
mod shopper;

#[path = "edge/files.rs"]
mod files;
#[path = "edge/headers.rs"]
mod headers;
#[path = "edge/messages.rs"]
mod messages;

use reqwest::header::HeaderMap;

fn value<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

/// Sends bytes as they are, without a client that knows better; returns the status and the whole answer.
async fn raw(address: std::net::SocketAddr, request: &[u8]) -> (u16, String) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut answer = Vec::new();
    // A refusal may close the connection while the rest of the request is still on its way.
    let read = tokio::time::timeout(shopper::PATIENCE, stream.read_to_end(&mut answer))
        .await
        .unwrap();
    assert!(read.is_ok() || !answer.is_empty(), "no answer: {read:?}");
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or_default();
    (status, answer)
}
