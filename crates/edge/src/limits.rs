use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use axum::http::header::CONTENT_LENGTH;
use axum::middleware::{Next, from_fn};
use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tower_http::limit::RequestBodyLimitLayer;

use crate::caller::Caller;
use crate::refusal::{Code, EdgeRefusal, Refusals};

/// Whose requests are counted together.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum RateKey {
    /// An address; of IPv6 the /64, since a single customer commonly holds a whole one.
    Network(IpAddr),
    /// A signed-in member.
    Member(String),
}

impl From<Caller> for RateKey {
    fn from(caller: Caller) -> Self {
        Self::Network(match caller.ip {
            IpAddr::V4(ip) => IpAddr::V4(ip),
            IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & !u128::from(u64::MAX))),
        })
    }
}

/// How often something may be done, per key, by the generic cell rate algorithm. Clones share their counts.
#[derive(Clone)]
pub struct RateLimit(Arc<Rates>);

struct Rates {
    each: RateLimiter<RateKey, HashMapStateStore<RateKey>, DefaultClock>,
    crowd: RateLimiter<NotKeyed, InMemoryState, DefaultClock>,
    most_keys: usize,
    swept: Mutex<Option<Instant>>,
    clock: DefaultClock,
}

impl RateLimit {
    /// `per_minute` requests a minute in the long run, `burst` at once. At most `most_keys` keys are remembered; when
    /// that many are active at the same time, all callers share a hundredfold allowance until it calms down, so that
    /// memory stays flat and most of the good traffic still passes. Zeroes count as one.
    #[must_use]
    pub fn new(per_minute: u32, burst: u32, most_keys: usize) -> Self {
        let whole = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
        let quota = |times: u32| {
            Quota::per_minute(whole(per_minute.saturating_mul(times)))
                .allow_burst(whole(burst.saturating_mul(times)))
        };
        let clock = DefaultClock::default();
        Self(Arc::new(Rates {
            each: RateLimiter::hashmap_with_clock(quota(1), clock.clone()),
            crowd: RateLimiter::direct_with_clock(quota(100), clock.clone()),
            most_keys: most_keys.max(1),
            swept: Mutex::new(None),
            clock,
        }))
    }

    /// Counts one request.
    ///
    /// # Errors
    /// `L1.rate`, with the time to wait.
    pub fn check(&self, key: &RateKey) -> Result<(), EdgeRefusal> {
        let Rates {
            each, crowd, clock, ..
        } = &*self.0;
        let wait = if self.is_crowded() {
            crowd
                .check()
                .err()
                .map(|until| until.wait_time_from(clock.now()))
        } else {
            each.check_key(key)
                .err()
                .map(|until| until.wait_time_from(clock.now()))
        };
        wait.map_or(Ok(()), |wait| Err(EdgeRefusal::after(Code::Rate, wait)))
    }

    /// How many keys are remembered.
    #[must_use]
    pub fn keys(&self) -> usize {
        self.0.each.len()
    }

    /// Whether no further key may be remembered. Forgets those that have recovered, at most once a second: it takes a
    /// walk through all of them.
    fn is_crowded(&self) -> bool {
        let Rates {
            each,
            most_keys,
            swept,
            ..
        } = &*self.0;
        if each.len() < *most_keys {
            return false;
        }
        let mut swept = swept.lock().unwrap_or_else(PoisonError::into_inner);
        if swept.is_none_or(|at| at.elapsed() >= Duration::from_secs(1)) {
            *swept = Some(Instant::now());
            each.retain_recent();
            each.shrink_to_fit();
        }
        each.len() >= *most_keys
    }

    /// Refuses a caller that asks for `router`'s routes too often with 429. Not for the gateway's routes: there, a
    /// limit must come after the signature, or it would shed genuine notices.
    pub fn guard<S>(self, router: Router<S>, refusals: Refusals) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        router.layer(from_fn(
            move |caller: Caller, request: Request, next: Next| {
                let (limit, refusals) = (self.clone(), refusals.clone());
                async move {
                    match limit.check(&RateKey::from(caller)) {
                        Ok(()) => next.run(request).await,
                        Err(refusal) => refusals.answer(&refusal, request.headers()),
                    }
                }
            },
        ))
    }
}

/// Bodies of `router`'s routes up to `most` bytes; a larger one is refused with 413 before it is read where it names
/// its length, and where it grows too large otherwise.
pub fn body<S>(router: Router<S>, most: usize, refusals: Refusals) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router
        .layer(RequestBodyLimitLayer::new(most))
        .layer(from_fn(move |request: Request, next: Next| {
            let refusals = refusals.clone();
            async move {
                let named = request.headers().get(CONTENT_LENGTH);
                if named.is_some_and(|length| length_above(length.as_bytes(), most)) {
                    return refusals.answer(&EdgeRefusal::new(Code::TooLarge), request.headers());
                }
                next.run(request).await
            }
        }))
}

/// Whether a `Content-Length` names more than `most` bytes. What is no number was refused by the HTTP parser.
pub(crate) fn length_above(length: &[u8], most: usize) -> bool {
    std::str::from_utf8(length)
        .ok()
        .and_then(|length| length.trim().parse::<u64>().ok())
        .is_none_or(|length| usize::try_from(length).map_or(true, |length| length > most))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> RateKey {
        Caller::at(IpAddr::from(number.to_be_bytes())).into()
    }

    #[test]
    fn a_burst_then_a_wait_each_for_oneself() {
        let limit = RateLimit::new(6, 2, 100);
        assert!(limit.check(&key(1)).is_ok());
        assert!(limit.check(&key(1)).is_ok());
        let refusal = limit.check(&key(1)).unwrap_err();
        assert_eq!(refusal.code, Code::Rate);
        assert_eq!(refusal.retry_after_seconds(), Some(10));
        assert!(limit.check(&key(2)).is_ok());
        assert!(limit.check(&RateKey::Member("sub".to_owned())).is_ok());
    }

    #[test]
    fn a_customer_is_a_whole_ipv6_64() {
        let one: RateKey = Caller::at("2001:db8:1:2::1".parse().unwrap()).into();
        let two: RateKey = Caller::at("2001:db8:1:2:ffff::9".parse().unwrap()).into();
        let other: RateKey = Caller::at("2001:db8:1:3::1".parse().unwrap()).into();
        assert_eq!(one, two);
        assert_ne!(one, other);
    }

    #[test]
    fn memory_stays_flat() {
        let limit = RateLimit::new(6, 1, 50);
        let passed = (0..10_000)
            .filter(|number| limit.check(&key(*number)).is_ok())
            .count();
        assert_eq!(limit.keys(), 50);
        // 50 of their own, then the crowd's shared burst.
        assert_eq!(passed, 50 + 100);
    }

    #[test]
    fn lengths() {
        assert!(!length_above(b"10", 10));
        assert!(length_above(b"11", 10));
        assert!(length_above(b"99999999999999999999", 10));
        assert!(length_above(b"x", 10));
    }
}
