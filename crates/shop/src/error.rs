//! What went wrong, as a page. Refusals say what to do next; faults of ours say only a number, and the log says the rest.

use crate::{app::App, session::Signed, view};
use axum::{
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use edge::{Code, EdgeRefusal, Refusals, RequestId};
use ledger::LedgerError;
use pages::{MessageView, Problem, Shell, ShopLook, assets::AssetUrls};
use std::sync::Arc;

/// A failure on its way to a page. Handlers return it with `?`.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The request is refused.
    Refused(Problem),
    /// It came too often.
    TooOften(EdgeRefusal),
    /// Something of ours failed.
    Broken {
        /// What was tried.
        what: &'static str,
        /// The causes, outermost first.
        causes: String,
    },
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Broken {
            what: "the ledger",
            causes: chain(&error),
        }
    }
}

impl From<askama::Error> for Failure {
    fn from(error: askama::Error) -> Self {
        Self::Broken {
            what: "a page",
            causes: error.to_string(),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

/// Writes an error's causes into one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

impl Failure {
    /// Returns the page that says so, in the reader's language.
    pub(crate) fn page(
        self,
        app: &App,
        headers: &HeaderMap,
        path: &str,
        signed: Option<&Signed>,
        id: RequestId,
    ) -> Response {
        let shell = view::shell(app, headers, path, signed);
        let (problem, retry) = match self {
            Self::Refused(problem) => (problem, None),
            Self::TooOften(refusal) => (Problem::TooMany, refusal.retry_after_seconds()),
            Self::Broken { what, causes } => {
                tracing::error!(request = %id, what, causes, "broken");
                (Problem::Internal, None)
            }
        };
        let page = MessageView::of(problem, shell.lang).with_request_id(id.to_string());
        let mut response = message(&shell, &page);
        if let Some(seconds) = retry {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// Renders a message with its status; plain text where even that page fails.
pub(crate) fn message(shell: &Shell, view: &MessageView) -> Response {
    let status = StatusCode::from_u16(view.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match pages::message(shell, view) {
        Ok(html) => (status, Html(html)).into_response(),
        Err(_) => (status, format!("{}\n{}\n", view.title, view.next)).into_response(),
    }
}

/// Shows line 1's refusals as the shop's own pages.
pub(crate) fn refusals(urls: Arc<AssetUrls>, look: Arc<ShopLook>) -> Refusals {
    Refusals::new(move |refusal, headers| {
        let wants_page = headers
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"));
        if !wants_page {
            return refusal.into_response();
        }
        let problem = match refusal.code {
            Code::Method => Problem::MethodNotAllowed,
            Code::TooLarge => Problem::TooLarge,
            Code::Rate => Problem::TooMany,
            Code::CrossSite => Problem::Forbidden,
            Code::Busy | Code::Timeout => Problem::Unavailable,
            Code::Broken => Problem::Internal,
            Code::ContentType | Code::Encoding | Code::Slow | Code::Incomplete | Code::Host => {
                Problem::BadRequest
            }
        };
        let shell = Shell {
            lang: view::lang_of(headers),
            shop: Arc::clone(&look),
            assets: Arc::clone(&urls),
            member: None,
            csrf: String::new(),
            path: "/".to_owned(),
            sandbox: None,
            notice: None,
        };
        message(&shell, &MessageView::of(problem, shell.lang))
    })
}
