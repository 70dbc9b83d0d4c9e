//! Damages that no program of ours does, each with the check that must see it.

/// The check that must catch it, what was done, and how.
pub(crate) type Damage = (&'static str, &'static str, &'static str);

pub(crate) const FILE_AND_PEOPLE: &[Damage] = &[
    (
        "file.integrity",
        "an index that does not fit its table",
        "PRAGMA writable_schema = ON; UPDATE sqlite_schema
         SET sql = 'CREATE INDEX orders_by_status ON orders (placed_at_ms, status)' WHERE name = 'orders_by_status'",
    ),
    (
        "file.references",
        "an attempt of nobody",
        "INSERT INTO attempts (attempt_no, order_no, ordinal, made_at_ms, pay_key) VALUES ('GONE', 'GONE', 1, 1, 'k')",
    ),
    (
        "file.schema",
        "a schema of another version",
        "PRAGMA user_version = 7",
    ),
    (
        "file.schema",
        "a file without our mark",
        "PRAGMA application_id = 0",
    ),
    (
        "file.guards",
        "facts may be deleted",
        "DROP TRIGGER facts_are_not_deleted",
    ),
    (
        "file.guards",
        "a trigger that no longer refuses",
        "DROP TRIGGER orders_are_not_deleted;
         CREATE TRIGGER orders_are_not_deleted BEFORE DELETE ON orders BEGIN SELECT 1; END",
    ),
    (
        "people.members",
        "an order of nobody",
        "UPDATE orders SET sub = 'nobody' WHERE order_no = 'PAID'",
    ),
    (
        "people.members",
        "a session of nobody",
        "UPDATE sessions SET sub = 'nobody'",
    ),
];

pub(crate) const MONEY: &[Damage] = &[
    (
        "order.amount",
        "a line's price was changed",
        "UPDATE order_lines SET unit_price = 1 WHERE order_no = 'DONE'",
    ),
    (
        "order.amount",
        "an order lost its line",
        "DELETE FROM order_lines WHERE order_no = 'NEW'",
    ),
    (
        "order.amount",
        "an order's amount was changed",
        "UPDATE orders SET amount = 1 WHERE order_no = 'NEW'",
    ),
    (
        "payment.amount",
        "a payment of one dollar",
        "UPDATE payments SET amount = 1 WHERE trade_no = 'T-DONE'",
    ),
    (
        "payment.amount",
        "a payment in another currency",
        "UPDATE payments SET currency = 'USD' WHERE trade_no = 'T-DONE'",
    ),
    (
        "payment.amount",
        "a report of another amount was taken for a fit",
        "UPDATE facts SET amount = 681 WHERE order_no = 'ATM' AND kind = 'issued'",
    ),
    (
        "payment.amount",
        "a refund of nothing",
        "UPDATE facts SET amount = 0 WHERE order_no = 'BACK' AND kind = 'refunded' AND amount = 200",
    ),
    (
        "payment.trade",
        "one trade pays two orders",
        "UPDATE facts SET trade_no = 'T-DONE' WHERE order_no = 'PAID' AND kind = 'paid'",
    ),
    (
        "paid.proof",
        "paid by decree",
        "UPDATE orders SET status = 'paid' WHERE order_no = 'NEW'",
    ),
    (
        "paid.proof",
        "paid, but the shop says so itself",
        "UPDATE facts SET source = 'shop' WHERE order_no = 'TOLD' AND kind = 'paid'",
    ),
    (
        "fulfil.proof",
        "delivered on a notice alone",
        "DELETE FROM facts WHERE order_no = 'DONE' AND source = 'query'",
    ),
    (
        "fulfil.proof",
        "the answer was about another trade",
        "UPDATE facts SET trade_no = 'T-OTHER' WHERE order_no = 'DONE' AND source = 'query'",
    ),
    (
        "fulfil.once",
        "a second fact of delivery",
        "INSERT INTO facts (order_no, meaning, kind, source, trade_no, body, before, after, received_at_ms)
         VALUES ('DONE', 'delivered/2', 'delivered', 'shop', 'T-DONE', '{}', 'fulfilled', 'fulfilled', 9)",
    ),
    (
        "fulfil.once",
        "a second delivery in the outbox",
        "INSERT INTO outbox (topic, aggregate, seq, state, due_at_ms, made_at_ms) VALUES ('deliver', 'DONE', 2, 'pending', 9, 9)",
    ),
    (
        "fulfil.once",
        "one trade delivers two orders",
        "INSERT INTO deliveries VALUES ('PAID', 'T-DONE', 9)",
    ),
    (
        "fulfil.trade",
        "delivered for another order's payment",
        "UPDATE deliveries SET trade_no = 'T-PAID' WHERE order_no = 'DONE'",
    ),
];

pub(crate) const FACTS: &[Damage] = &[
    (
        "facts.fold",
        "a status that the facts do not give",
        "UPDATE orders SET status = 'expired' WHERE order_no = 'ATM'",
    ),
    (
        "facts.fold",
        "a status that there is not",
        "UPDATE orders SET status = 'settled' WHERE order_no = 'NEW'",
    ),
    (
        "facts.fold",
        "a fact vanished",
        "DELETE FROM facts WHERE order_no = 'CANCELLED'",
    ),
    (
        "facts.edges",
        "a step that starts elsewhere",
        "UPDATE facts SET before = 'awaiting_transfer' WHERE order_no = 'TOLD' AND kind = 'paid'",
    ),
    (
        "facts.edges",
        "money unknown again",
        "UPDATE facts SET after = 'pending' WHERE order_no = 'DONE' AND source = 'query';
         UPDATE facts SET before = 'pending' WHERE order_no = 'DONE' AND kind = 'delivered'",
    ),
    (
        "facts.version",
        "a version that counts too much",
        "UPDATE orders SET version = version + 1 WHERE order_no = 'PAID'",
    ),
    (
        "facts.version",
        "a fact vanished",
        "DELETE FROM facts WHERE order_no = 'FAILED'",
    ),
    (
        "facts.meaning",
        "a told fact passes for an asked one",
        "UPDATE facts SET source = 'query' WHERE order_no = 'TOLD' AND kind = 'paid'",
    ),
    (
        "facts.meaning",
        "the subject of a parked fact was changed",
        "UPDATE facts SET body = '{\"subject\":\"NEW\"}' WHERE order_no = 'WRONG'",
    ),
    (
        "facts.payments",
        "a payment vanished",
        "DELETE FROM payments WHERE trade_no = 'T-PAID'",
    ),
    (
        "facts.payments",
        "a payment that nobody reported",
        "INSERT INTO payments VALUES ('T-INVENTED', 'NEW', 'NEW', 680, 'TWD', 9)",
    ),
    (
        "facts.payments",
        "a delivery vanished",
        "DELETE FROM deliveries WHERE order_no = 'DONE'",
    ),
    (
        "facts.payments",
        "a delivery that no fact knows",
        "INSERT INTO deliveries VALUES ('PAID', 'T-PAID', 9)",
    ),
];

pub(crate) const ATTEMPTS_AND_EXCEPTIONS: &[Damage] = &[
    (
        "attempts.order",
        "a fact about another order's attempt",
        "UPDATE facts SET attempt_no = 'NEW' WHERE order_no = 'TOLD'",
    ),
    (
        "attempts.order",
        "a payment by another order's attempt",
        "UPDATE payments SET attempt_no = 'NEW' WHERE trade_no = 'T-DONE'",
    ),
    (
        "attempts.numbers",
        "a gap in the count",
        "UPDATE attempts SET ordinal = 3 WHERE attempt_no = 'FAILED-2'",
    ),
    (
        "attempts.numbers",
        "a number that belongs to none",
        "UPDATE attempts SET attempt_no = 'FAILED-02' WHERE attempt_no = 'FAILED-2'",
    ),
    (
        "attempts.numbers",
        "an order that was never handed over",
        "DELETE FROM attempts WHERE order_no = 'NEW'",
    ),
    (
        "exceptions.parked",
        "a case vanished",
        "DELETE FROM exceptions WHERE code = 'L3.amount'",
    ),
    (
        "exceptions.parked",
        "a case about another amount",
        "UPDATE exceptions SET amount = 680 WHERE code = 'L3.amount'",
    ),
    (
        "exceptions.derived",
        "a double payment that nobody sees",
        "DELETE FROM exceptions WHERE code = 'L4.surplus'",
    ),
    (
        "exceptions.derived",
        "a late payment that nobody sees",
        "DELETE FROM exceptions WHERE code = 'L4.late'",
    ),
    (
        "exceptions.derived",
        "a double payment that never was",
        "UPDATE exceptions SET order_no = 'DONE' WHERE code = 'L4.surplus'",
    ),
    (
        "exceptions.causes",
        "a case without a cause",
        "INSERT INTO exceptions (meaning, code, source, subject, order_no, detail, received_at_ms)
         VALUES ('parked/L3.currency/NEW/-/0', 'L3.currency', 'notice', 'NEW', 'NEW', '', 9)",
    ),
    (
        "exceptions.causes",
        "a code that there is not",
        "UPDATE exceptions SET code = 'L9.other' WHERE code = 'L3.unknown_order'",
    ),
];

pub(crate) const OUTBOX: &[Damage] = &[
    (
        "outbox.deliver",
        "a delivery that is owed was forgotten",
        "DELETE FROM outbox WHERE topic = 'deliver' AND aggregate = 'PAID'",
    ),
    (
        "outbox.deliver",
        "a delivery on a notice alone",
        "INSERT INTO outbox (topic, aggregate, seq, state, due_at_ms, made_at_ms) VALUES ('deliver', 'TOLD', 1, 'pending', 9, 9)",
    ),
    (
        "outbox.delivered",
        "delivered, and about to be delivered again",
        "UPDATE outbox SET state = 'pending' WHERE topic = 'deliver' AND aggregate = 'DONE'",
    ),
    (
        "outbox.done",
        "done without a delivery",
        "UPDATE outbox SET state = 'done' WHERE topic = 'deliver' AND aggregate = 'PAID'",
    ),
    (
        "outbox.states",
        "a state that there is not",
        "UPDATE outbox SET state = 'lost' WHERE topic = 'sheet.member'",
    ),
    (
        "outbox.states",
        "a topic that nobody carries out",
        "UPDATE outbox SET topic = 'mail' WHERE topic = 'sheet.member'",
    ),
    (
        "outbox.leases",
        "done and still held",
        "UPDATE outbox SET lease = 'x', leased_until_ms = 9 WHERE state = 'done'",
    ),
    (
        "outbox.leases",
        "held without an end",
        "UPDATE outbox SET lease = 'x' WHERE topic = 'deliver' AND state = 'pending'",
    ),
    (
        "outbox.subjects",
        "a row about no order",
        "UPDATE outbox SET aggregate = 'GONE' WHERE topic = 'sheet.order' AND aggregate = 'NEW'",
    ),
    (
        "outbox.subjects",
        "a row about no fact",
        "INSERT INTO outbox (topic, aggregate, seq, state, due_at_ms, made_at_ms) VALUES ('sheet.event', '99999', 1, 'pending', 9, 9)",
    ),
];

pub(crate) const REFUNDS: &[Damage] = &[
    (
        "refund.sum",
        "more went back than came in",
        "UPDATE refunds SET state = 'done' WHERE state = 'refused'",
    ),
    (
        "refund.sum",
        "a refund of another order's payment",
        "UPDATE refunds SET trade_no = 'T-DONE' WHERE amount = 100",
    ),
    (
        "refund.persons",
        "whoever asked agreed",
        "UPDATE refunds SET approver = requester WHERE two_persons = 1",
    ),
    (
        "refund.persons",
        "nobody agreed",
        "UPDATE refunds SET approver = NULL WHERE two_persons = 1",
    ),
    (
        "refund.persons",
        "asked for by nobody",
        "UPDATE refunds SET requester = 'x y' WHERE amount = 100",
    ),
    (
        "refund.moves",
        "a refund left doubt by itself",
        "UPDATE refunds SET state = 'refused' WHERE amount = 200",
    ),
    (
        "refund.moves",
        "a move that no row of the trail tells",
        "UPDATE refunds SET version = version + 1 WHERE amount = 480",
    ),
    (
        "refund.moves",
        "a move that is not lawful",
        "UPDATE trail SET code = 'sent' WHERE action = 'refund' AND code = 'in_doubt'",
    ),
    (
        "refund.moves",
        "a second person was needed and left out",
        "UPDATE refunds SET two_persons = 1, approver = 'https://issuer.example partner' WHERE amount = 200",
    ),
    (
        "refund.known",
        "done, and the order does not know",
        "DELETE FROM facts WHERE kind = 'refunded'",
    ),
    (
        "refund.known",
        "given back by hand by nobody",
        "UPDATE facts SET source = 'shop' WHERE kind = 'refunded'",
    ),
];

pub(crate) const TRAIL: &[Damage] = &[
    (
        "trail.chain",
        "a row was edited",
        "UPDATE trail SET actor = 'shop' WHERE n = 3",
    ),
    (
        "trail.chain",
        "a row was edited and its hash renewed",
        "UPDATE trail SET hash = prev_hash WHERE n = 3",
    ),
    (
        "trail.chain",
        "a row is gone",
        "DELETE FROM trail WHERE n = 3",
    ),
    (
        "trail.facts",
        "a fact that the trail does not tell",
        "DELETE FROM trail WHERE meaning LIKE 'fact/DONE/delivered'",
    ),
    (
        "trail.facts",
        "a fact that is told otherwise",
        "UPDATE trail SET detail = 'pending → pending' WHERE meaning LIKE 'fact/DONE/told%'",
    ),
    (
        "trail.facts",
        "an order that nobody known cancelled",
        "UPDATE trail SET actor = 'https://accounts.google.com nobody' WHERE code = 'ended cancelled'",
    ),
    (
        "trail.facts",
        "an order that was cancelled without a reason",
        "UPDATE trail SET detail = 'pending → cancelled' WHERE code = 'ended cancelled'",
    ),
    (
        "trail.facts",
        "a row about no fact",
        "UPDATE trail SET meaning = 'fact/DONE/told/x' WHERE meaning LIKE 'fact/DONE/told%'",
    ),
    (
        "trail.facts",
        "a case of no order that the trail does not tell",
        "DELETE FROM trail WHERE action = 'parked'",
    ),
    (
        "trail.decisions",
        "a decision that its order does not know",
        "DELETE FROM facts WHERE kind = 'decided'",
    ),
    (
        "trail.decisions",
        "a decision by nobody",
        "UPDATE decisions SET decided_by = 'x y'",
    ),
    (
        "trail.decisions",
        "a reason that was changed",
        "UPDATE decisions SET reason = '改過'",
    ),
    (
        "trail.decisions",
        "a decision that nobody made",
        "DELETE FROM decisions",
    ),
    (
        "facts.fold",
        "a case that nobody decided, and the order went on",
        "UPDATE facts SET meaning = 'decided/other' WHERE kind = 'decided'",
    ),
];
