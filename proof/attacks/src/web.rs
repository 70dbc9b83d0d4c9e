//! Requests as a client makes them, bytes as they are, and whether the answers are as they must be.

use crate::{
    expect::Answer,
    people::Person,
    play::{Answered, PATIENCE, Play},
    record::written,
    steps::{Http, Raw},
};
use anyhow::Context;
use futures_util::future::join_all;
use std::collections::BTreeMap;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// Sends a request; returns its name, how it was written, and its answer.
async fn send(request: Request) -> anyhow::Result<(String, String, Answered)> {
    let (client, built) = request.builder.build_split();
    let name = request.name;
    let built = built.with_context(|| name.clone())?;
    let text = written(&built);
    match client.execute(built).await {
        Ok(response) => Ok((name, text, Answered::read(response).await)),
        // The connection was closed in the middle of the request: an answer too.
        Err(error) if !error.is_builder() && !error.is_connect() => {
            Ok((name, text, Answered::default()))
        }
        Err(error) => Err(error).context(name),
    }
}

/// One request, ready to be sent.
pub(crate) struct Request {
    pub(crate) name: String,
    pub(crate) builder: reqwest::RequestBuilder,
}

impl Play<'_> {
    /// Holds an answer to what it must look like.
    pub(crate) fn hold(
        &mut self,
        what: &str,
        answer: &Answered,
        wanted: &Answer,
    ) -> anyhow::Result<()> {
        let what: String = what.chars().take(100).collect();
        if !wanted.status.is_empty() && !wanted.status.contains(&answer.status) {
            self.wrong.push(format!(
                "{what}: {} instead of {:?}",
                answer.status, wanted.status
            ));
        }
        let location = answer.header("location").unwrap_or_default();
        for text in &wanted.has {
            let text = self.fill(text)?;
            if !answer.body.contains(&text) {
                self.wrong
                    .push(format!("{what}: the answer lacks {text:?}"));
            }
        }
        for text in &wanted.lacks {
            let text = self.fill(text)?;
            if answer.body.contains(&text) || location.contains(&text) {
                self.wrong.push(format!("{what}: the answer has {text:?}"));
            }
        }
        for name in &wanted.no_header {
            if let Some(value) = answer.header(name) {
                self.wrong.push(format!("{what}: {name}: {value}"));
            }
        }
        for (name, part) in &wanted.header {
            let value = answer.header(name).unwrap_or_default();
            if !value.contains(part) {
                self.wrong
                    .push(format!("{what}: {name} is {value:?}, without {part:?}"));
            }
        }
        if let Some(start) = &wanted.location {
            let start = self.fill(start)?;
            if location != start {
                self.wrong
                    .push(format!("{what}: leads to {location:?}, not to {start:?}"));
            }
        }
        Ok(())
    }

    /// Sends requests, one after the other or all at the same time.
    pub(crate) async fn send_all(
        &mut self,
        requests: Vec<Request>,
        at_once: bool,
    ) -> anyhow::Result<Vec<(String, Answered)>> {
        let mut answers = Vec::with_capacity(requests.len());
        let mut got = |(name, request, answer): (String, String, Answered)| {
            self.transcript.note(&name, &request, &answer);
            answers.push((name, answer));
        };
        if at_once {
            for answer in join_all(requests.into_iter().map(send)).await {
                got(answer?);
            }
        } else {
            for request in requests {
                got(send(request).await?);
            }
        }
        self.statuses
            .extend(answers.iter().map(|(_, answer)| answer.status));
        Ok(answers)
    }

    /// Holds all answers of a step, and the counter that must have grown.
    pub(crate) async fn hold_all(
        &mut self,
        answers: &[(String, Answered)],
        wanted: &Answer,
        counts: Option<&str>,
        counted: u64,
    ) -> anyhow::Result<()> {
        for (name, answer) in answers {
            self.hold(name, answer, wanted)?;
        }
        if wanted.alike {
            let first = answers.first().map(|(_, a)| (a.status, &a.body));
            if let Some((name, _)) = answers
                .iter()
                .find(|(_, a)| Some((a.status, &a.body)) != first)
            {
                self.wrong
                    .push(format!("{name}: answered otherwise than the first"));
            }
        }
        if let Some(code) = counts {
            let now = self.count_of(code).await?;
            let grown = now.saturating_sub(counted);
            if grown != answers.len() as u64 {
                self.wrong.push(format!(
                    "{code} was counted {grown} times for {} messages",
                    answers.len()
                ));
            }
        }
        Ok(())
    }

    pub(crate) async fn count_of(&self, code: &str) -> anyhow::Result<u64> {
        Ok(self.refusals().await?.get(code).copied().unwrap_or(0))
    }

    pub(crate) async fn http(&mut self, step: &Http) -> anyhow::Result<()> {
        let person = match &step.who {
            Some(who) => self.person(who).await?,
            None => self.person("nobody").await?,
        };
        let mut form = self.form_of(step, &person).await?;
        let mut requests = Vec::new();
        for path in &step.paths {
            for method in &step.methods {
                for n in 0..step.times {
                    if step.fresh && n > 0 {
                        form = self.form_of(step, &person).await?;
                    }
                    let path = self.fill(path)?;
                    self.each(step, &person, (method, &path), &form, &mut requests)?;
                }
            }
        }
        let counted = match &step.counts {
            Some(code) => self.count_of(code).await?,
            None => 0,
        };
        let answers = self.send_all(requests, step.at_once).await?;
        if let Some(exactly) = step.exactly {
            let so =
                |(_, answer): &&(String, Answered)| step.answer.status.contains(&answer.status);
            let found = answers.iter().filter(so).count();
            let failed = answers
                .iter()
                .filter(|(_, answer)| answer.status >= 500)
                .count();
            if found != exactly as usize || failed > 0 {
                let all: Vec<u16> = answers.iter().map(|(_, answer)| answer.status).collect();
                self.wrong
                    .push(format!("{found} answers of {exactly}: {all:?}"));
            }
            let rest = Answer {
                status: Vec::new(),
                ..step.answer.clone()
            };
            return self
                .hold_all(&answers, &rest, step.counts.as_deref(), counted)
                .await;
        }
        self.hold_all(&answers, &step.answer, step.counts.as_deref(), counted)
            .await?;
        if let Some(order) = &step.order {
            let (_, answer) = answers.first().context("nothing was sent")?;
            self.name_order(order, &answer.body, form)?;
        }
        Ok(())
    }

    /// The form that a step sends.
    async fn form_of(
        &self,
        step: &Http,
        person: &Person,
    ) -> anyhow::Result<BTreeMap<String, String>> {
        let mut form = match &step.form_from {
            Some(from) => {
                let (page, action) = (self.fill(&from.page)?, self.fill(&from.action)?);
                self.form_on(person, &page, &action).await?
            }
            None => BTreeMap::new(),
        };
        form.retain(|name, _| !step.drop.contains(name));
        for (name, value) in &step.form {
            form.insert(name.clone(), self.fill(value)?);
        }
        Ok(form)
    }

    /// One request for each value that a step varies.
    fn each(
        &self,
        step: &Http,
        person: &Person,
        (method, path): (&str, &str),
        form: &BTreeMap<String, String>,
        requests: &mut Vec<Request>,
    ) -> anyhow::Result<()> {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.stage.addresses().shop)
        };
        let base = || -> anyhow::Result<reqwest::RequestBuilder> {
            let mut request = person.client.request(method.parse()?, &url);
            let own = method == "POST" && step.origin.is_none();
            match step.origin.as_deref() {
                Some("none") => {}
                Some("own") => request = request.header("origin", &self.stage.addresses().shop),
                Some(origin) => request = request.header("origin", origin),
                None if own => request = request.header("origin", &self.stage.addresses().shop),
                None => {}
            }
            for (name, value) in &step.headers {
                request = request.header(name, self.fill(value)?.as_bytes());
            }
            Ok(request)
        };
        let name = format!("{method} {path}");
        let mut push = |more: &str, builder| {
            requests.push(Request {
                name: format!("{name} {more}"),
                builder,
            });
        };
        if let Some(vary) = &step.vary {
            for value in &vary.values {
                let mut form = form.clone();
                form.insert(vary.name.clone(), self.fill(value)?);
                push(&format!("{}={value}", vary.name), base()?.form(&form));
            }
        } else if let Some(vary) = &step.vary_header {
            for value in &vary.values {
                let value = self.fill(value)?;
                let request = base()?.header(&vary.name, value.as_bytes());
                let request = match &step.body {
                    Some(body) => request.body(self.fill(body)?),
                    None if form.is_empty() => request,
                    None => request.form(form),
                };
                push(&value, request);
            }
        } else if !step.bodies.is_empty() {
            for body in &step.bodies {
                push(body, base()?.body(self.fill(body)?));
            }
        } else if let Some(body) = &step.body {
            push("", base()?.body(self.fill(body)?));
        } else if form.is_empty() {
            push("", base()?);
        } else {
            push("", base()?.form(form));
        }
        Ok(())
    }

    pub(crate) async fn raw(&mut self, step: &Raw) -> anyhow::Result<()> {
        let counted = match &step.counts {
            Some(code) => self.count_of(code).await?,
            None => 0,
        };
        let mut answers = Vec::new();
        for text in &step.texts {
            for _ in 0..step.times {
                let bytes = self.fill(text)?;
                let answer = self.on_the_wire(bytes.as_bytes()).await?;
                self.transcript.note("", &bytes, &answer);
                let many = answer.body.matches("HTTP/1.1 ").count();
                if step
                    .answers_at_most
                    .is_some_and(|most| many > most as usize)
                {
                    self.wrong.push(format!("{text:.60}: {many} answers"));
                }
                answers.push((text.clone(), answer));
            }
        }
        self.statuses
            .extend(answers.iter().map(|(_, answer)| answer.status));
        self.hold_all(&answers, &step.answer, step.counts.as_deref(), counted)
            .await
    }

    /// Sends bytes without a client that knows better; the whole answer is the body.
    pub(crate) async fn on_the_wire(&self, bytes: &[u8]) -> anyhow::Result<Answered> {
        let address = self
            .stage
            .addresses()
            .shop
            .replace("http://localhost", "127.0.0.1");
        let mut stream = TcpStream::connect(&address).await?;
        // A refusal may close the connection while the rest of the request is still on its way.
        drop(stream.write_all(bytes).await);
        let mut answer = Vec::new();
        let read = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer)).await;
        anyhow::ensure!(read.is_ok(), "neither answered nor closed");
        let body = String::from_utf8_lossy(&answer).into_owned();
        let status = body.split(' ').nth(1).and_then(|code| code.parse().ok());
        let headers = body.split("\r\n\r\n").next().unwrap_or_default().lines();
        let headers = headers.filter_map(|line| line.split_once(": "));
        let lower = |(name, value): (&str, &str)| (name.to_lowercase(), value.to_owned());
        Ok(Answered {
            status: status.unwrap_or(0),
            headers: headers.map(lower).collect(),
            body,
        })
    }
}
