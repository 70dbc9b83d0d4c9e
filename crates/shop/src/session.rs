//! Who is shopping. A session is a random cookie; the ledger holds only its keyed hash, and its form token follows from it.

use crate::{app::App, entropy, settings::Settings};
use axum::http::{HeaderMap, header};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use ledger::{LedgerError, Member, SessionRow};
use orders::MemberId;
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// A session ends after so long in any case.
const SESSION_LIFE: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A session ends when it was not used for so long.
const SESSION_IDLE: SignedDuration = SignedDuration::from_hours(24);
/// Its use is written down no more often than this.
const TOUCH_EVERY: SignedDuration = SignedDuration::from_mins(5);

/// A member with a live session.
#[derive(Clone)]
pub struct Signed {
    /// The member, as the provider last described it.
    pub member: Member,
    /// The hash under which the ledger knows the session.
    pub id_hash: String,
    /// The token that this session's forms must carry.
    pub csrf: String,
    /// When the member signed in.
    pub signed_in: Timestamp,
}

impl Signed {
    /// Returns whether a form carried this session's token.
    #[must_use]
    pub fn accepts(&self, token: &str) -> bool {
        self.csrf.as_bytes().ct_eq(token.as_bytes()).into()
    }
}

/// Names and secrets of the cookies.
pub struct Cookies {
    secret: SecretString,
    https: bool,
}

impl Cookies {
    /// Keyed with the shop's `SESSION_SECRET`. On `https` the names bind the cookies to this very host.
    #[must_use]
    pub fn new(secret: SecretString, https: bool) -> Self {
        Self { secret, https }
    }

    /// Returns a cookie's full name: browsers hold the prefix `__Host-` to `Secure`, no domain and the root path.
    #[must_use]
    pub fn name(&self, short: &str) -> String {
        if self.https {
            format!("__Host-{short}")
        } else {
            short.to_owned()
        }
    }

    /// Returns a cookie that no script reads and that comes along when a link leads here, so that a sign-in survives
    /// its way over the provider.
    #[must_use]
    pub fn make(&self, short: &str, value: String, life: SignedDuration) -> Cookie<'static> {
        let mut cookie = Cookie::new(self.name(short), value);
        cookie.set_http_only(true);
        cookie.set_secure(self.https);
        cookie.set_same_site(SameSite::Lax);
        cookie.set_path("/");
        if let Ok(seconds) = u32::try_from(life.as_secs()) {
            // The cookie crate's own duration type is reached through its parser, to spare a dependency on `time`.
            let parsed = Cookie::parse(format!("x=y; Max-Age={seconds}"))
                .ok()
                .and_then(|cookie| cookie.max_age());
            cookie.set_max_age(parsed);
        }
        cookie
    }

    /// Returns a cookie that makes the browser forget one.
    #[must_use]
    pub fn forget(&self, short: &str) -> Cookie<'static> {
        self.make(short, String::new(), SignedDuration::ZERO)
    }

    /// Returns the keyed hash of a value for one purpose (HMAC-SHA-256).
    #[must_use]
    pub fn keyed(&self, purpose: &str, value: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes())
        else {
            // HMAC takes keys of every length.
            return String::new();
        };
        for part in [purpose.as_bytes(), b"\0", value.as_bytes()] {
            mac.update(part);
        }
        hex::encode(mac.finalize().into_bytes())
    }
}

/// The key of what travelled, in its file: made from the session secret, and of no use for anything else.
#[must_use]
pub fn traffic_key(settings: &Settings) -> Option<[u8; 32]> {
    let keyed = Cookies::new(settings.session_secret.clone(), true).keyed("traffic", "");
    let mut key = [0; 32];
    hex::decode_to_slice(keyed, &mut key).is_ok().then_some(key)
}

/// Starts a session; returns its cookie. The session that the browser had before ends in the same commit.
///
/// # Errors
/// The ledger's.
pub async fn start(
    app: &App,
    member: MemberId,
    jar: &CookieJar,
) -> Result<Cookie<'static>, LedgerError> {
    let (value, now) = (entropy::name(), app.clock.now());
    let row = SessionRow {
        id_hash: app.cookies.keyed("session", &value),
        member,
        signed_in: now,
        seen: now,
        expires: now + SESSION_LIFE,
    };
    let before = jar
        .get(&app.cookies.name("session"))
        .map(|cookie| app.cookies.keyed("session", cookie.value()));
    app.ledger.start_session(row, before).await?;
    Ok(app.cookies.make("session", value, SESSION_LIFE))
}

/// Returns who is signed in, if anyone.
///
/// # Errors
/// The ledger's.
pub async fn find(app: &App, headers: &HeaderMap) -> Result<Option<Signed>, LedgerError> {
    if !headers.contains_key(header::COOKIE) {
        return Ok(None);
    }
    let jar = CookieJar::from_headers(headers);
    let Some(cookie) = jar.get(&app.cookies.name("session")) else {
        return Ok(None);
    };
    let id_hash = app.cookies.keyed("session", cookie.value());
    let Some((row, member)) = app.ledger.session(&id_hash).await? else {
        return Ok(None);
    };
    let now = app.clock.now();
    if now >= row.expires || now >= row.seen + SESSION_IDLE {
        app.ledger.end_session(&id_hash).await?;
        return Ok(None);
    }
    if now >= row.seen + TOUCH_EVERY {
        app.ledger.touch_session(&id_hash, now).await?;
    }
    let csrf = app.cookies.keyed("form", cookie.value());
    Ok(Some(Signed {
        member,
        id_hash,
        csrf,
        signed_in: row.signed_in,
    }))
}
