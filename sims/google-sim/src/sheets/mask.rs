//! Field masks: `sheets(properties(title,sheetId)),spreadsheetId`, with dots or slashes.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::error::ApiError;

/// A tree of names. A name without children stands for everything below it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Mask(BTreeMap<String, Self>);

impl Mask {
    /// Reads a mask.
    pub(crate) fn parse(text: &str) -> Result<Self, ApiError> {
        let mut rest = text.trim();
        let mask = Self::group(&mut rest, 0)?;
        if rest.is_empty() && !mask.0.is_empty() {
            Ok(mask)
        } else {
            Err(ApiError::invalid(format!("Invalid field selection {text}")))
        }
    }

    fn group(rest: &mut &str, depth: u8) -> Result<Self, ApiError> {
        let bad = |at: &str| ApiError::invalid(format!("Invalid field selection {at}"));
        if depth > 20 {
            return Err(bad(rest));
        }
        let mut mask = Self::default();
        loop {
            let mut names = Vec::new();
            let mut below = Self::default();
            loop {
                let end = rest.find(['.', '/', ',', '(', ')']).unwrap_or(rest.len());
                let (name, tail) = rest.split_at(end);
                let name = name.trim();
                if name.is_empty() {
                    return Err(bad(rest));
                }
                names.push(name.to_owned());
                *rest = tail;
                match tail.strip_prefix(['.', '/']) {
                    Some(next) => *rest = next,
                    None => break,
                }
            }
            if let Some(inner) = rest.strip_prefix('(') {
                *rest = inner;
                below = Self::group(rest, depth + 1)?;
                *rest = rest.strip_prefix(')').ok_or_else(|| bad(rest))?;
            }
            mask.insert(&names, below);
            match rest.strip_prefix(',') {
                Some(next) => *rest = next,
                None => return Ok(mask),
            }
        }
    }

    fn insert(&mut self, path: &[String], below: Self) {
        let Some((first, tail)) = path.split_first() else {
            return;
        };
        let known = self.0.contains_key(first);
        let child = self.0.entry(first.clone()).or_default();
        if known && child.0.is_empty() {
            return;
        }
        if tail.is_empty() {
            if below.0.is_empty() {
                child.0.clear();
            } else {
                child.0.extend(below.0);
            }
        } else {
            child.insert(tail, below);
        }
    }

    /// Whether the path, or something under or above it, is asked for.
    pub(crate) fn touches(&self, path: &[&str]) -> bool {
        let Some((first, tail)) = path.split_first() else {
            return true;
        };
        if self.0.contains_key("*") {
            return true;
        }
        self.0
            .get(*first)
            .is_some_and(|child| child.0.is_empty() || child.touches(tail))
    }

    /// The masked part of an answer.
    pub(crate) fn apply(&self, value: &Value) -> Value {
        if self.0.is_empty() || self.0.contains_key("*") {
            return value.clone();
        }
        match value {
            Value::Array(items) => Value::Array(items.iter().map(|v| self.apply(v)).collect()),
            Value::Object(map) => {
                let mut out = Map::new();
                for (name, inner) in map {
                    if let Some(child) = self.0.get(name) {
                        out.insert(name.clone(), child.apply(inner));
                    }
                }
                Value::Object(out)
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
        }
    }

    /// The names at the top.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}
