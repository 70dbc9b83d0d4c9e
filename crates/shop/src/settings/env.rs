//! Where the variables come from: the environment, or a `.env` file in the working folder; the environment wins.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;

use super::faults::Faults;

/// Every variable that the shop reads, in the order of `.env.example`.
pub const VARIABLES: [&str; 23] = [
    "PUBLIC_URL",
    "BIND",
    "TRUSTED_PROXIES",
    "DATABASE_URL",
    "SESSION_SECRET",
    "PAYUNI_API_URL",
    "PAYUNI_MERCHANT_ID",
    "PAYUNI_HASH_KEY",
    "PAYUNI_HASH_IV",
    "PAYUNI_PREVIOUS_HASH_KEY",
    "PAYUNI_PREVIOUS_HASH_IV",
    "PAYUNI_PREVIOUS_UNTIL",
    "GOOGLE_ISSUER",
    "GOOGLE_CLIENT_ID",
    "GOOGLE_CLIENT_SECRET",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_SHEET_ID",
    "SHEETS_API_URL",
    "TURNSTILE_SITE_KEY",
    "TURNSTILE_SECRET_KEY",
    "TURNSTILE_VERIFY_URL",
    "TURNSTILE_SCRIPT_URL",
    "ADMIN_EMAILS",
];

/// Names that look like ours: one of these in `.env` that we do not know is probably a slip of the pen.
const OUR_PREFIXES: [&str; 5] = ["PAYUNI_", "GOOGLE_", "SHEETS_", "TURNSTILE_", "ADMIN_EMAIL"];

/// The variables that were given, trimmed; an empty one counts as not given.
/// Has no `Debug`: it holds secrets.
pub(super) struct Given {
    values: BTreeMap<&'static str, String>,
    /// Things worth a line in the log.
    pub(super) notes: Vec<String>,
}

impl Given {
    /// Reads `.env` in `dir` and the environment. The process's own environment is not changed.
    pub(super) fn read(
        env: &dyn Fn(&str) -> Option<String>,
        dir: &Path,
        faults: &mut Faults,
    ) -> Self {
        let mut notes = Vec::new();
        let mut values = BTreeMap::new();
        for (name, value) in dotenv(dir, faults, &mut notes) {
            values.insert(name, value);
        }
        for name in VARIABLES {
            if let Some(value) = env(name) {
                values.insert(name, value);
            }
        }
        let values = values
            .into_iter()
            .map(|(name, value)| (name, value.trim().to_owned()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        Self { values, notes }
    }

    /// The value of a variable.
    pub(super) fn get(&self, name: &'static str) -> Option<&str> {
        self.values.get(name).map(String::as_str)
    }
}

/// The variables of the `.env` file that we know. A line that cannot be read is a fault, named by its number only:
/// the line may hold a secret.
fn dotenv(
    dir: &Path,
    faults: &mut Faults,
    notes: &mut Vec<String>,
) -> BTreeMap<&'static str, String> {
    let known = BTreeMap::new();
    let text = match std::fs::read(dir.join(".env")) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(_) => {
                faults.add(
                    ".env",
                    "檔案不是 UTF-8 編碼",
                    "用編輯器另存為 UTF-8",
                    "The .env file is not UTF-8.",
                );
                return known;
            }
        },
        Err(error) if error.kind() == ErrorKind::NotFound => return known,
        Err(error) => {
            faults.add(
                ".env",
                format!("檔案讀不到（{}）", error.kind()),
                "確認檔案的權限，或移走它",
                "The .env file cannot be read.",
            );
            return known;
        }
    };
    lines(&text, faults, notes)
}

/// The variables of a `.env` file's text that we know.
pub(super) fn lines(
    text: &str,
    faults: &mut Faults,
    notes: &mut Vec<String>,
) -> BTreeMap<&'static str, String> {
    let mut known = BTreeMap::new();
    // Windows editors like to put a byte order mark in front, which would hide the first name.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    for item in dotenvy::from_read_iter(text.as_bytes()) {
        match item {
            Ok((name, value)) => {
                if let Some(ours) = VARIABLES.iter().find(|ours| **ours == name) {
                    if known.get(ours).is_some_and(|before| *before != value) {
                        faults.add(
                            *ours,
                            ".env 裡寫了兩次，而且值不一樣",
                            "只留下一行",
                            format!("{ours} is in .env twice with different values."),
                        );
                    }
                    known.insert(*ours, value);
                } else if OUR_PREFIXES.iter().any(|prefix| name.starts_with(prefix)) {
                    notes.push(format!(
                        ".env 裡的 {name} 不是本系統的設定，沒有使用；是不是名稱拼錯了？"
                    ));
                }
            }
            Err(error) => {
                let mut line = None;
                if let dotenvy::Error::LineParse(bad, _) = &error {
                    line = text
                        .lines()
                        .position(|candidate| candidate.trim() == bad.trim())
                        .map(|index| index + 1);
                }
                let place =
                    line.map_or_else(|| ".env".to_owned(), |line| format!(".env 第 {line} 行"));
                faults.add(
                    place,
                    "這一行看不懂",
                    "寫成 名稱=值；值裡有空白、# 或 $ 時，用單引號包起來",
                    "This line of .env is not NAME=value; quote values with blanks, # or $ in single quotes.",
                );
            }
        }
    }
    known
}
