//! What can go wrong with a spreadsheet, sorted by what to do next.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::http::for_log;
use crate::pace;
use crate::service_account::AccountError;

/// What went wrong, by what to do next. Decided on HTTP status, `status` and `reason`, never on Google's message, which is
/// translated into the account's language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SheetsError {
    /// Nothing was done; the same may succeed after this time.
    #[error("Sheets asks to wait {} s ({reason})", after.as_secs())]
    Retry {
        /// How long to wait at least.
        after: Duration,
        /// Google's status or reason.
        reason: String,
    },
    /// A write whose answer was lost: it may have been applied. Read again before writing again.
    #[error("the answer to a write was lost; it may have been applied ({0})")]
    Ambiguous(String),
    /// Nothing was done, and nothing will be until somebody does what `cure` says.
    #[error("Sheets refused ({status} {reason}): {cure}")]
    Refused {
        /// HTTP status; 0 where we refused by ourselves.
        status: u16,
        /// Google's reason or status, or ours.
        reason: String,
        /// What a person can do.
        cure: String,
        /// Google's own words, for the log; in our own refusal of a header, the titles that it is about.
        detail: String,
    },
    /// Nothing was done: no connection, no answer to a read, or no token to be had.
    #[error("Sheets cannot be reached: {0}")]
    Unreachable(String),
    /// Nothing was asked to be changed, and what came back makes no sense.
    #[error("the answer of Sheets cannot be used: {0}")]
    BadAnswer(String),
}

impl SheetsError {
    /// Whether the same call, made again later, may succeed without anybody doing anything.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Retry { .. } | Self::Ambiguous(_) | Self::Unreachable(_) | Self::BadAnswer(_) => {
                true
            }
            Self::Refused { .. } => false,
        }
    }

    /// A refusal of our own, before anything is written.
    pub(crate) fn refuse(reason: &str, cure: String) -> Self {
        Self::Refused {
            status: 0,
            reason: reason.to_owned(),
            cure,
            detail: String::new(),
        }
    }

    /// A refusal of our own that names what it is about, for callers who have their own words for the cure.
    pub(crate) fn refuse_naming(reason: &str, cure: String, names: String) -> Self {
        Self::Refused {
            status: 0,
            reason: reason.to_owned(),
            cure,
            detail: names,
        }
    }

    pub(crate) fn from_account(error: AccountError) -> Self {
        match error {
            AccountError::Unreachable(why) => Self::Unreachable(format!("no token: {why}")),
            AccountError::BadAnswer(why) => {
                Self::Unreachable(format!("no token: unusable answer: {why}"))
            }
            AccountError::Key(cure) => Self::refuse("key", cure),
            AccountError::Refused {
                status,
                reason,
                cure,
            } => Self::Refused {
                status,
                reason,
                cure,
                detail: String::new(),
            },
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Intent {
    Read,
    Write,
}

/// What is needed to sort a fault.
pub(super) struct Fault<'a> {
    pub(super) intent: Intent,
    pub(super) email: &'a str,
    pub(super) now: Timestamp,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Envelope {
    error: Body,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Body {
    message: String,
    status: String,
    details: Vec<Value>,
    errors: Vec<Value>,
}

impl Fault<'_> {
    /// No whole answer.
    pub(super) fn transport(&self, error: &reqwest::Error) -> SheetsError {
        let why = if error.is_timeout() {
            "timed out"
        } else if error.is_connect() {
            "no connection"
        } else {
            "the connection broke"
        };
        match self.intent {
            Intent::Write if !error.is_connect() => SheetsError::Ambiguous(why.to_owned()),
            Intent::Read | Intent::Write => SheetsError::Unreachable(why.to_owned()),
        }
    }

    /// A success that cannot be read.
    pub(super) fn unreadable(&self, why: &str) -> SheetsError {
        match self.intent {
            Intent::Read => SheetsError::BadAnswer(why.to_owned()),
            Intent::Write => SheetsError::Ambiguous(format!("answered 200, but {why}")),
        }
    }

    /// Any status but 200.
    pub(super) fn answer(&self, status: u16, retry_after: Option<u64>, body: &[u8]) -> SheetsError {
        let body = serde_json::from_slice::<Envelope>(body)
            .unwrap_or_default()
            .error;
        let reason = body.reason();
        let wait = |least| Duration::from_secs(retry_after.unwrap_or(least).clamp(1, 3600));
        let retry = |after| SheetsError::Retry {
            after,
            reason: reason.clone(),
        };
        match status {
            429 => retry(retry_after.map_or_else(|| pace::to_next_minute(self.now), |_| wait(1))),
            403 if matches!(
                reason.as_str(),
                "RATE_LIMIT_EXCEEDED" | "rateLimitExceeded" | "userRateLimitExceeded"
            ) =>
            {
                retry(pace::to_next_minute(self.now))
            }
            // Google says of this one that nothing was done; the conflict is with somebody else's change.
            409 if body.status == "ABORTED" => retry(wait(1)),
            408 | 500..=599 if self.intent == Intent::Write => {
                SheetsError::Ambiguous(format!("{status} {reason}"))
            }
            408 | 500..=599 => retry(wait(1)),
            200..=399 => self.unreadable(&format!("with status {status}")),
            _ => SheetsError::Refused {
                status,
                cure: self.cure(status, &reason, &body),
                detail: for_log(&body.message, 300),
                reason,
            },
        }
    }

    fn cure(&self, status: u16, reason: &str, body: &Body) -> String {
        match (status, reason) {
            (_, "SERVICE_DISABLED" | "accessNotConfigured") => format!(
                "enable the Google Sheets API in the Google Cloud project {}",
                for_log(
                    body.metadata("consumer")
                        .unwrap_or("of the service account"),
                    80
                )
            ),
            (_, "ACCESS_TOKEN_SCOPE_INSUFFICIENT") => {
                "the token lacks the spreadsheets scope; use the service account's own key"
                    .to_owned()
            }
            (401, _) => "the service account's token is not accepted; make a new key".to_owned(),
            (403, _) => format!("share the spreadsheet with {} as Editor", self.email),
            (404, _) => {
                "no such spreadsheet: check GOOGLE_SHEET_ID, and that it was not deleted".to_owned()
            }
            (400, "FAILED_PRECONDITION") => {
                "this is an uploaded Office file; open it and save it as a Google Sheet".to_owned()
            }
            (400, _) => format!(
                "look at the tab: it was deleted or renamed, its limits are reached, or {} may not edit a protected range",
                self.email
            ),
            _ => "see the detail".to_owned(),
        }
    }
}

impl Body {
    /// `details[].reason`, else the older `errors[].reason`, else the status.
    fn reason(&self) -> String {
        let find = |list: &[Value]| {
            list.iter()
                .find_map(|d| d.get("reason")?.as_str().map(str::to_owned))
        };
        let found = find(&self.details).or_else(|| {
            // "badRequest", "notFound", "forbidden" say less than the status does.
            find(&self.errors)
                .filter(|_| self.status.is_empty() || self.status == "PERMISSION_DENIED")
        });
        let found = found
            .filter(|r| r != "forbidden")
            .unwrap_or_else(|| self.status.clone());
        for_log(&found, 60)
    }

    fn metadata(&self, name: &str) -> Option<&str> {
        self.details
            .iter()
            .find_map(|d| d.get("metadata")?.get(name)?.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sort(intent: Intent, status: u16, body: &str) -> SheetsError {
        let now = "2026-05-01T00:00:15Z".parse().unwrap();
        Fault {
            intent,
            email: "sa@p.iam.gserviceaccount.com",
            now,
        }
        .answer(status, None, body.as_bytes())
    }

    #[test]
    fn quota_waits_for_the_next_minute() {
        let body = r#"{"error":{"code":429,"message":"Límite","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"RATE_LIMIT_EXCEEDED","domain":"googleapis.com","metadata":{"quota_limit_value":"60"}}]}}"#;
        let expected = SheetsError::Retry {
            after: Duration::from_secs(45),
            reason: "RATE_LIMIT_EXCEEDED".into(),
        };
        assert_eq!(sort(Intent::Write, 429, body), expected);
        assert_eq!(
            sort(Intent::Read, 429, "<html>"),
            SheetsError::Retry {
                after: Duration::from_secs(45),
                reason: String::new()
            }
        );
    }

    #[test]
    fn a_server_fault_leaves_a_write_in_doubt() {
        for status in [408, 500, 502, 503, 504] {
            assert!(
                matches!(
                    sort(Intent::Write, status, "<html>Bad gateway"),
                    SheetsError::Ambiguous(_)
                ),
                "{status}"
            );
            assert!(
                matches!(sort(Intent::Read, status, ""), SheetsError::Retry { .. }),
                "{status}"
            );
        }
        assert!(matches!(
            sort(Intent::Write, 302, ""),
            SheetsError::Ambiguous(_)
        ));
        assert!(matches!(
            sort(Intent::Read, 302, ""),
            SheetsError::BadAnswer(_)
        ));
    }

    #[test]
    fn refusals_carry_their_cure() {
        let disabled = r#"{"error":{"code":403,"status":"PERMISSION_DENIED","details":[{"@type":"type.googleapis.com/google.rpc.Help"},{"reason":"SERVICE_DISABLED","metadata":{"consumer":"projects/123"}}]}}"#;
        let old = r#"{"error":{"code":403,"errors":[{"reason":"forbidden"}],"status":"PERMISSION_DENIED"}}"#;
        for (status, body, reason, cure) in [
            (403, disabled, "SERVICE_DISABLED", "projects/123"),
            (
                403,
                old,
                "PERMISSION_DENIED",
                "share the spreadsheet with sa@p.iam.gserviceaccount.com as Editor",
            ),
            (
                404,
                r#"{"error":{"status":"NOT_FOUND"}}"#,
                "NOT_FOUND",
                "GOOGLE_SHEET_ID",
            ),
            (
                400,
                r#"{"error":{"status":"FAILED_PRECONDITION"}}"#,
                "FAILED_PRECONDITION",
                "Office",
            ),
            (
                400,
                r#"{"error":{"status":"INVALID_ARGUMENT","message":"Unable to parse range"}}"#,
                "INVALID_ARGUMENT",
                "renamed",
            ),
        ] {
            let error = sort(Intent::Write, status, body);
            let SheetsError::Refused {
                status: s,
                reason: r,
                cure: c,
                ..
            } = error
            else {
                panic!("{error:?}")
            };
            assert_eq!((s, r.as_str()), (status, reason));
            assert!(c.contains(cure), "{c}");
        }
    }
}
