//! Google's error envelope.

use axum::http::StatusCode;
use axum::response::Response;
use serde_json::{Value, json};

use crate::quota::Exceeded;
use crate::respond;

/// An error as Google words it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ApiError {
    pub(crate) code: u16,
    status: &'static str,
    pub(crate) message: String,
    details: Option<Value>,
}

impl ApiError {
    fn new(code: u16, status: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            status,
            message: message.into(),
            details: None,
        }
    }

    /// 400 `INVALID_ARGUMENT`.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "INVALID_ARGUMENT", message)
    }

    pub(crate) fn unparsable(range: &str) -> Self {
        Self::invalid(format!("Unable to parse range: {range}"))
    }

    pub(crate) fn protected() -> Self {
        Self::invalid(
            "You are trying to edit a protected cell or object. Please contact the spreadsheet owner to remove \
             protection if you need to edit.",
        )
    }

    pub(crate) fn unknown_field(name: &str, at: &str) -> Self {
        let place = if at.is_empty() {
            String::new()
        } else {
            format!(" at '{at}'")
        };
        let message = format!(
            "Invalid JSON payload received. Unknown name \"{name}\"{place}: Cannot find field."
        );
        let mut error = Self::invalid(message.clone());
        error.details = Some(json!([{
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": at, "description": message}]
        }]));
        error
    }

    pub(crate) fn not_found() -> Self {
        Self::new(404, "NOT_FOUND", "Requested entity was not found.")
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(
            403,
            "PERMISSION_DENIED",
            "The caller does not have permission",
        )
    }

    pub(crate) fn scope_insufficient(method: &str) -> Self {
        let mut error = Self::new(
            403,
            "PERMISSION_DENIED",
            "Request had insufficient authentication scopes.",
        );
        error.details = Some(json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
            "domain": "googleapis.com",
            "metadata": {
                "service": "sheets.googleapis.com",
                "method": format!("google.apps.sheets.v4.SpreadsheetsService.{method}")
            }
        }]));
        error
    }

    /// 401; `missing` where no token came at all.
    pub(crate) fn unauthenticated(missing: bool) -> Self {
        let (what, reason) = if missing {
            (
                "Request is missing required authentication credential.",
                "CREDENTIALS_MISSING",
            )
        } else {
            (
                "Request had invalid authentication credentials.",
                "ACCESS_TOKEN_EXPIRED",
            )
        };
        let mut error = Self::new(
            401,
            "UNAUTHENTICATED",
            format!(
                "{what} Expected OAuth 2 access token, login cookie or other valid authentication credential. \
                 See https://developers.google.com/identity/sign-in/web/devconsole-project."
            ),
        );
        error.details = Some(json!([{
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": reason,
            "domain": "googleapis.com",
            "metadata": {"service": "sheets.googleapis.com"}
        }]));
        error
    }

    pub(crate) fn quota(exceeded: Exceeded) -> Self {
        let mut error = Self::new(429, "RESOURCE_EXHAUSTED", exceeded.message());
        error.details = Some(exceeded.details());
        error
    }

    pub(crate) fn unavailable() -> Self {
        Self::new(503, "UNAVAILABLE", "The service is currently unavailable.")
    }

    /// Says which part of a batch was at fault.
    pub(crate) fn within(mut self, place: &str) -> Self {
        if self.code == 400 {
            self.message = format!("Invalid {place}: {}", self.message);
        }
        self
    }

    pub(crate) fn answer(&self) -> Response {
        let reason = match self.code {
            400 => "badRequest",
            401 => "authError",
            403 => "forbidden",
            404 => "notFound",
            429 => "rateLimitExceeded",
            _ => "backendError",
        };
        let mut error = json!({
            "code": self.code,
            "message": self.message,
            "errors": [{"message": self.message, "domain": "global", "reason": reason}],
            "status": self.status,
        });
        if let Some(details) = &self.details {
            error["details"] = details.clone();
        }
        let code = StatusCode::from_u16(self.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = respond::json(code, &json!({"error": error}));
        if self.code == 401 {
            let challenge = axum::http::HeaderValue::from_static(
                "Bearer realm=\"https://accounts.google.com/\"",
            );
            answer
                .headers_mut()
                .insert(axum::http::header::WWW_AUTHENTICATE, challenge);
        }
        answer
    }
}
