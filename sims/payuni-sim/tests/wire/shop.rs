//! A tiny shop: seals orders, asks the API, hears its notices.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aes_gcm::aead::consts::U16;
use aes_gcm::aead::{Aead as _, KeyInit as _};
use aes_gcm::{AesGcm, aes::Aes256};
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use payuni_sim::{DEMO_HASH_IV, DEMO_HASH_KEY, DEMO_MER_ID, Running, Settings};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};

type Cipher = AesGcm<Aes256, U16>;
/// Pairs in the order of the wire.
pub(crate) type Pairs = Vec<(String, String)>;

fn cipher() -> Cipher {
    Cipher::new_from_slice(DEMO_HASH_KEY.as_bytes()).unwrap()
}

fn nonce() -> aes_gcm::Nonce<U16> {
    let iv: [u8; 16] = DEMO_HASH_IV.as_bytes().try_into().unwrap();
    iv.into()
}

pub(crate) fn seal(inner: &[(&str, &str)]) -> String {
    let plain = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(inner)
        .finish();
    let mut sealed = cipher().encrypt(&nonce(), plain.as_bytes()).unwrap();
    let tag = sealed.split_off(sealed.len() - 16);
    hex::encode(format!(
        "{}:::{}",
        STANDARD.encode(sealed),
        STANDARD.encode(tag)
    ))
}

pub(crate) fn hash(sealed: &str) -> String {
    hex::encode_upper(Sha256::digest(format!(
        "{DEMO_HASH_KEY}{sealed}{DEMO_HASH_IV}"
    )))
}

/// Opens a sealed text; `None` where the hash or the tag does not fit.
pub(crate) fn open(outer: &HashMap<String, String>) -> Option<Pairs> {
    let sealed = outer.get("EncryptInfo")?;
    (hash(sealed) == *outer.get("HashInfo")?).then_some(())?;
    let packed = String::from_utf8(hex::decode(sealed).ok()?).ok()?;
    let (text, tag) = packed.split_once(":::")?;
    let mut data = STANDARD.decode(text).ok()?;
    data.extend(STANDARD.decode(tag).ok()?);
    let plain = cipher().decrypt(&nonce(), data.as_slice()).ok()?;
    Some(form_urlencoded::parse(&plain).into_owned().collect())
}

pub(crate) fn get<'a>(pairs: &'a Pairs, name: &str) -> &'a str {
    pairs.iter().find(|(n, _)| n == name).map_or("", |(_, v)| v)
}

pub(crate) fn names(pairs: &Pairs) -> Vec<&str> {
    pairs.iter().map(|(n, _)| n.as_str()).collect()
}

/// A notice as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Heard {
    pub(crate) outer: HashMap<String, String>,
    pub(crate) content_type: String,
    pub(crate) agent: String,
}

impl Heard {
    pub(crate) fn inner(&self) -> Pairs {
        open(&self.outer).expect("a sealed notice")
    }
}

struct Ears {
    heard: mpsc::UnboundedSender<Heard>,
    answer: Arc<Mutex<(u16, String)>>,
    gate: Arc<Semaphore>,
}

async fn listen(
    State(ears): State<Arc<Ears>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, [(&'static str, &'static str); 1], String) {
    let text = |name: &str| {
        headers
            .get(name)
            .and_then(|v| v.to_str().ok())
            .unwrap_or_default()
            .to_owned()
    };
    let heard = Heard {
        outer: form_urlencoded::parse(&body).into_owned().collect(),
        content_type: text("content-type"),
        agent: text("user-agent"),
    };
    ears.heard.send(heard).unwrap();
    ears.gate.acquire().await.unwrap().forget();
    let (code, body) = ears.answer.lock().unwrap().clone();
    (
        StatusCode::from_u16(code).unwrap(),
        [("location", "/elsewhere")],
        body,
    )
}

pub(crate) struct Shop {
    pub(crate) http: reqwest::Client,
    pub(crate) base: String,
    pub(crate) notify_url: String,
    pub(crate) answer: Arc<Mutex<(u16, String)>>,
    /// How many notices are still answered.
    pub(crate) gate: Arc<Semaphore>,
    heard: tokio::sync::Mutex<mpsc::UnboundedReceiver<Heard>>,
    running: Option<Running>,
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::open_with(Settings {
            seed: 7,
            ..Settings::demo()
        })
        .await
    }

    pub(crate) async fn open_with(settings: Settings) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let running = payuni_sim::start(listener, settings).await.unwrap();
        let ears = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let notify_url = format!("http://{}/notify?from=payuni", ears.local_addr().unwrap());
        let (tx, rx) = mpsc::unbounded_channel();
        let answer = Arc::new(Mutex::new((200, "OK".to_owned())));
        let gate = Arc::new(Semaphore::new(1000));
        let app = Router::new()
            .route("/notify", post(listen))
            .route("/elsewhere", axum::routing::any(|| async { "1|OK" }))
            .with_state(Arc::new(Ears {
                heard: tx,
                answer: Arc::clone(&answer),
                gate: Arc::clone(&gate),
            }));
        tokio::spawn(async move { axum::serve(ears, app).await });
        Self {
            http: reqwest::Client::builder()
                .no_proxy()
                .timeout(Duration::from_secs(20))
                .build()
                .unwrap(),
            base: format!("http://{}", running.addr),
            notify_url,
            answer,
            gate,
            heard: tokio::sync::Mutex::new(rx),
            running: Some(running),
        }
    }

    pub(crate) async fn close(mut self) {
        self.running.take().unwrap().stop().await;
    }

    /// The next notice, within ten seconds.
    pub(crate) async fn hear(&self) -> Heard {
        let mut heard = self.heard.lock().await;
        tokio::time::timeout(Duration::from_secs(10), heard.recv())
            .await
            .expect("a notice in time")
            .unwrap()
    }

    /// That nothing more was heard until now: what the sandbox still had to send is sent first.
    pub(crate) async fn silent(&self) -> bool {
        self.heard.lock().await.is_empty()
    }

    /// Waits until the sandbox's messages of an order fit.
    pub(crate) async fn until(&self, order: &str, fits: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        for _ in 0..400 {
            let all = self
                .control_get(&format!("messages?mer_trade_no={order}"))
                .await;
            let notices: Vec<Value> = all["messages"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|m| m["kind"] == "notice")
                .cloned()
                .collect();
            if fits(&notices) {
                return notices;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("the messages of {order} never came to fit");
    }

    pub(crate) fn outer(&self, version: &str, inner: &[(&str, &str)]) -> HashMap<String, String> {
        let sealed = seal(inner);
        let hash = hash(&sealed);
        [
            ("MerID", DEMO_MER_ID),
            ("Version", version),
            ("EncryptInfo", &sealed),
            ("HashInfo", &hash),
            ("IsPlatForm", ""),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .into()
    }

    /// A good order; `more` replaces or adds fields.
    pub(crate) fn order(
        &self,
        number: &str,
        amount: &str,
        more: &[(&str, &str)],
    ) -> HashMap<String, String> {
        self.outer("2.0", &pairs(&self.order_fields(number, amount, more)))
    }

    pub(crate) fn order_fields(&self, number: &str, amount: &str, more: &[(&str, &str)]) -> Pairs {
        let mut fields: Pairs = [
            ("MerID", DEMO_MER_ID),
            ("MerTradeNo", number),
            ("TradeAmt", amount),
            ("Timestamp", "1700000000"),
            ("ProdDesc", "手沖咖啡豆 200g;濾紙"),
            ("ReturnURL", "http://shop.test/payuni/return"),
            ("NotifyURL", self.notify_url.as_str()),
            ("BackURL", "http://shop.test/cart"),
        ]
        .map(|(n, v)| (n.to_owned(), v.to_owned()))
        .into();
        for (name, value) in more {
            fields.retain(|(n, _)| n != name);
            fields.push(((*name).to_owned(), (*value).to_owned()));
        }
        fields
    }

    /// Calls the API; the HTTP body as JSON.
    pub(crate) async fn raw(&self, path: &str, outer: &HashMap<String, String>) -> Value {
        let response = self
            .http
            .post(format!("{}/api/{path}", self.base))
            .form(outer)
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200);
        response.json().await.unwrap()
    }

    /// Calls the API and opens the answer.
    pub(crate) async fn call(&self, path: &str, version: &str, inner: &[(&str, &str)]) -> Pairs {
        let mut all = vec![("MerID", DEMO_MER_ID), ("Timestamp", "1700000000")];
        all.extend_from_slice(inner);
        let reply = self.raw(path, &self.outer(version, &all)).await;
        let outer: HashMap<String, String> = reply
            .as_object()
            .unwrap()
            .iter()
            .map(|(n, v)| (n.clone(), v.as_str().unwrap().to_owned()))
            .collect();
        let inner = open(&outer).expect("a sealed reply");
        assert_eq!(outer["Status"], get(&inner, "Status"));
        inner
    }

    pub(crate) async fn query(&self, order: &str) -> Pairs {
        self.call("trade/query", "2.0", &[("MerTradeNo", order)])
            .await
    }

    pub(crate) async fn control_get(&self, path: &str) -> Value {
        let response = self
            .http
            .get(format!("{}/_sandbox/{path}", self.base))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), 200, "{path}");
        response.json().await.unwrap()
    }

    pub(crate) async fn control(&self, path: &str, body: &Value) -> (u16, Value) {
        let response = self
            .http
            .post(format!("{}/_sandbox/{path}", self.base))
            .json(body)
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.json().await.unwrap())
    }

    pub(crate) async fn switch(&self, patch: &Value) -> u16 {
        let url = format!("{}/_sandbox/switches", self.base);
        self.http
            .put(url)
            .json(patch)
            .send()
            .await
            .unwrap()
            .status()
            .as_u16()
    }

    pub(crate) async fn fault(&self, kind: &str) {
        assert_eq!(
            self.control("faults", &json!({"kind": kind, "times": 1}))
                .await
                .0,
            201
        );
    }

    /// Buys without a browser.
    pub(crate) async fn buy(&self, order: &HashMap<String, String>, method: &str) -> Value {
        let (status, answer) = self
            .control("buy", &json!({"form": order, "method": method}))
            .await;
        assert_eq!(status, 200, "{answer}");
        answer
    }

    /// Opens the hosted page; its address without host, and its HTML.
    pub(crate) async fn page(&self, order: &HashMap<String, String>) -> (String, String) {
        let response = self
            .http
            .post(format!("{}/api/upp", self.base))
            .form(order)
            .send()
            .await
            .unwrap();
        (
            response.url().path().to_owned(),
            response.text().await.unwrap(),
        )
    }

    pub(crate) async fn press(&self, path: &str, form: &[(&str, &str)]) -> (u16, String) {
        let response = self
            .http
            .post(format!("{}{path}", self.base))
            .form(form)
            .send()
            .await
            .unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    }
}

pub(crate) fn pairs(pairs: &Pairs) -> Vec<(&str, &str)> {
    pairs
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect()
}

/// The fields of the form that goes back to the shop.
pub(crate) fn return_form(html: &str) -> (String, HashMap<String, String>) {
    let form = html
        .split("id=\"return-form\"")
        .nth(1)
        .expect("a form back to the shop");
    let form = form.split("</form>").next().unwrap();
    let attribute = |text: &str, name: &str| {
        let value = text.split(&format!("{name}=\"")).nth(1).unwrap_or_default();
        value
            .split('"')
            .next()
            .unwrap_or_default()
            .replace("&#38;", "&")
    };
    let inputs = form
        .split("<input ")
        .skip(1)
        .map(|input| (attribute(input, "name"), attribute(input, "value")));
    (attribute(form, "action"), inputs.collect())
}
