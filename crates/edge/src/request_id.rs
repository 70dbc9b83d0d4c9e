use std::convert::Infallible;
use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::request::Parts;

/// The header that carries it in answers. A client's own is ignored: it could forge log lines.
pub const HEADER: &str = "x-request-id";

/// The name of one request: 16 random hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RequestId(u64);

impl RequestId {
    /// A name made of handed-in randomness.
    #[must_use]
    pub const fn new(random: u64) -> Self {
        Self(random)
    }

    pub(crate) fn header(self) -> HeaderValue {
        // Hexadecimal digits always are a lawful header value.
        HeaderValue::from_str(&self.to_string()).unwrap_or(HeaderValue::from_static("-"))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl<S: Sync> FromRequestParts<S> for RequestId {
    type Rejection = Infallible;

    /// Outside of [`serve`](crate::serve::serve()) (a router under test) it is zero.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().copied().unwrap_or(Self(0)))
    }
}
