//! A message opened up, from the wire inwards, and what it says in one word.

use ledger::traffic::{Exchange, Kind};
use pages::{CipherFacts, Layer, LayerKind, Says};
use payuni::{Anatomy, Merchant, Outer, TradeStatus};

/// Of a text so many characters are shown.
const SHOWN_MAX: usize = 6_000;

/// Returns the layers of a message and its answer, and what it says.
pub(super) fn of(merchant: &Merchant, exchange: &Exchange) -> (Vec<Layer>, Says) {
    match exchange.kind {
        Kind::SignIn => {
            let claims = rows_of_object(&exchange.answer);
            let layers = vec![
                form(LayerKind::Body, &exchange.sent),
                rows(LayerKind::Claims, claims),
            ];
            (layers, Says::Done)
        }
        Kind::Placed => (vec![form(LayerKind::Body, &exchange.sent)], Says::Done),
        Kind::Delivery => (Vec::new(), Says::Done),
        Kind::Sheet => {
            let cells: Vec<(String, String)> =
                serde_json::from_slice(&exchange.sent).unwrap_or_default();
            (vec![rows(LayerKind::Cells, cells)], Says::Done)
        }
        Kind::HandOver => {
            let (layers, _) = sealed(merchant, &exchange.sent, Outer::Form, LayerKind::Body);
            (layers, Says::Done)
        }
        Kind::Notice | Kind::Return => {
            let (mut layers, inside) =
                sealed(merchant, &exchange.sent, Outer::Form, LayerKind::Body);
            if !exchange.answer.is_empty() {
                layers.push(text(LayerKind::Answer, &exchange.answer));
            }
            (layers, says(inside.as_ref(), "TradeStatus"))
        }
        Kind::Query | Kind::Refund => {
            let (mut layers, _) = sealed(merchant, &exchange.sent, Outer::Form, LayerKind::Body);
            let (answered, inside) =
                sealed(merchant, &exchange.answer, Outer::Json, LayerKind::Answer);
            layers.extend(answered);
            let says = if exchange.answer.is_empty() {
                Says::Nothing
            } else if exchange.kind == Kind::Refund {
                outcome(inside.as_ref())
            } else {
                says(inside.as_ref(), "Result[0][TradeStatus]")
            };
            (layers, says)
        }
    }
}

fn sealed(
    merchant: &Merchant,
    body: &[u8],
    outer: Outer,
    kind: LayerKind,
) -> (Vec<Layer>, Option<Anatomy>) {
    if body.is_empty() {
        return (Vec::new(), None);
    }
    let mut layers = vec![text(kind, body)];
    let anatomy = Anatomy::of(body, outer, merchant);
    if let Some(anatomy) = &anatomy {
        layers.push(text(LayerKind::Text, anatomy.text.as_bytes()));
        layers.push(Layer {
            kind: LayerKind::Cipher,
            cipher: Some(CipherFacts {
                bytes: anatomy.cipher_bytes,
                tag: anatomy.tag.clone(),
                tag_holds: anatomy.tag_holds,
                hash_holds: anatomy.hash_holds,
            }),
            ..Layer::default()
        });
        layers.push(rows(LayerKind::Fields, anatomy.fields.clone()));
    }
    (layers, anatomy)
}

/// What a payment's message says (PAYUNi docs page 34: `TradeStatus`).
fn says(inside: Option<&Anatomy>, field: &str) -> Says {
    let Some(inside) = inside.filter(|inside| inside.tag_holds) else {
        return Says::Shut;
    };
    let Some(status) = inside.field(field) else {
        return match inside.field("Status") {
            Some("QUERY03001") => Says::Unpaid,
            status => Says::Other(status.unwrap_or("—").to_owned()),
        };
    };
    match TradeStatus::from_wire(status) {
        TradeStatus::Issued => Says::Issued,
        TradeStatus::Paid => Says::Paid,
        TradeStatus::Failed => Says::Failed,
        TradeStatus::Cancelled => Says::Voided,
        TradeStatus::Expired => Says::Lapsed,
        TradeStatus::ToConfirm => Says::Confirming,
        TradeStatus::Unpaid => Says::Unpaid,
        TradeStatus::Unknown(other) => Says::Other(other),
    }
}

fn outcome(inside: Option<&Anatomy>) -> Says {
    match inside.and_then(|inside| inside.field("Status")) {
        Some("SUCCESS") => Says::Done,
        Some(status) => Says::Other(status.to_owned()),
        None => Says::Shut,
    }
}

fn text(kind: LayerKind, bytes: &[u8]) -> Layer {
    let whole = String::from_utf8_lossy(bytes);
    let mut shown: String = whole.chars().take(SHOWN_MAX).collect();
    if shown.len() < whole.len() {
        shown.push('…');
    }
    Layer {
        kind,
        text: shown,
        ..Layer::default()
    }
}

fn rows(kind: LayerKind, rows: Vec<(String, String)>) -> Layer {
    Layer {
        kind,
        rows,
        ..Layer::default()
    }
}

fn form(kind: LayerKind, body: &[u8]) -> Layer {
    let pairs = form_urlencoded::parse(body)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    rows(kind, pairs)
}

fn rows_of_object(json: &[u8]) -> Vec<(String, String)> {
    let object: serde_json::Map<String, serde_json::Value> =
        serde_json::from_slice(json).unwrap_or_default();
    let word = |value: serde_json::Value| {
        if value.is_null() {
            return String::new();
        }
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    object
        .into_iter()
        .map(|(name, value)| {
            let value = if name == "email" {
                hidden(&word(value))
            } else {
                word(value)
            };
            (name, value)
        })
        .collect()
}

/// An address is recognised by its owner and of no use to others.
fn hidden(mail: &str) -> String {
    match mail.split_once('@') {
        Some((name, host)) => {
            let first: String = name.chars().take(1).collect();
            format!("{first}•••@{host}")
        }
        None => String::new(),
    }
}
