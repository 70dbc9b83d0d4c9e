//! `jinliu serve` with a production configuration: it opens, says the right things, and shows nothing of the sandbox.
//! Nothing outside this machine is contacted; the keys are made up.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that cannot go on fails"
)]

use std::{
    io::Read,
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const HASH_KEY: &str = "Zk3vQ8sT1wYx5bN7mR2cL9pH4dJ6fG0a";
const HASH_IV: &str = "p7Wq2Le9Xc4Vb6Nz";

struct Serving {
    child: Child,
    url: String,
    _folder: tempfile::TempDir,
}

impl Drop for Serving {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn command(folder: &tempfile::TempDir, changes: &[(&str, &str)]) -> (Command, String) {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let mut command = Command::new(env!("CARGO_BIN_EXE_jinliu"));
    command.arg("serve").current_dir(folder.path()).env_clear();
    for (name, value) in [
        ("PUBLIC_URL", "https://shop.example.tw"),
        (
            "SESSION_SECRET",
            "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
        ("PAYUNI_API_URL", "https://api.payuni.com.tw/api/"),
        ("PAYUNI_MERCHANT_ID", "ABC123456"),
        ("PAYUNI_HASH_KEY", HASH_KEY),
        ("PAYUNI_HASH_IV", HASH_IV),
        ("GOOGLE_CLIENT_ID", "123-abc.apps.googleusercontent.com"),
        ("GOOGLE_CLIENT_SECRET", "GOCSPX-abcdef"),
    ] {
        command.env(name, value);
    }
    for (name, value) in changes {
        command.env(name, value);
    }
    command.env("BIND", format!("127.0.0.1:{port}"));
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    (command, format!("http://127.0.0.1:{port}"))
}

async fn serving() -> Serving {
    let folder = tempfile::tempdir().unwrap();
    let (mut command, url) = command(&folder, &[]);
    let mut child = command.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while reqwest::get(format!("{url}/healthz")).await.is_err() {
        if child.try_wait().unwrap().is_some() || Instant::now() > deadline {
            let mut said = String::new();
            child
                .stderr
                .take()
                .unwrap()
                .read_to_string(&mut said)
                .unwrap();
            panic!("did not open: {said}");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Serving {
        child,
        url,
        _folder: folder,
    }
}

#[tokio::test]
async fn it_opens_under_its_own_name_and_sends_buyers_to_payuni_only() {
    let shop = serving().await;
    let client = reqwest::Client::new();
    let page = client
        .get(format!("{}/", shop.url))
        .header("host", "shop.example.tw")
        .send()
        .await
        .unwrap();
    assert_eq!(page.status(), 200);
    let policy = page.headers()["content-security-policy"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("form-action 'self' https://api.payuni.com.tw https://*.payuni.com.tw"),
        "{policy}"
    );
    assert!(
        !policy.contains("unsafe") && !policy.contains("localhost"),
        "{policy}"
    );
    assert!(page.headers().contains_key("strict-transport-security"));
    let html = page.text().await.unwrap();
    assert!(
        !html.contains("沙盒") && !html.contains("sandbox"),
        "nothing of the sandbox on the page"
    );

    let foreign = client.get(format!("{}/", shop.url)).send().await.unwrap();
    assert_eq!(foreign.status(), 421, "another host's name is not served");
    for path in [
        "/learn",
        "/learn/search?q=a",
        "/learn/films",
        "/lab",
        "/lab/A24",
        "/lab/doctor",
        "/lab/fix/wrong-amount",
        "/_sandbox/state",
        "/api/upp",
        "/sheets/x",
        "/v4/spreadsheets/x",
        "/o/oauth2/v2/auth",
        "/turnstile/v0/api.js",
    ] {
        let answer = client
            .get(format!("{}{path}", shop.url))
            .header("host", "shop.example.tw")
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
}

#[test]
fn keys_of_the_sandbox_are_refused_on_a_public_address() {
    let folder = tempfile::tempdir().unwrap();
    let (mut command, _) = command(
        &folder,
        &[
            ("PAYUNI_HASH_KEY", "jinliu-sandbox-payuni-hash-key-1"),
            ("PAYUNI_MERCHANT_ID", "JINLIUDEMO"),
        ],
    );
    let refused = command.output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(
        said.contains("PAYUNI_HASH_KEY") && !said.contains("jinliu-sandbox-payuni-hash-key-1"),
        "{said}"
    );
}
