//! What a play leaves for people to look at: the very requests, and what the books hold afterwards.

use crate::play::Answered;
use serde::{Deserialize, Serialize};

/// How many requests are kept, and how many characters of each.
const MANY: usize = 6;
const LONG: usize = 1800;
/// How many characters of an answer.
const ANSWER: usize = 160;

/// A request of the attack and its answer, shortened.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// What was special about it, where the case says so.
    pub name: String,
    /// The request as it went over the wire.
    pub request: String,
    /// The status of the answer; 0 is a connection that was closed without one.
    pub status: u16,
    /// How the answer begins, where it is no page.
    pub answer: String,
}

/// What ledger, outbox and the gateway's own books hold of an order at the end.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderBooks {
    /// The name under which the case speaks of it.
    pub name: String,
    /// The status in the ledger.
    pub status: String,
    /// The meanings of its facts, in order.
    pub facts: Vec<String>,
    /// Payments in the ledger.
    pub payments: u64,
    /// Deliveries.
    pub deliveries: u64,
    /// Rows of the outbox: what is to be done, and how it stands.
    pub outbox: Vec<String>,
    /// What the gateway charged, in dollars.
    pub charged: u64,
    /// What went back, in dollars.
    pub refunded: u64,
}

/// The requests since the mark; only the first are kept.
#[derive(Clone, Debug, Default)]
pub(crate) struct Transcript {
    pub(crate) kept: Vec<Sent>,
    /// How many there were.
    pub(crate) count: u64,
}

impl Transcript {
    pub(crate) fn note(&mut self, name: &str, request: &str, answer: &Answered) {
        self.count += 1;
        if self.kept.len() >= MANY {
            return;
        }
        let page = answer.body.trim_start().starts_with('<') || answer.body.contains("\r\n\r\n");
        self.kept.push(Sent {
            name: cut(name, 80),
            request: cut(request, LONG),
            status: answer.status,
            answer: if page {
                String::new()
            } else {
                cut(answer.body.trim(), ANSWER)
            },
        });
    }
}

fn cut(text: &str, most: usize) -> String {
    let mut cut: String = text.chars().take(most).collect();
    let rest = text.chars().count().saturating_sub(most);
    if rest > 0 {
        cut.push_str(&format!("… (+{rest})"));
    }
    cut
}

/// A request as text. Cookies stay out: they are long and say nothing here.
pub(crate) fn written(request: &reqwest::Request) -> String {
    let url = request.url();
    let mut text = format!("{} {}", request.method(), url.path());
    if let Some(query) = url.query() {
        text.push_str(&format!("?{query}"));
    }
    text.push('\n');
    for (name, value) in request.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        text.push_str(&format!("{name}: {}\n", cut(&value, 200)));
    }
    if let Some(body) = request.body().and_then(reqwest::Body::as_bytes) {
        text.push_str(&format!("\n{}", String::from_utf8_lossy(body)));
    }
    text
}
