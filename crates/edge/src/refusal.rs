use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::header::{CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

/// Why the edge refused a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The route does not take this method.
    Method,
    /// The body is of a type that the route does not read.
    ContentType,
    /// The body is larger than the route reads.
    TooLarge,
    /// The body is compressed; no route unpacks one, so no bomb goes off.
    Encoding,
    /// The body came too slowly.
    Slow,
    /// The body broke off.
    Incomplete,
    /// Too many requests.
    Rate,
    /// The request was meant for another host.
    Host,
    /// The form was sent from another site.
    CrossSite,
    /// The house is full.
    Busy,
    /// The answer took too long.
    Timeout,
    /// A fault of ours; the cause is in the log.
    Broken,
}

impl Code {
    /// All of them, in the order of [`Refusals::counts`].
    pub const ALL: [Self; 12] = [
        Self::Method,
        Self::ContentType,
        Self::TooLarge,
        Self::Encoding,
        Self::Slow,
        Self::Incomplete,
        Self::Rate,
        Self::Host,
        Self::CrossSite,
        Self::Busy,
        Self::Timeout,
        Self::Broken,
    ];

    /// The code as logs, metrics and the attack table name it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Method => "L1.method",
            Self::ContentType => "L1.content_type",
            Self::TooLarge => "L1.too_large",
            Self::Encoding => "L1.encoding",
            Self::Slow => "L1.slow",
            Self::Incomplete => "L1.incomplete",
            Self::Rate => "L1.rate",
            Self::Host => "L1.host",
            Self::CrossSite => "L1.cross_site",
            Self::Busy => "L1.busy",
            Self::Timeout => "L1.timeout",
            Self::Broken => "L1.broken",
        }
    }

    /// The status that fits (RFC 9110, RFC 6585).
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::ContentType | Self::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::Incomplete => StatusCode::BAD_REQUEST,
            Self::Rate => StatusCode::TOO_MANY_REQUESTS,
            Self::Host => StatusCode::MISDIRECTED_REQUEST,
            Self::CrossSite => StatusCode::FORBIDDEN,
            Self::Busy | Self::Timeout => StatusCode::SERVICE_UNAVAILABLE,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn says(self) -> &'static str {
        match self {
            Self::Method => "This address does not take this method.",
            Self::ContentType => "This address does not read this content type.",
            Self::TooLarge => "The body is too large.",
            Self::Encoding => "Compressed bodies are not read; send it plain.",
            Self::Slow => "The body came too slowly; send it again.",
            Self::Incomplete => "The body broke off; send it again.",
            Self::Rate => "Too many requests; wait and try again.",
            Self::Host => "This host name is not served here.",
            Self::CrossSite => {
                "The form was sent from another site; open our page and send it there."
            }
            Self::Busy => "Too many visitors at the moment; try again soon.",
            Self::Timeout => "The answer took too long; try again soon.",
            Self::Broken => "Something broke here; it has been logged.",
        }
    }
}

/// One refusal: its code, and when to come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdgeRefusal {
    /// Why.
    pub code: Code,
    /// How long to wait before another try, where waiting helps.
    pub retry_after: Option<Duration>,
}

impl EdgeRefusal {
    /// A refusal that waiting does not change.
    #[must_use]
    pub const fn new(code: Code) -> Self {
        Self {
            code,
            retry_after: None,
        }
    }

    /// A refusal for now.
    #[must_use]
    pub const fn after(code: Code, wait: Duration) -> Self {
        Self {
            code,
            retry_after: Some(wait),
        }
    }

    /// The status of the answer.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.code.status()
    }

    /// The seconds of `Retry-After`, rounded up, at least one.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u64> {
        self.retry_after
            .map(|wait| (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1))
    }
}

impl fmt::Display for EdgeRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.code.says())
    }
}

impl std::error::Error for EdgeRefusal {}

impl IntoResponse for EdgeRefusal {
    /// One line of plain text; for machines, and where no page was given.
    fn into_response(self) -> Response {
        let text = (
            CONTENT_TYPE,
            HeaderValue::from_static("text/plain; charset=utf-8"),
        );
        complete(
            &self,
            (self.status(), [text], format!("{self}\n")).into_response(),
        )
    }
}

/// Sets what the answer to a refusal must carry, whatever the page says.
fn complete(refusal: &EdgeRefusal, mut response: Response) -> Response {
    *response.status_mut() = refusal.status();
    if let Some(seconds) = refusal.retry_after_seconds() {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    // The rest of the body is not read: the connection cannot carry another request.
    if matches!(
        refusal.code,
        Code::TooLarge | Code::Slow | Code::Incomplete | Code::Encoding
    ) {
        response
            .headers_mut()
            .insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

type Page = dyn Fn(&EdgeRefusal, &HeaderMap) -> Response + Send + Sync;

/// Answers refusals with a page, and counts them. Clones share their counts.
#[derive(Clone)]
pub struct Refusals {
    page: Arc<Page>,
    counts: Arc<[AtomicU64; Code::ALL.len()]>,
}

impl Refusals {
    /// Refusals shown by a page. It gets the refusal and the request's headers (language, `Accept`); status and
    /// `Retry-After` are set afterwards.
    pub fn new(
        page: impl Fn(&EdgeRefusal, &HeaderMap) -> Response + Send + Sync + 'static,
    ) -> Self {
        Self {
            page: Arc::new(page),
            counts: Arc::default(),
        }
    }

    /// Counts a refusal and makes its answer.
    #[must_use]
    pub fn answer(&self, refusal: &EdgeRefusal, headers: &HeaderMap) -> Response {
        self.count(refusal.code);
        complete(refusal, (self.page)(refusal, headers))
    }

    /// Counts a refusal that is answered elsewhere.
    pub fn count(&self, code: Code) {
        tracing::debug!(code = code.as_str(), "refused at the edge");
        for (known, count) in Code::ALL.iter().zip(self.counts.iter()) {
            if *known == code {
                count.fetch_add(1, Ordering::Relaxed);
            }
        }
    }

    /// How often each code was given since the start.
    pub fn counts(&self) -> impl Iterator<Item = (Code, u64)> {
        Code::ALL.into_iter().zip(
            self.counts
                .iter()
                .map(|count| count.load(Ordering::Relaxed)),
        )
    }
}

impl Default for Refusals {
    fn default() -> Self {
        Self::new(|refusal, _| refusal.into_response())
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusals")
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}
