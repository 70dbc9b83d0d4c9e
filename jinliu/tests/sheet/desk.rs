//! What the tests of the sheet ask of a town: orders by the dozen, hands in the spreadsheet, and what Google saw.

use crate::shopper::{Town, town::write_shop_file, until};
use google::service_account::ServiceAccount;
use jiff::{Timestamp, tz::TimeZone};
use jinliu::world::Plan;
use ledger::{Ledger, Member, NewOrder, Topic};
use orders::{Line, MemberId, Order, OrderNo, Twd};
use secrecy::ExposeSecret;
use serde_json::{Value, json};
use std::{path::Path, sync::Arc};

pub(crate) const ORDERS: &str = "訂單";
pub(crate) const MEMBERS: &str = "會員";
pub(crate) const PRODUCTS: &str = "商品";
pub(crate) const EVENTS: &str = "事件";
const PROJECTED: [Topic; 3] = [Topic::SheetMember, Topic::SheetOrder, Topic::SheetEvent];

/// A shop file in which orders do not end and PAYUNi is not asked while a fast clock runs through hours.
pub(crate) fn patient_shop(dir: &Path) {
    let edits = [
        ("order_minutes = 30 ", "order_minutes = 1440 "),
        (
            "waits_seconds = [20, 60, 180, 600, 1800, 3600]",
            "waits_seconds = [86400]",
        ),
        ("stock = 40", "stock = 100000"),
    ];
    write_shop_file(dir, &edits);
}

/// A world whose clocks all run `rate` times as fast as life.
pub(crate) async fn fast_town(rate: u32) -> Town {
    fast_town_with(rate, |_| {}).await
}

pub(crate) async fn fast_town_with(rate: u32, change: impl FnOnce(&mut Plan)) -> Town {
    let town = Town::planned(|plan| {
        patient_shop(&plan.dir);
        plan.rate = rate;
        change(plan);
    })
    .await;
    town.same_clocks(rate).await;
    town
}

/// A member whom no sign-in made.
pub(crate) async fn member(ledger: &Arc<dyn Ledger>, sub: &str, name: &str) -> MemberId {
    let id = MemberId {
        issuer: "https://accounts.example".to_owned(),
        sub: sub.to_owned(),
    };
    let member = Member {
        id: id.clone(),
        email: Some(format!("{sub}@example.com")),
        email_verified: true,
        name: Some(name.to_owned()),
        picture: None,
    };
    ledger.save_member(member, Timestamp::now()).await.unwrap();
    id
}

/// Places an order of one thing.
pub(crate) async fn order(
    ledger: &Arc<dyn Ledger>,
    who: &MemberId,
    name: &str,
    now: Timestamp,
) -> String {
    let price = Twd::new(680).unwrap();
    let no = OrderNo::mint(
        now.to_zoned(TimeZone::UTC).date(),
        shop::entropy::bytes::<10>(),
    );
    let lines = vec![Line {
        product: "tea".parse().unwrap(),
        name: name.to_owned(),
        unit_price: price,
        quantity: 1,
    }];
    let order = Order {
        no: no.clone(),
        member: who.clone(),
        lines,
        amount: price,
        placed_at: now,
        expires_at: now + jiff::SignedDuration::from_hours(24),
    };
    let new = NewOrder {
        order,
        checkout_key: shop::entropy::name(),
        stock: vec![None],
        same_attempt_ms: 10_000,
        first_ask_ms: 86_400_000,
    };
    assert!(ledger.place(new, now).await.unwrap().news);
    no.to_string()
}

impl Town {
    pub(crate) fn ledger(&self) -> &Arc<dyn Ledger> {
        &self.world.shop.app.ledger
    }

    /// Sets both counterparties' clocks by the shop's.
    pub(crate) async fn same_clocks(&self, rate: u32) {
        for url in [
            self.google("/_sandbox/clock"),
            self.payuni("/_sandbox/clock"),
        ] {
            let theirs = self.look(url.clone()).await["now_ms"].as_i64().unwrap();
            let behind = self.world.shop.app.clock.now().as_millisecond() - theirs;
            self.control(
                url,
                json!({"advance_s": behind.max(0) / 1000, "rate": rate}),
            )
            .await;
        }
    }

    pub(crate) async fn orders(&self, who: &MemberId, count: usize) -> Vec<String> {
        let mut placed = Vec::new();
        for _ in 0..count {
            let now = self.world.shop.app.clock.now();
            placed.push(order(self.ledger(), who, "阿里山高山烏龍茶", now).await);
        }
        placed
    }

    /// How many effects wait for the sheet.
    pub(crate) async fn waiting(&self) -> u64 {
        let mut waiting = 0;
        for topic in PROJECTED {
            waiting += self.ledger().backlog(topic).await.unwrap().0;
        }
        waiting
    }

    /// Waits until the sheet has everything.
    pub(crate) async fn written(&self) {
        until("the sheet has everything", async || {
            self.waiting().await == 0
        })
        .await;
    }

    /// The rows under the header whose first column is not blank: that column.
    pub(crate) async fn keys(&self, tab: &str) -> Vec<String> {
        let rows = self.tab(tab).await;
        rows.iter()
            .skip(1)
            .filter_map(|row| row.first().filter(|key| !key.is_empty()).cloned())
            .collect()
    }

    /// The row of an order, by its number, whatever the columns' order.
    pub(crate) async fn cell(&self, tab: &str, key: &str, column: &str) -> String {
        let rows = self.tab(tab).await;
        let place = rows[0].iter().position(|title| title == column).unwrap();
        let row = rows
            .iter()
            .find(|row| row.iter().any(|cell| cell == key))
            .unwrap_or_else(|| panic!("no row {key}"));
        row.get(place).cloned().unwrap_or_default()
    }

    pub(crate) async fn typed(&self, tab: &str) -> Vec<Vec<Value>> {
        let dump = self
            .look(self.google(&format!("/_sandbox/sheets/{}", jinliu::sandbox::SHEET_ID)))
            .await;
        let tabs = dump["tabs"].as_array().unwrap();
        let tab = tabs.iter().find(|known| known["title"] == tab).unwrap();
        serde_json::from_value(tab["rows"].clone()).unwrap()
    }

    /// The owner works on a tab with the mouse: all its rows are taken up, changed and put down at once.
    pub(crate) async fn by_hand(&self, tab: &str, change: impl FnOnce(&mut Vec<Vec<Value>>)) {
        let mut rows = self.typed(tab).await;
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        for row in &mut rows {
            row.resize(width, Value::Null);
        }
        change(&mut rows);
        let sheet = json!({"sheet": {"tabs": [{"title": tab, "rows": rows}]}});
        self.control(self.google("/_sandbox/seed"), sheet).await;
    }

    /// The owner throws tabs away.
    pub(crate) async fn deletes(&self, tabs: &[&str]) {
        let dump = self
            .look(self.google(&format!("/_sandbox/sheets/{}", jinliu::sandbox::SHEET_ID)))
            .await;
        let gone: Vec<Value> = dump["tabs"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|tab| tabs.contains(&tab["title"].as_str().unwrap()))
            .map(|tab| json!({"deleteSheet": {"sheetId": tab["id"]}}))
            .collect();
        assert_eq!(gone.len(), tabs.len());
        let key = self.folder.path().join("data/sandbox/service-account.json");
        let clock = self.world.shop.app.clock.clone();
        let account = ServiceAccount::from_file(&key, self.outside.clone())
            .unwrap()
            .with_clock(Arc::new(move || clock.now()));
        let token = account.token().await.unwrap();
        let url = self.google(&format!(
            "/v4/spreadsheets/{}:batchUpdate",
            jinliu::sandbox::SHEET_ID
        ));
        let request = self
            .outside
            .post(url)
            .bearer_auth(token.expose_secret())
            .json(&json!({"requests": gone}));
        let answer = request.send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{}",
            answer.text().await.unwrap()
        );
    }

    pub(crate) async fn google_fault(&self, fault: Value) {
        self.control(self.google("/_sandbox/faults"), fault).await;
    }

    /// Waits until every fault has struck.
    pub(crate) async fn faults_struck(&self) {
        until("every fault has struck", async || {
            let on = self.look(self.google("/_sandbox/faults")).await;
            on["faults"].as_array().unwrap().is_empty()
        })
        .await;
    }

    /// What Google saw: it never had to refuse for the quota, and the pace was kept.
    pub(crate) async fn keeps_the_quota(&self) {
        let log = self.look(self.google("/_sandbox/log?limit=5000")).await;
        let (mut reads, mut writes) = (Vec::new(), Vec::new());
        for entry in log["requests"].as_array().unwrap() {
            let Some(op) = entry["op"].as_str().filter(|op| op.starts_with("sheets.")) else {
                continue;
            };
            assert_ne!(entry["status"], 429, "{entry}");
            let at: Timestamp = entry["at"].as_str().unwrap().parse().unwrap();
            if op.ends_with("batchUpdate") {
                writes.push(at);
            } else {
                reads.push(at);
            }
        }
        assert!(!writes.is_empty() && !reads.is_empty());
        let most = |times: &[Timestamp], seconds: i64| {
            (0..times.len())
                .map(|from| {
                    let end = times[from] + jiff::SignedDuration::from_secs(seconds);
                    times[from..].iter().filter(|at| **at < end).count()
                })
                .max()
                .unwrap_or(0)
        };
        assert!(
            most(&writes, 60) <= 60 && most(&reads, 60) <= 60,
            "{writes:?} {reads:?}"
        );
        // The log has when an answer left, not when the request came: so over ten seconds, not over one.
        assert!(most(&writes, 10) <= 11, "{writes:?}");
    }
}
