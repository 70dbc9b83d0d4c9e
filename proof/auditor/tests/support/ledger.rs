//! A ledger built by hand over the real schema: an order in each kind of state.

#[path = "trail.rs"]
mod trail;

use rusqlite::{Connection, params};
use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};
use tempfile::TempDir;

const SCHEMA: [&str; 2] = [
    include_str!("../../../../crates/ledger/migrations/0001_first.sql"),
    include_str!("../../../../crates/ledger/migrations/0002_refunds.sql"),
];

pub(crate) struct Ledger {
    path: PathBuf,
    _folder: TempDir,
}

impl Ledger {
    /// A ledger that breaks no rule: a copy of one that was made once.
    pub(crate) fn sound() -> Self {
        static SOUND: OnceLock<Vec<u8>> = OnceLock::new();
        let bytes = SOUND.get_or_init(|| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("ledger.db");
            make(&path);
            std::fs::read(&path).unwrap()
        });
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        std::fs::write(&path, bytes).unwrap();
        Self {
            path,
            _folder: folder,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

fn make(path: &Path) {
    let mut connection = Connection::open(path).unwrap();
    connection
        .pragma_update(None, "journal_mode", "WAL")
        .unwrap();
    connection
        .pragma_update(None, "foreign_keys", true)
        .unwrap();
    let transaction = connection.transaction().unwrap();
    transaction.execute_batch(&SCHEMA.concat()).unwrap();
    fill(&transaction);
    trail::lay(&transaction);
    transaction.commit().unwrap();
    connection.pragma_update(None, "user_version", 2).unwrap();
    connection
        .pragma_update(None, "application_id", 0x6a6e_6c75)
        .unwrap();
}

fn fill(connection: &Connection) {
    connection
        .execute_batch(
            "INSERT INTO members VALUES ('https://issuer.example', 'buyer', NULL, 0, NULL, NULL, 1, 1),
             ('https://issuer.example', 'owner', 'o@example.com', 1, NULL, NULL, 1, 1),
             ('https://issuer.example', 'partner', 'p@example.com', 1, NULL, NULL, 1, 1);
             INSERT INTO sessions VALUES ('a1', 'https://issuer.example', 'buyer', 1, 1, 99);
             INSERT INTO outbox (topic, aggregate, seq, state, due_at_ms, made_at_ms)
             VALUES ('sheet.member', 'https://issuer.example buyer', 1, 'pending', 1, 1);
             INSERT INTO exceptions (meaning, code, source, subject, trade_no, amount, detail, received_at_ms)
             VALUES ('parked/L3.unknown_order/APP2-77/T9/680', 'L3.unknown_order', 'notice', 'APP2-77', 'T9', 680, 'paid', 1)",
        )
        .unwrap();
    let shop = Desk(connection);
    shop.order("NEW", 1);

    shop.order("FAILED", 2);
    shop.said(
        "FAILED", 1, "notice", "failed", "T-FAILED", "pending", "pending",
    );

    shop.order("ATM", 1);
    shop.said(
        "ATM",
        1,
        "notice",
        "issued",
        "T-ATM",
        "pending",
        "awaiting_transfer",
    );

    shop.order("TOLD", 1);
    shop.own(
        "TOLD",
        "returned/TOLD",
        "returned",
        Some("TOLD"),
        "pending",
        "pending",
    );
    shop.said("TOLD", 1, "notice", "paid", "T-TOLD", "pending", "paid");

    shop.order("PAID", 1);
    shop.said("PAID", 1, "notice", "paid", "T-PAID", "pending", "paid");
    shop.said("PAID", 1, "query", "paid", "T-PAID", "paid", "paid");
    shop.effect("deliver", "PAID", "pending");

    shop.order("DONE", 1);
    shop.delivered("DONE");

    fill_astray(&shop);
}

/// Money that went astray, offers that ended, money that went back.
fn fill_astray(shop: &Desk<'_>) {
    shop.order("WRONG", 1);
    shop.parked("WRONG", "L3.amount", "T-WRONG", 1);

    shop.order("TWICE", 2);
    shop.delivered("TWICE");
    shop.said(
        "TWICE",
        2,
        "query",
        "paid",
        "T-SECOND",
        "fulfilled",
        "fulfilled",
    );
    shop.listed("TWICE", "L4.surplus");

    shop.order("LATE", 1);
    shop.own(
        "LATE",
        "ended/expired",
        "ended expired",
        None,
        "pending",
        "expired",
    );
    shop.said("LATE", 1, "query", "paid", "T-LATE", "expired", "review");
    shop.listed("LATE", "L4.late");

    shop.order("LAPSED", 1);
    shop.said(
        "LAPSED",
        1,
        "notice",
        "issued",
        "T-LAPSED",
        "pending",
        "awaiting_transfer",
    );
    shop.said(
        "LAPSED",
        1,
        "query",
        "lapsed",
        "T-LAPSED",
        "awaiting_transfer",
        "expired",
    );

    shop.order("CANCELLED", 1);
    shop.own(
        "CANCELLED",
        "ended/cancelled",
        "ended cancelled",
        None,
        "pending",
        "cancelled",
    );

    fill_back(shop);
}

/// Money that went back, and cases that a person decided.
fn fill_back(shop: &Desk<'_>) {
    shop.order("BACK", 1);
    shop.delivered("BACK");
    shop.refunded("BACK", 200, "fulfilled", "partially_refunded");
    shop.refunded("BACK", 680, "partially_refunded", "refunded");
    shop.refund(
        "BACK",
        200,
        "owner",
        None,
        &["reserved", "sent", "in_doubt", "done"],
    );
    shop.refund(
        "BACK",
        480,
        "owner",
        Some("partner"),
        &["requested", "reserved", "sent", "done"],
    );
    shop.refund("BACK", 100, "owner", None, &["reserved", "sent", "refused"]);

    shop.order("SETTLED", 1);
    shop.parked("SETTLED", "L3.amount", "T-SETTLED", 1);
    shop.decided(
        "SETTLED",
        "parked/L3.amount/SETTLED/T-SETTLED/1",
        ("review", "pending"),
    );
    shop.0
        .execute_batch("INSERT INTO decisions SELECT n, 'https://issuer.example owner', '不是我們的', 1 FROM exceptions WHERE order_no IS NULL")
        .unwrap();
}

/// Writes rows as the shop would.
struct Desk<'a>(&'a Connection);

fn attempt(no: &str, ordinal: u8) -> String {
    if ordinal == 1 {
        no.to_owned()
    } else {
        format!("{no}-{ordinal}")
    }
}

impl Desk<'_> {
    fn order(&self, no: &str, attempts: u8) {
        self.0
            .execute(
                "INSERT INTO orders VALUES (?1, 'https://issuer.example', 'buyer', 680, 'TWD', 1, 99, ?1, 'pending', 0)",
                [no],
            )
            .unwrap();
        self.0
            .execute(
                "INSERT INTO order_lines VALUES (?1, 1, 'tea', '茶', 340, 2)",
                [no],
            )
            .unwrap();
        for ordinal in 1..=attempts {
            self.0
                .execute(
                    "INSERT INTO attempts (attempt_no, order_no, ordinal, made_at_ms, pay_key) VALUES (?1, ?2, ?3, 1, ?1)",
                    params![attempt(no, ordinal), no, ordinal],
                )
                .unwrap();
        }
        self.effect("sheet.order", no, "pending");
    }

    fn effect(&self, topic: &str, aggregate: &str, state: &str) {
        self.0
            .execute(
                "INSERT INTO outbox (topic, aggregate, seq, state, due_at_ms, made_at_ms) VALUES (?1, ?2, 1, ?3, 1, 1)",
                [topic, aggregate, state],
            )
            .unwrap();
    }

    #[expect(clippy::too_many_arguments, reason = "a row has its columns")]
    fn fact(
        &self,
        no: &str,
        meaning: &str,
        kind: &str,
        source: &str,
        attempt: Option<&str>,
        trade: Option<&str>,
        amount: Option<u32>,
        (before, after): (&str, &str),
    ) {
        self.0
            .execute(
                "INSERT INTO facts (order_no, meaning, kind, source, attempt_no, trade_no, amount, body, before, after, received_at_ms)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 1)",
                params![no, meaning, kind, source, attempt, trade, amount, format!("{{\"subject\":\"{no}\"}}"), before, after],
            )
            .unwrap();
        let place = self.0.last_insert_rowid().to_string();
        self.0
            .execute(
                "UPDATE orders SET status = ?2, version = version + 1 WHERE order_no = ?1",
                [no, after],
            )
            .unwrap();
        self.effect("sheet.event", &place, "pending");
    }

    #[expect(clippy::too_many_arguments, reason = "a row has its columns")]
    fn said(
        &self,
        no: &str,
        ordinal: u8,
        source: &str,
        kind: &str,
        trade: &str,
        before: &str,
        after: &str,
    ) {
        let attempt = attempt(no, ordinal);
        let way = if source == "query" { "asked" } else { "told" };
        let meaning = format!("{way}/{attempt}/{trade}/{kind}/680");
        let about = (Some(attempt.as_str()), Some(trade), Some(680));
        self.fact(
            no,
            &meaning,
            kind,
            source,
            about.0,
            about.1,
            about.2,
            (before, after),
        );
        if kind == "paid" {
            self.0
                .execute(
                    "INSERT OR IGNORE INTO payments VALUES (?1, ?2, ?3, 680, 'TWD', 1)",
                    [trade, no, &attempt],
                )
                .unwrap();
        }
    }

    fn own(
        &self,
        no: &str,
        meaning: &str,
        kind: &str,
        attempt: Option<&str>,
        before: &str,
        after: &str,
    ) {
        self.fact(
            no,
            meaning,
            kind,
            "shop",
            attempt,
            None,
            None,
            (before, after),
        );
    }

    /// Told, asked, delivered.
    fn delivered(&self, no: &str) {
        let trade = format!("T-{no}");
        self.said(no, 1, "notice", "paid", &trade, "pending", "paid");
        self.said(no, 1, "query", "paid", &trade, "paid", "paid");
        self.effect("deliver", no, "done");
        let step = ("paid", "fulfilled");
        self.fact(
            no,
            "delivered",
            "delivered",
            "shop",
            None,
            Some(&trade),
            None,
            step,
        );
        self.0
            .execute("INSERT INTO deliveries VALUES (?1, ?2, 1)", [no, &trade])
            .unwrap();
    }

    fn refunded(&self, no: &str, total: u32, before: &str, after: &str) {
        let trade = format!("T-{no}");
        let meaning = format!("refunded/{no}/{trade}/{total}");
        let step = (before, after);
        self.fact(
            no,
            &meaning,
            "refunded",
            "query",
            Some(no),
            Some(&trade),
            Some(total),
            step,
        );
    }

    fn parked(&self, no: &str, code: &str, trade: &str, amount: u32) {
        let meaning = format!("parked/{code}/{no}/{trade}/{amount}");
        let kind = format!("parked {code}");
        let step = ("pending", "review");
        self.fact(
            no,
            &meaning,
            &kind,
            "notice",
            Some(no),
            Some(trade),
            Some(amount),
            step,
        );
        self.0
            .execute(
                "INSERT INTO exceptions (meaning, code, source, subject, order_no, trade_no, amount, detail, received_at_ms)
                 VALUES (?1, ?2, 'notice', ?3, ?3, ?4, ?5, '', 1)",
                params![meaning, code, no, trade, amount],
            )
            .unwrap();
    }

    /// A refund with all its moves in the trail.
    fn refund(&self, no: &str, amount: u32, by: &str, second: Option<&str>, states: &[&str]) {
        let refund = format!("R{amount:016}");
        let person = |name: &str| format!("https://issuer.example {name}");
        self.0
            .execute(
                "INSERT INTO refunds (refund_no, order_no, attempt_no, trade_no, amount, how, reason, form_key, two_persons,
                 requester, approver, state, version, requested_at_ms, changed_at_ms)
                 VALUES (?1, ?2, ?2, 'T-' || ?2, ?3, 'gateway', '買家要求', ?1, ?4, ?5, ?6, ?7, ?8, 1, 1)",
                params![
                    refund,
                    no,
                    amount,
                    second.is_some(),
                    person(by),
                    second.map(person),
                    states.last(),
                    states.len() - 1
                ],
            )
            .unwrap();
        for (version, state) in states.iter().enumerate() {
            let meaning = format!("refund/{refund}/{version}");
            trail::append(self.0, Some(no), &person(by), "refund", state, "", &meaning);
        }
    }

    /// A case of an order that a person has set aside.
    fn decided(&self, no: &str, case: &str, (before, after): (&str, &str)) {
        let (by, reason) = ("https://issuer.example owner", "查過了");
        self.own(
            no,
            &format!("decided/{case}"),
            "decided",
            None,
            before,
            after,
        );
        let body = serde_json::json!({"subject": case, "detail": by, "message": reason});
        self.0
            .execute_batch("DROP TRIGGER facts_do_not_change")
            .unwrap();
        self.0
            .execute(
                "UPDATE facts SET body = ?2 WHERE meaning = ?1",
                [format!("decided/{case}"), body.to_string()],
            )
            .unwrap();
        self.0
            .execute_batch(
                "CREATE TRIGGER facts_do_not_change BEFORE UPDATE ON facts
                 BEGIN SELECT RAISE(ABORT, 'facts are only ever added'); END",
            )
            .unwrap();
        self.0
            .execute(
                "INSERT INTO decisions SELECT n, ?2, ?3, 1 FROM exceptions WHERE meaning = ?1",
                [case, by, reason],
            )
            .unwrap();
    }

    /// A case that only all facts together make.
    fn listed(&self, no: &str, code: &str) {
        self.0
            .execute(
                "INSERT INTO exceptions (meaning, code, source, subject, order_no, detail, received_at_ms)
                 VALUES (?1, ?2, 'notice', ?3, ?3, '', 1)",
                [&format!("parked/{code}/{no}/-/0"), code, no],
            )
            .unwrap();
    }
}
