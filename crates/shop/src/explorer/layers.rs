//! A message opened up, from the wire inwards, and what it says in one word.

use google::sign_in::TokenParts;
use ledger::traffic::{Exchange, Kind};
use pages::{CipherFacts, Layer, LayerKind, Says};
use payuni::{Anatomy, Merchant, Outer, TradeStatus, mask};

/// Of a text so many characters are shown.
const SHOWN_MAX: usize = 6_000;

/// Returns the layers of a message and its answer, and what it says.
pub(super) fn of(merchant: &Merchant, exchange: &Exchange) -> (Vec<Layer>, Says) {
    match exchange.kind {
        Kind::SignIn | Kind::Placed | Kind::Wish => {
            (vec![form(LayerKind::Body, &exchange.sent)], Says::Done)
        }
        Kind::Token => (token(exchange), Says::Done),
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
    let seen = mask::body(body, outer, &mask::secrets(merchant));
    let mut layers = vec![text(kind, seen.as_bytes())];
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

/// The code changed for an ID token: the question, the answer, and the token in its three parts.
fn token(exchange: &Exchange) -> Vec<Layer> {
    let mut layers = vec![
        text(LayerKind::Body, &exchange.sent),
        text(LayerKind::Answer, &exchange.answer),
    ];
    let answer: serde_json::Value = serde_json::from_slice(&exchange.answer).unwrap_or_default();
    if let Some(parts) = answer["id_token"].as_str().and_then(TokenParts::of) {
        layers.push(rows(LayerKind::Header, parts.header));
        layers.push(rows(LayerKind::Claims, parts.claims));
        layers.push(text(LayerKind::Signature, parts.signature.as_bytes()));
    }
    layers
}
