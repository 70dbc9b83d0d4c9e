//! What travelled about an order is kept for people who look at it, at the places where it passes. Nothing here decides.

use crate::app::App;
use jiff::Timestamp;
use ledger::traffic::{Exchange, Kind, Subject};

/// A message that passed.
pub(crate) struct Seen<'a> {
    pub(crate) subject: Subject,
    pub(crate) kind: Kind,
    /// When it was sent or came in.
    pub(crate) at: Timestamp,
    pub(crate) path: &'a str,
    pub(crate) sent: &'a [u8],
    pub(crate) answer: &'a [u8],
    /// `believed`, or what a refusal is called.
    pub(crate) verdict: &'a str,
    /// Where the order stood afterwards, or what else came of it.
    pub(crate) outcome: &'a str,
}

impl App {
    /// Keeps what has passed, with the time at which its answer was ready.
    pub(crate) fn keep(&self, seen: Seen<'_>) {
        if !self.traffic.is_on() {
            return;
        }
        let kept = self.traffic.keep(Exchange {
            subject: seen.subject,
            kind: seen.kind,
            at: seen.at,
            answered_at: self.clock.now(),
            path: seen.path.to_owned(),
            sent: seen.sent.to_vec(),
            answer: seen.answer.to_vec(),
            verdict: seen.verdict.to_owned(),
            outcome: seen.outcome.to_owned(),
        });
        if !kept {
            tracing::debug!(
                kind = seen.kind.as_str(),
                "a message was not kept for the explorer"
            );
        }
    }
}

/// Fields of our own forms, and of a provider's way back, that let nobody act and are nobody's words.
const SHOWN: [&str; 12] = [
    "product_id",
    "quantity",
    "trade_no",
    "refund_no",
    "amount",
    "happened",
    "iss",
    "scope",
    "authuser",
    "prompt",
    "hd",
    "error",
];

/// A form as it came, without what lets somebody act in the sender's name, and without what nobody here has heard of.
pub(crate) fn without_secrets(body: &[u8]) -> Vec<u8> {
    let mut kept = form_urlencoded::Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(body) {
        let shown = SHOWN.contains(&&*name) || value.is_empty();
        kept.append_pair(&name, if shown { &value } else { "…" });
    }
    kept.finish().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lets_somebody_act_is_not_kept() {
        let kept = without_secrets(
            b"product_id=tea&csrf=abc123&checkout_key=k1&never_heard_of=hush&quantity=2",
        );
        let text = String::from_utf8(kept).unwrap();
        assert!(text.starts_with("product_id=tea&"));
        assert!(text.ends_with("&quantity=2"));
        for secret in ["abc123", "k1", "hush"] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}
