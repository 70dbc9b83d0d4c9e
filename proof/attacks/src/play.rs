//! Playing a case: the state of a play, and its steps one after the other.

use crate::{
    case::Case,
    judge,
    ledger_file::{self, Snapshot},
    people::Person,
    program,
    record::{OrderBooks, Transcript},
    slow,
    stage::Stage,
    steps::{Await, Pay, Sandbox, Step, Which},
    verdict::{Matter, Outcome, Verdict},
};
use anyhow::Context;
use serde_json::Value;
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long something may take before it counts as not happening.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// An order that the case speaks of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Placed {
    pub(crate) no: String,
    pub(crate) amount: u64,
    /// The sealed form for PAYUNi.
    pub(crate) sealed: BTreeMap<String, String>,
    /// The storefront's form that made it.
    pub(crate) form: BTreeMap<String, String>,
    pub(crate) trade: Option<String>,
    pub(crate) back: Option<(String, Vec<(String, String)>)>,
}

/// An answer, read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answered {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answered {
    pub(crate) async fn read(response: reqwest::Response) -> Self {
        let headers = response.headers().iter();
        let text = |value: &reqwest::header::HeaderValue| {
            String::from_utf8_lossy(value.as_bytes()).into_owned()
        };
        Self {
            status: response.status().as_u16(),
            headers: headers
                .map(|(name, value)| (name.to_string(), text(value)))
                .collect(),
            body: response.text().await.unwrap_or_default(),
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// A case being played.
pub(crate) struct Play<'a> {
    pub(crate) case: &'a Case,
    pub(crate) stage: &'a dyn Stage,
    pub(crate) outside: reqwest::Client,
    pub(crate) people: BTreeMap<String, Person>,
    pub(crate) orders: BTreeMap<String, Placed>,
    pub(crate) mark: Snapshot,
    pub(crate) counted_at_mark: BTreeMap<String, u64>,
    /// What was not as it must be.
    pub(crate) wrong: Vec<String>,
    /// Statuses of the attack's answers.
    pub(crate) statuses: Vec<u16>,
    /// Every step so far was carried out.
    pub(crate) whole: bool,
    /// What was sent since the mark.
    pub(crate) transcript: Transcript,
}

/// Plays a case on a stage that nobody used before, and judges it.
pub async fn run(case: &Case, stage: &dyn Stage) -> Verdict {
    let started = Instant::now();
    let mut verdict = Verdict {
        id: case.id.clone(),
        verdict: Outcome::NotApplicable,
        caught_by: String::new(),
        detail: case.not_applicable.clone().unwrap_or_default(),
        ms: 0,
        matter: None,
        books: Vec::new(),
        sent: Vec::new(),
        requests: 0,
    };
    if case.applies() {
        let mut transcript = Transcript::default();
        let (wrong, caught_by, matter) = match played(case, stage, &mut transcript).await {
            Ok((wrong, caught_by, matter, books)) => {
                verdict.books = books;
                (wrong, caught_by, Some(matter))
            }
            Err(error) => (vec![format!("{error:#}")], String::new(), None),
        };
        verdict.sent = transcript.kept;
        verdict.requests = transcript.count;
        verdict.verdict = if wrong.is_empty() {
            Outcome::Refused
        } else {
            Outcome::Believed
        };
        verdict.caught_by = caught_by;
        verdict.detail = wrong.join("; ");
        verdict.matter = matter;
    }
    verdict.ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    verdict
}

/// What was wrong, what caught it, what it did to money and goods, and the books at the end.
type Played = (Vec<String>, String, Matter, Vec<OrderBooks>);

async fn played(
    case: &Case,
    stage: &dyn Stage,
    transcript: &mut Transcript,
) -> anyhow::Result<Played> {
    let mut play = Play {
        case,
        stage,
        outside: reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?,
        people: BTreeMap::new(),
        orders: BTreeMap::new(),
        mark: Snapshot::default(),
        counted_at_mark: BTreeMap::new(),
        wrong: Vec::new(),
        statuses: Vec::new(),
        whole: true,
        transcript: Transcript::default(),
    };
    if !case.world.empty {
        play.remember().await?;
    }
    for (n, step) in case.steps.iter().enumerate() {
        let before = play.wrong.len();
        let done = play.step(step).await;
        // What the attack did so far is judged whatever became of its steps.
        if let Err(error) = &done {
            play.wrong.push(format!("{error:#}"));
        }
        for wrong in &mut play.wrong[before..] {
            *wrong = format!("step {}: {wrong}", n + 1);
        }
        if done.is_err() {
            play.whole = false;
            break;
        }
    }
    let judged = judge::judge(&mut play).await;
    let books = match &judged {
        Ok(_) if !case.world.empty => judge::books(&play).await?,
        _ => Vec::new(),
    };
    *transcript = play.transcript;
    let (wrong, caught_by, matter) = judged?;
    Ok((wrong, caught_by, matter, books))
}

impl Play<'_> {
    /// Sets the mark here.
    async fn remember(&mut self) -> anyhow::Result<()> {
        self.mark = ledger_file::snapshot(self.stage.ledger())?;
        self.counted_at_mark = self.refusals().await?;
        self.transcript = Transcript::default();
        Ok(())
    }

    async fn step(&mut self, step: &Step) -> anyhow::Result<()> {
        match step {
            Step::Mark {} => self.remember().await,
            Step::Place(place) => self.place(place).await,
            Step::Pay(pay) => self.pay(pay).await,
            Step::Message(message) => self.message(message).await,
            Step::Http(http) => self.http(http).await,
            Step::Raw(raw) => self.raw(raw).await,
            Step::Sandbox(sandbox) => self.sandbox(sandbox).await,
            Step::Await(await_) => self.wait_for(await_).await,
            Step::Ask {} => self.stage.ask().await,
            Step::SignIn(sign_in) => self.sign_in(sign_in).await,
            Step::Program(program) => program::play(self, program).await,
            Step::Slow(slow) => slow::play(self, slow).await,
            Step::Sql(sql) => {
                for statement in &sql.refused {
                    let statement = self.fill(statement)?;
                    if !ledger_file::refuses(self.stage.ledger(), &statement)? {
                        self.wrong
                            .push(format!("the schema lets through: {statement}"));
                    }
                }
                Ok(())
            }
        }
    }

    pub(crate) fn order(&self, name: &str) -> anyhow::Result<&Placed> {
        self.orders
            .get(name)
            .with_context(|| format!("no order is called {name}"))
    }

    /// What the shop has counted as refused, by code.
    pub(crate) async fn refusals(&self) -> anyhow::Result<BTreeMap<String, u64>> {
        let url = format!("{}/metrics", self.stage.addresses().shop);
        let text = self.outside.get(url).send().await?.text().await?;
        let line = |line: &str| {
            let rest = line.strip_prefix("jinliu_refused_total{code=\"")?;
            let (code, count) = rest.split_once("\"} ")?;
            Some((code.to_owned(), count.parse().ok()?))
        };
        Ok(text.lines().filter_map(line).collect())
    }

    /// What the gateway's own books say.
    pub(crate) async fn trades(&self) -> anyhow::Result<Vec<Value>> {
        let url = format!("{}/_sandbox/state", self.stage.addresses().payuni);
        let state: Value = self.outside.get(url).send().await?.json().await?;
        Ok(state["trades"].as_array().cloned().unwrap_or_default())
    }

    pub(crate) async fn control(
        &self,
        which: Which,
        method: &str,
        path: &str,
        json: Option<&str>,
    ) -> anyhow::Result<Answered> {
        let addresses = self.stage.addresses();
        let base = match which {
            Which::Payuni => &addresses.payuni,
            Which::Google => &addresses.google,
        };
        let request = self
            .outside
            .request(method.parse()?, format!("{base}{path}"));
        let request = match json {
            Some(json) => request
                .header("content-type", "application/json")
                .body(json.to_owned()),
            None => request,
        };
        Ok(Answered::read(request.send().await?).await)
    }

    async fn sandbox(&mut self, step: &Sandbox) -> anyhow::Result<()> {
        let path = self.fill(&step.path)?;
        let json = step
            .json
            .as_deref()
            .map(|json| self.fill(json))
            .transpose()?;
        let method = step.method.as_deref().unwrap_or("POST");
        let answer = self
            .control(step.which, method, &path, json.as_deref())
            .await?;
        if step.answer.status.is_empty() {
            anyhow::ensure!(
                (200..300).contains(&answer.status),
                "{path}: {} {}",
                answer.status,
                answer.body
            );
        }
        self.hold(&path, &answer, &step.answer)
    }

    async fn pay(&mut self, step: &Pay) -> anyhow::Result<()> {
        let order = self.order(&step.order)?.clone();
        if step.unheard {
            let fault = serde_json::json!({"kind": "drop_notice", "times": 1}).to_string();
            self.control(Which::Payuni, "POST", "/_sandbox/faults", Some(&fault))
                .await?;
        }
        let sealed = if step.again {
            self.another_attempt(&step.who, &order.no).await?
        } else {
            order.sealed
        };
        let asked = serde_json::json!({"form": sealed, "method": step.method}).to_string();
        let answer = self
            .control(Which::Payuni, "POST", "/_sandbox/buy", Some(&asked))
            .await?;
        let done: Value = serde_json::from_str(&answer.body)?;
        let trade = done["TradeNo"]
            .as_str()
            .with_context(|| format!("PAYUNi refused the form: {done}"))?;
        let back = done["return"].as_object().map(|back| {
            let fields = back["fields"].as_object().into_iter().flatten();
            let fields = fields
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()));
            (
                back["url"].as_str().unwrap_or_default().to_owned(),
                fields.collect(),
            )
        });
        if let Some(order) = self.orders.get_mut(&step.order) {
            order.trade = Some(trade.to_owned());
            order.back = back;
        }
        Ok(())
    }

    async fn wait_for(&self, step: &Await) -> anyhow::Result<()> {
        let deadline = Instant::now() + self.stage.patience();
        loop {
            let missing = self.still_missing(step).await?;
            let Some(missing) = missing else {
                return Ok(());
            };
            anyhow::ensure!(Instant::now() < deadline, "waited in vain: {missing}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What is not yet so of all that a step waits for.
    async fn still_missing(&self, step: &Await) -> anyhow::Result<Option<String>> {
        let no = &self.order(&step.order)?.no;
        let path = self.stage.ledger();
        if let Some(wanted) = &step.status {
            let sql = "SELECT status FROM orders WHERE order_no = ?1";
            let found = ledger_file::texts(path, sql, no)?;
            if found != [wanted.as_str()] {
                return Ok(Some(format!("{} is {found:?}, not {wanted}", step.order)));
            }
        }
        if let Some(wanted) = &step.refund {
            let sql = "SELECT state FROM refunds WHERE order_no = ?1";
            let found = ledger_file::texts(path, sql, no)?;
            if !found.contains(wanted) {
                return Ok(Some(format!("refunds of {} are {found:?}", step.order)));
            }
        }
        if let Some(wanted) = step.given_back {
            let sql = "SELECT SUM(amount) FROM refunds WHERE order_no = ?1 AND state = 'done'";
            let found = ledger_file::number(path, sql, no)?;
            if found != wanted {
                return Ok(Some(format!("{found} of {} went back", step.order)));
            }
        }
        if let Some(wanted) = &step.sheet {
            let rows = self.sheet().await?;
            let mut of = rows.iter().filter(|row| row.first() == Some(no));
            if !of.any(|row| row.contains(wanted)) {
                return Ok(Some(format!("the sheet says {wanted} of {}", step.order)));
            }
        }
        Ok(None)
    }

    /// Every row of every tab of the sandbox's spreadsheets, as text.
    pub(crate) async fn sheet(&self) -> anyhow::Result<Vec<Vec<String>>> {
        let google = &self.stage.addresses().google;
        let state: Value = self
            .outside
            .get(format!("{google}/_sandbox/state"))
            .send()
            .await?
            .json()
            .await?;
        let mut rows = Vec::new();
        for sheet in state["sheets"].as_array().into_iter().flatten() {
            let id = sheet["id"].as_str().unwrap_or_default();
            let url = format!("{google}/_sandbox/sheets/{id}");
            let dump: Value = self.outside.get(url).send().await?.json().await?;
            for tab in dump["tabs"].as_array().into_iter().flatten() {
                for row in tab["rows"].as_array().into_iter().flatten() {
                    let cells = row.as_array().into_iter().flatten();
                    rows.push(
                        cells
                            .map(|cell| {
                                cell.as_str()
                                    .map_or_else(|| cell.to_string(), str::to_owned)
                            })
                            .collect(),
                    );
                }
            }
        }
        Ok(rows)
    }
}
