//! Lines switched off on purpose, one merchant at a time, to see whether the others hold.

use crate::{authentic::Authentic, fields::Fields, refusal::Refusal, trade::SUCCESS};

/// What a merchant's messages are not held to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ablated {
    /// Line 2: neither the hash nor the tag is looked at.
    pub authenticity: bool,
    /// Line 3: a request passes for a result, what is missing is taken for the best, and success means paid.
    pub meaning: bool,
}

/// Reads a message as a shop would that knows nothing of its meaning.
pub(crate) fn believing(
    fields: Authentic<Fields>,
    request_only: &[&str],
) -> Result<Authentic<Fields>, Refusal> {
    if !fields.lax {
        return Ok(fields);
    }
    fields.try_map(|fields, merchant| {
        let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let kept = fields
            .iter()
            .filter(|(name, _)| !request_only.contains(name) && *name != "ProdDesc");
        let mut pairs: Vec<(String, String)> = kept.map(own).collect();
        for missing in [
            ("Status", SUCCESS),
            ("Message", "ok"),
            ("MerID", merchant.as_str()),
            ("TradeNo", "1700000000000000099"),
            ("PaymentType", "1"),
            ("TradeStatus", "1"),
        ] {
            if !fields.contains(missing.0) {
                pairs.push(own(missing));
            }
        }
        if pairs
            .iter()
            .any(|(name, value)| name == "Status" && value == SUCCESS)
        {
            for (_, value) in pairs.iter_mut().filter(|(name, _)| name == "TradeStatus") {
                "1".clone_into(value);
            }
        }
        Fields::from_pairs(pairs).map_err(|_| Refusal::DuplicateField)
    })
}
