//! What the browser brings back from the provider.

use std::fmt;

use secrecy::SecretString;
use url::form_urlencoded;

use super::SignInError;

const MAX_QUERY: usize = 8 * 1024;

/// The query of the redirect URI: state, and either a code or an error. Everything else that a provider adds is ignored, tokens too.
pub struct Callback {
    state: String,
    issuer: Option<String>,
    outcome: Outcome,
}

pub(super) enum Outcome {
    Code(SecretString),
    Error(String),
}

impl Callback {
    /// Reads the query, without its `?`.
    ///
    /// # Errors
    /// [`SignInError::State`] without a state; [`SignInError::Callback`] with a parameter twice, with both or neither of `code` and
    /// `error`, or longer than 8 KiB.
    pub fn parse(query: &str) -> Result<Self, SignInError> {
        if query.len() > MAX_QUERY {
            return Err(SignInError::Callback("too long"));
        }
        let [mut state, mut issuer, mut code, mut error] = [const { None::<String> }; 4];
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let slot = match name.as_ref() {
                "state" => &mut state,
                "iss" => &mut issuer,
                "code" => &mut code,
                "error" => &mut error,
                _ => continue,
            };
            if slot.replace(value.into_owned()).is_some() {
                return Err(SignInError::Callback("a parameter twice"));
            }
        }
        let outcome = match (code, error) {
            (Some(code), None) if !code.is_empty() => Outcome::Code(code.into()),
            (None, Some(error)) if !error.is_empty() => Outcome::Error(error),
            (Some(_), Some(_)) => return Err(SignInError::Callback("both code and error")),
            _ => return Err(SignInError::Callback("neither code nor error")),
        };
        let state = state.filter(|s| !s.is_empty()).ok_or(SignInError::State)?;
        Ok(Self {
            state,
            issuer,
            outcome,
        })
    }

    /// The state it claims to answer, to find the [`super::Pending`] by.
    #[must_use]
    pub fn state(&self) -> &str {
        &self.state
    }

    pub(super) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    pub(super) fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}

impl fmt::Debug for Callback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Callback(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_google_sends_is_read() {
        let callback = Callback::parse(
            "state=s%2F1&code=4%2F0Ab&scope=email+profile&authuser=0&hd=example.com&prompt=none&id_token=ignored",
        )
        .unwrap();
        assert_eq!(callback.state(), "s/1");
        assert_eq!(callback.issuer(), None);
        assert!(matches!(callback.outcome(), Outcome::Code(_)));
        assert_eq!(format!("{callback:?}"), "Callback(..)");
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let long = format!("state=s&code={}", "a".repeat(MAX_QUERY));
        for (query, code) in [
            ("", "L2.callback"),
            ("state=s", "L2.callback"),
            ("code=c", "L2.state"),
            ("code=c&state=", "L2.state"),
            ("code=&state=s", "L2.callback"),
            ("error=&state=s", "L2.callback"),
            ("code=c&error=access_denied&state=s", "L2.callback"),
            ("code=c&code=d&state=s", "L2.callback"),
            ("code=c&state=s&state=t", "L2.callback"),
            ("code=c&state=s&iss=a&iss=b", "L2.callback"),
            (long.as_str(), "L2.callback"),
        ] {
            assert_eq!(
                Callback::parse(query).unwrap_err().code(),
                code,
                "{query:.60}"
            );
        }
    }
}
