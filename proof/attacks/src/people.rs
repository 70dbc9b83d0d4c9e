//! Browsers that run no script, and the pages they read.

use crate::{
    play::{Answered, PATIENCE, Placed, Play},
    steps::Place,
};
use anyhow::Context;
use reqwest::cookie::{CookieStore, Jar};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::Instant,
};

/// Somebody's browser, from an address of its own as a proxy would name it.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) client: reqwest::Client,
    pub(crate) jar: Arc<Jar>,
    pub(crate) signed_in: bool,
}

impl Person {
    pub(crate) fn new() -> anyhow::Result<Self> {
        static NEXT: AtomicU16 = AtomicU16::new(1);
        let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let jar = Arc::new(Jar::default());
        let from = [(
            "x-forwarded-for".parse()?,
            format!("198.18.{high}.{low}").parse()?,
        )];
        let client = reqwest::Client::builder()
            .cookie_provider(Arc::clone(&jar))
            .default_headers(from.into_iter().collect())
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        Ok(Self {
            client,
            jar,
            signed_in: false,
        })
    }

    /// The cookie by which the shop knows who is signed in.
    pub(crate) fn session(&self, shop: &str) -> Option<String> {
        let cookies = self.jar.cookies(&shop.parse().ok()?)?;
        let line = cookies.to_str().ok()?.to_owned();
        line.split("; ")
            .find_map(|cookie| {
                let (name, value) = cookie.split_once('=')?;
                (name == "session" || name == "__Host-session").then(|| value.to_owned())
            })
            .filter(|value| !value.is_empty())
    }
}

impl Play<'_> {
    /// Somebody's browser; who is named after an account is signed in with it, `nobody…` with none.
    pub(crate) async fn person(&mut self, name: &str) -> anyhow::Result<Person> {
        if !self.people.contains_key(name) {
            self.people.insert(name.to_owned(), Person::new()?);
        }
        let person = self.people.get(name).cloned().context("nobody")?;
        if person.signed_in || name.starts_with("nobody") {
            return Ok(person);
        }
        // `owner.2` is another browser of the owner's.
        let account = name.split('.').next().unwrap_or(name);
        let shop = self.stage.addresses().shop.clone();
        let deadline = Instant::now() + self.stage.patience();
        while person.session(&shop).is_none() {
            let back = self.way_back(&person, account, "").await?;
            let answer = Answered::read(person.client.get(&back).send().await?).await;
            // On a busy machine the sandbox may still be making its keys: then the shop says so, and one tries again.
            let later = answer.status == 503 && Instant::now() < deadline;
            anyhow::ensure!(
                later || answer.status == 303,
                "{account} could not sign in: {}",
                answer.status
            );
        }
        let known = self.people.get_mut(name).context("nobody")?;
        known.signed_in = true;
        Ok(known.clone())
    }

    pub(crate) async fn open(&self, person: &Person, path: &str) -> anyhow::Result<Answered> {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.stage.addresses().shop)
        };
        let request = person.client.get(url).header("accept", "text/html");
        Ok(Answered::read(request.send().await?).await)
    }

    /// The hidden fields of a form on a page.
    pub(crate) async fn form_on(
        &self,
        person: &Person,
        page: &str,
        action: &str,
    ) -> anyhow::Result<BTreeMap<String, String>> {
        let page = self.open(person, page).await?;
        form_to(&page.body, action)
            .with_context(|| format!("no form to {action} on a page of {}", page.status))
    }

    pub(crate) async fn place(&mut self, step: &Place) -> anyhow::Result<()> {
        let person = self.person(&step.who).await?;
        let mut form = self.form_on(&person, "/", "/checkout").await?;
        for (name, value) in &step.form {
            form.insert(name.clone(), self.fill(value)?);
        }
        let answer = self.post(&person, "/checkout", &form).await?;
        anyhow::ensure!(answer.status == 200, "no order: {}", answer.status);
        self.name_order(&step.order, &answer.body, form)
    }

    pub(crate) async fn post(
        &self,
        person: &Person,
        path: &str,
        form: &BTreeMap<String, String>,
    ) -> anyhow::Result<Answered> {
        let shop = &self.stage.addresses().shop;
        let request = person.client.post(format!("{shop}{path}"));
        let request = request.header("origin", shop).header("accept", "text/html");
        Ok(Answered::read(request.form(form).send().await?).await)
    }

    /// Keeps the order that a handover page is about.
    pub(crate) fn name_order(
        &mut self,
        name: &str,
        page: &str,
        form: BTreeMap<String, String>,
    ) -> anyhow::Result<()> {
        let path = self.stage.ledger();
        let known = crate::ledger_file::orders(path)?;
        let (no, amount) = known
            .into_iter()
            .find(|(no, _)| page.contains(no.as_str()))
            .context("the page names no order of the ledger's")?;
        let placed = Placed {
            no,
            amount,
            sealed: sealed(page),
            form,
            ..Placed::default()
        };
        self.orders.insert(name.to_owned(), placed);
        Ok(())
    }

    /// Another attempt by the button on the order's page; its sealed form.
    pub(crate) async fn another_attempt(
        &mut self,
        who: &str,
        no: &str,
    ) -> anyhow::Result<BTreeMap<String, String>> {
        let person = self.person(who).await?;
        let to = format!("/orders/{no}/pay");
        let form = self.form_on(&person, &format!("/orders/{no}"), &to).await?;
        let answer = self.post(&person, &to, &form).await?;
        anyhow::ensure!(answer.status == 200, "no attempt: {}", answer.status);
        Ok(sealed(&answer.body))
    }
}

/// The sealed form on a handover page.
fn sealed(page: &str) -> BTreeMap<String, String> {
    let form = page.rsplit("<form").next().unwrap_or_default();
    hidden(form.split("</form>").next().unwrap_or_default())
}

/// The hidden fields of the form on a page that posts to an address.
fn form_to(page: &str, action: &str) -> Option<BTreeMap<String, String>> {
    let mark = format!("action=\"{action}\"");
    let forms = page.split("<form").skip(1);
    let mut forms = forms.map(|form| form.split("</form>").next().unwrap_or_default());
    forms.find(|form| form.contains(&mark)).map(hidden)
}

fn hidden(form: &str) -> BTreeMap<String, String> {
    let attribute = |input: &str, name: &str| {
        let value = input.split(&format!("{name}=\"")).nth(1)?;
        let value = value.split('"').next()?;
        Some(
            value
                .replace("&amp;", "&")
                .replace("&#39;", "'")
                .replace("&quot;", "\""),
        )
    };
    let inputs = form.split("<input").skip(1);
    let inputs = inputs.map(|input| input.split('>').next().unwrap_or_default());
    inputs
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
        .collect()
}
