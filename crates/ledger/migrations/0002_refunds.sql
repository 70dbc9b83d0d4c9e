-- Money that goes back, decisions of persons, and the trail of all of it.

CREATE TABLE refunds (
    refund_no       TEXT PRIMARY KEY CHECK (length(refund_no) = 17),
    order_no        TEXT NOT NULL REFERENCES orders (order_no),
    attempt_no      TEXT NOT NULL REFERENCES attempts (attempt_no),
    trade_no        TEXT NOT NULL REFERENCES payments (trade_no),
    amount          INTEGER NOT NULL CHECK (amount BETWEEN 1 AND 999999999),
    how             TEXT NOT NULL CHECK (how IN ('gateway', 'by_hand')),
    reason          TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 300),
    -- The form's key: one form makes one refund, however often it is sent.
    form_key        TEXT NOT NULL,
    two_persons     INTEGER NOT NULL CHECK (two_persons IN (0, 1)),
    requester       TEXT NOT NULL,
    approver        TEXT,
    state           TEXT NOT NULL,
    version         INTEGER NOT NULL DEFAULT 0,
    -- What the gateway had given back of the trade before this refund was sent, in dollars.
    baseline        INTEGER NOT NULL DEFAULT 0 CHECK (baseline BETWEEN 0 AND 999999999),
    asks            INTEGER NOT NULL DEFAULT 0,
    word            TEXT NOT NULL DEFAULT '',
    requested_at_ms INTEGER NOT NULL,
    sent_at_ms      INTEGER,
    changed_at_ms   INTEGER NOT NULL,
    -- When the shop goes on with it by itself.
    due_at_ms       INTEGER,
    UNIQUE (order_no, form_key),
    CHECK (state IN ('requested', 'rejected', 'reserved', 'sent', 'in_doubt', 'done', 'refused', 'reversed')),
    CHECK (approver IS NULL OR approver <> requester),
    CHECK (two_persons = 0 OR approver IS NOT NULL OR state IN ('requested', 'rejected'))
) STRICT;
CREATE INDEX refunds_of_order ON refunds (order_no);
CREATE INDEX refunds_of_trade ON refunds (trade_no);
CREATE INDEX refunds_due ON refunds (due_at_ms) WHERE due_at_ms IS NOT NULL;

CREATE TRIGGER refunds_keep_what_was_asked
BEFORE UPDATE OF refund_no, order_no, attempt_no, trade_no, amount, how, reason, form_key, two_persons, requester, requested_at_ms ON refunds
BEGIN SELECT RAISE(ABORT, 'what a refund was asked for does not change'); END;
CREATE TRIGGER refunds_are_not_deleted BEFORE DELETE ON refunds
BEGIN SELECT RAISE(ABORT, 'refunds are not deleted'); END;
CREATE TRIGGER refunds_move_along_the_table BEFORE UPDATE OF state ON refunds
WHEN OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN (
    'requested>reserved', 'requested>rejected', 'reserved>rejected', 'reserved>sent', 'reserved>refused', 'reserved>done',
    'sent>done', 'sent>refused', 'sent>in_doubt', 'in_doubt>done', 'in_doubt>reserved', 'done>reversed')
BEGIN SELECT RAISE(ABORT, 'a refund does not move so'); END;
CREATE TRIGGER refunds_never_exceed_the_payment AFTER UPDATE OF state ON refunds
WHEN NEW.state IN ('reserved', 'sent', 'in_doubt', 'done') AND
    (SELECT SUM(amount) FROM refunds WHERE trade_no = NEW.trade_no AND state IN ('reserved', 'sent', 'in_doubt', 'done'))
    > (SELECT amount FROM payments WHERE trade_no = NEW.trade_no)
BEGIN SELECT RAISE(ABORT, 'no more goes back than came in'); END;
CREATE TRIGGER refunds_never_exceed_the_payment_from_the_start AFTER INSERT ON refunds
WHEN NEW.state IN ('reserved', 'sent', 'in_doubt', 'done') AND
    (SELECT SUM(amount) FROM refunds WHERE trade_no = NEW.trade_no AND state IN ('reserved', 'sent', 'in_doubt', 'done'))
    > (SELECT amount FROM payments WHERE trade_no = NEW.trade_no)
BEGIN SELECT RAISE(ABORT, 'no more goes back than came in'); END;

-- What persons decided about the review list: each case once.
CREATE TABLE decisions (
    exception_n     INTEGER PRIMARY KEY REFERENCES exceptions (n),
    decided_by      TEXT NOT NULL,
    reason          TEXT NOT NULL CHECK (length(reason) BETWEEN 1 AND 300),
    decided_at_ms   INTEGER NOT NULL
) STRICT;
CREATE TRIGGER decisions_do_not_change BEFORE UPDATE ON decisions
BEGIN SELECT RAISE(ABORT, 'a decision stands'); END;
CREATE TRIGGER decisions_are_not_deleted BEFORE DELETE ON decisions
BEGIN SELECT RAISE(ABORT, 'a decision stands'); END;

-- Who did what and what was refused, each once, each chained to the one before (SHA-256).
CREATE TABLE trail (
    n               INTEGER PRIMARY KEY,
    at_ms           INTEGER NOT NULL,
    order_no        TEXT REFERENCES orders (order_no),
    -- `payuni`, `shop`, or a member as `issuer sub`.
    actor           TEXT NOT NULL,
    action          TEXT NOT NULL CHECK (action IN ('fact', 'parked', 'refused', 'refund', 'decided')),
    code            TEXT NOT NULL,
    detail          TEXT NOT NULL,
    meaning         TEXT NOT NULL UNIQUE,
    prev_hash       TEXT NOT NULL,
    hash            TEXT NOT NULL
) STRICT;
CREATE INDEX trail_of_order ON trail (order_no) WHERE order_no IS NOT NULL;
CREATE TRIGGER trail_does_not_change BEFORE UPDATE ON trail
BEGIN SELECT RAISE(ABORT, 'the trail is only ever added to'); END;
CREATE TRIGGER trail_is_not_deleted BEFORE DELETE ON trail
BEGIN SELECT RAISE(ABORT, 'the trail is only ever added to'); END;
