//! The running sandbox: its settings, its desk behind one lock, and the bells that wake its tasks.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::books::{Books, Desk};
use crate::clock::wall;
use crate::settings::{Merchant, Settings};
use crate::switches::Switches;

pub(crate) struct World {
    pub(crate) public_url: String,
    pub(crate) merchants: Vec<Arc<Merchant>>,
    pub(crate) initial: Switches,
    pub(crate) state_file: Option<PathBuf>,
    pub(crate) http: reqwest::Client,
    /// Rings when something may be due.
    pub(crate) due: Notify,
    /// Rings when the books changed.
    pub(crate) changed: Notify,
    /// One writer of the state file at a time.
    pub(crate) writing: Mutex<()>,
    desk: Mutex<Desk>,
}

impl World {
    pub(crate) fn new(settings: Settings, books: Books, http: reqwest::Client) -> Self {
        let mut desk = Desk::new(books, settings.seed);
        desk.resume(desk.books.clock.at(wall()));
        Self {
            public_url: settings.public_url.trim_end_matches('/').to_owned(),
            merchants: settings.merchants.into_iter().map(Arc::new).collect(),
            initial: settings.switches,
            state_file: settings.state_file,
            http,
            due: Notify::new(),
            changed: Notify::new(),
            writing: Mutex::new(()),
            desk: Mutex::new(desk),
        }
    }

    /// Looks at the desk; nothing is to be changed.
    pub(crate) fn look<T>(&self, f: impl FnOnce(&Desk, i64) -> T) -> T {
        let desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let now = desk.books.clock.at(wall());
        f(&desk, now)
    }

    /// Works at the desk, then wakes who waits for changes. The second argument is sandbox time.
    pub(crate) fn work<T>(&self, f: impl FnOnce(&mut Desk, i64) -> T) -> T {
        let mut desk = self.desk.lock().unwrap_or_else(PoisonError::into_inner);
        let now = desk.books.clock.at(wall());
        let out = f(&mut desk, now);
        drop(desk);
        self.due.notify_one();
        self.changed.notify_one();
        out
    }

    pub(crate) fn merchant(&self, mer_id: &str) -> Option<Arc<Merchant>> {
        self.merchants.iter().find(|m| m.mer_id == mer_id).cloned()
    }
}
