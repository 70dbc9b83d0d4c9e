//! What was handed in: a form, JSON, multipart, a whole HTTP message, or `EncryptInfo` alone.

use std::fmt;

use serde::Serialize;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::finding::{Finding, Id, Term};
use crate::form::{Form, Pairs, percent_decode};
use crate::multipart;

/// The outer fields' names (PAYUNi docs pages 29 and 34).
pub(crate) const OUTER: [&str; 6] = [
    "EncryptInfo",
    "HashInfo",
    "MerID",
    "Version",
    "Status",
    "IsPlatForm",
];

/// Of which kind a body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// `application/x-www-form-urlencoded`, or a query string.
    Form,
    /// A JSON object.
    Json,
    /// `multipart/form-data`.
    Multipart,
    /// `EncryptInfo` by itself.
    Bare,
    /// Nothing that could be read.
    Other,
}

impl Shape {
    pub(crate) fn term(self) -> Term {
        match self {
            Self::Form | Self::Other => Term::Form,
            Self::Json => Term::Json,
            Self::Multipart => Term::Multipart,
            Self::Bare => Term::Bare,
        }
    }
}

/// A message taken apart into its outer fields.
pub(crate) struct Message {
    pub(crate) shape: Shape,
    pub(crate) outer: Pairs,
    pub(crate) path: Option<String>,
    pub(crate) content_type: Option<String>,
    pub(crate) findings: Vec<Finding>,
}

impl Message {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let mut outer = self.outer.iter();
        let found = outer.find(|(n, _)| n == name);
        found
            .map(|(_, v)| v.as_str())
            .filter(|value| !value.is_empty())
    }

    fn form(&mut self, text: &str) {
        self.shape = Shape::Form;
        let mut form = Form::parse(text.as_bytes());
        if !text.contains('=') && text.contains("%3D") {
            self.findings.push(
                Finding::certain(Id::DoubleUrlEncoding).with("name", "EncryptInfo=…&HashInfo=…"),
            );
            form = Form::parse(&percent_decode(text.as_bytes(), false).0);
        }
        if form.broken || form.not_utf8 {
            self.findings.push(Finding::certain(Id::FormBroken));
        }
        self.outer = form.pairs;
    }
}

/// Reads a body of whatever shape. `content_type` and `path` are what came with it, where known.
pub(crate) fn read(body: &str, content_type: Option<&str>, path: Option<&str>) -> Message {
    let mut message = Message {
        shape: Shape::Other,
        outer: Vec::new(),
        path: path.map(str::to_owned),
        content_type: content_type.map(|ct| ct.trim().to_ascii_lowercase()),
        findings: Vec::new(),
    };
    let mut text = body.trim_start_matches('\u{feff}').trim();
    if let Some(inside) = http_message(text, &mut message) {
        text = inside;
    }
    if (text.starts_with("http://") || text.starts_with("https://"))
        && let Some((address, query)) = text.split_once('?')
    {
        message.path.get_or_insert_with(|| address.to_owned());
        text = query;
    }
    let text = text.trim_start_matches('?');
    if text.is_empty() {
        message.findings.push(Finding::certain(Id::Empty));
    } else if text.starts_with('<') {
        message.findings.push(Finding::likely(Id::HtmlPage));
    } else if text.starts_with(['{', '[', '"']) {
        json(text, &mut message);
    } else if let Some(pairs) = multipart::pairs(text) {
        message.shape = Shape::Multipart;
        message.outer = pairs;
    } else if is_form(text) {
        message.form(text);
    } else if is_sealed_text(text) {
        message.shape = Shape::Bare;
        message.outer = vec![("EncryptInfo".to_owned(), text.to_owned())];
    } else {
        message.findings.push(Finding::certain(Id::NotAMessage));
    }
    name_case(&mut message);
    if let Some(name) = Form::repeated(&message.outer) {
        let name = payuni::mask::name(name);
        message
            .findings
            .push(Finding::certain(Id::DuplicateField).with("name", name));
    }
    content_type_fits(text, &mut message);
    message
}

/// A whole HTTP request or response as it was pasted: takes what its head says, and returns its body.
fn http_message<'a>(text: &'a str, message: &mut Message) -> Option<&'a str> {
    let first = text.lines().next()?;
    let mut words = first.split(' ');
    let (start, target) = (words.next()?, words.next()?);
    let request = matches!(start, "POST" | "GET" | "PUT") && first.contains(" HTTP/");
    if !request && !start.starts_with("HTTP/") {
        return None;
    }
    let (head, body) = text
        .split_once("\r\n\r\n")
        .or_else(|| text.split_once("\n\n"))?;
    if request {
        message.path.get_or_insert_with(|| target.to_owned());
    }
    let mut headers = head.lines().filter_map(|line| line.split_once(':'));
    if let Some((_, value)) =
        headers.find(|(name, _)| name.trim().eq_ignore_ascii_case("content-type"))
    {
        message
            .content_type
            .get_or_insert_with(|| value.trim().to_ascii_lowercase());
    }
    Some(body.trim())
}

fn is_form(text: &str) -> bool {
    let known = |pair: &str| {
        let name = pair.split('=').next().unwrap_or_default();
        pair.contains('=') && OUTER.iter().any(|outer| outer.eq_ignore_ascii_case(name))
    };
    let encoded = !text.contains('=') && text.contains("%3D") && text.contains("%26");
    encoded
        || text.split('&').any(known)
        || (text.contains('&') && text.contains('=') && !text.contains(char::is_whitespace))
}

/// Whether a text could be `EncryptInfo`: hex, or what stands below it.
fn is_sealed_text(text: &str) -> bool {
    let letter =
        |c: char| c.is_ascii_alphanumeric() || c.is_ascii_whitespace() || "+/=:-_%,.|".contains(c);
    text.len() >= 16 && text.chars().all(letter) && !text.trim().contains("  ")
}

/// A JSON object's members in order, repeated names too.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = object.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// The members of a JSON object as pairs; nothing for what is no object.
pub(crate) fn json_pairs(text: &str) -> Option<Pairs> {
    let Members(members) = serde_json::from_str(text).ok()?;
    let text_of = |value: Value| match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other @ (Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            other.to_string()
        }
    };
    let pairs = members
        .into_iter()
        .map(|(name, value)| (name, text_of(value)));
    Some(pairs.collect())
}

fn json(text: &str, message: &mut Message) {
    match json_pairs(text) {
        Some(pairs) => {
            message.shape = Shape::Json;
            message.outer = pairs;
        }
        None => message.findings.push(Finding::certain(Id::NotAMessage)),
    }
}

/// Outer names in other letters are told, and read as what they mean.
fn name_case(message: &mut Message) {
    for (name, _) in &mut message.outer {
        let meant = OUTER
            .iter()
            .find(|outer| outer.eq_ignore_ascii_case(name) && *outer != name);
        if let Some(meant) = meant {
            message.findings.push(
                Finding::certain(Id::FieldNameCase)
                    .with("found", name.as_str())
                    .with("expected", *meant),
            );
            (*meant).clone_into(name);
        }
    }
}

fn content_type_fits(text: &str, message: &mut Message) {
    let Some(given) = message.content_type.as_deref() else {
        return;
    };
    let kind = given.split(';').next().unwrap_or_default().trim();
    let says = match kind {
        "application/x-www-form-urlencoded" => Shape::Form,
        "multipart/form-data" => Shape::Multipart,
        "application/json" => Shape::Json,
        _ => Shape::Other,
    };
    let mismatch = |id: Id, kind: &str, shape: Shape| {
        Finding::certain(id)
            .with("found", payuni::mask::name(kind))
            .with("what", shape.term())
    };
    match (says, message.shape) {
        (Shape::Form, Shape::Multipart) | (Shape::Multipart, Shape::Form) => {
            let finding = mismatch(Id::MultipartMismatch, kind, message.shape);
            message.findings.push(finding);
        }
        (Shape::Multipart, Shape::Multipart) => {
            // The boundary's letters count, and the content type is in lower case here.
            let begins = multipart::boundary(text).map(str::to_ascii_lowercase);
            if multipart::named_boundary(given) != begins.as_deref() {
                let finding = mismatch(Id::MultipartMismatch, kind, message.shape);
                message.findings.push(finding);
            }
        }
        (Shape::Json, Shape::Form | Shape::Multipart) => {
            let finding = mismatch(Id::JsonInsteadOfForm, kind, message.shape);
            message.findings.push(finding);
        }
        _ => {}
    }
}
