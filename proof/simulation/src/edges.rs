//! The edges of the four state machines, as the specification draws them (§5.5) in the words that the ledger stores. A run
//! reports how often each was taken; one that nothing can take has its reason here.

use std::collections::BTreeMap;

/// Orders. From review a person's decision, or the gateway, leads to whatever else is known.
pub const ORDER: &[(&str, &str)] = &[
    ("pending", "awaiting_transfer"),
    ("pending", "paid"),
    ("pending", "review"),
    ("pending", "expired"),
    ("pending", "cancelled"),
    ("awaiting_transfer", "pending"),
    ("awaiting_transfer", "paid"),
    ("awaiting_transfer", "review"),
    ("awaiting_transfer", "expired"),
    ("awaiting_transfer", "cancelled"),
    ("paid", "fulfilled"),
    ("paid", "review"),
    ("paid", "partially_refunded"),
    ("paid", "refunded"),
    ("fulfilled", "partially_refunded"),
    ("fulfilled", "refunded"),
    ("review", "pending"),
    ("review", "awaiting_transfer"),
    ("review", "paid"),
    ("review", "expired"),
    ("review", "cancelled"),
    ("review", "partially_refunded"),
    ("review", "refunded"),
    ("expired", "review"),
    ("cancelled", "review"),
    ("partially_refunded", "refunded"),
    ("partially_refunded", "fulfilled"),
    ("partially_refunded", "review"),
    ("refunded", "fulfilled"),
    ("refunded", "review"),
];

/// Attempts to pay.
pub const ATTEMPT: &[(&str, &str)] = &[
    ("handed_over", "confirming"),
    ("handed_over", "issued"),
    ("handed_over", "captured"),
    ("handed_over", "failed"),
    ("handed_over", "voided"),
    ("handed_over", "lapsed"),
    ("confirming", "issued"),
    ("confirming", "captured"),
    ("confirming", "failed"),
    ("confirming", "voided"),
    ("confirming", "lapsed"),
    ("issued", "captured"),
    ("issued", "failed"),
    ("issued", "lapsed"),
    ("lapsed", "captured"),
    ("lapsed", "failed"),
    ("failed", "captured"),
    ("voided", "captured"),
];

/// Refunds.
pub const REFUND: &[(&str, &str)] = &[
    ("requested", "reserved"),
    ("requested", "rejected"),
    ("reserved", "rejected"),
    ("reserved", "sent"),
    ("reserved", "refused"),
    ("reserved", "done"),
    ("sent", "done"),
    ("sent", "refused"),
    ("sent", "in_doubt"),
    ("in_doubt", "done"),
    ("in_doubt", "reserved"),
    ("done", "reversed"),
];

/// Rows of the outbox.
pub const OUTBOX: &[(&str, &str)] = &[
    ("pending", "leased"),
    ("leased", "pending"),
    ("leased", "done"),
];

/// Edges of the specification that this program cannot take, and why.
pub const IMPOSSIBLE: &[(&str, &str)] = &[
    (
        "order: confirming",
        "that somebody came back is a state of the attempt, not of the order",
    ),
    (
        "order: paid_late",
        "late money makes `review`; a decision leads to `paid`",
    ),
    (
        "order: refunding",
        "a refund under way is a state of the refund, not of the order",
    ),
    (
        "order: disputed",
        "the gateway's interface tells of no chargeback; money taken back shows as a refund",
    ),
    (
        "order: refunded > partially_refunded",
        "each payment is of the whole amount, so one more leaves the goods paid for",
    ),
    (
        "attempt: surplus",
        "the surplus is the order's, derived from its payments",
    ),
    (
        "outbox: leased > dead",
        "only a row whose key is no order's number dies, and the shop writes none",
    ),
    (
        "outbox: dead > pending",
        "a dead row stays; the owner writes the row again as a new one",
    ),
];

/// Edges that are lawful and happen, but too rarely for a run to have to show them.
pub const RARE: &[&str] = &[
    "attempt: lapsed > failed",
    "attempt: confirming > lapsed",
    "attempt: confirming > voided",
    "order: partially_refunded > review",
    "order: refunded > review",
];

/// Counts of edges by name: `order: pending > paid`.
pub type Counts = BTreeMap<String, u64>;

/// The machines by name.
pub const MACHINES: &[(&str, &[(&str, &str)])] = &[
    ("order", ORDER),
    ("attempt", ATTEMPT),
    ("refund", REFUND),
    ("outbox", OUTBOX),
];

/// Counts an edge. Returns whether the machine has it.
pub fn take(counts: &mut Counts, machine: &str, from: &str, to: &str) -> bool {
    if from == to {
        return true;
    }
    let known = MACHINES
        .iter()
        .find(|(name, _)| *name == machine)
        .is_some_and(|(_, edges)| edges.contains(&(from, to)));
    if known {
        *counts
            .entry(format!("{machine}: {from} > {to}"))
            .or_default() += 1;
    }
    known
}

/// The edges that were never taken.
#[must_use]
pub fn untaken(counts: &Counts) -> Vec<String> {
    MACHINES
        .iter()
        .flat_map(|(machine, edges)| {
            edges
                .iter()
                .map(move |(from, to)| format!("{machine}: {from} > {to}"))
        })
        .filter(|name| !counts.contains_key(name) && !RARE.contains(&name.as_str()))
        .collect()
}
