//! A running shop: its ledger, its jobs, its listener.

use anyhow::Context;
use edge::{Gate, serve};
use jiff::Timestamp;
use ledger::{Ledger, SqliteLedger, Traffic};
use shop::{App, app::Parts, jobs, router::router, settings::Settings};
use std::{net::SocketAddr, sync::Arc};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// A shop that serves requests. Dropped, it stops at once; [`Shop::stop`] lets requests in flight finish.
pub struct Shop {
    /// Where it listens.
    pub addr: SocketAddr,
    /// The shop itself.
    pub app: Arc<App>,
    close: Option<oneshot::Sender<()>>,
    server: JoinHandle<std::io::Result<()>>,
    jobs: Option<tokio::task::JoinSet<()>>,
}

/// Opens the ledger that the settings name, and its folder.
///
/// # Errors
/// The folder or file cannot be made or opened.
pub fn open_ledger(database: &shop::settings::Database) -> anyhow::Result<Arc<dyn Ledger>> {
    let shop::settings::Database::Sqlite(path) = database;
    if let Some(folder) = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        shop::settings::make_private(folder)
            .with_context(|| format!("建不了帳本的資料夾 {}", folder.display()))?;
    }
    let ledger =
        SqliteLedger::open(path).with_context(|| format!("打不開帳本 {}", path.display()))?;
    Ok(Arc::new(ledger))
}

/// Opens the file of what travelled, beside the ledger's; none where the settings keep nothing.
///
/// # Errors
/// The file cannot be opened.
pub fn open_traffic(settings: &Settings, now: Timestamp) -> anyhow::Result<Traffic> {
    let shop::settings::Database::Sqlite(ledger) = &settings.database;
    let Some(keep) = settings.shop.explorer.keep() else {
        return Ok(Traffic::off());
    };
    let Some(key) = shop::session::traffic_key(settings) else {
        return Ok(Traffic::off());
    };
    let path = ledger.with_extension("traffic.db");
    Traffic::open(&path, key, keep, now)
        .with_context(|| format!("打不開往來訊息的檔案 {}", path.display()))
}

impl Shop {
    /// Starts the shop on a listener.
    ///
    /// # Errors
    /// What in the settings cannot work, or the ledger.
    pub fn start(listener: TcpListener, settings: Settings, parts: Parts) -> anyhow::Result<Self> {
        let addr = listener.local_addr()?;
        let ledger = open_ledger(&settings.database)?;
        let trusted_proxies = settings.trusted_proxies.clone();
        let traffic = open_traffic(&settings, parts.clock.now())?;
        let app = App::new(settings, ledger, Parts { traffic, ..parts })?;
        let router = router(&app)?;
        let gate = Gate {
            trusted_proxies,
            refusals: app.refusals.clone(),
            ..Gate::default()
        };
        let (close, closed) = oneshot::channel::<()>();
        let prepared = Arc::clone(&app);
        let server = tokio::spawn(async move {
            // Who comes earlier waits in the listener's queue, so that nobody sees a price that is not the last one known.
            jobs::prepare(&prepared)
                .await
                .map_err(std::io::Error::other)?;
            serve(listener, router, gate, async move {
                // A dropped sender is a stop as well.
                drop(closed.await);
            })
            .await
        });
        let jobs = Some(jobs::start(&app));
        Ok(Self {
            addr,
            app,
            close: Some(close),
            server,
            jobs,
        })
    }

    /// Takes no more requests and lets those in flight finish.
    ///
    /// # Errors
    /// The server loop's.
    pub async fn stop(mut self) -> anyhow::Result<()> {
        drop(self.close.take());
        drop(self.jobs.take());
        (&mut self.server).await??;
        Ok(())
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        self.server.abort();
    }
}
