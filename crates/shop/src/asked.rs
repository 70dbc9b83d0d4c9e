//! What a handler is asked: who, in which language, under which number. One extractor for all pages.

use crate::{
    app::App,
    error::Failure,
    session::{self, Signed},
    view,
};
use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderMap, Method, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use edge::RequestId;
use pages::{Problem, Shell};
use std::{convert::Infallible, sync::Arc};

/// A page request, before it is answered.
pub(crate) struct Asked {
    pub(crate) app: Arc<App>,
    pub(crate) headers: HeaderMap,
    pub(crate) path: String,
    pub(crate) request_id: RequestId,
    pub(crate) signed: Result<Option<Signed>, Failure>,
}

impl FromRequestParts<Arc<App>> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Infallible> {
        let Ok(request_id) = RequestId::from_request_parts(parts, app).await;
        let signed = session::find(app, &parts.headers)
            .await
            .map_err(Failure::from);
        // A form's own address is no page to come back to.
        let path = if parts.method == Method::GET {
            parts
                .uri
                .path_and_query()
                .map_or("/", |path| path.as_str())
                .to_owned()
        } else {
            "/".to_owned()
        };
        Ok(Self {
            app: Arc::clone(app),
            headers: parts.headers.clone(),
            path,
            request_id,
            signed,
        })
    }
}

impl Asked {
    /// Returns who is signed in.
    pub(crate) fn member(&self) -> Result<&Signed, Failure> {
        match &self.signed {
            Ok(Some(signed)) => Ok(signed),
            Ok(None) => Err(Problem::SignInNeeded.into()),
            Err(_) => Err(Failure::Broken {
                what: "the session",
                causes: "the ledger could not be read".to_owned(),
            }),
        }
    }

    /// Returns who is signed in, provided that the form carried this session's token.
    pub(crate) fn member_with(&self, csrf: &str) -> Result<&Signed, Failure> {
        let signed = self.member()?;
        #[cfg(feature = "ablation")]
        if self.app.ablated.authenticity {
            return Ok(signed);
        }
        if signed.accepts(csrf) {
            Ok(signed)
        } else {
            Err(Problem::FormExpired.into())
        }
    }

    /// Returns what all pages share.
    pub(crate) fn shell(&self) -> Shell {
        view::shell(
            &self.app,
            &self.headers,
            &self.path,
            self.signed.as_ref().ok().and_then(Option::as_ref),
        )
    }

    /// Turns what a handler returns into an answer.
    pub(crate) fn answer<T: IntoResponse>(self, result: Result<T, Failure>) -> Response {
        match result {
            Ok(response) => response.into_response(),
            Err(failure) => {
                let signed = self.signed.as_ref().ok().and_then(Option::as_ref);
                failure.page(
                    &self.app,
                    &self.headers,
                    &self.path,
                    signed,
                    self.request_id,
                )
            }
        }
    }
}

/// Takes the reader to a page of ours after a form (RFC 9110, 303).
pub(crate) fn see(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// Keeps the language that `?lang=` names, for a year.
pub(crate) async fn remember_language(request: Request, next: axum::middleware::Next) -> Response {
    let chosen = request.uri().query().and_then(view::lang_in_query);
    let secure = request.extensions().get::<SecureCookies>().is_some();
    let mut response = next.run(request).await;
    if let Some(lang) = chosen {
        let secure = if secure { "; Secure" } else { "" };
        let cookie = format!(
            "lang={}; Path=/; Max-Age=31536000; SameSite=Lax{secure}",
            lang.tag()
        );
        if let Ok(cookie) = cookie.parse() {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
    }
    response
}

/// Marks a shop on `https`.
#[derive(Clone, Copy)]
pub(crate) struct SecureCookies;
