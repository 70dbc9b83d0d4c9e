//! Everything the sandbox remembers, behind one lock that is never held across an await.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use tokio::sync::watch;

use crate::clock::{Clock, Millis};
use crate::faults::Faults;
use crate::gate::LogEntry;
use crate::keys::{Keyring, PublicKey, b64};
use crate::quota::Quotas;
use crate::settings::{SERVICE_ACCOUNT_EMAIL, SHEET_ID, Settings};
use crate::sheets::{Book, Role};
use crate::signin::AuthCode;
use crate::store::{self, Kept, Saver};
use crate::tokens::{Grant, Refresh};
use crate::turnstile::Challenge;

/// How many requests the log keeps.
const LOG_LENGTH: usize = 5000;

/// The sandbox as its handlers see it.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) keys: Keyring,
    pub(crate) saver: Saver,
    pub(crate) stop: watch::Sender<bool>,
    state: Mutex<State>,
}

/// What changes.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) rng: StdRng,
    pub(crate) generation: u64,
    pub(crate) books: BTreeMap<String, Book>,
    pub(crate) codes: HashMap<String, AuthCode>,
    pub(crate) access: BTreeMap<String, Grant>,
    pub(crate) refresh: BTreeMap<String, Refresh>,
    pub(crate) service_accounts: HashMap<String, Vec<PublicKey>>,
    pub(crate) faults: Faults,
    pub(crate) quotas: Quotas,
    pub(crate) challenges: HashMap<String, Challenge>,
    pub(crate) log: VecDeque<LogEntry>,
    pub(crate) logged: u64,
}

impl World {
    /// Loads what was kept, or starts anew.
    pub(crate) fn open(settings: Settings) -> io::Result<Self> {
        let kept = match &settings.state_file {
            Some(path) => store::load(path)?,
            None => None,
        };
        let keys = Keyring::new(kept.as_ref().map(Kept::signing_keys).unwrap_or_default());
        let mut state = State::fresh(&settings);
        if let Some(kept) = kept {
            // Another generation, other tokens: a restart must not hand out the same ones again.
            state.generation = kept.generation.wrapping_add(1);
            state.rng = StdRng::seed_from_u64(settings.seed.wrapping_add(state.generation));
            state.clock = kept.clock;
            state.books = kept.books;
            state.access = kept.access;
            state.refresh = kept.refresh;
        }
        let saver = Saver::new(settings.state_file.is_some());
        Ok(Self {
            settings,
            keys,
            saver,
            stop: watch::Sender::new(false),
            state: Mutex::new(state),
        })
    }

    /// The state, locked. A panic elsewhere does not lock everybody out.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Back to a new spreadsheet, real time and no faults. Keys and service accounts stay.
    pub(crate) fn reset(&self, seed: Option<u64>) {
        let mut state = self.lock();
        let mut fresh = State::fresh(&self.settings);
        fresh.generation = state.generation.wrapping_add(1);
        fresh.rng = StdRng::seed_from_u64(seed.unwrap_or(self.settings.seed));
        fresh.service_accounts = std::mem::take(&mut state.service_accounts);
        *state = fresh;
        drop(state);
        self.saver.touch();
    }

    /// Writes the state file now. Nothing to do where there is none.
    pub(crate) fn write(&self) -> io::Result<()> {
        let Some(path) = &self.settings.state_file else {
            return Ok(());
        };
        let keys = self
            .keys
            .current()
            .iter()
            .filter_map(|k| k.pkcs8())
            .map(|der| STANDARD.encode(der))
            .collect();
        let state = self.lock();
        let kept = Kept {
            generation: state.generation,
            clock: state.clock,
            keys,
            books: state.books.clone(),
            access: state.access.clone(),
            refresh: state.refresh.clone(),
        };
        drop(state);
        store::replace(path, &serde_json::to_vec(&kept)?)
    }

    /// Waits `ms`, or until the sandbox stops.
    pub(crate) async fn pause(&self, ms: u64) {
        let mut stop = self.stop.subscribe();
        tokio::select! {
            () = tokio::time::sleep(std::time::Duration::from_millis(ms)) => {}
            _ = stop.wait_for(|stopped| *stopped) => {}
        }
    }
}

impl State {
    fn fresh(settings: &Settings) -> Self {
        let clock = Clock::real();
        let mut book = Book::new(
            SHEET_ID,
            "島嶼選物訂單簿",
            settings.owner_email(),
            clock.now(),
        );
        book.share(SERVICE_ACCOUNT_EMAIL, Role::Writer);
        Self {
            clock,
            rng: StdRng::seed_from_u64(settings.seed),
            generation: 0,
            books: BTreeMap::from([(book.id.clone(), book)]),
            codes: HashMap::new(),
            access: BTreeMap::new(),
            refresh: BTreeMap::new(),
            service_accounts: HashMap::new(),
            faults: Faults::default(),
            quotas: Quotas::default(),
            challenges: HashMap::new(),
            log: VecDeque::new(),
            logged: 0,
        }
    }

    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    /// `bytes` random bytes, as base64url.
    pub(crate) fn random(&mut self, bytes: usize) -> String {
        let mut buffer = vec![0; bytes];
        self.rng.fill_bytes(&mut buffer);
        b64(&buffer)
    }

    pub(crate) fn record(&mut self, mut entry: LogEntry) {
        self.logged += 1;
        entry.n = self.logged;
        if self.log.len() >= LOG_LENGTH {
            self.log.pop_front();
        }
        self.log.push_back(entry);
    }
}
