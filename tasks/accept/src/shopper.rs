//! Somebody with a browser that runs no script: signs in, buys, pays, comes back.

use crate::{
    page::{Fields, forms_to},
    town::Places,
};
use anyhow::{Context, Result, ensure};
use reqwest::{Client, RequestBuilder, header, redirect};
use serde_json::{Value, json};
use std::{
    sync::atomic::{AtomicU16, Ordering},
    time::Duration,
};

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// An answer, read.
pub(crate) struct Page {
    pub(crate) status: u16,
    /// Where it redirects to.
    pub(crate) location: Option<String>,
    pub(crate) headers: header::HeaderMap,
    pub(crate) body: String,
}

impl Page {
    async fn of(request: RequestBuilder) -> Result<Self> {
        let answer = request.send().await?;
        let headers = answer.headers().clone();
        let location = headers.get("location").and_then(|to| to.to_str().ok());
        Ok(Self {
            status: answer.status().as_u16(),
            location: location.map(str::to_owned),
            headers,
            body: answer.text().await?,
        })
    }

    /// What a person reads of it.
    pub(crate) fn words(&self) -> String {
        crate::page::words(&self.body)
    }
}

/// The sealed form that the buyer's browser would post to PAYUNi, and the order that it is of.
#[derive(Clone)]
pub(crate) struct Sealed {
    pub(crate) order_no: String,
    pub(crate) fields: Fields,
}

/// What PAYUNi's page did.
#[derive(Clone)]
pub(crate) struct Paid {
    /// PAYUNi's number of it.
    pub(crate) trade_no: String,
    /// The post that brings the browser back, where there is one.
    pub(crate) back: Option<(String, Fields)>,
}

/// A person and their browser.
pub(crate) struct Shopper {
    client: Client,
    places: Places,
}

impl Shopper {
    /// Somebody who is not signed in, from an address of their own as a proxy would name it.
    pub(crate) fn new(places: &Places) -> Result<Self> {
        static NEXT: AtomicU16 = AtomicU16::new(1);
        let [high, low] = NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        let from = [(
            "x-forwarded-for".parse()?,
            format!("198.18.{high}.{low}").parse()?,
        )];
        let client = Client::builder()
            .cookie_store(true)
            .default_headers(from.into_iter().collect())
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        Ok(Self {
            client,
            places: places.clone(),
        })
    }

    /// Opens a page of the shop, or a whole address.
    pub(crate) async fn opens(&self, path: &str) -> Result<Page> {
        let url = if path.starts_with("http") {
            path.to_owned()
        } else {
            format!("{}{path}", self.places.shop)
        };
        Page::of(self.client.get(url).header("accept", "text/html")).await
    }

    /// Posts a form of the shop's as a browser on the shop's page would.
    pub(crate) async fn posts(&self, path: &str, fields: &Fields) -> Result<Page> {
        let request = self
            .client
            .post(format!("{}{path}", self.places.shop))
            .header("origin", &self.places.shop)
            .header("accept", "text/html");
        Page::of(request.form(fields)).await
    }

    /// Signs in with one of the sandbox's accounts: `owner`, `buyer1`, `buyer2`, `unverified`.
    pub(crate) async fn signs_in(&self, account: &str) -> Result<()> {
        let begun = self.opens("/auth/google").await?;
        let url = begun.location.context("no way to Google")?;
        let chosen = self
            .client
            .post(format!("{}/_sandbox/authorize", self.places.google))
            .json(&json!({"url": url, "account": account}))
            .send()
            .await?;
        let chosen: Value = chosen.json().await?;
        let back = chosen["redirect"]
            .as_str()
            .context("Google sends nobody back")?;
        let back = self.opens(back).await?;
        ensure!(
            back.status == 303,
            "the sign-in was answered {}",
            back.status
        );
        Ok(())
    }

    /// The form of a product on the storefront.
    pub(crate) async fn form_of(&self, product: &str) -> Result<Fields> {
        let page = self.opens("/").await?;
        let forms = forms_to(&page.body, "/checkout");
        let of = |form: &Fields| form.get("product_id").is_some_and(|id| id == product);
        let form = forms.into_iter().find(of);
        form.with_context(|| format!("the storefront has no form for `{product}`"))
    }

    /// Posts a product's form, whatever the answer is.
    pub(crate) async fn tries_to_check_out(&self, product: &str, quantity: u32) -> Result<Page> {
        let mut form = self.form_of(product).await?;
        form.insert("quantity".to_owned(), quantity.to_string());
        self.posts("/checkout", &form).await
    }

    /// Places an order; gets the sealed form for PAYUNi.
    pub(crate) async fn checks_out(&self, product: &str, quantity: u32) -> Result<Sealed> {
        let page = self.tries_to_check_out(product, quantity).await?;
        ensure!(
            page.status == 200,
            "the checkout of `{product}` was answered {}: {}",
            page.status,
            page.words()
        );
        Sealed::read(&page.body)
    }

    /// Pays at PAYUNi's page: `card`, `atm`, `cvs`, `linepay`, `jkopay`, `card_decline` …
    pub(crate) async fn pays(&self, sealed: &Sealed, method: &str) -> Result<Paid> {
        let answer = self.tries_to_pay(sealed, method).await?;
        let trade_no = answer["TradeNo"].as_str();
        let trade_no = trade_no.with_context(|| format!("PAYUNi refused the form: {answer}"))?;
        let back = answer["return"]["url"].as_str();
        let back = back.map(|url| (url.to_owned(), text_fields(&answer["return"]["fields"])));
        Ok(Paid {
            trade_no: trade_no.to_owned(),
            back,
        })
    }

    /// Pays at PAYUNi's page; what it answered, as it came.
    pub(crate) async fn tries_to_pay(&self, sealed: &Sealed, method: &str) -> Result<Value> {
        let asked = json!({"form": sealed.fields, "method": method});
        let url = format!("{}/_sandbox/buy", self.places.payuni);
        Ok(self
            .client
            .post(url)
            .json(&asked)
            .send()
            .await?
            .json()
            .await?)
    }

    /// Comes back from PAYUNi: a cross-site post, with which no cookie goes.
    pub(crate) async fn comes_back(&self, paid: &Paid) -> Result<Page> {
        let (url, fields) = paid.back.clone().context("no way back")?;
        let bare = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(PATIENCE)
            .build()?;
        let back = bare.post(url).header("origin", &self.places.payuni);
        Page::of(back.header("sec-fetch-site", "cross-site").form(&fields)).await
    }
}

impl Sealed {
    /// Reads the page that hands over to PAYUNi.
    pub(crate) fn read(page: &str) -> Result<Self> {
        let form = page.rsplit("<form").next().unwrap_or_default();
        let form = form.split("</form>").next().unwrap_or_default();
        let fields = crate::page::fields(form);
        ensure!(
            fields.contains_key("EncryptInfo"),
            "the page does not hand over to PAYUNi"
        );
        let words = page.split(|c: char| !c.is_ascii_alphanumeric());
        // The day and 80 bits in Crockford's base 32.
        let is_number = |word: &&str| {
            let (day, rest) = word.split_at_checked(6).unwrap_or_default();
            word.len() == 22
                && day.bytes().all(|b| b.is_ascii_digit())
                && rest
                    .bytes()
                    .all(|b| b.is_ascii_digit() || b.is_ascii_uppercase())
        };
        let mut numbers = words.filter(is_number);
        let order_no = numbers.next().context("the page names no order")?;
        Ok(Self {
            order_no: order_no.to_owned(),
            fields,
        })
    }
}

/// A JSON object's texts.
fn text_fields(value: &Value) -> Fields {
    let fields = value.as_object().into_iter().flatten();
    fields
        .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
        .collect()
}
