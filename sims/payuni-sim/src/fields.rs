//! The inner fields of a message: pairs in order, as PHP's `http_build_query` writes them.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

/// PHP's RFC 1738 encoding leaves only these and the alphanumerics as they are.
const PHP: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// Field names and values in the order of the wire. Every value is text, as PAYUNi sends them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fields(pub(crate) Vec<(String, String)>);

impl Fields {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Adds a field at the end.
    pub(crate) fn with(mut self, name: impl Into<String>, value: impl fmt::Display) -> Self {
        self.0.push((name.into(), value.to_string()));
        self
    }

    /// The value of a field; of several with one name the last, as PHP keeps it.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .rev()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// As [`Fields::get`], with empty counted as absent.
    pub(crate) fn given(&self, name: &str) -> Option<&str> {
        self.get(name).filter(|v| !v.is_empty())
    }

    /// Replaces the value of a field that is there.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        for (n, v) in &mut self.0 {
            if n == name {
                value.clone_into(v);
            }
        }
    }

    /// The query string of the fields.
    pub(crate) fn encode(&self) -> String {
        let part = |text: &str| {
            utf8_percent_encode(text, PHP)
                .to_string()
                .replace("%20", "+")
        };
        let pairs: Vec<String> = self
            .0
            .iter()
            .map(|(n, v)| format!("{}={}", part(n), part(v)))
            .collect();
        pairs.join("&")
    }

    /// Reads any form encoding: `+` or `%20`, either case of hex, escaped or raw brackets.
    pub(crate) fn decode(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// As a JSON object; `Result[0][X]` stays a flat name.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        self.0
            .iter()
            .map(|(n, v)| (n.clone(), serde_json::Value::from(v.as_str())))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    /// The fields without anything that could be a card's number or code.
    pub(crate) fn without_card_data(&self) -> Self {
        let hidden = |name: &str| {
            let name = name.to_ascii_lowercase();
            matches!(
                name.as_str(),
                "cardno" | "cardcvc" | "cardexpired" | "cvc" | "cardnumber" | "credithash"
            )
        };
        Self(
            self.0
                .iter()
                .map(|(n, v)| {
                    (
                        n.clone(),
                        if hidden(n) {
                            "***".to_owned()
                        } else {
                            v.clone()
                        },
                    )
                })
                .collect(),
        )
    }
}
