//! What `demo` uses where nothing is configured: the addresses and keys of the sandbox that it brings along.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read, Write};
use std::path::Path;

use rand::RngExt;

use super::faults::Faults;

/// The sandbox's merchant.
pub(super) const MERCHANT_ID: &str = "JINLIUDEMO";

/// The sandbox's value of a variable. These are public: anybody can read them here, which is why a shop on a public
/// address refuses them.
pub(super) fn value(name: &str) -> Option<&'static str> {
    Some(match name {
        "PUBLIC_URL" => "http://localhost:8080",
        "PAYUNI_API_URL" => "http://localhost:8081/api/",
        "PAYUNI_MERCHANT_ID" => MERCHANT_ID,
        "PAYUNI_HASH_KEY" => "jinliu-sandbox-payuni-hash-key-1",
        "PAYUNI_HASH_IV" => "jinliu-sandbox-i",
        "GOOGLE_ISSUER" | "SHEETS_API_URL" => "http://localhost:8082",
        "GOOGLE_CLIENT_ID" => "jinliu-sandbox.apps.googleusercontent.com",
        "GOOGLE_CLIENT_SECRET" => "jinliu-sandbox-google-secret",
        "GOOGLE_SHEET_ID" => "jinliu-sandbox-sheet",
        "GOOGLE_APPLICATION_CREDENTIALS" => "data/sandbox/service-account.json",
        "TURNSTILE_SITE_KEY" => "jinliu-sandbox-turnstile-site",
        "TURNSTILE_SECRET_KEY" => "jinliu-sandbox-turnstile-secret",
        "TURNSTILE_VERIFY_URL" => "http://localhost:8082/turnstile/v0/siteverify",
        "TURNSTILE_SCRIPT_URL" => "http://localhost:8082/turnstile/v0/api.js",
        "ADMIN_EMAILS" => "owner@jinliu.example",
        _ => return None,
    })
}

/// Whether a value is one of the sandbox's, so known to everybody.
pub(super) fn is_sandbox_value(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    lower.contains("jinliu-sandbox") || lower.contains("jinliudemo")
}

/// The demo's session secret: made at the first start, kept in `data/session-secret`, readable by its owner only.
pub(super) fn session_secret(dir: &Path, faults: &mut Faults) -> Option<String> {
    let path = dir.join("data").join("session-secret");
    let kept = make_private(&dir.join("data")).and_then(|()| keep(&path));
    match kept {
        Ok(secret) => Some(secret),
        Err(error) => {
            faults.add(
                "SESSION_SECRET",
                format!("data/session-secret 讀不到也寫不進去（{}）", error.kind()),
                "確認工作資料夾可以寫入；檔案壞了的話刪掉它，下次啟動會重做（大家要重新登入）",
                "data/session-secret can neither be read nor written.",
            );
            None
        }
    }
}

/// Makes a folder that only its owner may look into: members' addresses and secrets stand in it.
///
/// # Errors
/// It cannot be made.
pub fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn keep(path: &Path) -> std::io::Result<String> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    match options.open(path) {
        Ok(mut file) => {
            let bytes: [u8; 32] = rand::rng().random();
            let secret = hex::encode(bytes);
            file.write_all(secret.as_bytes())?;
            file.sync_all()?;
            Ok(secret)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            let mut secret = String::new();
            OpenOptions::new()
                .read(true)
                .open(path)?
                .take(1024)
                .read_to_string(&mut secret)?;
            let secret = secret.trim();
            if secret.len() < 32 {
                return Err(std::io::Error::from(ErrorKind::InvalidData));
            }
            Ok(secret.to_owned())
        }
        Err(error) => Err(error),
    }
}
