//! The shop of a simulation: the real functions of `crates/shop` over the real SQLite ledger, with a clock set by hand, a
//! wire that is simulated, and dice that are handed in. Put together once; each seed gets a new ledger file.

use crate::{
    faults::Fault,
    grid::SimulatedSheet,
    profile::{Profile, Rates},
    rng::Rng,
    seal::{MERCHANT, OURS},
    shared::{Shared, Town},
    store::GatedLedger,
    wire::SimulatedWire,
};
use anyhow::Context;
use async_trait::async_trait;
use google::tables::Tables;
use jiff::Timestamp;
use ledger::{Ledger, Member, SessionRow, SqliteLedger, desk::ADMIN_NOTE};
use orders::{MemberId, Order, ProductId, book::Confirmed};
use shop::{
    App, Clock,
    app::Parts,
    clock::Hand,
    entropy::Entropy,
    fulfilment::{Fulfilment, FulfilmentError},
    jobs::sheet::Desk,
    settings::{LatePayments, Mode, Product, Settings},
};
use std::{
    future::Future,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context as TaskContext, Poll, Waker},
};

/// When every seed's world begins: 2026-03-02 09:00 in Taipei.
pub const BEGIN_MS: i64 = 1_772_413_200_000;
/// The members: two who may act in the back office, then buyers.
pub const MEMBERS: usize = 6;
/// Prices by product, as each world begins.
pub const PRICES: [u32; 3] = [350, 680, 1200];
/// Refunds above this need a second person.
pub const TWO_PERSONS_ABOVE: u32 = 1500;

/// The shop, twice, and what it stands on.
pub struct Office {
    shops: Mutex<[(Arc<App>, Hand); 2]>,
    /// Their ledger.
    pub ledger: Arc<GatedLedger>,
    /// The town around them.
    pub shared: Shared,
    /// What the present seed's shop does with late money.
    late: Mutex<LatePayments>,
    folder: tempfile::TempDir,
    template: PathBuf,
}

/// The addresses of those who may act.
#[must_use]
pub fn admins() -> Vec<String> {
    vec![address(0), address(1)]
}

fn address(index: usize) -> String {
    format!("member{index}@example.tw")
}

/// A member.
#[must_use]
pub fn member(index: usize) -> MemberId {
    MemberId {
        issuer: "https://accounts.google.com".to_owned(),
        sub: format!("10{index}"),
    }
}

struct Counter(Shared);

#[async_trait]
impl Fulfilment for Counter {
    async fn deliver(
        &self,
        key: &str,
        order: &Order,
        payment: &Confirmed,
    ) -> Result<(), FulfilmentError> {
        // Handing over takes a while, and the world goes on meanwhile.
        let ready = {
            let mut town = self.0.town();
            let slow = town.rates.slow;
            let wait = if town.rng.chance(slow) { 20_000 } else { 0 };
            town.now + town.rng.between(0, wait)
        };
        self.0.until(ready).await;
        let mut town = self.0.town();
        town.events += 1;
        let rate = town.rates.delivery;
        if town.rng.chance(rate) {
            town.fire(Fault::F50Poison);
            return Err(FulfilmentError("simulated".to_owned()));
        }
        let trade = payment.payment().trade_no.to_string();
        let truth = town.bank.trades.get(&trade).map(|known| known.amount);
        if truth != Some(order.amount.dollars()) {
            town.accuse(
                "I06",
                format!("{key} handed over for {trade}, which the gateway has as {truth:?}"),
            );
        }
        let handed = town.handed.entry(key.to_owned()).or_default();
        handed.0 += 1;
        handed.1 = trade;
        Ok(())
    }
}

/// Runs a future that needs nobody else to end.
///
/// # Errors
/// It waits for something.
pub fn at_once<T>(future: impl Future<Output = T>) -> anyhow::Result<T> {
    let mut future = std::pin::pin!(future);
    match future
        .as_mut()
        .poll(&mut TaskContext::from_waker(Waker::noop()))
    {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => anyhow::bail!("it waits for something"),
    }
}

/// A moment from milliseconds.
#[must_use]
pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_millisecond(ms).unwrap_or(Timestamp::UNIX_EPOCH)
}

impl Office {
    /// Puts the shop together.
    ///
    /// # Errors
    /// Settings, files.
    pub fn open() -> anyhow::Result<Self> {
        // Memory, where the system has a folder in it: the proof is about order and loss, not about the disk's speed.
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() {
            tempfile::tempdir_in(memory)?
        } else {
            tempfile::tempdir()?
        };
        let shared = Shared::new(Rng::new(0), BEGIN_MS, Rates::default());
        let ledger = Arc::new(GatedLedger::new(shared.clone()));
        let late = Mutex::new(LatePayments::Review);
        let shops = Mutex::new(shops(
            &shared,
            &ledger,
            folder.path(),
            LatePayments::Review,
        )?);
        let template = folder.path().join("template.sqlite");
        prepare(&template)?;
        Ok(Self {
            shops,
            ledger,
            shared,
            late,
            folder,
            template,
        })
    }

    /// The shop, or the second instance of it.
    #[must_use]
    pub fn app(&self, instance: usize) -> Arc<App> {
        Arc::clone(&self.lock()[instance].0)
    }

    fn lock(&self) -> MutexGuard<'_, [(Arc<App>, Hand); 2]> {
        self.shops.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts both instances together anew, as processes that start: they remember nothing.
    ///
    /// # Errors
    /// Settings.
    pub fn restart(&self) -> anyhow::Result<()> {
        let late = *self.late.lock().unwrap_or_else(PoisonError::into_inner);
        *self.lock() = shops(&self.shared, &self.ledger, self.folder.path(), late)?;
        Ok(())
    }

    /// Begins another seed's world with a fresh ledger file. Returns the file.
    ///
    /// # Errors
    /// Files.
    pub fn begin(&self, rng: Rng, profile: &Profile) -> anyhow::Result<PathBuf> {
        self.ledger.close();
        *self.shared.town() = Town::new(rng, BEGIN_MS, profile.rates);
        *self.late.lock().unwrap_or_else(PoisonError::into_inner) = if profile.takes_late {
            LatePayments::Accept
        } else {
            LatePayments::Review
        };
        let path = self.folder.path().join("ledger.sqlite");
        for end in ["", "-wal", "-shm"] {
            let file = self.folder.path().join(format!("ledger.sqlite{end}"));
            if file.exists() {
                std::fs::remove_file(file)?;
            }
        }
        std::fs::copy(&self.template, &path).context("the template")?;
        self.restart()?;
        self.set_clock(BEGIN_MS, 0, 0);
        self.ledger.open(&path)?;
        let eye = rusqlite::Connection::open_with_flags(
            &path,
            rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX,
        )?;
        eye.set_prepared_statement_cache_capacity(64);
        self.shared.town().eye = Some(eye);
        Ok(path)
    }

    /// Sets both instances' clocks.
    pub fn set_clock(&self, now: i64, skew: i64, apart: i64) {
        let shops = self.lock();
        shops[0].1.set(at(now + skew));
        shops[1].1.set(at(now + skew + apart));
    }

    /// A sheet's tables and what its job remembers, as a process has them that has just started.
    #[must_use]
    pub fn desk(&self, sheet: &SimulatedSheet) -> (Tables<SimulatedSheet>, Desk) {
        (Tables::new(sheet.clone()), Desk::default())
    }
}

/// The id of a product.
#[must_use]
pub fn product_id(product: usize) -> Option<ProductId> {
    format!("product-{product}").parse().ok()
}

/// How many there are of a product: of the last one few.
#[must_use]
pub fn stock_of(product: usize) -> Option<u32> {
    (product + 1 == PRICES.len()).then_some(3)
}

/// What the shop's shelf holds, for the rule that takes late money by itself.
fn shelf() -> Vec<Product> {
    let product = |(at, price): (usize, &u32)| Product {
        id: format!("product-{at}"),
        name: format!("商品{at}"),
        description: String::new(),
        price: *price,
        image: String::new(),
        stock: stock_of(at).unwrap_or(u32::MAX),
        active: true,
    };
    PRICES.iter().enumerate().map(product).collect()
}

fn shops(
    shared: &Shared,
    ledger: &Arc<GatedLedger>,
    folder: &Path,
    late: LatePayments,
) -> anyhow::Result<[(Arc<App>, Hand); 2]> {
    let one = || app(shared, ledger, folder, late);
    Ok([one()?, one()?])
}

fn app(
    shared: &Shared,
    ledger: &Arc<GatedLedger>,
    folder: &Path,
    late: LatePayments,
) -> anyhow::Result<(Arc<App>, Hand)> {
    let (key, iv) = OURS.texts();
    let look = |name: &str| match name {
        "PAYUNI_MERCHANT_ID" => Some(MERCHANT.to_owned()),
        "PAYUNI_HASH_KEY" => Some(key.clone()),
        "PAYUNI_HASH_IV" => Some(iv.clone()),
        "ADMIN_EMAILS" => Some(admins().join(",")),
        _ => None,
    };
    let mut settings = Settings::from_env(Mode::Demo, &look, folder)?;
    settings.shop.refunds.two_persons_above = TWO_PERSONS_ABOVE;
    settings.shop.late = late;
    settings.shop.products = shelf();
    // That limit goes by the machine's own clock, which has no part in a history that one number decides.
    settings.shop.limits.checkout_per_minute = u32::MAX;
    let (clock, hand) = Clock::by_hand(at(BEGIN_MS));
    let dice = shared.clone();
    let parts = Parts {
        clock,
        entropy: Entropy::from_source(move |bytes| dice.town().rng.fill(bytes)),
        wire: Some(Arc::new(SimulatedWire(shared.clone()))),
        fulfilment: Some(Arc::new(Counter(shared.clone()))),
        ..Parts::default()
    };
    let ledger: Arc<dyn Ledger> = Arc::clone(ledger) as Arc<dyn Ledger>;
    Ok((App::new(settings, ledger, parts)?, hand))
}

/// Writes the ledger that every seed starts with: its schema and its members.
fn prepare(path: &Path) -> anyhow::Result<()> {
    let ledger = SqliteLedger::open_here(path)?;
    let now = at(BEGIN_MS - 3_600_000);
    for index in 0..MEMBERS {
        let id = member(index);
        let known = Member {
            id: id.clone(),
            email: Some(address(index)),
            email_verified: true,
            name: Some(format!("會員{index}")),
            picture: None,
        };
        at_once(ledger.save_member(known, now))??;
        let session = SessionRow {
            id_hash: format!("session{index}"),
            member: id.clone(),
            signed_in: now,
            seen: now,
            expires: at(BEGIN_MS + 400 * 86_400_000),
        };
        at_once(ledger.start_session(session, None))??;
        if index < 2 {
            let name = format!("{ADMIN_NOTE}{}", address(index));
            at_once(ledger.note(&name, id.to_string(), now))??;
        }
    }
    drop(ledger);
    // Whatever stands in the log goes into the file, which is copied alone.
    let whole = rusqlite::Connection::open(path)?;
    whole.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}
