use std::fmt;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::middleware::{Next, from_fn};
use subtle::ConstantTimeEq;
use tower_http::csrf::{ConfigError, CsrfLayer, ProtectionError};

use crate::refusal::{Code, EdgeRefusal, Refusals};

/// Refuses forms that another site sent to `router`'s routes with 403: by `Sec-Fetch-Site`, else by `Origin` against
/// `origin` (the public address) and `Host`. For the zones of shoppers and owners; never for the gateway's, whose
/// return is cross-site by nature.
///
/// # Errors
/// Where `origin` is not an origin like `https://shop.example.tw`.
pub fn guard<S>(
    router: Router<S>,
    origin: &str,
    refusals: Refusals,
) -> Result<Router<S>, ConfigError>
where
    S: Clone + Send + Sync + 'static,
{
    let layer = CsrfLayer::new()
        .add_trusted_origin(origin)?
        .with_rejection_response(|_: ProtectionError| {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = axum::http::StatusCode::FORBIDDEN;
            response
        });
    // The layer knows no request in its refusal; the page wants the visitor's language.
    Ok(router
        .layer(layer)
        .layer(from_fn(move |request: Request, next: Next| {
            let refusals = refusals.clone();
            let headers = request.headers().clone();
            async move {
                let response = next.run(request).await;
                if response.extensions().get::<ProtectionError>().is_some() {
                    refusals.answer(&EdgeRefusal::new(Code::CrossSite), &headers)
                } else {
                    response
                }
            }
        })))
}

/// The length of a token as text.
const TOKEN_LENGTH: usize = 64;

/// A synchroniser token: random, one per session, in every form of ours. The second lock where the browser's headers
/// are the first. `Debug` does not show it.
#[derive(Clone)]
pub struct CsrfToken(String);

impl CsrfToken {
    /// A token made of handed-in randomness.
    #[must_use]
    pub fn new(random: [u8; 32]) -> Self {
        Self(hex::encode(random))
    }

    /// A token as it was kept with the session; `None` where it is none.
    #[must_use]
    pub fn kept(text: &str) -> Option<Self> {
        let lawful = text.len() == TOKEN_LENGTH
            && text
                .bytes()
                .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        lawful.then(|| Self(text.to_owned()))
    }

    /// The text for a form's hidden field, and to keep with the session.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a form sent this token. Takes the same time wherever they differ.
    #[must_use]
    pub fn matches(&self, sent: &str) -> bool {
        self.0.as_bytes().ct_eq(sent.as_bytes()).into()
    }
}

impl fmt::Debug for CsrfToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CsrfToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_token_matches() {
        let token = CsrfToken::new([7; 32]);
        assert_eq!(token.as_str().len(), TOKEN_LENGTH);
        assert!(token.matches(token.as_str()));
        assert!(!token.matches(CsrfToken::new([8; 32]).as_str()));
        assert!(!token.matches(""));
        assert!(!token.matches(&token.as_str()[..63]));
        assert!(
            CsrfToken::kept(token.as_str())
                .unwrap()
                .matches(token.as_str())
        );
        assert!(CsrfToken::kept("x").is_none());
        assert!(!format!("{token:?}").contains("07"));
    }
}
