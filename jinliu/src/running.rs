//! A running shop: its ledger, its jobs, its listener.

use anyhow::Context;
use edge::{Gate, serve};
use ledger::{Ledger, SqliteLedger};
use shop::{App, app::Parts, jobs, router::router, settings::Settings};
use std::{net::SocketAddr, path::Path, sync::Arc};
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
        std::fs::create_dir_all(folder)
            .with_context(|| format!("建不了帳本的資料夾 {}", folder.display()))?;
    }
    let ledger =
        SqliteLedger::open(path).with_context(|| format!("打不開帳本 {}", path.display()))?;
    Ok(Arc::new(ledger))
}

/// Reads the owner's pictures from `brand/`, where there is such a folder.
///
/// # Errors
/// A file that cannot be read.
pub fn brand_files(dir: &Path) -> anyhow::Result<Vec<(String, Vec<u8>)>> {
    let Ok(folder) = std::fs::read_dir(dir.join("brand")) else {
        return Ok(Vec::new());
    };
    let mut files = Vec::new();
    for entry in folder {
        let path = entry?.path();
        let kind = path
            .extension()
            .and_then(|kind| kind.to_str())
            .unwrap_or_default();
        if !["svg", "png", "jpg", "jpeg", "webp", "ico"].contains(&kind) {
            continue;
        }
        if let Some(name) = path.file_name().and_then(|name| name.to_str()) {
            let bytes =
                std::fs::read(&path).with_context(|| format!("讀不到 {}", path.display()))?;
            files.push((name.to_owned(), bytes));
        }
    }
    files.sort();
    Ok(files)
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
        let app = App::new(settings, ledger, parts)?;
        let router = router(&app)?;
        let gate = Gate {
            trusted_proxies,
            refusals: app.refusals.clone(),
            ..Gate::default()
        };
        let (close, closed) = oneshot::channel::<()>();
        let server = tokio::spawn(serve(listener, router, gate, async move {
            // A dropped sender is a stop as well.
            drop(closed.await);
        }));
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
