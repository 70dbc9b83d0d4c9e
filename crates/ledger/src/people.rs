//! Members, their sessions, and sign-ins under way.

use jiff::Timestamp;
use orders::MemberId;

/// A member, as the provider last described it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Who it is.
    pub id: MemberId,
    /// The e-mail; for people to read, never a key.
    pub email: Option<String>,
    /// Whether the provider vouches for the e-mail.
    pub email_verified: bool,
    /// The name, where it was given.
    pub name: Option<String>,
    /// Address of a picture, where it was given.
    pub picture: Option<String>,
}

/// A session. The cookie's value itself is nowhere kept, only its hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    /// The hash of the cookie's value.
    pub id_hash: String,
    /// Whose it is.
    pub member: MemberId,
    /// When the member signed in.
    pub signed_in: Timestamp,
    /// When it was last used.
    pub seen: Timestamp,
    /// When it ends in any case.
    pub expires: Timestamp,
}

/// A sign-in under way, bound to one browser, used once. Not `Debug`: it holds what proves the way back.
#[derive(Clone, PartialEq, Eq)]
pub struct SignInRow {
    /// The hash of the browser's cookie.
    pub id_hash: String,
    /// The `state` that must come back.
    pub state: String,
    /// The `nonce` that the token must carry.
    pub nonce: String,
    /// The PKCE verifier (RFC 7636).
    pub verifier: String,
    /// Where to go afterwards: a path of ours.
    pub next: String,
    /// When it ends.
    pub expires: Timestamp,
}
