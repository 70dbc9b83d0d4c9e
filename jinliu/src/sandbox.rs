//! The other side of every conversation: PAYUNi and Google, as counterparties on loopback.

use crate::doors;
use anyhow::Context;
use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};
use tokio::net::TcpListener;

pub use google_sim::{Keys, SHEET_ID};

/// On which ports the sandbox listens; 0 for any.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// PAYUNi's.
    pub payuni: u16,
    /// Google's.
    pub google: u16,
}

/// Both counterparties, running.
pub struct Sandbox {
    /// PAYUNi's address, without a trailing slash.
    pub payuni_url: String,
    /// Google's address, without a trailing slash.
    pub google_url: String,
    payuni: payuni_sim::Running,
    google: google_sim::Running,
}

/// The sandbox's listeners, before anything is served.
pub struct Doors {
    payuni: TcpListener,
    google: TcpListener,
}

impl Doors {
    /// Opens both.
    ///
    /// # Errors
    /// A port is taken.
    pub async fn open(ports: Ports) -> Result<Self, doors::Taken> {
        let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let (payuni, google) = tokio::join!(
            doors::open(
                at(ports.payuni),
                "換一個連接埠給 PAYUNi 沙盒：加上 --payuni-port 9081"
            ),
            doors::open(
                at(ports.google),
                "換一個連接埠給 Google 沙盒：加上 --google-port 9082"
            ),
        );
        // Both at once, so that nobody mends one to learn of the other.
        let (payuni, google) = match (payuni, google) {
            (Ok(payuni), Ok(google)) => (payuni, google),
            (Err(one), Err(other)) => return Err(one.and(&other)),
            (Err(taken), _) | (_, Err(taken)) => return Err(taken),
        };
        Ok(Self { payuni, google })
    }

    /// PAYUNi's and Google's addresses.
    ///
    /// # Errors
    /// The sockets have none.
    pub fn urls(&self) -> anyhow::Result<(String, String)> {
        let url = |listener: &TcpListener| {
            anyhow::Ok(format!(
                "http://localhost:{}",
                listener.local_addr()?.port()
            ))
        };
        Ok((url(&self.payuni)?, url(&self.google)?))
    }
}

impl Sandbox {
    /// Starts both counterparties; they keep their books in `folder`, or nowhere. Google signs with `keys`.
    ///
    /// # Errors
    /// Their files cannot be written.
    pub async fn start(
        doors: Doors,
        folder: Option<&Path>,
        shop_url: &str,
        keys: Keys,
    ) -> anyhow::Result<Self> {
        if let Some(folder) = folder {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("建不了資料夾 {}", folder.display()))?;
        }
        let (payuni_url, google_url) = doors.urls()?;
        let mut payuni = payuni_sim::Settings::demo();
        payuni.public_url.clone_from(&payuni_url);
        payuni.state_file = folder.map(|folder| folder.join("payuni.json"));
        let mut google = google_sim::Settings::demo();
        google.public_url.clone_from(&google_url);
        google.shop_url = Some(shop_url.to_owned());
        google.keys = keys;
        google.state_file = folder.map(|folder| folder.join("google.json"));
        google.service_account_file = folder.map(|folder| folder.join("service-account.json"));
        for client in &mut google.clients {
            client
                .redirect_uris
                .push(format!("{shop_url}/auth/google/callback"));
        }
        let (payuni, google) = tokio::try_join!(
            payuni_sim::start(doors.payuni, payuni),
            google_sim::start(doors.google, google)
        )
        .context("沙盒啟動不了")?;
        Ok(Self {
            payuni_url,
            google_url,
            payuni,
            google,
        })
    }

    /// The address of the sheet's page.
    #[must_use]
    pub fn sheet_page(&self) -> String {
        format!("{}/sheets/{}", self.google_url, SHEET_ID)
    }

    /// Stops both and lets them write their books.
    pub async fn stop(self) {
        tokio::join!(self.payuni.stop(), self.google.stop());
    }
}

/// The lines of a `.env` with which a shop in any language uses this sandbox.
#[must_use]
pub fn env_lines(
    payuni_url: &str,
    google_url: &str,
    key_file: &str,
) -> Vec<(&'static str, String)> {
    vec![
        ("PAYUNI_API_URL", format!("{payuni_url}/api/")),
        ("PAYUNI_MERCHANT_ID", payuni_sim::DEMO_MER_ID.to_owned()),
        ("PAYUNI_HASH_KEY", payuni_sim::DEMO_HASH_KEY.to_owned()),
        ("PAYUNI_HASH_IV", payuni_sim::DEMO_HASH_IV.to_owned()),
        ("GOOGLE_ISSUER", google_url.to_owned()),
        ("GOOGLE_CLIENT_ID", google_sim::CLIENT_ID.to_owned()),
        ("GOOGLE_CLIENT_SECRET", google_sim::CLIENT_SECRET.to_owned()),
        ("GOOGLE_APPLICATION_CREDENTIALS", key_file.to_owned()),
        ("GOOGLE_SHEET_ID", SHEET_ID.to_owned()),
        ("SHEETS_API_URL", google_url.to_owned()),
        (
            "TURNSTILE_SITE_KEY",
            google_sim::TURNSTILE_SITE_KEY.to_owned(),
        ),
        (
            "TURNSTILE_SECRET_KEY",
            google_sim::TURNSTILE_SECRET.to_owned(),
        ),
        (
            "TURNSTILE_VERIFY_URL",
            format!("{google_url}/turnstile/v0/siteverify"),
        ),
        (
            "TURNSTILE_SCRIPT_URL",
            format!("{google_url}/turnstile/v0/api.js"),
        ),
    ]
}

/// Reads what the demo's counterparties have in their own books: PAYUNi's trades, and the sheet's tab of orders.
///
/// # Errors
/// No demo was started in this folder, or it does not run.
pub async fn books(dir: &Path) -> anyhow::Result<(auditor::GatewayBooks, auditor::SheetRows)> {
    let kept = crate::world::kept_addresses(dir);
    let address = |name: &str| {
        kept.get(name)
            .and_then(|url| url::Url::parse(url).ok())
            .map(|url| url.origin().ascii_serialization())
            .context("這個資料夾裡沒有示範商店的沙盒")
    };
    let client = google::http_client_on_loopback()?;
    let read = async |url: String| {
        let answer = client.get(url).send().await.context("沙盒沒有開著")?;
        let bytes = answer.bytes().await.context("沙盒沒有回答")?;
        anyhow::Ok(serde_json::from_slice::<serde_json::Value>(&bytes)?)
    };
    let state = read(format!("{}/_sandbox/state", address("PAYUNI_API_URL")?)).await?;
    let sheet = format!("{}/_sandbox/sheets/{SHEET_ID}", address("SHEETS_API_URL")?);
    let sheet = read(sheet).await?;
    Ok((serde_json::from_value(state)?, orders_tab(&sheet)))
}

/// The rows of the tab of orders, as text.
fn orders_tab(sheet: &serde_json::Value) -> auditor::SheetRows {
    use serde_json::Value;
    let text = |cell: &Value| match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => cell.to_string(),
    };
    let tabs = sheet["tabs"].as_array().into_iter().flatten();
    let rows = tabs
        .filter(|tab| tab["title"] == "訂單")
        .flat_map(|tab| tab["rows"].as_array().into_iter().flatten());
    rows.map(|row| row.as_array().into_iter().flatten().map(text).collect())
        .collect()
}
