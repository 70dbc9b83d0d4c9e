//! The single values of a configuration, each parsed once into its type.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use url::{Host, Url};

/// What is wrong with a value and the cure (Traditional Chinese), and both in English. Never the value itself.
pub(super) struct Wrong(pub String, pub String, pub String);

impl Wrong {
    fn new(what: impl Into<String>, cure: impl Into<String>, english: impl Into<String>) -> Self {
        Self(what.into(), cure.into(), english.into())
    }
}

/// Where browsers and the gateway reach the shop: scheme, host and port, nothing else.
/// `https`, or `http` on loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Parses the value of `PUBLIC_URL`.
    pub(super) fn parse(text: &str) -> Result<Self, Wrong> {
        let url = web_url(text)?;
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(Wrong::new(
                "只能有網域，後面不能再接路徑、？或 #",
                "寫成 https://shop.example.tw 這樣就好",
                "PUBLIC_URL must be scheme and host only, without path, query or fragment.",
            ));
        }
        Ok(Self(url))
    }

    /// The address of a page of the shop. `path` begins with `/`.
    #[must_use]
    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.origin())
    }

    /// `https://shop.example.tw`: no trailing slash, no default port. Equals what a browser sends as `Origin`.
    #[must_use]
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    /// What a browser sends as `Host`: the host, with the port where it is not the scheme's default.
    #[must_use]
    pub fn authority(&self) -> String {
        let host = self.0.host_str().unwrap_or_default();
        match self.0.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Whether cookies may be `Secure` and HSTS may be sent.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether only this machine can reach it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.0)
    }

    /// Whether strangers can reach it: `https`, and not on loopback.
    #[must_use]
    pub fn is_public(&self) -> bool {
        self.is_https() && !self.is_loopback()
    }
}

/// Whether an address stays on this machine: `localhost`, `*.localhost` (RFC 6761), 127.0.0.0/8, `::1`.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// An `https` address, or `http` on loopback, without a user name in it.
pub(super) fn web_url(text: &str) -> Result<Url, Wrong> {
    let url = Url::parse(text).map_err(|_| {
        Wrong::new(
            "不是完整的網址",
            "要從 https:// 開始寫",
            "Not an absolute URL.",
        )
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(Wrong::new(
            "不是 http 或 https 網址",
            "要從 https:// 開始寫",
            "Not an http(s) URL.",
        ));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Wrong::new(
            "網址裡帶了帳號或密碼",
            "把 @ 前面的部分拿掉",
            "The URL carries a user name or password.",
        ));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(Wrong::new(
            "沒有加密（http）",
            "改用 https；只有本機（localhost）可以用 http",
            "Must be https, except on loopback.",
        ));
    }
    Ok(url)
}

/// PAYUNi's base address. Ends with `/api/`; a missing last slash is forgiven.
pub(super) fn payuni_api(text: &str) -> Result<Url, Wrong> {
    let text = if text.ends_with("/api") {
        format!("{text}/")
    } else {
        text.to_owned()
    };
    let url = web_url(&text)?;
    if url.query().is_some() || url.fragment().is_some() || !url.path().ends_with("/api/") {
        return Err(Wrong::new(
            "網址要以 /api/ 結尾",
            "正式環境 https://api.payuni.com.tw/api/，測試環境 https://sandbox-api.payuni.com.tw/api/",
            "Must end with /api/.",
        ));
    }
    Ok(url)
}

/// A key of the gateway: exactly `length` printable ASCII bytes.
pub(super) fn gateway_key(text: &str, length: usize) -> Result<(), Wrong> {
    let from = "到 PAYUNi 後台的「商店串接設定」重新複製一次，前後不要多出引號";
    if text.len() != length {
        return Err(Wrong::new(
            format!("長度是 {} 個位元組，應該是 {length} 個", text.len()),
            from,
            format!("Has {} bytes, must have {length}.", text.len()),
        ));
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(Wrong::new(
            "裡面有空白或不是英數符號的字",
            from,
            "Holds blanks or non-ASCII characters.",
        ));
    }
    if distinct_bytes(text) == 1 {
        return Err(Wrong::new(
            "整串都是同一個字，不會是真的金鑰",
            from,
            "All characters are the same.",
        ));
    }
    Ok(())
}

/// The session secret: 32 bytes or more, and not something that a person typed or copied from a sample.
pub(super) fn session_secret(text: &str) -> Result<(), Wrong> {
    let cure = "執行 openssl rand -hex 32，把結果貼上";
    if text.len() < 32 {
        return Err(Wrong::new(
            format!("太短：{} 個位元組，至少要 32 個", text.len()),
            cure,
            format!("Has {} bytes, needs at least 32.", text.len()),
        ));
    }
    let lower = text.to_lowercase();
    let sample = [
        "change",
        "secret",
        "example",
        "sample",
        "password",
        "your",
        "please",
        "placeholder",
        "todo",
        "xxxx",
        "jinliu",
        "abcdefgh",
        "12345678",
        "請",
    ]
    .iter()
    .any(|word| lower.contains(word));
    // 32 random hex digits show more than 8 different ones with near certainty.
    if sample || distinct_bytes(text) < 8 {
        return Err(Wrong::new(
            "太好猜：像是範例文字或重複的字",
            cure,
            "Guessable: looks like sample text or a repetition.",
        ));
    }
    Ok(())
}

fn distinct_bytes(text: &str) -> usize {
    text.bytes()
        .collect::<std::collections::BTreeSet<_>>()
        .len()
}

/// An identifier that another system gave: printable ASCII without blanks.
pub(super) fn identifier(text: &str) -> Result<String, Wrong> {
    if text.len() <= 512 && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        Ok(text.to_owned())
    } else {
        Err(Wrong::new(
            "裡面有空白、換行或不是英數符號的字",
            "重新複製一次，前後不要多出引號或空白",
            "Holds blanks or non-ASCII characters.",
        ))
    }
}

/// The id of a spreadsheet, not its address.
pub(super) fn sheet_id(text: &str) -> Result<String, Wrong> {
    if text.len() <= 128
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    {
        Ok(text.to_owned())
    } else {
        Err(Wrong::new(
            "不是試算表的 ID",
            "打開試算表，只取網址裡 /d/ 與 /edit 中間那一段",
            "Not a spreadsheet id: take the part of its address between /d/ and /edit.",
        ))
    }
}

/// Networks, comma-separated: `10.0.0.0/8, 192.0.2.1`.
pub(super) fn networks(text: &str) -> Result<Vec<IpNet>, Wrong> {
    let mut networks = Vec::new();
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        let network = part
            .parse::<IpNet>()
            .or_else(|_| part.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| {
                Wrong::new(
                    format!("「{part}」不是網段"),
                    "寫成 10.0.0.0/8 或單一 IP，多個用逗號分開",
                    format!("{part:?} is not a network in CIDR notation."),
                )
            })?;
        if network.prefix_len() == 0 {
            return Err(Wrong::new(
                format!("「{part}」等於相信所有人，任何人都能冒用別人的 IP"),
                "只寫自己的反向代理所在的網段",
                format!("{part} would trust every peer."),
            ));
        }
        networks.push(network.trunc());
    }
    Ok(networks)
}

/// Addresses, comma-separated, in lower case.
pub(super) fn emails(text: &str) -> Result<Vec<String>, Wrong> {
    let mut emails = Vec::new();
    for part in text
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        if !is_email(part) {
            return Err(Wrong::new(
                format!("「{part}」不是電子郵件地址"),
                "寫成 owner@shop.example.tw，多個用逗號分開",
                format!("{part:?} is not an e-mail address."),
            ));
        }
        let email = part.to_lowercase();
        if !emails.contains(&email) {
            emails.push(email);
        }
    }
    Ok(emails)
}

/// One `@`, something before it, a dotted name after it, printable ASCII only. Whether it exists, only Google knows.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    text.len() <= 254
        && !local.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !b"<>,;\"()".contains(&byte))
        && !domain.contains('@')
        && domain.contains('.')
        && domain.split('.').all(|label| !label.is_empty())
}

/// Where the ledger is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file. Its folder is made by whoever opens it.
    Sqlite(PathBuf),
}

impl Database {
    /// Parses `sqlite://PATH`; a relative path counts from `dir`.
    pub(super) fn parse(text: &str, dir: &Path) -> Result<Self, Wrong> {
        if text.starts_with("postgres:") || text.starts_with("postgresql:") {
            return Err(Wrong::new(
                "這個版本還不支援 PostgreSQL",
                "先用 sqlite://data/jinliu.db。PostgreSQL 還沒有做好，不會假裝能用",
                "PostgreSQL is not built yet; use sqlite://PATH.",
            ));
        }
        let path = text.strip_prefix("sqlite://").ok_or_else(|| {
            Wrong::new(
                "看不懂的資料庫位址",
                "寫成 sqlite://data/jinliu.db",
                "Write it as sqlite://PATH.",
            )
        })?;
        if path.is_empty() || path.ends_with('/') || path.contains(['?', '#']) {
            return Err(Wrong::new(
                "sqlite:// 後面要接一個檔案路徑，不能帶參數",
                "寫成 sqlite://data/jinliu.db",
                "sqlite:// must be followed by the path of a file, without parameters.",
            ));
        }
        if path.contains(":memory:") {
            return Err(Wrong::new(
                "帳本不能只放在記憶體，重新啟動就全沒了",
                "寫成 sqlite://data/jinliu.db",
                "The ledger cannot be kept in memory only.",
            ));
        }
        Ok(Self::Sqlite(dir.join(path)))
    }
}
