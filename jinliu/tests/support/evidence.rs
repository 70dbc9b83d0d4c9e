//! What a test believes: the ledger's facts, the sandbox's own books, and messages sealed as PAYUNi seals them.

use crate::shopper::{Page, Shopper, Town, until};
use ledger::ListOrders;
use orders::Book;
use payuni::{Merchant, seal};
use serde_json::Value;
use sha2::{Digest, Sha256};
use shop::flow::step_7_reconcile::ask_due;

/// A form as it goes over the wire.
pub(crate) type Form = Vec<(String, String)>;

impl Town {
    /// All that the ledger knows of an order.
    pub(crate) async fn book(&self, no: &str) -> Book {
        let ledger = &self.world.shop.app.ledger;
        ledger
            .book(&no.parse().unwrap())
            .await
            .unwrap()
            .expect("the order")
    }

    /// The meanings of an order's facts, oldest first.
    pub(crate) async fn facts(&self, no: &str) -> Vec<String> {
        let facts = self
            .world
            .shop
            .app
            .ledger
            .facts(&no.parse().unwrap())
            .await
            .unwrap();
        facts.into_iter().map(|fact| fact.meaning).collect()
    }

    /// The codes of what waits for a person about an order or attempt number.
    pub(crate) async fn cases(&self, subject: &str) -> Vec<String> {
        let rows = self.world.shop.app.ledger.exceptions(1000).await.unwrap();
        rows.into_iter()
            .filter(|row| row.subject == subject)
            .map(|row| row.code)
            .collect()
    }

    /// Everything in the ledger that has to do with money, as text: equal texts, nothing happened.
    pub(crate) async fn money(&self) -> String {
        let ledger = &self.world.shop.app.ledger;
        let mut text = format!("{:?}", ledger.exceptions(10_000).await.unwrap());
        for summary in ledger.list(ListOrders::default()).await.unwrap() {
            let facts = ledger.facts(&summary.book.order().no).await.unwrap();
            text.push_str(&format!(
                "{:?} {} {facts:?}\n",
                summary.book, summary.status
            ));
        }
        text
    }

    /// The trades that PAYUNi's own books hold of an order, by any of its attempts.
    pub(crate) async fn trades(&self, no: &str) -> Vec<Value> {
        let state = self.look(self.payuni("/_sandbox/state")).await;
        let trades = state["trades"].as_array().cloned().unwrap();
        let of = |trade: &Value| {
            trade["mer_trade_no"]
                .as_str()
                .is_some_and(|text| text.starts_with(no))
        };
        trades.into_iter().filter(of).collect()
    }

    /// What PAYUNi charged for an order, by its own books.
    pub(crate) async fn charged(&self, no: &str) -> u64 {
        self.trades(no)
            .await
            .iter()
            .map(|trade| trade["charged"].as_u64().unwrap())
            .sum()
    }

    /// The messages of PAYUNi about an attempt, of one kind: `notice` or `return`.
    pub(crate) async fn messages(&self, attempt: &str, kind: &str) -> Vec<Value> {
        let all = self
            .look(self.payuni(&format!("/_sandbox/messages?mer_trade_no={attempt}")))
            .await;
        let all = all["messages"].as_array().cloned().unwrap();
        all.into_iter()
            .filter(|message| message["kind"] == kind)
            .collect()
    }

    /// Waits until the last notice about an attempt was answered; returns the status and the answer's text.
    pub(crate) async fn answered(&self, attempt: &str) -> (u64, String) {
        let mut answer = None;
        until(
            &format!("a notice about {attempt} is answered"),
            async || {
                let notices = self.messages(attempt, "notice").await;
                answer = notices.last().and_then(|notice| {
                    let tried = notice["tries"].as_array()?.last()?;
                    Some((
                        tried["http"].as_u64()?,
                        tried["answer"].as_str()?.to_owned(),
                    ))
                });
                answer.is_some()
            },
        )
        .await;
        answer.unwrap()
    }

    /// Sends a message to the shop as PAYUNi would.
    pub(crate) async fn tells(&self, form: &Form) -> Page {
        Shopper::read(
            self.outside
                .post(self.shop("/payuni/notify"))
                .form(form)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// Asks PAYUNi about every order that is not final, now.
    pub(crate) async fn asks(&self) -> Vec<(String, String)> {
        let app = &self.world.shop.app;
        app.ledger.ask_all(app.clock.now()).await.unwrap();
        let asked = ask_due(app, 500).await.unwrap();
        asked
            .into_iter()
            .map(|asked| (asked.attempt_no, asked.answer))
            .collect()
    }

    /// Whether the shop counted each case that waits for a person, once, and no other.
    pub(crate) async fn every_case_is_counted(&self) {
        let rows = self.world.shop.app.ledger.exceptions(1000).await.unwrap();
        let mut known: Vec<String> = rows.into_iter().map(|row| row.code).collect();
        known.sort();
        let metrics = self.metrics().await;
        let mut counted = Vec::new();
        for line in metrics.lines() {
            let Some(rest) = line.strip_prefix("jinliu_parked_total{code=\"") else {
                continue;
            };
            let (code, count) = rest.split_once("\"} ").unwrap();
            counted.extend(vec![code.to_owned(); count.parse().unwrap()]);
        }
        counted.sort();
        assert!(!known.is_empty(), "nothing waits for a person");
        assert_eq!(counted, known);
    }

    /// What the shop counted, as somebody on its own machine reads it.
    pub(crate) async fn metrics(&self) -> String {
        let request = self.outside.get(self.shop("/metrics"));
        request.send().await.unwrap().text().await.unwrap()
    }

    /// Moves PAYUNi's clock.
    pub(crate) async fn payuni_passes(&self, seconds: u64) {
        self.control(
            self.payuni("/_sandbox/clock"),
            serde_json::json!({"advance_s": seconds}),
        )
        .await;
    }

    /// Ends all of PAYUNi's faults.
    pub(crate) async fn no_more_faults(&self) {
        self.outside
            .delete(self.payuni("/_sandbox/faults"))
            .send()
            .await
            .unwrap();
    }

    /// Once everything under way has come to rest, PAYUNi's own books and the sheet say what the ledger says.
    pub(crate) async fn books_agree(&self) {
        let app = &self.world.shop.app;
        let shop::settings::Database::Sqlite(path) = &app.settings.database;
        let mut broken = Vec::new();
        until("all books agree", async || {
            let state = self.look(self.payuni("/_sandbox/state")).await;
            let books: auditor::GatewayBooks = serde_json::from_value(state).unwrap();
            let rows = self.tab("訂單").await;
            let report = auditor::audit_against(path, Some(&books), Some(&rows)).unwrap();
            broken = report.checks;
            broken.retain(|check| !check.holds);
            broken.is_empty()
        })
        .await;
    }

    /// One payment of the order's amount, which PAYUNi's books hold too, confirmed, and handed over once.
    pub(crate) async fn is_settled_once(&self, no: &str) {
        self.becomes(no, "fulfilled").await;
        let book = self.book(no).await;
        let payments = book.payments();
        assert_eq!(payments.len(), 1, "{payments:?}");
        assert!(payments[0].confirmed, "{payments:?}");
        assert_eq!(payments[0].amount, book.order().amount);
        let dollars = u64::from(book.order().amount.dollars());
        assert_eq!(self.charged(no).await, dollars);
        let held = self.trades(no).await;
        let held: Vec<&Value> = held
            .iter()
            .filter(|trade| trade["charged"] == dollars)
            .collect();
        assert_eq!(held.len(), 1, "{held:?}");
        assert_eq!(held[0]["trade_no"], payments[0].trade_no.to_string());
        assert_eq!(self.deliveries.of(no), 1);
        let delivered = self
            .facts(no)
            .await
            .iter()
            .filter(|fact| *fact == "delivered")
            .count();
        assert_eq!(delivered, 1);
    }

    /// Nothing was handed over, and the shop holds no payment of the order.
    pub(crate) async fn is_unpaid(&self, no: &str, status: &str) {
        assert_eq!(self.status(no).await, status);
        assert!(self.book(no).await.payments().is_empty());
        assert_eq!(self.deliveries.of(no), 0);
    }
}

pub(crate) fn merchant() -> Merchant {
    Merchant::parse(
        payuni_sim::DEMO_MER_ID,
        payuni_sim::DEMO_HASH_KEY,
        payuni_sim::DEMO_HASH_IV,
    )
    .unwrap()
}

/// Seals fields with a merchant's keys, as a message of PAYUNi's is.
pub(crate) fn sealed_by(merchant: &Merchant, fields: &[(&str, &str)]) -> Form {
    let sealed = seal(merchant, "2.0", fields);
    let own = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    let mut form: Form = sealed.form_fields().into_iter().map(own).collect();
    let status = fields
        .iter()
        .find(|(name, _)| *name == "Status")
        .map_or("SUCCESS", |(_, value)| value);
    form.insert(0, ("Status".to_owned(), status.to_owned()));
    form
}

/// Seals fields with our shop's keys. Nobody but PAYUNi could.
pub(crate) fn genuine(fields: &[(&str, &str)]) -> Form {
    sealed_by(&merchant(), fields)
}

/// The keyed hash of a sealed text (`HashInfo`).
pub(crate) fn hash_of(encrypt_info: &str) -> String {
    let whole = [
        payuni_sim::DEMO_HASH_KEY,
        encrypt_info,
        payuni_sim::DEMO_HASH_IV,
    ]
    .concat();
    hex::encode_upper(Sha256::digest(whole))
}

/// A paid card, in the fields that a test may change before sealing.
pub(crate) fn paid_card<'a>(
    attempt: &'a str,
    trade: &'a str,
    amount: &'a str,
) -> Vec<(&'a str, &'a str)> {
    vec![
        ("Status", "SUCCESS"),
        ("Message", "授權成功"),
        ("MerID", payuni_sim::DEMO_MER_ID),
        ("MerTradeNo", attempt),
        ("Gateway", "2"),
        ("TradeNo", trade),
        ("TradeAmt", amount),
        ("TradeStatus", "1"),
        ("PaymentType", "1"),
        ("Card6No", "414763"),
        ("Card4No", "0001"),
        ("CardInst", "1"),
        ("AuthType", "1"),
        ("AuthDay", "20261123"),
        ("AuthTime", "120000"),
    ]
}

/// A form with one field changed, or taken out.
pub(crate) fn with(form: &Form, name: &str, value: Option<&str>) -> Form {
    let mut form = form.clone();
    match value {
        None => form.retain(|(known, _)| known != name),
        Some(value) => {
            for field in form.iter_mut().filter(|(known, _)| known == name) {
                value.clone_into(&mut field.1);
            }
        }
    }
    form
}

/// The outer fields of a message in PAYUNi's books.
pub(crate) fn outer(message: &Value) -> Form {
    let fields = message["outer"].as_object().unwrap();
    fields
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect()
}
