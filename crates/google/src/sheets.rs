//! The few calls of the Sheets API v4 that keeping tables needs.
//!
//! Values go in RAW only, so that no text becomes a formula, a date or a number; they come out unformatted, so that the
//! spreadsheet's locale does not matter.

mod a1;
mod cell;
mod error;
mod model;
mod request;
mod wire;

#[cfg(feature = "fuzzing")]
pub(crate) mod doors;

pub use a1::A1;
pub(crate) use a1::echoed_end;
pub use cell::Cell;
pub use error::SheetsError;
pub use model::{Protected, RangeWrite, Spreadsheet, SpreadsheetId, Tab, ValueRange};
pub use request::Request;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use reqwest::Method;
use secrecy::ExposeSecret as _;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::{Value, json};
use url::Url;

use crate::http::{BodyError, MAX_SHEET, is_safe_endpoint, read_capped};
use crate::service_account::ServiceAccount;
use crate::tables::Grid;
use error::{Fault, Intent};

/// Google cuts a request at 180 s; nobody here waits that long.
const READ_TIMEOUT: Duration = Duration::from_secs(20);
const WRITE_TIMEOUT: Duration = Duration::from_secs(40);

/// One spreadsheet, opened with one account.
#[derive(Debug)]
pub struct Sheets {
    base: Url,
    id: SpreadsheetId,
    account: Arc<ServiceAccount>,
    http: reqwest::Client,
}

impl Sheets {
    /// `base` is `https://sheets.googleapis.com` or the sandbox's.
    #[must_use]
    pub fn new(
        base: Url,
        id: SpreadsheetId,
        account: Arc<ServiceAccount>,
        http: reqwest::Client,
    ) -> Self {
        Self {
            base,
            id,
            account,
            http,
        }
    }

    /// The address that the spreadsheet is to be shared with.
    #[must_use]
    pub fn account_email(&self) -> &str {
        self.account.email()
    }

    fn url(&self, method: &str) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(["v4", "spreadsheets"]);
            match method.split_once('/') {
                None => path.push(&format!("{}{method}", self.id.as_str())),
                Some((_, values)) => path.push(self.id.as_str()).push(values),
            };
        }
        url
    }

    async fn call<T: DeserializeOwned>(
        &self,
        intent: Intent,
        url: Url,
        body: Option<&Value>,
    ) -> Result<T, SheetsError> {
        if !is_safe_endpoint(&self.base) {
            return Err(SheetsError::refuse(
                "base_url",
                "SHEETS_API_URL must be https".to_owned(),
            ));
        }
        let mut renewed = false;
        loop {
            let token = self
                .account
                .token()
                .await
                .map_err(SheetsError::from_account)?;
            let (method, timeout) = match body {
                None => (Method::GET, READ_TIMEOUT),
                Some(_) => (Method::POST, WRITE_TIMEOUT),
            };
            let mut request = self
                .http
                .request(method, url.clone())
                .timeout(timeout)
                .bearer_auth(token.expose_secret());
            if let Some(body) = body {
                request = request.json(body);
            }
            let fault = Fault {
                intent,
                email: self.account.email(),
                now: self.account.now(),
            };
            let response = request.send().await.map_err(|e| fault.transport(&e))?;
            let status = response.status().as_u16();
            let retry_after = response
                .headers()
                .get("retry-after")
                .and_then(|v| v.to_str().ok()?.parse().ok());
            if status == 401 && !renewed {
                // Refused before anything was done, so that asking again is safe.
                self.account.invalidate(&token).await;
                renewed = true;
                continue;
            }
            let body = match read_capped(response, MAX_SHEET).await {
                Ok(body) => body,
                Err(BodyError::TooLarge(limit)) => {
                    return Err(fault.unreadable(&format!("larger than {limit} bytes")));
                }
                Err(BodyError::Broken(e)) => return Err(fault.transport(&e)),
            };
            if status != 200 {
                return Err(fault.answer(status, retry_after, &body));
            }
            return serde_json::from_slice(&body)
                .map_err(|_| fault.unreadable("not the JSON it should be"));
        }
    }
}

#[async_trait]
impl Grid for Sheets {
    async fn spreadsheet(&self) -> Result<Spreadsheet, SheetsError> {
        let mut url = self.url("");
        url.query_pairs_mut()
            .append_pair("includeGridData", "false")
            .append_pair(
                "fields",
                "properties,sheets.properties,sheets.protectedRanges",
            );
        let wire: wire::Spreadsheet = self.call(Intent::Read, url, None).await?;
        Ok(wire.into())
    }

    async fn batch_get(&self, ranges: &[A1]) -> Result<Vec<ValueRange>, SheetsError> {
        let mut url = self.url("/values:batchGet");
        {
            let mut query = url.query_pairs_mut();
            for range in ranges {
                query.append_pair("ranges", &range.to_string());
            }
            query
                .append_pair("majorDimension", "ROWS")
                .append_pair("valueRenderOption", "UNFORMATTED_VALUE")
                .append_pair("dateTimeRenderOption", "SERIAL_NUMBER");
        }
        let wire: wire::BatchGet = self.call(Intent::Read, url, None).await?;
        if wire.value_ranges.len() != ranges.len() {
            return Err(SheetsError::BadAnswer(
                "another number of ranges than asked for".to_owned(),
            ));
        }
        Ok(wire
            .value_ranges
            .into_iter()
            .map(ValueRange::from)
            .collect())
    }

    async fn values_batch_update(&self, writes: &[RangeWrite]) -> Result<(), SheetsError> {
        let body = json!({
            "valueInputOption": "RAW",
            "data": writes.iter().map(RangeWrite::to_json).collect::<Vec<_>>(),
        });
        let _: IgnoredAny = self
            .call(Intent::Write, self.url("/values:batchUpdate"), Some(&body))
            .await?;
        Ok(())
    }

    async fn batch_update(&self, requests: &[Request]) -> Result<(), SheetsError> {
        let body = json!({ "requests": requests.iter().map(Request::to_json).collect::<Vec<_>>() });
        let _: IgnoredAny = self
            .call(Intent::Write, self.url(":batchUpdate"), Some(&body))
            .await?;
        Ok(())
    }

    fn editor(&self) -> &str {
        self.account.email()
    }
}
