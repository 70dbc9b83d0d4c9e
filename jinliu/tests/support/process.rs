//! The program as a process: started in an empty folder with no environment but what a test gives it, ended with the test.

use crate::shopper::{PATIENCE, Shopper, town::write_shop_file, until};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What a finished program left.
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) output: String,
    pub(crate) errors: String,
}

fn jinliu(dir: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_jinliu"));
    command
        .args(args)
        .current_dir(dir)
        .env_clear()
        .stdin(Stdio::null());
    command
}

/// Runs a command to its end.
pub(crate) fn run(dir: &Path, args: &[&str]) -> Said {
    run_with(dir, args, &BTreeMap::new())
}

/// Runs a command to its end with an environment.
pub(crate) fn run_with(dir: &Path, args: &[&str], env: &BTreeMap<String, String>) -> Said {
    let done = jinliu(dir, args).envs(env).output().unwrap();
    Said {
        code: done.status.code().unwrap_or(-1),
        output: String::from_utf8(done.stdout).unwrap(),
        errors: String::from_utf8(done.stderr).unwrap(),
    }
}

/// A port that nobody listens on, for a shop that is to come back to the same one. Below those that systems hand out by
/// themselves, so that no connection of another test takes it in between.
fn free_port() -> u16 {
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    let free = (first..32_000).find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok());
    free.expect("a free port")
}

/// The lines `NAME=value` of a text.
pub(crate) fn env_of(text: &str) -> BTreeMap<String, String> {
    let named = text.lines().filter_map(|line| line.trim().split_once('='));
    named
        .filter(|(name, _)| {
            !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
        })
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// A running program; what it writes goes to files beside its data.
pub(crate) struct Program {
    child: Child,
    output: PathBuf,
}

impl Program {
    pub(crate) fn start(dir: &Path, args: &[&str], env: &[(String, String)]) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(1);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let output = dir.join(format!("{n}.stdout"));
        let child = jinliu(dir, args)
            .env("RUST_LOG", "debug")
            .envs(env.iter().map(|(name, value)| (name, value)))
            .stdout(fs::File::create(&output).unwrap())
            .stderr(fs::File::create(dir.join(format!("{n}.stderr"))).unwrap())
            .spawn()
            .unwrap();
        Self { child, output }
    }

    /// What it has printed so far.
    pub(crate) fn printed(&self) -> String {
        fs::read_to_string(&self.output).unwrap_or_default()
    }

    /// Fails the test with its last words, if it has ended.
    fn is_running(&mut self) {
        if let Some(status) = self.child.try_wait().unwrap() {
            let errors =
                fs::read_to_string(self.output.with_extension("stderr")).unwrap_or_default();
            panic!("the program ended ({status}): {errors}");
        }
    }

    /// The first three addresses that it printed: for the demo the shop's, PAYUNi's and Google's.
    pub(crate) async fn addresses(&self) -> [String; 3] {
        let mut found = Vec::new();
        until("it printed its addresses", async || {
            let text = self.printed();
            let urls = text.split("http://localhost:").skip(1);
            let ports = urls.filter_map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next());
            found = ports
                .map(|port| format!("http://localhost:{port}"))
                .collect();
            found.len() >= 3
        })
        .await;
        found.truncate(3);
        found.try_into().unwrap()
    }

    /// Ends it without a word, as a power cut would (`SIGKILL`).
    pub(crate) fn killed(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &id])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Its exit code, once it has ended by itself.
    async fn ended(mut self) -> Option<i32> {
        let mut code = None;
        until("it ended", async || {
            code = self.child.try_wait().unwrap().map(|status| status.code());
            code.is_some()
        })
        .await;
        code.flatten()
    }

    /// Asks it to stop (`SIGTERM`) and waits until it has; returns its exit code.
    pub(crate) async fn asked_to_end(self) -> Option<i32> {
        self.terminate();
        self.ended().await
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// A sandbox in one process, and a place for a shop in another.
pub(crate) struct Street {
    pub(crate) payuni: String,
    google: String,
    shop: String,
    env: BTreeMap<String, String>,
    pub(crate) outside: reqwest::Client,
    _sandbox: Program,
    shop_dir: TempDir,
    sandbox_dir: TempDir,
}

impl Street {
    pub(crate) async fn open() -> Self {
        let (shop_dir, sandbox_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        // PAYUNi is asked again every second, so that a test need not wait for long.
        write_shop_file(
            shop_dir.path(),
            &[(
                "waits_seconds = [20, 60, 180, 600, 1800, 3600]",
                "waits_seconds = [1]",
            )],
        );
        let sandbox = Program::start(
            sandbox_dir.path(),
            &["sandbox", "--payuni-port", "0", "--google-port", "0"],
            &[],
        );
        let [payuni, google, _] = sandbox.addresses().await;
        let mut env = BTreeMap::new();
        until("the sandbox printed its lines", async || {
            env = env_of(&sandbox.printed());
            env.contains_key("TURNSTILE_SCRIPT_URL")
        })
        .await;
        let port = free_port();
        let shop = format!("http://localhost:{port}");
        let key = sandbox_dir
            .path()
            .join(&env["GOOGLE_APPLICATION_CREDENTIALS"]);
        env.insert(
            "GOOGLE_APPLICATION_CREDENTIALS".to_owned(),
            key.display().to_string(),
        );
        env.insert("BIND".to_owned(), format!("127.0.0.1:{port}"));
        env.insert("PUBLIC_URL".to_owned(), shop.clone());
        env.insert(
            "SESSION_SECRET".to_owned(),
            hex::encode(Sha256::digest(&shop)),
        );
        env.insert("TRUSTED_PROXIES".to_owned(), "127.0.0.1".to_owned());
        Self {
            payuni,
            google,
            shop,
            env,
            outside: reqwest::Client::new(),
            _sandbox: sandbox,
            shop_dir,
            sandbox_dir,
        }
    }

    /// Starts the shop and waits until it is ready.
    pub(crate) async fn serve(&self) -> Program {
        let env: Vec<(String, String)> = self.env.clone().into_iter().collect();
        let mut shop = Program::start(self.shop_dir.path(), &["serve"], &env);
        let ready = format!("{}/readyz", self.shop);
        until("the shop is ready", async || {
            shop.is_running();
            let answer = self.outside.get(&ready).send().await;
            answer.is_ok_and(|answer| answer.status().is_success())
        })
        .await;
        shop
    }

    pub(crate) fn buyer(&self) -> Shopper {
        Shopper::at(&self.shop, &self.payuni, &self.google)
    }

    /// Runs a command where the shop lives.
    pub(crate) fn run(&self, args: &[&str]) -> Said {
        run_with(self.shop_dir.path(), args, &self.env)
    }

    /// One order as `jinliu orders --json` shows it.
    pub(crate) fn order(&self, no: &str) -> Value {
        let said = self.run(&["orders", "--json", no]);
        assert_eq!(said.code, 0, "{}", said.errors);
        serde_json::from_str::<Vec<Value>>(&said.output)
            .unwrap()
            .remove(0)
    }

    pub(crate) async fn becomes(&self, no: &str, status: &str) {
        until(&format!("order {no} is {status}"), async || {
            self.order(no)["status"] == status
        })
        .await;
    }

    pub(crate) async fn control(&self, path: &str, body: Value) {
        let answer = self
            .outside
            .post(format!("{}{path}", self.payuni))
            .json(&body)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
    }

    pub(crate) async fn no_more_faults(&self) {
        let url = format!("{}/_sandbox/faults", self.payuni);
        self.outside.delete(url).send().await.unwrap();
    }

    pub(crate) async fn fault(&self, fault: Value) {
        self.control("/_sandbox/faults", fault).await;
    }

    /// Sends half a request, asks the shop to stop, sends the other half; returns the answer and the exit code.
    pub(crate) async fn stopped_during_a_request(&self, shop: Program) -> (String, Option<i32>) {
        let address = self.env["BIND"].clone();
        let mut stream = tokio::net::TcpStream::connect(&address).await.unwrap();
        let (head, body) = (
            format!(
                "POST /payuni/notify HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 28\r\n\r\n"
            ),
            "EncryptInfo=00&HashInfo=0000",
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        stream.write_all(&body.as_bytes()[..10]).await.unwrap();
        // A second request on another connection shows that the first has been taken in.
        let alive = self
            .outside
            .get(format!("{}/healthz", self.shop))
            .send()
            .await
            .unwrap();
        assert!(alive.status().is_success());
        shop.terminate();
        until("nobody new is let in", async || {
            tokio::net::TcpStream::connect(&address).await.is_err()
        })
        .await;
        stream.write_all(&body.as_bytes()[10..]).await.unwrap();
        let mut answer = String::new();
        tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer))
            .await
            .unwrap()
            .unwrap();
        (answer, shop.ended().await)
    }

    /// The secrets that the shop was given, also as they look in other spellings.
    pub(crate) fn secrets(&self) -> Vec<String> {
        let names = [
            "PAYUNI_HASH_KEY",
            "PAYUNI_HASH_IV",
            "GOOGLE_CLIENT_SECRET",
            "SESSION_SECRET",
            "TURNSTILE_SECRET_KEY",
        ];
        let mut secrets = Vec::new();
        for name in names {
            let plain = &self.env[name];
            secrets.extend([
                plain.clone(),
                hex::encode(plain),
                format!("{:?}", plain.as_bytes()),
            ]);
        }
        let key = fs::read_to_string(&self.env["GOOGLE_APPLICATION_CREDENTIALS"]).unwrap();
        let key: Value = serde_json::from_str(&key).unwrap();
        let pem = key["private_key"].as_str().unwrap();
        secrets.extend(
            pem.lines()
                .filter(|line| line.len() >= 60)
                .take(3)
                .map(str::to_owned),
        );
        secrets
    }

    /// Nothing that the shop printed, logged or stored holds any of these; nor does the sandbox's log. What is no secret
    /// is found, in the ledger as in the log, so that the search is known to search.
    pub(crate) fn holds_none_of(&self, secrets: &[String], known: &str) {
        let files = |dir: &Path| -> Vec<PathBuf> {
            fs::read_dir(dir)
                .unwrap()
                .map(|entry| entry.unwrap().path())
                .collect()
        };
        let mut written = files(self.shop_dir.path());
        written.extend(files(&self.shop_dir.path().join("data")));
        written.retain(|path| path.is_file());
        let logs = files(self.sandbox_dir.path())
            .into_iter()
            .filter(|path| path.extension().is_some_and(|kind| kind == "stderr"));
        written.extend(logs);
        assert!(
            written.iter().any(|path| path.ends_with("jinliu.db")),
            "{written:?}"
        );
        let holds = |bytes: &[u8], text: &str| {
            bytes
                .windows(text.len())
                .any(|window| window == text.as_bytes())
        };
        let mut known_in = Vec::new();
        for path in &written {
            let bytes = fs::read(path).unwrap();
            for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
                assert!(
                    !holds(&bytes, secret),
                    "{} holds {secret:.12}…",
                    path.display()
                );
            }
            if holds(&bytes, known) {
                known_in.extend(
                    path.extension()
                        .and_then(|kind| kind.to_str())
                        .map(str::to_owned),
                );
            }
        }
        // What was last written may still stand in the ledger's log (`db-wal`).
        for kind in ["stderr", "db"] {
            assert!(
                known_in.iter().any(|found| found.starts_with(kind)),
                "{kind}: only in {known_in:?}"
            );
        }
    }
}
