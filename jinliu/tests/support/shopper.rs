//! A world to test in, and the people in it: shoppers with verbs instead of addresses.

use jinliu::world::{Plan, World};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// How long something may take before a test gives up waiting for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A world in a folder of its own, gone with the test.
pub(crate) struct Town {
    pub(crate) world: World,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) outside: reqwest::Client,
}

impl Town {
    /// A world as the demo makes it.
    pub(crate) async fn new() -> Self {
        Self::planned(|_| {}).await
    }

    /// A world with something changed in its plan. The checkout limit is out of the way unless `jinliu.toml` says otherwise.
    pub(crate) async fn planned(change: impl FnOnce(&mut Plan)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut plan = Plan::in_folder(folder.path());
        change(&mut plan);
        let world = World::start(plan).await.unwrap();
        Self {
            world,
            folder,
            outside: reqwest::Client::new(),
        }
    }

    pub(crate) fn payuni(&self, path: &str) -> String {
        format!("{}{path}", self.world.sandbox.payuni_url)
    }

    pub(crate) fn google(&self, path: &str) -> String {
        format!("{}{path}", self.world.sandbox.google_url)
    }

    pub(crate) fn shop(&self, path: &str) -> String {
        format!("{}{path}", self.world.shop_url)
    }

    /// Posts JSON to a control of the sandbox and returns its answer.
    pub(crate) async fn control(&self, url: String, body: Value) -> Value {
        let response = self.outside.post(&url).json(&body).send().await.unwrap();
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{url}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    pub(crate) async fn look(&self, url: String) -> Value {
        self.outside
            .get(url)
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    /// Switches a fault of the PAYUNi sandbox on.
    pub(crate) async fn fault(&self, fault: Value) {
        self.control(self.payuni("/_sandbox/faults"), fault).await;
    }

    /// Returns an order's status by the fold over the ledger.
    pub(crate) async fn status(&self, no: &str) -> String {
        let book = self
            .world
            .shop
            .app
            .ledger
            .book(&no.parse().unwrap())
            .await
            .unwrap()
            .unwrap();
        book.status().to_string()
    }

    /// Waits until an order has this status.
    pub(crate) async fn becomes(&self, no: &str, status: &str) {
        until(&format!("order {no} is {status}"), async || {
            self.status(no).await == status
        })
        .await;
    }

    /// Returns a tab of the sheet as rows of text, header first.
    pub(crate) async fn tab(&self, title: &str) -> Vec<Vec<String>> {
        let dump = self
            .look(self.google(&format!("/_sandbox/sheets/{}", google_sim::SHEET_ID)))
            .await;
        let text = |cell: &Value| {
            cell.as_str().map_or_else(
                || {
                    if cell.is_null() {
                        String::new()
                    } else {
                        cell.to_string()
                    }
                },
                str::to_owned,
            )
        };
        let tabs = dump["tabs"].as_array().cloned().unwrap_or_default();
        let tab = tabs
            .iter()
            .find(|tab| tab["title"] == title)
            .cloned()
            .unwrap_or_default();
        let rows = tab["rows"].as_array().cloned().unwrap_or_default();
        rows.iter()
            .map(|row| {
                row.as_array()
                    .cloned()
                    .unwrap_or_default()
                    .iter()
                    .map(text)
                    .collect()
            })
            .collect()
    }

    /// A shopper who is not signed in.
    pub(crate) fn stranger(&self) -> Shopper {
        let client = reqwest::Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Shopper {
            client,
            shop: self.world.shop_url.clone(),
            payuni: self.world.sandbox.payuni_url.clone(),
            google: self.world.sandbox.google_url.clone(),
        }
    }

    /// A shopper signed in with one of the sandbox's accounts: `owner`, `buyer1`, `buyer2`, `unverified`.
    pub(crate) async fn shopper(&self, account: &str) -> Shopper {
        let shopper = self.stranger();
        shopper.signs_in(account).await;
        shopper
    }
}

/// Asks again and again until it is so, or patience ends.
pub(crate) async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !so().await {
        assert!(Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Somebody with a browser that runs no script.
pub(crate) struct Shopper {
    pub(crate) client: reqwest::Client,
    pub(crate) shop: String,
    pub(crate) payuni: String,
    pub(crate) google: String,
}

/// An answer, read.
pub(crate) struct Page {
    pub(crate) status: u16,
    pub(crate) location: Option<String>,
    pub(crate) body: String,
    pub(crate) headers: reqwest::header::HeaderMap,
}

/// The sealed form that the buyer's browser would post to PAYUNi.
#[derive(Clone, Debug)]
pub(crate) struct Sealed {
    pub(crate) order_no: String,
    pub(crate) fields: BTreeMap<String, String>,
}

/// What PAYUNi's page did.
#[derive(Clone, Debug)]
pub(crate) struct Paid {
    pub(crate) trade_no: String,
    pub(crate) order_no: String,
    pub(crate) back: Option<(String, Vec<(String, String)>)>,
}

impl Shopper {
    async fn read(response: reqwest::Response) -> Page {
        let headers = response.headers().clone();
        Page {
            status: response.status().as_u16(),
            location: headers
                .get("location")
                .map(|to| to.to_str().unwrap().to_owned()),
            headers,
            body: response.text().await.unwrap(),
        }
    }

    pub(crate) async fn opens(&self, path: &str) -> Page {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.shop)
        };
        Self::read(
            self.client
                .get(url)
                .header("accept", "text/html")
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    /// Posts a form of the shop's as a browser on the shop's page would.
    pub(crate) async fn posts(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = self
            .client
            .post(format!("{}{path}", self.shop))
            .header("origin", &self.shop)
            .header("accept", "text/html");
        Self::read(request.form(fields).send().await.unwrap()).await
    }

    pub(crate) async fn signs_in(&self, account: &str) {
        let begun = self.opens("/auth/google").await;
        let url = begun.location.unwrap();
        let chosen = self
            .client
            .post(format!("{}/_sandbox/authorize", self.google))
            .json(&json!({"url": url, "account": account}))
            .send()
            .await
            .unwrap();
        let chosen: Value = chosen.json().await.unwrap();
        let back = self.opens(chosen["redirect"].as_str().unwrap()).await;
        assert_eq!(back.status, 303, "{}", back.body);
    }

    /// The hidden fields of the first product's form.
    pub(crate) async fn finds_form(&self) -> BTreeMap<String, String> {
        let page = self.opens("/").await;
        let form = page
            .body
            .split("<form class=\"buy\"")
            .nth(1)
            .expect("a form to buy with")
            .split("</form>")
            .next()
            .unwrap();
        hidden(form)
    }

    /// Checks out one of the first product.
    pub(crate) async fn checks_out(&self) -> Sealed {
        let form = self.finds_form().await;
        self.checks_out_with(&form).await
    }

    pub(crate) async fn checks_out_with(&self, form: &BTreeMap<String, String>) -> Sealed {
        let fields: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let page = self.posts("/checkout", &fields).await;
        assert_eq!(page.status, 200, "{}", page.body);
        sealed(&page.body)
    }

    /// Pays at PAYUNi's page; the notice is on its way. `method` as the sandbox names them: `card`, `atm`, `cvs`, `linepay`, `card_decline` …
    pub(crate) async fn pays(&self, sealed: &Sealed, method: &str) -> Paid {
        let asked = json!({"form": sealed.fields, "method": method});
        let response = self
            .client
            .post(format!("{}/_sandbox/buy", self.payuni))
            .json(&asked)
            .send()
            .await
            .unwrap();
        let done: Value = response.json().await.unwrap();
        let back = done["return"].as_object().map(|back| {
            let fields = back["fields"].as_object().unwrap();
            let fields = fields
                .iter()
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect();
            (back["url"].as_str().unwrap().to_owned(), fields)
        });
        Paid {
            trade_no: done["TradeNo"].as_str().unwrap_or_default().to_owned(),
            order_no: sealed.order_no.clone(),
            back,
        }
    }

    /// Comes back from PAYUNi: the cross-site post that PAYUNi's page makes.
    pub(crate) async fn comes_back(&self, paid: &Paid) -> Page {
        let (url, fields) = paid.back.clone().expect("a way back");
        // A cross-site post carries no cookie that is SameSite=Lax, so none is sent here.
        let bare = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self::read(
            bare.post(url)
                .header("origin", &self.payuni)
                .header("sec-fetch-site", "cross-site")
                .form(&fields)
                .send()
                .await
                .unwrap(),
        )
        .await
    }
}

/// Reads the handover page.
pub(crate) fn sealed(body: &str) -> Sealed {
    let form = body.rsplit("<form").next()
        .unwrap_or_default()
        .split("</form>")
        .next()
        .unwrap_or_default();
    let fields = hidden(form);
    let order_no = body
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '-')
        .find(|word| word.len() == 22 && word.parse::<orders::OrderNo>().is_ok())
        .expect("the order's number")
        .to_owned();
    Sealed { order_no, fields }
}

/// The hidden fields of a form.
pub(crate) fn hidden(form: &str) -> BTreeMap<String, String> {
    let attribute = |input: &str, name: &str| {
        let value = input
            .split(&format!("{name}=\""))
            .nth(1)?
            .split('"')
            .next()?;
        Some(
            value
                .replace("&amp;", "&")
                .replace("&#39;", "'")
                .replace("&quot;", "\""),
        )
    };
    let inputs = form
        .split("<input")
        .skip(1)
        .map(|input| input.split('>').next().unwrap_or_default());
    inputs
        .filter_map(|input| Some((attribute(input, "name")?, attribute(input, "value")?)))
        .collect()
}
