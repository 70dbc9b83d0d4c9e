//! Facts: what they fold to, how they lead from one status to the next, and that they say one thing only.

use super::{
    Found,
    fold::{Knowledge, shuffled},
    history::{self, Fact, History},
    sentences,
};
use rusqlite::Connection;

const SEEDS: [u64; 3] = [1, 0x6a6e_6c75, 0x5eed_0000_0003];

/// Every lawful step between two different statuses. Money once known is never unknown again, goods once delivered
/// stay delivered, and only a paid order is delivered. A refund may be heard of before its payment.
const EDGES: &[(&str, &[&str])] = &[
    (
        "pending",
        &[
            "awaiting_transfer",
            "paid",
            "review",
            "expired",
            "cancelled",
            "refunded",
        ],
    ),
    (
        "awaiting_transfer",
        &[
            "pending",
            "paid",
            "review",
            "expired",
            "cancelled",
            "refunded",
        ],
    ),
    (
        "paid",
        &["fulfilled", "review", "partially_refunded", "refunded"],
    ),
    ("fulfilled", &["partially_refunded", "refunded"]),
    (
        "review",
        &[
            "pending",
            "awaiting_transfer",
            "paid",
            "expired",
            "cancelled",
            "partially_refunded",
            "refunded",
        ],
    ),
    ("partially_refunded", &["refunded", "review", "fulfilled"]),
    ("refunded", &["partially_refunded", "review", "fulfilled"]),
    ("expired", &["review", "refunded"]),
    ("cancelled", &["review", "refunded"]),
];

/// The facts fold to the stored status: as recorded after each of them, and all of them in whatever order.
pub(super) fn fold(connection: &Connection) -> Found {
    let mut found = Vec::new();
    for order in history::read(connection)? {
        for (place, fact) in order.facts.iter().enumerate() {
            let folded = Knowledge::of(order.facts.iter().take(place + 1)).status(&order);
            if folded != fact.after {
                found.push(format!(
                    "訂單 {}：事實 {} 之後記的是 {}，重算是 {folded}",
                    order.no, fact.n, fact.after
                ));
            }
        }
        let mut orders: Vec<(&str, Vec<&Fact>)> = vec![
            ("依記錄順序", order.facts.iter().collect()),
            ("倒過來", order.facts.iter().rev().collect()),
        ];
        orders.extend(SEEDS.map(|seed| ("打亂順序", shuffled(&order.facts, seed))));
        for (how, facts) in orders {
            let folded = Knowledge::of(facts).status(&order);
            if folded != order.status {
                found.push(format!(
                    "訂單 {}：狀態記的是 {}，事實{how}重算是 {folded}",
                    order.no, order.status
                ));
            }
        }
    }
    Ok(found)
}

/// Each fact starts where the one before it ended, and each step is an edge.
pub(super) fn edges(connection: &Connection) -> Found {
    let mut found = Vec::new();
    for order in history::read(connection)? {
        let mut stands = "pending";
        for fact in &order.facts {
            if fact.before != stands {
                found.push(format!(
                    "訂單 {}：事實 {} 從 {} 開始，但前面停在 {stands}",
                    order.no, fact.n, fact.before
                ));
            }
            if !is_edge(&fact.before, &fact.after) {
                found.push(format!(
                    "訂單 {}：事實 {} 從 {} 變成 {}，不是合法的變化",
                    order.no, fact.n, fact.before, fact.after
                ));
            }
            stands = &fact.after;
        }
        if order.status != stands {
            found.push(format!(
                "訂單 {}：狀態是 {}，最後一筆事實卻停在 {stands}",
                order.no, order.status
            ));
        }
    }
    Ok(found)
}

fn is_edge(before: &str, after: &str) -> bool {
    EDGES
        .iter()
        .find(|(from, _)| *from == before)
        .is_some_and(|(from, to)| *from == after || to.contains(&after))
}

/// `version` counts the facts.
pub(super) fn version(connection: &Connection) -> Found {
    let miscounted = |order: &History| {
        let count = i64::try_from(order.facts.len()).unwrap_or(i64::MAX);
        (order.version != count).then(|| {
            format!(
                "訂單 {}：版本是 {}，事實有 {count} 筆",
                order.no, order.version
            )
        })
    };
    let orders = history::read(connection)?;
    let mut found: Vec<String> = orders.iter().filter_map(miscounted).collect();
    found.extend(sentences(
        connection,
        &[
            "SELECT format('事實 %d：訂單 %s 不存在', n, order_no) FROM facts
           WHERE order_no NOT IN (SELECT order_no FROM orders)",
        ],
    )?);
    Ok(found)
}

/// A fact's meaning says what its columns say.
pub(super) fn meaning(connection: &Connection) -> Found {
    let mut found = Vec::new();
    for order in history::read(connection)? {
        for fact in &order.facts {
            match spelled(fact) {
                Some(meaning) if meaning == fact.meaning => {}
                Some(meaning) => found.push(format!(
                    "訂單 {}：事實 {} 的意義是「{}」，欄位說的是「{meaning}」",
                    order.no, fact.n, fact.meaning
                )),
                None => found.push(format!(
                    "訂單 {}：事實 {} 的欄位湊不出意義（{}，來源 {}）",
                    order.no, fact.n, fact.kind, fact.source
                )),
            }
        }
    }
    Ok(found)
}

/// Spells the meaning out of the columns; `None` where they do not fit together.
fn spelled(fact: &Fact) -> Option<String> {
    let attempt = fact.attempt.as_deref();
    let trade = fact.trade.as_deref();
    let from_shop = fact.source == "shop";
    if let Some(code) = fact.kind.strip_prefix("parked ") {
        let body: serde_json::Value = serde_json::from_str(&fact.body).ok()?;
        let subject = body.get("subject").and_then(serde_json::Value::as_str)?;
        let (trade, amount) = (trade.unwrap_or("-"), fact.amount.unwrap_or(0));
        return (!from_shop).then(|| format!("parked/{code}/{subject}/{trade}/{amount}"));
    }
    match fact.kind.as_str() {
        "returned" if from_shop => Some(format!("returned/{}", attempt?)),
        "ended expired" if from_shop => Some("ended/expired".to_owned()),
        "ended cancelled" if from_shop => Some("ended/cancelled".to_owned()),
        "delivered" if from_shop => trade.map(|_| "delivered".to_owned()),
        "decided" if from_shop => {
            let body: serde_json::Value = serde_json::from_str(&fact.body).ok()?;
            let case = body.get("subject").and_then(serde_json::Value::as_str)?;
            Some(format!("decided/{case}"))
        }
        "refunded" if fact.source != "notice" => {
            Some(format!("refunded/{}/{}/{}", attempt?, trade?, fact.amount?))
        }
        "issued" | "paid" | "failed" | "voided" | "lapsed" | "unsettled" | "unknown" => {
            let way = match fact.source.as_str() {
                "notice" => "told",
                "query" => "asked",
                _ => return None,
            };
            let (attempt, trade, amount) = (attempt?, trade?, fact.amount?);
            Some(format!("{way}/{attempt}/{trade}/{}/{amount}", fact.kind))
        }
        _ => None,
    }
}

/// Paid facts and payments are one and the same, and so are delivered facts and deliveries.
pub(super) fn payments(connection: &Connection) -> Found {
    sentences(
        connection,
        &[
            "SELECT format('事實 %d：訂單 %s 已付款（交易 %s），款項裡卻沒有', f.n, f.order_no, f.trade_no) FROM facts f
             WHERE f.kind = 'paid' AND NOT EXISTS (
               SELECT 1 FROM payments p WHERE p.trade_no = f.trade_no AND p.order_no = f.order_no AND p.amount = f.amount)",
            "SELECT format('款項 %s：訂單 %s 沒有這筆付款的事實', p.trade_no, p.order_no) FROM payments p
             WHERE NOT EXISTS (
               SELECT 1 FROM facts f WHERE f.kind = 'paid' AND f.trade_no = p.trade_no AND f.order_no = p.order_no
               AND f.attempt_no = p.attempt_no AND f.amount = p.amount)",
            "SELECT format('事實 %d：訂單 %s 已交付（交易 %s），交付紀錄裡卻沒有', f.n, f.order_no, f.trade_no) FROM facts f
             WHERE f.kind = 'delivered' AND NOT EXISTS (
               SELECT 1 FROM deliveries d WHERE d.order_no = f.order_no AND d.trade_no = f.trade_no)",
            "SELECT format('訂單 %s：有交付紀錄（交易 %s），卻沒有交付的事實', d.order_no, d.trade_no) FROM deliveries d
             WHERE NOT EXISTS (
               SELECT 1 FROM facts f WHERE f.kind = 'delivered' AND f.order_no = d.order_no AND f.trade_no = d.trade_no)",
        ],
    )
}
