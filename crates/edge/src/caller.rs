use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;

/// Who is calling. Set by [`serve`](crate::serve::serve()); what a client writes into headers changes it only
/// through a trusted proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Caller {
    /// The address; an IPv4 address in IPv6 clothes is undressed.
    pub ip: IpAddr,
}

impl Caller {
    /// A caller at an address.
    #[must_use]
    pub fn at(ip: IpAddr) -> Self {
        Self {
            ip: ip.to_canonical(),
        }
    }

    /// The socket's peer; or, only where the peer is a trusted proxy, the right-most hop of `X-Forwarded-For` that is
    /// not one. Hops further left were written by the client and prove nothing.
    #[must_use]
    pub fn find(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Self {
        let is_trusted = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
        let mut nearest = peer.to_canonical();
        if !is_trusted(&nearest) {
            return Self { ip: nearest };
        }
        let lines: Vec<_> = headers.get_all("x-forwarded-for").iter().collect();
        let hops = lines
            .iter()
            .rev()
            .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        for hop in hops {
            // What a proxy of ours would not write: nothing left of it can be believed.
            let Some(ip) = std::str::from_utf8(hop).ok().and_then(address) else {
                break;
            };
            nearest = ip;
            if !is_trusted(&ip) {
                break;
            }
        }
        Self { ip: nearest }
    }
}

/// `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`, `[2001:db8::1]`.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    hop.parse::<IpAddr>()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|address| address.ip()))
        .or_else(|| hop.strip_prefix('[')?.strip_suffix(']')?.parse().ok())
        .map(|ip| ip.to_canonical())
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    /// Outside of [`serve`](crate::serve::serve()) (a router under test) the caller is `0.0.0.0`, which no rule trusts.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let unknown = Self {
            ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
        };
        Ok(parts.extensions.get().copied().unwrap_or(unknown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(peer: &str, forwarded: &[&str]) -> String {
        let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        Caller::find(peer.parse().unwrap(), &headers, &trusted)
            .ip
            .to_string()
    }

    #[test]
    fn strangers_are_not_believed() {
        assert_eq!(found("203.0.113.9", &["10.0.0.1"]), "203.0.113.9");
        assert_eq!(found("203.0.113.9", &[]), "203.0.113.9");
        assert_eq!(found("::ffff:203.0.113.9", &["1.1.1.1"]), "203.0.113.9");
    }

    #[test]
    fn the_right_most_untrusted_hop_is_the_caller() {
        assert_eq!(found("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(found("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(
            found("10.0.0.1", &["1.1.1.1, 198.51.100.7"]),
            "198.51.100.7"
        );
        assert_eq!(
            found("10.0.0.1", &["1.1.1.1, 198.51.100.7,10.9.9.9"]),
            "198.51.100.7"
        );
        assert_eq!(
            found("10.0.0.1", &["1.1.1.1", "198.51.100.7", "10.2.3.4"]),
            "198.51.100.7"
        );
        assert_eq!(
            found("::ffff:10.0.0.1", &["[2001:db8::1]:443"]),
            "2001:db8::1"
        );
        assert_eq!(found("fd00::1", &["198.51.100.7:5555"]), "198.51.100.7");
        assert_eq!(found("10.0.0.1", &["10.1.1.1, 10.2.2.2"]), "10.1.1.1");
    }

    #[test]
    fn nonsense_ends_the_walk() {
        assert_eq!(
            found("10.0.0.1", &["1.1.1.1, unknown, 10.3.3.3"]),
            "10.3.3.3"
        );
        assert_eq!(found("10.0.0.1", &["1.1.1.1, "]), "10.0.0.1");
        assert_eq!(found("10.0.0.1", &["'; drop"]), "10.0.0.1");
    }
}
