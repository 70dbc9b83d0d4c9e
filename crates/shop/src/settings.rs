//! The whole configuration, parsed once at the start: the environment, `.env`, and `jinliu.toml`.
//!
//! Every fault is collected and told at once ([`Faults`]), so that a person repairs a configuration in one round.
//! No message ever holds the value of a secret.

mod env;
mod explorer_rules;
mod faults;
mod late_rules;
mod previous_keys;
mod refund_rules;
mod rules;
mod sandbox;
mod section;
mod shop_file;
mod values;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use secrecy::SecretString;
use url::Url;

use self::env::Given;
pub use self::env::VARIABLES;
pub use self::explorer_rules::ExplorerRules;
pub use self::faults::{Fault, Faults};
pub use self::late_rules::LatePayments;
pub use self::previous_keys::PreviousKeys;
pub use self::refund_rules::RefundRules;
pub use self::shop_file::{
    BUILT_IN as DEMO_SHOP_FILE, FILE as SHOP_FILE, Limits, Look, PaymentMethods, Product,
    Reconcile, ShopFile, ShopInfo, Texts,
};
use self::values::Wrong;
pub use self::values::{Database, PublicUrl};
pub use sandbox::make_private;

/// PAYUNi's base addresses, as its documentation gives them.
const PAYUNI_ADDRESSES: &str =
    "正式環境 https://api.payuni.com.tw/api/，測試環境 https://sandbox-api.payuni.com.tw/api/";

/// Which command is being configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The shop with its sandbox: what is not configured takes the sandbox's value.
    Demo,
    /// The shop alone: what it needs must be configured.
    Serve,
}

/// Everything that the shop is told from outside. `Debug` shows no secret.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which command was configured.
    pub mode: Mode,
    /// `PUBLIC_URL`: where browsers and the gateway reach the shop; callbacks are derived from it.
    pub public_url: PublicUrl,
    /// `BIND`: the listening address.
    pub bind: SocketAddr,
    /// `TRUSTED_PROXIES`: networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// `DATABASE_URL`: where the ledger is.
    pub database: Database,
    /// `SESSION_SECRET`: 32 bytes or more.
    pub session_secret: SecretString,
    /// The gateway.
    pub payuni: PayuniSettings,
    /// Sign-in.
    pub google: GoogleSettings,
    /// The spreadsheet; `None`: the shop runs without one.
    pub sheet: Option<SheetSettings>,
    /// The bot check before checkout; `None`: off.
    pub turnstile: Option<TurnstileSettings>,
    /// `ADMIN_EMAILS`: verified Google addresses, in lower case, that may enter the back office.
    pub admin_emails: Vec<String>,
    /// `jinliu.toml`.
    pub shop: ShopFile,
    /// What is lawful but worth a line in the log, in Traditional Chinese.
    pub notes: Vec<String>,
}

/// The gateway's address and the merchant's keys.
#[derive(Debug, Clone)]
pub struct PayuniSettings {
    /// `PAYUNI_API_URL`: ends with `/api/`.
    pub api_url: Url,
    /// `PAYUNI_MERCHANT_ID`.
    pub merchant_id: String,
    /// `PAYUNI_HASH_KEY`: 32 ASCII bytes.
    pub hash_key: SecretString,
    /// `PAYUNI_HASH_IV`: 16 ASCII bytes.
    pub hash_iv: SecretString,
    /// The keys before these, while they are being changed.
    pub previous: Option<PreviousKeys>,
}

/// The OpenID Provider and our client there.
#[derive(Debug, Clone)]
pub struct GoogleSettings {
    /// `GOOGLE_ISSUER`, character for character: ID tokens are compared with it.
    pub issuer: String,
    /// `GOOGLE_CLIENT_ID`.
    pub client_id: String,
    /// `GOOGLE_CLIENT_SECRET`.
    pub client_secret: SecretString,
}

/// The spreadsheet.
#[derive(Debug, Clone)]
pub struct SheetSettings {
    /// `GOOGLE_SHEET_ID`.
    pub id: String,
    /// `GOOGLE_APPLICATION_CREDENTIALS`: path of the service-account key. In the demo the sandbox writes it later.
    pub credentials: PathBuf,
    /// `SHEETS_API_URL`: the base, without `/v4`.
    pub api_url: Url,
}

/// Cloudflare Turnstile.
#[derive(Debug, Clone)]
pub struct TurnstileSettings {
    /// `TURNSTILE_SITE_KEY`: shown on the page.
    pub site_key: String,
    /// `TURNSTILE_SECRET_KEY`.
    pub secret_key: SecretString,
    /// `TURNSTILE_VERIFY_URL`.
    pub verify_url: Url,
    /// `TURNSTILE_SCRIPT_URL`: the widget's script; its origin belongs in the page's policy.
    pub script_url: Url,
}

impl Settings {
    /// Reads and checks everything. `env` answers for the process's environment, `dir` is the working folder
    /// (`.env`, `jinliu.toml`, relative paths). In demo the session secret is made at the first start.
    ///
    /// # Errors
    /// Everything that is missing, weak or contradictory, at once.
    pub fn from_env(
        mode: Mode,
        env: &dyn Fn(&str) -> Option<String>,
        dir: &Path,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let given = Given::read(env, dir, &mut faults);
        let mut reader = Reader {
            mode,
            given,
            dir,
            faults,
        };
        let settings = reader.read();
        reader.faults.or(settings)
    }

    /// Whether the environment or `.env` names a real merchant, so that this folder is a real shop's and not the demo's.
    #[must_use]
    pub fn names_real_merchant(env: &dyn Fn(&str) -> Option<String>, dir: &Path) -> bool {
        let given = Given::read(env, dir, &mut Faults::default());
        given
            .get("PAYUNI_MERCHANT_ID")
            .is_some_and(|id| id != sandbox::MERCHANT_ID)
    }

    /// PAYUNi's variables alone, unchecked, for a command that looks for what is wrong with them. Secrets among them.
    ///
    /// # Errors
    /// What is wrong with `.env`.
    pub fn gateway_values(
        env: &dyn Fn(&str) -> Option<String>,
        dir: &Path,
    ) -> Result<std::collections::BTreeMap<&'static str, String>, Faults> {
        let mut faults = Faults::default();
        let given = Given::read(env, dir, &mut faults);
        let ours = VARIABLES.iter().copied();
        let ours = ours.filter(|name| name.starts_with("PAYUNI_"));
        let values = ours.filter_map(|name| Some((name, given.get(name)?.to_owned())));
        let values = values.collect();
        faults.or(Some(values))
    }

    /// What the sandbox uses for a variable: known to everybody.
    #[must_use]
    pub fn sandbox_value(name: &str) -> Option<&'static str> {
        sandbox::value(name)
    }

    /// `DATABASE_URL` alone, for commands that only read the ledger. The same default in every mode.
    ///
    /// # Errors
    /// What is wrong with `.env` or with the variable.
    pub fn database(env: &dyn Fn(&str) -> Option<String>, dir: &Path) -> Result<Database, Faults> {
        let mut faults = Faults::default();
        let given = Given::read(env, dir, &mut faults);
        let mut reader = Reader {
            mode: Mode::Serve,
            given,
            dir,
            faults,
        };
        let database = reader.database();
        reader.faults.or(database)
    }
}

/// What a `.env` file's text says, for the fuzzer alone.
#[cfg(feature = "fuzzing")]
pub(crate) fn dotenv_text(text: &str) -> (Vec<(&'static str, String)>, usize) {
    let mut faults = Faults::default();
    let known = env::lines(text, &mut faults, &mut Vec::new());
    (known.into_iter().collect(), faults.iter().count())
}

/// Reads one variable after the other and keeps what is wrong.
struct Reader<'a> {
    mode: Mode,
    given: Given,
    dir: &'a Path,
    faults: Faults,
}

impl Reader<'_> {
    fn read(&mut self) -> Option<Settings> {
        let public_url = self.required(
            "PUBLIC_URL",
            "買家與金流商連到商店的網址，例如 https://shop.example.tw",
            PublicUrl::parse,
        );
        let bind = self.with_default("BIND", "127.0.0.1:8080", |text| {
            text.parse::<SocketAddr>().map_err(|_| {
                Wrong(
                    "不是 IP 加連接埠".to_owned(),
                    "寫成 127.0.0.1:8080；要讓別台機器連進來才寫 0.0.0.0:8080".to_owned(),
                    "Must be IP:port.".to_owned(),
                )
            })
        });
        let trusted_proxies = self.with_default("TRUSTED_PROXIES", "", values::networks);
        let database = self.database();
        let session_secret = self.session_secret();
        let payuni = self.payuni();
        let google = self.google();
        let sheet = self.sheet();
        let turnstile = self.turnstile();
        let admin_emails = self.with_default("ADMIN_EMAILS", "", values::emails);
        let shop = match ShopFile::read(self.dir) {
            Ok(read) => Some(read),
            Err(faults) => {
                self.faults.append(faults);
                None
            }
        };
        self.contradictions(public_url.as_ref());
        let (shop, has_file) = shop?;
        let settings = Settings {
            mode: self.mode,
            public_url: public_url?,
            bind: bind?,
            trusted_proxies: trusted_proxies?,
            database: database?,
            session_secret: session_secret?,
            payuni: payuni?,
            google: google?,
            sheet: sheet?,
            turnstile: turnstile?,
            admin_emails: admin_emails?,
            shop,
            notes: std::mem::take(&mut self.given.notes),
        };
        Some(rules::with_notes(settings, has_file))
    }

    /// What was given, or the sandbox's value in demo.
    fn value(&self, name: &'static str) -> Option<&str> {
        self.given.get(name).or_else(|| match self.mode {
            Mode::Demo => sandbox::value(name),
            Mode::Serve => None,
        })
    }

    fn wrong(&mut self, name: &str, Wrong(what, cure, english): Wrong) {
        self.faults.add(name, what, cure, english);
    }

    fn parse<T>(
        &mut self,
        name: &'static str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        match parse(text) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.wrong(name, wrong);
                None
            }
        }
    }

    fn missing(&mut self, name: &str, cure: &str) {
        self.faults
            .add(name, "沒有設定", cure, format!("{name} is not set."));
    }

    fn required<T>(
        &mut self,
        name: &'static str,
        cure: &str,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let Some(text) = self.value(name).map(str::to_owned) else {
            self.missing(name, cure);
            return None;
        };
        self.parse(name, &text, parse)
    }

    fn with_default<T>(
        &mut self,
        name: &'static str,
        default: &str,
        parse: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Option<T> {
        let text = self.value(name).unwrap_or(default).to_owned();
        self.parse(name, &text, parse)
    }

    fn database(&mut self) -> Option<Database> {
        let dir = self.dir;
        self.with_default("DATABASE_URL", "sqlite://data/jinliu.db", |text| {
            Database::parse(text, dir)
        })
    }

    fn session_secret(&mut self) -> Option<SecretString> {
        let name = "SESSION_SECRET";
        if self.mode == Mode::Demo && self.given.get(name).is_none() {
            return sandbox::session_secret(self.dir, &mut self.faults).map(SecretString::from);
        }
        self.required(
            name,
            "執行 openssl rand -hex 32，把結果貼上",
            |text| values::session_secret(text).map(|()| SecretString::from(text)),
        )
    }

    fn payuni(&mut self) -> Option<PayuniSettings> {
        let back_office = "登入 PAYUNi 後台，到「商店串接設定」複製";
        let api_url = self.required("PAYUNI_API_URL", PAYUNI_ADDRESSES, values::payuni_api);
        let merchant_id = self.required("PAYUNI_MERCHANT_ID", back_office, values::identifier);
        let key = |text: &str, length| {
            values::gateway_key(text, length).map(|()| SecretString::from(text))
        };
        let hash_key = self.required("PAYUNI_HASH_KEY", back_office, |text| key(text, 32));
        let hash_iv = self.required("PAYUNI_HASH_IV", back_office, |text| key(text, 16));
        if let (Some(key), Some(iv)) = (self.value("PAYUNI_HASH_KEY"), self.value("PAYUNI_HASH_IV"))
            && !iv.is_empty()
            && key.starts_with(iv)
        {
            self.faults.add(
                "PAYUNI_HASH_IV",
                "和 PAYUNI_HASH_KEY 的開頭一模一樣：不是貼錯，就是文件裡的範例",
                back_office,
                "PAYUNI_HASH_IV equals the beginning of PAYUNI_HASH_KEY: pasted twice, or a sample.",
            );
        }
        let previous = self.previous_keys();
        Some(PayuniSettings {
            api_url: api_url?,
            merchant_id: merchant_id?,
            hash_key: hash_key?,
            hash_iv: hash_iv?,
            previous,
        })
    }

    fn google(&mut self) -> Option<GoogleSettings> {
        let console = "到 Google Cloud Console 的「憑證」建立 OAuth 用戶端（網頁應用程式）後複製";
        let issuer = self.with_default("GOOGLE_ISSUER", "https://accounts.google.com", |text| {
            values::web_url(text).map(|_| text.to_owned())
        });
        let client_id = self.required("GOOGLE_CLIENT_ID", console, values::identifier);
        let client_secret = self.required("GOOGLE_CLIENT_SECRET", console, |text| {
            values::identifier(text).map(SecretString::from)
        });
        Some(GoogleSettings {
            issuer: issuer?,
            client_id: client_id?,
            client_secret: client_secret?,
        })
    }

    /// `Some(None)`: no sheet is wanted.
    #[expect(
        clippy::option_option,
        reason = "outer: whether it could be read; inner: whether it is wanted"
    )]
    fn sheet(&mut self) -> Option<Option<SheetSettings>> {
        let api_url = self.with_default(
            "SHEETS_API_URL",
            "https://sheets.googleapis.com",
            values::web_url,
        );
        let Some(id) = self.value("GOOGLE_SHEET_ID").map(str::to_owned) else {
            return Some(None);
        };
        let id = self.parse("GOOGLE_SHEET_ID", &id, values::sheet_id);
        let name = "GOOGLE_APPLICATION_CREDENTIALS";
        let Some(path) = self.value(name).map(|path| self.dir.join(path)) else {
            self.missing(name, "有設定 GOOGLE_SHEET_ID 就要有服務帳戶金鑰：填 JSON 檔的路徑，或拿掉 GOOGLE_SHEET_ID");
            return None;
        };
        // The demo's own key is written by its sandbox, which starts after this.
        if self.given.get(name).is_some() {
            self.parse(name, "", |_| rules::service_account(&path))?;
        }
        Some(Some(SheetSettings {
            id: id?,
            credentials: path,
            api_url: api_url?,
        }))
    }

    /// `Some(None)`: the bot check is off.
    #[expect(
        clippy::option_option,
        reason = "outer: whether it could be read; inner: whether it is wanted"
    )]
    fn turnstile(&mut self) -> Option<Option<TurnstileSettings>> {
        let verify_url = self.with_default(
            "TURNSTILE_VERIFY_URL",
            "https://challenges.cloudflare.com/turnstile/v0/siteverify",
            values::web_url,
        );
        let script_url = self.with_default(
            "TURNSTILE_SCRIPT_URL",
            "https://challenges.cloudflare.com/turnstile/v0/api.js",
            values::web_url,
        );
        let names = ["TURNSTILE_SITE_KEY", "TURNSTILE_SECRET_KEY"];
        let [site, secret] = names.map(|name| self.given.get(name).is_some());
        if site != secret {
            let absent = if site { names[1] } else { names[0] };
            self.missing(
                absent,
                "TURNSTILE_SITE_KEY 和 TURNSTILE_SECRET_KEY 要嘛都填，要嘛都不填",
            );
            return None;
        }
        let [site_key, secret_key] = names.map(|name| self.value(name).map(str::to_owned));
        let (Some(site_key), Some(secret_key)) = (site_key, secret_key) else {
            return Some(None);
        };
        let site_key = self.parse(names[0], &site_key, values::identifier);
        let secret_key = self.parse(names[1], &secret_key, values::identifier);
        Some(Some(TurnstileSettings {
            site_key: site_key?,
            secret_key: secret_key?.into(),
            verify_url: verify_url?,
            script_url: script_url?,
        }))
    }
}

#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod tests;
