use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::middleware::map_response;
use axum::response::Response;
use tower_http::compression::CompressionLayer;

/// A source that cannot stand in a policy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not an origin like https://example.com")]
pub struct NotAnOrigin(pub String);

/// What a page may load, and where its forms may go. Starts from nothing but this site; no inline script or style.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    https: bool,
    form_action: Vec<String>,
    connect: Vec<String>,
    img: Vec<String>,
    script: Vec<String>,
    frame: Vec<String>,
    media: bool,
}

impl Policy {
    /// A policy for a site whose public address is `https` or not; only the former tells browsers to stay there.
    #[must_use]
    pub fn new(https: bool) -> Self {
        Self {
            https,
            ..Self::default()
        }
    }

    /// Where forms may go besides this site: the gateway's page, and, since browsers follow this rule through
    /// redirects, the sign-in page.
    ///
    /// # Errors
    /// Where it is not an origin.
    pub fn form_action(mut self, origin: &str) -> Result<Self, NotAnOrigin> {
        self.form_action.push(checked(origin)?);
        Ok(self)
    }

    /// What scripts may talk to besides this site.
    ///
    /// # Errors
    /// Where it is not an origin.
    pub fn connect(mut self, origin: &str) -> Result<Self, NotAnOrigin> {
        self.connect.push(checked(origin)?);
        Ok(self)
    }

    /// Where images may come from besides this site.
    ///
    /// # Errors
    /// Where it is not an origin.
    pub fn img(mut self, origin: &str) -> Result<Self, NotAnOrigin> {
        self.img.push(checked(origin)?);
        Ok(self)
    }

    /// Images from anywhere, over TLS: pictures of members and products are at addresses that others choose.
    #[must_use]
    pub fn img_over_tls(mut self) -> Self {
        self.img.push("https:".to_owned());
        self
    }

    /// Where scripts may come from besides this site.
    ///
    /// # Errors
    /// Where it is not an origin.
    pub fn script(mut self, origin: &str) -> Result<Self, NotAnOrigin> {
        self.script.push(checked(origin)?);
        Ok(self)
    }

    /// What may be framed inside a page: the bot check.
    ///
    /// # Errors
    /// Where it is not an origin.
    pub fn frame(mut self, origin: &str) -> Result<Self, NotAnOrigin> {
        self.frame.push(checked(origin)?);
        Ok(self)
    }

    /// Films of this site's own.
    #[must_use]
    pub fn own_media(mut self) -> Self {
        self.media = true;
        self
    }

    /// The value of `Content-Security-Policy`.
    #[must_use]
    pub fn content_security_policy(&self) -> String {
        let own = |name: &str, others: &[String]| {
            let mut line = format!("; {name} 'self'");
            for origin in others {
                line.push(' ');
                line.push_str(origin);
            }
            line
        };
        let mut policy = String::from("default-src 'none'");
        policy.push_str(&own("script-src", &self.script));
        policy.push_str("; style-src 'self'; font-src 'self'; manifest-src 'self'");
        policy.push_str(&own("img-src", &self.img));
        policy.push_str(&own("connect-src", &self.connect));
        policy.push_str(&own("form-action", &self.form_action));
        if self.media {
            policy.push_str("; media-src 'self'");
        }
        if !self.frame.is_empty() {
            policy.push_str("; frame-src ");
            policy.push_str(&self.frame.join(" "));
        }
        policy.push_str("; base-uri 'none'; frame-ancestors 'none'");
        policy
    }

    /// Sets the headers on every answer of `router`, refusals and unknown routes included. `Cache-Control` is
    /// `no-store` unless a handler said otherwise; the rest is not a handler's to change.
    pub fn secure<S>(&self, router: Router<S>) -> Router<S>
    where
        S: Clone + Send + Sync + 'static,
    {
        let fixed = self.fixed();
        router.layer(map_response(move |mut response: Response| {
            let headers = response.headers_mut();
            headers
                .entry(CACHE_CONTROL)
                .or_insert(HeaderValue::from_static("no-store"));
            for (name, value) in &fixed {
                headers.insert(name, value.clone());
            }
            std::future::ready(response)
        }))
    }

    fn fixed(&self) -> Vec<(HeaderName, HeaderValue)> {
        let mut fixed: Vec<(HeaderName, HeaderValue)> = [
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            // Not `no-referrer`: under it browsers send `Origin: null` with forms to our own pages (Fetch, "append a
            // request Origin header"), and the cross-site check of older ones would fail.
            (REFERRER_POLICY, "same-origin"),
            (X_FRAME_OPTIONS, "DENY"),
            (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
            (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
            (
                HeaderName::from_static("permissions-policy"),
                "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=(), usb=()",
            ),
        ]
        .map(|(name, value)| (name, HeaderValue::from_static(value)))
        .into();
        // Sources were checked when they were added, so this is a lawful value; and if not, all is forbidden.
        let policy = HeaderValue::from_str(&self.content_security_policy())
            .unwrap_or(HeaderValue::from_static("default-src 'none'"));
        fixed.push((CONTENT_SECURITY_POLICY, policy));
        if self.https {
            let year = HeaderValue::from_static("max-age=31536000");
            fixed.push((STRICT_TRANSPORT_SECURITY, year));
        }
        fixed
    }
}

/// An origin: scheme, host, perhaps a port; nothing that could end a directive or begin another.
fn checked(origin: &str) -> Result<String, NotAnOrigin> {
    let host = origin
        .strip_prefix("https://")
        .or_else(|| origin.strip_prefix("http://"));
    // `*.example.com` covers the hosts of one owner.
    let host = host.map(|host| host.strip_prefix("*.").unwrap_or(host));
    let lawful = host.is_some_and(|host| {
        !host.is_empty()
            && host
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
    });
    if lawful {
        Ok(origin.to_ascii_lowercase())
    } else {
        Err(NotAnOrigin(origin.to_owned()))
    }
}

/// Compresses the answers of `router` with gzip where the browser takes it. For static files only: a page that holds
/// a token and repeats what a stranger wrote would tell the token by its compressed length (BREACH), and an event
/// stream would wait in the compressor.
pub fn compress_static<S>(router: Router<S>) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    router.layer(CompressionLayer::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_names_exactly_what_was_allowed() {
        let policy = Policy::new(true)
            .form_action("https://api.payuni.com.tw")
            .and_then(|p| p.script("https://challenges.cloudflare.com"))
            .and_then(|p| p.frame("https://challenges.cloudflare.com"))
            .unwrap();
        let films = policy.clone().own_media().content_security_policy();
        assert!(films.contains("; media-src 'self'; frame-src "), "{films}");
        assert_eq!(
            policy.content_security_policy(),
            "default-src 'none'; script-src 'self' https://challenges.cloudflare.com; style-src 'self'; \
             font-src 'self'; manifest-src 'self'; img-src 'self'; connect-src 'self'; \
             form-action 'self' https://api.payuni.com.tw; frame-src https://challenges.cloudflare.com; \
             base-uri 'none'; frame-ancestors 'none'"
        );
    }

    #[test]
    fn a_source_cannot_smuggle_a_directive() {
        for bad in [
            "https://a.tw; script-src *",
            "*",
            "'unsafe-inline'",
            "https://a.tw/path",
            "https://a.tw b",
            "https://*",
            "data:",
            "https://",
            "a.tw",
        ] {
            assert!(Policy::new(true).script(bad).is_err(), "{bad}");
        }
        assert!(Policy::new(false).img("http://[::1]:8082").is_ok());
    }
}
