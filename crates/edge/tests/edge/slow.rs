//! Clients that take their time: each is let go within its limit, while others are served.

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use edge::{Accepts, Limits, receive};

use crate::house::{House, PATIENCE, generous};

const SHORT: Duration = Duration::from_millis(300);

async fn notify(request: Request) -> Response {
    match receive(request, &Accepts::FORM, ()).await {
        Ok(received) => format!("{} bytes", received.body().len()).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}

fn router() -> Router {
    Router::new()
        .route("/", get(|| async { "here" }))
        .route(
            "/form",
            post(|body: Bytes| async move { format!("{} bytes", body.len()) }),
        )
        .route("/notify", post(notify))
        .route("/big", get(|| async { vec![b'x'; 64 * 1024 * 1024] }))
}

const FORM: &str = "Host: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n";

#[tokio::test]
async fn a_header_that_never_ends_is_let_go() {
    let house = House::open(
        router(),
        Limits {
            header_timeout: SHORT,
            ..generous()
        },
    )
    .await;
    let mut slow = house.connect().await;
    let began = Instant::now();
    // A byte now and then does not reset the clock.
    for byte in "GET / HTTP/1.1\r\nHost: localhost\r\nX-Padding: "
        .bytes()
        .chain(std::iter::repeat(b'a'))
    {
        if !slow.try_send(&[byte]).await {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert!(began.elapsed() < PATIENCE, "still open");
        if began.elapsed() > SHORT * 4 {
            break;
        }
    }
    slow.rest().await;
    assert!(began.elapsed() >= SHORT);
    house.until(|load| load.connections == 0).await;
    assert!(house.get("/").await.ends_with("here"));
}

#[tokio::test]
async fn idling_is_bounded_before_and_between_requests() {
    let house = House::open(
        router(),
        Limits {
            header_timeout: SHORT,
            ..generous()
        },
    )
    .await;
    let mut silent = house.connect().await;
    let mut talker = house.connect().await;
    talker
        .send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    talker.until("here").await;
    talker
        .send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    talker.until("here").await;
    silent.rest().await;
    talker.rest().await;
    house.until(|load| load.connections == 0).await;
}

#[tokio::test]
async fn a_body_that_never_ends_is_refused() {
    for path in ["/form", "/notify"] {
        for framing in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
            let limits = Limits {
                body_timeout: SHORT,
                ..generous()
            };
            let house = House::open(router(), limits).await;
            let mut slow = house.connect().await;
            let began = Instant::now();
            slow.send(&format!("POST {path} HTTP/1.1\r\n{FORM}{framing}\r\n\r\n"))
                .await;
            while began.elapsed() < SHORT * 2 && slow.try_send(b"1\r\na\r\n").await {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let answer = slow.rest().await;
            assert!(
                answer.starts_with("HTTP/1.1 408 "),
                "{path} {framing}: {answer}"
            );
            assert!(answer.contains("L1.slow"), "{answer}");
            assert!(
                answer.to_lowercase().contains("connection: close"),
                "{answer}"
            );
            assert!(began.elapsed() >= SHORT);
            house.until(|load| load.connections == 0).await;
        }
    }
}

#[tokio::test]
async fn a_body_in_time_is_read() {
    let house = House::open(router(), generous()).await;
    for path in ["/form", "/notify"] {
        let head = format!("POST {path} HTTP/1.1\r\nConnection: close\r\n{FORM}");
        let mut client = house.connect().await;
        client
            .send(&format!("{head}Content-Length: 4\r\n\r\na"))
            .await;
        client.send("=12").await;
        assert!(client.rest().await.ends_with("4 bytes"));
        let mut client = house.connect().await;
        client
            .send(&format!(
                "{head}Transfer-Encoding: chunked\r\n\r\n2\r\na=\r\n"
            ))
            .await;
        client.send("1\r\n1\r\n0\r\n\r\n").await;
        assert!(client.rest().await.contains("3 bytes"));
    }
}

#[tokio::test]
async fn a_reader_that_does_not_read_is_let_go() {
    let house = House::open(
        router(),
        Limits {
            write_timeout: SHORT,
            ..generous()
        },
    )
    .await;
    let mut reader = house.connect().await;
    reader
        .send("GET /big HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    reader.until("xxxx").await;
    assert_eq!(house.load.read().connections, 1);
    house.until(|load| load.connections == 0).await;
    assert!(house.get("/").await.ends_with("here"));
    drop(reader);
}
