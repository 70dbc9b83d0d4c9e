//! What is wrong only in company: sandbox values on a public address, a key file that is none, and notes for the log.

use std::path::Path;

use url::Url;

use super::values::{Wrong, is_loopback};
use super::{Mode, PublicUrl, Reader, SHOP_FILE, Settings, VARIABLES, sandbox};

/// The variables that hold the address of another party.
const PARTIES: [&str; 5] = [
    "PAYUNI_API_URL",
    "GOOGLE_ISSUER",
    "SHEETS_API_URL",
    "TURNSTILE_VERIFY_URL",
    "TURNSTILE_SCRIPT_URL",
];

/// PAYUNi's test environment.
const TEST_HOST: &str = "sandbox-api.payuni.com.tw";

/// Cloudflare's documented test keys, which let everybody or nobody through, begin like this.
const TURNSTILE_TEST_KEYS: [&str; 3] = ["1x0000000000", "2x0000000000", "3x0000000000"];

impl Reader<'_> {
    /// Adds what contradicts. On a public `https` address nothing of the sandbox is left: anybody could read its keys
    /// and sign a payment with them.
    pub(super) fn contradictions(&mut self, public_url: Option<&PublicUrl>) {
        let public = public_url.is_some_and(PublicUrl::is_public);
        for name in VARIABLES {
            let Some(value) = self.value(name).map(str::to_owned) else {
                continue;
            };
            let loopback = PARTIES.contains(&name)
                && Url::parse(&value).is_ok_and(|address| is_loopback(&address));
            if public && (loopback || sandbox::is_sandbox_value(&value)) {
                self.faults.add(
                    name,
                    "這是沙盒的值，不能和公開的 PUBLIC_URL 一起用：沙盒的金鑰人人都知道，誰都能偽造付款",
                    "換成正式的值；只是想試用的話，把 PUBLIC_URL 改回 http://localhost:8080",
                    format!("{name} is a sandbox value; refused together with a public PUBLIC_URL."),
                );
            }
            if public
                && name == "TURNSTILE_SECRET_KEY"
                && TURNSTILE_TEST_KEYS
                    .iter()
                    .any(|prefix| value.starts_with(prefix))
            {
                self.faults.add(
                    name,
                    "這是 Cloudflare 文件裡的測試金鑰，擋不住機器人",
                    "到 Cloudflare 後台的 Turnstile 建立自己的網站後複製",
                    "TURNSTILE_SECRET_KEY is one of Cloudflare's test keys.",
                );
            }
        }
        let name = "GOOGLE_APPLICATION_CREDENTIALS";
        let key = self.given.get(name).map(|path| self.dir.join(path));
        if public && key.is_some_and(|path| is_sandbox_key(&path)) {
            self.faults.add(
                name,
                "這是沙盒的服務帳戶金鑰，不能和公開的 PUBLIC_URL 一起用",
                "到 Google Cloud Console 的「服務帳戶 → 金鑰」下載 JSON，填它的路徑",
                "The service-account key is the sandbox's; refused together with a public PUBLIC_URL.",
            );
        }
        self.sandbox_key_to_a_stranger();
    }

    /// The sandbox's merchant at somebody else's address: the address was configured, the keys were forgotten.
    fn sandbox_key_to_a_stranger(&mut self) {
        let elsewhere = self
            .value("PAYUNI_API_URL")
            .and_then(|text| Url::parse(text).ok())
            .is_some_and(|url| !is_loopback(&url));
        for name in ["PAYUNI_MERCHANT_ID", "PAYUNI_HASH_KEY", "PAYUNI_HASH_IV"] {
            let sandbox = self.value(name).is_some_and(sandbox::is_sandbox_value);
            if elsewhere && sandbox && !self.faults.names(name) {
                self.faults.add(
                    name,
                    "PAYUNI_API_URL 不是本機的沙盒，但這裡還是沙盒的值",
                    "到 PAYUNi 後台的「商店串接設定」複製；想用沙盒的話，拿掉 PAYUNI_API_URL",
                    format!("{name} is the sandbox's, while PAYUNI_API_URL is not."),
                );
            }
        }
    }
}

/// Checks that a file is a service-account key, without keeping any of it.
pub(super) fn service_account(path: &Path) -> Result<(), Wrong> {
    let wrong = |what: &str, english: &str| {
        Wrong(
            what.to_owned(),
            "到 Google Cloud Console 的「服務帳戶 → 金鑰」下載 JSON，填它的路徑".to_owned(),
            english.to_owned(),
        )
    };
    let text = std::fs::read_to_string(path).map_err(|error| {
        wrong(
            &format!("金鑰檔讀不到（{}）", error.kind()),
            "The service-account key file cannot be read.",
        )
    })?;
    let key: serde_json::Value = serde_json::from_str(&text).map_err(|_| {
        wrong(
            "金鑰檔不是 JSON",
            "The service-account key file is not JSON.",
        )
    })?;
    let has = |name: &str| {
        key.get(name)
            .and_then(serde_json::Value::as_str)
            .is_some_and(|text| !text.is_empty())
    };
    if has("client_email") && has("private_key") {
        Ok(())
    } else {
        Err(wrong(
            "JSON 裡沒有 client_email 或 private_key，不是服務帳戶金鑰",
            "The JSON file is not a service-account key.",
        ))
    }
}

/// Whether a service-account key was made by a sandbox: it says so, or its tokens come from this machine.
fn is_sandbox_key(path: &Path) -> bool {
    let Ok(text) = std::fs::read_to_string(path) else {
        return false;
    };
    let key: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let says = |name: &str| {
        key.get(name)
            .and_then(serde_json::Value::as_str)
            .unwrap_or_default()
    };
    sandbox::is_sandbox_value(says("client_email"))
        || Url::parse(says("token_uri")).is_ok_and(|url| is_loopback(&url))
}

/// Adds what is lawful but should be known.
pub(super) fn with_notes(mut settings: Settings, has_shop_file: bool) -> Settings {
    let behind_unknown_proxy =
        settings.public_url.is_public() && settings.trusted_proxies.is_empty();
    let notes = &mut settings.notes;
    if behind_unknown_proxy {
        notes.push("沒有設定 TRUSTED_PROXIES：反向代理在同一台機器時，每位訪客看起來都像本機，限流會算在一起，/metrics 也可能對外；代理在本機就設 127.0.0.1/32".to_owned());
    }
    if settings.public_url.is_public() && settings.payuni.api_url.host_str() == Some(TEST_HOST) {
        notes.push("PAYUNI_API_URL 是 PAYUNi 的測試環境：誰都能用測試卡「付清」訂單，而且會照樣出貨；開始營業前換成正式環境的網址與金鑰".to_owned());
    }
    if settings.sheet.is_none() {
        notes.push("沒有設定 GOOGLE_SHEET_ID：不寫 Google 試算表，訂單只在帳本裡；之後設定了，會把全部訂單補寫進去".to_owned());
    }
    if settings.mode == Mode::Serve {
        if settings.turnstile.is_none() {
            notes.push("沒有設定 TURNSTILE_SITE_KEY：結帳前不檢查機器人".to_owned());
        }
        if settings.admin_emails.is_empty() {
            notes.push("沒有設定 ADMIN_EMAILS：沒有人進得了後台".to_owned());
        }
        if !has_shop_file {
            notes.push(format!(
                "沒有 {SHOP_FILE}：店名、條款和商品都是內建的示範內容"
            ));
        }
    }
    if settings.public_url.is_public() && settings.shop.shop.email.ends_with(".example") {
        notes.push(format!(
            "{SHOP_FILE} 的 shop.email 還是示範地址，客人寫信找不到人"
        ));
    }
    if !settings.public_url.is_public() && !settings.bind.ip().is_loopback() {
        notes.push("BIND 開放給其他機器連線，但 PUBLIC_URL 只有本機連得到".to_owned());
    }
    settings
}
