//! What every request meets on its way in, and every answer carries on its way out.

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use edge::headers::{Policy, compress_static};
use edge::host::Hosts;
use edge::limits::{RateLimit, body};
use edge::{Caller, Code, Gate, Limits, Refusals, RequestId, csrf};

use crate::house::{House, generous};

async fn panics() -> &'static str {
    panic!("on purpose")
}

fn router() -> Router {
    Router::new()
        .route(
            "/",
            get(|| async { "here" })
                .post(|body: Bytes| async move { format!("{} bytes", body.len()) }),
        )
        .route(
            "/who",
            get(|caller: Caller, id: RequestId| async move { format!("{} {id}", caller.ip) }),
        )
        .route("/panic", get(panics))
        .route("/hang", get(std::future::pending::<&'static str>))
        .route(
            "/cached",
            get(|| async {
                (
                    [
                        ("cache-control", "max-age=60"),
                        ("x-frame-options", "ALLOW"),
                    ],
                    "x",
                )
            }),
        )
}

fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .and_then(|code| code.parse().ok())
        .unwrap_or(0)
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let head = answer.split("\r\n\r\n").next()?;
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn request(method: &str, path: &str, headers: &[(&str, &str)]) -> String {
    let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text + "\r\n"
}

#[tokio::test]
async fn every_answer_has_its_own_name() {
    let house = House::open(router(), generous()).await;
    let headers = [("Host", "localhost"), ("X-Request-Id", "forged")];
    let one = house.ask(&request("GET", "/who", &headers)).await;
    let two = house.ask(&request("GET", "/nowhere", &headers)).await;
    assert_eq!(status(&two), 404);
    let [one_id, two_id] = [&one, &two].map(|answer| header(answer, "x-request-id").unwrap());
    assert_eq!(one_id.len(), 16);
    assert_ne!(one_id, two_id);
    assert!(one.ends_with(&format!("127.0.0.1 {one_id}")), "{one}");
}

#[tokio::test]
async fn only_a_trusted_proxy_names_the_caller() {
    let spoof = request(
        "GET",
        "/who",
        &[
            ("Host", "localhost"),
            ("X-Forwarded-For", "203.0.113.5, 198.51.100.7"),
            ("X-Real-IP", "203.0.113.5"),
            ("Forwarded", "for=203.0.113.5"),
        ],
    );
    let house = House::open(router(), generous()).await;
    assert!(house.ask(&spoof).await.contains("\r\n\r\n127.0.0.1 "));
    let trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    let gate = Gate {
        limits: generous(),
        trusted_proxies,
        ..Gate::default()
    };
    let house = House::open_with(router(), gate).await;
    assert!(house.ask(&spoof).await.contains("\r\n\r\n198.51.100.7 "));
}

#[tokio::test]
async fn a_panic_and_a_hang_are_answered() {
    let refusals = Refusals::new(|refusal, headers| {
        assert!(headers.contains_key("host"));
        format!("page of {}", refusal.code.as_str()).into_response()
    });
    let limits = Limits {
        answer_timeout: Duration::from_millis(200),
        ..generous()
    };
    let gate = Gate {
        limits,
        refusals: refusals.clone(),
        ..Gate::default()
    };
    let house = House::open_with(router(), gate).await;
    let mut client = house.connect().await;
    client
        .send("GET /panic HTTP/1.1\r\nHost: localhost\r\n\r\n")
        .await;
    let answer = client.until("L1.broken").await;
    assert_eq!(status(&answer), 500);
    assert!(answer.contains("page of"));
    // The connection goes on.
    client.send(&crate::house::get("/")).await;
    assert!(client.rest().await.ends_with("here"));
    let answer = house.get("/hang").await;
    assert_eq!(status(&answer), 503);
    assert_eq!(header(&answer, "retry-after"), Some("5"));
    let counted: Vec<_> = refusals.counts().filter(|(_, count)| *count > 0).collect();
    assert_eq!(counted, [(Code::Timeout, 1), (Code::Broken, 1)]);
}

#[tokio::test]
async fn header_bombs_are_refused() {
    let house = House::open(router(), generous()).await;
    let many = "X-Bomb: x\r\n".repeat(65);
    let long = format!("X-Bomb: {}\r\n", "x".repeat(20_000));
    for bomb in [many, long] {
        let answer = house
            .ask(&format!("GET / HTTP/1.1\r\nHost: localhost\r\n{bomb}\r\n"))
            .await;
        assert_eq!(status(&answer), 431, "{answer}");
    }
    for bomb in [
        ("X-Bomb: x\r\n").repeat(10_000),
        format!("X-Bomb: {}\r\n", "x".repeat(1 << 20)),
    ] {
        let mut client = house.connect().await;
        client
            .try_send(format!("GET / HTTP/1.1\r\nHost: localhost\r\n{bomb}\r\n").as_bytes())
            .await;
        let answer = client.rest().await;
        assert!(!answer.contains("200 OK"), "{answer}");
    }
    let mut client = house.connect().await;
    client
        .try_send(
            format!(
                "GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n",
                "u".repeat(1 << 20)
            )
            .as_bytes(),
        )
        .await;
    assert!(!client.rest().await.contains("200 OK"));
    assert!(house.get("/").await.ends_with("here"));
}

#[tokio::test]
async fn a_smuggled_request_is_not_parsed() {
    let house = House::open(router(), generous()).await;
    let smuggled = "GET /who HTTP/1.1\r\nHost: localhost\r\n\r\n";
    for framing in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 4",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked, identity",
        "Content-Length: 4\r\nContent-Length: 5",
        "Content-Length : 4",
        "Content-Length: +4",
    ] {
        let body = format!("0\r\n\r\n{smuggled}");
        let answer = house
            .ask(&format!(
                "POST / HTTP/1.1\r\nHost: localhost\r\n{framing}\r\n\r\n{body}"
            ))
            .await;
        assert_eq!(
            answer.matches("HTTP/1.1 ").count(),
            1,
            "{framing}: {answer}"
        );
        assert!(!answer.contains("127.0.0.1"), "{framing}: {answer}");
    }
}

#[tokio::test]
async fn foreign_hosts_are_refused() {
    let guarded = Hosts::only("shop.example.tw").guard(router(), Refusals::default());
    let house = House::open(guarded, generous()).await;
    for (host, path, expected) in [
        ("shop.example.tw", "/", 200),
        ("evil.tld", "/", 421),
        ("evil.tld", "/nowhere", 421),
        ("shop.example.tw", "http://evil.tld/", 421),
    ] {
        let headers = [("Host", host), ("X-Forwarded-Host", "shop.example.tw")];
        let answer = house.ask(&request("GET", path, &headers)).await;
        assert_eq!(status(&answer), expected, "{host} {path}");
    }
    assert_eq!(status(&house.ask("GET / HTTP/1.0\r\n\r\n").await), 421);
}

#[tokio::test]
async fn forms_of_other_sites_are_refused() {
    let guarded = csrf::guard(router(), "https://shop.example.tw", Refusals::default()).unwrap();
    let open = Router::new().route("/payuni/return", post(|| async { "seen" }));
    let house = House::open(guarded.merge(open), generous()).await;
    let cases: [(&[(&str, &str)], u16); 9] = [
        (
            &[("Sec-Fetch-Site", "same-origin"), ("Origin", "null")],
            200,
        ),
        (&[("Sec-Fetch-Site", "none")], 200),
        (&[("Origin", "https://shop.example.tw")], 200),
        (
            &[
                ("Sec-Fetch-Site", "cross-site"),
                ("Origin", "https://evil.tld"),
            ],
            403,
        ),
        (
            &[
                ("Sec-Fetch-Site", "cross-site"),
                ("Origin", "https://shop.example.tw.evil.tld"),
            ],
            403,
        ),
        (
            &[
                ("Sec-Fetch-Site", "same-site"),
                ("Origin", "https://blog.example.tw"),
            ],
            403,
        ),
        (&[("Origin", "https://evil.tld")], 403),
        (&[("Origin", "null")], 403),
        (&[("Sec-Fetch-Site", "nonsense")], 403),
    ];
    for (extra, expected) in cases {
        let headers = [
            &[("Host", "shop.example.tw"), ("Content-Length", "0")],
            extra,
        ]
        .concat();
        let answer = house.ask(&request("POST", "/", &headers)).await;
        assert_eq!(status(&answer), expected, "{extra:?}");
        assert!(
            expected != 403 || answer.contains("L1.cross_site"),
            "{answer}"
        );
        assert_eq!(
            status(
                &house
                    .ask(&request("POST", "/payuni/return", &headers))
                    .await
            ),
            200
        );
        assert_eq!(
            status(&house.ask(&request("GET", "/", &headers)).await),
            200,
            "reading is free"
        );
    }
}

#[tokio::test]
async fn asking_too_often_is_refused_with_the_time_to_wait() {
    let guarded = RateLimit::new(2, 3, 100).guard(router(), Refusals::default());
    let house = House::open(guarded, generous()).await;
    for _ in 0..3 {
        assert_eq!(status(&house.get("/").await), 200);
    }
    // Another name for oneself is no other caller.
    let spoof = [("Host", "localhost"), ("X-Forwarded-For", "203.0.113.5")];
    let answer = house.ask(&request("GET", "/", &spoof)).await;
    assert_eq!(status(&answer), 429);
    let wait: u64 = header(&answer, "retry-after").unwrap().parse().unwrap();
    assert!((25..=30).contains(&wait), "{wait}");
}

#[tokio::test]
async fn large_bodies_are_refused_named_or_not() {
    let house = House::open(body(router(), 10, Refusals::default()), generous()).await;
    let head = "POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    let fits = house
        .ask(&format!("{head}Content-Length: 10\r\n\r\n0123456789"))
        .await;
    assert!(fits.ends_with("10 bytes"), "{fits}");
    // Refused by its length, before a byte of it is sent.
    let named = house
        .ask(&format!("{head}Content-Length: 11\r\n\r\n"))
        .await;
    assert_eq!(status(&named), 413);
    assert!(named.contains("L1.too_large"));
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n");
    assert_eq!(status(&house.ask(&chunked).await), 413);
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let https = Policy::new(true)
        .form_action("https://api.payuni.com.tw")
        .unwrap();
    let house = House::open(https.secure(router()), generous()).await;
    for path in ["/", "/nowhere", "/cached"] {
        let answer = house.get(path).await;
        let value = |name| header(&answer, name).unwrap_or_else(|| panic!("{path}: no {name}"));
        assert!(
            value("content-security-policy")
                .contains("form-action 'self' https://api.payuni.com.tw;")
        );
        assert!(!value("content-security-policy").contains("unsafe"));
        assert_eq!(value("x-content-type-options"), "nosniff");
        assert_eq!(value("referrer-policy"), "same-origin");
        assert_eq!(value("x-frame-options"), "DENY");
        assert_eq!(value("cross-origin-opener-policy"), "same-origin");
        assert_eq!(value("cross-origin-resource-policy"), "same-origin");
        assert_eq!(value("strict-transport-security"), "max-age=31536000");
        assert!(value("permissions-policy").contains("camera=()"));
        let cached = if path == "/cached" {
            "max-age=60"
        } else {
            "no-store"
        };
        assert_eq!(value("cache-control"), cached);
        assert_eq!(header(&answer, "access-control-allow-origin"), None);
    }
    let house = House::open(Policy::new(false).secure(router()), generous()).await;
    assert_eq!(
        header(&house.get("/").await, "strict-transport-security"),
        None
    );
}

#[tokio::test]
async fn only_static_files_are_compressed() {
    let text = || async { ([("content-type", "text/css")], "a{color:red}".repeat(200)) };
    let assets = compress_static(Router::new().route("/assets/style.css", get(text)));
    let pages = Router::new().route("/page", get(text));
    let house = House::open(assets.merge(pages), generous()).await;
    let headers = [("Host", "localhost"), ("Accept-Encoding", "gzip")];
    let asset = house
        .ask(&request("GET", "/assets/style.css", &headers))
        .await;
    assert_eq!(header(&asset, "content-encoding"), Some("gzip"));
    let page = house.ask(&request("GET", "/page", &headers)).await;
    assert_eq!(header(&page, "content-encoding"), None);
    assert!(page.contains("a{color:red}"));
}
