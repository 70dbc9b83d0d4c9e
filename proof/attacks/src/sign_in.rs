//! Signing in, honestly or not.

use crate::{
    people::Person,
    play::{Answered, Play},
    steps::{SignIn, Trick, Which},
};
use anyhow::Context;
use serde_json::Value;

impl Play<'_> {
    /// Where Google sends the browser after somebody chose an account there.
    pub(crate) async fn way_back(
        &self,
        person: &Person,
        account: &str,
        next: &str,
    ) -> anyhow::Result<String> {
        let begun = self.open(person, &format!("/auth/google{next}")).await?;
        let url = begun.header("location").context("no way to Google")?;
        let asked = serde_json::json!({"url": url, "account": account}).to_string();
        let chosen = self
            .control(Which::Google, "POST", "/_sandbox/authorize", Some(&asked))
            .await?;
        let chosen: Value = serde_json::from_str(&chosen.body)?;
        let back = chosen["redirect"].as_str();
        back.map(str::to_owned)
            .with_context(|| format!("Google did not send the browser back: {chosen}"))
    }

    pub(crate) async fn sign_in(&mut self, step: &SignIn) -> anyhow::Result<()> {
        let mut tries = Vec::new();
        for fault in &step.faults {
            tries.push((Some(fault.clone()), Trick::None, String::new()));
        }
        for trick in &step.tricks {
            tries.push((None, *trick, String::new()));
        }
        for next in &step.next {
            tries.push((None, Trick::None, format!("?next={next}")));
        }
        if tries.is_empty() {
            tries.push((None, Trick::None, String::new()));
        }
        for (fault, trick, next) in tries {
            let person = Person::new()?;
            let name = fault.clone().unwrap_or_else(|| format!("{trick:?} {next}"));
            if let Some(kind) = &fault {
                let fault = serde_json::json!({"kind": kind, "times": 1}).to_string();
                let laid = self
                    .control(Which::Google, "POST", "/_sandbox/faults", Some(&fault))
                    .await?;
                anyhow::ensure!(laid.status < 300, "{kind}: {}", laid.body);
            }
            let account = step.account.as_deref().unwrap_or(&step.who);
            let back = self.way_back(&person, account, &next).await?;
            let (browser, answer) = self.come_back(&person, &back, trick).await?;
            self.statuses.push(answer.status);
            self.hold(&name, &answer, &step.answer)?;
            let session = browser.session(&self.stage.addresses().shop).is_some();
            if session != step.session {
                self.wrong.push(if session {
                    format!("{name}: a session was given")
                } else {
                    format!("{name}: no session")
                });
            }
            self.control(Which::Google, "DELETE", "/_sandbox/faults", None)
                .await?;
            if session && step.session {
                let kept = Person {
                    signed_in: true,
                    ..browser
                };
                self.people.insert(step.who.clone(), kept);
            }
        }
        Ok(())
    }

    /// Opens the callback as a trick demands; returns the browser that must have no session, and its answer.
    async fn come_back(
        &self,
        person: &Person,
        back: &str,
        trick: Trick,
    ) -> anyhow::Result<(Person, Answered)> {
        let (address, query) = back.split_once('?').context("a callback has a query")?;
        let code = query.split('&').find(|part| part.starts_with("code="));
        let code = code.context("no code")?;
        let (browser, url) = match trick {
            Trick::None => (person.clone(), back.to_owned()),
            Trick::OtherBrowser => (Person::new()?, back.to_owned()),
            Trick::Replay => {
                let first = self.open(person, back).await?;
                anyhow::ensure!(first.status == 303, "the honest one: {}", first.status);
                // The same address once more, with what is left of the sign-in's cookies but no session.
                (Person::new()?, back.to_owned())
            }
            Trick::WrongState => (person.clone(), format!("{address}?{code}&state=wrong")),
            Trick::NoState => (person.clone(), format!("{address}?{code}")),
            Trick::FrontChannel => {
                let state = query.split('&').find(|part| part.starts_with("state="));
                let state = state.context("no state")?;
                (
                    person.clone(),
                    format!("{address}?id_token=e30.e30.e30&{state}"),
                )
            }
            Trick::FormPost => {
                let request = person.client.post(address).body(query.to_owned());
                let request = request
                    .header("content-type", "application/x-www-form-urlencoded")
                    .header("origin", &self.stage.addresses().google);
                let answer = Answered::read(request.send().await?).await;
                return Ok((person.clone(), answer));
            }
        };
        let answer = self.open(&browser, &url).await?;
        Ok((browser, answer))
    }
}
