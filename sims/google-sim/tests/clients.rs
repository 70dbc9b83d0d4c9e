//! Clients that other people wrote, unmodified, against the sandbox: `gspread` from `PyPI` and
//! `googleapis` from npm.
#![expect(
    clippy::unwrap_used,
    reason = "in a test, what cannot be had is the failure"
)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use google_sim::{Running, SHEET_ID, Settings};
use tokio::process::Command;

/// A sandbox, and the folder with its service-account key.
async fn sandbox() -> (Running, tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    let key = folder.path().join("key.json");
    let settings = Settings {
        public_url: base.clone(),
        service_account_file: Some(key),
        ..Settings::demo()
    };
    (
        google_sim::start(listener, settings).await.unwrap(),
        folder,
        base,
    )
}

/// The tool that `cargo xtask test` provides; `None` where clients are skipped on purpose.
fn tool(name: &str) -> Option<PathBuf> {
    if std::env::var("JINLIU_SKIP_CLIENTS").is_ok_and(|v| v == "1") {
        eprintln!("skipped: JINLIU_SKIP_CLIENTS=1, so no foreign client was run");
        return None;
    }
    let path = std::env::var_os(name).map(PathBuf::from);
    Some(path.unwrap_or_else(|| {
        panic!("{name} is not set: run `cargo xtask test`, which installs the clients and sets it")
    }))
}

async fn check(mut command: Command) {
    command
        .kill_on_drop(true)
        .env_remove("HTTP_PROXY")
        .env_remove("HTTPS_PROXY")
        .env("NO_PROXY", "127.0.0.1,localhost");
    let output = tokio::time::timeout(Duration::from_secs(120), command.output())
        .await
        .expect("the client to finish")
        .unwrap();
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(
        output.status.success() && out.trim_end().ends_with("ok"),
        "{out}\n{err}"
    );
}

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/clients")
        .join(name)
}

#[tokio::test]
async fn gspread_from_pypi() {
    let Some(python) = tool("JINLIU_PYTHON") else {
        return;
    };
    let (running, folder, base) = sandbox().await;
    let mut command = Command::new(python);
    command
        .arg(script("gspread_check.py"))
        .arg(&base)
        .arg(folder.path().join("key.json"))
        .arg(SHEET_ID);
    check(command).await;
    running.stop().await;
}

#[tokio::test]
async fn googleapis_from_npm() {
    let Some(modules) = tool("JINLIU_NODE_MODULES") else {
        return;
    };
    let (running, folder, base) = sandbox().await;
    let mut command = Command::new("node");
    command
        .env("NODE_MODULES", modules)
        .arg(script("googleapis_check.mjs"))
        .arg(&base)
        .arg(folder.path().join("key.json"))
        .arg(SHEET_ID);
    check(command).await;
    running.stop().await;
}
