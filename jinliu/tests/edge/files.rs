//! Only files on the list are served.

use crate::{raw, shopper::Town};
use std::collections::BTreeSet;

/// What lies in working folders, and what is commonly tried.
const TRIED: &str = "\
    .env .env.local .git/HEAD .git/config .gitignore .DS_Store .htaccess .npmrc Cargo.toml Cargo.lock \
    jinliu.toml jinliu.key notes.txt data data/ data/jinliu.db data/jinliu.db-wal data/jinliu.db-shm \
    data/session-secret data/sandbox/payuni.json data/sandbox/service-account.json app.db backup.sql \
    backup.zip dump.sql.gz logs/app.log server.log index.js package.json node_modules/x src/main.rs \
    crates/shop/src/app.rs target/debug/jinliu README.md AGENTS.md brand/ brand/../Cargo.toml etc/passwd \
    proc/self/environ wp-login.php phpinfo.php id_rsa .ssh/id_rsa .aws/credentials service-account.json \
    _sandbox/state _sandbox/faults sim/pay/O1 dev/login debug/pprof actuator/env server-status \
    internal/metrics api/upp v4/spreadsheets";

#[tokio::test(flavor = "multi_thread")]
async fn only_listed_files_are_served() {
    let town = Town::new().await;
    // Things that lie in working folders, also in this one.
    for file in [".env", "jinliu.key", "notes.txt"] {
        std::fs::write(town.folder.path().join(file), "CANARY-7f3a").unwrap();
    }
    let mut paths: BTreeSet<String> = BTreeSet::new();
    for name in TRIED.split_whitespace() {
        paths.insert(format!("/{name}"));
        paths.insert(format!("/assets/{name}"));
        paths.insert(format!("/assets/..%2f{name}"));
        paths.insert(format!("/assets/%2e%2e/{name}"));
        paths.insert(format!("/assets/..%5c{name}"));
    }
    for raw in [
        "/assets/../Cargo.toml",
        "/../../etc/passwd",
        "/assets/....//Cargo.toml",
        "/assets//etc/passwd",
        "/assets/%00",
        "/assets/",
    ] {
        paths.insert(raw.to_owned());
    }
    assert!(paths.len() > 200, "{}", paths.len());
    let address = town.world.shop.addr;
    for (n, path) in paths.iter().enumerate() {
        // Written by hand, since a client would tidy the path up.
        let from = format!("198.19.{}.{}", n / 50, n % 50 + 1);
        let (status, body) = raw_get(address, path, &from).await;
        assert!(matches!(status, 400 | 404), "{path}: {status}");
        for leak in [
            "CANARY-7f3a",
            "root:",
            "[workspace]",
            "SQLite format",
            "private_key",
        ] {
            assert!(!body.contains(leak), "{path}: {leak}");
        }
    }
    // The list itself is served, with names that change with their bytes.
    let home = town.stranger().opens("/").await.body;
    let assets: Vec<&str> = home
        .split("\"/assets/")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap())
        .collect();
    assert!(assets.len() >= 3, "{assets:?}");
    for asset in assets {
        assert_eq!(
            town.stranger()
                .opens(&format!("/assets/{asset}"))
                .await
                .status,
            200,
            "{asset}"
        );
    }
}

/// One request as it is written, without a client that knows better.
async fn raw_get(address: std::net::SocketAddr, path: &str, from: &str) -> (u16, String) {
    let request = format!(
        "GET {path} HTTP/1.1\r\nhost: localhost:{}\r\nx-forwarded-for: {from}\r\nconnection: close\r\n\r\n",
        address.port()
    );
    raw(address, request.as_bytes()).await
}
