//! Each rule of the configuration, seen from outside: variables in, settings or faults out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;

pub(super) const SECRET: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
pub(super) const HASH_KEY: &str = "Zk3vQ8sT1wYx5bN7mR2cL9pH4dJ6fG0a";
pub(super) const HASH_IV: &str = "p7Wq2Le9Xc4Vb6Nz";

pub(super) type Variables = BTreeMap<&'static str, String>;

/// A complete production configuration, without the optional parts.
pub(super) fn production() -> Variables {
    [
        ("PUBLIC_URL", "https://shop.example.tw"),
        ("SESSION_SECRET", SECRET),
        ("PAYUNI_API_URL", "https://api.payuni.com.tw/api/"),
        ("PAYUNI_MERCHANT_ID", "ABC123456"),
        ("PAYUNI_HASH_KEY", HASH_KEY),
        ("PAYUNI_HASH_IV", HASH_IV),
        ("GOOGLE_CLIENT_ID", "123-abc.apps.googleusercontent.com"),
        ("GOOGLE_CLIENT_SECRET", "GOCSPX-abcdef"),
        (
            "ADMIN_EMAILS",
            "Owner@Shop.example.tw, second@shop.example.tw",
        ),
    ]
    .map(|(name, value)| (name, value.to_owned()))
    .into()
}

pub(super) fn read(mode: Mode, variables: &Variables, dir: &Path) -> Result<Settings, Faults> {
    Settings::from_env(mode, &|name| variables.get(name).cloned(), dir)
}

/// What `serve` says to the production configuration with some variables set otherwise.
pub(super) fn serve_with(changes: &[(&'static str, &str)]) -> Result<Settings, Faults> {
    let dir = TempDir::new().unwrap();
    let mut variables = production();
    for (name, value) in changes {
        variables.insert(name, (*value).to_owned());
    }
    read(Mode::Serve, &variables, dir.path())
}

pub(super) fn faulty(changes: &[(&'static str, &str)]) -> BTreeSet<String> {
    match serve_with(changes) {
        Ok(_) => BTreeSet::new(),
        Err(faults) => faults.iter().map(|fault| fault.name.clone()).collect(),
    }
}

/// Asserts that exactly one variable is at fault.
pub(super) fn refused(name: &'static str, value: &str) {
    let names = faulty(&[(name, value)]);
    assert_eq!(names, BTreeSet::from([name.to_owned()]), "{name}={value}");
}

pub(super) fn accepted(name: &'static str, value: &str) {
    if let Err(faults) = serve_with(&[(name, value)]) {
        panic!("{name}={value}: {faults}");
    }
}

#[test]
fn an_empty_serve_names_all_that_is_missing_at_once() {
    let dir = TempDir::new().unwrap();
    let faults = read(Mode::Serve, &Variables::new(), dir.path()).unwrap_err();
    let names: Vec<_> = faults.iter().map(|fault| fault.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "PUBLIC_URL",
            "SESSION_SECRET",
            "PAYUNI_API_URL",
            "PAYUNI_MERCHANT_ID",
            "PAYUNI_HASH_KEY",
            "PAYUNI_HASH_IV",
            "GOOGLE_CLIENT_ID",
            "GOOGLE_CLIENT_SECRET",
        ]
    );
    let message = faults.to_string();
    for name in names {
        assert!(message.contains(name), "{message}");
    }
    assert!(message.contains("https://api.payuni.com.tw/api/"));
    assert!(message.contains("https://sandbox-api.payuni.com.tw/api/"));
    assert_eq!(
        std::fs::read_dir(dir.path()).unwrap().count(),
        0,
        "serve writes nothing"
    );
}

#[test]
fn a_complete_serve_is_read() {
    let settings = serve_with(&[]).unwrap();
    assert_eq!(settings.public_url.origin(), "https://shop.example.tw");
    assert_eq!(settings.public_url.authority(), "shop.example.tw");
    assert_eq!(
        settings.public_url.at("/payuni/notify"),
        "https://shop.example.tw/payuni/notify"
    );
    assert!(settings.public_url.is_public());
    assert_eq!(settings.bind.to_string(), "127.0.0.1:8080");
    assert_eq!(settings.google.issuer, "https://accounts.google.com");
    assert_eq!(settings.payuni.hash_key.expose_secret(), HASH_KEY);
    assert_eq!(
        settings.admin_emails,
        ["owner@shop.example.tw", "second@shop.example.tw"]
    );
    assert!(settings.sheet.is_none());
    assert!(settings.turnstile.is_none());
    assert!(settings.trusted_proxies.is_empty());
    assert!(
        settings
            .notes
            .iter()
            .any(|note| note.contains("GOOGLE_SHEET_ID"))
    );
    assert!(
        settings
            .notes
            .iter()
            .any(|note| note.contains("TURNSTILE_SITE_KEY"))
    );
}

/// There anybody pays with a test card, and PAYUNi, asked, confirms it.
#[test]
fn payunis_test_environment_on_a_public_address_is_said_at_the_start() {
    let dir = TempDir::new().unwrap();
    let says = |url: &str| {
        let mut given = production();
        given.insert("PAYUNI_API_URL", url.to_owned());
        let settings = read(Mode::Serve, &given, dir.path()).unwrap();
        settings.notes.iter().any(|note| note.contains("測試卡"))
    };
    assert!(says("https://sandbox-api.payuni.com.tw/api/"));
    assert!(!says("https://api.payuni.com.tw/api/"));
}

#[test]
fn the_demo_needs_nothing_and_keeps_its_secret() {
    let dir = TempDir::new().unwrap();
    let settings = read(Mode::Demo, &Variables::new(), dir.path()).unwrap();
    assert_eq!(settings.public_url.origin(), "http://localhost:8080");
    assert_eq!(settings.public_url.authority(), "localhost:8080");
    assert_eq!(settings.payuni.merchant_id, "JINLIUDEMO");
    assert_eq!(
        settings.payuni.api_url.as_str(),
        "http://localhost:8081/api/"
    );
    assert_eq!(settings.payuni.hash_key.expose_secret().len(), 32);
    assert_eq!(settings.payuni.hash_iv.expose_secret().len(), 16);
    assert_eq!(settings.google.issuer, "http://localhost:8082");
    let sheet = settings.sheet.unwrap();
    assert_eq!(sheet.id, "jinliu-sandbox-sheet");
    assert_eq!(
        sheet.credentials,
        dir.path().join("data/sandbox/service-account.json")
    );
    let turnstile = settings.turnstile.unwrap();
    assert_eq!(
        turnstile.verify_url.as_str(),
        "http://localhost:8082/turnstile/v0/siteverify"
    );
    assert_eq!(
        turnstile.script_url.as_str(),
        "http://localhost:8082/turnstile/v0/api.js"
    );
    assert_eq!(settings.admin_emails, ["owner@jinliu.example"]);
    assert_eq!(
        settings.database,
        Database::Sqlite(dir.path().join("data/jinliu.db"))
    );
    assert_eq!(settings.shop.products.len(), 6);

    let secret = settings.session_secret.expose_secret().to_owned();
    assert_eq!(secret.len(), 64);
    let again = read(Mode::Demo, &Variables::new(), dir.path()).unwrap();
    assert_eq!(again.session_secret.expose_secret(), secret);
    let elsewhere = TempDir::new().unwrap();
    let other = read(Mode::Demo, &Variables::new(), elsewhere.path()).unwrap();
    assert_ne!(other.session_secret.expose_secret(), secret);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = std::fs::metadata(dir.path().join("data/session-secret")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn the_demo_with_its_file_is_the_demo_without() {
    let without = TempDir::new().unwrap();
    let with = TempDir::new().unwrap();
    std::fs::write(with.path().join(SHOP_FILE), include_str!("demo.toml")).unwrap();
    let without = read(Mode::Demo, &Variables::new(), without.path()).unwrap();
    let with = read(Mode::Demo, &Variables::new(), with.path()).unwrap();
    assert_eq!(with.shop, without.shop);
    assert_eq!(with.notes, without.notes);
}

#[test]
fn sandbox_values_are_refused_on_a_public_address() {
    for (name, value) in [
        ("PAYUNI_MERCHANT_ID", "JINLIUDEMO"),
        ("PAYUNI_HASH_KEY", "jinliu-sandbox-payuni-hash-key-1"),
        ("PAYUNI_HASH_IV", "jinliu-sandbox-i"),
        ("PAYUNI_API_URL", "http://localhost:8081/api/"),
        ("PAYUNI_API_URL", "http://127.0.0.1:8081/api/"),
        ("GOOGLE_ISSUER", "http://localhost:8082"),
        (
            "GOOGLE_CLIENT_ID",
            "jinliu-sandbox.apps.googleusercontent.com",
        ),
        ("GOOGLE_CLIENT_SECRET", "jinliu-sandbox-google-secret"),
        ("SHEETS_API_URL", "http://[::1]:8082"),
        (
            "TURNSTILE_VERIFY_URL",
            "http://localhost:8082/turnstile/v0/siteverify",
        ),
        (
            "TURNSTILE_SCRIPT_URL",
            "http://shop.localhost:8082/turnstile/v0/api.js",
        ),
    ] {
        refused(name, value);
    }
    // The demo itself cannot be put on a public address.
    let dir = TempDir::new().unwrap();
    let public = Variables::from([("PUBLIC_URL", "https://shop.example.tw".to_owned())]);
    let faults = read(Mode::Demo, &public, dir.path()).unwrap_err();
    assert!(faults.names("PAYUNI_HASH_KEY") && faults.names("GOOGLE_ISSUER"));
    // On loopback, `serve` may use the sandbox.
    let loopback = serve_with(&[
        ("PUBLIC_URL", "http://localhost:8080"),
        ("PAYUNI_API_URL", "http://localhost:8081/api/"),
        ("PAYUNI_MERCHANT_ID", "JINLIUDEMO"),
        ("PAYUNI_HASH_KEY", "jinliu-sandbox-payuni-hash-key-1"),
        ("PAYUNI_HASH_IV", "jinliu-sandbox-i"),
        ("GOOGLE_ISSUER", "http://localhost:8082"),
    ]);
    assert!(loopback.is_ok());
}

#[test]
fn a_demo_pointed_at_the_real_gateway_wants_real_keys() {
    let dir = TempDir::new().unwrap();
    let half = Variables::from([(
        "PAYUNI_API_URL",
        "https://sandbox-api.payuni.com.tw/api/".to_owned(),
    )]);
    let faults = read(Mode::Demo, &half, dir.path()).unwrap_err();
    let names: Vec<_> = faults.iter().map(|fault| fault.name.as_str()).collect();
    assert_eq!(
        names,
        ["PAYUNI_MERCHANT_ID", "PAYUNI_HASH_KEY", "PAYUNI_HASH_IV"]
    );
}

#[test]
fn addresses() {
    for value in [
        "http://shop.example.tw",
        "shop.example.tw",
        "https://shop.example.tw/shop",
        "https://shop.example.tw/?a=1",
        "https://shop.example.tw/#a",
        "https://user:pass@shop.example.tw",
        "ftp://shop.example.tw",
        "javascript:alert(1)",
        "http://localhost.example.tw",
        "http://0.0.0.0:8080",
    ] {
        refused("PUBLIC_URL", value);
    }
    accepted("PUBLIC_URL", "https://shop.example.tw/");
    accepted("PUBLIC_URL", "https://shop.example.tw:8443");
    for value in [
        "http://localhost:8080",
        "http://127.0.0.1:1",
        "http://[::1]:8080",
    ] {
        accepted("PUBLIC_URL", value);
    }
    for value in [
        "http://api.payuni.com.tw/api/",
        "https://api.payuni.com.tw/",
        "https://api.payuni.com.tw/api/?a",
    ] {
        refused("PAYUNI_API_URL", value);
    }
    let settings = serve_with(&[("PAYUNI_API_URL", "https://api.payuni.com.tw/api")]).unwrap();
    assert_eq!(
        settings.payuni.api_url.as_str(),
        "https://api.payuni.com.tw/api/"
    );
    refused("GOOGLE_ISSUER", "http://accounts.google.com");
    refused("BIND", "localhost:8080");
    refused("BIND", "8080");
    accepted("BIND", "[::]:0");
}

#[test]
fn weak_secrets_are_refused_and_never_printed() {
    for value in [
        "short",
        "0123456789abcdef0123456789abcde",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "abababababababababababababababababababab",
        "change-me-change-me-change-me-9f86d081",
        "this-is-my-session-secret-for-the-shop-9f86",
        "YOUR_RANDOM_STRING_GOES_HERE_9f86d081884c",
    ] {
        refused("SESSION_SECRET", value);
        let message = serve_with(&[("SESSION_SECRET", value)])
            .unwrap_err()
            .to_string();
        assert!(!message.contains(value));
    }
    for value in [
        "Zk3vQ8sT1wYx5bN7mR2cL9pH4dJ6fG0",
        "Zk3vQ8sT1wYx5bN7mR2cL9pH4dJ6fG0aa",
        "Zk3vQ8sT1wYx5bN7 R2cL9pH4dJ6fG0a",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        refused("PAYUNI_HASH_KEY", value);
        assert!(
            !serve_with(&[("PAYUNI_HASH_KEY", value)])
                .unwrap_err()
                .to_string()
                .contains(value)
        );
    }
    refused("PAYUNI_HASH_IV", "p7Wq2Le9Xc4Vb6N");
    refused("PAYUNI_HASH_IV", &HASH_KEY[..16]);
    let names = faulty(&[
        ("PAYUNI_HASH_KEY", "12345678901234567890123456789012"),
        ("PAYUNI_HASH_IV", "1234567890123456"),
    ]);
    assert_eq!(names, BTreeSet::from(["PAYUNI_HASH_IV".to_owned()]));
}

#[test]
fn white_space_around_a_key_is_trimmed() {
    let key = format!(" \t{HASH_KEY}\r\n");
    let settings = serve_with(&[("PAYUNI_HASH_KEY", &key)]).unwrap();
    assert_eq!(settings.payuni.hash_key.expose_secret(), HASH_KEY);
}

#[test]
fn debug_shows_no_secret() {
    let shown = format!("{:?}", serve_with(&[]).unwrap());
    for secret in [SECRET, HASH_KEY, HASH_IV, "GOCSPX-abcdef"] {
        assert!(!shown.contains(secret));
    }
}

#[test]
fn lists() {
    refused("TRUSTED_PROXIES", "10.0.0.0/33");
    refused("TRUSTED_PROXIES", "10.0.0.1, nginx");
    refused("TRUSTED_PROXIES", "0.0.0.0/0");
    refused("TRUSTED_PROXIES", "::/0");
    let settings = serve_with(&[("TRUSTED_PROXIES", "10.1.2.3/8, 192.0.2.1,::1")]).unwrap();
    let shown: Vec<_> = settings
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(shown, ["10.0.0.0/8", "192.0.2.1/32", "::1/128"]);
    for value in [
        "owner",
        "owner@localhost",
        "@a.tw",
        "a@b@c.tw",
        "a b@c.tw",
        "a@.tw",
        "<a@b.tw>",
    ] {
        refused("ADMIN_EMAILS", value);
    }
}

#[test]
fn a_sheet_needs_its_key_file() {
    let dir = TempDir::new().unwrap();
    let mut variables = production();
    variables.insert("GOOGLE_SHEET_ID", "1AbC_d-9".to_owned());
    let name = "GOOGLE_APPLICATION_CREDENTIALS";
    assert!(
        read(Mode::Serve, &variables, dir.path())
            .unwrap_err()
            .names(name)
    );
    variables.insert(name, "key.json".to_owned());
    for content in [
        None,
        Some("not json"),
        Some("{}"),
        Some(r#"{"client_email":"a@b.tw"}"#),
    ] {
        if let Some(content) = content {
            std::fs::write(dir.path().join("key.json"), content).unwrap();
        }
        let faults = read(Mode::Serve, &variables, dir.path()).unwrap_err();
        assert!(faults.names(name), "{content:?}: {faults}");
    }
    std::fs::write(
        dir.path().join("key.json"),
        r#"{"type":"service_account","client_email":"a@b.tw","private_key":"-----BEGIN"}"#,
    )
    .unwrap();
    let sheet = read(Mode::Serve, &variables, dir.path())
        .unwrap()
        .sheet
        .unwrap();
    assert_eq!(sheet.credentials, dir.path().join("key.json"));
    assert_eq!(sheet.api_url.as_str(), "https://sheets.googleapis.com/");
    for sandbox in [
        r#"{"client_email":"a@jinliu-sandbox.iam.gserviceaccount.com","private_key":"-----BEGIN"}"#,
        r#"{"client_email":"a@b.tw","private_key":"-----BEGIN","token_uri":"http://localhost:8082/token"}"#,
    ] {
        std::fs::write(dir.path().join("key.json"), sandbox).unwrap();
        assert!(
            read(Mode::Serve, &variables, dir.path())
                .unwrap_err()
                .names(name)
        );
    }
    for sandbox in [
        r#"{"client_email":"a@jinliu-sandbox.iam.gserviceaccount.com","private_key":"-----BEGIN"}"#,
        r#"{"client_email":"a@b.tw","private_key":"-----BEGIN","token_uri":"http://localhost:8082/token"}"#,
    ] {
        std::fs::write(dir.path().join("key.json"), sandbox).unwrap();
        assert!(
            read(Mode::Serve, &variables, dir.path())
                .unwrap_err()
                .names(name)
        );
    }
    variables.insert(
        "GOOGLE_SHEET_ID",
        "https://docs.google.com/spreadsheets/d/1AbC/edit".to_owned(),
    );
    assert!(
        read(Mode::Serve, &variables, dir.path())
            .unwrap_err()
            .names("GOOGLE_SHEET_ID")
    );
}

#[test]
fn turnstile_is_whole_or_off() {
    assert_eq!(
        faulty(&[("TURNSTILE_SITE_KEY", "0x4AAA")]),
        BTreeSet::from(["TURNSTILE_SECRET_KEY".to_owned()])
    );
    assert_eq!(
        faulty(&[("TURNSTILE_SECRET_KEY", "0x4AAA")]),
        BTreeSet::from(["TURNSTILE_SITE_KEY".to_owned()])
    );
    let on = [
        ("TURNSTILE_SITE_KEY", "0x4AAA"),
        ("TURNSTILE_SECRET_KEY", "0x4BBB"),
    ];
    let turnstile = serve_with(&on).unwrap().turnstile.unwrap();
    assert_eq!(
        turnstile.verify_url.as_str(),
        "https://challenges.cloudflare.com/turnstile/v0/siteverify"
    );
    assert_eq!(
        turnstile.script_url.as_str(),
        "https://challenges.cloudflare.com/turnstile/v0/api.js"
    );
    let test_key = [
        ("TURNSTILE_SITE_KEY", "1x00000000000000000000AA"),
        (
            "TURNSTILE_SECRET_KEY",
            "1x0000000000000000000000000000000AA",
        ),
    ];
    assert_eq!(
        faulty(&test_key),
        BTreeSet::from(["TURNSTILE_SECRET_KEY".to_owned()])
    );
}
