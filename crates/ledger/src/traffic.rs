//! What travelled about each order, byte for byte, for people who look: kept beside the ledger, never in it.
//!
//! A file of its own with a thread of its own. Nothing that stands here is ever an input to money, a write that fails loses
//! a page of the explorer and nothing else, and old rows are deleted, which no row of the ledger is.
//!
//! Messages are encrypted in the file. The gateway's own seal would not do: its nonce never changes, so that whoever has
//! many of them reads them all.

use jiff::{SignedDuration, Timestamp};
use orders::{AttemptNo, MemberId, OrderNo};
use rusqlite::Connection;
use std::{
    path::Path,
    sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
};
use store::Store;
use tokio::sync::oneshot;

mod store;

/// So many messages wait to be written at most; more are not kept.
const WAITING_MAX: usize = 1024;

/// What kind of message it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The browser came back from Google with a code.
    SignIn,
    /// The shop changed the code for an ID token.
    Token,
    /// The browser's form that placed the order or began another attempt.
    Placed,
    /// The sealed form that the browser carries to the gateway.
    HandOver,
    /// The gateway told the shop.
    Notice,
    /// The browser came back from the gateway.
    Return,
    /// The shop asked the gateway.
    Query,
    /// A person of the back office wanted money to go back, or agreed to it.
    Wish,
    /// The shop told the gateway to give money back.
    Refund,
    /// The shop handed over what was bought.
    Delivery,
    /// The shop wrote the order's row into the sheet.
    Sheet,
}

impl Kind {
    /// Every kind, in the order of the steps.
    pub const ALL: [Self; 11] = [
        Self::SignIn,
        Self::Token,
        Self::Placed,
        Self::HandOver,
        Self::Notice,
        Self::Return,
        Self::Query,
        Self::Wish,
        Self::Refund,
        Self::Delivery,
        Self::Sheet,
    ];

    /// Its name in the file and in permalinks.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Token => "token",
            Self::Placed => "placed",
            Self::HandOver => "hand_over",
            Self::Notice => "notice",
            Self::Return => "return",
            Self::Query => "query",
            Self::Wish => "wish",
            Self::Refund => "refund",
            Self::Delivery => "delivery",
            Self::Sheet => "sheet",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Whom a message is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// An order, and the attempt where it is about one.
    Order(OrderNo, Option<AttemptNo>),
    /// A member, before there is an order.
    Member(MemberId),
}

impl Subject {
    fn key(&self) -> String {
        match self {
            Self::Order(no, _) => no.to_string(),
            Self::Member(id) => member_key(id),
        }
    }

    fn attempt(&self) -> Option<&AttemptNo> {
        match self {
            Self::Order(_, attempt) => attempt.as_ref(),
            Self::Member(_) => None,
        }
    }
}

fn member_key(id: &MemberId) -> String {
    format!("member {} {}", id.issuer, id.sub)
}

/// A message and its answer, as they were on the wire; what must not be seen was taken out before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// Whom it is about.
    pub subject: Subject,
    /// What it was.
    pub kind: Kind,
    /// When it was sent or came in, by the shop's clock.
    pub at: Timestamp,
    /// When it was answered, and so, where it changed something, after that was durable.
    pub answered_at: Timestamp,
    /// The address it went to, without its query.
    pub path: String,
    /// The message's bytes.
    pub sent: Vec<u8>,
    /// The answer's bytes; nothing where there was none.
    pub answer: Vec<u8>,
    /// What became of it: `believed`, a refusal's code, or why there was no answer.
    pub verdict: String,
    /// What the order's facts say of it: the fact's meaning, or where the order stood afterwards.
    pub outcome: String,
}

/// A kept message with its place in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its place, growing.
    pub n: i64,
    /// The message.
    pub exchange: Exchange,
}

enum Job {
    Keep(Box<Exchange>),
    Of(Subject, Timestamp, oneshot::Sender<Vec<Kept>>),
}

/// Keeps messages and shows them. Clones share the same file; one that keeps nothing has none.
#[derive(Clone, Default)]
pub struct Traffic(Option<SyncSender<Job>>);

impl Traffic {
    /// Keeps nothing.
    #[must_use]
    pub fn off() -> Self {
        Self(None)
    }

    /// Opens the file and lets go of what is older than `keep`. What was written with another key is not shown.
    ///
    /// # Errors
    /// The file cannot be opened, or its thread not be started.
    pub fn open(
        path: &Path,
        key: [u8; 32],
        keep: SignedDuration,
        now: Timestamp,
    ) -> Result<Self, TrafficError> {
        let connection = Connection::open(path)?;
        connection.execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             CREATE TABLE IF NOT EXISTS exchanges (
                 n INTEGER PRIMARY KEY AUTOINCREMENT,
                 subject TEXT NOT NULL,
                 attempt TEXT,
                 kind TEXT NOT NULL,
                 at_ms INTEGER NOT NULL,
                 answered_at_ms INTEGER NOT NULL,
                 path TEXT NOT NULL,
                 sent BLOB NOT NULL,
                 answer BLOB NOT NULL,
                 verdict TEXT NOT NULL,
                 outcome TEXT NOT NULL
             ) STRICT;
             CREATE INDEX IF NOT EXISTS exchanges_of ON exchanges (subject, at_ms);",
        )?;
        let oldest = (now - keep).as_millisecond();
        connection.execute("DELETE FROM exchanges WHERE at_ms < ?1", [oldest])?;
        let (sender, jobs) = sync_channel(WAITING_MAX);
        std::thread::Builder::new()
            .name("traffic".to_owned())
            .spawn(move || work(&Store::new(connection, &key), &jobs, keep))
            .map_err(TrafficError::Thread)?;
        Ok(Self(Some(sender)))
    }

    /// Whether anything is kept.
    #[must_use]
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Keeps a message. Never waits: where too many wait already, this one is not kept. Returns whether it will be.
    pub fn keep(&self, exchange: Exchange) -> bool {
        let Some(sender) = &self.0 else { return false };
        match sender.try_send(Job::Keep(Box::new(exchange))) {
            Ok(()) => true,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => false,
        }
    }

    /// Waits until what was kept before this call is in the file: for a program that is about to end.
    pub async fn settled(&self) {
        let nobody = Subject::Member(MemberId {
            issuer: String::new(),
            sub: String::new(),
        });
        self.of(nobody, Timestamp::MAX).await;
    }

    /// Returns what travelled about an order, in the order of time; what was kept before this call is among it.
    pub async fn of_order(&self, order: &OrderNo) -> Vec<Kept> {
        self.of(Subject::Order(order.clone(), None), Timestamp::MAX)
            .await
    }

    /// Returns what a member's last sign-in before a moment was: the way back from the provider, and the token.
    pub async fn sign_in_before(&self, member: &MemberId, before: Timestamp) -> Vec<Kept> {
        let mut all = self.of(Subject::Member(member.clone()), before).await;
        let last = all
            .iter()
            .rposition(|kept| kept.exchange.kind == Kind::SignIn);
        all.split_off(last.unwrap_or(all.len()))
    }

    async fn of(&self, subject: Subject, before: Timestamp) -> Vec<Kept> {
        let Some(sender) = self.0.clone() else {
            return Vec::new();
        };
        let (answer, asked) = oneshot::channel();
        // The queue may be full for a moment: waiting for it is done off the runtime's own threads.
        let sent = tokio::task::spawn_blocking(move || {
            sender.send(Job::Of(subject, before, answer)).is_ok()
        })
        .await;
        if !matches!(sent, Ok(true)) {
            return Vec::new();
        }
        asked.await.unwrap_or_default()
    }
}

/// Why nothing can be kept.
#[derive(Debug, thiserror::Error)]
pub enum TrafficError {
    /// The file.
    #[error("the file of what travelled cannot be opened")]
    File(#[from] rusqlite::Error),
    /// The thread.
    #[error("the thread that keeps what travelled cannot be started")]
    Thread(#[source] std::io::Error),
}

fn work(store: &Store, jobs: &Receiver<Job>, keep: SignedDuration) {
    let mut kept: u32 = 0;
    while let Ok(job) = jobs.recv() {
        match job {
            Job::Keep(exchange) => {
                let oldest = (exchange.at - keep).as_millisecond();
                if let Err(error) = store.write(&exchange) {
                    tracing::warn!(%error, "what travelled was not kept; orders and payments go on");
                }
                kept = kept.wrapping_add(1);
                // Now and then: deleting is cheap by then, and the file stays as large as what it keeps.
                if kept.is_multiple_of(1000)
                    && let Err(error) = store
                        .connection
                        .execute("DELETE FROM exchanges WHERE at_ms < ?1", [oldest])
                {
                    tracing::warn!(%error, "old traffic was not deleted");
                }
            }
            Job::Of(subject, before, answer) => {
                let found = store.read(&subject, before).unwrap_or_else(|error| {
                    tracing::warn!(%error, "what travelled cannot be read");
                    Vec::new()
                });
                // Nobody may be waiting any more.
                drop(answer.send(found));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn order() -> OrderNo {
        OrderNo::mint(jiff::civil::date(2026, 11, 23), [7; 10])
    }

    fn exchange(subject: Subject, kind: Kind, second: i64) -> Exchange {
        let at = Timestamp::from_second(1_800_000_000 + second).unwrap();
        Exchange {
            subject,
            kind,
            at,
            answered_at: at + SignedDuration::from_millis(3),
            path: "/payuni/notify".to_owned(),
            sent: b"EncryptInfo=61".to_vec(),
            answer: b"OK".to_vec(),
            verdict: "believed".to_owned(),
            outcome: "paid".to_owned(),
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_found_in_the_order_of_time() {
        let folder = tempfile::tempdir().unwrap();
        let (path, now) = (
            folder.path().join("traffic.db"),
            Timestamp::from_second(1_800_000_100).unwrap(),
        );
        let traffic = Traffic::open(&path, KEY, SignedDuration::from_hours(24), now).unwrap();
        let attempt = AttemptNo::of(&order(), 1).unwrap();
        let about = Subject::Order(order(), Some(attempt));
        for (kind, second) in [(Kind::Query, 9), (Kind::Notice, 5)] {
            assert!(traffic.keep(exchange(about.clone(), kind, second)));
        }
        let found = traffic.of_order(&order()).await;
        let kinds: Vec<Kind> = found.iter().map(|kept| kept.exchange.kind).collect();
        assert_eq!(kinds, [Kind::Notice, Kind::Query]);
        assert_eq!(found[0].exchange, exchange(about, Kind::Notice, 5));
        // In the file nobody reads them, nor with another key.
        let bytes = std::fs::read(path.with_extension("db-wal")).unwrap();
        assert!(!bytes.windows(11).any(|part| part == b"EncryptInfo"));
        let strange = Traffic::open(&path, [8; 32], SignedDuration::from_hours(24), now).unwrap();
        assert_eq!(strange.of_order(&order()).await, []);

        // Another day, and what was there is gone; another order never saw it.
        let later = now + SignedDuration::from_hours(48);
        let again = Traffic::open(&path, KEY, SignedDuration::from_hours(24), later).unwrap();
        assert_eq!(again.of_order(&order()).await, []);
    }

    #[tokio::test]
    async fn the_sign_in_before_the_order_is_the_one_that_counts() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let keep = SignedDuration::from_hours(24);
        let traffic = Traffic::open(&folder.path().join("traffic.db"), KEY, keep, now).unwrap();
        let member = MemberId {
            issuer: "https://accounts.google.com".to_owned(),
            sub: "1".to_owned(),
        };
        for second in [1, 20, 40] {
            traffic.keep(exchange(
                Subject::Member(member.clone()),
                Kind::SignIn,
                second,
            ));
        }
        let before = now + SignedDuration::from_secs(30);
        let found = traffic.sign_in_before(&member, before).await;
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].exchange.at, now + SignedDuration::from_secs(20));
        traffic.keep(exchange(Subject::Member(member.clone()), Kind::Token, 20));
        let found = traffic.sign_in_before(&member, before).await;
        let kinds: Vec<Kind> = found.iter().map(|kept| kept.exchange.kind).collect();
        assert_eq!(kinds, [Kind::SignIn, Kind::Token]);
        assert_eq!(Traffic::off().of_order(&order()).await, []);
    }

    #[tokio::test]
    async fn what_anybody_may_send_again_does_not_fill_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let keep = SignedDuration::from_hours(24);
        let traffic = Traffic::open(&folder.path().join("traffic.db"), KEY, keep, now).unwrap();
        let about = Subject::Order(order(), None);
        for second in 0..100 {
            let again = Exchange {
                sent: vec![b'a'; 60_000],
                verdict: "L3.direction".to_owned(),
                ..exchange(about.clone(), Kind::Notice, second)
            };
            assert!(traffic.keep(again));
        }
        // What came of its own accord crowds out nothing else.
        traffic.keep(exchange(about.clone(), Kind::Notice, 200));
        traffic.keep(exchange(about, Kind::Query, 201));
        let found = traffic.of_order(&order()).await;
        let of = |kind| found.iter().filter(move |kept| kept.exchange.kind == kind);
        assert_eq!((of(Kind::Notice).count(), of(Kind::Query).count()), (21, 1));
        assert!(
            found
                .iter()
                .all(|kept| kept.exchange.sent.len() <= 8 * 1024)
        );
    }
}
