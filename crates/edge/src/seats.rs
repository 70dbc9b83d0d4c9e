use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

/// What a connection is doing, in the order in which it gives way when the house is full.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    /// No request, or an unfinished header.
    Idle,
    /// A body is coming in.
    Receiving,
    /// We are answering; such a connection never gives way.
    Working,
}

/// How full the house is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Load {
    /// Open connections.
    pub connections: usize,
    /// Open answers of `text/event-stream`.
    pub streams: usize,
    /// Connections since the start that had to give way to others.
    pub gave_way: u64,
}

/// Tells the load of the server that it was handed to. Clones look at the same server.
#[derive(Debug, Clone, Default)]
pub struct LoadGauge(Arc<OnceLock<Arc<Seats>>>);

impl LoadGauge {
    /// The load now; nothing before the server started.
    #[must_use]
    pub fn read(&self) -> Load {
        self.0.get().map(|seats| seats.load()).unwrap_or_default()
    }

    /// Looks at these seats from now on. The first server wins where one gauge is handed to two.
    pub(crate) fn look_at(&self, seats: &Arc<Seats>) {
        self.0.get_or_init(|| Arc::clone(seats));
    }
}

/// All connections, bounded in number.
#[derive(Debug)]
pub(crate) struct Seats {
    permits: Arc<Semaphore>,
    streams: Arc<Semaphore>,
    leaving: Mutex<BTreeMap<(Stage, u64), Arc<Notify>>>,
    next: AtomicU64,
    most: usize,
    most_streams: usize,
    evicted: AtomicU64,
}

impl Seats {
    pub(crate) fn new(most: usize, most_streams: usize) -> Self {
        Self {
            permits: Arc::new(Semaphore::new(most)),
            streams: Arc::new(Semaphore::new(most_streams)),
            leaving: Mutex::default(),
            next: AtomicU64::new(0),
            most,
            most_streams,
            evicted: AtomicU64::new(0),
        }
    }

    pub(crate) fn permits(&self) -> Arc<Semaphore> {
        Arc::clone(&self.permits)
    }

    /// A place for an answer that stays open, where there is one.
    pub(crate) fn stream(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.streams).try_acquire_owned().ok()
    }

    fn load(&self) -> Load {
        Load {
            connections: self.most.saturating_sub(self.permits.available_permits()),
            streams: self
                .most_streams
                .saturating_sub(self.streams.available_permits()),
            gave_way: self.evicted.load(Ordering::Relaxed),
        }
    }

    /// Asks the connection that has been idle longest to leave; where none is, the one that has been sending its body
    /// longest. Says whether there was one.
    pub(crate) fn make_room(&self) -> bool {
        let oldest = self
            .leaving
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .pop_first();
        let Some((_, leave)) = oldest else {
            return false;
        };
        leave.notify_one();
        self.evicted.fetch_add(1, Ordering::Relaxed);
        true
    }
}

/// One connection's place.
pub(crate) struct Seat {
    seats: Arc<Seats>,
    leave: Arc<Notify>,
    row: Mutex<Option<(Stage, u64)>>,
    _permit: OwnedSemaphorePermit,
}

impl Seat {
    pub(crate) fn take(seats: &Arc<Seats>, permit: OwnedSemaphorePermit) -> Arc<Self> {
        let seat = Arc::new(Self {
            seats: Arc::clone(seats),
            leave: Arc::default(),
            row: Mutex::new(None),
            _permit: permit,
        });
        seat.now(Stage::Idle);
        seat
    }

    /// Resolves when the connection has to give way.
    pub(crate) async fn has_to_leave(&self) {
        self.leave.notified().await;
    }

    pub(crate) fn is_working(&self) -> bool {
        self.row
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_none()
    }

    pub(crate) fn now(&self, stage: Stage) {
        let mut row = self.row.lock().unwrap_or_else(PoisonError::into_inner);
        let mut leaving = self
            .seats
            .leaving
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(before) = row.take() {
            leaving.remove(&before);
        }
        if stage != Stage::Working {
            let key = (stage, self.seats.next.fetch_add(1, Ordering::Relaxed));
            leaving.insert(key, Arc::clone(&self.leave));
            *row = Some(key);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.now(Stage::Working);
    }
}
