//! The store that ships: one SQLite file in WAL mode, one writing thread, readers with connections of their own.

#[cfg(feature = "ablation")]
pub mod ablation;
mod actors;
mod books;
mod cases;
mod desk;
mod effects;
mod facts;
mod lists;
mod open;
mod persons;
mod refunds;
mod rows;
mod trail;
mod writer;

use crate::{
    Ask, ExceptionRow, FactRow, Lease, Ledger, LedgerError, ListOrders, Member, NewOrder, Origin,
    Outcome, PlaceError, Placed, Recorded, Row, SessionRow, SignInRow, Summary, Topic,
};
use async_trait::async_trait;
use jiff::Timestamp;
use open::store_error;
use orders::{
    AttemptNo, Book, Bound, Fact, How, MemberId, OrderNo, Parked, Status, TradeNo, Twd,
    fact::Ending,
};
use rusqlite::{Connection, OptionalExtension, params};
use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::broadcast;

type Result<T, E = LedgerError> = std::result::Result<T, E>;

/// How many idle reading connections are kept.
const READERS_MAX: usize = 4;
/// How many changes a slow listener may miss before it must look for itself.
const CHANGES_MAX: usize = 256;

/// The ledger in one SQLite file.
#[derive(Clone)]
pub struct SqliteLedger {
    writer: writer::Writer,
    readers: Arc<Readers>,
    changes: broadcast::Sender<OrderNo>,
}

struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
    /// The one connection of a ledger that works on its caller's thread.
    here: Option<Arc<Mutex<Connection>>>,
}

impl SqliteLedger {
    /// Opens the file, makes it where it is missing, and brings its schema up to date.
    pub fn open(path: &Path) -> Result<Self> {
        let writer = writer::Writer::start(open::writer(path)?)?;
        let readers = Arc::new(Readers {
            path: path.to_owned(),
            idle: Mutex::new(Vec::new()),
            here: None,
        });
        Ok(Self {
            writer,
            readers,
            changes: broadcast::channel(CHANGES_MAX).0,
        })
    }

    /// Opens a throw-away file in which some guards are switched off, for good.
    ///
    /// # Errors
    /// As [`Self::open`].
    #[cfg(feature = "ablation")]
    pub fn open_without(path: &Path, off: &[ablation::Guard]) -> Result<Self> {
        ablation::note(&open::writer_without(path, off)?, off)?;
        Self::open(path)
    }

    /// Opens the file like [`Self::open`], with one connection and no thread: each call is done when its future is first
    /// polled. The same SQL in the same transactions, but it blocks whoever polls; for simulations, not for servers.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_here(path: &Path) -> Result<Self> {
        let connection = open::writer(path)?;
        // It reads too, so it holds the statements of both.
        connection.set_prepared_statement_cache_capacity(256);
        let connection = Arc::new(Mutex::new(connection));
        Ok(Self {
            writer: writer::Writer::here(Arc::clone(&connection)),
            readers: Arc::new(Readers {
                path: path.to_owned(),
                idle: Mutex::new(Vec::new()),
                here: Some(connection),
            }),
            changes: broadcast::channel(CHANGES_MAX).0,
        })
    }

    async fn read<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T> + Send + 'static,
    {
        if let Some(here) = &self.readers.here {
            return look(&here.lock().unwrap_or_else(PoisonError::into_inner), work);
        }
        let readers = Arc::clone(&self.readers);
        let task = tokio::task::spawn_blocking(move || {
            let idle = readers
                .idle
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .pop();
            let connection = match idle {
                Some(connection) => connection,
                None => open::reader(&readers.path)?,
            };
            let result = look(&connection, work);
            let mut idle = readers.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < READERS_MAX {
                idle.push(connection);
            }
            result
        });
        task.await.unwrap_or(Err(LedgerError::Closed))
    }

    async fn fact_of(
        &self,
        no: OrderNo,
        fact: Fact,
        origin: Origin,
        now: Timestamp,
    ) -> Result<Recorded> {
        let order = no.clone();
        let recorded = self
            .writer
            .write(move |connection| facts::record(connection, &order, fact, &origin, now))
            .await?;
        self.announce(no, recorded.news);
        Ok(recorded)
    }

    fn announce(&self, no: OrderNo, news: bool) {
        if news {
            // Nobody listening is the usual case.
            drop(self.changes.send(no));
        }
    }
}

/// One snapshot for all that a read looks at.
fn look<T>(connection: &Connection, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
    connection
        .execute_batch("BEGIN DEFERRED")
        .map_err(store_error("begin to read"))?;
    let result = work(connection);
    connection
        .execute_batch("ROLLBACK")
        .map_err(store_error("end to read"))?;
    result
}

#[async_trait]
impl Ledger for SqliteLedger {
    async fn place(&self, new: NewOrder, now: Timestamp) -> Result<Placed, PlaceError> {
        let placed: Placed = self
            .writer
            .write(move |connection| books::place(connection, &new, now))
            .await?;
        self.announce(placed.book.order().no.clone(), true);
        Ok(placed)
    }

    async fn attempt_again(
        &self,
        order: &OrderNo,
        key: &str,
        first_ask_ms: i64,
        now: Timestamp,
    ) -> Result<Option<(Book, AttemptNo)>> {
        let (no, key) = (order.clone(), key.to_owned());
        let again = self
            .writer
            .write(move |connection| {
                let book = books::load(connection, no.as_str())?
                    .ok_or_else(|| LedgerError::NoOrder(no.to_string()))?;
                books::attempt_again(connection, book, &key, first_ask_ms, now)
            })
            .await?;
        self.announce(order.clone(), again.is_some());
        Ok(again)
    }

    async fn record(&self, bound: Bound, origin: Origin, now: Timestamp) -> Result<Recorded> {
        let fact = bound.into_fact();
        let no = fact
            .attempt()
            .map(|attempt| attempt.order().clone())
            .ok_or(LedgerError::Unreadable("fact"))?;
        self.fact_of(no, fact, origin, now).await
    }

    async fn record_return(&self, attempt: &AttemptNo, now: Timestamp) -> Result<Recorded> {
        let fact = Fact::Returned {
            attempt: attempt.clone(),
        };
        self.fact_of(attempt.order().clone(), fact, Origin::default(), now)
            .await
    }

    async fn record_refund(
        &self,
        attempt: &AttemptNo,
        trade: &TradeNo,
        total: Twd,
        now: Timestamp,
    ) -> Result<Recorded> {
        let fact = Fact::Refunded {
            attempt: attempt.clone(),
            trade_no: trade.clone(),
            total,
            how: How::Gateway,
        };
        self.fact_of(attempt.order().clone(), fact, Origin::default(), now)
            .await
    }

    async fn end(&self, order: &OrderNo, ending: Ending, now: Timestamp) -> Result<Recorded> {
        self.fact_of(order.clone(), Fact::Ended(ending), Origin::default(), now)
            .await
    }

    async fn deliver(
        &self,
        order: &OrderNo,
        trade: &TradeNo,
        lease: &Lease,
        now: Timestamp,
    ) -> Result<Recorded> {
        let (no, lease, fact) = (
            order.clone(),
            lease.clone(),
            Fact::Delivered {
                trade_no: trade.clone(),
            },
        );
        let recorded = self
            .writer
            .write(move |connection| {
                let recorded = facts::record(connection, &no, fact, &Origin::default(), now)?;
                effects::delivered(connection, no.as_str(), &lease)?;
                Ok::<_, LedgerError>(recorded)
            })
            .await?;
        self.announce(order.clone(), recorded.news);
        Ok(recorded)
    }

    async fn park(&self, parked: Parked, now: Timestamp) -> Result<bool> {
        self.writer
            .write(move |connection| facts::park(connection, &parked, now))
            .await
    }

    async fn book(&self, order: &OrderNo) -> Result<Option<Book>> {
        let no = order.clone();
        self.read(move |connection| books::load(connection, no.as_str()))
            .await
    }

    async fn list(&self, which: ListOrders) -> Result<Vec<Summary>> {
        self.read(move |connection| lists::orders(connection, &which))
            .await
    }

    async fn facts(&self, order: &OrderNo) -> Result<Vec<FactRow>> {
        let no = order.clone();
        self.read(move |connection| lists::facts(connection, &no))
            .await
    }

    async fn fact(&self, n: i64) -> Result<Option<(OrderNo, FactRow)>> {
        self.read(move |connection| lists::fact(connection, n))
            .await
    }

    async fn exceptions(&self, limit: u32) -> Result<Vec<ExceptionRow>> {
        self.read(move |connection| lists::exceptions(connection, limit))
            .await
    }

    async fn count_by_status(&self) -> Result<Vec<(Status, u64)>> {
        self.read(lists::count_by_status).await
    }

    async fn held_stock(&self) -> Result<Vec<(String, u64)>> {
        self.read(lists::held_stock).await
    }

    async fn due_asks(&self, now: Timestamp, limit: u32) -> Result<Vec<Ask>> {
        self.read(move |connection| lists::due_asks(connection, now, limit))
            .await
    }

    async fn schedule_ask(&self, ask: &Ask, next: Option<Timestamp>, denied: bool) -> Result<()> {
        let ask = ask.clone();
        self.writer
            .write(move |connection| lists::schedule_ask(connection, &ask, next, denied))
            .await
    }

    async fn ask_at(&self, attempt: &AttemptNo, at: Timestamp) -> Result<()> {
        let attempt = attempt.clone();
        self.writer
            .write(move |connection| lists::ask_at(connection, &attempt, at))
            .await
    }

    async fn ask_all(&self, now: Timestamp) -> Result<u32> {
        self.writer
            .write(move |connection| {
                connection
                    .execute(
                        "UPDATE attempts SET next_ask_ms = ?1 WHERE order_no IN
                         (SELECT order_no FROM orders WHERE status IN ('pending', 'awaiting_transfer', 'paid', 'review'))",
                        [now.as_millisecond()],
                    )
                    .map(|due| u32::try_from(due).unwrap_or(u32::MAX))
                    .map_err(store_error("schedule questions"))
            })
            .await
    }

    async fn lease(
        &self,
        topic: Topic,
        limit: u32,
        lease: &Lease,
        now: Timestamp,
    ) -> Result<Vec<Row>> {
        // Reading first keeps an idle outbox from committing once a second.
        if self.backlog(topic).await?.0 == 0 {
            return Ok(Vec::new());
        }
        #[cfg(feature = "crash-points")]
        if topic == Topic::Deliver {
            crash_points::at("K10");
        }
        let lease = lease.clone();
        self.writer
            .write(move |connection| effects::lease(connection, topic, limit, &lease, now))
            .await
    }

    async fn settle(&self, rows: &[i64], lease: &Lease, outcome: &Outcome) -> Result<u32> {
        let (rows, lease, outcome) = (rows.to_vec(), lease.clone(), outcome.clone());
        self.writer
            .write(move |connection| effects::settle(connection, &rows, &lease, &outcome))
            .await
    }

    async fn backlog(&self, topic: Topic) -> Result<(u64, u64)> {
        self.read(move |connection| effects::backlog(connection, topic))
            .await
    }

    async fn write_again(&self, topic: Topic, aggregate: &str, now: Timestamp) -> Result<()> {
        let aggregate = aggregate.to_owned();
        self.writer
            .write(move |connection| effects::write_again(connection, topic, &aggregate, now))
            .await
    }

    async fn refill(&self, topic: Topic, now: Timestamp) -> Result<u64> {
        self.writer
            .write(move |connection| effects::refill(connection, topic, now))
            .await
    }

    async fn save_member(&self, member: Member, now: Timestamp) -> Result<()> {
        self.writer
            .write(move |connection| persons::save(connection, &member, now))
            .await
    }

    async fn member(&self, id: &MemberId) -> Result<Option<Member>> {
        let id = id.clone();
        self.read(move |connection| persons::load(connection, &id))
            .await
    }

    async fn start_session(&self, session: SessionRow, replaces: Option<String>) -> Result<()> {
        self.writer
            .write(move |connection| {
                persons::start_session(connection, &session, replaces.as_deref())
            })
            .await
    }

    async fn session(&self, id_hash: &str) -> Result<Option<(SessionRow, Member)>> {
        let id_hash = id_hash.to_owned();
        self.read(move |connection| persons::session(connection, &id_hash))
            .await
    }

    async fn touch_session(&self, id_hash: &str, now: Timestamp) -> Result<()> {
        let id_hash = id_hash.to_owned();
        self.writer
            .write(move |connection| persons::touch_session(connection, &id_hash, now))
            .await
    }

    async fn end_session(&self, id_hash: &str) -> Result<()> {
        let id_hash = id_hash.to_owned();
        self.writer
            .write(move |connection| persons::end_session(connection, &id_hash))
            .await
    }

    async fn begin_sign_in(&self, row: SignInRow) -> Result<()> {
        self.writer
            .write(move |connection| persons::begin_sign_in(connection, &row))
            .await
    }

    async fn take_sign_in(&self, id_hash: &str) -> Result<Option<SignInRow>> {
        let id_hash = id_hash.to_owned();
        self.writer
            .write(move |connection| persons::take_sign_in(connection, &id_hash))
            .await
    }

    async fn sweep(&self, now: Timestamp) -> Result<()> {
        self.writer
            .write(move |connection| persons::sweep(connection, now))
            .await
    }

    async fn note(&self, name: &str, body: String, now: Timestamp) -> Result<()> {
        let name = name.to_owned();
        self.writer
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO notes (name, body, written_at_ms) VALUES (?1, ?2, ?3)
                         ON CONFLICT (name) DO UPDATE SET body = excluded.body, written_at_ms = excluded.written_at_ms",
                    )
                    .and_then(|mut statement| statement.execute(params![name, body, now.as_millisecond()]))
                    .map(|_| ())
                    .map_err(store_error("keep a note"))
            })
            .await
    }

    async fn noted(&self, name: &str) -> Result<Option<(String, Timestamp)>> {
        let name = name.to_owned();
        self.read(move |connection| {
            let found = connection
                .prepare_cached("SELECT body, written_at_ms FROM notes WHERE name = ?1")
                .and_then(|mut statement| {
                    statement
                        .query_row([name], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))
                        .optional()
                })
                .map_err(store_error("read a note"))?;
            found
                .map(|(body, at)| Ok((body, books::time(at)?)))
                .transpose()
        })
        .await
    }

    fn changes(&self) -> broadcast::Receiver<OrderNo> {
        self.changes.subscribe()
    }
}
