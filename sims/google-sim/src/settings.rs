//! Who is there: accounts, OAuth clients, and where the sandbox keeps its things.

use std::path::PathBuf;

/// OAuth client id of the demo shop.
pub const CLIENT_ID: &str = "jinliu-sandbox.apps.googleusercontent.com";
/// OAuth client secret of the demo shop. Worth nothing outside a sandbox.
pub const CLIENT_SECRET: &str = "jinliu-sandbox-google-secret";
/// Id of the one spreadsheet that exists from the start.
pub const SHEET_ID: &str = "jinliu-sandbox-sheet";
/// Site key for the Turnstile stand-in.
pub const TURNSTILE_SITE_KEY: &str = "jinliu-sandbox-turnstile-site";
/// Secret key for the Turnstile stand-in.
pub const TURNSTILE_SECRET: &str = "jinliu-sandbox-turnstile-secret";
/// The service account with which the spreadsheet is shared as Editor.
pub const SERVICE_ACCOUNT_EMAIL: &str = "jinliu-sandbox@jinliu-sandbox.iam.gserviceaccount.com";

/// A Google account in the chooser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Short name for tests and the chooser's buttons, for example `buyer1`.
    pub key: String,
    /// Google's lasting identifier: about 21 digits, as text.
    pub sub: String,
    /// E-mail address; may change, is not a key.
    pub email: String,
    /// Whether Google vouches for the address.
    pub email_verified: bool,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Workspace domain; `None` for a consumer account.
    pub hosted_domain: Option<String>,
    /// What the chooser says about the account.
    pub note: String,
}

impl Account {
    /// The display name, family name first as in Taiwan.
    pub fn name(&self) -> String {
        format!("{}{}", self.family_name, self.given_name)
    }
}

/// An OAuth client as registered in Google's console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OAuthClient {
    /// `client_id`.
    pub id: String,
    /// `client_secret`.
    pub secret: String,
    /// Redirect addresses, compared byte for byte.
    pub redirect_uris: Vec<String>,
    /// Also accept `http` on a loopback host with any port and this path. Google does not: every
    /// address must be registered. The switch lets a shop run on whatever port is free.
    pub loopback_path: Option<String>,
}

impl OAuthClient {
    /// Whether `uri` is registered.
    pub fn allows_redirect(&self, uri: &str) -> bool {
        if self.redirect_uris.iter().any(|known| known == uri) {
            return true;
        }
        let Some(path) = &self.loopback_path else {
            return false;
        };
        let Ok(parsed) = url::Url::parse(uri) else {
            return false;
        };
        let loopback = matches!(parsed.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
        let plain = parsed.username().is_empty()
            && parsed.password().is_none()
            && parsed.query().is_none()
            && parsed.fragment().is_none();
        loopback && plain && parsed.scheme() == "http" && parsed.path() == path
    }
}

/// Whose RSA keys a sandbox signs with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// Its own.
    Own,
    /// Those that this process made once for all its throw-away sandboxes: the laboratory starts hundreds, and to make keys
    /// is most of what a start takes.
    Shared,
}

/// Everything the sandbox is started with.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where browsers and shops reach it, without a trailing slash. It is the issuer too.
    pub public_url: String,
    /// Registered OAuth clients.
    pub clients: Vec<OAuthClient>,
    /// Accounts in the chooser; the first is the spreadsheet's owner.
    pub accounts: Vec<Account>,
    /// Where the spreadsheet, keys and tokens are kept; in memory only where `None`.
    pub state_file: Option<PathBuf>,
    /// Where a Google-shaped service-account key is written at start. A usable sandbox key that
    /// is there already is kept.
    pub service_account_file: Option<PathBuf>,
    /// Whose RSA keys it signs with.
    pub keys: Keys,
    /// Seeds codes, tokens and ids. RSA keys do not depend on it.
    pub seed: u64,
    /// The shop's address, for a link on the pages.
    pub shop_url: Option<String>,
}

impl Settings {
    /// The demo: one client, a shop owner, two buyers, and one whose e-mail is not verified.
    pub fn demo() -> Self {
        Self {
            public_url: "http://localhost:8082".to_owned(),
            clients: vec![OAuthClient {
                id: CLIENT_ID.to_owned(),
                secret: CLIENT_SECRET.to_owned(),
                redirect_uris: vec!["http://localhost:8080/auth/google/callback".to_owned()],
                loopback_path: Some("/auth/google/callback".to_owned()),
            }],
            accounts: demo_accounts(),
            state_file: None,
            service_account_file: None,
            keys: Keys::Own,
            seed: 1,
            shop_url: Some("http://localhost:8080".to_owned()),
        }
    }

    /// The base address without a trailing slash.
    pub(crate) fn base(&self) -> &str {
        self.public_url.trim_end_matches('/')
    }

    /// The account with this key, `sub` or e-mail.
    pub(crate) fn account(&self, name: &str) -> Option<&Account> {
        self.accounts
            .iter()
            .find(|a| a.key == name || a.sub == name || a.email.eq_ignore_ascii_case(name))
    }

    /// Who owns the spreadsheet and edits it on the page.
    pub(crate) fn owner_email(&self) -> &str {
        self.accounts
            .first()
            .map_or("owner@jinliu.example", |a| a.email.as_str())
    }

    pub(crate) fn client(&self, id: &str) -> Option<&OAuthClient> {
        self.clients.iter().find(|c| c.id == id)
    }
}

fn demo_accounts() -> Vec<Account> {
    let account =
        |key: &str, sub: &str, email: &str, family: &str, given: &str, note: &str| Account {
            key: key.to_owned(),
            sub: sub.to_owned(),
            email: email.to_owned(),
            email_verified: true,
            given_name: given.to_owned(),
            family_name: family.to_owned(),
            hosted_domain: None,
            note: note.to_owned(),
        };
    vec![
        account(
            "owner",
            "107000000000000000001",
            "owner@jinliu.example",
            "金",
            "老闆",
            "店主",
        ),
        account(
            "buyer1",
            "107000000000000000002",
            "mei@buyer.example",
            "林",
            "小美",
            "買家",
        ),
        account(
            "buyer2",
            "107000000000000000003",
            "zhiming@buyer.example",
            "陳",
            "志明",
            "買家",
        ),
        Account {
            email_verified: false,
            ..account(
                "unverified",
                "107000000000000000004",
                "new@unverified.example",
                "王",
                "未驗",
                "信箱未驗證",
            )
        },
    ]
}
