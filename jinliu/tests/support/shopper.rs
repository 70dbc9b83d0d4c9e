//! A world to test in, and the people in it: shoppers with verbs instead of addresses.

pub(crate) mod town;

use reqwest::cookie::{CookieStore, Jar};
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};
pub(crate) use town::Town;

/// How long something may take before a test gives up waiting for it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

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
    pub(crate) jar: Arc<Jar>,
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
    /// Somebody new, from an address of their own as a proxy would name it.
    pub(crate) fn at(shop: &str, payuni: &str, google: &str) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(1);
        let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let address = format!("198.18.{high}.{low}").parse().unwrap();
        let jar = Arc::new(Jar::default());
        let from = [("x-forwarded-for".parse().unwrap(), address)];
        let client = reqwest::Client::builder()
            .cookie_provider(Arc::clone(&jar))
            .default_headers(from.into_iter().collect())
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .unwrap();
        Self {
            client,
            jar,
            shop: shop.to_owned(),
            payuni: payuni.to_owned(),
            google: google.to_owned(),
        }
    }

    pub(crate) async fn read(response: reqwest::Response) -> Page {
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

    /// The cookies that the browser would send to the shop.
    pub(crate) fn cookies(&self) -> String {
        let cookies = self.jar.cookies(&self.shop.parse().unwrap());
        cookies.map_or_else(String::new, |line| line.to_str().unwrap().to_owned())
    }

    pub(crate) async fn signs_in(&self, account: &str) {
        let begun = self.opens("/auth/google").await;
        let back = self.chooses(&begun.location.unwrap(), account).await;
        let back = self.opens(&back).await;
        assert_eq!(back.status, 303, "{}", back.body);
    }

    /// Chooses an account on Google's page, or `cancel`; returns where Google sends the browser.
    pub(crate) async fn chooses(&self, url: &str, account: &str) -> String {
        let chosen = self
            .client
            .post(format!("{}/_sandbox/authorize", self.google))
            .json(&json!({"url": url, "account": account}))
            .send()
            .await
            .unwrap();
        let chosen: Value = chosen.json().await.unwrap();
        chosen["redirect"].as_str().unwrap().to_owned()
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

    /// Pays an order again, by the button on its page.
    pub(crate) async fn tries_again(&self, no: &str) -> Sealed {
        let page = self.opens(&format!("/orders/{no}")).await;
        let to = format!("/orders/{no}/pay");
        let form = form_to(&page.body, &to).expect("a button to pay with");
        let fields: Vec<(&str, &str)> = form
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let page = self.posts(&to, &fields).await;
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
        assert!(
            done["TradeNo"].is_string(),
            "PAYUNi refused the form: {done}"
        );
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
    let form = body
        .rsplit("<form")
        .next()
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

/// The hidden fields of the form on a page that posts to a path.
pub(crate) fn form_to(body: &str, path: &str) -> Option<BTreeMap<String, String>> {
    let mark = format!("action=\"{path}\"");
    let forms = body
        .split("<form")
        .skip(1)
        .map(|form| form.split("</form>").next().unwrap_or_default());
    forms
        .into_iter()
        .find(|form| form.contains(&mark))
        .map(hidden)
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
