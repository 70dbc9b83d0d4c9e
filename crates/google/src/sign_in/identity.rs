//! Who signed in.

use std::fmt;
use std::ops::Deref;

use serde::Serialize;

/// Something that a provider's signature vouches for. Only [`super::SignIn::finish`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentic<T>(T);

impl<T> Authentic<T> {
    pub(super) fn vouch(value: T) -> Self {
        Self(value)
    }

    /// The value, as ordinary data from here on.
    #[must_use]
    pub fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Authentic<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// Who signed in. The account is `(issuer, sub)`; everything else may change at the next sign-in, the e-mail address too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The configured issuer, whichever of its forms the token used.
    pub issuer: String,
    /// The provider's name for the account: 1 to 255 ASCII characters, never reused. Text, though it looks like a number.
    pub sub: String,
    /// If the provider gave a plausible one.
    pub email: Option<Email>,
    /// Whether the provider says so with a JSON `true`. Anything else is `false`.
    pub email_verified: bool,
    /// As the person wants to be called; at most 200 characters, without control characters.
    pub name: Option<String>,
    /// An https address of a picture.
    pub picture: Option<String>,
    /// The Workspace domain that the account belongs to; to be compared whole.
    pub hosted_domain: Option<String>,
}

impl Identity {
    /// The e-mail address, only if the provider vouches for it.
    #[must_use]
    pub fn verified_email(&self) -> Option<&Email> {
        self.email.as_ref().filter(|_| self.email_verified)
    }
}

/// An e-mail address as the provider gave it: one `@` between two parts, no white space, at most 254 bytes. Case is kept.
#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Email(String);

impl Email {
    /// `None` where it is no address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (local, domain) = text.split_once('@')?;
        let fits = text.len() <= 254
            && !local.is_empty()
            && domain.contains('.')
            && !domain.contains('@')
            && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        fits.then(|| Self(text.to_owned()))
    }

    /// Its first letter and its domain: recognised by its owner, of no use to others.
    #[must_use]
    pub fn hint(&self) -> String {
        let (local, domain) = self.0.split_once('@').unwrap_or_default();
        let first: String = local.chars().take(1).collect();
        format!("{first}•••@{domain}")
    }

    /// As text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Personal data: logs get the domain only.
impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let domain = self.0.rsplit_once('@').map_or("", |(_, domain)| domain);
        write!(f, "Email(..@{domain})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for good in ["a@example.com", "名@例子.台灣", "A+x@shop.example.tw"] {
            assert_eq!(Email::parse(good).unwrap().as_str(), good);
        }
        let long = format!("{}@example.com", "a".repeat(250));
        for bad in [
            "",
            "a",
            "@example.com",
            "a@",
            "a@b",
            "a@b.c@d.e",
            "a b@example.com",
            "a@example.com\n",
            &long,
        ] {
            assert_eq!(Email::parse(bad), None, "{bad}");
        }
        assert_eq!(
            format!("{:?}", Email::parse("a@example.com")),
            "Some(Email(..@example.com))"
        );
    }
}
