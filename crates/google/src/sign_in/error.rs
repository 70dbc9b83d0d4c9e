//! Why a sign-in was refused.

use std::error::Error;

use crate::http::for_log;

/// Why a sign-in was refused. The text is for the log, in English and without secrets; pages go by [`SignInError::code`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The person pressed "cancel" (or may not use this app while it is in testing).
    #[error("the person cancelled the sign-in at the provider")]
    Cancelled,
    /// The provider ended it for another reason; the OAuth error code, made fit for a log.
    #[error("the provider ended the sign-in with {0:?}")]
    ProviderRefused(String),
    /// What the browser brought is no answer to an authorisation request.
    #[error("the callback is malformed: {0}")]
    Callback(&'static str),
    /// The state is not the one this browser began with: an expired page, a second use, or somebody else's callback.
    #[error("the callback's state is not the one that was begun")]
    State,
    /// The callback names another provider (RFC 9207).
    #[error("the callback names another issuer")]
    CallbackIssuer,
    /// The code is used, expired, or not of this sign-in.
    #[error("the provider refused the code: used, expired or begun elsewhere")]
    CodeRefused,
    /// The provider does not know our client or its secret: ours to correct.
    #[error("the provider refused our client: check GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET")]
    ClientRefused,
    /// The provider cannot be reached or is out of order.
    #[error("the provider is down: {0}")]
    ProviderDown(String),
    /// The provider answered what no provider should.
    #[error("the provider's answer cannot be used: {0}")]
    ProviderAnswer(String),
    /// Not a signed JWT with the claims that must be there.
    #[error("the ID token is malformed: {0}")]
    TokenShape(&'static str),
    /// Signed by something else than RS256, or with a critical extension.
    #[error("the ID token's algorithm is not RS256")]
    Algorithm,
    /// No key of the provider has this id, after asking again.
    #[error("the ID token is signed with a key that the provider does not publish")]
    UnknownKey,
    /// The signature is not the provider's.
    #[error("the ID token's signature is wrong")]
    Signature,
    /// Another issuer.
    #[error("the ID token is of another issuer")]
    Issuer,
    /// For somebody else.
    #[error("the ID token is for another client")]
    Audience,
    /// Asked for by somebody else.
    #[error("the ID token was issued to another party")]
    AuthorizedParty,
    /// The named claim says: expired, not yet valid, or absurd. If it happens to everybody, this machine's clock is wrong.
    #[error("the ID token's {0} does not fit the present time")]
    TokenTime(&'static str),
    /// Not the nonce of this sign-in.
    #[error("the ID token's nonce is not the one that was begun")]
    Nonce,
    /// The access token next to it is not the one it was issued with.
    #[error("the ID token's at_hash does not fit the access token")]
    AccessTokenHash,
    /// No usable subject.
    #[error("the ID token's sub is not 1 to 255 ASCII characters")]
    Subject,
}

impl SignInError {
    /// A stable name for pages, metrics and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::ProviderRefused(_) => "provider_refused",
            Self::Callback(_) => "L2.callback",
            Self::State => "L2.state",
            Self::CallbackIssuer => "L2.callback_iss",
            Self::CodeRefused => "L2.code",
            Self::ClientRefused => "client_refused",
            Self::ProviderDown(_) => "provider_down",
            Self::ProviderAnswer(_) => "provider_answer",
            Self::TokenShape(_) => "L2.token_shape",
            Self::Algorithm => "L2.alg",
            Self::UnknownKey => "L2.key",
            Self::Signature => "L2.signature",
            Self::Issuer => "L2.iss",
            Self::Audience => "L2.aud",
            Self::AuthorizedParty => "L2.azp",
            Self::TokenTime(_) => "L2.token_time",
            Self::Nonce => "L2.nonce",
            Self::AccessTokenHash => "L2.at_hash",
            Self::Subject => "L2.sub",
        }
    }

    /// Whether the same person may succeed by trying again later without anybody changing anything.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        matches!(self, Self::ProviderDown(_))
    }

    /// With everything that is behind it: "error sending request" alone does not tell a timeout from a closed door.
    pub(super) fn down(what: &str, why: &dyn Error) -> Self {
        let mut told = format!("{what}: {why}");
        let mut behind = why.source();
        while let Some(cause) = behind {
            told = format!("{told}: {cause}");
            behind = cause.source();
        }
        Self::ProviderDown(told)
    }

    /// RFC 6749 4.1.2.1 and OpenID Connect Core 3.1.2.6.
    pub(super) fn from_authorization(error: &str) -> Self {
        match error {
            "access_denied" => Self::Cancelled,
            "server_error" | "temporarily_unavailable" => {
                Self::ProviderDown(format!("authorisation ended with {error}"))
            }
            other => Self::ProviderRefused(for_log(other, 60)),
        }
    }
}
