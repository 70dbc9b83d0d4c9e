//! A world to be judged in: the built program with its sandbox, on ports and in a folder of its own.

use crate::{
    Stage,
    judge::{Judge, Seen},
    program::{Env, Program, Said, free_port, run},
    setup::Setup,
    shopper::Shopper,
    wait::{LOOK_AGAIN, PATIENCE, until},
};
use anyhow::{Context, Result, bail, ensure};
use reqwest::Client;
use rusqlite::{Connection, OpenFlags};
use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How long the program may take to start.
const START: Duration = Duration::from_secs(60);

/// Where everybody is, without trailing slashes.
#[derive(Clone)]
pub(crate) struct Places {
    pub(crate) shop: String,
    pub(crate) payuni: String,
    pub(crate) google: String,
}

/// The program would not start.
pub(crate) struct Refused {
    pub(crate) code: i32,
    /// Its last words.
    pub(crate) words: String,
}

/// An order that was paid.
pub(crate) struct PaidOrder {
    pub(crate) order_no: String,
    /// PAYUNi's number of the payment.
    pub(crate) trade_no: String,
}

/// A world.
pub(crate) struct Town {
    jinliu: PathBuf,
    folder: tempfile::TempDir,
    pub(crate) places: Places,
    ports: [u16; 3],
    env: Env,
    shop: Option<Program>,
    /// Where it is a program of its own.
    sandbox: Option<Program>,
    pub(crate) outside: Client,
}

impl Town {
    /// Opens a world.
    ///
    /// # Errors
    /// Also where the program refuses to start; for checks that are about that, see [`Self::tries`].
    pub(crate) async fn open(stage: &Stage, setup: Setup) -> Result<Self> {
        match Self::tries(stage, setup).await? {
            Ok(town) => Ok(town),
            Err(refused) => bail!(
                "the program does not start ({}): {}",
                refused.code,
                refused.words
            ),
        }
    }

    /// Opens a world, or tells why the shop would not start.
    pub(crate) async fn tries(stage: &Stage, setup: Setup) -> Result<Result<Self, Refused>> {
        let mut town = Self::prepare(stage, setup).await?;
        Ok(town.starts().await?.map(|()| town))
    }

    /// A world in which the shop is not started yet; its folder can be filled first.
    pub(crate) async fn prepare(stage: &Stage, setup: Setup) -> Result<Self> {
        let mut folder = tempfile::Builder::new().prefix("accept-").tempdir()?;
        if stage.keep {
            folder.disable_cleanup(true);
            println!("  （{}）", folder.path().display());
        }
        for (path, content) in &setup.files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().context("a file without a folder")?)?;
            fs::write(path, content)?;
        }
        fs::create_dir_all(folder.path().join("data"))?;
        let ports = [free_port()?, free_port()?, free_port()?];
        let [shop, payuni, google] = ports.map(|port| format!("http://localhost:{port}"));
        let mut env = Env::new();
        for (name, value) in [("RUST_LOG", "info"), ("TRUSTED_PROXIES", "127.0.0.1")] {
            env.insert(name.to_owned(), value.to_owned());
        }
        let mut town = Self {
            jinliu: stage.jinliu.clone(),
            folder,
            places: Places {
                shop,
                payuni,
                google,
            },
            ports,
            env,
            shop: None,
            sandbox: None,
            outside: Client::builder().timeout(PATIENCE).build()?,
        };
        if setup.apart {
            town.opens_sandbox().await?;
        }
        town.env.extend(setup.env);
        Ok(town)
    }

    /// Starts the sandbox as a program of its own and takes its lines for the shop's environment.
    async fn opens_sandbox(&mut self) -> Result<()> {
        let dir = self.folder.path().join("sandbox");
        fs::create_dir_all(&dir)?;
        let [_, payuni, google] = self.ports.map(|port| port.to_string());
        let args = [
            "sandbox",
            "--payuni-port",
            &payuni,
            "--google-port",
            &google,
            "--shop-url",
            &self.places.shop,
        ];
        let mut sandbox = Program::start(&self.jinliu, &dir, "sandbox", &args, &Env::new())?;
        let until = Instant::now() + START;
        // The last of its lines.
        while !sandbox.printed().contains("TURNSTILE_SCRIPT_URL=") {
            let ended = sandbox.ended()?;
            ensure!(ended.is_none(), "the sandbox ends: {}", sandbox.logged());
            ensure!(Instant::now() < until, "the sandbox prints no addresses");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        let printed = sandbox.printed();
        let lines = printed
            .lines()
            .filter_map(|line| line.trim().split_once('='));
        let named = |name: &str| name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_');
        for (name, value) in lines.filter(|(name, _)| named(name)) {
            self.env.insert(name.to_owned(), value.to_owned());
        }
        let key = self.env.get("GOOGLE_APPLICATION_CREDENTIALS");
        let key = dir.join(key.context("the sandbox names no key file")?);
        for (name, value) in [
            ("GOOGLE_APPLICATION_CREDENTIALS", key.display().to_string()),
            ("BIND", format!("127.0.0.1:{}", self.ports[0])),
            ("PUBLIC_URL", self.places.shop.clone()),
            ("ADMIN_EMAILS", "owner@jinliu.example".to_owned()),
            ("SESSION_SECRET", secret()?),
        ] {
            self.env.insert(name.to_owned(), value);
        }
        self.sandbox = Some(sandbox);
        Ok(())
    }

    /// Starts the shop in the world as it lies there, and waits until it is ready; or tells why it would not.
    pub(crate) async fn starts(&mut self) -> Result<Result<(), Refused>> {
        let [shop, payuni, google] = self.ports.map(|port| port.to_string());
        let demo = [
            "demo",
            "--port",
            &shop,
            "--payuni-port",
            &payuni,
            "--google-port",
            &google,
        ];
        let args: &[&str] = if self.sandbox.is_some() {
            &["serve"]
        } else {
            &demo
        };
        let mut program = Program::start(&self.jinliu, self.dir(), "shop", args, &self.env)?;
        let until = Instant::now() + START;
        let ready = format!("{}/readyz", self.places.shop);
        loop {
            if let Some(code) = program.ended()? {
                let logged = program.logged();
                let words = logged.lines().rev().take(12).collect::<Vec<_>>();
                let words = words.into_iter().rev().collect::<Vec<_>>().join("\n");
                return Ok(Err(Refused { code, words }));
            }
            let answer = self.outside.get(&ready).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                break;
            }
            ensure!(Instant::now() < until, "the shop is not ready in time");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
        self.shop = Some(program);
        Ok(Ok(()))
    }

    /// Asks the shop to stop, in a demo its sandbox with it, and waits until it has.
    pub(crate) async fn stops(&mut self) -> Result<()> {
        let program = self.shop.take().context("the shop is not open")?;
        let code = program.stop().await?;
        ensure!(code == 0, "the shop ended with {code}");
        Ok(())
    }

    /// Stops the shop and starts it again, which reads the sheet's products at once.
    pub(crate) async fn starts_again(&mut self) -> Result<()> {
        self.stops().await?;
        match self.starts().await? {
            Ok(()) => Ok(()),
            Err(refused) => bail!("it does not start again: {}", refused.words),
        }
    }

    /// Waits until the shop has made the spreadsheet's tabs and put its products there.
    pub(crate) async fn has_its_sheet(&self) -> Result<()> {
        let there = until(async || {
            let titles = self.tabs().await?;
            let made = ["訂單", "會員", "事件"]
                .iter()
                .all(|tab| titles.iter().any(|title| title == tab));
            Ok(made && self.tab("商品").await?.rows.len() > 1)
        })
        .await?;
        ensure!(there, "the shop does not make its spreadsheet");
        Ok(())
    }

    /// Sets or (with an empty value) takes away a variable, for the next start.
    pub(crate) fn set_env(&mut self, name: &str, value: &str) {
        if value.is_empty() {
            self.env.remove(name);
        } else {
            self.env.insert(name.to_owned(), value.to_owned());
        }
    }

    /// A variable of the shop's environment.
    pub(crate) fn env_of(&self, name: &str) -> Result<&str> {
        let value = self.env.get(name).map(String::as_str);
        value.with_context(|| format!("{name} is not set"))
    }

    /// The shop's working folder.
    pub(crate) fn dir(&self) -> &Path {
        self.folder.path()
    }

    /// What the shop has logged so far, over all its starts.
    pub(crate) fn logged(&self) -> String {
        fs::read_to_string(self.dir().join("shop.stderr")).unwrap_or_default()
    }

    /// Runs a command of the program in the shop's folder.
    pub(crate) fn runs(&self, args: &[&str]) -> Result<Said> {
        let mut env = self.env.clone();
        env.insert("RUST_LOG".to_owned(), "off".to_owned());
        run(&self.jinliu, self.dir(), args, &env)
    }

    /// The ledger's file, to read.
    pub(crate) fn ledger(&self) -> Result<Connection> {
        let path = self.dir().join("data/jinliu.db");
        let connection = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .with_context(|| format!("{} cannot be opened", path.display()))?;
        connection.busy_timeout(Duration::from_secs(5))?;
        Ok(connection)
    }

    /// One number that the ledger is asked for.
    pub(crate) fn counts(&self, sql: &str, order_no: &str) -> Result<i64> {
        Ok(self
            .ledger()?
            .query_row(sql, [order_no], |row| row.get(0))?)
    }

    /// Where an order stands; empty where there is none.
    pub(crate) fn status(&self, order_no: &str) -> Result<String> {
        let sql = "SELECT status FROM orders WHERE order_no = ?1";
        let ledger = self.ledger()?;
        let mut rows = ledger.prepare(sql)?;
        let mut rows = rows.query([order_no])?;
        Ok(rows.next()?.map_or(Ok(String::new()), |row| row.get(0))?)
    }

    /// Waits until an order has this status, or until patience ends. The status that it has then.
    pub(crate) async fn becomes(&self, order_no: &str, status: &str) -> Result<String> {
        until(async || Ok(self.status(order_no)? == status)).await?;
        self.status(order_no)
    }

    /// Buys one of a product with a card and waits until the order is fulfilled: its number.
    pub(crate) async fn sells(&self, buyer: &Shopper, product: &str) -> Result<String> {
        let paid = self.sells_by(buyer, product, "card").await?;
        Ok(paid.order_no)
    }

    /// The same with another way to pay, as the sandbox names it.
    pub(crate) async fn sells_by(
        &self,
        buyer: &Shopper,
        product: &str,
        method: &str,
    ) -> Result<PaidOrder> {
        let sealed = buyer.checks_out(product, 1).await?;
        let paid = buyer.pays(&sealed, method).await?;
        let status = self.becomes(&sealed.order_no, "fulfilled").await?;
        ensure!(
            status == "fulfilled",
            "the paid order {} is {status}",
            sealed.order_no
        );
        Ok(PaidOrder {
            order_no: sealed.order_no,
            trade_no: paid.trade_no,
        })
    }

    /// How often an order was delivered, by the ledger.
    pub(crate) fn deliveries(&self, order_no: &str) -> Result<i64> {
        self.counts(
            "SELECT count(*) FROM facts WHERE kind = 'delivered' AND order_no = ?1",
            order_no,
        )
    }

    /// Somebody who is not signed in.
    pub(crate) fn stranger(&self) -> Result<Shopper> {
        Shopper::new(&self.places)
    }

    /// Somebody signed in with one of the sandbox's accounts: `owner`, `buyer1`, `buyer2`.
    pub(crate) async fn person(&self, account: &str) -> Result<Shopper> {
        let person = self.stranger()?;
        person.signs_in(account).await?;
        Ok(person)
    }

    /// Holds the ledger to all its rules with `jinliu audit`, and in a demo to the gateway's books and the sheet as well,
    /// once all has come to rest.
    pub(crate) async fn audited(&self, judge: &mut Judge) -> Result<bool> {
        let demo = self.sandbox.is_none() && self.shop.is_some();
        self.audited_with(judge, demo).await
    }

    /// Holds the ledger alone to all its rules.
    pub(crate) async fn audited_alone(&self, judge: &mut Judge) -> Result<bool> {
        self.audited_with(judge, false).await
    }

    async fn audited_with(&self, judge: &mut Judge, demo: bool) -> Result<bool> {
        let args: &[&str] = if demo {
            &["audit", "--sandbox"]
        } else {
            &["audit"]
        };
        let mut said = self.runs(args)?;
        until(async || {
            said = self.runs(args)?;
            Ok(said.code == 0)
        })
        .await?;
        let what = if demo {
            "帳本通過稽核，也和 PAYUNi 的帳、試算表對得起來"
        } else {
            "帳本通過稽核"
        };
        // What holds ends with `ok`.
        let words = said.output.lines().filter(|line| !line.ends_with(" ok"));
        let words = words
            .chain(said.errors.lines())
            .collect::<Vec<_>>()
            .join("\n");
        let seen = Seen::that(said.code == 0, "jinliu audit 結束代碼 0", words);
        Ok(judge.kept(what, 0, &seen))
    }
}

/// A secret that nobody else has: 32 random bytes as text.
fn secret() -> Result<String> {
    use std::io::Read;
    let mut bytes = [0; 32];
    fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
