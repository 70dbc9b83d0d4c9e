//! Methods, types, sizes, encodings and hosts that are refused before anybody reads the message.

use crate::{
    raw,
    shopper::{Shopper, Town},
    value,
};
use reqwest::{Method, RequestBuilder};

const FORM: &str = "application/x-www-form-urlencoded";

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

/// A post to the notice's address, of some type.
fn notice(town: &Town, kind: Option<&str>, body: String) -> RequestBuilder {
    let request = town.outside.post(town.shop("/payuni/notify"));
    let request = match kind {
        Some(kind) => request.header("content-type", kind),
        None => request,
    };
    request.body(body)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_address_takes_its_own_methods() {
    let town = Town::new().await;
    let visitor = town.stranger();
    for (method, path) in [
        ("GET", "/checkout"),
        ("PUT", "/checkout"),
        ("DELETE", "/orders"),
        ("POST", "/"),
        ("GET", "/payuni/notify"),
        ("PUT", "/payuni/notify"),
        ("GET", "/payuni/return"),
        ("GET", "/auth/logout"),
        ("POST", "/healthz"),
        ("PATCH", "/admin"),
        ("POST", "/auth/google"),
        ("TRACE", "/payuni/notify"),
        ("DELETE", "/assets/x"),
    ] {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let request = visitor.client.request(method.clone(), town.shop(path));
        let request = request
            .header("origin", &visitor.shop)
            .header("x-http-method-override", "POST");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 405, "{method} {path}");
        assert!(
            !value(answer.headers(), "allow").is_empty(),
            "{method} {path}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_is_a_plain_form_with_each_field_once() {
    let town = Town::new().await;
    let good = || "Status=SUCCESS&EncryptInfo=00&HashInfo=00".to_owned();
    for kind in [
        Some("application/json"),
        Some("text/plain"),
        Some("multipart/form-data; boundary=x"),
        None,
        Some("application/x-www-form-urlencoded;charset=utf-16"),
    ] {
        assert_eq!(status(notice(&town, kind, good())).await, 415, "{kind:?}");
    }
    for coding in ["gzip", "br", "zstd", "identity", "gzip, gzip"] {
        let request = notice(&town, Some(FORM), good()).header("content-encoding", coding);
        assert_eq!(status(request).await, 415, "{coding}");
    }
    // Only then is it read, and found to be of nobody.
    assert_eq!(status(notice(&town, Some(FORM), good())).await, 401);
    let many: String = (0..5000).map(|n| format!("a{n}=1&")).collect();
    for body in [
        "EncryptInfo=00&EncryptInfo=01&HashInfo=00",
        "EncryptInfo=00&HashInfo=00&HashInfo=00",
        "EncryptInfo[]=00&HashInfo=00",
        "EncryptInfo=00;HashInfo=00",
        "EncryptInfo=%zz&HashInfo=00",
        "EncryptInfo=%00&HashInfo=00",
        "EncryptInfo=%C0%AF&HashInfo=00",
        "\u{feff}EncryptInfo=00&HashInfo=00",
        &format!("{many}EncryptInfo=00&HashInfo=00"),
    ] {
        let answer = status(notice(&town, Some(FORM), body.to_owned())).await;
        assert_eq!(answer, 400, "{body:.60}");
    }
    // In the query it is not even looked for.
    let request = town
        .outside
        .post(town.shop("/payuni/notify?EncryptInfo=00&HashInfo=00"));
    assert_eq!(status(request.header("content-type", FORM)).await, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_bodies_are_not_read_to_their_end() {
    let town = Town::new().await;
    let (address, visitor) = (town.world.shop.addr, town.stranger());
    let long = format!("EncryptInfo={}&HashInfo=00", "0".repeat(65_536));
    assert_eq!(status(notice(&town, Some(FORM), long)).await, 413);
    // Our own pages' forms are shorter.
    let long = visitor
        .client
        .post(town.shop("/checkout"))
        .header("origin", &visitor.shop);
    let long = long
        .header("content-type", FORM)
        .body("a=".to_owned() + &"x".repeat(17_000));
    assert_eq!(status(long).await, 413);
    // Without a length that says so.
    let head = format!(
        "POST /payuni/notify HTTP/1.1\r\nhost: localhost:{}\r\ncontent-type: {FORM}\r\ntransfer-encoding: chunked\r\n\r\n",
        address.port()
    );
    let chunk = format!("4000\r\n{}\r\n", "x".repeat(0x4000));
    let (answer, _) = raw(address, (head + &chunk.repeat(5)).as_bytes()).await;
    assert_eq!(answer, 413);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_hosts_are_not_ours() {
    let town = Town::new().await;
    let (address, visitor) = (town.world.shop.addr, town.stranger());
    for (host, expected) in [
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("shop.example.tw", 421),
        ("localhost:1@evil.example", 421),
        ("127.0.0.1", 200),
        ("localhost", 200),
    ] {
        let request = format!("GET / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let (answer, text) = raw(address, request.as_bytes()).await;
        // A name that is none at all may be refused as malformed already.
        let as_expected = answer == expected || (host.contains('@') && answer == 400);
        assert!(as_expected, "{host}: {answer}");
        assert!(!text.contains("evil.example"), "{host}");
    }
    for request in [
        "GET / HTTP/1.1\r\nconnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nhost: localhost\r\nhost: evil.example\r\nconnection: close\r\n\r\n",
        "GET http://evil.example/ HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n",
    ] {
        let (answer, _) = raw(address, request.as_bytes()).await;
        assert!(matches!(answer, 400 | 421), "{request:?}: {answer}");
    }
    // Where a request says that it came from goes into no address of ours.
    let begun = visitor.client.get(town.shop("/auth/google"));
    let begun = begun
        .header("x-forwarded-host", "evil.example")
        .header("forwarded", "host=evil.example");
    let url = Shopper::read(begun.send().await.unwrap())
        .await
        .location
        .unwrap();
    assert!(!url.contains("evil"), "{url}");
}
