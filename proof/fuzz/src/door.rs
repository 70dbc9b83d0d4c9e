//! Line 1: headers that say who calls, for whom, and with what.

use axum::{
    body::Body,
    extract::Request,
    http::{
        HeaderMap, HeaderValue,
        header::{CONTENT_TYPE, HOST},
    },
};
use edge::{Caller, csrf::CsrfToken, host::Hosts, receive::is_of_type};
use ipnet::IpNet;
use std::net::IpAddr;

const FORM: &str = "application/x-www-form-urlencoded";

/// Any bytes as each header, one line each.
pub(crate) fn edge(data: &[u8]) {
    let lines: Vec<HeaderValue> = data
        .split(|b| *b == b'\n')
        .filter_map(|line| HeaderValue::from_bytes(line).ok())
        .take(8)
        .collect();
    caller(&lines);
    host(&lines);
    content_type(&lines);
    if let Ok(text) = std::str::from_utf8(data)
        && let Some(token) = CsrfToken::kept(text)
    {
        assert_eq!(token.as_str(), text);
        assert_eq!(text.len(), 64);
    }
}

fn all(name: &axum::http::HeaderName, lines: &[HeaderValue]) -> HeaderMap {
    lines
        .iter()
        .map(|line| (name.clone(), line.clone()))
        .collect()
}

/// Only a trusted proxy names another caller, and no header makes a stranger a proxy.
fn caller(lines: &[HeaderValue]) {
    let headers = all(
        &axum::http::HeaderName::from_static("x-forwarded-for"),
        lines,
    );
    let proxy: IpAddr = "10.0.0.1".parse().expect("an address");
    let stranger: IpAddr = "203.0.113.9".parse().expect("an address");
    let trusted: IpNet = "10.0.0.0/8".parse().expect("a network");
    assert_eq!(Caller::find(stranger, &headers, &[trusted]).ip, stranger);
    assert_eq!(Caller::find(proxy, &headers, &[]).ip, proxy);
    let found = Caller::find(proxy, &headers, &[trusted]).ip;
    assert_eq!(found, found.to_canonical(), "two spellings of one caller");
    // What the client wrote on the left changes nothing once a hop of a stranger stands on the right.
    let mut forged = HeaderMap::new();
    for line in lines {
        forged.append("x-forwarded-for", line.clone());
    }
    forged.append("x-forwarded-for", HeaderValue::from_static("203.0.113.9"));
    assert_eq!(Caller::find(proxy, &forged, &[trusted]).ip, stranger);
}

/// Exactly one host, and it is ours.
fn host(lines: &[HeaderValue]) {
    let mut request = Request::new(Body::empty());
    *request.headers_mut() = all(&HOST, lines);
    if Hosts::only("shop.example.tw").covers(&request) {
        assert_eq!(lines.len(), 1);
        let said = lines[0]
            .to_str()
            .expect("ours is ASCII")
            .to_ascii_lowercase();
        assert!(matches!(
            said.as_str(),
            "shop.example.tw" | "shop.example.tw:80" | "shop.example.tw:443"
        ));
    }
}

/// One type, the form's, in UTF-8 if it says.
fn content_type(lines: &[HeaderValue]) {
    let headers = all(&CONTENT_TYPE, lines);
    if is_of_type(&headers, &[FORM]) {
        assert_eq!(lines.len(), 1);
        let said = lines[0].to_str().expect("it is ASCII").to_ascii_lowercase();
        assert!(said.trim_start().starts_with(FORM));
        let mut charsets = said
            .split(';')
            .filter_map(|part| part.trim().strip_prefix("charset="));
        assert!(charsets.all(|charset| charset.trim().trim_matches('"') == "utf-8"));
    }
}
