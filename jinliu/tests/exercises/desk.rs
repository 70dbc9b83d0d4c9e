//! A reader's desk: a demo in a folder that looks like a clone, a terminal, and two browsers.

use crate::{
    process::Program,
    shopper::{PATIENCE, Page, Sealed, Shopper, form_to},
};
use learn::{Eyes, Hand, Typed};
use serde_json::{Value, json};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::process::Command;

/// What a reader's clone holds that is not the repository's, or is not read by anybody.
const LEFT_OUT: [&str; 6] = [
    ".git",
    "target",
    "data",
    ".env",
    "node_modules",
    "test-output",
];
/// The addresses that a text names; this desk's demo listens on others.
const USUAL: [&str; 3] = ["localhost:8080", "localhost:8081", "localhost:8082"];
/// How long a fence may take.
const DEADLINE: Duration = Duration::from_secs(90);
/// Stands for cargo: the program is built already, and nothing else is run by an exercise.
const CARGO: &str = r#"#!/bin/sh
line="cargo $*"
[ "$1" = run ] || { echo "$line: is not built here" >&2; exit 97; }
shift
while [ $# -gt 0 ]; do
  case "$1" in
    --) shift; exec "$JINLIU" "$@" ;;
    -q|--quiet) shift ;;
    --manifest-path) shift 2 ;;
    *) echo "$line: is not built here" >&2; exit 97 ;;
  esac
done
exec "$JINLIU"
"#;

/// What was bought last.
struct Bought {
    sealed: Sealed,
    /// PAYUNi's numbers, the first attempt's first.
    trades: Vec<String>,
}

/// The desk.
pub(crate) struct Desk {
    clone: TempDir,
    places: [String; 3],
    buyer: Shopper,
    owner: Shopper,
    /// Who has signed in.
    known: [bool; 2],
    bought: Option<Bought>,
    _demo: Program,
}

impl Desk {
    /// Opens a demo in a folder that looks like a clone of the repository.
    pub(crate) async fn set(root: &Path) -> Self {
        let clone = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(root).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name();
            if !LEFT_OUT.iter().any(|left| name == *left) {
                symlink(entry.path(), clone.path().join(name)).unwrap();
            }
        }
        let tools = clone.path().join("target/desk");
        fs::create_dir_all(&tools).unwrap();
        let cargo = tools.join("cargo");
        fs::write(&cargo, CARGO).unwrap();
        fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
        let ports = ["--port", "0", "--payuni-port", "0", "--google-port", "0"];
        let demo = Program::start(clone.path(), &ports, &[]);
        let places = demo.addresses().await;
        let [shop, payuni, google] = &places;
        Self {
            buyer: Shopper::at(shop, payuni, google),
            owner: Shopper::at(shop, payuni, google),
            known: [false, false],
            bought: None,
            clone,
            places,
            _demo: demo,
        }
    }

    /// A text with this desk's addresses, and the order that was bought last with its first trade.
    fn here(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (usual, place) in USUAL.iter().zip(&self.places) {
            let place = place.trim_start_matches("http://");
            text = text.replace(usual, place);
        }
        match &self.bought {
            Some(bought) => {
                let trade = bought.trades.first().map_or("TRADE", String::as_str);
                text.replace("ORDER", &bought.sealed.order_no)
                    .replace("TRADE", trade)
            }
            None => text,
        }
    }

    /// A text as it would read at the usual addresses.
    fn usual(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (usual, place) in USUAL.iter().zip(&self.places) {
            text = text.replace(place.trim_start_matches("http://"), usual);
        }
        text
    }

    /// Types commands and looks at what they print.
    pub(crate) async fn types(&self, typed: &Typed) -> Result<(), String> {
        let commands = self.here(&typed.commands);
        let path = std::env::var("PATH").unwrap();
        let target = self.clone.path().join("target");
        let running = Command::new("bash")
            // A command that fails ends the fence, as a reader would stop there.
            .args(["-e", "-c", &commands])
            .current_dir(self.clone.path())
            .env_clear()
            .env("PATH", format!("{}/desk:{path}", target.display()))
            .env("HOME", std::env::var("HOME").unwrap_or_default())
            .env("TMPDIR", &target)
            .env("LC_ALL", "C.UTF-8")
            .env("JINLIU", env!("CARGO_BIN_EXE_jinliu"))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output();
        let done = tokio::time::timeout(DEADLINE, running).await;
        let Ok(done) = done else {
            return Err(format!(
                "took longer than {DEADLINE:?}:\n{}",
                typed.commands
            ));
        };
        let done = done.map_err(|error| format!("bash: {error}"))?;
        let output = [done.stdout, done.stderr].concat();
        let output = self.usual(&String::from_utf8_lossy(&output));
        let code = done.status.code().unwrap_or(-1);
        let mut wrong = Vec::new();
        if code != typed.ends {
            wrong.push(format!("ended with {code}, not {}", typed.ends));
        }
        for text in &typed.sees {
            if !output.contains(text) {
                wrong.push(format!("does not see {text:?}"));
            }
        }
        for text in &typed.lacks {
            if output.contains(text) {
                wrong.push(format!("sees {text:?}"));
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        let end = output.char_indices().nth(4000);
        let output = end.map_or(output.as_str(), |(end, _)| output.get(..end).unwrap_or(""));
        Err(format!(
            "{}\n{}--- printed:\n{output}",
            wrong.join("; "),
            typed.commands
        ))
    }

    /// Does by hand what a reader does without a terminal.
    pub(crate) async fn does(&mut self, hand: &Hand) -> Result<(), String> {
        match hand {
            Hand::Buys(method) => {
                self.knows(Eyes::Buyer).await;
                let sealed = self.buyer.checks_out().await;
                let trade = self.pays(&sealed, method).await?;
                let trades = vec![trade];
                self.bought = Some(Bought { sealed, trades });
                Ok(())
            }
            Hand::PaysAgain(method) => {
                let no = self.last()?.sealed.order_no.clone();
                self.appears(Eyes::Buyer, &format!("/orders/{no}"), "", |page| {
                    form_to(&page.body, &format!("/orders/{no}/pay")).is_some()
                })
                .await?;
                let sealed = self.buyer.tries_again(&no).await;
                let trade = self.pays(&sealed, method).await?;
                if let Some(bought) = &mut self.bought {
                    bought.sealed = sealed;
                    bought.trades.push(trade);
                }
                Ok(())
            }
            Hand::PaysTheNumber => self.tells("pay").await,
            Hand::Resends => self.tells("resend").await,
            Hand::Refunds(amount) => self.refunds(amount).await,
            Hand::OrderIs(status) => self.order_is(status).await,
            Hand::Shows { eyes, url, text } => {
                self.knows(*eyes).await;
                let (url, text) = (self.here(url), self.here(text));
                self.appears(*eyes, &url, &text, |page| page.body.contains(&text))
                    .await
            }
        }
    }

    /// Opens an address of a text, as the shop's owner, who may open all; the status.
    pub(crate) async fn opens(&mut self, url: &str) -> u16 {
        self.knows(Eyes::Owner).await;
        self.owner.opens(&self.here(url)).await.status
    }

    fn last(&self) -> Result<&Bought, String> {
        self.bought
            .as_ref()
            .ok_or_else(|| "nothing was bought yet".to_owned())
    }

    /// Signs in, where that has not been done.
    async fn knows(&mut self, eyes: Eyes) {
        let (who, known, account) = match eyes {
            Eyes::Buyer => (&self.buyer, &mut self.known[0], "buyer1"),
            Eyes::Owner => (&self.owner, &mut self.known[1], "owner"),
        };
        if !*known {
            who.signs_in(account).await;
            *known = true;
        }
    }

    /// Pays at PAYUNi's page and comes back, as far as it lets one; the number of the trade.
    async fn pays(&self, sealed: &Sealed, method: &str) -> Result<String, String> {
        let paid = self.buyer.pays(sealed, method).await;
        if paid.back.is_some() {
            let page = self.buyer.comes_back(&paid).await;
            if page.status != 303 {
                return Err(format!("coming back: {}", page.status));
            }
        }
        Ok(paid.trade_no)
    }

    /// Presses a button of PAYUNi's console on the first trade of the last order.
    async fn tells(&self, act: &str) -> Result<(), String> {
        let trade = self.last()?.trades.first().cloned().unwrap_or_default();
        let url = format!("{}/_sandbox/trades/{trade}/{act}", self.places[1]);
        let answer = self.buyer.client.post(url).json(&json!({})).send().await;
        let status = answer.map_err(|error| error.to_string())?.status();
        match status.is_success() {
            true => Ok(()),
            false => Err(format!("{act}: {status}")),
        }
    }

    /// Asks for money of the last order back, in the back office.
    async fn refunds(&mut self, amount: &str) -> Result<(), String> {
        self.knows(Eyes::Owner).await;
        let page = format!("/admin/orders/{}", self.last()?.sealed.order_no);
        let to = format!("{page}/refunds");
        let found = self.owner.opens(&page).await;
        let mut form = form_to(&found.body, &to).ok_or("no form to refund with")?;
        form.insert("reason".to_owned(), "buyer".to_owned());
        form.insert("amount".to_owned(), amount.to_owned());
        let fields: Vec<(&str, &str)> =
            form.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        match self.owner.posts(&to, &fields).await.status {
            303 => Ok(()),
            status => Err(format!("the refund was answered with {status}")),
        }
    }

    /// Waits until `jinliu orders` says so.
    async fn order_is(&self, status: &str) -> Result<(), String> {
        let no = self.last()?.sealed.order_no.clone();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let said = crate::process::run(self.clone.path(), &["orders", "--json", &no]);
            let rows: Vec<Value> = serde_json::from_str(&said.output).unwrap_or_default();
            let now = rows.first().map(|row| row["status"].clone());
            if now == Some(json!(status)) {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(format!("the order is {now:?}, not {status}"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Waits until a page is so.
    async fn appears(
        &self,
        eyes: Eyes,
        url: &str,
        text: &str,
        so: impl Fn(&Page) -> bool,
    ) -> Result<(), String> {
        let who = match eyes {
            Eyes::Buyer => &self.buyer,
            Eyes::Owner => &self.owner,
        };
        let deadline = Instant::now() + PATIENCE;
        loop {
            let page = who.opens(url).await;
            if page.status == 200 && so(&page) {
                return Ok(());
            }
            if Instant::now() > deadline {
                let (url, status) = (self.usual(url), page.status);
                return Err(format!(
                    "{url} ({status}) does not show {text:?}, but\n{}",
                    words(&page.body)
                ));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// The words of a page's main part.
fn words(html: &str) -> String {
    let main = html.split("<main").nth(1).unwrap_or(html);
    let texts = main
        .split('<')
        .filter_map(|part| Some(part.split_once('>')?.1));
    let texts = texts.flat_map(str::split_whitespace).take(200);
    texts.collect::<Vec<_>>().join(" ")
}
