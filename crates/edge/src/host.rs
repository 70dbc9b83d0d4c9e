use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::header::HOST;
use axum::middleware::{Next, from_fn};

use crate::refusal::{Code, EdgeRefusal, Refusals};

/// The host names under which this server answers. Addresses in answers come from the configuration, never from
/// `Host`; this keeps foreign names (DNS rebinding, cache poisoning) out altogether.
#[derive(Debug, Clone)]
pub struct Hosts {
    names: Vec<String>,
    loopback: bool,
}

impl Hosts {
    /// The authority of the public address: `shop.example.tw` or `shop.example.tw:8443`.
    #[must_use]
    pub fn only(authority: &str) -> Self {
        Self {
            names: vec![authority.to_ascii_lowercase()],
            loopback: false,
        }
    }

    /// Also `localhost`, `127.0.0.1` and `[::1]` on any port: for a shop on one's own machine.
    #[must_use]
    pub fn and_loopback(mut self) -> Self {
        self.loopback = true;
        self
    }

    /// Whether a request was meant for us: exactly one `Host`, ours; and, where the request line carries a whole
    /// address, that one too (RFC 9112 section 3.2.2).
    #[must_use]
    pub fn covers(&self, request: &Request) -> bool {
        let mut hosts = request.headers().get_all(HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return false;
        };
        let in_line = request
            .uri()
            .authority()
            .is_none_or(|line| self.knows(line.as_str()));
        in_line && host.to_str().is_ok_and(|host| self.knows(host))
    }

    fn knows(&self, host: &str) -> bool {
        let host = host.to_ascii_lowercase();
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
                (name, port)
            }
            Some(_) | None => (host.as_str(), ""),
        };
        // The default ports may be written out.
        let bare = if matches!(port, "80" | "443") {
            name
        } else {
            host.as_str()
        };
        self.names
            .iter()
            .any(|known| *known == host || *known == bare)
            || (self.loopback && matches!(name, "localhost" | "127.0.0.1" | "[::1]"))
    }

    /// Refuses what is meant for another host with 421, on every route of `router`, known or not.
    pub fn guard<S>(self, router: Router<S>, refusals: Refusals) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let hosts = Arc::new(self);
        router.layer(from_fn(move |request: Request, next: Next| {
            let (hosts, refusals) = (Arc::clone(&hosts), refusals.clone());
            async move {
                if hosts.covers(&request) {
                    next.run(request).await
                } else {
                    refusals.answer(&EdgeRefusal::new(Code::Host), request.headers())
                }
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn covered(hosts: &Hosts, line: &str, headers: &[&str]) -> bool {
        let mut request = Request::builder().uri(line);
        for host in headers {
            request = request.header(HOST, *host);
        }
        hosts.covers(&request.body(Body::empty()).unwrap())
    }

    #[test]
    fn only_the_public_name_is_ours() {
        let hosts = Hosts::only("shop.example.tw");
        for good in ["shop.example.tw", "SHOP.example.tw", "shop.example.tw:443"] {
            assert!(covered(&hosts, "/", &[good]), "{good}");
        }
        for bad in [
            "evil.tld",
            "shop.example.tw.evil.tld",
            "shop.example.tw:8080",
            "localhost",
            "",
            "shop.example.tw@evil.tld",
            "shop.example.tw, evil.tld",
        ] {
            assert!(!covered(&hosts, "/", &[bad]), "{bad}");
        }
        assert!(!covered(&hosts, "/", &[]));
        assert!(!covered(&hosts, "/", &["shop.example.tw", "evil.tld"]));
        assert!(!covered(&hosts, "http://evil.tld/", &["shop.example.tw"]));
        assert!(covered(
            &hosts,
            "http://shop.example.tw/",
            &["shop.example.tw"]
        ));
    }

    #[test]
    fn loopback_names_are_ours_at_home() {
        let hosts = Hosts::only("localhost:8080").and_loopback();
        for good in [
            "localhost:8080",
            "127.0.0.1:8080",
            "[::1]:4711",
            "localhost",
            "[::1]",
        ] {
            assert!(covered(&hosts, "/", &[good]), "{good}");
        }
        assert!(!covered(&hosts, "/", &["localhost.evil.tld:8080"]));
        assert!(!covered(&hosts, "/", &["192.168.0.2:8080"]));
    }
}
