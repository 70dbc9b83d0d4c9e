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

/// Every kind of picture that `brand/README.md` speaks of.
#[tokio::test(flavor = "multi_thread")]
async fn the_owners_pictures_are_served_as_what_they_are() {
    let kinds = [
        ("a.svg", "image/svg+xml"),
        ("b.png", "image/png"),
        ("c.JPG", "image/jpeg"),
        ("d.webp", "image/webp"),
        ("e.avif", "image/avif"),
    ];
    let town = Town::planned(|plan| {
        let brand = plan.dir.join("brand");
        std::fs::create_dir(&brand).unwrap();
        for (name, kind) in kinds {
            std::fs::write(brand.join(name), kind).unwrap();
        }
        std::fs::write(brand.join("notes.txt"), "CANARY-7f3a").unwrap();
    })
    .await;
    for (name, kind) in kinds {
        let page = town
            .stranger()
            .opens(&format!("/assets/brand/{name}"))
            .await;
        assert_eq!((page.status, page.body.as_str()), (200, kind), "{name}");
        assert_eq!(page.headers["content-type"], kind, "{name}");
    }
    let notes = town.stranger().opens("/assets/brand/notes.txt").await;
    assert_eq!(notes.status, 404);
}

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
