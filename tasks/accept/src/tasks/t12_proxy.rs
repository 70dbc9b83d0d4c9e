//! Task 12: the shop behind a reverse proxy, with the adopter's own files: nginx runs its configuration, the program its
//! environment and its service's command line.

use crate::{
    Stage,
    judge::{Judge, Seen},
    program::{Env, Program, free_port},
    proxy::{Answer, Proxy, Request, client},
    seal::Merchant,
    wait::{LOOK_AGAIN, PATIENCE},
};
use anyhow::{Context, Result, ensure};
use reqwest::{Client, Method};
use rusqlite::{Connection, OpenFlags};
use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    time::Instant,
};

/// A real shop's values that nobody else has: with those of the sandbox no shop opens on a public address.
const MERCHANT: Merchant = Merchant {
    id: "MS36912",
    key: "Zk3vQ8sT1wYx5bN7mR2cL9pH4dJ6fG0a",
    iv: "p7Wq2Le9Xc4Vb6Nz",
};
const NAME: &str = "shop.example.tw";
const OUTSIDE: &str = "203.0.113.7";
const NEIGHBOUR: &str = "203.0.113.8";

/// The hints of the task's page.
const NGINX: u8 = 1;
const ADDRESSES: u8 = 2;
const SERVICE: u8 = 3;

pub(super) async fn run(stage: &Stage, judge: &mut Judge) -> Result<()> {
    without_a_proxy(stage, judge).await?;
    let read = |name: &str| fs::read_to_string(stage.tree.join("deploy").join(name)).ok();
    let mut files = Vec::new();
    for (name, hint) in [
        ("nginx.conf", NGINX),
        ("jinliu.env.example", ADDRESSES),
        ("jinliu.service", SERVICE),
    ] {
        let text = read(name);
        let seen = Seen::that(text.is_some(), format!("deploy/{name}"), "沒有這個檔案");
        judge.goal(&format!("有 deploy/{name}"), hint, &seen);
        files.extend(text);
    }
    let [nginx, env, service] = files.as_slice() else {
        return Ok(());
    };
    let Some(args) = the_service(judge, service) else {
        return Ok(());
    };
    let (env, bind) = the_environment(judge, env)?;
    let home = Home::open(stage, &args, &env, bind).await?;
    let shop = match home {
        Ok(home) => home,
        Err(words) => {
            let seen = Seen::that(false, "商店照常開張", words);
            judge.goal("商店照這些設定開得起來", ADDRESSES, &seen);
            return Ok(());
        }
    };
    judge.goal(
        "商店照這些設定開得起來",
        ADDRESSES,
        &Seen::that(true, "", ""),
    );
    let proxy = match Proxy::open(shop.folder.path(), nginx, shop.address).await? {
        Ok(proxy) => proxy,
        Err(said) => {
            judge.goal(
                "nginx 收下這份設定",
                NGINX,
                &Seen::that(false, "開門", said),
            );
            return Ok(());
        }
    };
    let outside = Outside {
        proxy,
        client: client()?,
    };
    doors(&outside, judge).await?;
    addresses(&outside, judge).await?;
    notices(&outside, &shop, judge).await?;
    Ok(())
}

/// What the shop does by itself, whatever is in front of it.
async fn without_a_proxy(stage: &Stage, judge: &mut Judge) -> Result<()> {
    let mut env = secrets();
    for (name, value) in [
        ("PUBLIC_URL", format!("https://{NAME}")),
        ("DATABASE_URL", "sqlite://jinliu.db".to_owned()),
    ] {
        env.insert(name.to_owned(), value);
    }
    let bind = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let shop = Home::open(stage, &["serve".to_owned()], &env, bind).await?;
    let Ok(shop) = shop else {
        judge.kept(
            "沒有代理的商店開得起來",
            SERVICE,
            &Seen::that(false, "開張", "沒有"),
        );
        return Ok(());
    };
    let client = client()?;
    for (what, host, status) in [("自己的網域", NAME, 200), ("別的網域", "evil.example", 421)]
    {
        let url = format!("http://{}/", shop.address);
        let answer = client.get(url).header("host", host).send().await?;
        judge.kept(
            &format!("商店自己認得{what}（{status}）"),
            NGINX,
            &Seen::equal(&answer.status().as_u16(), &status),
        );
    }
    Ok(())
}

/// The unit starts the shop, not as root. Its arguments.
fn the_service(judge: &mut Judge, text: &str) -> Option<Vec<String>> {
    let value = |name: &str| {
        let lines = text.lines().filter_map(|line| line.trim().split_once('='));
        let mut found = lines.filter(|(known, _)| known.trim() == name);
        found.next().map(|(_, value)| value.trim().to_owned())
    };
    let user = value("User").filter(|user| user != "root" && user != "0");
    let dynamic = value("DynamicUser").filter(|on| on == "yes" || on == "true");
    let seen = Seen::that(
        user.is_some() || dynamic.is_some(),
        "User=（不是 root）或 DynamicUser=yes",
        value("User").unwrap_or_default(),
    );
    judge.goal("服務不是用 root 跑", SERVICE, &seen);
    let again = value("Restart").unwrap_or_default();
    let seen = Seen::that(
        again == "always" || again == "on-failure",
        "always 或 on-failure",
        again,
    );
    judge.goal("當掉會自己重開", SERVICE, &seen);
    let start = value("ExecStart").unwrap_or_default();
    let args: Vec<String> = start
        .split_whitespace()
        .skip(1)
        .map(str::to_owned)
        .collect();
    let seen = Seen::equal(&args, &["serve"]);
    judge
        .goal("服務開的是 jinliu serve", SERVICE, &seen)
        .then_some(args)
}

/// The environment's file, with what an owner would fill in, and where the shop listens.
fn the_environment(judge: &mut Judge, text: &str) -> Result<(Env, IpAddr)> {
    let lines = text.lines().map(str::trim);
    let pairs = lines.filter(|line| !line.starts_with('#'));
    let pairs = pairs.filter_map(|line| line.split_once('='));
    let mut env: Env = pairs
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let given = |env: &Env, name: &str| env.get(name).cloned().unwrap_or_default();
    judge.goal(
        "PUBLIC_URL 是公開的 https 網址",
        ADDRESSES,
        &Seen::equal(&given(&env, "PUBLIC_URL"), &format!("https://{NAME}")),
    );
    let bind = given(&env, "BIND");
    let address: Option<SocketAddr> = bind.parse().ok();
    let seen = Seen::that(
        address.is_some_and(|address| address.ip().is_loopback()),
        "只聽本機，例如 127.0.0.1:8080",
        &bind,
    );
    judge.goal("外面連不到商店，只連得到代理", ADDRESSES, &seen);
    env.extend(secrets());
    env.insert("DATABASE_URL".to_owned(), "sqlite://jinliu.db".to_owned());
    let ip = address.map_or(IpAddr::V4(Ipv4Addr::LOCALHOST), |address| address.ip());
    Ok((env, ip))
}

/// What an owner fills in.
fn secrets() -> Env {
    let pairs = [
        (
            "SESSION_SECRET",
            "8f1c6d2ab94e7035c1e8d67b20fa9453b6e1d08c7a52f9e34d60b8175c2ea93f",
        ),
        ("PAYUNI_API_URL", "https://api.payuni.com.tw/api/"),
        ("PAYUNI_MERCHANT_ID", MERCHANT.id),
        ("PAYUNI_HASH_KEY", MERCHANT.key),
        ("PAYUNI_HASH_IV", MERCHANT.iv),
        ("GOOGLE_CLIENT_ID", "123-abc.apps.googleusercontent.com"),
        ("GOOGLE_CLIENT_SECRET", "GOCSPX-abcdefgh"),
        ("RUST_LOG", "warn"),
        // Nobody is reached from here, and nobody has to be.
        ("HTTPS_PROXY", "http://127.0.0.1:9"),
    ];
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    pairs.map(owned).into_iter().collect()
}

/// The shop as its service starts it.
struct Home {
    folder: tempfile::TempDir,
    address: SocketAddr,
    program: Program,
}

impl Home {
    /// Starts it, or tells why it would not start.
    async fn open(
        stage: &Stage,
        args: &[String],
        env: &Env,
        ip: IpAddr,
    ) -> Result<Result<Self, String>> {
        let mut folder = tempfile::Builder::new().prefix("accept-").tempdir()?;
        folder.disable_cleanup(stage.keep);
        let address = SocketAddr::new(ip, free_port()?);
        let mut env = env.clone();
        env.insert("BIND".to_owned(), address.to_string());
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        let mut program = Program::start(&stage.jinliu, folder.path(), "shop", &args, &env)?;
        let until = Instant::now() + PATIENCE;
        let client = client()?;
        loop {
            if program.ended()?.is_some() {
                return Ok(Err(program.logged()));
            }
            let answer = client.get(format!("http://{address}/readyz")).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            ensure!(Instant::now() < until, "the shop is not ready in time");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        Ok(Ok(Self {
            folder,
            address,
            program,
        }))
    }
}

/// The world in front of the proxy.
struct Outside {
    proxy: Proxy,
    client: Client,
}

impl Outside {
    async fn gets(&self, path: &str, from: &str, claims: Option<&str>) -> Result<Answer> {
        self.asks(true, NAME, path, from, claims).await
    }

    async fn asks(
        &self,
        secure: bool,
        host: &str,
        path: &str,
        from: &str,
        claims: Option<&str>,
    ) -> Result<Answer> {
        let request = Request {
            method: Method::GET,
            secure,
            host,
            path,
            from,
            claims,
            form: None,
        };
        self.proxy.asks(&self.client, request).await
    }
}

/// Names, encryption, cookies.
async fn doors(outside: &Outside, judge: &mut Judge) -> Result<()> {
    let front = outside.gets("/", OUTSIDE, None).await?;
    judge.goal(
        "https 的首頁打得開",
        NGINX,
        &Seen::equal(&front.status, &200),
    );
    let hsts = front.headers.contains_key("strict-transport-security");
    let seen = Seen::that(hsts, "Strict-Transport-Security", "沒有");
    judge.goal("瀏覽器會記得只走 https（HSTS）", NGINX, &seen);
    let english = outside.gets("/?lang=en", OUTSIDE, None).await?;
    let cookies = english.headers.get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies.filter_map(|cookie| cookie.to_str().ok()).collect();
    let secure = !cookies.is_empty() && cookies.iter().all(|cookie| cookie.contains("Secure"));
    let seen = Seen::that(secure, "每一個都有 Secure", format!("{cookies:?}"));
    judge.goal("cookie 只走 https（Secure）", ADDRESSES, &seen);
    let plain = outside
        .asks(false, NAME, "/about/terms", OUTSIDE, None)
        .await?;
    let to = plain
        .headers
        .get("location")
        .and_then(|to| to.to_str().ok());
    let moved = [301, 308].contains(&plain.status);
    let seen = Seen::that(
        moved && to == Some(&format!("https://{NAME}/about/terms")),
        format!("301 到 https://{NAME}/about/terms"),
        format!("{} 到 {to:?}", plain.status),
    );
    judge.goal("http 轉到 https 的同一頁", NGINX, &seen);
    let foreign = outside
        .asks(true, "evil.example", "/", OUTSIDE, None)
        .await?;
    let seen = Seen::that(
        (400..500).contains(&foreign.status),
        "421，或代理自己的 4xx",
        foreign.status,
    );
    judge.goal("別的網域打進來，不答", NGINX, &seen);
    Ok(())
}

/// Who somebody is: by where they come from, not by what they say.
async fn addresses(outside: &Outside, judge: &mut Judge) -> Result<()> {
    let stranger = outside.gets("/metrics", OUTSIDE, None).await?;
    judge.goal(
        "從外面看不到 /metrics",
        ADDRESSES,
        &Seen::equal(&stranger.status, &404),
    );
    for claims in ["127.0.0.1", "10.0.0.1", "127.0.0.1, 10.0.0.1"] {
        let forged = outside.gets("/metrics", OUTSIDE, Some(claims)).await?;
        judge.goal(
            &format!("自己寫 X-Forwarded-For: {claims}，沒有人信"),
            ADDRESSES,
            &Seen::equal(&forged.status, &404),
        );
    }
    let near = outside.gets("/metrics", "10.1.2.3", None).await?;
    let counted = near.status == 200 && near.body.contains("jinliu_");
    let seen = Seen::that(counted, "200，看得到計數", near.status);
    judge.goal("內部網段看得到 /metrics", ADDRESSES, &seen);
    // One address runs into the limit; others, and that one under another name, do not change places.
    let mut last = 0;
    for _ in 0..3_000 {
        last = outside.gets("/healthz", OUTSIDE, None).await?.status;
        if last == 429 {
            break;
        }
    }
    judge.goal(
        "一個位址打太多次，要等（429）",
        ADDRESSES,
        &Seen::equal(&last, &429),
    );
    let neighbour = outside.gets("/healthz", NEIGHBOUR, None).await?;
    judge.goal(
        "別的位址不受影響",
        ADDRESSES,
        &Seen::equal(&neighbour.status, &200),
    );
    let mut passed = 0;
    for last in 1..=20 {
        let claims = format!("198.51.100.{last}");
        let answer = outside.gets("/healthz", OUTSIDE, Some(&claims)).await?;
        passed += u32::from(answer.status == 200);
    }
    // A slot or two come free meanwhile.
    let seen = Seen::that(
        passed <= 5,
        "二十次裡最多過五次",
        format!("過了 {passed} 次"),
    );
    judge.goal("每次假裝從別處來，也躲不過限流", ADDRESSES, &seen);
    Ok(())
}

/// PAYUNi's messages come through, whole, and are durable before they are answered.
async fn notices(outside: &Outside, shop: &Home, judge: &mut Judge) -> Result<()> {
    let attempt = "2611230123456789ABCDEF";
    let sealed = MERCHANT.paid_card(attempt, "17800000000000001", 680)?;
    let post = |form: String| Request {
        method: Method::POST,
        secure: true,
        host: NAME,
        path: "/payuni/notify",
        from: "198.51.100.200",
        claims: None,
        form: Some(form),
    };
    let forged = sealed.replace("HashInfo=", "HashInfo=0");
    let forged = outside.proxy.asks(&outside.client, post(forged)).await?;
    judge.goal(
        "偽造的通知走到商店，被商店拒絕（401）",
        NGINX,
        &Seen::equal(&forged.status, &401),
    );
    let told = outside.proxy.asks(&outside.client, post(sealed)).await?;
    judge.goal(
        "真的通知走到商店，回 OK",
        NGINX,
        &Seen::equal(&(told.status, told.body.as_str()), &(200, "OK")),
    );
    let kept = in_the_ledger(shop.folder.path(), attempt)?;
    judge.goal(
        "沒有這張訂單，列在帳本裡等人看",
        NGINX,
        &Seen::equal(&kept, &1),
    );
    let logged = shop.program.logged();
    let printed = [MERCHANT.key, MERCHANT.iv]
        .iter()
        .any(|secret| logged.contains(secret));
    let seen = Seen::that(!printed, "沒有金鑰", "有金鑰");
    judge.kept("紀錄裡沒有金鑰", SERVICE, &seen);
    Ok(())
}

fn in_the_ledger(dir: &Path, subject: &str) -> Result<i64> {
    let path = dir.join("jinliu.db");
    let ledger = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .with_context(|| format!("{} cannot be opened", path.display()))?;
    let sql = "SELECT count(*) FROM exceptions WHERE code = 'L3.unknown_order' AND subject = ?1";
    Ok(ledger.query_row(sql, [subject], |row| row.get(0))?)
}
