//! The whole world in one process: the shop, PAYUNi and Google. The demo is this, and so is every test.

use crate::{
    book::BookRoom,
    doors,
    laboratory::LabRoom,
    parts::parts,
    running::Shop,
    sandbox::{Doors, Ports, Sandbox, env_lines},
};
use anyhow::Context;
use shop::{
    Clock,
    app::Parts,
    fulfilment::Fulfilment,
    settings::{Mode, Settings},
};
use std::{
    collections::HashMap,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Where a demo writes its addresses, in its sandbox's folder.
const ADDRESSES: &str = "addresses.env";

/// How a world is made.
pub struct Plan {
    /// The working folder: `data/`, `jinliu.toml`, `.env`, `brand/`.
    pub dir: PathBuf,
    /// The shop's port; `None` as configured, 0 for any.
    pub port: Option<u16>,
    /// The sandbox's ports.
    pub ports: Ports,
    /// How much faster than life the shop's clock runs; the sandbox's clocks have a control of their own.
    pub rate: u32,
    /// What the environment says.
    pub env: HashMap<String, String>,
    /// Another fulfilment than the record alone.
    pub fulfilment: Option<Arc<dyn Fulfilment>>,
    /// Another book than the one in the program.
    pub book: Option<learn::Files>,
    /// The program that the laboratory starts for cases about starting it; `None`: this one.
    pub program: Option<PathBuf>,
    /// Whose keys the sandbox's Google signs with.
    pub keys: crate::sandbox::Keys,
    /// Lines that are switched off.
    #[cfg(feature = "ablation")]
    pub ablated: shop::ablation::Ablated,
}

impl Plan {
    /// A world on any free ports in a folder of its own, with no environment, to be thrown away.
    #[must_use]
    pub fn in_folder(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            port: Some(0),
            ports: Ports {
                payuni: 0,
                google: 0,
            },
            rate: 1,
            env: HashMap::new(),
            fulfilment: None,
            book: None,
            program: None,
            keys: crate::sandbox::Keys::Shared,
            #[cfg(feature = "ablation")]
            ablated: shop::ablation::Ablated::default(),
        }
    }
}

/// The shop and both counterparties, running.
pub struct World {
    /// The shop.
    pub shop: Shop,
    /// PAYUNi and Google.
    pub sandbox: Sandbox,
    /// The shop's address, without a trailing slash.
    pub shop_url: String,
}

impl World {
    /// Starts everything.
    ///
    /// # Errors
    /// A port is taken, the settings have faults, or a file cannot be written.
    pub async fn start(plan: Plan) -> anyhow::Result<Self> {
        anyhow::ensure!(
            !Settings::names_real_merchant(&|name| plan.env.get(name).cloned(), &plan.dir),
            "這個資料夾（或環境變數）設定了正式的 PAYUNi 商店代號，所以示範商店不在這裡開，以免動到真的帳本。\n  要開自己的商店：jinliu serve\n  要看示範：換一個沒有 .env 的資料夾，再執行 jinliu demo\n  (a real merchant is configured here; run `jinliu serve`, or the demo in another folder)"
        );
        let doors = Doors::open(plan.ports).await?;
        let (payuni_url, google_url) = doors.urls()?;
        let folder = plan.dir.join("data/sandbox");
        // The key's path is the demo's own default: the file itself is written only when the sandbox starts.
        let sandbox_env: HashMap<&str, String> = env_lines(&payuni_url, &google_url, "")
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let mut env = plan.env;
        let mut listener = None;
        if let Some(port) = plan.port {
            let address = SocketAddr::from(([127, 0, 0, 1], port));
            let opened = doors::open(address, "換一個連接埠：加上 --port 9080").await?;
            let port = opened.local_addr()?.port();
            env.insert("BIND".to_owned(), format!("127.0.0.1:{port}"));
            env.insert("PUBLIC_URL".to_owned(), format!("http://localhost:{port}"));
            listener = Some(opened);
        }
        // What the owner set wins; of the rest, the sandbox's own addresses, wherever it listens.
        let look = |name: &str| {
            env.get(name)
                .cloned()
                .or_else(|| sandbox_env.get(name).cloned())
        };
        let settings = Settings::from_env(Mode::Demo, &look, &plan.dir)?;
        let listener = match listener {
            Some(listener) => listener,
            None => {
                let cure = "換一個連接埠：加上 --port 9080，或設定 BIND 與 PUBLIC_URL";
                doors::open(settings.bind, cure).await?
            }
        };
        let shop_url = settings.public_url.origin();
        let sandbox = Sandbox::start(doors, Some(&folder), &shop_url, plan.keys).await?;
        let banner = pages::SandboxBanner {
            portal_url: format!("{}/", sandbox.payuni_url),
            sheet_url: settings.sheet.is_some().then(|| sandbox.sheet_page()),
            learn_url: Some(learn::MOUNT.to_owned()),
            lab_url: Some(lab::MOUNT.to_owned()),
        };
        let places = learn::Places {
            shop: shop_url.clone(),
            payuni: payuni_url.clone(),
            google: google_url.clone(),
        };
        let book = BookRoom::of(plan.book.unwrap_or_else(learn::Files::embedded), &places);
        let program = match plan.program {
            Some(program) => program,
            None => std::env::current_exe().context("不知道自己這個程式在哪裡")?,
        };
        keep_addresses(&folder, &shop_url, &payuni_url, &google_url)?;
        let own = parts(&plan.dir)?;
        let parts = Parts {
            clock: Clock::with_rate(plan.rate),
            fulfilment: plan.fulfilment.or(own.fulfilment),
            sandbox: Some(banner),
            rooms: vec![Arc::new(book), Arc::new(LabRoom::new(program))],
            #[cfg(feature = "ablation")]
            ablated: plan.ablated,
            ..own
        };
        let shop = Shop::start(listener, settings, parts).context("商店啟動不了")?;
        Ok(Self {
            shop,
            sandbox,
            shop_url,
        })
    }

    /// Stops everything; requests in flight finish.
    ///
    /// # Errors
    /// The shop's server loop.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.shop.stop().await?;
        self.sandbox.stop().await;
        Ok(())
    }
}

/// Writes down where this demo's counterparties are, so that commands beside it (`jinliu reconcile`) ask the same ones.
fn keep_addresses(
    folder: &Path,
    shop_url: &str,
    payuni_url: &str,
    google_url: &str,
) -> anyhow::Result<()> {
    let mut lines = format!("PUBLIC_URL={shop_url}\n");
    for (name, value) in env_lines(payuni_url, google_url, "") {
        if !value.is_empty() {
            lines.push_str(&format!("{name}={value}\n"));
        }
    }
    let file = folder.join(ADDRESSES);
    std::fs::write(&file, lines).with_context(|| format!("寫不進 {}", file.display()))
}

/// Returns what the demo of this folder last wrote down, by name.
#[must_use]
pub fn kept_addresses(dir: &Path) -> HashMap<String, String> {
    let text =
        std::fs::read_to_string(dir.join("data/sandbox").join(ADDRESSES)).unwrap_or_default();
    let pairs = text.lines().filter_map(|line| line.split_once('='));
    pairs
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}
