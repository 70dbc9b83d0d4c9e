//! The service account: its key file, its assertion, its token.

use std::sync::{Arc, LazyLock, Mutex};

use google::service_account::{AccountError, ServiceAccount};
use google::sheets::{Sheets, SheetsError, SpreadsheetId};
use google::tables::Grid as _;
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Value, json};
use url::Url;

use crate::keys::Key;
use crate::spreadsheet::{self, Fault, Shared};

pub(crate) static KEY: LazyLock<Key> = LazyLock::new(|| Key::generate("kid-1"));

pub(crate) struct Desk {
    pub(crate) google: Shared,
    pub(crate) sheets: Sheets,
    pub(crate) account: Arc<ServiceAccount>,
    pub(crate) time: Arc<Mutex<Timestamp>>,
}

pub(crate) fn key_file(token_uri: &str) -> Value {
    json!({
        "type": "service_account", "project_id": "p", "private_key_id": "kid-1", "private_key": KEY.pkcs8_pem(),
        "client_email": "sa@p.iam.gserviceaccount.com", "token_uri": token_uri,
    })
}

pub(crate) async fn desk() -> Desk {
    let (address, google) = spreadsheet::start().await;
    let http = google::http_client().unwrap();
    // The real time at first: a server's Date must fit it.
    let time = Arc::new(Mutex::new(Timestamp::now()));
    let hand = time.clone();
    let json = key_file(&format!("{address}/token")).to_string();
    let account = ServiceAccount::from_json(&json, http.clone()).unwrap();
    let account = Arc::new(account.with_clock(Arc::new(move || *hand.lock().unwrap())));
    let id = SpreadsheetId::parse("SID").unwrap();
    let sheets = Sheets::new(Url::parse(&address).unwrap(), id, account.clone(), http);
    Desk {
        google,
        sheets,
        account,
        time,
    }
}

impl Desk {
    pub(crate) fn fault(&self, fault: Fault) {
        self.google.lock().unwrap().faults.push_back(fault);
    }

    pub(crate) fn with_header(self) -> Self {
        for (column, title) in (1..).zip(["訂單編號", "姓名", "金額"]) {
            self.google
                .lock()
                .unwrap()
                .cells
                .insert((1, column), json!(title));
        }
        self
    }
}

#[tokio::test]
async fn the_assertion_is_what_rfc_7523_asks_for() {
    let desk = desk().await;
    desk.sheets.spreadsheet().await.unwrap();
    let assertion = desk.google.lock().unwrap().assertion.clone();
    let header = jsonwebtoken::decode_header(&assertion).unwrap();
    assert_eq!(
        (header.alg, header.kid.as_deref()),
        (Algorithm::RS256, Some("kid-1"))
    );
    let key = DecodingKey::from_rsa_components(&KEY.modulus(), "AQAB").unwrap();
    let mut validation = jsonwebtoken::Validation::new(Algorithm::RS256);
    validation.set_issuer(&["sa@p.iam.gserviceaccount.com"]);
    validation.validate_aud = false;
    let claims = jsonwebtoken::decode::<Value>(&assertion, &key, &validation)
        .unwrap()
        .claims;
    assert!(claims["aud"].as_str().unwrap().ends_with("/token"));
    assert_eq!(
        claims["scope"],
        "https://www.googleapis.com/auth/spreadsheets"
    );
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        3600
    );
    assert_eq!(claims.get("sub"), None);
}

#[tokio::test]
async fn one_token_serves_all_until_shortly_before_it_ends() {
    let desk = Arc::new(desk().await);
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let desk = desk.clone();
            tokio::spawn(async move { desk.sheets.spreadsheet().await.map(drop) })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(desk.google.lock().unwrap().tokens_given, 1);
    for (minutes, tokens) in [(54, 1), (56, 2)] {
        *desk.time.lock().unwrap() = Timestamp::now() + SignedDuration::from_mins(minutes);
        desk.sheets.spreadsheet().await.unwrap();
        assert_eq!(
            desk.google.lock().unwrap().tokens_given,
            tokens,
            "after {minutes} minutes"
        );
    }
}

#[tokio::test]
async fn a_revoked_token_is_renewed_once() {
    let desk = desk().await;
    desk.sheets.spreadsheet().await.unwrap();
    desk.google.lock().unwrap().accepted_token = None;
    desk.sheets.spreadsheet().await.unwrap();
    assert_eq!(desk.google.lock().unwrap().tokens_given, 2);

    let never = json!({"error": {"code": 401, "status": "UNAUTHENTICATED"}});
    desk.fault(Fault::Answer(401, never.clone()));
    desk.fault(Fault::Answer(401, never));
    let error = desk.sheets.spreadsheet().await.unwrap_err();
    assert!(
        matches!(error, SheetsError::Refused { status: 401, .. }),
        "{error:?}"
    );
    assert_eq!(desk.google.lock().unwrap().tokens_given, 3, "no hot loop");
}

#[tokio::test]
async fn a_refused_account_says_what_to_do() {
    let desk = desk().await;
    for (description, cure) in [
        ("Invalid JWT Signature.", "make a new key"),
        ("Invalid grant: account not found", "account not found"),
        (
            "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.",
            "clock",
        ),
    ] {
        let body = json!({"error": "invalid_grant", "error_description": description});
        desk.google.lock().unwrap().token_answer = Some((400, body));
        let error = desk.account.token().await.unwrap_err();
        let text = error.to_string();
        assert!(
            matches!(error, AccountError::Refused { status: 400, .. }) && text.contains(cure),
            "{text}"
        );
    }
    desk.google.lock().unwrap().token_answer = Some((503, json!({})));
    assert!(matches!(
        desk.account.token().await,
        Err(AccountError::Unreachable(_))
    ));
    assert!(matches!(
        desk.sheets.spreadsheet().await,
        Err(SheetsError::Unreachable(_))
    ));
}

#[test]
fn a_bad_key_file_says_what_is_wrong_and_keys_are_never_printed() {
    let http = google::http_client().unwrap();
    let whole = key_file("https://oauth2.googleapis.com/token");
    let account = ServiceAccount::from_json(&whole.to_string(), http.clone()).unwrap();
    assert_eq!(
        format!("{account:?}"),
        "ServiceAccount { email: \"sa@p.iam.gserviceaccount.com\", .. }"
    );
    for (field, value, says) in [
        ("type", json!("authorized_user"), "service_account"),
        ("client_email", Value::Null, "client_email"),
        (
            "private_key",
            json!("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"),
            "PEM",
        ),
        (
            "token_uri",
            json!("http://tokens.example/token"),
            "token_uri",
        ),
    ] {
        let mut file = whole.clone();
        file[field] = value;
        let error = ServiceAccount::from_json(&file.to_string(), http.clone())
            .unwrap_err()
            .to_string();
        assert!(error.contains(says) && !error.contains("AAAA"), "{error}");
    }
    assert!(ServiceAccount::from_json("{", http).is_err());
}
