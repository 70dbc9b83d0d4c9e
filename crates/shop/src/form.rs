//! Reading forms. Names that the form does not have are refused, and so are names that come twice.

use crate::error::Failure;
use axum::body::Bytes;
use pages::Problem;

/// The largest form of our own pages, in bytes.
pub(crate) const FORM_BYTES_MAX: usize = 16 * 1024;

/// A form's fields.
pub struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form with no other fields than `names`.
    pub(crate) fn read(body: &Bytes, names: &[&str]) -> Result<Self, Failure> {
        Self::with(body, |name| names.contains(&name))
    }

    /// Reads a form whose names somebody else knows.
    pub(crate) fn any(body: &Bytes) -> Result<Self, Failure> {
        Self::with(body, |_| true)
    }

    fn with(body: &Bytes, known: impl Fn(&str) -> bool) -> Result<Self, Failure> {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(body)
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .collect();
        for (place, (name, value)) in pairs.iter().enumerate() {
            if pairs.iter().take(place).any(|(earlier, _)| earlier == name) {
                return Err(Problem::BadRequest.into());
            }
            if !known(name) {
                return Err(Problem::Unprocessable.into());
            }
            // What is not UTF-8 arrives as replacement characters; no field of ours may hold one, or a control byte.
            if value.contains(|c: char| {
                c == '\u{fffd}' || (c.is_control() && c != '\n' && c != '\r' && c != '\t')
            }) {
                return Err(Problem::BadRequest.into());
            }
        }
        Ok(Self(pairs))
    }

    /// Returns a field; empty where it is missing.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.find(name).unwrap_or_default()
    }

    /// Returns a field.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_form_has_is_read() {
        let read = |body: &'static str| {
            Form::read(
                &Bytes::from_static(body.as_bytes()),
                &["product_id", "quantity"],
            )
        };
        assert_eq!(
            read("product_id=tea&quantity=2").unwrap().get("quantity"),
            "2"
        );
        assert_eq!(read("product_id=tea").unwrap().find("quantity"), None);
        let refused = |body| {
            read(body).err().map(|failure| {
                let Failure::Refused(problem) = failure else {
                    return 0;
                };
                problem.status()
            })
        };
        assert_eq!(refused("product_id=tea&price=1"), Some(422));
        assert_eq!(refused("product_id=tea&product_id=cup"), Some(400));
        assert_eq!(refused("product_id=%ff"), Some(400));
        assert_eq!(refused("product_id=tea%00"), Some(400));
    }
}
