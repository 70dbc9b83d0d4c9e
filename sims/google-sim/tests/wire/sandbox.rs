//! A sandbox on a free port, and a client that follows nothing by itself.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::RSA_PKCS1_SHA256;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use google_sim::{Running, SHEET_ID, Settings};
use reqwest::{Method, Response, StatusCode};
use serde_json::{Value, json};

pub(crate) const SHEETS_SCOPE: &str = "https://www.googleapis.com/auth/spreadsheets";

pub(crate) struct Sandbox {
    pub(crate) base: String,
    pub(crate) http: reqwest::Client,
    pub(crate) folder: tempfile::TempDir,
    running: Option<Running>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Value,
}

impl Sandbox {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::on(listener, folder).await
    }

    async fn on(listener: tokio::net::TcpListener, folder: tempfile::TempDir) -> Self {
        let base = format!("http://{}", listener.local_addr().unwrap());
        let settings = Settings {
            public_url: base.clone(),
            state_file: Some(folder.path().join("google.json")),
            service_account_file: Some(folder.path().join("service-account.json")),
            ..Settings::demo()
        };
        let running = google_sim::start(listener, settings).await.unwrap();
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        Self {
            base,
            http,
            folder,
            running: Some(running),
        }
    }

    /// Stops and starts again on the same port and files.
    pub(crate) async fn restart(mut self) -> Self {
        let running = self.running.take().unwrap();
        let addr = running.addr;
        running.stop().await;
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_reuseaddr(true).unwrap();
        socket.bind(addr).unwrap();
        Self::on(socket.listen(64).unwrap(), self.folder).await
    }

    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.http.get(self.at(path)).send().await.unwrap()
    }

    pub(crate) async fn form(&self, path: &str, pairs: &[(&str, &str)]) -> Response {
        self.http
            .post(self.at(path))
            .form(pairs)
            .send()
            .await
            .unwrap()
    }

    /// A JSON call without a token.
    pub(crate) async fn control(&self, method: Method, path: &str, body: Value) -> Answer {
        answer(
            self.http
                .request(method, self.at(path))
                .json(&body)
                .send()
                .await
                .unwrap(),
        )
        .await
    }

    pub(crate) fn key(&self) -> Value {
        serde_json::from_slice(
            &std::fs::read(self.folder.path().join("service-account.json")).unwrap(),
        )
        .unwrap()
    }

    /// A JWT signed with the service account's key.
    pub(crate) fn assertion(&self, claims: &Value, padded: bool) -> String {
        let pem = self.key()["private_key"].as_str().unwrap().to_owned();
        let der: String = pem.lines().filter(|l| !l.starts_with('-')).collect();
        let pair = KeyPair::from_pkcs8(&STANDARD.decode(der).unwrap()).unwrap();
        let code = |bytes: &[u8]| {
            if padded {
                URL_SAFE.encode(bytes)
            } else {
                URL_SAFE_NO_PAD.encode(bytes)
            }
        };
        let input = format!(
            "{}.{}",
            code(br#"{"alg":"RS256","typ":"JWT"}"#),
            code(claims.to_string().as_bytes())
        );
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(
            &RSA_PKCS1_SHA256,
            &SystemRandom::new(),
            input.as_bytes(),
            &mut signature,
        )
        .unwrap();
        format!("{input}.{}", code(&signature))
    }

    pub(crate) async fn now(&self) -> i64 {
        let clock = self
            .control(Method::GET, "/_sandbox/clock", json!({}))
            .await;
        clock.body["now_ms"].as_i64().unwrap() / 1000
    }

    pub(crate) async fn claims(&self, scope: &str) -> Value {
        let now = self.now().await;
        json!({"iss": google_sim::SERVICE_ACCOUNT_EMAIL, "scope": scope, "aud": self.at("/token"), "iat": now, "exp": now + 3600, "sub": null})
    }

    pub(crate) async fn exchange(&self, assertion: &str) -> Answer {
        let grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
        answer(
            self.form("/token", &[("assertion", assertion), ("grant_type", grant)])
                .await,
        )
        .await
    }

    /// An access token of the service account.
    pub(crate) async fn token(&self) -> String {
        let claims = self.claims(SHEETS_SCOPE).await;
        let answer = self.exchange(&self.assertion(&claims, false)).await;
        answer.body["access_token"]
            .as_str()
            .expect("a token")
            .to_owned()
    }

    /// A Sheets call: `path` follows the spreadsheet's id.
    pub(crate) async fn sheets(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Answer {
        answer(self.try_sheets(token, method, path, body).await.unwrap()).await
    }

    pub(crate) async fn try_sheets(
        &self,
        token: &str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> reqwest::Result<Response> {
        let mut request = self
            .http
            .request(
                method,
                self.at(&format!("/v4/spreadsheets/{SHEET_ID}{path}")),
            )
            .bearer_auth(token);
        if let Some(body) = body {
            request = request.json(&body);
        }
        request.send().await
    }

    /// The rows of a tab, typed.
    pub(crate) async fn rows(&self, tab: &str) -> Value {
        let dump = self
            .control(
                Method::GET,
                &format!("/_sandbox/sheets/{SHEET_ID}"),
                json!({}),
            )
            .await;
        let tabs = dump.body["tabs"].as_array().unwrap().clone();
        tabs.into_iter()
            .find(|t| t["title"] == tab)
            .expect("the tab")["rows"]
            .clone()
    }
}

pub(crate) async fn answer(response: Response) -> Answer {
    let status = response.status();
    let text = response.text().await.unwrap();
    Answer {
        status,
        body: serde_json::from_str(&text).unwrap_or(Value::String(text)),
    }
}
