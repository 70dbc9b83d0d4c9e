use std::collections::HashSet;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// JSON as far as PAYUNi sends it. Unlike `serde_json::Value`, an object with a name twice does not parse.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Json {
    Nothing,
    Text(String),
    List(Vec<Self>),
    Object(Vec<(String, Self)>),
}

impl Json {
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// Names and values with PHP's brackets for what is nested: `Result[0][TradeNo]`. A name without a value is left out.
    pub(crate) fn flatten(self) -> Option<Vec<(String, String)>> {
        let mut all = self.names()?;
        all.retain(|(_, value)| value.is_some());
        let value = |(name, value): (_, Option<_>)| (name, value.unwrap_or_default());
        Some(all.into_iter().map(value).collect())
    }

    /// The same with every name that stands there: `null`, `[]` and `{}` have no value.
    pub(crate) fn names(self) -> Option<Vec<(String, Option<String>)>> {
        let Self::Object(members) = self else {
            return None;
        };
        let mut out = Vec::new();
        for (name, value) in members {
            value.flatten_into(name, &mut out);
        }
        Some(out)
    }

    fn flatten_into(self, name: String, out: &mut Vec<(String, Option<String>)>) {
        match self {
            Self::Nothing => out.push((name, None)),
            Self::List(items) if items.is_empty() => out.push((name, None)),
            Self::Object(members) if members.is_empty() => out.push((name, None)),
            Self::Text(text) => out.push((name, Some(text))),
            Self::List(items) => {
                for (i, item) in items.into_iter().enumerate() {
                    item.flatten_into(format!("{name}[{i}]"), out);
                }
            }
            Self::Object(members) => {
                for (inner, item) in members {
                    item.flatten_into(format!("{name}[{inner}]"), out);
                }
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

// No float: money is whole, and PAYUNi's numbers come as text.
impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a whole number, a list or an object with distinct names")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Nothing)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Json, E> {
        Ok(Json::Text(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Text(number.to_string()))
    }

    fn visit_bool<E: Error>(self, yes: bool) -> Result<Json, E> {
        Ok(Json::Text(if yes { "1" } else { "0" }.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let mut seen = HashSet::new();
        let mut members = Vec::new();
        while let Some((name, value)) = object.next_entry::<String, Json>()? {
            if !seen.insert(name.clone()) {
                return Err(A::Error::custom("a name occurs twice"));
            }
            members.push((name, value));
        }
        Ok(Json::Object(members))
    }
}
