//! The shop put together: its settings and its ports.

use crate::{
    catalogue::Catalogue,
    clock::Clock,
    entropy::Entropy,
    fulfilment::{Fulfilment, RecordOnly},
    gateway::{Gateway, Wire},
    jobs::sheet_trouble::SheetTrouble,
    metrics::Metrics,
    quiet::Quiet,
    room::Room,
    session::Cookies,
    settings::{Mode, Settings},
};
use edge::{Refusals, limits::RateLimit};
use google::sign_in::{SignIn, SignInSettings};
use ledger::{Ledger, Traffic};
use orders::schedule::Waits;
use pages::{
    Brand, ShopLook,
    assets::{Assets, BrandFile},
};
use secrecy::SecretString;
use std::sync::Arc;
use tokio::sync::Notify;

/// Everything a handler or a job needs.
pub struct App {
    /// What was configured.
    pub settings: Settings,
    /// The time.
    pub clock: Clock,
    /// Where the jobs draw randomness.
    pub entropy: Entropy,
    /// Where orders are kept.
    pub ledger: Arc<dyn Ledger>,
    /// The payment gateway.
    pub gateway: Gateway,
    /// Who vouches for members.
    pub sign_in: SignIn,
    /// What is for sale.
    pub catalogue: Catalogue,
    /// What happens to an order that is paid and confirmed.
    pub fulfilment: Arc<dyn Fulfilment>,
    /// Names and secrets of the cookies.
    pub cookies: Cookies,
    /// Files that are served.
    pub assets: Assets,
    /// The shop as its pages show it.
    pub look: Arc<ShopLook>,
    /// Where styles and scripts are.
    pub urls: Arc<pages::assets::AssetUrls>,
    /// What is counted.
    pub metrics: Metrics,
    /// When to ask the gateway.
    pub waits: Waits,
    /// Wakes the jobs when there is news.
    pub wake: Notify,
    /// What is wrong with the sheet, for the back office.
    pub sheet_trouble: SheetTrouble,
    /// How often a member may check out.
    pub checkouts: RateLimit,
    /// How much the log says about what was refused.
    pub quiet: Quiet,
    /// How line 1 refuses; counts by code.
    pub refusals: Refusals,
    /// The client for the bot check.
    pub http: reqwest::Client,
    /// Addresses of the sandbox's own pages, shown while the shop talks to it.
    pub sandbox: Option<pages::SandboxBanner>,
    /// What travelled about orders, for those who look.
    pub traffic: Traffic,
    /// Rooms besides the shop's own pages.
    pub rooms: Vec<Arc<dyn Room>>,
    /// Lines that are switched off.
    #[cfg(feature = "ablation")]
    pub ablated: crate::ablation::Ablated,
}

/// Why the shop cannot be put together.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// No TLS, no resolver.
    #[error("the HTTP client cannot be made")]
    Http(#[from] reqwest::Error),
    /// The merchant's keys.
    #[error("PAYUNi's keys cannot be used: {0}")]
    Merchant(#[from] payuni::MerchantError),
    /// The look in `jinliu.toml`.
    #[error("the look in jinliu.toml cannot be used: {0}")]
    Brand(String),
    /// The counters.
    #[error("the metrics cannot be made")]
    Metrics(#[from] prometheus::Error),
}

/// What may be put in place of the defaults.
#[derive(Default)]
pub struct Parts {
    /// Another clock.
    pub clock: Clock,
    /// Another source of randomness for the jobs.
    pub entropy: Entropy,
    /// Another way to the payment gateway than HTTP.
    pub wire: Option<Arc<dyn Wire>>,
    /// Another fulfilment than the record alone.
    pub fulfilment: Option<Arc<dyn Fulfilment>>,
    /// The sandbox's pages.
    pub sandbox: Option<pages::SandboxBanner>,
    /// Where what travels is kept for those who look; by default nowhere.
    pub traffic: Traffic,
    /// Rooms besides the shop's own pages.
    pub rooms: Vec<Arc<dyn Room>>,
    /// The owner's own logo and pictures, by file name.
    pub brand_files: Vec<(String, Vec<u8>)>,
    /// Lines that are switched off.
    #[cfg(feature = "ablation")]
    pub ablated: crate::ablation::Ablated,
}

impl App {
    /// Puts the shop together. Nothing is contacted yet.
    ///
    /// # Errors
    /// What in the settings cannot work.
    pub fn new(
        settings: Settings,
        ledger: Arc<dyn Ledger>,
        parts: Parts,
    ) -> Result<Arc<Self>, AppError> {
        // In the demo every counterparty is on this machine.
        let http = match settings.mode {
            Mode::Demo => google::http_client_on_loopback()?,
            Mode::Serve => google::http_client()?,
        };
        let clock = parts.clock;
        let wire = parts.wire.unwrap_or_else(|| Arc::new(http.clone()));
        let mut gateway = Gateway::new(&settings, wire, clock.clone())?;
        gateway.traffic = parts.traffic.clone();
        #[cfg(feature = "ablation")]
        gateway.ablate(parts.ablated);
        let sign_in = SignIn::new(
            SignInSettings {
                issuer: settings.google.issuer.clone(),
                client_id: settings.google.client_id.clone(),
                client_secret: settings.google.client_secret.clone(),
                redirect_uri: settings.public_url.at("/auth/google/callback"),
            },
            http.clone(),
        );
        let spec = settings.shop.look.brand();
        let brand = Brand::parse(&spec).map_err(|fault| AppError::Brand(fault.to_string()))?;
        let files = parts
            .brand_files
            .into_iter()
            .map(|(name, bytes)| BrandFile { name, bytes })
            .collect();
        let assets =
            Assets::new(&brand, files).map_err(|fault| AppError::Brand(fault.to_string()))?;
        let urls = Arc::new(assets.urls().clone());
        let limits = &settings.shop.limits;
        let seconds =
            |wait: &std::time::Duration| u32::try_from(wait.as_secs()).unwrap_or(u32::MAX);
        let waits = Waits {
            between_s: settings.shop.reconcile.waits.iter().map(seconds).collect(),
            transfer_s: 2 * 3600,
            grace_s: 600,
        };
        Ok(Arc::new(Self {
            #[cfg(feature = "ablation")]
            ablated: parts.ablated,
            cookies: Cookies::new(
                settings.session_secret.clone(),
                settings.public_url.is_https(),
            ),
            catalogue: Catalogue::from_settings(&settings),
            look: Arc::new(look_of(&settings)),
            checkouts: RateLimit::new(
                limits.checkout_per_minute,
                limits.checkout_per_minute,
                10_000,
            ),
            fulfilment: parts.fulfilment.unwrap_or_else(|| Arc::new(RecordOnly)),
            metrics: Metrics::new()?,
            wake: Notify::new(),
            sheet_trouble: SheetTrouble::default(),
            quiet: Quiet::default(),
            refusals: crate::error::refusals(Arc::clone(&urls), Arc::new(look_of(&settings))),
            sandbox: parts.sandbox,
            traffic: parts.traffic,
            rooms: parts.rooms,
            settings,
            clock,
            entropy: parts.entropy,
            ledger,
            gateway,
            sign_in,
            assets,
            urls,
            waits,
            http,
        }))
    }

    /// Returns the first wait before asking about an attempt, in milliseconds.
    #[must_use]
    pub fn first_ask_ms(&self) -> i64 {
        i64::from(self.waits.after(0)) * 1000
    }

    /// Returns the bot check's secret, where one is set.
    #[must_use]
    pub fn bot_check(&self) -> Option<(&SecretString, &url::Url)> {
        self.settings
            .turnstile
            .as_ref()
            .map(|turnstile| (&turnstile.secret_key, &turnstile.verify_url))
    }
}

fn look_of(settings: &Settings) -> ShopLook {
    let info = &settings.shop.shop;
    let filled = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    ShopLook {
        name: info.name.clone(),
        tagline: info.tagline.clone(),
        intro: filled(&info.intro),
        contact_email: info.email.clone(),
        contact_phone: filled(&info.phone),
        address: filled(&info.address),
        company: filled(&info.company),
        tax_id: filled(&info.tax_id),
        contact_hours: filled(&info.hours),
        footer_note: None,
    }
}
