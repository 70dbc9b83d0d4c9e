-- The ledger's first schema. Money is whole dollars, time is milliseconds since 1970 UTC.

CREATE TABLE members (
    issuer          TEXT NOT NULL,
    sub             TEXT NOT NULL CHECK (length(sub) BETWEEN 1 AND 255),
    email           TEXT,
    email_verified  INTEGER NOT NULL CHECK (email_verified IN (0, 1)),
    name            TEXT,
    picture         TEXT,
    first_seen_ms   INTEGER NOT NULL,
    last_seen_ms    INTEGER NOT NULL,
    PRIMARY KEY (issuer, sub)
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    order_no        TEXT PRIMARY KEY CHECK (length(order_no) BETWEEN 1 AND 25),
    issuer          TEXT NOT NULL,
    sub             TEXT NOT NULL,
    amount          INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 999999999),
    currency        TEXT NOT NULL CHECK (currency = 'TWD'),
    placed_at_ms    INTEGER NOT NULL,
    expires_at_ms   INTEGER NOT NULL,
    checkout_key    TEXT NOT NULL,
    -- What the facts fold to, kept for lists; `version` counts the facts. Never an input to a decision.
    status          TEXT NOT NULL,
    version         INTEGER NOT NULL DEFAULT 0,
    UNIQUE (issuer, sub, checkout_key),
    UNIQUE (order_no, amount, currency),
    FOREIGN KEY (issuer, sub) REFERENCES members (issuer, sub)
) STRICT;
CREATE INDEX orders_of_member ON orders (issuer, sub, placed_at_ms);
CREATE INDEX orders_by_status ON orders (status, placed_at_ms);

CREATE TRIGGER orders_keep_what_was_agreed
BEFORE UPDATE OF order_no, issuer, sub, amount, currency, placed_at_ms, expires_at_ms, checkout_key ON orders
BEGIN SELECT RAISE(ABORT, 'what was agreed at checkout does not change'); END;
CREATE TRIGGER orders_are_not_deleted BEFORE DELETE ON orders
BEGIN SELECT RAISE(ABORT, 'orders are not deleted'); END;

CREATE TABLE order_lines (
    order_no        TEXT NOT NULL REFERENCES orders (order_no),
    line            INTEGER NOT NULL CHECK (line >= 1),
    product_id      TEXT NOT NULL,
    name            TEXT NOT NULL,
    unit_price      INTEGER NOT NULL CHECK (unit_price BETWEEN 1 AND 999999999),
    quantity        INTEGER NOT NULL CHECK (quantity >= 1),
    PRIMARY KEY (order_no, line)
) STRICT, WITHOUT ROWID;
CREATE INDEX order_lines_of_product ON order_lines (product_id);
CREATE TRIGGER order_lines_do_not_change BEFORE UPDATE ON order_lines
BEGIN SELECT RAISE(ABORT, 'what was agreed at checkout does not change'); END;
CREATE TRIGGER order_lines_are_not_deleted BEFORE DELETE ON order_lines
BEGIN SELECT RAISE(ABORT, 'what was agreed at checkout does not change'); END;

CREATE TABLE attempts (
    attempt_no      TEXT PRIMARY KEY CHECK (length(attempt_no) BETWEEN 1 AND 25),
    order_no        TEXT NOT NULL REFERENCES orders (order_no),
    ordinal         INTEGER NOT NULL CHECK (ordinal >= 1),
    made_at_ms      INTEGER NOT NULL,
    -- The form's key: one form makes one attempt, however often it is sent.
    pay_key         TEXT NOT NULL,
    -- When to ask the gateway next, and how often that was done in vain.
    next_ask_ms     INTEGER,
    asks            INTEGER NOT NULL DEFAULT 0,
    -- How often it denied a payment that we were told of. No answer is no denial.
    denials         INTEGER NOT NULL DEFAULT 0,
    UNIQUE (order_no, ordinal),
    UNIQUE (order_no, pay_key)
) STRICT;
CREATE INDEX attempts_to_ask ON attempts (next_ask_ms) WHERE next_ask_ms IS NOT NULL;
CREATE TRIGGER attempts_keep_their_number BEFORE UPDATE OF attempt_no, order_no, ordinal, made_at_ms, pay_key ON attempts
BEGIN SELECT RAISE(ABORT, 'an attempt keeps its number'); END;
CREATE TRIGGER attempts_are_not_deleted BEFORE DELETE ON attempts
BEGIN SELECT RAISE(ABORT, 'attempts are not deleted'); END;

CREATE TABLE facts (
    n               INTEGER PRIMARY KEY AUTOINCREMENT,
    order_no        TEXT NOT NULL REFERENCES orders (order_no),
    meaning         TEXT NOT NULL,
    kind            TEXT NOT NULL,
    source          TEXT NOT NULL CHECK (source IN ('notice', 'query', 'shop')),
    attempt_no      TEXT REFERENCES attempts (attempt_no),
    trade_no        TEXT,
    amount          INTEGER CHECK (amount BETWEEN 1 AND 999999999),
    body            TEXT NOT NULL,
    digest          TEXT,
    key_id          TEXT,
    before          TEXT NOT NULL,
    after           TEXT NOT NULL,
    received_at_ms  INTEGER NOT NULL,
    UNIQUE (order_no, meaning)
) STRICT;
CREATE TRIGGER facts_do_not_change BEFORE UPDATE ON facts
BEGIN SELECT RAISE(ABORT, 'facts are only ever added'); END;
CREATE TRIGGER facts_are_not_deleted BEFORE DELETE ON facts
BEGIN SELECT RAISE(ABORT, 'facts are only ever added'); END;

-- A gateway's trade pays one order, and exactly its amount.
CREATE TABLE payments (
    trade_no        TEXT PRIMARY KEY,
    order_no        TEXT NOT NULL,
    attempt_no      TEXT NOT NULL REFERENCES attempts (attempt_no),
    amount          INTEGER NOT NULL,
    currency        TEXT NOT NULL,
    paid_at_ms      INTEGER NOT NULL,
    FOREIGN KEY (order_no, amount, currency) REFERENCES orders (order_no, amount, currency)
) STRICT;
CREATE INDEX payments_of_order ON payments (order_no);

CREATE TABLE deliveries (
    order_no        TEXT PRIMARY KEY REFERENCES orders (order_no),
    trade_no        TEXT NOT NULL REFERENCES payments (trade_no),
    delivered_at_ms INTEGER NOT NULL
) STRICT;

-- What is authentic and could not be applied. A person decides.
CREATE TABLE exceptions (
    n               INTEGER PRIMARY KEY AUTOINCREMENT,
    meaning         TEXT NOT NULL UNIQUE,
    code            TEXT NOT NULL,
    source          TEXT NOT NULL,
    subject         TEXT NOT NULL,
    order_no        TEXT REFERENCES orders (order_no),
    trade_no        TEXT,
    amount          INTEGER,
    detail          TEXT NOT NULL,
    received_at_ms  INTEGER NOT NULL
) STRICT;
CREATE TRIGGER exceptions_are_not_deleted BEFORE DELETE ON exceptions
BEGIN SELECT RAISE(ABORT, 'exceptions are not deleted'); END;

CREATE TABLE outbox (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    topic           TEXT NOT NULL,
    aggregate       TEXT NOT NULL,
    seq             INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('pending', 'done', 'dead')),
    due_at_ms       INTEGER NOT NULL,
    tries           INTEGER NOT NULL DEFAULT 0,
    lease           TEXT,
    leased_until_ms INTEGER,
    last_error      TEXT,
    made_at_ms      INTEGER NOT NULL,
    UNIQUE (topic, aggregate, seq)
) STRICT;
CREATE INDEX outbox_pending ON outbox (topic, id) WHERE state = 'pending';
CREATE TRIGGER outbox_keeps_what_was_not_delivered BEFORE DELETE ON outbox WHEN OLD.state <> 'done'
BEGIN SELECT RAISE(ABORT, 'undelivered effects are not deleted'); END;

CREATE TABLE sessions (
    id_hash         TEXT PRIMARY KEY,
    issuer          TEXT NOT NULL,
    sub             TEXT NOT NULL,
    signed_in_ms    INTEGER NOT NULL,
    seen_ms         INTEGER NOT NULL,
    expires_ms      INTEGER NOT NULL,
    FOREIGN KEY (issuer, sub) REFERENCES members (issuer, sub)
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires_ms);

-- Sign-ins under way; each row is used once.
CREATE TABLE sign_ins (
    id_hash         TEXT PRIMARY KEY,
    state           TEXT NOT NULL,
    nonce           TEXT NOT NULL,
    verifier        TEXT NOT NULL,
    next            TEXT NOT NULL,
    expires_ms      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Single values: the last good catalogue, the readiness mark.
CREATE TABLE notes (
    name            TEXT PRIMARY KEY,
    body            TEXT NOT NULL,
    written_at_ms   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
