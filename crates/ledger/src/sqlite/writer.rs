//! One thread writes. It commits whatever waits in one transaction and answers each only after the disk has it.

use super::open::store_error;
use crate::LedgerError;
use rusqlite::{Connection, TransactionBehavior};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
};
use tokio::sync::oneshot;

/// How many writes share a commit at most, so that none waits long behind the others.
const BATCH_MAX: usize = 256;

/// Tells the waiter how it ended: `Ok` after the commit, or why there was none.
type Answer = Box<dyn FnOnce(Result<(), LedgerError>) + Send>;
/// Works on the open transaction and returns how to answer; without a transaction there is only the answer.
type Job = Box<dyn FnOnce(Option<&Connection>) -> Answer + Send>;

/// The way to the writing connection.
#[derive(Clone)]
pub(super) struct Writer(Way);

#[derive(Clone)]
enum Way {
    /// A thread of its own, which commits what waits together.
    Thread(mpsc::SyncSender<Job>),
    /// The caller's own thread, one commit for each write.
    Here(Arc<Mutex<Connection>>),
}

impl Writer {
    /// Starts the thread. It ends when the last [`Writer`] is dropped.
    pub(super) fn start(connection: Connection) -> Result<Self, LedgerError> {
        let (jobs, waiting) = mpsc::sync_channel(4 * BATCH_MAX);
        thread::Builder::new()
            .name("ledger".to_owned())
            .spawn(move || run(connection, &waiting))
            .map_err(|error| LedgerError::Store {
                what: "start its writer",
                source: Box::new(error),
            })?;
        Ok(Self(Way::Thread(jobs)))
    }

    /// Writes on the caller's thread, and is done when [`Self::write`] returns for the first time.
    pub(super) fn here(connection: Arc<Mutex<Connection>>) -> Self {
        Self(Way::Here(connection))
    }

    /// Runs `work` inside the next commit. What it writes is undone where it fails.
    pub(super) async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<LedgerError> + Send + 'static,
        F: FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let mut job: Job = Box::new(move |connection| {
            let result = connection.map(|connection| savepoint(connection, work));
            Box::new(move |committed| {
                let result = match (result, committed) {
                    (Some(Err(error)), _) => Err(error),
                    (_, Err(error)) => Err(E::from(error)),
                    (Some(Ok(value)), Ok(())) => Ok(value),
                    (None, Ok(())) => Err(E::from(LedgerError::Closed)),
                };
                // Where nobody waits any more the write stands all the same.
                drop(answer.send(result));
            })
        });
        match &self.0 {
            Way::Thread(jobs) => loop {
                match jobs.try_send(job) {
                    Ok(()) => break,
                    Err(mpsc::TrySendError::Full(back)) => {
                        job = back;
                        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                    }
                    Err(mpsc::TrySendError::Disconnected(_)) => {
                        return Err(E::from(LedgerError::Closed));
                    }
                }
            },
            Way::Here(connection) => {
                let (_, nothing_waits) = mpsc::sync_channel(0);
                let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
                serve(&mut connection, job, &nothing_waits);
            }
        }
        answered
            .await
            .unwrap_or_else(|_| Err(E::from(LedgerError::Closed)))
    }
}

fn run(mut connection: Connection, waiting: &mpsc::Receiver<Job>) {
    while let Ok(first) = waiting.recv() {
        serve(&mut connection, first, waiting);
    }
}

/// Commits the first write with whatever waits behind it, and answers each.
fn serve(connection: &mut Connection, first: Job, waiting: &mpsc::Receiver<Job>) {
    let mut answers = Vec::new();
    let committed = commit(connection, first, waiting, &mut answers);
    let failure = committed.err().map(|error| error.to_string());
    for answer in answers {
        answer(match &failure {
            None => Ok(()),
            Some(text) => Err(LedgerError::Store {
                what: "commit",
                source: text.clone().into(),
            }),
        });
    }
}

fn commit(
    connection: &mut Connection,
    first: Job,
    waiting: &mpsc::Receiver<Job>,
    answers: &mut Vec<Answer>,
) -> rusqlite::Result<()> {
    // Immediate: a deferred transaction that turns into a write fails at once where another wrote in between.
    let transaction = match connection.transaction_with_behavior(TransactionBehavior::Immediate) {
        Ok(transaction) => transaction,
        Err(error) => {
            answers.push(first(None));
            return Err(error);
        }
    };
    answers.push(first(Some(&transaction)));
    while answers.len() < BATCH_MAX {
        let Ok(job) = waiting.try_recv() else { break };
        answers.push(job(Some(&transaction)));
    }
    #[cfg(feature = "crash-points")]
    crash_points::at("K06");
    transaction.commit()
}

fn savepoint<T, E, F>(connection: &Connection, work: F) -> Result<T, E>
where
    E: From<LedgerError>,
    F: FnOnce(&Connection) -> Result<T, E>,
{
    let step = |sql: &'static str, what| {
        connection
            .execute_batch(sql)
            .map_err(store_error(what))
            .map_err(E::from)
    };
    step("SAVEPOINT job", "begin a write")?;
    let worked = catch_unwind(AssertUnwindSafe(|| work(connection))).unwrap_or_else(|_| {
        let source = "the write panicked".into();
        Err(E::from(LedgerError::Store {
            what: "write",
            source,
        }))
    });
    match worked {
        Ok(value) => step("RELEASE job", "end a write").map(|()| value),
        Err(error) => {
            step("ROLLBACK TO job; RELEASE job", "undo a write")?;
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_could_not_be_committed_is_not_answered() {
        let connection = Connection::open_in_memory().unwrap();
        // A constraint that is looked at only by the commit: every step before it succeeds.
        connection
            .execute_batch(
                "PRAGMA foreign_keys = true; CREATE TABLE parents (n INTEGER PRIMARY KEY);
                 CREATE TABLE children (of INTEGER REFERENCES parents (n) DEFERRABLE INITIALLY DEFERRED);",
            )
            .unwrap();
        let writer = Writer::start(connection).unwrap();
        let insert = |sql: &'static str| {
            let writer = writer.clone();
            async move {
                writer
                    .write(move |connection| {
                        connection.execute(sql, []).map_err(store_error("insert"))
                    })
                    .await
            }
        };
        let orphan: Result<usize, LedgerError> = insert("INSERT INTO children VALUES (1)").await;
        assert!(
            matches!(orphan, Err(LedgerError::Store { what: "commit", .. })),
            "{orphan:?}"
        );
        // The next one finds the file as if nothing had been.
        assert_eq!(insert("INSERT INTO parents VALUES (1)").await.unwrap(), 1);
        assert_eq!(insert("INSERT INTO children VALUES (1)").await.unwrap(), 1);
    }
}
